//! PURE. WebM and Matroska: a head, then clusters with a time each; browsers write both without their lengths.

use std::ops::Range;

use super::{MOST_UNITS, Unit};

const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TRACKS: u32 = 0x1654_ae6b;
const CLUSTER: u32 = 0x1f43_b675;
const TIME: u32 = 0xe7;
const SCALE: u32 = 0x002a_d7b1;
/// What may stand beside a cluster, and so ends one without a length.
const BESIDE: [u32; 8] =
    [CLUSTER, INFO, TRACKS, 0x114d_9b74, 0x1c53_bb6b, 0x1941_a469, 0x1043_a770, 0x1254_c367];

pub(super) struct WebM {
    /// The head of the file, a segment without a length, its description and its tracks.
    pub head: Vec<u8>,
}

struct Element {
    id: u32,
    body: usize,
    /// `None` where the length is left open.
    end: Option<usize>,
}

fn element(bytes: &[u8], at: usize) -> Option<Element> {
    let id_length = bytes.get(at)?.leading_zeros() as usize + 1;
    let id = bytes.get(at..at + id_length).filter(|_| id_length <= 4)?;
    let id = id.iter().fold(0, |id, &byte| id << 8 | u32::from(byte));
    let size_at = at + id_length;
    let first = *bytes.get(size_at)?;
    let size_length = first.leading_zeros() as usize + 1;
    let size = bytes.get(size_at..size_at + size_length).filter(|_| size_length <= 8)?;
    let value = size.iter().fold(0_u64, |value, &byte| value << 8 | u64::from(byte));
    let mask = (1_u64 << (7 * size_length)) - 1;
    let body = size_at + size_length;
    let end = match value & mask {
        open if open == mask => None,
        size => Some(body.checked_add(usize::try_from(size).ok()?)?.min(bytes.len())),
    };
    Some(Element { id, body, end })
}

/// Where an element ends whose length may be left open.
fn end_of(bytes: &[u8], element: &Element) -> usize {
    if let Some(end) = element.end {
        return end;
    }
    let mut at = element.body;
    while let Some(child) = self::element(bytes, at) {
        if BESIDE.contains(&child.id) {
            return at;
        }
        let Some(end) = child.end.filter(|end| *end > at) else { return bytes.len() };
        at = end;
    }
    bytes.len()
}

/// The number in the first child with this id.
fn value_in(bytes: &[u8], body: Range<usize>, id: u32) -> Option<(Range<usize>, u64)> {
    let mut at = body.start;
    while at < body.end {
        let child = element(bytes, at)?;
        let end = child.end?;
        if child.id == id {
            let value = bytes.get(child.body..end).filter(|value| value.len() <= 8)?;
            let number = value.iter().fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
            return Some((child.body..end, number));
        }
        at = end.max(at + 1);
    }
    None
}

pub(super) fn read(bytes: &[u8]) -> Option<(WebM, Vec<Unit>)> {
    let first = element(bytes, 0)?;
    let segment_at = first.end?;
    let segment = element(bytes, segment_at).filter(|segment| segment.id == SEGMENT)?;
    let mut head = bytes[..segment_at].to_vec();
    head.extend_from_slice(b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff");
    let (mut at, mut scale, mut units) = (segment.body, 1_000_000, Vec::new());
    while let Some(part) = element(bytes, at).filter(|_| units.len() < MOST_UNITS) {
        let end = end_of(bytes, &part).max(at + 1);
        match part.id {
            INFO | TRACKS if units.is_empty() => {
                head.extend_from_slice(bytes.get(at..end)?);
                let said = value_in(bytes, part.body..end, SCALE).filter(|_| part.id == INFO);
                scale = said.map_or(scale, |(_, scale)| scale.max(1));
            }
            CLUSTER => {
                let time = value_in(bytes, part.body..end, TIME).map_or(0, |(_, time)| time);
                units.push(Unit { at: time as f64 * scale as f64 / 1e9, range: at..end, loudness: 0.0 });
            }
            _ => {}
        }
        at = end;
    }
    Some((WebM { head }, units))
}

impl WebM {
    /// Times are counted anew, from 0.
    pub(super) fn write(&self, bytes: &[u8], units: &[Unit]) -> Vec<u8> {
        let time = |unit: &Unit| {
            let cluster = element(bytes, unit.range.start)?;
            value_in(bytes, cluster.body..unit.range.end, TIME)
        };
        let first = units.first().and_then(time).map_or(0, |(_, time)| time);
        let mut out = self.head.clone();
        for unit in units {
            let begin = out.len();
            out.extend_from_slice(&bytes[unit.range.clone()]);
            let Some((place, time)) = time(unit) else { continue };
            let place = place.start - unit.range.start + begin..place.end - unit.range.start + begin;
            let number = time.saturating_sub(first).to_be_bytes();
            let width = place.len();
            out[place].copy_from_slice(&number[8 - width..]);
        }
        out
    }
}
