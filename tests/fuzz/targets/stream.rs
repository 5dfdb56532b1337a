//! Bytes as a stream of events: what it says does not depend on where the network cut it.
#![no_main]

use greenroom::model::read_stream;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, body)) = bytes.split_first() else { return };
    let whole = read_stream([body]);
    let pieces = body.chunks(usize::from(first % 32) + 1);
    assert_eq!(read_stream(pieces), whole);
});
