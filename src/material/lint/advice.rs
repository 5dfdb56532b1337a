//! PURE. What an author may want to look at: nothing here makes an interview go wrong.

use super::problem::match_of;
use super::{Linter, LoadError};
use crate::material::{Pack, PackSource};
use crate::text::Prepared;

/// Returns remarks on a parsed pack, in the order of the files.
pub fn advice(pack: &Pack, source: &PackSource) -> Vec<LoadError> {
    let mut linter = Linter::new(pack, source);
    for question in &pack.questions {
        let file = format!("questions/{}.toml", question.id);
        for point in &question.points {
            linter.few_patterns(&file, &point.id, &point.says, point.relations.len());
        }
        if question.topics.is_empty() {
            linter.fault(
                &file,
                &question.id,
                format!("`{}` has no topic, so `drill --topic` never finds it", question.id),
            );
        }
    }
    for problem in &pack.problems {
        let file = format!("problems/{}.toml", problem.id);
        for point in &problem.points {
            linter.few_patterns(&file, &point.id, &point.says, 0);
            let says = linter.compiled(&point.says);
            if let Some(source) = match_of(&says, &Prepared::new(&point.hints[1])) {
                let message = format!(
                    "the second hint of `{0}` gives the point `{0}` away: it matches `{source}`",
                    point.id
                );
                linter.fault_in(&file, &point.id, &point.hints[1], message);
            }
            if !point.probe.contains('?') {
                linter.fault_in(
                    &file,
                    &point.id,
                    &point.probe,
                    format!("the probe of `{}` asks nothing", point.id),
                );
            }
        }
        if problem.failures.len() < 2 {
            linter.fault(
                &file,
                "[[failure]]",
                format!("{} failures; two or more give a discussion", problem.failures.len()),
            );
        }
        if problem.figures.is_empty() {
            linter.fault(&file, &problem.id, "no figures: estimates of the candidate cannot be checked");
        }
    }
    for item in &pack.checklist.items {
        if item.questions.is_empty() && item.problems.is_empty() {
            let message = format!("`{}` names no question or problem, so it never ticks itself", item.id);
            linter.fault("checklist.toml", &item.id, message);
        }
    }
    linter.finish()
}

impl Linter<'_> {
    fn few_patterns(&mut self, file: &str, owner: &str, says: &[String], relations: usize) {
        let wordings: usize = says.iter().map(|source| source.split('|').count()).sum();
        if says.len() + relations < 3 && wordings < 4 {
            let message =
                format!("`{owner}` has few wordings: candidates say things in more ways than {wordings}");
            self.fault(file, owner, message);
        }
    }
}
