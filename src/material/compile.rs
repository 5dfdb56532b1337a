//! PURE. A pack from notes: phases, diagram tasks, checklist, cheat sheet and what to clarify, as files.
//!
//! What notes leave open is filled from the pack that ships, or with lines of `template/notes.toml`;
//! everything is a draft for its author to change.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::content::{Checklist, ChecklistItem, ClarifyingTopic, ClarifyingTopics, DiagramItem, DiagramTask};
use super::notes::{Notes, NotesDiagram};
use super::pack::{Manifest, Pack, PackSource, PhaseFormat};
use super::search::{Document, SearchIndex};
use super::{Lexicon, Term};
use crate::text::Prepared;

/// Lines for what notes do not say (`template/notes.toml`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// What the pack is; `{{notes}}` is their title.
    pub description: String,
    /// The hint ladder of a diagram's item; `{{item}}` is the item, `{{some}}` a few of the task's.
    pub hints: [String; 3],
    /// Why to ask a clarifying question.
    pub why: String,
    /// Words that stand in the name of nearly any part, and tell nothing about it.
    pub vague: Vec<String>,
    /// Words with which a checklist says what to do, not what it is about.
    pub asking: Vec<String>,
}

/// A share of the best find's score above which another is meant as well.
const ALSO: f64 = 0.8;

/// A find must score this share of what the words would score in a text of their own.
const MEANT: f64 = 0.3;

/// The files of a pack by the id `name`, from `notes`; `base` is the pack that ships. The pack
/// lints without a fault.
pub fn compile(notes: &Notes, name: &str, base: &Pack, words: &Words) -> PackSource {
    let mut source = PackSource::new();
    let lexicon =
        Lexicon { terms: base.lexicon.terms.iter().filter(|term| term.kind.is_some()).cloned().collect() };
    let phases = phases(notes, base);
    put(
        &mut source,
        "pack.toml",
        &Manifest {
            id: name.to_owned(),
            title: notes.title.clone(),
            version: 1,
            description: words.description.replace("{{notes}}", &notes.title),
            rubric: base.manifest.rubric.clone(),
            minutes: phases.iter().map(|phase| phase.minutes).sum(),
            phases,
        },
    );
    let mut taken: BTreeSet<String> = base.diagrams.iter().map(|task| task.id.clone()).collect();
    for task in notes.diagrams.iter().filter(|task| !items(task).is_empty()) {
        let id = free(&task.id, name, &mut taken);
        put(&mut source, &format!("diagrams/{id}.toml"), &diagram(task, id, &lexicon, words));
    }
    if !notes.diagrams.is_empty() {
        put(&mut source, "lexicon.toml", &lexicon);
    }
    let clarify = clarify(notes, base, words);
    if !clarify.topics.is_empty() {
        put(&mut source, "clarify.toml", &clarify);
    }
    let checklist = checklist(notes, base, words);
    if !checklist.items.is_empty() {
        put(&mut source, "checklist.toml", &checklist);
    }
    let sheet = sheet(notes);
    if !sheet.is_empty() {
        source.insert("cheatsheet.md".to_owned(), sheet);
    }
    source
}

fn put(source: &mut PackSource, file: &str, value: &impl Serialize) {
    if let Ok(text) = toml::to_string_pretty(value) {
        source.insert(file.to_owned(), text);
    }
}

/// An id that nobody has.
fn free(id: &str, name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut free = id.to_owned();
    while !taken.insert(free.clone()) {
        free = format!("{name}-{free}");
    }
    free
}

