//! Killed at any moment: what was acknowledged is there, the database is sound, and the work goes on.
//!
//! A turn counts as acknowledged once anything that follows it was printed, a grade once its line was.

use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use greenroom::interview::{Event, SessionState, State};
use greenroom::store::Store;
use greenroom::transcript::Speaker;

use crate::support::{Chance, Home, Ran, assert_sound};

/// Kills of each command in `cargo test`; `GREENROOM_KILLS` sets another number for the one that is ignored.
const FEW: u32 = 10;
const TURNS: usize = 8;
const LINES: usize = 60;

fn turn(number: usize) -> String {
    format!("In step {number} we keep the links in a table of their own, sharded by the hash of the code.")
}

/// Turns from the one numbered `from`, each followed by a command that prints.
fn turns(from: usize) -> String {
    (from..TURNS).map(|number| format!("{}\n\n/time\n\n", turn(number))).collect()
}

/// Runs a command with `input` and kills it after `wait`, if it is not over by then.
fn killed(home: &Home, arguments: &[&str], input: String, wait: Duration) -> (bool, Ran) {
    let mut command = home.command(arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, input.as_bytes()));
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (ending, ended) = channel::<()>();
    let out = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = out.read_to_end(&mut bytes);
        drop(ending);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let err = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = err.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    // The moment is the test's: it waits for nothing.
    let was_killed = ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) && child.kill().is_ok();
    let status = child.wait().unwrap();
    let _ = writer.join();
    let ran = Ran { code: status.code().unwrap_or(-1), out: out.join().unwrap(), err: err.join().unwrap() };
    (was_killed && ran.code == -1, ran)
}

/// Random moments up to a little after the end of a run that is left alone.
struct Moments {
    chance: Chance,
    whole: Duration,
}

impl Moments {
    #[allow(clippy::disallowed_methods, reason = "only the moments of the kills depend on it")]
    fn of(seed: u64, run: impl Fn()) -> Self {
        let begun = Instant::now();
        run();
        Self { chance: Chance(seed), whole: begun.elapsed() }
    }

    fn next(&mut self) -> Duration {
        self.whole.mul_f64(self.chance.below(1100) as f64 / 1000.0)
    }
}

/// What the candidate said in each session, and its state.
fn sessions(home: &Home) -> Vec<(String, State)> {
    let store = Store::open(home.path()).unwrap();
    let listed = store.list().unwrap();
    let state = |id: String| {
        let state = State::replay(&store.read(&id).unwrap()).unwrap();
        (id, state)
    };
    listed.into_iter().map(|listed| state(listed.id)).collect()
}

fn said(state: &State) -> Vec<String> {
    let turns = state.said.iter().filter(|said| said.speaker == Speaker::Candidate);
    turns.map(|said| said.text.clone()).collect()
}

/// Did the interview reach its end?
fn is_over(home: &Home, id: &str) -> bool {
    let state = Store::open(home.path()).unwrap().find(id).unwrap().summary.state;
    matches!(state, SessionState::Finished | SessionState::Ended)
}

/// Kills interviews; returns how many kills met a process alive.
fn kill_interviews(count: u32) -> u32 {
    let begin = ["interview", "url-shortener", "--coach", "embedded"];
    let mut moments = Moments::of(1, || assert_eq!(Home::new().run(&begin, turns(0)).code, 0));
    let mut met = 0;
    for _ in 0..count {
        let home = Home::new();
        let (was_killed, ran) = killed(&home, &begin, turns(0), moments.next());
        met += u32::from(was_killed);
        assert_sound(&home);
        let acknowledged = ran.err.matches("Left: ").count();
        let Some((id, state)) = sessions(&home).pop() else {
            assert_eq!(acknowledged, 0, "{ran:?}");
            continue;
        };
        let kept = said(&state);
        assert!(kept.len() >= acknowledged, "{} of {acknowledged} turns are kept: {ran:?}", kept.len());
        assert!(kept.iter().cloned().eq((0..kept.len()).map(turn)), "{kept:?}");
        if !is_over(&home, &id) {
            let (_, ran) = killed(&home, &["interview", "--resume"], turns(kept.len()), moments.next());
            assert_sound(&home);
            let again = said(&sessions(&home).pop().unwrap().1).len();
            assert!(again >= kept.len() + ran.err.matches("Left: ").count(), "{ran:?}");
            if !is_over(&home, &id) {
                let ran = home.run(&["interview", "--resume"], turns(again));
                assert_eq!(ran.code, 0, "{ran:?}");
            }
        }
        let (_, state) = sessions(&home).pop().unwrap();
        assert!(said(&state).into_iter().eq((0..TURNS).map(turn)), "each turn once, in order");
        // Killed after its end and before its grade, it is graded when somebody asks.
        let report = home.run(&["report", &id, "--grade", "--coach", "embedded", "--format", "json"], "");
        assert_eq!(report.json()["grader"], greenroom::grading::Grader::embedded().to_string());
    }
    met
}

