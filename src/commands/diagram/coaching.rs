//! Drawing step by step: after each look at the drawing, edit again, ask for a hint, or leave it.

use super::Context;
use crate::diagram::Review;
use crate::error::Failure;
use crate::material::{DiagramTask, Pack};

/// What is wanted after a look at the drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Edit,
    Leave,
}

/// Hints in the order in which they help: each missing part's ladder from its first rung, in the task's order.
pub(super) fn hints<'t>(task: &'t DiagramTask, review: &Review) -> Vec<&'t str> {
    let missing = review.include.iter().filter(|item| !item.present);
    let ladders = missing.filter_map(|missing| task.items.iter().find(|item| item.id == missing.id));
    ladders.flat_map(|item| item.hints.iter().map(String::as_str)).collect()
}

/// Asks what to do next; hints are given one at a time.
pub(super) fn next(context: &mut Context<'_>, hints: &[&str]) -> Result<Next, Failure> {
    let mut left = hints.iter();
    loop {
        let hint = if left.len() > 0 { "h gives a hint, " } else { "" };
        write!(context.err, "e edits it, {hint}Enter leaves it > ")?;
        context.err.flush()?;
        let mut answer = String::new();
        if std::io::stdin().read_line(&mut answer)? == 0 {
            writeln!(context.err)?;
            return Ok(Next::Leave);
        }
        match answer.trim() {
            "e" | "edit" => return Ok(Next::Edit),
            "h" | "hint" => match left.next() {
                Some(hint) => writeln!(context.err, "{hint}\n")?,
                None => writeln!(context.err, "There are no more hints.\n")?,
            },
            "" | "q" | "quit" => return Ok(Next::Leave),
            _ => {}
        }
    }
}

/// The task that a line `%% task: ID` names.
pub(super) fn named_task<'p>(pack: &'p Pack, drawing: &str) -> Result<Option<&'p DiagramTask>, Failure> {
    let named = drawing.lines().find_map(|line| line.trim().strip_prefix("%%")?.trim().strip_prefix("task:"));
    match named.map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => super::find(pack, name).map(Some).ok_or_else(|| super::unknown(pack, name)),
        None => Ok(None),
    }
}

/// A flowchart to begin with; the task, or the tasks there are, above it as comments.
pub(super) fn template(pack: &Pack, task: Option<&DiagramTask>) -> String {
    let mut text = String::new();
    let mut comment = |words: &str| {
        for line in crate::terminal::wrap(words, 76, "").lines() {
            text += &format!("%% {line}\n");
        }
    };
    match task {
        Some(task) => comment(&task.task),
        None => {
            let ids: Vec<&str> = pack.diagrams.iter().map(|task| task.id.as_str()).collect();
            comment(&format!(
                "Draw a system. For one of the tasks, put its name after the colon: {}.",
                ids.join(", ")
            ));
            text += "%% task:\n";
        }
    }
    text + "flowchart LR\n  client[Client]\n  client -->\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;

    #[test]
    fn a_drawing_may_name_its_task() {
        let pack = Assets::embedded().pack("system-design").expect("the pack");
        let named = |text: &str| named_task(&pack, text).map(|task| task.map(|task| task.id.clone()));
        assert_eq!(named(&template(&pack, None)).expect("none"), None);
        assert_eq!(
            named("%% task: social feed\nflowchart LR\n").expect("one").as_deref(),
            Some("social-feed")
        );
        assert!(named("%%task: cooking\n").is_err());
        assert!(template(&pack, pack.diagrams.first()).starts_with("%% Draw the architecture"));
    }
}
