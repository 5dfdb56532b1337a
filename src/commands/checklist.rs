//! `greenroom checklist`: what to master; items tick themselves from grades, or are ticked by hand.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Context;
use crate::assets::{Assets, FIRST_PACK};
use crate::cli::Format;
use crate::clock::wall_ms;
use crate::error::{Exit, Failure};
use crate::material::{ChecklistItem, Pack, nearest};
use crate::schedule::{PROOF, Proof, TickedBy};
use crate::store::{FILE, Store};
use crate::terminal::{beside, wrap};
use crate::text::sanitise;

/// What to master before an interview
///
/// An item ticks itself when each of its questions earned 8 of 10 in an answer, or one of its
/// problems was passed at senior in an interview or a review. You can tick by hand too.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  greenroom checklist\n  greenroom checklist --tick caching")]
pub struct ChecklistArgs {
    /// Tick an item by hand
    #[arg(long, value_name = "ID")]
    pub tick: Vec<String>,
    /// Take a tick away
    #[arg(long, value_name = "ID")]
    pub untick: Vec<String>,
    /// Pack whose checklist is meant
    #[arg(long, value_name = "NAME")]
    pub pack: Option<String>,
}

/// A pack's checklist, and where somebody stands on it.
struct Sheet {
    pack: Pack,
    by_hand: BTreeMap<String, bool>,
}

/// Runs `greenroom checklist`.
///
/// # Errors
///
/// [`Failure`] if a pack has a fault, there is no such item, or the store fails.
pub fn run(context: &mut Context<'_>, args: &ChecklistArgs) -> Result<Exit, Failure> {
    let names = args.pack.clone().map_or_else(|| context.assets.packs(), |name| vec![name]);
    let packs = names.iter().map(|name| context.assets.pack(name)).collect::<Result<Vec<_>, _>>()?;
    let changes: Vec<(&String, bool)> =
        args.tick.iter().map(|id| (id, true)).chain(args.untick.iter().map(|id| (id, false))).collect();
    // All or nothing: a misspelt id must not leave half of the work done.
    let changes = changes
        .into_iter()
        .map(|(id, ticked)| Ok((find(&packs, id)?, ticked)))
        .collect::<Result<Vec<_>, Failure>>()?;
    // A database is not made for the sake of a list.
    let known = context.settings.data_dir.value.join(FILE).exists();
    let store = if known || !changes.is_empty() { Some(context.store()?) } else { None };
    let proof = store.as_ref().map_or_else(|| Ok(Proof::default()), proof)?;
    if let Some(store) = &store {
        for ((pack, item), ticked) in &changes {
            tick(store, &proof, pack, item, *ticked)?;
        }
    }
    let mut sheets = Vec::new();
    for pack in packs.iter().filter(|pack| !pack.checklist.items.is_empty()) {
        let by_hand = match &store {
            Some(store) => {
                let ticks = store.ticks(&pack.manifest.id)?;
                ticks.into_iter().map(|(item, ticked, _)| (item, ticked)).collect()
            }
            None => BTreeMap::new(),
        };
        sheets.push(Sheet { pack: pack.clone(), by_hand });
    }
    if context.format() == Format::Json {
        let rows: Vec<Value> = sheets.iter().flat_map(|sheet| rows(sheet, &proof)).collect();
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    // Of the packs that ship only the first, and those that were begun.
    let wanted = |sheet: &Sheet| {
        let id = &sheet.pack.manifest.id;
        let touched = changes.iter().any(|((pack, _), _)| pack.manifest.id == *id);
        args.pack.is_some()
            || id == FIRST_PACK
            || !Assets::is_built_in(id)
            || touched
            || done(sheet, &proof) > 0
    };
    let (shown, others): (Vec<Sheet>, Vec<Sheet>) = sheets.into_iter().partition(wanted);
    if shown.is_empty() {
        return Err(
            Failure::user("this pack has no checklist").hint("write one in its folder: checklist.toml")
        );
    }
    for (number, sheet) in shown.iter().enumerate() {
        if number > 0 {
            writeln!(context.out)?;
        }
        match context.format() {
            Format::Md => markdown(context, sheet, &proof)?,
            _ => print(context, sheet, &proof)?,
        }
    }
    if context.terminal.error {
        hints(context, &shown, &others, &proof);
    }
    Ok(Exit::Done)
}

/// What the user's grades prove.
fn proof(store: &Store) -> Result<Proof, Failure> {
    Ok(Proof::of(store.outcomes()?.iter().map(|standing| &standing.outcome)))
}

/// The item with this id, in whichever pack has it.
fn find<'p>(packs: &'p [Pack], id: &str) -> Result<(&'p Pack, &'p ChecklistItem), Failure> {
    let all = || packs.iter().flat_map(|pack| pack.checklist.items.iter().map(move |item| (pack, item)));
    let mut found = all().filter(|(_, item)| item.id == id);
    match (found.next(), found.next()) {
        (Some(found), None) => Ok(found),
        (Some((one, _)), Some((other, _))) => {
            let names = format!("{} and {}", one.manifest.id, other.manifest.id);
            Err(Failure::user(format!("`{id}` is in the checklists of {names}"))
                .hint("say which one: --pack NAME"))
        }
        (None, _) => {
            let failure = Failure::user(format!("no checklist has an item `{id}`"));
            Err(match nearest(id, all().map(|(_, item)| item.id.as_str())) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint("`greenroom checklist` shows the ids"),
            })
        }
    }
}

/// A tick that is taken away leaves the item to the grades, unless those would tick it again.
fn tick(
    store: &Store,
    proof: &Proof,
    pack: &Pack,
    item: &ChecklistItem,
    ticked: bool,
) -> Result<(), Failure> {
    let by_hand = (ticked || proof.ticks(item, None).is_some()).then_some(ticked);
    Ok(store.tick(&pack.manifest.id, &item.id, by_hand, wall_ms())?)
}

