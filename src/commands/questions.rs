//! `greenroom questions` and `greenroom problems`: read packs and notes without giving answers away.

use clap::Subcommand;
use serde_json::{Value, json};

use super::Context;
use crate::cli::Format;
use crate::error::{Exit, Failure};
use crate::material::search::{Document, SearchIndex};
use crate::material::{Lexicon, Pack, Problem, Question};
use crate::store::MaterialQuestion;
use crate::terminal::{beside, wrap};
use crate::text::sanitise;

/// List, show and search concept questions
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom questions\n  greenroom questions show cdn\n  greenroom questions search hash ring"
)]
pub struct QuestionsArgs {
    /// What to do; lists without it
    #[command(subcommand)]
    pub action: Option<Action>,
}

/// List, show and search design problems
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom problems\n  greenroom problems show url-shortener\n  greenroom problems search booking"
)]
pub struct ProblemsArgs {
    /// What to do; lists without it
    #[command(subcommand)]
    pub action: Option<Action>,
}

/// What to do with questions or problems.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// All of them
    List,
    /// One of them
    Show {
        /// Its id
        id: String,
        /// Show what a good answer covers too: it spoils the exercise
        #[arg(long)]
        spoil: bool,
    },
    /// Those that speak of these words
    Search {
        /// Words
        #[arg(required = true)]
        words: Vec<String>,
    },
}

/// Runs `greenroom questions`.
///
/// # Errors
///
/// [`Failure`] if a pack has a fault or the id is unknown.
pub fn questions(context: &mut Context<'_>, args: &QuestionsArgs) -> Result<Exit, Failure> {
    let packs = packs(context)?;
    let all: Vec<(&Pack, &Question)> =
        packs.iter().flat_map(|pack| pack.questions.iter().map(move |question| (pack, question))).collect();
    let noted = noted(context)?;
    match args.action.as_ref().unwrap_or(&Action::List) {
        Action::List => {
            let own = packs.iter().flat_map(|pack| {
                pack.questions
                    .iter()
                    .map(|question| Row::new(&pack.manifest.title, row_of_question(pack, question)))
            });
            let notes = noted
                .iter()
                .map(|note| Row::new(&format!("Your notes: {}", note.material_title), row_of_note(note)));
            list(context, &own.chain(notes).collect::<Vec<_>>(), Layout::Grouped)
        }
        Action::Search { words } => {
            let documents = all.iter().map(|(_, question)| Document::from(*question));
            let documents: Vec<Document> = documents.chain(noted.iter().map(document_of_note)).collect();
            let found = ranked(&packs, &documents, words).into_iter().map(|index| match all.get(index) {
                Some((pack, question)) => Row::new("", row_of_question(pack, question)),
                None => Row::new("", row_of_note(&noted[index - all.len()])),
            });
            ranking(context, found.collect())
        }
        Action::Show { id, spoil } => {
            let question = all.iter().find(|(_, question)| question.id == *id);
            let note = noted.iter().find(|note| note.id == *id);
            if let (None, Some(note)) = (question, note) {
                return show_note(context, note, *spoil);
            }
            let ids = all.iter().map(|(_, question)| question.id.as_str());
            let ids: Vec<&str> = ids.chain(noted.iter().map(|note| note.id.as_str())).collect();
            let (pack, question) = question.ok_or_else(|| unknown("question", id, &ids))?;
            show_question(context, pack, question, *spoil)
        }
    }
}

/// The questions of the user's notes; a database is not made for the sake of a list.
fn noted(context: &Context<'_>) -> Result<Vec<MaterialQuestion>, Failure> {
    if !context.settings.data_dir.value.join(crate::store::FILE).exists() {
        return Ok(Vec::new());
    }
    Ok(context.store()?.material_questions(None)?)
}

/// Share of the best find's score that another must have.
const LEAST: f64 = 0.35;

/// Positions of the documents that `words` are about, best first.
fn ranked(packs: &[Pack], documents: &[Document], words: &[String]) -> Vec<usize> {
    let mut lexicon = Lexicon::default();
    packs.iter().for_each(|pack| lexicon.terms.extend(pack.lexicon.terms.iter().cloned()));
    let hits = SearchIndex::new(documents, &lexicon).search(&words.join(" "));
    // What is far from the best only shares a common word with it.
    let least = hits.first().map_or(0.0, |best| best.score * LEAST);
    hits.into_iter().filter(|hit| hit.score >= least).map(|hit| hit.index).collect()
}

/// The topic of every question of the user's notes.
const NOTES: &str = "notes";

fn row_of_note(note: &MaterialQuestion) -> Value {
    json!({
        "id": note.id, "title": note.question, "question": note.question, "topics": [NOTES],
        "material": note.material, "line": note.line, "derived": note.derived,
    })
}

fn document_of_note(note: &MaterialQuestion) -> Document {
    let fields = vec![(2.0, note.path.join(" ")), (1.0, note.answer.clone())];
    Document { id: String::new(), title: note.question.clone(), fields }
}

