//! PURE. Builds a [`Progress`] from what the store holds and what the packs offer.

use std::collections::{BTreeMap, BTreeSet};

use super::change::mean;
use super::track::{Mark, Track, round};
use super::{
    ChecklistState, Coverage, DrillState, NextStep, Part, PastVerdict, PracticeTime, Progress, WeakCard, Week,
};
use crate::grading::Rubric;
use crate::interview::SessionKind;
use crate::material::{ChecklistItem, Problem, Question};
use crate::schedule::{Card, CardId, Day, PracticeDay, Proof, Scheduler, Standing};

/// Half a level: how far two graders' levels of one interview may lie apart, where they do not say.
pub const UNKNOWN_LEVEL: f64 = 0.5;
/// The mean error of a single answer's grade on the labelled set that ships, of 10 (`greenroom calibrate`).
pub const UNKNOWN_POINTS: f64 = 1.5;
/// Verdicts and weeks that are shown.
const SHOWN: usize = 12;
/// Weakest cards that are shown, and what counts as one.
const WEAKEST: usize = 5;
const WEAK: f64 = 0.95;

/// What the store holds of a user.
#[derive(Clone, Debug)]
pub struct History<'a> {
    /// The day it is.
    pub today: Day,
    /// Sessions with at least one turn, by kind.
    pub sessions: &'a [(SessionKind, u64)],
    /// Days with practice, in order; reviews are not practice.
    pub days: &'a [PracticeDay],
    /// Graded sessions, oldest first.
    pub outcomes: &'a [Standing],
    /// Cards.
    pub cards: &'a [Card],
    /// Reviews of the latest 30 days that tested memory, and how many of them were remembered.
    pub tested: Part,
    /// What the user ticked, or unticked, by hand.
    pub ticks: &'a BTreeMap<String, bool>,
    /// How cards are scheduled.
    pub scheduler: &'a Scheduler,
    /// Title of an interview that waits to be gone on with.
    pub waiting: Option<&'a str>,
}

/// What there is to practise.
#[derive(Clone, Debug)]
pub struct Content<'a> {
    /// The rubrics of interviews, in the packs' order.
    pub rubrics: Vec<&'a Rubric>,
    /// Questions of all packs.
    pub questions: Vec<&'a Question>,
    /// Problems of all packs.
    pub problems: Vec<&'a Problem>,
    /// What to master.
    pub checklist: Vec<&'a ChecklistItem>,
    /// Ids and texts of the questions of the user's notes.
    pub notes: Vec<(&'a str, &'a str)>,
}

impl Progress {
    /// Puts together where somebody stands.
    pub fn build(history: &History<'_>, content: &Content<'_>) -> Self {
        let titles = titles(content);
        let proof = Proof::of(history.outcomes.iter().map(|standing| &standing.outcome));
        let checklist: Vec<ChecklistState> = content
            .checklist
            .iter()
            .map(|item| ChecklistState {
                id: item.id.clone(),
                item: item.item.clone(),
                ticked_by: proof.ticks(item, history.ticks.get(&item.id).copied()),
            })
            .collect();
        let mut progress = Self {
            date: history.today,
            practice: practice(history),
            criteria: content.rubrics.iter().flat_map(|rubric| criteria(history, rubric)).collect(),
            topics: topics(history, content),
            verdicts: verdicts(history),
            drill: drill(history, &titles),
            coverage: coverage(history, content, &proof, &checklist),
            checklist,
            next: Vec::new(),
        };
        progress.next = next(history, content, &proof, &progress);
        progress
    }
}

/// Every card that can be asked, with its title.
fn titles(content: &Content<'_>) -> BTreeMap<CardId, String> {
    let questions = content.questions.iter().map(|it| (CardId::Question(it.id.clone()), it.title.clone()));
    let notes = content.notes.iter().map(|(id, text)| (CardId::Notes((*id).to_owned()), (*text).to_owned()));
    let points = content.problems.iter().flat_map(|problem| {
        problem.points.iter().map(|point| {
            let id = CardId::Point { problem: problem.id.clone(), point: point.id.clone() };
            (id, format!("{}: {}", problem.title, point.id.replace(['-', '_'], " ")))
        })
    });
    questions.chain(notes).chain(points).collect()
}

