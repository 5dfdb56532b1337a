//! PURE. Estimates that the candidate states with their inputs, recomputed: "100M users x 10 reads a
//! day is about 12k a second". Only a figure that is ten times off in every reading of its
//! inputs is called a slip; what is not understood is left alone.

mod quantity;

use std::ops::Range;

use crate::text::Prepared;
use quantity::{DAY, Kind, Lexeme, Quantity, lex};

/// Stated over computed from which a figure is off by ten, and below one over which.
const SLIP: f64 = 7.5;
/// Plain multipliers that make a longer period of a rate: hours of a day, days of a year, ...
const LONGER: [f64; 9] = [7.0, 12.0, 24.0, 30.0, 52.0, 60.0, 365.0, 3600.0, DAY];

/// A figure that was worked out aloud.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Index of the turn.
    pub turn: usize,
    /// Bytes of the turn, from the first input to the result.
    pub range: Range<usize>,
    /// The inputs in the candidate's words.
    pub inputs: String,
    /// The result in the candidate's words.
    pub result: String,
    /// Result, in things or bytes, for each second if it is a rate.
    pub stated: f64,
    /// What the inputs give, in the same unit; the reading nearest to what was stated.
    pub computed: f64,
    /// What the inputs give, as people write it.
    pub computed_text: String,
    /// Whether it is plain how the inputs are joined.
    pub sure: bool,
}

impl Estimate {
    /// Both numbers as a sentence, if they are ten times apart.
    pub fn slip(&self) -> Option<String> {
        let ratio = self.stated / self.computed;
        let Self { inputs, result, computed_text, .. } = self;
        (self.sure && !(1.0 / SLIP..SLIP).contains(&ratio))
            .then(|| format!("You said {result}; your inputs ({inputs}) give about {computed_text}."))
    }
}

/// Finds the estimates in what was said in turn `turn`.
pub fn estimates(text: &Prepared<'_>, turn: usize) -> Vec<Estimate> {
    let mut found = Vec::new();
    let mut chain: Vec<(Join, Quantity)> = Vec::new();
    for sentence in text.sentences() {
        let lexemes = lex(&text.text()[sentence.clone()]);
        let mut between: Vec<Lexeme> = Vec::new();
        let mut after_factor = false;
        let mut first = true;
        for (index, lexeme) in lexemes.iter().enumerate() {
            let Lexeme::Quantity(quantity) = lexeme else {
                between.push(lexeme.clone());
                continue;
            };
            let mut quantity = quantity.clone();
            quantity.range = quantity.range.start + sentence.start..quantity.range.end + sentence.start;
            let mut join = chain.last().map_or(Join::None, |(_, last)| joined(last, &between, &quantity));
            // A new sentence goes on with the last one's figures only if it says so.
            let goes_on = || ["at", "times", "x", "each"].iter().any(|word| is_word(between.first(), word));
            let concludes = || {
                ["so", "that", "thats", "which", "this", "gives", "makes", "about", "roughly", "then"]
                    .iter()
                    .any(|word| is_word(between.first(), word))
                    || matches!(between.first(), Some(Lexeme::Sign('=' | '\u{2248}' | '\u{2192}')))
            };
            if first
                && !(join == Join::Gives && concludes())
                && !(matches!(join, Join::Times | Join::PerhapsTimes | Join::Over) && goes_on())
            {
                join = Join::None;
            }
            let is_factor = is_word(lexemes.get(index + 1), "times")
                && ["that", "this", "it"].iter().any(|word| is_word(lexemes.get(index + 2), word));
            if is_factor && !chain.is_empty() {
                join = Join::Times;
            } else if after_factor && quantity.kind == Kind::Count && join == Join::Times {
                join = Join::Gives;
            }
            after_factor = is_factor;
            first = false;
            between.clear();
            match join {
                Join::Gives => {
                    if let Some(estimate) = estimate(text.text(), turn, &chain, &quantity) {
                        found.push(estimate);
                    }
                    chain = vec![(Join::None, quantity)];
                }
                Join::None => chain = vec![(Join::None, quantity)],
                join => chain.push((join, quantity)),
            }
        }
    }
    found
}

