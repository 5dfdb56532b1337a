//! PURE. Numbers with scale, unit and period, as people say them: `100M users`, `500 bytes each`,
//! `two reads per user a day`, `12k QPS`, `1.5 TB`.

use std::ops::Range;

/// What a number measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Things: users, reads, messages.
    Count,
    /// Bytes.
    Bytes,
    /// Seconds.
    Time,
    /// A part of a whole; the value is 0 to 1.
    Share,
}

/// A number as it was said.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Quantity {
    /// In things, bytes, seconds or parts of one.
    pub value: f64,
    pub kind: Kind,
    /// Seconds of the period, for a rate.
    pub period: Option<f64>,
    /// For each of something else.
    pub each: bool,
    /// What one machine, shard or broker takes.
    pub capacity: bool,
    /// The number without its unit of time, for those who count days as plain numbers.
    pub bare: f64,
    /// Bytes of the text, unit and period included.
    pub range: Range<usize>,
}

/// A piece of text between spaces and signs.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Lexeme {
    Quantity(Quantity),
    Word(String),
    Sign(char),
}

#[derive(Clone, Debug)]
enum Raw {
    /// Value, and the letters attached to it.
    Number(f64, String),
    Word(String),
    Sign(char),
}

/// Reads `text` into quantities, words and signs, each with where it ends.
pub(super) fn lex(text: &str) -> Vec<Lexeme> {
    let raw = scan(text);
    let mut out = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        if let Some((quantity, next)) = quantity(&raw, at) {
            out.push(Lexeme::Quantity(quantity));
            at = next;
            continue;
        }
        match &raw[at].0 {
            Raw::Word(word) => out.push(Lexeme::Word(word.clone())),
            Raw::Sign(sign) => out.push(Lexeme::Sign(*sign)),
            Raw::Number(..) => {}
        }
        at += 1;
    }
    out
}

fn scan(text: &str) -> Vec<(Raw, Range<usize>)> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let len = match first {
            '0'..='9' => {
                let (value, digits) = number(&text[at..]);
                let letters = run(&text[at + digits..], |c| c.is_ascii_alphabetic() || c == '%');
                let attached = text[at + digits..at + digits + letters].to_ascii_lowercase();
                out.push((Raw::Number(value, attached), at..at + digits + letters));
                digits + letters
            }
            c if c.is_alphabetic() => {
                let len = run(&text[at..], |c| c.is_alphabetic() || matches!(c, '\'' | '’'));
                let word: String = text[at..at + len]
                    .chars()
                    .filter(|c| c.is_alphabetic())
                    .flat_map(char::to_lowercase)
                    .collect();
                out.push((Raw::Word(word), at..at + len));
                len
            }
            c if c.is_whitespace() => c.len_utf8(),
            c => {
                out.push((Raw::Sign(c), at..at + c.len_utf8()));
                c.len_utf8()
            }
        };
        at += len;
    }
    out
}

fn run(text: &str, inside: impl Fn(char) -> bool) -> usize {
    text.find(|c| !inside(c)).unwrap_or(text.len())
}

/// Reads `1,200`, `1.5`, `1e9`, `10^9`; returns the value and its length.
fn number(text: &str) -> (f64, usize) {
    let bytes = text.as_bytes();
    let mut len = 0;
    while len < bytes.len() {
        let digit = bytes[len].is_ascii_digit();
        let inner = matches!(bytes[len], b',' | b'.') && bytes.get(len + 1).is_some_and(u8::is_ascii_digit);
        if !digit && !inner {
            break;
        }
        len += 1;
    }
    let value: f64 = text[..len].replace(',', "").parse().unwrap_or(0.0);
    let power = |from: usize| {
        let digits = run(&text[from..], |c| c.is_ascii_digit());
        let exponent: Option<i32> = text[from..from + digits].parse().ok().filter(|e| *e <= 60);
        exponent.map(|exponent| (exponent, from + digits))
    };
    if text[len..].starts_with('^')
        && let Some((exponent, end)) = power(len + 1)
    {
        return (value.powi(exponent), end);
    }
    if text[len..].starts_with(['e', 'E'])
        && let Some((exponent, end)) = power(len + 1)
    {
        return (value * 10f64.powi(exponent), end);
    }
    (value, len)
}

