//! PURE. A drawing reviewed: classified, a task's items found in it, its faults, and a score.

use serde::{Deserialize, Serialize};

use super::check::Checker;
use super::classify::Classifier;
use super::graph::{Graph, InputFormat, Remark};
use super::rules::Rules;
use super::spoken::{Compared, compare};
use crate::material::{DiagramTask, Lexicon};
use crate::text::{Pattern, PatternError, Prepared, Synonyms, fold};

/// Labels that are named as what an item was found by.
const MOST_MATCHED: usize = 8;

/// An item of the task, and where it was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Included {
    /// Id of the item in the task.
    pub id: String,
    /// What it is.
    pub item: String,
    /// It is in the drawing.
    pub present: bool,
    /// Labels it was found by.
    pub matched: Vec<String>,
    /// Worth in the score, 0 to 1: less where no arrow reaches it.
    pub worth: f64,
}

/// A fault, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Which kind of fault.
    pub kind: String,
    /// The component, or the edge as `A -> B`; empty for the whole drawing.
    pub at: String,
    /// Line of the source, from 1; 0 where there is none.
    pub line: usize,
    /// What is wrong, in a sentence.
    pub message: String,
    /// Labels of the parts that it is about, one or two.
    #[serde(skip)]
    pub parts: Vec<String>,
}

/// What is found in a drawing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// Id of the task; `None` if it was drawn for none.
    pub task: Option<String>,
    /// The format it was written in.
    pub input_format: InputFormat,
    /// The task's items, present and missing.
    pub include: Vec<Included>,
    /// Faults.
    pub issues: Vec<Issue>,
    /// 0 to 10; `None` without a task.
    pub score: Option<f64>,
    /// What could not be read.
    pub remarks: Vec<Remark>,
}

/// Reviews drawings.
#[derive(Clone, Debug)]
pub struct Reviewer {
    rules: Rules,
    classifier: Classifier,
    synonyms: Synonyms,
}

impl Reviewer {
    /// Reviews with the words of a lexicon.
    pub fn new(lexicon: &Lexicon, rules: Rules) -> Self {
        Self { classifier: Classifier::new(lexicon, &rules), synonyms: lexicon.synonyms(), rules }
    }

    /// Gives components their kinds.
    pub fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// Compares a classified drawing with what was said.
    pub fn compare(&self, graph: &Graph, said: &str) -> Compared {
        compare(&self.classifier, &self.rules, graph, said)
    }

    /// Classifies the components of `graph` and reviews it, against a task if there is one.
    ///
    /// # Errors
    ///
    /// [`PatternError`] if a pattern of the task cannot be read.
    pub fn review(&self, graph: &mut Graph, task: Option<&DiagramTask>) -> Result<Review, PatternError> {
        self.classifier.classify(graph);
        let include = match task {
            Some(task) => self.include(graph, task)?,
            None => Vec::new(),
        };
        let issues = Checker::new(graph, &self.rules).run();
        let score = task.map(|_| self.score(&include, &issues));
        Ok(Review {
            task: task.map(|task| task.id.clone()),
            input_format: graph.format,
            include,
            issues,
            score,
            remarks: graph.remarks.clone(),
        })
    }

