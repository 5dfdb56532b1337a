//! PURE. The smaller files of a pack: clarifying topics, diagram tasks, the checklist.

use serde::{Deserialize, Serialize};

/// `clarify.toml`: what to ask about any system before designing it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClarifyingTopics {
    /// Topics in the order of the bank.
    #[serde(rename = "topic", default)]
    pub topics: Vec<ClarifyingTopic>,
}

/// One thing to clarify, and how people ask for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClarifyingTopic {
    /// Unique; facts of problems name it.
    pub id: String,
    /// The question as the bank prints it.
    pub question: String,
    /// Why the answer matters; one sentence.
    pub why: String,
    /// Patterns by which a candidate asks for it.
    pub asks: Vec<String>,
}

/// A diagram task (`diagrams/ID.toml`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiagramTask {
    /// Unique; also the file's name.
    pub id: String,
    /// Short name for lists.
    pub title: String,
    /// What to draw.
    pub task: String,
    /// What the drawing should include.
    #[serde(rename = "item")]
    pub items: Vec<DiagramItem>,
}

/// One thing that a drawing should include.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiagramItem {
    /// Unique in the task.
    pub id: String,
    /// What it is, for the list of what is present and missing.
    pub item: String,
    /// Component kinds of the lexicon, any of which is it.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Patterns over labels (of boxes, edges, groups), any of which is it.
    #[serde(default)]
    pub says: Vec<String>,
    /// Three rungs, each telling more.
    pub hints: [String; 3],
}

/// `checklist.toml`: what one should master.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// Items in order.
    #[serde(rename = "item", default)]
    pub items: Vec<ChecklistItem>,
}

/// One thing to master; ticks itself when each of its questions was graded high enough.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistItem {
    /// Unique.
    pub id: String,
    /// What one can do when it is ticked.
    pub item: String,
    /// Ids of the questions that prove it.
    #[serde(default)]
    pub questions: Vec<String>,
    /// Ids of the problems, any of which proves it when passed at senior.
    #[serde(default)]
    pub problems: Vec<String>,
}
