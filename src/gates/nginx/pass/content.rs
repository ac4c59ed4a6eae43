//! `try_files` and the content phase: who answers in the end.

use bstr::{BString, ByteSlice};

use super::{Flow, Run};
use crate::gate::{Check, Effect, End, Unsure};
use crate::gates::nginx::directives::{Key, Module, Phase};
use crate::gates::nginx::model::*;
use crate::gates::nginx::uri;
use crate::gates::nginx::value::Value;
use crate::request::{Known, Reason};
use crate::source::Span;

impl<'c> Run<'c> {
    /// ngx_http_try_files_handler. An `if` that was entered has no try_files of its own.
    pub(super) fn try_files(&mut self) -> Flow {
        let config = self.config;
        let Some(setting) = config.level(self.state.level).own(Key::TryFiles).first() else {
            return Flow::Next;
        };
        let span = setting.span;
        let Some((last, files)) = setting.args.split_last() else {
            return Flow::Next;
        };
        if let Some(flow) = self.lost_alias() {
            return flow;
        }
        for file in files {
            if let Some(flow) = self.try_file(span, file) {
                return flow;
            }
        }
        self.fallback(span, last)
    }

    /// Whether one of the files is there. The slash of the written word says that a directory is
    /// wanted; the slash of a variable's value does not.
    fn try_file(&mut self, span: Span, file: &Value) -> Option<Flow> {
        let (wants_directory, file) = match file.raw.strip_suffix(b"/") {
            Some(raw) => (true, file.with_raw(raw.into())),
            None => (false, file.clone()),
        };
        let name = match self.eval(&file) {
            Known::Is(name) => name,
            Known::Unknown(because) => {
                let text = format!("{} exists", file.raw);
                let asked = Unsure::Test { text, because };
                return self
                    .oracle
                    .decide(asked, Some(span), false)
                    .then_some(Flow::Next);
            }
        };
        let on_disk = self.on_disk(&name);
        let is_file = self.is_file(&on_disk, span);
        let found = if wants_directory {
            !is_file && self.is_directory(&on_disk, span)
        } else {
            is_file
        };
        if !found {
            return None;
        }
        self.step(
            span,
            Effect::Admits {
                check: Check::File,
                detail: format!("finds {name}"),
            },
        );
        self.state.path = name;
        Some(Flow::Next)
    }

    fn fallback(&mut self, span: Span, last: &Value) -> Flow {
        if let Some(code) = last.raw.strip_prefix(b"=") {
            let status = code.to_str().ok().and_then(|code| code.parse().ok());
            return match status {
                Some(status) => self.refuse(span, Check::File, status, format!("answers {status}")),
                None => Flow::End(self.unknown(last.unknown(), Some(span))),
            };
        }
        if last.raw.starts_with(b"@") {
            self.step(
                span,
                Effect::Jumps {
                    to: last.raw.clone(),
                    because: "no file is there".into(),
                },
            );
            return Flow::Named {
                name: last.raw.clone(),
            };
        }
        match self.eval(last) {
            Known::Is(target) => {
                let (path, args) = uri::split_args(&target);
                self.step(
                    span,
                    Effect::Jumps {
                        to: path.clone(),
                        because: "no file is there".into(),
                    },
                );
                Flow::Internal { path, args }
            }
            Known::Unknown(reason) => Flow::End(self.unknown(reason, Some(span))),
        }
    }

    /// ngx_http_core_content_phase.
    pub(super) fn content(&mut self) -> Flow {
        if let Some(flow) = self.opaque(Phase::Content) {
            return flow;
        }
        let config = self.config;
        if let Some(handler) = self.state.handler.and_then(|level| self.own_handler(level)) {
            return match handler.key {
                Key::Pass(module) => self.pass_on(module, handler),
                _ => self.built_in(handler),
            };
        }
        if config.fragment && !self.has_own_files() {
            let end = self.unknown(
                Reason::new("the file that includes this fragment may say who answers"),
                None,
            );
            return Flow::End(end);
        }
        if let Some(hole) = config.hole(self.state.level) {
            let reason = Reason::new(format!("who answers may stand there: {}", hole.reason));
            return Flow::End(self.unknown(reason, Some(hole.span)));
        }
        self.static_content()
    }

