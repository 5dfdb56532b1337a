//! Text from outside that would steer a terminal: from a model, a transcript, a pack, notes, a title, a
//! file's name. None of it comes out, in a pipe or on a terminal.

use crate::support::server::{Server, reply};
use crate::support::{Home, Ran};

/// Tokens that the model holds.
const WINDOW: &str = "context_window = 32000\n";

/// What is tried, each with a word before it that must come out and words in it that may.
const KINDS: &[(&str, &str)] = &[
    ("colour", "\u{1b}[31mred\u{1b}[0m"),
    ("clear", "\u{1b}[2J\u{1b}[H"),
    ("title", "\u{1b}]0;pwned\u{7}"),
    ("clipboard", "\u{1b}]52;c;cHduZWQ=\u{7}"),
    ("hyperlink", "\u{1b}]8;;http://example.org\u{1b}\\link\u{1b}]8;;\u{1b}\\"),
    ("cursor query", "\u{1b}[6n"),
    ("device string", "\u{1b}P$qm\u{1b}\\"),
    ("alternate screen", "\u{1b}[?1049h"),
    ("C1", "\u{9b}31m\u{9d}0;x\u{9c}\u{85}"),
    ("bidi", "\u{202e}gnp.exe\u{202c}\u{2066}x\u{2069}"),
    ("bell", "\u{7}\u{7}"),
    ("lone CR", "over\rwritten"),
];

/// The kinds in one line, each after a word of its own: `h01`, `h02`, ...
fn hostile() -> String {
    let marked = KINDS.iter().enumerate().map(|(number, (_, bytes))| format!("h{number:02}{bytes} "));
    marked.collect::<String>().trim_end().to_owned()
}

/// The first character of `text` that steers a terminal, with what stands around it.
fn steering(text: &str) -> Option<String> {
    let steers = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    let at = text.find(steers)?;
    Some(text[at..].chars().take(40).collect::<String>().escape_debug().to_string())
}

fn assert_tame(what: &str, ran: &Ran, shows: bool) {
    for (stream, text) in [("stdout", &ran.out), ("stderr", &ran.err)] {
        assert_eq!(steering(text), None, "{what}, {stream}: {text}");
        assert!(!text.contains("pwned"), "{what}, {stream}: the string of a sequence came through");
    }
    if shows {
        let all = format!("{}{}", ran.out, ran.err);
        assert!(all.contains("h00") && all.contains("h06"), "{what} shows the words themselves: {ran:?}");
    }
}

#[test]
fn a_models_reply_steers_no_pipe() {
    let server = Server::start([reply(&format!("#none\nIt is {} fine.", hostile()))]);
    let home = Home::with_model(&server, WINDOW);
    let ran = home.run(&["interview", "url-shortener"], "I would begin with the requirements.\n\n/save\n");
    assert_tame("a reply", &ran, true);
    let id = &home.session();
    for arguments in [vec!["sessions", "show", id], vec!["sessions", "export", id, "--format", "md"]] {
        assert_tame("a reply, shown again", &home.run(&arguments, ""), true);
    }
}

#[test]
fn a_providers_message_and_a_models_name_steer_nothing() {
    let error = serde_json::json!({"error": {"message": hostile(), "type": hostile(), "code": hostile()}});
    let refused = crate::support::server::plain(400, "", &error.to_string());
    let server = Server::start([refused]);
    let home = Home::with_model(&server, WINDOW);
    assert_tame("an error", &home.run(&["interview", "url-shortener"], "I would begin.\n"), false);
    assert_tame("an error, looked into", &home.run(&["doctor"], ""), false);
    let models = serde_json::json!({"data": [{"id": hostile()}]});
    let server = Server::start([crate::support::server::plain(200, "", &models.to_string())]);
    assert_tame("a model's name", &Home::with_model(&server, WINDOW).run(&["doctor"], ""), false);
}

#[test]
fn turns_and_titles_steer_nothing() {
    let home = Home::new();
    let turns =
        format!("I say {} so.\n\n/notes {}\n\n/notes\n\n/nonsense{}\n", hostile(), hostile(), hostile());
    assert_tame("a turn", &home.run(&["interview", "url-shortener"], turns), true);
    let title = format!("What is {} ?", hostile());
    std::fs::write(home.path().join("reference.md"), format!("It is {} a cache.", hostile())).unwrap();
    let answer = format!("It is {} a cache.", hostile());
    let ran = home.run(&["answer", &title, "--reference", "reference.md"], answer);
    assert_tame("a session's title", &ran, true);
    for arguments in [
        vec!["sessions", "list"],
        vec!["sessions", "show"],
        vec!["sessions", "search", "cache"],
        vec!["report"],
        vec!["report", "--format", "md"],
        vec![],
    ] {
        assert_tame(&format!("{arguments:?}"), &home.run(&arguments, ""), false);
    }
    for arguments in [["questions", "show"], ["sessions", "show"], ["prompt", "show"], ["rubric", "show"]] {
        let name = hostile();
        assert_tame("a name that is none", &home.run(&[arguments[0], arguments[1], &name], ""), false);
    }
}

