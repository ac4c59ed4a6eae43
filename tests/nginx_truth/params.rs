//! The gateway protocols, as far as needed to read the parameters that nginx sends.

use std::io::{self, Read, Write};

use bstr::{BString, ByteSlice, ByteVec};

use crate::upstream::take;

type Params = Vec<(String, BString)>;

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

const FASTCGI_PARAMS: u8 = 4;
const FASTCGI_STDIN: u8 = 5;
const FASTCGI_STDOUT: u8 = 6;
const FASTCGI_END: u8 = 3;

/// FastCGI 1.0: records of eight bytes head, content and padding; the parameters end with an
/// empty record, and so does the body.
pub fn read_fastcgi(stream: &mut impl Read) -> io::Result<Params> {
    let mut bytes = Vec::new();
    loop {
        let head = take(stream, 8)?;
        let length = usize::from(u16::from_be_bytes([head[4], head[5]]));
        let content = take(stream, length)?;
        take(stream, usize::from(head[6]))?;
        match head[1] {
            FASTCGI_PARAMS => bytes.push_str(&content),
            FASTCGI_STDIN if length == 0 => break,
            _ => {}
        }
    }
    let mut rest = bytes.as_slice();
    let mut params = Vec::new();
    while !rest.is_empty() {
        let name = fastcgi_length(&mut rest)?;
        let value = fastcgi_length(&mut rest)?;
        let name = cut(&mut rest, name)?.to_str_lossy().into_owned();
        params.push((name, cut(&mut rest, value)?.into()));
    }
    Ok(params)
}

/// One byte up to 127, else four with the top bit set.
fn fastcgi_length(rest: &mut &[u8]) -> io::Result<usize> {
    let first = cut(rest, 1)?[0];
    if first < 128 {
        return Ok(usize::from(first));
    }
    let more = cut(rest, 3)?;
    Ok(u32::from_be_bytes([first & 127, more[0], more[1], more[2]]) as usize)
}

pub fn write_fastcgi(stream: &mut impl Write, answer: &[u8]) -> io::Result<()> {
    let length = u16::try_from(answer.len()).map_err(|_| bad("answer too long"))?;
    let [high, low] = length.to_be_bytes();
    let mut bytes = vec![1, FASTCGI_STDOUT, 0, 1, high, low, 0, 0];
    bytes.push_str(answer);
    bytes.push_str([1, FASTCGI_STDOUT, 0, 1, 0, 0, 0, 0]);
    bytes.push_str([1, FASTCGI_END, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    stream.write_all(&bytes)
}

/// SCGI: a netstring of names and values, each ended by a zero byte.
pub fn read_scgi(stream: &mut impl Read) -> io::Result<Params> {
    let mut length = 0usize;
    loop {
        match take(stream, 1)?[0] {
            digit @ b'0'..=b'9' => length = length * 10 + usize::from(digit - b'0'),
            b':' => break,
            _ => return Err(bad("no netstring")),
        }
        if length > 1 << 20 {
            return Err(bad("netstring too long"));
        }
    }
    let content = take(stream, length)?;
    let mut words = content.split(|byte| *byte == 0);
    let mut params = Vec::new();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        params.push((name.to_str_lossy().into_owned(), value.into()));
    }
    Ok(params)
}

/// uwsgi: a head of four bytes, then names and values with two bytes of length before each.
pub fn read_uwsgi(stream: &mut impl Read) -> io::Result<Params> {
    let head = take(stream, 4)?;
    let content = take(stream, usize::from(u16::from_le_bytes([head[1], head[2]])))?;
    let mut rest = content.as_slice();
    let mut params = Vec::new();
    while !rest.is_empty() {
        let name = uwsgi_word(&mut rest)?.to_str_lossy().into_owned();
        params.push((name, uwsgi_word(&mut rest)?.into()));
    }
    Ok(params)
}

fn uwsgi_word<'a>(rest: &mut &'a [u8]) -> io::Result<&'a [u8]> {
    let length = cut(rest, 2)?;
    let length = usize::from(u16::from_le_bytes([length[0], length[1]]));
    cut(rest, length)
}

fn cut<'a>(rest: &mut &'a [u8], length: usize) -> io::Result<&'a [u8]> {
    if length > rest.len() {
        return Err(bad("parameters end early"));
    }
    let (first, others) = rest.split_at(length);
    *rest = others;
    Ok(first)
}
