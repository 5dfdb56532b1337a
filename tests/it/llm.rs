//! Interviews held by a language model: what the server is sent, what is shown, what is kept.

use crate::support::server::{Act, Answer, Request, Server, plain, reply, says, stream_head};
use crate::support::{Home, Ran};

/// Given, so that the server is not asked for it.
const WINDOW: &str = "context_window = 32000\n";
const KEY: &str = "sk-very-secret-42";

/// A grade that fits every criterion; its quote is in the turns below.
const GRADE: &str = r#"{"evidence":[{"turn":2,"quote":"we keep the links in a table","shows":"storage"}],"points":[],"reasoning":"It fits.","raised":true,"level":3,"strengths":["You name the table."],"improvements":["Say how large it gets."],"speaks_to_grader":false}"#;

fn turns(count: usize) -> String {
    (0..count).map(|n| format!("In step {n} we keep the links in a table.\n\n")).collect()
}

fn home(server: &Server, more: &str) -> Home {
    Home::with_model(server, &format!("api_key_env = \"TEST_KEY\"\n{more}"))
}

fn run(home: &Home, arguments: &[&str], input: &str) -> Ran {
    home.run_with(arguments, input, &[("TEST_KEY", KEY)])
}

/// Questions that differ, so that none counts as repeated.
fn questions(count: usize) -> Vec<Answer> {
    const ABOUT: [&str; 10] =
        ["growth", "failures", "clients", "money", "people", "names", "limits", "order", "dates", "places"];
    const VERBS: [&str; 7] = ["shape", "slow", "threaten", "simplify", "delay", "break", "change"];
    (0..count)
        .map(|n| reply(&format!("#none\nFine. How would {} {} step {n}?", ABOUT[n % 10], VERBS[n % 7])))
        .collect()
}

fn chat(server: &Server) -> Vec<Request> {
    server.requests().into_iter().filter(|request| request.head.starts_with("POST")).collect()
}

fn prompt(request: &Request) -> String {
    let json = request.json();
    let messages = json["messages"].as_array().expect("messages");
    messages
        .iter()
        .map(|m| format!("\u{1}{}\u{2}{}", m["role"], m["content"].as_str().unwrap_or("")))
        .collect()
}

fn is_interviewer(request: &Request) -> bool {
    request.body.contains("You are the interviewer")
}

#[test]
fn a_model_interviews_and_grades_on_words_that_were_said() {
    let server = Server::start([questions(3), vec![reply(GRADE)]].concat());
    let home = home(&server, "context_window = 32000\nprice_input = 1.0\nprice_output = 2.0\n");
    let ran = run(&home, &["interview", "url-shortener", "--format", "json"], &turns(3));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.err.contains(&server.base_url().replace("/v1", "")),
        "the first line names the host: {}",
        ran.err
    );
    let report = ran.json();
    let grader = report["grader"].as_str().expect("a grader");
    assert!(grader.starts_with("llm:test:m@"), "{grader}");
    for criterion in report["criteria"].as_array().expect("criteria") {
        assert_eq!(
            (&criterion["level"], &criterion["evidence"][0]["quote"]),
            (&3.into(), &"we keep the links in a table".into())
        );
    }
    assert!(!ran.out.contains("#none") && !ran.err.contains("#none"), "tags are not shown");
}

#[test]
fn the_key_is_in_no_file_no_message_and_no_argument() {
    let refused = plain(
        401,
        "",
        &format!(r#"{{"error":{{"message":"Incorrect key {KEY}","code":"invalid_api_key"}}}}"#),
    );
    let server = Server::start([questions(1), vec![refused]].concat());
    let home = home(&server, WINDOW);
    for arguments in
        [&["interview", "url-shortener", "-vv"][..], &["doctor"], &["config", "show"], &["sessions", "list"]]
    {
        let ran = run(&home, arguments, &turns(2));
        assert!(!ran.out.contains(KEY) && !ran.err.contains(KEY), "{arguments:?}: {ran:?}");
    }
    let mut folders = vec![home.path().to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            files += 1;
            let bytes = std::fs::read(entry.path()).unwrap();
            assert!(!bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes()), "{:?}", entry.path());
        }
    }
    assert!(files > 1, "a configuration and a database");
}

