//! A provider that misbehaves in every way we know of, met by each command that asks a model: the command
//! ends with the right exit code and one clear message, keeps what it was given, and goes on once the
//! provider is well again.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::support::server::{
    Act, Answer, Request, Server, chunk, ends, plain, recorded, reply, says, send, stream_head,
};
use crate::support::{Home, Ran, assert_sound};

/// Waits short enough for tests; nothing asserts on them.
const PROFILE: &str = "context_window = 32000\nfirst_byte_timeout_s = 0.4\nidle_timeout_s = 0.3\n";
const TURN: &str = "In step 0 we keep the links in a table.";
const ASKS: &str = "#none\nFine. How would growth shape step 0?";
const GRADE: &str = r#"{"evidence":[{"turn":2,"quote":"we keep the links in a table","shows":"storage"}],"points":[],"reasoning":"It fits.","raised":true,"level":3,"strengths":["You name the table."],"improvements":["Say how large it gets."],"speaks_to_grader":false}"#;
const POINTS: &str = r#"{"points":[{"text":"It keeps the links in a table.","weight":1}]}"#;
const MARKS: &str = r#"{"points":[{"number":1,"quote":"we keep the links in a table","status":"covered"}],"errors":[],"kind":"answer","speaks_to_marker":false,"feedback":"Say how large it gets."}"#;

/// What a well-behaved model says to a request.
fn good(request: &Request) -> &'static str {
    let asks_for = |word: &str| request.body.contains(word);
    match () {
        () if asks_for("speaks_to_grader") => GRADE,
        () if asks_for("speaks_to_marker") => MARKS,
        () if asks_for("You are the interviewer") => ASKS,
        () => POINTS,
    }
}

/// What becomes of a command.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    /// As if nothing had been wrong.
    Works,
    /// It ends with these words in its message.
    Fails(&'static str),
}
use Outcome::{Fails, Works};

/// How the server answers, given what it ought to say and how often it was asked before.
type Misbehave = fn(&str, usize) -> Answer;

fn error(status: u16, headers: &str, code: &str, message: &str) -> Answer {
    let body = serde_json::json!({"error": {"message": message, "code": code}});
    plain(status, &format!("Content-Type: application/json\r\n{headers}"), &body.to_string())
}

/// A refusal that the client may try again at once.
fn soon(status: u16, message: &str) -> Answer {
    error(status, "Retry-After: 0.01\r\n", "x", message)
}

/// The first half of `text` in a stream, and what follows.
fn half(text: &str, then: impl IntoIterator<Item = Act>) -> Answer {
    let cut = text.floor_char_boundary(text.len() / 2);
    let mut acts = vec![stream_head(), chunk(says(&text[..cut]))];
    acts.extend(then);
    acts
}

/// The whole of `text` in events, with these between and after them.
fn whole(text: &str, between: &str, after: Vec<Act>) -> Answer {
    let mut acts = vec![stream_head()];
    acts.extend(text.split_inclusive(' ').map(|word| chunk(says(word) + between)));
    acts.extend(after);
    acts
}

/// A body without chunks, ended by the end of the connection.
fn unframed(body: &str) -> Answer {
    vec![send(format!("HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n{body}")), Act::Close]
}

fn events(text: &str) -> String {
    let finish = r#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    format!("{}{finish}\n\ndata: [DONE]\n\n", says(text))
}

fn once(bad: Answer, text: &str, asked: usize) -> Answer {
    if asked == 0 { bad } else { reply(text) }
}

