//! What grows with use: a session folded from its log, a history listed and searched, notes searched. Beside
//! each stands SQLite, or serde, doing the least that the work could be.

#![allow(clippy::unwrap_used, reason = "a bench that panics has failed, as it should")]

mod comparison;

use std::hint::black_box;

use comparison::{compare, table};
use greenroom::assets::Assets;
use greenroom::interview::{Act, Event, Plan, Record, SessionKind, Start, State, Style, TimeMode, Why};
use greenroom::material::Pack;
use greenroom::material::notes::Notes;
use greenroom::store::{About, NewMaterial, Store};
use greenroom::transcript::Speaker;
use rusqlite::Connection;

/// Numbers that look like chance, the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// Sentences of the pack, and words made up so that the vocabulary grows as that of real notes does.
struct Writer<'p> {
    sentences: Vec<&'p str>,
    chance: Chance,
}

impl<'p> Writer<'p> {
    fn new(pack: &'p Pack) -> Self {
        let answers = pack.questions.iter().map(|question| question.model_answer.as_str());
        Self { sentences: answers.flat_map(|text| text.split_inclusive(". ")).collect(), chance: Chance(7) }
    }

    fn sentence(&mut self) -> String {
        let known = self.sentences[self.chance.below(self.sentences.len())];
        // The smaller of two throws: few words are common, most are rare.
        let rare = self.chance.below(200_000).min(self.chance.below(200_000));
        format!("{} topic{rare}. ", known.trim())
    }
}

fn log(pack: &Pack, turns: usize, at_ms: i64, writer: &mut Writer<'_>) -> Vec<Record> {
    let problem = &pack.problems[0];
    let mut events = vec![Event::Started(Box::new(Start {
        kind: SessionKind::Interview,
        version: "0".into(),
        title: problem.title.clone(),
        pack: pack.manifest.id.clone(),
        pack_version: 1,
        problem_id: Some(problem.id.clone()),
        problem: Some(Box::new(problem.clone())),
        rubric: pack.manifest.rubric.clone(),
        digests: Default::default(),
        plan: Plan::scaled(&pack.manifest.phases, 60).unwrap(),
        level: greenroom::grading::SeniorityLevel::Senior,
        style: Style::Neutral,
        time: TimeMode::Soft,
        coach: "embedded@0".into(),
        seed: 1,
        forked_from: None,
    }))];
    for turn in 0..turns {
        let speaker = if turn % 2 == 0 { Speaker::Interviewer } else { Speaker::Candidate };
        let acts = match turn % 4 {
            0 => vec![Act::Probe { id: problem.points[turn / 4 % problem.points.len()].id.clone() }],
            _ => vec![],
        };
        events.push(Event::Said {
            speaker,
            text: writer.sentence() + &writer.sentence(),
            acts,
            partial: false,
        });
    }
    events.push(Event::Ended { why: Why::PlanDone });
    (0..).zip(events).map(|(seq, event)| Record { seq, at_ms, active_ms: 1_000 * seq, event }).collect()
}

fn fold(pack: &Pack) {
    table("A session folded from its log");
    let mut writer = Writer::new(pack);
    for turns in [500, 5_000, 50_000] {
        let log = log(pack, turns, 0, &mut writer);
        let lines: Vec<String> = log.iter().map(|record| serde_json::to_string(record).unwrap()).collect();
        let ours = || drop(black_box(State::replay(black_box(&log)).unwrap()));
        compare(&format!("{turns} turns"), 9, "its lines parsed as JSON", ours, || {
            for line in &lines {
                black_box(serde_json::from_str::<serde_json::Value>(line).unwrap());
            }
        });
    }
}

fn history(pack: &Pack) {
    table("A history of interviews, 20 turns each");
    let mut writer = Writer::new(pack);
    for sessions in [100, 1_000, 5_000] {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        let ids: Vec<String> = (0..sessions).map(|number| format!("{number:08}-bench")).collect();
        for hundred in ids.chunks(100) {
            let logs: Vec<_> = hundred
                .iter()
                .zip(0..)
                .map(|(id, number)| (id, log(pack, 20, number * 1000, &mut writer)))
                .collect();
            store.append_many(logs.iter().map(|(id, log)| (id.as_str(), log.as_slice()))).unwrap();
        }
        let plain = Connection::open(folder.path().join(greenroom::store::FILE)).unwrap();
        let rows = |sql: &str, words: &[&str]| {
            let mut statement = plain.prepare_cached(sql).unwrap();
            let read = statement
                .query_map(rusqlite::params_from_iter(words), |row| row.get::<_, String>(0))
                .unwrap();
            black_box(read.map(Result::unwrap).count());
        };
        let list = || drop(black_box(store.list().unwrap()));
        compare(&format!("list of {sessions}"), 25, "SQLite: the same column read", list, || {
            rows("SELECT summary FROM sessions ORDER BY started_at_ms DESC, id DESC", &[]);
        });
        let latest = || drop(black_box(store.latest_unfinished(SessionKind::Interview).unwrap()));
        compare(
            &format!("what to go on with, of {sessions}"),
            25,
            "SQLite: one session by its id",
            latest,
            || {
                rows("SELECT summary FROM sessions WHERE id = ?1", &[&ids[0]]);
            },
        );
        for (what, words) in
            [("a rare word", "topic77"), ("a common word", "the"), ("two words", "consistent hashing")]
        {
            let search = || drop(black_box(store.search(words, 50).unwrap()));
            compare(&format!("{what} in {sessions}"), 25, "SQLite: 50 matches, no snippet", search, || {
                rows(
                    "SELECT session_id FROM turns WHERE turns MATCH ?1 ORDER BY rowid DESC LIMIT 50",
                    &[words],
                );
            });
        }
    }
}

fn notes(pack: &Pack) {
    table("Passages of notes, best first");
    let mut writer = Writer::new(pack);
    for megabytes in [1, 10, 100] {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        for number in 0..megabytes {
            let mut text = format!("# Notes {number}\n");
            while text.len() < 1 << 20 {
                text += &format!("\n## {}\n\n", writer.sentence());
                (0..8).for_each(|_| text += &writer.sentence());
                text.push('\n');
            }
            let notes = Notes::read(&text, "notes.md");
            let (passages, path) = (notes.passages(&text), format!("{number}.md"));
            let writer = store.write_materials().unwrap();
            let about = About::default();
            let new = NewMaterial {
                path: &path,
                digest: &path,
                text: &text,
                notes: &notes,
                passages: &passages,
                about,
                at_ms: 0,
            };
            writer.save(&new).unwrap();
            writer.commit().unwrap();
        }
        let plain = Connection::open(folder.path().join(greenroom::store::FILE)).unwrap();
        for (what, words) in [
            ("a rare word", "topic77"),
            ("two words", "consistent hashing"),
            ("a sentence", "how do caches expire entries"),
        ] {
            let search = || drop(black_box(store.search_material(words, 8).unwrap()));
            let query = words.split(' ').map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" ");
            compare(&format!("{what} in {megabytes} MB"), 9, "SQLite: the matches counted", search, || {
                let mut statement =
                    plain.prepare_cached("SELECT count(*) FROM passages WHERE passages MATCH ?1").unwrap();
                black_box(statement.query_row([&query], |row| row.get::<_, i64>(0)).unwrap());
            });
        }
    }
}

fn main() {
    let pack = Assets::embedded().pack("system-design").unwrap();
    fold(&pack);
    history(&pack);
    notes(&pack);
}
