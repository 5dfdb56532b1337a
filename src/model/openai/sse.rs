//! Server-sent events from bytes, exact under any split. Touches nothing but its own buffer.
//!
//! A line ends in LF, CRLF or CR; comments and fields other than `data` are skipped; an event
//! ends at a blank line, or where the stream does. One event may hold 4 MiB.

/// Most bytes of one event.
const MAX_EVENT: usize = 4 << 20;

/// An event or line is longer than 4 MiB.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// Cuts a stream of bytes into the `data` of its events.
#[derive(Debug, Default)]
pub(super) struct SseParser {
    /// A line whose end has not come.
    line: Vec<u8>,
    /// The data of the event whose blank line has not come.
    data: Vec<u8>,
    has_data: bool,
    /// The last byte was CR: a LF that follows belongs to it.
    after_return: bool,
    begun: bool,
}

impl SseParser {
    /// Takes the next bytes; hands over the data of every event that they complete.
    pub(super) fn push(&mut self, mut bytes: &[u8], on_data: &mut dyn FnMut(&[u8])) -> Result<(), TooLong> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_return) && bytes[0] == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let Some(end) = bytes.iter().position(|&byte| byte == b'\n' || byte == b'\r') else {
                return self.keep(bytes);
            };
            self.after_return = bytes[end] == b'\r';
            if self.line.is_empty() {
                self.take_line(&bytes[..end], on_data)?;
            } else {
                self.keep(&bytes[..end])?;
                let line = std::mem::take(&mut self.line);
                self.take_line(&line, on_data)?;
                self.line = line;
                self.line.clear();
            }
            bytes = &bytes[end + 1..];
        }
        Ok(())
    }

    /// The stream is over: what has come of the last event counts.
    pub(super) fn finish(&mut self, on_data: &mut dyn FnMut(&[u8])) -> Result<(), TooLong> {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.take_line(&line, on_data)?;
        }
        self.take_line(b"", on_data)
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + bytes.len() > MAX_EVENT {
            return Err(TooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn take_line(&mut self, line: &[u8], on_data: &mut dyn FnMut(&[u8])) -> Result<(), TooLong> {
        let line = if self.begun { line } else { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) };
        self.begun = true;
        if line.is_empty() {
            if std::mem::take(&mut self.has_data) {
                on_data(&self.data);
                self.data.clear();
            }
            return Ok(());
        }
        let Some(value) = line.strip_prefix(b"data") else { return Ok(()) };
        let value = match value {
            [] => value,
            [b':', b' ', rest @ ..] | [b':', rest @ ..] => rest,
            _ => return Ok(()),
        };
        if self.data.len() + value.len() >= MAX_EVENT {
            return Err(TooLong);
        }
        if self.has_data {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(value);
        self.has_data = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(pieces: &[&[u8]]) -> Vec<String> {
        let (mut parser, mut events) = (SseParser::default(), Vec::new());
        let mut take = |data: &[u8]| events.push(String::from_utf8_lossy(data).into_owned());
        for piece in pieces {
            parser.push(piece, &mut take).expect("short events");
        }
        parser.finish(&mut take).expect("short events");
        events
    }

    #[test]
    fn the_events_are_the_same_wherever_the_bytes_are_cut() {
        let rows: &[(&str, &str, &[&str])] = &[
            ("one event", "data: né\n\n", &["né"]),
            ("no space", "data:a\n\ndata:b\n\n", &["a", "b"]),
            ("CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", &["a", "b"]),
            ("CR", "data: a\r\rdata: b\r\r", &["a", "b"]),
            ("comments", ": ping\n\n:\n\ndata: a\n\n: OPENROUTER PROCESSING\n\n", &["a"]),
            ("other fields", "event: message\nid: 7\nretry: 1\ndata: a\n\n", &["a"]),
            ("several data lines", "data: a\ndata\ndata: b\n\n", &["a\n\nb"]),
            ("a mark at the front", "\u{feff}data: a\n\n", &["a"]),
            ("no blank line at the end", "data: a\n\ndata: b\n", &["a", "b"]),
            ("no line end at the end", "data: a\n\ndata: b", &["a", "b"]),
            ("CR at the end", "data: a\r", &["a"]),
            ("blank lines without data", "\n\n\r\n\ndata: a\n\n\n", &["a"]),
            ("a field that only begins like data", "database: x\n\ndata: a\n\n", &["a"]),
            ("empty data", "data:\n\ndata: \n\n", &["", ""]),
            ("nothing", "", &[]),
        ];
        for (name, wire, want) in rows {
            let wire = wire.as_bytes();
            for cut in 0..=wire.len() {
                assert_eq!(events(&[&wire[..cut], &wire[cut..]]), *want, "{name}, cut at byte {cut}");
            }
            let single: Vec<&[u8]> = wire.chunks(1).collect();
            assert_eq!(events(&single), *want, "{name}, byte by byte");
        }
    }

    #[test]
    fn an_event_that_never_ends_is_given_up_in_bounded_memory() {
        let mut parser = SseParser::default();
        let block = vec![b'x'; 65_536];
        let pushed = (0..1000).take_while(|_| parser.push(&block, &mut |_| ()).is_ok()).count();
        assert_eq!(pushed, MAX_EVENT / block.len());

        let (mut parser, line) =
            (SseParser::default(), [&b"data: "[..], &vec![b'x'; 1 << 20], b"\n"].concat());
        let pushed = (0..1000).take_while(|_| parser.push(&line, &mut |_| ()).is_ok()).count();
        assert_eq!(pushed, 3, "many lines of one event count together");
    }
}
