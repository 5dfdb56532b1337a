//! The embedded interviewer's promises, on every built-in problem.

use std::collections::{BTreeMap, BTreeSet};

use greenroom::assets::Assets;
use greenroom::coach::{Coach, EmbeddedCoach, Scene};
use greenroom::grading::{InterviewGrade, SeniorityLevel};
use greenroom::interview::{
    Act, Command, Effect, Event, Input, Plan, Record, SessionKind, Start, State, Style, TimeMode, step,
};
use greenroom::material::{Pack, Problem};
use greenroom::model::Cancel;
use greenroom::text::{Pattern, Prepared};
use greenroom::transcript::Speaker;

use crate::support::fixture;

/// An interview without store, screen and clock: turns in, state out.
struct Held {
    state: State,
    coach: EmbeddedCoach,
    active_ms: u64,
}

impl Held {
    fn begin(pack: &Pack, problem: &Problem, seed: u64, time: TimeMode) -> Self {
        let assets = Assets::embedded();
        let rubric = assets.rubric(&pack.manifest.rubric).unwrap();
        let lines = assets.prompt_data("embedded-interviewer").unwrap();
        let rules = assets.diagram_rules().unwrap();
        let coach = EmbeddedCoach::new(problem, pack.clone(), rubric, &lines, rules).unwrap();
        let start = Start {
            kind: SessionKind::Interview,
            version: "test".into(),
            title: problem.title.clone(),
            pack: pack.manifest.id.clone(),
            pack_version: 1,
            problem_id: Some(problem.id.clone()),
            problem: Some(Box::new(problem.clone())),
            rubric: pack.manifest.rubric.clone(),
            digests: BTreeMap::new(),
            plan: Plan::scaled(&pack.manifest.phases, 60).unwrap(),
            level: SeniorityLevel::Senior,
            style: Style::Neutral,
            time,
            coach: coach.name(),
            seed,
            forked_from: None,
        };
        let first = Record { seq: 0, at_ms: 0, active_ms: 0, event: Event::Started(Box::new(start)) };
        let mut held = Self { state: State::replay([&first]).unwrap(), coach, active_ms: 0 };
        held.take(Input::Begin);
        held
    }

    fn take(&mut self, input: Input) {
        let made = step(&self.state, self.active_ms, input);
        for event in made.events {
            let record = Record { seq: self.state.next_seq, at_ms: 0, active_ms: self.active_ms, event };
            self.state.apply(&record).unwrap();
        }
        for effect in made.effects {
            if let Effect::AskCoach(ask) = effect {
                let scene = Scene { state: &self.state, active_ms: self.active_ms, ask: &ask };
                let reply = self.coach.reply(scene, &Cancel::new(), &mut |_| {}).unwrap();
                self.take(Input::Replied(reply));
            }
        }
    }

    fn say(&mut self, turn: &str) {
        if self.state.ended.is_none() {
            self.take(Input::Turn(turn.to_owned()));
        }
    }

    fn last(&self) -> &greenroom::interview::Said {
        &self.state.said[self.state.last_turn_of(Speaker::Interviewer).unwrap()]
    }

    fn grade(&mut self) -> InterviewGrade {
        self.coach.grade(&self.state, &Cancel::new()).unwrap()
    }
}

fn pack() -> Pack {
    Assets::embedded().pack("system-design").unwrap()
}

/// The turns of a script, without its commands.
fn turns(name: &str) -> Vec<String> {
    let text = fixture(&format!("interviews/{name}.txt"));
    text.split("\n\n")
        .map(|turn| turn.trim().to_owned())
        .filter(|t| !t.is_empty() && !t.starts_with('/'))
        .collect()
}