/// Every mode, what becomes of a command in it, and how it is done.
fn modes() -> Vec<(&'static str, Outcome, Misbehave)> {
    vec![
        // What looks strange and is well.
        ("as it should be", Works, |text, _| reply(text)),
        ("a byte at a time", Works, |text, _| {
            let mut acts = vec![stream_head()];
            acts.extend(events(text).bytes().map(|byte| chunk([byte])));
            acts.push(send("0\r\n\r\n"));
            acts
        }),
        ("all at once", Works, |text, _| unframed(&events(text))),
        ("lines that end in CRLF", Works, |text, _| unframed(&events(text).replace('\n', "\r\n"))),
        ("a byte order mark first", Works, |text, _| unframed(&format!("\u{feff}{}", events(text)))),
        ("comments that keep the line open", Works, |text, _| whole(text, ": ping\n\n", ends("stop"))),
        ("ids, names and retry times", Works, |text, _| {
            whole(text, "event: message\nid: 7\nretry: 10\n\n", ends("stop"))
        }),
        ("no space after the colon", Works, |text, _| unframed(&events(text).replace("data: ", "data:"))),
        ("empty choices, null text, no delta", Works, |text, _| {
            let odd = "data: {\"choices\":[]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":null}}]}\n\ndata: {\"choices\":[{\"index\":0}]}\n\n";
            whole(text, odd, ends("stop"))
        }),
        ("usage in the end", Works, |text, _| {
            let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}\n\n";
            whole(text, "", [vec![ends("stop").remove(0), chunk(usage)], ends("stop")[1..].to_vec()].concat())
        }),
        ("no [DONE]", Works, |text, _| whole(text, "", vec![ends("stop").remove(0), send("0\r\n\r\n")])),
        ("left open after the finish", Works, |text, _| {
            whole(text, "", vec![ends("stop").remove(0), chunk("data: [DONE]\n\n"), Act::Stall])
        }),
        ("words after the end", Works, |text, _| {
            whole(text, "", [ends("stop")[..2].to_vec(), vec![chunk(says("late"))]].concat())
        }),
        ("no stream but one JSON", Works, |text, _| {
            let body =
                serde_json::json!({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]});
            plain(200, "Content-Type: application/json\r\n", &body.to_string())
        }),
        ("blank lines before the JSON", Works, |text, _| {
            let body =
                serde_json::json!({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]});
            plain(200, "", &format!("\n \n\n{body}"))
        }),
        ("a thought before the reply", Works, |text, _| {
            reply(&format!("<think>Hm. {{\"level\": 1}}</think>{text}"))
        }),
        ("a slow server", Works, |text, _| {
            let pause = Act::Pause(Duration::from_millis(60));
            whole(text, "", [vec![pause], ends("stop")].concat())
        }),
        ("another status that is well", Works, |text, _| {
            vec![send(format!(
                "HTTP/1.1 201 Created\r\nContent-Length: {}\r\n\r\n{}",
                events(text).len(),
                events(text)
            ))]
        }),
        ("100 Continue first", Works, |text, _| {
            [vec![send("HTTP/1.1 100 Continue\r\n\r\n")], reply(text)].concat()
        }),
        // What is worth another try.
        ("429 once", Works, |text, asked| once(soon(429, "slow down"), text, asked)),
        ("500 once", Works, |text, asked| once(soon(500, "oops"), text, asked)),
        ("503 while it loads", Works, |text, asked| once(soon(503, "Loading model"), text, asked)),
        ("a web page of a gateway once", Works, |text, asked| {
            once(plain(502, "Retry-After: 0.01\r\n", "<html><title>502</title></html>"), text, asked)
        }),
        ("dropped once", Works, |text, asked| once(vec![Act::Close], text, asked)),
        ("reset once", Works, |text, asked| once(vec![Act::Reset], text, asked)),
        ("closed before a word once", Works, |text, asked| {
            once(vec![stream_head(), Act::Close], text, asked)
        }),
        // What is not.
        ("400", Fails("bad request"), |_, _| error(400, "", "x", "bad request")),
        ("401", Fails("did not accept the API key"), |_, _| {
            error(401, "", "invalid_api_key", "Incorrect key")
        }),
        ("402", Fails("no credit left"), |_, _| error(402, "", "insufficient_quota", "Pay first.")),
        ("403", Fails("did not accept the API key"), |_, _| error(403, "", "x", "Forbidden")),
        ("404 for the model", Fails("does not have the model"), |_, _| {
            error(404, "", "model_not_found", "The model `m` does not exist.")
        }),
        ("404 for the path", Fails("has nothing at this address"), |_, _| {
            plain(404, "", "{\"detail\":\"Not Found\"}")
        }),
        ("405", Fails("405"), |_, _| error(405, "", "x", "Method Not Allowed")),
        ("413", Fails("too long for the model"), |_, _| error(413, "", "x", "Too large")),
        ("418", Fails("418"), |_, _| error(418, "", "x", "short and stout")),
        ("422", Fails("422"), |_, _| error(422, "", "x", "Unprocessable")),
        ("429 for ever", Fails("allows no more requests"), |_, _| soon(429, "slow down")),
        ("429 for two hours", Fails("allows no more requests"), |_, _| {
            error(429, "Retry-After: 7200\r\n", "rate_limit_exceeded", "slow")
        }),
        ("429 and no quota", Fails("no credit left"), |_, _| {
            error(429, "", "insufficient_quota", "You exceeded your quota.")
        }),
        ("500 for ever", Fails("is not able to answer now"), |_, _| soon(500, "oops")),
        ("502 for ever", Fails("is not able to answer now"), |_, _| soon(502, "bad gateway")),
        ("503 for ever", Fails("is not able to answer now"), |_, _| soon(503, "overloaded")),
        ("504 for ever", Fails("is not able to answer now"), |_, _| soon(504, "gateway timeout")),
        ("500 that says not to try again", Fails("is not able to answer now"), |_, _| {
            error(500, "x-should-retry: false\r\n", "x", "no")
        }),
        ("an error in a status that is well", Fails("no such thing"), |_, _| {
            error(200, "x-should-retry: false\r\n", "bad", "no such thing")
        }),
        ("a redirect to another host", Fails("sends requests elsewhere"), |_, _| {
            plain(307, "Location: http://127.0.0.2:9/v1/chat/completions\r\n", "")
        }),
        ("a redirect of old", Fails("sends requests elsewhere"), |_, _| {
            plain(301, "Location: /v2/chat/completions\r\n", "")
        }),
        ("a web page", Fails("does not answer like an OpenAI-compatible server"), |_, _| {
            plain(200, "Content-Type: text/html\r\n", "<!doctype html><title>Sign in</title>")
        }),
        ("compressed unasked", Fails("compressed"), |_, _| {
            plain(200, "Content-Encoding: gzip\r\n", "\u{1f}")
        }),
        ("204 and no body", Fails("no text at all"), |_, _| vec![send("HTTP/1.1 204 No Content\r\n\r\n")]),
        ("an empty body", Fails("no text at all"), |_, _| plain(200, "", "")),
        ("an empty reply", Fails("the reply was empty"), |_, _| reply("")),
        ("white space for a reply", Fails("the reply was empty"), |_, _| reply(" \n\n \t ")),
        ("nothing at all", Fails("sent nothing for"), |_, _| vec![Act::Stall]),
        ("headers and nothing more", Fails("sent nothing for"), |_, _| vec![stream_head(), Act::Stall]),
        ("half and a stall", Fails("sent nothing for"), |text, _| half(text, [Act::Stall])),
        ("half and a reset", Fails("the connection was lost"), |text, _| half(text, [Act::Reset])),
        ("half and closed", Fails("the connection was lost"), |text, _| half(text, [Act::Close])),
        ("half and an end of the body", Fails("before it was whole"), |text, _| {
            half(text, [send("0\r\n\r\n")])
        }),
        ("half, [DONE] and no finish", Fails("without saying that it was whole"), |text, _| {
            half(text, [chunk("data: [DONE]\n\n"), send("0\r\n\r\n")])
        }),
        ("cut within an event", Fails("no valid JSON"), |text, _| {
            half(text, [chunk("data: {\"choices\":[{\"del"), send("0\r\n\r\n")])
        }),
        ("an event that is no JSON", Fails("no valid JSON"), |text, _| {
            half(text, [chunk("data: {\"choices\":[{\"del\n\n")].into_iter().chain(ends("stop")))
        }),
        ("an error within the stream", Fails("upstream overloaded"), |text, _| {
            half(
                text,
                [
                    chunk("data: {\"error\":{\"message\":\"upstream overloaded\",\"code\":502}}\n\n"),
                    send("0\r\n\r\n"),
                ],
            )
        }),
        ("an error before a word", Fails("upstream overloaded"), |_, _| {
            vec![
                stream_head(),
                chunk("data: {\"error\":{\"message\":\"upstream overloaded\",\"code\":400}}\n\n"),
                send("0\r\n\r\n"),
            ]
        }),
        ("a finish that says error", Fails("failed within it"), |text, _| half(text, ends("error"))),
        ("a content filter", Fails("content filter"), |text, _| half(text, ends("content_filter"))),
        ("a refusal", Fails("declined to answer"), |_, _| {
            let refusal = "data: {\"choices\":[{\"delta\":{\"refusal\":\"I can't help with that.\"}}]}\n\n";
            [vec![stream_head(), chunk(refusal)], ends("stop")].concat()
        }),
        ("a call of a tool", Fails("greenroom has none"), |_, _| {
            let call = "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0}]}}]}\n\n";
            [vec![stream_head(), chunk(call)], ends("tool_calls")].concat()
        }),
        ("an event without end", Fails("more than 4 MiB"), |_, _| {
            vec![stream_head(), chunk("data: "), Act::Flood(b"10\r\nxxxxxxxxxxxxxxxx\r\n".repeat(4096))]
        }),
        ("a reply without end", Fails("more than 1 MiB"), |_, _| {
            let word = says(&"and so on ".repeat(100));
            let piece = format!("{:x}\r\n{word}\r\n", word.len());
            vec![stream_head(), Act::Flood(piece.repeat(64).into_bytes())]
        }),
        ("one JSON without end", Fails("more than 16 MiB"), |_, _| {
            vec![send("HTTP/1.1 200 OK\r\n\r\n{\"choices\": \""), Act::Flood(vec![b'x'; 1 << 20])]
        }),
        ("fewer bytes than promised", Fails("the connection was lost"), |text, _| {
            vec![send(format!("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n{}", says(text))), Act::Close]
        }),
        ("chunks of no size", Fails("the connection was lost"), |text, _| {
            vec![stream_head(), send(format!("{}zz\r\n", says(text))), Act::Close]
        }),
        ("no HTTP", Fails("the connection was lost"), |_, _| {
            vec![send("SSH-2.0-OpenSSH_9.9\r\n\r\n"), Act::Close]
        }),
        ("headers without end", Fails("the connection was lost"), |_, _| {
            vec![send("HTTP/1.1 200 OK\r\n"), Act::Flood(b"X-More: of it\r\n".repeat(1024))]
        }),
        ("bytes that are no text", Fails("no valid JSON"), |_, _| {
            vec![stream_head(), chunk(b"data: \xff\xfe\x00\x01\n\n"), send("0\r\n\r\n")]
        }),
        ("dropped for ever", Fails("the connection was lost"), |_, _| vec![Act::Close]),
        ("a backend that died in the middle", Fails("broke off"), |_, _| {
            recorded("litellm/backend_killed_mid_stream.raw")
        }),
    ]
}

