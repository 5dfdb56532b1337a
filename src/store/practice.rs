//! Practice in the store: outcomes, reviews and cards, projections of the logs that were graded.
//!
//! They are written in the same transaction as the grade, and can be made anew from the events.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{Store, StoreError, read_log};
use crate::interview::{Record, SessionKind};
use crate::schedule::{
    Card, CardId, Day, Fit, Memory, Parameters, PracticeDay, Rating, Review, Scheduler, Standing, practice,
};

/// The tables; one step of the schema.
pub(super) const SCHEMA: &str = "
ALTER TABLE sessions ADD COLUMN day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN turns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN used_ms INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sessions_by_day ON sessions (day, kind, turns, used_ms);
CREATE INDEX sessions_unfinished ON sessions (kind, started_at_ms DESC) WHERE state IN ('open', 'paused');
CREATE TABLE outcomes (
    session_id TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    day INTEGER NOT NULL,
    outcome TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE reviews (
    card TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    session_id TEXT NOT NULL,
    day INTEGER NOT NULL,
    rating INTEGER NOT NULL,
    score REAL NOT NULL,
    PRIMARY KEY (card, at_ms, session_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reviews_by_session ON reviews (session_id);
CREATE INDEX reviews_by_day ON reviews (day);
CREATE TABLE cards (
    card TEXT PRIMARY KEY,
    reviews INTEGER NOT NULL,
    lapses INTEGER NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    score REAL NOT NULL,
    stability REAL,
    difficulty REAL,
    due INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE fits (
    at_ms INTEGER NOT NULL,
    reviews INTEGER NOT NULL,
    parameters TEXT NOT NULL,
    loss_before REAL NOT NULL,
    loss_after REAL NOT NULL
) STRICT;
";

impl Store {
    /// The day it is `at_ms` milliseconds after 1970, in the user's time zone.
    pub fn day(&self, at_ms: i64) -> Day {
        Day::of(at_ms, &self.zone)
    }

    /// Outcomes of graded sessions, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn outcomes(&self) -> Result<Vec<Standing>, StoreError> {
        let mut statement = self
            .database
            .prepare_cached("SELECT session_id, day, outcome FROM outcomes ORDER BY at_ms, session_id")?;
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i32>(1)?, row.get::<_, String>(2)?))
        })?;
        rows.map(|row| {
            let (session, day, outcome) = row?;
            let outcome = serde_json::from_str(&outcome)
                .map_err(|_| StoreError::Damaged { session: session.clone(), seq: 0 })?;
            Ok(Standing { session, day: Day(day), outcome })
        })
        .collect()
    }

    /// All cards, those of points that were never weak too.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn cards(&self) -> Result<Vec<Card>, StoreError> {
        let mut statement =
            self.database.prepare_cached(&format!("SELECT {CARD} FROM cards ORDER BY card"))?;
        let rows = statement.query_map([], card_of)?;
        rows.filter_map(|row| row.map_err(StoreError::from).transpose()).collect()
    }

    /// One card.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn card(&self, id: &CardId) -> Result<Option<Card>, StoreError> {
        read_card(&self.database, id)
    }

    /// Days with practice, in order; reviews of what was held elsewhere are none.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn days(&self) -> Result<Vec<PracticeDay>, StoreError> {
        let mut statement = self.database.prepare_cached(
            "SELECT day, COUNT(*), SUM(used_ms) FROM sessions WHERE turns > 0 AND kind <> 'review'
             GROUP BY day ORDER BY day",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(PracticeDay {
                day: Day(row.get(0)?),
                sessions: row.get::<_, i64>(1)?.unsigned_abs(),
                used_ms: row.get::<_, i64>(2)?.unsigned_abs(),
            })
        })?;
        rows.map(|row| row.map_err(StoreError::from)).collect()
    }

    /// How many sessions with at least one turn there are, by kind.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn counts(&self) -> Result<Vec<(SessionKind, u64)>, StoreError> {
        let count = |kind: SessionKind| {
            let count = self.database.query_row(
                "SELECT COUNT(*) FROM sessions WHERE turns > 0 AND kind = ?1",
                [kind.name()],
                |row| row.get::<_, i64>(0),
            )?;
            Ok((kind, count.unsigned_abs()))
        };
        [SessionKind::Interview, SessionKind::Answer, SessionKind::Review, SessionKind::Diagram]
            .into_iter()
            .map(count)
            .collect()
    }

    /// Answers since `from` to cards met on an earlier day: how many, and how many were remembered.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn tested_since(&self, from: Day) -> Result<(u64, u64), StoreError> {
        let mut statement = self.database.prepare_cached(
            "SELECT COUNT(*), COALESCE(SUM(r.rating > 1), 0) FROM reviews r
             JOIN sessions s ON s.id = r.session_id AND s.kind = 'answer'
             WHERE r.day >= ?1
             AND EXISTS (SELECT 1 FROM reviews p WHERE p.card = r.card AND p.at_ms < r.at_ms AND p.day < r.day)",
        )?;
        let read =
            |row: &Row<'_>| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()));
        Ok(statement.query_row([from.0], read)?)
    }

    /// The scheduler by the latest fit, or the average learner's.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn scheduler(&self) -> Result<Scheduler, StoreError> {
        scheduler(&self.database)
    }

    /// The parameters of the latest fit, or the average learner's.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn parameters(&self) -> Result<Parameters, StoreError> {
        parameters(&self.database)
    }

    /// Reviews after the first of their card, now and at the latest fit.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn history_size(&self) -> Result<(usize, usize), StoreError> {
        let now: i64 = self.database.query_row(
            "SELECT COALESCE(SUM(reviews - 1), 0) FROM cards WHERE stability IS NOT NULL",
            [],
            |row| row.get(0),
        )?;
        let last: Option<i64> = self
            .database
            .query_row("SELECT reviews FROM fits ORDER BY rowid DESC LIMIT 1", [], |row| row.get(0))
            .optional()?;
        let whole = |count: i64| usize::try_from(count).unwrap_or(0);
        Ok((whole(now), last.map_or(0, whole)))
    }

    /// The reviews of each card in the drill, in order of time, from the one that made it one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn histories(&self) -> Result<Vec<Vec<(Day, Rating)>>, StoreError> {
        let mut statement = self.database.prepare(
            "SELECT r.card, r.day, r.rating FROM reviews r JOIN cards c ON c.card = r.card AND c.stability IS NOT NULL
             ORDER BY r.card, r.at_ms, r.session_id",
        )?;
        let mut rows = statement.query([])?;
        let (mut histories, mut current): (Vec<Vec<(Day, Rating)>>, Option<String>) = (Vec::new(), None);
        while let Some(row) = rows.next()? {
            let card: String = row.get(0)?;
            let Some(rating) = Rating::from_number(row.get(2)?) else { continue };
            if current.as_ref() != Some(&card) {
                histories.push(Vec::new());
                current = Some(card);
            }
            let Some(history) = histories.last_mut() else { continue };
            // A point counts from its first weakness on, as its card does.
            let begins = !history.is_empty() || rating.is_weak();
            if begins || current.as_deref().is_some_and(|card| !card.starts_with("point:")) {
                history.push((Day(row.get(1)?), rating));
            }
        }
        Ok(histories)
    }

    /// Keeps a fit; with `adopt` all cards are scheduled by it from now on.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be written.
    pub fn keep_fit(&mut self, at_ms: i64, fit: &Fit, adopt: bool) -> Result<(), StoreError> {
        let (history, _) = self.history_size()?;
        let transaction =
            self.database.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let kept = if adopt { fit.parameters.clone() } else { parameters(&transaction)? };
        let text = serde_json::to_string(&kept).unwrap_or_default();
        transaction.execute(
            "INSERT INTO fits (at_ms, reviews, parameters, loss_before, loss_after) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                at_ms,
                i64::try_from(history).unwrap_or(i64::MAX),
                text,
                fit.loss_before,
                fit.loss_after
            ],
        )?;
        if adopt {
            let cards: BTreeSet<String> = {
                let mut statement = transaction.prepare("SELECT card FROM cards")?;
                let rows = statement.query_map([], |row| row.get(0))?;
                rows.collect::<Result<_, _>>()?
            };
            let scheduler = Scheduler::new(&kept);
            for card in cards {
                fold_anew(&transaction, &card, &scheduler)?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

/// Writes what the log of `session` says about memory, in place of what it said before.
pub(super) fn project(
    transaction: &Transaction<'_>,
    session: &str,
    zone: &jiff::tz::TimeZone,
) -> Result<(), StoreError> {
    let log = read_log(transaction, session)?;
    let scheduler = scheduler(transaction)?;
    forget(transaction, session, &scheduler)?;
    let (Some(found), Some(graded)) = (practice(&log), log.iter().rev().find(|record| is_grade(record)))
    else {
        return Ok(());
    };
    let day = Day::of(graded.at_ms, zone);
    let outcome = serde_json::to_string(&found.outcome)
        .map_err(|_| StoreError::Damaged { session: session.to_owned(), seq: graded.seq })?;
    transaction
        .prepare_cached("INSERT INTO outcomes (session_id, at_ms, day, outcome) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![session, graded.at_ms, day.0, outcome])?;
    for (card, rating, score) in found.reviews {
        let review = Review { card, day, rating, score };
        let id = review.card.to_string();
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO reviews (card, at_ms, session_id, day, rating, score)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![id, graded.at_ms, session, day.0, rating.number(), score])?;
        let later = transaction
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM reviews WHERE card = ?1 AND (at_ms, session_id) > (?2, ?3))",
            )?
            .query_row(params![id, graded.at_ms, session], |row| row.get::<_, bool>(0))?;
        if later {
            // It happened before what is known already: an import.
            fold_anew(transaction, &id, &scheduler)?;
        } else {
            let mut folded =
                read_card(transaction, &review.card)?.unwrap_or_else(|| Card::new(review.card.clone()));
            folded.apply(&review, &scheduler);
            write_card(transaction, &folded)?;
        }
    }
    Ok(())
}

