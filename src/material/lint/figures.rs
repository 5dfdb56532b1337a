//! PURE. Figures of a problem: the working must add up, and must rest on what the facts say.

use super::Linter;
use crate::material::Problem;

/// How far a working may be from what it says it comes to.
const ROUNDING: f64 = 0.1;

impl Linter<'_> {
    pub(super) fn figures(&mut self, file: &str, problem: &Problem) {
        let mut known: Vec<f64> = problem
            .facts
            .iter()
            .map(|fact| fact.answer.as_str())
            .chain([problem.statement.as_str(), problem.change.announcement.as_str()])
            .chain(problem.failures.iter().map(|failure| failure.scenario.as_str()))
            .flat_map(|text| numbers(text).into_iter().map(|number| number.value))
            .collect();
        known.extend(problem.figures.iter().filter_map(|figure| equation(&figure.working)?.stated));
        for figure in &problem.figures {
            let id = &figure.id;
            if figure.low > figure.high || figure.low < 0.0 {
                self.fault(file, id, format!("figure `{id}` has no value between low and high"));
                continue;
            }
            if !matches!(figure.unit.as_str(), "per second" | "bytes" | "bytes per second" | "count") {
                let known = ["per second", "bytes", "bytes per second", "count"];
                self.known(file, id, "unit", &figure.unit, &known);
            }
            self.filled(file, id, "working", &figure.working);
            let Some(equation) = equation(&figure.working) else { continue };
            if let (Some(computed), Some(stated)) = (equation.computed, equation.stated)
                && (computed / stated - 1.0).abs() > ROUNDING
            {
                let message = format!(
                    "figure `{id}` does not add up: its working comes to {}, not {}",
                    short(computed),
                    short(stated)
                );
                self.fault_in(file, id, &figure.working, message);
            }
            if let Some(value) = equation.stated.or(equation.computed)
                && !(figure.low * (1.0 - ROUNDING)..=figure.high * (1.0 + ROUNDING)).contains(&value)
            {
                let message = format!(
                    "figure `{id}` comes to {}, outside its {} to {}",
                    short(value),
                    short(figure.low),
                    short(figure.high)
                );
                self.fault_in(file, id, &figure.working, message);
            }
            for input in equation.large_inputs {
                if !known.iter().any(|fact| (fact / input - 1.0).abs() < 0.011) {
                    let message = format!("figure `{id}` takes {}, which no fact says", short(input));
                    self.fault_in(file, id, &figure.working, message);
                }
            }
        }
    }
}

/// "A x B / C = D", as far as it can be read.
#[derive(Debug, PartialEq)]
struct Equation {
    computed: Option<f64>,
    stated: Option<f64>,
    /// Factors written with a magnitude ("20 million"), which must come from somewhere.
    large_inputs: Vec<f64>,
}

fn equation(working: &str) -> Option<Equation> {
    let first = working.split(';').next()?;
    // "A x B = C a day / D = E": the last sum is what counts, the first names what it rests on.
    let parts: Vec<&str> = first.split('=').collect();
    let (left, right) = match parts.as_slice() {
        [] => return None,
        [only] => (*only, None),
        [.., left, right] => (*left, Some(*right)),
    };
    let large_inputs: Vec<f64> = match factors(parts[0]) {
        found if found.iter().any(|factor| matches!(factor, Factor::Other)) => Vec::new(),
        found => found
            .iter()
            .filter_map(|factor| match factor {
                Factor::Number(number) if number.large => Some(number.value),
                _ => None,
            })
            .collect(),
    };
    let is_range = right.is_some_and(|right| right.split([',', '(']).next().unwrap_or("").contains(" to "));
    let stated =
        right.filter(|_| !is_range).and_then(|right| numbers(right).first().map(|number| number.value));
    let mut computed = None;
    let mut operator = '*';
    for token in factors(left) {
        match token {
            Factor::Sign(sign) => operator = sign,
            Factor::Other => return Some(Equation { computed: None, stated, large_inputs }),
            Factor::Number(number) => {
                computed = Some(match (computed, operator) {
                    (None, _) => number.value,
                    (Some(so_far), '/') => so_far / number.value,
                    (Some(so_far), _) => so_far * number.value,
                });
            }
        }
    }
    Some(Equation { computed, stated, large_inputs })
}

enum Factor {
    Number(Number),
    Sign(char),
    /// A sign or a second number that is no plain product: not for us to judge.
    Other,
}

/// Splits a product into numbers and signs; words around the numbers are units.
fn factors(text: &str) -> Vec<Factor> {
    let mut found = Vec::new();
    for (at, piece) in text.split([' ', '\u{a0}']).enumerate() {
        match piece {
            "x" | "×" | "*" => found.push(Factor::Sign('*')),
            "/" | "÷" => found.push(Factor::Sign('/')),
            "+" | "-" | "–" | "(" => return vec![Factor::Other],
            _ if at > 0 && piece.contains(['+', '(', ')']) => return vec![Factor::Other],
            _ => {}
        }
    }
    let signs: Vec<char> = found
        .iter()
        .filter_map(|factor| if let Factor::Sign(sign) = factor { Some(*sign) } else { None })
        .collect();
    let mut pieces = Vec::new();
    let spaced = format!(" {text} ").replace(" × ", " x ").replace(" * ", " x ").replace(" ÷ ", " / ");
    for (index, product) in spaced.split(" x ").flat_map(|part| part.split(" / ")).enumerate() {
        let numbers = numbers(product);
        let [number] = numbers.as_slice() else { return vec![Factor::Other] };
        if index > 0 {
            pieces.push(Factor::Sign(signs.get(index - 1).copied().unwrap_or('*')));
        }
        pieces.push(Factor::Number(*number));
    }
    pieces
}