fn is_word(lexeme: Option<&Lexeme>, wanted: &str) -> bool {
    matches!(lexeme, Some(Lexeme::Word(word)) if word == wanted)
}

/// How a quantity is joined to the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    Times,
    /// Times, most likely.
    PerhapsTimes,
    Over,
    Gives,
    None,
}

fn joined(before: &Quantity, between: &[Lexeme], after: &Quantity) -> Join {
    let has = |words: &[&str]| {
        between.iter().any(|lexeme| match lexeme {
            Lexeme::Word(word) => words.contains(&word.as_str()),
            Lexeme::Sign(sign) => words.contains(&sign.to_string().as_str()),
            Lexeme::Quantity(_) => false,
        })
    };
    let gives = has(&[
        "=", "\u{2248}", "\u{2192}", "is", "are", "gives", "give", "makes", "comes", "so", "thats", "equals",
        "means", "works", "would", "be",
    ]);
    let each = has(&["each", "every"]) || (before.each && after.period.is_none());
    if after.capacity {
        return Join::Over;
    }
    if each && before.kind != after.kind && after.kind == Kind::Bytes && after.period.is_none() {
        return Join::Times;
    }
    if gives {
        return Join::Gives;
    }
    if has(&["x", "*", "\u{d7}", "times", "multiplied", "by"]) && !has(&["divided"]) {
        return Join::Times;
    }
    if has(&["/", "\u{f7}", "divided", "over"]) {
        return Join::Over;
    }
    if has(&["or", "\u{2014}", "-", "\u{2013}"]) && before.period.is_some() && after.period.is_some() {
        return Join::Gives;
    }
    if has(&["+", "plus", "and", "to", "or", "but", "versus", "vs", "than"]) {
        return Join::None;
    }
    if after.kind == Kind::Bytes && before.kind == Kind::Count && after.period.is_none() && has(&["of"]) {
        return Join::Times;
    }
    if before.kind == Kind::Share && has(&["of"]) || (has(&["at", "@", "for"]) && before.kind != after.kind) {
        return Join::Times;
    }
    if each || before.each || after.each || has(&["at", "@", "for", "with", "that", "send", "sending"]) {
        return Join::PerhapsTimes;
    }
    Join::None
}

/// One reading of the inputs: a value, and its period if it is a rate.
#[derive(Clone, Copy, Debug)]
struct Reading {
    value: f64,
    period: Option<f64>,
}

fn estimate(text: &str, turn: usize, chain: &[(Join, Quantity)], result: &Quantity) -> Option<Estimate> {
    if matches!(result.kind, Kind::Time | Kind::Share) || result.value <= 0.0 {
        return None;
    }
    let inputs: Vec<&Quantity> = chain.iter().map(|(_, quantity)| quantity).collect();
    if inputs.iter().any(|input| input.value <= 0.0) || !same_kind(chain, result) {
        return None;
    }
    let converts = inputs.len() == 1 && inputs[0].period != result.period && inputs[0].period.is_some();
    if inputs.len() < 2 && !(converts && result.period.is_some()) {
        return None;
    }
    let period = result.period.unwrap_or(1.0);
    let stated = result.value / period;
    let near = |reading: &Reading| {
        let computed =
            reading.value / if result.period.is_some() { reading.period.unwrap_or(period) } else { 1.0 };
        (computed, (stated / computed).ln().abs())
    };
    let (computed, _) = readings(chain)
        .iter()
        .map(near)
        .filter(|(value, _)| *value > 0.0 && value.is_finite())
        .min_by(|a, b| a.1.total_cmp(&b.1))?;
    let range = inputs[0].range.start..result.range.end;
    let last = inputs[inputs.len() - 1].range.end;
    Some(Estimate {
        turn,
        inputs: text[inputs[0].range.start..last].split_whitespace().collect::<Vec<_>>().join(" "),
        result: text[result.range.clone()].split_whitespace().collect::<Vec<_>>().join(" "),
        range,
        stated,
        computed,
        computed_text: written(computed * period, result),
        sure: chain.iter().all(|(join, _)| *join != Join::PerhapsTimes),
    })
}

