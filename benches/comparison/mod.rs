//! What is measured beside what it is measured by, turn by turn in one run, and shown as a ratio.
//!
//! A ratio holds on another machine, and on a busy one; milliseconds do not. Nothing here asserts a time.

use std::time::{Duration, Instant};

/// Runs `ours` and `theirs` in turn, `rounds` times after one to warm up, and prints the medians and their ratio.
#[allow(clippy::disallowed_methods, reason = "this measures")]
pub fn compare(
    name: &str,
    rounds: usize,
    baseline: &str,
    mut ours: impl FnMut(),
    mut theirs: impl FnMut(),
) -> f64 {
    let time = |run: &mut dyn FnMut()| {
        let begun = Instant::now();
        run();
        begun.elapsed()
    };
    let (mut mine, mut other) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let (one, two) = (time(&mut ours), time(&mut theirs));
        if round > 0 {
            mine.push(one);
            other.push(two);
        }
    }
    let (mine, other) = (median(mine), median(other));
    let ratio = mine.as_secs_f64() / other.as_secs_f64().max(1e-9);
    println!("| {name} | {} | {baseline} | {} | {ratio:.2} |", shown(mine), shown(other));
    ratio
}

/// Begins a table.
pub fn table(title: &str) {
    println!("\n{title}\n\n| what | median | beside | median | ratio |\n|---|---|---|---|---|");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn shown(time: Duration) -> String {
    match time.as_nanos() {
        0..10_000 => format!("{} ns", time.as_nanos()),
        10_000..10_000_000 => format!("{:.2} ms", time.as_secs_f64() * 1e3),
        _ => format!("{:.1} ms", time.as_secs_f64() * 1e3),
    }
}
