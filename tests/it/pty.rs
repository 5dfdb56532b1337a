//! The interview in a real terminal: a pseudo-terminal, waited on for text, never slept at.

use std::error::Error;

use rexpect::session::{PtySession, spawn_command};

use crate::support::Home;
use crate::support::server::{Act, Answer, Server, chunk, plain, reply, says, stream_head};

/// Milliseconds to wait for a text before the test fails.
const PATIENCE: Option<u64> = Some(30_000);
/// Tokens that the model holds.
const WINDOW: &str = "context_window = 32000\n";

fn interview(home: &Home, more: &[&str]) -> Result<PtySession, Box<dyn Error>> {
    let mut arguments = vec!["interview"];
    arguments.extend(more);
    let mut command = home.command(&arguments);
    command.env("COLUMNS", "80");
    Ok(spawn_command(command, PATIENCE)?)
}

fn turns(home: &Home) -> u64 {
    home.run(&["sessions", "list", "--format", "json"], "").json()[0]["turns"].as_u64().unwrap()
}

#[test]
fn a_turn_is_answered_and_ctrl_d_saves() -> Result<(), Box<dyn Error>> {
    let home = Home::new();
    let mut terminal = interview(&home, &["url-shortener"])?;
    terminal.exp_string("[Requirements")?;
    terminal.send_line("How many users do you expect?")?;
    answered(&mut terminal)?;
    terminal.send_control('d')?;
    terminal.exp_string("Leave?")?;
    terminal.send_line("s")?;
    terminal.exp_string("--resume")?;
    terminal.exp_eof()?;
    assert_eq!(turns(&home), 1);
    Ok(())
}

#[test]
fn ctrl_c_at_the_prompt_never_ends_the_interview() -> Result<(), Box<dyn Error>> {
    let home = Home::new();
    let mut terminal = interview(&home, &["url-shortener"])?;
    terminal.exp_string("[Requirements")?;
    terminal.send("half a thought")?;
    terminal.flush()?;
    terminal.send_control('c')?;
    terminal.exp_string("Ctrl-C stops a reply")?;
    terminal.send_control('c')?;
    terminal.exp_string("Ctrl-C stops a reply")?;
    leave(&mut terminal)
}

#[test]
fn a_paste_of_five_hundred_lines_is_one_turn() -> Result<(), Box<dyn Error>> {
    let home = Home::new();
    let mut terminal = interview(&home, &["url-shortener"])?;
    terminal.exp_string("[Requirements")?;
    terminal.send("\x1b[200~")?;
    for line in 0..500 {
        terminal.send(&format!("line {line} of a design\n"))?;
    }
    terminal.send("\x1b[201~")?;
    terminal.flush()?;
    terminal.exp_string("line 499")?;
    terminal.send_line("")?;
    answered(&mut terminal)?;
    leave(&mut terminal)?;
    assert_eq!(turns(&home), 1);
    let id = home.session();
    let shown = home.run(&["sessions", "show", &id], "").out;
    assert!(shown.contains("line 0 of a design") && shown.contains("line 499 of a design"));
    Ok(())
}

#[test]
fn a_draft_survives_a_kill() -> Result<(), Box<dyn Error>> {
    let home = Home::new();
    let mut terminal = interview(&home, &["url-shortener"])?;
    terminal.exp_string("[Requirements")?;
    terminal.send("half a thought about caching")?;
    terminal.flush()?;
    terminal.exp_string("caching")?;
    // The draft is on disk when the database says so.
    let database = rusqlite::Connection::open(home.path().join("greenroom.db"))?;
    for _ in 0..600 {
        let kept: Result<String, _> =
            database.query_row("SELECT draft FROM heartbeats", [], |row| row.get(0));
        if kept.is_ok_and(|draft| draft.contains("caching")) {
            break;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(50));
    }
    terminal.process_mut().kill("SIGKILL".parse().unwrap())?;
    let mut terminal = interview(&home, &["--resume"])?;
    terminal.exp_string("half a thought about caching")?;
    terminal.send_line("")?;
    answered(&mut terminal)?;
    terminal.send_line("/save")?;
    terminal.exp_eof()?;
    assert_eq!(turns(&home), 1);
    Ok(())
}

