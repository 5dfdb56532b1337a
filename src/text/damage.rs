//! PURE. What the wrong decoding of UTF-8 looks like: byte of a character, kinds of characters.
//!
//! The tables behind [`super::repair`]; the byte tables come from `encoding_rs`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Bytes without a character in windows-1252: a decoder drops them, or keeps C1 controls.
pub const UNKNOWN_1252: [u8; 5] = [0x81, 0x8d, 0x8f, 0x90, 0x9d];

/// The same for windows-1254.
pub const UNKNOWN_1254: [u8; 7] = [0x81, 0x8d, 0x8e, 0x8f, 0x90, 0x9d, 0x9e];

/// Characters of notes with such a byte in their UTF-8; of those that leave the same remains
/// the first is taken.
pub const FREQUENT: &str = "\
”←┐═❌📝👍🔍🌐🎯🎁🙏😍🤝⭐❓●❗❤⏱⏰⏳⏩⏸⏭⏪✏⇐▐≠∝ﬁ\u{fe0f}\u{200d}\
🏗🏆🏢🏠🏦🏪🏷🐳🐘🐧🐛🐌🐙🐝🍕🍪🍎🛍🧐🎉🎓🎨🎬🎮🔝🖐✝▁Á";

/// How a character counts when it is the outcome of a repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A Latin letter or a sign of Latin-1.
    Latin,
    /// Punctuation, arrows, boxes, emoji.
    Symbol,
    /// A letter of another script: words of them come in runs.
    OtherScript,
    /// Too rare to be what was meant.
    Rare,
}

static BYTES: LazyLock<HashMap<char, u8>> = LazyLock::new(|| {
    let mut bytes = HashMap::new();
    for encoding in [encoding_rs::WINDOWS_1252, encoding_rs::WINDOWS_1254] {
        for byte in 0x80..=0xff_u8 {
            let one = [byte];
            let (text, _) = encoding.decode_without_bom_handling(&one);
            for character in text.chars() {
                bytes.entry(character).or_insert(byte);
            }
        }
    }
    // Latin-1 keeps all of them as controls.
    (0x80..=0x9f_u8).for_each(|byte| {
        bytes.entry(char::from(byte)).or_insert(byte);
    });
    bytes
});

/// The byte that a character stands for in the wrong encoding; windows-1254 differs from
/// windows-1252 in six Turkish letters, which the other does not have.
pub fn byte(character: char) -> Option<u8> {
    BYTES.get(&character).copied()
}

/// A C1 control character: no text has one, damaged text does.
pub fn is_control(character: char) -> bool {
    matches!(character, '\u{80}'..='\u{9f}')
}

/// Signs that may stand directly after the last letter of a word in sound text.
pub fn may_follow_word(character: char) -> bool {
    matches!(
        character,
        '…' | '’'
            | '‘'
            | '”'
            | '“'
            | '„'
            | '‚'
            | '»'
            | '«'
            | '›'
            | '‹'
            | '–'
            | '—'
            | '\u{a0}'
            | '¹'
            | '²'
            | '³'
            | 'ª'
            | 'º'
            | '™'
            | '®'
            | '©'
            | '°'
            | '†'
            | '‡'
            | '·'
            | '•'
    )
}

/// Whether two such signs may follow a word together: `…”`, `™»`.
pub fn may_stand_together(one: char, two: char) -> bool {
    matches!(
        one,
        '…' | '’' | '”' | '»' | '›' | '™' | '®' | '©' | '°' | '²' | '³' | '¹' | 'ª' | 'º' | '\u{a0}'
    ) && matches!(two, '…' | '’' | '”' | '»' | '›' | '–' | '—' | '“')
}

/// Returns the kind of `character`, decoded from a lead and `rest`.
pub fn kind(character: char, rest: &[(char, u8)]) -> Kind {
    match character {
        '\u{80}'..='\u{9f}' => {
            let from_control = rest.iter().all(|&(c, _)| is_control(c));
            if from_control { Kind::Symbol } else { Kind::Rare }
        }
        '\u{a0}'..='\u{17f}' | 'ƒ' | 'ˆ' | '˜' | '\u{218}'..='\u{21b}' => Kind::Latin,
        '\u{300}'..='\u{36f}' | '\u{1e00}'..='\u{1eff}' | '\u{fb00}'..='\u{fb06}' => Kind::Latin,
        '⌘' | '⌚' | '⌛' | '⌃' | '⌥' | '⌫' | '⎋' | '⏎' | '\u{23e9}'..='\u{23fa}' => {
            Kind::Symbol
        }
        '\u{2300}'..='\u{23ff}' => Kind::Rare,
        '\u{2000}'..='\u{2bff}' | '\u{fe0f}' | '\u{feff}' | '\u{fffd}' => Kind::Symbol,
        '\u{1f000}'..='\u{1faff}' | '\u{e0020}'..='\u{e007f}' => Kind::Symbol,
        '\u{250}'..='\u{2ff}' => Kind::OtherScript,
        '\u{370}'..='\u{52f}' | '\u{5d0}'..='\u{6ff}' | '\u{900}'..='\u{dff}' => Kind::OtherScript,
        '\u{e00}'..='\u{eff}' | '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' => Kind::OtherScript,
        '\u{ac00}'..='\u{d7a3}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}' => Kind::OtherScript,
        _ => Kind::Rare,
    }
}
