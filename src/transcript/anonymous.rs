//! PURE. Takes out of what was said who said it: names, addresses of people, ids and folders.
//!
//! Names come from the speakers' labels, from how people introduce and greet each other, and from whoever
//! asks. What nobody names cannot be known here; the reader is told so.

use std::collections::BTreeSet;

use super::label::{CANDIDATE, INTERVIEWER, PARTICLES, role};

/// Labels that name nobody.
const NOBODY: &[&str] = &[
    "speaker",
    "unknown",
    "me",
    "you",
    "user",
    "assistant",
    "human",
    "system",
    "guest",
    "participant",
    "attendee",
    "other",
    "the",
    "and",
    "of",
    "from",
];
/// Names that are words too: these are taken out only where they are written as names.
const ALSO_WORDS: &[&str] = &[
    "al", "an", "art", "april", "august", "bill", "bob", "chance", "chase", "dale", "dean", "do", "drew",
    "faith", "frank", "gene", "grace", "grant", "guy", "hope", "jack", "june", "long", "major", "mark",
    "max", "may", "miles", "page", "pat", "ray", "rich", "rob", "rose", "sky", "so", "sue", "van", "will",
    "young",
];
/// What comes before somebody's own name.
const INTRODUCES: &[&str] =
    &["my name is", "my name's", "call me", "i am", "i'm", "i\u{2019}m", "my name\u{2019}s"];
/// What comes before the other's name.
const GREETS: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "thanks",
    "thank you",
    "welcome",
    "bye",
    "goodbye",
    "good morning",
    "good afternoon",
    "good evening",
    "meet you",
    "see you",
    "cheers",
];
/// What is written like a name after those, and is none.
const NO_NAMES: &[&str] = &[
    "again",
    "all",
    "and",
    "but",
    "everybody",
    "everyone",
    "fine",
    "folks",
    "good",
    "great",
    "here",
    "i",
    "let",
    "no",
    "not",
    "now",
    "ok",
    "okay",
    "perfect",
    "right",
    "so",
    "sorry",
    "sure",
    "team",
    "there",
    "well",
    "world",
    "yes",
];

/// Knows who must not be recognised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anonymous {
    /// Words of names, in small letters.
    names: BTreeSet<String>,
}

impl Anonymous {
    /// Learns the names of `labels`, those that `said` introduces or greets, and those that are `given`.
    pub fn of<'a>(
        labels: impl IntoIterator<Item = &'a str>,
        said: impl IntoIterator<Item = &'a str>,
        given: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut names = BTreeSet::new();
        // What stands in brackets is a role or a company.
        let labels = labels.into_iter().map(|label| label.split('(').next().unwrap_or_default());
        let labels = labels.filter(|label| role(label.trim()).is_none()).flat_map(words);
        names.extend(labels.filter(|word| word.chars().count() >= 2).map(str::to_lowercase).filter(|word| {
            let is = |list: &[&str]| list.contains(&word.as_str());
            let is_role = is(&CANDIDATE) || is(&INTERVIEWER);
            !is_role && !is(NOBODY) && !is(&PARTICLES) && !word.chars().all(char::is_numeric)
        }));
        names.extend(given.into_iter().flat_map(words).map(str::to_lowercase));
        names.extend(said.into_iter().flat_map(named_in));
        Self { names }
    }

    /// `text` with `[name]`, `[email]`, `[id]` and `[path]` in the place of what it tells.
    pub fn clean(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for chunk in text.split_inclusive(char::is_whitespace) {
            let is_sign = |c: char| c.is_whitespace() || "()[]{}<>\"'“”‘’,;:!?".contains(c);
            let core = chunk.trim_start_matches(is_sign).trim_end_matches(|c: char| is_sign(c) || c == '.');
            let start = chunk.find(core).unwrap_or(0);
            match told(core) {
                Some(instead) => {
                    out.push_str(&chunk[..start]);
                    out.push_str(instead);
                    out.push_str(&chunk[start + core.len()..]);
                }
                None => self.without_names(chunk, &mut out),
            }
        }
        out
    }

    fn without_names(&self, chunk: &str, out: &mut String) {
        let mut rest = chunk;
        while let Some(begin) = rest.find(char::is_alphanumeric) {
            out.push_str(&rest[..begin]);
            rest = &rest[begin..];
            let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            out.push_str(if self.is_name(&rest[..end]) { "[name]" } else { &rest[..end] });
            rest = &rest[end..];
        }
        out.push_str(rest);
    }

    fn is_name(&self, word: &str) -> bool {
        let lower = word.to_lowercase();
        let written_so = || word.starts_with(char::is_uppercase);
        self.names.contains(&lower) && (written_so() || !ALSO_WORDS.contains(&lower.as_str()))
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// What stands for a word that tells who or where somebody is.
fn told(word: &str) -> Option<&'static str> {
    let is_part =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "._%+-".contains(c));
    if let Some((before, after)) = word.split_once('@')
        && is_part(before)
        && is_part(after)
        && after.contains('.')
    {
        return Some("[email]");
    }
    let groups: Vec<&str> = word.split('-').collect();
    let hex = |group: &&str| group.chars().all(|c| c.is_ascii_hexdigit());
    if groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.iter().all(hex) {
        return Some("[id]");
    }
    let folders: Vec<&str> = word.split(['/', '\\']).collect();
    // `/home/timeline` is an interface, `/home/ana/notes.md` a folder.
    let at_home = match folders[..] {
        ["", "home" | "Users", _, _, ..] | ["file:", "", "", ..] => true,
        [drive, "Users", _, ..] => drive.ends_with(':'),
        _ => false,
    };
    at_home.then_some("[path]")
}

