//! PURE. Faults of one problem: what cannot be reached, what gives the answer away, what is thin.

use std::collections::BTreeSet;

use super::Linter;
use crate::material::{Point, Problem};
use crate::text::{Pattern, Prepared};

/// Share of stems above which two probes are one.
const SAME_PROBE: f64 = 0.85;

/// The phase in which the change of requirements is announced.
const CHANGE_PHASE: &str = "detailed_design";

impl Linter<'_> {
    pub(super) fn problem(&mut self, problem: &Problem, criteria: Option<&[&str]>) {
        let file = format!("problems/{}.toml", problem.id);
        for (what, text) in [
            ("title", &problem.title),
            ("statement", &problem.statement),
            ("level mid", &problem.levels.mid),
            ("level senior", &problem.levels.senior),
            ("level staff", &problem.levels.staff),
        ] {
            self.filled(&file, &problem.id, what, text);
        }
        let ids: Vec<&str> = problem.points.iter().map(|point| point.id.as_str()).collect();
        self.unique(&file, ids.iter().copied());
        self.unique(&file, problem.failures.iter().map(|failure| failure.id.as_str()));
        self.unique(&file, problem.figures.iter().map(|figure| figure.id.as_str()));
        self.unique(&file, problem.inconsistencies.iter().map(|inconsistency| inconsistency.id.as_str()));
        if problem.points.len() < 20 {
            let message = format!("{} points; an agenda has at least 20", problem.points.len());
            self.fault(&file, "[[point]]", message);
        }
        self.facts(&file, problem);
        self.openings(&file, problem, &ids);
        let phases: Vec<&str> = self.pack.manifest.phases.iter().map(|phase| phase.id.as_str()).collect();
        for point in &problem.points {
            self.known(&file, &point.id, "phase", &point.phase, &phases);
            if let Some(criteria) = criteria {
                self.known(&file, &point.id, "criterion", &point.criterion, criteria);
            }
            self.point(&file, point);
        }
        for phase in &phases {
            if !problem.points.iter().any(|point| point.phase == *phase) {
                let message = format!(
                    "no point belongs to the phase `{phase}`: the interviewer would have nothing to ask"
                );
                self.fault(&file, "[[point]]", message);
            }
        }
        for failure in &problem.failures {
            self.short(&file, &failure.id, &failure.scenario, 50);
        }
        for inconsistency in &problem.inconsistencies {
            self.patterns(&file, &inconsistency.id, &inconsistency.one);
            self.patterns(&file, &inconsistency.id, &inconsistency.other);
            self.short(&file, &inconsistency.id, &inconsistency.probe, 40);
            if let Some(both) = inconsistency.one.iter().find(|source| inconsistency.other.contains(source)) {
                let message = format!("`{both}` is on both sides of `{}`", inconsistency.id);
                self.fault_in(&file, &inconsistency.id, both, message);
            }
        }
        self.leaks(&file, problem);
        self.same_probes(&file, problem);
        self.figures(&file, problem);
    }

    fn facts(&mut self, file: &str, problem: &Problem) {
        let topics: Vec<&str> = self.pack.clarify.topics.iter().map(|topic| topic.id.as_str()).collect();
        self.unique(file, problem.facts.iter().map(|fact| fact.id.as_str()));
        if problem.facts.len() < 12 {
            let message = format!("{} facts; a problem has at least 12", problem.facts.len());
            self.fault(file, "[[fact]]", message);
        }
        let mut asked = BTreeSet::new();
        for fact in &problem.facts {
            self.patterns(file, &fact.id, &fact.asks);
            if let Some(topic) = &fact.topic {
                self.known(file, &fact.id, "topic", topic, &topics);
                if !asked.insert(topic) {
                    let message = format!("two facts answer the topic `{topic}`: the second is never told");
                    self.fault(file, &fact.id, message);
                }
            } else if fact.asks.is_empty() {
                self.fault(file, &fact.id, format!("nothing asks for the fact `{}`", fact.id));
            }
            self.short(file, &fact.id, &fact.answer, 50);
        }
    }

    /// Points that a change or a failure opens must exist, and still lie ahead then.
    fn openings(&mut self, file: &str, problem: &Problem, ids: &[&str]) {
        self.short(file, "change", &problem.change.announcement, 50);
        if problem.change.opens.is_empty() {
            self.fault(file, "[change]", "the change opens no point: nothing would be asked about it");
        }
        for failure in &problem.failures {
            if failure.opens.is_empty() {
                let message =
                    format!("the failure `{}` opens no point: nothing would be asked about it", failure.id);
                self.fault(file, &failure.id, message);
            }
            for id in &failure.opens {
                self.known(file, &failure.id, "point", id, ids);
            }
        }
        let order: Vec<&str> = self.pack.manifest.phases.iter().map(|phase| phase.id.as_str()).collect();
        let announced = order.iter().position(|phase| *phase == CHANGE_PHASE);
        for id in &problem.change.opens {
            self.known(file, "[change]", "point", id, ids);
            let point = problem.points.iter().find(|point| point.id == *id);
            let phase = point.and_then(|point| order.iter().position(|phase| *phase == point.phase));
            if let (Some(phase), Some(announced)) = (phase, announced)
                && phase < announced
            {
                let message = format!(
                    "the probe of `{id}` is unreachable: the change opens it in {CHANGE_PHASE}, and its phase `{}` is over by then",
                    order[phase]
                );
                self.fault(file, id, message);
            }
        }
    }

    fn point(&mut self, file: &str, point: &Point) {
        self.patterns(file, &point.id, &point.says);
        self.patterns(file, &point.id, &point.partly);
        self.partly(file, &point.id, &point.says, &point.partly);
        self.filled(file, &point.id, "text", &point.text);
        self.weight(file, &point.id, point.weight);
        if point.says.is_empty() {
            self.fault(file, &point.id, format!("nothing covers the point `{}`", point.id));
        }
        self.short(file, &point.id, &point.probe, 40);
        self.ladder(file, &point.id, &point.hints);
        if let Some(hint) = point.hints.iter().find(|hint| hint.trim() == point.probe.trim()) {
            let message = format!("a hint of `{}` only repeats its probe", point.id);
            self.fault_in(file, &point.id, hint, message);
        }
    }

    /// What the interviewer says unasked must not itself cover a point; nor may a first hint.
    fn leaks(&mut self, file: &str, problem: &Problem) {
        let mut spoken: Vec<(&str, Prepared<'_>)> = vec![("statement", Prepared::new(&problem.statement))];
        for point in &problem.points {
            spoken.push((&point.id, Prepared::new(&point.probe)));
            spoken.extend(point.follow_up.as_deref().map(|text| (point.id.as_str(), Prepared::new(text))));
        }
        for failure in &problem.failures {
            spoken.push((&failure.id, Prepared::new(&failure.scenario)));
        }
        spoken.push(("change", Prepared::new(&problem.change.announcement)));
        for phase in &self.pack.manifest.phases {
            spoken.extend(
                [&phase.opening, &phase.closing].map(|text| (phase.id.as_str(), Prepared::new(text))),
            );
        }
        for point in &problem.points {
            let says = self.compiled(&point.says);
            let partly: Vec<Pattern> =
                self.compiled(&point.partly).into_iter().filter(|pattern| pattern.concepts() > 1).collect();
            let first = &point.hints[0];
            let mut leaks = Vec::new();
            for (owner, text) in &spoken {
                if let Some(source) = match_of(&says, text).or_else(|| match_of(&partly, text)) {
                    leaks.push((*owner, text.text(), format!("what `{owner}` says"), source));
                }
            }
            let hint = Prepared::new(first);
            if let Some(source) = match_of(&says, &hint).or_else(|| match_of(&partly, &hint)) {
                leaks.push((&point.id, first, format!("the first hint of `{}`", point.id), source));
            }
            for (owner, text, who, source) in leaks {
                let message = format!("{who} gives the point `{}` away: it matches `{source}`", point.id);
                self.fault_in(file, owner, text, message);
            }
        }
    }

    /// The patterns that can be compiled; the others have been reported.
    pub(super) fn compiled(&self, sources: &[String]) -> Vec<Pattern> {
        sources.iter().filter_map(|source| Pattern::parse(source, &self.synonyms).ok()).collect()
    }

    /// Two probes of the same words would sound like one question asked twice.
    fn same_probes(&mut self, file: &str, problem: &Problem) {
        let stems: Vec<(&str, BTreeSet<String>)> = problem
            .points
            .iter()
            .map(|point| {
                let prepared = Prepared::new(&point.probe);
                (point.id.as_str(), prepared.tokens().iter().map(|token| token.stem.clone()).collect())
            })
            .collect();
        for (at, (id, one)) in stems.iter().enumerate() {
            for (other, two) in &stems[..at] {
                let shared = one.intersection(two).count() as f64;
                if !one.is_empty() && shared / one.union(two).count() as f64 > SAME_PROBE {
                    let message = format!("the probe of `{id}` says the same as that of `{other}`");
                    self.fault(file, id, message);
                }
            }
        }
    }
}

/// The first pattern that `text` matches, as written.
pub(super) fn match_of(patterns: &[Pattern], text: &Prepared<'_>) -> Option<String> {
    patterns.iter().find(|pattern| pattern.find(text).is_some()).map(|pattern| pattern.source().to_owned())
}
