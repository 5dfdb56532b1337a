//! Notes of every usual shape, each with what must be found in it.

use super::*;

fn found(text: &str) -> Vec<(String, String)> {
    let notes = Notes::read(text, "notes.md");
    notes.questions.into_iter().map(|question| (question.question, question.answer)).collect()
}

#[test]
fn questions_are_found_in_every_usual_shape() {
    let want = [("What is a lease?", "A lock that **ends** by itself."), ("Why use one?", "Owners die.")];
    let rows = [
        (
            "headings with a number and a label",
            "# T\n\n### Q1: What is a lease?\n\n**Answer:**\n\nA lock that **ends** by itself.\n\n---\n\n### Q2: Why use one?\n\nOwners die.\n\n---\n",
        ),
        (
            "headings that ask",
            "## What is a lease?\nA lock that **ends** by itself.\n## Why use one?\nOwners die.\n",
        ),
        (
            "under a heading of questions",
            "## FAQ\n### What is a lease?\nA lock that **ends** by itself.\n\n### Why use one?\nOwners die.\n",
        ),
        (
            "bold labels",
            "**Q:** What is a lease?\n\n**A:** A lock that **ends** by itself.\n\n**Q:** Why use one?\n\n**A:** Owners die.\n",
        ),
        (
            "labels line by line",
            "Q: What is a lease?\nA: A lock that **ends** by itself.\nQ: Why use one?\nA: Owners die.\n",
        ),
        (
            "long labels",
            "**Question 1:** What is a lease?\n**Answer:** A lock that **ends** by itself.\n\nQuestion 2: Why use one?\n\nAnswer: Owners die.\n",
        ),
        (
            "on one line",
            "Q: What is a lease? A: A lock that **ends** by itself.\n\nQ: Why use one? A: Owners die.\n",
        ),
        (
            "bold questions",
            "**What is a lease?**\n\nA lock that **ends** by itself.\n\n**2. Why use one?**\nOwners die.\n\n## Other\ntext\n",
        ),
        (
            "list items",
            "1. **What is a lease?** A lock that **ends** by itself.\n2. Why use one?\n   - Owners die.\n",
        ),
        (
            "list items with labels",
            "- Q: What is a lease?\n  A: A lock that **ends** by itself.\n- Q: Why use one?\n  A: Owners die.\n",
        ),
        (
            "items in turn",
            "- Q: What is a lease?\n- A: A lock that **ends** by itself.\n- Q: Why use one?\n- A: Owners die.\n",
        ),
        (
            "in a quotation",
            "> **Q:** What is a lease?\n> **A:** A lock that **ends** by itself.\n\n> **Q:** Why use one?\n> **A:** Owners die.\n",
        ),
        (
            "details",
            "<details>\n<summary>What is a lease?</summary>\n\nA lock that **ends** by itself.\n\n</details>\n\n<details><summary><b>Why use one?</b></summary>\nOwners die.\n</details>\n",
        ),
        (
            "an answer behind details",
            "**Q: What is a lease?**\n\n<details><summary>Show answer</summary>\n\nA lock that **ends** by itself.\n\n</details>\n\n**Q: Why use one?**\n\n<details><summary>Answer</summary>\nOwners die.\n</details>\n",
        ),
        (
            "a heading for the answer",
            "## What is a lease?\n\n### Answer\n\nA lock that **ends** by itself.\n\n## Why use one?\n\n## Answer\n\nOwners die.\n",
        ),
        (
            "a bare heading",
            "### Question 1\n\nWhat is a lease?\n\n### Answer\n\nA lock that **ends** by itself.\n\n### Question 2\n\nWhy use one?\n\nOwners die.\n",
        ),
        (
            "double colons",
            "What is a lease? :: A lock that **ends** by itself.\n\nWhy use one?::Owners die.\n",
        ),
        (
            "a line of its own",
            "What is a lease?\n?\nA lock that **ends** by itself.\n\nWhy use one?\n?\nOwners die.\n",
        ),
        (
            "an outline",
            "- Leases\n  - What is a lease? #card\n    - A lock that **ends** by itself.\n  - Why use one? #card\n    - Owners die.\n",
        ),
    ];
    for (name, text) in rows {
        let got: Vec<_> = found(text)
            .into_iter()
            .map(|(question, answer)| (question, answer.trim_start_matches("- ").to_owned()))
            .collect();
        let want: Vec<_> = want
            .iter()
            .map(|&(q, a)| {
                (q.to_owned(), if name == "double colons" { a.replace("**", "") } else { a.to_owned() })
            })
            .collect();
        assert_eq!(got, want, "{name}");
    }
}

