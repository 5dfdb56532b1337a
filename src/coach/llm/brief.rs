//! A task in free words becomes a problem: statement, facts, agenda, change and failures.
//!
//! The model writes it in small pieces; each is checked like a pack's, what is faulty is sent back
//! once and then left out. The candidate never sees it; the session keeps it.

use std::cell::Cell;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::LlmError;
use super::prompts::{Fence, Prompts};
use crate::grading::{Rubric, SeniorityLevel};
use crate::material::{Change, Fact, Failure, LevelNotes, PhaseFormat, Point, Problem};
use crate::model::{Cancel, ChatModel, ChatRequest, ModelError, Schema, complete_json};
use crate::text::{Pattern, Prepared, Synonyms, sanitise};

/// Facts asked for, and the fewest that do.
const FACTS: (usize, usize) = (12, 6);
/// Points asked for in each phase, and the fewest that do in all.
const POINTS: (usize, usize) = (6, 8);
/// Longest task, in bytes.
const LONGEST: usize = 4000;

/// What a brief is made from.
#[derive(Clone, Copy, Debug)]
pub struct BriefInput<'a> {
    /// The candidate's words: "Design a parking garage".
    pub task: &'a str,
    /// The phases of the interview.
    pub phases: &'a [PhaseFormat],
    /// The rubric that grades it.
    pub rubric: &'a Rubric,
    /// The words of the pack.
    pub synonyms: &'a Synonyms,
    /// Makes the fence around the task.
    pub random: u64,
}

/// Writes the problem; `on_step` is told (done, all) after each piece.
///
/// # Errors
///
/// [`LlmError`]; [`ModelError::Unreadable`] if what the model wrote is too thin to interview on.
pub fn make_brief(
    model: &dyn ChatModel,
    prompts: &Prompts,
    input: &BriefInput<'_>,
    cancel: &Cancel,
    on_step: &mut dyn FnMut(usize, usize),
) -> Result<Problem, LlmError> {
    let steps = input.phases.len() + 1;
    on_step(0, steps);
    let frame = frame(model, prompts, input, cancel)?;
    let mut points: Vec<Point> = Vec::new();
    for (number, phase) in input.phases.iter().enumerate() {
        on_step(number + 1, steps);
        let more = agenda(model, prompts, input, &frame, phase, &points, cancel)?;
        points.extend(more);
    }
    on_step(steps, steps);
    if points.len() < POINTS.1 {
        let faults = vec![format!("it wrote only {} usable points for the agenda", points.len())];
        return Err(ModelError::Unreadable { faults, partial: String::new() }.into());
    }
    let Frame { title, statement, facts, change, failures, mid, senior, staff } = frame;
    Ok(Problem {
        id: format!("own-{}", slug(&title)),
        aliases: Vec::new(),
        statement,
        topics: Vec::new(),
        facts: facts
            .into_iter()
            .map(|f| Fact { id: f.id, topic: None, asks: f.asks, answer: f.answer })
            .collect(),
        points,
        change: Change { announcement: change, opens: Vec::new() },
        failures: failures
            .into_iter()
            .map(|f| Failure { id: f.id, scenario: f.scenario, opens: Vec::new() })
            .collect(),
        figures: Vec::new(),
        inconsistencies: Vec::new(),
        levels: LevelNotes { mid, senior, staff },
        title,
    })
}

#[derive(Debug, Deserialize)]
struct Frame {
    title: String,
    statement: String,
    facts: Vec<FrameFact>,
    change: String,
    failures: Vec<FrameFailure>,
    mid: String,
    senior: String,
    staff: String,
}

#[derive(Debug, Deserialize)]
struct FrameFact {
    id: String,
    asks: Vec<String>,
    answer: String,
}

#[derive(Debug, Deserialize)]
struct FrameFailure {
    id: String,
    scenario: String,
}

fn frame(
    model: &dyn ChatModel,
    prompts: &Prompts,
    input: &BriefInput<'_>,
    cancel: &Cancel,
) -> Result<Frame, LlmError> {
    let fence = Fence::new(input.random);
    let task = &input.task[..input.task.floor_char_boundary(LONGEST.min(input.task.len()))];
    let values = json!({"fence": fence.mark(), "task": fence.guard(task).0, "facts": FACTS.0});
    let request = ChatRequest {
        messages: prompts.render("brief", &values)?,
        temperature: Some(0.3),
        max_output_tokens: Some(2000),
        schema: Some(frame_schema()),
        ..ChatRequest::default()
    };
    let first = Cell::new(true);
    let read = |value: &Value| {
        let (frame, faults) = check_frame(value, input.synonyms)?;
        // What was found wrong goes back once; then it has been left out, and what is left must do.
        if faults.is_empty() || !first.replace(false) && frame.facts.len() >= FACTS.1 {
            Ok(frame)
        } else {
            Err(faults)
        }
    };
    Ok(complete_json(model, &request, cancel, &read)?.value)
}

