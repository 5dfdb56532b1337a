//! PURE. The report for a terminal, without colour.

use super::Report;
use super::words::{clock, flag, mark, name_of, one_line, place, quoted, title, used_of, verdict, wrap};
use crate::grading::{Assessment, PointStatus, Rubric};

/// The report as plain text in lines of at most `width` columns; `rubric` gives the criteria their titles.
pub fn text(report: &Report, rubric: &Rubric, width: usize) -> String {
    // Names stand in a column of their own where there is room for it.
    let names = if width < 60 { 0 } else { 30 };
    let mut out = String::new();
    let problem = report.problem.as_deref().map_or_else(|| "Interview".to_owned(), one_line);
    out += &wrap(&format!("{problem}, session {}", report.session_id), "", "", width);
    out += &wrap(&format!("graded by {}", one_line(&report.grader)), "", "", width);
    let verdicts = &report.verdicts;
    out += "\nVerdict\n";
    for (level, value) in [("mid", verdicts.mid), ("senior", verdicts.senior), ("staff", verdicts.staff)] {
        out += &format!("  {level:<8}{}\n", verdict(value));
    }
    out += "\nCriteria, 1 to 4\n";
    for criterion in &report.criteria {
        let name = title(rubric, &criterion.id);
        let gap = if names == 0 { "  " } else { "" };
        match &criterion.assessment {
            Assessment::Assessed { level, score, spread, evidence } => {
                let spread = spread.map_or(String::new(), |spread| format!(", spread {spread:.1}"));
                out += &format!("  {name:<names$}{gap}{}  ({score:.1}{spread})\n", level.get());
                for item in evidence {
                    let line =
                        format!("{} [{}]", quoted(item.quote()), place(item.turn(), item.at_seconds()));
                    out += &wrap(&line, "      ", "      ", width);
                }
            }
            Assessment::NotAssessed { reason } => {
                out += &wrap(
                    &format!("not assessed: {reason}"),
                    &format!("  {name:<names$}{gap}"),
                    "      ",
                    width,
                );
            }
        }
        for strength in &criterion.strengths {
            out += &wrap(&one_line(strength), "    + ", "      ", width);
        }
        for improvement in &criterion.improvements {
            out += &wrap(&one_line(improvement), "    - ", "      ", width);
        }
    }
    out += &agenda(report, width);
    out += &time(report);
    if let Some(conversation) = &report.conversation {
        out += "\nConversation\n";
        for line in conversation.lines() {
            out += &wrap(&one_line(&line), "  ", "    ", width);
        }
    }
    if let Some(interviewer) = &report.interviewer {
        out += "\nInterviewer\n";
        for line in interviewer.lines() {
            out += &wrap(&one_line(&line), "  ", "    ", width);
        }
    }
    if let Some(drawing) = &report.drawing {
        out += "\nDrawing\n";
        for line in drawing.lines() {
            out += &wrap(&one_line(&line), "  ", "    ", width);
        }
    }
    if !report.flags.is_empty() {
        out += "\nNoticed\n";
        for &noticed in &report.flags {
            out += &wrap(flag(noticed), "  ! ", "    ", width);
        }
    }
    if !report.feedback.is_empty() {
        out += "\nNext\n";
        for line in &report.feedback {
            out += &wrap(&one_line(line), "  ", "  ", width);
        }
    }
    out
}

fn agenda(report: &Report, width: usize) -> String {
    if report.points.is_empty() {
        return String::new();
    }
    let count = |status| report.points.iter().filter(|point| point.status == status).count();
    let mut out = format!(
        "\nAgenda: {} of {} covered, {} in part\n",
        count(PointStatus::Covered),
        report.points.len(),
        count(PointStatus::Partial)
    );
    let mut phase = "";
    for point in &report.points {
        if point.phase != phase {
            phase = &point.phase;
            out += &format!("  {}\n", name_of(phase));
        }
        let mut line = one_line(&point.point);
        if let Some(turn) = point.turn {
            line += &format!(" [{}]", place(turn, point.at));
        }
        if point.said_by_interviewer {
            line += " (the interviewer said it first)";
        }
        if point.hints > 0 {
            line += &format!(" ({} hint{})", point.hints, if point.hints == 1 { "" } else { "s" });
        }
        out += &wrap(&line, &format!("    [{}] ", mark(point.status)), "        ", width);
    }
    out
}

fn time(report: &Report) -> String {
    let time = &report.time;
    let mut out = format!("\nTime: {}", used_of(time.used_s, time.planned_s));
    if let Some(ratio) = time.talk_ratio {
        out += &format!("; you spoke {:.0} % of the words", 100.0 * ratio);
    }
    out.push('\n');
    for phase in &time.phases {
        let used = phase.used_s.map_or("-".to_owned(), clock);
        let planned = phase.planned_s.map_or(String::new(), |planned| format!(" of {}", clock(planned)));
        out += &format!("  {:<22}{used:>7}{planned}\n", name_of(&phase.id));
    }
    out
}
