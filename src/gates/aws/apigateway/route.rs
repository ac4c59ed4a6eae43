//! Patterns of paths: `/orders/{id}`, `/{proxy+}`.
//!
//! A part that is written out goes before one in braces, and that before one that takes the rest
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>).

use std::cmp::Ordering;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Written(String),
    /// `{id}`: one part.
    Variable(String),
    /// `{proxy+}`: one part or more, and the last.
    Rest(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Part>);

impl Pattern {
    pub fn new(path: &str) -> Pattern {
        let parts = path.trim_matches('/').split('/');
        let parts = parts.filter(|part| !part.is_empty()).map(|part| {
            match part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'))
            {
                Some(name) => match name.strip_suffix('+') {
                    Some(name) => Part::Rest(name.to_owned()),
                    None => Part::Variable(name.to_owned()),
                },
                None => Part::Written(part.to_owned()),
            }
        });
        Pattern(parts.collect())
    }

    /// Whether it takes the rest of a path, whatever that is.
    pub fn is_greedy(&self) -> bool {
        matches!(self.0.last(), Some(Part::Rest(_)))
    }

    pub fn fits(&self, path: &str) -> bool {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut given = path.split('/').filter(|part| !part.is_empty());
        for part in &self.0 {
            let Some(text) = given.next() else {
                return false;
            };
            match part {
                Part::Written(own) if own != text => return false,
                Part::Written(_) | Part::Variable(_) => {}
                Part::Rest(_) => return true,
            }
        }
        given.next().is_none()
    }

    /// As [`Pattern::fits`], where a slash at the end belongs to the path.
    pub fn fits_to_the_end(&self, path: &str) -> bool {
        match path.len() > 1 && path.ends_with('/') {
            // Behind it is nothing that a part could take, and what takes the rest takes that.
            true => self.is_greedy() && self.fits(&format!("{path}x")),
            false => self.fits(path),
        }
    }

    /// What a path that fits has for the parts in braces, by their names.
    pub fn values<'p>(&'p self, path: &'p str) -> Vec<(&'p str, &'p str)> {
        let mut rest = path.trim_start_matches('/');
        let mut values = Vec::new();
        for part in &self.0 {
            let (first, behind) = rest.split_once('/').unwrap_or((rest, ""));
            match part {
                Part::Written(_) => {}
                Part::Variable(name) => values.push((name.as_str(), first)),
                Part::Rest(name) => values.push((name.as_str(), rest)),
            }
            rest = behind;
        }
        values
    }

    /// The more exact one first.
    pub fn order(&self, other: &Pattern) -> Ordering {
        let rank = |part: &Part| match part {
            Part::Written(_) => 0,
            Part::Variable(_) => 1,
            Part::Rest(_) => 2,
        };
        let own = self.0.iter().map(rank);
        own.cmp(other.0.iter().map(rank))
    }

    /// A path that fits.
    pub fn example(&self) -> String {
        self.filled("1", "x")
    }

    /// Another one, where several fit.
    pub fn other_example(&self) -> Option<String> {
        let path = self.filled("2", "y");
        (path != self.example()).then_some(path)
    }

    fn filled(&self, variable: &str, rest: &str) -> String {
        let mut path = String::new();
        for part in &self.0 {
            path.push('/');
            path.push_str(match part {
                Part::Written(text) => text,
                Part::Variable(_) => variable,
                Part::Rest(_) => rest,
            });
        }
        match path.is_empty() {
            true => "/".to_owned(),
            false => path,
        }
    }
}

/// What a path may be read as besides how it is sent: with its escapes decoded, and with an empty
/// part as a part of its own. AWS does not document whether either is so.
pub fn readings(path: &str) -> Vec<String> {
    let mut readings = Vec::new();
    if let Some(decoded) = decoded(path) {
        readings.push(decoded);
    }
    if path.contains("//") {
        readings.push(path.replace("//", "/ /"));
    }
    readings
}

/// `None` for a path without escapes, or whose escapes are no text.
fn decoded(path: &str) -> Option<String> {
    let (first, rest) = path.split_once('%')?;
    let mut bytes = first.as_bytes().to_vec();
    for part in rest.split('%') {
        let digits = part.get(..2).filter(|digits| !digits.starts_with('+'))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok()
}
