//! `greenroom pack` and `cheatsheet`: what authors run, and the sheets that packs bring.

use crate::support::{Home, Ran};

const NOTES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/notes");

/// File of a new pack, what is replaced by what, and words of the fault.
type Planted = (&'static str, &'static str, &'static str, &'static str);

/// Faults that keep a file from being read; all are told at once.
const UNREADABLE: [Planted; 7] = [
    ("pack.toml", "description =", "desciption =", "did you mean `description`?"),
    ("lexicon.toml", "products = [\"rabbit", "prodcts = [\"rabbit", "did you mean `products`?"),
    ("clarify.toml", "asks = [\"how many", "askes = [\"how many", "did you mean `asks`?"),
    ("checklist.toml", "questions =", "question =", "did you mean `questions`?"),
    ("questions/feature-flags.toml", "topics =", "topcs =", "did you mean `topics`?"),
    ("questions/feature-flags.toml", "level = \"senior\"", "level = \"seniour\"", "did you mean `senior`?"),
    ("diagrams/webhook-delivery.toml", "kinds = [\"message", "kind = [\"message", "did you mean `kinds`?"),
];

/// Faults of what was read.
const UNSOUND: [Planted; 16] = [
    ("pack.toml", "minutes = 60", "minutes = 45", "add up to 60 minutes"),
    ("pack.toml", "\"system-design\"", "\"sytem-design\"", "did you mean `system-design`?"),
    ("pack.toml", "opening = \"Now let us put the design under stress.\"", "opening = \"\"", "empty opening"),
    ("lexicon.toml", "aliases = [\"mq\"", "aliases = [\"client application\"", "belongs to `client` already"),
    ("clarify.toml", "asks = [\"how long + keep|store|retain\", \"retention\"]", "asks = []", "nothing asks"),
    ("checklist.toml", "[\"feature-flags\"]", "[\"feature-flag\"]", "did you mean `feature-flags`?"),
    ("cheatsheet.md", "## Feature", "### Feature", "no level-2 heading"),
    ("questions/feature-flags.toml", "weight = 2.0", "weight = 0.0", "weighs 0"),
    ("questions/feature-flags.toml", "id = \"cleanup\"", "id = \"gradual\"", "`gradual` is there twice"),
    ("questions/feature-flags.toml", "\"compare* + variant", "\"compare* +variant", "space on each side"),
    ("questions/feature-flags.toml", "no|without + rollback", "no|without + roll*back", "end of a word"),
    ("questions/feature-flags.toml", "spoils = [\"cleanup\"]", "spoils = [\"clean\"]", "no point `clean`"),
    ("questions/feature-flags.toml", "level = \"staff\"", "level = \"mid\"", "0 follow-ups for staff"),
    (
        "questions/feature-flags.toml",
        "flag > only > frontend",
        "toggle > just > webpage",
        "do not find its own",
    ),
    ("diagrams/webhook-delivery.toml", "[\"message_queue\"]", "[\"mesage_queue\"]", "did you mean"),
    ("diagrams/webhook-delivery.toml", "\"What happens after the first failure?\"", "\"\"", "empty text"),
];

/// Plants faults in a new pack, and lints it.
fn planted(faults: &[Planted]) -> Ran {
    let home = Home::new();
    assert_eq!(home.run(&["pack", "new", "mine", "--into", "."], "").code, 0);
    for (file, from, to, _) in faults {
        let path = home.path().join("mine").join(file);
        let text = std::fs::read_to_string(&path).expect("a file of the template");
        assert!(text.contains(from), "{file} has no {from:?}");
        std::fs::write(&path, text.replacen(from, to, 1)).expect("written");
    }
    home.run(&["pack", "lint", "mine"], "")
}

#[test]
fn planted_faults_are_found_with_file_line_and_column() {
    for faults in [UNREADABLE.as_slice(), &UNSOUND] {
        let ran = planted(faults);
        assert_eq!(ran.code, 1);
        for (file, _, to, want) in faults {
            let line = ran.out.lines().find(|line| line.starts_with(file) && line.contains(want));
            let line = line.unwrap_or_else(|| panic!("{to:?}: want {want:?} in\n{}", ran.out));
            let place: Vec<&str> = line[file.len() + 1..].splitn(3, ':').collect();
            assert!(place[0].parse::<u32>().is_ok() && place[1].parse::<u32>().is_ok(), "{line}");
        }
        let told = ran.out.lines().filter(|line| !line.starts_with("mine has"));
        let planted = |line: &&str| {
            // Two follow-ups for one level are one too few for another.
            line.contains("2 follow-ups for mid") || faults.iter().any(|(.., want)| line.contains(want))
        };
        assert_eq!(told.filter(|line| !planted(line)).collect::<Vec<_>>(), [""; 0]);
    }
}

