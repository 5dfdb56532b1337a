//! Bytes as notes: decoded, read, cut into passages, searched, and made into a pack that lints clean.
#![no_main]

use std::ops::Range;
use std::sync::LazyLock;

use greenroom::assets::Assets;
use greenroom::grading::Rubric;
use greenroom::material::compile::{Words, compile};
use greenroom::material::notes::{Notes, passages};
use greenroom::material::{Around, Pack, lint};
use greenroom::text::decode;
use libfuzzer_sys::fuzz_target;

static BASE: LazyLock<(Pack, Rubric, Words)> = LazyLock::new(|| {
    let assets = Assets::embedded();
    let pack = assets.pack("system-design").expect("the pack");
    let rubric = assets.rubric(&pack.manifest.rubric).expect("its rubric");
    (pack, rubric, Assets::compile_words().expect("the words"))
});

fuzz_target!(|bytes: &[u8]| {
    let text = decode(bytes).text;
    let stands = |at: &Range<usize>| assert!(text.get(at.clone()).is_some(), "{at:?} of {}", text.len());
    let cut = passages(&text);
    cut.iter().for_each(|passage| stands(&passage.at));
    assert!(cut.windows(2).all(|pair| pair[0].at.end <= pair[1].at.start));
    let notes = Notes::read(&text, "notes.md");
    notes.sections.iter().for_each(|section| stands(&section.at));
    notes.tables.iter().for_each(|table| stands(&table.at));
    notes.code.iter().for_each(|code| stands(&code.at));
    let _ = notes.counts(cut.len());
    let (base, rubric, words) = &*BASE;
    let source = compile(&notes, "mine", base, words);
    let pack = Pack::parse(&source).unwrap_or_else(|faults| panic!("{faults:?}"));
    let around = Around { rubric: Some(rubric), folder: Some("mine"), packs: std::slice::from_ref(base) };
    let faults = lint(&pack, &source, &around);
    assert!(faults.is_empty(), "{faults:?}");
});
