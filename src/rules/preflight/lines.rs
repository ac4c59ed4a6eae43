//! The CORS lines of a configuration: what somebody wrote, whatever the answer carries.

use bstr::{BStr, ByteSlice};

use crate::finding::Intent;
use crate::gates::nginx::add_header_settings;
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::{Code, Config, Level, LevelId, Op, Setting};
use crate::source::Span;

pub const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
pub const ALLOW_HEADERS: &str = "Access-Control-Allow-Headers";
pub const ALLOW_METHODS: &str = "Access-Control-Allow-Methods";
pub const ALLOW_CREDENTIALS: &str = "Access-Control-Allow-Credentials";

/// How sure it is that pages send requests here that need a preflight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// CORS headers, and none of them needs one.
    Possible,
    /// A JSON body, or any header at all.
    Likely,
    /// A header or a method that no page can send without a preflight.
    Evident,
}

/// A request that somebody expects and that a browser announces by a preflight.
#[derive(Clone, Debug)]
pub struct Need {
    pub grade: Grade,
    pub method: String,
    /// The header that makes the preflight necessary.
    pub header: Option<String>,
    pub intent: Intent,
}

/// Whether an `add_header` line is about this header.
pub fn is(setting: &Setting, name: &str) -> bool {
    setting.args[0].raw.eq_ignore_ascii_case(name.as_bytes())
}

/// A header as somebody wrote it.
struct Line<'c> {
    name: &'c BStr,
    value: &'c BStr,
    span: Span,
}

impl Line<'_> {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The lines that somebody wrote for a level: those in force there, and those of its `if`s.
fn lines(config: &Config, id: LevelId) -> Vec<Line<'_>> {
    let location = config.location_of(id);
    let mut levels = vec![location];
    for code in &config.level(location).codes {
        if let Op::If { level, .. } = &code.op {
            levels.push(*level);
        }
    }
    let mut in_force = add_header_settings(config, id);
    for level in &levels {
        let of_level = match *level == location {
            true => add_header_settings(config, *level),
            false => config.level(*level).own(Key::AddHeader).iter().collect(),
        };
        in_force.extend(of_level);
    }
    levels.extend(config.enclosing(location));
    let more = levels
        .iter()
        .flat_map(|level| config.level(*level).own(Key::MoreHeaders))
        .filter(|setting| setting.name == "more_set_headers");
    let own = in_force.into_iter().map(added);
    own.chain(more.flat_map(more_lines)).collect()
}

fn more_lines(setting: &Setting) -> impl Iterator<Item = Line<'_>> {
    setting.args.iter().filter_map(|arg| {
        let at = arg.raw.find_byte(b':')?;
        Some(Line {
            name: arg.raw[..at].trim().as_bstr(),
            value: arg.raw[at + 1..].trim().as_bstr(),
            span: setting.span,
        })
    })
}

/// The line at a level by which somebody expects a preflight, the surest first.
pub fn need(config: &Config, id: LevelId) -> Option<Need> {
    let lines = lines(config, id);
    let needs = lines
        .iter()
        .filter_map(|line| need_of(line, &lines))
        .rev()
        .max_by_key(|need| need.grade);
    needs.or_else(|| {
        let line = lines.iter().find(|line| line.is(ALLOW_ORIGIN))?;
        Some(possible(line))
    })
}

/// What one `add_header` line, among those in force beside it, expects.
pub fn need_of_setting(setting: &Setting, beside: &[&Setting]) -> Option<Need> {
    let lines: Vec<Line<'_>> = beside.iter().map(|line| added(line)).collect();
    need_of(&added(setting), &lines)
}

fn added(setting: &Setting) -> Line<'_> {
    Line {
        name: setting.args[0].raw.as_bstr(),
        value: setting.args[1].raw.as_bstr(),
        span: setting.span,
    }
}

fn need_of(line: &Line<'_>, lines: &[Line<'_>]) -> Option<Need> {
    if line.is(ALLOW_HEADERS) {
        return Some(headers_need(line, lines));
    }
    if !line.is(ALLOW_METHODS) {
        return None;
    }
    let method = names(line.value).find(|name| {
        ["PUT", "DELETE", "PATCH"]
            .iter()
            .any(|method| name.eq_ignore_ascii_case(method.as_bytes()))
    });
    let Some(method) = method else {
        return Some(possible(line));
    };
    let text = format!("{ALLOW_METHODS} names {method}, which needs a preflight");
    let method = method.to_str_lossy().to_ascii_uppercase();
    Some(found(line, Grade::Evident, &method, None, text))
}