/// Reads a quantity that begins at piece `at`; returns it and the piece after it.
fn quantity(raw: &[(Raw, Range<usize>)], at: usize) -> Option<(Quantity, usize)> {
    let word = |index: usize| match raw.get(index).map(|(raw, _)| raw) {
        Some(Raw::Word(word)) => Some(word.as_str()),
        _ => None,
    };
    let start = raw[at].1.start;
    let (mut value, mut next, mut attached) = match &raw[at].0 {
        Raw::Number(value, attached) => (*value, at + 1, attached.clone()),
        Raw::Word(first) => match first.as_str() {
            "half" if word(at + 1) == Some("a") && word(at + 2).and_then(scale).is_some() => {
                (0.5, at + 2, String::new())
            }
            "a" | "one" if word(at + 1).and_then(scale).is_some() => (1.0, at + 1, String::new()),
            other => (number_word(other)?, at + 1, String::new()),
        },
        Raw::Sign(_) => return None,
    };
    if matches!(attached.as_str(), "st" | "nd" | "rd" | "th" | "x") {
        return None;
    }
    while let Some(factor) = word(next).and_then(scale) {
        value *= factor;
        next += 1;
    }
    let mut found = Quantity {
        value,
        kind: Kind::Count,
        period: None,
        each: false,
        capacity: false,
        bare: value,
        range: 0..0,
    };
    if let Some(factor) = attached_scale(&attached) {
        found.value *= factor;
        found.bare = found.value;
        attached.clear();
    }
    if attached.is_empty() {
        match raw.get(next).map(|(raw, _)| raw) {
            Some(Raw::Sign('%')) => {
                attached = "%".to_owned();
                next += 1;
            }
            Some(Raw::Word(unit)) if apply_unit(&mut found.clone(), unit) => {
                attached = unit.clone();
                next += 1;
            }
            _ => {}
        }
    }
    if !attached.is_empty() && !apply_unit(&mut found, &attached) {
        return None;
    }
    next = period(raw, next, &mut found);
    found.range = start..raw[next - 1].1.end;
    Some((found, next))
}

/// Looks for `a day`, `per user per second`, `/s`, `daily`, `each` within the next few words.
fn period(raw: &[(Raw, Range<usize>)], from: usize, found: &mut Quantity) -> usize {
    let mut end = from;
    let mut at = from;
    while at < raw.len() && at < from + 7 {
        match &raw[at].0 {
            Raw::Word(word) => match word.as_str() {
                "per" | "a" | "an" | "every" | "each" => {
                    let next = match raw.get(at + 1).map(|(raw, _)| raw) {
                        Some(Raw::Word(next)) => next.as_str(),
                        _ => "",
                    };
                    if let Some(seconds) = seconds(next).filter(|_| found.kind != Kind::Time) {
                        found.period = found.period.or(Some(seconds));
                        (at, end) = (at + 2, at + 2);
                        continue;
                    }
                    if let Some((seconds, after)) = every(raw, at + 1).filter(|_| word == "every") {
                        found.period = found.period.or(Some(seconds));
                        (at, end) = (after, after);
                        continue;
                    }
                    if MACHINES.contains(&next.trim_end_matches('s')) {
                        (found.capacity, end) = (true, at + 2);
                    }
                    if matches!(word.as_str(), "per" | "each") {
                        found.each = true;
                        end = at + 1;
                    }
                }
                "daily" => (found.period, end) = (found.period.or(Some(DAY)), at + 1),
                "hourly" => (found.period, end) = (found.period.or(Some(3600.0)), at + 1),
                "monthly" => (found.period, end) = (found.period.or(Some(30.0 * DAY)), at + 1),
                "yearly" | "annually" => (found.period, end) = (found.period.or(Some(365.0 * DAY)), at + 1),
                "qps" | "rps" | "tps" => (found.period, end) = (found.period.or(Some(1.0)), at + 1),
                "x" | "times" | "is" | "are" | "gives" | "makes" | "so" | "that" | "thats" | "which"
                | "means" | "equals" | "and" | "or" | "over" | "for" | "with" | "at" | "divided"
                | "multiplied" | "of" | "to" | "then" | "but" | "plus" | "we" | "i" => break,
                other if number_word(other).is_some() || scale(other).is_some() => break,
                _ => {}
            },
            Raw::Sign('/') => {
                let Some((Raw::Word(next), _)) = raw.get(at + 1) else { break };
                let Some(seconds) = seconds(next) else { break };
                found.period = found.period.or(Some(seconds));
                (at, end) = (at + 2, at + 2);
                continue;
            }
            _ => break,
        }
        at += 1;
    }
    end.max(from)
}

