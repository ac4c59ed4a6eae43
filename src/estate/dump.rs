//! What `nginx -T` prints: all files of a configuration, one after the other.

use std::ops::Range;

use bstr::ByteSlice;

const HEADING: &[u8] = b"# configuration file ";

/// One file of a dump.
#[derive(Debug, PartialEq, Eq)]
pub struct Section {
    /// The path that it has on the server.
    pub path: String,
    /// Its lines, with what nginx itself says blanked out, so that every place stays where it is.
    pub text: Vec<u8>,
    /// How many lines of the dump stand before it.
    pub lines_before: u32,
}

/// Whether a file begins as a dump does.
pub fn is_dump(head: &[u8]) -> bool {
    head.lines_with_terminator()
        .take(64)
        .any(|line| heading(line).is_some())
}

/// The files of a dump, in its order; none if it is no dump.
pub fn sections(text: &[u8]) -> Vec<Section> {
    let mut sections: Vec<(String, Range<usize>, u32)> = Vec::new();
    let mut at = 0;
    for (number, line) in text.lines_with_terminator().enumerate() {
        let end = at + line.len();
        if let Some(path) = heading(line) {
            sections.push((path, end..end, number as u32 + 1));
        } else if let Some((_, range, _)) = sections.last_mut() {
            range.end = end;
        }
        at = end;
    }
    sections
        .into_iter()
        .map(|(path, range, lines_before)| Section {
            path,
            text: without_messages(&text[range]),
            lines_before,
        })
        .collect()
}

/// The path in `# configuration file /etc/nginx/nginx.conf:`.
fn heading(line: &[u8]) -> Option<String> {
    let path = line
        .trim_ascii_end()
        .strip_prefix(HEADING)?
        .strip_suffix(b":")?;
    let is_absolute = path.starts_with(b"/") || path.get(1) == Some(&b':');
    is_absolute.then(|| path.to_str_lossy().into_owned())
}

/// Blanks out the lines that nginx writes to its standard error, which `2>&1` puts among those of
/// the dump.
fn without_messages(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for line in text.lines_with_terminator() {
        if is_message(line) {
            out.extend(line.iter().map(|byte| match byte {
                b'\n' | b'\r' => *byte,
                _ => b' ',
            }));
        } else {
            out.extend_from_slice(line);
        }
    }
    out
}

fn is_message(line: &[u8]) -> bool {
    [
        &b"nginx: ["[..],
        b"nginx: the configuration file ",
        b"nginx: configuration file ",
    ]
    .iter()
    .any(|start| line.starts_with(start))
}
