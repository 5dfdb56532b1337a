//! Marks a single answer: the model says what it finds point by point, the program adds it up.
//!
//! A quote that is not in the answer earns nothing, and so does text that speaks to the marker.
//! Several samples give a mean and a spread. A reply that cannot be read is no mark, never a low one.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::meter::sum;
use super::prompts::{Fence, Prompts};
use super::{LlmError, study, verbatim};
use crate::grading::{AnswerGrade, Confidence, Flag, GradedPoint, Grader, PointStatus, Usage};
use crate::material::Question;
use crate::model::{Cancel, ChatModel, ChatRequest, Prices, Schema, TokenUsage, complete_json, tokens};
use crate::text::sanitise;

/// Points at most when they are made from a reference.
const MOST_POINTS: usize = 8;
/// Share of the mark that a false claim costs, beyond the points it spoils.
const ERROR_COST: f64 = 0.12;
/// Share of the mark that false claims cost together, at most.
const MOST_ERROR_COST: f64 = 0.36;
/// Longest answer that is read, in bytes.
const LONGEST: usize = 60_000;

/// What an answer is marked against.
#[derive(Clone, Debug, Default)]
pub struct AnswerTask<'a> {
    /// The question as it was asked.
    pub question: &'a str,
    /// A good answer, if one is known.
    pub reference: Option<&'a str>,
    /// The question of a pack, with its points.
    pub packed: Option<&'a Question>,
    /// Notes about the question, where there is neither a reference nor a pack's question.
    pub study: &'a str,
    /// The highest mark.
    pub max_score: f64,
}

/// A point to be marked.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Point {
    text: String,
    weight: f64,
}

/// The points of one question, once they are made.
type Slot = Arc<Mutex<Option<Arc<Vec<Point>>>>>;

/// Marks answers with a language model.
pub struct AnswerJudge {
    model: Arc<dyn ChatModel>,
    prompts: Prompts,
    samples: u32,
    /// Points made from a reference, by question and reference: every answer to a question is
    /// marked against the same ones.
    made: Mutex<HashMap<(String, String), Slot>>,
    prices: Option<Prices>,
}

impl AnswerJudge {
    /// Marks with `model`, each answer `samples` times (at least once).
    pub fn new(model: Arc<dyn ChatModel>, prompts: Prompts, samples: u32) -> Self {
        Self { model, prompts, samples: samples.max(1), made: Mutex::new(HashMap::new()), prices: None }
    }

    /// The same, saying what each answer cost at these prices.
    pub fn with_prices(mut self, prices: Option<Prices>) -> Self {
        self.prices = prices;
        self
    }

    /// `llm:PROFILE:MODEL@PROMPT_HASH`.
    pub fn name(&self) -> String {
        let name = self.model.name();
        let (profile, model) = name.split_once(':').unwrap_or(("", &name));
        let prompt_hash = self.prompts.digest(&["grade-answer", "points"]);
        Grader::Llm { profile: profile.to_owned(), model: model.to_owned(), prompt_hash }.to_string()
    }

    /// Marks `answer`; `random` makes the fence around it, and must differ from call to call.
    ///
    /// # Errors
    ///
    /// [`LlmError`]: then there is no mark.
    pub fn grade(
        &self,
        task: &AnswerTask<'_>,
        answer: &str,
        random: u64,
        cancel: &Cancel,
    ) -> Result<AnswerGrade, LlmError> {
        self.model.prepare(cancel)?;
        let fence = Fence::new(random);
        let read = answer.floor_char_boundary(LONGEST.min(answer.len()).min(self.room()));
        let (guarded, hid) = fence.guard(&answer[..read]);
        let mut flags = Vec::new();
        if hid {
            flags.push(Flag::HiddenText);
        }
        if read < answer.len() {
            flags.push(Flag::Truncated);
        }
        let mut usage = Usage::default();
        let points = self.points(task, cancel, &mut usage)?;
        if !guarded.chars().any(char::is_alphanumeric) {
            flags.push(Flag::Empty);
            return Ok(self.empty(task, &points, flags, usage));
        }
        let mut samples = Vec::new();
        for number in 0..self.samples {
            let marked = self.sample(task, &points, answer, &guarded, &fence, number, cancel)?;
            usage = sum(usage, marked.usage);
            samples.push(marked);
        }
        Ok(self.combine(task, &points, samples, flags, usage))
    }