/// The phases of the notes under the ids of the pack that ships where they are the same, so that its
/// problems can be held in them; its own phases if the notes have none.
fn phases(notes: &Notes, base: &Pack) -> Vec<PhaseFormat> {
    let known = &base.manifest.phases;
    let planned: Vec<_> = notes.phases.iter().filter(|phase| phase.minutes > 0).collect();
    if planned.is_empty() {
        return known.clone();
    }
    let alike = |title: &str, phase: &PhaseFormat| {
        let (one, other) = (stems(title), stems(&phase.title));
        one.intersection(&other).count()
    };
    let mut used = BTreeSet::new();
    let in_step = planned.len() == known.len();
    planned
        .iter()
        .enumerate()
        .map(|(number, planned)| {
            let same = known
                .iter()
                .filter(|phase| !used.contains(&phase.id) && alike(&planned.title, phase) > 0)
                .max_by_key(|phase| alike(&planned.title, phase))
                // As many phases as the usual ones, and this one in its place under another name.
                .or_else(|| known.get(number).filter(|phase| in_step && !used.contains(&phase.id)));
            // What is said in between is the same in any phase.
            let nearest = same.unwrap_or(&known[number.min(known.len() - 1)]);
            let id = match same {
                Some(same) => same.id.clone(),
                None => free(&slug(&planned.title), "phase", &mut used),
            };
            used.insert(id.clone());
            PhaseFormat {
                id,
                title: planned.title.clone(),
                minutes: planned.minutes,
                opening: sentence(&planned.items).unwrap_or_else(|| nearest.opening.clone()),
                closing: nearest.closing.clone(),
            }
        })
        .collect()
}

/// Items of a list as one sentence.
fn sentence(items: &[String]) -> Option<String> {
    let mut items =
        items.iter().map(|item| item.trim().trim_end_matches(['.', ';', ','])).filter(|it| !it.is_empty());
    let first = items.next()?;
    let rest = items.map(|item| {
        let mut letters = item.chars();
        // "API design" keeps its capitals.
        let second = letters.clone().nth(1);
        match letters.next() {
            Some(first) if second.is_none_or(char::is_lowercase) => {
                first.to_lowercase().chain(letters).collect::<String>()
            }
            _ => item.to_owned(),
        }
    });
    Some(format!("{}.", std::iter::once(first.to_owned()).chain(rest).collect::<Vec<_>>().join(", ")))
}

fn items(task: &NotesDiagram) -> Vec<&String> {
    task.draw.iter().chain(&task.include).filter(|item| item.contains(char::is_alphanumeric)).collect()
}

fn diagram(task: &NotesDiagram, id: String, lexicon: &Lexicon, words: &Words) -> DiagramTask {
    let all = items(task);
    let mut taken = BTreeSet::new();
    let items = all
        .iter()
        .enumerate()
        .map(|(number, item)| {
            let from = number.saturating_sub(1).min(all.len().saturating_sub(3));
            let some: Vec<&str> = all.iter().skip(from).take(3).map(|item| item.as_str()).collect();
            let fill = |line: &String| line.replace("{{item}}", item).replace("{{some}}", &some.join(", "));
            DiagramItem {
                id: free(&slug(item), "part", &mut taken),
                item: (*item).clone(),
                kinds: kinds(item, lexicon),
                says: vec![says(item, &words.vague)],
                hints: words.hints.each_ref().map(fill),
            }
        })
        .collect();
    let draw = task.draw.join(", ");
    let asked = if draw.is_empty() {
        task.task.clone()
    } else {
        format!("{}: {draw}.", task.task.trim_end_matches([':', '.', ' ']))
    };
    DiagramTask { id, title: task.title.clone(), task: asked, items }
}

/// Kinds of component that are meant by the whole of an item, or by what stands in its brackets.
fn kinds(item: &str, lexicon: &Lexicon) -> Vec<String> {
    let (head, inside) = brackets(item);
    let mut kinds = BTreeSet::new();
    for part in std::iter::once(head.as_str()).chain(inside.iter().map(String::as_str)) {
        let whole = stem_list(part);
        let kind_of = |asked: &[String]| {
            let named = |term: &&Term| {
                let names = std::iter::once(&term.name).chain(&term.aliases).chain(&term.products);
                !asked.is_empty() && names.map(|name| stem_list(name)).any(|name| name == asked)
            };
            lexicon.terms.iter().find(named).and_then(|term| term.kind.clone())
        };
        match kind_of(&whole) {
            Some(kind) => {
                kinds.insert(kind);
            }
            // "CloudFront CDN" says the same twice.
            None => {
                let each: Option<BTreeSet<String>> =
                    whole.iter().map(|stem| kind_of(std::slice::from_ref(stem))).collect();
                kinds.extend(each.filter(|each| each.len() == 1).into_iter().flatten());
            }
        }
    }
    kinds.into_iter().collect()
}

