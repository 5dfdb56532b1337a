//! The values that settings take, each read from the text of a flag, a variable or a file.

use std::fmt;

use clap::ValueEnum;

use crate::grading::SeniorityLevel;
use crate::interview::{Style, TimeMode};

/// A value that can be read from text; the error says what would have been right.
pub(super) trait Setting: Sized {
    fn parse(text: &str) -> Result<Self, String>;
}

/// Declares an enumeration of names: text, flag and configuration say the same.
macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
        pub enum $name { $($(#[$variant_doc])* #[value(name = $text)] $variant),+ }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $text),+ })
            }
        }

        impl Setting for $name {
            fn parse(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(choose(text, &[$($text),+])),
                }
            }
        }
    };
}

names! {
    /// Who interviews and grades.
    CoachKind {
        /// The rules in the binary: no key, no network.
        Embedded = "embedded",
        /// A language model on an OpenAI-compatible server.
        Llm = "llm",
    }
}

impl Setting for Style {
    fn parse(text: &str) -> Result<Self, String> {
        Self::from_name(text).ok_or_else(|| choose(text, &["friendly", "neutral", "tough"]))
    }
}

impl Setting for TimeMode {
    fn parse(text: &str) -> Result<Self, String> {
        Self::from_name(text).ok_or_else(|| choose(text, &["soft", "strict"]))
    }
}

names! {
    /// Colour on the terminal.
    ColorChoice {
        /// On a terminal, unless `NO_COLOR` is set.
        Auto = "auto",
        /// Also in pipes.
        Always = "always",
        /// Never.
        Never = "never",
    }
}

impl Setting for SeniorityLevel {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "mid" => Ok(Self::Mid),
            "senior" => Ok(Self::Senior),
            "staff" => Ok(Self::Staff),
            _ => Err(choose(text, &["mid", "senior", "staff"])),
        }
    }
}

impl SeniorityLevel {
    /// The name by which flags, files and reports call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mid => "mid",
            Self::Senior => "senior",
            Self::Staff => "staff",
        }
    }
}

/// Length of an interview in whole minutes, 1 to 1,440.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minutes(u32);

impl Minutes {
    /// Returns the length for 1 to 1,440.
    pub fn new(minutes: u32) -> Option<Self> {
        (1..=1440).contains(&minutes).then_some(Self(minutes))
    }

    /// 1 to 1,440.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Minutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::str::FromStr for Minutes {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.parse()
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| format!("`{text}` is no length; give whole minutes from 1 to 1440"))
    }
}

impl Setting for Minutes {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse()
    }
}

impl Setting for String {
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() { Err("must not be empty".to_owned()) } else { Ok(text.to_owned()) }
    }
}

impl Setting for f64 {
    fn parse(text: &str) -> Result<Self, String> {
        let number = text.parse::<Self>().ok().filter(|number| number.is_finite() && *number >= 0.0);
        number.ok_or_else(|| format!("`{text}` is no number from 0 up"))
    }
}

impl Setting for u32 {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("`{text}` is no whole number from 0 up"))
    }
}

impl Setting for i64 {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("`{text}` is no whole number"))
    }
}

fn choose(text: &str, names: &[&str]) -> String {
    let near = nearest(text, names.iter().copied())
        .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    format!("`{text}` is none of {}{near}", names.join(", "))
}

/// The name most like `text`, if one is like it at all.
pub(super) fn nearest<'n>(text: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let mut best: Option<(f64, &str)> = None;
    for name in names {
        let likeness = strsim::jaro_winkler(text, name);
        if likeness > 0.75 && best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, name));
        }
    }
    best.map(|(_, name)| name)
}