fn show_note(context: &mut Context<'_>, note: &MaterialQuestion, spoil: bool) -> Result<Exit, Failure> {
    if context.format() == Format::Json {
        let mut row = row_of_note(note);
        if spoil {
            row["reference"] = json!(note.answer);
        }
        context.json(&row)?;
        return Ok(Exit::Done);
    }
    let mut text =
        format!("{}\n\nFrom your notes {}, line {}.\n", note.question, note.material_title, note.line);
    if spoil {
        text += &format!("\n{}\n", note.answer);
    } else {
        text += &format!(
            "\nAnswer it with `greenroom answer {0}`; `greenroom questions show {0} --spoil` tells what your notes say.\n",
            note.id
        );
    }
    print(context, &text)
}

/// Runs `greenroom problems`.
///
/// # Errors
///
/// [`Failure`] if a pack has a fault or the id is unknown.
pub fn problems(context: &mut Context<'_>, args: &ProblemsArgs) -> Result<Exit, Failure> {
    let packs = packs(context)?;
    let all: Vec<(&Pack, &Problem)> =
        packs.iter().flat_map(|pack| pack.problems.iter().map(move |problem| (pack, problem))).collect();
    let row =
        |&(pack, problem): &(&Pack, &Problem)| Row::new(&pack.manifest.title, row_of_problem(pack, problem));
    match args.action.as_ref().unwrap_or(&Action::List) {
        Action::List => list(context, &all.iter().map(row).collect::<Vec<_>>(), Layout::Grouped),
        Action::Search { words } => {
            let documents: Vec<Document> = all.iter().map(|(_, problem)| Document::from(*problem)).collect();
            let found = ranked(&packs, &documents, words).into_iter().map(|index| row(&all[index]));
            ranking(context, found.collect())
        }
        Action::Show { id, spoil } => {
            let ids: Vec<&str> = all.iter().map(|(_, problem)| problem.id.as_str()).collect();
            let problem = all.iter().find(|(_, problem)| problem.id == *id);
            let (pack, problem) = problem.ok_or_else(|| unknown("problem", id, &ids))?;
            show_problem(context, pack, problem, *spoil)
        }
    }
}

fn packs(context: &Context<'_>) -> Result<Vec<Pack>, Failure> {
    let load = |name: &String| Ok(context.assets.pack(name)?);
    context.assets.packs().iter().map(load).collect()
}

fn row_of_question(pack: &Pack, question: &Question) -> Value {
    json!({
        "id": question.id, "title": question.title, "pack": pack.manifest.id, "question": question.question,
        "topics": question.topics, "points": question.points.len(),
    })
}

fn row_of_problem(pack: &Pack, problem: &Problem) -> Value {
    json!({
        "id": problem.id, "title": problem.title, "pack": pack.manifest.id, "statement": problem.statement,
        "topics": problem.topics, "aliases": problem.aliases, "points": problem.points.len(),
    })
}

/// A line of a list.
struct Row {
    /// What it stands under.
    heading: String,
    value: Value,
}

impl Row {
    fn new(heading: &str, value: Value) -> Self {
        Self { heading: heading.to_owned(), value }
    }

    fn text(&self, key: &str) -> String {
        sanitise(self.value[key].as_str().unwrap_or_default())
    }

    fn topics(&self) -> Vec<String> {
        let topics = self.value["topics"].as_array().into_iter().flatten();
        topics.filter_map(Value::as_str).map(sanitise).collect()
    }
}

/// How a list is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Under headings.
    Grouped,
    /// The best first.
    Ranked,
}

/// Finds that are shown; the rest are far from the best, or copies of it.
const SHOWN: usize = 20;

/// What a search found; programs get all of it.
fn ranking(context: &mut Context<'_>, mut rows: Vec<Row>) -> Result<Exit, Failure> {
    let more = rows.len().saturating_sub(SHOWN);
    if context.format() != Format::Json {
        rows.truncate(SHOWN);
    }
    let exit = list(context, &rows, Layout::Ranked)?;
    if more > 0 && context.format() != Format::Json {
        context.note(&format!("{more} more are less like it; `--format json` gives all."));
    }
    Ok(exit)
}

/// Ids longer than this have a line of their own.
const WIDEST_ID: usize = 20;

fn list(context: &mut Context<'_>, rows: &[Row], layout: Layout) -> Result<Exit, Failure> {
    match context.format() {
        Format::Json => {
            let rows: Vec<&Value> = rows.iter().map(|row| &row.value).collect();
            context.json(&rows)?;
        }
        _ if rows.is_empty() => context.note("Nothing found."),
        Format::Md => {
            for row in rows {
                let (id, title) = (row.text("id"), row.text("title"));
                writeln!(context.out, "- `{id}`: {title} ({})", row.topics().join(", "))?;
            }
        }
        _ if !context.terminal.output => {
            // One line each, for `grep` and `cut`.
            for row in rows {
                let (id, title) = (row.text("id"), row.text("title"));
                writeln!(context.out, "{id:WIDEST_ID$}  {title}  ({})", row.topics().join(", "))?;
            }
        }
        _ => screen(context, rows, layout)?,
    }
    Ok(Exit::Done)
}

