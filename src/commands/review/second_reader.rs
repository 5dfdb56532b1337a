//! A second reader: the transcript without names and an empty rubric, and what came back beside the grade.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use super::Review;
use crate::cli::Format;
use crate::commands::Context;
use crate::error::{Exit, Failure};
use crate::grading::{Assessment, Level, Rubric, Verdict};
use crate::material::Pack;
use crate::store::Store;
use crate::text::sanitise;
use crate::transcript::{Anonymous, Speaker};

/// The sheet: rubric with empty lines to fill in, then the transcript.
pub(super) fn sheet(review: &Review, rubric: &Rubric) -> String {
    let mut out = String::from("# A second reading\n\n");
    out += "Read the interview below, then put a level from 1 to 4 after each criterion (`-` if nobody raised it), and a\n";
    out += "verdict for each seniority: strong-no, no, yes or strong-yes. Send the file back as it is.\n\n## Your levels\n";
    for criterion in &rubric.criteria {
        out += &format!("\n### {}\n\n{}\n\n", criterion.title, criterion.asks);
        for (level, anchor) in (1..).zip(&criterion.anchors) {
            out += &format!("{level}. {anchor}\n");
        }
        out += &format!("\n{}: \n", criterion.id);
    }
    out += "\n### Verdicts\n";
    for (level, bar) in
        [("mid", &rubric.bars.mid), ("senior", &rubric.bars.senior), ("staff", &rubric.bars.staff)]
    {
        out += &format!("\n{}\n\n{level}: \n", bar.means);
    }
    out += "\n## The interview\n";
    let turns = &review.imported.transcript.turns;
    let labels = review.imported.speakers.iter().map(|speaker| speaker.name.as_str());
    let anonymous = Anonymous::of(labels, turns.iter().map(|turn| turn.text.as_str()), []);
    let mut phase = None;
    for turn in turns {
        if turn.phase != phase {
            phase.clone_from(&turn.phase);
            let name = phase.as_deref().unwrap_or_default().replace('_', " ");
            out += &format!("\n### {name}\n");
        }
        let label = match turn.speaker {
            Speaker::Candidate => "Candidate",
            Speaker::Interviewer => "Interviewer",
            Speaker::Other => "Other",
        };
        out += &format!("\n**{label}:** {}\n", anonymous.clean(&sanitise(&turn.text)));
    }
    out
}

/// What a second reader filled in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Filled {
    levels: BTreeMap<String, Option<Level>>,
    verdicts: BTreeMap<String, Verdict>,
}

/// Reads a sheet that came back.
pub(super) fn read(context: &Context<'_>, path: &Path, pack: &Pack) -> Result<Filled, Failure> {
    let bytes = super::source::bytes(path)?;
    let text = crate::text::decode(&bytes).text;
    let rubric = context.assets.rubric(&pack.manifest.rubric)?;
    filled(&text, &rubric).map_err(|(line, message)| {
        Failure::user(format!("{}:{line}: {message}", path.display())).hint("mend the line, then try again")
    })
}

fn filled(text: &str, rubric: &Rubric) -> Result<Filled, (usize, String)> {
    let mut found = Filled::default();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("## The interview") {
            break;
        }
        let Some((key, value)) = line.trim().trim_start_matches(['-', '*', ' ']).split_once(':') else {
            continue;
        };
        let (key, value) = (key.trim().trim_matches(['*', '`']), value.trim().trim_matches(['*', '`', ' ']));
        if value.is_empty() {
            continue;
        }
        if rubric.criterion(key).is_some() {
            let level =
                match value {
                    "-" => None,
                    _ => {
                        Some(value.parse().ok().and_then(Level::new).ok_or_else(|| {
                            (number, format!("`{key}` is 1 to 4, or `-` if nobody raised it"))
                        })?)
                    }
                };
            found.levels.insert(key.to_owned(), level);
        } else if matches!(key, "mid" | "senior" | "staff") {
            let verdict = serde_json::from_value(json!(value.to_lowercase().replace(' ', "-")));
            let verdict =
                verdict.map_err(|_| (number, "a verdict is strong-no, no, yes or strong-yes".to_owned()))?;
            found.verdicts.insert(key.to_owned(), verdict);
        }
    }
    if found.levels.is_empty() {
        return Err((1, "no level is filled in".to_owned()));
    }
    Ok(found)
}

