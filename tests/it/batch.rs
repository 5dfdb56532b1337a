//! `greenroom grade --batch`: rounds through a provider's Batch API, resuming, failures, refusals.

use std::collections::HashMap;
use std::fs;

use serde_json::{Value, json};

use crate::support::server::{Answer, Request, Server, plain};
use crate::support::{Home, Ran};

const REFERENCE: &str = "A cache keeps copies of data close to those who read it. An entry expires.";

/// What makes a provider refuse a request: a status and its words.
type Refusal = fn(&Value) -> Option<(u16, &'static str)>;

/// A provider of batches. Each batch is running at the first look and done at the second; its
/// answers come in the reverse order.
#[derive(Default)]
struct Provider {
    files: HashMap<String, String>,
    looks: HashMap<String, u32>,
    /// What makes it refuse a request, in place of an answer.
    refuses: Option<Refusal>,
}

impl Provider {
    fn server(mut self) -> Server {
        Server::answering(move |request| self.answer(request))
    }

    fn answer(&mut self, request: &Request) -> Answer {
        let line = request.head.lines().next().unwrap().to_owned();
        let path = line.split(' ').nth(1).unwrap().strip_prefix("/v1/").unwrap().to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        let answer = match (line.starts_with("POST"), &parts[..]) {
            (true, ["files"]) => {
                assert!(request.body.contains("name=\"purpose\"\r\n\r\nbatch\r\n"), "{}", request.body);
                let lines = request.body.lines().filter(|line| line.starts_with("{\"")).collect::<Vec<_>>();
                let id = format!("file-{}", self.files.len());
                self.files.insert(id.clone(), lines.join("\n"));
                json!({"id": id, "object": "file"})
            }
            (true, ["batches"]) => {
                let body = request.json();
                assert_eq!(body["endpoint"], "/v1/chat/completions");
                let file = body["input_file_id"].as_str().unwrap();
                json!({"id": format!("batch_{file}"), "status": "validating"})
            }
            (false, ["batches", id]) => {
                let looks = self.looks.entry((*id).to_owned()).or_default();
                *looks += 1;
                let (status, file) = if *looks > 1 { ("completed", true) } else { ("in_progress", false) };
                let name = id.strip_prefix("batch_").unwrap();
                json!({"id": id, "status": status, "request_counts": {"total": 2, "completed": 1, "failed": 0},
                    "output_file_id": file.then_some(name), "error_file_id": null})
            }
            (false, ["files", id, "content"]) => {
                let lines = self.files[*id].lines().rev().map(|line| self.reply(line));
                return plain(200, "", &lines.collect::<Vec<_>>().join("\n"));
            }
            _ => return plain(404, "", "{\"error\":{\"message\":\"no such path\"}}"),
        };
        plain(200, "Content-Type: application/json\r\n", &answer.to_string())
    }

    fn reply(&self, line: &str) -> String {
        let line: Value = serde_json::from_str(line).unwrap();
        let body = &line["body"];
        assert!(body.get("stream").is_none() && body["model"] == "m", "{body}");
        if let Some((status, message)) = self.refuses.and_then(|refuses| refuses(body)) {
            return json!({"custom_id": line["custom_id"], "response": {"status_code": status,
                "body": {"error": {"message": message}}}})
            .to_string();
        }
        let makes_points = body["response_format"]["json_schema"]["name"] == "points";
        let text = if makes_points {
            r#"{"points":[{"text":"It keeps copies close.","weight":1}]}"#.to_owned()
        } else {
            json!({"points": [{"number": 1, "quote": "keeps copies", "status": "covered"}], "errors": [],
                "kind": "answer", "speaks_to_marker": false, "feedback": "Go on."})
            .to_string()
        };
        json!({"custom_id": line["custom_id"], "error": null, "response": {"status_code": 200, "body": {
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 20}}}})
        .to_string()
    }
}

