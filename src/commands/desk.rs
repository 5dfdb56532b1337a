//! What there is to practise, and what the user made of it: gathered for `drill`, `progress` and `greenroom`.

use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use crate::error::Failure;
use crate::grading::Rubric;
use crate::interview::SessionKind;
use crate::material::{Pack, Point, Question};
use crate::report::progress::{Content, History, Part, Progress};
use crate::schedule::{Card, CardId, Day, Scheduler, Standing};
use crate::store::{MaterialQuestion, Store};

/// Days over which the share that was remembered is taken.
const REMEMBERED_OVER: i32 = 30;

/// Packs, notes and history.
pub(super) struct Desk {
    /// Packs that were practised with; the first pack if none was.
    pub packs: Vec<Pack>,
    rubrics: Vec<Rubric>,
    /// Questions of the user's notes.
    pub notes: Vec<MaterialQuestion>,
    /// The day it is.
    pub today: Day,
    /// Graded sessions, oldest first.
    pub outcomes: Vec<Standing>,
    /// Everything that came up.
    pub cards: Vec<Card>,
    /// How cards are scheduled.
    pub scheduler: Scheduler,
}

impl Desk {
    /// Reads it all; `every_pack` takes in those that were never practised with.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the store or a pack cannot be read.
    pub fn load(context: &Context<'_>, store: &Store, every_pack: bool) -> Result<Self, Failure> {
        let outcomes = store.outcomes()?;
        let names = context.assets.packs();
        let mut packs: Vec<Pack> =
            names.iter().map(|name| Ok(context.assets.pack(name)?)).collect::<Result<_, Failure>>()?;
        let subjects: BTreeSet<&str> =
            outcomes.iter().filter_map(|standing| standing.outcome.subject.as_deref()).collect();
        if !every_pack {
            let first = packs.first().cloned();
            packs.retain(|pack| subjects.iter().any(|subject| is_of(pack, subject)));
            if packs.is_empty() {
                packs.extend(first);
            }
        }
        let rubrics: BTreeSet<&str> = packs.iter().map(|pack| pack.manifest.rubric.as_str()).collect();
        let rubrics =
            rubrics.into_iter().map(|id| Ok(context.assets.rubric(id)?)).collect::<Result<_, Failure>>()?;
        Ok(Self {
            rubrics,
            notes: store.material_questions(None)?,
            today: store.day(crate::clock::wall_ms()),
            cards: store.cards()?,
            scheduler: store.scheduler()?,
            outcomes,
            packs,
        })
    }

    /// Everything that can be asked, new questions in the order in which to take them up: the checklist's,
    /// then the packs', each followed by one of the notes. `topic` keeps what is about it.
    pub fn askable(&self, topic: Option<&str>) -> Vec<CardId> {
        let mut questions: Vec<&Question> = self.packs.iter().flat_map(|pack| &pack.questions).collect();
        let listed: Vec<&str> = self
            .packs
            .iter()
            .flat_map(|pack| &pack.checklist.items)
            .flat_map(|item| item.questions.iter().map(String::as_str))
            .collect();
        let rank =
            |question: &Question| listed.iter().position(|id| *id == question.id).unwrap_or(usize::MAX);
        questions.sort_by_key(|question| rank(question));
        let mut questions = questions
            .into_iter()
            .filter(|question| is_about(topic, &question.topics, &[&question.id, &question.title]))
            .map(|question| CardId::Question(question.id.clone()));
        let mut notes = self
            .notes
            .iter()
            .filter(|note| is_about(topic, &note.path, &[&note.id, &note.material_title, &note.question]))
            .map(|note| CardId::Notes(note.id.clone()));
        let mut askable = Vec::new();
        loop {
            let (question, note) = (questions.next(), notes.next());
            if question.is_none() && note.is_none() {
                break;
            }
            askable.extend(question.into_iter().chain(note));
        }
        let problems = self.packs.iter().flat_map(|pack| &pack.problems);
        let problems =
            problems.filter(|problem| is_about(topic, &problem.topics, &[&problem.id, &problem.title]));
        askable.extend(problems.flat_map(|problem| {
            let id = |point: &Point| CardId::Point { problem: problem.id.clone(), point: point.id.clone() };
            problem.points.iter().map(id)
        }));
        askable
    }