#[test]
fn a_fact_is_given_however_it_is_asked_for() {
    let pack = pack();
    let rows: &[(&str, &[&str])] = &[
        (
            "users",
            &[
                "how many users do you expect?",
                "What's our user base like?",
                "How many people will use this?",
            ],
        ),
        (
            "read-write-ratio",
            &["is it read heavy?", "What is the ratio of reads to writes?", "More reads or more writes?"],
        ),
        (
            "latency",
            &["what latency do you need?", "How fast should it be?", "What response time are we aiming for?"],
        ),
        (
            "consistency",
            &[
                "consistency or availability?",
                "Can we serve slightly stale data?",
                "Is eventual consistency okay?",
            ],
        ),
        (
            "retention",
            &["how long do we keep data?", "What is the retention policy?", "Do we ever delete anything?"],
        ),
    ];
    let mut missed = Vec::new();
    for problem in &pack.problems {
        for (topic, wordings) in rows {
            for wording in *wordings {
                let mut held = Held::begin(&pack, problem, 1, TimeMode::Soft);
                held.say(wording);
                let given: Vec<_> = held
                    .last()
                    .acts
                    .iter()
                    .filter_map(|act| match act {
                        Act::Fact { id } => problem.facts.iter().find(|fact| fact.id == *id),
                        _ => None,
                    })
                    .collect();
                let right = |fact: &&greenroom::material::Fact| {
                    fact.topic.as_deref() == Some(topic)
                        || (*topic == "consistency" && fact.topic.as_deref() == Some("availability"))
                };
                if !given.iter().any(right) {
                    missed.push(format!("{}: {topic}: {wording}", problem.id));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{} missed\n{}", missed.len(), missed.join("\n"));
}

/// A small generator, so that an interview that fails can be held again by its number.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % below as u64).unwrap()
    }
}

#[test]
fn no_interview_repeats_a_probe_leaks_a_point_or_loses_a_second() {
    let pack = pack();
    let synonyms = pack.lexicon.synonyms();
    let mut pool = Vec::new();
    for name in
        ["url-shortener-strong", "url-shortener-weak", "messaging-strong", "file-upload-weak", "hostile"]
    {
        pool.extend(turns(name));
    }
    let extra = [
        "",
        "   ",
        "ok",
        "I don't know",
        "Let's talk about football.",
        "no idea, sorry",
        "What would you do?",
    ];
    pool.extend(extra.map(str::to_owned));
    let patterns: BTreeMap<&str, Vec<(&str, Vec<Pattern>)>> = pack
        .problems
        .iter()
        .map(|problem| {
            let points = problem.points.iter().map(|point| {
                let says = point.says.iter().map(|p| Pattern::parse(p, &synonyms).unwrap()).collect();
                (point.id.as_str(), says)
            });
            (problem.id.as_str(), points.collect())
        })
        .collect();
    for number in 0..300 {
        let mut dice = Dice(number);
        let problem = &pack.problems[usize::try_from(number).unwrap() % pack.problems.len()];
        let time = if dice.next(4) == 0 { TimeMode::Strict } else { TimeMode::Soft };
        let mut held = Held::begin(&pack, problem, number, time);
        for _ in 0..20 + dice.next(20) {
            held.active_ms += dice.next(180_000) as u64;
            held.take(Input::Tick);
            let turn = pool[dice.next(pool.len())].clone();
            held.say(&turn);
        }
        check(&held, &format!("interview {number}, {}", problem.id), &patterns[problem.id.as_str()]);
    }
}

fn check(held: &Held, name: &str, points: &[(&str, Vec<Pattern>)]) {
    let mut asked: BTreeSet<&Act> = BTreeSet::new();
    let mut per_point: BTreeMap<&str, u32> = BTreeMap::new();
    let mut questions: BTreeSet<&str> = BTreeSet::new();
    let mut covered: BTreeSet<&str> = BTreeSet::new();
    let mut hinted: BTreeSet<&str> = BTreeSet::new();
    for said in &held.state.said {
        let text = Prepared::new(&said.text);
        let finds = |says: &[Pattern]| says.iter().any(|pattern| pattern.find(&text).is_some());
        if said.speaker == Speaker::Candidate {
            covered.extend(points.iter().filter(|(_, says)| finds(says)).map(|(id, _)| *id));
            continue;
        }
        assert!(said.text.split_whitespace().count() <= 60, "{name}: too long: {}", said.text);
        for act in &said.acts {
            match act {
                Act::Probe { id } | Act::FollowUp { id } => {
                    assert!(asked.insert(act), "{name}: {act:?} twice");
                    *per_point.entry(id).or_default() += 1;
                    assert!(per_point[id.as_str()] <= 2, "{name}: {id} followed up too often");
                    assert!(!covered.contains(id.as_str()), "{name}: {id} was answered already");
                }
                Act::Failure { .. } | Act::Inconsistency { .. } | Act::Change | Act::Component { .. } => {
                    assert!(asked.insert(act), "{name}: {act:?} twice");
                }
                Act::Hint { id, .. } => {
                    hinted.insert(id);
                }
                _ => {}
            }
        }
        let gives = said.acts.iter().any(|act| matches!(act, Act::Fact { .. } | Act::Hint { .. }));
        if !gives {
            for (id, says) in points {
                let leak = !covered.contains(id) && !hinted.contains(id) && finds(says);
                assert!(!leak, "{name}: gives {id} away: {}", said.text);
            }
        }
        let is_question = said.text.ends_with('?') && !gives;
        assert!(!is_question || questions.insert(&said.text), "{name}: asked twice: {}", said.text);
    }
    let used = held.state.time_used(held.active_ms).phases_ms;
    let end = if held.state.ended.is_some() { held.state.active_ms } else { held.active_ms };
    assert_eq!(used.iter().sum::<u64>(), end, "{name}: the phases do not add up");
}

#[test]
fn a_strong_candidate_is_graded_above_a_weak_one() {
    let pack = pack();
    for id in ["url-shortener", "messaging", "file-upload"] {
        let problem = pack.problem(id).unwrap();
        let mut grades = ["strong", "weak"].map(|kind| {
            let mut held = Held::begin(&pack, problem, 7, TimeMode::Soft);
            for turn in turns(&format!("{id}-{kind}")) {
                held.active_ms += 60_000;
                held.say(&turn);
            }
            held.grade()
        });
        let [strong, weak] = &mut grades;
        for (better, worse) in strong.criteria.iter().zip(&weak.criteria) {
            let score = |c: &greenroom::grading::CriterionGrade| match &c.assessment {
                greenroom::grading::Assessment::Assessed { score, .. } => *score,
                greenroom::grading::Assessment::NotAssessed { .. } => 0.0,
            };
            assert!(
                score(better) >= score(worse),
                "{id}: {}: {} < {}",
                better.id,
                score(better),
                score(worse)
            );
        }
        assert!(
            strong.verdicts.senior > weak.verdicts.senior,
            "{id}: {:?} {:?}",
            strong.verdicts,
            weak.verdicts
        );
    }
}

#[test]
fn a_drawing_is_asked_about_by_what_is_in_it() {
    let pack = pack();
    let problem = pack.problems.iter().find(|problem| problem.id == "url-shortener").unwrap();
    let mut held = Held::begin(&pack, problem, 3, TimeMode::Soft);
    held.say("Reads go to Redis first and then to Postgres, and clicks are put on Kafka.");
    let draw = |held: &mut Held, source: &str| {
        held.take(Input::Command(Command::Draw(source.to_owned())));
        held.last().text.clone()
    };
    let straight = "flowchart LR\n Browser --> DB[(Postgres)]";
    let asked = draw(&mut held, straight);
    assert!(asked.contains("Browser talks straight to Postgres"), "{asked}");
    let sound = "flowchart LR\n Browser --> LB[Load balancers] --> App[App servers] --> DB[(Postgres cluster)]\n App --> Redis";
    let asked = draw(&mut held, sound);
    assert!(asked.contains("Kafka") && asked.contains("drawing"), "what was said and is not there: {asked}");
    let asked = draw(&mut held, &format!("{sound}\n App --> Kafka --> W[Click workers]"));
    assert!(asked.contains("Load balancers"), "what is there and was not said: {asked}");
    let unreadable = draw(&mut held, "I would put a box here.");
    assert!(unreadable.contains("make out") || unreadable.contains("cannot read"), "{unreadable}");
    let formats: Vec<_> = held.state.drawings.iter().map(|(format, _)| format.as_str()).collect();
    assert_eq!(formats, ["mermaid", "mermaid", "mermaid", "text"], "each version is kept");
    assert_eq!(held.state.drawings[0].1, straight);
    let said: Vec<_> = held
        .state
        .said
        .iter()
        .filter(|said| said.speaker == Speaker::Interviewer)
        .map(|said| &said.text)
        .collect();
    let mut unique = said.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), said.len(), "nothing is asked twice: {said:?}");
}