    fn has_own_files(&self) -> bool {
        [Key::Root, Key::Alias, Key::TryFiles, Key::Autoindex]
            .into_iter()
            .any(|key| self.config.setting(self.state.level, key).is_some())
    }

    /// Remembers the directive of a level that makes the answer. A level without one leaves the
    /// earlier one in charge (ngx_http_update_location_config).
    pub(super) fn take_handler(&mut self, level: LevelId) {
        if self.own_handler(level).is_some() {
            self.state.handler = Some(level);
        }
    }

    /// The directive of a level itself that makes the answer.
    fn own_handler(&self, level: LevelId) -> Option<&'c Setting> {
        let level = self.config.level(level);
        level.own(level.handler?).first()
    }

    /// Whether a level hands over to a program.
    pub(super) fn passes(&self, level: LevelId) -> bool {
        matches!(self.config.level(level).handler, Some(Key::Pass(_)))
    }

    /// Hands over to where the level that governs says. An `if` and a `limit_except` inherit that
    /// from their location; an `if` does not from another `if` that was entered before it.
    fn pass_on(&mut self, module: Module, handler: &'c Setting) -> Flow {
        let config = self.config;
        let level = self.state.level;
        let location = config.location_of(level);
        let setting = [level, location]
            .into_iter()
            .find_map(|level| config.level(level).own(Key::Pass(module)).first());
        match setting {
            Some(setting) => self.forward(module, setting),
            None => {
                let detail = format!("{} of another `if` has no address here", handler.name);
                self.refuse(handler.span, Check::Form, 500, detail)
            }
        }
    }

    fn built_in(&mut self, setting: &Setting) -> Flow {
        if !matches!(self.state.method.as_str(), "GET" | "HEAD") {
            return self.refuse(
                setting.span,
                Check::Method,
                405,
                format!("{} takes GET and HEAD only", setting.name),
            );
        }
        self.step(setting.span, Effect::Answers { status: 200 });
        Flow::Answer {
            status: 200,
            by: setting.span,
        }
    }

    /// Files on disk: index, autoindex, static.
    fn static_content(&mut self) -> Flow {
        let by = self.config.level(self.state.level).span;
        if !matches!(self.state.method.as_str(), "GET" | "HEAD" | "POST") {
            let detail = format!("nginx serves files here and takes no {}", self.state.method);
            return self.refuse(by, Check::Method, 405, detail);
        }
        if let Some(flow) = self.lost_alias() {
            return flow;
        }
        let path = self.state.path.clone();
        if path.ends_with(b"/") {
            return self.directory(by, &path);
        }
        let on_disk = self.on_disk(&path);
        if self.is_file(&on_disk, by) {
            if self.state.method == "POST" {
                return self.refuse(by, Check::Method, 405, "a file takes no POST".into());
            }
            self.step(by, Effect::Answers { status: 200 });
            return Flow::Answer { status: 200, by };
        }
        if self.is_directory(&on_disk, by) {
            self.step(by, Effect::Answers { status: 301 });
            let mut location = uri::escape(&path);
            location.push(b'/');
            if !self.state.args.is_empty() {
                location.push(b'?');
                location.extend_from_slice(&self.state.args);
            }
            return Flow::Finalize {
                status: 301,
                location: Some(Known::Is(location)),
                by,
            };
        }
        self.refuse(by, Check::File, 404, "no such file".into())
    }

    /// ngx_http_index_handler and what follows it on a path that ends with a slash.
    fn directory(&mut self, by: Span, path: &BString) -> Flow {
        let config = self.config;
        let setting = config.setting(self.state.level, Key::Index);
        let default = [Value::builtin("index.html")];
        let names = setting.map_or(&default[..], |setting| &setting.args);
        let folder = self.on_disk(path);
        let mut seen = false;
        for name in names {
            let name = match self.eval(name) {
                Known::Is(name) => name,
                Known::Unknown(reason) => return Flow::End(self.unknown(reason, Some(by))),
            };
            let absolute = name.starts_with(b"/");
            let full = match absolute {
                true => name,
                false if self.is_file(&[folder.as_slice(), &name].concat(), by) => {
                    [path.as_slice(), &name].concat().into()
                }
                false => {
                    // The first name that is missing makes nginx look for the folder itself.
                    if !seen && !self.is_directory(&folder, by) {
                        return self.refuse(by, Check::File, 404, "no such directory".into());
                    }
                    seen = true;
                    continue;
                }
            };
            self.step(
                setting.map_or(by, |setting| setting.span),
                Effect::Jumps {
                    to: full.clone(),
                    because: "it is the index".into(),
                },
            );
            return Flow::Internal {
                path: full,
                args: self.state.args.clone(),
            };
        }
        let listed = matches!(self.state.method.as_str(), "GET" | "HEAD");
        if listed && config.flag(self.state.level, Key::Autoindex, false) {
            self.step(by, Effect::Answers { status: 200 });
            return Flow::Answer { status: 200, by };
        }
        self.refuse(
            by,
            Check::File,
            403,
            "the directory has no index file and autoindex is off".into(),
        )
    }

    /// An alias stands for the location's prefix, which a `rewrite … break` took away.
    fn lost_alias(&mut self) -> Option<Flow> {
        let (_, alias) = self.alias()?;
        (!self.state.valid_location).then(|| {
            let detail = "alias cannot be used where the path was rewritten".into();
            self.refuse(alias.span, Check::Form, 500, detail)
        })
    }

    /// Where a path lies on the server's disk, as far as the configuration says.
    pub(super) fn on_disk(&mut self, path: &BString) -> BString {
        let skip = match self.alias() {
            Some((level, _)) => match &self.config.level(level).kind {
                Kind::Location(
                    Pattern::Prefix(text) | Pattern::PrefixNoRegex(text) | Pattern::Exact(text),
                ) if path.starts_with(text) => text.len(),
                // In a regular expression's location, the alias is the whole path.
                Kind::Location(Pattern::Regex(_)) => path.len(),
                _ => 0,
            },
            None => 0,
        };
        let mut on_disk = self.root();
        on_disk.extend_from_slice(&path[skip..]);
        on_disk
    }

    /// The alias that counts, with its location: nested locations take it over like a root.
    fn alias(&self) -> Option<(LevelId, &'c Setting)> {
        let config = self.config;
        let has_own = |id: &LevelId| {
            let level = config.level(*id);
            !level.own(Key::Alias).is_empty() || !level.own(Key::Root).is_empty()
        };
        let level = config.enclosing(self.state.level).find(has_own)?;
        Some((level, config.level(level).own(Key::Alias).first()?))
    }

    /// The `alias` or `root` that counts, under nginx's prefix where that is known.
    pub(super) fn root(&mut self) -> BString {
        let alias = self.alias().map(|(_, alias)| alias);
        let root = match alias.or(self.config.setting(self.state.level, Key::Root)) {
            Some(setting) => self.text_of(&setting.args[0]),
            None => "html".into(),
        };
        self.under_prefix(root)
    }

    pub(super) fn under_prefix(&self, path: BString) -> BString {
        match &self.config.prefix {
            Some(prefix) if !path.starts_with(b"/") => {
                format!("{}/{path}", prefix.trim_end_matches('/')).into()
            }
            _ => path,
        }
    }

    pub(super) fn text_of(&mut self, value: &Value) -> BString {
        match self.eval(value) {
            Known::Is(text) => text,
            Known::Unknown(_) => value.raw.clone(),
        }
    }

    pub(super) fn is_file(&mut self, path: &[u8], span: Span) -> bool {
        let asked = Unsure::IsFile(path.as_bstr().to_string());
        !path.ends_with(b"/") && self.oracle.decide(asked, Some(span), true)
    }

    pub(super) fn is_directory(&mut self, path: &[u8], span: Span) -> bool {
        let path = path.as_bstr().to_string();
        let asked = Unsure::IsDirectory(path.trim_end_matches('/').to_owned());
        self.oracle.decide(asked, Some(span), false)
    }

    /// The end of a request that nginx answers itself.
    pub(super) fn answered(
        &mut self,
        status: u16,
        location: Option<Known<BString>>,
        by: Span,
    ) -> End {
        let status = self.state.error_status.unwrap_or(status);
        let headers = self.response_headers(status, location);
        End::Answered {
            status: Known::Is(status),
            headers,
            by,
        }
    }
}
