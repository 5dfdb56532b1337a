//! PURE. The one gate between text from outside and a terminal or a pipe.
//!
//! Removes escape sequences (CSI, OSC, DCS, APC, PM, SOS and two-byte ones, in their C1 forms
//! too), control characters other than newline and tab, bidirectional overrides, tag
//! characters and other invisible steering. What is left is plain text.

/// Strips a stream piece by piece: a sequence cut between two pieces is still removed.
#[derive(Clone, Debug, Default)]
pub struct Sanitiser {
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// In a control sequence, until its final byte.
    Control,
    /// In a string (OSC, DCS, ...), until BEL, ST or ESC.
    Str,
    /// After an ESC inside a string.
    StringEscape,
    /// After a carriage return: a line feed makes it a line end.
    Return,
}

impl Sanitiser {
    /// Appends to `out` what of `piece` may be shown.
    pub fn push(&mut self, piece: &str, out: &mut String) {
        let mut rest = piece;
        while !rest.is_empty() {
            if self.state == State::Text {
                // Nearly all text is plain: it goes through in one piece.
                let plain = rest.bytes().take_while(|&b| matches!(b, b' '..=b'~' | b'\n' | b'\t')).count();
                out.push_str(&rest[..plain]);
                rest = &rest[plain..];
            }
            let mut characters = rest.chars();
            let Some(character) = characters.next() else { break };
            rest = characters.as_str();
            self.state = match (self.state, character) {
                (State::Return, '\n') => {
                    out.push('\n');
                    State::Text
                }
                (State::Return, c) => {
                    out.push('\n');
                    Self::text(c, out)
                }
                (State::Text, c) => Self::text(c, out),
                (State::Escape, '[') => State::Control,
                (State::Escape, ']' | 'P' | '_' | '^' | 'X') => State::Str,
                (State::Escape, '\u{1b}') => State::Escape,
                (State::Escape, ' '..='/') => State::Escape,
                (State::Escape, '0'..='~') => State::Text,
                (State::Escape, c) => Self::text(c, out),
                (State::Control, '\u{1b}') => State::Escape,
                (State::Control, ' '..='?') => State::Control,
                (State::Control, '@'..='~') => State::Text,
                (State::Control, c) => Self::text(c, out),
                // A string that never ends must not swallow the rest of the reply.
                (State::Str | State::StringEscape, '\u{7}' | '\u{9c}' | '\n') => State::Text,
                (State::StringEscape, '\\') => State::Text,
                (State::Str | State::StringEscape, '\u{1b}') => State::StringEscape,
                (State::StringEscape, '[') => State::Control,
                (State::Str | State::StringEscape, _) => State::Str,
            };
        }
    }

    fn text(character: char, out: &mut String) -> State {
        match character {
            '\u{1b}' => return State::Escape,
            '\u{9b}' => return State::Control,
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => return State::Str,
            '\r' => return State::Return,
            '\n' | '\t' => out.push(character),
            c if c.is_control() || is_invisible(c) => {}
            c => out.push(c),
        }
        State::Text
    }
}

/// Returns what of `text` may be shown on a terminal or written to a pipe.
pub fn sanitise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut sanitiser = Sanitiser::default();
    sanitiser.push(text, &mut out);
    if sanitiser.state == State::Return {
        out.push('\n');
    }
    out
}

/// Writes what steers a terminal in a JSON text as escapes: the same JSON, fit for a terminal or a pipe.
/// Outside strings JSON holds no such character, and in them it escapes those below U+0020 itself.
pub fn tame_json(json: &str) -> std::borrow::Cow<'_, str> {
    let steers = |c: char| ('\u{7f}'..='\u{9f}').contains(&c) || is_invisible(c);
    if !json.contains(steers) {
        return json.into();
    }
    let mut out = String::with_capacity(json.len() + 64);
    for character in json.chars() {
        if steers(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(character);
        }
    }
    out.into()
}

/// Characters that steer how others are shown, or hide text from the reader. The zero-width
/// joiners stay: emoji and several scripts need them.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{061c}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{206a}'..='\u{206f}'
        | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_passes() {
        let rows = [
            ("colour", "a\u{1b}[31mb\u{1b}[0m", "ab"),
            ("clear", "a\u{1b}[2Jb", "ab"),
            ("title", "a\u{1b}]0;owned\u{7}b", "ab"),
            ("clipboard", "a\u{1b}]52;c;UFc=\u{1b}\\b", "ab"),
            ("hyperlink", "\u{1b}]8;;http://e.example\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("cursor query", "a\u{1b}[6nb", "ab"),
            ("DCS", "a\u{1b}P+q544e\u{1b}\\b", "ab"),
            ("alternate screen", "a\u{1b}[?1049hb", "ab"),
            ("C1", "a\u{9b}31mb", "ab"),
            ("bidi", "a\u{202e}b", "ab"),
            ("bell", "a\u{7}b", "ab"),
            ("a lone carriage return", "a\rb", "a\nb"),
            ("line ends", "a\r\nb", "a\nb"),
            ("charset", "a\u{1b}(0b", "ab"),
            ("backspace", "a\u{8}b", "ab"),
            ("tags", "a\u{e0041}b", "ab"),
            ("an unfinished string loses its line only", "a\u{1b}]0;x\nb", "ab"),
        ];
        for (name, text, want) in rows {
            assert_eq!(sanitise(text), want, "{name}");
        }
    }

    #[test]
    fn json_means_the_same_and_steers_nothing() {
        let text = "a\u{1b}[31m\u{9b}31m\u{202e}x\u{e0041}\u{7f} \u{1f600} é";
        let json = serde_json::to_string(text).expect("a string");
        let tame = tame_json(&json);
        assert_eq!(sanitise(&tame), tame);
        assert_eq!(serde_json::from_str::<String>(&tame).expect("still JSON"), text);
        assert!(matches!(tame_json("{\"a\": \"é\"}"), std::borrow::Cow::Borrowed(_)));
    }

    #[test]
    fn a_sequence_cut_anywhere_is_still_removed() {
        let text = "one \u{1b}]52;c;UFc=\u{1b}\\two \u{1b}[31mthree\r\nfour \u{9b}1mfive";
        for cut in (0..=text.len()).filter(|&cut| text.is_char_boundary(cut)) {
            let (mut sanitiser, mut out) = (Sanitiser::default(), String::new());
            sanitiser.push(&text[..cut], &mut out);
            sanitiser.push(&text[cut..], &mut out);
            assert_eq!(out, "one two three\nfour five", "cut at byte {cut}");
        }
    }
}
