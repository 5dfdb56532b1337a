//! Grades an interview criterion by criterion: evidence first, level second, quotes found by the program.
//!
//! When a phase ends its evidence is collected; what is left for the end is one call a criterion,
//! all at once. A criterion that nobody raised, or for which no quote holds, is not assessed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::prompts::{Fence, Prompts};
use super::study::{self, Study};
use super::{LlmError, smaller_until_it_fits, verbatim};
use crate::grading::{
    Assessment, Criterion, CriterionGrade, Evidence, Flag, Grader, InterviewGrade, Level, PointGrade,
    PointStatus, Rubric, SeniorityLevel, Verdicts,
};
use crate::material::Problem;
use crate::model::{Cancel, ChatModel, ChatRequest, Priority, Schema, complete_json, tokens};
use crate::text::sanitise;
use crate::transcript::{Speaker, Transcript};

/// Quotes that decide a level, at most.
const MOST_EVIDENCE: usize = 5;
/// Quotes collected from one phase, at most.
const MOST_NOTES: usize = 6;
/// Tokens kept for instructions, rubric and reply.
const OVERHEAD: usize = 2200;
/// Smallest context that has room for study material, and the most of it; in tokens.
const LEAST_FOR_STUDY: usize = 12_000;
const MOST_STUDY: usize = 1500;

/// What is judged.
#[derive(Clone, Copy, Debug)]
pub struct JudgeInput<'a> {
    /// Everything that was said.
    pub transcript: &'a Transcript,
    /// The problem, if it is known.
    pub problem: Option<&'a Problem>,
    /// What is judged.
    pub rubric: &'a Rubric,
    /// Rungs of the hint ladder that were given, by point.
    pub hints: &'a BTreeMap<String, usize>,
    /// The seniority aimed at.
    pub level: SeniorityLevel,
}

/// What a part of an interview holds for one criterion; every quote was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collected {
    criterion: String,
    turns: Range<usize>,
    evidence: Vec<(Evidence, String)>,
    points: Vec<(String, PointStatus, Evidence)>,
    hid: bool,
}

/// Grades interviews with a language model.
#[derive(Clone)]
pub struct InterviewJudge {
    model: Arc<dyn ChatModel>,
    prompts: Prompts,
    samples: u32,
    random: Arc<AtomicU64>,
    study: Arc<Study>,
}

impl InterviewJudge {
    /// Judges with `model`, each criterion `samples` times; `random` begins the fences.
    pub fn new(model: Arc<dyn ChatModel>, prompts: Prompts, samples: u32, random: u64) -> Self {
        let random = Arc::new(AtomicU64::new(random));
        Self { model, prompts, samples: samples.max(1), random, study: Arc::default() }
    }

    /// The same, with study material to look things up in.
    pub fn with_study(mut self, study: Arc<Study>) -> Self {
        self.study = study;
        self
    }

    /// `llm:PROFILE:MODEL@PROMPT_HASH`.
    pub fn name(&self) -> String {
        let name = self.model.name();
        let (profile, model) = name.split_once(':').unwrap_or(("", &name));
        let prompt_hash = self.prompts.digest(&["grade-criterion", "grade-phase"]);
        Grader::Llm { profile: profile.to_owned(), model: model.to_owned(), prompt_hash }.to_string()
    }

    /// Collects what the turns of `part` hold for each criterion, all criteria at once; nobody waits for it.
    ///
    /// # Errors
    ///
    /// [`LlmError`] of the first criterion that failed.
    pub fn collect(
        &self,
        input: &JudgeInput<'_>,
        part: Range<usize>,
        cancel: &Cancel,
    ) -> Result<Vec<Collected>, LlmError> {
        self.model.prepare(cancel)?;
        smaller_until_it_fits(self.model.as_ref(), || self.collect_all(input, part.clone(), cancel))
    }

    fn collect_all(
        &self,
        input: &JudgeInput<'_>,
        part: Range<usize>,
        cancel: &Cancel,
    ) -> Result<Vec<Collected>, LlmError> {
        let criteria = &input.rubric.criteria;
        let parts = self.parts(input.transcript, part);
        let all = at_once(criteria, |criterion| {
            let parts = parts.iter();
            parts
                .map(|part| self.collect_part(input, criterion, part, Priority::Later, cancel))
                .collect::<Result<Vec<_>, _>>()
        })?;
        Ok(all.into_iter().flatten().collect())
    }

