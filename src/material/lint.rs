//! PURE. What types cannot check in a pack: references, reachability, leaks, sums.

use std::collections::BTreeSet;

use super::{Count, LoadError, Pack, PackSource, Problem, Question, Signals};
use crate::grading::Rubric;
use crate::text::{Pattern, Prepared, Synonyms};

/// Returns every fault of a parsed pack; `source` gives the places, `rubric` the criteria.
pub fn lint(pack: &Pack, source: &PackSource, rubric: Option<&Rubric>) -> Vec<LoadError> {
    let mut linter = Linter { source, synonyms: pack.lexicon.synonyms(), faults: Vec::new() };
    let manifest = &pack.manifest;
    let planned: u32 = manifest.phases.iter().map(|phase| phase.minutes).sum();
    if planned != manifest.minutes {
        let message = format!("the phases add up to {planned} minutes, not {}", manifest.minutes);
        linter.fault("pack.toml", "minutes", message);
    }
    linter.unique("lexicon.toml", pack.lexicon.terms.iter().map(|term| term.name.as_str()));
    linter.unique("clarify.toml", pack.clarify.topics.iter().map(|topic| topic.id.as_str()));
    for topic in &pack.clarify.topics {
        linter.patterns("clarify.toml", &topic.id, &topic.asks);
    }
    linter.signals(&pack.signals);
    let phases: Vec<&str> = manifest.phases.iter().map(|phase| phase.id.as_str()).collect();
    let topics: Vec<&str> = pack.clarify.topics.iter().map(|topic| topic.id.as_str()).collect();
    let criteria: Option<Vec<&str>> =
        rubric.map(|rubric| rubric.criteria.iter().map(|c| c.id.as_str()).collect());
    for problem in &pack.problems {
        linter.problem(problem, &phases, &topics, criteria.as_deref());
    }
    for question in &pack.questions {
        linter.question(question);
    }
    let questions: Vec<&str> = pack.questions.iter().map(|question| question.id.as_str()).collect();
    let problems: Vec<&str> = pack.problems.iter().map(|problem| problem.id.as_str()).collect();
    for item in &pack.checklist.items {
        for id in &item.questions {
            linter.known("checklist.toml", "question", id, &questions);
        }
        for id in &item.problems {
            linter.known("checklist.toml", "problem", id, &problems);
        }
    }
    for task in &pack.diagrams {
        let file = format!("diagrams/{}.toml", task.id);
        linter.unique(&file, task.items.iter().map(|item| item.id.as_str()));
        for item in &task.items {
            linter.patterns(&file, &item.id, &item.says);
            if item.kinds.is_empty() && item.says.is_empty() {
                linter.fault(&file, &item.id, format!("item `{}` has neither kinds nor patterns", item.id));
            }
        }
    }
    linter.faults
}

struct Linter<'a> {
    source: &'a PackSource,
    synonyms: Synonyms,
    faults: Vec<LoadError>,
}

