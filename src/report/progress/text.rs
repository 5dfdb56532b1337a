//! PURE. Progress as text for a terminal, with small plots, and as Markdown.

use unicode_width::UnicodeWidthStr;

use super::{Change, Direction, DrillState, Part, PracticeTime, Progress, Track};
use crate::grading::Verdict;
use crate::schedule::{TARGET, TickedBy};

/// Topics that are shown in text; JSON has them all.
const TOPICS: usize = 10;
/// Columns of a plot.
const PLOT: usize = 20;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Progress for a terminal; lines are not wrapped.
pub fn text(progress: &Progress) -> String {
    let mut out = format!("Where you stand on {}\n\n", progress.date);
    for line in practised(&progress.practice) {
        out += &format!("{line}\n");
    }
    if progress.practice.weeks.iter().any(|week| week.used_s > 0) {
        let weeks: Vec<f64> = progress.practice.weeks.iter().map(|week| week.used_s as f64).collect();
        let most = weeks.iter().copied().fold(0.0, f64::max);
        out += &format!(
            "Week by week: {}  (a bar a week, the highest {})\n",
            plot(&weeks, 0.0, most),
            duration(most as u64)
        );
    }
    for (title, tracks) in sections(progress) {
        out += &format!("\n{title}\n");
        let width = tracks.iter().map(|track| track.title.width()).max().unwrap_or(0);
        let bars = tracks.iter().map(|track| track.series.len().min(PLOT)).max().unwrap_or(0);
        for track in tracks {
            let means: Vec<f64> = track.series.iter().map(|bucket| bucket.mean).collect();
            let latest = &means[means.len().saturating_sub(PLOT)..];
            let space = " ".repeat(width - track.title.width());
            let pad = " ".repeat(bars - latest.len());
            out += &format!(
                "  {}{space}  {}{pad}  {:>4}  {}\n",
                track.title,
                plot(latest, track.lowest, track.highest),
                track.now.map_or("-".to_owned(), |now| format!("{now:.1}")),
                change(track)
            );
        }
    }
    if !progress.criteria.iter().all(|track| track.grades == 0) {
        out += &format!("\n{NOISE}\n");
    }
    if !progress.verdicts.is_empty() {
        out += &format!("\nAt senior, oldest first: {}\n", verdicts(progress));
    }
    out += &format!("\n{}\n", drill(&progress.drill));
    for card in &progress.drill.weakest {
        out += &format!("  {:>3.0} %  {}\n", 100.0 * card.recall, card.title);
    }
    out += &format!("\n{}\n", coverage(progress));
    for item in &progress.checklist {
        out += &format!("  {}\n", ticked(item.ticked_by, &item.item));
    }
    if !progress.next.is_empty() {
        out += "\nNext\n";
        for step in &progress.next {
            out += &format!("  {}\n      {}\n", step.command, step.why);
        }
    }
    out
}

/// Progress as Markdown.
pub fn markdown(progress: &Progress) -> String {
    let mut out = format!("# Where you stand on {}\n\n", progress.date);
    for line in practised(&progress.practice) {
        out += &format!("- {line}\n");
    }
    for (title, tracks) in sections(progress) {
        out += &format!("\n## {title}\n\n| | now | first to latest | grades |\n|---|---|---|---|\n");
        for track in tracks {
            let now = track.now.map_or("-".to_owned(), |now| format!("{now:.1}"));
            out += &format!("| {} | {now} | {} | {} |\n", track.title, change(track), track.grades);
        }
    }
    if !progress.criteria.iter().all(|track| track.grades == 0) {
        out += &format!("\n{NOISE}\n");
    }
    if !progress.verdicts.is_empty() {
        out += &format!("\nAt senior, oldest first: {}\n", verdicts(progress));
    }
    out += &format!("\n## Drill\n\n{}\n", drill(&progress.drill));
    if !progress.drill.weakest.is_empty() {
        out += "\n";
    }
    for card in &progress.drill.weakest {
        out += &format!("- {:.0} %: {}\n", 100.0 * card.recall, card.title);
    }
    out += &format!("\n## Checklist\n\n{}\n\n", coverage(progress));
    for item in &progress.checklist {
        out += &format!("- {}\n", ticked(item.ticked_by, &item.item));
    }
    if !progress.next.is_empty() {
        out += "\n## Next\n\n";
        for step in &progress.next {
            out += &format!("- `{}`: {}\n", step.command, step.why);
        }
    }
    out
}

/// What counts as a change.
pub(in crate::report) fn noise() -> &'static str {
    NOISE
}

const NOISE: &str = "A change counts only if it is larger than the grader's own spread and than what chance explains; \
else it is noise.";

