//! The model client against a server that misbehaves, and against what real servers sent.

use std::sync::Mutex;
use std::time::Duration;

use greenroom::config::{Environment, KeySource, ModelChoice, Profile, Source};
use greenroom::model::{
    Cancel, ChatModel, ChatRequest, Completion, Delivery, Finish, Message, ModelError, OpenAi, Schema,
    Timing, complete_json,
};

use crate::support::server::{
    Act, Answer, Server, chunk, ends, plain, recorded, reply, says, send, stream_head,
};

/// Waits short enough for tests; nothing asserts on them.
const QUICK: Timing = Timing {
    connect: Duration::from_secs(5),
    first_byte: Duration::from_millis(300),
    idle: Duration::from_millis(150),
    backoff: Duration::from_millis(1),
    longest_wait: Duration::from_millis(1500),
    loading: Duration::from_millis(100),
    retries: 2,
};

fn environment() -> Environment {
    let variables = [("TEST_KEY".to_owned(), "sk-very-secret-42".to_owned())].into();
    Environment { variables, ..Environment::default() }
}

fn client(server: &Server) -> OpenAi {
    let mut profile = Profile::new(&server.base_url(), Source::Default);
    profile.key = KeySource::Variable("TEST_KEY".to_owned());
    let choice = ModelChoice { profile_name: "test".to_owned(), model: Some("m".to_owned()), profile };
    OpenAi::new(choice, &environment()).with_timing(QUICK)
}

fn request() -> ChatRequest {
    ChatRequest {
        messages: vec![Message::system("Be brief."), Message::user("Hi")],
        ..ChatRequest::default()
    }
}

fn ask(client: &OpenAi, request: &ChatRequest) -> (Result<Completion, ModelError>, String) {
    let mut shown = String::new();
    let result = client.complete(request, &Cancel::new(), &mut |delta| shown.push_str(delta));
    (result, shown)
}

/// "kind | what the user reads | what is kept", or the reply.
fn outcome(answers: impl IntoIterator<Item = Answer>) -> String {
    let server = Server::start(answers);
    let (result, shown) = ask(&client(&server), &request());
    let told = match result {
        Ok(reply) => {
            assert_eq!(reply.text, shown, "what is shown is what is kept");
            format!("ok {:?} | {}", reply.finish, reply.text.trim())
        }
        Err(error) => {
            assert_eq!(error.partial(), shown, "what is shown is what is kept");
            assert!(!error.hint().is_empty());
            format!("{} | {error} | {}", error.kind(), error.partial().trim())
        }
    };
    assert!(!told.contains("sk-very-secret-42"), "{told}");
    told.replace(&server.base_url().replace("/v1", ""), "HOST")
}

fn half(mut then: Vec<Act>) -> Answer {
    let mut acts = vec![stream_head(), chunk(says("half ")), chunk(says("of "))];
    acts.append(&mut then);
    acts
}

