//! What the tests share: the binary in a folder of its own, with an empty environment.

pub mod chromium;
pub mod server;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;

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

    pub fn path(&self) -> &Path {
        self.folder.path()
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
        let mut child = self
            .command(arguments)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let bytes = input.as_ref().to_vec();
        // Beside the reader: a full pipe must not stop either side.
        let writer = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, &bytes));
        let output = child.wait_with_output().expect("the binary ends");
        // A program that does not read its input has closed the pipe.
        let _ = writer.join().expect("the writer");
        output.into()
    }
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

/// A file under `tests/fixtures`.
pub fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
