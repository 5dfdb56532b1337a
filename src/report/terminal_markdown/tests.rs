//! What a reader sees of each construct, and what holds for any text however it is cut.

use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::*;

fn plain(text: &str) -> String {
    terminal_markdown(text, 40, Paint::Plain)
}

#[test]
fn a_sheet_reads_well_without_colour() {
    let text = "\
# Caching
Where to keep **hot** data, and *for how long*; `SETEX` keeps a `ttl`.

## Strategies
- **Cache-aside:** the application asks the cache, then the store, and fills the cache
  - good for reads
- Write-through
1. first
2. second

   more of the second

| Name | Fits |
|------|-----:|
| **TTL** | 10 |
| a rather long name indeed | when stale data hurts nobody |

> Said by somebody
> on two lines.

```rust
let x = a_b * 2;

x
```
---
See [the docs](https://e.example/x) and snake_case, 62*7, 2 * 3, a\\*b.
";
    insta::assert_snapshot!(plain(text), @r"
    Caching
    ═══════
    Where to keep hot data, and for how
    long; `SETEX` keeps a `ttl`.

    Strategies
    ──────────
    • Cache-aside: the application asks the
      cache, then the store, and fills the
      cache
      • good for reads
    • Write-through
    1. first
    2. second

       more of the second

     Name          │                   Fits
    ───────────────┼────────────────────────
     TTL           │                     10
    ───────────────┼────────────────────────
     a rather long │  when stale data hurts
     name indeed   │                 nobody

    │ Said by somebody on two lines.

      let x = a_b * 2;

      x

    ────────────────────────────────────────

    See the docs (https://e.example/x) and
    snake_case, 62*7, 2 * 3, a*b.
    ");
}

#[test]
fn colour_marks_what_the_signs_marked() {
    let got = terminal_markdown("a **b** `c` *d*\n# E\n", 40, Paint::Colour);
    assert_eq!(
        got,
        "a \u{1b}[0;1mb\u{1b}[0m \u{1b}[0;36mc\u{1b}[0m \u{1b}[0;3md\u{1b}[0m\n\n\u{1b}[0;1mE\u{1b}[0m\n"
    );
}

#[test]
fn a_word_is_printed_as_soon_as_it_is_whole() {
    let mut stream = TerminalMarkdown::new(80, Paint::Plain);
    assert_eq!(stream.push("The quick"), "The");
    assert_eq!(stream.push(" br"), " quick");
    assert_eq!(stream.push("own **fo"), " brown");
    assert_eq!(stream.push("x** "), " fox");
    assert_eq!(stream.push("jumps"), "");
    assert_eq!(stream.finish(), " jumps\n");
}

#[test]
fn what_is_cut_off_is_still_shown() {
    let rows = [
        ("**bold", "bold\n"),
        ("`code", "`code\n"),
        ("[link", "[link\n"),
        ("[link](http://x", "[link](http://x\n"),
        ("[ ] box", "[ ] box\n"),
        ("```\ncode", "  code\n"),
        ("| a | b |", "| a | b |\n"),
        ("| a | b |\nthen text", "| a | b |\n\nthen text\n"),
        ("#", "#\n"),
        ("-", "-\n"),
        ("12", "12\n"),
        ("a\\", "a\\\n"),
        ("", ""),
        ("\n\n\n", ""),
    ];
    for (text, want) in rows {
        assert_eq!(plain(text), want, "{text:?}");
    }
}

#[test]
fn nothing_steers_the_terminal() {
    let got = terminal_markdown("a\u{1b}]52;c;UFc=\u{7}b `\u{1b}[2J` \u{202e}c\n", 40, Paint::Plain);
    assert_eq!(got, "ab `` c\n");
}

fn pieces() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(
        prop::sample::select(vec![
            "word ",
            "two",
            " ",
            "\n",
            "\n\n",
            "# ",
            "## H",
            "- ",
            "  - ",
            "1. ",
            "> ",
            "**",
            "*",
            "_",
            "`",
            "```",
            "```\n",
            "~~~\n",
            "|",
            "| a | b |\n|---|---|\n",
            "| c | d |\n",
            "---\n",
            "===\n",
            "[",
            "](",
            ")",
            "\\",
            "日本語",
            "👍",
            "é",
            "a_b",
            "\t",
            "\u{1b}[31m",
            "https://e.example/a/rather/long/address ",
        ]),
        0..40,
    )
}

proptest! {
    #[test]
    fn it_does_not_matter_how_the_text_is_cut(pieces in pieces(), colour in any::<bool>()) {
        let paint = if colour { Paint::Colour } else { Paint::Plain };
        let text = pieces.concat();
        let whole = terminal_markdown(&text, 30, paint);
        let mut stream = TerminalMarkdown::new(30, paint);
        let mut out = String::new();
        for character in text.chars() {
            out.push_str(&stream.push(&character.to_string()));
        }
        out.push_str(&stream.finish());
        prop_assert_eq!(out, whole);
    }

    #[test]
    fn lines_fit_and_words_stay(words in prop::collection::vec("[a-z]{1,9}", 0..60), lead in prop::sample::select(vec!["", "- ", "1. ", "> ", "# "])) {
        let text = format!("{lead}{}", words.join(" "));
        let out = terminal_markdown(&text, 24, Paint::Plain);
        for line in out.lines() {
            prop_assert!(line.width() <= 24, "{:?}", line);
        }
        let got: Vec<&str> = out.split(|c: char| !c.is_ascii_lowercase()).filter(|word| !word.is_empty()).collect();
        prop_assert_eq!(got, words.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

/// What a terminal of `width` columns shows after `out`, which may step back with backspaces.
fn screen(out: &str) -> String {
    let (mut lines, mut column) = (vec![Vec::new()], 0);
    for character in out.chars() {
        match character {
            '\n' => {
                lines.push(Vec::new());
                column = 0;
            }
            '\u{8}' => column -= 1,
            c => {
                let line: &mut Vec<char> = lines.last_mut().expect("a line");
                if column < line.len() {
                    line[column] = c
                } else {
                    line.push(c)
                }
                column += 1;
            }
        }
    }
    let lines: Vec<String> =
        lines.into_iter().map(|line| line.into_iter().collect::<String>().trim_end().to_owned()).collect();
    lines.join("\n")
}

proptest! {
    #[test]
    fn what_is_shown_early_ends_as_the_same_screen(
        text in "([a-z*_`]{1,9}[ \n]{1,2}|- |# |word ){0,30}",
        cuts in prop::collection::vec(1_usize..6, 0..80),
        width in 20_usize..40,
    ) {
        let whole = terminal_markdown(&text, width, Paint::Plain);
        let mut stream = TerminalMarkdown::new(width, Paint::Plain);
        let (mut out, mut rest) = (String::new(), text.as_str());
        for cut in cuts {
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            out += &stream.push_eagerly(piece);
            rest = after;
        }
        out += &stream.push_eagerly(rest);
        out += &stream.finish();
        let lines = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        let (shown, wanted) = (screen(&out), lines(&whole));
        prop_assert_eq!(shown.trim_end(), wanted.trim_end());
    }
}

#[test]
fn the_beginning_of_a_word_is_shown_before_its_end() {
    let mut stream = TerminalMarkdown::new(20, Paint::Plain);
    assert_eq!(stream.push_eagerly("I th"), "I th");
    assert_eq!(stream.push_eagerly("ink about"), "ink about");
    assert_eq!(stream.push_eagerly(" part"), " part");
    let back = "\u{8}".repeat(5);
    assert_eq!(stream.push_eagerly("itions "), format!("{back}     {back}\npartitions"));
}
