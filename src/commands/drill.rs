//! `greenroom drill`: the questions and weak points that are due, weakest first.
//!
//! Each answer is a session of its own, as with `greenroom answer`; its grade says when it comes back.

use std::io::BufReader;
use std::time::Duration;

use serde::Serialize;

use super::Context;
use super::answer::{self, Asked, Log};
use super::desk::{Desk, Held};
use super::graders::{self, Chosen};
use crate::cli::Format;
use crate::clock::SystemClock;
use crate::coach::PackQuestions;
use crate::error::{Exit, Failure};
use crate::grading::AnswerGrade;
use crate::interview::{Event, Why as Ended};
use crate::material::Question;
use crate::schedule::{self, Card, CardId, Day, Pick, Rating, Why};
use crate::store::Store;
use crate::terminal::{Console, Entry, PipeConsole, wrap};
use crate::text::sanitise;

/// Answer what is due, weakest first
///
/// Questions, and points that were weak in interviews and reviews, come back just before you would forget
/// them; how well you knew them is read off the grade. New questions fill the room that is left, three a day.
/// Answers are read from standard input when it is no terminal: paragraphs separated by blank lines.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom drill                          ten at most\n  greenroom drill --count 3 --topic caching\n  greenroom drill --list --format json     what is due, without asking\n  greenroom drill --format json < answers.txt"
)]
pub struct DrillArgs {
    /// Questions at most
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    pub count: u16,
    /// Only what is about this topic, problem or note
    #[arg(long, value_name = "TOPIC")]
    pub topic: Option<String>,
    /// Show what would be asked, and ask nothing
    #[arg(long)]
    pub list: bool,
    /// Times a model marks each answer; more shows how sure it is
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub samples: u32,
}

/// A question that is to be asked.
struct Item {
    pick: Pick,
    question: Question,
    asked: Asked,
}

/// A question as `--list` shows it.
#[derive(Serialize)]
struct Row<'a> {
    card: &'a CardId,
    title: &'a str,
    question: &'a str,
    new: bool,
    recall: Option<f64>,
    days: Option<u32>,
}

/// An answer and what became of it.
#[derive(Serialize)]
struct Answered {
    card: CardId,
    session_id: String,
    question: String,
    grade: AnswerGrade,
    rating: Rating,
    due: Option<Day>,
}

/// What a drill prints for programs.
#[derive(Serialize)]
struct Drilled {
    answers: Vec<Answered>,
    skipped: Vec<CardId>,
    due: u64,
    next_due: Option<Day>,
}

/// Asks what is due, grades each answer, and says when it comes back.
///
/// # Errors
///
/// [`Failure`] if the store fails or an answer cannot be graded; every answer given is kept.
pub fn run(context: &mut Context<'_>, args: &DrillArgs) -> Result<Exit, Failure> {
    let mut store = context.store()?;
    let topic = args.topic.as_deref().map(str::trim).filter(|topic| !topic.is_empty());
    let desk = Desk::load(context, &store, topic.is_some())?;
    let askable = desk.askable(topic);
    if let (Some(topic), true) = (topic, askable.is_empty()) {
        return Err(Failure::user(format!("nothing is about `{topic}`"))
            .hint("`greenroom questions list` shows the topics in brackets"));
    }
    let picks = schedule::pick(&desk.cards, &askable, desk.today, usize::from(args.count), &desk.scheduler);
    let items: Vec<Item> = picks.into_iter().filter_map(|pick| item(&desk, pick)).collect();
    if args.list {
        return list(context, &items);
    }
    let mut drilled = Drilled { answers: Vec::new(), skipped: Vec::new(), due: 0, next_due: None };
    if !items.is_empty() {
        let chosen = grader(context, args, &desk, &items)?;
        let typed = context.terminal.input;
        let (mut talk, mut messages) = (std::io::sink(), std::io::sink());
        let mut console: Box<dyn Console> = if typed {
            Box::new(answer::console(context)?)
        } else {
            Box::new(PipeConsole::new(BufReader::new(std::io::stdin()), &mut talk, &mut messages, true))
        };
        ask_all(context, &mut store, console.as_mut(), &chosen, items, &mut drilled)?;
    }
    let cards = store.cards()?;
    let ahead = || cards.iter().filter(|card| askable.contains(&card.id)).filter_map(|card| card.due);
    drilled.due = ahead().filter(|due| *due <= desk.today).count() as u64;
    drilled.next_due = ahead().filter(|due| *due > desk.today).min();
    if context.format() == Format::Json {
        context.json(&drilled)?;
    } else {
        close(context, &drilled, ahead().filter(|due| Some(*due) == drilled.next_due).count())?;
    }
    learn(context, &mut store)?;
    Ok(Exit::Done)
}

