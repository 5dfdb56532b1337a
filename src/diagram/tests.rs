use proptest::prelude::*;

use super::*;
use crate::assets::Assets;

pub(super) fn reviewer() -> Reviewer {
    let assets = Assets::embedded();
    let pack = assets.pack("system-design").expect("the pack");
    Reviewer::new(&pack.lexicon, assets.diagram_rules().expect("the rules"))
}

fn faults(source: &str) -> Vec<String> {
    let mut graph = read(source).expect("a drawing");
    let review = reviewer().review(&mut graph, None).expect("patterns");
    review
        .issues
        .iter()
        .map(|issue| format!("{} at {} (line {})", issue.kind, issue.at, issue.line))
        .collect()
}

#[test]
fn every_fault_is_found_where_it_is() {
    let rows: [(&str, &str, &[&str]); 16] = [
        ("a sound one", "Client-->LB-->App[App servers]-->DB[(Orders DB)]", &[]),
        ("dangling", "Client-->LB-->App[App servers]-->DB[(DB)]\nKafka", &["dangling at Kafka (line 3)"]),
        ("no arrow", "Client\nDB", &["no_connections at  (line 0)"]),
        (
            "an island",
            "Client-->LB-->App[App servers]-->DB[(DB)]\nCron-->Job[Cleanup worker]",
            &["unreachable at Cron (line 3)", "unreachable at Cleanup worker (line 3)"],
        ),
        ("no client", "LB-->App[App servers]-->DB", &["no_client at  (line 0)"]),
        ("no data", "Client-->LB-->App[App servers]", &["no_data at  (line 0)"]),
        ("no path", "Client-->LB-->App[App servers]\nDB-->App", &["no_path_to_data at Client (line 2)"]),
        (
            "cache alone",
            "Client-->LB-->App[App servers]-->Redis\nCron[Batch job]-->DB\nLB-->Cron",
            &["cache_without_store at Redis (line 2)"],
        ),
        (
            "cdn alone",
            "Client-->CDN\nClient-->LB-->App[App servers]-->DB",
            &["cdn_without_origin at CDN (line 2)"],
        ),
        ("balancer", "Client-->LB-->DB", &["balancer_without_servers at LB (line 2)"]),
        (
            "queue",
            "Client-->LB-->App[App servers]-->DB\nApp-->Kafka",
            &["queue_without_consumer at Kafka (line 3)"],
        ),
        (
            "replica",
            "Client-->LB-->App[App servers]-->DB\nApp-->|writes|R[(Read replica)]",
            &["write_to_replica at App servers -> Read replica (line 3)"],
        ),
        (
            "straight",
            "Browser-->DB[(Postgres cluster)]",
            &["client_to_database at Browser -> Postgres cluster (line 2)"],
        ),
        (
            "media",
            "Client-->LB-->U[Upload servers]-->|videos|S3\nU-->DB",
            &["media_through_servers at Upload servers -> S3 (line 2)"],
        ),
        ("one of it", "Client-->Server-->DB", &["single_point_of_failure at Server (line 2)"]),
        (
            "boundary",
            "Client-->LB-->App[App servers]-->DB\nApp-->Stripe",
            &["unlabelled_trust_boundary at App servers -> Stripe (line 3)"],
        ),
    ];
    for (name, source, want) in rows {
        assert_eq!(faults(&format!("flowchart LR\n{source}")), want, "{name}");
    }
}

/// Labels of components, edges as text, labels of groups, and lines of what was not read.
fn outline(source: &str) -> String {
    let graph = read(source).expect("a drawing");
    let labels: Vec<&str> = graph.components.iter().map(|part| part.label.as_str()).collect();
    let edges: Vec<String> = graph
        .edges
        .iter()
        .map(|edge| match edge.label.as_str() {
            "" => graph.edge_name(edge),
            label => format!("{}: {label}", graph.edge_name(edge)),
        })
        .collect();
    let groups: Vec<&str> = graph.groups.iter().map(|group| group.label.as_str()).collect();
    let lines: Vec<usize> = graph.remarks.iter().map(|remark| remark.line).collect();
    format!("{} | {} | {} | {groups:?} {lines:?}", graph.format.name(), labels.join(", "), edges.join(", "))
}

