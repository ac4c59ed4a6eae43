//! Sends one request byte for byte, from an address of our choice, and reads the answer's head.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bstr::{BString, ByteSlice};
use socket2::{Domain, Socket, Type};

/// The head of what nginx answers.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// `None` when the connection was closed without a word.
    pub status: Option<u16>,
    pub headers: Vec<(String, BString)>,
}

/// Sends the bytes from an address to another of the same family.
pub fn send(from: IpAddr, to: SocketAddr, request: &[u8]) -> io::Result<Response> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None)?;
    socket.set_read_timeout(Some(Duration::from_secs(30)))?;
    socket.bind(&SocketAddr::new(from, 0).into())?;
    socket.connect(&to.into())?;
    let mut stream = std::net::TcpStream::from(socket);
    stream.write_all(request)?;
    let head = read_head(&mut stream)?;
    Ok(parse(&head))
}

/// What arrives up to the empty line; interim answers (1xx) are passed over.
pub fn read_head(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut byte = [0; 1];
    let mut stream = io::BufReader::new(stream);
    loop {
        match stream.read(&mut byte) {
            Ok(0) => return Ok(head),
            Ok(_) => head.push(byte[0]),
            // A server that closes with input unread resets the connection.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(head),
            Err(error) => return Err(error),
        }
        if head.ends_with(b"\r\n\r\n") {
            if !head.starts_with(b"HTTP/1.1 1") {
                return Ok(head);
            }
            head.clear();
        }
    }
}

fn parse(head: &[u8]) -> Response {
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.fields().nth(1))
        .and_then(|word| word.to_str().ok())
        .and_then(|word| word.parse().ok());
    Response {
        status,
        headers: lines.filter_map(header).collect(),
    }
}

/// `Name: value` in parts; white space at the end of a value is a part of it.
pub fn header(line: &[u8]) -> Option<(String, BString)> {
    let (name, value) = line.split_once_str(":")?;
    let value = value.strip_prefix(b" ").unwrap_or(value);
    Some((name.to_str_lossy().into_owned(), value.into()))
}
