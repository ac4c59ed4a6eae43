//! The headers that nginx puts on an answer.

use bstr::{BString, ByteSlice};

use super::Run;
use crate::config::Version;
use crate::gate::{ResponseHeader, Unsure};
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::{Config, LevelId, Setting};
use crate::gates::nginx::value::Value;
use crate::request::{Known, Reason};
use crate::source::Span;

/// The answers on which a header without `always` goes out (ngx_http_headers_filter).
pub fn is_plain_success(status: u16) -> bool {
    matches!(
        status,
        200 | 201 | 204 | 206 | 301 | 302 | 303 | 304 | 307 | 308
    )
}

impl<'c> Run<'c> {
    /// All headers of an answer with this status.
    pub(super) fn response_headers(
        &mut self,
        status: u16,
        location: Option<Known<BString>>,
    ) -> Vec<ResponseHeader> {
        let mut headers = Vec::new();
        if let Some(location) = location {
            let location = match location {
                Known::Is(url) => self.absolute(url),
                unknown => unknown,
            };
            headers.push(own("Location", location));
        }
        headers.extend(self.challenges());
        self.more_headers(Some(status), &mut headers, &mut Vec::new());
        let added = self.added_headers();
        headers.extend(
            added
                .into_iter()
                .filter(|header| header.always || is_plain_success(status)),
        );
        headers
    }

    /// The WWW-Authenticate headers; they stay on the answer whatever its status becomes.
    pub(super) fn challenges(&self) -> Vec<ResponseHeader> {
        let challenges = self.state.challenges.iter().cloned();
        challenges
            .map(|challenge| own("WWW-Authenticate", challenge))
            .collect()
    }

    /// The `add_header` lines that count at the level that governs.
    pub(super) fn added_headers(&mut self) -> Vec<ResponseHeader> {
        if self.state.depth > 0 {
            return Vec::new();
        }
        let mut headers = Vec::new();
        for setting in add_header_settings(self.config, self.state.level) {
            let value = self.eval(&setting.args[1]);
            if value.known().is_some_and(|text| text.is_empty()) {
                continue;
            }
            headers.push(ResponseHeader {
                name: setting.args[0].raw.clone(),
                value,
                always: setting.args.get(2).is_some(),
                span: Some(setting.span),
            });
        }
        headers
    }

    /// headers-more: its directives replace a header, of nginx's own answer or the upstream's.
    /// The ones of an outer level run before those of an inner one. What they take away is put
    /// into `removed`.
    pub(super) fn more_headers(
        &mut self,
        status: Option<u16>,
        headers: &mut Vec<ResponseHeader>,
        removed: &mut Vec<(BString, Span)>,
    ) {
        let config = self.config;
        let mut levels: Vec<LevelId> = config.enclosing(self.state.level).collect();
        levels.reverse();
        for level in levels {
            for setting in config.level(level).own(Key::MoreHeaders) {
                let Some(lines) = self.more_lines(setting, status) else {
                    continue;
                };
                for line in lines {
                    self.more_header(setting, line, headers, removed);
                }
            }
        }
    }

    fn more_header(
        &mut self,
        setting: &Setting,
        line: &Value,
        headers: &mut Vec<ResponseHeader>,
        removed: &mut Vec<(BString, Span)>,
    ) {
        let clears = setting.name == "more_clear_headers";
        let (name, text) = match line.raw.find_byte(b':') {
            Some(at) => (line.raw[..at].trim(), line.raw[at + 1..].trim()),
            None => (line.raw.trim(), &b""[..]),
        };
        let name: BString = name.into();
        let starred = name
            .strip_suffix(b"*")
            .map(|stem| stem.to_ascii_lowercase());
        headers.retain(|header| match &starred {
            Some(stem) if clears => !header.name.to_ascii_lowercase().starts_with(stem),
            _ => !header.name.eq_ignore_ascii_case(&name),
        });
        removed.push((name.clone(), setting.span));
        if clears {
            return;
        }
        let value = self.eval(&line.with_raw(text.into()));
        if value.known().is_some_and(|text| text.is_empty()) {
            return;
        }
        headers.push(ResponseHeader {
            name,
            value,
            always: true,
            span: Some(setting.span),
        });
    }

