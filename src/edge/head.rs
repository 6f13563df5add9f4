//! The head of an HTTP/1 request as bytes: is it framed in exactly one way?
//!
//! hyper drops Content-Length where Transfer-Encoding stands beside it and goes on. We are stricter, because two
//! readings of one request are how requests are smuggled (RFC 9112 section 11.2).
//! Pure; called by `screened.rs` before hyper sees a byte.

use super::{EdgeLimits, Refusal};

/// How the end of the body is found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Framing {
    /// So many bytes follow; none without Content-Length.
    Length(u64),
    /// Chunks follow, and nothing after them: the connection closes behind a chunked request.
    Chunked,
}

/// Content-Length with more digits than this cannot be a body of ours, and 18 digits fit into a u64.
const LENGTH_DIGITS_MAX: usize = 18;

/// Checks a whole head, `\r\n\r\n` included.
///
/// # Errors
/// The first thing found wrong.
pub(super) fn check(head: &[u8], limits: &EdgeLimits) -> Result<Framing, Refusal> {
    let lines = head
        .strip_suffix(b"\r\n")
        .filter(|lines| lines.ends_with(b"\r\n"))
        .ok_or(Refusal::BadHeader)?;
    let mut lines =
        lines.split_inclusive(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r\n"));
    let version_1_0 = request_line(lines.next().flatten().ok_or(Refusal::BadRequestLine)?, limits)?;

    let mut fields = Fields::default();
    for line in lines {
        fields.count += 1;
        if fields.count > limits.headers_max {
            return Err(Refusal::HeadTooLarge);
        }
        fields.take(line.ok_or(Refusal::BadHeader)?)?;
    }
    if fields.hosts != 1 {
        return Err(Refusal::BadHost);
    }
    match (fields.length, fields.chunked) {
        (None, false) => Ok(Framing::Length(0)),
        (Some(length), false) => Ok(Framing::Length(length)),
        (None, true) if !version_1_0 => Ok(Framing::Chunked),
        _ => Err(Refusal::BadFraming),
    }
}

/// `METHOD SP target SP version`; says whether the version is 1.0.
fn request_line(line: &[u8], limits: &EdgeLimits) -> Result<bool, Refusal> {
    let mut words = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Refusal::BadRequestLine);
    };
    if target.len() > limits.target_bytes_max {
        return Err(Refusal::TargetTooLong);
    }
    let graphic = !target.is_empty() && target.iter().all(u8::is_ascii_graphic);
    if !is_token(method) || !graphic {
        return Err(Refusal::BadRequestLine);
    }
    match version {
        b"HTTP/1.1" => Ok(false),
        b"HTTP/1.0" => Ok(true),
        other if other.starts_with(b"HTTP/") => Err(Refusal::Version),
        _ => Err(Refusal::BadRequestLine),
    }
}

#[derive(Default)]
struct Fields {
    count: usize,
    hosts: usize,
    length: Option<u64>,
    chunked: bool,
}

impl Fields {
    fn take(&mut self, line: &[u8]) -> Result<(), Refusal> {
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (halves.next(), halves.next()) else {
            return Err(Refusal::BadHeader);
        };
        // A folded line begins with a space, which is no token; a space before the colon neither.
        let clean = value.iter().all(|byte| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f));
        if !is_token(name) || !clean {
            return Err(Refusal::BadHeader);
        }
        let value = value.trim_ascii();
        if name.eq_ignore_ascii_case(b"host") {
            self.hosts += 1;
        } else if name.eq_ignore_ascii_case(b"content-length") {
            let length = parse_length(value).ok_or(Refusal::BadFraming)?;
            if self.length.replace(length).is_some() {
                return Err(Refusal::BadFraming);
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if self.chunked || !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Refusal::BadFraming);
            }
            self.chunked = true;
        } else if name.eq_ignore_ascii_case(b"expect")
            && !value.eq_ignore_ascii_case(b"100-continue")
        {
            return Err(Refusal::Expectation);
        }
        Ok(())
    }
}

fn parse_length(value: &[u8]) -> Option<u64> {
    let digits = !value.is_empty()
        && value.len() <= LENGTH_DIGITS_MAX
        && value.iter().all(u8::is_ascii_digit);
    if digits { std::str::from_utf8(value).ok()?.parse().ok() } else { None }
}

