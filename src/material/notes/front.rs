//! PURE. Title and tags of a YAML or TOML front matter, read by hand: notes need no more of it.

/// What the front matter says.
#[derive(Debug, Default, PartialEq)]
pub struct Front {
    /// `title`.
    pub title: Option<String>,
    /// `tags`, `tag`, `keywords`, `categories`.
    pub tags: Vec<String>,
    /// Byte at which the notes begin.
    pub end: usize,
}

/// Reads the front matter at the start of `text`, if there is one.
pub fn read(text: &str) -> Front {
    let mut front = Front::default();
    let mut lines = text.split_inclusive('\n');
    let Some(fence) = lines.next().map(str::trim_end).filter(|line| matches!(*line, "---" | "+++")) else {
        return front;
    };
    let mut at = text.find('\n').map_or(text.len(), |end| end + 1);
    let (mut tags, mut in_tags) = (Vec::new(), false);
    let mut fields = 0;
    for line in lines {
        at += line.len();
        let line = line.trim_end();
        if line == fence || (fence == "---" && line == "...") {
            // Two rules with text in between are no front matter.
            return if fields > 0 { Front { tags, end: at, ..front } } else { Front::default() };
        }
        if in_tags && let Some(tag) = line.trim_start().strip_prefix("- ") {
            tags.extend(value(tag));
            continue;
        }
        let field = line.split_once(if fence == "+++" { '=' } else { ':' });
        let Some((key, rest)) = field.filter(|(key, _)| {
            !key.is_empty() && key.trim().chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '))
        }) else {
            if line.is_empty() || line.starts_with([' ', '#', '[', '\t', '-', ']', '"']) {
                continue;
            }
            return Front::default();
        };
        fields += 1;
        in_tags = false;
        match key.trim().to_lowercase().as_str() {
            "title" => front.title = value(rest),
            "tags" | "tag" | "keywords" | "categories" => {
                in_tags = rest.trim().is_empty();
                let list = rest.trim().trim_start_matches('[').trim_end_matches(']');
                tags.extend(list.split(',').filter_map(value));
            }
            _ => {}
        }
    }
    Front::default()
}

fn value(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['"', '\'']).trim_start_matches('#').trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_and_tags_are_read_in_every_usual_form() {
        let rows = [
            (
                "---\ntitle: \"My notes\"\ntags: [a, 'b c', \"#d\"]\n---\n# H\n",
                Some("My notes"),
                vec!["a", "b c", "d"],
            ),
            ("---\ntags:\n  - a\n  - b\ntitle: T\nother:\n  - no\n---\n", Some("T"), vec!["a", "b"]),
            ("+++\ntitle = 'T'\ntags = [\"a\"]\n+++\ntext", Some("T"), vec!["a"]),
            ("---\nJust a rule above, prose here.\n---\n", None, vec![]),
            ("---\n\n---\n", None, vec![]),
            ("# No front matter\ntitle: x\n", None, vec![]),
            ("---\ntitle: never closed\n", None, vec![]),
        ];
        for (text, title, tags) in rows {
            let front = read(text);
            assert_eq!(
                (front.title.as_deref(), front.tags),
                (title, tags.into_iter().map(str::to_owned).collect()),
                "{text}"
            );
        }
        let text = "---\ntitle: T\n---\n# H\n";
        assert_eq!(&text[read(text).end..], "# H\n");
    }
}