#[test]
fn other_kinds_of_mermaid_are_graphs_too() {
    assert_eq!(
        outline(
            "---\ntitle: Ordering\n---\nC4Container\n  title Shop\n  Person(buyer, \"Buyer\", \"Wants things\")\n  System_Boundary(shop, \"Shop\") {\n    Container(web, \"Web app\", \"React\", \"Shows goods\")\n    ContainerDb(db, \"Orders\", \"PostgreSQL\", \"Keeps orders\")\n    ContainerQueue(q, \"Jobs\", \"SQS\")\n  }\n  System_Ext(pay, \"Payments\")\n  Rel(buyer, web, \"Buys\", \"HTTPS\")\n  Rel(web, db, \"Writes\")\n  BiRel(web, pay, \"Charges\")\n  UpdateRelStyle(buyer, web, $offsetY=\"-40\")\n"
        ),
        r#"mermaid | Buyer, Web app, Orders, Jobs, Payments | Buyer -> Web app: Buys (HTTPS), Web app -> Orders: Writes, Web app <-> Payments: Charges | ["Shop"] []"#
    );
    assert_eq!(
        outline(
            "architecture-beta\n    group cloud(cloud)[Cloud]\n    service db(database)[Orders] in cloud\n    service disk(disk)[Pictures] in cloud\n    service server(server)[Server] in cloud\n    junction mid in cloud\n    db:L -- R:server\n    disk:T --> B:server\n    server{group}:R <--> L:mid\n"
        ),
        r#"mermaid | Orders, Pictures, Server, mid | Orders -- Server, Pictures -> Server, Server <-> mid | ["Cloud"] []"#
    );
    assert_eq!(
        outline(
            "sequenceDiagram\n    autonumber\n    actor U as User\n    participant A as API\n    box Aqua Data\n    participant D as Orders DB\n    end\n    U->>+A: POST /orders\n    alt valid\n      A->>D: insert\n      D-->>A: ok\n    else wrong\n      A-xU: 400\n    end\n    A-->>-U: 201\n    Note over A,D: one transaction\n"
        ),
        r#"mermaid | User, API, Orders DB | User -> API: POST /orders, API -> Orders DB: insert, API -> User: 400 | ["Aqua Data"] []"#
    );
}

#[test]
fn what_is_not_read_is_said() {
    let rows = [
        ("classDiagram\n  A <|-- B\n", "line 1: a Mermaid `classDiagram` shows no components"),
        ("%% x\n\ngantt\n  title x\n", "line 3: a Mermaid `gantt`"),
        ("@startuml\na -> b\n@enduml\n", "PlantUML is not read"),
        ("<mxfile host=\"x\"></mxfile>", "draw.io files are not read"),
        ("<svg></svg>", "an SVG shows lines"),
        ("", "the drawing is empty"),
        ("Dear interviewer, I think a cache is nice.", "this is no drawing"),
        ("{\"type\": \"excalidraw\", \"elements\": [}", "this is no scene of Excalidraw"),
        ("flowchart LR\n", "no component is drawn here"),
    ];
    for (source, want) in rows {
        let error = read(source).expect_err(source).to_string();
        assert!(error.contains(want), "{error}");
    }
}

#[test]
fn a_fence_in_markdown_is_read_with_its_lines() {
    let graph = read("# Notes\n\nSome words.\n\n```mermaid\nflowchart LR\n  a[Client] --> b[LB]\n```\n")
        .expect("a drawing");
    assert_eq!(graph.edges[0].line, 7);
    assert_eq!(detect("a -> b: x\nb -> c").expect("a format"), InputFormat::D2);
    assert_eq!(detect("[a] -> (b)").expect("a format"), InputFormat::Ascii);
    assert_eq!(detect("a[A] --> b").expect("a format"), InputFormat::Mermaid);
    assert_eq!(detect("graph G {\n a -- b\n}").expect("a format"), InputFormat::Dot);
}

#[test]
fn a_scene_with_frames_loose_texts_and_loose_arrows_gives_its_graph() {
    let scene = r#"{"type":"excalidraw","version":2,"source":"https://excalidraw.com","elements":[
        {"id":"f","type":"frame","x":-50,"y":-50,"width":900,"height":300,"name":"Private network"},
        {"id":"a","type":"rectangle","x":0,"y":0,"width":160,"height":80,"frameId":"f","boundElements":[{"type":"text","id":"at"}]},
        {"id":"at","type":"text","x":10,"y":20,"width":100,"height":25,"text":"Web\nserver","originalText":"Web server","containerId":"a"},
        {"id":"b","type":"ellipse","x":500,"y":0,"width":160,"height":80,"frameId":"f","boundElements":[]},
        {"id":"bt","type":"text","x":530,"y":28,"width":100,"height":25,"text":"Orders DB"},
        {"id":"e","type":"arrow","x":165,"y":40,"width":330,"height":0,"points":[[0,0],[330,0]],"startBinding":null,"endBinding":{"elementId":"b","focus":0,"gap":4},"startArrowhead":null,"endArrowhead":"arrow"},
        {"id":"et","type":"text","x":300,"y":15,"width":60,"height":20,"text":"SQL"},
        {"id":"u","type":"text","x":-300,"y":30,"width":50,"height":25,"text":"Client","boundElements":[{"type":"arrow","id":"e2"}]},
        {"id":"e2","type":"arrow","x":-245,"y":42,"width":240,"height":0,"points":[[0,0],[240,0]],"startBinding":{"elementId":"u","focus":0,"gap":4},"endBinding":{"elementId":"a","focus":0,"gap":4},"startArrowhead":null,"endArrowhead":"triangle"},
        {"id":"gone","type":"rectangle","x":0,"y":600,"width":100,"height":50,"isDeleted":true},
        {"id":"n","type":"text","x":0,"y":900,"width":100,"height":25,"text":"draft of Monday"}
    ],"appState":{},"files":{}}"#;
    assert_eq!(
        outline(scene),
        r#"excalidraw | Web server, Orders DB, Client | Web server -> Orders DB: SQL, Client -> Web server | ["Private network"] []"#
    );
}

