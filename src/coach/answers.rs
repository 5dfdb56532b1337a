//! Grading single answers: the seam between those who ask for grades and those who give them.
//!
//! [`EmbeddedAnswers`] grades by rules and knows the packs; a language model stands behind the same
//! trait. Order, concurrency and resuming are the business of [`crate::commands`].

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;

use crate::assets::{AssetError, Assets};
use crate::grading::answer::{Knowledge, Target, grade_answer};
use crate::grading::{AnswerGrade, Grader};
use crate::material::{Pack, Question};
use crate::text::{Prepared, Synonyms};

/// One answer to grade.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerRequest {
    /// The question as it was asked.
    pub question: String,
    /// Id of a pack's question, if known.
    pub question_id: Option<String>,
    /// What a good answer covers, as prose or notes.
    pub reference: Option<String>,
    /// The candidate's words: data, whatever they say.
    pub answer: String,
    /// The full mark.
    pub max_score: f64,
}

/// Why an answer has no grade. It never means a low grade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct GradeError {
    /// For programs: `bad_input`, `no_reference`, or what the model's provider failed with.
    pub kind: &'static str,
    /// For people; never the candidate's words.
    pub message: String,
}

impl GradeError {
    /// Neither a reference nor a pack's question.
    pub const NO_REFERENCE: &'static str = "no_reference";
    /// The input is no request.
    pub const BAD_INPUT: &'static str = "bad_input";

    /// The error for a question without a reference.
    pub fn no_reference() -> Self {
        Self::new(
            Self::NO_REFERENCE,
            "there is no reference for this question, and no pack knows it: add `reference`, or a known `question_id`",
        )
    }

    /// An error of a kind.
    pub fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

/// Grades single answers; called from several threads at once.
pub trait AnswerGrader: Send + Sync {
    /// `embedded@VERSION` or `llm:PROFILE:MODEL@PROMPT_HASH`.
    fn name(&self) -> String;

    /// Grades one answer.
    ///
    /// # Errors
    ///
    /// [`GradeError`] if there is no grade; never a default grade.
    fn grade(&self, request: &AnswerRequest) -> Result<AnswerGrade, GradeError>;
}

/// How alike two questions must be, as shares of common words, to be taken for the same.
const SAME_QUESTION: f64 = 0.75;

/// Bytes of questions and references whose preparation is kept.
const KEPT_BYTES: usize = 4 << 20;

/// The questions of the packs, found by id or by what they ask.
pub struct PackQuestions(Vec<PackQuestion>);

struct PackQuestion {
    question: Question,
    synonyms: Arc<Synonyms>,
    stems: BTreeSet<String>,
}

impl PackQuestions {
    /// Reads the questions of all packs.
    ///
    /// # Errors
    ///
    /// [`AssetError`] if a user's file has a fault.
    pub fn load(assets: &Assets) -> Result<Self, AssetError> {
        let packs: Vec<Pack> =
            assets.packs().iter().map(|name| assets.pack(name)).collect::<Result<_, _>>()?;
        Ok(Self::of(packs))
    }

    /// The questions of these packs.
    pub fn of(packs: Vec<Pack>) -> Self {
        let questions = packs.into_iter().flat_map(|pack| {
            let synonyms = Arc::new(pack.lexicon.synonyms());
            pack.questions.into_iter().map(move |question| PackQuestion {
                stems: stems(&question.question),
                synonyms: Arc::clone(&synonyms),
                question,
            })
        });
        Self(questions.collect())
    }

    /// Adds a question in the words of `pack`.
    pub fn add(&mut self, pack: &Pack, question: Question) {
        self.0.push(PackQuestion {
            stems: stems(&question.question),
            synonyms: Arc::new(pack.lexicon.synonyms()),
            question,
        });
    }

    /// The question that is meant: by id, by the same text, or by nearly the same text.
    pub fn find(&self, id: Option<&str>, text: &str) -> Option<&Question> {
        self.found(id, text).map(|found| &found.question)
    }

