//! PURE. From facets, points, measures and mistakes to criterion levels and feedback.

use std::collections::BTreeSet;

use super::Trace;
use super::book::{Book, any};
use super::facets::{Filled, Mistake};
use super::grade::{Assessment, Correction, CriterionGrade, PointGrade};
use super::heard::{Heard, Noticed};
use super::points::Agenda;
use super::talk::Talk;
use crate::grading::capacity::Estimate;
use crate::grading::{Criterion, Evidence, Flag, PointStatus};
use crate::material::{CriterionSignals, Facet};
use crate::transcript::Transcript;

/// Share of the score that the problem's agenda decides, where it has points for a criterion.
const AGENDA_SHARE: f64 = 0.4;
/// Share of an agenda from which it is fully covered: nobody says everything.
const AGENDA_FULL: f64 = 0.65;
/// What a wrong claim takes from its criterion, and the most that all of them take.
const MISTAKE: f64 = 0.3;
const MISTAKE_ELSEWHERE: f64 = 0.12;
const MISTAKES_MOST: f64 = 1.2;
/// Words under which nothing can be judged.
const FEWEST_WORDS: usize = 12;
/// Words under which little can be judged.
const SHORT_WORDS: usize = 60;
/// Quotes kept for a criterion.
const QUOTES: usize = 4;

/// Everything that was counted.
pub(super) struct Counted<'a> {
    pub transcript: &'a Transcript,
    pub heard: &'a Heard<'a>,
    pub book: &'a Book,
    pub filled: Vec<(&'a Facet, Filled)>,
    pub talk: Talk,
    pub agenda: Option<Agenda<'a>>,
    pub points: Vec<PointGrade>,
    pub mistakes: Vec<Mistake>,
    pub estimates: Vec<Estimate>,
}