fn practice(history: &History<'_>) -> PracticeTime {
    let of = |kind| history.sessions.iter().filter(|(it, _)| *it == kind).map(|(_, count)| count).sum();
    let seconds = |days: &[&PracticeDay]| days.iter().map(|day| day.used_ms).sum::<u64>() / 1000;
    let between = |from: Day, to: Day| -> Vec<&PracticeDay> {
        history.days.iter().filter(|day| (from..=to).contains(&day.day)).collect()
    };
    let this_week = history.today.monday();
    let weeks = (0..SHOWN).rev().map(|back| {
        let monday = Day(this_week.0 - 7 * i32::try_from(back).unwrap_or(0));
        let days = between(monday, monday.plus(6));
        Week {
            monday,
            sessions: days.iter().map(|day| day.sessions).sum(),
            days: days.len() as u64,
            used_s: seconds(&days),
        }
    });
    let (streak_days, longest_streak_days) = streaks(history);
    PracticeTime {
        interviews: of(SessionKind::Interview),
        answers: of(SessionKind::Answer),
        reviews: of(SessionKind::Review),
        diagrams: of(SessionKind::Diagram),
        used_s: seconds(&history.days.iter().collect::<Vec<_>>()),
        last_week_s: seconds(&between(Day(history.today.0 - 6), history.today)),
        days: history.days.len() as u64,
        streak_days,
        longest_streak_days,
        weeks: weeks.collect(),
    }
}

/// The row of days that reaches today or yesterday, and the longest.
fn streaks(history: &History<'_>) -> (u64, u64) {
    let (mut row, mut longest, mut last) = (0_u64, 0, None);
    for day in history.days.iter().map(|day| day.day) {
        row = if last.is_some_and(|last: Day| day.since(last) == 1) { row + 1 } else { 1 };
        longest = longest.max(row);
        last = Some(day);
    }
    let lives = last.is_some_and(|last| history.today.since(last) <= 1);
    (if lives { row } else { 0 }, longest)
}

fn criteria(history: &History<'_>, rubric: &Rubric) -> Vec<Track> {
    let graded: Vec<&Standing> =
        history.outcomes.iter().filter(|standing| standing.outcome.rubric == rubric.id).collect();
    let track = |id: &str, title: &str| {
        let marks: Vec<Mark<'_>> = graded
            .iter()
            .flat_map(|standing| {
                let marks = standing.outcome.criteria.iter().filter(|mark| mark.id == id);
                marks.map(|mark| Mark {
                    day: standing.day,
                    grader: &standing.outcome.grader,
                    grade: mark.score,
                    spread: mark.spread,
                })
            })
            .collect();
        Track::of(id, title, (1.0, 4.0), &marks, UNKNOWN_LEVEL)
    };
    rubric.criteria.iter().map(|criterion| track(&criterion.id, &criterion.title)).collect()
}

fn topics(history: &History<'_>, content: &Content<'_>) -> Vec<Track> {
    let mut of_subject: BTreeMap<String, &[String]> = BTreeMap::new();
    for question in &content.questions {
        of_subject.insert(CardId::Question(question.id.clone()).to_string(), &question.topics);
    }
    for problem in &content.problems {
        of_subject.insert(format!("problem:{}", problem.id), &problem.topics);
    }
    let mut marks: BTreeMap<&str, Vec<Mark<'_>>> = BTreeMap::new();
    for standing in history.outcomes {
        let (Some(subject), Some(score)) = (&standing.outcome.subject, standing.outcome.score) else {
            continue;
        };
        // A point's drill counts for its problem's topics.
        let of_point = subject.strip_prefix("point:").and_then(|rest| rest.split_once('/'));
        let key = of_point.map_or(subject.clone(), |(problem, _)| format!("problem:{problem}"));
        for topic in of_subject.get(&key).into_iter().flat_map(|topics| topics.iter()) {
            marks.entry(topic).or_default().push(Mark {
                day: standing.day,
                grader: &standing.outcome.grader,
                grade: 10.0 * score,
                spread: None,
            });
        }
    }
    let mut tracks: Vec<Track> = marks
        .into_iter()
        .map(|(topic, marks)| {
            Track::of(topic, &topic.replace(['-', '_'], " "), (0.0, 10.0), &marks, UNKNOWN_POINTS)
        })
        .collect();
    tracks
        .sort_by(|a, b| a.now.unwrap_or(0.0).total_cmp(&b.now.unwrap_or(0.0)).then_with(|| a.id.cmp(&b.id)));
    tracks
}

fn verdicts(history: &History<'_>) -> Vec<PastVerdict> {
    let past = history.outcomes.iter().rev().filter_map(|standing| {
        let outcome = &standing.outcome;
        Some(PastVerdict {
            session_id: standing.session.clone(),
            date: standing.day,
            problem: outcome.subject.as_deref()?.strip_prefix("problem:").map(str::to_owned),
            grader: outcome.grader.clone(),
            senior: outcome.senior?,
        })
    });
    let mut past: Vec<_> = past.take(SHOWN).collect();
    past.reverse();
    past
}

