//! The interview in a real terminal: a pseudo-terminal, waited on for text, never slept at.

use std::error::Error;

use rexpect::session::{PtySession, spawn_command};

use crate::support::Home;
use crate::support::server::{Answer, Server, plain, reply};

/// Milliseconds to wait for a text before the test fails.
const PATIENCE: Option<u64> = Some(30_000);

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
    terminal.exp_regex("[.?!]\\s+.*\\[Requirements")?;
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
    terminal.send_line("/save")?;
    terminal.exp_string("--resume")?;
    terminal.exp_eof()?;
    Ok(())
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
    terminal.exp_regex("[.?!]\\s+.*\\[Requirements")?;
    terminal.send_line("/save")?;
    terminal.exp_string("--resume")?;
    terminal.exp_eof()?;
    assert_eq!(turns(&home), 1);
    let id =
        home.run(&["sessions", "list", "--format", "json"], "").json()[0]["id"].as_str().unwrap().to_owned();
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
    terminal.exp_regex("[.?!]\\s+.*\\[Requirements")?;
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
    terminal.exp_regex("[.?!]\\s+.*\\[Requirements")?;
    terminal.send_line("/save")?;
    terminal.exp_eof()?;
    let id =
        home.run(&["sessions", "list", "--format", "json"], "").json()[0]["id"].as_str().unwrap().to_owned();
    assert!(home.run(&["sessions", "show", &id], "").out.contains("How many users do you expect?"));
    Ok(())
}

/// An interview whose model's server refuses the first request and serves the others.
fn refused_once(home: &Home, then: Vec<Answer>) -> Result<(PtySession, Server), Box<dyn Error>> {
    let refused = plain(401, "", r#"{"error":{"message":"expired","code":"invalid_api_key"}}"#);
    let server = Server::start([vec![refused], then].concat());
    let profile = format!(
        "default_profile = \"test\"\n[profile.test]\nbase_url = \"{}\"\nmodel = \"m\"\ncontext_window = 32000\n",
        server.base_url()
    );
    std::fs::write(home.path().join("config.toml"), profile)?;
    let mut terminal = interview(home, &["url-shortener"])?;
    terminal.exp_string("[Requirements")?;
    terminal.send_line("How many users do you expect?")?;
    terminal.exp_string("did not accept the API key")?;
    terminal.exp_string("[s] save")?;
    Ok((terminal, server))
}

/// What happened in the only session, by name, with what is said about it.
fn happened(home: &Home, names: &[&str]) -> Vec<String> {
    let id = home.run(&["sessions", "list", "--format", "json"], "").json()[0]["id"].clone();
    let log = home.run(&["sessions", "export", id.as_str().unwrap()], "").out;
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
    let home = Home::new();
    let (mut terminal, _server) = refused_once(&home, vec![reply("#none\nFine. What comes first?")])?;
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
    let home = Home::new();
    let (mut terminal, server) = refused_once(&home, vec![reply("#none\nFine. What comes first?")])?;
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