impl Sheet {
    fn ticked_by(&self, item: &ChecklistItem, proof: &Proof) -> Option<TickedBy> {
        proof.ticks(item, self.by_hand.get(&item.id).copied())
    }
}

fn done(sheet: &Sheet, proof: &Proof) -> usize {
    sheet.pack.checklist.items.iter().filter(|item| sheet.ticked_by(item, proof).is_some()).count()
}

fn rows(sheet: &Sheet, proof: &Proof) -> Vec<Value> {
    let row = |item: &ChecklistItem| {
        let ticked_by = sheet.ticked_by(item, proof);
        let questions = item.questions.iter().map(|id| json!({"id": id, "best": proof.best(id).map(of_ten)}));
        let problems = item.problems.iter().map(|id| json!({"id": id, "passed": proof.passed(id)}));
        json!({
            "id": item.id,
            "title": item.item,
            "pack": sheet.pack.manifest.id,
            "done": ticked_by.is_some(),
            "ticked_by": ticked_by,
            "questions": questions.collect::<Vec<_>>(),
            "problems": problems.collect::<Vec<_>>(),
        })
    };
    sheet.pack.checklist.items.iter().map(row).collect()
}

/// A share as a score out of ten, to a tenth.
fn of_ten(share: f64) -> f64 {
    (share * 100.0).round() / 10.0
}

/// What ticked an item, or what it takes.
fn evidence(sheet: &Sheet, item: &ChecklistItem, proof: &Proof) -> String {
    match (sheet.ticked_by(item, proof), sheet.by_hand.get(&item.id)) {
        (Some(TickedBy::Hand), _) => return "ticked by hand".to_owned(),
        (None, Some(false)) => return "unticked by hand".to_owned(),
        (Some(TickedBy::Grades), _) => {
            if let Some(problem) = item.problems.iter().find(|id| proof.passed(id) == Some(true)) {
                return format!("passed {problem} at senior");
            }
            let best =
                item.questions.iter().map(|id| format!("{id} {:.1}", of_ten(proof.best(id).unwrap_or(0.0))));
            return best.collect::<Vec<_>>().join(", ");
        }
        (None, _) => {}
    }
    let lacking = item.questions.iter().filter(|id| proof.best(id).is_none_or(|best| best < PROOF));
    let lacking: Vec<String> = lacking
        .map(|id| match proof.best(id) {
            Some(best) => format!("{id} (so far {:.1})", of_ten(best)),
            None => id.clone(),
        })
        .collect();
    let mut ways = Vec::new();
    if !lacking.is_empty() {
        ways.push(format!("answer {}", lacking.join(", ")));
    }
    if !item.problems.is_empty() {
        ways.push(format!("interview {}", item.problems.join(" or ")));
    }
    if ways.is_empty() { "tick it by hand".to_owned() } else { ways.join("; or ") }
}

fn print(context: &mut Context<'_>, sheet: &Sheet, proof: &Proof) -> Result<(), Failure> {
    let style = |code: &'static str| if context.terminal.color { code } else { "" };
    let (bold, dim, off) = (style("\u{1b}[1m"), style("\u{1b}[2m"), style("\u{1b}[0m"));
    let items = &sheet.pack.checklist.items;
    let title = sanitise(&sheet.pack.manifest.title);
    writeln!(context.out, "{bold}{title}: {} of {}{off}", done(sheet, proof), items.len())?;
    let column = items.iter().map(|item| item.id.chars().count()).max().unwrap_or(0).min(20);
    let indent = " ".repeat(column + 6);
    for item in items {
        let mark = if sheet.ticked_by(item, proof).is_some() { 'x' } else { ' ' };
        let label = format!("[{mark}] {}", sanitise(&item.id));
        let line = beside(&label, &sanitise(&item.item), indent.len(), context.terminal.width);
        writeln!(context.out, "{line}")?;
        let evidence = format!("{indent}{}", sanitise(&evidence(sheet, item, proof)));
        writeln!(context.out, "{dim}{}{off}", wrap(&evidence, context.terminal.width, &indent))?;
    }
    Ok(())
}

fn markdown(context: &mut Context<'_>, sheet: &Sheet, proof: &Proof) -> Result<(), Failure> {
    let items = &sheet.pack.checklist.items;
    writeln!(context.out, "# {}\n", sanitise(&sheet.pack.manifest.title))?;
    for item in items {
        let mark = if sheet.ticked_by(item, proof).is_some() { 'x' } else { ' ' };
        let evidence = evidence(sheet, item, proof);
        writeln!(
            context.out,
            "- [{mark}] {} (`{}`: {})",
            sanitise(&item.item),
            item.id,
            sanitise(&evidence)
        )?;
    }
    Ok(())
}

/// The next step, for those who read it on a screen.
fn hints(context: &mut Context<'_>, shown: &[Sheet], others: &[Sheet], proof: &Proof) {
    let open = shown.iter().flat_map(|sheet| {
        sheet.pack.checklist.items.iter().filter(|item| sheet.ticked_by(item, proof).is_none())
    });
    let next =
        open.flat_map(|item| &item.questions).find(|id| proof.best(id).is_none_or(|best| best < PROOF));
    let mut text = "\nAn item ticks itself: each question 8 of 10, or a problem passed at senior.".to_owned();
    if let Some(question) = next {
        text += &format!("\nNext: `greenroom answer {question}`. By hand: `greenroom checklist --tick ID`.");
    }
    for other in others {
        text += &format!("\nAlso: `greenroom checklist --pack {}`.", other.pack.manifest.id);
    }
    context.note(&text);
}