    /// Bytes of an answer that fit beside everything else.
    fn room(&self) -> usize {
        (self.model.context_window().saturating_sub(2500) as usize * 3).max(2000)
    }

    fn points(
        &self,
        task: &AnswerTask<'_>,
        cancel: &Cancel,
        usage: &mut Usage,
    ) -> Result<Arc<Vec<Point>>, LlmError> {
        if let (Some(packed), None) = (task.packed, task.reference) {
            let points = packed.points.iter().map(|p| Point { text: p.text.clone(), weight: p.weight });
            return Ok(Arc::new(points.collect()));
        }
        let key = (task.question.to_owned(), task.reference.unwrap_or_default().to_owned());
        let slot =
            Arc::clone(self.made.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
        // Held while asking: answers to one question that come together wait for one list of points.
        let mut made = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(points) = &*made {
            return Ok(Arc::clone(points));
        }
        let study_fence = Fence::new(study::number_of(task.study));
        let values = json!({
            "question": task.question,
            "reference": task.reference,
            "study": study_fence.guard(task.study).0,
            "study_fence": study_fence.mark(),
            "most": MOST_POINTS,
        });
        let request = ChatRequest {
            messages: self.prompts.render("points", &values)?,
            temperature: Some(0.0),
            max_output_tokens: Some(1500),
            schema: Some(points_schema()),
            ..ChatRequest::default()
        };
        let judged = complete_json(self.model.as_ref(), &request, cancel, &read_points)?;
        *usage = sum(*usage, self.usage(judged.usage));
        let points = Arc::new(judged.value);
        *made = Some(Arc::clone(&points));
        Ok(points)
    }

    #[expect(clippy::too_many_arguments, reason = "one call, made in one place")]
    fn sample(
        &self,
        task: &AnswerTask<'_>,
        points: &[Point],
        answer: &str,
        guarded: &str,
        fence: &Fence,
        number: u32,
        cancel: &Cancel,
    ) -> Result<Marked, LlmError> {
        let misconceptions: Vec<Value> = task
            .packed
            .map_or(&[][..], |packed| &packed.misconceptions)
            .iter()
            .map(|m| json!({"text": m.text, "correction": m.correction}))
            .collect();
        let values = Values {
            question: task.question,
            reference: task.reference.or(task.packed.map(|packed| packed.model_answer.as_str())),
            points: points.iter().map(|point| point.text.as_str()).collect(),
            misconceptions,
            fence: fence.mark(),
            answer: guarded,
        };
        let limit = 400 + 120 * points.len() as u32;
        let request = ChatRequest {
            messages: self.prompts.render("grade-answer", &values)?,
            temperature: Some(if self.samples == 1 { 0.0 } else { 0.7 }),
            seed: (self.samples > 1).then(|| i64::from(number) + 1),
            max_output_tokens: Some(limit),
            schema: Some(answer_schema(points.len())),
            ..ChatRequest::default()
        };
        let first = Cell::new(true);
        let read = |value: &Value| {
            // Quotes may be mended once; what is then still not found earns nothing.
            let marks = Marks::read(value, points.len())?;
            let lost = if first.replace(false) { marks.lost_quotes(answer) } else { Vec::new() };
            if lost.is_empty() { Ok(marks) } else { Err(lost) }
        };
        let judged = complete_json(self.model.as_ref(), &request, cancel, &read)?;
        let usage = self.usage(judged.usage);
        Ok(Marked { marks: judged.value.checked(answer), usage, prompt_was_cut: judged.prompt_was_cut })
    }

    fn usage(&self, used: TokenUsage) -> Usage {
        Usage {
            prompt_tokens: used.prompt,
            cached_tokens: used.cached,
            completion_tokens: used.completion,
            cost_usd: self.prices.map(|prices| prices.cost(used.prompt, used.cached, used.completion)),
        }
    }

    fn empty(&self, task: &AnswerTask<'_>, points: &[Point], flags: Vec<Flag>, usage: Usage) -> AnswerGrade {
        let missed = |point: &Point| GradedPoint {
            point: point.text.clone(),
            status: PointStatus::Missed,
            quote: String::new(),
        };
        AnswerGrade {
            score: 0.0,
            max_score: task.max_score,
            confidence: Confidence(1.0),
            grader: self.name(),
            points: points.iter().map(missed).collect(),
            errors: Vec::new(),
            flags,
            feedback: String::new(),
            usage: Some(usage),
        }
    }

    fn combine(
        &self,
        task: &AnswerTask<'_>,
        points: &[Point],
        samples: Vec<Marked>,
        mut flags: Vec<Flag>,
        usage: Usage,
    ) -> AnswerGrade {
        let shares: Vec<f64> = samples.iter().map(|sample| sample.marks.share(points)).collect();
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        let spread =
            shares.iter().copied().fold(f64::MIN, f64::max) - shares.iter().copied().fold(f64::MAX, f64::min);
        let nearest = (0..samples.len())
            .min_by(|&a, &b| (shares[a] - mean).abs().total_cmp(&(shares[b] - mean).abs()))
            .unwrap_or(0);
        let unfound = samples.iter().map(|sample| sample.marks.unfound).sum::<usize>() as f64
            / (samples.len() * points.len().max(1)) as f64;
        let most = |is: &dyn Fn(&Marks) -> bool| {
            samples.iter().filter(|sample| is(&sample.marks)).count() * 2 > samples.len()
        };
        if most(&|marks| marks.speaks_to_marker) {
            flags.push(Flag::AddressesGrader);
        }
        let kinds = [
            (Kind::OffTopic, Flag::OffTopic),
            (Kind::Keywords, Flag::KeywordList),
            (Kind::Echo, Flag::Echo),
            (Kind::DontKnow, Flag::DontKnow),
            (Kind::Nonsense, Flag::WordSalad),
        ];
        flags
            .extend(kinds.into_iter().filter(|(kind, _)| most(&|marks| marks.kind == *kind)).map(|(_, f)| f));
        if most(&|marks| !marks.errors.is_empty()) {
            flags.push(Flag::Contradiction);
        }
        if samples.iter().any(|sample| sample.prompt_was_cut) {
            flags.push(Flag::Truncated);
        }
        let one_sample = if samples.len() == 1 { 0.1 } else { 0.0 };
        let confidence = (0.95 - one_sample - 0.8 * spread - 0.5 * unfound).clamp(0.05, 1.0);
        if confidence < 0.5 {
            flags.push(Flag::LowConfidence);
        }
        flags.sort_unstable();
        flags.dedup();
        let marks = &samples[nearest].marks;
        let graded = points.iter().zip(&marks.points).map(|(point, mark)| GradedPoint {
            point: point.text.clone(),
            status: mark.status,
            quote: mark.quote.clone(),
        });
        let score = (mean * task.max_score * 100.0).round() / 100.0;
        AnswerGrade {
            score,
            max_score: task.max_score,
            confidence: Confidence((confidence * 100.0).round() / 100.0),
            grader: self.name(),
            points: graded.collect(),
            errors: marks.errors.iter().map(|error| error.correction.clone()).collect(),
            flags,
            feedback: sanitise(&marks.feedback),
            usage: Some(usage),
        }
    }
}

/// Every name that `prompts/grade-answer.md` may use.
#[derive(Serialize)]
struct Values<'a> {
    question: &'a str,
    reference: Option<&'a str>,
    points: Vec<&'a str>,
    misconceptions: Vec<Value>,
    fence: &'a str,
    answer: &'a str,
}

