//! The paths of a stack, as path-to-regexp reads them: 0.1 in Express 4, 8 in Express 5.
//!
//! Both make a regular expression of a path; so do we, for the same engine that matches nginx's.

mod five;
mod four;

use super::model::{Major, Path, Paths};
use super::pattern::Pattern;
use crate::request::Reason;

/// How long a path may be, in bytes.
const LONGEST: usize = 1000;

/// What of a path counts, as the layer says.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub case_sensitive: bool,
    pub strict: bool,
    /// To its end, as routes match; otherwise up to a slash, as `use` does.
    pub end: bool,
}

/// The paths of one registration, ready to match.
#[derive(Debug)]
pub struct Matcher(Vec<One>);

#[derive(Debug)]
enum One {
    /// `use('/')`: any path, and nothing of it is taken off.
    Any,
    /// `'*'` in Express 4: any path, all of it.
    All,
    /// A text in which nothing is special, which most routes are: compared, not searched.
    Plain {
        text: String,
        case_sensitive: bool,
        strict: bool,
    },
    /// Such a text with what stands below it, as `use` takes it.
    Mounted {
        text: String,
        case_sensitive: bool,
        version: Major,
    },
    Regex {
        pattern: Pattern,
        /// Every path that it matches is this text, or has it before a slash; empty where that is
        /// not known.
        start: String,
    },
    Unknown(Reason),
}

/// A path with which Express does not start, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub path: String,
    pub message: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    No,
    /// So many bytes of the path.
    Yes(usize),
    Unknown(Reason),
}

impl Matcher {
    /// What can be read of the paths, and why the others cannot.
    pub fn new(paths: &Paths, version: Major, options: Options) -> (Matcher, Vec<Refused>) {
        let mut ones = Vec::new();
        let mut refused = Vec::new();
        for path in &paths.0 {
            match one(&path.value, version, options) {
                Ok(one) => ones.push(one),
                Err(why) => refused.push(why),
            }
        }
        (Matcher(ones), refused)
    }

    /// The first of the paths that matches.
    pub fn exec(&self, path: &str) -> Match {
        let mut unknown = None;
        for one in &self.0 {
            match one.exec(path) {
                Match::No => {}
                Match::Unknown(reason) => unknown = Some(reason),
                yes => return yes,
            }
        }
        unknown.map_or(Match::No, Match::Unknown)
    }

    /// Texts one of which every path that matches is, or has before a slash, in whatever case;
    /// `None` where there are none to tell it by.
    pub fn starts(&self) -> Option<Vec<&str>> {
        self.0.iter().map(One::start).collect()
    }
}

impl One {
    fn start(&self) -> Option<&str> {
        match self {
            One::Plain { text, .. } | One::Mounted { text, .. } => Some(text),
            One::Regex { start, .. } if !start.is_empty() => Some(start),
            One::Any | One::All | One::Regex { .. } | One::Unknown(_) => None,
        }
    }

    fn exec(&self, path: &str) -> Match {
        match self {
            One::Any => Match::Yes(0),
            One::All => Match::Yes(path.len()),
            One::Plain {
                text,
                case_sensitive,
                strict,
            } => {
                let path_part = match strict {
                    true => path,
                    false => path.strip_suffix('/').unwrap_or(path),
                };
                match is_same(path_part, text, *case_sensitive) {
                    true => Match::Yes(path.len()),
                    false => Match::No,
                }
            }
            One::Mounted {
                text,
                case_sensitive,
                version,
            } => {
                let (start, rest) = match path.split_at_checked(text.len()) {
                    Some((start, rest)) if is_same(start, text, *case_sensitive) => (start, rest),
                    _ => return Match::No,
                };
                // One slash may belong to it, if a slash or the end follows (Express 4), or only
                // the end (Express 5).
                match (rest.as_bytes(), version) {
                    ([], _) => Match::Yes(start.len()),
                    ([b'/'], _) | ([b'/', b'/', ..], Major::Four) => Match::Yes(start.len() + 1),
                    ([b'/', ..], _) => Match::Yes(start.len()),
                    _ => Match::No,
                }
            }
            // A regular expression of the user's may match anywhere; what is not a prefix is passed
            // over (router, "Validate path is a prefix match").
            One::Regex { pattern, .. } => match pattern.length(path) {
                Ok(Some(length)) => Match::Yes(length),
                Ok(None) => Match::No,
                Err(reason) => Match::Unknown(reason),
            },
            One::Unknown(reason) => Match::Unknown(reason.clone()),
        }
    }
}

