//! `greenroom answer`: feedback on one answer, and a second try.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::Context;
use super::graders::{self, Chosen};
use crate::cli::Format;
use crate::clock::{Clock, SystemClock};
use crate::coach::{AnswerRequest, GradeError, PackQuestions};
use crate::error::{Exit, Failure};
use crate::grading::{AnswerGrade, PointStatus};
use crate::interview::{Event, Plan, Record, SessionKind, Start, Why};
use crate::material::Question;
use crate::store::Store;
use crate::terminal::{Console, Entry, Look, TerminalConsole, wrap};
use crate::text::{decode, sanitise};

/// Get feedback on one answer
///
/// The answer is read from --file, from standard input when it is no terminal, or typed: a blank line
/// or Ctrl-D ends it. Then you may try again and see the difference.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom answer                                 offers a question\n  greenroom answer cdn --file my-answer.txt\n  greenroom answer \"What is a bloom filter?\" --reference notes.md < my-answer.txt"
)]
pub struct AnswerArgs {
    /// Question (`greenroom questions list`), or one in your own words; offers one without it
    pub question: Option<String>,
    /// File with the answer; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// File with what a good answer covers: prose or notes
    #[arg(long, value_name = "FILE")]
    pub reference: Option<PathBuf>,
    /// Times a model marks the answer; more shows how sure it is
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub samples: u32,
}

/// Longest answer or reference that is read, in bytes.
const LONGEST: u64 = 4 << 20;

/// What is answered.
pub(super) struct Asked {
    /// Id of the question, as the log has it.
    pub id: Option<String>,
    /// Title for lists.
    pub title: String,
    /// The question.
    pub question: String,
    /// What it is held to, where no pack says.
    pub reference: Option<String>,
}

#[derive(Serialize)]
struct Graded<'a> {
    id: &'a str,
    #[serde(flatten)]
    grade: &'a AnswerGrade,
}

/// Reads the answer, keeps it, grades it, prints the grade.
///
/// # Errors
///
/// [`Failure`] if the question is unknown, a file cannot be read, or there is no grade. The answer is
/// in the store then.
pub fn run(context: &mut Context<'_>, args: &AnswerArgs) -> Result<Exit, Failure> {
    let questions = PackQuestions::load(&context.assets)?;
    let mut store = context.store()?;
    let asked = asked(args, &questions, &store, context.terminal.input)?;
    let known = PackQuestions::load(&context.assets)?;
    let chosen = graders::choose_for(context, args.samples, &[&asked.question], known)?;
    if !chosen.is_model && asked.id.is_none() && asked.reference.is_none() {
        return Err(Failure::user("no pack has this question, and there is no reference to hold the answer to")
            .hint("add --reference FILE with what a good answer covers, or take a question of `greenroom questions list`"));
    }
    let typed = args.file.is_none() && context.terminal.input;
    let first = match &args.file {
        Some(path) => Some(read(path)?),
        None if context.terminal.input => None,
        None => Some(read(Path::new("-"))?),
    };
    let mut console = if typed { Some(console(context)?) } else { None };
    // The time it takes to answer is practice.
    let clock = SystemClock::start();
    let first = match (first, &mut console) {
        (Some(text), _) => text,
        (None, Some(console)) => {
            console.say(&format!("**{}**", asked.question));
            match typed_answer(console, "Your answer; a blank line ends it.") {
                Some(text) => text,
                None => return Err(Failure::user("nothing was answered").exit(Exit::Interrupted)),
            }
        }
        (None, None) => String::new(),
    };
    let mut log = Log::begin(&mut store, &clock, &asked, &chosen.grader.name())?;
    let mut grade = grade(&chosen, &asked, &mut log, first)?;
    print(context, &log.id, &grade)?;
    while let Some(console) = &mut console {
        let Some(again) = typed_answer(console, "Try again? Your better answer, or a blank line to stop.")
        else {
            break;
        };
        let better = self::grade(&chosen, &asked, &mut log, again)?;
        print(context, &log.id, &better)?;
        console.tell(&difference(&grade, &better));
        grade = better;
    }
    log.append(Event::Ended { why: Why::PlanDone })?;
    Ok(Exit::Done)
}