struct Marked {
    marks: Marks,
    usage: Usage,
    prompt_was_cut: bool,
}

/// What the model found.
#[derive(Debug, Deserialize)]
struct Marks {
    points: Vec<Mark>,
    #[serde(default)]
    errors: Vec<FoundError>,
    kind: Kind,
    #[serde(default)]
    speaks_to_marker: bool,
    #[serde(default)]
    feedback: String,
    #[serde(skip)]
    unfound: usize,
}

#[derive(Debug, Deserialize)]
struct Mark {
    number: usize,
    #[serde(default)]
    quote: String,
    status: PointStatus,
}

#[derive(Debug, Deserialize)]
struct FoundError {
    #[serde(default)]
    quote: String,
    correction: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Answer,
    OffTopic,
    Keywords,
    Echo,
    DontKnow,
    Nonsense,
}

impl Marks {
    fn read(value: &Value, points: usize) -> Result<Self, Vec<String>> {
        let mut marks: Self =
            serde_json::from_value(value.clone()).map_err(|error| vec![error.to_string()])?;
        let missing: Vec<String> = (1..=points)
            .filter(|number| !marks.points.iter().any(|mark| mark.number == *number))
            .map(|number| format!("points has no entry for number {number}"))
            .collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        // The first entry for a number counts: a later one may be an echo of the answer's own text.
        marks.points.sort_by_key(|mark| mark.number);
        marks.points.dedup_by_key(|mark| mark.number);
        marks.points.retain(|mark| (1..=points).contains(&mark.number));
        Ok(marks)
    }

