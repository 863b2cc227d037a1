//! Frames: headers and bodies on a stream of bytes, read leniently.

use std::io::Read;

use serde_json::Value;

/// Longer messages are skipped.
const MAX_BODY: u64 = 256 << 20;
/// A body said to be longer does not exist: to skip it would be to skip every
/// message that follows.
const MAX_SKIP: u64 = 4 << 30;
/// Of a longer line only the end is kept, where a header may still stand.
const MAX_LINE: usize = 8 << 10;
const LENGTH: &str = "content-length:";

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
            let text = String::from_utf8_lossy(&line).to_ascii_lowercase();
            let text = text.trim();
            if text.is_empty() {
                if length.is_some() || garbage {
                    break;
                }
                continue;
            }
            // Behind a body whose length was wrong the next header does not
            // begin a line, for a body ends without a break. Were it only
            // looked for there, no message would ever be heard again.
            if let Some(at) = text.rfind(LENGTH) {
                length = text[at + LENGTH.len()..].trim().parse().ok();
                garbage |= length.is_none();
            } else if !text.starts_with("content-type:") {
                garbage = true;
            }
        }
        match length.filter(|length| *length <= MAX_SKIP) {
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
            line.extend_from_slice(rest);
            line.drain(..line.len().saturating_sub(MAX_LINE));
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
            (
                "Content-Length: 1\r\n\r\n{}Content-Length: 2\r\n\r\n{}",
                vec![Frame::Body(b"{".to_vec()), body()],
            ),
            (
                "Content-Length: x\r\n\r\n{}Content-Length: 2\r\n\r\n{}",
                vec![Frame::Garbage, body()],
            ),
            (
                "X: 1\r\n\r\n{}Content-Length: 2\r\n\r\n{}",
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
    fn a_length_that_cannot_be_is_not_waited_for() {
        let stream = "Content-Length: 99999999999\r\n\r\nxContent-Length: 2\r\n\r\n{}";
        let mut reader = Reader::new(stream.as_bytes());
        assert_eq!(reader.next_frame(), Some(Frame::Garbage));
        assert_eq!(reader.next_frame(), Some(Frame::Body(b"{}".to_vec())));
    }

    #[test]
    fn a_header_is_found_behind_a_line_without_end() {
        let stream = "x".repeat(200_000) + "Content-Length: 2\r\n\r\n{}";
        let mut reader = Reader::new(stream.as_bytes());
        assert_eq!(reader.next_frame(), Some(Frame::Body(b"{}".to_vec())));
    }
}