impl Linter<'_> {
    /// Adds a fault at the first place where `word` stands in `file`.
    fn fault(&mut self, file: &str, word: &str, message: impl Into<String>) {
        let text = self.source.get(file).map_or("", String::as_str);
        let quoted = format!("\"{word}\"");
        let offset = text.find(&quoted).or_else(|| text.find(word)).unwrap_or(0);
        self.faults.push(LoadError::at(file, text, offset, message));
    }

    fn unique<'i>(&mut self, file: &str, ids: impl Iterator<Item = &'i str>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !seen.insert(id) {
                self.fault(file, id, format!("`{id}` is there twice"));
            }
        }
    }

    fn known(&mut self, file: &str, what: &str, id: &str, known: &[&str]) {
        if known.contains(&id) {
            return;
        }
        let near = known.iter().max_by(|a, b| strsim::jaro(a, id).total_cmp(&strsim::jaro(b, id)));
        let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        self.fault(file, id, format!("there is no {what} `{id}`{hint}"));
    }

    fn patterns(&mut self, file: &str, owner: &str, patterns: &[String]) -> Vec<Pattern> {
        let mut parsed = Vec::new();
        for pattern in patterns {
            match Pattern::parse(pattern, &self.synonyms) {
                Ok(pattern) => parsed.push(pattern),
                Err(error) => self.fault(file, pattern, format!("in `{owner}`: {error}")),
            }
        }
        parsed
    }

    fn signals(&mut self, signals: &Signals) {
        let file = "signals.toml";
        self.unique(file, signals.facets.iter().map(|facet| facet.id.as_str()));
        self.unique(file, signals.wrong.iter().map(|wrong| wrong.id.as_str()));
        for list in signals.words.patterns() {
            self.patterns(file, "words", list);
        }
        for criterion in &signals.criteria {
            self.patterns(file, &criterion.id, &criterion.raised);
        }
        for facet in &signals.facets {
            self.patterns(file, &facet.id, &facet.says);
            if facet.count == Count::Sentences && facet.says.is_empty() {
                self.fault(file, &facet.id, format!("nothing fills the facet `{}`", facet.id));
            }
        }
        for wrong in &signals.wrong {
            self.patterns(file, &wrong.id, &wrong.says);
            self.patterns(file, &wrong.id, &wrong.unless);
        }
    }

    fn short(&mut self, file: &str, owner: &str, text: &str, most: usize) {
        let words = text.split_whitespace().count();
        if words > most {
            self.fault(file, text, format!("`{owner}` says {words} words; {most} at most"));
        }
        if words == 0 {
            self.fault(file, owner, format!("`{owner}` has an empty text"));
        }
    }

    fn problem(&mut self, problem: &Problem, phases: &[&str], topics: &[&str], criteria: Option<&[&str]>) {
        let file = format!("problems/{}.toml", problem.id);
        if !self.source.contains_key(&file) {
            self.fault("pack.toml", "id", format!("the problem `{}` must stand in {file}", problem.id));
        }
        let ids: Vec<&str> = problem.points.iter().map(|point| point.id.as_str()).collect();
        self.unique(&file, ids.iter().copied());
        self.unique(&file, problem.facts.iter().map(|fact| fact.id.as_str()));
        if problem.points.len() < 20 {
            self.fault(&file, "point", format!("{} points; an agenda has at least 20", problem.points.len()));
        }
        if problem.facts.len() < 12 {
            self.fault(&file, "fact", format!("{} facts; a problem has at least 12", problem.facts.len()));
        }
        for fact in &problem.facts {
            self.patterns(&file, &fact.id, &fact.asks);
            if let Some(topic) = &fact.topic {
                self.known(&file, "topic", topic, topics);
            } else if fact.asks.is_empty() {
                self.fault(&file, &fact.id, format!("nothing asks for the fact `{}`", fact.id));
            }
            self.short(&file, &fact.id, &fact.answer, 50);
        }
        let opened = problem.change.opens.iter().chain(problem.failures.iter().flat_map(|f| &f.opens));
        for id in opened {
            self.known(&file, "point", id, &ids);
        }
        self.short(&file, "change", &problem.change.announcement, 50);
        let mut spoken = vec![("statement", problem.statement.as_str())];
        for point in &problem.points {
            self.known(&file, "phase", &point.phase, phases);
            if let Some(criteria) = criteria {
                self.known(&file, "criterion", &point.criterion, criteria);
            }
            if point.says.is_empty() {
                self.fault(&file, &point.id, format!("nothing covers the point `{}`", point.id));
            }
            self.short(&file, &point.id, &point.probe, 40);
            for hint in &point.hints {
                self.short(&file, &point.id, hint, 50);
            }
            spoken.push((&point.id, &point.probe));
            spoken.extend(point.follow_up.as_deref().map(|follow_up| (point.id.as_str(), follow_up)));
        }
        for failure in &problem.failures {
            self.short(&file, &failure.id, &failure.scenario, 50);
            spoken.push((&failure.id, &failure.scenario));
        }
        spoken.push(("change", &problem.change.announcement));
        for inconsistency in &problem.inconsistencies {
            self.patterns(&file, &inconsistency.id, &inconsistency.one);
            self.patterns(&file, &inconsistency.id, &inconsistency.other);
            self.short(&file, &inconsistency.id, &inconsistency.probe, 40);
        }
        self.leaks(&file, problem, &spoken);
        for figure in &problem.figures {
            if figure.low > figure.high || figure.low < 0.0 {
                self.fault(
                    &file,
                    &figure.id,
                    format!("figure `{}` has no value between low and high", figure.id),
                );
            }
        }
    }

    /// What the interviewer says unasked must not itself cover a point, nor may a first hint.
    fn leaks(&mut self, file: &str, problem: &Problem, spoken: &[(&str, &str)]) {
        for point in &problem.points {
            let mut patterns = self.patterns(file, &point.id, &point.says);
            patterns.extend(
                self.patterns(file, &point.id, &point.partly).into_iter().filter(|p| p.concepts() > 1),
            );
            let first_hint = (point.id.as_str(), point.hints[0].as_str());
            for &(owner, text) in spoken.iter().chain([&first_hint]) {
                let prepared = Prepared::new(text);
                if let Some(pattern) = patterns.iter().find(|pattern| pattern.find(&prepared).is_some()) {
                    let message = format!(
                        "what `{owner}` says gives the point `{}` away: it matches `{}`",
                        point.id,
                        pattern.source()
                    );
                    self.fault(file, owner, message);
                }
            }
        }
    }

    fn question(&mut self, question: &Question) {
        let file = format!("questions/{}.toml", question.id);
        if !self.source.contains_key(&file) {
            self.fault("pack.toml", "id", format!("the question `{}` must stand in {file}", question.id));
        }
        let ids: Vec<&str> = question.points.iter().map(|point| point.id.as_str()).collect();
        self.unique(&file, ids.iter().copied());
        let model_answer = Prepared::new(&question.model_answer);
        let asked = Prepared::new(&question.question);
        for point in &question.points {
            let says = self.patterns(&file, &point.id, &point.says);
            self.patterns(&file, &point.id, &point.partly);
            if says.is_empty() && point.relations.is_empty() {
                self.fault(&file, &point.id, format!("nothing covers the point `{}`", point.id));
            }
            if !says.is_empty() && !says.iter().any(|pattern| pattern.find(&model_answer).is_some()) {
                self.fault(
                    &file,
                    &point.id,
                    format!("the model answer does not cover the point `{}`", point.id),
                );
            }
            if says.iter().any(|pattern| pattern.find(&asked).is_some()) {
                self.fault(&file, &point.id, format!("the question itself covers the point `{}`", point.id));
            }
        }
        for misconception in &question.misconceptions {
            let says = self.patterns(&file, &misconception.id, &misconception.says);
            self.patterns(&file, &misconception.id, &misconception.unless);
            for id in &misconception.spoils {
                self.known(&file, "point", id, &ids);
            }
            if says.is_empty() {
                self.fault(
                    &file,
                    &misconception.id,
                    format!("nothing shows the misconception `{}`", misconception.id),
                );
            }
            let belief = Prepared::new(&misconception.text);
            if !says.is_empty() && !says.iter().any(|pattern| pattern.find(&belief).is_some()) {
                let message = format!("the patterns of `{}` do not find its own text", misconception.id);
                self.fault(&file, &misconception.id, message);
            }
        }
    }
}
