//! What the tests share: the binary in a folder of its own, with an empty environment.

pub mod chromium;
pub mod server;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use greenroom::grading::{AnswerGrade, Confidence};
use greenroom::interview::{Event, Record};

/// A home folder of its own, and the binary in it.
pub struct Home {
    folder: tempfile::TempDir,
}

/// What a run printed, and its exit code.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    /// A home whose coach is the model on `server`, with `more` lines in its profile.
    pub fn with_model(server: &server::Server, more: &str) -> Self {
        let home = Self::new();
        let text = format!(
            "default_profile = \"test\"\n[profile.test]\nbase_url = \"{}\"\nmodel = \"m\"\n{more}",
            server.base_url()
        );
        std::fs::write(home.path().join("config.toml"), text).expect("a config file");
        home
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The id of the latest session.
    pub fn session(&self) -> String {
        let listed = self.run(&["sessions", "list", "--format", "json"], "").json();
        listed[0]["id"].as_str().expect("a session").to_owned()
    }

    /// The binary, in this home and with nothing else in its environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo_bin("greenroom"));
        #[allow(clippy::disallowed_methods, reason = "the child finds its editor and shell there")]
        let path = std::env::var_os("PATH").unwrap_or_default();
        command
            .args(arguments)
            .env_clear()
            .env("GREENROOM_HOME", self.path())
            .env("PATH", path)
            .env("TERM", "xterm")
            .current_dir(self.path());
        command
    }

    /// Runs to the end with `input` on standard input.
    pub fn run(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Ran {
        self.run_with(arguments, input, &[])
    }

    /// The same with these variables set too.
    pub fn run_with(&self, arguments: &[&str], input: impl AsRef<[u8]>, variables: &[(&str, &str)]) -> Ran {
        finish(self.command(arguments).envs(variables.iter().copied()), input)
    }
}

/// Runs `command` to the end with `input` on standard input.
pub fn finish(command: &mut Command, input: impl AsRef<[u8]>) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let bytes = input.as_ref().to_vec();
    // Beside the reader: a full pipe must not stop either side.
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, &bytes));
    let output = child.wait_with_output().expect("the program ends");
    // A program that does not read its input has closed the pipe.
    let _ = writer.join().expect("the writer");
    output.into()
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

impl Ran {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Numbers that look like chance, the same each time.
pub struct Chance(pub u64);

impl Chance {
    /// A number from 0 up to, and without, `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

/// Holds the database against SQLite's own check, and reads every session of it.
pub fn assert_sound(home: &Home) {
    let path = home.path().join(greenroom::store::FILE);
    if !path.exists() {
        return;
    }
    let database = rusqlite::Connection::open(&path).expect("the database");
    let check = |sql: &str| database.query_row(sql, [], |row| row.get::<_, String>(0)).expect("a check");
    assert_eq!(check("PRAGMA integrity_check"), "ok");
    let mut statement = database.prepare("PRAGMA foreign_key_check").expect("a check");
    assert!(!statement.exists([]).expect("a check"), "a key points to nothing");
    drop(statement);
    drop(database);
    let store = greenroom::store::Store::open(home.path()).expect("the store");
    for listed in store.list().expect("the sessions") {
        let log = store.read(&listed.id).expect("a log");
        assert!(log.iter().map(|record| record.seq).eq(0..log.len() as u64), "{}", listed.id);
        greenroom::interview::State::replay(&log).expect("a log that can be replayed");
    }
}

/// A file under `tests/fixtures`.
pub fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The log of an answer to `question` that was graded `score` of 10, its events `step_ms` of active time apart.
pub fn graded(
    question: &str,
    reference: Option<String>,
    score: f64,
    at_ms: i64,
    step_ms: u64,
) -> Vec<Record> {
    let start = serde_json::json!({
        "event": "started", "kind": "answer", "version": "0", "title": question, "pack": "", "pack_version": 0,
        "problem_id": question, "problem": null, "rubric": "", "digests": {}, "plan": {"phases": []},
        "level": "senior", "style": "neutral", "time": "soft", "coach": "embedded@0", "seed": 0,
    });
    let grade = AnswerGrade {
        score,
        max_score: 10.0,
        confidence: Confidence(0.9),
        grader: "embedded@0".into(),
        points: vec![],
        errors: vec![],
        flags: vec![],
        feedback: String::new(),
        usage: None,
    };
    let events = [
        serde_json::from_value(start).expect("a start"),
        Event::Asked { question_id: Some(question.into()), question: question.into(), reference },
        Event::Answered { text: "That.".into() },
        Event::AnswerGraded { grade: Box::new(grade) },
    ];
    (0..).zip(events).map(|(seq, event)| Record { seq, at_ms, active_ms: step_ms * seq, event }).collect()
}
