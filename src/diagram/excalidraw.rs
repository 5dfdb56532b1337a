//! PURE. Excalidraw scenes: shapes, bound and nearby text, bound and loose arrows, frames and groups.
//!
//! A large box around others is a group; text bound to an arrow is its label; a text that an arrow
//! is bound to is a component.

use std::collections::HashMap;

use serde::Deserialize;

use super::graph::{Builder, Direction, Graph, InputFormat};
use super::read::ReadError;

/// Elements that are looked at; each is compared with each.
const MOST_ELEMENTS: usize = 3_000;
/// How far from a box an arrow may end that means it.
const NEAR: f64 = 40.0;

#[derive(Deserialize)]
struct Scene {
    #[serde(default)]
    elements: Vec<Element>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Element {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    is_deleted: bool,
    text: Option<String>,
    original_text: Option<String>,
    name: Option<String>,
    container_id: Option<String>,
    frame_id: Option<String>,
    group_ids: Option<Vec<String>>,
    start_binding: Option<Binding>,
    end_binding: Option<Binding>,
    start_arrowhead: Option<String>,
    end_arrowhead: Option<String>,
    points: Option<Vec<[f64; 2]>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Binding {
    element_id: String,
}

impl Element {
    fn written(&self) -> String {
        self.original_text.as_ref().or(self.text.as_ref()).cloned().unwrap_or_default()
    }

    fn is_box(&self) -> bool {
        matches!(self.kind.as_str(), "rectangle" | "ellipse" | "diamond" | "image" | "embeddable" | "iframe")
    }

    fn is_arrow(&self) -> bool {
        matches!(self.kind.as_str(), "arrow" | "line")
    }

    fn is_frame(&self) -> bool {
        matches!(self.kind.as_str(), "frame" | "magicframe")
    }

    fn area(&self) -> f64 {
        self.width.abs() * self.height.abs()
    }

    fn holds(&self, other: &Element) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && other.x + other.width <= self.x + self.width
            && other.y + other.height <= self.y + self.height
            && self.area() > other.area()
    }

    /// Distance from a point to the outline's inside; 0 within.
    fn distance(&self, point: (f64, f64)) -> f64 {
        let across = (self.x - point.0).max(point.0 - self.x - self.width).max(0.0);
        let along = (self.y - point.1).max(point.1 - self.y - self.height).max(0.0);
        across.hypot(along)
    }

    fn middle(&self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    fn end(&self, last: bool) -> (f64, f64) {
        let points = self.points.as_deref().unwrap_or_default();
        let point = if last { points.last() } else { points.first() };
        let fallback = if last { [self.width, self.height] } else { [0.0, 0.0] };
        let [x, y] = point.copied().unwrap_or(fallback);
        (self.x + x, self.y + y)
    }
}

/// Reads a scene.
///
/// # Errors
///
/// [`ReadError`] with the line if it is no JSON, or no scene.
pub(super) fn read(source: &str) -> Result<Graph, ReadError> {
    let scene: Scene = serde_json::from_str(source)
        .map_err(|error| ReadError::at(error.line(), format!("this is no scene of Excalidraw: {error}")))?;
    let mut builder = Builder::new(InputFormat::Excalidraw);
    let mut elements: Vec<Element> =
        scene.elements.into_iter().filter(|element| !element.is_deleted).collect();
    if elements.len() > MOST_ELEMENTS {
        builder.remark(0, format!("only the first {MOST_ELEMENTS} elements are read"));
        elements.truncate(MOST_ELEMENTS);
    }
    // A box drawn from right to left has a negative size.
    for element in elements.iter_mut().filter(|element| !element.is_arrow()) {
        if element.width < 0.0 {
            element.x += element.width;
            element.width = -element.width;
        }
        if element.height < 0.0 {
            element.y += element.height;
            element.height = -element.height;
        }
    }
    Ok(Scenery::new(&elements, builder).graph())
}

struct Scenery<'a> {
    elements: &'a [Element],
    builder: Builder,
    by_id: HashMap<&'a str, usize>,
    labels: Vec<Vec<String>>,
    groups: HashMap<usize, usize>,
    components: HashMap<usize, usize>,
}

impl<'a> Scenery<'a> {
    fn new(elements: &'a [Element], builder: Builder) -> Self {
        let by_id =
            elements.iter().enumerate().map(|(index, element)| (element.id.as_str(), index)).collect();
        let labels = vec![Vec::new(); elements.len()];
        Self { elements, builder, by_id, labels, groups: HashMap::new(), components: HashMap::new() }
    }

    fn graph(mut self) -> Graph {
        let loose = self.bound_texts();
        let ends = self.arrow_ends();
        let loose = self.nearby_texts(loose, &ends);
        self.frames();
        self.boxes(&loose, &ends);
        self.arrows(&ends);
        self.builder.finish()
    }

    /// Gives bound texts to their containers; returns the others.
    fn bound_texts(&mut self) -> Vec<usize> {
        let mut loose = Vec::new();
        for (index, element) in self.elements.iter().enumerate().filter(|(_, element)| element.kind == "text")
        {
            let holder = element.container_id.as_deref().and_then(|id| self.by_id.get(id));
            match holder {
                Some(&holder) => self.labels[holder].push(element.written()),
                None => loose.push(index),
            }
        }
        loose
    }

