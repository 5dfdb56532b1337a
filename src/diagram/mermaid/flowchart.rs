//! PURE. Mermaid flowcharts: nodes of every shape, links of every kind, chains, `&`, subgraphs.
//!
//! One pass over the characters; every search for an end is bounded, so reading is linear.

use std::collections::HashSet;

use super::super::graph::{Builder, Direction, Shape};

/// Characters within which a label must end.
const LONGEST: usize = 2_000;
/// Subgraphs within subgraphs.
const DEEPEST: usize = 60;

/// Outlines: how they open, how they close, what they say. Longer openings stand first.
const SHAPES: [(&str, &[&str], Shape); 15] = [
    ("(((", &[")))"], Shape::Plain),
    ("([", &["])"], Shape::Plain),
    ("[[", &["]]"], Shape::Plain),
    ("[(", &[")]"], Shape::Cylinder),
    ("((", &["))"], Shape::Plain),
    ("{{", &["}}"], Shape::Plain),
    ("[/", &["/]", "\\]"], Shape::Plain),
    ("[\\", &["\\]", "/]"], Shape::Plain),
    ("[|", &["|]"], Shape::Plain),
    ("(-", &["-)"], Shape::Plain),
    ("[", &["]"], Shape::Plain),
    ("(", &[")"], Shape::Plain),
    ("{", &["}"], Shape::Plain),
    (">", &["]"], Shape::Plain),
    ("<", &[">"], Shape::Plain),
];

/// A link: which ends have heads, and what is written on it.
struct Link {
    directed: Direction,
    reversed: bool,
    label: String,
}

struct Reader<'a, 'b> {
    text: &'a str,
    at: usize,
    line: usize,
    builder: &'b mut Builder,
    open: Vec<usize>,
    subgraphs: usize,
    /// Names of edges, which later statements may speak of.
    edge_names: HashSet<String>,
}

/// Reads the statements of a flowchart; `line` is the line that `text` begins on.
pub(super) fn read(text: &str, line: usize, builder: &mut Builder) {
    let mut reader =
        Reader { text, at: 0, line, builder, open: Vec::new(), subgraphs: 0, edge_names: HashSet::new() };
    reader.statements();
}

