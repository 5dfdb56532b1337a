//! PURE. MPEG audio: frames one after another, each with its length in its head.

use super::{MOST_UNITS, Unit, be32};

const KBITS_1: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KBITS_2: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

struct Head {
    length: usize,
    seconds: f64,
}

/// The frames of layer III; tags and damage between them are left out.
pub(super) fn read(bytes: &[u8]) -> Vec<Unit> {
    let mut at = if bytes.starts_with(b"ID3") { 10 + tag_size(bytes) } else { 0 };
    let (mut units, mut seconds) = (Vec::new(), 0.0);
    let mut in_step = false;
    while at < bytes.len() && units.len() < MOST_UNITS {
        let Some(head) = head(bytes, at).filter(|head| at + head.length <= bytes.len()) else {
            (at, in_step) = (at + 1, false);
            continue;
        };
        // Sound may look like a head: out of step, only one that another follows counts.
        let next = at + head.length;
        if !in_step && next < bytes.len() && self::head(bytes, next).is_none() {
            at += 1;
            continue;
        }
        in_step = true;
        let frame = &bytes[at..next];
        // The first frame may hold the length of the whole file instead of sound.
        let is_index = units.is_empty()
            && [&b"Xing"[..], b"Info", b"VBRI"]
                .iter()
                .any(|mark| frame[..frame.len().min(64)].windows(4).any(|found| found == *mark));
        if !is_index {
            units.push(Unit { at: seconds, range: at..next, loudness: 0.0 });
            seconds += head.seconds;
        }
        at = next;
    }
    units
}

/// The size of a tag, seven bits a byte.
fn tag_size(bytes: &[u8]) -> usize {
    bytes.get(6..10).map_or(0, |size| size.iter().fold(0, |all, byte| all << 7 | usize::from(byte & 0x7f)))
}

fn head(bytes: &[u8], at: usize) -> Option<Head> {
    let word = be32(bytes, at)?;
    let (version, layer) = (word >> 19 & 3, word >> 17 & 3);
    if word >> 21 != 0x7ff || version == 1 || layer != 1 {
        return None;
    }
    let first = version == 3;
    let kbits = *if first { &KBITS_1 } else { &KBITS_2 }.get(word >> 12 & 15).filter(|kbits| **kbits > 0)?;
    let rate = [44_100, 48_000, 32_000].get(word >> 10 & 3)? >> [2, 0, 1, 0][version];
    let samples = if first { 1152 } else { 576 };
    let length = samples / 8 * kbits * 1000 / rate + (word >> 9 & 1);
    Some(Head { length, seconds: samples as f64 / f64::from(u32::try_from(rate).ok()?) })
}
