//! Bytes as a recording: its layout read, cut small, and each piece read again, or refused.
#![no_main]

use greenroom::transcript::audio::{Limits, Recording};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(recording) = Recording::new(bytes) else { return };
    let Ok(pieces) = recording.pieces(Limits { bytes: 2000, seconds: 5.0 }) else { return };
    assert!(pieces.windows(2).all(|pair| pair[0].at <= pair[1].at));
    for piece in pieces.iter().take(50) {
        let _ = Recording::new(&recording.bytes(piece)).and_then(|piece| piece.seconds());
    }
});
