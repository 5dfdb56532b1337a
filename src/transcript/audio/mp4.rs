//! PURE. MPEG-4: the sound track's samples as tables say where they are, or fragments that stand alone.
//!
//! Pictures are left behind: an hour of film is often 500 MB, and its sound 30.

use std::ops::Range;

use super::{MOST_UNITS, Unit, be32, be64};

/// Bytes that tables take for a sample at most.
pub(super) const EACH: usize = 12;

pub(super) struct Mp4 {
    /// The box that describes the sound's format.
    description: Vec<u8>,
    /// Ticks a second.
    scale: u32,
}

pub(super) struct Fragments {
    /// All that stands before the first fragment.
    pub head: Vec<u8>,
}

struct Box {
    name: [u8; 4],
    at: usize,
    body: usize,
    end: usize,
}

fn boxes(bytes: &[u8], within: Range<usize>) -> impl Iterator<Item = Box> {
    let mut at = within.start;
    std::iter::from_fn(move || {
        if at + 8 > within.end {
            return None;
        }
        let name: [u8; 4] = super::number(bytes, at + 4)?;
        let (body, size) = match be32(bytes, at)? {
            0 => (at + 8, within.end - at),
            1 => (at + 16, usize::try_from(be64(bytes, at + 8)?).ok()?),
            size => (at + 8, size),
        };
        let end = at.checked_add(size)?.min(within.end);
        let found = Box { name, at, body, end };
        if end < body {
            return None;
        }
        at = end;
        Some(found)
    })
}

/// The first box at the end of `path`.
fn find(bytes: &[u8], within: Range<usize>, path: &[&[u8; 4]]) -> Option<Range<usize>> {
    let (first, rest) = path.split_first()?;
    for found in boxes(bytes, within).filter(|found| found.name == **first) {
        if rest.is_empty() {
            return Some(found.body..found.end);
        }
        if let Some(inner) = find(bytes, found.body..found.end, rest) {
            return Some(inner);
        }
    }
    None
}

/// The first track that holds sound.
fn sound_track(bytes: &[u8]) -> Option<Range<usize>> {
    let film = find(bytes, 0..bytes.len(), &[b"moov"])?;
    let tracks = boxes(bytes, film).filter(|found| found.name == *b"trak");
    tracks.map(|track| track.body..track.end).find(|track| {
        let handler = find(bytes, track.clone(), &[b"mdia", b"hdlr"]);
        handler.is_some_and(|handler| bytes.get(handler.start + 8..handler.start + 12) == Some(b"soun"))
    })
}

fn scale(bytes: &[u8], track: Range<usize>) -> Option<u32> {
    let media = find(bytes, track, &[b"mdia", b"mdhd"])?;
    let at = media.start + if bytes.get(media.start) == Some(&1) { 20 } else { 12 };
    u32::try_from(be32(bytes, at)?).ok().filter(|scale| *scale > 0)
}

pub(super) fn read(bytes: &[u8]) -> Option<(Mp4, Vec<Unit>)> {
    let track = sound_track(bytes)?;
    let scale = scale(bytes, track.clone())?;
    let table = find(bytes, track, &[b"mdia", b"minf", b"stbl"])?;
    let part = |name: &[u8; 4]| boxes(bytes, table.clone()).find(|found| found.name == *name);
    let (description, times) = (part(b"stsd")?, part(b"stts")?.body);
    let (chunks, sizes) = (part(b"stsc")?.body, part(b"stsz")?.body);
    let (offsets, width) = match part(b"stco") {
        Some(offsets) => (offsets.body, 4),
        None => (part(b"co64")?.body, 8),
    };
    let (same, count) = (be32(bytes, sizes + 4)?, be32(bytes, sizes + 8)?);
    if count > MOST_UNITS {
        return None;
    }
    let size_of = |sample: usize| if same > 0 { Some(same) } else { be32(bytes, sizes + 12 + 4 * sample) };
    let offset_of = |chunk: usize| match width {
        4 => be32(bytes, offsets + 8 + 4 * chunk),
        _ => be64(bytes, offsets + 8 + 8 * chunk).and_then(|offset| usize::try_from(offset).ok()),
    };
    let (chunk_runs, time_runs) = (be32(bytes, chunks + 4)?, be32(bytes, times + 4)?);
    let mut units = Vec::new();
    let (mut ticks, mut time_run, mut left) = (0_u64, 0, 0);
    let (mut chunk, mut run) = (0, 0);
    while units.len() < count {
        // Runs name the first chunk that they begin with, from 1.
        while run + 1 < chunk_runs && be32(bytes, chunks + 8 + 12 * (run + 1))? <= chunk + 1 {
            run += 1;
        }
        let in_chunk = be32(bytes, chunks + 12 + 12 * run).filter(|samples| *samples > 0)?;
        let mut at = offset_of(chunk)?;
        for _ in 0..in_chunk.min(count - units.len()) {
            while left == 0 && time_run < time_runs {
                left = be32(bytes, times + 8 + 8 * time_run)?;
                time_run += 1;
            }
            let delta = be32(bytes, times + 12 + 8 * time_run.checked_sub(1)?)?;
            left = left.saturating_sub(1);
            let end = at.checked_add(size_of(units.len())?).filter(|end| *end <= bytes.len())?;
            units.push(Unit { at: ticks as f64 / f64::from(scale), range: at..end, loudness: 0.0 });
            ticks = ticks.saturating_add(delta as u64);
            at = end;
        }
        chunk += 1;
    }
    Some((Mp4 { description: bytes[description.at..description.end].to_vec(), scale }, units))
}