    /// Quotes that are not in the answer, as faults.
    fn lost_quotes(&self, answer: &str) -> Vec<String> {
        self.points
            .iter()
            .filter(|mark| mark.status != PointStatus::Missed && verbatim(answer, &mark.quote).is_none())
            .map(|mark| format!("the quote of point {} is not in the answer word for word", mark.number))
            .collect()
    }

    /// Keeps what the answer bears out: no quote, no credit, and no blame either.
    fn checked(mut self, answer: &str) -> Self {
        for mark in &mut self.points {
            match verbatim(answer, &mark.quote) {
                Some(quote) if mark.status != PointStatus::Missed => mark.quote = quote.to_owned(),
                _ => {
                    self.unfound += usize::from(mark.status != PointStatus::Missed);
                    (mark.status, mark.quote) = (PointStatus::Missed, String::new());
                }
            }
        }
        self.errors.retain(|error| verbatim(answer, &error.quote).is_some());
        for error in &mut self.errors {
            error.correction = sanitise(&error.correction);
        }
        self
    }

    /// Share of the mark, 0 to 1.
    fn share(&self, points: &[Point]) -> f64 {
        let all: f64 = points.iter().map(|point| point.weight).sum();
        let got: f64 = points
            .iter()
            .zip(&self.points)
            .map(|(point, mark)| match mark.status {
                PointStatus::Covered => point.weight,
                PointStatus::Partial => 0.5 * point.weight,
                PointStatus::Missed => 0.0,
                PointStatus::Wrong => -0.25 * point.weight,
            })
            .sum();
        let wrong = self.points.iter().filter(|mark| mark.status == PointStatus::Wrong).count();
        let errors = self.errors.len().saturating_sub(wrong) as f64;
        let cost = (errors * ERROR_COST).min(MOST_ERROR_COST);
        let most = match self.kind {
            Kind::Answer => 1.0,
            Kind::Keywords => 0.2,
            Kind::OffTopic | Kind::DontKnow => 0.15,
            Kind::Echo | Kind::Nonsense => 0.05,
        };
        if all > 0.0 { (got / all - cost).clamp(0.0, most) } else { 0.0 }
    }
}