impl<'a> Reader<'a, '_> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip(&mut self, bytes: usize) {
        let taken = &self.text[self.at..self.at + bytes];
        self.line += taken.bytes().filter(|&b| b == b'\n').count();
        self.at += bytes;
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        let length = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
        self.skip(length);
    }

    /// The rest of the line, and past it.
    fn line_rest(&mut self) -> String {
        let end = self.rest().find('\n').unwrap_or(self.rest().len());
        let text = self.rest()[..end].to_owned();
        self.skip(end);
        text
    }

    fn statements(&mut self) {
        loop {
            let rest = self.rest();
            let length = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n', ';']).len();
            self.skip(length);
            if self.rest().is_empty() {
                return;
            }
            let before = self.at;
            self.statement();
            if self.at == before {
                let line = self.line;
                let wrong = self.line_rest();
                let wrong: String = wrong.trim().chars().take(40).collect();
                self.builder.remark(line, format!("`{wrong}` is neither a node nor an arrow of a flowchart"));
            }
        }
    }

    fn statement(&mut self) {
        let word: String =
            self.rest().chars().take_while(|c| c.is_alphanumeric() || *c == '_').take(20).collect();
        let after = self.rest()[word.len()..].chars().next().unwrap_or('\n');
        let alone = after.is_whitespace() || after == ';';
        match word.as_str() {
            "subgraph" if alone => self.subgraph(),
            "end" if alone => {
                self.skip(word.len());
                self.open.pop();
            }
            "classDef" | "class" | "style" | "linkStyle" | "click" | "direction" | "accTitle"
            | "accDescr"
                if after.is_whitespace() || matches!(after, ':' | '{') =>
            {
                // A description may be a block of lines.
                if word == "accDescr"
                    && self.rest().trim_start_matches("accDescr").trim_start().starts_with('{')
                {
                    let end = self.rest().find('}').map_or(self.rest().len(), |end| end + 1);
                    self.skip(end);
                } else {
                    self.line_rest();
                }
            }
            _ if self.about_edge(&word) => {}
            _ => self.chain(),
        }
    }

    /// `e1@{ animate: true }`, where `e1` is the name of an edge and of no node.
    fn about_edge(&mut self, word: &str) -> bool {
        let is_named = self.edge_names.contains(word) && self.rest()[word.len()..].starts_with("@{");
        if is_named {
            let end = self.rest().find('}').map_or(self.rest().len(), |end| end + 1);
            self.skip(end);
        }
        is_named
    }

    fn subgraph(&mut self) {
        let line = self.line;
        self.skip("subgraph".len());
        self.blanks();
        self.subgraphs += 1;
        let id = if self.rest().starts_with('"') { String::new() } else { self.id() };
        let before = self.at;
        let (id, label) = if !id.is_empty() && self.rest().starts_with(['[', '(', '{']) {
            let (label, _) = self.shape().unwrap_or_default();
            (id, label)
        } else if id.is_empty() && self.rest().starts_with('"') {
            let label = self.quoted().unwrap_or_default();
            (label.clone(), label)
        } else {
            self.at = before;
            let rest = self.line_rest();
            let title = format!("{id}{}", rest.trim_end_matches([';', '\r']).trim_end());
            // `subgraph Data [Data layer]`: a blank before the bracket.
            match title.split_once('[') {
                Some((name, label)) => {
                    (name.trim().to_owned(), label.trim_end_matches(']').trim_matches('"').to_owned())
                }
                None => (title.clone(), title),
            }
        };
        let id = if id.is_empty() { format!("subgraph {}", self.subgraphs) } else { id };
        if self.open.len() >= DEEPEST {
            self.builder.remark(line, format!("more than {DEEPEST} subgraphs within one another"));
        }
        let parent = self.open.last().copied();
        let group = self.builder.group(&id, &label, parent, line);
        self.open.push(group);
    }

    /// `a & b --> c --> d`.
    fn chain(&mut self) {
        let mut left = self.nodes();
        if left.is_empty() {
            return;
        }
        loop {
            self.blanks();
            let line = self.line;
            let Some(link) = self.link() else { return };
            let rest = self.rest();
            // A chain may go on in the next line.
            let length = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
            self.skip(length);
            let right = self.nodes();
            if right.is_empty() {
                let names: Vec<String> =
                    left.iter().map(|&node| self.builder.at(node).label.clone()).collect();
                self.builder.remark(line, format!("the arrow from {} leads nowhere", names.join(", ")));
                return;
            }
            for &from in &left {
                for &to in &right {
                    if !self.builder.has_room() {
                        break;
                    }
                    let (from, to) = if link.reversed { (to, from) } else { (from, to) };
                    self.builder.edge(from, to, &link.label, link.directed, line);
                }
            }
            left = right;
        }
    }

    fn nodes(&mut self) -> Vec<usize> {
        let mut found = Vec::new();
        loop {
            let Some(node) = self.node() else { return found };
            found.push(node);
            self.blanks();
            if !self.rest().starts_with('&') {
                return found;
            }
            self.skip(1);
            self.blanks();
        }
    }

    fn node(&mut self) -> Option<usize> {
        let line = self.line;
        let id = self.id();
        if id.is_empty() {
            // Half right: a box without an id, or a name in quotes.
            let (label, shape) = match self.rest().chars().next()? {
                '"' => (self.quoted()?, Shape::Plain),
                '[' | '(' | '{' => self.shape()?,
                _ => return None,
            };
            let index = self.builder.component(label.trim(), line);
            self.builder.label(index, &label);
            self.builder.at(index).shape = shape;
            self.builder.put(index, self.open.last().copied());
            return Some(index);
        }
        let index = self.builder.component(&id, line);
        if let Some(&group) = self.open.last() {
            self.builder.put(index, Some(group));
        }
        let blank = self.rest().starts_with(' ') && self.rest().trim_start().starts_with(['[', '(', '{']);
        if blank {
            self.blanks();
        }
        if self.rest().starts_with("@{") {
            self.attributes(index);
        } else if let Some((label, shape)) = self.shape() {
            self.builder.label(index, &label);
            if shape != Shape::Plain {
                self.builder.at(index).shape = shape;
            }
        }
        if self.rest().starts_with("@{") {
            self.attributes(index);
        }
        if self.rest().starts_with(":::") {
            self.skip(3);
            self.id();
        }
        Some(index)
    }

    /// Letters, digits and some signs; a `-` or `.` only where no link begins.
    fn id(&mut self) -> String {
        let rest = self.rest();
        let mut end = 0;
        let mut characters = rest.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            let next = characters.peek().map_or(' ', |&(_, c)| c);
            let inside = match c {
                '-' => !matches!(next, '-' | '.' | '>') && at > 0,
                '=' => !matches!(next, '=' | '>') && at > 0,
                ':' => next != ':' && !next.is_whitespace() && at > 0,
                '→' | '←' | '⟶' | '↔' => false,
                '_' | '.' | '/' | '+' | '#' | '$' | '%' | '\'' | '*' | '!' | '?' | '\\' => true,
                _ => c.is_alphanumeric() || (!c.is_ascii() && !c.is_whitespace()),
            };
            if !inside {
                break;
            }
            end = at + c.len_utf8();
        }
        let id = rest[..end].to_owned();
        self.skip(end);
        id
    }

    fn quoted(&mut self) -> Option<String> {
        let inner = self.rest().strip_prefix('"')?;
        let window = &inner[..inner.floor_char_boundary(inner.len().min(LONGEST))];
        let end = window.find('"')?;
        let text = window[..end].to_owned();
        self.skip(end + 2);
        Some(text)
    }

    /// The outline that begins here, and what is written in it.
    fn shape(&mut self) -> Option<(String, Shape)> {
        let line = self.line;
        let &(open, closes, shape) = SHAPES.iter().find(|(open, ..)| {
            self.rest().starts_with(open)
                && (*open != "<" || self.rest().as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic))
        })?;
        if open == "<" {
            return None;
        }
        self.skip(open.len());
        self.blanks();
        if self.rest().starts_with('"')
            && let Some(text) = self.quoted()
        {
            // Past the closing signs, where they are.
            self.blanks();
            for close in closes {
                if self.rest().starts_with(close) {
                    self.skip(close.len());
                    break;
                }
            }
            return Some((text, shape));
        }
        let rest = self.rest();
        let window = &rest[..rest.floor_char_boundary(rest.len().min(LONGEST))];
        let closed = closes.iter().filter_map(|close| Some((window.find(close)?, close.len()))).min();
        // An open label that ran on would swallow the statements after it.
        let fits = closed.filter(|&(end, _)| {
            let inner = &window[..end];
            let linked = ["-->", "==>", "-.->"].iter().any(|link| inner.contains(link));
            !linked && !(inner.contains('\n') && (inner.contains("---") || inner.contains("subgraph ")))
        });
        let (end, past) = match fits {
            Some((end, close)) => (end, end + close),
            None => {
                let end = window.find('\n').unwrap_or(window.len());
                let cut = ["-->", "---", "-.", "=="].iter().filter_map(|link| window[..end].find(link)).min();
                let end = cut.unwrap_or(end);
                self.builder.remark(line, format!("`{open}` is not closed by `{}`", closes[0]));
                (end, end)
            }
        };
        let text = window[..end].trim_end_matches([']', ')', '}']).trim().to_owned();
        self.skip(past);
        Some((text, shape))
    }

    /// `@{ shape: cyl, label: "Orders" }`.
    fn attributes(&mut self, index: usize) {
        self.skip(2);
        let rest = self.rest();
        let window = &rest[..rest.floor_char_boundary(rest.len().min(LONGEST))];
        let mut quoted = false;
        let end = window.find(|c: char| {
            quoted ^= c == '"';
            c == '}' && !quoted
        });
        let end = end.unwrap_or_else(|| window.find('\n').unwrap_or(window.len()));
        let inner = window[..end].to_owned();
        self.skip((end + 1).min(self.rest().len()));
        let mut pairs = inner.as_str();
        while let Some((name, value)) = pairs.split_once(':') {
            let value = value.trim_start();
            let (value, rest) = match value.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => value.split_at(value.find([',', '\n']).unwrap_or(value.len())),
            };
            match name.trim_matches(|c: char| c == ',' || c.is_whitespace()) {
                "label" => self.builder.label(index, value),
                "shape" => {
                    self.builder.at(index).shape = match value.trim() {
                        "cyl" | "cylinder" | "database" | "db" | "lin-cyl" | "disk" | "lined-cylinder"
                        | "bow-rect" | "stored-data" => Shape::Cylinder,
                        "das" | "h-cyl" | "horizontal-cylinder" => Shape::Queue,
                        "processes" | "procs" | "st-rect" | "stacked-rectangle" | "docs" | "documents"
                        | "st-doc" => Shape::Several,
                        _ => Shape::Plain,
                    }
                }
                _ => {}
            }
            pairs = rest.trim_start_matches([',', ' ', '\n', '\r', '\t']);
        }
    }

    /// `-->`, `---`, `-.->`, `==>`, `~~~`, `o--o`, `<-->`, `-- text -->`, `-->|text|`; and `->`, `=>`,
    /// `→`, which are no links of Mermaid but are meant as such.
    fn link(&mut self) -> Option<Link> {
        let start = self.at;
        let found = self.link_here();
        if found.is_none() {
            self.at = start;
        }
        found
    }

    fn link_here(&mut self) -> Option<Link> {
        // The name of an edge: `e1@-->`.
        let near = self.rest();
        let near = &near[..near.floor_char_boundary(near.len().min(40))];
        if let Some(at) = near.find('@').filter(|&at| at > 0) {
            let name = &near[..at];
            if name.chars().all(|c| c.is_alphanumeric() || c == '_')
                && self.rest()[at + 1..].starts_with(['-', '=', '<', 'o', 'x', '~'])
            {
                let name = name.to_owned();
                self.edge_names.insert(name);
                self.skip(at + 1);
            }
        }
        for (sign, directed, reversed) in [
            ("→", Direction::Forward, false),
            ("⟶", Direction::Forward, false),
            ("←", Direction::Forward, true),
            ("↔", Direction::Both, false),
        ] {
            if self.rest().starts_with(sign) {
                self.skip(sign.len());
                let label = self.bar_label();
                return Some(Link { directed, reversed, label });
            }
        }
        let bytes = self.rest().as_bytes();
        let head = matches!(bytes.first(), Some(b'<'))
            || (matches!(bytes.first(), Some(b'o' | b'x')) && matches!(bytes.get(1), Some(b'-' | b'=')));
        let start_head = head && bytes[0] == b'<';
        if head {
            self.skip(1);
        }
        let (end_head, label) = self.body()?;
        let bar = self.bar_label();
        let label = if bar.is_empty() { label } else { bar };
        let (directed, reversed) = match (start_head, end_head) {
            (true, true) => (Direction::Both, false),
            (true, false) => (Direction::Forward, true),
            (false, true) => (Direction::Forward, false),
            (false, false) => (Direction::None, false),
        };
        Some(Link { directed, reversed, label })
    }

    /// The line of a link: whether it ends in a head, and the text within it.
    fn body(&mut self) -> Option<(bool, String)> {
        let bytes = self.rest().as_bytes();
        match bytes.first()? {
            b'~' if bytes.starts_with(b"~~~") => {
                let length = bytes.iter().take_while(|&&b| b == b'~').count();
                self.skip(length);
                Some((false, String::new()))
            }
            b'-' if bytes.get(1) == Some(&b'.') => {
                let dots = bytes[1..].iter().take_while(|&&b| b == b'.').count();
                self.skip(1 + dots);
                let dashes = self.rest().bytes().take_while(|&b| b == b'-').count();
                if dashes > 0 {
                    self.skip(dashes);
                    return Some((self.end_head(), String::new()));
                }
                self.text_until(b'.')
            }
            sign @ (b'-' | b'=') => {
                let run = bytes.iter().take_while(|b| *b == sign).count();
                let sign = *sign;
                if run == 1 {
                    if bytes.get(1) != Some(&b'>') {
                        return None;
                    }
                    self.skip(2);
                    return Some((true, String::new()));
                }
                self.skip(run);
                if self.end_head() {
                    return Some((true, String::new()));
                }
                if run > 2 {
                    return Some((false, String::new()));
                }
                self.text_until(sign)
            }
            _ => None,
        }
    }

    /// Takes the head at the end of a line; `o` and `x` only where no word begins with them.
    fn end_head(&mut self) -> bool {
        let bytes = self.rest().as_bytes();
        let is_head = match bytes.first() {
            Some(b'>') => true,
            Some(b'o' | b'x') => !bytes.get(1).is_some_and(|b| b.is_ascii_lowercase() || *b == b'_'),
            _ => false,
        };
        if is_head {
            self.skip(1);
        }
        is_head
    }

    /// The text in a link, up to the line that ends it: `-- text -->`.
    fn text_until(&mut self, sign: u8) -> Option<(bool, String)> {
        let rest = self.rest();
        let end = rest.find('\n').unwrap_or(rest.len()).min(LONGEST);
        let window = &rest[..rest.floor_char_boundary(end)];
        let bytes = window.as_bytes();
        let mut quoted = false;
        for at in 0..bytes.len() {
            quoted ^= bytes[at] == b'"';
            let next = bytes.get(at + 1).copied().unwrap_or(b' ');
            let closes = !quoted
                && if sign == b'.' {
                    bytes[at] == b'.' && matches!(next, b'-' | b'.')
                } else {
                    bytes[at] == sign && next == sign
                };
            if !closes {
                continue;
            }
            let text = window[..at].trim().trim_matches('"').to_owned();
            let length =
                bytes[at..].iter().take_while(|b| **b == sign || (sign == b'.' && **b == b'-')).count();
            self.skip(at + length);
            let head = self.end_head();
            return Some((head, text));
        }
        // `A -- B`: no link of Mermaid, but a line.
        Some((false, String::new()))
    }

    /// `|text|` after a link.
    fn bar_label(&mut self) -> String {
        let rest = self.rest();
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let Some(inner) = rest[blanks..].strip_prefix('|') else { return String::new() };
        let window = &inner[..inner.floor_char_boundary(inner.len().min(LONGEST))];
        let Some(end) = window.find('|') else { return String::new() };
        let text = window[..end].trim().trim_matches('"').to_owned();
        self.skip(blanks + end + 2);
        text
    }
}