fn check_frame(value: &Value, synonyms: &Synonyms) -> Result<(Frame, Vec<String>), Vec<String>> {
    let mut frame: Frame = serde_json::from_value(value.clone()).map_err(|error| vec![error.to_string()])?;
    for text in [&mut frame.title, &mut frame.statement, &mut frame.change] {
        *text = line(text);
    }
    for text in [&mut frame.mid, &mut frame.senior, &mut frame.staff] {
        *text = line(text);
    }
    let mut faults = Vec::new();
    must_be(&mut faults, "title", &frame.title, 1, 12);
    must_be(&mut faults, "statement", &frame.statement, 6, 70);
    must_be(&mut faults, "change", &frame.change, 5, 50);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut ids = BTreeSet::new();
    frame.facts.retain_mut(|fact| {
        (fact.id, fact.answer) = (slug(&fact.id), line(&fact.answer));
        fact.asks = patterns(&fact.asks, synonyms);
        let before = faults.len();
        must_be(&mut faults, &format!("the answer of fact {}", fact.id), &fact.answer, 2, 50);
        if fact.asks.is_empty() {
            faults.push(format!("the fact {} has no usable asks", fact.id));
        }
        if !ids.insert(fact.id.clone()) {
            faults.push(format!("the fact {} is there twice", fact.id));
        }
        faults.len() == before
    });
    frame.failures.retain_mut(|failure| {
        (failure.id, failure.scenario) = (slug(&failure.id), line(&failure.scenario));
        let before = faults.len();
        must_be(&mut faults, &format!("the failure {}", failure.id), &failure.scenario, 4, 50);
        if !ids.insert(failure.id.clone()) {
            faults.push(format!("the failure {} is there twice", failure.id));
        }
        faults.len() == before
    });
    if frame.facts.len() < FACTS.0 - 2 {
        faults.push(format!("only {} usable facts; write {}", frame.facts.len(), FACTS.0));
    }
    Ok((frame, faults))
}

#[derive(Debug, Deserialize)]
struct Agenda {
    points: Vec<AgendaPoint>,
}

#[derive(Debug, Deserialize)]
struct AgendaPoint {
    id: String,
    criterion: String,
    level: SeniorityLevel,
    text: String,
    says: Vec<String>,
    probe: String,
    hints: Vec<String>,
}

/// Every name that `prompts/brief-phase.md` may use.
#[derive(Serialize)]
struct AgendaValues<'a> {
    title: &'a str,
    statement: &'a str,
    facts: Vec<&'a str>,
    change: &'a str,
    phase: &'a str,
    purpose: &'a str,
    taken: Vec<&'a str>,
    count: usize,
    criteria: String,
}

fn agenda(
    model: &dyn ChatModel,
    prompts: &Prompts,
    input: &BriefInput<'_>,
    frame: &Frame,
    phase: &PhaseFormat,
    taken: &[Point],
    cancel: &Cancel,
) -> Result<Vec<Point>, LlmError> {
    let criteria: Vec<&str> = input.rubric.criteria.iter().map(|criterion| criterion.id.as_str()).collect();
    let values = AgendaValues {
        title: &frame.title,
        statement: &frame.statement,
        facts: frame.facts.iter().map(|fact| fact.answer.as_str()).collect(),
        change: if phase.id == "detailed_design" || phase.id == "discussion" { &frame.change } else { "" },
        phase: &phase.title,
        purpose: &phase.opening,
        taken: taken.iter().map(|point| point.text.as_str()).collect(),
        count: POINTS.0,
        criteria: criteria.join(", "),
    };
    let request = ChatRequest {
        messages: prompts.render("brief-phase", &values)?,
        temperature: Some(0.3),
        max_output_tokens: Some(2500),
        schema: Some(agenda_schema(&criteria)),
        ..ChatRequest::default()
    };
    let first = Cell::new(true);
    let read = |value: &Value| {
        let (points, faults) = check_agenda(value, input, frame, phase, taken)?;
        let enough = if first.replace(false) { POINTS.0 - 2 } else { 1 };
        if points.len() >= enough { Ok(points) } else { Err(faults) }
    };
    Ok(complete_json(model, &request, cancel, &read)?.value)
}

