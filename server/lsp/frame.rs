//! Frames: headers and bodies on a stream of bytes, read leniently.

use std::io::Read;

use serde_json::Value;

/// Longer messages are skipped.
const MAX_BODY: u64 = 256 << 20;
/// A header block that is longer is garbage.
const MAX_HEADER: usize = 8 << 10;

/// What comes next on the stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    /// The body of a message.
    Body(Vec<u8>),
    /// A message that was skipped for its length.
    TooLong,
    /// Something that has no usable length; reading goes on at the next
    /// header that has one.
    Garbage,
}

/// Reads frames.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    buffer: Vec<u8>,
    at: usize,
}

impl<R: Read> Reader<R> {
    /// A reader of this stream.
    pub fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            at: 0,
        }
    }

    /// The next frame; `None` at the end of the stream.
    pub fn next_frame(&mut self) -> Option<Frame> {
        let mut length: Option<u64> = None;
        let mut garbage = false;
        loop {
            let line = self.line()?;
            let text = String::from_utf8_lossy(&line);
            let text = text.trim();
            if text.is_empty() {
                if length.is_some() || garbage {
                    break;
                }
                continue;
            }
            match text.split_once(':') {
                Some((name, value)) if name.trim().eq_ignore_ascii_case("content-length") => {
                    match value.trim().parse::<u64>() {
                        Ok(value) => length = Some(value),
                        Err(_) => garbage = true,
                    }
                }
                Some((name, _)) if name.trim().eq_ignore_ascii_case("content-type") => {}
                _ => garbage = true,
            }
        }
        match length {
            None => Some(Frame::Garbage),
            Some(length) if length > MAX_BODY => {
                self.skip(length)?;
                Some(Frame::TooLong)
            }
            Some(length) => self.body(length as usize).map(Frame::Body),
        }
    }

    /// One line without its break. A line without end is cut.
    fn line(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        loop {
            if self.at == self.buffer.len() && !self.fill() {
                return None;
            }
            let rest = &self.buffer[self.at..];
            if let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
                line.extend_from_slice(&rest[..end]);
                self.at += end + 1;
                return Some(line);
            }
            if line.len() < MAX_HEADER {
                line.extend_from_slice(rest);
            }
            self.at = self.buffer.len();
        }
    }

    fn body(&mut self, length: usize) -> Option<Vec<u8>> {
        let mut body = Vec::with_capacity(length.min(1 << 20));
        while body.len() < length {
            if self.at == self.buffer.len() && !self.fill() {
                return None;
            }
            let take = (length - body.len()).min(self.buffer.len() - self.at);
            body.extend_from_slice(&self.buffer[self.at..self.at + take]);
            self.at += take;
        }
        Some(body)
    }

    fn skip(&mut self, mut length: u64) -> Option<()> {
        while length > 0 {
            if self.at == self.buffer.len() && !self.fill() {
                return None;
            }
            let here =
                (self.buffer.len() - self.at).min(usize::try_from(length).unwrap_or(usize::MAX));
            self.at += here;
            length -= here as u64;
        }
        Some(())
    }

    fn fill(&mut self) -> bool {
        self.buffer.resize(64 << 10, 0);
        self.at = 0;
        let read = loop {
            match self.input.read(&mut self.buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                read => break read.unwrap_or(0),
            }
        };
        self.buffer.truncate(read);
        read > 0
    }
}

/// A message with its header.
pub fn encode(message: &Value) -> Vec<u8> {
    let body = message.to_string();
    let mut bytes = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_leniently() {
        let body = || Frame::Body(b"{}".to_vec());
        for (stream, expected) in [
            ("Content-Length: 2\r\n\r\n{}", vec![body()]),
            (
                "content-length:2\n\n{}\r\nContent-Length: 2\r\nContent-Type: x\r\n\r\n{}",
                vec![body(), body()],
            ),
            ("what is this\r\nContent-Length: 2\r\n\r\n{}", vec![body()]),
            (
                "Content-Length: -3\r\n\r\nContent-Length: 2\r\n\r\n{}",
                vec![Frame::Garbage, body()],
            ),
            ("Content-Length: 9", vec![]),
            ("Content-Length: 9\r\n\r\n{}", vec![]),
        ] {
            let mut reader = Reader::new(stream.as_bytes());
            let found: Vec<Frame> = std::iter::from_fn(|| reader.next_frame()).collect();
            assert_eq!(found, expected, "{stream:?}");
        }
    }

    #[test]
    fn a_huge_length_is_not_kept_in_memory() {
        let stream = "Content-Length: 99999999999\r\n\r\nxxx";
        assert_eq!(Reader::new(stream.as_bytes()).next_frame(), None);
    }
}
