//! Study notes in the store: files, their questions, and their passages for full-text search.
//!
//! A file is known by its path and by the digest of its bytes; what was found in it is written in
//! one transaction with it, so that a search never sees half a file.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Store, StoreError, fts_query};
use crate::material::notes::{Notes, NotesCounts, Passage};
use crate::text::{Encoding, Repairs};

/// The tables; one step of the schema.
pub(super) const SCHEMA: &str = "
CREATE TABLE materials (
    id TEXT PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    digest TEXT NOT NULL,
    title TEXT NOT NULL,
    added_at_ms INTEGER NOT NULL,
    changed_at_ms INTEGER NOT NULL,
    about TEXT NOT NULL,
    text TEXT NOT NULL,
    first_passage INTEGER NOT NULL DEFAULT 1,
    last_passage INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX materials_by_digest ON materials (digest);
CREATE TABLE material_questions (
    id TEXT PRIMARY KEY,
    material_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    line INTEGER NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    path TEXT NOT NULL,
    derived INTEGER NOT NULL
) STRICT;
CREATE INDEX material_questions_by_file ON material_questions (material_id, position);
CREATE VIRTUAL TABLE passages USING fts5 (heading, text, material_id UNINDEXED, line UNINDEXED, tokenize = 'porter unicode61');
INSERT INTO passages (passages, rank) VALUES ('secure-delete', 1);
CREATE TABLE ticks (
    pack TEXT NOT NULL,
    item TEXT NOT NULL,
    ticked INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (pack, item)
) STRICT, WITHOUT ROWID;
";

/// A file of notes, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material {
    /// Unique; made from the file's name.
    pub id: String,
    /// Where it was read from.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// Of its front matter, first heading or name.
    pub title: String,
    /// Milliseconds since 1970.
    pub added_at_ms: i64,
    /// Milliseconds since 1970.
    pub changed_at_ms: i64,
    /// What was read and repaired.
    pub about: About,
}

/// What was read, repaired and found in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct About {
    /// Bytes of the file.
    pub bytes: u64,
    /// How they were read.
    pub encoding: Encoding,
    /// What was damaged in them.
    pub repairs: Repairs,
    /// What was found in the text.
    pub found: NotesCounts,
}

/// A file of notes to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewMaterial<'a> {
    /// Where it was read from.
    pub path: &'a str,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: &'a str,
    /// Repaired text.
    pub text: &'a str,
    /// What was found in it.
    pub notes: &'a Notes,
    /// Its passages.
    pub passages: &'a [Passage],
    /// What was read and repaired.
    pub about: About,
    /// Milliseconds since 1970.
    pub at_ms: i64,
}

/// A question found in notes; its answer is the reference by which answers are graded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaterialQuestion {
    /// `MATERIAL/QUESTION`.
    pub id: String,
    /// Id of the file.
    pub material: String,
    /// Title of the file.
    pub material_title: String,
    /// Line of the file, from 1.
    pub line: u64,
    /// The question in plain words.
    pub question: String,
    /// The answer of the notes, Markdown.
    pub answer: String,
    /// Headings above it.
    pub path: Vec<String>,
    /// Made from a heading or an outline.
    pub derived: bool,
}

/// A passage found by full-text search.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundPassage {
    /// Id of the file.
    pub material: String,
    /// Title of the file.
    pub title: String,
    /// Headings above it, from the outermost.
    pub heading: String,
    /// Line of the file, from 1.
    pub line: u64,
    /// Words around the find; the matches stand between `«` and `»`.
    pub snippet: String,
    /// The whole passage, Markdown.
    pub text: String,
    /// BM25; higher is better.
    pub score: f64,
}

const LISTED: &str = "id, path, digest, title, added_at_ms, changed_at_ms, about";