    fn include(&self, graph: &Graph, task: &DiagramTask) -> Result<Vec<Included>, PatternError> {
        let mut joined = vec![false; graph.components.len()];
        for edge in &graph.edges {
            joined[edge.from] = true;
            joined[edge.to] = true;
        }
        for (index, joined) in joined.iter_mut().enumerate() {
            // What stands in a frame with arrows is reached with it.
            let whole =
                graph.groups_of(index).into_iter().any(|group| graph.groups[group].component.is_some());
            *joined |= whole;
        }
        let texts: Vec<String> =
            graph.components.iter().map(|part| spoken(&format!("{}, {}", part.label, part.detail))).collect();
        let parts: Vec<Prepared<'_>> = texts.iter().map(|text| Prepared::new(text)).collect();
        let absent: Vec<bool> = graph.components.iter().map(|part| self.is_absent(&part.label)).collect();
        let edge_texts: Vec<String> = graph.edges.iter().map(|edge| spoken(&edge.label)).collect();
        let edges: Vec<Prepared<'_>> = edge_texts.iter().map(|text| Prepared::new(text)).collect();
        let group_texts: Vec<String> = graph.groups.iter().map(|group| spoken(&group.label)).collect();
        let groups: Vec<Prepared<'_>> = group_texts.iter().map(|text| Prepared::new(text)).collect();
        let mut found: Vec<(Vec<usize>, bool, Vec<String>)> = Vec::new();
        for item in &task.items {
            let says = item
                .says
                .iter()
                .map(|says| Pattern::parse(says, &self.synonyms))
                .collect::<Result<Vec<_>, _>>()?;
            let matches = |text: &Prepared<'_>| says.iter().any(|pattern| pattern.find(text).is_some());
            let components: Vec<usize> = (0..graph.components.len())
                .filter(|&index| !absent[index])
                .filter(|&index| item.kinds.contains(&graph.components[index].kind) || matches(&parts[index]))
                .collect();
            let mut labels: Vec<String> =
                components.iter().map(|&index| graph.name(index).to_owned()).collect();
            let mut elsewhere = false;
            for (index, edge) in edges.iter().enumerate() {
                if !says.is_empty()
                    && !graph.edges[index].label.is_empty()
                    && !self.is_absent(&graph.edges[index].label)
                    && matches(edge)
                {
                    labels.push(graph.edges[index].label.clone());
                    elsewhere = true;
                }
            }
            for (index, group) in groups.iter().enumerate() {
                let filled = graph.components.iter().any(|part| part.group.is_some());
                if !says.is_empty() && filled && matches(group) {
                    labels.push(graph.groups[index].label.clone());
                    elsewhere = true;
                }
            }
            let mut seen = std::collections::HashSet::new();
            labels.retain(|label| seen.insert(label.clone()));
            labels.truncate(MOST_MATCHED);
            found.push((components, elsewhere, labels));
        }
        // One box with every word on it is not every part.
        let mut stands_for = vec![0_usize; graph.components.len()];
        for (components, elsewhere, _) in &found {
            if let ([only], false) = (&components[..], elsewhere) {
                stands_for[*only] += 1;
            }
        }
        let crowded = self.rules.scoring.crowded.max(1);
        let worth = |(components, elsewhere, _): &(Vec<usize>, bool, Vec<String>)| {
            let best = components.iter().map(|&index| {
                let share = if components.len() == 1 && stands_for[index] > crowded {
                    crowded as f64 / stands_for[index] as f64
                } else {
                    1.0
                };
                share * if joined[index] { 1.0 } else { self.rules.scoring.alone }
            });
            best.fold(if *elsewhere { 1.0 } else { 0.0 }, f64::max)
        };
        let included = task.items.iter().zip(&found).map(|(item, hit)| Included {
            id: item.id.clone(),
            item: item.item.clone(),
            present: !hit.0.is_empty() || hit.1,
            matched: hit.2.clone(),
            worth: worth(hit),
        });
        Ok(included.collect())
    }

    /// Whether a label says that the thing is not there: `TODO: cache`.
    fn is_absent(&self, label: &str) -> bool {
        let words: Vec<String> =
            label.split(|c: char| !c.is_alphanumeric()).map(fold).filter(|word| !word.is_empty()).collect();
        let text = format!(" {} ", words.join(" "));
        self.rules.absent.iter().any(|absent| {
            let absent = absent.as_str();
            // `no` begins a denial; within a label it is part of a name.
            if matches!(absent, "no" | "without" | "none") {
                text.starts_with(&format!(" {absent} "))
            } else {
                text.contains(&format!(" {absent} "))
            }
        })
    }

    fn score(&self, include: &[Included], issues: &[Issue]) -> f64 {
        let worth: f64 = include.iter().map(|item| item.worth).sum();
        let share = if include.is_empty() { 1.0 } else { worth / include.len() as f64 };
        let mut cost = 0.0;
        for rule in &self.rules.issues {
            let count = issues.iter().filter(|issue| issue.kind == rule.kind).count();
            cost += (rule.cost * count as f64).min(rule.most);
        }
        let score = 10.0 * share - cost.min(self.rules.scoring.most_cost);
        (score.clamp(0.0, 10.0) * 10.0).round() / 10.0
    }
}

/// A label as it would be said: `orderService` and `order_service` are two words.
fn spoken(label: &str) -> String {
    let mut text = String::with_capacity(label.len() + 8);
    let mut previous = ' ';
    for character in label.chars() {
        if character == '_' || character == '.' && previous.is_alphanumeric() {
            text.push(' ');
        } else {
            text.push(character);
        }
        previous = character;
    }
    // Names such as `orderService`: the parts, after the name itself, which may be a product.
    let parts: Vec<String> = text
        .split_whitespace()
        .filter(|word| {
            word.chars().zip(word.chars().skip(1)).any(|(a, b)| a.is_lowercase() && b.is_uppercase())
        })
        .map(|word| {
            let mut parted = String::new();
            let mut previous = ' ';
            for character in word.chars() {
                if character.is_uppercase() && previous.is_lowercase() {
                    parted.push(' ');
                }
                parted.push(character);
                previous = character;
            }
            parted
        })
        .collect();
    if parts.is_empty() { text } else { format!("{text}, {}", parts.join(", ")) }
}
