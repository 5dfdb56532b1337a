//! The figures of `greenroom calibrate` as tables, for a terminal or as Markdown.

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthStr;

use super::{Calibrated, Report};
use crate::grading::calibration::{Agreement, Estimate};
use crate::text::sanitise;

/// How tables are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Columns of equal width.
    Plain,
    /// Markdown.
    Markdown,
}

/// Draws everything.
pub(super) fn render(report: &Report<'_>, style: Style) -> String {
    let mut out = format!(
        "{} labelled answers to {} questions, {} attacks. Intervals are 95 %, by resampling questions.\n\n",
        report.gold, report.questions, report.attacks
    );
    out += &draw(&summary(report.coaches), style);
    let kinds = by_kind(report.coaches);
    if kinds.len() > 1 {
        out += "\nBy sort of answer: mean label, then each coach's mean grade and mean error.\n\n";
        out += &draw(&kinds, style);
    }
    let attacks = by_attack(report.coaches);
    if attacks.len() > 1 {
        out += "\nAttacks withstood.\n\n";
        out += &draw(&attacks, style);
    }
    for coach in report.coaches.iter().filter(|coach| !coach.failed.is_empty()) {
        let first = coach.failed.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        out += &format!("\n{} gave no grade to {} of them: {first}, ...\n", coach.coach, coach.failed.len());
    }
    sanitise(&out)
}

/// Writes one figure of a coach.
type Figure = Box<dyn Fn(&Calibrated) -> String>;

fn summary(coaches: &[Calibrated]) -> Vec<Vec<String>> {
    let figure = |measure: fn(&Agreement) -> Estimate| {
        move |coach: &Calibrated| {
            coach.agreement.as_ref().map_or_else(String::new, |agreement| {
                let Estimate { value, low, high } = measure(agreement);
                format!("{value:.2} ({low:.2} to {high:.2})")
            })
        }
    };
    let share = |part: usize, all: usize| match all {
        0 => String::new(),
        _ => format!("{:.0} %", 100.0 * part as f64 / all as f64),
    };
    let rows: Vec<(&str, Figure)> = vec![
        ("correlation with people (Pearson)", Box::new(figure(|a| a.pearson))),
        (
            "the same within a question",
            Box::new(|coach: &Calibrated| {
                let within = coach.agreement.as_ref().and_then(|agreement| agreement.pearson_per_question);
                within.map_or_else(String::new, |value| format!("{value:.2}"))
            }),
        ),
        ("agreement on whole points (QWK)", Box::new(figure(|a| a.qwk))),
        ("mean error, points of 10", Box::new(figure(|a| a.mae))),
        ("root mean squared error", Box::new(figure(|a| a.rmse))),
        (
            "within 2 points; mean confidence",
            Box::new(|coach: &Calibrated| {
                coach.agreement.as_ref().map_or_else(String::new, |agreement| {
                    format!("{:.2}; {:.2}", agreement.within_two, agreement.mean_confidence)
                })
            }),
        ),
        (
            "same score again; largest difference",
            Box::new(move |coach: &Calibrated| {
                let stability = &coach.stability;
                match stability.answers {
                    0 => String::new(),
                    all => {
                        format!("{}; {:.1}", share(stability.identical, all), stability.largest_difference)
                    }
                }
            }),
        ),
        (
            "attacks withstood; worst excess",
            Box::new(move |coach: &Calibrated| {
                let stood = &coach.resistance;
                match stood.attacks {
                    0 => String::new(),
                    all => format!("{}; {:.1}", share(stood.passed, all), stood.worst_overshoot),
                }
            }),
        ),
    ];
    let mut table = vec![header("", coaches)];
    for (name, figure) in rows {
        let mut row = vec![name.to_owned()];
        row.extend(coaches.iter().map(figure));
        table.push(row);
    }
    table
}

fn header(first: &str, coaches: &[Calibrated]) -> Vec<String> {
    std::iter::once(first.to_owned()).chain(coaches.iter().map(|coach| coach.coach.clone())).collect()
}

fn by_kind(coaches: &[Calibrated]) -> Vec<Vec<String>> {
    let Some(first) = coaches.first().and_then(|coach| coach.agreement.as_ref()) else { return Vec::new() };
    let mut head = header("kind", coaches);
    head.splice(1..1, ["answers".to_owned(), "label".to_owned()]);
    let mut table = vec![head];
    for kind in &first.by_kind {
        let mut row = vec![kind.kind.clone(), kind.answers.to_string(), format!("{:.1}", kind.label)];
        row.extend(coaches.iter().map(|coach| {
            let kinds = coach.agreement.iter().flat_map(|agreement| &agreement.by_kind);
            let same = kinds.into_iter().find(|other| other.kind == kind.kind);
            same.map_or_else(String::new, |found| format!("{:.1}, error {:.1}", found.grade, found.mae))
        }));
        table.push(row);
    }
    table
}

fn by_attack(coaches: &[Calibrated]) -> Vec<Vec<String>> {
    let kinds: BTreeSet<&str> =
        coaches.iter().flat_map(|coach| &coach.resistance.by_kind).map(|kind| kind.kind.as_str()).collect();
    let mut table = vec![header("attack", coaches)];
    for name in kinds {
        let mut row = vec![name.replace('_', " ")];
        row.extend(coaches.iter().map(|coach| {
            let found = coach.resistance.by_kind.iter().find(|kind| kind.kind == name);
            found.map_or_else(String::new, |kind| format!("{} of {}", kind.passed, kind.attacks))
        }));
        table.push(row);
    }
    table
}

fn draw(table: &[Vec<String>], style: Style) -> String {
    let columns = table.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            table.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    for (index, row) in table.iter().enumerate() {
        if style == Style::Markdown {
            out += &format!("| {} |\n", row.join(" | "));
            if index == 0 {
                out += &format!("|{}\n", "---|".repeat(columns));
            }
            continue;
        }
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width()))));
        out += cells.collect::<Vec<_>>().join("   ").trim_end();
        out.push('\n');
    }
    out
}
