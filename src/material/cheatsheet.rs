//! PURE. The cheat sheet by topic, and the topic that somebody means.

use super::search::{Document, SearchIndex};
use super::{ClarifyingTopics, Lexicon};

/// One topic: a level-2 heading and what stands under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetTopic {
    /// The heading.
    pub title: String,
    /// Markdown under it, trimmed.
    pub body: String,
}

/// The topics of a sheet, in order.
pub fn topics(sheet: &str) -> Vec<SheetTopic> {
    let mut found: Vec<SheetTopic> = Vec::new();
    let mut fence: Option<&str> = None;
    for line in sheet.lines() {
        let trimmed = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        match line.strip_prefix("## ").filter(|_| fence.is_none()) {
            Some(title) => found.push(SheetTopic { title: title.trim().to_owned(), body: String::new() }),
            None => {
                if let Some(topic) = found.last_mut() {
                    topic.body.push_str(line);
                    topic.body.push('\n');
                }
            }
        }
    }
    for topic in &mut found {
        topic.body = topic.body.trim().to_owned();
    }
    found
}

/// The bank of clarifying questions as a topic.
pub fn clarifying(bank: &ClarifyingTopics) -> Option<SheetTopic> {
    let lines: Vec<String> =
        bank.topics.iter().map(|topic| format!("- **{}** {}", topic.question, topic.why)).collect();
    (!lines.is_empty())
        .then(|| SheetTopic { title: "What to clarify about any system".to_owned(), body: lines.join("\n") })
}

/// The topic that `asked` names: by its whole title, the beginning of it, or one of its words.
pub fn named(topics: &[SheetTopic], asked: &str) -> Option<usize> {
    let wanted = key(asked);
    if wanted.is_empty() {
        return None;
    }
    let by = |fits: &dyn Fn(&str) -> bool| topics.iter().position(|topic| fits(&key(&topic.title)));
    let same = |word: &str| {
        word == wanted
            || word.strip_suffix('s') == Some(&wanted)
            || wanted.strip_suffix('s').is_some_and(|one| one == word)
    };
    by(&|title| title == wanted)
        .or_else(|| by(&|title| title.starts_with(&wanted)))
        .or_else(|| by(&|title| title.split(' ').any(same)))
}

/// The position of the topic that `asked` means: by its name, misspelt, or by what stands under it.
///
/// # Errors
///
/// Up to three titles to choose from, the nearest first, if none is meant.
pub fn choose<'t>(topics: &'t [SheetTopic], asked: &str, lexicon: &Lexicon) -> Result<usize, Vec<&'t str>> {
    if let Some(found) = named(topics, asked) {
        return Ok(found);
    }
    let wanted = key(asked);
    let similarity = |title: &str| {
        let title = key(title);
        let words = title.split(' ').map(|word| strsim::jaro_winkler(word, &wanted)).fold(0.0, f64::max);
        words.max(strsim::jaro_winkler(&title, &wanted))
    };
    let mut near: Vec<(f64, usize)> =
        topics.iter().enumerate().map(|(at, topic)| (similarity(&topic.title), at)).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    if let Some(&(best, at)) = near.first()
        && best > 0.88
    {
        return Ok(at);
    }
    let documents: Vec<Document> = topics
        .iter()
        .map(|topic| Document {
            title: topic.title.clone(),
            fields: vec![(1.0, topic.body.clone())],
            ..Document::default()
        })
        .collect();
    let hits = SearchIndex::new(&documents, lexicon).search(asked);
    match hits.as_slice() {
        [best, second, ..] if best.score < second.score * 1.2 => {
            Err(hits.iter().take(3).map(|hit| topics[hit.index].title.as_str()).collect())
        }
        [best, ..] => Ok(best.index),
        [] => Err(near.iter().take(3).map(|&(_, at)| topics[at].title.as_str()).collect()),
    }
}

fn key(text: &str) -> String {
    let folded: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHEET: &str = "# Sheet\nintro\n## Load balancing\n- spread requests\n\n## Caching\n- TTL and stampedes\n```\n## not a topic\n```\n## CAP and consistency\n- partitions\n## Message queues\n- brokers\n";

    #[test]
    fn topics_are_the_second_level_headings() {
        let topics = topics(SHEET);
        let titles: Vec<_> = topics.iter().map(|topic| topic.title.as_str()).collect();
        assert_eq!(titles, ["Load balancing", "Caching", "CAP and consistency", "Message queues"]);
        assert!(topics[1].body.contains("## not a topic"));
    }

    #[test]
    fn the_topic_that_is_meant_is_found() {
        let topics = topics(SHEET);
        let rows = [
            ("caching", "Caching"),
            ("CACHE", "Caching"),
            ("cap", "CAP and consistency"),
            ("consistency", "CAP and consistency"),
            ("load-balancing", "Load balancing"),
            ("load", "Load balancing"),
            ("chaching", "Caching"),
            ("queue", "Message queues"),
            ("stampede", "Caching"),
            ("broker", "Message queues"),
        ];
        for (asked, want) in rows {
            let found = choose(&topics, asked, &Lexicon::default());
            assert_eq!(found.map(|at| topics[at].title.as_str()), Ok(want), "{asked}");
        }
        let none = choose(&topics, "zzzz", &Lexicon::default());
        assert_eq!(none.map_err(|near| near.len()), Err(3));
    }
}
