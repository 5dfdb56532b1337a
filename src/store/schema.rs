//! The database's schema, as steps forward; `PRAGMA user_version` counts them.

use jiff::tz::TimeZone;
use rusqlite::Connection;

use super::StoreError;

/// One step a released schema; never edited, only added to.
const STEPS: &[&str] = &["
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at_ms INTEGER NOT NULL,
    summary TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_by_start ON sessions (started_at_ms DESC, id DESC);
CREATE TABLE events (
    session_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    active_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (session_id, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE heartbeats (
    session_id TEXT PRIMARY KEY,
    active_ms INTEGER NOT NULL,
    draft TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE turns USING fts5 (text, session_id UNINDEXED, seq UNINDEXED, tokenize = 'porter unicode61');
INSERT INTO turns (turns, rank) VALUES ('secure-delete', 1);
", super::material::SCHEMA, super::practice::SCHEMA];

/// Brings the schema up to date in one transaction, and the projections with it.
///
/// # Errors
///
/// [`StoreError::Newer`] if a later greenroom wrote the database; nothing is changed then.
pub(super) fn migrate(database: &mut Connection, zone: &TimeZone) -> Result<(), StoreError> {
    let version =
        |database: &Connection| database.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if version(database)? == known {
        return Ok(());
    }
    let transaction = database.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another process may have migrated between the first look and the lock.
    let found = version(&transaction)?;
    if found > known {
        return Err(StoreError::Newer { path: Default::default(), found, known });
    }
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    if found > 0 {
        // Tables that were added, or columns, hold what the logs said before there were any.
        super::project_all(&transaction, zone)?;
    }
    transaction.execute_batch(&format!("PRAGMA user_version = {known}"))?;
    transaction.commit()?;
    Ok(())
}