#[test]
fn commands_complete_and_help_fits_a_screen() -> Result<(), Box<dyn Error>> {
    let home = Home::new();
    let mut terminal = interview(&home, &["url-shortener"])?;
    terminal.exp_string("[Requirements")?;
    terminal.send_line("/ti\t")?;
    terminal.exp_string("Left:")?;
    terminal.send_line("/help")?;
    let help = terminal.exp_string("/quit")?;
    assert!(help.lines().count() < 24, "{help}");
    terminal.send_line("/save")?;
    terminal.exp_eof()?;
    Ok(())
}

#[test]
fn a_warning_leaves_what_is_being_typed_alone() -> Result<(), Box<dyn Error>> {
    let home = Home::new();
    // The first phase of a one-minute interview takes eight seconds; its last fifth begins after six.
    let mut terminal = interview(&home, &["url-shortener", "--minutes", "1"])?;
    terminal.exp_string("[Requirements")?;
    terminal.send("How many users")?;
    terminal.flush()?;
    terminal.exp_string("left in Requirements")?;
    terminal.exp_string("How many users")?;
    terminal.send_line(" do you expect?")?;
    answered(&mut terminal)?;
    terminal.send_line("/save")?;
    terminal.exp_eof()?;
    let id = home.session();
    assert!(home.run(&["sessions", "show", &id], "").out.contains("How many users do you expect?"));
    Ok(())
}

