//! PURE. `signals.toml`: what shows a criterion in any interview, whatever the problem.
//!
//! The wordings are data; [`crate::grading::interview`] counts them.

use serde::{Deserialize, Serialize};

/// The signals of a pack, by which the embedded coach grades an interview.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signals {
    /// Small lists that the conditions of facets are checked against.
    #[serde(default)]
    pub words: SignalWords,
    /// How facets add up to each criterion.
    #[serde(rename = "criterion", default)]
    pub criteria: Vec<CriterionSignals>,
    /// What earns, sentence by sentence.
    #[serde(rename = "facet", default)]
    pub facets: Vec<Facet>,
    /// Shares over the whole conversation.
    #[serde(rename = "measure", default)]
    pub measures: Vec<Measure>,
    /// Claims that are wrong in any design.
    #[serde(rename = "wrong", default)]
    pub wrong: Vec<WrongClaim>,
    /// How phases are recognised in a transcript.
    #[serde(rename = "phase", default)]
    pub phases: Vec<PhaseCue>,
}

/// How a phase is recognised in a transcript.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseCue {
    /// Id of the pack's phase.
    pub id: String,
    /// Patterns over headings.
    pub headings: Vec<String>,
    /// Patterns by which an interviewer begins it.
    #[serde(default)]
    pub begins: Vec<String>,
}

/// Word lists of `signals.toml`; each entry is a pattern, except in `function`, `general` and `breaks`, which hold plain words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignalWords {
    /// Words without content of their own.
    pub function: Vec<String>,
    /// Words that fit any talk about any system: neither a thing nor a mechanism.
    pub general: Vec<String>,
    /// How one asks without a question: "I would like to know".
    pub request: Vec<String>,
    /// How one takes for granted what was not asked.
    pub assume: Vec<String>,
    /// Words at which talk without full stops begins another thought.
    pub breaks: Vec<String>,
    /// Claims without measure: "infinitely", "no downside".
    pub absolute: Vec<String>,
    /// Names of the lexicon that are too general to make a sentence concrete.
    pub general_terms: Vec<String>,
    /// What introduces a reason.
    pub reason: Vec<String>,
    /// What sets one thing against another.
    pub contrast: Vec<String>,
    /// What introduces a condition or a consequence.
    pub condition: Vec<String>,
    /// Properties of systems that a reason can rest on.
    pub property: Vec<String>,
    /// Reasons that would fit any system.
    pub vague_reason: Vec<String>,
    /// How a question begins when it has no question mark.
    pub question_start: Vec<String>,
    /// How the candidate begins to design.
    pub design_begins: Vec<String>,
    /// How an interviewer asks an open question.
    pub open_question: Vec<String>,
    /// How an interviewer asks a second time for what was not answered.
    pub asks_again: Vec<String>,
    /// Text that speaks to the grader.
    pub addresses_grader: Vec<String>,
    /// Not knowing, said plainly.
    pub dont_know: Vec<String>,
    /// Denials; one shortly before a match turns it round.
    pub denial: Vec<String>,
    /// Sounds and words that fill time.
    pub filler: Vec<String>,
}

impl SignalWords {
    /// Every list whose entries are patterns.
    pub fn patterns(&self) -> [&[String]; 16] {
        [
            &self.reason,
            &self.condition,
            &self.contrast,
            &self.property,
            &self.vague_reason,
            &self.question_start,
            &self.design_begins,
            &self.open_question,
            &self.asks_again,
            &self.addresses_grader,
            &self.dont_know,
            &self.denial,
            &self.filler,
            &self.request,
            &self.assume,
            &self.absolute,
        ]
    }
}

/// How a criterion's facets and measures add up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CriterionSignals {
    /// Id of the rubric's criterion.
    pub id: String,
    /// Share of the facets' weight from which the score is the highest, 0 to 1.
    pub full: f64,
    /// Words of the candidate from which silence about it counts against it.
    pub least_words: usize,
    /// Patterns by which an interviewer raises it.
    #[serde(default)]
    pub raised: Vec<String>,
    /// A facet of the criterion without which the others count for half at most.
    #[serde(default)]
    pub gate: Option<String>,
}

/// Something that earns when it is said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facet {
    /// Unique.
    pub id: String,
    /// Id of the rubric's criterion.
    pub criterion: String,
    /// Weight in the criterion.
    pub weight: f64,
    /// How many times it must be said to fill the facet.
    pub enough: f64,
    /// What is counted.
    #[serde(default)]
    pub count: Count,
    /// What else must be true of the sentence.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// A sentence without a number, a reason or a condition earns half: a name is no mechanism.
    #[serde(default)]
    pub deep: bool,
    /// Patterns; one found is enough.
    #[serde(default)]
    pub says: Vec<String>,
    /// What the report says when the facet is full.
    pub strength: String,
    /// What the report says when it is empty.
    pub improvement: String,
    /// The sentence that would have filled it, as an example.
    pub example: String,
}

/// What a facet counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// Sentences in which one of the patterns stands.
    #[default]
    Sentences,
    /// Different clarifying topics asked for.
    Topics,
    /// Different kinds of component named.
    Kinds,
    /// Figures worked out from their inputs.
    Estimates,
}

/// What must be true of a sentence before it earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// It is a question.
    Question,
    /// It is none.
    Statement,
    /// It stands before the design begins.
    Early,
    /// It stands after the design has begun.
    Late,
    /// It has a number, a term of the lexicon, or two things of which the candidate keeps talking.
    Concrete,
    /// It has a number, or two things of which one is a property or a mechanism.
    Specific,
    /// It names a property of systems, such as latency or loss.
    Property,
    /// It is specific, or says something about a property.
    Solid,
    /// It or what stands next to it in the turn weighs: a reason or a contrast that rests on a
    /// property or a number.
    Weighed,
    /// It names two terms of the lexicon, or things of which the candidate keeps talking.
    TwoTerms,
    /// It has a number.
    Number,
    /// It gives a reason that would not fit any system.
    Reason,
}

/// A share over the whole conversation, between bad and good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// What is measured.
    pub id: MeasureId,
    /// Id of the rubric's criterion.
    pub criterion: String,
    /// Weight in the criterion; for a penalty, what a bad value takes from the score.
    pub weight: f64,
    /// It only takes: a good value earns nothing.
    #[serde(default)]
    pub penalty: bool,
    /// Value that earns nothing.
    pub bad: f64,
    /// Value that earns all; may be lower than `bad`.
    pub good: f64,
    /// What the report says when it is good.
    pub strength: String,
    /// What the report says when it is bad.
    pub improvement: String,
}

/// The shares that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeasureId {
    /// Share of the interviewer's open questions that got an answer with content.
    Answered,
    /// Share of the candidate's turns that are three words or fewer.
    OneWord,
    /// Words of the longest turn without a signpost.
    Monologue,
    /// Share of words that fill time.
    Filler,
    /// Share of the interviewer's questions that had to be asked again.
    AskedAgain,
    /// Share of the candidate's sentences that say something concrete.
    Concrete,
    /// Share of the candidate's sentences that claim without measure.
    Absolute,
}

/// A claim that is wrong in any design.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrongClaim {
    /// Unique.
    pub id: String,
    /// Id of the criterion that it lowers.
    pub criterion: String,
    /// What is right instead; one sentence.
    pub correction: String,
    /// Patterns; one found, and not denied, is the claim.
    pub says: Vec<String>,
    /// Patterns that show that it is rejected or qualified.
    #[serde(default)]
    pub unless: Vec<String>,
}
