//! PURE. A session as others may see it: without names, ids, folders, the day, and what it cost.
//!
//! Levels, verdicts, times within the interview and who graded stay as they are.

use crate::grading::{Assessment, Correction, Evidence, InterviewGrade, PointGrade};
use crate::interview::{SessionKind, State};
use crate::transcript::{Anonymous, Transcript};

/// What a session of no known problem is called.
pub(super) const UNTITLED: &str = "Interview";

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
    state.start.coach = grader(&state.start.coach);
    state.switches.iter_mut().for_each(|coach| *coach = grader(coach));
    state.notes.clear();
    state.usage = None;
    let grade = cleaned(grade, &state.transcript(), anonymous);
    (state, grade)
}

pub(super) fn cleaned(
    grade: &InterviewGrade,
    transcript: &Transcript,
    anonymous: &Anonymous,
) -> InterviewGrade {
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
pub(super) fn grader(grader: &str) -> String {
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
    use super::*;
    use crate::grading::{SeniorityLevel, Verdicts};
    use crate::interview::{Event, Plan, Record, Start, Style, TimeMode};
    use crate::report::Interviewer;

    #[test]
    fn the_interviewing_models_lose_the_users_own_words_too() {
        let start = Start {
            kind: SessionKind::Interview,
            version: "0.1.0".into(),
            title: "Chat".into(),
            pack: "system-design".into(),
            pack_version: 1,
            problem_id: None,
            problem: None,
            rubric: "system-design".into(),
            digests: std::collections::BTreeMap::new(),
            plan: Plan::default(),
            level: SeniorityLevel::Senior,
            style: Style::default(),
            time: TimeMode::default(),
            coach: "llm:acme-corp:gpt-5-mini".into(),
            seed: 0,
            forked_from: None,
        };
        let switched = Event::CoachSwitched { coach: "llm:home:/home/ana/qwen.gguf".into() };
        let log = [Event::Started(Box::new(start)), switched];
        let record = |(seq, event)| Record { seq, at_ms: 0, active_ms: 0, event };
        let log: Vec<Record> = (0..).zip(log).map(record).collect();
        let state = State::replay(&log).expect("a session");
        let grade = InterviewGrade {
            grader: "llm:acme-corp:gpt-5-mini@1f2e".into(),
            criteria: vec![],
            verdicts: Verdicts::default(),
            points: vec![],
            corrections: vec![],
            flags: vec![],
            feedback: vec![],
            usage: None,
        };
        let (state, grade) = shared(&state, &grade, &Anonymous::default());
        let interviewer = Interviewer::of(&state).expect("a model interviewed");
        assert_eq!(
            (interviewer.coach.as_str(), &interviewer.switches[..]),
            ("llm:gpt-5-mini", &["llm:qwen.gguf".to_owned()][..])
        );
        assert_eq!(grade.grader, "llm:gpt-5-mini");
    }

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