    /// The header lines of a headers-more directive, if it applies to this status. What an
    /// upstream will answer is asked of the oracle.
    fn more_lines<'s>(
        &mut self,
        setting: &'s Setting,
        status: Option<u16>,
    ) -> Option<Vec<&'s Value>> {
        let mut lines = Vec::new();
        let mut args = setting.args.iter();
        let mut applies = true;
        while let Some(arg) = args.next() {
            match arg.raw.as_slice() {
                b"-s" => {
                    let codes = args.next()?;
                    applies &= self.is_among(setting, &codes.raw, status);
                }
                // Restricted to a content type, which we do not know.
                b"-t" => {
                    args.next()?;
                    applies = false;
                }
                b"-a" | b"-r" => {}
                _ => lines.push(arg),
            }
        }
        applies.then_some(lines)
    }

    fn is_among(&mut self, setting: &Setting, codes: &[u8], status: Option<u16>) -> bool {
        let mut codes = codes
            .fields()
            .filter_map(|code| code.to_str().ok()?.parse::<u16>().ok());
        match status {
            Some(status) => codes.any(|code| code == status),
            None => codes.any(|status| {
                let to = self.upstream.clone();
                let answers = Unsure::UpstreamAnswers { to, status };
                self.oracle.decide(answers, Some(setting.span), false)
            }),
        }
    }

    /// A redirect to a path gets the host that the client asked for, or where that could not be
    /// read, the server's address (ngx_http_header_filter, `absolute_redirect`).
    fn absolute(&mut self, url: BString) -> Known<BString> {
        let config = self.config;
        let level = self.state.level;
        if !url.starts_with(b"/") || !config.flag(level, Key::AbsoluteRedirect, true) {
            return Known::Is(url);
        }
        let scheme = if self.state.tls { "https" } else { "http" };
        let mut host = self.state.host.clone();
        if config.flag(level, Key::ServerNameInRedirect, false) {
            host = self.server_name();
        } else if host.is_empty() {
            host = match self.variable("server_addr".into()) {
                Known::Is(address) => address,
                unknown => return unknown,
            };
        }
        let default_port = if self.state.tls { 443 } else { 80 };
        let port = self.state.port;
        let port = if port == default_port || !config.flag(level, Key::PortInRedirect, true) {
            String::new()
        } else {
            format!(":{port}")
        };
        Known::Is(
            [format!("{scheme}://{host}{port}").as_bytes(), &url]
                .concat()
                .into(),
        )
    }
}

/// The `add_header` lines that count at a level. Since 1.29.3 `add_header_inherit` can add those
/// of the outer levels to a level's own (`merge`), or cut them off (`off`).
pub fn add_header_settings(config: &Config, level: LevelId) -> Vec<&Setting> {
    const INHERIT_SINCE: Version = Version::new(1, 29, 3);
    let mut found: Vec<&Setting> = Vec::new();
    for at in config.enclosing(level) {
        let own = config.level(at).own(Key::AddHeader);
        let mode = (config.version >= INHERIT_SINCE)
            .then(|| config.setting(at, Key::AddHeaderInherit))
            .flatten()
            .map_or("on", |setting| match setting.args[0].raw.as_slice() {
                b"merge" => "merge",
                b"off" => "off",
                _ => "on",
            });
        found.splice(0..0, own.iter());
        match mode {
            "merge" => {}
            "off" => break,
            _ if own.is_empty() => {}
            _ => break,
        }
    }
    found
}

fn own(name: &str, value: Known<BString>) -> ResponseHeader {
    ResponseHeader {
        name: name.into(),
        value,
        always: true,
        span: None,
    }
}

/// The value of a header that only the running server knows.
pub(super) fn from_upstream(name: &str) -> Known<BString> {
    Known::Unknown(Reason::new(format!("the upstream's answer gives ${name}")))
}
