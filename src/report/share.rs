//! PURE. A session as others may see it: without names, ids, folders, the day, and what it cost.
//!
//! Levels, verdicts, times within the interview and who graded stay as they are.

use crate::grading::{Assessment, Correction, Evidence, InterviewGrade, PointGrade};
use crate::interview::{SessionKind, State};
use crate::transcript::{Anonymous, Transcript};

/// What a session of no known problem is called.
const UNTITLED: &str = "Interview";

/// `state` and its `grade` without what `anonymous` takes out.
///
/// Quotes are found again in the cleaned turns; one that cannot be found is left out, and what it was
/// evidence for keeps its level.
pub fn shared(state: &State, grade: &InterviewGrade, anonymous: &Anonymous) -> (State, InterviewGrade) {
    let mut state = state.clone();
    for said in &mut state.said {
        said.text = anonymous.clean(&said.text);
    }
    for (_, source) in &mut state.drawings {
        *source = anonymous.clean(source);
    }
    // The title of a review may be a file's name.
    state.start.title = match (&state.start.problem, state.start.kind) {
        (None, SessionKind::Review) => UNTITLED.to_owned(),
        _ => anonymous.clean(&state.start.title),
    };
    if let Some(provenance) = &mut state.provenance {
        provenance.speakers.iter_mut().for_each(|speaker| speaker.name = "[name]".to_owned());
    }
    state.notes.clear();
    state.usage = None;
    let grade = cleaned(grade, &state.transcript(), anonymous);
    (state, grade)
}

fn cleaned(grade: &InterviewGrade, transcript: &Transcript, anonymous: &Anonymous) -> InterviewGrade {
    let mut grade = grade.clone();
    let clean = |lines: &mut Vec<String>| lines.iter_mut().for_each(|line| *line = anonymous.clean(line));
    let found = |evidence: &Evidence| {
        Evidence::find(transcript, &anonymous.clean(evidence.quote()), Some(evidence.turn()))
            .filter(|found| found.turn() == evidence.turn())
    };
    grade.grader = grader(&grade.grader);
    grade.usage = None;
    clean(&mut grade.feedback);
    for criterion in &mut grade.criteria {
        match &mut criterion.assessment {
            Assessment::Assessed { evidence, .. } => *evidence = evidence.iter().filter_map(found).collect(),
            Assessment::NotAssessed { reason } => *reason = anonymous.clean(reason),
        }
        clean(&mut criterion.strengths);
        clean(&mut criterion.improvements);
    }
    grade.corrections = grade
        .corrections
        .iter()
        .filter_map(|known| {
            let correction = anonymous.clean(&known.correction);
            Some(Correction {
                criterion: known.criterion.clone(),
                evidence: found(&known.evidence)?,
                correction,
            })
        })
        .collect();
    grade.points = grade
        .points
        .into_iter()
        .map(|point| PointGrade {
            point: anonymous.clean(&point.point),
            quote: anonymous.clean(&point.quote),
            ..point
        })
        .collect();
    grade
}

/// Who graded, without the user's name for the profile and without folders: `llm:MODEL`.
fn grader(grader: &str) -> String {
    let Some((_, model)) = grader.strip_prefix("llm:").and_then(|rest| rest.split_once(':')) else {
        return grader.to_owned();
    };
    let model = model.rsplit_once('@').map_or(model, |(model, _)| model);
    let model = match model.starts_with(['/', '~']) || model.contains('\\') {
        true => model.rsplit(['/', '\\']).next().unwrap_or(model),
        false => model,
    };
    format!("llm:{model}")
}

#[cfg(test)]
mod tests {
    use super::grader;

    #[test]
    fn the_grader_keeps_its_model_and_loses_the_users_own_words() {
        let rows = [
            ("embedded@0.1.0", "embedded@0.1.0"),
            ("llm:acme-corp:gpt-5-mini@1f2e", "llm:gpt-5-mini"),
            ("llm:home:qwen/qwen3:8b@1f2e", "llm:qwen/qwen3:8b"),
            ("llm:home:/home/ana/models/qwen.gguf@1f2e", "llm:qwen.gguf"),
        ];
        for (from, want) in rows {
            assert_eq!(grader(from), want);
        }
    }
}