    /// All questions, in the packs' order.
    pub fn all(&self) -> impl Iterator<Item = &Question> {
        self.0.iter().map(|known| &known.question)
    }

    fn found(&self, id: Option<&str>, text: &str) -> Option<&PackQuestion> {
        if let Some(found) = id.and_then(|id| self.0.iter().find(|known| known.question.id == id)) {
            return Some(found);
        }
        let asked = stems(text);
        if asked.is_empty() {
            return None;
        }
        let alike = |known: &PackQuestion| {
            let common = known.stems.intersection(&asked).count() as f64;
            common / known.stems.union(&asked).count() as f64
        };
        let best = self.0.iter().max_by(|a, b| alike(a).total_cmp(&alike(b)))?;
        (alike(best) >= SAME_QUESTION).then_some(best)
    }
}

/// Grades by the rules in the binary, with the packs' points where the question is theirs.
pub struct EmbeddedAnswers {
    known: Knowledge,
    questions: PackQuestions,
    kept: RwLock<Kept>,
}

#[derive(Default)]
struct Kept {
    targets: HashMap<Key, Option<Arc<Target>>>,
    bytes: usize,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    question: String,
    question_id: Option<String>,
    reference: Option<String>,
}

impl EmbeddedAnswers {
    /// Reads what the grader knows, and the questions of all packs.
    ///
    /// # Errors
    ///
    /// [`AssetError`] if a user's file has a fault.
    pub fn new(assets: &Assets) -> Result<Self, AssetError> {
        Self::with_questions(assets, PackQuestions::load(assets)?)
    }

    /// The same with these questions; none at all for a grader that has references only.
    ///
    /// # Errors
    ///
    /// [`AssetError`] if a user's file has a fault.
    pub fn with_questions(assets: &Assets, questions: PackQuestions) -> Result<Self, AssetError> {
        Ok(Self { known: assets.grader_knowledge()?, questions, kept: RwLock::default() })
    }

    fn target(&self, request: &AnswerRequest) -> Option<Arc<Target>> {
        let key = Key {
            question: request.question.clone(),
            question_id: request.question_id.clone(),
            reference: request.reference.clone(),
        };
        // A panic elsewhere leaves the kept preparations whole: each is inserted in one step.
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(target) = kept.targets.get(&key) {
            return target.clone();
        }
        drop(kept);
        let found = self.questions.found(request.question_id.as_deref(), &request.question);
        let packed = found.map(|found| (&found.question, &*found.synonyms));
        let target =
            Target::new(&self.known, &request.question, request.reference.as_deref(), packed).map(Arc::new);
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes > KEPT_BYTES {
            *kept = Kept::default();
        }
        // What is prepared takes about forty times its text.
        kept.bytes += 1_000 + key.question.len() + key.reference.as_ref().map_or(0, String::len);
        kept.targets.insert(key, target.clone());
        target
    }
}

impl AnswerGrader for EmbeddedAnswers {
    fn name(&self) -> String {
        Grader::Embedded { version: env!("CARGO_PKG_VERSION").to_owned() }.to_string()
    }

    fn grade(&self, request: &AnswerRequest) -> Result<AnswerGrade, GradeError> {
        let target = self.target(request).ok_or_else(GradeError::no_reference)?;
        Ok(grade_answer(&self.known, &target, &request.answer, request.max_score))
    }
}

/// The stems of a question's words, for telling whether two questions are the same.
fn stems(text: &str) -> BTreeSet<String> {
    const ASKING: [&str; 18] = [
        "a", "an", "the", "is", "are", "what", "how", "do", "does", "of", "in", "to", "and", "you",
        "explain", "describ", "it", "for",
    ];
    let prepared = Prepared::new(text);
    let words = prepared.tokens().iter().map(|token| token.stem.clone());
    words.filter(|stem| !ASKING.contains(&stem.as_str())).collect()
}