fn home(server: &Server) -> Home {
    let home = Home::with_model(server, "context_window = 32000\n");
    let line = |id: &str, answer: &str| {
        json!({"id": id, "question": "What is a cache?", "reference": REFERENCE, "answer": answer})
            .to_string()
    };
    let lines =
        [line("a", "It keeps copies."), line("b", "Nobody knows."), line("c", "A cache keeps copies near.")];
    fs::write(home.path().join("in.jsonl"), lines.join("\n")).unwrap();
    home
}

fn grade(home: &Home, more: &[&str]) -> Ran {
    let arguments = [&["grade", "in.jsonl", "--out", "out.jsonl", "--batch", "--poll", "0"], more].concat();
    home.run(&arguments, "")
}

fn output(home: &Home) -> Vec<Value> {
    let text = fs::read_to_string(home.path().join("out.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn batches_sent(server: &Server) -> usize {
    server.requests().iter().filter(|request| request.head.starts_with("POST /v1/batches")).count()
}

#[test]
fn answers_are_graded_in_rounds_and_written_in_input_order() {
    let server = Provider::default().server();
    let home = home(&server);
    let ran = grade(&home, &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let lines = output(&home);
    let told: Vec<_> = lines.iter().map(|line| json!([line["id"], line["score"]])).collect();
    // The second has no such words: the model is asked again, and its quote still earns nothing.
    assert_eq!(json!(told), json!([["a", 10.0], ["b", 0.0], ["c", 10.0]]));
    assert!(lines[0]["grader"].as_str().unwrap().starts_with("llm:test:m@"));
    assert_eq!(batches_sent(&server), 3, "points, marks, one repair");
    assert!(!home.path().join("out.jsonl.batch").exists());
}

#[test]
fn a_batch_is_collected_by_a_later_run() {
    let server = Provider::default().server();
    let home = home(&server);
    let mut codes = Vec::new();
    while codes.last() != Some(&0) {
        let ran = grade(&home, &["--no-wait"]);
        codes.push(ran.code);
        assert!(codes.len() < 9, "{}", ran.err);
        let said = ran.err.contains("The provider goes on");
        assert_eq!(said, ran.code == 3, "{}", ran.err);
    }
    assert!(codes.len() > 3, "{codes:?}");
    assert_eq!((batches_sent(&server), output(&home).len()), (3, 3));
}

#[test]
fn what_failed_becomes_an_error_line_and_is_done_by_the_next_run() {
    let broken = |body: &Value| body.to_string().contains("Nobody knows").then_some((500, "it broke"));
    let server = Provider { refuses: Some(broken), ..Provider::default() }.server();
    let home = home(&server);
    let ran = grade(&home, &[]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert_eq!(output(&home)[1]["error"]["kind"], "server_error");
    let config = fs::read_to_string(home.path().join("config.toml")).unwrap();
    let mended = Provider::default().server();
    fs::write(home.path().join("config.toml"), config.replace(&server.base_url(), &mended.base_url()))
        .unwrap();
    let ran = grade(&home, &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("1 graded, 0 failed, 2 kept"), "{}", ran.err);
    let asked: String = mended.requests().iter().map(|request| request.body.clone()).collect();
    assert!(!asked.contains("A cache keeps copies near"), "what was graded is not sent again");
}

#[test]
fn a_field_that_the_provider_refuses_is_left_out_of_the_next_batch() {
    let picky = |body: &Value| {
        let refused = body.get("temperature").is_some();
        refused.then_some((400, "Unsupported value: 'temperature' does not support 0.0 with this model"))
    };
    let server = Provider { refuses: Some(picky), ..Provider::default() }.server();
    let home = home(&server);
    let ran = grade(&home, &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!((batches_sent(&server), output(&home).len()), (4, 3));
}

#[test]
fn what_cannot_be_a_batch_is_said_before_anything_is_sent() {
    let server = Server::start([plain(404, "", "{\"error\":{\"message\":\"File Not Found\"}}")]);
    let home = home(&server);
    let ran = grade(&home, &[]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(ran.err.contains("no Batch API"), "{}", ran.err);
    let ran = grade(&home, &["--coach", "embedded"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("the embedded coach grades at once"), "{}", ran.err);
    assert_eq!(home.run(&["grade", "in.jsonl", "--batch"], "").code, 2);
}