/// Sets the two gradings side by side.
pub(super) fn compare(
    context: &mut Context<'_>,
    store: &Store,
    id: &str,
    filled: &Filled,
) -> Result<Exit, Failure> {
    let state = crate::commands::interview::state_of(store, id)?;
    let rubric = context.assets.rubric(&state.start.rubric)?;
    let Some(grade) = &state.grade else { return Err(Failure::user("there is no grade to compare with")) };
    let mut rows = Vec::new();
    let (mut both, mut same, mut near) = (0, 0, 0);
    for criterion in &grade.criteria {
        let ours = match criterion.assessment {
            Assessment::Assessed { level, .. } => Some(level.get()),
            Assessment::NotAssessed { .. } => None,
        };
        let theirs = filled.levels.get(&criterion.id).copied().flatten().map(Level::get);
        if let (Some(ours), Some(theirs)) = (ours, theirs) {
            both += 1;
            same += usize::from(ours == theirs);
            near += usize::from(ours.abs_diff(theirs) <= 1);
        }
        rows.push((criterion.id.clone(), ours, theirs));
    }
    let verdicts =
        [("mid", grade.verdicts.mid), ("senior", grade.verdicts.senior), ("staff", grade.verdicts.staff)];
    if context.format() == Format::Json {
        let criteria: Vec<_> = rows
            .iter()
            .map(|(id, ours, theirs)| json!({"id": id, "level": ours, "second_reader": theirs}))
            .collect();
        let verdicts: serde_json::Map<_, _> = verdicts
            .iter()
            .map(|(level, ours)| {
                ((*level).to_owned(), json!({"verdict": ours, "second_reader": filled.verdicts.get(*level)}))
            })
            .collect();
        context.json(
            &json!({"session_id": id, "grader": grade.grader, "criteria": criteria, "verdicts": verdicts,
            "agreement": {"criteria": both, "same": same, "within_one": near}}),
        )?;
        return Ok(Exit::Done);
    }
    let cell = |level: Option<u8>| level.map_or("-".to_owned(), |level| level.to_string());
    writeln!(context.out, "{:<32}{:<10}second reader", "", grade.grader.split('@').next().unwrap_or(""))?;
    for (id, ours, theirs) in &rows {
        let title = rubric.criterion(id).map_or(id.as_str(), |criterion| &criterion.title);
        writeln!(context.out, "{title:<32}{:<10}{}", cell(*ours), cell(*theirs))?;
    }
    let name = |verdict: Option<Verdict>| {
        verdict
            .and_then(|verdict| serde_json::to_value(verdict).ok()?.as_str().map(str::to_owned))
            .unwrap_or_else(|| "-".to_owned())
    };
    for (level, ours) in verdicts {
        writeln!(context.out, "{level:<32}{:<10}{}", name(ours), name(filled.verdicts.get(level).copied()))?;
    }
    writeln!(
        context.out,
        "\nOf {both} criteria that both graded: {same} the same, {near} within one level."
    )?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;

    #[test]
    fn a_sheet_is_read_as_it_was_filled_in() {
        let rubric = Assets::embedded().rubric("system-design").expect("the built-in rubric");
        let text = "tradeoffs: 3\n- **scalability**: -\ncommunication:\nmid: strong yes\n## The interview\nstaff: no\n";
        let filled = filled(text, &rubric).expect("a sheet");
        assert_eq!(filled.levels.get("tradeoffs"), Some(&Level::new(3)));
        assert_eq!(filled.levels.get("scalability"), Some(&None));
        assert_eq!((filled.levels.len(), filled.verdicts.len()), (2, 1));
        assert_eq!(filled.verdicts.get("mid"), Some(&Verdict::StrongYes));
        let wrong = super::filled("tradeoffs: 7\n", &rubric);
        assert_eq!(wrong, Err((1, "`tradeoffs` is 1 to 4, or `-` if nobody raised it".to_owned())));
    }
}
