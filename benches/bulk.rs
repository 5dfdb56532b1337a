//! Many answers graded by a model that takes its time: a server on this machine that waits before each reply.
//!
//! The baseline is what the wait alone comes to with as many requests at a time; what is over 1 is ours.

#![allow(clippy::unwrap_used, reason = "a bench that panics has failed, as it should")]

mod comparison;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use comparison::{compare, table};

const WAIT: Duration = Duration::from_millis(50);
const MARKS: &str = r#"{"points":[{"number":1,"quote":"copies close","status":"covered"}],"errors":[],"kind":"answer","speaks_to_marker":false,"feedback":"Go on."}"#;

/// Answers every request on a connection with the same marks, after the wait.
fn serve(stream: &TcpStream) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let body = serde_json::json!({"choices": [{"message": {"content": MARKS}, "finish_reason": "stop"}]})
        .to_string();
    let mut reader = BufReader::new(stream);
    loop {
        let (mut line, mut length) = (String::new(), 0);
        while line != "\r\n" {
            line.clear();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        reader.read_exact(&mut vec![0; length]).ok()?;
        std::thread::sleep(WAIT);
        write!(&*stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).ok()?;
    }
}

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(&stream));
        }
    });
    let home = tempfile::tempdir().unwrap();
    let config = format!(
        "default_profile = \"slow\"\n[profile.slow]\nbase_url = \"http://127.0.0.1:{port}/v1\"\nmodel = \"m\"\ncontext_window = 32000\nparallel = 64\n"
    );
    std::fs::write(home.path().join("config.toml"), config).unwrap();
    table("Bulk grading, each reply after 50 ms");
    for (answers, jobs) in [(64, 1_u32), (64, 8), (512, 8), (512, 32), (2_048, 32)] {
        let line = |id: u32| {
            serde_json::json!({"id": id, "question_id": "cdn", "question": "What is a CDN?",
                "answer": format!("It keeps copies close to users, at place {id}.")})
        };
        let lines: String = (0..answers).map(|id| format!("{}\n", line(id))).collect();
        std::fs::write(home.path().join("answers.jsonl"), lines).unwrap();
        let ours = || {
            let status = Command::new(env!("CARGO_BIN_EXE_greenroom"))
                .args(["grade", "answers.jsonl", "--jobs", &jobs.to_string()])
                .env_clear()
                .env("GREENROOM_HOME", home.path())
                .current_dir(home.path())
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            assert!(status.unwrap().success());
        };
        let waits = WAIT * answers.div_ceil(jobs);
        compare(&format!("{answers} answers, {jobs} at a time"), 2, "the waits alone", ours, || {
            std::thread::sleep(waits)
        });
    }
}