#[test]
fn a_provider_that_fails_loses_no_turn_and_the_interview_goes_on() {
    let dead = plain(401, "", r#"{"error":{"message":"expired","code":"invalid_api_key"}}"#);
    let server = Server::start([questions(1), vec![dead]].concat());
    let home = home(&server, WINDOW);
    let ran = run(&home, &["interview", "url-shortener"], &turns(3));
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.err.contains("did not accept the API key") && ran.err.contains("--resume"), "{}", ran.err);

    let ran = run(&home, &["interview", "--resume", "--coach", "embedded", "--format", "json"], "");
    assert_eq!(ran.code, 0, "{ran:?}");
    let id = ran.json()["session_id"].as_str().expect("an id").to_owned();
    let log = run(&home, &["sessions", "export", &id], "").out;
    for kept in ["In step 0 we keep", "In step 1 we keep", "coach_failed"] {
        assert!(log.contains(kept), "{kept}");
    }
}

#[test]
fn what_is_sent_begins_with_what_was_sent_before() {
    let count = 60;
    let server = Server::start([questions(count), vec![reply(GRADE)]].concat());
    let home = home(&server, "context_window = 128000\n");
    let ran = run(&home, &["interview", "url-shortener"], &turns(count));
    assert_eq!(ran.code, 0, "{ran:?}");
    let prompts: Vec<String> = chat(&server).iter().filter(|r| is_interviewer(r)).map(prompt).collect();
    assert!(prompts.len() >= count, "{}", prompts.len());
    for pair in prompts.windows(2) {
        let same = pair[0].bytes().zip(pair[1].bytes()).take_while(|(a, b)| a == b).count();
        let share = same as f64 / pair[1].len() as f64;
        assert!(share >= 0.97, "{share:.4}: {}", &pair[1][same..]);
    }
}

#[test]
fn forty_turns_fit_a_context_of_4k_and_the_log_says_what_was_condensed() {
    let long = "We keep the links in a table with the code as its key. ".repeat(6);
    let input: String =
        (0..40).map(|n| format!("In step {n} we keep the links in a table. {long}\n\n")).collect();
    // Whatever is asked, also for a summary: a question that passes, or a grade at the end.
    let mut answers = questions(200);
    answers.push(reply(GRADE));
    let server = Server::start(answers);
    let home = home(&server, "context_window = 4096\n");
    let ran = run(&home, &["interview", "url-shortener", "--minutes", "45"], &input);
    // The scripted questions are no grades: the session ends well without one.
    let log = run(&home, &["sessions", "list", "--format", "json"], "").json();
    let id = log[0]["id"].as_str().expect("a session").to_owned();
    let log = run(&home, &["sessions", "export", &id], "").out;
    assert!(log.contains("In step 39 we keep"), "{ran:?}");
    let condensed = log.lines().filter(|line| line.contains("\"condensed\"")).count();
    assert!(condensed > 0, "nothing was condensed");
    for request in chat(&server).iter().filter(|request| is_interviewer(request)) {
        let bytes = prompt(request).len();
        assert!(bytes / 4 < 4096, "{bytes} bytes sent to a context of 4096 tokens");
    }
}

#[test]
fn a_reply_that_gives_a_point_away_is_asked_for_again_and_never_shown() {
    let leak = "#none\nUse a counter service that hands out ranges of numbers, and encode them in base62 so that codes never collide.";
    let server =
        Server::start([reply(leak), reply("#none\nI see. What worries you most there?"), reply(GRADE)]);
    let home = home(&server, WINDOW);
    let ran = run(&home, &["interview", "url-shortener"], &turns(1));
    assert!(!ran.out.contains("base62"), "{}", ran.out);
    assert!(ran.out.contains("What worries you most there?"), "{}", ran.out);
    assert!(
        ran.out.contains("llm:test:m: 1 reply shown; 50.0 % would have given a point away"),
        "{}",
        ran.out
    );
    let report = run(&home, &["report", "--format", "json"], "").json();
    assert_eq!(
        (&report["interviewer"]["leak_rate"], &report["interviewer"]["corrected"]["leak"]),
        (&0.5.into(), &1.into())
    );
    let second = prompt(&chat(&server)[1]);
    assert!(second.contains("it said something that the candidate has to find"), "{second}");
    assert!(!second.contains("base62 so that codes never"), "the bad reply is not sent back");
}