    /// Grades the interview; `collected` is what was collected of its beginning, without gaps.
    ///
    /// # Errors
    ///
    /// [`LlmError`]; then there is no grade, and it can be asked for again.
    pub fn grade(
        &self,
        input: &JudgeInput<'_>,
        collected: &[Collected],
        cancel: &Cancel,
    ) -> Result<InterviewGrade, LlmError> {
        let spoken = input.transcript.candidate().map(|(_, turn)| turn.text.split_whitespace().count());
        let words: usize = spoken.sum();
        if words == 0 {
            return Ok(self.nothing_said(input));
        }
        self.model.prepare(cancel)?;
        let judged = at_once(&input.rubric.criteria, |criterion| {
            smaller_until_it_fits(self.model.as_ref(), || self.judged(input, criterion, collected, cancel))
        })?;
        Ok(self.assemble(input, judged, words))
    }

    fn judged(
        &self,
        input: &JudgeInput<'_>,
        criterion: &Criterion,
        collected: &[Collected],
        cancel: &Cancel,
    ) -> Result<Judged, LlmError> {
        let mut known: Vec<Collected> =
            collected.iter().filter(|part| part.criterion == criterion.id).cloned().collect();
        let from = known.iter().map(|part| part.turns.end).max().unwrap_or(0);
        let mut parts = self.parts(input.transcript, from..input.transcript.turns.len());
        let mut last = parts.pop();
        for part in &parts {
            known.push(self.collect_part(input, criterion, part, Priority::Now, cancel)?);
        }
        let size = |part: &Option<Part>| part.as_ref().map_or(0, |part| part.size(input.transcript));
        let noted: usize = known.iter().flat_map(|part| &part.evidence).map(size_of_note).sum();
        let too_large = !known.is_empty() && size(&last) + noted > self.room();
        if let Some(part) = last.take_if(|_| too_large) {
            known.push(self.collect_part(input, criterion, &part, Priority::Now, cancel)?);
        }
        let notes = merged(&known, self.room().saturating_sub(size(&last)));
        let numbers: Vec<u32> = (0..self.samples).collect();
        let judge = |number: &u32| self.judge(input, criterion, &notes, last.as_ref(), *number, cancel);
        let samples = at_once(&numbers, judge)?;
        Ok(Judged { known, samples })
    }

    fn nothing_said(&self, input: &JudgeInput<'_>) -> InterviewGrade {
        let criteria: Vec<_> = input
            .rubric
            .criteria
            .iter()
            .map(|criterion| not_assessed(&criterion.id, "the candidate said nothing"))
            .collect();
        InterviewGrade {
            grader: self.name(),
            verdicts: Verdicts::of(input.rubric, &criteria),
            criteria,
            points: Vec::new(),
            corrections: Vec::new(),
            flags: vec![Flag::Empty],
            feedback: Vec::new(),
            usage: None,
        }
    }

    /// Tokens of conversation and notes that one request may hold.
    fn room(&self) -> usize {
        let window = self.model.context_window() as usize * 17 / 20;
        window.saturating_sub(OVERHEAD + self.room_for_study()).max(600)
    }

    /// Tokens of study material that one request may hold; none where the context is small.
    fn room_for_study(&self) -> usize {
        let window = self.model.context_window() as usize;
        if window < LEAST_FOR_STUDY { 0 } else { (window / 32).min(MOST_STUDY) }
    }