/// The question that is meant, with its reference.
fn asked(
    args: &AnswerArgs,
    questions: &PackQuestions,
    store: &Store,
    somebody_types: bool,
) -> Result<Asked, Failure> {
    let reference = args.reference.as_deref().map(read).transpose()?;
    let of_pack = |question: &Question, reference| Asked {
        id: Some(question.id.clone()),
        title: question.title.clone(),
        question: question.question.clone(),
        reference,
    };
    let Some(text) = args.question.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
        if args.file.is_some() || !somebody_types {
            return Err(Failure::user("which question does this answer?")
                .hint("name it: `greenroom answer cdn`; `greenroom questions list` shows all"));
        }
        return Ok(of_pack(offered(questions, store)?, reference));
    };
    if let Some(question) = questions.find(Some(text), text) {
        return Ok(of_pack(question, reference));
    }
    if let Some(found) = store.material_question(text)? {
        return Ok(Asked {
            id: Some(found.id),
            title: found.question.clone(),
            question: found.question,
            reference: reference.or(Some(found.answer)),
        });
    }
    if !text.contains(char::is_whitespace) {
        let likeness = |question: &&Question| strsim::jaro_winkler(&question.id, text);
        let near = questions.all().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        let failure = Failure::user(format!("there is no question `{text}`"));
        return Err(match near.filter(|near| likeness(near) > 0.7) {
            Some(near) => failure.hint(format!("did you mean `{}`?", near.id)),
            None => failure.hint("`greenroom questions list` shows all"),
        });
    }
    Ok(Asked { id: None, title: text.to_owned(), question: text.to_owned(), reference })
}

/// The first question never answered, else the one that was answered longest ago.
fn offered<'q>(questions: &'q PackQuestions, store: &Store) -> Result<&'q Question, Failure> {
    let mut latest: BTreeMap<String, i64> = BTreeMap::new();
    for listed in store.list()? {
        if listed.summary.kind == SessionKind::Answer {
            let at = latest.entry(listed.summary.problem).or_insert(i64::MIN);
            *at = (*at).max(listed.summary.started_at_ms);
        }
    }
    let all = questions.all().enumerate();
    all.min_by_key(|(index, question)| (latest.get(&question.id).copied().unwrap_or(i64::MIN), *index))
        .map(|(_, question)| question)
        .ok_or_else(|| Failure::user("no pack has a question").hint("name one, with --reference"))
}

fn read(path: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let result = if path.as_os_str() == "-" {
        std::io::stdin().lock().take(LONGEST).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes))
    };
    result.map_err(|error| Failure::user(format!("{} cannot be read", path.display())).because(&error))?;
    Ok(decode(&bytes).text)
}

pub(super) fn console(context: &Context<'_>) -> Result<TerminalConsole, Failure> {
    let scratch = context.settings.data_dir.value.clone();
    let look = Look::new(context.environment, context.terminal.color, scratch);
    TerminalConsole::start(look).map_err(|error| Failure::user("the terminal cannot be used").because(&error))
}

/// Lines until a blank one or the end of input; `None` if there is nothing in them.
fn typed_answer(console: &mut dyn Console, invitation: &str) -> Option<String> {
    console.tell(invitation);
    let mut text = String::new();
    loop {
        match console.read("> ", Duration::from_secs(60)) {
            Entry::Turn(line) | Entry::Command(line) if !line.trim().is_empty() => {
                if !text.is_empty() {
                    text.push('\n');
                }
                // A pasted answer of several lines is one entry.
                text.push_str(&line);
            }
            Entry::Nothing => {}
            Entry::Interrupted => return None,
            _ => break,
        }
    }
    (!text.trim().is_empty()).then_some(text)
}

/// The session as it is written down.
pub(super) struct Log<'a> {
    store: &'a mut Store,
    clock: &'a dyn Clock,
    /// Id of the session.
    pub id: String,
    next: u64,
}

impl<'a> Log<'a> {
    /// Writes down what is asked.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the store fails.
    pub fn begin(
        store: &'a mut Store,
        clock: &'a dyn Clock,
        asked: &Asked,
        grader: &str,
    ) -> Result<Self, Failure> {
        let start = Start {
            kind: SessionKind::Answer,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            title: asked.title.clone(),
            pack: String::new(),
            pack_version: 0,
            problem_id: asked.id.clone(),
            problem: None,
            rubric: String::new(),
            digests: BTreeMap::new(),
            plan: Plan::default(),
            level: crate::grading::SeniorityLevel::Senior,
            style: crate::interview::Style::default(),
            time: crate::interview::TimeMode::default(),
            coach: grader.to_owned(),
            seed: 0,
            forked_from: None,
        };
        let mut log = Self { store, clock, id: uuid::Uuid::now_v7().to_string(), next: 0 };
        log.append(Event::Started(Box::new(start)))?;
        log.append(Event::Asked {
            question_id: asked.id.clone(),
            question: asked.question.clone(),
            reference: asked.reference.clone(),
        })?;
        Ok(log)
    }

    /// Writes down what happened.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the store fails.
    pub fn append(&mut self, event: Event) -> Result<(), Failure> {
        let now = self.clock.now();
        let record = Record { seq: self.next, at_ms: now.at_ms, active_ms: now.active_ms, event };
        self.store.append(&self.id, &[record])?;
        self.next += 1;
        Ok(())
    }
}

