//! PURE. RIFF WAVE: samples after a head; cut anywhere, so at the quietest place.

use std::ops::Range;

use super::{MOST_UNITS, Unit, le16, le32};

/// Units a second.
const UNITS: usize = 10;

pub(super) struct Wav {
    format: Vec<u8>,
}

pub(super) fn read(bytes: &[u8]) -> Option<(Wav, Vec<Unit>)> {
    let (format, data) = chunks(bytes)?;
    let format = bytes.get(format)?;
    let (rate, block) = (le32(format, 8)?, le16(format, 12)?.max(1));
    let is_16_bit = le16(format, 0)? == 1 && le16(format, 14)? == 16;
    let step = (rate / UNITS / block * block).max(block);
    let mut units = Vec::new();
    let mut from = data.start;
    while from < data.end && units.len() < MOST_UNITS {
        let to = (from + step).min(data.end);
        let loudness = if is_16_bit { loudness(&bytes[from..to]) } else { 0.0 };
        let at = (from - data.start) as f64 / rate.max(1) as f64;
        units.push(Unit { at, range: from..to, loudness });
        from = to;
    }
    Some((Wav { format: format.to_vec() }, units))
}

/// Where the format and the samples stand. A recorder that was stopped hard leaves no length.
fn chunks(bytes: &[u8]) -> Option<(Range<usize>, Range<usize>)> {
    let (mut at, mut format) = (12, None);
    loop {
        let (id, size) = (bytes.get(at..at + 4)?, le32(bytes, at + 4)?);
        let body = at + 8;
        match id {
            b"fmt " => format = Some(body..body.checked_add(size)?),
            b"data" => {
                let end = if size == 0 { bytes.len() } else { body.saturating_add(size).min(bytes.len()) };
                return Some((format?, body..end));
            }
            _ => {}
        }
        at = body.checked_add(size)?.checked_add(size & 1)?;
    }
}

fn loudness(samples: &[u8]) -> f32 {
    let mut sum = 0.0_f32;
    let (pairs, _) = samples.as_chunks::<2>();
    for pair in pairs {
        sum += f32::from(i16::from_le_bytes(*pair)).abs();
    }
    sum / pairs.len().max(1) as f32
}

impl Wav {
    pub(super) fn head(&self) -> usize {
        28 + self.format.len()
    }

    pub(super) fn write(&self, bytes: &[u8], units: &[Unit]) -> Vec<u8> {
        let size: usize = units.iter().map(|unit| unit.range.len()).sum();
        let word = |value: usize| u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes();
        let mut out = Vec::with_capacity(self.head() + size);
        out.extend_from_slice(b"RIFF");
        out.extend_from_slice(&word(self.head() - 8 + size));
        out.extend_from_slice(b"WAVEfmt ");
        out.extend_from_slice(&word(self.format.len()));
        out.extend_from_slice(&self.format);
        out.extend_from_slice(b"data");
        out.extend_from_slice(&word(size));
        super::joined(out, bytes, units)
    }
}