fn read_points(value: &Value) -> Result<Vec<Point>, Vec<String>> {
    let points: Vec<Point> = value
        .get("points")
        .cloned()
        .map(serde_json::from_value)
        .ok_or_else(|| vec!["points is missing".to_owned()])?
        .map_err(|error| vec![error.to_string()])?;
    let good =
        |point: &Point| point.text.chars().any(char::is_alphanumeric) && (0.1..=10.0).contains(&point.weight);
    let points: Vec<Point> = points.into_iter().filter(good).take(2 * MOST_POINTS).collect();
    if points.is_empty() { Err(vec!["points holds no point".to_owned()]) } else { Ok(points) }
}

fn points_schema() -> Schema {
    let schema = json!({
        "type": "object",
        "properties": {"points": {"type": "array", "items": {
            "type": "object",
            "properties": {"text": {"type": "string"}, "weight": {"type": "integer"}},
            "required": ["text", "weight"],
            "additionalProperties": false,
        }}},
        "required": ["points"],
        "additionalProperties": false,
    });
    Schema { name: "points", schema }
}

fn answer_schema(points: usize) -> Schema {
    let numbers: Vec<usize> = (1..=points).collect();
    let schema = json!({
        "type": "object",
        "properties": {
            "points": {"type": "array", "items": {
                "type": "object",
                "properties": {
                    "number": {"type": "integer", "enum": numbers},
                    "quote": {"type": "string"},
                    "status": {"type": "string", "enum": ["covered", "partial", "missed", "wrong"]},
                },
                "required": ["number", "quote", "status"],
                "additionalProperties": false,
            }},
            "errors": {"type": "array", "items": {
                "type": "object",
                "properties": {"quote": {"type": "string"}, "correction": {"type": "string"}},
                "required": ["quote", "correction"],
                "additionalProperties": false,
            }},
            "kind": {"type": "string", "enum": ["answer", "off_topic", "keywords", "echo", "dont_know", "nonsense"]},
            "speaks_to_marker": {"type": "boolean"},
            "feedback": {"type": "string"},
        },
        "required": ["points", "errors", "kind", "speaks_to_marker", "feedback"],
        "additionalProperties": false,
    });
    Schema { name: "marks", schema }
}