/// Keeps the answer, then grades it, then keeps the grade.
///
/// # Errors
///
/// [`Failure`] if there is no grade; the answer is kept.
pub(super) fn grade(
    chosen: &Chosen,
    asked: &Asked,
    log: &mut Log<'_>,
    answer: String,
) -> Result<AnswerGrade, Failure> {
    log.append(Event::Answered { text: answer.clone() })?;
    let request = AnswerRequest {
        question: asked.question.clone(),
        question_id: asked.id.clone(),
        reference: asked.reference.clone(),
        answer,
        max_score: 10.0,
    };
    match chosen.grader.grade(&request) {
        Ok(grade) => {
            log.append(Event::AnswerGraded { grade: Box::new(grade.clone()) })?;
            Ok(grade)
        }
        Err(error) => {
            let grader = chosen.grader.name();
            log.append(Event::GradeFailed { grader, message: error.message.clone() })?;
            Err(failure(chosen, &error))
        }
    }
}

fn failure(chosen: &Chosen, error: &GradeError) -> Failure {
    let failure = Failure::user(format!("there is no grade: {}", error.message));
    if chosen.cancel.is_cancelled() {
        failure.exit(Exit::Interrupted)
    } else if chosen.is_model {
        failure.exit(Exit::Provider).hint("the answer is kept; `--coach embedded` grades without a model")
    } else {
        failure
    }
}

fn print(context: &mut Context<'_>, id: &str, grade: &AnswerGrade) -> Result<(), Failure> {
    if context.format() == Format::Json {
        return context.json(&Graded { id, grade });
    }
    print_text(context, grade)
}

/// The grade for people.
///
/// # Errors
///
/// [`Failure`] if standard output cannot be written.
pub(super) fn print_text(context: &mut Context<'_>, grade: &AnswerGrade) -> Result<(), Failure> {
    let width = if context.terminal.output { context.terminal.width } else { 100 };
    let head = format!(
        "{} of {}, confidence {:.2}, by {}",
        grade.score, grade.max_score, grade.confidence.0, grade.grader
    );
    let text = match context.format() {
        Format::Md => format!("**{head}**\n\n{}\n", grade.feedback),
        _ => format!("{head}\n\n{}\n", grade.feedback),
    };
    for line in sanitise(&text).lines() {
        let indent = if line.starts_with("- ") { "  " } else { "" };
        let line = if context.format() == Format::Md { line.to_owned() } else { wrap(line, width, indent) };
        writeln!(context.out, "{line}")?;
    }
    context.out.flush()?;
    Ok(())
}

/// What a second try changed.
fn difference(before: &AnswerGrade, after: &AnswerGrade) -> String {
    let change = after.score - before.score;
    let mut text = format!("{:.1} before, {:.1} now ({change:+.1}).", before.score, after.score);
    let rank = |status| match status {
        PointStatus::Wrong => 0,
        PointStatus::Missed => 1,
        PointStatus::Partial => 2,
        PointStatus::Covered => 3,
    };
    for (old, new) in before.points.iter().zip(&after.points).filter(|(old, new)| old.point == new.point) {
        match rank(new.status).cmp(&rank(old.status)) {
            std::cmp::Ordering::Greater => text += &format!("\n+ {}", new.point),
            std::cmp::Ordering::Less => text += &format!("\n- {}", new.point),
            std::cmp::Ordering::Equal => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;
    use crate::coach::{AnswerGrader, EmbeddedAnswers};
    use crate::terminal::ScriptedConsole;

    #[test]
    fn a_blank_line_ends_what_is_typed() {
        let turn = |text: &str| Entry::Turn(text.to_owned());
        let mut console = ScriptedConsole::new([turn("one"), turn("two\nthree"), turn(""), turn("next")]);
        assert_eq!(typed_answer(&mut console, "").as_deref(), Some("one\ntwo\nthree"));
        assert_eq!(typed_answer(&mut console, "").as_deref(), Some("next"));
        assert_eq!(typed_answer(&mut console, ""), None);
    }

    #[test]
    fn the_difference_names_what_was_won_and_lost() {
        let grader = EmbeddedAnswers::new(&Assets::embedded()).expect("what ships is valid");
        let grade = |answer: &str| {
            let request = AnswerRequest {
                question: "What is a cache?".into(),
                question_id: None,
                reference: Some("It keeps copies close to readers. An entry expires after a while.".into()),
                answer: answer.into(),
                max_score: 10.0,
            };
            grader.grade(&request).expect("a grade")
        };
        let text = difference(
            &grade("It keeps copies close to the readers."),
            &grade("An entry expires after a while."),
        );
        assert!(
            text.contains("\n- It keeps copies close to readers.\n+ An entry expires after a while."),
            "{text}"
        );
    }
}
