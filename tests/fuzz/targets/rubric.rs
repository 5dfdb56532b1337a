//! Text as a rubric: read, checked and used for a verdict, or refused with line and column.
#![no_main]

use std::collections::BTreeMap;

use greenroom::grading::Rubric;
use greenroom::material::parse_toml;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let rubric: Rubric = match parse_toml("rubric.toml", text) {
        Ok(rubric) => rubric,
        Err(fault) => {
            assert!(!fault.message.is_empty() && fault.line <= text.split('\n').count().max(1), "{fault}");
            return;
        }
    };
    if !rubric.faults().is_empty() {
        return;
    }
    for score in [1.0, 2.5, 4.0] {
        let scores: BTreeMap<&str, f64> =
            rubric.criteria.iter().map(|criterion| (criterion.id.as_str(), score)).collect();
        let mean = rubric.mean(&scores).expect("all are scored");
        assert!((mean - score).abs() < 1e-6, "{mean}");
        for bar in [&rubric.bars.mid, &rubric.bars.senior, &rubric.bars.staff] {
            assert!(rubric.verdict(&scores, bar).is_some());
            let _ = rubric.held_by(&scores, bar);
        }
    }
});