#[cfg(test)]
mod tests {
    use crate::diagram::{Direction, Shape, read};

    fn edges(source: &str) -> Vec<String> {
        let graph = read(source).expect("a diagram");
        let name = |edge: &crate::diagram::Edge| match edge.label.as_str() {
            "" => graph.edge_name(edge),
            label => format!("{}: {label}", graph.edge_name(edge)),
        };
        graph.edges.iter().map(name).collect()
    }

    #[test]
    fn every_link_of_the_language_is_an_edge() {
        let rows = [
            ("A --> B", "A -> B"),
            ("A --- B", "A -- B"),
            ("A -->|text| B", "A -> B: text"),
            ("A -- text --> B", "A -> B: text"),
            ("A -- \"a -- b\" --> B", "A -> B: a -- b"),
            ("A---|text|B", "A -- B: text"),
            ("A -.-> B", "A -> B"),
            ("A -. text .-> B", "A -> B: text"),
            ("A ==> B", "A -> B"),
            ("A == text ==> B", "A -> B: text"),
            ("A ~~~ B", "A -- B"),
            ("A --o B", "A -> B"),
            ("A --x B", "A -> B"),
            ("A <--> B", "A <-> B"),
            ("A o--o B", "A -> B"),
            ("A <-- B", "B -> A"),
            ("A ----> B", "A -> B"),
            ("A -- order placed --> B", "A -> B: order placed"),
            ("A --order placed--> B", "A -> B: order placed"),
            ("A e1@--> B", "A -> B"),
            ("api-gateway-->user.service", "api-gateway -> user.service"),
            ("A -> B", "A -> B"),
            ("A → B", "A -> B"),
        ];
        for (line, want) in rows {
            assert_eq!(edges(&format!("flowchart LR\n  {line}\n")), [want], "{line}");
        }
    }