fn screen(context: &mut Context<'_>, rows: &[Row], layout: Layout) -> Result<(), Failure> {
    let style = |code: &'static str| if context.terminal.color { code } else { "" };
    let (bold, dim, off) = (style("\u{1b}[1m"), style("\u{1b}[2m"), style("\u{1b}[0m"));
    let width = context.terminal.width;
    let mut heading = "";
    for row in rows {
        if layout == Layout::Grouped && row.heading != heading {
            let gap = if heading.is_empty() { "" } else { "\n" };
            heading = &row.heading;
            writeln!(context.out, "{gap}{bold}{}{off}", sanitise(heading))?;
        }
        let (id, title) = (row.text("id"), row.text("title"));
        let lines = beside(&id, &title, WIDEST_ID + 2, width);
        // As many topics as the line has room for.
        let mut room = width.saturating_sub(lines.lines().last().map_or(0, |line| line.chars().count()) + 4);
        let mut topics = row.topics();
        // The heading says it already.
        topics.retain(|topic| layout == Layout::Ranked || topic != NOTES);
        topics.retain(|topic| {
            let fits = topic.chars().count() + 2 <= room;
            room = if fits { room - topic.chars().count() - 2 } else { 0 };
            fits
        });
        let topics =
            if topics.is_empty() { String::new() } else { format!("  {dim}({}){off}", topics.join(", ")) };
        writeln!(context.out, "{lines}{topics}")?;
    }
    Ok(())
}

fn unknown(what: &str, id: &str, ids: &[&str]) -> Failure {
    let near = ids.iter().max_by(|a, b| strsim::jaro_winkler(a, id).total_cmp(&strsim::jaro_winkler(b, id)));
    let near = near.filter(|near| strsim::jaro_winkler(near, id) > 0.7);
    let failure = Failure::user(format!("there is no {what} `{id}`"));
    match near {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint(format!("`greenroom {what}s list` shows all")),
    }
}

fn show_question(
    context: &mut Context<'_>,
    pack: &Pack,
    question: &Question,
    spoil: bool,
) -> Result<Exit, Failure> {
    if context.format() == Format::Json {
        let mut row = row_of_question(pack, question);
        if spoil {
            row = serde_json::to_value(question).unwrap_or(row);
        }
        context.json(&row)?;
        return Ok(Exit::Done);
    }
    let mut text = format!("{}\n\n{}\n", question.title, question.question);
    if spoil {
        text += &format!("\n{}\n\nA good answer covers:\n", question.model_answer);
        for point in &question.points {
            text += &format!("- {}\n", point.text);
        }
        text += "\nWhat people get wrong:\n";
        for wrong in &question.misconceptions {
            text += &format!("- {} {}\n", wrong.text, wrong.correction);
        }
    } else {
        text += &format!(
            "\nAnswer it with `greenroom answer {0}`; `greenroom questions show {0} --spoil` tells what a good answer covers.\n",
            question.id
        );
    }
    print(context, &text)
}

fn show_problem(
    context: &mut Context<'_>,
    pack: &Pack,
    problem: &Problem,
    spoil: bool,
) -> Result<Exit, Failure> {
    if context.format() == Format::Json {
        let mut row = row_of_problem(pack, problem);
        if spoil {
            row = serde_json::to_value(problem).unwrap_or(row);
        }
        context.json(&row)?;
        return Ok(Exit::Done);
    }
    let mut text = format!("{}\n\n{}\n", problem.title, problem.statement);
    let levels = &problem.levels;
    text += &format!("\nmid: {}\nsenior: {}\nstaff: {}\n", levels.mid, levels.senior, levels.staff);
    if spoil {
        text += "\nWhat the interviewer knows:\n";
        for fact in &problem.facts {
            text += &format!("- {}\n", fact.answer);
        }
        text += "\nAgenda:\n";
        for point in &problem.points {
            text += &format!("- {} ({})\n", point.text, point.phase.replace('_', " "));
        }
    } else {
        text += &format!(
            "\nTry it with `greenroom interview {0}`; `greenroom problems show {0} --spoil` tells facts and agenda.\n",
            problem.id
        );
    }
    print(context, &text)
}

fn print(context: &mut Context<'_>, text: &str) -> Result<Exit, Failure> {
    let width = if context.terminal.output { context.terminal.width } else { 100 };
    for line in sanitise(text).lines() {
        let indent = if line.starts_with("- ") { "  " } else { "" };
        writeln!(context.out, "{}", wrap(line, width, indent).trim_end())?;
    }
    Ok(Exit::Done)
}