/// A server in one mode, until it is mended.
struct Faulty {
    server: Server,
    mended: Arc<AtomicBool>,
}

impl Faulty {
    fn start(misbehave: Misbehave) -> Self {
        let mended = Arc::new(AtomicBool::new(false));
        let (is_well, asked) = (Arc::clone(&mended), AtomicUsize::new(0));
        let server = Server::answering(move |request| {
            let before = asked.fetch_add(1, Ordering::Relaxed);
            if is_well.load(Ordering::Relaxed) {
                reply(good(request))
            } else {
                misbehave(good(request), before)
            }
        });
        Self { server, mended }
    }

    fn mend(&self) {
        self.mended.store(true, Ordering::Relaxed);
    }
}

/// What is wrong with how a command ended, if anything is.
fn fault(ran: &Ran, outcome: Outcome, failed: i32, told: &str) -> Option<String> {
    if ran.err.contains("panicked") || ran.out.contains("panicked") {
        return Some(format!("it panicked: {}", ran.err));
    }
    match outcome {
        Works => (ran.code != 0).then(|| format!("exit code {}: {}", ran.code, ran.err)),
        Fails(_) if ran.code != failed => Some(format!("exit code {}: {}", ran.code, ran.err)),
        Fails(words) => (!told.contains(words)).then(|| format!("`{words}` is not said: {told}")),
    }
}