/// Bytes come from bytes, counts from counts.
fn same_kind(chain: &[(Join, Quantity)], result: &Quantity) -> bool {
    let bytes = chain.iter().any(|(_, quantity)| quantity.kind == Kind::Bytes);
    bytes == (result.kind == Kind::Bytes)
}

/// Every way in which the inputs can be read: time as seconds or as a plain number, and the period
/// of the product as that of its rate, longer by a plain multiplier, or gone.
fn readings(chain: &[(Join, Quantity)]) -> Vec<Reading> {
    let rate = chain.iter().find_map(|(_, quantity)| quantity.period);
    let mut out = Vec::new();
    for plain in [true, false] {
        let (mut value, mut seconds, mut over_time, mut periods) = (1.0, 1.0, false, Vec::new());
        for (join, quantity) in chain {
            let time = quantity.kind == Kind::Time;
            let number = if time && plain { quantity.bare } else { quantity.value };
            if *join == Join::Over {
                value /= number;
                over_time |= time || (rate.or(Some(DAY))).is_some_and(|p| (0.7..1.3).contains(&(number / p)));
            } else {
                if time && !plain {
                    seconds *= number;
                } else {
                    value *= number;
                }
                periods.push(number);
            }
        }
        if over_time {
            out.push(Reading { value: value * seconds, period: Some(1.0) });
            continue;
        }
        match rate {
            Some(period) => {
                let whole = if plain { value } else { value * seconds / period };
                out.push(Reading { value: whole, period: None });
                out.push(Reading { value, period: Some(period) });
                for times in periods.iter().filter(|times| LONGER.contains(times)) {
                    out.push(Reading { value, period: Some(period * times) });
                }
                // "50 GB a day over five years": the days of a year go without saying.
                if plain && seconds == 1.0 {
                    out.push(Reading { value: value * 365.0 * DAY / period, period: None });
                }
            }
            None => {
                out.push(Reading { value: value * seconds, period: None });
                // Users and what each does, without a word about the period: a day is meant.
                out.push(Reading { value, period: Some(DAY) });
                out.push(Reading { value, period: Some(1.0) });
            }
        }
    }
    out
}

