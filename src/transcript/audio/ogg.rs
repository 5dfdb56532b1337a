//! PURE. Ogg with Opus or Vorbis: pages with a position; a piece begins with the stream's first pages again.

use super::{MOST_UNITS, Unit, le32, number};

pub(super) struct Ogg {
    /// The pages that describe the stream.
    pub head: Vec<u8>,
    /// How many they are.
    pages: u32,
}

struct Page {
    length: usize,
    position: u64,
    stream: usize,
    /// It begins in the middle of a packet.
    continues: bool,
}

fn page(bytes: &[u8], at: usize) -> Option<Page> {
    if bytes.get(at..at + 4)? != b"OggS" {
        return None;
    }
    let segments = usize::from(*bytes.get(at + 26)?);
    let lengths = bytes.get(at + 27..at + 27 + segments)?;
    let length = 27 + segments + lengths.iter().map(|&length| usize::from(length)).sum::<usize>();
    Some(Page {
        length: if at + length <= bytes.len() { length } else { return None },
        position: u64::from_le_bytes(number(bytes, at + 6)?),
        stream: le32(bytes, at + 14)?,
        continues: bytes[at + 5] & 1 != 0,
    })
}

pub(super) fn read(bytes: &[u8]) -> Option<(Ogg, Vec<Unit>)> {
    let first = page(bytes, 0)?;
    let body = &bytes[27 + usize::from(bytes[26])..first.length];
    let rate = match () {
        () if body.starts_with(b"OpusHead") => 48_000,
        () if body.starts_with(b"\x01vorbis") => le32(body, 12)?.max(1),
        () => return None,
    };
    let (mut at, mut pages) = (0, 0);
    // Nothing can be heard before a position is reached.
    while let Some(page) = page(bytes, at).filter(|page| page.position == 0 || page.position == u64::MAX) {
        (at, pages) = (at + page.length, pages + 1);
    }
    let head = bytes[..at].to_vec();
    let (mut units, mut reached): (Vec<Unit>, u64) = (Vec::new(), 0);
    while let Some(page) = page(bytes, at).filter(|_| units.len() < MOST_UNITS) {
        // Several streams take turns: that is a film.
        if page.stream != first.stream {
            return None;
        }
        let range = at..at + page.length;
        match units.last_mut().filter(|_| page.continues) {
            Some(last) => last.range.end = range.end,
            None => units.push(Unit { at: reached as f64 / rate as f64, range, loudness: 0.0 }),
        }
        if page.position != u64::MAX {
            reached = reached.max(page.position);
        }
        at += page.length;
    }
    Some((Ogg { head, pages }, units))
}

impl Ogg {
    /// Pages are counted anew, from position 0.
    pub(super) fn write(&self, bytes: &[u8], units: &[Unit]) -> Vec<u8> {
        let mut out = self.head.clone();
        let start = units.first().map_or(0, |unit| unit.range.start);
        let before = position_before(bytes, self.head.len(), start);
        let mut count = self.pages;
        for unit in units {
            let mut at = unit.range.start;
            while let Some(page) = page(bytes, at).filter(|_| at < unit.range.end) {
                let mut copy = bytes[at..at + page.length].to_vec();
                if page.position != u64::MAX {
                    copy[6..14].copy_from_slice(&page.position.saturating_sub(before).to_le_bytes());
                }
                copy[18..22].copy_from_slice(&count.to_le_bytes());
                copy[22..26].fill(0);
                let sum = crc32(&copy).to_le_bytes();
                copy[22..26].copy_from_slice(&sum);
                out.append(&mut copy);
                (at, count) = (at + page.length, count.wrapping_add(1));
            }
        }
        out
    }
}

/// The position reached by the pages from `at` to before `end`.
fn position_before(bytes: &[u8], mut at: usize, end: usize) -> u64 {
    let mut reached = 0;
    while let Some(page) = page(bytes, at).filter(|_| at < end) {
        if page.position != u64::MAX {
            reached = page.position.max(reached);
        }
        at += page.length;
    }
    reached
}

fn crc32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |crc, &byte| {
        let crc = crc ^ (u32::from(byte) << 24);
        (0..8).fold(crc, |crc, _| if crc & 0x8000_0000 != 0 { crc << 1 ^ 0x04c1_1db7 } else { crc << 1 })
    })
}