fn is_same(one: &str, other: &str, case_sensitive: bool) -> bool {
    match case_sensitive {
        true => one == other,
        false => one.eq_ignore_ascii_case(other),
    }
}

fn one(path: &Path, version: Major, options: Options) -> Result<One, Refused> {
    let text = match path {
        Path::Text(text) => text,
        Path::Regex { pattern, flags } => return Ok(compiled(pattern, flags, "")),
        Path::Unknown(reason) => return Ok(One::Unknown(reason.clone())),
    };
    if text == "/" && !options.end {
        return Ok(One::Any);
    }
    if text.len() > LONGEST {
        return Ok(One::Unknown(Reason::new("the path is too long to be read")));
    }
    if let Some(plain) = plain(text, version, options) {
        return Ok(plain);
    }
    let start = literal_start(text);
    let flags = if options.case_sensitive { "" } else { "i" };
    Ok(match version {
        Major::Four if text == "*" => One::All,
        Major::Four => compiled(&four::pattern(text, options), flags, start),
        Major::Five => {
            let refused = |message| Refused {
                path: text.clone(),
                message,
            };
            let pattern = five::pattern(text, options).map_err(refused)?;
            compiled(&pattern, flags, start)
        }
    })
}

/// A path that needs no regular expression.
fn plain(path: &str, version: Major, options: Options) -> Option<One> {
    if !is_plain(path) {
        return None;
    }
    let without_slash = path.strip_suffix('/').unwrap_or(path).to_owned();
    let case_sensitive = options.case_sensitive;
    match options {
        Options {
            end: true, strict, ..
        } => Some(One::Plain {
            text: if strict {
                path.to_owned()
            } else {
                without_slash
            },
            case_sensitive,
            strict,
        }),
        Options { strict: false, .. } => Some(One::Mounted {
            text: without_slash,
            case_sensitive,
            version,
        }),
        Options { .. } => None,
    }
}

/// What both versions read as nothing but itself.
fn is_literal(char: char) -> bool {
    char.is_ascii_alphanumeric() || "/_-~.".contains(char)
}

/// Whether both versions read a path as nothing but itself.
fn is_plain(path: &str) -> bool {
    path.len() > 1 && path.starts_with('/') && !path.ends_with("//") && path.chars().all(is_literal)
}

/// The segments before the first with a parameter, where nothing behind them can take them back:
/// `/users` of `/users/:id`. Empty where that is not sure.
fn literal_start(path: &str) -> &str {
    let special = path.find(|char| !is_literal(char)).unwrap_or(0);
    let length = path[..special].rfind('/').unwrap_or(0);
    let (start, rest) = path.split_at(length);
    match start.starts_with('/') && keeps_its_slash(rest) {
        true => start,
        false => "",
    }
}

/// Whether what a path goes on with has its first slash in each text that it matches, or is nothing
/// at all in it. In `/.:x` Express 4 moves the slash behind the dot, `?` stands for what it follows,
/// and a bar would be one of the whole path.
fn keeps_its_slash(path: &str) -> bool {
    // What is optional at the end is there with its slash, or not.
    let path = path.strip_suffix('?').unwrap_or(path);
    let mut rest = path;
    while let Some(char) = rest.chars().next() {
        rest = &rest[char.len_utf8()..];
        if char == '(' {
            let Some((group, behind)) = rest.split_once(')') else {
                return false;
            };
            if !is_simple_group(group) {
                return false;
            }
            rest = behind;
        } else if char == '.' || !(is_literal(char) || matches!(char, ':' | '*')) {
            return false;
        }
    }
    path.len() > 1
}

/// Whether the parenthesis that was found is the one that closes a group, and not one that is meant
/// literally.
fn is_simple_group(group: &str) -> bool {
    let classes = group.matches('[').count();
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "_-+?{},|^".contains(char);
    let escaped = group.replace("\\d", "").replace("\\w", "");
    let is_closed = match classes {
        0 => !group.contains(']'),
        1 => group.find('[') < group.find(']') && group.matches(']').count() == 1,
        _ => false,
    };
    is_closed
        && escaped
            .chars()
            .all(|char| is_plain(char) || "[]".contains(char))
}

fn compiled(pattern: &str, flags: &str, start: &str) -> One {
    Pattern::new(pattern, flags).map_or_else(One::Unknown, |pattern| One::Regex {
        pattern,
        start: start.to_owned(),
    })
}

#[cfg(test)]
mod tests;