/// Whether a record changes what a log says about memory.
pub(super) fn is_grade(record: &Record) -> bool {
    matches!(record.event.name(), "graded" | "answer_graded")
}

/// Takes back what `session` said about memory.
pub(super) fn forget(
    transaction: &Transaction<'_>,
    session: &str,
    scheduler: &Scheduler,
) -> Result<(), StoreError> {
    let cards: Vec<String> = {
        let mut statement = transaction.prepare_cached("SELECT card FROM reviews WHERE session_id = ?1")?;
        let rows = statement.query_map([session], |row| row.get(0))?;
        rows.collect::<Result<_, _>>()?
    };
    transaction.execute("DELETE FROM outcomes WHERE session_id = ?1", [session])?;
    if cards.is_empty() {
        return Ok(());
    }
    transaction.execute("DELETE FROM reviews WHERE session_id = ?1", [session])?;
    cards.iter().try_for_each(|card| fold_anew(transaction, card, scheduler))
}

/// Folds a card from its reviews; without any it goes.
fn fold_anew(transaction: &Transaction<'_>, id: &str, scheduler: &Scheduler) -> Result<(), StoreError> {
    transaction.prepare_cached("DELETE FROM cards WHERE card = ?1")?.execute([id])?;
    let Some(card) = CardId::parse(id) else { return Ok(()) };
    let mut statement = transaction.prepare_cached(
        "SELECT day, rating, score FROM reviews WHERE card = ?1 ORDER BY at_ms, session_id",
    )?;
    let rows = statement.query_map([id], |row| {
        Ok((Day(row.get(0)?), Rating::from_number(row.get(1)?), row.get::<_, f64>(2)?))
    })?;
    let mut folded = Card::new(card.clone());
    for row in rows {
        if let (day, Some(rating), score) = row? {
            folded.apply(&Review { card: card.clone(), day, rating, score }, scheduler);
        }
    }
    if folded.reviews > 0 { write_card(transaction, &folded) } else { Ok(()) }
}