#[test]
fn every_way_to_fail_is_told_in_one_sentence_and_keeps_what_came() {
    let error = |status, body: &str| plain(status, "Content-Type: application/json\r\n", body);
    let said =
        |code: &str, message: &str| format!(r#"{{"error":{{"message":"{message}","code":"{code}"}}}}"#);
    let rows: Vec<(&str, Vec<Answer>, &str)> = vec![
        ("whole", vec![reply("Hello there.")], "ok Stop | Hello there."),
        (
            "length",
            vec![[vec![stream_head(), chunk(says("cut"))], ends("length")].concat()],
            "ok Length | cut",
        ),
        (
            "reset",
            vec![half(vec![Act::Reset])],
            "broke_off | the reply broke off: the connection was lost (it was reset) | half of",
        ),
        (
            "truncated",
            vec![half(vec![Act::Close])],
            "broke_off | the reply broke off: the connection was lost (it was closed) | half of",
        ),
        (
            "truncated in an event",
            vec![half(vec![chunk("data: {\"choices\":[{\"delta\":{\"conte"), send("0\r\n\r\n")])],
            "broke_off | the reply broke off: the server sent a part of it that is no valid JSON | half of",
        ),
        (
            "no finish",
            vec![half(vec![send("0\r\n\r\n")])],
            "broke_off | the reply broke off: the server closed the connection before it was whole | half of",
        ),
        (
            "done without finish",
            vec![half(vec![chunk("data: [DONE]\n\n"), send("0\r\n\r\n")])],
            "broke_off | the reply broke off: the server ended it without saying that it was whole | half of",
        ),
        (
            "finish error",
            vec![half(ends("error"))],
            "broke_off | the reply broke off: the provider failed within it | half of",
        ),
        ("stall", vec![half(vec![Act::Stall])], "timeout | HOST sent nothing for 1 s | half of"),
        ("nothing at all", vec![vec![Act::Stall]], "timeout | HOST sent nothing for 1 s |"),
        ("headers only", vec![vec![stream_head(), Act::Stall]], "timeout | HOST sent nothing for 1 s |"),
        (
            "bad JSON",
            vec![half([vec![chunk("data: {\"choices\":[{\"del\n\n")], ends("stop")].concat())],
            "broke_off | the reply broke off: the server sent a part of it that is no valid JSON | half of",
        ),
        (
            "error event",
            vec![half(vec![
                chunk("data: {\"error\":{\"message\":\"upstream overloaded\",\"code\":502}}\n\n"),
                send("0\r\n\r\n"),
            ])],
            "broke_off | the reply broke off: upstream overloaded | half of",
        ),
        (
            "empty choices, no choices, null, no delta",
            vec![half(
                [
                    vec![
                        chunk("data: {\"choices\":[]}\n\n"),
                        chunk("data: {\"id\":\"x\"}\n\n"),
                        chunk("data: {\"choices\":[{\"delta\":{\"content\":null}}]}\n\n"),
                        chunk("data: {\"choices\":[{\"index\":0}]}\n\n"),
                    ],
                    ends("stop"),
                ]
                .concat(),
            )],
            "ok Stop | half of",
        ),
        (
            "bad UTF-8",
            vec![half(
                [
                    vec![chunk(b"data: {\"choices\":[{\"delta\":{\"content\":\"a\xffb\"}}]}\n\n")],
                    ends("stop"),
                ]
                .concat(),
            )],
            "ok Stop | half of a\u{fffd}b",
        ),
        (
            "a huge line",
            vec![half([vec![chunk("data: ")], vec![chunk(vec![b'x'; 1 << 20]); 6]].concat())],
            "broke_off | the reply broke off: the server sent one event of more than 4 MiB | half of",
        ),
        (
            "no stream",
            vec![error(200, r#"{"choices":[{"message":{"content":"Whole."},"finish_reason":"stop"}]}"#)],
            "ok Stop | Whole.",
        ),
        (
            "blank lines before the JSON",
            vec![error(
                200,
                "\n\n \n{\"choices\":[{\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}",
            )],
            "ok Stop | Hi",
        ),
        (
            "an error with status 200",
            vec![error(200, &said("bad", "no such thing"))],
            "server_error | HOST is not able to answer now (HTTP 200): no such thing |",
        ),
        (
            "a web page",
            vec![plain(200, "Content-Type: text/html\r\n", "<!doctype html><title>Sign in to WiFi</title>")],
            "not_an_api | HOST does not answer like an OpenAI-compatible server: a web page, \"Sign in to WiFi\" |",
        ),
        (
            "an empty body",
            vec![error(200, "")],
            "broke_off | the reply broke off: the server sent no text at all |",
        ),
        ("an empty reply", vec![reply("")], "broke_off | the reply broke off: the reply was empty |"),
        (
            "dropped",
            vec![vec![Act::Close]],
            "broke_off | the reply broke off: the connection was lost (connection closed before message completed) |",
        ),
        (
            "compressed",
            vec![plain(200, "Content-Encoding: gzip\r\n", "xyz")],
            "not_an_api | HOST does not answer like an OpenAI-compatible server: it sends compressed text that nobody asked for |",
        ),
        (
            "after the end",
            vec![
                [reply("Hi")[..3].to_vec(), vec![chunk("data: [DONE]\n\n"), chunk(says("late")), Act::Stall]]
                    .concat(),
            ],
            "ok Stop | Hi",
        ),
        (
            "open after the finish",
            vec![
                [vec![stream_head(), chunk(says("Hi"))], ends("stop")[..1].to_vec(), vec![Act::Stall]]
                    .concat(),
            ],
            "ok Stop | Hi",
        ),
        (
            "401",
            vec![error(401, &said("invalid_api_key", "Incorrect key sk-very-secret-42."))],
            "bad_key | HOST did not accept the API key: Incorrect key [key] |",
        ),
        (
            "403",
            vec![error(403, &said("x", "Request refused."))],
            "bad_key | HOST did not accept the API key: Request refused |",
        ),
        (
            "404 model",
            vec![error(404, &said("model_not_found", "The model `m` does not exist."))],
            "no_such_model | HOST does not have the model: The model `m` does not exist |",
        ),
        (
            "404 path",
            vec![error(404, "{\"detail\":\"Not Found\"}")],
            "not_found | HOST has nothing at this address (HTTP 404): Not Found |",
        ),
        (
            "400 overflow",
            vec![error(400, &said("context_length_exceeded", "maximum context length is 8192 tokens"))],
            "context_overflow | the conversation is too long for the model: maximum context length is 8192 tokens |",
        ),
        (
            "413",
            vec![error(413, &said("refused", "Request refused."))],
            "context_overflow | the conversation is too long for the model: Request refused |",
        ),
        (
            "quota",
            vec![error(429, &said("insufficient_quota", "You exceeded your quota."))],
            "quota | HOST says that the account has no credit left: You exceeded your quota |",
        ),
        (
            "content filter",
            vec![half(ends("content_filter"))],
            "declined | the provider declined to answer: its content filter ended the reply | half of",
        ),
        (
            "a refusal",
            vec![
                [
                    vec![
                        stream_head(),
                        chunk("data: {\"choices\":[{\"delta\":{\"refusal\":\"I can't.\"}}]}\n\n"),
                    ],
                    ends("stop"),
                ]
                .concat(),
            ],
            "declined | the provider declined to answer: I can't. |",
        ),
        (
            "a tool call",
            vec![
                [
                    vec![
                        stream_head(),
                        chunk("data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0}]}}]}\n\n"),
                    ],
                    ends("tool_calls"),
                ]
                .concat(),
            ],
            "broke_off | the reply broke off: the model wants to call a tool, and greenroom has none |",
        ),
        (
            "a redirect",
            vec![plain(307, "Location: http://elsewhere.example/v1/chat/completions?k=1\r\n", "")],
            "redirect | HOST sends requests elsewhere (HTTP 307): to http://elsewhere.example |",
        ),
        (
            "500 for ever",
            vec![error(500, &said("x", "The server had an error."))],
            "server_error | HOST is not able to answer now (HTTP 500): The server had an error |",
        ),
        (
            "429 once",
            vec![plain(429, "Retry-After: 0.01\r\n", &said("rate_limit_exceeded", "slow")), reply("Hi")],
            "ok Stop | Hi",
        ),
        (
            "429 and too long to wait",
            vec![plain(429, "Retry-After: 7200\r\n", &said("rate_limit_exceeded", "slow"))],
            "rate_limit | HOST allows no more requests for now: slow |",
        ),
        (
            "502 page, then well",
            vec![plain(502, "", "<html><title>502</title></html>"), reply("Hi")],
            "ok Stop | Hi",
        ),
        (
            "loading, then well",
            vec![
                error(503, &said("503", "Loading model")),
                error(503, &said("503", "Loading model")),
                error(503, &said("503", "Loading model")),
                error(503, &said("503", "Loading model")),
                reply("Hi"),
            ],
            "ok Stop | Hi",
        ),
        ("dropped once", vec![vec![Act::Close], reply("Hi")], "ok Stop | Hi"),
        ("cut before a word, then well", vec![vec![stream_head(), Act::Close], reply("Hi")], "ok Stop | Hi"),
        (
            "x-should-retry: false",
            vec![plain(500, "x-should-retry: false\r\n", "no"), reply("Hi")],
            "server_error | HOST is not able to answer now (HTTP 500): no |",
        ),
    ];
    let mut wrong = String::new();
    for (name, answers, want) in rows {
        let got = outcome(answers);
        if got.trim() != want {
            wrong += &format!("{name}\n  got  {got}\n  want {want}\n");
        }
    }
    assert_eq!(wrong, "");
}

#[test]
fn what_real_servers_sent_is_read_right() {
    let mut table = String::new();
    for folder in ["litellm", "llama_cpp_python", "llamacpp"] {
        let path = format!("{}/tests/fixtures/wire/{folder}", env!("CARGO_MANIFEST_DIR"));
        let mut names: Vec<String> = std::fs::read_dir(path)
            .unwrap()
            .map(|entry| format!("{folder}/{}", entry.unwrap().file_name().into_string().unwrap()))
            .collect();
        names.sort();
        for name in names {
            let told = outcome([recorded(&name)]);
            let short: String =
                told.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(150).collect();
            table += &format!("{name}: {short}\n");
        }
    }
    assert_eq!(table, include_str!("../fixtures/wire/outcomes.txt"), "\n{table}");
}

#[test]
fn a_reply_is_the_same_however_its_bytes_arrive() {
    let text = "naïve 日本語 👩‍💻 done";
    let whole: Vec<u8> =
        [says("naïve "), says("日本語 "), says("👩‍💻 "), says("done")].concat().replace('\n', "\r\n").into();
    for size in [1, 2, 3, 7, 64, 4096] {
        let mut acts = vec![stream_head()];
        acts.extend(whole.chunks(size).map(chunk));
        acts.extend(ends("stop"));
        assert_eq!(outcome([acts]), format!("ok Stop | {text}"), "{size} bytes a write");
    }
}

#[test]
fn leaving_early_keeps_the_text_and_frees_the_server_at_once() {
    let server = Server::start([half(vec![Act::Stall])]);
    let patient = Timing { first_byte: Duration::from_secs(60), idle: Duration::from_secs(60), ..QUICK };
    let client = client(&server).with_timing(patient);
    let (cancel, mut shown) = (Cancel::new(), String::new());
    let error = client
        .complete(&request(), &cancel, &mut |delta| {
            shown.push_str(delta);
            if shown == "half of " {
                cancel.cancel();
            }
        })
        .expect_err("interrupted");
    assert!(error.is_cancelled());
    assert_eq!((error.partial(), shown.as_str()), ("half of ", "half of "));
    assert_eq!(server.wait_until_left(), 0);
}

#[test]
fn a_cancel_from_another_thread_ends_a_silent_wait() {
    let server = Server::start([vec![Act::Stall]]);
    let patient = Timing { first_byte: Duration::from_secs(60), ..QUICK };
    let client = client(&server).with_timing(patient);
    let cancel = Cancel::new();
    std::thread::scope(|scope| {
        let call = scope.spawn(|| client.complete(&request(), &cancel, &mut |_| ()));
        while server.requests().is_empty() {
            std::thread::yield_now();
        }
        cancel.cancel();
        assert!(call.join().unwrap().expect_err("interrupted").is_cancelled());
    });
    server.wait_until_left();
}

#[test]
fn comments_count_as_life() {
    let mut acts = vec![stream_head(), chunk(says("a "))];
    // Each pause is under the limit of a second; all together are over it.
    for _ in 0..5 {
        acts.extend([Act::Pause(Duration::from_millis(300)), chunk(": keep-alive\n\n")]);
    }
    acts.push(chunk(says("b")));
    acts.extend(ends("stop"));
    let server = Server::start([acts]);
    let patient = Timing { idle: Duration::from_secs(1), first_byte: Duration::from_secs(1), ..QUICK };
    let reply = ask(&client(&server).with_timing(patient), &request()).0.expect("a whole reply");
    assert_eq!(reply.text, "a b");
}

#[test]
fn what_was_shown_is_never_shown_again_by_a_retry() {
    let server = Server::start([half(vec![Act::Close]), reply("Whole reply.")]);
    let (result, shown) = ask(&client(&server), &request());
    assert_eq!((result.is_err(), shown.as_str()), (true, "half of "));
    assert_eq!(server.requests().len(), 1);

    let server = Server::start([half(vec![Act::Close]), reply("Whole reply.")]);
    let whole = ChatRequest { delivery: Delivery::Whole, ..request() };
    let reply = ask(&client(&server), &whole).0.expect("a reply");
    assert_eq!((reply.text.as_str(), reply.requests), ("Whole reply.", 2));
}

#[test]
fn a_refused_field_is_left_out_and_the_server_remembered() {
    let refuse = |body: &str| plain(400, "", body);
    let server = Server::start([
        refuse(
            r#"{"error":{"message":"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.","param":"max_tokens"}}"#,
        ),
        refuse(r#"{"error":{"message":"Unsupported value: 'temperature'","param":"temperature"}}"#),
        reply("Hi"),
    ]);
    let request = ChatRequest { temperature: Some(0.0), max_output_tokens: Some(50), ..request() };
    let first = ask(&client(&server), &request).0.expect("a reply");
    let second = ask(&client(&server), &request).0.expect("a reply");
    assert_eq!((first.requests, second.requests), (3, 1));
    let last = server.requests().pop().expect("a request").json();
    assert_eq!(
        (&last["max_completion_tokens"], last.get("max_tokens"), last.get("temperature")),
        (&50.into(), None, None)
    );
}

#[test]
fn json_is_asked_for_more_and_more_gently() {
    let server = Server::start([
        recorded("llama_cpp_python/json_schema.resp"),
        plain(400, "", r#"{"error":"'response_format.type' must be 'json_schema' or 'text'"}"#),
        reply("```json\n{\"level\": 7}\n```"),
        reply("<think>hm {\"level\": 1}</think>{\"level\": 3}"),
    ]);
    let schema = Schema { name: "grade", schema: serde_json::json!({"type": "object"}) };
    let request = ChatRequest { schema: Some(schema), ..request() };
    let judged = complete_json(&client(&server), &request, &Cancel::new(), &|value| {
        value["level"]
            .as_u64()
            .filter(|level| *level < 5)
            .ok_or_else(|| vec!["level must be 1 to 4".to_owned()])
    });
    assert_eq!(judged.expect("a level").value, 3);
    let formats: Vec<_> =
        server.requests().iter().map(|request| request.json()["response_format"]["type"].clone()).collect();
    assert_eq!(
        formats,
        [
            serde_json::json!("json_schema"),
            "json_object".into(),
            serde_json::Value::Null,
            serde_json::Value::Null
        ]
    );
}

#[test]
fn a_connection_is_used_again_and_a_dead_one_replaced() {
    let server = Server::start([
        reply("one"),
        reply("two"),
        [reply("three"), vec![Act::Close]].concat(),
        reply("four"),
    ]);
    let client = client(&server);
    for want in ["one", "two", "three", "four"] {
        assert_eq!(ask(&client, &request()).0.expect("a reply").text, want);
    }
    let connections: Vec<usize> = server.requests().iter().map(|request| request.connection).collect();
    assert_eq!(connections[..3], [0, 0, 0]);
    assert_eq!(connections.last(), Some(&1));
}

#[test]
fn forty_callers_are_served_at_once() {
    let server = Server::start([reply("Hi there.")]);
    let client = client(&server);
    let done = Mutex::new(0);
    std::thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(|| {
                assert_eq!(ask(&client, &request()).0.expect("a reply").text, "Hi there.");
                *done.lock().unwrap() += 1;
            });
        }
    });
    assert_eq!(*done.lock().unwrap(), 40);
}

#[test]
fn the_key_goes_into_one_header_and_to_one_host() {
    let other = Server::start([reply("stolen")]);
    let to = format!("Location: {}/chat/completions\r\n", other.base_url());
    let server = Server::start([plain(307, &to, ""), reply("Hi")]);
    let client = client(&server);
    ask(&client, &request()).0.expect_err("a redirect is not followed");
    assert_eq!(other.requests().len(), 0);
    ask(&client, &request()).0.expect("a reply");
    let sent = server.requests().pop().expect("a request");
    assert_eq!(sent.head.matches("sk-very-secret-42").count(), 1);
    assert!(sent.head.contains("authorization: Bearer sk-very-secret-42\r\n"), "{}", sent.head);
    assert!(!sent.body.contains("sk-very-secret-42"));
    assert!(!format!("{client:?}").contains("sk-very-secret-42"));
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let profile = Profile::new(&format!("http://127.0.0.1:{port}"), Source::Default);
    let choice = ModelChoice { profile_name: "test".to_owned(), model: Some("m".to_owned()), profile };
    let client = OpenAi::new(choice, &environment()).with_timing(QUICK);
    let error = ask(&client, &request()).0.expect_err("nobody listens");
    let told = error.to_string();
    assert!(told.starts_with(&format!("http://127.0.0.1:{port} cannot be reached: ")), "{told}");
    assert_eq!(error.kind(), "unreachable");
}

#[test]
fn without_a_model_the_servers_first_is_taken() {
    let server =
        Server::start([plain(200, "", r#"{"data":[{"id":"local","meta":{"n_ctx":4096}}]}"#), reply("Hi")]);
    let profile = Profile::new(&server.base_url(), Source::Default);
    let choice = ModelChoice { profile_name: "test".to_owned(), model: None, profile };
    let client = OpenAi::new(choice, &environment()).with_timing(QUICK);
    ask(&client, &request()).0.expect("a reply");
    assert_eq!((client.name().as_str(), client.context_window()), ("test:local", 4096));
    assert!(!server.requests()[1].head.to_lowercase().contains("authorization"), "no key, no header");
}

#[test]
fn a_prompt_that_the_server_cut_silently_is_noticed() {
    let usage = |prompt: u32| {
        let event =
            serde_json::json!({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": 1}});
        let mut acts = vec![stream_head(), chunk(says("Hi")), chunk(format!("data: {event}\n\n"))];
        acts.extend(ends("stop"));
        acts
    };
    let long = ChatRequest {
        messages: vec![Message::user("where do we keep the sessions? ".repeat(2000))],
        ..request()
    };
    let server = Server::start([usage(4096), usage(14_000)]);
    let client = client(&server);
    assert!(ask(&client, &long).0.expect("a reply").prompt_was_cut);
    let whole = ask(&client, &long).0.expect("a reply");
    assert!(!whole.prompt_was_cut);
    assert_eq!(whole.finish, Finish::Stop);
}
