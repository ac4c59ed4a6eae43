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
    Regex(Pattern),
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
}

impl One {
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
                let same = match case_sensitive {
                    true => path_part == text,
                    false => path_part.eq_ignore_ascii_case(text),
                };
                match same {
                    true => Match::Yes(path.len()),
                    false => Match::No,
                }
            }
            // A regular expression of the user's may match anywhere; what is not a prefix is passed
            // over (router, "Validate path is a prefix match").
            One::Regex(pattern) => match pattern.length(path) {
                Ok(Some(length)) => Match::Yes(length),
                Ok(None) => Match::No,
                Err(reason) => Match::Unknown(reason),
            },
            One::Unknown(reason) => Match::Unknown(reason.clone()),
        }
    }
}

fn one(path: &Path, version: Major, options: Options) -> Result<One, Refused> {
    let text = match path {
        Path::Text(text) => text,
        Path::Regex { pattern, flags } => return Ok(compiled(pattern, flags)),
        Path::Unknown(reason) => return Ok(One::Unknown(reason.clone())),
    };
    if text == "/" && !options.end {
        return Ok(One::Any);
    }
    if text.len() > LONGEST {
        return Ok(One::Unknown(Reason::new("the path is too long to be read")));
    }
    if options.end && is_plain(text) {
        let text = match options.strict {
            true => text,
            false => text.strip_suffix('/').unwrap_or(text),
        };
        return Ok(One::Plain {
            text: text.to_owned(),
            case_sensitive: options.case_sensitive,
            strict: options.strict,
        });
    }
    let flags = if options.case_sensitive { "" } else { "i" };
    Ok(match version {
        Major::Four if text == "*" => One::All,
        Major::Four => compiled(&four::pattern(text, options), flags),
        Major::Five => {
            let refused = |message| Refused {
                path: text.clone(),
                message,
            };
            let pattern = five::pattern(text, options).map_err(refused)?;
            compiled(&pattern, flags)
        }
    })
}

/// Whether both versions read a path as nothing but itself.
fn is_plain(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-~".contains(&byte);
    path.len() > 1 && path.starts_with('/') && !path.ends_with("//") && path.bytes().all(plain)
}

fn compiled(pattern: &str, flags: &str) -> One {
    Pattern::new(pattern, flags).map_or_else(One::Unknown, One::Regex)
}