const CARD: &str = "card, reviews, lapses, first_day, last_day, score, stability, difficulty, due";

fn read_card(database: &Connection, id: &CardId) -> Result<Option<Card>, StoreError> {
    let mut statement = database.prepare_cached(&format!("SELECT {CARD} FROM cards WHERE card = ?1"))?;
    Ok(statement.query_row([id.to_string()], card_of).optional()?.flatten())
}

/// `None` for a card of a kind that this program does not know.
fn card_of(row: &Row<'_>) -> rusqlite::Result<Option<Card>> {
    let Some(id) = CardId::parse(&row.get::<_, String>(0)?) else { return Ok(None) };
    let memory = match (row.get::<_, Option<f64>>(6)?, row.get::<_, Option<f64>>(7)?) {
        (Some(stability), Some(difficulty)) => Some(Memory { stability, difficulty }),
        _ => None,
    };
    Ok(Some(Card {
        id,
        reviews: row.get(1)?,
        lapses: row.get(2)?,
        first: Day(row.get(3)?),
        last: Day(row.get(4)?),
        score: row.get(5)?,
        memory,
        due: row.get::<_, Option<i32>>(8)?.map(Day),
    }))
}

fn write_card(database: &Connection, card: &Card) -> Result<(), StoreError> {
    database
        .prepare_cached(&format!(
            "INSERT OR REPLACE INTO cards ({CARD}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
        ))?
        .execute(params![
            card.id.to_string(),
            card.reviews,
            card.lapses,
            card.first.0,
            card.last.0,
            card.score,
            card.memory.map(|memory| memory.stability),
            card.memory.map(|memory| memory.difficulty),
            card.due.map(|due| due.0),
        ])?;
    Ok(())
}

pub(super) fn scheduler(database: &Connection) -> Result<Scheduler, StoreError> {
    Ok(Scheduler::new(&parameters(database)?))
}

fn parameters(database: &Connection) -> Result<Parameters, StoreError> {
    let text: Option<String> = database
        .prepare_cached("SELECT parameters FROM fits ORDER BY rowid DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}
