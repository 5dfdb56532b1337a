//! The pages in a browser: opened, measured at three widths in light and dark, checked with axe, used by keyboard.
//!
//! Needs `chromium` and axe-core: `AXE=path/to/axe.min.js cargo test --test it -- --ignored browser`; `.ci/run` gets
//! both. With `SHOTS=DIR` each page is left there as pictures, to be looked at.

use std::path::{Path, PathBuf};

use greenroom::report::progress::{Bucket, Change, Direction, Progress, html};
use greenroom::schedule::Day;

use crate::support::chromium::Chromium;
use crate::support::{Home, fixture};

const WIDTHS: [u32; 3] = [360, 768, 1440];
/// Bytes that a page may have.
const LARGEST: usize = 300_000;

/// Everything that sticks out at the right, overlaps the edge of a chart, leads nowhere, or is too faint.
const MEASURE: &str = r#"(() => {
  const wrong = [], width = document.documentElement.clientWidth;
  const name = e => `${e.tagName.toLowerCase()}.${e.getAttribute('class') || ''}: ${e.textContent.slice(0, 40)}`;
  if (document.documentElement.scrollWidth > width) wrong.push(`the page is ${document.documentElement.scrollWidth} wide`);
  for (const e of document.body.querySelectorAll('*')) {
    if (e.closest('.scroll > *, .hidden, .skip')) continue;
    const box = e.getBoundingClientRect();
    if (box.width && (box.right > width + 1 || box.left < -1)) wrong.push(`sticks out: ${name(e)} (${box.left} to ${box.right})`);
  }
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  for (const id of new Set(ids)) if (ids.filter(other => other === id).length > 1) wrong.push(`twice: #${id}`);
  for (const a of document.querySelectorAll('a')) {
    const to = a.getAttribute('href');
    if (!to.startsWith('#') || !document.getElementById(to.slice(1))) wrong.push(`leads nowhere: ${to}`);
  }
  for (const img of document.images) if (!img.complete || !img.naturalWidth) wrong.push(`no picture: ${img.alt}`);
  if (document.scripts.length || document.querySelector('[onclick],[onload],[onerror],iframe,object,embed,form')) wrong.push('active content');
  const channels = colour => colour.match(/[\d.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = channels(colour).slice(0, 3).map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((x, y) => y - x); return (x + 0.05) / (y + 0.05); };
  const behind = e => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if ((channels(colour)[3] ?? 1) > 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; node = words.nextNode();) {
    const e = node.parentElement;
    if (!node.data.trim() || e.closest('.hidden, .skip, title, desc') || !e.getClientRects().length) continue;
    const drawn = e.closest('svg'), own = getComputedStyle(e);
    const ratio = contrast(drawn ? own.fill : own.color, behind(drawn ? drawn.parentElement : e));
    if (ratio < 4.5) wrong.push(`faint, ${ratio.toFixed(2)}: ${name(e)}`);
  }
  for (const e of document.querySelectorAll('svg .fill, svg .over, svg .bar, svg .covered, svg .partial, svg .wrong, svg .line')) {
    const own = getComputedStyle(e), colour = e.tagName === 'line' ? own.stroke : own.fill;
    const ratio = contrast(colour, behind(e.closest('svg')));
    if (ratio < 3) wrong.push(`faint shape, ${ratio.toFixed(2)}: ${name(e)}`);
  }
  return [...new Set(wrong)];
})()"#;

/// What axe finds, with where. Contrast that it cannot tell (signs, charts, marks over lines) is in [`MEASURE`].
const AXE: &str = r"axe.run({resultTypes: ['violations', 'incomplete']}).then(found => [
  ...found.violations, ...found.incomplete.filter(rule => rule.id !== 'color-contrast')
].map(rule => `${rule.id}: ${rule.help}: ` + rule.nodes.map(node => node.target.join(' ')).join('; ')))";

#[allow(clippy::disallowed_methods, reason = "the runner says where axe is and where pictures go")]
fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from)
}

/// Opens a page at all widths in light and dark, and says what is wrong with it.
fn check(browser: &mut Chromium, name: &str, page: &str, folder: &Path) -> Vec<String> {
    let axe = variable("AXE").expect("AXE is the path of axe.min.js");
    let axe = std::fs::read_to_string(axe).unwrap();
    let file = folder.join(format!("{name}.html"));
    std::fs::write(&file, page).unwrap();
    let mut wrong = Vec::new();
    if page.len() >= LARGEST {
        wrong.push(format!("{name}: {} bytes", page.len()));
    }
    for (width, look) in WIDTHS.iter().flat_map(|&width| [(width, "light"), (width, "dark")]) {
        browser.open(&file, width, look);
        if let Some(shots) = variable("SHOTS") {
            std::fs::create_dir_all(&shots).unwrap();
            std::fs::write(shots.join(format!("{name}-{width}-{look}.png")), browser.picture()).unwrap();
        }
        let mut found: Vec<String> = serde_json::from_value(browser.evaluate(MEASURE)).unwrap();
        let (asked, complaints) = browser.noticed();
        found.extend(asked.iter().skip(1).map(|address| format!("asked for {address}")));
        found.extend(complaints);
        browser.evaluate(&axe);
        let by_axe: Vec<String> = serde_json::from_value(browser.evaluate(AXE)).unwrap();
        found.extend(by_axe);
        wrong.extend(found.into_iter().map(|found| format!("{name} at {width}, {look}: {found}")));
    }
    wrong
}