/// A pattern that finds an item in a label: its words, those that tell something by themselves too.
fn says(item: &str, vague: &[String]) -> String {
    let (head, inside) = brackets(item);
    let mut wordings: Vec<String> = Vec::new();
    for part in std::iter::once(head).chain(inside) {
        let part = plain(&part);
        let words: Vec<&str> = part.split_whitespace().collect();
        if words.is_empty() {
            continue;
        }
        let telling =
            words.iter().filter(|word| word.chars().count() > 3 && !vague.iter().any(|it| it == *word));
        // "Redis" and "access" are no plurals.
        let one = |word: &str| match word.strip_suffix('s') {
            Some(one) if !one.ends_with(['i', 's', 'u']) => one.to_owned(),
            _ => word.to_owned(),
        };
        let telling: Vec<String> = telling.map(|word| format!("{}*", one(word))).collect();
        wordings.push(words.join(" "));
        wordings.extend(telling);
    }
    let mut seen = BTreeSet::new();
    wordings.retain(|wording| seen.insert(wording.clone()));
    wordings.join("|")
}

/// An item, and the things listed in its brackets: `Databases (SQL, Redis)`.
fn brackets(item: &str) -> (String, Vec<String>) {
    match item.split_once('(') {
        Some((head, rest)) if head.contains(char::is_alphanumeric) => {
            let inside = rest.split(')').next().unwrap_or_default();
            let parts =
                inside.split([',', '/', ';']).map(str::trim).filter(|it| it.contains(char::is_alphanumeric));
            (head.trim().to_owned(), parts.map(str::to_owned).collect())
        }
        _ => (item.trim().to_owned(), Vec::new()),
    }
}

/// The bank that ships knows how people ask; a question that it does not have is asked by its own words.
fn clarify(notes: &Notes, base: &Pack, words: &Words) -> ClarifyingTopics {
    let documents: Vec<Document> = base.clarify.topics.iter().map(Document::from).collect();
    let index = SearchIndex::new(&documents, &base.lexicon);
    let mut taken = BTreeSet::new();
    let mut topics = Vec::new();
    for question in &notes.clarifying {
        let known = best(&index, question).into_iter().next().map(|at| &base.clarify.topics[at]);
        let topic = match known.filter(|known| !taken.contains(&known.id)) {
            Some(known) => ClarifyingTopic { question: question.clone(), ..known.clone() },
            None => {
                let asked = plain(question);
                let telling: Vec<&str> =
                    asked.split_whitespace().filter(|word| word.chars().count() > 2).collect();
                if telling.is_empty() {
                    continue;
                }
                ClarifyingTopic {
                    id: free(&slug(question), "ask", &mut taken),
                    question: question.clone(),
                    why: words.why.clone(),
                    asks: vec![telling.into_iter().take(4).collect::<Vec<_>>().join(" + ")],
                }
            }
        };
        taken.insert(topic.id.clone());
        topics.push(topic);
    }
    ClarifyingTopics { topics }
}

/// Items with the questions and problems of the pack that ships which prove them: those that an item
/// names, else the question that it is about.
fn checklist(notes: &Notes, base: &Pack, words: &Words) -> Checklist {
    let documents: Vec<Document> = base.questions.iter().map(Document::from).collect();
    let index = SearchIndex::new(&documents, &base.lexicon);
    let telling = |text: &str| -> String {
        let text = plain(text);
        let words: Vec<&str> =
            text.split_whitespace().filter(|word| !words.asking.iter().any(|it| it == word)).collect();
        words.join(" ")
    };
    let items = notes.checklist.iter().filter(|item| item.item.contains(char::is_alphanumeric)).map(|item| {
        let about = telling(&item.item);
        let said = stems(&about);
        let named = |names: &[&str]| {
            names
                .iter()
                .map(|name| stems(&telling(name)))
                .any(|name| !name.is_empty() && name.is_subset(&said))
        };
        let questions = base.questions.iter().filter(|question| named(&[&question.id, &question.title]));
        let mut questions: Vec<String> = questions.map(|question| question.id.clone()).collect();
        if questions.is_empty() {
            questions = best(&index, &about).into_iter().map(|at| documents[at].id.clone()).collect();
        }
        let problems = base.problems.iter().filter(|problem| {
            let aliases = problem.aliases.iter().map(String::as_str);
            named(&[problem.id.as_str(), &problem.title].into_iter().chain(aliases).collect::<Vec<_>>())
        });
        let problems = problems.map(|problem| problem.id.clone()).collect();
        ChecklistItem { id: item.id.clone(), item: item.item.clone(), questions, problems }
    });
    Checklist { items: items.collect() }
}

