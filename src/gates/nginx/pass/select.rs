//! Which location of a server takes a request.

use bstr::{BString, ByteSlice};

use super::{Flow, Run};
use crate::gate::{Check, Effect};
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::matcher::Match;
use crate::gates::nginx::model::*;
use crate::gates::nginx::uri;
use crate::request::{Known, Reason};
use crate::source::Span;

enum Located {
    /// Nothing at this level matched.
    Nothing,
    /// A prefix matched; regular expressions may still take over.
    Prefix,
    /// The search is over.
    Final,
    /// The path lacks the slash at the end of a proxied location's.
    MissingSlash(LevelId),
    Unknown(Reason, Span),
}

impl<'c> Run<'c> {
    /// The location phase, with what ngx_http_core_find_config_phase checks after it.
    pub(super) fn find_location(&mut self) -> Flow {
        let config = self.config;
        let server = self.server_level();
        self.state.level = server;
        let located = self.search(server);
        if let Located::Unknown(reason, span) = located {
            return Flow::End(self.unknown(reason, Some(span)));
        }
        let slash = match located {
            Located::MissingSlash(level) => {
                self.state.level = level;
                true
            }
            _ => false,
        };
        let level = self.state.level;
        self.state.handler = None;
        self.take_handler(level);
        if level != server {
            self.step(
                config.level(level).span,
                Effect::Enters {
                    door: level.0,
                    name: config.level(level).name.clone(),
                },
            );
        }
        if !self.state.internal
            && let Some(setting) = self.internal_setting(level)
        {
            return self.refuse(
                setting,
                Check::Internal,
                404,
                "only internal redirects may enter it".into(),
            );
        }
        self.limit_methods(level);
        if let Some(flow) = self.body_size() {
            return flow;
        }
        if slash {
            return self.add_slash(level);
        }
        Flow::Next
    }

    /// Enters the `limit_except` block of a location, if the method falls under it.
    pub(super) fn limit_methods(&mut self, level: LevelId) {
        let config = self.config;
        if let Some(limit) = &config.level(level).limit_except
            && limits(limit, &self.state.method)
        {
            self.state.level = limit.level;
            // A file that nginx makes itself is not taken over, an upstream is.
            let handler = self.state.handler.take();
            self.state.handler = handler.filter(|level| self.passes(*level));
            self.take_handler(limit.level);
            self.step(
                config.level(limit.level).span,
                Effect::Enters {
                    door: limit.level.0,
                    name: format!("limit_except for {}", self.state.method).into(),
                },
            );
        }
    }

    /// `internal` holds for nested locations too.
    fn internal_setting(&self, level: LevelId) -> Option<Span> {
        self.config
            .setting(level, Key::Internal)
            .map(|setting| setting.span)
    }

    fn body_size(&mut self) -> Option<Flow> {
        if self.state.body_discarded {
            return None;
        }
        let length = match self.header_values(b"Content-Length").next() {
            Some(Known::Is(text)) => text.to_str().ok()?.parse::<u64>().ok()?,
            _ => return None,
        };
        let setting = self
            .config
            .setting(self.state.level, Key::ClientMaxBodySize);
        let limit = match setting {
            Some(setting) => size(&setting.args[0].raw)?,
            None => 1 << 20,
        };
        if limit == 0 || length <= limit {
            return None;
        }
        let by = setting.map_or(self.config.level(self.state.level).span, |s| s.span);
        Some(self.refuse(
            by,
            Check::Size,
            413,
            format!("a body of {length} bytes is over the limit of {limit}"),
        ))
    }

    fn add_slash(&mut self, level: LevelId) -> Flow {
        let by = self.config.level(level).span;
        let mut location = uri::escape(self.config.level(level).pattern().unwrap_or_default());
        if !self.state.args.is_empty() {
            location.push(b'?');
            location.extend_from_slice(&self.state.args);
        }
        self.step(by, Effect::Answers { status: 301 });
        Flow::Finalize {
            status: 301,
            location: Some(Known::Is(location)),
            by,
        }
    }