#[test]
fn questions_are_found_in_tables() {
    let text = "| # | Question | Answer |\n|--|--|--|\n| 1 | What is a lease? | A lock that ends. |\n| 2 | Empty? | |\n";
    assert_eq!(found(text), [("What is a lease?".to_owned(), "A lock that ends.".to_owned())]);
    assert_eq!(Notes::read(text, "").unanswered, ["Empty?"]);
}

#[test]
fn cards_are_read_from_exports() {
    let anki = "#separator:tab\n#html:true\n#tags column:3\nWhat is a lease?\tA lock that <b>ends</b>&nbsp;by itself.<br>- or not\ttag\n\"quorum\"\t\"more than half,\nsay \"\"two of three\"\"\"\ttag\n{{c1::Raft}} elects a leader\t\ttag\n";
    let notes = Notes::read(anki, "my_deck.txt");
    let got: Vec<_> =
        notes.questions.iter().map(|q| (q.id.as_str(), q.question.as_str(), q.answer.as_str())).collect();
    let want = [
        ("lease", "What is a lease?", "A lock that **ends** by itself.\n- or not"),
        ("quorum", "Explain: quorum", "more than half,\nsay \"two of three\""),
        ("elects-leader", "[...] elects a leader", "Raft elects a leader"),
    ];
    assert_eq!(got, want);
    assert_eq!(notes.title, "My deck");
    let plain = "What is a lease?;A lock that ends\nWhy use one?;Owners die\nquorum;more than half\n";
    assert_eq!(found(plain).len(), 3);
    let passages = notes.passages(anki);
    assert_eq!(passages.len(), 3);
}

#[test]
fn what_only_looks_like_a_question_is_none() {
    let rows = [
        "# Caching\n\nIs it worth it? It depends. Why? Because.\n\nAnother paragraph.\n",
        "## Ask\n- \"How many users?\"\n- \"Read ratio?\"\n",
        "Quick: this is no card\nQuality: neither\n",
        "Use `std::vec` and a::b\n",
        "fn main() {\n    let a = 1;\n    let b = 2;\n    call();\n}\n",
        "a,b\n1;2 3 words\n\n# heading\nprose here; and more prose\n",
    ];
    for text in rows {
        assert_eq!(found(text).iter().filter(|(q, _)| !q.starts_with("Explain:")).count(), 0, "{text}");
    }
}

#[test]
fn a_back_that_is_code_ends_inside_the_text() {
    let text = "Draw:: ```\n日本```\n# ";
    let notes = Notes::read(text, "");
    assert_eq!(&text[notes.questions[0].at.clone()], "Draw:: ```");
}

#[test]
fn plans_of_interviews_are_found_in_every_usual_shape() {
    let want = [("Requirements", 10), ("Design", 20), ("Questions", 5)];
    let rows = [
        "## Interview structure (35 min)\n**1. Requirements (10 min)**\n- ask\n\n**2. Design (20 minutes)**\n- draw\n\n**3. Questions (5 min)**\n",
        "# Mock interview\n## Requirements (10 min)\nx\n## Design (15-20 min)\ny\n## Questions - 5 min\n",
        "## Format\n1. Requirements - 10 minutes\n2. Design: 20 min\n3. Questions (5m)\n",
        "| Phase | Minutes |\n|--|--|\n| Requirements | 10 |\n| Design | 20 |\n| Questions | 5 |\n| Total | 35 |\n",
        "- 10 min: Requirements\n- 20 min: Design\n- 5 min: Questions\n",
    ];
    for text in rows {
        let text = if text.starts_with('|') { format!("## Plan\n\n{text}") } else { text.to_owned() };
        let phases = Notes::read(&text, "").phases;
        let got: Vec<_> = phases.iter().map(|phase| (phase.title.as_str(), phase.minutes)).collect();
        assert_eq!(got, want, "{text}");
    }
    let none =
        "# Caching\n- Short keys live long (60 min)\n- Long keys live 5 min\n\nIt expires in 10 min.\n";
    assert_eq!(Notes::read(none, "").phases, []);
}

#[test]
fn diagram_tasks_bring_what_to_draw_and_include() {
    let rows = [
        "## Diagram tasks\n### Task 1: Chat\nDraw the system for:\n- sending\n- reading\n\n**Include:**\n- gateway\n- queue\n",
        "## Whiteboard\n### Chat\nSketch sending and reading\n- sending\n- reading\n\n#### Must have\n- gateway\n- queue\n",
        "## Diagrams\n- Draw a chat including: gateway, and queue.\n- Draw a shop, including cart, search\n",
    ];
    for text in rows {
        let notes = Notes::read(text, "");
        let chat = &notes.diagrams[0];
        assert_eq!(
            (chat.id.as_str(), chat.include.as_slice()),
            ("chat", ["gateway".to_owned(), "queue".to_owned()].as_slice()),
            "{text}"
        );
    }
    let first = Notes::read(rows[0], "");
    assert_eq!((first.diagrams.len(), first.diagrams[0].draw.join(",")), (1, "sending,reading".to_owned()));
}

