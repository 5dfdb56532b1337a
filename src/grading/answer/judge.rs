//! PURE. Grades one answer against a prepared target.

use super::align::Window;
use super::clean::Clean;
use super::features::{Comparison, compare};
use super::feedback::{Correction, Notes, write};
use super::guard::{Screened, Shape, screen, shape};
use super::knowledge::Knowledge;
use super::packed::{Error, Outcome};
use super::reading::Reading;
use super::score::rounded;
use super::target::Target;
use crate::grading::{AnswerGrade, Confidence, Flag, GradedPoint, Grader, PointStatus};
use crate::text::Prepared;

/// Everything found out about one answer before it is put into words.
struct Findings<'a> {
    known: &'a Knowledge,
    target: &'a Target,
    clean: &'a Clean<'a>,
    screened: Screened,
    reading: Reading<'a>,
    shape: Shape,
    comparison: Comparison,
    outcomes: Vec<Outcome>,
    errors: Vec<Error>,
}

/// Grades `answer` from 0 to `max_score`. The same input gives the same grade, byte for byte, on
/// every platform.
pub fn grade_answer(known: &Knowledge, target: &Target, answer: &str, max_score: f64) -> AnswerGrade {
    let clean = Clean::new(answer, known.scoring.screen.longest);
    let found = Findings::new(known, target, &clean);
    let (share, guessed) = found.share_of_mark();
    let mut flags = found.flags(share);
    let share = found.capped(share, &flags);
    let confidence = found.confidence(share, guessed, &flags);
    if confidence < known.scoring.confidence.low {
        flags.push(Flag::LowConfidence);
    }
    flags.sort_unstable();
    flags.dedup();

    let void = flags.iter().any(|flag| is_void(*flag));
    let points = found.points(void);
    let corrections = if void { Vec::new() } else { found.corrections(&points) };
    let feedback = write(
        known,
        &Notes {
            points: &points,
            weights: &found.texts_and_weights().map(|(_, weight)| weight).collect::<Vec<_>>(),
            corrections: &corrections,
            flags: &flags,
            follow_ups: target.packed.as_ref().map_or(&[], |packed| &packed.follow_ups),
            share,
        },
    );
    AnswerGrade {
        score: rounded(share * max_score, 10.0).clamp(0.0, max_score),
        max_score,
        confidence: Confidence(rounded(confidence, 100.0)),
        grader: Grader::Embedded { version: env!("CARGO_PKG_VERSION").to_owned() }.to_string(),
        points,
        errors: corrections.iter().map(ToString::to_string).collect(),
        flags,
        feedback,
        usage: None,
    }
}

/// Flags that leave nothing to grade.
fn is_void(flag: Flag) -> bool {
    matches!(
        flag,
        Flag::Empty
            | Flag::TooShort
            | Flag::DontKnow
            | Flag::Echo
            | Flag::KeywordList
            | Flag::WordSalad
            | Flag::Padding
            | Flag::OffTopic
    )
}

impl<'a> Findings<'a> {
    fn new(known: &'a Knowledge, target: &'a Target, clean: &'a Clean<'a>) -> Self {
        let prepared = Prepared::new(clean.text());
        let screened = screen(known, &prepared);
        let prepared = prepared.respelled(|token| target.spelling.mend(known, token));
        let reading = Reading::without(known, prepared, |sentence| {
            screened.to_grader[sentence] || screened.repeated[sentence] || screened.boasts[sentence]
        });
        let shape = shape(known, &reading);
        let comparison = compare(&target.reference, &reading);
        let (outcomes, errors) = match &target.packed {
            Some(packed) => packed.judge(&reading, &screened.denied),
            None => (by_words(known, &comparison), Vec::new()),
        };
        Self { known, target, clean, screened, reading, shape, comparison, outcomes, errors }
    }

