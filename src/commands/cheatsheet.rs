//! `greenroom cheatsheet`: the sheets of the packs and of the user's notes, whole or one topic.

use serde_json::{Value, json};

use super::Context;
use crate::assets::FIRST_PACK;
use crate::cli::Format;
use crate::error::{Exit, Failure};
use crate::material::cheatsheet::{SheetTopic, choose, clarifying, named, topics};
use crate::material::notes::Notes;
use crate::material::{Lexicon, Pack};
use crate::report::{Paint, terminal_markdown};
use crate::store::FILE;
use crate::text::sanitise;

/// What to know, on a few pages
///
/// Without a topic, the whole sheet of a pack. A topic is found by its name, another name of it, or
/// what stands under it; what your notes say on it comes after.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom cheatsheet caching\n  greenroom cheatsheet token bucket\n  greenroom cheatsheet clarify      what to ask about any system"
)]
pub struct CheatsheetArgs {
    /// Topic
    pub topic: Vec<String>,
    /// Pack whose sheet is meant
    #[arg(long, value_name = "NAME")]
    pub pack: Option<String>,
}

/// A topic, and where it stands.
struct Placed {
    topic: SheetTopic,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Pack(String),
    /// Id and title of a file of notes.
    Notes(String, String),
}

/// Runs `greenroom cheatsheet`.
///
/// # Errors
///
/// [`Failure`] if a pack has a fault, or no topic is meant.
pub fn run(context: &mut Context<'_>, args: &CheatsheetArgs) -> Result<Exit, Failure> {
    let asked = args.topic.join(" ");
    if asked.trim().is_empty() && context.format() != Format::Json {
        return whole(context, args.pack.as_deref().unwrap_or(FIRST_PACK));
    }
    let names = args.pack.clone().map_or_else(|| context.assets.packs(), |name| vec![name]);
    let packs = names.iter().map(|name| context.assets.pack(name)).collect::<Result<Vec<_>, _>>()?;
    let mut all = of_packs(&packs);
    if args.pack.is_none() {
        all.extend(of_notes(context)?);
    }
    if asked.trim().is_empty() {
        let rows: Vec<Value> = all.iter().map(row).collect();
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    let mut lexicon = Lexicon::default();
    packs.iter().for_each(|pack| lexicon.terms.extend(pack.lexicon.terms.iter().cloned()));
    let sheet: Vec<SheetTopic> = all.iter().map(|placed| placed.topic.clone()).collect();
    let chosen = match choose(&sheet, &asked, &lexicon) {
        Ok(chosen) => &all[chosen],
        Err(near) => {
            let near: Vec<String> = near.iter().map(|title| format!("`{}`", title.to_lowercase())).collect();
            return Err(Failure::user(format!("no topic is about `{}`", asked.trim())).hint(format!(
                "there is {}, for instance; `greenroom cheatsheet` prints all",
                near.join(", ")
            )));
        }
    };
    // What else goes by the same name: the user's own words beside the pack's.
    let same = all.iter().filter(|other| {
        !std::ptr::eq(*other, chosen)
            && other.place != chosen.place
            && matches!(other.place, Place::Notes(..))
            && [&asked, &chosen.topic.title]
                .iter()
                .any(|name| named(std::slice::from_ref(&other.topic), name).is_some())
    });
    let also: Vec<&Placed> = same.collect();
    if context.format() == Format::Json {
        let mut value = row(chosen);
        value["notes"] = also.iter().map(|placed| row(placed)).collect();
        context.json(&value)?;
        return Ok(Exit::Done);
    }
    let mut text = markdown(chosen);
    for placed in also {
        text += &format!("\n{}", markdown(placed));
    }
    print(context, &text)
}

/// The whole sheet, and the bank of clarifying questions.
fn whole(context: &mut Context<'_>, name: &str) -> Result<Exit, Failure> {
    let pack = context.assets.pack(name)?;
    let bank = clarifying(&pack.clarify);
    if pack.cheatsheet.trim().is_empty() && bank.is_none() {
        return Err(Failure::user(format!("the pack `{name}` has no cheat sheet"))
            .hint("write one in its folder: cheatsheet.md, a level-2 heading a topic"));
    }
    let bank = bank.map_or(String::new(), |bank| format!("\n## {}\n\n{}\n", bank.title, bank.body));
    let exit = print(context, &format!("{}\n{bank}", pack.cheatsheet.trim_end()))?;
    if context.terminal.error {
        context.note("\nOne topic alone: `greenroom cheatsheet caching`.");
    }
    Ok(exit)
}

fn of_packs(packs: &[Pack]) -> Vec<Placed> {
    let of_pack = |pack: &Pack| {
        let found = topics(&pack.cheatsheet).into_iter().chain(clarifying(&pack.clarify));
        let place = Place::Pack(pack.manifest.id.clone());
        found.map(|topic| Placed { topic, place: place.clone() }).collect::<Vec<_>>()
    };
    packs.iter().flat_map(of_pack).collect()
}

/// The topics of all notes; a database is not made for the sake of a sheet.
fn of_notes(context: &Context<'_>) -> Result<Vec<Placed>, Failure> {
    if !context.settings.data_dir.value.join(FILE).exists() {
        return Ok(Vec::new());
    }
    let store = context.store()?;
    let mut all = Vec::new();
    for material in store.materials()?.iter().filter(|material| material.about.found.topics > 0) {
        let notes = Notes::read(&store.material_text(&material.id)?, &material.path);
        let place = Place::Notes(material.id.clone(), material.title.clone());
        all.extend(notes.topics.into_iter().map(|topic| Placed {
            topic: SheetTopic { title: topic.title, body: topic.body },
            place: place.clone(),
        }));
    }
    Ok(all)
}

fn row(placed: &Placed) -> Value {
    let slug: Vec<String> = placed
        .topic
        .title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let mut row = json!({ "id": slug.join("-"), "title": placed.topic.title, "body": placed.topic.body });
    match &placed.place {
        Place::Pack(pack) => row["pack"] = json!(pack),
        Place::Notes(id, _) => row["material"] = json!(id),
    }
    row
}

fn markdown(placed: &Placed) -> String {
    let SheetTopic { title, body } = &placed.topic;
    match &placed.place {
        Place::Pack(_) => format!("# {title}\n\n{body}\n"),
        Place::Notes(_, notes) => format!("# {title}, in your notes: {notes}\n\n{body}\n"),
    }
}

fn print(context: &mut Context<'_>, text: &str) -> Result<Exit, Failure> {
    if context.format() == Format::Md {
        context.out.write_all(sanitise(text).as_bytes())?;
    } else {
        let paint = if context.terminal.color { Paint::Colour } else { Paint::Plain };
        context.out.write_all(terminal_markdown(text, context.terminal.width, paint).as_bytes())?;
    }
    Ok(Exit::Done)
}