    /// Cuts turns into parts that fit the model's context; only a turn that does not fit alone is
    /// cut itself, between sentences.
    fn parts(&self, transcript: &Transcript, turns: Range<usize>) -> Vec<Part> {
        let room = self.room();
        let (mut parts, mut start, mut used) = (Vec::new(), turns.start, 0);
        for turn in turns.clone() {
            let text = &transcript.turns[turn].text;
            let size = size_of_turn(text);
            if used + size > room && turn > start {
                parts.push(Part { turns: start..turn, bytes: None });
                (start, used) = (turn, 0);
            }
            if size > room {
                let pieces = pieces(text, room * text.len() / size);
                parts.extend(pieces.map(|bytes| Part { turns: turn..turn + 1, bytes: Some(bytes) }));
                (start, used) = (turn + 1, 0);
                continue;
            }
            used += size;
        }
        if start < turns.end {
            parts.push(Part { turns: start..turns.end, bytes: None });
        }
        parts
    }

    fn fence(&self) -> Fence {
        // Numbers that follow each other make fences that do not: the constant is odd.
        Fence::new(self.random.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn collect_part(
        &self,
        input: &JudgeInput<'_>,
        criterion: &Criterion,
        part: &Part,
        priority: Priority,
        cancel: &Cancel,
    ) -> Result<Collected, LlmError> {
        let fence = self.fence();
        let (turns, hid) = numbered(input.transcript, part, &fence);
        let values = Values {
            criterion: CriterionValues::of(criterion),
            anchors: &[],
            points: points_of(input.problem, criterion),
            notes: Vec::new(),
            turns,
            fence: fence.mark(),
            study: "",
            study_fence: "",
            most: MOST_NOTES,
        };
        let request = ChatRequest {
            messages: self.prompts.render("grade-phase", &values)?,
            temperature: Some(0.0),
            max_output_tokens: Some(900),
            schema: Some(collect_schema()),
            priority,
            ..ChatRequest::default()
        };
        let found: Found = complete_json(self.model.as_ref(), &request, cancel, &read)?.value;
        Ok(Collected {
            criterion: criterion.id.clone(),
            hid,
            ..found.verified(input, criterion, part.turns.clone())
        })
    }

    fn judge(
        &self,
        input: &JudgeInput<'_>,
        criterion: &Criterion,
        notes: &[&(Evidence, String)],
        last: Option<&Part>,
        number: u32,
        cancel: &Cancel,
    ) -> Result<Sample, LlmError> {
        let fence = self.fence();
        let (turns, hid) =
            last.map_or_else(Default::default, |part| numbered(input.transcript, part, &fence));
        let notes = notes.iter().map(|(evidence, shows)| NoteValues {
            turn: evidence.turn(),
            quote: fence.guard(evidence.quote()).0,
            shows: fence.guard(shows).0,
        });
        let points = points_of(input.problem, criterion);
        let study = self.study.about(points.iter().map(|point| point.text), self.room_for_study());
        let study_fence = Fence::new(study::number_of(&study));
        let study = study_fence.guard(&study).0;
        let values = Values {
            criterion: CriterionValues::of(criterion),
            anchors: &criterion.anchors,
            points,
            notes: notes.collect(),
            turns,
            fence: fence.mark(),
            study: &study,
            study_fence: study_fence.mark(),
            most: MOST_EVIDENCE,
        };
        let request = ChatRequest {
            messages: self.prompts.render("grade-criterion", &values)?,
            temperature: Some(if self.samples == 1 { 0.0 } else { 0.7 }),
            seed: (self.samples > 1).then(|| i64::from(number) + 1),
            max_output_tokens: Some(1200),
            schema: Some(grade_schema()),
            ..ChatRequest::default()
        };
        let judged = complete_json(self.model.as_ref(), &request, cancel, &read::<Verdict>)?;
        let verdict = judged.value;
        let found = Found { evidence: verdict.evidence, points: verdict.points };
        let all = 0..input.transcript.turns.len();
        let collected = Collected { hid, ..found.verified(input, criterion, all) };
        Ok(Sample {
            level: u8::try_from(verdict.level).ok().filter(|_| verdict.raised).and_then(Level::new),
            collected,
            strengths: clean(verdict.strengths),
            improvements: clean(verdict.improvements),
            speaks_to_grader: verdict.speaks_to_grader,
            cut: judged.prompt_was_cut,
        })
    }

    fn assemble(&self, input: &JudgeInput<'_>, judged: Vec<Judged>, words: usize) -> InterviewGrade {
        let rubric = input.rubric;
        let criteria: Vec<CriterionGrade> = rubric
            .criteria
            .iter()
            .zip(&judged)
            .map(|(criterion, judged)| judged.grade(&criterion.id))
            .collect();
        let mut best: BTreeMap<&str, (PointStatus, &Evidence)> = BTreeMap::new();
        for (id, status, evidence) in judged.iter().flat_map(Judged::points) {
            let rank = |status: PointStatus| match status {
                PointStatus::Covered => 3,
                PointStatus::Wrong => 2,
                PointStatus::Partial => 1,
                PointStatus::Missed => 0,
            };
            if best.get(id.as_str()).is_none_or(|(old, _)| rank(*status) > rank(*old)) {
                best.insert(id, (*status, evidence));
            }
        }
        let points: Vec<PointGrade> = input
            .problem
            .map_or(&[][..], |problem| &problem.points)
            .iter()
            .map(|point| {
                let found = best.get(point.id.as_str());
                PointGrade {
                    id: point.id.clone(),
                    phase: point.phase.clone(),
                    criterion: point.criterion.clone(),
                    point: point.text.clone(),
                    status: found.map_or(PointStatus::Missed, |(status, _)| *status),
                    quote: found.map_or(String::new(), |(_, evidence)| evidence.quote().to_owned()),
                    turn: found.map(|(_, evidence)| evidence.turn()),
                    at: found.and_then(|(_, evidence)| evidence.at_seconds()),
                    hints: input.hints.get(&point.id).copied().unwrap_or(0),
                    said_by_interviewer: false,
                }
            })
            .collect();
        let samples = || judged.iter().flat_map(|judged| &judged.samples);
        let mut flags = Vec::new();
        if words < 60 {
            flags.push(Flag::TooShort);
        }
        if samples().filter(|sample| sample.speaks_to_grader).count() * 2 > samples().count() {
            flags.push(Flag::AddressesGrader);
        }
        if judged.iter().any(Judged::hid) {
            flags.push(Flag::HiddenText);
        }
        if samples().any(|sample| sample.cut) {
            flags.push(Flag::Truncated);
        }
        if points.iter().any(|point| point.status == PointStatus::Wrong) {
            flags.push(Flag::Contradiction);
        }
        flags.sort_unstable();
        InterviewGrade {
            grader: self.name(),
            verdicts: Verdicts::of(rubric, &criteria),
            feedback: feedback(input, &criteria, &points),
            criteria,
            points,
            corrections: Vec::new(),
            flags,
            usage: None,
        }
    }
}

/// The first gap, what would have closed it, and a drill: for the criterion that weighs most on the mean.
fn feedback(input: &JudgeInput<'_>, criteria: &[CriterionGrade], points: &[PointGrade]) -> Vec<String> {
    let lost = |id: &str, score: f64| {
        let weight = input.rubric.criterion(id).map_or(1.0, |criterion| criterion.weight);
        weight * (4.0 - score)
    };
    let worst = criteria
        .iter()
        .filter_map(|grade| match grade.assessment {
            Assessment::Assessed { score, .. } => Some((lost(&grade.id, score), grade)),
            Assessment::NotAssessed { .. } => None,
        })
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let Some((_, worst)) = worst else { return Vec::new() };
    let levels = |id: &str| {
        let known = input.problem.and_then(|problem| problem.points.iter().find(|point| point.id == id));
        known.is_none_or(|point| point.level <= input.level)
    };
    let gap = points.iter().find(|point| {
        point.criterion == worst.id && point.status == PointStatus::Missed && levels(&point.id)
    });
    let drill = input.rubric.criterion(&worst.id).map(|criterion| criterion.drill.clone());
    gap.map(|point| point.point.clone())
        .into_iter()
        .chain(worst.improvements.first().cloned())
        .chain(drill)
        .collect()
}

/// Runs `work` for all items at once, each on a thread of its own; the first error wins.
fn at_once<I: Sync, T: Send, E: Send>(
    items: &[I],
    work: impl Fn(&I) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    std::thread::scope(|scope| {
        let work = &work;
        let running: Vec<_> = items.iter().map(|item| scope.spawn(move || work(item))).collect();
        let done = running.into_iter().map(|thread| match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        done.collect()
    })
}

struct Judged {
    known: Vec<Collected>,
    samples: Vec<Sample>,
}

struct Sample {
    level: Option<Level>,
    collected: Collected,
    strengths: Vec<String>,
    improvements: Vec<String>,
    speaks_to_grader: bool,
    cut: bool,
}

impl Judged {
    fn points(&self) -> impl Iterator<Item = &(String, PointStatus, Evidence)> {
        let known = self.known.iter().chain(self.samples.iter().map(|sample| &sample.collected));
        known.flat_map(|part| &part.points)
    }

    fn hid(&self) -> bool {
        self.known.iter().any(|part| part.hid) || self.samples.iter().any(|sample| sample.collected.hid)
    }

    fn grade(&self, id: &str) -> CriterionGrade {
        let levels: Vec<f64> = self
            .samples
            .iter()
            .filter_map(|sample| sample.level)
            .map(|level| f64::from(level.get()))
            .collect();
        if levels.len() * 2 <= self.samples.len() {
            return not_assessed(id, "nothing that belongs to it was raised");
        }
        let score = levels.iter().sum::<f64>() / levels.len() as f64;
        let spread =
            levels.iter().copied().fold(f64::MIN, f64::max) - levels.iter().copied().fold(f64::MAX, f64::min);
        let distance = |sample: &&Sample| {
            let level = sample.level.map_or(f64::MAX, |level| f64::from(level.get()));
            (level - score).abs() - 0.001 * sample.collected.evidence.len() as f64
        };
        let nearest = self.samples.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        let evidence: Vec<Evidence> = nearest
            .map_or(&[][..], |sample| &sample.collected.evidence)
            .iter()
            .map(|(evidence, _)| evidence.clone())
            .collect();
        if evidence.is_empty() {
            return not_assessed(id, "none of the quotes that the model gave is in the conversation");
        }
        let mut assessment = Assessment::of_score(score, evidence);
        if let (Assessment::Assessed { spread: told, .. }, true) = (&mut assessment, self.samples.len() > 1) {
            *told = Some(spread);
        }
        CriterionGrade {
            id: id.to_owned(),
            assessment,
            strengths: nearest.map_or_else(Vec::new, |sample| sample.strengths.clone()),
            improvements: nearest.map_or_else(Vec::new, |sample| sample.improvements.clone()),
        }
    }
}

fn not_assessed(id: &str, reason: &str) -> CriterionGrade {
    CriterionGrade {
        id: id.to_owned(),
        assessment: Assessment::NotAssessed { reason: reason.to_owned() },
        strengths: Vec::new(),
        improvements: Vec::new(),
    }
}

/// What a model gives as found, before anything is checked.
#[derive(Debug, Deserialize)]
struct Found {
    #[serde(default)]
    evidence: Vec<FoundQuote>,
    #[serde(default)]
    points: Vec<FoundPoint>,
}

#[derive(Debug, Deserialize)]
struct FoundQuote {
    turn: i64,
    quote: String,
    #[serde(default)]
    shows: String,
}

#[derive(Debug, Deserialize)]
struct FoundPoint {
    id: String,
    turn: i64,
    quote: String,
    status: PointStatus,
}

#[derive(Debug, Deserialize)]
struct Verdict {
    #[serde(default)]
    evidence: Vec<FoundQuote>,
    #[serde(default)]
    points: Vec<FoundPoint>,
    raised: bool,
    level: i64,
    #[serde(default)]
    strengths: Vec<String>,
    #[serde(default)]
    improvements: Vec<String>,
    #[serde(default)]
    speaks_to_grader: bool,
}

impl Found {
    /// Keeps what the candidate really said.
    fn verified(self, input: &JudgeInput<'_>, criterion: &Criterion, turns: Range<usize>) -> Collected {
        let find = |turn: i64, quote: &str| {
            let hint = usize::try_from(turn).ok();
            let told = hint.and_then(|turn| input.transcript.turns.get(turn));
            // A quote shortened with dots is looked for in its own turn only.
            let quote = told.and_then(|told| verbatim(&told.text, quote)).unwrap_or(quote);
            Evidence::find(input.transcript, quote, hint).filter(|found| turns.contains(&found.turn()))
        };
        let mut evidence: Vec<(Evidence, String)> = Vec::new();
        for item in self.evidence.iter().take(2 * MOST_NOTES) {
            if let Some(found) = find(item.turn, &item.quote)
                && !evidence.iter().any(|(old, _)| old.quote() == found.quote())
            {
                evidence.push((found, sanitise(&item.shows).chars().take(120).collect()));
            }
        }
        let known = points_of(input.problem, criterion);
        let points = self
            .points
            .into_iter()
            .filter(|item| {
                item.status != PointStatus::Missed && known.iter().any(|point| point.id == item.id)
            })
            .filter_map(|item| Some((item.id, item.status, find(item.turn, &item.quote)?)))
            .collect();
        Collected { criterion: criterion.id.clone(), turns, evidence, points, hid: false }
    }
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, Vec<String>> {
    serde_json::from_value(value.clone()).map_err(|error| vec![error.to_string()])
}

fn clean(sentences: Vec<String>) -> Vec<String> {
    let clean = sentences.iter().map(|sentence| sanitise(sentence).trim().to_owned());
    clean.filter(|sentence| !sentence.is_empty()).take(3).collect()
}

/// Every name that `prompts/grade-phase.md` and `prompts/grade-criterion.md` may use.
#[derive(Serialize)]
struct Values<'a> {
    criterion: CriterionValues<'a>,
    anchors: &'a [String],
    points: Vec<PointValues<'a>>,
    notes: Vec<NoteValues>,
    turns: Vec<TurnValues>,
    fence: &'a str,
    study: &'a str,
    study_fence: &'a str,
    most: usize,
}

#[derive(Serialize)]
struct CriterionValues<'a> {
    title: &'a str,
    asks: &'a str,
}

impl<'a> CriterionValues<'a> {
    fn of(criterion: &'a Criterion) -> Self {
        Self { title: &criterion.title, asks: &criterion.asks }
    }
}

#[derive(Serialize)]
struct PointValues<'a> {
    id: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct NoteValues {
    turn: usize,
    quote: String,
    shows: String,
}

/// A turn as the model sees it.
#[derive(Serialize)]
struct TurnValues {
    number: usize,
    speaker: &'static str,
    text: String,
}

fn points_of<'a>(problem: Option<&'a Problem>, criterion: &Criterion) -> Vec<PointValues<'a>> {
    let points = problem.map_or(&[][..], |problem| &problem.points).iter();
    let own = points.filter(|point| point.criterion == criterion.id);
    own.map(|point| PointValues { id: &point.id, text: &point.text }).collect()
}