/// Holds `command` against every mode, several at a time, and says which ended otherwise than they should.
fn in_every_mode(name: &str, command: impl Fn(&Home, &Faulty, Outcome) -> Result<Ran, String> + Sync) {
    let waiting: Mutex<VecDeque<_>> = Mutex::new(modes().into());
    let (wrong, table) = (Mutex::new(String::new()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let Some((mode, outcome, misbehave)) = waiting.lock().unwrap().pop_front() else { break };
                    let faulty = Faulty::start(misbehave);
                    let home = Home::with_model(&faulty.server, PROFILE);
                    match command(&home, &faulty, outcome) {
                        Ok(ran) => {
                            table.lock().unwrap().push(format!("{name} | {mode} | exit {} ", ran.code))
                        }
                        Err(fault) => *wrong.lock().unwrap() += &format!("{mode}: {fault}\n"),
                    }
                    assert_sound(&home);
                }
            });
        }
    });
    let table = table.into_inner().unwrap();
    // Shown with --nocapture.
    println!("{}", table.join("\n"));
    assert_eq!(wrong.into_inner().unwrap(), "");
    assert!(table.len() >= 40, "{} modes", table.len());
}

/// The log of the latest session.
fn log(home: &Home) -> String {
    home.run(&["sessions", "export", &home.session()], "").out
}