impl Store {
    /// All files of notes, by id.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn materials(&self) -> Result<Vec<Material>, StoreError> {
        query_materials(&self.database, "ORDER BY id", [])
    }

    /// The file read from `path`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn material_at(&self, path: &str) -> Result<Option<Material>, StoreError> {
        material_at(&self.database, path)
    }

    /// The file with this id.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn material(&self, id: &str) -> Result<Option<Material>, StoreError> {
        Ok(query_materials(&self.database, "WHERE id = ?1", [id])?.pop())
    }

    /// The repaired text of a file; empty if there is none with this id.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn material_text(&self, id: &str) -> Result<String, StoreError> {
        let text = self
            .database
            .query_row("SELECT text FROM materials WHERE id = ?1", [id], |row| row.get(0))
            .optional()?;
        Ok(text.unwrap_or_default())
    }

    /// The questions of all files in order, or of one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn material_questions(&self, material: Option<&str>) -> Result<Vec<MaterialQuestion>, StoreError> {
        match material {
            Some(id) => self.query_questions("WHERE material_id = ?1 ORDER BY position", [id]),
            None => self.query_questions("ORDER BY material_id, position", []),
        }
    }

    /// The question with this id, or with this end of an id if only one file has it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn material_question(&self, id: &str) -> Result<Option<MaterialQuestion>, StoreError> {
        if let Some(exact) = self.query_questions("WHERE q.id = ?1", [id])?.pop() {
            return Ok(Some(exact));
        }
        let mut found =
            self.query_questions("WHERE substr(q.id, -length(?1) - 1) = '/' || ?1 LIMIT 2", [id])?;
        Ok(if found.len() == 1 { found.pop() } else { None })
    }

    /// Passages that `words` are about, best first; all words if any passage has them all.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn search_material(&self, words: &str, most: usize) -> Result<Vec<FoundPassage>, StoreError> {
        let every = fts_query(words);
        if every.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.query_passages(&every, most)?;
        if !found.is_empty() {
            return Ok(found);
        }
        self.query_passages(&every.replace("\" \"", "\" OR \""), most)
    }

    fn query_passages(&self, query: &str, most: usize) -> Result<Vec<FoundPassage>, StoreError> {
        // A word in a heading says more of a passage than one in its text.
        let mut statement = self.database.prepare_cached(
            "SELECT p.material_id, m.title, p.heading, p.line, snippet(passages, 1, '«', '»', '…', 24), p.text,
                    -bm25(passages, 3.0, 1.0)
             FROM passages p JOIN materials m ON m.id = p.material_id
             WHERE passages MATCH ?1 ORDER BY bm25(passages, 3.0, 1.0), p.rowid LIMIT ?2",
        )?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![query, most], |row| {
            Ok(FoundPassage {
                material: row.get(0)?,
                title: row.get(1)?,
                heading: row.get(2)?,
                line: row.get::<_, i64>(3)?.unsigned_abs(),
                snippet: row.get(4)?,
                text: row.get(5)?,
                score: row.get(6)?,
            })
        })?;
        rows.map(|row| row.map_err(StoreError::from)).collect()
    }

    /// Begins to write files; nothing is there for others until [`MaterialWriter::commit`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be written.
    pub fn write_materials(&mut self) -> Result<MaterialWriter<'_>, StoreError> {
        let transaction =
            self.database.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        Ok(MaterialWriter { transaction })
    }

    /// Removes a file and everything found in it; returns whether it was there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be written.
    pub fn remove_material(&mut self, id: &str) -> Result<bool, StoreError> {
        let writer = self.write_materials()?;
        writer.forget(id)?;
        let removed = writer.transaction.execute("DELETE FROM materials WHERE id = ?1", [id])? > 0;
        writer.commit()?;
        // The log still holds the pages as they were.
        self.database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(removed)
    }

    /// Ticks (true) or unticks (false) an item of a pack's checklist by hand; `None` leaves it to the grades.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be written.
    pub fn tick(&self, pack: &str, item: &str, ticked: Option<bool>, at_ms: i64) -> Result<(), StoreError> {
        let Some(ticked) = ticked else {
            self.database.execute("DELETE FROM ticks WHERE pack = ?1 AND item = ?2", params![pack, item])?;
            return Ok(());
        };
        self.database.execute(
            "INSERT INTO ticks (pack, item, ticked, at_ms) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (pack, item) DO UPDATE SET ticked = excluded.ticked, at_ms = excluded.at_ms",
            params![pack, item, ticked, at_ms],
        )?;
        Ok(())
    }

    /// Items of a pack's checklist that were ticked (true) or unticked (false) by hand, and when.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn ticks(&self, pack: &str) -> Result<Vec<(String, bool, i64)>, StoreError> {
        let mut statement = self
            .database
            .prepare_cached("SELECT item, ticked, at_ms FROM ticks WHERE pack = ?1 ORDER BY item")?;
        let rows = statement.query_map([pack], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        rows.map(|row| row.map_err(StoreError::from)).collect()
    }

    fn query_questions(
        &self,
        condition: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Vec<MaterialQuestion>, StoreError> {
        let mut statement = self.database.prepare_cached(&format!(
            "SELECT q.id, q.material_id, m.title, q.line, q.question, q.answer, q.path, q.derived
             FROM material_questions q JOIN materials m ON m.id = q.material_id {condition}"
        ))?;
        let rows = statement.query_map(parameters, |row| {
            Ok(MaterialQuestion {
                id: row.get(0)?,
                material: row.get(1)?,
                material_title: row.get(2)?,
                line: row.get::<_, i64>(3)?.unsigned_abs(),
                question: row.get(4)?,
                answer: row.get(5)?,
                path: row
                    .get::<_, String>(6)?
                    .split('\n')
                    .filter(|title| !title.is_empty())
                    .map(str::to_owned)
                    .collect(),
                derived: row.get(7)?,
            })
        })?;
        rows.map(|row| row.map_err(StoreError::from)).collect()
    }
}