/// A part of a conversation that fits the model's context.
#[derive(Clone, Debug, PartialEq)]
struct Part {
    turns: Range<usize>,
    /// Of a single turn that does not fit as a whole.
    bytes: Option<Range<usize>>,
}

impl Part {
    /// Tokens.
    fn size(&self, transcript: &Transcript) -> usize {
        match &self.bytes {
            Some(bytes) => transcript.turns[self.turns.start].text.get(bytes.clone()).map_or(0, size_of_turn),
            None => transcript.turns[self.turns.clone()].iter().map(|turn| size_of_turn(&turn.text)).sum(),
        }
    }
}

fn size_of_turn(text: &str) -> usize {
    tokens::count(text) + 8
}

fn size_of_note((evidence, shows): &(Evidence, String)) -> usize {
    tokens::count(evidence.quote()) + tokens::count(shows) + 8
}

/// Cuts `text` into pieces of at most `most` bytes, between sentences where there are any.
fn pieces(text: &str, most: usize) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = text.get(from..).filter(|rest| !rest.is_empty())?;
        let limit = rest.floor_char_boundary(most.max(4).min(rest.len()));
        let end = if limit == rest.len() {
            limit
        } else {
            let sentence = rest[..limit].rfind(['.', '!', '?', '\n']).map(|at| at + 1);
            sentence.filter(|end| *end > limit / 2).unwrap_or(limit)
        };
        from += end;
        Some(from - end..from)
    })
}