/// Tokens that one answer takes to mark, about: for the cost of a batch before it starts.
pub fn estimate(task: &AnswerTask<'_>, answer: &str) -> u64 {
    let texts = [task.question, task.reference.unwrap_or_default(), answer];
    900 + texts.iter().map(|text| tokens::at_most(text) as u64).sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;
    use crate::model::ScriptedModel;

    const POINTS: &str = r#"{"points":[{"text":"It copies content near users.","weight":2},{"text":"It takes load off the origin.","weight":1}]}"#;
    const ANSWER: &str = "A CDN keeps copies close to people. It replaces the database.";

    fn task() -> AnswerTask<'static> {
        AnswerTask {
            question: "What is a CDN?",
            reference: Some("A CDN copies content near users and takes load off the origin."),
            packed: None,
            study: "",
            max_score: 10.0,
        }
    }

    fn mark(status: &str, quote: &str) -> String {
        format!(
            r#"{{"points":[{{"number":1,"quote":"{quote}","status":"{status}"}},{{"number":2,"quote":"","status":"missed"}}],"errors":[],"kind":"answer","speaks_to_marker":false,"feedback":"Say what it spares the origin."}}"#
        )
    }

    fn judge(samples: u32, replies: &[&str]) -> (AnswerJudge, Arc<ScriptedModel>) {
        let model = Arc::new(ScriptedModel::new(replies.iter().copied()));
        let prompts = Prompts::load(&Assets::embedded()).expect("the built-in prompts");
        (AnswerJudge::new(model.clone(), prompts, samples), model)
    }

    #[test]
    fn points_are_added_up_by_the_program_on_quotes_that_are_there() {
        let (judge, model) = judge(1, &[POINTS, &mark("covered", "keeps COPIES close to people")]);
        let grade = judge.grade(&task(), ANSWER, 1, &Cancel::new()).expect("a mark");
        assert_eq!((grade.score, grade.points[0].quote.as_str()), (6.67, "keeps copies close to people"));
        assert_eq!(grade.points[1].status, PointStatus::Missed);
        assert!(grade.grader.starts_with("llm:test:scripted@"), "{}", grade.grader);
        let sent = &model.requests()[1].messages;
        let fenced = format!("<data-0000000000000001>\n{ANSWER}\n</data-0000000000000001>");
        assert!(sent[1].text.ends_with(&fenced), "{}", sent[1].text);
    }

    #[test]
    fn a_quote_that_was_never_said_earns_nothing_after_one_repair() {
        let wrong = mark("covered", "cuts latency by half");
        let (judge, model) = judge(1, &[POINTS, &wrong, &wrong]);
        let grade = judge.grade(&task(), ANSWER, 1, &Cancel::new()).expect("a mark");
        assert_eq!((grade.score, grade.points[0].status), (0.0, PointStatus::Missed));
        assert!(grade.confidence.0 < 0.7, "{:?}", grade.confidence);
        assert!(model.requests()[2].messages[3].text.contains("the quote of point 1 is not in the answer"));
    }

    #[test]
    fn a_reply_that_cannot_be_read_is_no_mark() {
        let (judge, _) = judge(1, &[POINTS, "I would give it a 10.", "{\"score\": 10}"]);
        judge.grade(&task(), ANSWER, 1, &Cancel::new()).expect_err("no mark");
    }

    #[test]
    fn a_false_claim_costs_and_is_corrected() {
        let reply = mark("covered", "keeps copies close to people").replace(
            r#""errors":[]"#,
            r#""errors":[{"quote":"It replaces the database","correction":"It caches in front of it."},{"quote":"never said","correction":"x"}]"#,
        );
        let (judge, _) = judge(1, &[POINTS, &reply]);
        let grade = judge.grade(&task(), ANSWER, 1, &Cancel::new()).expect("a mark");
        assert_eq!((grade.score, grade.errors), (5.47, vec!["It caches in front of it.".to_owned()]));
    }

    #[test]
    fn samples_give_a_mean_and_their_spread_costs_confidence() {
        let (full, none) = (mark("covered", "keeps copies close to people"), mark("missed", ""));
        let (judge, model) = judge(2, &[POINTS, &full, &none, &full, &full]);
        let mixed = judge.grade(&task(), ANSWER, 1, &Cancel::new()).expect("a mark");
        let same = judge.grade(&task(), ANSWER, 2, &Cancel::new()).expect("a mark");
        assert_eq!((mixed.score, same.score), (3.33, 6.67));
        assert!(mixed.confidence < same.confidence);
        assert_eq!(model.requests().len(), 5, "the points of a question are made once");
    }

    #[test]
    fn nothing_is_sent_for_an_empty_answer_and_hidden_text_is_flagged() {
        let (judge, model) = judge(1, &[POINTS, &mark("missed", "")]);
        let empty = judge.grade(&task(), " \n\u{200b}", 1, &Cancel::new()).expect("a mark");
        assert_eq!((empty.score, empty.flags[0]), (0.0, Flag::Empty));
        let hidden = format!("{ANSWER}{}", "\u{e0041}".repeat(9));
        let grade = judge.grade(&task(), &hidden, 1, &Cancel::new()).expect("a mark");
        assert!(grade.flags.contains(&Flag::HiddenText));
        assert!(!model.requests()[1].messages[1].text.contains('\u{e0041}'));
    }
}