/// A number in words of a working or a fact, in base units.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Number {
    value: f64,
    /// It was written with "million", "TB" or the like.
    large: bool,
}

fn numbers(text: &str) -> Vec<Number> {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '/'))
        .filter(|word| !word.is_empty())
        .collect();
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let digits: String =
            word.chars().take_while(|c| c.is_ascii_digit() || matches!(c, ',' | '.')).collect();
        let spelt = spelt(&word.to_lowercase().replace([',', '.'], ""));
        let value = match digits.trim_end_matches([',', '.']).replace(',', "").parse::<f64>() {
            Ok(value) => value,
            // "a million" is a number, "a user" is none.
            Err(_) => match spelt.filter(|&value| {
                value > 1.0 || words.get(at + 1).is_some_and(|next| factor_word(next).is_some())
            }) {
                Some(value) => value,
                None => continue,
            },
        };
        let rest = word[digits.len()..].trim_end_matches(['.', ',', ':', ';']);
        let suffix = if digits.is_empty() { "" } else { rest };
        let next = words.get(at + 1).map_or("", |next| next.trim_end_matches(['.', ',', ':', ';']));
        let (factor, magnitude) = match factor(suffix) {
            Some(factor) => (factor, true),
            None if suffix.is_empty() => match factor_word(next) {
                Some(factor) => (factor, true),
                None => (1.0, false),
            },
            None => (1.0, false),
        };
        found.push(Number { value: value * factor, large: magnitude && factor >= 1e6 });
    }
    found
}

fn spelt(word: &str) -> Option<f64> {
    let words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let number = words.iter().position(|known| *known == word).map(|at| at as f64 + 1.0);
    number.or(match word {
        "twenty" => Some(20.0),
        "fifty" => Some(50.0),
        "hundred" => Some(100.0),
        "a" => Some(1.0),
        _ => None,
    })
}

fn factor(suffix: &str) -> Option<f64> {
    Some(match suffix.trim_end_matches("/s") {
        "k" | "K" | "KB" | "kB" => 1e3,
        "M" | "m" | "MB" => 1e6,
        "B" | "G" | "GB" | "bn" => 1e9,
        "T" | "TB" => 1e12,
        "PB" => 1e15,
        "%" => 0.01,
        _ => return bits(suffix),
    })
}

/// Bits count as eighths of bytes, so that both sides of a sum are bytes.
fn bits(unit: &str) -> Option<f64> {
    Some(match unit.trim_end_matches("/s").to_lowercase().as_str() {
        "kbit" | "kbps" => 1e3 / 8.0,
        "mbit" | "mbps" => 1e6 / 8.0,
        "gbit" | "gbps" => 1e9 / 8.0,
        "tbit" | "tbps" => 1e12 / 8.0,
        _ => return None,
    })
}

fn factor_word(word: &str) -> Option<f64> {
    Some(match word.trim_end_matches(['.', ',', ':', ';']).to_lowercase().as_str() {
        "thousand" => 1e3,
        "million" => 1e6,
        "billion" => 1e9,
        "trillion" => 1e12,
        "kb" | "kilobytes" => 1e3,
        "mb" | "megabytes" => 1e6,
        "gb" | "gigabytes" => 1e9,
        "tb" | "terabytes" => 1e12,
        "pb" | "petabytes" => 1e15,
        "percent" => 0.01,
        "cents" | "cent" => 0.01,
        other => return bits(other),
    })
}

fn short(value: f64) -> String {
    let (scaled, name) = match value.abs() {
        v if v >= 1e15 => (value / 1e15, " quadrillion"),
        v if v >= 1e12 => (value / 1e12, " trillion"),
        v if v >= 1e9 => (value / 1e9, " billion"),
        v if v >= 1e6 => (value / 1e6, " million"),
        _ => (value, ""),
    };
    let rounded = if scaled.abs() >= 100.0 { scaled.round() } else { (scaled * 100.0).round() / 100.0 };
    format!("{rounded}{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_working_is_read_as_people_write_it() {
        let rows = [
            ("200M users x 40 messages / 86,400 s = 92,600 per second", Some(92_592.6), Some(92_600.0)),
            ("8 billion messages x 400 bytes = 3.2 TB a day, 1.2 PB a year", Some(3.2e12), Some(3.2e12)),
            ("5 million x 2 cents = 100,000 dollars", Some(1e5), Some(1e5)),
            ("80M connections / 100,000 each = 800; at 500,000 each 160", Some(800.0), Some(800.0)),
            ("278,000 deliveries x 400 bytes = 111 MB/s", Some(1.112e8), Some(1.11e8)),
            ("100M links a day x 100 reads / 86,400 s", Some(115_740.7), None),
            ("8M visitors x 20 pages = 160M a day / 86,400 s = 1,850 per second", Some(1851.8), Some(1850.0)),
            ("4M viewers x 4 Mbit/s = 16 Tbit/s", Some(2e12), Some(2e12)),
            ("10 GB + 20 GB of index = 30 GB", None, Some(3e10)),
            ("about the same as yesterday", None, None),
        ];
        for (working, computed, stated) in rows {
            let equation = equation(working).expect("a first part");
            let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
                (Some(a), Some(b)) => (a / b - 1.0).abs() < 0.001,
                (a, b) => a == b,
            };
            assert!(near(equation.computed, computed), "{working}: {:?}", equation.computed);
            assert!(near(equation.stated, stated), "{working}: {:?}", equation.stated);
        }
    }
}