    #[test]
    fn chains_and_lists_multiply() {
        assert_eq!(
            edges("graph TD; A & B --> C & D --> E;"),
            ["A -> C", "A -> D", "B -> C", "B -> D", "C -> E", "D -> E"]
        );
    }

    #[test]
    fn every_outline_gives_its_label() {
        let outlines = [
            "[x y]",
            "(x y)",
            "([x y])",
            "[[x y]]",
            "[(x y)]",
            "((x y))",
            "(((x y)))",
            ">x y]",
            "{x y}",
            "{{x y}}",
            "[/x y/]",
            "[\\x y\\]",
            "[/x y\\]",
            "[\\x y/]",
            "[\"x\ny\"]",
            "[\"`**x** y`\"]",
            "[x<br/>y]",
            "@{ shape: cyl, label: \"x y\" }",
        ];
        for outline in outlines {
            let graph = read(&format!("flowchart TD\n  a{outline}:::hot --> b")).expect("a diagram");
            assert_eq!(graph.components[0].label, "x y", "{outline}");
            assert_eq!(graph.edges.len(), 1, "{outline}");
        }
        let graph = read("graph LR\n a[(Orders)] --> b@{shape: das, label: Jobs}").expect("a diagram");
        assert_eq!((graph.components[0].shape, graph.components[1].shape), (Shape::Cylinder, Shape::Queue));
    }