impl Counted<'_> {
    pub fn criterion(&self, criterion: &Criterion) -> CriterionGrade {
        let id = criterion.id.as_str();
        let signals = self.book.criteria.iter().find(|(signals, _)| signals.id == id);
        let agenda = self.agenda.as_ref().and_then(|agenda| agenda.share(id, &self.points));
        if let Some(reason) = self.unassessed(id, signals.map(|(signals, _)| signals), agenda.is_some()) {
            let assessment = Assessment::NotAssessed { reason };
            return CriterionGrade { id: id.to_owned(), assessment, strengths: vec![], improvements: vec![] };
        }
        let full = signals.map_or(1.0, |(signals, _)| signals.full);
        let facets = self.facet_share(id).map(|share| (share / full).min(1.0));
        let agenda = agenda.map(|share| (share / AGENDA_FULL).min(1.0));
        let share = match (facets, agenda) {
            (Some(facets), Some(agenda)) => (1.0 - AGENDA_SHARE) * facets + AGENDA_SHARE * agenda,
            (Some(share), None) | (None, Some(share)) => share,
            (None, None) => 0.0,
        };
        let lost = self.lost(id);
        let assessment = Assessment::of_score(1.0 + 3.0 * share - lost, self.evidence(id));
        let (strengths, improvements) = self.remarks(id);
        CriterionGrade { id: id.to_owned(), assessment, strengths, improvements }
    }

    /// What was noticed about the interview as a whole.
    pub fn flags(&self, noticed: &Noticed) -> BTreeSet<Flag> {
        let mut flags = noticed.flags.clone();
        if self.heard.words == 0 {
            flags.insert(Flag::Empty);
        } else if self.heard.words < SHORT_WORDS {
            flags.insert(Flag::TooShort);
        }
        if self.talk.replies > 3 && self.talk.dont_know * 2 > self.talk.replies {
            flags.insert(Flag::DontKnow);
        }
        if self.slips().next().is_some() || !self.mistakes.is_empty() {
            flags.insert(Flag::Contradiction);
        }
        flags
    }

    /// What each facet and measure found.
    pub fn trace(&self) -> Vec<Trace> {
        let quote = |turn: usize, range: &std::ops::Range<usize>| {
            self.transcript.turns[turn].text.get(range.clone()).unwrap_or_default().to_owned()
        };
        let facets = self.filled.iter().map(|(facet, filled)| Trace {
            criterion: facet.criterion.clone(),
            id: facet.id.clone(),
            share: filled.share,
            quotes: filled
                .hits
                .iter()
                .map(|hit| format!("{:.2} {}", hit.credit, quote(hit.turn, &hit.range)))
                .collect(),
        });
        let measures = self.book.measures.iter().map(|measure| Trace {
            criterion: measure.criterion.clone(),
            id: format!("{:?}", measure.id),
            share: self.talk.get(measure.id).unwrap_or(f64::NAN),
            quotes: Vec::new(),
        });
        let mistakes = self.mistakes.iter().map(|mistake| Trace {
            criterion: mistake.criterion.clone(),
            id: format!("wrong: {}", mistake.correction),
            share: 1.0,
            quotes: vec![quote(mistake.turn, &mistake.range)],
        });
        let slips = self.slips().map(|estimate| Trace {
            criterion: "scalability".to_owned(),
            id: "slip".to_owned(),
            share: estimate.stated / estimate.computed,
            quotes: estimate.slip().into_iter().collect(),
        });
        facets.chain(measures).chain(mistakes).chain(slips).collect()
    }

    /// What wrong claims and slips take from a criterion: most from their own, some from the other
    /// criteria that judge the design, since what is built on them does not stand.
    fn lost(&self, id: &str) -> f64 {
        let wrong = self.mistakes.iter().map(|mistake| mistake.criterion.as_str());
        let all = wrong.chain(self.slips().map(|_| "scalability"));
        let design =
            self.mistakes.iter().any(|mistake| mistake.criterion == id) || id == "high_level_thinking";
        let lost: f64 = all
            .map(|criterion| match () {
                () if criterion == id => MISTAKE,
                () if design => MISTAKE_ELSEWHERE,
                () => 0.0,
            })
            .sum();
        let penalties =
            self.book.measures.iter().filter(|measure| measure.criterion == id && measure.penalty);
        let taken: f64 = penalties
            .filter_map(|measure| {
                let value = self.talk.get(measure.id)?;
                let share = (value - measure.bad) / (measure.good - measure.bad);
                Some(measure.weight * (1.0 - share.clamp(0.0, 1.0)))
            })
            .sum();
        lost.min(MISTAKES_MOST) + taken
    }

    /// Why a criterion cannot be assessed.
    fn unassessed(&self, id: &str, signals: Option<&CriterionSignals>, agenda: bool) -> Option<String> {
        if self.heard.words < FEWEST_WORDS {
            return Some("the candidate said too little to judge".to_owned());
        }
        let Some(signals) = signals else {
            return (!agenda).then(|| format!("the embedded coach has no signals for `{id}`"));
        };
        if self.heard.words >= signals.least_words || self.raised(id) {
            return None;
        }
        Some("nobody raised it in this interview".to_owned())
    }

    fn raised(&self, id: &str) -> bool {
        let said = self.filled.iter().any(|(facet, filled)| facet.criterion == id && filled.share > 0.0);
        let covered = self.points.iter().any(|p| p.criterion == id && p.status != PointStatus::Missed);
        let patterns = self.book.criteria.iter().find(|(signals, _)| signals.id == id).map(|(_, p)| p);
        let answered =
            |turn: usize| self.heard.candidate.iter().any(|t| t.turn > turn && !t.sentences.is_empty());
        let asked = patterns.is_some_and(|patterns| {
            self.heard.interviewer.iter().any(|(turn, said)| answered(*turn) && any(patterns, said))
        });
        said || covered || asked
    }

    /// Weighted mean of the facets and measures of a criterion, 0 to 1.
    fn facet_share(&self, id: &str) -> Option<f64> {
        let (mut got, mut all) = (0.0, 0.0);
        let signals = self.book.criteria.iter().find(|(signals, _)| signals.id == id);
        let gate = signals.and_then(|(signals, _)| signals.gate.as_deref());
        let opened = self
            .filled
            .iter()
            .find(|(facet, _)| Some(facet.id.as_str()) == gate)
            .map_or(1.0, |(_, filled)| (0.5 + filled.share).min(1.0));
        for (facet, filled) in self.filled.iter().filter(|(facet, _)| facet.criterion == id) {
            let opened = if Some(facet.id.as_str()) == gate { 1.0 } else { opened };
            got += facet.weight * filled.share * opened;
            all += facet.weight;
        }
        for measure in self.book.measures.iter().filter(|measure| measure.criterion == id && !measure.penalty)
        {
            if let Some(value) = self.talk.get(measure.id) {
                let share = (value - measure.bad) / (measure.good - measure.bad);
                got += measure.weight * share.clamp(0.0, 1.0);
                all += measure.weight;
            }
        }
        (all > 0.0).then(|| got / all)
    }

    /// The quotes that carry most, in the order they were said.
    fn evidence(&self, id: &str) -> Vec<Evidence> {
        let mut places: Vec<(f64, Evidence)> = Vec::new();
        for point in self.points.iter().filter(|p| p.criterion == id && p.status == PointStatus::Covered) {
            let found = point.turn.and_then(|turn| Evidence::find(self.transcript, &point.quote, Some(turn)));
            places.extend(found.map(|evidence| (2.5, evidence)));
        }
        for (facet, filled) in self.filled.iter().filter(|(facet, _)| facet.criterion == id) {
            for hit in filled.hits.iter().take(2) {
                let found = Evidence::at(self.transcript, hit.turn, hit.range.clone());
                places.extend(found.map(|evidence| (facet.weight * hit.credit, evidence)));
            }
        }
        places.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut kept: Vec<Evidence> = Vec::new();
        for (_, evidence) in places {
            let known = |other: &Evidence| {
                other.turn() == evidence.turn()
                    && (other.quote().contains(evidence.quote()) || evidence.quote().contains(other.quote()))
            };
            if kept.len() < QUOTES && !kept.iter().any(known) {
                kept.push(evidence);
            }
        }
        kept.sort_by_key(Evidence::turn);
        kept
    }

    fn remarks(&self, id: &str) -> (Vec<String>, Vec<String>) {
        let mut good: Vec<(f64, String)> = Vec::new();
        let mut bad: Vec<(f64, String)> = Vec::new();
        for (facet, filled) in self.filled.iter().filter(|(facet, _)| facet.criterion == id) {
            if filled.share >= 0.75 {
                good.push((facet.weight * filled.share, facet.strength.clone()));
            } else if filled.share < 0.5 {
                bad.push((facet.weight * (1.0 - filled.share), facet.improvement.clone()));
            }
        }
        for measure in self.book.measures.iter().filter(|measure| measure.criterion == id) {
            let Some(value) = self.talk.get(measure.id) else { continue };
            let share = ((value - measure.bad) / (measure.good - measure.bad)).clamp(0.0, 1.0);
            if share >= 0.9 && !measure.penalty {
                good.push((measure.weight * 0.5, measure.strength.clone()));
            } else if share < 0.5 {
                bad.push((measure.weight * (1.0 - share), measure.improvement.clone()));
            }
        }
        let mut improvements: Vec<String> = self
            .mistakes
            .iter()
            .filter(|mistake| mistake.criterion == id)
            .map(|mistake| mistake.correction.clone())
            .collect();
        if let Some(point) = self.agenda.as_ref().and_then(|agenda| agenda.gap(id, &self.points)) {
            improvements.push(format!("Not heard: {}", point.text));
        }
        let ranked = |mut list: Vec<(f64, String)>, most: usize| {
            list.sort_by(|a, b| b.0.total_cmp(&a.0));
            list.into_iter().take(most).map(|(_, text)| text).collect::<Vec<_>>()
        };
        improvements.extend(ranked(bad, 2));
        (ranked(good, 3), improvements)
    }

    /// Every slip and mistake with the words it was made in, in the order they were said.
    pub fn corrections(&self) -> Vec<Correction> {
        let slips = self.slips().filter_map(|estimate| {
            Some(("scalability", estimate.turn, estimate.range.clone(), estimate.slip()?))
        });
        let mistakes = self.mistakes.iter().map(|mistake| {
            (mistake.criterion.as_str(), mistake.turn, mistake.range.clone(), mistake.correction.clone())
        });
        let found = slips.chain(mistakes).filter_map(|(criterion, turn, range, correction)| {
            let evidence = Evidence::at(self.transcript, turn, range)?;
            Some(Correction { criterion: criterion.to_owned(), evidence, correction })
        });
        let mut found: Vec<Correction> = found.collect();
        found.sort_by_key(|correction| correction.evidence.turn());
        found
    }

    /// The estimates that are off by ten or more.
    pub fn slips(&self) -> impl Iterator<Item = &Estimate> {
        self.estimates.iter().filter(|estimate| estimate.slip().is_some())
    }

    /// The first gap, the sentence that would have closed it, one drill; slips and mistakes first.
    pub fn feedback(&self, rubric: &crate::grading::Rubric, grades: &[CriterionGrade]) -> Vec<String> {
        let mut lines = Vec::new();
        for estimate in self.slips() {
            lines.extend(estimate.slip());
        }
        for mistake in self.mistakes.iter().take(2) {
            if let Some(evidence) = Evidence::at(self.transcript, mistake.turn, mistake.range.clone()) {
                lines.push(format!("You said: \u{201c}{}\u{201d} {}", evidence.quote(), mistake.correction));
            }
        }
        let scored = grades.iter().filter_map(|grade| match &grade.assessment {
            Assessment::Assessed { score, level, .. } => {
                Some((grade, rubric.criterion(&grade.id)?, *score, *level))
            }
            Assessment::NotAssessed { .. } => None,
        });
        let weakest = scored.min_by(|a, b| {
            let gap = |score: f64, criterion: &Criterion| (4.0 - score) * criterion.weight;
            gap(b.2, b.1).total_cmp(&gap(a.2, a.1))
        });
        let Some((grade, criterion, _, level)) = weakest else {
            lines.push(
                "Nothing was said that could be graded; talk through one problem and come back.".to_owned(),
            );
            return lines;
        };
        let facet = self
            .filled
            .iter()
            .filter(|(facet, _)| facet.criterion == grade.id)
            .max_by(|a, b| {
                let gap = |(facet, filled): &(&Facet, Filled)| facet.weight * (1.0 - filled.share);
                gap(a).total_cmp(&gap(b))
            })
            .filter(|(_, filled)| filled.share < 0.75)
            .map(|(facet, _)| *facet);
        let point = self.agenda.as_ref().and_then(|agenda| agenda.gap(&grade.id, &self.points));
        let title = format!("First gap: {} (level {} of 4).", criterion.title, level.get());
        match (facet, point) {
            (Some(facet), Some(point)) => {
                lines.push(format!("{title} {}", facet.improvement));
                lines.push(format!("What would have closed it: {}", point.text));
            }
            (Some(facet), None) => {
                lines.push(format!("{title} {}", facet.improvement));
                lines.push(format!(
                    "A sentence of the kind that closes it: \u{201c}{}\u{201d}",
                    facet.example
                ));
            }
            (None, Some(point)) => lines.push(format!("{title} What would have closed it: {}", point.text)),
            (None, None) => lines.push(title),
        }
        lines.push(format!("Drill: {}", criterion.drill));
        lines
    }
}
