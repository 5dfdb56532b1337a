//! PURE. Faults of one concept question.

use super::Linter;
use crate::grading::SeniorityLevel;
use crate::material::{KeyPoint, Question};
use crate::text::{Pattern, Prepared};

impl Linter<'_> {
    pub(super) fn question(&mut self, question: &Question) {
        let file = format!("questions/{}.toml", question.id);
        for (what, text) in [
            ("title", &question.title),
            ("question", &question.question),
            ("model answer", &question.model_answer),
        ] {
            self.filled(&file, &question.id, what, text);
        }
        let ids: Vec<&str> = question.points.iter().map(|point| point.id.as_str()).collect();
        self.unique(&file, ids.iter().copied());
        self.unique(&file, question.misconceptions.iter().map(|misconception| misconception.id.as_str()));
        if !(6..=12).contains(&question.points.len()) {
            let message = format!("{} points; a question has 6 to 12", question.points.len());
            self.fault(&file, "[[point]]", message);
        }
        if question.misconceptions.len() < 3 {
            let message =
                format!("{} misconceptions; a question has at least 3", question.misconceptions.len());
            self.fault(&file, "[[misconception]]", message);
        }
        let model_answer = Prepared::new(&question.model_answer);
        let asked = Prepared::new(&question.question);
        for point in &question.points {
            self.key_point(&file, point, &model_answer, &asked);
        }
        self.misconceptions(&file, question, &ids, &model_answer);
        for level in [SeniorityLevel::Mid, SeniorityLevel::Senior, SeniorityLevel::Staff] {
            let count = question.follow_ups.iter().filter(|follow_up| follow_up.level == level).count();
            if count != 1 {
                let name = format!("{level:?}").to_lowercase();
                self.fault(
                    &file,
                    "[[follow_up]]",
                    format!("{count} follow-ups for {name}; each level has one"),
                );
            }
        }
        for follow_up in &question.follow_ups {
            self.filled(&file, &question.id, "follow-up", &follow_up.question);
        }
    }

    fn key_point(&mut self, file: &str, point: &KeyPoint, model_answer: &Prepared<'_>, asked: &Prepared<'_>) {
        let says = self.patterns(file, &point.id, &point.says);
        self.patterns(file, &point.id, &point.partly);
        self.filled(file, &point.id, "text", &point.text);
        self.weight(file, &point.id, point.weight);
        self.partly(file, &point.id, &point.says, &point.partly);
        if says.is_empty() && point.relations.is_empty() {
            self.fault(file, &point.id, format!("nothing covers the point `{}`", point.id));
        }
        if !says.is_empty() && !found(&says, model_answer) {
            let message = format!("the model answer does not cover the point `{}`", point.id);
            self.fault(file, &point.id, message);
        }
        if found(&says, asked) {
            self.fault(file, &point.id, format!("the question itself covers the point `{}`", point.id));
        }
        for relation in &point.relations {
            for (what, side) in
                [("subject", &relation.subject), ("verb", &relation.verb), ("object", &relation.object)]
            {
                if side.split('|').any(|wording| !wording.contains(char::is_alphanumeric)) {
                    self.fault(file, &point.id, format!("a relation of `{}` has an empty {what}", point.id));
                }
            }
            let wrong: Vec<&str> =
                relation.wrong.split('|').map(str::trim).filter(|word| !word.is_empty()).collect();
            if let Some(both) = relation.object.split('|').map(str::trim).find(|word| wrong.contains(word)) {
                let message =
                    format!("a relation of `{}` has `{both}` both as right and as wrong object", point.id);
                self.fault_in(file, &point.id, both, message);
            }
        }
    }

    fn misconceptions(
        &mut self,
        file: &str,
        question: &Question,
        points: &[&str],
        model_answer: &Prepared<'_>,
    ) {
        for misconception in &question.misconceptions {
            let id = &misconception.id;
            let says = self.patterns(file, id, &misconception.says);
            let unless = self.patterns(file, id, &misconception.unless);
            for spoiled in &misconception.spoils {
                self.known(file, id, "point", spoiled, points);
            }
            for (what, text) in [("text", &misconception.text), ("correction", &misconception.correction)] {
                self.filled(file, id, what, text);
            }
            if says.is_empty() {
                self.fault(file, id, format!("nothing shows the misconception `{id}`"));
                continue;
            }
            if !found(&says, &Prepared::new(&misconception.text)) {
                self.fault(file, id, format!("the patterns of `{id}` do not find its own text"));
            }
            let held = says.iter().find(|pattern| pattern.find(model_answer).is_some());
            if let Some(pattern) = held.filter(|_| !found(&unless, model_answer)) {
                let message = format!(
                    "the model answer itself holds the misconception `{id}`: it matches `{}`",
                    pattern.source()
                );
                self.fault(file, id, message);
            }
        }
    }

    pub(super) fn weight(&mut self, file: &str, owner: &str, weight: f64) {
        if !(weight > 0.0 && weight <= 10.0) {
            self.fault(file, owner, format!("`{owner}` weighs {weight}; a weight is above 0 and at most 10"));
        }
    }

    /// A pattern that covers the whole point never shows a part of it.
    pub(super) fn partly(&mut self, file: &str, owner: &str, says: &[String], partly: &[String]) {
        for source in partly.iter().filter(|source| says.contains(source)) {
            let message = format!("`{source}` of `{owner}` stands in both says and partly");
            self.fault_in(file, owner, source, message);
        }
    }
}

pub(super) fn found(patterns: &[Pattern], text: &Prepared<'_>) -> bool {
    patterns.iter().any(|pattern| pattern.find(text).is_some())
}