#[test]
fn a_task_in_free_words_becomes_an_interview_whose_brief_nobody_sees() {
    let fact = |n: usize| serde_json::json!({"id": format!("fact-{n}"), "asks": ["how many cars"], "answer": format!("It has {n} floors.")});
    let frame = serde_json::json!({
        "title": "Parking garage", "statement": "Design the software of a large parking garage.",
        "facts": (0..12).map(fact).collect::<Vec<_>>(), "change": "Bookings come a day ahead now.",
        "failures": [{"id": "gate", "scenario": "The gate loses its network. What happens?"}],
        "mid": "Works.", "senior": "Drives.", "staff": "Sees all.",
    });
    let agenda = |phase: usize| {
        let point = |n: usize| {
            serde_json::json!({
                "id": format!("spot-{phase}-{n}"), "criterion": "scalability", "level": "senior",
                "text": format!("Takes spot {phase} {n} with a row lock so that no two cars get it."),
                "says": ["lock the row", "take the spot once"],
                "probe": format!("What happens in case {phase} {n} when two cars come at once?"),
                "hints": ["Think of two gates.", "One place, two writers.", "A lock on it decides."],
            })
        };
        serde_json::json!({"points": (0..6).map(point).collect::<Vec<_>>()})
    };
    let mut answers = vec![reply(&frame.to_string())];
    answers.extend((0..4).map(|phase| reply(&agenda(phase).to_string())));
    answers.extend(questions(1));
    answers.push(reply(GRADE));
    let server = Server::start(answers);
    let ran = run(&home(&server, WINDOW), &["interview", "Design a parking garage"], &turns(1));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("Design the software of a large parking garage."), "{}", ran.out);
    let conversation = ran.out.split("Fine. How would").next().expect("a beginning");
    assert!(!conversation.contains("row lock") && !ran.err.contains("row lock"), "{ran:?}");
    let interviewer =
        prompt(chat(&server).iter().find(|request| is_interviewer(request)).expect("a request"));
    assert!(interviewer.contains("It has 3 floors.") && interviewer.contains("row lock"));
}

#[test]
fn a_reply_cut_before_its_question_still_asks_one() {
    let leak =
        "#none\nI see. Would base62 codes from a counter that hands out ranges of numbers never collide?";
    let again = "#none\nAll right. What worries you most there?";
    let server = Server::start([reply(leak), reply(again), reply(GRADE)]);
    let ran = run(&home(&server, WINDOW), &["interview", "url-shortener"], &turns(1));
    assert!(ran.out.contains("I see. What worries you most there?"), "{}", ran.out);
    let server = Server::start([reply(leak), reply(leak), reply(GRADE)]);
    let ran = run(&home(&server, WINDOW), &["interview", "url-shortener"], &turns(1));
    assert!(!ran.out.contains("base62") && ran.out.contains("I see. Before we go on"), "{}", ran.out);
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_a_reply_and_never_the_session() {
    let half =
        vec![stream_head(), crate::support::server::chunk(says("#none\nI see. And what ")), Act::Stall];
    let server = Server::start([vec![half], questions(1), vec![reply(GRADE)]].concat());
    let home = home(&server, WINDOW);
    let mut child = home
        .command(&["interview", "url-shortener"])
        .env("TEST_KEY", KEY)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), turns(2).as_bytes()).unwrap();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut said = Vec::new();
    while !String::from_utf8_lossy(&said).contains("I see.") {
        let bytes = std::io::BufRead::fill_buf(&mut out).unwrap().to_vec();
        assert!(!bytes.is_empty(), "{}", String::from_utf8_lossy(&said));
        std::io::BufRead::consume(&mut out, bytes.len());
        said.extend(bytes);
    }
    let interrupt = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupt.unwrap().success());
    server.wait_until_left();
    std::io::Read::read_to_end(&mut out, &mut said).unwrap();
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&said).into_owned();
    let told = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(said.contains("Fine. How would"), "the second turn is answered: {said}");
    assert!(told.contains("Stopped; your turn is kept."), "{told}");
    assert_eq!(ended.status.code(), Some(0), "{told}");
}