    /// The elements at both ends of every arrow: bound, or near enough.
    fn arrow_ends(&self) -> Vec<(usize, [Option<usize>; 2])> {
        let arrows = self.elements.iter().enumerate().filter(|(_, element)| element.is_arrow());
        arrows
            .map(|(index, arrow)| {
                let bound = |binding: &Option<Binding>| {
                    binding.as_ref().and_then(|binding| self.by_id.get(binding.element_id.as_str()).copied())
                };
                let near = |last: bool| {
                    let point = arrow.end(last);
                    let candidates = self.elements.iter().enumerate().filter(|(_, element)| {
                        element.is_box() || (element.kind == "text" && element.container_id.is_none())
                    });
                    candidates
                        .map(|(index, element)| (element.distance(point), element.area(), index))
                        .filter(|(distance, ..)| *distance <= NEAR)
                        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)))
                        .map(|(.., index)| index)
                };
                let start = bound(&arrow.start_binding).or_else(|| near(false));
                let end = bound(&arrow.end_binding).or_else(|| near(true));
                (index, [start, end])
            })
            .collect()
    }

    /// Gives loose texts to the smallest box around them, the box they are grouped with, the box right
    /// above them, or the arrow they lie on; returns the others.
    fn nearby_texts(&mut self, loose: Vec<usize>, ends: &[(usize, [Option<usize>; 2])]) -> Vec<usize> {
        let mut left = Vec::new();
        let is_end = |index: usize| ends.iter().any(|(_, ends)| ends.contains(&Some(index)));
        for index in loose {
            let text = &self.elements[index];
            let boxes = || self.elements.iter().enumerate().filter(|(_, element)| element.is_box());
            let around = boxes()
                .filter(|(_, element)| {
                    element.distance(text.middle()) == 0.0 && element.area() > text.area() * 0.5
                })
                .min_by(|a, b| a.1.area().total_cmp(&b.1.area()))
                .map(|(index, _)| index);
            let grouped = || {
                let own = text.group_ids.as_deref().unwrap_or_default();
                let mut same = boxes().filter(|(box_index, element)| {
                    self.labels[*box_index].is_empty()
                        && element
                            .group_ids
                            .as_deref()
                            .unwrap_or_default()
                            .iter()
                            .any(|group| own.contains(group))
                });
                same.next().map(|(index, _)| index)
            };
            let beside = || {
                boxes()
                    .filter(|(index, _)| self.labels[*index].is_empty())
                    .map(|(index, element)| (element.distance(text.middle()), index))
                    .filter(|(distance, _)| *distance <= NEAR)
                    .min_by(|a, b| a.0.total_cmp(&b.0))
                    .map(|(_, index)| index)
            };
            if is_end(index) {
                // Something leads to the text itself; inside a box it is the box's.
                match around {
                    Some(holder) => self.labels[holder].push(text.written()),
                    None => left.push(index),
                }
                continue;
            }
            let holder = around.or_else(grouped).or_else(|| self.arrow_under(text, ends)).or_else(beside);
            match holder {
                Some(holder) => self.labels[holder].push(text.written()),
                None => left.push(index),
            }
        }
        left
    }

    /// The arrow whose line passes by the middle of `text`.
    fn arrow_under(&self, text: &Element, ends: &[(usize, [Option<usize>; 2])]) -> Option<usize> {
        let middle = text.middle();
        let mut best: Option<(f64, usize)> = None;
        for &(index, _) in ends {
            let arrow = &self.elements[index];
            let points = arrow.points.as_deref().unwrap_or_default();
            for pair in points.windows(2).take(50) {
                let [a, b] = pair else { continue };
                let (a, b) = ((arrow.x + a[0], arrow.y + a[1]), (arrow.x + b[0], arrow.y + b[1]));
                let length = (b.0 - a.0).powi(2) + (b.1 - a.1).powi(2);
                let share = if length == 0.0 {
                    0.0
                } else {
                    (((middle.0 - a.0) * (b.0 - a.0) + (middle.1 - a.1) * (b.1 - a.1)) / length)
                        .clamp(0.0, 1.0)
                };
                let at = (a.0 + share * (b.0 - a.0), a.1 + share * (b.1 - a.1));
                let distance = (middle.0 - at.0).hypot(middle.1 - at.1);
                if distance < NEAR * 0.75 && best.is_none_or(|(least, _)| distance < least) {
                    best = Some((distance, index));
                }
            }
        }
        best.filter(|(_, index)| self.labels[*index].is_empty()).map(|(_, index)| index)
    }

    fn frames(&mut self) {
        for (index, element) in self.elements.iter().enumerate().filter(|(_, element)| element.is_frame()) {
            let label = element.name.clone().unwrap_or_else(|| String::from("Frame"));
            let group = self.builder.group(&format!("frame {}", element.id), &label, None, 0);
            self.groups.insert(index, group);
        }
    }

    /// Boxes become components; those around other boxes become groups, the largest first.
    fn boxes(&mut self, loose: &[usize], ends: &[(usize, [Option<usize>; 2])]) {
        let is_end = |index: usize| ends.iter().any(|(_, ends)| ends.contains(&Some(index)));
        let parts: Vec<usize> = (0..self.elements.len())
            .filter(|&index| self.elements[index].is_box() && self.is_part(index, &is_end))
            .collect();
        let mut frames: Vec<usize> = parts
            .iter()
            .copied()
            .filter(|&outer| parts.iter().any(|&inner| self.elements[outer].holds(&self.elements[inner])))
            .collect();
        frames.sort_by(|&a, &b| self.elements[b].area().total_cmp(&self.elements[a].area()));
        for &frame in &frames {
            let parent = self.home(frame);
            let element = &self.elements[frame];
            let label = self.labels[frame].join(" ");
            let group = self.builder.group(&element.id, &label, parent, 0);
            self.groups.insert(frame, group);
        }
        let texts = loose.iter().copied().filter(|&index| is_end(index));
        let mut all: Vec<usize> =
            parts.into_iter().filter(|index| !frames.contains(index)).chain(texts).collect();
        all.sort_unstable();
        for index in all {
            let element = &self.elements[index];
            let label = match element.kind.as_str() {
                "text" => element.written(),
                _ => self.labels[index].join(" "),
            };
            let component = self.builder.component(&element.id, 0);
            // An id of Excalidraw says nothing to people.
            self.builder.at(component).label = String::from("unnamed");
            self.builder.label(component, &label);
            let home = self.home(index);
            self.builder.put(component, home);
            self.components.insert(index, component);
        }
        for &index in loose {
            if !self.components.contains_key(&index) {
                let text = self.elements[index].written();
                self.builder.text(&text);
            }
        }
    }

    /// A box that counts: written on, or connected; the strokes of an icon are neither.
    fn is_part(&self, index: usize, is_end: &dyn Fn(usize) -> bool) -> bool {
        let label: String = self.labels[index].concat();
        !label.trim().is_empty()
            || is_end(index)
            || (self.elements[index].kind == "rectangle"
                && self.elements[index].group_ids.as_deref().unwrap_or_default().is_empty())
    }

    /// The group of the smallest frame around an element.
    fn home(&self, index: usize) -> Option<usize> {
        let element = &self.elements[index];
        if let Some(frame) = element.frame_id.as_deref().and_then(|id| self.by_id.get(id)) {
            let boxed = self
                .groups
                .keys()
                .any(|&other| self.elements[other].is_box() && self.elements[other].holds(element));
            if !boxed {
                return self.groups.get(frame).copied();
            }
        }
        let around =
            self.groups.iter().filter(|(other, _)| **other != index && self.elements[**other].holds(element));
        around
            .min_by(|a, b| self.elements[*a.0].area().total_cmp(&self.elements[*b.0].area()))
            .map(|(_, group)| *group)
    }

    fn arrows(&mut self, ends: &[(usize, [Option<usize>; 2])]) {
        for &(index, [start, end]) in ends {
            let arrow = &self.elements[index];
            let ends: Vec<usize> =
                [start, end].into_iter().flatten().filter_map(|end| self.part(end)).collect();
            let [from, to] = ends[..] else {
                if arrow.kind == "arrow" {
                    let near = ends.first().map(|&part| self.builder.at(part).label.clone());
                    let what = near.map_or(String::from("an arrow"), |near| format!("an arrow at {near}"));
                    self.builder.remark(0, format!("{what} is not bound at both ends"));
                }
                continue;
            };
            if from == to {
                continue;
            }
            let head = |head: &Option<String>| head.as_deref().is_some_and(|head| head != "bar");
            let (from, to, directed) = match (head(&arrow.start_arrowhead), head(&arrow.end_arrowhead)) {
                (true, true) => (from, to, Direction::Both),
                (true, false) => (to, from, Direction::Forward),
                (false, true) => (from, to, Direction::Forward),
                (false, false) => (from, to, Direction::None),
            };
            self.builder.edge(from, to, &self.labels[index].join(" "), directed, 0);
        }
    }

    /// The component of an element: its own, or one that stands for the group it became.
    fn part(&mut self, index: usize) -> Option<usize> {
        if let Some(&component) = self.components.get(&index) {
            return Some(component);
        }
        if self.groups.contains_key(&index) && self.elements[index].is_box() {
            return Some(self.builder.component(&self.elements[index].id, 0));
        }
        // A text in a box, or a label of one.
        let element = &self.elements[index];
        let holder = element.container_id.as_deref().and_then(|id| self.by_id.get(id)).copied();
        let around = holder.or_else(|| {
            let boxes = self.elements.iter().enumerate().filter(|(_, other)| other.is_box());
            boxes
                .filter(|(_, other)| other.distance(element.middle()) == 0.0)
                .min_by(|a, b| a.1.area().total_cmp(&b.1.area()))
                .map(|(index, _)| index)
        });
        around.filter(|&around| around != index).and_then(|around| self.components.get(&around).copied())
    }
}