#[test]
fn a_transcript_steers_nothing() {
    let home = Home::new();
    let bad = hostile();
    let text = format!(
        "Ann {bad}: Design a URL shortener. {bad}\nBob: How many users do you expect, and {bad} is it read heavy?\n\
         Ann {bad}: A million.\nBob: Then a cache in front of the store, because reads dominate {bad}.\n"
    );
    let name = format!("talk {bad}.txt").replace('/', "");
    std::fs::write(home.path().join(&name), text).unwrap();
    assert_tame("a transcript", &home.run(&["review", &name], ""), false);
    assert_tame("its report", &home.run(&["report"], ""), false);
    let missing = home.run(&["review", &format!("missing {bad}.txt")], "");
    assert_eq!(missing.code, 1);
    assert_tame("a file's name", &missing, false);
}

#[test]
fn notes_and_packs_steer_nothing() {
    let home = Home::new();
    let bad = hostile();
    let name = format!("notes {bad}.md").replace('/', "");
    let notes = format!(
        "# Caching {bad}\n\n## What is a cache {bad}?\n\nIt keeps copies {bad} near the readers.\n\n- **TTL**: {bad} time to live\n"
    );
    std::fs::write(home.path().join(&name), &notes).unwrap();
    assert_tame("notes", &home.run(&["material", "add", &name], ""), false);
    for arguments in [
        vec!["material", "list"],
        vec!["material", "search", "copies"],
        vec!["questions", "list"],
        vec!["questions", "search", "cache"],
        vec!["cheatsheet"],
    ] {
        assert_tame(&format!("{arguments:?}"), &home.run(&arguments, ""), false);
    }
    let folder = home.path().join("pack");
    std::fs::create_dir_all(folder.join("questions")).unwrap();
    let escaped: String = bad.chars().map(|c| format!("\\U{:08X}", c as u32)).collect();
    std::fs::write(folder.join("pack.toml"), format!("id = \"{escaped}\"\ntitle = \"{escaped}\"\n")).unwrap();
    std::fs::write(folder.join("questions").join("q.toml"), format!("title = \"{escaped}\"\n")).unwrap();
    assert_tame("a pack", &home.run(&["pack", "lint", "pack"], ""), false);
    let line = serde_json::json!({"id": bad, "question": bad, "answer": bad, "reference": bad});
    let broken = format!("{line}\n{{\"id\": \"{bad}\"\n");
    // JSON must carry the id as it was: escaped, so that a terminal gets nothing of it raw.
    let graded = home.run(&["grade", "-"], broken);
    assert_eq!(steering(&format!("{}{}", graded.out, graded.err)), None, "{graded:?}");
    let first: serde_json::Value = serde_json::from_str(graded.out.lines().next().unwrap()).unwrap();
    assert_eq!(first["id"], bad.as_str());
    let drawing = format!("flowchart LR\n  a[\"{bad}\"] --> b[\"store {bad}\"]\n");
    std::fs::write(home.path().join("drawing.mmd"), drawing).unwrap();
    assert_tame("a drawing", &home.run(&["diagram", "ecommerce", "drawing.mmd"], ""), false);
}

#[cfg(unix)]
#[test]
fn a_models_reply_steers_no_terminal() -> Result<(), Box<dyn std::error::Error>> {
    let reply = reply(&format!("#none\nIt is {} fine, go on.", hostile()));
    let server = Server::start([reply]);
    let home = Home::with_model(&server, WINDOW);
    // A plain terminal shows no sequence of greenroom's own either.
    let mut command = home.command(&["interview", "url-shortener"]);
    command.env("TERM", "dumb");
    let mut terminal = rexpect::session::spawn_command(command, Some(30_000))?;
    let mut said = terminal.exp_string("[Requirements")?;
    terminal.send_line("I would begin with the requirements.")?;
    said += &terminal.exp_string("fine, go on.")?;
    terminal.send_line("/save")?;
    said += &terminal.exp_string("--resume")?;
    terminal.exp_eof()?;
    // The terminal's bytes come as one character each.
    let bytes: Vec<u8> = said.chars().filter_map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let said = String::from_utf8(bytes)?.replace("\r\n", "\n");
    // Words that do not fit are taken back with backspaces.
    assert_eq!(steering(&said.replace('\u{8}', "")), None, "{said}");
    assert!(said.contains("h00") && said.contains("h11") && !said.contains("pwned"), "{said}");
    Ok(())
}
