//! The plain listener of the real program, one connection a request. Failures are results, because
//! some tests kill the program while it answers.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use super::visitor::{Answered, Ask, Door};

/// Nothing in these tests may take longer, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A port on loopback.
#[derive(Clone, Copy, Debug)]
pub struct Wire(pub u16);

impl Door for Wire {
    fn ask(&self, ask: Ask) -> io::Result<Answered> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.0))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let mut head = format!(
            "{} {} HTTP/1.1\r\nhost: localhost:{}\r\nconnection: close\r\n",
            ask.method, ask.path, self.0
        );
        for (name, value) in &ask.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if ask.method == "POST" {
            head.push_str(&format!("content-length: {}\r\n", ask.body.len()));
        }
        head.push_str("\r\n");
        stream.write_all(&[head.as_bytes(), &ask.body].concat())?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| {
            io::Error::new(io::ErrorKind::UnexpectedEof, format!("no answer but {line:?}"))
        })?;
        let (mut headers, mut length) = (Vec::new(), None);
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse::<usize>().ok();
            }
            headers.push((name.to_owned(), value.to_owned()));
        }
        let mut body = Vec::new();
        match length {
            Some(length) => {
                body.resize(length, 0);
                reader.read_exact(&mut body)?;
            }
            None => {
                reader.read_to_end(&mut body)?;
            }
        }
        Ok(Answered { asked: format!("{} {}", ask.method, ask.path), status, headers, body })
    }
}