/// A file of fragments, if it is one: each can follow the head.
pub(super) fn fragments(bytes: &[u8]) -> Option<(Fragments, Vec<Unit>)> {
    let is_fragment = |found: &Box| found.name == *b"moof";
    let first = boxes(bytes, 0..bytes.len()).find(is_fragment)?.at;
    let track = sound_track(bytes)?;
    let scale = f64::from(scale(bytes, track.clone())?);
    let id = find(bytes, track, &[b"tkhd"])?;
    let id = be32(bytes, id.start + if bytes.get(id.start) == Some(&1) { 20 } else { 12 })?;
    let mut units: Vec<Unit> = Vec::new();
    for found in boxes(bytes, first..bytes.len()).take(MOST_UNITS) {
        if is_fragment(&found) {
            let mut tracks =
                boxes(bytes, found.body..found.end).filter(|part| part.name == *b"traf").filter_map(|part| {
                    let head = find(bytes, part.body..part.end, &[b"tfhd"])?;
                    let time = find(bytes, part.body..part.end, &[b"tfdt"])?.start;
                    let ticks = match bytes.get(time)? {
                        1 => be64(bytes, time + 4)?,
                        _ => be32(bytes, time + 4)? as u64,
                    };
                    Some((be32(bytes, head.start + 4)?, ticks))
                });
            let before = units.last().map_or(0.0, |last| last.at);
            let ticks = tracks.find(|(track, _)| *track == id).map(|(_, ticks)| ticks as f64 / scale);
            let at = ticks.unwrap_or(before).max(before);
            units.push(Unit { at, range: found.at..found.end, loudness: 0.0 });
        } else if let Some(last) = units.last_mut() {
            last.range.end = found.end;
        }
    }
    Some((Fragments { head: bytes[..first].to_vec() }, units))
}

fn boxed(name: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let size: usize = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut out = Vec::with_capacity(size);
    out.extend_from_slice(&word(size));
    out.extend_from_slice(name);
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

fn word(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap_or(u32::MAX).to_be_bytes()
}

impl Mp4 {
    pub(super) fn head(&self) -> usize {
        700 + self.description.len()
    }

    pub(super) fn write(&self, bytes: &[u8], units: &[Unit]) -> Vec<u8> {
        let kind = boxed(b"ftyp", &[b"M4A \0\0\0\0M4A mp42isom"]);
        // The tables say where the samples stand, which follow the tables.
        let length = kind.len() + self.tables(units, 0).len() + 8;
        let size: usize = units.iter().map(|unit| unit.range.len()).sum();
        let mut out = kind;
        out.extend(self.tables(units, length));
        out.extend_from_slice(&word(8 + size));
        out.extend_from_slice(b"mdat");
        super::joined(out, bytes, units)
    }

    fn tables(&self, units: &[Unit], offset: usize) -> Vec<u8> {
        let ticks = |seconds: f64| (seconds * f64::from(self.scale)).round() as usize;
        let mut runs: Vec<(usize, usize)> = Vec::new();
        let mut duration = 0;
        for pair in units.windows(2) {
            let delta = ticks(pair[1].at) - ticks(pair[0].at).min(ticks(pair[1].at));
            duration += delta;
            match runs.last_mut().filter(|run| run.1 == delta) {
                Some(run) => run.0 += 1,
                None => runs.push((1, delta)),
            }
        }
        // The last sample is as long as the one before it.
        match runs.last_mut() {
            Some(run) => (run.0, duration) = (run.0 + 1, duration + run.1),
            None => runs.push((1, 1024)),
        }
        let (scale, duration) = (self.scale.to_be_bytes(), word(duration));
        let matrix: Vec<u8> =
            [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000].iter().flat_map(|&value| word(value)).collect();
        let film = boxed(
            b"mvhd",
            &[&[0; 12], &scale, &duration, &[0, 1, 0, 0, 1, 0], &[0; 10], &matrix, &[0; 24], &word(2)],
        );
        let track = boxed(
            b"tkhd",
            &[
                &[0, 0, 0, 7],
                &[0; 8],
                &word(1),
                &[0; 4],
                &duration,
                &[0; 12],
                &[1, 0, 0, 0],
                &matrix,
                &[0; 8],
            ],
        );
        let media = boxed(b"mdhd", &[&[0; 12], &scale, &duration, &[0x55, 0xc4, 0, 0]]);
        let handler = boxed(b"hdlr", &[&[0; 8], b"soun", &[0; 13]]);
        let times: Vec<u8> =
            runs.iter().flat_map(|(count, delta)| [word(*count), word(*delta)]).flatten().collect();
        let sizes: Vec<u8> = units.iter().flat_map(|unit| word(unit.range.len())).collect();
        let table = boxed(
            b"stbl",
            &[
                &self.description,
                &boxed(b"stts", &[&[0; 4], &word(runs.len()), &times]),
                &boxed(b"stsc", &[&[0; 4], &word(1), &word(1), &word(units.len()), &word(1)]),
                &boxed(b"stsz", &[&[0; 8], &word(units.len()), &sizes]),
                &boxed(b"stco", &[&[0; 4], &word(1), &word(offset)]),
            ],
        );
        let place =
            boxed(b"dinf", &[&boxed(b"dref", &[&[0; 4], &word(1), &boxed(b"url ", &[&[0, 0, 0, 1]])])]);
        let sound = boxed(b"minf", &[&boxed(b"smhd", &[&[0; 8]]), &place, &table]);
        let media = boxed(b"mdia", &[&media, &handler, &sound]);
        boxed(b"moov", &[&film, &boxed(b"trak", &[&track, &media])])
    }
}