const MACHINES: [&str; 13] = [
    "machine",
    "server",
    "node",
    "box",
    "shard",
    "host",
    "instance",
    "broker",
    "partition",
    "worker",
    "gateway",
    "replica",
    "core",
];

/// `every 30 seconds`: the period, and the piece after it.
fn every(raw: &[(Raw, Range<usize>)], at: usize) -> Option<(f64, usize)> {
    let count = match &raw.get(at)?.0 {
        Raw::Number(value, attached) if attached.is_empty() => *value,
        Raw::Word(word) => number_word(word)?,
        _ => return None,
    };
    let Raw::Word(unit) = &raw.get(at + 1)?.0 else { return None };
    Some((count * seconds(unit)?, at + 2)).filter(|(seconds, _)| *seconds > 0.0)
}

pub(super) const DAY: f64 = 86_400.0;

fn apply_unit(found: &mut Quantity, unit: &str) -> bool {
    if let Some(bytes) = bytes(unit) {
        (found.value, found.kind) = (found.value * bytes, Kind::Bytes);
    } else if let Some(bits) = bits_per_second(unit) {
        (found.value, found.kind, found.period) = (found.value * bits / 8.0, Kind::Bytes, Some(1.0));
    } else if matches!(unit, "%" | "percent") {
        (found.value, found.kind) = (found.value / 100.0, Kind::Share);
    } else if matches!(unit, "qps" | "rps" | "tps") {
        found.period = Some(1.0);
    } else if matches!(unit, "kqps" | "krps") {
        (found.value, found.period) = (found.value * 1e3, Some(1.0));
    } else if let Some(seconds) = seconds(unit).filter(|_| unit != "second" || found.value != 1.0) {
        (found.value, found.kind) = (found.value * seconds, Kind::Time);
    } else {
        return false;
    }
    true
}

fn scale(word: &str) -> Option<f64> {
    Some(match word {
        "hundred" => 1e2,
        "thousand" => 1e3,
        "million" | "mil" | "mm" => 1e6,
        "billion" | "bn" => 1e9,
        "trillion" => 1e12,
        _ => return None,
    })
}

fn attached_scale(letters: &str) -> Option<f64> {
    Some(match letters {
        "k" => 1e3,
        "m" | "mm" | "mil" => 1e6,
        "b" | "bn" => 1e9,
        "t" => 1e12,
        _ => return None,
    })
}

fn number_word(word: &str) -> Option<f64> {
    const WORDS: [(&str, f64); 21] = [
        ("two", 2.0),
        ("three", 3.0),
        ("four", 4.0),
        ("five", 5.0),
        ("six", 6.0),
        ("seven", 7.0),
        ("eight", 8.0),
        ("nine", 9.0),
        ("ten", 10.0),
        ("eleven", 11.0),
        ("twelve", 12.0),
        ("fifteen", 15.0),
        ("twenty", 20.0),
        ("thirty", 30.0),
        ("forty", 40.0),
        ("fifty", 50.0),
        ("sixty", 60.0),
        ("seventy", 70.0),
        ("eighty", 80.0),
        ("ninety", 90.0),
        ("dozen", 12.0),
    ];
    WORDS.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}

fn bytes(unit: &str) -> Option<f64> {
    Some(match unit {
        "byte" | "bytes" => 1.0,
        "kb" | "kib" | "kilobyte" | "kilobytes" => 1e3,
        "mb" | "mib" | "megabyte" | "megabytes" | "meg" | "megs" => 1e6,
        "gb" | "gib" | "gigabyte" | "gigabytes" | "gig" | "gigs" => 1e9,
        "tb" | "tib" | "terabyte" | "terabytes" => 1e12,
        "pb" | "pib" | "petabyte" | "petabytes" => 1e15,
        "eb" | "exabyte" | "exabytes" => 1e18,
        _ => return None,
    })
}

fn bits_per_second(unit: &str) -> Option<f64> {
    Some(match unit {
        "kbps" => 1e3,
        "mbps" | "mbit" | "megabit" | "megabits" => 1e6,
        "gbps" | "gbit" | "gigabit" | "gigabits" => 1e9,
        "tbps" | "terabit" | "terabits" => 1e12,
        _ => return None,
    })
}

fn seconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" | "millisecond" | "milliseconds" | "millis" => 1e-3,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => DAY,
        "week" | "weeks" => 7.0 * DAY,
        "month" | "months" => 30.0 * DAY,
        "y" | "yr" | "year" | "years" => 365.0 * DAY,
        _ => return None,
    })
}