fn item(desk: &Desk, pick: Pick) -> Option<Item> {
    let (question, held) = desk.question(&pick.card)?;
    let asked = Asked {
        id: Some(question.id.clone()),
        title: question.title.clone(),
        question: question.question.clone(),
        reference: matches!(held, Held::ToNotes).then(|| question.model_answer.clone()),
    };
    Some(Item { pick, question, asked })
}

/// The grader, which knows the points that are asked beside the packs' questions.
fn grader(
    context: &mut Context<'_>,
    args: &DrillArgs,
    desk: &Desk,
    items: &[Item],
) -> Result<Chosen, Failure> {
    let mut known = PackQuestions::load(&context.assets)?;
    for item in items {
        if let (CardId::Point { .. }, Some((_, Held::ToPack(pack)))) =
            (&item.pick.card, desk.question(&item.pick.card))
        {
            known.add(pack, item.question.clone());
        }
    }
    let questions: Vec<&str> = items.iter().map(|item| item.asked.question.as_str()).collect();
    graders::choose_for(context, args.samples, &questions, known)
}

fn ask_all(
    context: &mut Context<'_>,
    store: &mut Store,
    console: &mut dyn Console,
    chosen: &Chosen,
    items: Vec<Item>,
    drilled: &mut Drilled,
) -> Result<(), Failure> {
    let count = items.len();
    for (number, item) in (1..).zip(items) {
        show(context, &format!("{number} of {count} · {}", why(&item.pick.why)), &item.question)?;
        let clock = SystemClock::start();
        let text = match reply(context, console) {
            Reply::Answer(text) => text,
            Reply::Skip => {
                drilled.skipped.push(item.pick.card);
                continue;
            }
            Reply::Quit => return Ok(()),
        };
        let mut log = Log::begin(store, &clock, &item.asked, &chosen.grader.name())?;
        let grade = answer::grade(chosen, &item.asked, &mut log, text)?;
        log.append(Event::Ended { why: Ended::PlanDone })?;
        let session_id = log.id.clone();
        let card = store.card(&item.pick.card)?;
        let due = card.as_ref().and_then(|card| card.due);
        let rating = Rating::of_answer(&grade);
        if context.format() != Format::Json {
            answer::print_text(context, &grade)?;
            tell_when(context, store, rating, card.as_ref())?;
        }
        let (card, question) = (item.pick.card, item.asked.question);
        drilled.answers.push(Answered { card, session_id, question, grade, rating, due });
    }
    Ok(())
}

/// What came from the keyboard or the pipe.
enum Reply {
    Answer(String),
    Skip,
    Quit,
}

/// A paragraph; a person ends it with a blank line. `/skip` goes on without an answer, `/quit` stops.
fn reply(context: &Context<'_>, console: &mut dyn Console) -> Reply {
    let mut text = String::new();
    if context.terminal.input {
        console.tell("Your answer; a blank line ends it. /skip leaves it for later, /quit stops.");
    }
    loop {
        match console.read("> ", Duration::from_secs(60)) {
            Entry::Command(line) if text.is_empty() && line.trim() == "/skip" => return Reply::Skip,
            Entry::Command(line) if text.is_empty() && line.trim() == "/quit" => return Reply::Quit,
            Entry::Turn(line) | Entry::Command(line) if !line.trim().is_empty() => {
                if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(&line);
                // Of a pipe, an entry is a paragraph.
                if !context.terminal.input {
                    return Reply::Answer(text);
                }
            }
            Entry::Nothing => {}
            Entry::EndOfInput | Entry::Interrupted if text.is_empty() => return Reply::Quit,
            Entry::Interrupted => text.clear(),
            _ if text.is_empty() => {}
            _ => return Reply::Answer(text),
        }
    }
}

