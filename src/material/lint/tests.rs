//! A small sound pack, and what the lint says when one thing in it is wrong.

use super::*;

const PACK: &str = r#"
id = "queues"
title = "Queues"
version = 1
description = "One question and one problem."
rubric = "system-design"
minutes = 40

[[phase]]
id = "requirements"
title = "Requirements"
minutes = 10
opening = "Ask me what you need."
closing = "Good."

[[phase]]
id = "detailed_design"
title = "Detailed design"
minutes = 30
opening = "Go deep."
closing = "Thank you."
"#;

const LEXICON: &str = r#"
[[term]]
name = "message queue"
aliases = ["mq"]
products = ["rabbitmq"]
kind = "message_queue"

[[term]]
name = "database"
aliases = ["db"]
kind = "sql_database"
"#;

const CLARIFY: &str = r#"
[[topic]]
id = "users"
question = "How many users are there?"
why = "It sets the scale."
asks = ["how many + user|people"]
"#;

const CHECKLIST: &str = r#"
[[item]]
id = "explain-queues"
item = "Explain queues"
questions = ["queues"]
problems = ["jobs"]
"#;

const DIAGRAM: &str = r#"
id = "jobs"
title = "Jobs"
task = "Draw how a job runs."

[[item]]
id = "queue"
item = "Message queue"
kinds = ["message_queue"]
hints = ["What holds work?", "Between producer and worker.", "A queue."]
"#;

fn question() -> String {
    let mut text = r#"
id = "queues"
title = "Message queues"
question = "What is a message queue good for?"
topics = ["queues"]
model_answer = """
Producers and consumers are decoupled. The buffer absorbs bursts. Consumers scale out. Delivery is repeated, so handlers
are idempotent. Poison messages go to a dead letter queue. Order holds within one partition only."""
"#
    .to_owned();
    let points = [
        ("decouples", "producer|consumer + decouple*"),
        ("buffers", "buffer|absorb + burst"),
        ("scales", "consumer|worker + scale out"),
        ("idempotent", "idempoten* + handler|consumer"),
        ("dead-letter", "dead letter + poison"),
        ("order", "order + partition"),
    ];
    for (id, says) in points {
        text += &format!("\n[[point]]\nid = \"{id}\"\ntext = \"About {id}.\"\nsays = [\"{says}\"]\n");
    }
    for (id, belief) in [
        ("exactly-once", "is exactly once"),
        ("always-order", "is always ordered"),
        ("lossless", "never loses anything"),
    ] {
        text += &format!(
            "\n[[misconception]]\nid = \"{id}\"\ntext = \"A queue {belief}.\"\ncorrection = \"Not so.\"\nsays = [\"queue > {belief}\"]\n"
        );
    }
    for level in ["mid", "senior", "staff"] {
        text += &format!("\n[[follow_up]]\nlevel = \"{level}\"\nquestion = \"And at {level}?\"\n");
    }
    text
}

fn problem() -> String {
    let mut text = r#"
id = "jobs"
title = "Job runner"
aliases = ["task runner"]
statement = "Design a service that runs jobs for other teams."

[change]
announcement = "Jobs may now last a whole day. What changes?"
opens = ["p12"]

[[failure]]
id = "worker-dies"
scenario = "A machine stops in the middle of its work. What now?"
opens = ["p13"]

[[figure]]
id = "rate"
name = "jobs per second"
low = 100.0
high = 130.0
unit = "per second"
working = "10 million jobs / 86,400 s = 116 per second"

[[inconsistency]]
id = "fast-and-safe"
one = ["memory only"]
other = ["never lose"]
probe = "You keep it in memory, and lose nothing. How?"

[levels]
mid = "Runs."
senior = "Survives."
staff = "Grows."

[[fact]]
id = "users"
topic = "users"
answer = "About 10 million jobs a day."
"#
    .to_owned();
    for at in 1..12 {
        text += &format!(
            "\n[[fact]]\nid = \"f{at}\"\nasks = [\"subject{at} + limit\"]\nanswer = \"It is fine.\"\n"
        );
    }
    for at in 0..22 {
        let phase = if at < 8 { "requirements" } else { "detailed_design" };
        text += &format!(
            "\n[[point]]\nid = \"p{at}\"\nphase = \"{phase}\"\ncriterion = \"tradeoffs\"\ntext = \"Does thing{at}.\"\nsays = [\"thing{at} + topic{at}\"]\nprobe = \"What of area{at}, seen by side{at}?\"\nhints = [\"Think of side{at}.\", \"Look at part{at} too.\", \"It is thing{at} of topic{at}.\"]\n"
        );
    }
    text
}