#[test]
fn a_reply_that_breaks_off_keeps_what_was_shown() {
    let half =
        vec![stream_head(), crate::support::server::chunk(says("#none\nI see. And what ")), Act::Close];
    let server = Server::start([half]);
    let home = home(&server, WINDOW);
    let ran = run(&home, &["interview", "url-shortener"], &turns(1));
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.out.contains("I see."), "{}", ran.out);
    let log = run(&home, &["sessions", "list", "--format", "json"], "").json();
    let log = run(&home, &["sessions", "export", log[0]["id"].as_str().unwrap()], "").out;
    assert!(log.contains("\"partial\":true"));
}

#[test]
fn the_limit_of_cost_stops_before_it_is_passed() {
    let server = Server::start([questions(9), vec![reply(GRADE)]].concat());
    let home = home(&server, "context_window = 32000\nprice_input = 1000.0\nprice_output = 1000.0\n");
    let ran = run(&home, &["interview", "url-shortener", "--max-cost", "0.01"], &turns(2));
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.err.contains("could pass the limit of $0.01"), "{}", ran.err);
    assert_eq!(chat(&server).len(), 0, "nothing was sent");
}

#[test]
fn a_doctor_says_what_works_and_what_to_type() {
    let server = Server::start([
        plain(200, "", r#"{"data":[{"id":"m","max_model_len":32768}]}"#),
        reply("one two three four"),
        reply(r#"{"answer":"yes","certainty":9}"#),
        plain(200, "", r#"{"data":[{"id":"m","max_model_len":32768}]}"#),
        reply("one"),
    ]);
    let home = home(&server, "");
    let ran = run(&home, &["doctor", "--format", "json"], "");
    assert_eq!(ran.code, 0, "{ran:?}");
    let json = ran.json();
    let checks: Vec<String> = json["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .map(|c| format!("{} {}", c["check"].as_str().unwrap(), c["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(
        checks,
        [
            "reachable ok",
            "key ok",
            "model ok",
            "streaming ok",
            "structured output ok",
            "context ok",
            "prompt cache warning"
        ]
    );

    let found = home.run(&["doctor", "--find", "--at", &server.base_url()], "");
    assert!(found.code == 0 || found.code == 1, "{found:?}");
}

#[test]
fn prompts_can_be_listed_and_replaced() {
    let server = Server::start([questions(1), vec![reply(GRADE)]].concat());
    let home = home(&server, WINDOW);
    let path = run(&home, &["prompt", "eject", "moment"], "").out.trim().to_owned();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("[{{ phase }}", "[OURS {{ phase }}")).unwrap();
    assert!(run(&home, &["prompt", "list"], "").out.contains("moment            yours"));
    run(&home, &["interview", "url-shortener"], &turns(1));
    assert!(prompt(&chat(&server)[0]).contains("[OURS Requirements:"));

    std::fs::write(&path, "{{ phse }}").unwrap();
    let ran = run(&home, &["interview", "url-shortener"], &turns(1));
    assert!(ran.err.contains("prompts/moment.md:1: `phse` is undefined"), "{}", ran.err);
}

#[test]
fn study_material_about_the_problem_is_sent_and_other_notes_stay_here() {
    let server = Server::start([questions(2), vec![reply(GRADE)]].concat());
    let home = home(&server, WINDOW);
    let notes = "# Short links\n\n## Codes\n\nA counter handed out in ranges gives short codes that never collide, said my colleague Ottilie.\n\n# Dinner\n\n## Soup\n\nBoil the beans for Hildegard until they are soft.\n";
    std::fs::write(home.path().join("notes.md"), notes).unwrap();
    assert_eq!(run(&home, &["material", "add", "notes.md"], "").code, 0);
    let ran = run(&home, &["interview", "url-shortener"], &turns(2));
    assert_eq!(ran.code, 0, "{ran:?}");
    let requests = chat(&server);
    let interviewer: Vec<&Request> = requests.iter().filter(|request| is_interviewer(request)).collect();
    assert!(interviewer.len() >= 2);
    for request in interviewer {
        assert!(request.body.contains("Ottilie") && !request.body.contains("Hildegard"), "{}", request.body);
    }
    let grading: Vec<&Request> =
        requests.iter().filter(|request| request.body.contains("You grade one criterion")).collect();
    assert!(grading.iter().any(|request| request.body.contains("Ottilie")), "no grader was given the notes");
    assert!(grading.iter().all(|request| !request.body.contains("Hildegard")));
    assert!(!ran.out.contains("Ottilie"), "{}", ran.out);
}

#[test]
fn notes_help_to_mark_a_question_that_has_no_reference() {
    let points = r#"{"points":[{"text":"It answers maybe or no.","weight":2}]}"#;
    let marks = r#"{"points":[{"number":1,"quote":"it says maybe","status":"covered"}],"errors":[],"kind":"answer","speaks_to_marker":false,"feedback":"Fine."}"#;
    let server = Server::start([reply(points), reply(marks)]);
    let home = home(&server, WINDOW);
    std::fs::write(
        home.path().join("notes.md"),
        "# Filters\n\n## Cuckoo filter\n\nA cuckoo filter, by Ottilie: buckets of fingerprints, with deletion.\n",
    )
    .unwrap();
    assert_eq!(run(&home, &["material", "add", "notes.md"], "").code, 0);
    let ran = run(&home, &["answer", "How does a cuckoo filter delete?"], "To a lookup it says maybe.");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(chat(&server)[0].body.contains("Ottilie"), "{}", chat(&server)[0].body);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_wait_for_a_server_that_tells_nothing() {
    use std::process::Stdio;
    let interrupted = |signal: &str, server: &Server, arguments: &[&str], input: &str| {
        let home = home(server, "");
        let mut child = home
            .command(arguments)
            .env("TEST_KEY", KEY)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
        server.wait_until_asked();
        let interrupt = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(interrupt.unwrap().success());
        server.wait_until_left();
        Ran::from(child.wait_with_output().unwrap())
    };
    let ran = interrupted("-INT", &Server::start([vec![Act::Stall]]), &["doctor"], "");
    assert_eq!(ran.code, 130, "{ran:?}");
    // The first thing that an interview asks for is how much the model holds.
    let listed = plain(200, "", r#"{"data":[{"id":"m","max_model_len":32768}]}"#);
    let server = Server::start([vec![vec![Act::Stall], listed], questions(1), vec![reply(GRADE)]].concat());
    let ran = interrupted("-INT", &server, &["interview", "url-shortener"], &turns(2));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("Stopped; your turn is kept."), "{}", ran.err);
    assert!(ran.out.contains("Fine. How would"), "the second turn is answered: {}", ran.out);
    // Whoever ends the program does not wait for a model, and the interview can be gone on with.
    let server = Server::start([vec![Act::Stall]]);
    let ran = interrupted("-TERM", &server, &["interview", "url-shortener"], &turns(2));
    assert_eq!(ran.code, 130, "{ran:?}");
    assert!(ran.err.contains("--resume"), "{}", ran.err);
}

#[test]
fn a_server_that_holds_less_than_was_thought_is_sent_less() {
    let overflow = plain(
        400,
        "",
        r#"{"error":{"message":"request (5922 tokens) exceeds the available context size (4096 tokens), try increasing it","type":"BadRequestError","code":"400"}}"#,
    );
    let server = Server::start([vec![overflow], questions(2), vec![reply(GRADE)]].concat());
    let home = home(&server, WINDOW);
    let ran = run(&home, &["interview", "url-shortener"], &turns(2));
    assert_eq!(ran.code, 0, "{ran:?}");
    let asked: Vec<usize> =
        chat(&server).iter().filter(|request| is_interviewer(request)).map(|r| prompt(r).len()).collect();
    assert!(asked[0] > 4096 * 4 && asked[1..].iter().all(|bytes| *bytes < 4096 * 4), "{asked:?}");
}