    #[test]
    fn subgraphs_are_groups_and_an_edge_may_end_at_one() {
        let graph = read(
            "flowchart TB\n  c1 --> two\n  subgraph one\n    a1 --> a2\n  end\n  subgraph two [The second]\n    direction LR\n    b1\n    subgraph \"inner one\"\n      b2\n    end\n  end\n  style a1 fill:#f9f\n  classDef x fill:#fff\n  click a1 \"https://example.org\"\n",
        )
        .expect("a diagram");
        let groups: Vec<_> = graph.groups.iter().map(|group| (group.label.as_str(), group.parent)).collect();
        assert_eq!(groups, [("one", None), ("The second", None), ("inner one", Some(1))]);
        assert_eq!(graph.edge_name(&graph.edges[0]), "c1 -> The second");
        assert_eq!(graph.remarks, []);
        assert_eq!(graph.edges[0].directed, Direction::Forward);
    }

    #[test]
    fn what_is_half_right_still_counts() {
        let graph = read("graph LR\n  a[Client --> b[LB]\n  b -->\n  c[App]\n").expect("a diagram");
        let labels: Vec<_> = graph.components.iter().map(|component| component.label.as_str()).collect();
        assert_eq!(labels, ["Client", "LB", "App"]);
        let remarks: Vec<_> =
            graph.remarks.iter().map(|remark| (remark.line, remark.message.as_str())).collect();
        assert_eq!(remarks, [(2, "`[` is not closed by `]`"), (3, "the arrow from LB leads nowhere")]);
    }
}