fn pack() -> PackSource {
    let files = [
        ("pack.toml", PACK.to_owned()),
        ("lexicon.toml", LEXICON.to_owned()),
        ("clarify.toml", CLARIFY.to_owned()),
        ("checklist.toml", CHECKLIST.to_owned()),
        ("cheatsheet.md", "# Sheet\n\n## Queues\n- hold work\n".to_owned()),
        ("questions/queues.toml", question()),
        ("problems/jobs.toml", problem()),
        ("diagrams/jobs.toml", DIAGRAM.to_owned()),
    ];
    files.map(|(name, text)| (name.to_owned(), text)).into()
}

fn faults(source: &PackSource) -> Vec<LoadError> {
    let rubric = crate::assets::Assets::embedded().rubric("system-design").expect("a rubric");
    match Pack::parse(source) {
        Ok(pack) => lint(&pack, source, &Around { rubric: Some(&rubric), ..Around::default() }),
        Err(faults) => faults,
    }
}

#[test]
fn a_sound_pack_has_no_fault() {
    assert_eq!(faults(&pack()), []);
}

/// File, what is replaced by what, and words of the message.
type Planted = (&'static str, &'static str, &'static str, &'static str);

const PLANTED: [Planted; 56] = [
    ("pack.toml", "minutes = 40", "minutes = 45", "add up to 40 minutes"),
    ("pack.toml", "minutes = 30", "minutes = 0", "nothing in it is reached"),
    ("pack.toml", "opening = \"Go deep.\"", "opening = \" \"", "empty opening"),
    ("pack.toml", "description", "desciption", "did you mean `description`"),
    ("lexicon.toml", "aliases = [\"db\"]", "aliases = [\"mq\"]", "belongs to `message queue` already"),
    ("lexicon.toml", "name = \"database\"", "name = \"message queue\"", "is there twice"),
    ("clarify.toml", "asks = [\"how many + user|people\"]", "asks = []", "nothing asks for the topic"),
    ("checklist.toml", "questions = [\"queues\"]", "questions = [\"queus\"]", "did you mean `queues`"),
    ("checklist.toml", "problems = [\"jobs\"]", "problems = [\"job\"]", "no problem `job`"),
    (
        "diagrams/jobs.toml",
        "kinds = [\"message_queue\"]",
        "kinds = [\"mesage_queue\"]",
        "did you mean `message_queue`",
    ),
    ("diagrams/jobs.toml", "kinds = [\"message_queue\"]", "", "neither kinds nor patterns"),
    ("diagrams/jobs.toml", "\"A queue.\"]", "\"\"]", "empty text"),
    ("diagrams/jobs.toml", "id = \"jobs\"", "id = \"work\"", "must be the file's name"),
    ("cheatsheet.md", "- hold work", "", "nothing stands under `Queues`"),
    ("cheatsheet.md", "## Queues", "### Queues", "no level-2 heading"),
    ("questions/queues.toml", "topics =", "topcs =", "did you mean `topics`"),
    ("questions/queues.toml", "level = \"senior\"", "level = \"seniour\"", "did you mean `senior`"),
    ("questions/queues.toml", "level = \"senior\"", "level = \"mid\"", "0 follow-ups for senior"),
    ("questions/queues.toml", "title = \"Message queues\"", "title = \"\"", "empty title"),
    ("questions/queues.toml", "says = [\"order + partition\"]", "says = []", "nothing covers the point"),
    ("questions/queues.toml", "order + partition", "order + replica", "model answer does not cover"),
    ("questions/queues.toml", "order + partition", "queue + good", "the question itself covers"),
    ("questions/queues.toml", "order + partition", "order +partition", "space on each side"),
    ("questions/queues.toml", "order + partition", "order + part*tion", "only at the end of a word"),
    ("questions/queues.toml", "order + partition", "order + e.g.", "can never match"),
    ("questions/queues.toml", "order + partition", "order, > partition", "breaks off"),
    ("questions/queues.toml", "order + partition", "order + ", "empty part"),
    (
        "questions/queues.toml",
        "says = [\"order + partition\"]",
        "says = [\"order + partition\", \"order + partition\"]",
        "twice",
    ),
    (
        "questions/queues.toml",
        "says = [\"order + partition\"]",
        "says = [\"order + partition\"]\npartly = [\"order + partition\"]",
        "both says and partly",
    ),
    (
        "questions/queues.toml",
        "says = [\"order + partition\"]",
        "says = [\"order + partition\"]\nweight = 0.0",
        "weighs 0",
    ),
    ("questions/queues.toml", "id = \"order\"", "id = \"scales\"", "`scales` is there twice"),
    (
        "questions/queues.toml",
        "[\"queue > is exactly once\"]",
        "[\"stream > is exactly once\"]",
        "do not find its own text",
    ),
    (
        "questions/queues.toml",
        "[\"queue > is exactly once\"]",
        "[\"queue > is exactly once\", \"absorb* + bursts\"]",
        "itself holds the misconception",
    ),
    (
        "questions/queues.toml",
        "[\"queue > is exactly once\"]",
        "[\"queue > is exactly once\"]\nspoils = [\"ordr\"]",
        "did you mean `order`",
    ),
    (
        "questions/queues.toml",
        "[[misconception]]\nid = \"lossless\"\ntext = \"A queue never loses anything.\"\ncorrection = \"Not so.\"\nsays = [\"queue > never loses anything\"]",
        "",
        "2 misconceptions",
    ),
    (
        "problems/jobs.toml",
        "phase = \"requirements\"",
        "phase = \"requirement\"",
        "did you mean `requirements`",
    ),
    (
        "problems/jobs.toml",
        "criterion = \"tradeoffs\"",
        "criterion = \"trade_offs\"",
        "did you mean `tradeoffs`",
    ),
    ("problems/jobs.toml", "opens = [\"p12\"]", "opens = [\"p3\"]", "the probe of `p3` is unreachable"),
    ("problems/jobs.toml", "opens = [\"p12\"]", "opens = []", "the change opens no point"),
    ("problems/jobs.toml", "opens = [\"p13\"]", "opens = [\"p99\"]", "no point `p99`"),
    ("problems/jobs.toml", "opens = [\"p13\"]", "opens = []", "opens no point"),
    ("problems/jobs.toml", "high = 130.0", "high = 104.0", "outside its 100 to 104"),
    ("problems/jobs.toml", "high = 130.0", "high = 90.0", "no value between low and high"),
    ("problems/jobs.toml", "= 116 per second", "= 1160 per second", "does not add up"),
    ("problems/jobs.toml", "working = \"10 million", "working = \"11 million", "which no fact says"),
    ("problems/jobs.toml", "unit = \"per second\"", "unit = \"per sec\"", "did you mean `per second`"),
    ("problems/jobs.toml", "other = [\"never lose\"]", "other = [\"memory only\"]", "both sides"),
    ("problems/jobs.toml", "Think of side5.", "It is thing5 in topic5.", "the first hint of `p5` gives"),
    (
        "problems/jobs.toml",
        "What of area5, seen by side5?",
        "Is there a thing7 in topic7?",
        "what `p5` says gives the point `p7` away",
    ),
    (
        "problems/jobs.toml",
        "runs jobs for other teams.",
        "runs thing2 on topic2.",
        "what `statement` says gives",
    ),
    (
        "problems/jobs.toml",
        "Look at part5 too.",
        "Think of side5.",
        "the second hint of `p5` repeats the first",
    ),
    (
        "problems/jobs.toml",
        "What of area5, seen by side5?",
        "What of area6, seen by side6?",
        "says the same as",
    ),
    ("problems/jobs.toml", "What of area5, seen by side5?", "", "empty text"),
    (
        "problems/jobs.toml",
        "says = [\"thing5 + topic5\"]",
        "says = [\"thing6 + topic6\"]",
        "covers both `p5` and `p6`",
    ),
    (
        "problems/jobs.toml",
        "id = \"f5\"\nasks",
        "id = \"f5\"\ntopic = \"users\"\nasks",
        "the second is never told",
    ),
    (
        "problems/jobs.toml",
        "answer = \"About 10 million jobs a day.\"",
        "answer = \"About 10 million jobs a day. a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t\"",
        "50 at most",
    ),
];