/// An interview whose model's server refuses the first request and serves the others.
fn refused_once(then: Vec<Answer>) -> Result<(Home, PtySession, Server), Box<dyn Error>> {
    let refused = plain(401, "", r#"{"error":{"message":"expired","code":"invalid_api_key"}}"#);
    let server = Server::start([vec![refused], then].concat());
    let home = Home::with_model(&server, WINDOW);
    let mut terminal = interview(&home, &["url-shortener"])?;
    terminal.exp_string("[Requirements")?;
    terminal.send_line("How many users do you expect?")?;
    terminal.exp_string("did not accept the API key")?;
    terminal.exp_string("[s] save")?;
    Ok((home, terminal, server))
}

/// What happened in the only session, by name, with what is said about it.
fn happened(home: &Home, names: &[&str]) -> Vec<String> {
    let log = home.run(&["sessions", "export", &home.session()], "").out;
    let events = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    events
        .map(|record| record["event"].clone())
        .filter(|event| names.contains(&event["event"].as_str().unwrap()))
        .map(|event| {
            let about = event["why"].as_str().or(event["coach"].as_str()).unwrap_or("");
            format!("{} {}", event["event"].as_str().unwrap(), about.split('@').next().unwrap())
        })
        .collect()
}

#[test]
fn a_model_that_does_not_answer_can_be_waited_for_with_the_clock_stopped() -> Result<(), Box<dyn Error>> {
    let (home, mut terminal, _server) = refused_once(vec![reply("#none\nFine. What comes first?")])?;
    terminal.send_line("w")?;
    terminal.exp_string("Waiting for the model")?;
    terminal.send_control('c')?;
    terminal.exp_string("[s] save")?;
    terminal.send_line("w")?;
    terminal.exp_string("Waiting for the model")?;
    terminal.exp_string("What comes first?")?;
    terminal.exp_string("[Requirements")?;
    terminal.send_line("/save")?;
    terminal.exp_eof()?;
    let names = ["coach_failed", "paused", "resumed"];
    let twice = ["paused provider", "resumed provider"].repeat(2);
    assert_eq!(happened(&home, &names), [vec!["coach_failed "], twice].concat());
    Ok(())
}

#[test]
fn the_embedded_coach_can_answer_one_turn_and_the_log_says_so() -> Result<(), Box<dyn Error>> {
    let (home, mut terminal, server) = refused_once(vec![reply("#none\nFine. What comes first?")])?;
    terminal.send_line("t")?;
    terminal.exp_string("answers this turn")?;
    terminal.exp_string("[Requirements")?;
    terminal.send_line("We keep the links in a table.")?;
    terminal.exp_string("What comes first?")?;
    terminal.exp_string("[Requirements")?;
    terminal.send_line("/save")?;
    terminal.exp_eof()?;
    assert_eq!(server.requests().len(), 2);
    let switched = happened(&home, &["coach_switched"]);
    assert_eq!(switched, ["coach_switched embedded", "coach_switched llm:test:m"]);
    Ok(())
}

/// The window is `columns` wide from now on, and the process is told.
fn resize(terminal: &PtySession, columns: u16) -> Result<(), Box<dyn Error>> {
    let size = rustix::termios::Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    Ok(rustix::termios::tcsetwinsize(terminal.process().get_file_handle()?, size)?)
}

/// Waits until a turn is answered and the prompt is back.
fn answered(terminal: &mut PtySession) -> Result<(), Box<dyn Error>> {
    terminal.exp_regex("[.?!]\\s+.*\\[Requirements")?;
    Ok(())
}

fn leave(terminal: &mut PtySession) -> Result<(), Box<dyn Error>> {
    terminal.send_line("/save")?;
    terminal.exp_string("--resume")?;
    terminal.exp_eof()?;
    Ok(())
}

#[test]
fn ctrl_c_stops_a_reply_and_the_next_turn_is_answered() -> Result<(), Box<dyn Error>> {
    let half = vec![stream_head(), chunk(says("#none\nThat seems alright to me. And")), Act::Stall];
    let server = Server::start([half, reply("#none\nGood. What comes next for you?")]);
    let home = Home::with_model(&server, WINDOW);
    let mut terminal = interview(&home, &["url-shortener"])?;
    terminal.exp_string("[Requirements")?;
    terminal.send_line("I would like to begin with the requirements.")?;
    terminal.exp_string("alright to me.")?;
    terminal.send_control('c')?;
    terminal.exp_string("Stopped; your turn is kept.")?;
    server.wait_until_left();
    terminal.exp_string("[Requirements")?;
    terminal.send_line("How many links a day?")?;
    terminal.exp_string("What comes next for you?")?;
    leave(&mut terminal)
}

#[test]
fn a_model_that_is_silent_is_waited_for_with_the_seconds() -> Result<(), Box<dyn Error>> {
    let server = Server::start([vec![stream_head(), Act::Stall], reply("#none\nGood. What is next?")]);
    let home = Home::with_model(&server, WINDOW);
    let mut terminal = interview(&home, &["url-shortener"])?;
    terminal.exp_string("[Requirements")?;
    terminal.send_line("I would like to begin with the requirements.")?;
    terminal.exp_string("thinking, 0 s")?;
    terminal.exp_string("thinking, 1 s")?;
    terminal.send_control('c')?;
    terminal.exp_string("Stopped; your turn is kept.")?;
    leave(&mut terminal)
}

#[test]
fn a_reply_breaks_its_lines_where_the_terminal_ends_by_now() -> Result<(), Box<dyn Error>> {
    let words = |from: usize, to: usize| (from..to).map(|n| format!("w{n:05} ")).collect::<String>();
    let server =
        Server::start([vec![stream_head(), chunk(says(&format!("#none\n{}", words(0, 30)))), Act::Stall]]);
    let home = Home::with_model(&server, WINDOW);
    let mut command = home.command(&["interview", "url-shortener"]);
    command.env_remove("COLUMNS");
    let mut terminal = spawn_command(command, PATIENCE)?;
    resize(&terminal, 100)?;
    terminal.exp_string("[Requirements")?;
    terminal.send_line("I would like to begin with the requirements.")?;
    let wide = terminal.exp_string("w00029")?;
    let longest = wide.lines().filter(|line| line.contains("w0000")).map(str::len).max();
    assert!(longest.is_some_and(|columns| (80..=100).contains(&columns)), "{wide}");
    resize(&terminal, 40)?;
    terminal.send_control('c')?;
    terminal.exp_string("Stopped; your")?;
    terminal.exp_string("[Requirements")?;
    terminal.send_line("/help")?;
    terminal.exp_string("show this list")?;
    let narrow = terminal.exp_string("/quit")?;
    let longest = narrow.lines().map(|line| line.trim_end().len()).max();
    assert!(longest.is_some_and(|columns| columns <= 40), "{narrow}");
    leave(&mut terminal)
}

#[test]
fn a_turn_can_be_written_in_the_editor() -> Result<(), Box<dyn Error>> {
    let home = Home::new();
    let mut command = home.command(&["interview", "url-shortener"]);
    command.env("EDITOR", "printf 'How many users do you expect?' >");
    let mut terminal = spawn_command(command, PATIENCE)?;
    terminal.exp_string("[Requirements")?;
    terminal.send_line("/edit")?;
    answered(&mut terminal)?;
    leave(&mut terminal)?;
    let id = home.session();
    assert!(home.run(&["sessions", "show", &id], "").out.contains("How many users do you expect?"));
    Ok(())
}

#[test]
fn the_clock_in_the_prompt_goes_on_while_somebody_types() -> Result<(), Box<dyn Error>> {
    let home = Home::new();
    let mut terminal = interview(&home, &["url-shortener", "--minutes", "45"])?;
    terminal.exp_string("[Requirements")?;
    terminal.send("How many")?;
    terminal.flush()?;
    terminal.exp_string("How many")?;
    // Nobody types now: it is drawn again because time passes.
    let first = terminal.exp_regex("Requirements \\d:\\d\\d\\] > (\x1b\\[0m)?How many")?.1;
    let second = terminal.exp_regex("Requirements \\d:\\d\\d\\] > (\x1b\\[0m)?How many")?.1;
    assert_ne!(first, second);
    terminal.send_line(" users?")?;
    answered(&mut terminal)?;
    leave(&mut terminal)
}

#[test]
fn a_stopped_process_goes_on_where_it_was() -> Result<(), Box<dyn Error>> {
    let home = Home::new();
    let mut terminal = interview(&home, &["url-shortener"])?;
    terminal.exp_string("[Requirements")?;
    terminal.send("How many users")?;
    terminal.flush()?;
    terminal.exp_string("How many users")?;
    terminal.process_mut().signal("SIGSTOP".parse()?)?;
    terminal.process_mut().signal("SIGCONT".parse()?)?;
    terminal.send_line(" do you expect?")?;
    answered(&mut terminal)?;
    leave(&mut terminal)?;
    assert_eq!(turns(&home), 1);
    Ok(())
}

#[test]
fn ctrl_z_gives_the_shell_its_terminal_and_fg_the_line() -> Result<(), Box<dyn Error>> {
    let home = Home::new();
    // A shell without an editor of its own shows whether the terminal was given back.
    let mut command = home.command(&["interview", "url-shortener"]);
    let program = command.get_program().to_owned();
    let mut shell = std::process::Command::new("sh");
    shell.arg("-i").env_clear().env("PS1", "shell> ").env("ENV", "").env("COLUMNS", "80");
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command = shell;
    let mut terminal = spawn_command(command, PATIENCE)?;
    terminal.exp_string("shell> ")?;
    terminal.send_line(&format!("'{}' interview url-shortener", program.to_string_lossy()))?;
    terminal.exp_string("[Requirements")?;
    terminal.send("How many users")?;
    terminal.flush()?;
    terminal.exp_string("How many users")?;
    terminal.send_control('z')?;
    terminal.exp_string("shell> ")?;
    terminal.send_line("echo the shell $((6 * 7)) reads")?;
    terminal.exp_string("the shell 42 reads")?;
    terminal.exp_string("shell> ")?;
    terminal.send_line("fg")?;
    terminal.exp_string("How many users")?;
    terminal.send_line(" do you expect?")?;
    answered(&mut terminal)?;
    terminal.send_line("/save")?;
    terminal.exp_string("--resume")?;
    terminal.exp_string("shell> ")?;
    terminal.send_line("exit")?;
    terminal.exp_eof()?;
    assert_eq!(turns(&home), 1);
    let id = home.session();
    assert!(home.run(&["sessions", "show", &id], "").out.contains("How many users do you expect?"));
    Ok(())
}

#[test]
fn ctrl_c_pressed_twice_in_a_reply_ends_no_more_than_the_reply() -> Result<(), Box<dyn Error>> {
    let half = vec![stream_head(), chunk(says("#none\nThat seems alright to me. And")), Act::Stall];
    let server = Server::start([half, reply("#none\nGood. What comes next for you?")]);
    let home = Home::with_model(&server, WINDOW);
    let mut terminal = interview(&home, &["url-shortener"])?;
    terminal.exp_string("[Requirements")?;
    terminal.send_line("I would like to begin with the requirements.")?;
    terminal.exp_string("alright to me.")?;
    terminal.send_control('c')?;
    terminal.send_control('c')?;
    terminal.exp_string("Stopped; your turn is kept.")?;
    terminal.exp_string("[Requirements")?;
    terminal.send_line("How many links a day?")?;
    terminal.exp_string("What comes next for you?")?;
    leave(&mut terminal)?;
    assert_eq!(turns(&home), 2);
    Ok(())
}

#[test]
fn being_asked_to_end_keeps_the_draft_and_gives_the_terminal_back() -> Result<(), Box<dyn Error>> {
    for name in ["SIGTERM", "SIGHUP"] {
        let home = Home::new();
        let mut terminal = interview(&home, &["url-shortener"])?;
        terminal.exp_string("[Requirements")?;
        terminal.send("half a thought about caching")?;
        terminal.flush()?;
        terminal.exp_string("caching")?;
        terminal.process_mut().signal(name.parse()?)?;
        // Bracketed paste is switched off again.
        terminal.exp_string("\u{1b}[?2004l")?;
        terminal.exp_string("--resume")?;
        terminal.exp_eof()?;
        let mut terminal = interview(&home, &["--resume"])?;
        terminal.exp_string("half a thought about caching")?;
        terminal.send_line("")?;
        answered(&mut terminal)?;
        leave(&mut terminal)?;
    }
    Ok(())
}

#[test]
fn up_brings_back_what_was_said_and_in_a_command_only_commands() -> Result<(), Box<dyn Error>> {
    let home = Home::new();
    let mut terminal = interview(&home, &["url-shortener"])?;
    terminal.exp_string("[Requirements")?;
    terminal.send_line("/time")?;
    terminal.exp_string("in all.")?;
    terminal.exp_string("[Requirements")?;
    terminal.send_line("How many users do you expect?")?;
    answered(&mut terminal)?;
    terminal.send("/\x1b[A")?;
    terminal.flush()?;
    terminal.exp_string("/time")?;
    terminal.send_line("")?;
    terminal.exp_string("in all.")?;
    leave(&mut terminal)?;
    // What was said is in the store alone.
    assert!(!home.path().join("history.txt").exists());
    let mut terminal = interview(&home, &["--resume"])?;
    terminal.exp_string("[Requirements")?;
    terminal.send("\x1b[A")?;
    terminal.flush()?;
    terminal.exp_string("How many users do you expect?")?;
    terminal.send_control('c')?;
    terminal.exp_string("Ctrl-C stops a reply")?;
    leave(&mut terminal)
}

#[test]
fn a_dumb_terminal_gets_plain_lines() -> Result<(), Box<dyn Error>> {
    let home = Home::new();
    let mut command = home.command(&["interview", "url-shortener"]);
    command.env("TERM", "dumb").env("COLUMNS", "80");
    let mut terminal = spawn_command(command, PATIENCE)?;
    let mut said = terminal.exp_string("[Requirements")?;
    terminal.send_line("How many users do you expect?")?;
    said += &terminal.exp_regex("[.?!]\\s+.*\\[Requirements")?.0;
    terminal.send_line("/save")?;
    said += &terminal.exp_string("--resume")?;
    terminal.exp_eof()?;
    assert!(!said.contains('\u{1b}'), "{said:?}");
    Ok(())
}

#[test]
fn a_drawing_is_made_step_by_step_in_the_editor() -> Result<(), Box<dyn Error>> {
    let home = Home::new();
    // Draws a little more each time it is opened.
    let editor = "#!/bin/sh\ngrep -q 'task: *$' \"$1\" && sed -i 's/task:.*/task: ecommerce/; s/client -->$/client --> db[(Orders DB)]/' \"$1\" && exit\nprintf '  client --> cdn[CDN]\\n' >> \"$1\"\n";
    let path = home.path().join("editor.sh");
    std::fs::write(&path, editor)?;
    let mut command = home.command(&["diagram"]);
    command.env("EDITOR", format!("sh {}", path.display()));
    let mut terminal = spawn_command(command, PATIENCE)?;
    terminal.exp_string("talks to")?;
    terminal.exp_string("Enter leaves it >")?;
    terminal.send_line("h")?;
    terminal.exp_string("h gives a hint")?;
    terminal.send_line("e")?;
    terminal.exp_string("CDN")?;
    terminal.exp_string("Enter leaves it >")?;
    terminal.send_line("")?;
    terminal.exp_eof()?;
    let listed = home.run(&["sessions", "list", "--format", "json"], "").json();
    let tasks: Vec<_> = listed.as_array().unwrap().iter().map(|session| session["problem"].clone()).collect();
    assert_eq!(tasks, ["ecommerce", "ecommerce"]);
    Ok(())
}
