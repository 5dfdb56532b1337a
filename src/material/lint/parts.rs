//! PURE. The smaller files of a pack: manifest, lexicon, clarifying topics, checklist, diagrams.

use std::collections::{BTreeMap, BTreeSet};

use super::{Linter, nearest};
use crate::material::{Count, Pack, Signals};

/// Files that a pack may have beside its folders.
const FILES: [&str; 8] = [
    "pack.toml",
    "lexicon.toml",
    "clarify.toml",
    "signals.toml",
    "checklist.toml",
    "cheatsheet.md",
    "README.md",
    "AUTHORING.md",
];
const FOLDERS: [&str; 3] = ["questions", "problems", "diagrams"];

impl Linter<'_> {
    /// Files that nothing reads are misspelt ones.
    pub(super) fn files(&mut self) {
        let names: Vec<String> = self.source.keys().cloned().collect();
        for name in names {
            let known = match name.split_once('/') {
                None => FILES.contains(&name.as_str()) || name.ends_with(".jsonl"),
                Some((folder, file)) => {
                    let read = file.ends_with(".toml") || file.ends_with(".md");
                    FOLDERS.contains(&folder) && read && !file.contains('/')
                }
            };
            if known {
                continue;
            }
            let near = match name.split_once('/') {
                None => nearest(&name, FILES.into_iter()).map(str::to_owned),
                Some((folder, file)) => {
                    nearest(folder, FOLDERS.into_iter()).map(|near| format!("{near}/{file}"))
                }
            };
            let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            self.fault(&name, "", format!("nothing reads this file{hint}"));
        }
    }

    pub(super) fn manifest(&mut self, folder: Option<&str>) {
        let manifest = &self.pack.manifest;
        if let Some(folder) = folder.filter(|folder| *folder != manifest.id) {
            let message = format!("the id `{}` must be the folder's name, `{folder}`", manifest.id);
            self.fault("pack.toml", &manifest.id, message);
        }
        let planned: u32 = manifest.phases.iter().map(|phase| phase.minutes).sum();
        if planned != manifest.minutes {
            let message = format!("the phases add up to {planned} minutes, not {}", manifest.minutes);
            self.fault("pack.toml", "minutes", message);
        }
        self.unique("pack.toml", manifest.phases.iter().map(|phase| phase.id.as_str()));
        if manifest.phases.is_empty() {
            self.fault("pack.toml", "phase", "a pack has at least one phase");
        }
        for (what, text) in [("title", &manifest.title), ("description", &manifest.description)] {
            self.filled("pack.toml", &manifest.id, what, text);
        }
        for phase in &manifest.phases {
            if phase.minutes == 0 {
                let message = format!("the phase `{}` has no minutes: nothing in it is reached", phase.id);
                self.fault("pack.toml", &phase.id, message);
            }
            for (what, text) in
                [("title", &phase.title), ("opening", &phase.opening), ("closing", &phase.closing)]
            {
                self.filled("pack.toml", &phase.id, what, text);
            }
        }
    }

    pub(super) fn lexicon(&mut self) {
        let (file, terms) = ("lexicon.toml", &self.pack.lexicon.terms);
        self.unique(file, terms.iter().map(|term| term.name.as_str()));
        let mut owners: BTreeMap<String, &str> =
            terms.iter().map(|term| (term.name.to_lowercase(), term.name.as_str())).collect();
        for term in terms {
            self.filled(file, &term.name, "name", &term.name);
            for alias in &term.aliases {
                let owner = owners.entry(alias.to_lowercase()).or_insert(&term.name);
                if *owner != term.name {
                    let message =
                        format!("the alias `{alias}` of `{}` belongs to `{owner}` already", term.name);
                    self.fault_in(file, &term.name, &format!("\"{alias}\""), message);
                }
            }
        }
    }

    pub(super) fn clarify(&mut self) {
        let (file, topics) = ("clarify.toml", &self.pack.clarify.topics);
        self.unique(file, topics.iter().map(|topic| topic.id.as_str()));
        for topic in topics {
            self.patterns(file, &topic.id, &topic.asks);
            if topic.asks.is_empty() {
                self.fault(file, &topic.id, format!("nothing asks for the topic `{}`", topic.id));
            }
            for (what, text) in [("question", &topic.question), ("why", &topic.why)] {
                self.filled(file, &topic.id, what, text);
            }
        }
    }

    pub(super) fn signals(&mut self, signals: &Signals) {
        let file = "signals.toml";
        self.unique(file, signals.facets.iter().map(|facet| facet.id.as_str()));
        self.unique(file, signals.wrong.iter().map(|wrong| wrong.id.as_str()));
        for list in signals.words.patterns() {
            self.patterns(file, "words", list);
        }
        for criterion in &signals.criteria {
            self.patterns(file, &criterion.id, &criterion.raised);
        }
        for facet in &signals.facets {
            self.patterns(file, &facet.id, &facet.says);
            if facet.count == Count::Sentences && facet.says.is_empty() {
                self.fault(file, &facet.id, format!("nothing fills the facet `{}`", facet.id));
            }
        }
        for phase in &signals.phases {
            self.patterns(file, &phase.id, &phase.headings);
            self.patterns(file, &phase.id, &phase.begins);
        }
        for wrong in &signals.wrong {
            self.patterns(file, &wrong.id, &wrong.says);
            self.patterns(file, &wrong.id, &wrong.unless);
        }
    }

    /// Ids and names by which two things of a pack would be taken for each other.
    pub(super) fn clashes(&mut self) {
        let pack = self.pack;
        let kinds = [
            ("questions", pack.questions.iter().map(|question| question.id.as_str()).collect::<Vec<_>>()),
            ("problems", pack.problems.iter().map(|problem| problem.id.as_str()).collect()),
            ("diagrams", pack.diagrams.iter().map(|task| task.id.as_str()).collect()),
        ];
        for (folder, ids) in kinds {
            let files: Vec<String> = self
                .source
                .keys()
                .filter(|name| name.starts_with(&format!("{folder}/")) && name.ends_with(".toml"))
                .cloned()
                .collect();
            // Both are in the order of the files.
            for (file, id) in files.iter().zip(&ids) {
                if *file != format!("{folder}/{id}.toml") {
                    self.fault(file, id, format!("the id `{id}` must be the file's name"));
                }
            }
            let mut seen = BTreeSet::new();
            for (file, id) in files.iter().zip(&ids) {
                if !seen.insert(id) {
                    self.fault(file, id, format!("the id `{id}` is taken by another file"));
                }
            }
        }
        let mut names: BTreeMap<String, &str> = BTreeMap::new();
        for problem in &pack.problems {
            let file = format!("problems/{}.toml", problem.id);
            for name in problem.aliases.iter().chain([&problem.id, &problem.title]) {
                let owner = names.entry(name.to_lowercase()).or_insert(&problem.id);
                if *owner != problem.id {
                    let message = format!("the name `{name}` belongs to the problem `{owner}` already");
                    self.fault(&file, name, message);
                }
            }
        }
    }

    /// Ids by which another pack would be taken for this one.
    pub(super) fn taken(&mut self, others: &[Pack]) {
        let pack = self.pack;
        for other in others {
            let owner = &other.manifest.id;
            let mine = pack.questions.iter().map(|question| ("questions", question.id.as_str()));
            let mine = mine.chain(pack.diagrams.iter().map(|task| ("diagrams", task.id.as_str())));
            for (folder, id) in mine {
                let taken = match folder {
                    "questions" => other.question(id).is_some(),
                    _ => other.diagrams.iter().any(|task| task.id == id),
                };
                if taken {
                    let message =
                        format!("the id `{id}` is taken by the pack `{owner}`, which is asked first");
                    self.fault(&format!("{folder}/{id}.toml"), id, message);
                }
            }
        }
    }

    /// An item may rest on what another pack asks.
    pub(super) fn checklist(&mut self, others: &[Pack]) {
        let (file, pack) = ("checklist.toml", self.pack);
        let packs = || std::iter::once(pack).chain(others);
        let questions: Vec<&str> =
            packs().flat_map(|pack| &pack.questions).map(|question| question.id.as_str()).collect();
        let problems: Vec<&str> =
            packs().flat_map(|pack| &pack.problems).map(|problem| problem.id.as_str()).collect();
        self.unique(file, pack.checklist.items.iter().map(|item| item.id.as_str()));
        for item in &pack.checklist.items {
            self.filled(file, &item.id, "item", &item.item);
            for id in &item.questions {
                self.known(file, &item.id, "question", id, &questions);
            }
            for id in &item.problems {
                self.known(file, &item.id, "problem", id, &problems);
            }
        }
    }

    pub(super) fn diagrams(&mut self) {
        let kinds: BTreeSet<&str> =
            self.pack.lexicon.terms.iter().filter_map(|term| term.kind.as_deref()).collect();
        let kinds: Vec<&str> = kinds.into_iter().collect();
        for task in &self.pack.diagrams {
            let file = format!("diagrams/{}.toml", task.id);
            self.unique(&file, task.items.iter().map(|item| item.id.as_str()));
            for (what, text) in [("title", &task.title), ("task", &task.task)] {
                self.filled(&file, &task.id, what, text);
            }
            for item in &task.items {
                self.filled(&file, &item.id, "item", &item.item);
                self.patterns(&file, &item.id, &item.says);
                if item.kinds.is_empty() && item.says.is_empty() {
                    self.fault(&file, &item.id, format!("item `{}` has neither kinds nor patterns", item.id));
                }
                for kind in &item.kinds {
                    self.known(&file, &item.id, "component kind", kind, &kinds);
                }
                self.ladder(&file, &item.id, &item.hints);
            }
        }
    }

    /// Three hints, none empty, none said twice.
    pub(super) fn ladder(&mut self, file: &str, owner: &str, hints: &[String; 3]) {
        for hint in hints {
            self.short(file, owner, hint, 50);
        }
        let name = ["first", "second", "third"];
        for (one, two) in [(0, 1), (1, 2), (0, 2)] {
            if hints[one].trim() == hints[two].trim() && !hints[one].trim().is_empty() {
                let message = format!("the {} hint of `{owner}` repeats the {}", name[two], name[one]);
                self.fault_in(file, owner, &hints[two], message);
            }
        }
    }

    pub(super) fn cheatsheet(&mut self) {
        let (file, sheet) = ("cheatsheet.md", &self.pack.cheatsheet);
        if sheet.trim().is_empty() {
            return;
        }
        let mut topics: Vec<(&str, bool)> = Vec::new();
        for line in sheet.lines() {
            match line.strip_prefix("## ") {
                Some(topic) => topics.push((topic.trim(), false)),
                None => {
                    if let Some(topic) = topics.last_mut().filter(|_| line.contains(char::is_alphanumeric)) {
                        topic.1 = true;
                    }
                }
            }
        }
        if topics.is_empty() {
            self.fault(file, "", "the sheet has no level-2 heading, so it has no topic");
        }
        let mut seen = BTreeSet::new();
        for (topic, filled) in topics {
            if !filled {
                self.fault(file, &format!("## {topic}"), format!("nothing stands under `{topic}`"));
            }
            if !seen.insert(topic.to_lowercase()) {
                self.fault(file, &format!("## {topic}"), format!("the topic `{topic}` is there twice"));
            }
        }
    }
}
