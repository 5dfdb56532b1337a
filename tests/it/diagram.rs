//! `greenroom diagram`: five formats, one graph; items, faults and scores.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Home, fixture};

const TASKS: [&str; 3] = ["ecommerce", "social-feed", "video-streaming"];
const QUALITIES: [&str; 3] = ["full", "middling", "poor"];
const FORMATS: [(&str, &str); 5] =
    [("mmd", "mermaid"), ("dot", "dot"), ("d2", "d2"), ("excalidraw", "excalidraw"), ("txt", "ascii")];

/// Score, missing items and faults of each drawing, in every format.
const WANT: &str = r#"ecommerce full 10.0; missing []; []
ecommerce middling 6.2; missing ["cdn", "search", "inventory", "notification"]; ["queue_without_consumer at Kafka", "single_point_of_failure at MySQL", "unlabelled_trust_boundary at Checkout -> PayPal"]
ecommerce poor 0.7; missing ["cdn", "load-balancer", "catalog", "search", "orders", "payment", "inventory", "cache", "message-queue", "notification"]; ["dangling at Cart", "client_to_database at Browser -> Database", "single_point_of_failure at Database"]
social-feed full 9.2; missing ["user-store"]; []
social-feed middling 6.5; missing ["follow-graph", "cdn", "websocket", "user-store"]; ["media_through_servers at Backend API -> Image bucket (S3)"]
social-feed poor 0.6; missing ["load-balancer", "posts", "post-store", "follow-graph", "queue", "cache", "media-storage", "cdn", "websocket", "notifications"]; ["dangling at Images", "client_to_database at User -> MySQL", "single_point_of_failure at MySQL"]
video-streaming full 10.0; missing []; []
video-streaming middling 5.0; missing ["chunked-upload", "queue", "adaptive-segments", "cache", "recommendations", "analytics"]; ["media_through_servers at Upload API -> S3"]
video-streaming poor 0.4; missing ["load-balancer", "chunked-upload", "original-storage", "queue", "transcoding", "adaptive-segments", "cdn", "metadata", "recommendations", "analytics"]; ["dangling at Disk", "cache_without_store at Memcached", "client_to_database at Client -> Memcached"]
"#;

fn check(home: &Home, task: &str, name: &str) -> Value {
    let ran = home.run(&["diagram", task, "-", "--format", "json"], fixture(&format!("diagrams/{name}")));
    assert_eq!(ran.code, 0, "{name}: {ran:?}");
    ran.json()
}

/// What was drawn, whatever the ids are.
fn drawn(value: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let components = value["components"].as_array().expect("components");
    let name =
        |id: &Value| text(&components.iter().find(|part| part["id"] == *id).expect("a component")["label"]);
    let parts = components.iter().map(|part| format!("{} = {}", text(&part["label"]), text(&part["kind"])));
    let edges = value["edges"].as_array().expect("edges").iter();
    let edges = edges
        .map(|edge| format!("{} -> {}: {}", name(&edge["from"]), name(&edge["to"]), text(&edge["label"])));
    (parts.collect(), edges.collect())
}

#[test]
fn the_same_drawing_in_five_formats_is_the_same_graph_and_better_ones_score_more() {
    let home = Home::new();
    let mut table = String::new();
    for task in TASKS {
        let mut scores = Vec::new();
        for quality in QUALITIES {
            let mut first: Option<Value> = None;
            for (extension, format) in FORMATS {
                let name = format!("{task}-{quality}.{extension}");
                let value = check(&home, task, &name);
                assert_eq!(value["input_format"], format, "{name}");
                assert_eq!(value["not_read"], Value::Array(Vec::new()), "{name}");
                let first = first.get_or_insert_with(|| value.clone());
                assert_eq!(drawn(first), drawn(&value), "{name}");
                assert_eq!(first["score"], value["score"], "{name}");
            }
            let value = first.expect("five formats");
            let include = value["include"].as_array().expect("items");
            let missing: Vec<&str> = include
                .iter()
                .filter(|item| item["present"] == false)
                .map(|item| item["id"].as_str().expect("an id"))
                .collect();
            let issues: Vec<String> = value["issues"]
                .as_array()
                .expect("issues")
                .iter()
                .map(|issue| {
                    format!("{} at {}", issue["kind"].as_str().unwrap(), issue["at"].as_str().unwrap())
                })
                .collect();
            table += &format!("{task} {quality} {}; missing {missing:?}; {issues:?}\n", value["score"]);
            scores.push(value["score"].as_f64().expect("a score"));
        }
        assert!(scores[0] > scores[1] + 1.0 && scores[1] > scores[2] + 1.0, "{task}: {scores:?}");
    }
    assert_eq!(table, WANT);
}