/// Positions of what the words are about: the best find and what is nearly as good, if they are about it at all.
fn best(index: &SearchIndex, asked: &str) -> Vec<usize> {
    let hits = index.search(asked);
    let Some(first) = hits.first().filter(|best| best.score >= MEANT * index.most(asked)) else {
        return Vec::new();
    };
    let least = first.score * ALSO;
    let close: Vec<usize> = hits.iter().take_while(|hit| hit.score >= least).map(|hit| hit.index).collect();
    if close.len() > 2 { Vec::new() } else { close }
}

fn sheet(notes: &Notes) -> String {
    let mut seen = BTreeSet::new();
    let topics = notes.topics.iter().filter(|topic| {
        topic.body.contains(char::is_alphanumeric) && seen.insert(topic.title.to_lowercase())
    });
    let topics: Vec<String> =
        topics.map(|topic| format!("## {}\n\n{}\n", topic.title.trim(), topic.body.trim())).collect();
    if topics.is_empty() {
        return String::new();
    }
    format!("# {}\n\n{}", notes.title, topics.join("\n"))
}

/// Words in lower case, without signs.
fn plain(text: &str) -> String {
    let signs: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    signs.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn slug(text: &str) -> String {
    let slug: Vec<String> = plain(text).split_whitespace().take(5).map(str::to_owned).collect();
    if slug.is_empty() { "it".to_owned() } else { slug.join("-") }
}

fn stem_list(text: &str) -> Vec<String> {
    Prepared::new(text).tokens().iter().map(|token| token.stem.clone()).collect()
}

fn stems(text: &str) -> BTreeSet<String> {
    stem_list(text).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::{Assets, FIRST_PACK};

    #[test]
    fn a_checklist_is_tied_to_what_proves_it() {
        let base = Assets::embedded().pack(FIRST_PACK).expect("the first pack");
        let words = Assets::compile_words().expect("the lines");
        let rows = [
            ("Explain how a CDN works", "cdn", ""),
            ("Understand all load balancing algorithms", "load-balancing", ""),
            ("Implement database replication and sharding", "replication sharding", ""),
            ("Design URL shortener", "url-shortener", "url-shortener"),
            ("Design file upload system", "file-upload", "file-upload"),
            ("Complete mock interview", "", ""),
        ];
        let list: Vec<String> = rows.iter().map(|(item, ..)| format!("- [ ] {item}")).collect();
        let notes = Notes::read(&format!("# Mine\n\n## Checklist\n\n{}\n", list.join("\n")), "mine.md");
        let found = checklist(&notes, &base, &words).items;
        let mut got = Vec::new();
        for item in &found {
            let mut questions = item.questions.clone();
            questions.sort();
            got.push((item.item.as_str(), questions.join(" "), item.problems.join(" ")));
        }
        assert_eq!(
            got,
            rows.map(|(item, questions, problems)| (item, questions.to_owned(), problems.to_owned()))
        );
    }

    #[test]
    fn a_part_of_a_drawing_is_known_by_its_kind_and_its_words() {
        let lexicon = Assets::embedded().pack(FIRST_PACK).expect("the first pack").lexicon;
        let vague = Assets::compile_words().expect("the lines").vague;
        assert_eq!(kinds("CloudFront CDN", &lexicon), ["cdn"]);
        assert_eq!(kinds("User posts", &lexicon), [""; 0], "a user is no post");
        assert_eq!(says("Databases (SQL, Redis)", &vague), "databases|database*|sql|redis|redis*");
        assert_eq!(says("App servers", &vague), "app servers");
    }
}