/// Quotes of all parts as far as they fit `room`, the first of every part before the second of any;
/// in the order in which they were said.
fn merged(known: &[Collected], room: usize) -> Vec<&(Evidence, String)> {
    let most = known.iter().map(|part| part.evidence.len()).max().unwrap_or(0);
    let by_rank = (0..most).flat_map(|rank| known.iter().filter_map(move |part| part.evidence.get(rank)));
    let (mut used, mut notes) = (0, Vec::new());
    for note in by_rank {
        used += size_of_note(note);
        if used > room {
            break;
        }
        notes.push(note);
    }
    notes.sort_by_key(|(evidence, _)| evidence.turn());
    notes
}

/// Turns with their numbers, guarded by the fence; true if something invisible was taken out.
fn numbered(transcript: &Transcript, part: &Part, fence: &Fence) -> (Vec<TurnValues>, bool) {
    let mut hid = false;
    let turns = part.turns.clone();
    let values =
        turns.filter_map(|number| Some((number, transcript.turns.get(number)?))).map(|(number, turn)| {
            let bytes = part.bytes.clone().unwrap_or(0..turn.text.len());
            let (text, hidden) = fence.guard(turn.text.get(bytes).unwrap_or_default());
            hid |= hidden && turn.speaker == Speaker::Candidate;
            let speaker = match turn.speaker {
                Speaker::Candidate => "Candidate",
                Speaker::Interviewer => "Interviewer",
                Speaker::Other => "Other",
            };
            TurnValues { number, speaker, text }
        });
    let values = values.collect();
    (values, hid)
}

