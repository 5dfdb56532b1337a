//! PURE. Recordings: what container it is, and how to cut it where a provider takes less at once.
//!
//! Nothing is decoded. A piece holds the frames as they are, with the head that makes it a file of its own, and the
//! second at which it begins. Read by hand: it takes six small layouts, and decoders would be a megabyte.

mod flac;
mod mp4;
mod mpeg;
mod ogg;
mod wav;
mod webm;

use std::ops::Range;

/// How far before a limit a quieter place is looked for, in seconds.
const QUIETER: f64 = 10.0;
/// Units of a recording at most; a day of the shortest frames has fewer.
const MOST_UNITS: usize = 4_000_000;

/// What a recording is kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// RIFF WAVE.
    Wav,
    /// MPEG audio.
    Mp3,
    /// MPEG-4: m4a, mp4, mov.
    Mp4,
    /// Ogg: Opus or Vorbis.
    Ogg,
    /// FLAC.
    Flac,
    /// WebM or Matroska.
    WebM,
}

impl Container {
    /// The container that the first bytes show.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let at = |from: usize, mark: &[u8]| bytes.get(from..).is_some_and(|rest| rest.starts_with(mark));
        Some(match () {
            () if at(0, b"RIFF") && at(8, b"WAVE") => Self::Wav,
            () if at(0, b"ID3") => Self::Mp3,
            () if bytes.len() > 2
                && bytes[0] == 0xff
                && matches!(bytes[1], 0xfa | 0xfb | 0xf2 | 0xf3 | 0xe2 | 0xe3) =>
            {
                Self::Mp3
            }
            () if at(0, b"OggS") => Self::Ogg,
            () if at(0, b"fLaC") => Self::Flac,
            () if at(0, b"\x1aE\xdf\xa3") => Self::WebM,
            () if at(4, b"ftyp") => Self::Mp4,
            () => return None,
        })
    }

    /// A file name by which servers know the format.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Wav => "recording.wav",
            Self::Mp3 => "recording.mp3",
            Self::Mp4 => "recording.m4a",
            Self::Ogg => "recording.ogg",
            Self::Flac => "recording.flac",
            Self::WebM => "recording.webm",
        }
    }
}

/// The most that a provider takes at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Bytes of a file.
    pub bytes: usize,
    /// Seconds of a file.
    pub seconds: f64,
}

/// Why a recording cannot be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CutError {
    /// Its layout is damaged, or one that is not read.
    #[error("it is too large to be sent at once, and where its sound can be cut was not found")]
    Layout,
    /// A single frame is over the limit.
    #[error("it is too large to be sent at once, and has no place to cut it that is near enough to the next")]
    Dense,
}

/// The shortest stretch that a piece may begin or end with.
#[derive(Clone, Debug, PartialEq)]
struct Unit {
    /// When it begins, in seconds.
    at: f64,
    /// Its bytes in the recording.
    range: Range<usize>,
    /// How loud it is, where that is known without decoding.
    loudness: f32,
}

/// What of a layout is needed to write a piece.
enum Layout {
    Wav(wav::Wav),
    Mp3,
    Flac(flac::Flac),
    Ogg(ogg::Ogg),
    WebM(webm::WebM),
    Mp4(mp4::Mp4),
    Fragments(mp4::Fragments),
}

/// A piece of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// When it begins, in seconds.
    pub at: f64,
    /// Its units; `None` for the recording as it is.
    units: Option<Range<usize>>,
}

/// A recording and the places where it can be cut.
pub struct Recording<'a> {
    bytes: &'a [u8],
    container: Container,
    layout: Option<(Layout, Vec<Unit>)>,
}