/// A value as people write it, in the unit of `like`.
fn written(value: f64, like: &Quantity) -> String {
    let steps: &[(f64, &str)] = match like.kind {
        Kind::Bytes => {
            &[(1e15, " PB"), (1e12, " TB"), (1e9, " GB"), (1e6, " MB"), (1e3, " KB"), (1.0, " bytes")]
        }
        _ => &[(1e9, "B"), (1e6, "M"), (1e3, "k"), (1.0, "")],
    };
    let &(step, unit) = steps.iter().find(|(step, _)| value >= *step).unwrap_or(&steps[steps.len() - 1]);
    let scaled = value / step;
    let digits = if scaled >= 10.0 { format!("{scaled:.0}") } else { format!("{scaled:.1}") };
    let period = match like.period {
        Some(1.0) => " a second",
        Some(60.0) => " a minute",
        Some(3600.0) => " an hour",
        Some(DAY) => " a day",
        Some(p) if p == 30.0 * DAY => " a month",
        Some(p) if p == 365.0 * DAY => " a year",
        _ => "",
    };
    format!("{}{unit}{period}", digits.trim_end_matches(".0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Estimate> {
        estimates(&Prepared::new(text), 0)
    }

    #[test]
    fn a_right_estimate_is_found_and_left_alone() {
        let rows = [
            "100M users x 10 reads a day is about 12k a second.",
            "100 million links a day, that's roughly 1,200 writes per second.",
            "1B requests per day / 86,400 seconds = 11.6k QPS",
            "500 bytes each times 100 million a day is 50 GB per day.",
            "50 GB a day x 365 x 5 = 90 TB",
            "50 GB a day for 5 years is about 90 TB.",
            "10% of 50M users is 5 million users a day.",
            "200M DAU times 2 posts per day = 400M posts/day. So about 5k posts per second.",
            "We have ten million drivers sending one update every 4 seconds, so 2.5 million per second.",
            "Each message is 1 KB, 1 billion messages a day, so a terabyte a day; times 365 that is 365 TB a year.",
            "5k uploads per second at 2 MB is 10 GB per second.",
            "12k reads a second x 2 KB = 24 MB/s",
            "3000 per second * 86400 gives roughly 260M per day",
        ];
        for text in rows {
            let found = found(text);
            for estimate in &found {
                assert_eq!(estimate.slip(), None, "{text}: {estimate:?}");
            }
        }
    }

    #[test]
    fn a_slip_of_ten_shows_both_numbers() {
        let rows = [
            (
                "100M users x 10 reads a day is about 1.2k a second.",
                "You said 1.2k a second; your inputs (100M users x 10 reads a day) give about 12k a second.",
            ),
            (
                "1 billion requests a day, so 120k per second.",
                "You said 120k per second; your inputs (1 billion requests a day) give about 12k a second.",
            ),
            (
                "100 million photos a day at 2 MB each is 20 TB per day.",
                "You said 20 TB per day; your inputs (100 million photos a day at 2 MB each) give about 200 TB a day.",
            ),
            (
                "500 bytes times 100M a day = 5 GB a day.",
                "You said 5 GB a day; your inputs (500 bytes times 100M a day) give about 50 GB a day.",
            ),
        ];
        for (text, want) in rows {
            let slips: Vec<String> = found(text).iter().filter_map(Estimate::slip).collect();
            assert_eq!(slips, [want], "{text}");
        }
    }

    #[test]
    fn what_is_no_estimate_is_left_alone() {
        let rows = [
            "The p99 is 200 ms and we keep 3 replicas, so 2 may fail.",
            "It is 2026 and there are 5 of us.",
            "Reads outnumber writes 100 to 1, so 1,000 reads are 10 writes.",
            "Port 443, HTTP 301, base 62, 7 characters: 3.5 trillion codes.",
            "About 100 million users, about 10 reads each.",
            "About 5,000 tablets, times three replicas. Each tablet is a group, on maybe 150 machines.",
            "We went from 10 to 20 servers; that is 2 times more.",
            "9999999999999999999999999999999^60 x 10 = 1",
        ];
        for text in rows {
            let slips: Vec<String> = found(text).iter().filter_map(Estimate::slip).collect();
            assert!(slips.is_empty(), "{text}: {slips:?}");
        }
    }

    #[test]
    fn the_common_estimates_are_recognised() {
        let rows = [
            ("100M users x 10 reads a day is about 12k a second.", 1),
            ("100 million links a day, that's roughly 1,200 writes per second.", 1),
            ("200M DAU times 2 posts per day = 400M posts/day. So about 5k posts per second.", 2),
            ("That is about 1,200 writes a second, and a hundred times that, 120,000 reads a second.", 1),
            ("Five years is 180 billion links; at 500 bytes each that's 90 terabytes.", 1),
            ("About 100 million users, about 10 reads each.", 0),
            ("We need a cache of 50 GB.", 0),
            ("30 million open sockets. At 100,000 a machine that's 300 gateways.", 1),
            ("50 million entries of some 40 bytes are 2 gigabytes.", 1),
            ("30 million clients with a heartbeat every 30 seconds are a million a second.", 1),
        ];
        for (text, want) in rows {
            assert_eq!(found(text).len(), want, "{text}: {:?}", found(text));
        }
    }
}