/// A report of an interview with a drawing, as a page.
fn interview(home: &Home) -> String {
    let turns = fixture("interviews/url-shortener-strong.txt");
    let drawing = fixture("diagrams/ecommerce-full.mmd");
    let (first, rest) = turns.split_once("\n\n").unwrap();
    let turns = format!("{first}\n\n/draw {}\n\n{rest}", drawing.replace("\n\n", "\n"));
    let ran = home.run(&["interview", "url-shortener", "--seed", "1", "--format", "html", "-q"], turns);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out
}

/// The progress of a year of interviews twice a month, beside what `home` holds.
fn a_year(home: &Home) -> String {
    let mut progress: Progress =
        serde_json::from_value(home.run(&["progress", "--format", "json"], "").json()).unwrap();
    let today = progress.date;
    for (track, phase) in progress.criteria.iter_mut().zip(1..) {
        let bucket = |number: i32| {
            let wave = 0.35 * f64::from(number * phase).sin();
            let mean = (1.5 + 0.06 * f64::from(number) + wave).clamp(1.0, 4.0);
            let several = 0.15 * f64::from(number % 3);
            let from = Day(today.0 - 15 * (24 - number));
            let (low, high) = ((mean - several).max(1.0), (mean + several).min(4.0));
            Bucket { from, to: from.plus(3), grades: 1 + number.unsigned_abs() as u64 % 3, mean, low, high }
        };
        track.series = (0..24).map(bucket).collect();
        track.grades = track.series.iter().map(|bucket| bucket.grades).sum();
        track.now = track.series.last().map(|bucket| bucket.mean);
        track.change = Change { direction: Direction::Better, by: Some(1.2), noise: Some(0.5), window: 10 };
    }
    for (week, minutes) in
        progress.practice.weeks.iter_mut().zip([45, 0, 90, 120, 60, 60, 0, 30, 75, 150, 45, 50])
    {
        week.used_s = minutes * 60;
        week.sessions = minutes / 15;
    }
    progress.drill.ahead = vec![3, 5, 2, 0, 7, 1, 4];
    progress.drill.retention = Some(0.88);
    html(&progress)
}

#[test]
#[ignore = "needs chromium and axe; .ci/run has both"]
fn pages_can_be_read_at_every_width_in_light_and_dark_and_load_nothing() {
    let home = Home::new();
    let mut pages = vec![("interview", interview(&home))];
    std::fs::write(home.path().join("mock.md"), fixture("transcripts/leaderboard-fluent-wrong.md")).unwrap();
    pages.push(("review", home.run(&["review", "mock.md", "--format", "html"], "").out));
    let answer = "A CDN keeps copies of files on servers near the users, so pages load faster and the origin gets fewer requests.";
    assert_eq!(home.run(&["answer", "cdn", "-q"], answer).code, 0);
    pages.push(("progress", home.run(&["progress", "--format", "html"], "").out));
    pages.push(("year", a_year(&home)));
    pages.push(("nothing", Home::new().run(&["progress", "--format", "html"], "").out));
    pages.push(("shared", home.run(&["report", "--share", "--format", "html"], "").out));
    let attack = "<script>alert(1)</script> \"><img src=x onerror=alert(1)> \u{202e}gnp\u{1b}[31m How many users do we have?";
    let long = format!("I would store it under {}, all in one word.", "x".repeat(400));
    let turns = format!("{attack}\n\n/draw <b>bold</b>\n\n{long}\n\n/quit\n");
    pages.push((
        "hostile",
        home.run(&["interview", "messaging", "--seed", "1", "--format", "html"], turns).out,
    ));
    let mut browser = Chromium::start();
    let wrong: Vec<String> =
        pages.iter().flat_map(|(name, page)| check(&mut browser, name, page, home.path())).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs chromium and axe; .ci/run has both"]
fn what_is_wrong_with_a_page_is_found() {
    let home = Home::new();
    let bad = "<!DOCTYPE html><html><body><main><p style='color:#999'>faint</p><p style='width:3000px;background:#eee'>wide</p>
        <a href='#nowhere'>away</a><img src='http://127.0.0.1:9/x.png'><script>console.error('mind')</script></main></body></html>";
    let found = check(&mut Chromium::start(), "bad", bad, home.path()).join("\n");
    let wanted = [
        "faint, 2",
        "sticks out: p",
        "leads nowhere: #nowhere",
        "active content",
        "no picture",
        "asked for http:",
        "mind",
        "html-has-lang",
        "image-alt",
    ];
    for wanted in wanted {
        assert!(found.contains(wanted), "{wanted} is not in\n{found}");
    }
}

#[test]
#[ignore = "needs chromium; .ci/run has it"]
fn a_report_is_read_with_the_keyboard_alone() {
    let home = Home::new();
    let file = home.path().join("report.html");
    std::fs::write(&file, interview(&home)).unwrap();
    let mut browser = Chromium::start();
    browser.open(&file, 768, "light");
    browser.press("Tab", 9);
    assert_eq!(browser.evaluate("document.activeElement.className"), "skip");
    browser.press("Enter", 13);
    assert_eq!(browser.evaluate("document.activeElement.id"), "main");
    // On to the first quote, and with it to the turn it is from.
    for _ in 0..200 {
        browser.press("Tab", 9);
        if browser.evaluate("document.activeElement.className") == "turn-link" {
            break;
        }
    }
    browser.press("Enter", 13);
    let turn = "document.querySelector('.turn:target')";
    let shown = browser.evaluate(&format!("(() => {{ const box = {turn}.getBoundingClientRect(); return box.top >= 0 && box.top < innerHeight; }})()"));
    assert_eq!(shown, true);
    assert_eq!(browser.evaluate(&format!("{turn}.querySelector('mark') !== null")), true);
    browser.open(&file, 768, "print");
    assert_eq!(browser.evaluate("getComputedStyle(document.querySelector('nav')).display"), "none");
}