/// RFC 9110 section 5.6.2.
fn is_token(word: &[u8]) -> bool {
    !word.is_empty()
        && word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_framed_in_one_way_or_refused() {
        let table: &[(&str, Result<Framing, Refusal>)] = &[
            ("GET / HTTP/1.1\r\nHost: a", Ok(Framing::Length(0))),
            ("GET / HTTP/1.0\r\nHost: a", Ok(Framing::Length(0))),
            ("POST / HTTP/1.1\r\nhost:a\r\nContent-Length:  12 ", Ok(Framing::Length(12))),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked", Ok(Framing::Chunked)),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1",
                Ok(Framing::Length(1)),
            ),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: caf\u{e9}", Ok(Framing::Length(0))),
            // both lengths, in either order, and disguised
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked",
                Err(Refusal::BadFraming),
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4",
                Err(Refusal::BadFraming),
            ),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked", Err(Refusal::BadFraming)),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked",
                Err(Refusal::BadFraming),
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                Err(Refusal::BadFraming),
            ),
            ("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked", Err(Refusal::BadFraming)),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked", Err(Refusal::BadHeader)),
            ("POST / HTTP/1.1\r\nHost: a\r\n Transfer-Encoding: chunked", Err(Refusal::BadHeader)),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked",
                Err(Refusal::BadHeader),
            ),
            ("POST / HTTP/1.1\r\nHost: a\r\nX: 1\nContent-Length: 4", Err(Refusal::BadHeader)),
            ("POST / HTTP/1.1\r\nHost: a\r\nX: 1\rContent-Length: 4", Err(Refusal::BadHeader)),
            // lengths
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 4",
                Err(Refusal::BadFraming),
            ),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 4", Err(Refusal::BadFraming)),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4", Err(Refusal::BadFraming)),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1", Err(Refusal::BadFraming)),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:", Err(Refusal::BadFraming)),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999",
                Err(Refusal::BadFraming),
            ),
            // host
            ("GET / HTTP/1.1", Err(Refusal::BadHost)),
            ("GET / HTTP/1.1\r\nHost: a\r\nHOST: b", Err(Refusal::BadHost)),
            // request line
            ("GET  / HTTP/1.1\r\nHost: a", Err(Refusal::BadRequestLine)),
            ("GET /a b HTTP/1.1\r\nHost: a", Err(Refusal::BadRequestLine)),
            ("GET /\u{e9} HTTP/1.1\r\nHost: a", Err(Refusal::BadRequestLine)),
            ("GET /\nX HTTP/1.1\r\nHost: a", Err(Refusal::BadRequestLine)),
            ("G\"T / HTTP/1.1\r\nHost: a", Err(Refusal::BadRequestLine)),
            ("GET /", Err(Refusal::BadRequestLine)),
            ("PRI * HTTP/2.0\r\nHost: a", Err(Refusal::Version)),
            ("GET / HTTP/1.2\r\nHost: a", Err(Refusal::Version)),
            ("GET / ICAP/1.1\r\nHost: a", Err(Refusal::BadRequestLine)),
            // fields
            ("GET / HTTP/1.1\r\nHost: a\r\nno colon", Err(Refusal::BadHeader)),
            ("GET / HTTP/1.1\r\nHost: a\r\n: empty", Err(Refusal::BadHeader)),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b", Err(Refusal::BadHeader)),
            ("GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-maybe", Err(Refusal::Expectation)),
        ];
        for (head, expected) in table {
            let whole = format!("{head}\r\n\r\n");
            assert_eq!(check(whole.as_bytes(), &EdgeLimits::default()), *expected, "{head:?}");
        }
    }

    #[test]
    fn the_number_of_fields_and_the_length_of_the_target_are_limited() {
        let limits = EdgeLimits::default();
        let with_fields = |count: usize| {
            format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: 1\r\n".repeat(count - 1))
        };
        assert_eq!(check(with_fields(64).as_bytes(), &limits), Ok(Framing::Length(0)));
        assert_eq!(check(with_fields(65).as_bytes(), &limits), Err(Refusal::HeadTooLarge));
        let with_target =
            |length: usize| format!("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", "/".repeat(length));
        assert_eq!(check(with_target(8192).as_bytes(), &limits), Ok(Framing::Length(0)));
        assert_eq!(check(with_target(8193).as_bytes(), &limits), Err(Refusal::TargetTooLong));
    }
}
