//! Sessions on disk: one SQLite file with the events, and what is derived from them.
//!
//! Events are only ever appended, and are on disk (`synchronous=FULL`) before they are acknowledged.
//! `sessions` and the full-text index are projections, written in the same transaction.

mod error;
mod lock;
mod material;
mod practice;
mod schema;

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

pub use error::StoreError;
pub use lock::SessionLock;
pub use material::{About, FoundPassage, Material, MaterialQuestion, MaterialWriter, NewMaterial};

use crate::interview::{Event, Record, SessionKind, Summary};
use crate::schedule::Day;

/// Name of the database in the data folder.
pub const FILE: &str = "greenroom.db";

/// A session in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// What is shown of it.
    pub summary: Summary,
}

/// A turn found by full-text search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Session it was said in.
    pub session: String,
    /// The session's title.
    pub title: String,
    /// When the session began, in milliseconds since 1970.
    pub started_at_ms: i64,
    /// The record's number.
    pub seq: u64,
    /// Words around the find; the matches stand between `«` and `»`.
    pub snippet: String,
}

/// The open database.
#[derive(Debug)]
pub struct Store {
    database: Connection,
    folder: PathBuf,
    zone: TimeZone,
}

impl Store {
    /// Opens or makes the database in `folder` (0700, files 0600) and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// [`StoreError`], naming the file: not writable, full, newer than this program, no database.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_in(folder, TimeZone::system())
    }

    /// The same, with days counted in `zone`.
    ///
    /// # Errors
    ///
    /// As [`Store::open`].
    pub fn open_in(folder: &Path, zone: TimeZone) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        make_private_folder(folder)
            .map_err(|source| StoreError::Folder { path: folder.to_owned(), source })?;
        make_private_file(&path).map_err(|source| StoreError::Folder { path: path.clone(), source })?;
        let database = Connection::open(&path).map_err(|error| StoreError::from_sqlite(&path, error))?;
        let mut store = Self { database, folder: folder.to_owned(), zone };
        store.prepare().map_err(|error| error.at(&path))?;
        Ok(store)
    }

    /// The folder that holds the database.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The connection, for the tables of other rooms.
    pub fn database(&self) -> &Connection {
        &self.database
    }

    /// The connection, for the tables of other rooms.
    pub fn database_mut(&mut self) -> &mut Connection {
        &mut self.database
    }

    fn prepare(&mut self) -> Result<(), StoreError> {
        self.database.busy_timeout(std::time::Duration::from_secs(10))?;
        self.database.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;",
        )?;
        schema::migrate(&mut self.database, &self.zone)
    }

    /// Appends `records` to a session in one transaction; they are on disk when it returns.
    /// The first record of a new session must be [`Event::Started`] with number 0.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if another process has appended meanwhile; nothing is written then.
    pub fn append(&mut self, session: &str, records: &[Record]) -> Result<(), StoreError> {
        self.append_many([(session, records)])
    }

    /// The same for several sessions: all of them, or none.
    ///
    /// # Errors
    ///
    /// As [`Store::append`].
    pub fn append_many<'r>(
        &mut self,
        sessions: impl IntoIterator<Item = (&'r str, &'r [Record])>,
    ) -> Result<(), StoreError> {
        let path = self.folder.join(FILE);
        self.append_all(sessions).map_err(|error| error.at(&path))
    }

    fn append_all<'r>(
        &mut self,
        sessions: impl IntoIterator<Item = (&'r str, &'r [Record])>,
    ) -> Result<(), StoreError> {
        let transaction =
            self.database.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for (session, records) in sessions {
            append(&transaction, session, records, &self.zone)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Reads a session's log in order.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnknownSession`]; [`StoreError::Damaged`] names the record that cannot be read.
    pub fn read(&self, session: &str) -> Result<Vec<Record>, StoreError> {
        read_log(&self.database, session)
    }

    /// Finds a session by its id, or by the beginning or the end of it.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnknownSession`], [`StoreError::AmbiguousSession`].
    pub fn find(&self, asked: &str) -> Result<Listed, StoreError> {
        let plain: String = asked.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        if plain.is_empty() || plain.len() != asked.len() {
            return Err(StoreError::UnknownSession { asked: asked.to_owned() });
        }
        let mut found = self.query("WHERE id LIKE ?1 || '%' OR id LIKE '%' || ?1", "", [plain])?;
        if let Some(exact) = found.iter().position(|listed| listed.id == asked) {
            return Ok(found.swap_remove(exact));
        }
        match found.len() {
            0 => Err(StoreError::UnknownSession { asked: asked.to_owned() }),
            1 => Ok(found.swap_remove(0)),
            several => Err(StoreError::AmbiguousSession { asked: asked.to_owned(), several }),
        }
    }

    /// All sessions, the latest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn list(&self) -> Result<Vec<Listed>, StoreError> {
        self.query("", "", [])
    }

    /// The latest session of a kind that can go on: open, paused, or ended before its plan was done.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn latest_unfinished(&self, kind: SessionKind) -> Result<Option<Listed>, StoreError> {
        let condition = "WHERE kind = ?1 AND state IN ('open', 'paused')";
        Ok(self.query(condition, "LIMIT 1", [kind.name()])?.pop())
    }

    /// The latest session of a kind.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn latest(&self, kinds: &[SessionKind]) -> Result<Option<Listed>, StoreError> {
        let names: Vec<String> = kinds.iter().map(|kind| format!("'{}'", kind.name())).collect();
        Ok(self.query(&format!("WHERE kind IN ({})", names.join(", ")), "LIMIT 1", [])?.pop())
    }

    fn query(
        &self,
        condition: &str,
        limit: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Vec<Listed>, StoreError> {
        let mut statement = self.database.prepare_cached(&format!(
            "SELECT id, summary FROM sessions {condition} ORDER BY started_at_ms DESC, id DESC {limit}"
        ))?;
        let rows = statement
            .query_map(parameters, |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        rows.map(|row| {
            let (id, summary) = row?;
            let summary = serde_json::from_str(&summary)
                .map_err(|_| StoreError::Damaged { session: id.clone(), seq: 0 })?;
            Ok(Listed { id, summary })
        })
        .collect()
    }

    /// Full-text search over everything that was said, the latest first: a turn has all the words or it is
    /// not found, and ranking the thousands that have a common word would take longer than it is worth.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn search(&self, words: &str, most: usize) -> Result<Vec<Found>, StoreError> {
        let query = fts_query(words);
        if query.is_empty() {
            return Ok(Vec::new());
        }
        let mut statement = self.database.prepare_cached(
            "SELECT f.session_id, f.seq, f.words, s.summary ->> 'title', s.started_at_ms FROM
             (SELECT rowid AS number, session_id, seq, snippet(turns, 0, '«', '»', '…', 12) AS words
              FROM turns WHERE turns MATCH ?1 ORDER BY rowid DESC LIMIT ?2) f
             JOIN sessions s ON s.id = f.session_id ORDER BY f.number DESC",
        )?;
        let rows = statement.query_map(params![query, i64::try_from(most).unwrap_or(i64::MAX)], |row| {
            Ok(Found {
                session: row.get(0)?,
                seq: row.get::<_, i64>(1)?.unsigned_abs(),
                snippet: row.get(2)?,
                title: row.get(3)?,
                started_at_ms: row.get(4)?,
            })
        })?;
        rows.map(|row| row.map_err(StoreError::from)).collect()
    }

    /// Deletes sessions, their words in the index, and their traces in the database's files.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be written; [`StoreError::Traces`] if another process
    /// still reads it: the sessions are gone then, their words are not yet.
    pub fn delete(&mut self, sessions: &[String]) -> Result<(), StoreError> {
        let transaction =
            self.database.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let scheduler = practice::scheduler(&transaction)?;
        for session in sessions {
            practice::forget(&transaction, session, &scheduler)?;
            transaction.execute("DELETE FROM turns WHERE session_id = ?1", [session])?;
            for table in ["events", "heartbeats"] {
                transaction.execute(&format!("DELETE FROM {table} WHERE session_id = ?1"), [session])?;
            }
            transaction.execute("DELETE FROM sessions WHERE id = ?1", [session])?;
        }
        // The index keeps deleted words in its segments until they are merged; the log keeps pages.
        transaction.execute("INSERT INTO turns(turns) VALUES('optimize')", [])?;
        transaction.commit()?;
        self.database.execute_batch("VACUUM")?;
        let busy: i64 = self.database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy != 0 {
            return Err(StoreError::Traces { path: self.folder.join(FILE) });
        }
        Ok(())
    }

    /// Copies the database to `file`, readable by its owner alone, while others may be writing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it cannot be written.
    pub fn backup(&self, file: &Path) -> Result<(), StoreError> {
        make_private_file(file).map_err(|source| StoreError::Folder { path: file.to_owned(), source })?;
        self.database
            .backup(rusqlite::MAIN_DB, file, None::<fn(rusqlite::backup::Progress)>)
            .map_err(|error| StoreError::from_sqlite(file, error))
    }

    /// Keeps how far the clock had run and what was being typed, so that a kill loses neither.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be written.
    pub fn beat(&self, session: &str, active_ms: u64, draft: &str) -> Result<(), StoreError> {
        self.database
            .prepare_cached(
                "INSERT INTO heartbeats (session_id, active_ms, draft) VALUES (?1, ?2, ?3)
                 ON CONFLICT (session_id) DO UPDATE SET active_ms = excluded.active_ms, draft = excluded.draft",
            )?
            .execute(params![session, i64::try_from(active_ms).unwrap_or(i64::MAX), draft])?;
        Ok(())
    }

    /// The last heartbeat: active milliseconds and draft.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn last_beat(&self, session: &str) -> Result<Option<(u64, String)>, StoreError> {
        let row = self
            .database
            .query_row("SELECT active_ms, draft FROM heartbeats WHERE session_id = ?1", [session], |row| {
                Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?))
            })
            .optional()?;
        Ok(row)
    }

    /// Writes the projections anew from the events.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read or written.
    pub fn rebuild(&mut self) -> Result<(), StoreError> {
        let transaction = self.database.transaction()?;
        transaction.execute_batch("DELETE FROM turns")?;
        for id in sessions_in_order(&transaction)? {
            for record in read_log(&transaction, &id)? {
                index_words(&transaction, &id, &record)?;
            }
        }
        project_all(&transaction, &self.zone)?;
        transaction.commit()?;
        Ok(())
    }
}