fn drill(history: &History<'_>, titles: &BTreeMap<CardId, String>) -> DrillState {
    let today = history.today;
    let mut cards: Vec<(f64, Day, &Card)> = history
        .cards
        .iter()
        .filter(|card| titles.contains_key(&card.id))
        .filter_map(|card| Some((card.recall(today, history.scheduler)?, card.due?, card)))
        .collect();
    cards.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.2.id.cmp(&b.2.id)));
    let due =
        |from: Day, to: Day| cards.iter().filter(|(_, due, _)| (from..=to).contains(due)).count() as u64;
    let recalls: Vec<f64> = cards.iter().map(|(recall, ..)| *recall).collect();
    let seen: BTreeSet<&CardId> = history.cards.iter().map(|card| &card.id).collect();
    let fresh = titles.keys().filter(|id| !matches!(id, CardId::Point { .. }) && !seen.contains(id));
    DrillState {
        cards: cards.len() as u64,
        due: due(Day(i32::MIN), today),
        unseen: fresh.count() as u64,
        ahead: (1..=7).map(|days| due(today.plus(days), today.plus(days))).collect(),
        known: (!recalls.is_empty()).then(|| round(mean(&recalls))),
        retention: (history.tested.all > 0)
            .then(|| round(history.tested.done as f64 / history.tested.all as f64)),
        weakest: cards
            .iter()
            .take_while(|(recall, ..)| *recall < WEAK)
            .take(WEAKEST)
            .map(|(recall, due, card)| WeakCard {
                card: card.id.clone(),
                title: titles[&card.id].clone(),
                recall: round(*recall),
                due: *due,
                lapses: card.lapses,
            })
            .collect(),
    }
}

fn coverage(
    history: &History<'_>,
    content: &Content<'_>,
    proof: &Proof,
    checklist: &[ChecklistState],
) -> Coverage {
    let part = |done: usize, all: usize| Part { done: done as u64, all: all as u64 };
    let met: BTreeSet<&CardId> = history.cards.iter().map(|card| &card.id).collect();
    let points = content.problems.iter().flat_map(|problem| {
        let problem_id = &problem.id;
        problem
            .points
            .iter()
            .map(move |point| CardId::Point { problem: problem_id.clone(), point: point.id.clone() })
    });
    let points: Vec<CardId> = points.collect();
    let answered = content.questions.iter().filter(|question| proof.best(&question.id).is_some()).count();
    let held = content.problems.iter().filter(|problem| proof.passed(&problem.id).is_some()).count();
    Coverage {
        questions: part(answered, content.questions.len()),
        problems: part(held, content.problems.len()),
        points: part(points.iter().filter(|id| met.contains(id)).count(), points.len()),
        checklist: part(checklist.iter().filter(|it| it.ticked_by.is_some()).count(), checklist.len()),
    }
}

/// The best next steps: go on, then what is due, then what was never tried or went worst.
fn next(history: &History<'_>, content: &Content<'_>, proof: &Proof, progress: &Progress) -> Vec<NextStep> {
    let mut steps = Vec::new();
    let mut add = |command: String, why: String| steps.push(NextStep { command, why });
    if let Some(title) = history.waiting {
        add("greenroom interview --resume".into(), format!("An interview waits: {title}."));
    }
    match progress.drill.due {
        0 => {}
        1 => add("greenroom drill".into(), "One card is due.".into()),
        due => add("greenroom drill".into(), format!("{due} cards are due.")),
    }
    // The checklist's order is the order in which to learn.
    let rank = |id: &str| content.checklist.iter().position(|item| item.problems.iter().any(|it| it == id));
    let mut problems: Vec<&Problem> = content.problems.clone();
    problems.sort_by_key(|problem| rank(&problem.id).unwrap_or(usize::MAX));
    let fresh = problems.iter().find(|problem| proof.passed(&problem.id).is_none());
    let failed = problems.iter().find(|problem| proof.passed(&problem.id) == Some(false));
    let weakest = progress.criteria.iter().filter(|track| track.now.is_some_and(|now| now < 3.0));
    let weakest = weakest.min_by(|a, b| a.now.unwrap_or(4.0).total_cmp(&b.now.unwrap_or(4.0)));
    if let Some(problem) = fresh.or(failed) {
        let why = match weakest {
            Some(track) => {
                format!("{}; your weakest criterion is {}.", problem.title, track.title.to_lowercase())
            }
            None => format!("{}.", problem.title),
        };
        add(format!("greenroom interview {} --minutes 45", problem.id), why);
    }
    if progress.drill.due == 0 && progress.drill.unseen > 0 {
        add("greenroom drill".into(), format!("{} questions were never asked.", progress.drill.unseen));
    }
    steps
}