fn practised(practice: &PracticeTime) -> Vec<String> {
    let counts = [
        (practice.interviews, "interview"),
        (practice.answers, "answer"),
        (practice.reviews, "review"),
        (practice.diagrams, "drawing"),
    ];
    let counts: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| several(*count, what)).collect();
    if counts.is_empty() {
        return vec!["Nothing practised yet.".to_owned()];
    }
    vec![
        format!(
            "Practised: {}; {} on {}.",
            counts.join(", "),
            duration(practice.used_s),
            several(practice.days, "day")
        ),
        format!(
            "Streak: {}, the longest {}. The last seven days: {}.",
            several(practice.streak_days, "day"),
            several(practice.longest_streak_days, "day"),
            duration(practice.last_week_s)
        ),
    ]
}

/// Titles with the tracks under them that have grades.
fn sections(progress: &Progress) -> Vec<(String, Vec<&Track>)> {
    let graded = |tracks: &'_ [Track]| tracks.iter().any(|track| track.grades > 0);
    let mut sections = Vec::new();
    if graded(&progress.criteria) {
        let by = graders(&progress.criteria);
        sections.push((format!("Criteria, levels 1 to 4, {by}"), progress.criteria.iter().collect()));
    }
    if graded(&progress.topics) {
        let by = graders(&progress.topics);
        let shown: Vec<&Track> = progress.topics.iter().take(TOPICS).collect();
        let of = match progress.topics.len() {
            all if all > shown.len() => format!(", the {} weakest of {all}", shown.len()),
            _ => ", weakest first".to_owned(),
        };
        sections.push((format!("Topics, 0 to 10{of}, {by}"), shown));
    }
    sections
}

pub(in crate::report) fn graders(tracks: &[Track]) -> String {
    let mut names: Vec<&str> =
        tracks.iter().map(|track| track.grader.as_str()).filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    let left_out: u64 = tracks.iter().map(|track| track.left_out).max().unwrap_or(0);
    match left_out {
        0 => format!("by {}", names.join(", ")),
        count => format!("by {} ({} by others left out)", names.join(", "), several(count, "grade")),
    }
}

pub(in crate::report) fn change(track: &Track) -> String {
    let Change { direction, by, noise, .. } = track.change;
    match (direction, by, noise) {
        (Direction::Better, Some(by), Some(noise)) => format!("{by:+.1} better (noise {noise:.1})"),
        (Direction::Worse, Some(by), Some(noise)) => format!("{by:+.1} worse (noise {noise:.1})"),
        (Direction::WithinNoise, Some(by), Some(noise)) => format!("{by:+.1} within noise ({noise:.1})"),
        _ if track.grades == 0 => "not assessed yet".to_owned(),
        _ => format!("{}, too few to compare", several(track.grades, "grade")),
    }
}

fn verdicts(progress: &Progress) -> String {
    let word = |verdict| match verdict {
        Verdict::StrongNo => "strong no",
        Verdict::No => "no",
        Verdict::Yes => "yes",
        Verdict::StrongYes => "strong yes",
    };
    progress.verdicts.iter().map(|past| word(past.senior)).collect::<Vec<_>>().join(", ")
}

fn drill(drill: &DrillState) -> String {
    if drill.cards == 0 {
        return format!("Drill: no cards yet, {} never asked.", several(drill.unseen, "question"));
    }
    let mut line = format!(
        "Drill: {} of {} due, {} never asked.",
        drill.due,
        several(drill.cards, "card"),
        several(drill.unseen, "question")
    );
    if let Some(retention) = drill.retention {
        line += &format!(
            " Remembered in the last 30 days: {:.0} % (aim {:.0} %).",
            100.0 * retention,
            100.0 * TARGET
        );
    }
    let ahead: Vec<String> = drill.ahead.iter().map(u64::to_string).collect();
    line += &format!("\nDue in the next seven days: {}.", ahead.join(", "));
    if !drill.weakest.is_empty() {
        line += "\nMost likely forgotten, with the chance that you still know it:";
    }
    line
}

fn coverage(progress: &Progress) -> String {
    let part = |part: Part, what| format!("{} of {} {what}", part.done, part.all);
    let coverage = &progress.coverage;
    format!(
        "Covered: {}, {}, {}; mastered: {}.",
        part(coverage.questions, "questions"),
        part(coverage.problems, "problems"),
        part(coverage.points, "agenda points"),
        part(coverage.checklist, "items of the checklist")
    )
}

fn ticked(by: Option<TickedBy>, item: &str) -> String {
    match by {
        Some(TickedBy::Grades) => format!("[x] {item}"),
        Some(TickedBy::Hand) => format!("[x] {item} (by hand)"),
        None => format!("[ ] {item}"),
    }
}

/// `1 day`, `2 days`.
pub fn several(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// `2 h 05 min`, `12 min`, `40 s`.
pub fn duration(seconds: u64) -> String {
    match (seconds / 3600, seconds % 3600 / 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

/// A bar a value.
fn plot(values: &[f64], lowest: f64, highest: f64) -> String {
    let range = (highest - lowest).max(f64::EPSILON);
    let bar = |value: &f64| {
        let share = ((value - lowest) / range).clamp(0.0, 1.0);
        BARS[(share * (BARS.len() - 1) as f64).round() as usize]
    };
    values.iter().map(bar).collect()
}
