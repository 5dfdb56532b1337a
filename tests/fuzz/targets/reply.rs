//! Text as a model's verdict on an answer: a mark that rests on words that were said, or no mark.
#![no_main]

use std::sync::{Arc, LazyLock};

use greenroom::assets::Assets;
use greenroom::coach::llm::{AnswerJudge, AnswerTask, Prompts};
use greenroom::material::Pack;
use greenroom::model::{Cancel, ScriptedModel, extract_object};
use libfuzzer_sys::fuzz_target;

static PACK: LazyLock<Pack> = LazyLock::new(|| Assets::embedded().pack("system-design").expect("the pack"));

const ANSWER: &str = "A CDN keeps copies close to people. It takes load off the origin, and it replaces the database.";

fuzz_target!(|text: &str| {
    if let Some(found) = extract_object(text) {
        assert!(found.is_object());
        // What is found stands in the text: nothing is made up from a part of it.
        assert!(text.contains('{') && text.contains('}'));
    }
    let prompts = Prompts::load(&Assets::embedded()).expect("the built-in prompts");
    // The second is what the model says when it is asked to mend the first.
    let model = Arc::new(ScriptedModel::new([text, text, text, text]));
    let judge = AnswerJudge::new(model, prompts, 1);
    let packed = AnswerTask { question: "What is a CDN?", packed: PACK.question("cdn"), max_score: 10.0, ..AnswerTask::default() };
    let by_reference = AnswerTask { packed: None, reference: Some("It copies content near users."), ..packed.clone() };
    for task in [packed, by_reference] {
        let Ok(grade) = judge.grade(&task, ANSWER, 1, &Cancel::new()) else { continue };
        assert!((0.0..=10.0).contains(&grade.score), "{}", grade.score);
        assert!((0.0..=1.0).contains(&grade.confidence.0));
        assert!(grade.points.iter().all(|point| ANSWER.contains(&point.quote)), "{:?}", grade.points);
        assert!(serde_json::to_string(&grade).is_ok());
    }
});
