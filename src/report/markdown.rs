//! PURE. The report as Markdown, to keep or to share.

use super::Report;
use super::words::{clock, flag, mark, name_of, one_line, place, quoted, title, used_of, verdict};
use crate::grading::{Assessment, PointStatus, Rubric};

/// The report as Markdown; `rubric` gives the criteria their titles.
pub fn markdown(report: &Report, rubric: &Rubric) -> String {
    let problem = report.problem.as_deref().map_or_else(|| "Interview".to_owned(), plain);
    let mut out = format!("# {problem}\n\n");
    out += &match report.session_id.as_str() {
        "" => format!("Graded by `{}`.\n\n", plain(&report.grader)),
        id => format!("Session `{id}`, graded by `{}`.\n\n", plain(&report.grader)),
    };
    let verdicts = &report.verdicts;
    out += "| mid | senior | staff |\n|---|---|---|\n";
    out += &format!(
        "| {} | {} | {} |\n\n## Criteria\n",
        verdict(verdicts.mid),
        verdict(verdicts.senior),
        verdict(verdicts.staff)
    );
    for criterion in &report.criteria {
        let name = title(rubric, &criterion.id);
        match &criterion.assessment {
            Assessment::Assessed { level, score, spread, evidence } => {
                let spread = spread.map_or(String::new(), |spread| format!(", spread {spread:.1}"));
                out += &format!("\n### {name}: {} of 4\n\nScore {score:.1}{spread}.\n\n", level.get());
                for item in evidence {
                    let quote = plain(&quoted(item.quote()));
                    out += &format!("> {quote} ({})\n\n", place(item.turn(), item.at_seconds()));
                }
            }
            Assessment::NotAssessed { reason } => {
                out += &format!("\n### {name}: not assessed\n\n{}.\n\n", plain(&name_of_sentence(reason)));
            }
        }
        for strength in &criterion.strengths {
            out += &format!("- \u{2713} {}\n", plain(strength));
        }
        for improvement in &criterion.improvements {
            out += &format!("- \u{2192} {}\n", plain(improvement));
        }
    }
    out += &agenda(report);
    out += &time(report);
    if let Some(conversation) = &report.conversation {
        out += "\n## Conversation\n\n";
        conversation.lines().iter().for_each(|line| out += &format!("- {}\n", plain(line)));
    }
    if let Some(interviewer) = &report.interviewer {
        out += "\n## Interviewer\n\n";
        interviewer.lines().iter().for_each(|line| out += &format!("- {}\n", plain(line)));
    }
    if let Some(drawing) = &report.drawing {
        out += "\n## Drawing\n\n";
        drawing.lines().iter().for_each(|line| out += &format!("- {}\n", plain(line)));
    }
    if !report.flags.is_empty() {
        out += "\n## Noticed\n\n";
        report.flags.iter().for_each(|&noticed| out += &format!("- {}\n", flag(noticed)));
    }
    if !report.feedback.is_empty() {
        out += "\n## Next\n\n";
        report.feedback.iter().for_each(|line| out += &format!("- {}\n", plain(line)));
    }
    out
}

fn agenda(report: &Report) -> String {
    if report.points.is_empty() {
        return String::new();
    }
    let covered = report.points.iter().filter(|point| point.status == PointStatus::Covered).count();
    let mut out = format!("\n## Agenda: {covered} of {} covered\n", report.points.len());
    let mut phase = "";
    for point in &report.points {
        if point.phase != phase {
            phase = &point.phase;
            out += &format!("\n{}\n\n", name_of(phase));
        }
        let place = point.turn.map_or(String::new(), |turn| format!(" ({})", place(turn, point.at)));
        out += &format!("- [{}] {}{place}\n", mark(point.status), plain(&point.point));
    }
    out
}

fn time(report: &Report) -> String {
    let time = &report.time;
    let mut out = format!("\n## Time: {}\n\n", used_of(time.used_s, time.planned_s));
    if let Some(ratio) = time.talk_ratio {
        out += &format!("You spoke {:.0} % of the words.\n", 100.0 * ratio);
    }
    if !time.phases.is_empty() {
        out += "\n| phase | used | planned |\n|---|---|---|\n";
    }
    for phase in &time.phases {
        let cell = |value: Option<u64>| value.map_or("-".to_owned(), clock);
        out += &format!("| {} | {} | {} |\n", name_of(&phase.id), cell(phase.used_s), cell(phase.planned_s));
    }
    out
}

fn name_of_sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Text from outside on one line, with the signs that Markdown reads set off.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for character in one_line(text).chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}