#[test]
fn every_planted_fault_is_found_in_its_file() {
    for (file, from, to, want) in PLANTED {
        let mut source = pack();
        let text = source.get_mut(file).expect("a file of the pack");
        assert!(text.contains(from), "{file} has no {from:?}");
        *text = text.replacen(from, to, 1);
        let line = text.lines().count();
        let found = faults(&source);
        let fault = found.iter().find(|fault| fault.message.contains(want));
        let fault = fault.unwrap_or_else(|| panic!("{from:?} -> {to:?}: want {want:?}, got {found:#?}"));
        assert_eq!(fault.file, file, "{fault}");
        assert!(fault.line <= line.max(1) && fault.column > 0, "{fault}");
    }
}

#[test]
fn a_fault_stands_where_it_was_planted() {
    let mut source = pack();
    let text = source.get_mut("problems/jobs.toml").expect("a problem");
    *text = text.replacen("Look at part5 too.", "Think of side5.", 1);
    let line = text.lines().position(|line| line.contains("Think of side5")).expect("the hints") + 1;
    assert_eq!(faults(&source)[0].line, line);
}

#[test]
fn files_that_nothing_reads_and_files_that_lack_are_faults() {
    let mut source = pack();
    source.insert("lexcon.toml".into(), String::new());
    source.insert("question/x.toml".into(), String::new());
    let messages: Vec<_> = faults(&source).iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "lexcon.toml:1:1: nothing reads this file; did you mean `lexicon.toml`?",
            "question/x.toml:1:1: nothing reads this file; did you mean `questions/x.toml`?",
        ]
    );
    source.remove("pack.toml");
    assert!(faults(&source)[0].message.contains("no such file"));
}