#[test]
fn an_attempt_is_kept_as_a_session() {
    let home = Home::new();
    let checked = check(&home, "ecommerce", "ecommerce-poor.mmd");
    let listed = home.run(&["sessions", "list", "--format", "json"], "").json();
    assert_eq!(listed[0]["id"], checked["session_id"]);
    assert_eq!(listed[0]["kind"], "diagram");
    assert_eq!(listed[0]["problem"], "ecommerce");
    assert_eq!(listed[0]["state"], "finished");
    let again = check(&home, "ecommerce", "ecommerce-poor.mmd");
    assert_ne!(checked["hint"], again["hint"], "the second time the hint tells more");
}

#[test]
fn the_tasks_are_listed() {
    let listed = Home::new().run(&["diagram", "list", "--format", "json"], "").json();
    let ids: Vec<&str> =
        listed.as_array().expect("tasks").iter().filter_map(|task| task["id"].as_str()).collect();
    assert_eq!(ids, TASKS);
    assert!(listed[0]["title"].is_string());
}

#[test]
fn a_picture_is_written_and_says_the_same_parts() {
    let home = Home::new();
    let out = home.path().join("shop.svg");
    std::fs::write(home.path().join("shop.d2"), fixture("diagrams/ecommerce-full.d2")).expect("written");
    let ran = home.run(&["diagram", "ecommerce", "shop.d2", "--svg", "shop.svg"], "");
    assert_eq!(ran.code, 0, "{ran:?}");
    let svg = std::fs::read_to_string(out).expect("an SVG");
    assert!(svg.starts_with("<svg") && svg.contains("Payment service"), "{svg}");
    assert!(ran.out.contains("Score: 10 of 10"), "{}", ran.out);
}

#[test]
fn what_cannot_be_checked_says_what_to_do() {
    let home = Home::new();
    let rows: [(&[&str], &[u8], &str); 8] = [
        (&["diagram", "ecomerce"], b"", "did you mean `ecommerce`?"),
        (&["diagram", "ecommerce", "nosuch.mmd"], b"", "nosuch.mmd cannot be read"),
        (&["diagram", "ecommerce", "-"], b"", "the drawing is empty"),
        (&["diagram", "ecommerce", "-"], b"I would draw a box.", "this is no drawing"),
        (&["diagram", "ecommerce", "-"], b"gantt\n  title x\n", "a Mermaid `gantt` shows no components"),
        (&["diagram", "ecommerce", "-"], b"venn-beta\n  set A\n", "a Mermaid `venn` shows no components"),
        (&["diagram", "ecommerce", "-"], b"c4-beta container\nperson a \"A\"\n", "write it as `C4Container`"),
        (&["diagram", "ecommerce", "-"], b"\x89PNG\r\n\x1a\n....", "a picture needs a model that sees"),
    ];
    for (arguments, input, want) in rows {
        let ran = home.run(arguments, input);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains(want) && ran.err.contains("hint: "), "{}", ran.err);
    }
}

#[test]
fn what_the_documentation_of_the_formats_shows_is_read_or_named() {
    let home = Home::new();
    // Source, components, connections, and what is said of the rest.
    let rows: [(&str, usize, usize, &str); 9] = [
        ("flowchart LR\n A e1@--> B\n e1@{ animate: true }\n classDef x stroke:red\n class e1 x\n", 2, 1, ""),
        ("flowchart TB\n A & B --> C & D\n C x--x E\n D@{ shape: cyl, label: \"DB\" }\n", 5, 5, ""),
        (
            "architecture-beta\n group g(cloud)[One]\n service a(disk)[A] in g\n service b(logos:aws-s3)[B] in g\n junction j\n a{group}:R --> L:j\n j:R -- L:b\n",
            3,
            2,
            "",
        ),
        (
            "C4Context\n Person(p, \"P\")\n Boundary(b, \"B\") {\n SystemQueue(q, \"Q\", \"x, y\")\n }\n Rel_Back(p, q, \"Uses\")\n UpdateRelStyle(p, q, $offsetX=\"5\")\n",
            2,
            1,
            "",
        ),
        (
            "a: {\n shape: sql_table\n id: int {constraint: primary_key}\n}\nb: {\n shape: sql_table\n a: int\n}\nb.a -> a.id\n",
            2,
            1,
            "",
        ),
        (
            "x -> y: hi\n(x -> y)[0].style.stroke: red\n_.z\n*.style.fill: red\n",
            3,
            1,
            "globs (`*`) are not read",
        ),
        ("vars: {\n n: Cat\n}\ns: ${n}-1\ns <-> t\n", 2, 1, "variables (`${..}`) are not filled in"),
        ("a -> b\nb: @other.d2\n", 2, 1, "imports are not followed"),
        ("digraph { subgraph cluster_0 { a -> b:p:n } b -> { c d } [color=red] }\n", 4, 3, ""),
    ];
    for (source, components, connections, remark) in rows {
        let value = home.run(&["diagram", "-", "--format", "json"], source).json();
        let count = |key: &str| value[key].as_array().expect("an array").len();
        assert_eq!((count("components"), count("edges")), (components, connections), "{source}: {value}");
        let told = value["not_read"].to_string();
        assert!(if remark.is_empty() { told == "[]" } else { told.contains(remark) }, "{source}: {told}");
    }
}