/// The question: part of the result for people, a message for programs.
fn show(context: &mut Context<'_>, head: &str, question: &Question) -> Result<(), Failure> {
    let width = if context.terminal.output { context.terminal.width } else { 100 };
    let text = format!("── {head} ──\n\n{}\n", wrap(&sanitise(&question.question), width, ""));
    if context.format() == Format::Json {
        context.note(&text);
    } else {
        writeln!(context.out, "{text}")?;
        context.out.flush()?;
    }
    Ok(())
}

fn why(why: &Why) -> String {
    match why {
        Why::New => "new".to_owned(),
        Why::Due { recall, days } => {
            let ago = match days {
                0 => "today".to_owned(),
                1 => "yesterday".to_owned(),
                days => format!("{days} days ago"),
            };
            format!("last {ago}, {:.0} % likely to be known", 100.0 * recall)
        }
    }
}

fn tell_when(
    context: &mut Context<'_>,
    store: &Store,
    rating: Rating,
    card: Option<&Card>,
) -> Result<(), Failure> {
    let Some((card, due)) = card.and_then(|card| Some((card, card.due?))) else { return Ok(()) };
    let known = match rating {
        Rating::Again => "Not known yet",
        Rating::Hard => "Half known",
        Rating::Good => "Known",
        Rating::Easy => "Known well",
    };
    let today = store.day(crate::clock::wall_ms());
    let when = match due.since(today) {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        days => format!("in {days} days, {due}"),
    };
    let often =
        if card.lapses > 1 { format!(" Forgotten {} times so far.", card.lapses) } else { String::new() };
    writeln!(context.out, "\n{known}: comes back {when}.{often}\n")?;
    Ok(())
}

fn close(context: &mut Context<'_>, drilled: &Drilled, then: usize) -> Result<(), Failure> {
    let answered = drilled.answers.len();
    let known = drilled.answers.iter().filter(|answer| answer.rating > Rating::Again).count();
    if answered > 0 {
        writeln!(context.out, "Answered {answered}, known {known}.")?;
    }
    match (drilled.due, drilled.next_due) {
        (0, None) if answered == 0 => writeln!(
            context.out,
            "Nothing to drill. `greenroom interview` finds weak points, `greenroom material add` reads your notes."
        )?,
        (0, None) => writeln!(context.out, "Nothing else is due.")?,
        (0, Some(day)) => writeln!(context.out, "Nothing else is due until {day} ({then}).")?,
        (1, _) => writeln!(context.out, "One more is due: greenroom drill")?,
        (due, _) => writeln!(context.out, "{due} more are due: greenroom drill")?,
    }
    Ok(())
}

fn list(context: &mut Context<'_>, items: &[Item]) -> Result<Exit, Failure> {
    if context.format() == Format::Json {
        let rows: Vec<Row<'_>> = items.iter().map(row).collect();
        context.json(&rows)?;
        return Ok(Exit::Done);
    }
    if items.is_empty() {
        writeln!(context.out, "Nothing is due.")?;
    }
    for item in items {
        let why = match item.pick.why {
            Why::New => "new".to_owned(),
            Why::Due { recall, .. } => format!("{:.0} %", 100.0 * recall),
        };
        writeln!(context.out, "{why:>5}  {}", sanitise(&item.question.title))?;
    }
    Ok(Exit::Done)
}

fn row(item: &Item) -> Row<'_> {
    let (recall, days) = match item.pick.why {
        Why::New => (None, None),
        Why::Due { recall, days } => (Some((recall * 100.0).round() / 100.0), Some(days)),
    };
    Row {
        card: &item.pick.card,
        title: &item.question.title,
        question: &item.question.question,
        new: recall.is_none(),
        recall,
        days,
    }
}

/// Fits the schedule to the user's own history, once there is enough and then as it grows.
fn learn(context: &mut Context<'_>, store: &mut Store) -> Result<(), Failure> {
    let (reviews, at_last_fit) = store.history_size()?;
    if !schedule::worth_fitting(reviews, at_last_fit) {
        return Ok(());
    }
    let Some(fit) = schedule::fit(&store.histories()?, &store.parameters()?) else { return Ok(()) };
    store.keep_fit(crate::clock::wall_ms(), &fit, fit.is_better())?;
    if fit.is_better() {
        context.note(&format!(
            "The schedule was fitted to your {} answers: it foretells better when you forget (log loss {:.3}, was {:.3}).",
            fit.reviews, fit.loss_after, fit.loss_before
        ));
    }
    Ok(())
}