impl<'a> Recording<'a> {
    /// Looks at the layout; one that cannot be read can still be sent whole.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let container = Container::of(bytes)?;
        let layout = match container {
            Container::Wav => wav::read(bytes).map(|(wav, units)| (Layout::Wav(wav), units)),
            Container::Mp3 => Some((Layout::Mp3, mpeg::read(bytes))),
            Container::Flac => flac::read(bytes).map(|(flac, units)| (Layout::Flac(flac), units)),
            Container::Ogg => ogg::read(bytes).map(|(ogg, units)| (Layout::Ogg(ogg), units)),
            Container::WebM => webm::read(bytes).map(|(webm, units)| (Layout::WebM(webm), units)),
            Container::Mp4 => match mp4::fragments(bytes) {
                Some((fragments, units)) => Some((Layout::Fragments(fragments), units)),
                None => mp4::read(bytes).map(|(mp4, units)| (Layout::Mp4(mp4), units)),
            },
        };
        Some(Self { bytes, container, layout: layout.filter(|(_, units)| !units.is_empty()) })
    }

    /// What it is kept in.
    pub fn container(&self) -> Container {
        self.container
    }

    /// Seconds, nearly; `None` where the layout does not tell.
    pub fn seconds(&self) -> Option<f64> {
        let (_, units) = self.layout.as_ref()?;
        let (first, last) = (units.first()?, units.last()?);
        let mean = (last.at - first.at) / (units.len().max(2) - 1) as f64;
        Some(last.at + mean)
    }

    /// Cuts it into as few pieces as the limits allow, at quiet places where they can be heard of.
    ///
    /// # Errors
    ///
    /// [`CutError`], only if it is over the limits.
    pub fn pieces(&self, limits: Limits) -> Result<Vec<Piece>, CutError> {
        let fits = self.bytes.len() <= limits.bytes;
        if fits && self.seconds().is_none_or(|seconds| seconds <= limits.seconds) {
            return Ok(vec![Piece { at: 0.0, units: None }]);
        }
        let (layout, units) = self.layout.as_ref().ok_or(CutError::Layout)?;
        let (head, each) = layout.cost();
        let mut pieces = Vec::new();
        let (mut from, mut size, mut index) = (0, head, 0);
        while index < units.len() {
            let unit = &units[index];
            let after = size + unit.range.len() + each;
            let end = units.get(index + 1).map_or(unit.at, |next| next.at);
            if after <= limits.bytes && end - units[from].at <= limits.seconds {
                (size, index) = (after, index + 1);
                continue;
            }
            if index == from {
                return Err(CutError::Dense);
            }
            let mut best = index;
            for other in (from + 1..index).rev() {
                if units[other].at < unit.at - QUIETER {
                    break;
                }
                if units[other].loudness < units[best].loudness {
                    best = other;
                }
            }
            pieces.push(Piece { at: units[from].at, units: Some(from..best) });
            (from, index, size) = (best, best, head);
        }
        pieces.push(Piece { at: units[from].at, units: Some(from..units.len()) });
        Ok(pieces)
    }

    /// A piece as a file of its own.
    pub fn bytes(&self, piece: &Piece) -> Vec<u8> {
        let (Some(range), Some((layout, units))) = (&piece.units, &self.layout) else {
            return self.bytes.to_vec();
        };
        layout.write(self.bytes, &units[range.clone()])
    }
}

impl Layout {
    /// Bytes that a piece has beside its frames: in all, and for each unit.
    fn cost(&self) -> (usize, usize) {
        match self {
            Self::Wav(wav) => (wav.head(), 0),
            Self::Mp3 => (0, 0),
            Self::Flac(flac) => (flac.head.len(), 0),
            Self::Ogg(ogg) => (ogg.head.len(), 0),
            Self::WebM(webm) => (webm.head.len(), 0),
            Self::Mp4(mp4) => (mp4.head(), mp4::EACH),
            Self::Fragments(fragments) => (fragments.head.len(), 0),
        }
    }

    fn write(&self, bytes: &[u8], units: &[Unit]) -> Vec<u8> {
        match self {
            Self::Wav(wav) => wav.write(bytes, units),
            Self::Mp3 => joined(Vec::new(), bytes, units),
            Self::Flac(flac) => joined(flac.head.clone(), bytes, units),
            Self::Ogg(ogg) => ogg.write(bytes, units),
            Self::WebM(webm) => webm.write(bytes, units),
            Self::Mp4(mp4) => mp4.write(bytes, units),
            Self::Fragments(fragments) => joined(fragments.head.clone(), bytes, units),
        }
    }
}

/// The units' bytes after `head`.
fn joined(mut head: Vec<u8>, bytes: &[u8], units: &[Unit]) -> Vec<u8> {
    for unit in units {
        head.extend_from_slice(bytes.get(unit.range.clone()).unwrap_or_default());
    }
    head
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn le16(bytes: &[u8], at: usize) -> Option<usize> {
    number(bytes, at).map(u16::from_le_bytes).map(usize::from)
}

fn le32(bytes: &[u8], at: usize) -> Option<usize> {
    number(bytes, at).map(u32::from_le_bytes).map(|value| value as usize)
}

fn be32(bytes: &[u8], at: usize) -> Option<usize> {
    number(bytes, at).map(u32::from_be_bytes).map(|value| value as usize)
}

fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    number(bytes, at).map(u64::from_be_bytes)
}

#[cfg(test)]
mod tests;
