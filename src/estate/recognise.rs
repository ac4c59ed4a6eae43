//! Which files are nginx's: by what stands in them, and only then by their names. Less than half
//! of the nginx files in public repositories end in `.conf`, and most `.conf` files are not
//! nginx's.

mod names;
mod words;

use std::path::Path;
use std::sync::Arc;

use super::{cloud, dump, express};
use crate::source::{Root, Unreadable};

/// Whether a file is an nginx configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    No,
    /// It reads like a fragment of one. If it does not parse it was none.
    Maybe,
    Yes,
}

/// Whether a file is worth opening, by its name.
fn may_be_nginx(path: &Path) -> bool {
    !matches!(names::judge(path), names::Name::Foreign)
}

/// Whether a file is meant for nginx by its name alone.
pub fn has_the_name(path: &Path) -> bool {
    matches!(names::judge(path), names::Name::Nginx)
}

/// Whether a file that reads like nginx's also stands where nginx's files do.
pub fn is_at_home(path: &Path) -> bool {
    names::is_at_home(path)
}

/// Judges a file by its name and its first bytes. `whole` says that there are no more.
pub fn recognise(path: &Path, head: &[u8], whole: bool) -> Verdict {
    if head.contains(&0) {
        return Verdict::No;
    }
    match names::judge(path) {
        names::Name::Nginx if is_of_another_program(head, whole) => Verdict::No,
        names::Name::Nginx => Verdict::Yes,
        names::Name::Foreign => Verdict::No,
        names::Name::Site => judge_site(head, whole),
        names::Name::Open if dump::is_dump(head) => Verdict::Yes,
        names::Name::Open => judge(head, whole),
    }
}

/// Whether no line of a file is nginx's, and some are not: fail2ban, supervisord and upstart keep
/// their settings for nginx in files of its name.
fn is_of_another_program(head: &[u8], whole: bool) -> bool {
    let count = count(&lines(head, whole));
    count.distinctive + count.common == 0 && count.foreign + count.loose > 0
}

/// A file that is nginx's, and how sure that is.
pub type Recognised = (Arc<[u8]>, Verdict);

/// The text of a file, if it is nginx's. Of one that is clearly not, only the head is read.
pub fn read(root: &Root, path: &Path, is_given: bool) -> Result<Option<Recognised>, Unreadable> {
    if is_given {
        let text = root.read(path)?;
        // Whoever names a manifest, a script or a snapshot does not mean it for nginx.
        let is_other = express::is_manifest(path, &text)
            || express::is_script(path)
            || cloud::is_one(path, &text);
        return Ok((!is_other).then_some((text, Verdict::Yes)));
    }
    if !may_be_nginx(path) {
        return Ok(None);
    }
    let text = root.read_if(path, |head, whole| {
        recognise(path, head, whole) != Verdict::No
    })?;
    Ok(text.and_then(|text| {
        let verdict = recognise(path, &text, true);
        (verdict != Verdict::No).then_some((text, verdict))
    }))
}

/// A script that writes a configuration, and a page that shows one, have such names as well.
fn judge_site(head: &[u8], whole: bool) -> Verdict {
    let lines = lines(head, whole);
    let is_server = |line: &&[u8]| {
        let rest = line.trim_ascii().strip_prefix(b"server");
        rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(b"{"))
    };
    let count = count(&lines);
    let inside = count.distinctive + count.common;
    let is_heredoc = |line: &&[u8]| bstr::ByteSlice::contains_str(*line, "<<");
    let is_site = lines.iter().any(is_server) && !lines.iter().any(is_heredoc);
    match is_site && count.foreign == 0 && count.loose * 8 <= inside {
        true => judge(head, whole),
        false => Verdict::No,
    }
}

/// What speaks for and against, counted in lines.
#[derive(Default)]
struct Count {
    /// Directives that no other language has.
    distinctive: usize,
    /// Directives whose names other languages use, too.
    common: usize,
    /// Lines that nginx would not have.
    foreign: usize,
    /// Lines that end neither a directive nor a block; nginx has few.
    loose: usize,
}

fn judge(head: &[u8], whole: bool) -> Verdict {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if [&b"#!"[..], b"<?", b"<!", b"---\n", b"---\r"]
        .iter()
        .any(|start| head.starts_with(start))
    {
        return Verdict::No;
    }
    let count = count(&lines(head, whole));
    let against = count.foreign + count.loose / 2;
    let inside = count.distinctive + count.common;
    if count.distinctive == 0 || against * 3 > inside {
        // A long licence says nothing yet.
        let says_nothing = inside + count.foreign + count.loose == 0;
        return if says_nothing && !whole {
            Verdict::Maybe
        } else {
            Verdict::No
        };
    }
    if inside >= 4 && count.distinctive >= 2 && against * 8 <= inside {
        Verdict::Yes
    } else {
        Verdict::Maybe
    }
}

fn lines(head: &[u8], whole: bool) -> Vec<&[u8]> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut lines: Vec<&[u8]> = head.split(|byte| *byte == b'\n').collect();
    if !whole && lines.len() > 1 {
        lines.pop(); // It may have been cut.
    }
    lines
}

fn count(lines: &[&[u8]]) -> Count {
    let mut count = Count::default();
    let mut lua = Lua::default();
    let mut goes_on = false;
    for line in lines {
        let indent = line.len() - line.trim_ascii_start().len();
        let line = without_comment(line.trim_ascii());
        if line.is_empty() || lua.swallows(line, indent) || words::is_template_mark(line) {
            continue;
        }
        let ends = matches!(line.last(), Some(b';' | b'{' | b'}'));
        let continues = std::mem::replace(&mut goes_on, !ends);
        for part in parts(line) {
            match words::weigh(part, ends) {
                words::Weight::Distinctive => count.distinctive += 1,
                words::Weight::Common => count.common += 1,
                words::Weight::Neutral => {}
                _ if continues => {}
                words::Weight::Foreign => count.foreign += 1,
                words::Weight::Loose => count.loose += 1,
            }
        }
    }
    count
}

/// The directives of a block that stands on one line; any other line as it is.
fn parts(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_block = line.ends_with(b"}") && line.contains(&b';');
    line.split_inclusive(move |byte| is_block && matches!(byte, b'{' | b';'))
        .map(<[u8]>::trim_ascii)
        .filter(|part| !part.is_empty())
}

/// Lua inside of nginx is still nginx, and its lines would speak against it.
#[derive(Default)]
struct Lua {
    /// How far the directive is indented whose code we are in.
    indent: Option<usize>,
}

impl Lua {
    fn swallows(&mut self, line: &[u8], indent: usize) -> bool {
        match self.indent {
            Some(opener) => {
                if indent <= opener && matches!(line.first(), Some(b'}' | b'\'' | b'"')) {
                    self.indent = None;
                }
                true
            }
            None => {
                let opens = bstr::ByteSlice::contains_str(line, "_by_lua")
                    && matches!(line.last(), Some(b'{' | b'\'' | b'"'));
                if opens {
                    self.indent = Some(indent);
                }
                false
            }
        }
    }
}

/// A line without the comment at its end.
fn without_comment(line: &[u8]) -> &[u8] {
    if line.starts_with(b"#") {
        return b"";
    }
    let comment = line
        .windows(2)
        .rposition(|pair| pair[0].is_ascii_whitespace() && pair[1] == b'#');
    match comment {
        Some(at) => line[..at].trim_ascii_end(),
        None => line,
    }
}