    fn texts_and_weights(&self) -> Box<dyn Iterator<Item = (&str, f64)> + '_> {
        match &self.target.packed {
            Some(packed) => Box::new(packed.points.iter().map(|point| (point.text.as_str(), point.weight))),
            None => Box::new(self.target.reference.points.iter().map(|p| (p.text.as_str(), p.weight))),
        }
    }

    /// The share of the mark, before caps, and the share of it that rests on likeness of words.
    fn share_of_mark(&self) -> (f64, f64) {
        let general = self.general_share();
        let Some(packed) = &self.target.packed else { return (general, 0.0) };
        let scoring = &self.known.scoring.packed;
        let (mut earned, mut guessed, mut possible, mut turned) = (0.0, 0.0, 0.0, 0.0);
        for (point, outcome) in packed.points.iter().zip(&self.outcomes) {
            possible += point.weight;
            earned += point.weight * outcome.credit;
            guessed += if outcome.certain { 0.0 } else { point.weight * outcome.credit };
            turned += f64::from(u8::from(outcome.status == PointStatus::Wrong && !outcome.spoiled));
        }
        let covered = if possible > 0.0 { earned / possible } else { 0.0 };
        let bearing = if covered < scoring.bearing_below {
            scoring.bearing.at(self.bearing()).max(scoring.bearing_points.at(self.told()))
        } else {
            1.0
        };
        let covered = (covered / self.recognised()).min(1.0);
        // A fluent falsehood costs more than a gap, and a second one more again.
        let faults = self.errors.len() as f64 + turned * scoring.wrong;
        let own = scoring.map.at(covered) * bearing * scoring.faults.at(faults) * self.asserted();
        let share = match self.target.own_reference {
            true => own * (1.0 - scoring.reference) + general * scoring.reference * scoring.faults.at(faults),
            false => own,
        };
        (share.clamp(0.0, 1.0), if earned > 0.0 { guessed / earned } else { 0.0 })
    }

    /// What is left of the mark where sentence after sentence only denies: such an answer knows the words.
    fn asserted(&self) -> f64 {
        let mut denies = vec![false; self.reading.prepared.sentences().len()];
        for (token, unit) in self.reading.prepared.tokens().iter().zip(&self.reading.units) {
            denies[token.sentence] |= unit.denied;
        }
        let share = denies.iter().filter(|denies| **denies).count() as f64 / denies.len().max(1) as f64;
        if denies.len() > 2 { self.known.scoring.packed.denying.at(share) } else { 1.0 }
    }

    /// Number of points that are told beyond doubt, in sentences that no other is told in.
    fn told(&self) -> f64 {
        let mut places: Vec<(usize, usize)> = self
            .outcomes
            .iter()
            .filter(|outcome| outcome.certain && outcome.status == PointStatus::Covered)
            .filter_map(|outcome| outcome.sentences)
            .collect();
        places.sort_unstable();
        places.dedup();
        places.len() as f64
    }

    /// How much is recognised of a full answer in such words: of one that avoids the usual ones,
    /// only a part. That it is one must show in several places.
    fn recognised(&self) -> f64 {
        let Some(packed) = &self.target.packed else { return 1.0 };
        let scoring = &self.known.scoring.packed;
        let part = scoring.recognised.at(packed.usual_share(&self.reading));
        1.0 - (1.0 - part) * scoring.about.at(self.told())
    }

    /// Share of the answer's words in sentences that tell anything about the question, right or wrong.
    /// An answer to something else touches a point here and there; a short one on the matter
    /// does so throughout. A very short answer has no telling share, and gets 1.
    fn bearing(&self) -> f64 {
        let mut bears = vec![false; self.reading.prepared.sentences().len()];
        let told =
            self.outcomes.iter().filter(|outcome| outcome.certain).filter_map(|outcome| outcome.sentences);
        for (first, last) in told.chain(self.errors.iter().map(|error| error.sentences)) {
            bears[first..=last].fill(true);
        }
        let (mut all, mut bearing) = (0.0, 0.0);
        for token in self.reading.prepared.tokens() {
            if !self.reading.left_out[token.sentence] {
                all += 1.0;
                bearing += f64::from(u8::from(bears[token.sentence]));
            }
        }
        if all < self.known.scoring.packed.bearing_words { 1.0 } else { bearing / all }
    }

    /// The share of the mark by the words of the reference alone.
    fn general_share(&self) -> f64 {
        let scoring = &self.known.scoring.general;
        let measured = &self.comparison.measured;
        let expected = scoring.expected.at(self.comparison.new_words as f64);
        let sum = scoring.coverage * (measured.coverage / expected).min(1.0)
            + scoring.letters * (measured.letters / expected).min(1.0)
            + scoring.precision * measured.precision
            + scoring.choice * (measured.choice_right - measured.choice_wrong)
            - scoring.number * measured.number_missing;
        let whole = scoring.map.at(sum / (scoring.coverage + scoring.letters + scoring.precision));
        // The more points, the more it counts that each is said in one place.
        let points = scoring.points.at(self.target.reference.points.len() as f64);
        let share =
            (whole * (1.0 - points) + scoring.by_point.at(measured.by_point) * points) * self.kept_to();
        let kept = (1.0 - scoring.swapped * measured.swapped).max(0.0)
            * (1.0 - scoring.conflict * measured.conflict).max(0.0);
        share * kept
    }

    /// What is left of the mark by the words of the reference where a long answer goes its own ways,
    /// though the reference says much: it answers something else, or in words that are not known.
    fn kept_to(&self) -> f64 {
        let scoring = &self.known.scoring.general;
        let long = scoring.own_ways_words.at(self.shape.words as f64)
            * scoring.own_ways_reference.at(self.comparison.new_words as f64);
        1.0 - (1.0 - scoring.own_ways.at(self.comparison.measured.precision)) * long
    }

    fn flags(&self, share: f64) -> Vec<Flag> {
        let screen = &self.known.scoring.screen;
        let (shape, measured) = (&self.shape, &self.comparison.measured);
        let content = self.reading.content().count();
        let mut flags = Vec::new();
        let spoke = self.screened.to_grader.contains(&true) || self.screened.role_marks;
        if spoke {
            flags.push(Flag::AddressesGrader);
        }
        if self.clean.hidden {
            flags.push(Flag::HiddenText);
        }
        if self.clean.truncated {
            flags.push(Flag::Truncated);
        }
        if self.reading.prepared.tokens().is_empty() {
            flags.push(Flag::Empty);
            return flags;
        }
        if self.gives_up(share, content) {
            flags.push(Flag::DontKnow);
        }
        let other_language =
            shape.foreign_words * 5 >= shape.words && shape.words >= 5 || shape.foreign > 0.3;
        if other_language {
            flags.push(Flag::OtherLanguage);
        }
        let reference_is_list = self.target.reference.small_share < screen.list_small_share * 2.0
            && shape.words <= 2 * self.target.reference.size + 6;
        let list = shape.words >= screen.list_words
            && (shape.small_share < screen.list_small_share
                || (shape.listed >= screen.listed && shape.pieces >= screen.pieces));
        if list && !other_language && !reference_is_list {
            flags.push(Flag::KeywordList);
        }
        if !other_language
            && !reference_is_list
            && shape.words >= screen.fluency_words
            && shape.fluency
                < screen.fluency.at(shape.words as f64) + (screen.fluent_small - shape.small_share).max(0.0)
        {
            flags.push(Flag::WordSalad);
        }
        let repeated = self.screened.repeated.iter().filter(|again| **again).count();
        let often = self.screened.most_often >= 3 && repeated * 2 >= self.screened.repeated.len();
        if often || (shape.repetition >= screen.repetition && shape.words >= screen.repetition_words) {
            flags.push(Flag::Padding);
        }
        let wrong = !self.errors.is_empty() || self.outcomes.iter().any(|o| o.status == PointStatus::Wrong);
        let nothing_said = !wrong && self.outcomes.iter().all(|outcome| outcome.credit == 0.0);
        let nothing_new = self.comparison.new_said == 0 && self.comparison.new_words > 0;
        let next_to_nothing = nothing_said || self.target.packed.is_none() && share < screen.cap;
        // A pack knows many wordings: where none is found, repeating the question is all there is.
        let blank = self.target.packed.is_some() && nothing_said;
        let echo = self.adds_nothing() && (blank || self.echoes() >= screen.echo);
        if !spoke && content > 1 && echo {
            flags.push(Flag::Echo);
        } else if !spoke
            && (content <= 2
                && share < 0.3
                && (nothing_new || self.comparison.new_words >= screen.enough_words)
                || blank && shape.words < screen.enough_words)
        {
            flags.push(Flag::TooShort);
        } else if !other_language
            && share < screen.off_topic
            && shape.words >= screen.enough_words
            && (next_to_nothing && (blank || measured.from_question < 0.34)
                || !spoke
                    && !flags.contains(&Flag::DontKnow)
                    && (self.goes_its_own_ways() || self.is_about_nothing_asked()))
        {
            flags.push(Flag::OffTopic);
        }
        if wrong {
            flags.push(Flag::Contradiction);
        }
        flags
    }

    /// Only a reference is there to go by, and the answer has little to do with it.
    fn goes_its_own_ways(&self) -> bool {
        self.target.packed.is_none() && self.kept_to() < 0.5
    }

    /// A pack's question is asked, and no more than a chance likeness is found in the answer.
    fn is_about_nothing_asked(&self) -> bool {
        let mut certain = self.outcomes.iter().filter(|outcome| outcome.certain && outcome.credit > 0.0);
        let screen = &self.known.scoring.screen;
        self.target.packed.is_some()
            && self.errors.is_empty()
            && (certain.next().is_none() || self.bearing() < screen.off_topic_bearing)
    }

    /// Says that it does not know, and little else: who is unsure of one thing may know the rest.
    fn gives_up(&self, share: f64, content: usize) -> bool {
        let screen = &self.known.scoring.screen;
        let (mut all, mut giving_up) = (0, 0);
        for token in self.reading.prepared.tokens() {
            all += 1;
            giving_up += usize::from(self.screened.dont_know[token.sentence]);
        }
        let mostly = giving_up * 2 >= all;
        giving_up > 0
            && (content < screen.gives_up_words
                || share < if mostly { screen.gives_up_mostly } else { screen.gives_up })
    }

    /// Nearly all its words are the question's, and the question offers no choice between them.
    fn adds_nothing(&self) -> bool {
        self.comparison.measured.from_question >= 0.8 && self.target.reference.choice.right.is_empty()
    }

    /// Share of the neighbouring words that stand side by side in the question too.
    fn echoes(&self) -> f64 {
        let tokens = self.reading.prepared.tokens();
        let pairs = tokens.windows(2).filter(|two| two[0].sentence == two[1].sentence);
        let (mut all, mut same) = (0.0, 0.0);
        for two in pairs {
            all += 1.0;
            let asked = &self.target.reference.question_pairs;
            same += f64::from(u8::from(asked.contains(&(two[0].stem.clone(), two[1].stem.clone()))));
        }
        if all > 0.0 { same / all } else { 0.0 }
    }

    fn capped(&self, share: f64, flags: &[Flag]) -> f64 {
        let screen = &self.known.scoring.screen;
        let mut share = share;
        if flags.contains(&Flag::AddressesGrader) {
            share = share.min(screen.to_grader_cap);
            if self.shape.words < screen.to_grader_words {
                share = share.min(screen.cap);
            }
        }
        if flags.iter().any(|flag| is_void(*flag)) { share.min(screen.cap) } else { share }
    }

    fn confidence(&self, share: f64, guessed: f64, flags: &[Flag]) -> f64 {
        let certainty = &self.known.scoring.confidence;
        if flags.contains(&Flag::OtherLanguage) {
            return 0.1;
        }
        // Whether something else is answered, or this in words it does not know, it cannot tell.
        if flags.contains(&Flag::OffTopic) {
            return certainty.off_topic;
        }
        if flags.iter().any(|flag| is_void(*flag)) {
            return certainty.flagged;
        }
        match &self.target.packed {
            Some(_) => {
                let doubt = certainty.likeness * guessed + certainty.unusual * (1.0 - self.recognised());
                (certainty.packed.at(share) - doubt).max(0.1)
            }
            None if self.goes_its_own_ways() => certainty.off_topic,
            None => certainty.general.at(share),
        }
    }

    fn quote(&self, (first, last): (usize, usize)) -> String {
        let sentences = self.reading.prepared.sentences();
        self.clean.quote(sentences[first].start..sentences[last].end).to_owned()
    }

    fn points(&self, void: bool) -> Vec<GradedPoint> {
        self.texts_and_weights()
            .zip(&self.outcomes)
            .map(|((text, _), outcome)| match outcome.sentences {
                Some(sentences) if !void => GradedPoint {
                    point: text.to_owned(),
                    status: outcome.status,
                    quote: self.quote(sentences),
                },
                _ => {
                    GradedPoint { point: text.to_owned(), status: PointStatus::Missed, quote: String::new() }
                }
            })
            .collect()
    }

    fn corrections(&self, points: &[GradedPoint]) -> Vec<Correction> {
        let stated = self.errors.iter().map(|error| Correction {
            said: self.quote(error.sentences),
            correction: error.correction.clone(),
        });
        let turned = points.iter().zip(&self.outcomes);
        let turned = turned.filter(|(point, outcome)| point.status == PointStatus::Wrong && !outcome.spoiled);
        let turned = turned
            .map(|(point, _)| Correction { said: point.quote.clone(), correction: point.point.clone() });
        stated.chain(turned).collect()
    }
}

/// Judges the points of a plain reference by their words.
fn by_words(known: &Knowledge, comparison: &Comparison) -> Vec<Outcome> {
    let scoring = &known.scoring.general;
    let judge = |window: &Option<Window>| {
        let Some(window) = window else { return Outcome::MISSED };
        let status = match () {
            () if window.said + window.turned >= scoring.covered && window.turned > window.said => {
                PointStatus::Wrong
            }
            () if window.said >= scoring.covered => PointStatus::Covered,
            () if window.said >= scoring.partial => PointStatus::Partial,
            () => return Outcome::MISSED,
        };
        let credit = if status == PointStatus::Wrong { 0.0 } else { window.said };
        Outcome { status, sentences: Some(window.sentences), credit, certain: false, spoiled: false }
    };
    comparison.windows.iter().map(judge).collect()
}
