//! PURE. FLAC: a block that describes the stream, then frames that are found by their mark and its check.

use super::{MOST_UNITS, Unit};

pub(super) struct Flac {
    /// `fLaC` and the description, as the only block, without length and checksum of the whole.
    pub head: Vec<u8>,
}

pub(super) fn read(bytes: &[u8]) -> Option<(Flac, Vec<Unit>)> {
    let about = bytes.get(8..42).filter(|_| bytes[4] & 0x7f == 0)?;
    let rate = usize::from(about[10]) << 12 | usize::from(about[11]) << 4 | usize::from(about[12]) >> 4;
    let block = usize::from(about[0]) << 8 | usize::from(about[1]);
    let mut head = b"fLaC\x80\0\0\x22".to_vec();
    head.extend_from_slice(about);
    head[8 + 13] &= 0xf0;
    head[8 + 14..].fill(0);
    let mut at = 4;
    loop {
        let mark = bytes.get(at..at + 4)?;
        at += 4 + (usize::from(mark[1]) << 16 | usize::from(mark[2]) << 8 | usize::from(mark[3]));
        if mark[0] & 0x80 != 0 {
            break;
        }
    }
    let (mut units, mut first): (Vec<Unit>, Option<u64>) = (Vec::new(), None);
    while at + 16 < bytes.len() && units.len() < MOST_UNITS {
        let Some(number) = frame_number(&bytes[at..at + 16]) else {
            at += 1;
            continue;
        };
        let is_variable = bytes[at + 1] & 1 == 1;
        let samples = if is_variable { number } else { number.saturating_mul(block as u64) };
        // A piece of a stream begins with a later number.
        let samples = samples.saturating_sub(*first.get_or_insert(samples));
        let seconds = samples as f64 / rate.max(1) as f64;
        // A mark within sound would turn time back or leap.
        let follows = units.last().is_none_or(|last| seconds > last.at && seconds < last.at + 10.0);
        if follows {
            if let Some(last) = units.last_mut() {
                last.range.end = at;
            }
            units.push(Unit { at: seconds, range: at..bytes.len(), loudness: 0.0 });
        }
        at += if follows { 16 } else { 1 };
    }
    Some((Flac { head }, units))
}

/// The number of the frame, or of its first sample, if a frame begins here.
fn frame_number(bytes: &[u8]) -> Option<u64> {
    if bytes[0] != 0xff
        || bytes[1] & 0xfe != 0xf8
        || bytes[2] >> 4 == 0
        || bytes[2] & 15 == 15
        || bytes[3] & 1 == 1
    {
        return None;
    }
    // Written like a character of UTF-8, of up to seven bytes.
    let first = bytes[4];
    let more = match first.leading_ones() {
        0 => 0,
        1 | 8 => return None,
        ones => ones as usize - 1,
    };
    let mut number = if more == 0 { u64::from(first) } else { u64::from(first) & (0x3f >> more) };
    for byte in &bytes[5..5 + more] {
        if byte & 0xc0 != 0x80 {
            return None;
        }
        number = number << 6 | u64::from(byte & 0x3f);
    }
    let size = match bytes[2] >> 4 {
        6 => 1,
        7 => 2,
        _ => 0,
    };
    let rate = match bytes[2] & 15 {
        12 => 1,
        13 | 14 => 2,
        _ => 0,
    };
    let end = 5 + more + size + rate;
    (crc8(bytes.get(..end)?) == *bytes.get(end)?).then_some(number)
}

fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc: u8, _| if crc & 0x80 != 0 { crc << 1 ^ 7 } else { crc << 1 })
    })
}
