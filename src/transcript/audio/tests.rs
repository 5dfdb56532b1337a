use super::*;

/// Six seconds of a tone (three of `wav`), as encoders write them.
fn recordings() -> Vec<(&'static str, &'static [u8], f64)> {
    macro_rules! file {
        ($name:literal, $seconds:literal) => {
            ($name, &include_bytes!(concat!("../../../tests/fixtures/audio/", $name))[..], $seconds)
        };
    }
    vec![
        file!("tone.wav", 3.0),
        file!("tone.mp3", 6.0),
        file!("tone.flac", 6.0),
        file!("tone.ogg", 6.0),
        file!("tone-vorbis.ogg", 6.0),
        file!("tone.webm", 6.0),
        file!("tone-live.webm", 6.0),
        file!("tone.m4a", 6.0),
        file!("tone-film.mp4", 6.0),
        file!("tone-fragments.mp4", 6.0),
    ]
}

#[test]
fn a_recording_under_the_limits_is_sent_as_it_is() {
    for (name, bytes, seconds) in recordings() {
        let recording = Recording::new(bytes).expect(name);
        let length = recording.seconds().expect(name);
        assert!((length - seconds).abs() < 0.6, "{name}: {length} s");
        let pieces = recording.pieces(Limits { bytes: bytes.len(), seconds: 60.0 }).expect(name);
        assert_eq!(pieces.len(), 1, "{name}");
        assert_eq!((pieces[0].at, recording.bytes(&pieces[0])), (0.0, bytes.to_vec()), "{name}");
    }
}

#[test]
fn pieces_are_recordings_of_their_own_that_hold_all_of_it() {
    for (name, bytes, seconds) in recordings() {
        let recording = Recording::new(bytes).expect(name);
        for limits in [
            Limits { bytes: usize::MAX, seconds: 2.0 },
            Limits { bytes: bytes.len() * 2 / 3, seconds: f64::INFINITY },
        ] {
            let pieces = recording.pieces(limits).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(pieces[0].at < 0.1, "{name}");
            let mut length = 0.0;
            for (number, piece) in pieces.iter().enumerate() {
                let file = recording.bytes(piece);
                assert!(file.len() <= limits.bytes, "{name}: {} bytes", file.len());
                let part = Recording::new(&file).expect(name);
                assert_eq!(part.container(), recording.container(), "{name}");
                let first = part.layout.as_ref().map_or(0.0, |(_, units)| units[0].at);
                // Fragments keep the film's own clock; all else begins anew.
                let first = if name.contains("fragments") { first } else { 0.0 };
                let part = part.seconds().unwrap_or_else(|| panic!("{name}: piece {number}"));
                assert!(part - first <= limits.seconds + 0.6, "{name}: {part} s");
                assert!((piece.at - length).abs() < 0.6, "{name}: piece {number} at {}, {length}", piece.at);
                length += part - first;
            }
            let film = name.contains("film") && limits.seconds.is_infinite();
            assert!(pieces.len() > 1 || film, "{name}: one piece");
            assert!((length - seconds).abs() < 0.7, "{name}: {length} s in {} pieces", pieces.len());
        }
    }
}

#[test]
fn samples_are_cut_where_it_is_quiet() {
    // Twenty seconds, loud but for half a second at 13.
    let samples =
        (0..20_000_usize).map(|i| if (13_000..13_500).contains(&i) { 0 } else { 9_000_i16 * (i % 2) as i16 });
    let data: Vec<u8> = samples.flat_map(i16::to_le_bytes).collect();
    let mut bytes =
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\xe8\x03\0\0\xd0\x07\0\0\x02\0\x10\0data".to_vec();
    bytes.extend(u32::try_from(data.len()).expect("small").to_le_bytes());
    bytes.extend(data);
    let recording = Recording::new(&bytes).expect("a recording");
    let pieces = recording.pieces(Limits { bytes: usize::MAX, seconds: 18.0 }).expect("pieces");
    let starts: Vec<f64> = pieces.iter().map(|piece| piece.at).collect();
    assert_eq!(starts.len(), 2);
    assert!((13.0..13.5).contains(&starts[1]), "{starts:?}");
}

#[test]
fn damage_is_refused_or_left_out() {
    for (name, bytes, _) in recordings() {
        for keep in (0..bytes.len()).step_by(97) {
            for flip in [keep, keep / 2] {
                let mut damaged = bytes[..keep].to_vec();
                if let Some(byte) = damaged.get_mut(flip) {
                    *byte ^= 0x5a;
                }
                let Some(recording) = Recording::new(&damaged) else { continue };
                if let Ok(pieces) = recording.pieces(Limits { bytes: 1500, seconds: 1.0 }) {
                    assert!(
                        pieces.iter().map(|piece| recording.bytes(piece).len()).sum::<usize>() < 1 << 22,
                        "{name}"
                    );
                }
            }
        }
    }
    assert!(Recording::new(b"ID3\x04\0rest").is_some_and(|none| none.seconds().is_none()));
}
