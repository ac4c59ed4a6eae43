//! Errors and the jumps that they make: `error_page`, internal redirects, named locations.

use bstr::{BString, ByteSlice};

use super::{Flow, Run, Stage};
use crate::gate::{Effect, End};
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::Setting;
use crate::gates::nginx::uri;
use crate::gates::nginx::value::Value;
use crate::request::Known;
use crate::source::Span;

/// One `error_page` line, taken apart.
struct ErrorPage<'c> {
    target: &'c Value,
    /// `=200`: the status to answer with; `Some(None)` for a bare `=`.
    overwrite: Option<Option<u16>>,
}

impl<'c> Run<'c> {
    /// ngx_http_special_response_handler: an error page, if there is one, or nginx's own.
    pub(super) fn finalize(
        &mut self,
        status: u16,
        location: Option<Known<BString>>,
        by: Span,
    ) -> Flow {
        self.state.error_status = Some(status);
        // A body that was too large is read and thrown away.
        self.state.body_discarded |= status == 413;
        let config = self.config;
        let pages = config.settings(self.state.level, Key::ErrorPage);
        if !self.state.error_page && !pages.is_empty() && self.state.uri_changes > 0 {
            if !config.flag(self.state.level, Key::RecursiveErrorPages, false) {
                self.state.error_page = true;
            }
            let page = pages
                .iter()
                .find_map(|setting| Some((setting, error_page(setting, status)?)));
            if let Some((setting, page)) = page {
                return self.send_error_page(setting, page, status);
            }
        }
        Flow::End(self.answered(status, location, by))
    }

    fn send_error_page(&mut self, setting: &Setting, page: ErrorPage<'c>, status: u16) -> Flow {
        if let Some(overwrite) = page.overwrite {
            self.state.error_status = overwrite;
        }
        let target = match self.eval(page.target) {
            Known::Is(target) => target,
            Known::Unknown(reason) => {
                return Flow::End(self.unknown(reason, Some(setting.span)));
            }
        };
        let (path, args) = if page.target.has_variables() || target.contains(&b'?') {
            uri::split_args(&target)
        } else {
            (target.clone(), BString::default())
        };
        match target.first() {
            Some(b'/') => {
                self.jump(setting.span, &path, status);
                if self.state.method != "HEAD" {
                    self.state.method = "GET".into();
                }
                Flow::Internal { path, args }
            }
            Some(b'@') => {
                self.jump(setting.span, &target, status);
                Flow::Named { name: target }
            }
            _ => {
                let asked = page.overwrite.flatten();
                let redirect = asked
                    .filter(|status| matches!(status, 301 | 302 | 303 | 307 | 308))
                    .unwrap_or(302);
                self.state.error_status = Some(redirect);
                self.step(setting.span, Effect::Answers { status: redirect });
                Flow::End(self.answered(redirect, Some(Known::Is(target)), setting.span))
            }
        }
    }

    fn jump(&mut self, span: Span, to: &BString, status: u16) {
        self.step(
            span,
            Effect::Jumps {
                to: to.clone(),
                because: format!("it is the page of error {status}"),
            },
        );
    }

    /// ngx_http_internal_redirect: all phases again, from the server's rewrites.
    pub(super) fn internal_redirect(&mut self, path: BString, args: BString) -> Result<Stage, End> {
        if !self.spend_uri_change() {
            return Err(self.cycle());
        }
        self.state.path = path;
        self.state.args = args;
        self.state.internal = true;
        self.state.valid_unparsed = false;
        self.state.valid_location = true;
        Ok(Stage::ServerRewrite)
    }

    /// ngx_http_named_location: the location's own phases, from its rewrites.
    pub(super) fn named_location(&mut self, name: &BString) -> Result<Stage, End> {
        if !self.spend_uri_change() {
            return Err(self.cycle());
        }
        let config = self.config;
        let server = self.server_level();
        // The request line could not be read: there is nothing to look up.
        if self.state.path.is_empty() {
            self.state.error_status = None;
            let by = config.level(server).span;
            return Err(self.answered(500, None, by));
        }
        let Some(level) = config.level(server).locations.named.get(name).copied() else {
            let by = config.level(self.state.level).span;
            self.state.error_status = None;
            return Err(self.answered(500, None, by));
        };
        self.state.internal = true;
        self.state.level = level;
        self.state.handler = None;
        self.take_handler(level);
        self.step(
            config.level(level).span,
            Effect::Enters {
                door: level.0,
                name: config.level(level).name.clone(),
            },
        );
        self.limit_methods(level);
        Ok(Stage::LocationRewrite)
    }
}

/// What an `error_page` line says of a status, if it names it.
fn error_page(setting: &Setting, status: u16) -> Option<ErrorPage<'_>> {
    let (target, codes) = setting.args.split_last()?;
    let (overwrite, codes) = match codes.split_last() {
        Some((last, rest)) if last.raw.starts_with(b"=") => {
            let digits = last.raw[1..].to_str().ok()?;
            (Some(digits.parse().ok()), rest)
        }
        _ => (None, codes),
    };
    codes
        .iter()
        .any(|code| code.raw == status.to_string())
        .then_some(ErrorPage { target, overwrite })
}
