//! Patterns of paths: `/orders/{id}`, `/{proxy+}`.
//!
//! A part that is written out goes before one in braces, and that before one that takes the rest
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>).

use std::cmp::Ordering;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Written(String),
    /// `{id}`: one part.
    Variable,
    /// `{proxy+}`: one part or more, and the last.
    Rest,
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
                Some(name) if name.ends_with('+') => Part::Rest,
                Some(_) => Part::Variable,
                None => Part::Written(part.to_owned()),
            }
        });
        Pattern(parts.collect())
    }

    /// Whether it takes the rest of a path, whatever that is.
    pub fn is_greedy(&self) -> bool {
        self.0.last() == Some(&Part::Rest)
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
                Part::Written(_) | Part::Variable => {}
                Part::Rest => return true,
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

    /// The more exact one first.
    pub fn order(&self, other: &Pattern) -> Ordering {
        let rank = |part: &Part| match part {
            Part::Written(_) => 0,
            Part::Variable => 1,
            Part::Rest => 2,
        };
        let own = self.0.iter().map(rank);
        own.cmp(other.0.iter().map(rank))
    }

    /// A path that fits.
    pub fn example(&self) -> String {
        let mut path = String::new();
        for part in &self.0 {
            path.push('/');
            path.push_str(match part {
                Part::Written(text) => text,
                Part::Variable => "1",
                Part::Rest => "x",
            });
        }
        match path.is_empty() {
            true => "/".to_owned(),
            false => path,
        }
    }
}
