//! Text on its way to a terminal: nothing that steers is left, wherever it was cut, and JSON stays the same JSON.
#![no_main]

use greenroom::text::{Sanitiser, sanitise, tame_json};
use libfuzzer_sys::fuzz_target;

fn steers(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fuzz_target!(|text: &str| {
    let tame = sanitise(text);
    assert!(!tame.contains(steers), "{tame:?}");
    assert_eq!(sanitise(&tame), tame);
    let (mut sanitiser, mut out) = (Sanitiser::default(), String::new());
    for character in text.chars() {
        sanitiser.push(character.encode_utf8(&mut [0; 4]), &mut out);
    }
    // A carriage return at the very end may still be half of a line end; as a whole text it is one.
    assert!(out == tame || (text.ends_with('\r') && format!("{out}\n") == tame), "{out:?}, {tame:?}");
    let json = serde_json::to_string(text).expect("a string");
    let tamed = tame_json(&json);
    assert!(!tamed.contains(steers), "{tamed:?}");
    assert_eq!(serde_json::from_str::<String>(&tamed).expect("the same JSON"), text);
});