/// Kills the grading of single answers, all in one history.
fn kill_answers(count: u32) -> u32 {
    let arguments = ["answer", "cdn", "--coach", "embedded", "--format", "json"];
    let text = "A CDN keeps copies close to users, so that pages load faster and the origin is spared.";
    let home = Home::new();
    let mut moments = Moments::of(2, || assert_eq!(home.run(&arguments, text).code, 0));
    let mut known = sessions(&home).len();
    let mut met = 0;
    for _ in 0..count {
        let (was_killed, ran) = killed(&home, &arguments, text.to_owned(), moments.next());
        met += u32::from(was_killed);
        assert_sound(&home);
        let store = Store::open(home.path()).unwrap();
        let listed = store.list().unwrap();
        let log = match listed.len() - known {
            0 => Vec::new(),
            1 => store.read(&listed[0].id).unwrap(),
            more => panic!("{more} sessions of one answer"),
        };
        known = listed.len();
        if ran.out.ends_with("}\n") {
            assert!(
                log.iter()
                    .any(|record| matches!(&record.event, Event::Answered { text: kept } if kept == text))
            );
            assert!(log.iter().any(|record| matches!(record.event, Event::AnswerGraded { .. })), "{ran:?}");
        }
    }
    assert_eq!(home.run(&arguments, text).code, 0);
    met
}

/// Kills bulk grading, and the runs that go on with it.
fn kill_gradings(count: u32) -> u32 {
    let line = |id: usize| {
        serde_json::json!({"id": id, "question_id": "cdn", "question": "What is a CDN?",
            "answer": format!("It keeps copies close to users, at place {id}.")})
    };
    let answers: String = (0..LINES).map(|id| format!("{}\n", line(id))).collect();
    let arguments = ["grade", "answers.jsonl", "--out", "grades.jsonl", "--coach", "embedded"];
    let prepared = || {
        let home = Home::new();
        std::fs::write(home.path().join("answers.jsonl"), &answers).unwrap();
        home
    };
    let whole = prepared();
    let mut moments = Moments::of(3, || assert_eq!(whole.run(&arguments, "").code, 0));
    let read = |home: &Home| std::fs::read_to_string(home.path().join("grades.jsonl")).unwrap_or_default();
    let want = read(&whole);
    let (mut met, mut left) = (0, count);
    while left > 0 {
        let home = prepared();
        for _ in 0..left.min(3) {
            let (was_killed, _) = killed(&home, &arguments, String::new(), moments.next());
            met += u32::from(was_killed);
            left -= 1;
            let text = read(&home);
            let stands = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
            assert!(want.starts_with(stands), "what stands is what an undisturbed run writes");
        }
        let ran = home.run(&arguments, "");
        assert_eq!((ran.code, read(&home) == want), (0, true), "{ran:?}");
        assert!(!Path::new(&home.path().join("grades.jsonl.resume")).exists());
    }
    met
}

/// Kills reviews, all in one history.
fn kill_reviews(count: u32) -> u32 {
    let home = Home::new();
    let talk: String = (0..TURNS)
        .map(|number| {
            format!("Interviewer: How would you store step {number}?\n\nCandidate: {}\n\n", turn(number))
        })
        .collect();
    std::fs::write(home.path().join("talk.md"), format!("# URL shortener\n\n{talk}")).unwrap();
    let arguments = ["review", "talk.md", "--coach", "embedded", "--format", "json"];
    let mut moments = Moments::of(4, || assert_eq!(home.run(&arguments, "").code, 0));
    let mut known = sessions(&home).len();
    let mut met = 0;
    for _ in 0..count {
        let (was_killed, ran) = killed(&home, &arguments, String::new(), moments.next());
        met += u32::from(was_killed);
        assert_sound(&home);
        let store = Store::open(home.path()).unwrap();
        let listed = store.list().unwrap();
        let new = listed.len() - known;
        known = listed.len();
        let is_graded = |id: &str| {
            store.read(id).unwrap().iter().any(|record| matches!(record.event, Event::Graded { .. }))
        };
        if new == 0 {
            assert!(ran.out.is_empty(), "{ran:?}");
        } else if !is_graded(&listed[0].id) {
            assert!(ran.out.is_empty(), "{ran:?}");
            let again = home.run(&["report", &listed[0].id, "--grade", "--coach", "embedded"], "");
            assert_eq!(again.code, 0, "{again:?}");
            assert!(is_graded(&listed[0].id));
        }
        if new > 0 {
            let state = State::replay(&store.read(&listed[0].id).unwrap()).unwrap();
            assert!(said(&state).into_iter().eq((0..TURNS).map(turn)), "the whole transcript or none of it");
        }
    }
    met
}

#[test]
fn an_interview_that_is_killed_keeps_each_turn_and_goes_on() {
    assert!(kill_interviews(FEW) > 0);
}

#[test]
fn an_answer_whose_grading_is_killed_is_kept() {
    assert!(kill_answers(FEW) > 0);
}

#[test]
fn bulk_grading_that_is_killed_goes_on_to_the_same_bytes() {
    assert!(kill_gradings(FEW) > 0);
}

#[test]
fn a_review_that_is_killed_is_kept_whole_and_graded_later() {
    assert!(kill_reviews(FEW) > 0);
}

/// Kills a command so often; returns how many kills met a process alive.
type Kill = fn(u32) -> u32;

/// `GREENROOM_KILLS=250 cargo test --release --test it -- --ignored --nocapture kills`
#[test]
#[ignore = "takes minutes"]
#[allow(clippy::disallowed_methods, reason = "whoever runs it says how often")]
fn a_thousand_kills() {
    let count = std::env::var("GREENROOM_KILLS").map_or(250, |text| text.parse().expect("a number"));
    let commands: [(_, Kill); 4] = [
        ("interview", kill_interviews),
        ("answer", kill_answers),
        ("grade", kill_gradings),
        ("review", kill_reviews),
    ];
    for (name, kill) in commands {
        let met = kill(count);
        println!("{name}: {count} kills, {met} met the process alive; nothing lost, all sound, all resumed");
    }
}