fn headers_need(line: &Line<'_>, lines: &[Line<'_>]) -> Need {
    if let Some(name) = unsafe_header(line.value) {
        let text = format!("{ALLOW_HEADERS} names {name}, which needs a preflight");
        return found(line, Grade::Evident, "GET", Some(&lower(name)), text);
    }
    if line.value.contains(&b'$') || names(line.value).any(|name| name == "*") {
        let text = format!("{ALLOW_HEADERS} lets pages send any header");
        return found(line, Grade::Likely, "GET", Some("authorization"), text);
    }
    let posts = lines
        .iter()
        .any(|other| other.is(ALLOW_METHODS) && names(other.value).any(|name| name == "POST"));
    if posts && names(line.value).any(|name| name.eq_ignore_ascii_case(b"content-type")) {
        let text = format!("{ALLOW_HEADERS} names Content-Type, which JSON needs");
        return found(line, Grade::Likely, "POST", Some("content-type"), text);
    }
    possible(line)
}

fn possible(line: &Line<'_>) -> Need {
    let text = format!("{} is set here", line.name);
    found(line, Grade::Possible, "GET", Some("authorization"), text)
}

fn found(line: &Line<'_>, grade: Grade, method: &str, header: Option<&str>, text: String) -> Need {
    Need {
        grade,
        method: method.into(),
        header: header.map(str::to_owned),
        intent: Intent {
            text,
            span: Some(line.span),
        },
    }
}

fn lower(name: &BStr) -> String {
    name.to_str_lossy().to_ascii_lowercase()
}

/// The words of a comma-separated list.
pub fn names(list: &[u8]) -> impl Iterator<Item = &BStr> {
    list.split_str(",")
        .map(|name| name.trim().as_bstr())
        .filter(|name| !name.is_empty())
}

/// A header of the list that a page can set and that needs a preflight; Authorization first.
fn unsafe_header(list: &BStr) -> Option<&BStr> {
    let mut needing = names(list).filter(|name| {
        let name = lower(name);
        let word = name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        word && !SAFELISTED.contains(&name.as_str())
            && !FORBIDDEN.contains(&name.as_str())
            && !["sec-", "proxy-", "access-control-"]
                .iter()
                .any(|start| name.starts_with(start))
    });
    let first = needing.next()?;
    let authorization = std::iter::once(first)
        .chain(needing)
        .find(|name| name.eq_ignore_ascii_case(b"authorization"));
    Some(authorization.unwrap_or(first))
}

/// Fetch §2.2.2: headers that need no preflight, within limits on their values.
const SAFELISTED: [&str; 5] = [
    "accept",
    "accept-language",
    "content-language",
    "content-type",
    "range",
];

/// Fetch §2.2.2: headers that no page can set, so that naming them allows nothing.
const FORBIDDEN: [&str; 18] = [
    "accept-charset",
    "accept-encoding",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "via",
];

/// How many levels outwards from here a line stands; 0 for the level itself and what belongs to
/// it: its `if`s and its `limit_except`.
pub fn distance(config: &Config, from: LevelId, span: Span) -> Option<usize> {
    config
        .enclosing(config.location_of(from))
        .position(|id| holds(config, config.level(id), span))
}

fn holds(config: &Config, level: &Level, span: Span) -> bool {
    let own = level.settings.iter().any(|setting| setting.span == span)
        || level.access.iter().any(|rule| rule.span == span)
        || level.span == span;
    own || code_holds(config, &level.codes, span)
        || level.limit_except.as_ref().is_some_and(|limit| {
            let inner = config.level(limit.level);
            inner.span == span
                || inner.settings.iter().any(|setting| setting.span == span)
                || inner.access.iter().any(|rule| rule.span == span)
        })
}

fn code_holds(config: &Config, codes: &[Code], span: Span) -> bool {
    codes.iter().any(|code| {
        code.span == span
            || match &code.op {
                Op::If { level, codes, .. } => {
                    let own = &config.level(*level).settings;
                    own.iter().any(|setting| setting.span == span)
                        || codes.iter().any(|inner| inner.span == span)
                }
                _ => false,
            }
    })
}
