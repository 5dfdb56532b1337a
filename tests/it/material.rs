//! `greenroom material`: notes of every kind go in, and come out repaired, searchable and askable.

use crate::support::{Home, Ran};

const NOTES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/notes");

/// Writes as UTF-8 and reads as windows-1252, dropping what that does not know.
fn damaged(text: &str) -> String {
    let (read, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes());
    read.chars().filter(|c| !matches!(c, '\u{80}'..='\u{9f}')).collect()
}

fn revision() -> String {
    std::fs::read_to_string(format!("{NOTES}/revision.md")).expect("the notes")
}

fn add(home: &Home, name: &str, bytes: impl AsRef<[u8]>) -> Ran {
    std::fs::write(home.path().join(name), bytes).expect("written");
    home.run(&["material", "add", name], "")
}

#[test]
fn damaged_notes_are_repaired_and_all_their_parts_found() {
    let home = Home::new();
    let ran = add(&home, "revision.md", damaged(&revision()));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    insta::assert_snapshot!(ran.out, @r"
    added      revision: Week 9: coordination
               3 questions, 1 diagram task, 4 interview phases, 2 criteria, 2
               clarifying questions, 2 cheat-sheet topics, 2 checklist items, 5
               terms, 1 table, 1 drawing, 10 passages
               repaired 30 damaged characters on 9 lines; 2 of them had lost bytes,
               and the likeliest was taken
               try: greenroom answer revision/lease
               the rest as a pack: greenroom material compile revision
    ");
    let shown = home.run(&["material", "show", "revision", "--format", "md"], "");
    assert_eq!(shown.out, revision());
    let found = home.run(&["material", "show", "revision", "--found"], "");
    insta::assert_snapshot!(found.out, @r"
    Week 9: coordination
    ════════════════════

    3 questions, 1 diagram task, 4 interview phases, 2 criteria, 2 clarifying
    questions, 2 cheat-sheet topics, 2 checklist items, 5 terms, 1 table, 1 drawing,
    10 passages

    repaired 30 damaged characters on 9 lines; 2 of them had lost bytes, and the
    likeliest was taken

    Questions
    ─────────

    • `revision/lease` What is a lease, and why does it beat a plain lock?
    • `revision/fencing-tokens` Explain fencing tokens.
    • `revision/quorum-keep-copies-step` How does a quorum keep copies in step?

    Diagram tasks
    ─────────────

    • Job scheduler: Draw the system for accepting jobs, running them once; include
      lock service, queue, workers

    Interview, 60 minutes
    ─────────────────────

    • Requirements, 10 min: ask for the scale
    • Sketch, 20 min: draw the boxes
    • Depth, 20 min: pick one box
    • Questions, 10 min: ask yours

    Criteria
    ────────

    • Clear scope
    • Trade-offs with reasons

    To ask the interviewer
    ──────────────────────

    • How many jobs a day?
    • May a job run twice?

    Cheat sheet
    ───────────

    • Locks
    • Quorums

    Checklist
    ─────────

    • [ ] Explain leases
    • [x] Draw a job scheduler

    Terms
    ─────

    • Write quorum: a write counts once more than half of the copies have it
    • Read quorum: a read asks more than half, so it meets at least one copy that
      has the write
    • Overlap: 2 + 2 > 3, the two groups share a copy
    • Lease: ends by itself
    • Majority: more than half
    ");
}

#[test]
fn adding_again_takes_over_what_changed() {
    let home = Home::new();
    add(&home, "a.md", revision());
    assert!(add(&home, "a.md", revision()).out.starts_with("unchanged  a"));
    let changed = add(&home, "a.md", revision().replace("fencing token", "zebra token"));
    assert!(changed.out.starts_with("updated    a"), "{}", changed.out);
    assert!(home.run(&["material", "search", "zebra"], "").out.contains("«zebra»"));
    let twin = add(&home, "b.md", revision().replace("fencing token", "zebra token"));
    assert!(twin.out.contains("the same as a; not added"), "{}", twin.out);
    std::fs::rename(home.path().join("a.md"), home.path().join("c.md")).expect("moved");
    let moved = home.run(&["material", "add", "c.md"], "");
    assert!(moved.out.starts_with("moved      a: now read from"), "{}", moved.out);
    let list = home.run(&["material", "list", "--format", "json"], "").json();
    assert_eq!(list.as_array().map(Vec::len), Some(1));
    assert_eq!(list[0]["found"]["questions"], 3);
}

#[test]
fn a_folder_is_read_as_far_as_it_is_text() {
    let home = Home::new();
    let folder = home.path().join("notes/inner/.hidden");
    std::fs::create_dir_all(&folder).expect("folders");
    for (name, bytes) in [
        ("notes/one.md", b"# One\n\n## What is one?\n\nA number before two.\n".as_slice()),
        (
            "notes/inner/cards.txt",
            b"what is a?\tthe first letter\nwhat is b?\tthe second letter\nc\tthe third letter\n",
        ),
        ("notes/inner/.hidden/secret.md", b"# Hidden\n\nnot for us"),
        ("notes/picture.png", b"\x89PNG"),
        ("notes/fake.md", b"%PDF-1.7 this is none"),
        ("notes/empty.md", b"\n\n"),
        ("notes/old.md", b"# Caf\xe9\n\nWindows \x96 notes\n"),
    ] {
        std::fs::write(home.path().join(name), bytes).expect("written");
    }
    let ran = home.run(&["material", "add", "notes"], "");
    assert_eq!(ran.code, 3, "{ran:?}");
    insta::assert_snapshot!(ran.err, @r"
    error: notes/fake.md is no text but a PDF
    hint: export it as Markdown or plain text first
    ");
    assert!(ran.out.contains("3 added, 2 other files passed over; 4 questions in all"), "{}", ran.out);
    let ran = home.run(&["material", "add", "notes/fake.md", "nowhere.md"], "");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
}

#[test]
fn words_are_found_where_they_stand() {
    let home = Home::new();
    home.run(&["material", "add", NOTES], "");
    let rows = [
        ("tail utilisation", "essay:"),
        ("idempotent retry", "cards:"),
        ("log structured", "outline:"),
        ("fencing", "revision:"),
    ];
    for (words, place) in rows {
        let ran = home.run(&["material", "search", words], "");
        assert!(ran.out.starts_with(place), "{words}: {}", ran.out);
    }
    let found = home.run(&["material", "search", "overlap group", "--format", "json"], "").json();
    let heading = "Week 9: coordination > Questions > Q3: How does a quorum keep copies in step?";
    assert_eq!((&found[0]["material"], &found[0]["heading"]), (&"revision".into(), &heading.into()));
    let none = home.run(&["material", "search", "\"zebra(", "--format", "json"], "");
    assert_eq!((none.code, none.out.trim()), (0, "[]"));
}

#[test]
fn every_kind_of_notes_gives_what_it_has() {
    let home = Home::new();
    let added = home.run(&["material", "add", NOTES, "--format", "json"], "").json();
    let found = |id: &str, part: &str| {
        let file = added.as_array().and_then(|files| files.iter().find(|file| file["id"] == id)).expect(id);
        file["found"][part].as_u64().expect(part)
    };
    assert_eq!((found("cards", "questions"), found("cards", "passages")), (3, 3));
    assert_eq!((found("outline", "questions"), found("outline", "derived")), (0, 2));
    assert_eq!(
        (found("essay", "questions"), found("essay", "derived"), found("essay", "passages")),
        (0, 0, 1)
    );
    let essay = home.run(&["material", "show", "essay", "--format", "json"], "").json();
    assert_eq!((&essay["title"], &essay["notes"]["tags"][1]), (&"On waiting".into(), &"queues".into()));
}

#[test]
fn what_notes_ask_can_be_answered_at_once() {
    let home = Home::new();
    home.run(&["material", "add", NOTES], "");
    let listed = home.run(&["questions", "list", "--format", "json"], "").json();
    let ids: Vec<&str> =
        listed.as_array().into_iter().flatten().filter_map(|row| row["id"].as_str()).collect();
    assert!(ids.contains(&"revision/fencing-tokens") && ids.contains(&"cdn"), "{ids:?}");
    let good = "It is a number that only grows. The store remembers the highest number it has seen, and it \
                refuses a write that carries a lower one, so a client that wakes up late does no harm.";
    let ran = home.run(&["answer", "revision/fencing-tokens", "--format", "json"], good).json();
    assert!(ran["score"].as_f64() > Some(7.0), "{ran}");
    let points = ran["points"].to_string();
    assert!(points.contains("refuses writes with a lower one"), "the notes' own points: {points}");
    let bad = home
        .run(&["answer", "fencing-tokens", "--format", "json"], "It makes pages load faster near users.")
        .json();
    assert!(bad["score"].as_f64() < Some(3.0), "{bad}");
    let shown = home.run(&["questions", "show", "revision/fencing-tokens"], "");
    assert!(!shown.out.contains("highest"), "{}", shown.out);
    assert!(home.run(&["questions", "search", "fencing"], "").out.starts_with("revision/fencing-tokens"));
}

#[test]
fn removed_notes_leave_no_word_behind() {
    let home = Home::new();
    add(&home, "a.md", "# Zeppelins\n\nXylophonic zeppelins everywhere.\n");
    let ran = home.run(&["material", "remove", "a"], "");
    assert_eq!(ran.code, 0, "{ran:?}");
    for name in ["greenroom.db", "greenroom.db-wal"] {
        let bytes = std::fs::read(home.path().join(name)).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).to_lowercase().contains("xylophon"), "{name}");
    }
    assert!(home.path().join("a.md").exists(), "the file is the user's");
    let unknown = home.run(&["material", "show", "a"], "");
    assert_eq!(unknown.code, 1);
    insta::assert_snapshot!(unknown.err, @r"
    error: there are no notes `a`
    hint: add some with `greenroom material add FILE`
    ");
}

#[test]
fn packs_are_searched_by_what_is_meant() {
    let home = Home::new();
    let first = |what: &str, words: &str| {
        let rows = home.run(&[what, "search", words, "--format", "json"], "").json();
        rows[0]["id"].as_str().unwrap_or("nothing").to_owned()
    };
    assert_eq!(first("questions", "hash ring"), "consistent-hashing");
    assert_eq!(first("questions", "consistant hashing"), "consistent-hashing");
    assert_eq!(first("questions", "content delivery network"), "cdn");
    assert_eq!(first("problems", "tiny url"), "url-shortener");
    assert_eq!(home.run(&["questions", "search", "xyzzy", "--format", "json"], "").out.trim(), "[]");
    assert!(!home.path().join("greenroom.db").exists(), "a list makes no database");
}

#[test]
fn notes_become_a_pack_that_is_sound_and_in_use() {
    let home = Home::new();
    add(&home, "revision.md", damaged(&revision()));
    let made = home.run(&["material", "compile", "revision"], "");
    assert_eq!(made.code, 0, "{made:?}");
    assert!(
        made.err.contains("4 phases, 1 diagram task, 2 clarifying questions, 2 cheat-sheet topics"),
        "{made:?}"
    );
    let lint = home.run(&["pack", "lint", "revision"], "");
    assert_eq!(lint.code, 0, "{}", lint.out);
    // The notes' phases, under the ids of the usual ones, hold the problems that ship.
    let held = home.run(
        &["interview", "url-shortener", "--pack", "revision", "--coach", "embedded", "--format", "json"],
        "How many links a day?\n\n/quit",
    );
    assert!([0, 1].contains(&held.code), "{held:?}");
    let session = home.run(&["sessions", "list", "--format", "json"], "").json();
    let log = home.run(&["report", session[0]["id"].as_str().expect("an id"), "--format", "json"], "").json();
    let planned: Vec<u64> = log["time"]["phases"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|phase| phase["planned_s"].as_u64())
        .collect();
    assert_eq!(planned, [600, 1200, 1200, 600], "{log}");
    std::fs::write(
        home.path().join("jobs.mmd"),
        "graph LR\n  api[API] --> queue[Job queue] --> worker[Workers]\n",
    )
    .expect("written");
    let drawn = home
        .run(&["diagram", "job-scheduler", "jobs.mmd", "--pack", "revision", "--format", "json"], "")
        .json();
    let present = |item: &str| {
        drawn["include"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|it| it["item"] == item)
            .map(|it| it["present"].clone())
    };
    assert_eq!(
        (present("queue"), present("lock service")),
        (Some(true.into()), Some(false.into())),
        "{drawn}"
    );
    assert!(
        home.run(&["checklist"], "").out.contains("Week 9: coordination: 0 of 2"),
        "the pack's checklist"
    );
    let again = home.run(&["material", "compile", "revision"], "");
    assert!(again.code == 1 && again.err.contains("already"), "{again:?}");
    let none = add(&home, "essay.md", "# On waiting\n\nQueues are everywhere, and long.\n");
    assert!(!none.out.contains("compile"), "{}", none.out);
    assert_eq!(home.run(&["material", "compile", "essay"], "").code, 1);
}

#[test]
fn a_pack_without_problems_says_so() {
    let home = Home::new();
    let ran = home.run(&["interview", "--pack", "behavioral", "--coach", "embedded"], "");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("the pack `behavioral` has no problems"), "{}", ran.err);
}
