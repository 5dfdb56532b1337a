//! PURE. Boxes and arrows of characters: ASCII, Unicode box drawing, and `[Client] -> (LB)` in one line.
//!
//! The text becomes a grid; boxes are found by their corners, then every connected set of line
//! characters is a network, and the boxes and words where it ends are joined by edges.

mod boxes;
mod grid;
mod network;
mod runs;

use super::graph::{Builder, Graph, InputFormat, slug};
use grid::Grid;

/// Whether `source` has boxes drawn with characters.
pub(super) fn has_boxes(source: &str) -> bool {
    let corners = ['┌', '╔', '╭', '┏'];
    let lines = || source.lines().take(5_000);
    let unicode = lines().any(|line| line.contains(corners) && line.contains(['─', '═', '━']));
    let ruled = |line: &&str| {
        let trimmed = line.trim();
        (line.contains("+-") && line.contains("-+"))
            || (line.contains("+=") && line.contains("=+"))
            || (trimmed.starts_with(".-") && trimmed.contains("-."))
    };
    unicode || lines().filter(ruled).count() >= 2
}

/// Something that an edge can end at.
#[derive(Clone, Debug)]
struct Node {
    label: String,
    row: usize,
    /// A real box; the others are words, which count only where a line touches them.
    is_box: bool,
    /// Words in a row, in brackets or not: the same words are the same thing.
    is_word: bool,
    /// A box around other boxes.
    is_group: bool,
    /// Index of the smallest box around it.
    parent: Option<usize>,
}