/// The names that people in `text` introduce or greet, in small letters.
fn named_in(text: &str) -> Vec<String> {
    // The same length as the text, so that places are the same.
    let lower: String = text.chars().map(|c| if c.is_ascii() { c.to_ascii_lowercase() } else { c }).collect();
    let mut found = Vec::new();
    let introductions = INTRODUCES.iter().map(|phrase| (*phrase, false));
    for (phrase, is_greeting) in introductions.chain(GREETS.iter().map(|phrase| (*phrase, true))) {
        for (at, _) in lower.match_indices(phrase) {
            let begins = lower[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
            let rest = &text[at + phrase.len()..];
            let after = rest.trim_start_matches(|c: char| c == ' ' || is_greeting && c == ',');
            if !begins || after.len() == rest.len() {
                continue;
            }
            found.extend(name(after, phrase.starts_with("my name") || phrase == "call me"));
        }
    }
    found
}

/// One or two words that begin with a capital letter and that a sign or the end follows; behind a
/// phrase that only a name follows (`surely`), whatever comes after.
fn name(text: &str, surely: bool) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    while names.len() < 2 {
        let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let word = &rest[..end];
        let shaped = word.chars().next().is_some_and(char::is_uppercase)
            && word.chars().skip(1).any(char::is_lowercase)
            && !NO_NAMES.contains(&word.to_lowercase().as_str());
        if !shaped {
            break;
        }
        names.push(word.to_lowercase());
        rest = &rest[end..];
        match rest.strip_prefix(' ') {
            Some(next) if next.starts_with(char::is_uppercase) => rest = next,
            _ => break,
        }
    }
    let closed = rest.trim_start_matches(' ').chars().next().is_none_or(|c| ".,!?;:\n".contains(c));
    if surely || closed { names } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::Anonymous;

    #[test]
    fn names_of_labels_are_taken_out_however_they_are_written() {
        let anonymous =
            Anonymous::of(["Tom Weber", "Priya Raman (Interviewer)", "Speaker 2", "Me"], [], ["mweber"]);
        let rows = [
            (
                "Thanks, Tom. As Priya's team said, tomorrow.",
                "Thanks, [name]. As [name]'s team said, tomorrow.",
            ),
            ("thanks tom, says RAMAN", "thanks [name], says [name]"),
            ("Ask me, the interviewer, or speaker 2.", "Ask me, the interviewer, or speaker 2."),
            ("ssh mweber at host", "ssh [name] at host"),
        ];
        for (said, want) in rows {
            assert_eq!(anonymous.clean(said), want);
        }
    }

    #[test]
    fn a_name_that_is_a_word_too_stays_where_it_is_a_word() {
        let anonymous = Anonymous::of(["Will", "Mark"], [], []);
        assert_eq!(
            anonymous.clean("Will, will it mark it? Ask Mark."),
            "[name], will it mark it? Ask [name]."
        );
    }

    #[test]
    fn people_who_introduce_or_greet_each_other_are_known_from_then_on() {
        let rows = [
            ("Hi, I'm Ana Lima, nice to meet you.", "Ana and Lima", "[name] and [name]"),
            ("my name is Jo and I do storage", "Jo", "[name]"),
            ("Hello Ines! Shall we begin?", "So Ines says", "So [name] says"),
            ("Thank you, Raj.", "Raj", "[name]"),
            // No names.
            ("I'm Kafka minded, so I'm OK with it. I am Sorry.", "Kafka OK Sorry", "Kafka OK Sorry"),
            (
                "Thanks. Redis it is. Hello, everyone! Hi, Let me start",
                "Redis everyone Let",
                "Redis everyone Let",
            ),
            ("I'm using Redis", "Redis", "Redis"),
        ];
        for (said, text, want) in rows {
            assert_eq!(Anonymous::of([], [said], []).clean(text), want, "{said}");
        }
    }

    #[test]
    fn addresses_ids_and_folders_are_taken_out_and_designs_stay() {
        let rows = [
            ("write to (a.b@example.org).", "write to ([email])."),
            ("session 0197f2c4-1b2c-7d3e-8f90-123456789abc:", "session [id]:"),
            ("see /home/ana/x.md and C:\\Users\\ana\\y, too", "see [path] and [path], too"),
            (
                "GET /users/42, /home/timeline, @Transactional",
                "GET /users/42, /home/timeline, @Transactional",
            ),
            ("key user:{id}, 10k/s, https://sho.rt/Ab3", "key user:{id}, 10k/s, https://sho.rt/Ab3"),
        ];
        for (said, want) in rows {
            assert_eq!(Anonymous::default().clean(said), want);
        }
    }
}
