//! A pack one file of which is anything: read and checked, or refused with file, line and column.
#![no_main]

use std::sync::LazyLock;

use greenroom::assets::Assets;
use greenroom::grading::Rubric;
use greenroom::material::{Around, LoadError, Pack, PackSource, lint};
use libfuzzer_sys::fuzz_target;

static AROUND: LazyLock<(PackSource, Rubric)> = LazyLock::new(|| {
    let assets = Assets::embedded();
    let rubric = assets.rubric("system-design").expect("the rubric");
    (Assets::new_pack("mine", "Mine"), rubric)
});

/// One of each kind; the first byte chooses.
const FILES: [&str; 9] = [
    "pack.toml",
    "questions/new.toml",
    "problems/new.toml",
    "diagrams/new.toml",
    "lexicon.toml",
    "clarify.toml",
    "signals.toml",
    "checklist.toml",
    "cheatsheet.md",
];

fn check(source: &PackSource, fault: &LoadError) {
    assert!(!fault.message.is_empty());
    let lines = source.get(&fault.file).map_or(0, |text| text.split('\n').count());
    assert!(fault.line <= lines.max(1), "{fault}");
}

fuzz_target!(|text: &str| {
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return };
    let (new_pack, rubric) = &*AROUND;
    let mut source = new_pack.clone();
    source.insert(FILES[first as usize % FILES.len()].to_owned(), characters.as_str().to_owned());
    match Pack::parse(&source) {
        Ok(pack) => {
            let around = Around { rubric: Some(rubric), folder: Some("mine"), packs: &[] };
            lint(&pack, &source, &around).iter().for_each(|fault| check(&source, fault));
        }
        Err(faults) => {
            assert!(!faults.is_empty());
            faults.iter().for_each(|fault| check(&source, fault));
        }
    }
});