fn append(
    transaction: &Transaction<'_>,
    session: &str,
    records: &[Record],
    zone: &TimeZone,
) -> Result<(), StoreError> {
    let next: u64 = transaction
        .prepare_cached("SELECT COALESCE(MAX(seq) + 1, 0) FROM events WHERE session_id = ?1")?
        .query_row([session], |row| row.get::<_, i64>(0).map(|n| n.unsigned_abs()))?;
    let mut summary = if next == 0 { None } else { Some(read_summary(transaction, session)?) };
    for (record, expected) in records.iter().zip(next..) {
        if record.seq != expected {
            return Err(StoreError::Conflict { session: session.to_owned() });
        }
        insert_event(transaction, session, record)?;
        match &mut summary {
            Some(summary) => summary.apply(record),
            None => summary = Summary::begin(record),
        }
    }
    let Some(summary) = summary else {
        return Err(StoreError::Damaged { session: session.to_owned(), seq: 0 });
    };
    write_summary(transaction, session, &summary, zone)?;
    if records.iter().any(practice::is_grade) {
        practice::project(transaction, session, zone)?;
    }
    Ok(())
}

/// Writes summaries and what the logs say about memory anew; the index of words stays.
fn project_all(transaction: &Transaction<'_>, zone: &TimeZone) -> Result<(), StoreError> {
    transaction.execute_batch("DELETE FROM outcomes; DELETE FROM reviews; DELETE FROM cards")?;
    for id in sessions_in_order(transaction)? {
        // A damaged log keeps its place in the list; it says nothing about memory.
        let Ok(log) = read_log(transaction, &id) else { continue };
        let Some(mut summary) = log.first().and_then(Summary::begin) else { continue };
        log.iter().for_each(|record| summary.apply(record));
        write_summary(transaction, &id, &summary, zone)?;
        if log.iter().any(practice::is_grade) {
            practice::project(transaction, &id, zone)?;
        }
    }
    Ok(())
}