#[test]
fn checklists_topics_criteria_and_terms_are_found() {
    let text = "\
---\ntitle: Week 3\ntags: [queues, caches]\n---\n
## Cheat sheet\n### Queues\n- **Modes:** topic and queue\n\n### Caches\nshort\n\n---\n
## Evaluation criteria\n- ✅ Clarity\n- ✅ Depth\n
## Terms\n**Lease** is a lock that ends.\n\n- **Fencing token:** a number that only grows\n- **Pros:** many good things\n\nQuorum\n: More than half.\n
## Checklist\n- [ ] Explain leases\n- [x] Draw a queue\n
```mermaid\ngraph LR\n```\n\n```\nA --> B -> C\n```\n\n```rust\nlet a = b -> c;\n```\n";
    let notes = Notes::read(text, "x.md");
    assert_eq!((notes.title.as_str(), notes.tags.join(" ")), ("Week 3", "queues caches".to_owned()));
    let topics: Vec<_> =
        notes.topics.iter().map(|topic| (topic.title.as_str(), topic.body.as_str())).collect();
    assert_eq!(topics, [("Queues", "- **Modes:** topic and queue"), ("Caches", "short")]);
    assert_eq!(notes.criteria, ["Clarity", "Depth"]);
    let terms: Vec<_> = notes.terms.iter().map(|term| term.term.as_str()).collect();
    assert_eq!(terms, ["Modes", "Lease", "Fencing token", "Quorum"]);
    let items: Vec<_> = notes.checklist.iter().map(|item| (item.item.as_str(), item.done)).collect();
    assert_eq!(items, [("Explain leases", false), ("Draw a queue", true)]);
    assert_eq!(notes.code.iter().map(|code| code.drawing).collect::<Vec<_>>(), [true, true, false]);
    let can = Notes::read("Goals\n\n1. I can explain leases\n2. I can draw a queue\n", "");
    assert_eq!(can.checklist.len(), 2);
}

#[test]
fn notes_that_ask_nothing_give_topics_to_explain() {
    let words = "every item here has a few words that say something about the topic itself";
    let outline =
        format!("- Leases\n  - {words}\n  - {words}\n- Queues\n  - {words}\n- [ ] task\n  - {words}\n");
    let notes = Notes::read(&outline, "outline.md");
    assert_eq!(
        notes.questions.iter().map(|q| q.question.as_str()).collect::<Vec<_>>(),
        ["Explain: Leases", "Explain: Queues"]
    );
    assert!(notes.questions.iter().all(|question| question.derived));
    let essay = format!("# Leases\n\n{words}. {words}.\n\n{words}.\n");
    assert_eq!(found(&essay).len(), 1);
    let chapters =
        format!("# Book\n\n{words}\n\n## Introduction\n{words}\n## 2. Leases\n{words}\n## Stub\nshort\n");
    assert_eq!(found(&chapters).iter().map(|(q, _)| q.as_str()).collect::<Vec<_>>(), ["Explain: Leases"]);
    assert_eq!(found(words), []);
}

mod whatever_the_text {
    use proptest::prelude::*;

    use super::super::*;

    proptest! {
        #[test]
        fn every_part_lies_in_the_text_and_ids_are_unique(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "# ", "## ", "### Q1: ", "What is é?", "**Q:** ", "**A:** ", "A: ", "Answer", "- ", "  - ", "- [ ] ",
                "1. ", "\n", "\n\n", "---\n", "> ", "| a | b |\n|--|--|\n", "```\n", "<details>", "<summary>",
                "</summary>", "</details>", "\t", "::", "?\n", "Draw", "Include:", "(15 min)", "**", "日本", "&amp;",
                "Cheat sheet", "Checklist", "Interview", "word ", "{{c1::x}}", "#separator:tab\n", ";", "\"", "\r\n",
            ]), 0..60)
        ) {
            let text = pieces.concat();
            let notes = Notes::read(&text, "n.md");
            let mut ids = std::collections::BTreeSet::new();
            for question in &notes.questions {
                prop_assert!(ids.insert(&question.id));
                prop_assert!(text.get(question.at.clone()).is_some());
                prop_assert!(!question.answer.trim().is_empty());
            }
            for passage in notes.passages(&text) {
                prop_assert!(text.get(passage.at).is_some());
            }
            for at in notes.diagrams.iter().map(|d| &d.at).chain(notes.checklist.iter().map(|i| &i.at)) {
                prop_assert!(text.get(at.clone()).is_some());
            }
        }
    }
}