/// Reads a drawing of characters.
pub(super) fn read(source: &str) -> Graph {
    let mut builder = Builder::new(InputFormat::Ascii);
    let grid = Grid::new(source);
    let mut sheet = boxes::find(&grid, &mut builder);
    runs::find(&grid, &mut sheet);
    let networks = network::find(&grid, &mut sheet);
    let mut touched = vec![false; sheet.nodes.len()];
    for network in &networks {
        network.ends.iter().for_each(|end| touched[end.node] = true);
    }
    // Outer boxes come first, so that a group's parent is there before it.
    let mut groups = vec![None; sheet.nodes.len()];
    for index in 0..sheet.nodes.len() {
        let node = &sheet.nodes[index];
        if node.is_group {
            let parent = node.parent.and_then(|parent| groups[parent]);
            groups[index] = Some(builder.group(&format!("box {index}"), &node.label, parent, node.row + 1));
        }
    }
    let mut order: Vec<usize> = (0..sheet.nodes.len())
        .filter(|&index| {
            let node = &sheet.nodes[index];
            touched[index] || (node.is_box && !node.is_group && !node.label.is_empty())
        })
        .collect();
    order.sort_by_key(|&index| (sheet.nodes[index].row, index));
    let mut components = vec![None; sheet.nodes.len()];
    for index in order {
        let node = &sheet.nodes[index];
        let id = match (node.is_group, slug(&node.label)) {
            (true, _) => format!("box {index}"),
            (false, id) if id.is_empty() => format!("box-{index}"),
            // Words are the same thing wherever they stand; two boxes are two things, unless one is empty.
            (false, id) if !node.is_word && builder.find(&id).is_some() => format!("{id}-{index}"),
            (false, id) => id,
        };
        let known = builder.find(&id).is_some();
        let component = builder.component(&id, node.row + 1);
        if !known {
            builder.label(component, if node.label.is_empty() { "unnamed" } else { &node.label });
            builder.put(component, node.parent.and_then(|parent| groups[parent]));
        }
        components[index] = Some(component);
    }
    for network in networks {
        network.edges(|from, to, label, directed, row| {
            if let (Some(from), Some(to)) = (components[from], components[to])
                && from != to
            {
                builder.edge(from, to, label, directed, row + 1);
            }
        });
    }
    for (run, used) in sheet.runs.iter().zip(&sheet.used_runs) {
        if !used && !touched.get(run.node).copied().unwrap_or(false) {
            builder.text(&run.text);
        }
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use crate::diagram::{InputFormat, read_as};

    fn edges(source: &str) -> Vec<String> {
        let graph = read_as(source, InputFormat::Ascii).expect("a drawing");
        let name = |edge: &crate::diagram::Edge| match edge.label.as_str() {
            "" => graph.edge_name(edge),
            label => format!("{}: {label}", graph.edge_name(edge)),
        };
        graph.edges.iter().map(name).collect()
    }

    #[test]
    fn one_line_is_a_drawing() {
        let rows: [(&str, &[&str]); 9] = [
            ("[Client] -> (LB) --> [App]", &["Client -> LB", "LB -> App"]),
            ("Client --> Load Balancer --> App", &["Client -> Load Balancer", "Load Balancer -> App"]),
            ("[App] --- reads ---> [DB]", &["App -> DB: reads"]),
            ("[App] --SQL--> [DB]", &["App -> DB: SQL"]),
            ("[A] <-> [B]", &["A <-> B"]),
            ("[A] <-- [B]", &["B -> A"]),
            ("[A] --- [B]", &["A -- B"]),
            ("Client → API → Redis (cache)", &["Client -> API", "API -> Redis (cache)"]),
            ("[A] ==> [B]\n[B] ==> [C]", &["A -> B", "B -> C"]),
        ];
        for (source, want) in rows {
            assert_eq!(edges(source), want, "{source}");
        }
    }

    #[test]
    fn boxes_are_joined_by_what_touches_them() {
        let source = "
  +--------+      +---------------+        +-------+
  | Client |----->| Load balancer |--HTTP->| App 1 |
  +--------+      +---------------+   |    +-------+
                          |           |        |
                          |           |        v
                          |           |    +-------+
                          +--------------->| App 2 |
                                      |    +-------+
                                      |
                                   unrelated
";
        let found = edges(source);
        assert!(found.contains(&"Client -> Load balancer".to_owned()), "{found:?}");
        assert!(found.contains(&"Load balancer -> App 1: HTTP".to_owned()), "{found:?}");
        assert!(found.contains(&"App 1 -> App 2".to_owned()), "{found:?}");
    }

    #[test]
    fn unicode_boxes_branch_and_nest() {
        let source = "
┌────────┐
│ Client │
└───┬────┘
    │ HTTPS
    ▼
┌── AWS ─────────────────────────────┐
│ ┌────────┐        ┌──────────────┐ │
│ │   LB   ├───┬───►│ App server A │ │
│ └────────┘   │    └──────────────┘ │
│              │    ┌──────────────┐ │
│              └───►│ App server B │ │
│                   └──────────────┘ │
└────────────────────────────────────┘
";
        let graph = read_as(source, InputFormat::Ascii).expect("a drawing");
        let names: Vec<String> = graph.edges.iter().map(|edge| graph.edge_name(edge)).collect();
        assert_eq!(names, ["Client -> AWS", "LB -> App server A", "LB -> App server B"]);
        assert_eq!(graph.edges[0].label, "HTTPS");
        assert_eq!(graph.groups[0].label, "AWS");
    }

    #[test]
    fn a_column_of_words_is_a_drawing() {
        let source = "
   Client
     |
     v
 Load balancer
   /      \\
[App 1]  [App 2]
     |
     | SQL
     v
   [DB]
";
        let found = edges(source);
        assert!(found.contains(&"Client -> Load balancer".to_owned()), "{found:?}");
        assert!(found.contains(&"Load balancer -- App 1".to_owned()), "{found:?}");
        assert!(found.contains(&"App 1 -> DB: SQL".to_owned()), "{found:?}");
    }

    #[test]
    fn a_crooked_wall_is_still_a_wall() {
        let source = "
+----------+
| Redis cache |
| (sessions) |
+----------+
      ^
      |
+-----+----+
|  Web app |
+----------+
";
        assert_eq!(edges(source), ["Web app -> Redis cache (sessions)"]);
    }
}