    /// ngx_http_core_find_location: prefixes first, the nested ones of the match, then the
    /// regular expressions of this level, unless the prefix forbids them.
    fn search(&mut self, outer: LevelId) -> Located {
        let config = self.config;
        let locations = &config.level(outer).locations;
        let mut found = self.search_static(locations);
        let mut no_regex = false;
        if let Located::Prefix = found {
            let level = self.state.level;
            no_regex = matches!(
                config.level(level).kind,
                Kind::Location(Pattern::PrefixNoRegex(_))
            );
            found = match self.search(level) {
                // The prefix itself stays the match.
                Located::Nothing => Located::Prefix,
                nested => nested,
            };
        }
        match found {
            Located::Nothing | Located::Prefix if !no_regex => {}
            found => return found,
        }
        for &level in &locations.regex {
            let Kind::Location(Pattern::Regex(regex)) = &config.level(level).kind else {
                continue;
            };
            match regex.exec(&self.state.path) {
                Match::Yes(captures) => {
                    self.capture(captures);
                    self.state.level = level;
                    return match self.search(level) {
                        unknown @ Located::Unknown(..) => unknown,
                        slash @ Located::MissingSlash(_) => slash,
                        _ => Located::Final,
                    };
                }
                Match::No => {}
                Match::Unknown(reason) => {
                    return Located::Unknown(reason, config.level(level).span);
                }
            }
        }
        found
    }

    /// ngx_http_core_find_static_location.
    fn search_static(&mut self, locations: &Locations) -> Located {
        let path = self.state.path.clone();
        if let Some(level) = locations.exact.get(&path) {
            self.state.level = *level;
            return Located::Final;
        }
        if !locations.prefix.contains_key(&path)
            && let Some(level) = self.without_slash(locations, &path)
        {
            return Located::MissingSlash(level);
        }
        match longest_prefix(locations, &path) {
            Some(level) => {
                self.state.level = level;
                Located::Prefix
            }
            None => Located::Nothing,
        }
    }

    /// A location that hands over to a program and is the path with a slash added.
    fn without_slash(&self, locations: &Locations, path: &BString) -> Option<LevelId> {
        let mut slashed = path.clone();
        slashed.push(b'/');
        // Where both `= /x/` and `/x/` stand, the exact one redirects if either of them proxies.
        let exact = locations.exact.get(&slashed).copied();
        let prefix = locations.prefix.get(&slashed).copied();
        let proxies = |level: &LevelId| self.passes(*level);
        [exact, prefix]
            .into_iter()
            .flatten()
            .any(|level| proxies(&level))
            .then(|| exact.or(prefix))
            .flatten()
    }
}

/// The longest prefix location of a path: the greatest key that is not above the path is it, or
/// shares with the path all that the answer can have.
fn longest_prefix(locations: &Locations, path: &BString) -> Option<LevelId> {
    let mut bound = path.clone();
    loop {
        let (text, level) = locations.prefix.range(..=bound.clone()).next_back()?;
        if path.starts_with(text) {
            return Some(*level);
        }
        let shared = text
            .iter()
            .zip(path.iter())
            .take_while(|(a, b)| a == b)
            .count();
        bound.truncate(shared);
    }
}

/// Whether a `limit_except` block applies: to all methods that it does not name. GET stands
/// for HEAD too.
fn limits(limit: &LimitExcept, method: &str) -> bool {
    let named = |name: &str| limit.methods.iter().any(|one| *one == name);
    !(named(method) || (method == "HEAD" && named("GET")))
}

/// `10m`, `1G`, `512`: bytes.
fn size(text: &[u8]) -> Option<u64> {
    let text = text.to_str().ok()?;
    let (digits, factor) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], 1 << 10),
        b'm' | b'M' => (&text[..text.len() - 1], 1 << 20),
        b'g' | b'G' => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}