fn material_at(database: &Connection, path: &str) -> Result<Option<Material>, StoreError> {
    Ok(query_materials(database, "WHERE path = ?1", [path])?.pop())
}

fn query_materials(
    database: &Connection,
    condition: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<Material>, StoreError> {
    let mut statement = database.prepare_cached(&format!("SELECT {LISTED} FROM materials {condition}"))?;
    let rows = statement.query_map(parameters, |row| {
        Ok(Material {
            id: row.get(0)?,
            path: row.get(1)?,
            digest: row.get(2)?,
            title: row.get(3)?,
            added_at_ms: row.get(4)?,
            changed_at_ms: row.get(5)?,
            // Written by another version: the counts are shown, not relied on.
            about: serde_json::from_str(&row.get::<_, String>(6)?).unwrap_or_default(),
        })
    })?;
    rows.map(|row| row.map_err(StoreError::from)).collect()
}

/// Writes files of notes in one transaction.
#[derive(Debug)]
pub struct MaterialWriter<'a> {
    transaction: Transaction<'a>,
}

impl MaterialWriter<'_> {
    /// The file read from `path`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn at(&self, path: &str) -> Result<Option<Material>, StoreError> {
        material_at(&self.transaction, path)
    }

    /// The files with these bytes.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub fn with_digest(&self, digest: &str) -> Result<Vec<Material>, StoreError> {
        query_materials(&self.transaction, "WHERE digest = ?1 ORDER BY id", [digest])
    }

    /// Writes a file, in place of what was known of its path; returns its id.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be written.
    pub fn save(&self, new: &NewMaterial<'_>) -> Result<String, StoreError> {
        let known: Option<String> = self
            .transaction
            .prepare_cached("SELECT id FROM materials WHERE path = ?1")?
            .query_row([new.path], |row| row.get(0))
            .optional()?;
        let id = match known {
            Some(id) => {
                self.forget(&id)?;
                id
            }
            None => self.free_id(new.path)?,
        };
        let about = serde_json::to_string(&new.about).unwrap_or_default();
        self.transaction
            .prepare_cached(
                "INSERT INTO materials (id, path, digest, title, added_at_ms, changed_at_ms, about, text)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)
                 ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, title = excluded.title,
                     changed_at_ms = excluded.changed_at_ms, about = excluded.about, text = excluded.text",
            )?
            .execute(params![id, new.path, new.digest, new.notes.title, new.at_ms, about, new.text])?;
        self.questions(&id, new)?;
        self.passages(&id, new)?;
        Ok(id)
    }

    /// Notes that a file stands somewhere else now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be written.
    pub fn moved(&self, id: &str, path: &str) -> Result<(), StoreError> {
        self.transaction.execute("UPDATE materials SET path = ?2 WHERE id = ?1", params![id, path])?;
        Ok(())
    }

    /// Puts everything written on disk.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be written; nothing is then.
    pub fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit()?;
        Ok(())
    }

    fn questions(&self, id: &str, new: &NewMaterial<'_>) -> Result<(), StoreError> {
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO material_questions (id, material_id, position, line, question, answer, path, derived)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        let mut lines = Lines::new(new.text);
        for (position, question) in new.notes.questions.iter().enumerate() {
            insert.execute(params![
                format!("{id}/{}", question.id),
                id,
                i64::try_from(position).unwrap_or(i64::MAX),
                lines.at(question.at.start),
                question.question,
                question.answer,
                question.path.join("\n"),
                question.derived,
            ])?;
        }
        Ok(())
    }

    fn passages(&self, id: &str, new: &NewMaterial<'_>) -> Result<(), StoreError> {
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO passages (heading, text, material_id, line) VALUES (?1, ?2, ?3, ?4)",
        )?;
        let mut lines = Lines::new(new.text);
        let mut rows: Option<(i64, i64)> = None;
        for passage in new.passages {
            let text = new.text.get(passage.at.clone()).unwrap_or("").trim();
            insert.execute(params![passage.path.join(" > "), text, id, lines.at(passage.at.start)])?;
            let row = self.transaction.last_insert_rowid();
            rows = Some((rows.map_or(row, |(first, _)| first), row));
        }
        let (first, last) = rows.unwrap_or((1, 0));
        // One writer at a time, so that a file's rows follow each other: found without an index.
        self.transaction
            .prepare_cached("UPDATE materials SET first_passage = ?2, last_passage = ?3 WHERE id = ?1")?
            .execute(params![id, first, last])?;
        Ok(())
    }

    /// Deletes what was found in a file.
    fn forget(&self, id: &str) -> Result<(), StoreError> {
        self.transaction.execute("DELETE FROM material_questions WHERE material_id = ?1", [id])?;
        self.transaction.execute(
            "DELETE FROM passages WHERE rowid BETWEEN (SELECT first_passage FROM materials WHERE id = ?1)
                 AND (SELECT last_passage FROM materials WHERE id = ?1)",
            [id],
        )?;
        Ok(())
    }

    /// An id from the file's name; if that is taken, from its folder's too, then with a number.
    fn free_id(&self, path: &str) -> Result<String, StoreError> {
        let mut parts = path.rsplit(['/', '\\']).filter(|part| !part.is_empty());
        let file = parts.next().unwrap_or("notes");
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let plain = slug(stem);
        let with_folder = slug(&format!("{} {stem}", parts.next().unwrap_or("notes")));
        let numbered = (2..).map(|number| format!("{plain}-{number}"));
        let mut tried = HashSet::new();
        for id in [plain.clone(), with_folder].into_iter().chain(numbered) {
            let taken =
                self.transaction.prepare_cached("SELECT 1 FROM materials WHERE id = ?1")?.exists([&id])?;
            if tried.insert(id.clone()) && !taken {
                return Ok(id);
            }
        }
        Ok(plain)
    }
}