fn check_agenda(
    value: &Value,
    input: &BriefInput<'_>,
    frame: &Frame,
    phase: &PhaseFormat,
    taken: &[Point],
) -> Result<(Vec<Point>, Vec<String>), Vec<String>> {
    let agenda: Agenda = serde_json::from_value(value.clone()).map_err(|error| vec![error.to_string()])?;
    let mut ids: BTreeSet<String> = taken.iter().map(|point| point.id.clone()).collect();
    let (mut points, mut faults) = (Vec::new(), Vec::new());
    for raw in agenda.points {
        let (id, text, probe) = (slug(&raw.id), line(&raw.text), line(&raw.probe));
        let before = faults.len();
        must_be(&mut faults, &format!("the text of {id}"), &text, 4, 45);
        must_be(&mut faults, &format!("the probe of {id}"), &probe, 4, 40);
        let hints: Vec<String> = raw.hints.iter().map(|hint| line(hint)).collect();
        let hints: Result<[String; 3], _> = hints.try_into();
        let Ok(hints) = hints else {
            faults.push(format!("{id} needs three hints"));
            continue;
        };
        hints.iter().for_each(|hint| must_be(&mut faults, &format!("a hint of {id}"), hint, 3, 50));
        if input.rubric.criterion(&raw.criterion).is_none() {
            faults.push(format!("{id} names no criterion of the rubric"));
        }
        if !ids.insert(id.clone()) {
            faults.push(format!("{id} is there twice"));
        }
        // A wording that the interviewer uses unasked would give the point away: it proves nothing.
        let spoken = [&frame.statement, &probe, &hints[0]].map(|text| Prepared::new(text));
        let said = |pattern: &String| {
            let pattern = Pattern::parse(pattern, input.synonyms);
            pattern.is_ok_and(|pattern| spoken.iter().all(|text| pattern.find(text).is_none()))
        };
        let says: Vec<String> = patterns(&raw.says, input.synonyms).into_iter().filter(said).collect();
        if says.is_empty() {
            faults.push(format!(
                "the probe or the first hint of {id} gives it away: they hold what is in says"
            ));
        }
        if faults.len() > before {
            continue;
        }
        points.push(Point {
            id,
            phase: phase.id.clone(),
            criterion: raw.criterion,
            text,
            weight: 1.0,
            level: raw.level,
            says,
            partly: Vec::new(),
            probe,
            follow_up: None,
            hints,
        });
    }
    if faults.is_empty() && points.is_empty() {
        faults.push("points is empty".to_owned());
    }
    Ok((points, faults))
}

/// Phrases as a model writes them, as patterns: the words that matter, close together in any order.
fn patterns(phrases: &[String], synonyms: &Synonyms) -> Vec<String> {
    let mut patterns = Vec::new();
    for phrase in phrases.iter().take(8) {
        let plain: String =
            phrase.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { ' ' }).collect();
        let all: Vec<&str> =
            plain.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).collect();
        let telling: Vec<&str> = all.iter().copied().filter(|word| word.chars().count() > 3).collect();
        let pattern = match telling.as_slice() {
            [] if all.is_empty() => continue,
            [] | [_] => all.join(" "),
            _ if telling.len() > 4 => continue,
            _ => telling.join(" + "),
        };
        if Pattern::parse(&pattern, synonyms).is_ok() && !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    patterns
}

fn must_be(faults: &mut Vec<String>, what: &str, text: &str, least: usize, most: usize) {
    let words = text.split_whitespace().count();
    if !(least..=most).contains(&words) {
        faults.push(format!("{what} has {words} words; {least} to {most} are wanted"));
    }
}

