//! PURE. A card: one thing to remember, folded from the reviews that sessions gave it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Day, Memory, Rating, Scheduler};

/// What a card asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CardId {
    /// A pack's question, by its id.
    Question(String),
    /// A question of the user's notes, by its id.
    Notes(String),
    /// A point of a problem's agenda.
    Point {
        /// Id of the problem.
        problem: String,
        /// Id of the point.
        point: String,
    },
}

impl CardId {
    /// Reads what [`std::fmt::Display`] writes: `question:ID`, `notes:ID`, `point:PROBLEM/POINT`.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once(':')?;
        match kind {
            "question" => Some(Self::Question(id.to_owned())),
            "notes" => Some(Self::Notes(id.to_owned())),
            "point" => {
                let (problem, point) = id.split_once('/')?;
                Some(Self::Point { problem: problem.to_owned(), point: point.to_owned() })
            }
            _ => None,
        }
    }

    /// The card that a session of kind `answer` reviews, by the question's id in its log.
    pub fn of_question(id: &str, has_reference: bool) -> Self {
        match Self::parse(id) {
            Some(point @ Self::Point { .. }) => point,
            _ if has_reference && id.contains('/') => Self::Notes(id.to_owned()),
            _ => Self::Question(id.to_owned()),
        }
    }
}

impl std::fmt::Display for CardId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Question(id) => write!(f, "question:{id}"),
            Self::Notes(id) => write!(f, "notes:{id}"),
            Self::Point { problem, point } => write!(f, "point:{problem}/{point}"),
        }
    }
}

impl Serialize for CardId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CardId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no card")))
    }
}

/// One review of a card.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    /// Of which card.
    pub card: CardId,
    /// On which day.
    pub day: Day,
    /// How it went.
    pub rating: Rating,
    /// What it earned, 0 to 1.
    pub score: f64,
}

/// What is known of a card after its reviews.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Which.
    pub id: CardId,
    /// How often it came up.
    pub reviews: u32,
    /// How often it was forgotten on a later day than the one before.
    pub lapses: u32,
    /// Its first review.
    pub first: Day,
    /// Its latest review.
    pub last: Day,
    /// What the latest earned, 0 to 1.
    pub score: f64,
    /// What is remembered; `None` for a point that was never weak, which needs no drill.
    pub memory: Option<Memory>,
    /// When to ask again.
    pub due: Option<Day>,
}

impl Card {
    /// A card that never came up.
    pub fn new(id: CardId) -> Self {
        Self {
            id,
            reviews: 0,
            lapses: 0,
            first: Day::default(),
            last: Day::default(),
            score: 0.0,
            memory: None,
            due: None,
        }
    }

    /// Folds `reviews`, which are of this card and in order of time.
    pub fn fold<'r>(
        id: CardId,
        reviews: impl IntoIterator<Item = &'r Review>,
        scheduler: &Scheduler,
    ) -> Self {
        let mut card = Self::new(id);
        reviews.into_iter().for_each(|review| card.apply(review, scheduler));
        card
    }

    /// Takes in one more review, not earlier than the last.
    pub fn apply(&mut self, review: &Review, scheduler: &Scheduler) {
        let days = review.day.since(self.last);
        if self.reviews == 0 {
            self.first = review.day;
        } else if review.rating == Rating::Again && days > 0 {
            self.lapses += 1;
        }
        let asked_for = !matches!(self.id, CardId::Point { .. });
        if asked_for || self.memory.is_some() || review.rating.is_weak() {
            self.memory = scheduler.after(self.memory, review.rating, days).or(self.memory);
            self.due = self.memory.map(|memory| review.day.plus(scheduler.pause(memory)));
        }
        self.reviews += 1;
        self.last = review.day;
        self.score = review.score;
    }

    /// The chance that it is still known on `today`; `None` if nothing was to be remembered.
    pub fn recall(&self, today: Day, scheduler: &Scheduler) -> Option<f64> {
        self.memory.map(|memory| scheduler.recall(memory, today.since(self.last)))
    }
}