#[test]
fn an_interview_keeps_the_turn_and_goes_on_when_the_provider_is_well() {
    in_every_mode("interview", |home, faulty, outcome| {
        let ran = home.run(&["interview", "url-shortener"], format!("{TURN}\n"));
        if let Some(fault) = fault(&ran, outcome, 4, &ran.err) {
            return Err(fault);
        }
        if !log(home).contains(TURN) {
            return Err("the turn is lost".to_owned());
        }
        if outcome != Works {
            if !ran.err.contains("--resume") {
                return Err(format!("the way on is not told: {}", ran.err));
            }
            faulty.mend();
            let again = home.run(&["interview", "--resume", "--format", "json"], "");
            if again.code != 0 || again.json()["criteria"][0]["level"] != 3 {
                return Err(format!("it does not go on: {again:?}"));
            }
            if log(home).matches(TURN).count() < 1 {
                return Err("the turn is lost".to_owned());
            }
        }
        Ok(ran)
    });
}

#[test]
fn an_answer_is_kept_whether_or_not_it_can_be_graded() {
    in_every_mode("answer", |home, _, outcome| {
        std::fs::write(home.path().join("reference.md"), "It keeps the links in a table.").unwrap();
        let arguments =
            ["answer", "What is a link table?", "--reference", "reference.md", "--format", "json"];
        let ran = home.run(&arguments, TURN);
        if let Some(fault) = fault(&ran, outcome, 4, &ran.err) {
            return Err(fault);
        }
        if outcome == Works && ran.json()["score"] != 10.0 {
            return Err(format!("another mark: {}", ran.out));
        }
        if outcome != Works && !(ran.out.is_empty() && ran.err.contains("the answer is kept")) {
            return Err(format!("a failure looks like a grade: {ran:?}"));
        }
        if log(home).contains(TURN) { Ok(ran) } else { Err("the answer is lost".to_owned()) }
    });
}

#[test]
fn a_line_that_cannot_be_graded_is_an_error_line_and_the_next_run_grades_it() {
    in_every_mode("grade", |home, faulty, outcome| {
        let line = |id: u32| {
            serde_json::json!({"id": id, "question": "What is a link table?", "answer": TURN,
                "reference": "It keeps the links in a table."})
        };
        std::fs::write(home.path().join("answers.jsonl"), format!("{}\n{}\n", line(1), line(2))).unwrap();
        let arguments = ["grade", "answers.jsonl", "--out", "grades.jsonl"];
        let ran = home.run(&arguments, "");
        let read = || -> Vec<Value> {
            let text = std::fs::read_to_string(home.path().join("grades.jsonl")).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let lines = read();
        if let Some(fault) = fault(&ran, outcome, 3, &lines[0]["error"]["message"].to_string()) {
            return Err(fault);
        }
        if lines.iter().map(|line| line["id"].as_u64()).ne([Some(1), Some(2)]) {
            return Err(format!("{lines:?}"));
        }
        if outcome != Works && lines.iter().any(|line| line.get("score").is_some()) {
            return Err(format!("a failure has a score: {lines:?}"));
        }
        faulty.mend();
        let again = home.run(&arguments, "");
        if again.code != 0 || read().iter().any(|line| line["score"] != 10.0) {
            return Err(format!("the next run does not finish: {again:?} {:?}", read()));
        }
        Ok(ran)
    });
}

#[test]
fn a_review_keeps_the_transcript_and_is_graded_when_the_provider_is_well() {
    in_every_mode("review", |home, faulty, outcome| {
        let transcript = format!("Interviewer: Design a URL shortener.\n\nCandidate: {TURN}\n");
        std::fs::write(home.path().join("talk.md"), transcript).unwrap();
        let ran = home.run(&["review", "talk.md", "--format", "json"], "");
        if let Some(fault) = fault(&ran, outcome, 4, &ran.err) {
            return Err(fault);
        }
        if outcome != Works {
            if !ran.err.contains("report --grade") || !ran.out.is_empty() {
                return Err(format!("the way on is not told: {ran:?}"));
            }
            faulty.mend();
            let again = home.run(&["report", &home.session(), "--grade", "--format", "json"], "");
            if again.code != 0 || again.json()["criteria"][0]["level"] != 3 {
                return Err(format!("it is not graded later: {again:?}"));
            }
        }
        if log(home).contains(TURN) { Ok(ran) } else { Err("the transcript is lost".to_owned()) }
    });
}