    /// The question that a card asks, with its pack if it has one, else with the notes that it is held to.
    pub fn question(&self, card: &CardId) -> Option<(Question, Held<'_>)> {
        match card {
            CardId::Question(id) => self.packs.iter().find_map(|pack| {
                let question = pack.questions.iter().find(|question| question.id == *id)?;
                Some((question.clone(), Held::ToPack(pack)))
            }),
            CardId::Point { problem, point } => self.packs.iter().find_map(|pack| {
                let problem = pack.problems.iter().find(|it| it.id == *problem)?;
                let point = problem.points.iter().find(|it| it.id == *point)?;
                Some((problem.question(point, card.to_string()), Held::ToPack(pack)))
            }),
            CardId::Notes(id) => {
                let note = self.notes.iter().find(|note| note.id == *id)?;
                let question = Question {
                    id: note.id.clone(),
                    title: note.question.clone(),
                    question: note.question.clone(),
                    topics: note.path.clone(),
                    model_answer: note.answer.clone(),
                    points: Vec::new(),
                    misconceptions: Vec::new(),
                    follow_ups: Vec::new(),
                };
                Some((question, Held::ToNotes))
            }
        }
    }

    /// Where the user stands.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the store cannot be read.
    pub fn progress(&self, store: &Store) -> Result<Progress, Failure> {
        let (all, done) = store.tested_since(Day(self.today.0 - REMEMBERED_OVER))?;
        let mut ticks = BTreeMap::new();
        for pack in &self.packs {
            let by_hand = store.ticks(&pack.manifest.id)?;
            ticks.extend(by_hand.into_iter().map(|(item, ticked, _)| (item, ticked)));
        }
        let waiting = store.latest_unfinished(SessionKind::Interview)?;
        let (sessions, days) = (store.counts()?, store.days()?);
        let history = History {
            today: self.today,
            sessions: &sessions,
            days: &days,
            outcomes: &self.outcomes,
            cards: &self.cards,
            tested: Part { done, all },
            ticks: &ticks,
            scheduler: &self.scheduler,
            waiting: waiting.as_ref().map(|listed| listed.summary.title.as_str()),
        };
        let content = Content {
            rubrics: self.rubrics.iter().collect(),
            questions: self.packs.iter().flat_map(|pack| &pack.questions).collect(),
            problems: self.packs.iter().flat_map(|pack| &pack.problems).collect(),
            checklist: self.packs.iter().flat_map(|pack| &pack.checklist.items).collect(),
            notes: self.notes.iter().map(|note| (note.id.as_str(), note.question.as_str())).collect(),
        };
        Ok(Progress::build(&history, &content))
    }
}

/// What an answer to a question is held to.
pub(super) enum Held<'a> {
    /// The points of a pack.
    ToPack(&'a Pack),
    /// The user's notes.
    ToNotes,
}

/// Whether a topic is one of `topics`, or a word of `names`.
fn is_about(topic: Option<&str>, topics: &[String], names: &[&str]) -> bool {
    let Some(topic) = topic else { return true };
    let plain = |text: &str| text.to_lowercase().replace(['-', '_', '/'], " ");
    let wanted = plain(topic);
    topics.iter().any(|it| plain(it) == wanted)
        || names.iter().any(|name| format!(" {} ", plain(name)).contains(&format!(" {wanted} ")))
}

fn is_of(pack: &Pack, subject: &str) -> bool {
    let held = |id: &str| pack.problems.iter().any(|problem| problem.id == id);
    if let Some(problem) = subject.strip_prefix("problem:") {
        return held(problem);
    }
    match CardId::parse(subject) {
        Some(CardId::Question(id)) => pack.questions.iter().any(|question| question.id == id),
        Some(CardId::Point { problem, .. }) => held(&problem),
        _ => false,
    }
}
