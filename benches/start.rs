//! How soon something is there: `--version` and the first prompt of an interview, beside `curl --version`.
//!
//! Budgets: 0.4 of curl for the first, 3 times curl for the second.

#![allow(clippy::unwrap_used, reason = "a bench that panics has failed, as it should")]

mod comparison;

use std::process::{Command, Stdio};

use comparison::{compare, table};

const GREENROOM: &str = env!("CARGO_BIN_EXE_greenroom");

/// The program with these arguments and nothing in its environment but a home.
fn greenroom(home: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(GREENROOM);
    command.args(arguments).env_clear().env("GREENROOM_HOME", home).env("TERM", "xterm");
    command
}

fn run(mut command: Command) {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?}");
}

fn curl() {
    let mut command = Command::new("curl");
    command.arg("--version");
    run(command);
}

/// Starts `command` in a pseudo-terminal, waits for `prompt` and leaves.
#[cfg(unix)]
fn until_prompt(mut command: Command, prompt: &[u8]) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::io::Read;
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
    let side = || std::fs::OpenOptions::new().read(true).write(true).open(&name).unwrap();
    let mut child = command.stdin(side()).stdout(side()).stderr(side()).spawn().unwrap();
    let (mut screen, mut shown, mut piece) = (std::fs::File::from(terminal), Vec::new(), [0; 4096]);
    while !shown.windows(prompt.len()).any(|window| window == prompt) {
        let read = screen.read(&mut piece).unwrap();
        shown.extend_from_slice(&piece[..read]);
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn main() {
    let home = tempfile::tempdir().unwrap();
    table("Start");
    compare("`--version`", 40, "`curl --version`", || run(greenroom(home.path(), &["--version"])), curl);
    compare("`--help`", 40, "`curl --version`", || run(greenroom(home.path(), &["--help"])), curl);
    compare(
        "`sessions list`",
        40,
        "`curl --version`",
        || run(greenroom(home.path(), &["sessions", "list"])),
        curl,
    );
    #[cfg(unix)]
    {
        let interview = ["interview", "url-shortener", "--coach", "embedded"];
        compare(
            "first prompt of an interview",
            40,
            "`curl --version`",
            || until_prompt(greenroom(home.path(), &interview), b"[Requirements"),
            curl,
        );
        compare(
            "first prompt in a new home",
            20,
            "`curl --version`",
            || until_prompt(greenroom(tempfile::tempdir().unwrap().path(), &interview), b"[Requirements"),
            curl,
        );
    }
}
