//! PURE. Bytes of unknown origin into text: encoding found, damage repaired and counted.
//!
//! UTF-8 first, UTF-16 by its mark or its zeros; bytes that are neither are read as windows-1252.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::repair::{Repairs, repair};

/// How bytes were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8, with or without a mark.
    #[default]
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// windows-1252, the commonest encoding before UTF-8.
    Windows1252,
    /// UTF-8 with windows-1252 bytes in between.
    Mixed,
}

/// Text from bytes, and what had to be done to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// How the bytes were read.
    pub encoding: Encoding,
    /// What was repaired.
    pub repairs: Repairs,
}

/// Reads `bytes` as text, whatever they are; linear in their number.
pub fn decode(bytes: &[u8]) -> Decoded {
    let (text, encoding) = read(bytes);
    let (text, repairs) = repair(text);
    Decoded { text, encoding, repairs }
}

fn read(bytes: &[u8]) -> (String, Encoding) {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => return read_utf8(rest),
        [0xff, 0xfe, rest @ ..] => return (utf16(UTF_16LE, rest), Encoding::Utf16Le),
        [0xfe, 0xff, rest @ ..] => return (utf16(UTF_16BE, rest), Encoding::Utf16Be),
        _ => {}
    }
    match zeros(bytes) {
        Some(Encoding::Utf16Le) => (utf16(UTF_16LE, bytes), Encoding::Utf16Le),
        Some(_) => (utf16(UTF_16BE, bytes), Encoding::Utf16Be),
        None => read_utf8(bytes),
    }
}

fn utf16(encoding: &'static encoding_rs::Encoding, bytes: &[u8]) -> String {
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// UTF-16 of Latin text without a mark has a zero in nearly every second byte.
fn zeros(bytes: &[u8]) -> Option<Encoding> {
    let sample = &bytes[..bytes.len().min(4096) & !1];
    if sample.len() < 4 {
        return None;
    }
    let pairs = sample.len() / 2;
    let high_first = sample.chunks_exact(2).filter(|pair| pair[0] == 0 && pair[1] != 0).count();
    let low_first = sample.chunks_exact(2).filter(|pair| pair[0] != 0 && pair[1] == 0).count();
    if low_first * 10 > pairs * 7 && high_first * 20 < pairs {
        Some(Encoding::Utf16Le)
    } else if high_first * 10 > pairs * 7 && low_first * 20 < pairs {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
}

fn read_utf8(bytes: &[u8]) -> (String, Encoding) {
    let mut text = String::with_capacity(bytes.len());
    let (mut foreign, mut multibyte) = (false, false);
    for chunk in bytes.utf8_chunks() {
        multibyte |= !chunk.valid().is_ascii();
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            foreign = true;
            text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
        }
    }
    let encoding = match (foreign, multibyte) {
        (false, _) => Encoding::Utf8,
        (true, false) => Encoding::Windows1252,
        (true, true) => Encoding::Mixed,
    };
    (text, encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_reads_the_same() {
        let text = "# Café\nIt costs 3 € – fine";
        let low: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let high: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let rows = [
            ("UTF-8", text.as_bytes().to_vec(), Encoding::Utf8),
            ("with a mark", [b"\xef\xbb\xbf", text.as_bytes()].concat(), Encoding::Utf8),
            ("UTF-16 LE", [b"\xff\xfe".as_slice(), &low].concat(), Encoding::Utf16Le),
            ("UTF-16 BE", [b"\xfe\xff".as_slice(), &high].concat(), Encoding::Utf16Be),
            ("UTF-16 LE without a mark", low, Encoding::Utf16Le),
            ("UTF-16 BE without a mark", high, Encoding::Utf16Be),
            ("windows-1252", WINDOWS_1252.encode(text).0.into_owned(), Encoding::Windows1252),
            ("a stray byte", b"# Caf\xe9\nIt costs 3 \xe2\x82\xac \x96 fine".to_vec(), Encoding::Mixed),
        ];
        for (name, bytes, encoding) in rows {
            let decoded = decode(&bytes);
            assert_eq!((decoded.text.as_str(), decoded.encoding), (text, encoding), "{name}");
        }
    }

    #[test]
    fn damage_inside_any_encoding_is_repaired() {
        let low: Vec<u8> = "a â†’ b".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let decoded = decode(&[b"\xff\xfe".as_slice(), &low].concat());
        assert_eq!((decoded.text.as_str(), decoded.repairs.characters), ("a → b", 1));
    }

    #[test]
    fn any_bytes_are_some_text() {
        let bytes: Vec<u8> = (0..=255).cycle().take(5000).collect();
        assert!(!decode(&bytes).text.is_empty());
        assert_eq!(decode(b""), Decoded::default());
    }
}