#[test]
fn a_pack_is_held_against_its_folder_and_the_other_packs() {
    let source = pack();
    let other = Pack::parse(&source).expect("a sound pack");
    let messages = |packs: &[Pack], folder| -> Vec<String> {
        let pack = Pack::parse(&source).expect("a sound pack");
        let around = Around { rubric: None, folder: Some(folder), packs };
        lint(&pack, &source, &around).iter().map(ToString::to_string).collect()
    };
    assert_eq!(messages(&[], "queues"), [""; 0]);
    insta::assert_snapshot!(messages(&[other], "ques").join("\n"), @r"
    diagrams/jobs.toml:2:1: the id `jobs` is taken by the pack `queues`, which is asked first
    pack.toml:2:1: the id `queues` must be the folder's name, `ques`
    questions/queues.toml:2:1: the id `queues` is taken by the pack `queues`, which is asked first
    ");
    let mut source = pack();
    let text = source.get_mut("checklist.toml").expect("a checklist");
    *text = text.replacen("\"queues\"", "\"proxies\"", 1);
    let built_in = crate::assets::Assets::embedded().pack("system-design").expect("a pack");
    let pack = Pack::parse(&source).expect("a sound pack");
    assert_eq!(lint(&pack, &source, &Around { packs: &[built_in], ..Around::default() }), []);
}

#[test]
fn thin_content_is_a_fault() {
    let mut source = pack();
    let text = source.get_mut("problems/jobs.toml").expect("a problem");
    let cut = text.find("[[point]]\nid = \"p19\"").expect("the point");
    text.truncate(cut);
    assert!(faults(&source).iter().any(|fault| fault.message.contains("19 points")));
}

#[test]
fn a_pattern_that_fits_every_question_is_too_broad() {
    let mut source = pack();
    for at in 0..9 {
        let copy = question().replace("id = \"queues\"", &format!("id = \"q{at}\""));
        source.insert(format!("questions/q{at}.toml"), copy);
    }
    let found = faults(&source);
    assert!(found.iter().any(|fault| fault.message.contains("is too broad: 9 other")), "{found:#?}");
}

#[test]
fn advice_is_no_fault() {
    let mut source = pack();
    let text = source.get_mut("problems/jobs.toml").expect("a problem");
    *text = text.replacen("Look at part5 too.", "See thing5 of topic5.", 1);
    assert_eq!(faults(&source), []);
    let pack = Pack::parse(&source).expect("a pack");
    assert!(advice(&pack, &source).iter().any(|remark| remark.message.contains("second hint of `p5`")));
}