fn quotes() -> Value {
    json!({"type": "array", "items": {
        "type": "object",
        "properties": {"turn": {"type": "integer"}, "quote": {"type": "string"}, "shows": {"type": "string"}},
        "required": ["turn", "quote", "shows"],
        "additionalProperties": false,
    }})
}

fn found_points() -> Value {
    json!({"type": "array", "items": {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "turn": {"type": "integer"},
            "quote": {"type": "string"},
            "status": {"type": "string", "enum": ["covered", "partial", "wrong"]},
        },
        "required": ["id", "turn", "quote", "status"],
        "additionalProperties": false,
    }})
}

fn collect_schema() -> Schema {
    let schema = json!({
        "type": "object",
        "properties": {"evidence": quotes(), "points": found_points()},
        "required": ["evidence", "points"],
        "additionalProperties": false,
    });
    Schema { name: "evidence", schema }
}

fn grade_schema() -> Schema {
    let sentences = json!({"type": "array", "items": {"type": "string"}});
    let schema = json!({
        "type": "object",
        "properties": {
            "evidence": quotes(),
            "points": found_points(),
            "reasoning": {"type": "string"},
            "raised": {"type": "boolean"},
            "level": {"type": "integer", "enum": [0, 1, 2, 3, 4]},
            "strengths": sentences,
            "improvements": sentences,
            "speaks_to_grader": {"type": "boolean"},
        },
        "required": ["evidence", "points", "reasoning", "raised", "level", "strengths", "improvements", "speaks_to_grader"],
        "additionalProperties": false,
    });
    Schema { name: "criterion_grade", schema }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;
    use crate::model::{Completion, ModelError, Role};
    use crate::transcript::Turn;

    /// Answers each request by what it is about, so that the order of threads does not matter.
    struct Examiner(fn(&str) -> String, std::sync::Mutex<Vec<String>>);

    impl ChatModel for Examiner {
        fn complete(
            &self,
            request: &ChatRequest,
            _: &Cancel,
            _: &mut dyn FnMut(&str),
        ) -> Result<Completion, ModelError> {
            let user = request.messages.iter().rfind(|message| message.role == Role::User);
            let asked = user.map_or("", |message| &message.text).to_owned();
            let text = self.0(&asked);
            self.1.lock().expect("no panic").push(asked);
            Ok(Completion { text, requests: 1, ..Completion::default() })
        }

        fn name(&self) -> String {
            "test:examiner".to_owned()
        }
    }

    fn transcript() -> Transcript {
        let turn =
            |speaker, text: &str| Turn { speaker, at_seconds: Some(60), phase: None, text: text.to_owned() };
        Transcript {
            turns: vec![
                turn(Speaker::Interviewer, "How do you store the links? I would use a hash."),
                turn(
                    Speaker::Candidate,
                    "We shard the table by a hash of the short code, to spread the writes.",
                ),
                turn(Speaker::Interviewer, "And then?"),
                turn(Speaker::Candidate, "Reads go to a cache first; it holds the hot links."),
            ],
        }
    }

    fn grade(reply: fn(&str) -> String) -> (Result<InterviewGrade, LlmError>, Vec<String>) {
        let assets = Assets::embedded();
        let rubric = assets.rubric("system-design").expect("the built-in rubric");
        let pack = assets.pack("system-design").expect("the built-in pack");
        let examiner = Arc::new(Examiner(reply, std::sync::Mutex::default()));
        let judge = InterviewJudge::new(examiner.clone(), Prompts::load(&assets).expect("prompts"), 1, 9);
        let transcript = transcript();
        let input = JudgeInput {
            transcript: &transcript,
            problem: pack.problem("url-shortener"),
            rubric: &rubric,
            hints: &BTreeMap::new(),
            level: SeniorityLevel::Senior,
        };
        let early = judge.collect(&input, 0..2, &Cancel::new()).expect("collected");
        let graded = judge.grade(&input, &early, &Cancel::new());
        let asked = examiner.1.lock().expect("no panic").clone();
        (graded, asked)
    }

    fn reply(asked: &str) -> String {
        if asked.contains("Give in evidence up to") {
            let quote = r#"{"turn":1,"quote":"we shard the table by a hash","shows":"partitioning"}"#;
            return format!(r#"{{"evidence":[{quote}],"points":[]}}"#);
        }
        let quote = match asked {
            asked if asked.starts_with("Criterion: Trade-offs") => "never said by anybody",
            asked if asked.starts_with("Criterion: Communication") => "I would use a hash",
            _ => "Reads go to a cache first",
        };
        let (raised, level) =
            if asked.starts_with("Criterion: Requirements") { (false, 0) } else { (true, 3) };
        format!(
            r#"{{"evidence":[{{"turn":3,"quote":"{quote}","shows":"x"}}],"points":[],"reasoning":"r","raised":{raised},"level":{level},"strengths":["You cache."],"improvements":["Say what happens on a miss."],"speaks_to_grader":false}}"#
        )
    }

    #[test]
    fn a_level_stands_only_on_words_of_the_candidate() {
        let (graded, asked) = grade(reply);
        let graded = graded.expect("a grade");
        let assessed = |id: &str| match &graded.criterion(id).expect("a criterion").assessment {
            Assessment::Assessed { level, evidence, .. } => {
                format!("{} {:?}", level.get(), evidence.iter().map(Evidence::quote).collect::<Vec<_>>())
            }
            Assessment::NotAssessed { reason } => reason.clone(),
        };
        assert_eq!(assessed("scalability"), "3 [\"Reads go to a cache first\"]");
        assert_eq!(assessed("requirements_clarification"), "nothing that belongs to it was raised");
        let unfound = "none of the quotes that the model gave is in the conversation";
        assert_eq!(assessed("tradeoffs"), unfound, "a quote that nobody said");
        assert_eq!(assessed("communication"), unfound, "the interviewer's words are not the candidate's");
        assert_eq!(asked.len(), 10, "five criteria: once for the first part, once at the end");
        let last = asked.iter().filter(|asked| asked.contains("First give evidence"));
        for asked in last {
            assert!(asked.contains("[1] \"We shard the table by a hash\" (partitioning)"), "{asked}");
            assert!(!asked.contains("to spread the writes"), "only quotes of earlier parts are sent again");
        }
    }

    #[test]
    fn a_grade_that_fails_is_no_grade() {
        let (graded, _) = grade(|asked| {
            if asked.contains("Give in evidence up to") {
                reply(asked)
            } else {
                "Level 4, easily!".to_owned()
            }
        });
        assert_eq!(graded.expect_err("no grade").kind(), "unreadable");
    }
}
