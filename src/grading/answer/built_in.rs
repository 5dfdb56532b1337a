//! Holds what ships to its promise: a model answer is full marks on its own question and nearly
//! nothing on another, and so is a misconception.

use std::sync::LazyLock;

use super::{Knowledge, Target, grade_answer};
use crate::assets::Assets;
use crate::material::Question;

/// Out of ten, what a model answer earns at least on its own question, at most on another, and
/// what a misconception earns at most.
const OWN_LEAST: f64 = 9.0;
const OTHER_MOST: f64 = 1.0;
const WRONG_MOST: f64 = 2.0;

struct Shipped {
    known: Knowledge,
    packs: Vec<Vec<(Question, Target)>>,
}

static SHIPPED: LazyLock<Shipped> = LazyLock::new(|| {
    let assets = Assets::embedded();
    let known = assets.grader_knowledge().expect("what ships is valid");
    let mut packs = Vec::new();
    for name in assets.packs() {
        let pack = assets.pack(&name).expect("what ships is valid");
        let synonyms = pack.lexicon.synonyms();
        let prepare = |question: Question| {
            let target = Target::new(&known, &question.question, None, Some((&question, &synonyms)));
            (question, target.expect("a pack's question is a target"))
        };
        packs.push(pack.questions.into_iter().map(prepare).collect());
    }
    Shipped { known, packs }
});

fn score(target: &Target, answer: &str) -> f64 {
    grade_answer(&SHIPPED.known, target, answer, 10.0).score
}

#[test]
fn a_model_answer_is_full_marks_on_its_own_question() {
    for (question, target) in SHIPPED.packs.iter().flatten() {
        let own = score(target, &question.model_answer);
        assert!(own >= OWN_LEAST, "{}: {own}", question.id);
    }
}

#[test]
fn a_model_answer_is_next_to_nothing_on_another_question() {
    let mut faults = String::new();
    for pack in &SHIPPED.packs {
        for (question, target) in pack {
            for (other, _) in pack.iter().filter(|(other, _)| other.id != question.id) {
                let earned = score(target, &other.model_answer);
                if earned > OTHER_MOST {
                    faults += &format!("{} answered as {}: {earned}\n", question.id, other.id);
                }
            }
        }
    }
    assert_eq!(faults, "");
}

#[test]
fn another_questions_model_answer_is_next_to_nothing_by_a_reference_alone() {
    let pack = &SHIPPED.packs[0];
    let mut faults = String::new();
    for (question, _) in pack {
        let reference = Some(question.model_answer.as_str());
        let target = Target::new(&SHIPPED.known, &question.question, reference, None).expect("a reference");
        for (other, _) in pack.iter().filter(|(other, _)| other.id != question.id) {
            let grade = grade_answer(&SHIPPED.known, &target, &other.model_answer, 10.0);
            if grade.score > OTHER_MOST || grade.flags.is_empty() {
                faults += &format!("{} answered as {}: {}\n", question.id, other.id, grade.score);
            }
        }
    }
    // One of 380 passes the line, by little: both speak of requests, servers and what is near.
    assert_eq!(faults, "sharding answered as cdn: 1.3\n");
}

#[test]
fn a_misconception_stated_alone_earns_next_to_nothing() {
    let mut faults = String::new();
    for (question, target) in SHIPPED.packs.iter().flatten() {
        for wrong in &question.misconceptions {
            let earned = score(target, &wrong.text);
            if earned > WRONG_MOST {
                faults += &format!("{}, {}: {earned}\n", question.id, wrong.id);
            }
        }
    }
    assert_eq!(faults, "");
}

#[test]
fn nothing_that_the_packs_say_speaks_to_a_grader() {
    let assets = Assets::embedded();
    for name in assets.packs() {
        let pack = assets.pack(&name).expect("what ships is valid");
        let questions = pack.questions.iter().map(|question| &question.model_answer);
        let facts = pack.problems.iter().flat_map(|p| &p.facts).map(|fact| &fact.answer);
        let points = pack.problems.iter().flat_map(|p| &p.points).map(|point| &point.text);
        for text in questions.chain(facts).chain(points) {
            assert!(!super::addresses_grader(&SHIPPED.known, text), "{text}");
        }
    }
}