#[test]
fn what_ships_is_sound_and_so_is_a_new_pack() {
    let home = Home::new();
    let made = home.run(&["pack", "new", "my-pack"], "");
    assert_eq!(made.code, 0, "{}", made.err);
    let ran = home.run(&["pack", "lint", "my-pack", "system-design", "behavioral"], "");
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("my-pack is sound: 1 question, 0 problems, 1 diagram task"), "{}", ran.out);
    let rows = home.run(&["pack", "list", "--format", "json"], "").json();
    let ids: Vec<&str> = rows.as_array().into_iter().flatten().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(ids, ["system-design", "behavioral", "my-pack"]);
    // It is in use at once.
    assert_eq!(home.run(&["questions", "show", "feature-flags"], "").code, 0);
    let good = "Code can be deployed while the feature stays hidden, and is rolled out to a few users first.";
    let graded = home.run(&["answer", "feature-flags", "--format", "json"], good).json();
    assert!(graded["score"].as_f64() > Some(2.0), "{graded}");
    for (name, want) in [("my-pack", "already"), ("My Pack", "no name for a pack"), ("../x", "no name")] {
        let ran = home.run(&["pack", "new", name], "");
        assert!(ran.code == 1 && ran.err.contains(want), "{name}: {}", ran.err);
    }
    let unknown = home.run(&["pack", "lint", "behavorial"], "");
    assert!(unknown.code == 1 && unknown.err.contains("did you mean `behavioral`?"), "{}", unknown.err);
}

#[test]
fn one_file_of_a_built_in_pack_may_be_replaced_and_checked() {
    let home = Home::new();
    let folder = home.path().join("config/packs/system-design");
    let config = home.run(&["config", "path"], "").out;
    let folder = std::path::Path::new(config.trim())
        .parent()
        .map_or(folder, |config| config.join("packs/system-design"));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("cheatsheet.md"), "# Mine\n\n## Caching\n\nAsk Kim.\n").expect("written");
    assert!(home.run(&["cheatsheet", "caching"], "").out.contains("Ask Kim."));
    let ran = home.run(&["pack", "lint", "system-design"], "");
    assert!(ran.code == 0 && ran.out.contains("is sound: 20 questions"), "{}", ran.out);
    std::fs::write(folder.join("cheatshet.md"), "words").expect("written");
    let ran = home.run(&["pack", "lint", "system-design"], "");
    assert!(ran.code == 1 && ran.out.contains("did you mean `cheatsheet.md`?"), "{}", ran.out);
}

#[test]
fn a_topic_is_found_by_what_is_meant() {
    let home = Home::new();
    for (asked, title) in [
        (&["caching"][..], "Caching\n"),
        (&["CACHE"], "Caching\n"),
        (&["message", "queues"], "Message queues\n"),
        (&["queue"], "Message queues\n"),
        (&["cap"], "CAP\n"),
        (&["chaching"], "Caching\n"),
        (&["token", "bucket"], "Scaling\n"),
        (&["clarify"], "What to clarify about any system\n"),
        (&["criticism"], "Failure and criticism\n"),
    ] {
        let ran = home.run(&[&["cheatsheet"], asked].concat(), "");
        assert!(ran.out.starts_with(title), "{asked:?}: {}", ran.out);
        let wide = ran.out.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "{asked:?}");
    }
    let unknown = home.run(&["cheatsheet", "zzzz"], "");
    assert!(unknown.code == 1 && unknown.out.is_empty(), "{unknown:?}");
    let all = home.run(&["cheatsheet", "--format", "json"], "").json();
    let ids: Vec<&str> = all.as_array().into_iter().flatten().filter_map(|row| row["id"].as_str()).collect();
    assert!(
        ids.starts_with(&["load-balancing", "caching", "scaling", "databases", "message-queues"]),
        "{ids:?}"
    );
    assert!(!home.path().join("greenroom.db").exists(), "a sheet makes no database");
}

#[test]
fn a_topic_of_the_users_notes_stands_beside_the_packs() {
    let home = Home::new();
    home.run(&["material", "add", &format!("{NOTES}/revision.md")], "");
    let own = home.run(&["cheatsheet", "quorums"], "");
    assert!(own.out.starts_with("Quorums, in your notes: Week 9: coordination\n"), "{}", own.out);
    std::fs::write(
        home.path().join("mine.md"),
        "# Mine\n\n# Cheat sheet\n\n## Caching\n\n- Ask Kim.\n\n## Queues\n\n- Wait.\n",
    )
    .expect("written");
    home.run(&["material", "add", "mine.md"], "");
    let both = home.run(&["cheatsheet", "caching"], "").out;
    let (pack, notes) = both.split_once("Caching, in your notes: Mine").expect("both");
    assert!(pack.contains("cache-aside") && notes.contains("Ask Kim."), "{both}");
}