/// Every letter and digit of a file's name in lower case, the rest as dashes.
fn slug(name: &str) -> String {
    let mapped: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .flat_map(char::to_lowercase)
        .collect();
    let joined = mapped.split_whitespace().collect::<Vec<_>>().join("-");
    let joined = joined[..joined.floor_char_boundary(60)].trim_end_matches('-').to_owned();
    if joined.is_empty() { "notes".to_owned() } else { joined }
}

/// Counts lines on the way through a text.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: i64,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The line of byte `at`, which is not before the last one asked for.
    fn at(&mut self, at: usize) -> i64 {
        let passed = self.text.as_bytes().get(self.at..at).unwrap_or(&[]);
        self.line += i64::try_from(passed.iter().filter(|&&byte| byte == b'\n').count()).unwrap_or(0);
        self.at = self.at.max(at);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::material::notes::passages;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        (folder, store)
    }

    fn save(store: &mut Store, path: &str, text: &str) -> String {
        let notes = Notes::read(text, path.rsplit('/').next().unwrap_or(path));
        let passages = passages(text);
        let about = About { found: notes.counts(passages.len()), ..About::default() };
        let writer = store.write_materials().expect("a writer");
        let new =
            NewMaterial { path, digest: text, text, notes: &notes, passages: &passages, about, at_ms: 7 };
        let id = writer.save(&new).expect("saved");
        writer.commit().expect("committed");
        id
    }

    const TEXT: &str = "# Leases\n\nintro words\n\n## What is a lease?\n\nA lock that ends by itself.\n";

    #[test]
    fn a_file_is_found_by_its_words_and_its_questions() {
        let (_folder, mut store) = store();
        let id = save(&mut store, "/notes/My Leases.md", TEXT);
        assert_eq!(id, "my-leases");
        let hits = store.search_material("locks", 5).expect("a search");
        assert_eq!((hits.len(), hits[0].line, hits[0].heading.as_str()), (1, 7, "Leases > What is a lease?"));
        assert!(hits[0].snippet.contains("«lock»"), "{}", hits[0].snippet);
        let question = store.material_question("lease").expect("a query").expect("a question");
        assert_eq!((question.id.as_str(), question.line), ("my-leases/lease", 5));
        assert_eq!(question.answer, "A lock that ends by itself.");
        assert_eq!(store.material("my-leases").expect("a query").expect("a file").about.found.questions, 1);
    }

    #[test]
    fn a_changed_file_is_updated_in_place_and_a_removed_one_is_gone() {
        let (_folder, mut store) = store();
        save(&mut store, "/a/x.md", TEXT);
        assert_eq!(save(&mut store, "/a/x.md", &TEXT.replace("lock", "zebra")), "x");
        assert_eq!(store.materials().expect("a list").len(), 1);
        assert_eq!(store.search_material("lock", 5).expect("a search"), []);
        assert_eq!(store.search_material("zebra", 5).expect("a search").len(), 1);
        assert!(store.remove_material("x").expect("removed"));
        assert!(!store.remove_material("x").expect("not there"));
        assert_eq!(store.search_material("zebra", 5).expect("a search"), []);
        assert_eq!(store.material_questions(None).expect("a list"), []);
    }

    #[test]
    fn files_of_one_name_have_ids_of_their_own() {
        let (_folder, mut store) = store();
        let ids: Vec<_> =
            ["/a/x.md", "/b/x.md", "/c/b/x.md", "/d/b/x.md"].map(|path| save(&mut store, path, TEXT)).into();
        assert_eq!(ids, ["x", "b-x", "x-2", "x-3"]);
        assert_eq!(store.material_question("lease").expect("a query"), None, "four files have one");
    }

    #[test]
    fn what_a_user_types_is_never_query_syntax() {
        let (_folder, mut store) = store();
        save(&mut store, "/a/x.md", TEXT);
        for words in ["\"", "lock OR", "NEAR(", "a AND (", "*", "lock*", "heading: lock", "--", ""] {
            store.search_material(words, 5).expect(words);
        }
        assert_eq!(
            store.search_material("lock nowhere", 5).expect("a search").len(),
            1,
            "any word, if not all"
        );
    }

    #[test]
    fn ticks_by_hand_are_kept() {
        let (_folder, store) = store();
        store.tick("p", "a", Some(true), 1).expect("a tick");
        store.tick("p", "a", Some(false), 2).expect("unticked");
        store.tick("q", "b", Some(true), 3).expect("a tick");
        assert_eq!(store.ticks("p").expect("ticks"), [("a".to_owned(), false, 2)]);
        store.tick("p", "a", None, 4).expect("left to the grades");
        assert_eq!(store.ticks("p").expect("ticks"), []);
    }
}