fn line(text: &str) -> String {
    sanitise(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lower case, digits and hyphens.
fn slug(text: &str) -> String {
    let plain: String =
        text.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let joined = plain.split_whitespace().take(6).collect::<Vec<_>>().join("-");
    if joined.is_empty() { "item".to_owned() } else { joined }
}

fn frame_schema() -> Schema {
    let text = json!({"type": "string"});
    let schema = json!({
        "type": "object",
        "properties": {
            "title": text, "statement": text,
            "facts": {"type": "array", "items": {
                "type": "object",
                "properties": {"id": text, "asks": {"type": "array", "items": text}, "answer": text},
                "required": ["id", "asks", "answer"],
                "additionalProperties": false,
            }},
            "change": text,
            "failures": {"type": "array", "items": {
                "type": "object",
                "properties": {"id": text, "scenario": text},
                "required": ["id", "scenario"],
                "additionalProperties": false,
            }},
            "mid": text, "senior": text, "staff": text,
        },
        "required": ["title", "statement", "facts", "change", "failures", "mid", "senior", "staff"],
        "additionalProperties": false,
    });
    Schema { name: "brief", schema }
}

fn agenda_schema(criteria: &[&str]) -> Schema {
    let text = json!({"type": "string"});
    let texts = json!({"type": "array", "items": text});
    let schema = json!({
        "type": "object",
        "properties": {"points": {"type": "array", "items": {
            "type": "object",
            "properties": {
                "id": text,
                "criterion": {"type": "string", "enum": criteria},
                "level": {"type": "string", "enum": ["mid", "senior", "staff"]},
                "text": text, "says": texts, "probe": text, "hints": texts,
            },
            "required": ["id", "criterion", "level", "text", "says", "probe", "hints"],
            "additionalProperties": false,
        }}},
        "required": ["points"],
        "additionalProperties": false,
    });
    Schema { name: "agenda", schema }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;
    use crate::model::ScriptedModel;

    fn frame_reply(facts: usize) -> String {
        let facts: Vec<Value> = (0..facts)
            .map(|n| json!({"id": format!("Fact {n}"), "asks": ["how many cars", "peak"], "answer": format!("It is {n} thousand.")}))
            .collect();
        json!({
            "title": "Parking garage",
            "statement": "Design the software of a large parking garage.\u{1b}[31m",
            "facts": facts,
            "change": "The owner wants to take bookings a day ahead.",
            "failures": [{"id": "Gate", "scenario": "The gate loses its network at noon. What happens?"}],
            "mid": "Works.", "senior": "Drives.", "staff": "Sees all.",
        })
        .to_string()
    }

    fn agenda_reply(phase: usize, leaky: bool) -> String {
        let point = |n: usize| {
            let probe = if leaky && n < 4 {
                "Would you lock the spot row when a car enters?"
            } else {
                "What happens when two cars come at once?"
            };
            json!({
                "id": format!("Spot lock {phase} {n}"), "criterion": "scalability", "level": "senior",
                "text": "Takes a spot with a row lock so that no two cars get it.",
                "says": ["lock the row", "take the spot once", "no + two|cars"],
                "probe": probe,
                "hints": ["Think of two cars at two gates.", "One spot, two writers.", "A lock on the spot decides."],
            })
        };
        json!({"points": (0..6).map(point).collect::<Vec<_>>()}).to_string()
    }

    fn make(replies: Vec<String>) -> (Result<Problem, LlmError>, ScriptedModel) {
        let assets = Assets::embedded();
        let pack = assets.pack("system-design").expect("the built-in pack");
        let rubric = assets.rubric("system-design").expect("the built-in rubric");
        let model = ScriptedModel::new(replies);
        let input = BriefInput {
            task: "Design a parking garage",
            phases: &pack.manifest.phases,
            rubric: &rubric,
            synonyms: &pack.lexicon.synonyms(),
            random: 3,
        };
        let prompts = Prompts::load(&assets).expect("the built-in prompts");
        (make_brief(&model, &prompts, &input, &Cancel::new(), &mut |_, _| ()), model)
    }

    #[test]
    fn free_words_become_a_problem_with_facts_and_an_agenda() {
        let mut replies = vec![frame_reply(12)];
        replies.extend((0..4).map(|phase| agenda_reply(phase, false)));
        let problem = make(replies).0.expect("a problem");
        assert_eq!(
            (problem.id.as_str(), problem.facts.len(), problem.points.len()),
            ("own-parking-garage", 12, 24)
        );
        assert_eq!(problem.statement, "Design the software of a large parking garage.");
        let phases: BTreeSet<&str> = problem.points.iter().map(|point| point.phase.as_str()).collect();
        assert_eq!(phases.len(), 4);
    }

    #[test]
    fn what_gives_a_point_away_goes_back_once_and_is_then_left_out() {
        let mut replies = vec![frame_reply(12), agenda_reply(0, true), agenda_reply(0, true)];
        replies.extend((1..4).map(|phase| agenda_reply(phase, false)));
        let (problem, model) = make(replies);
        let problem = problem.expect("a problem");
        for point in &problem.points {
            let probe = Prepared::new(&point.probe);
            let gives_away = |says: &String| {
                Pattern::parse(says, &Synonyms::default()).expect("a pattern").find(&probe).is_some()
            };
            assert!(!point.says.iter().any(gives_away), "{}", point.id);
        }
        assert!(problem.points.len() >= 20, "{}", problem.points.len());
        assert!(model.requests().len() >= 5);
    }

    #[test]
    fn a_brief_too_thin_to_interview_on_is_refused() {
        let (problem, _) = make(vec![frame_reply(2), frame_reply(2)]);
        assert_eq!(problem.expect_err("too thin").kind(), "unreadable");
    }
}