/// Ids of all sessions, in the order in which they were last written to.
fn sessions_in_order(transaction: &Transaction<'_>) -> Result<Vec<String>, StoreError> {
    let mut statement = transaction
        .prepare("SELECT session_id FROM events GROUP BY session_id ORDER BY MAX(at_ms), session_id")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    rows.map(|row| row.map_err(StoreError::from)).collect()
}

/// The records of a session in order.
fn read_log(database: &Connection, session: &str) -> Result<Vec<Record>, StoreError> {
    let mut statement = database.prepare_cached(
        "SELECT seq, at_ms, active_ms, body FROM events WHERE session_id = ?1 ORDER BY seq",
    )?;
    let rows = statement.query_map([session], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get::<_, String>(3)?))
    })?;
    let mut records = Vec::new();
    for row in rows {
        let (seq, at_ms, active_ms, body) = row?;
        let seq = seq.unsigned_abs();
        let event: Event = serde_json::from_str(&body)
            .map_err(|_| StoreError::Damaged { session: session.to_owned(), seq })?;
        records.push(Record { seq, at_ms, active_ms: active_ms.unsigned_abs(), event });
    }
    if records.is_empty() {
        return Err(StoreError::UnknownSession { asked: session.to_owned() });
    }
    Ok(records)
}

