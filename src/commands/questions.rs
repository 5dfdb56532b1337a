//! `greenroom questions` and `greenroom problems`: read packs and notes without giving answers away.

use clap::Subcommand;
use serde_json::{Value, json};

use super::Context;
use crate::cli::Format;
use crate::error::{Exit, Failure};
use crate::material::search::{Document, SearchIndex};
use crate::material::{Lexicon, Pack, Problem, Question};
use crate::store::MaterialQuestion;
use crate::terminal::wrap;
use crate::text::sanitise;

/// List, show and search concept questions
#[derive(clap::Args, Debug)]
pub struct QuestionsArgs {
    /// What to do; lists without it
    #[command(subcommand)]
    pub action: Option<Action>,
}

/// List, show and search design problems
#[derive(clap::Args, Debug)]
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
    let all: Vec<&Question> = packs.iter().flat_map(|pack| &pack.questions).collect();
    let noted = noted(context)?;
    match args.action.as_ref().unwrap_or(&Action::List) {
        Action::List => {
            let rows = all.iter().map(|question| row_of_question(question));
            list(context, rows.chain(noted.iter().map(row_of_note)).collect())
        }
        Action::Search { words } => {
            let documents = all.iter().map(|question| Document::from(*question));
            let documents: Vec<Document> = documents.chain(noted.iter().map(document_of_note)).collect();
            let found = ranked(&packs, &documents, words).into_iter().map(|index| match all.get(index) {
                Some(question) => row_of_question(question),
                None => row_of_note(&noted[index - all.len()]),
            });
            list(context, found.collect())
        }
        Action::Show { id, spoil } => {
            let question = all.iter().find(|question| question.id == *id);
            let note = noted.iter().find(|note| note.id == *id);
            if let (None, Some(note)) = (question, note) {
                return show_note(context, note, *spoil);
            }
            let ids: Vec<&str> = all.iter().map(|question| question.id.as_str()).collect();
            let ids: Vec<&str> = ids.into_iter().chain(noted.iter().map(|note| note.id.as_str())).collect();
            let question = question.ok_or_else(|| unknown("question", id, &ids))?;
            show_question(context, question, *spoil)
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

/// Positions of the documents that `words` are about, best first.
fn ranked(packs: &[Pack], documents: &[Document], words: &[String]) -> Vec<usize> {
    let mut lexicon = Lexicon::default();
    packs.iter().for_each(|pack| lexicon.terms.extend(pack.lexicon.terms.iter().cloned()));
    let hits = SearchIndex::new(documents, &lexicon).search(&words.join(" "));
    // What is a tenth as good as the best only shares a common word with it.
    let least = hits.first().map_or(0.0, |best| best.score * 0.1);
    hits.into_iter().filter(|hit| hit.score >= least).map(|hit| hit.index).collect()
}

fn row_of_note(note: &MaterialQuestion) -> Value {
    json!({
        "id": note.id, "title": note.question, "question": note.question, "topics": ["notes"],
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
    let all: Vec<&Problem> = packs.iter().flat_map(|pack| &pack.problems).collect();
    match args.action.as_ref().unwrap_or(&Action::List) {
        Action::List => list(context, all.iter().map(|problem| row_of_problem(problem)).collect()),
        Action::Search { words } => {
            let documents: Vec<Document> = all.iter().map(|problem| Document::from(*problem)).collect();
            let found = ranked(&packs, &documents, words).into_iter();
            list(context, found.map(|index| row_of_problem(all[index])).collect())
        }
        Action::Show { id, spoil } => {
            let ids: Vec<&str> = all.iter().map(|problem| problem.id.as_str()).collect();
            let problem = all.iter().find(|problem| problem.id == *id);
            let problem = problem.ok_or_else(|| unknown("problem", id, &ids))?;
            show_problem(context, problem, *spoil)
        }
    }
}

fn packs(context: &Context<'_>) -> Result<Vec<Pack>, Failure> {
    let load = |name: &String| Ok(context.assets.pack(name)?);
    context.assets.packs().iter().map(load).collect()
}

fn row_of_question(question: &Question) -> Value {
    json!({
        "id": question.id, "title": question.title, "question": question.question,
        "topics": question.topics, "points": question.points.len(),
    })
}

fn row_of_problem(problem: &Problem) -> Value {
    json!({
        "id": problem.id, "title": problem.title, "statement": problem.statement,
        "topics": problem.topics, "aliases": problem.aliases, "points": problem.points.len(),
    })
}

fn list(context: &mut Context<'_>, rows: Vec<Value>) -> Result<Exit, Failure> {
    if context.format() == Format::Json {
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    if rows.is_empty() {
        context.note("Nothing found.");
    }
    let text = |row: &Value, key: &str| sanitise(row[key].as_str().unwrap_or(""));
    let width = rows.iter().map(|row| text(row, "id").len()).max().unwrap_or(0);
    for row in &rows {
        let topics: Vec<&str> =
            row["topics"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let topics = sanitise(&topics.join(", "));
        match context.format() {
            Format::Md => {
                writeln!(context.out, "- `{}`: {} ({topics})", text(row, "id"), text(row, "title"))?
            }
            _ => writeln!(context.out, "{:width$}  {}  ({topics})", text(row, "id"), text(row, "title"))?,
        }
    }
    Ok(Exit::Done)
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

fn show_question(context: &mut Context<'_>, question: &Question, spoil: bool) -> Result<Exit, Failure> {
    if context.format() == Format::Json {
        let mut row = row_of_question(question);
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

fn show_problem(context: &mut Context<'_>, problem: &Problem, spoil: bool) -> Result<Exit, Failure> {
    if context.format() == Format::Json {
        let mut row = row_of_problem(problem);
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
