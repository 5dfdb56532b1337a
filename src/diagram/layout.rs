//! PURE. Where everything goes on a page: layers from left to right, few crossings, nothing on
//! anything else. Edges and their labels have places of their own in the layers between.
//!
//! After Sugiyama, Tagawa, Toda (1981): cycles broken, layers by longest path, order by barycentre.

use super::graph::Graph;

/// Size of the layout that is made: beyond it edges are drawn straight.
const MOST_PLACES: usize = 6_000;
/// Sweeps that order the layers.
const SWEEPS: usize = 12;
/// Between boxes above one another.
const GAP: f64 = 22.0;
/// Between an edge and its neighbours.
const EDGE_GAP: f64 = 10.0;
/// Between layers.
const LAYER_GAP: f64 = 30.0;

/// How much room things take, in pixels; the renderer knows its letters.
pub(super) struct Sizes {
    /// Width and height of every component.
    pub(super) components: Vec<(f64, f64)>,
    /// Width and height of every edge's label; 0 without one.
    pub(super) labels: Vec<(f64, f64)>,
}

/// Where a thing is: its middle.
pub(super) type At = (f64, f64);

/// A page.
pub(super) struct Layout {
    pub(super) components: Vec<At>,
    /// By edge: points from start to end, borders not cut.
    pub(super) paths: Vec<Vec<At>>,
    /// By edge: the middle of its label.
    pub(super) labels: Vec<At>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A component, or an edge passing through a layer.
struct Place {
    layer: usize,
    width: f64,
    height: f64,
    y: f64,
    is_edge: bool,
    before: Vec<usize>,
    after: Vec<usize>,
}

/// Ranks of components: clients' side first, every edge that closes no cycle going up.
pub(super) fn ranks(graph: &Graph) -> Vec<usize> {
    let count = graph.components.len();
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut entered = vec![0_usize; count];
    for edge in graph.edges.iter().filter(|edge| edge.from != edge.to) {
        next[edge.from].push(edge.to);
        entered[edge.to] += 1;
    }
    // Depth first from what nothing leads to; an edge back to an open one closes a cycle.
    let mut roots: Vec<usize> = (0..count).filter(|&index| entered[index] == 0).collect();
    roots.extend(0..count);
    let mut state = vec![0_u8; count];
    let mut order = Vec::with_capacity(count);
    let mut back = std::collections::HashSet::new();
    for root in roots {
        if state[root] != 0 {
            continue;
        }
        let mut stack = vec![(root, 0)];
        state[root] = 1;
        while let Some((index, at)) = stack.last_mut() {
            match next[*index].get(*at) {
                Some(&to) => {
                    let from = *index;
                    *at += 1;
                    match state[to] {
                        0 => {
                            state[to] = 1;
                            stack.push((to, 0));
                        }
                        1 => {
                            back.insert((from, to));
                        }
                        _ => {}
                    }
                }
                None => {
                    state[*index] = 2;
                    order.push(*index);
                    stack.pop();
                }
            }
        }
    }
    let mut rank = vec![0; count];
    for &index in order.iter().rev() {
        for &to in &next[index] {
            if !back.contains(&(index, to)) {
                rank[to] = rank[to].max(rank[index] + 1);
            }
        }
    }
    rank
}

/// Lays a graph out.
pub(super) fn layout(graph: &Graph, sizes: &Sizes) -> Layout {
    let ranks = ranks(graph);
    let mut places: Vec<Place> = ranks
        .iter()
        .zip(&sizes.components)
        .map(|(&rank, &(width, height))| Place {
            layer: rank * 2,
            width,
            height,
            y: 0.0,
            is_edge: false,
            before: Vec::new(),
            after: Vec::new(),
        })
        .collect();
    let needed: usize = graph.edges.iter().map(|edge| ranks[edge.from].abs_diff(ranks[edge.to]) * 2).sum();
    let routed = needed < MOST_PLACES;
    let mut chains: Vec<Vec<usize>> = Vec::with_capacity(graph.edges.len());
    for (edge, &(width, height)) in graph.edges.iter().zip(&sizes.labels) {
        let (low, high) =
            if ranks[edge.from] <= ranks[edge.to] { (edge.from, edge.to) } else { (edge.to, edge.from) };
        let mut chain = vec![low];
        if routed {
            for layer in ranks[low] * 2 + 1..ranks[high] * 2 {
                let labelled = layer == ranks[low] * 2 + 1;
                let size = if labelled && width > 0.0 { (width, height) } else { (0.0, 4.0) };
                chain.push(places.len());
                places.push(Place {
                    layer,
                    width: size.0,
                    height: size.1,
                    y: 0.0,
                    is_edge: true,
                    before: Vec::new(),
                    after: Vec::new(),
                });
            }
        }
        chain.push(high);
        for pair in chain.windows(2) {
            if let [one, two] = pair {
                places[*one].after.push(*two);
                places[*two].before.push(*one);
            }
        }
        if low != edge.from {
            chain.reverse();
        }
        chains.push(chain);
    }
    let mut layers = layers(&places);
    order(&mut layers, &places);
    stack(&layers, &mut places);
    let widths = widths(&layers, &places);
    let columns = columns(&widths);
    let at = |index: usize| (columns[places[index].layer], places[index].y);
    let top = places.iter().map(|place| place.y - place.height / 2.0).fold(f64::MAX, f64::min);
    let bottom = places.iter().map(|place| place.y + place.height / 2.0).fold(0.0, f64::max);
    let top = if top == f64::MAX { 0.0 } else { top };
    let moved = |(x, y): At| (x + 20.0, y - top + 20.0);
    let right =
        (0..graph.components.len()).map(|index| at(index).0 + places[index].width / 2.0).fold(0.0, f64::max);
    Layout {
        components: (0..graph.components.len()).map(|index| moved(at(index))).collect(),
        labels: chains
            .iter()
            .map(|chain| {
                let labelled =
                    chain.iter().find(|&&place| places[place].is_edge && places[place].width > 0.0);
                let ends = || {
                    let (one, two) = (at(chain[0]), at(chain[chain.len() - 1]));
                    (f64::midpoint(one.0, two.0), f64::midpoint(one.1, two.1))
                };
                moved(labelled.map_or_else(ends, |&place| at(place)))
            })
            .collect(),
        paths: chains
            .iter()
            .map(|chain| path(chain, &places, &columns, &widths).into_iter().map(moved).collect())
            .collect(),
        width: right + 40.0,
        height: bottom - top + 40.0,
    }
}

fn layers(places: &[Place]) -> Vec<Vec<usize>> {
    let count = places.iter().map(|place| place.layer + 1).max().unwrap_or(0);
    let mut layers = vec![Vec::new(); count];
    for (index, place) in places.iter().enumerate() {
        layers[place.layer].push(index);
    }
    layers
}

/// Orders every layer by where its neighbours are, back and forth; keeps the order with fewest crossings.
fn order(layers: &mut Vec<Vec<usize>>, places: &[Place]) {
    let mut position = vec![0.0_f64; places.len()];
    let number = |layers: &[Vec<usize>], position: &mut Vec<f64>| {
        for layer in layers {
            for (at, &place) in layer.iter().enumerate() {
                position[place] = at as f64;
            }
        }
    };
    number(layers, &mut position);
    let mut best = (crossings(layers, places, &position), layers.clone());
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        let sequence: Vec<usize> =
            if down { (0..layers.len()).collect() } else { (0..layers.len()).rev().collect() };
        for layer in sequence {
            let middle = |place: usize| {
                let near = if down { &places[place].before } else { &places[place].after };
                if near.is_empty() {
                    return position[place];
                }
                near.iter().map(|&near| position[near]).sum::<f64>() / near.len() as f64
            };
            let mut keyed: Vec<(f64, usize)> =
                layers[layer].iter().map(|&place| (middle(place), place)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            layers[layer] = keyed.into_iter().map(|(_, place)| place).collect();
            for (at, &place) in layers[layer].iter().enumerate() {
                position[place] = at as f64;
            }
        }
        let crossed = crossings(layers, places, &position);
        if crossed < best.0 {
            best = (crossed, layers.clone());
        }
    }
    *layers = best.1;
}

/// Pairs of edges that cross between neighbouring layers; not counted where there are very many.
fn crossings(layers: &[Vec<usize>], places: &[Place], position: &[f64]) -> usize {
    let mut count = 0;
    for layer in layers {
        let mut edges: Vec<(f64, f64)> = layer
            .iter()
            .flat_map(|&place| {
                places[place].after.iter().map(move |&after| (position[place], position[after]))
            })
            .collect();
        if edges.len() > 600 {
            return usize::MAX;
        }
        edges.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        for (index, edge) in edges.iter().enumerate() {
            count += edges[..index].iter().filter(|before| before.1 > edge.1).count();
        }
    }
    count
}

/// Heights: as near to the neighbours as the places above and below allow.
fn stack(layers: &[Vec<usize>], places: &mut [Place]) {
    for layer in layers {
        let mut y = 0.0;
        for &place in layer {
            places[place].y = y + places[place].height / 2.0;
            y += places[place].height + gap(&places[place]);
        }
    }
    for sweep in 0..10 {
        let down = sweep % 2 == 0;
        let sequence: Vec<usize> =
            if down { (0..layers.len()).collect() } else { (0..layers.len()).rev().collect() };
        for layer in sequence {
            let wanted: Vec<f64> = layers[layer]
                .iter()
                .map(|&place| {
                    let near = if down { &places[place].before } else { &places[place].after };
                    let near = if near.is_empty() {
                        if down { &places[place].after } else { &places[place].before }
                    } else {
                        near
                    };
                    if near.is_empty() {
                        return places[place].y;
                    }
                    near.iter().map(|&near| places[near].y).sum::<f64>() / near.len() as f64
                })
                .collect();
            spread(&layers[layer], &wanted, places);
        }
    }
}

/// Puts the places of a layer at what is wanted, pushed apart: blocks that touch share their mean.
fn spread(layer: &[usize], wanted: &[f64], places: &mut [Place]) {
    // A block: sum of what its members want (less their offset), members, first member, height so far.
    let mut blocks: Vec<(f64, usize, usize, f64)> = Vec::new();
    let mut offset = vec![0.0; layer.len()];
    for (at, &place) in layer.iter().enumerate() {
        let half = places[place].height / 2.0;
        blocks.push((wanted[at] - half, 1, at, places[place].height + gap(&places[place])));
        offset[at] = 0.0;
        while blocks.len() > 1 {
            let last = blocks[blocks.len() - 1];
            let previous = blocks[blocks.len() - 2];
            let end = previous.0 / previous.1 as f64 + previous.3;
            if end <= last.0 / last.1 as f64 {
                break;
            }
            for value in &mut offset[last.2..=at] {
                *value += previous.3;
            }
            blocks.pop();
            blocks.pop();
            let moved = last.0 - previous.3 * last.1 as f64;
            blocks.push((previous.0 + moved, previous.1 + last.1, previous.2, previous.3 + last.3));
        }
    }
    for (index, block) in blocks.iter().enumerate() {
        let end = blocks.get(index + 1).map_or(layer.len(), |next| next.2);
        for at in block.2..end {
            places[layer[at]].y = block.0 / block.1 as f64 + offset[at] + places[layer[at]].height / 2.0;
        }
    }
}

fn gap(place: &Place) -> f64 {
    if place.is_edge { EDGE_GAP } else { GAP }
}

/// The points of an edge: straight across every layer, so that it bends between them and behind no box.
fn path(chain: &[usize], places: &[Place], columns: &[f64], widths: &[f64]) -> Vec<At> {
    let (first, last) = (places[chain[0]].layer, places[chain[chain.len() - 1]].layer);
    let side = if first <= last { 1.0 } else { -1.0 };
    let mut points = Vec::with_capacity(2 * chain.len());
    for (number, &place) in chain.iter().enumerate() {
        let Place { layer, y, .. } = places[place];
        let half = side * widths[layer] / 2.0;
        let middle = (columns[layer], y);
        // The ends are in the middle of their boxes; the renderer cuts them at the border.
        points.push(if number == 0 { middle } else { (columns[layer] - half, y) });
        points.push(if number + 1 == chain.len() { middle } else { (columns[layer] + half, y) });
    }
    points
}

fn widths(layers: &[Vec<usize>], places: &[Place]) -> Vec<f64> {
    let width = |layer: &Vec<usize>| layer.iter().map(|&place| places[place].width).fold(0.0, f64::max);
    layers.iter().map(width).collect()
}

/// The middle of every layer from the left.
fn columns(widths: &[f64]) -> Vec<f64> {
    let mut x = 0.0;
    let mut columns = Vec::with_capacity(widths.len());
    for width in widths {
        columns.push(x + width / 2.0);
        x += width + LAYER_GAP;
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::read;

    #[test]
    fn nothing_lies_on_anything_else() {
        let mut source = String::from("flowchart LR\n");
        for from in 0..30_usize {
            for to in [from * 7 % 30, (from * 11 + 3) % 30] {
                source += &format!("n{from}[Component number {from}] -->|call {from}| n{to}\n");
            }
        }
        let graph = read(&source).expect("a drawing");
        let sizes =
            Sizes { components: vec![(140.0, 44.0); 30], labels: vec![(60.0, 14.0); graph.edges.len()] };
        let layout = layout(&graph, &sizes);
        let mut boxes: Vec<(At, (f64, f64))> =
            layout.components.iter().copied().zip(sizes.components.clone()).collect();
        let labels = graph.edges.iter().zip(&layout.labels).filter(|(edge, _)| edge.from != edge.to);
        boxes.extend(labels.map(|(_, at)| (*at, (60.0, 14.0))));
        for (index, (one, size)) in boxes.iter().enumerate() {
            for (two, other) in &boxes[..index] {
                let apart = (one.0 - two.0).abs() + 0.01 >= (size.0 + other.0) / 2.0
                    || (one.1 - two.1).abs() + 0.01 >= (size.1 + other.1) / 2.0;
                assert!(apart, "{one:?} {size:?} and {two:?} {other:?}");
            }
        }
        for (edge, path) in graph.edges.iter().zip(&layout.paths).filter(|(edge, _)| edge.from != edge.to) {
            for pair in path.windows(2) {
                let [(left, top), (right, bottom)] = pair else { continue };
                let (left, right) = (left.min(*right), left.max(*right));
                let (top, bottom) = (top.min(*bottom), top.max(*bottom));
                for (index, (x, y)) in layout.components.iter().enumerate() {
                    let beside = left >= x + 70.0 - 0.01 || right <= x - 70.0 + 0.01;
                    let clear = top >= y + 22.0 || bottom <= y - 22.0;
                    let own = index == edge.from || index == edge.to;
                    assert!(own || beside || clear, "an edge lies behind component {index}");
                }
            }
        }
    }
}