fn insert_event(transaction: &Transaction<'_>, session: &str, record: &Record) -> Result<(), StoreError> {
    let body = serde_json::to_string(&record.event)
        .map_err(|_| StoreError::Damaged { session: session.to_owned(), seq: record.seq })?;
    transaction
        .prepare_cached(
            "INSERT INTO events (session_id, seq, at_ms, active_ms, kind, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            session,
            i64::try_from(record.seq).unwrap_or(i64::MAX),
            record.at_ms,
            i64::try_from(record.active_ms).unwrap_or(i64::MAX),
            record.event.name(),
            body
        ])?;
    index_words(transaction, session, record)
}

fn index_words(transaction: &Transaction<'_>, session: &str, record: &Record) -> Result<(), StoreError> {
    let words = match &record.event {
        Event::Said { text, .. } | Event::Answered { text } | Event::Noted { text } => text,
        Event::Asked { question, .. } => question,
        _ => return Ok(()),
    };
    transaction
        .prepare_cached("INSERT INTO turns (text, session_id, seq) VALUES (?1, ?2, ?3)")?
        .execute(params![words, session, i64::try_from(record.seq).unwrap_or(i64::MAX)])?;
    Ok(())
}

fn read_summary(transaction: &Transaction<'_>, session: &str) -> Result<Summary, StoreError> {
    let text: String =
        transaction.query_row("SELECT summary FROM sessions WHERE id = ?1", [session], |row| row.get(0))?;
    serde_json::from_str(&text).map_err(|_| StoreError::Damaged { session: session.to_owned(), seq: 0 })
}

fn write_summary(
    transaction: &Transaction<'_>,
    session: &str,
    summary: &Summary,
    zone: &TimeZone,
) -> Result<(), StoreError> {
    let text = serde_json::to_string(summary)
        .map_err(|_| StoreError::Damaged { session: session.to_owned(), seq: 0 })?;
    transaction
        .prepare_cached(
            "INSERT INTO sessions (id, kind, state, started_at_ms, summary, day, turns, used_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (id) DO UPDATE SET state = excluded.state, summary = excluded.summary,
             day = excluded.day, turns = excluded.turns, used_ms = excluded.used_ms",
        )?
        .execute(params![
            session,
            summary.kind.name(),
            summary.state.name(),
            summary.started_at_ms,
            text,
            Day::of(summary.started_at_ms, zone).0,
            i64::try_from(summary.turns).unwrap_or(i64::MAX),
            i64::try_from(summary.used_ms).unwrap_or(i64::MAX),
        ])?;
    Ok(())
}

/// Every word quoted, so that what a user types is never query syntax; the last one by prefix.
pub fn fts_query(words: &str) -> String {
    let quoted: Vec<String> = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| format!("\"{word}\""))
        .collect();
    if quoted.is_empty() { String::new() } else { format!("{}*", quoted.join(" ")) }
}

fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes the file before SQLite does, so that it and its journal are never readable to others.
fn make_private_file(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    open_private(path).map(drop)
}

/// Opens a file to write, and makes it readable by its owner alone if it is not there.
fn open_private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests;