/// Lines as a candidate might write them, in every format, and pieces of none.
fn scrawl() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b[x]",
        "c[(y",
        "d{{z}}",
        "-->",
        "---",
        "-.->",
        "==>",
        "-- t -->",
        "|t|",
        "&",
        "subgraph s",
        "end",
        ";",
        "\n",
        " ",
        "\"",
        "```",
        "%%",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        "<b>",
        "->",
        "<-",
        "--",
        ":",
        ".",
        ",",
        "=",
        "label",
        "digraph",
        "graph",
        "flowchart LR\n",
        "architecture-beta\n",
        "C4Context\n",
        "sequenceDiagram\n",
        "Rel(a,b,\"x\")",
        "a->>b: hi",
        "db:L -- R:s",
        "+---+",
        "|   |",
        "v",
        "^",
        "│",
        "┌──┐",
        "└──┘",
        "►",
        "┼",
        "#",
        "|md",
        "|",
        "'",
        "\\",
        "/",
        "日本",
        "é",
        "@{",
        "style",
        "shape: cylinder",
        "*",
        "_",
        "...@x",
        "${x}",
        "null",
        "\t",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn no_reader_falls_over_anything(source in scrawl()) {
        for format in [InputFormat::Mermaid, InputFormat::Dot, InputFormat::D2, InputFormat::Excalidraw, InputFormat::Ascii] {
            if let Ok(graph) = read_as(&source, format) {
                let count = graph.components.len();
                for edge in &graph.edges {
                    prop_assert!(edge.from < count && edge.to < count);
                }
                for (index, group) in graph.groups.iter().enumerate() {
                    prop_assert!(group.parent.is_none_or(|parent| parent < index));
                    prop_assert!(group.component.is_none_or(|component| component < count));
                }
                prop_assert!(graph.components.iter().all(|part| part.group.is_none_or(|group| group < graph.groups.len())));
                prop_assert!(svg(&graph).ends_with("</svg>\n"));
                text(&graph);
            }
        }
        let _ = read(&source);
    }

    #[test]
    fn no_bytes_as_text_are_too_strange(source in ".{0,300}") {
        for format in [InputFormat::Mermaid, InputFormat::Dot, InputFormat::D2, InputFormat::Ascii] {
            let _ = read_as(&source, format);
        }
        let _ = read(&source);
    }
}

#[test]
fn a_large_input_takes_time_in_proportion() {
    // Each repeats what would be worst for a reader that looks back or ahead without bound.
    let rows = [
        (InputFormat::Mermaid, "a[x"),
        (InputFormat::Mermaid, "a-->b;"),
        (InputFormat::Mermaid, "a -- b "),
        (InputFormat::Mermaid, "a & "),
        (InputFormat::Mermaid, "subgraph x\n"),
        (InputFormat::Mermaid, "a@"),
        (InputFormat::Dot, "a->"),
        (InputFormat::Dot, "{"),
        (InputFormat::Dot, "<"),
        (InputFormat::Dot, "\"x"),
        (InputFormat::Dot, "{a b}->"),
        (InputFormat::D2, "a.b."),
        (InputFormat::D2, "x: |md "),
        (InputFormat::D2, "a->b\n"),
        (InputFormat::D2, "a: {\n"),
        (InputFormat::D2, "'x"),
        (InputFormat::Ascii, "+"),
        (InputFormat::Ascii, "+-+\n| |\n"),
        (InputFormat::Ascii, "┌─┬"),
        (InputFormat::Ascii, "- x "),
        (InputFormat::Ascii, "["),
        (InputFormat::Ascii, "+--+\n"),
        (InputFormat::Ascii, "|\n"),
    ];
    for (format, piece) in rows {
        let source = piece.repeat(60_000 / piece.len());
        let graph = read_as(&source, format).unwrap_or_default();
        assert!(graph.edges.len() <= 20_000 && graph.components.len() <= 5_000, "{piece}");
    }
}
