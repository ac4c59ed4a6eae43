//! The rewrite phase: the codes of a server or a location, in order.

use bstr::{BString, ByteSlice};

use super::variables::{LONGEST_VALUE, too_long};
use super::{Flow, Run};
use crate::gate::{Check, Effect, Unsure};
use crate::gates::nginx::directives::Phase;
use crate::gates::nginx::matcher::{Match, Regex};
use crate::gates::nginx::model::*;
use crate::gates::nginx::uri;
use crate::gates::nginx::value::{Part, Value};
use crate::request::{Known, Reason};
use crate::source::Span;

impl<'c> Run<'c> {
    /// Runs the codes of the level that governs. `Rematch` means that the path was rewritten.
    pub(super) fn rewrite_phase(&mut self) -> Flow {
        let config = self.config;
        let mut changed = false;
        let level = self.state.level;
        match self.codes(&config.level(level).codes, &mut changed) {
            Flow::Next if changed => Flow::Rematch,
            Flow::Next => match self.opaque(Phase::Rewrite) {
                Some(flow) if level != self.server_level() => flow,
                _ => Flow::Next,
            },
            flow => flow,
        }
    }

    /// `Answer`, `Finalize` and `End` leave the phase; `Rematch` from here means "stop the codes".
    fn codes(&mut self, codes: &'c [Code], changed: &mut bool) -> Flow {
        match self.codes_inner(codes, changed) {
            Flow::Rematch => Flow::Next,
            flow => flow,
        }
    }

    fn codes_inner(&mut self, codes: &'c [Code], changed: &mut bool) -> Flow {
        for code in codes {
            let flow = match &code.op {
                Op::Set { variable, value } => self.set(code.span, variable, value),
                Op::If { test, level, codes } => self.if_(code.span, test, *level, codes, changed),
                Op::Return { status, text } => self.return_(code.span, *status, text.as_ref()),
                Op::ReturnUnknown => Flow::End(self.unknown(
                    Reason::new("the status is filled in by a template"),
                    Some(code.span),
                )),
                Op::Rewrite {
                    regex,
                    replacement,
                    flag,
                } => self.rewrite(code.span, regex, replacement, *flag, changed),
                Op::Break => {
                    if *changed {
                        self.state.valid_location = false;
                        *changed = false;
                    }
                    Flow::Rematch
                }
                Op::Opaque { name } => Flow::End(self.unknown(
                    Reason::new(format!("{name} decides, and it is not modelled")),
                    Some(code.span),
                )),
                Op::Missing(reason) => {
                    self.oracle.assume(reason, code.span);
                    Flow::Next
                }
            };
            match flow {
                Flow::Next => {}
                flow => return flow,
            }
        }
        Flow::Next
    }

    fn set(&mut self, span: Span, variable: &BString, value: &Value) -> Flow {
        let value = self.eval(value);
        self.step(
            span,
            Effect::Sets {
                variable: variable.to_string(),
                value: value.clone(),
            },
        );
        self.assign(variable, value);
        Flow::Next
    }

    fn if_(
        &mut self,
        span: Span,
        test: &'c Test,
        level: LevelId,
        codes: &'c [Code],
        changed: &mut bool,
    ) -> Flow {
        if !self.test(span, test) {
            return Flow::Next;
        }
        let config = self.config;
        self.step(
            span,
            Effect::Enters {
                door: level.0,
                name: config.level(level).name.clone(),
            },
        );
        // In a server, an `if` makes no level of its own for what follows.
        if self.state.level != self.server_level() {
            self.state.level = level;
            self.take_handler(level);
        }
        self.codes_inner(codes, changed)
    }

    fn test(&mut self, span: Span, test: &Test) -> bool {
        let (known, text) = match test {
            Test::True(value) => {
                let found = self.eval(value);
                (
                    found.map(|text| !text.is_empty() && text != "0"),
                    value.raw.to_string(),
                )
            }
            Test::Equal {
                left,
                right,
                negated,
            } => {
                let text = format!("{} = {}", left.raw, right.raw);
                let equal = match (self.eval(left), self.eval(right)) {
                    (Known::Is(left), Known::Is(right)) => Known::Is((left == right) != *negated),
                    (Known::Unknown(reason), _) | (_, Known::Unknown(reason)) => {
                        Known::Unknown(reason)
                    }
                };
                return self.known_or_asked(equal, *negated, text, span);
            }
            Test::Matches {
                left,
                regex,
                negated,
            } => {
                let text = format!("{} ~ {}", left.raw, regex.pattern);
                let matched = match self.eval(left) {
                    Known::Is(subject) => self.matches(regex, &subject),
                    Known::Unknown(reason) => Known::Unknown(reason),
                };
                let holds = matched.map(|matched| matched != *negated);
                return self.known_or_asked(holds, *negated, text, span);
            }
            Test::File {
                path,
                negated,
                kind,
            } => return self.file_test(span, path, *kind) != *negated,
            Test::Invalid => (
                Known::Unknown(Reason::new("nginx refuses this condition")),
                "the condition".into(),
            ),
        };
        self.known_or_asked(known, false, text, span)
    }

    /// The answer, or what the oracle says to the condition in its positive form.
    fn known_or_asked(
        &mut self,
        known: Known<bool>,
        negated: bool,
        text: String,
        span: Span,
    ) -> bool {
        match known {
            Known::Is(holds) => holds,
            Known::Unknown(because) => {
                let asked = Unsure::Test { text, because };
                self.oracle.decide(asked, Some(span), false) != negated
            }
        }
    }

    fn file_test(&mut self, span: Span, path: &Value, kind: FileKind) -> bool {
        let path = match self.eval(path) {
            Known::Is(path) => path,
            Known::Unknown(because) => {
                let text = format!("that {} exists", path.raw);
                return self
                    .oracle
                    .decide(Unsure::Test { text, because }, Some(span), false);
            }
        };
        match kind {
            FileKind::File => self.is_file(&path, span),
            FileKind::Directory => !self.is_file(&path, span) && self.is_directory(&path, span),
            FileKind::Exists | FileKind::Executable => {
                self.is_file(&path, span) || self.is_directory(&path, span)
            }
        }
    }

    /// Runs a regular expression as `rewrite` and `if` do: a failure forgets `$1`.
    fn matches(&mut self, regex: &Regex, subject: &[u8]) -> Known<bool> {
        match regex.exec(subject) {
            Match::Yes(captures) => {
                self.capture(captures);
                Known::Is(true)
            }
            Match::No => {
                self.state.captures.groups.clear();
                Known::Is(false)
            }
            Match::Unknown(reason) => Known::Unknown(reason),
        }
    }

    fn return_(&mut self, span: Span, status: u16, text: Option<&Value>) -> Flow {
        self.step(span, Effect::Answers { status });
        if status == 444 {
            return Flow::End(crate::gate::End::Dropped { by: Some(span) });
        }
        let redirect = matches!(status, 301 | 302 | 303 | 307 | 308);
        match text {
            url if redirect => {
                // Without a URL, the Location header goes out empty.
                let location = url.map_or(Known::Is(BString::default()), |url| self.eval(url));
                Flow::Finalize {
                    status,
                    location: Some(location),
                    by: span,
                }
            }
            None if status >= 400 => {
                self.steps.pop();
                self.refuse(span, Check::Condition, status, format!("answers {status}"))
            }
            _ => Flow::Answer { status, by: span },
        }
    }

    fn rewrite(
        &mut self,
        span: Span,
        regex: &Regex,
        replacement: &Value,
        flag: Flag,
        changed: &mut bool,
    ) -> Flow {
        let path = self.state.path.clone();
        match self.matches(regex, &path) {
            Known::Is(true) => {}
            Known::Is(false) => return Flow::Next,
            Known::Unknown(because) => {
                let text = format!("the path matches {}", regex.pattern);
                if !self.oracle.decide(
                    Unsure::Test {
                        text,
                        because: because.clone(),
                    },
                    Some(span),
                    false,
                ) {
                    return Flow::Next;
                }
                return Flow::End(self.unknown(because, Some(span)));
            }
        }
        let redirect = matches!(flag, Flag::Redirect | Flag::Permanent);
        let (keep_args, replacement) = match replacement.raw.strip_suffix(b"?") {
            Some(raw) => (false, replacement.with_raw(raw.into())),
            None => (true, replacement.clone()),
        };
        let (target, args) = match self.expand(&replacement, redirect) {
            Known::Is(expanded) => expanded,
            Known::Unknown(reason) => return Flow::End(self.unknown(reason, Some(span))),
        };
        if redirect {
            let status = if flag == Flag::Permanent { 301 } else { 302 };
            return self.rewrite_redirect(span, status, target, args, keep_args);
        }
        self.rewrite_path(span, target, args, keep_args);
        if self.state.args.len() > LONGEST_VALUE {
            return Flow::End(self.unknown(too_long(), Some(span)));
        }
        if self.state.path.is_empty() {
            return self.refuse(span, Check::Form, 500, "rewrites to an empty path".into());
        }
        match flag {
            Flag::Last => {
                *changed = true;
                Flow::Rematch
            }
            Flag::Break => {
                self.state.valid_location = false;
                *changed = false;
                Flow::Rematch
            }
            _ => {
                *changed = true;
                Flow::Next
            }
        }
    }

    fn rewrite_redirect(
        &mut self,
        span: Span,
        status: u16,
        mut target: BString,
        args: Option<BString>,
        keep_args: bool,
    ) -> Flow {
        if let Some(args) = &args {
            target.push(b'?');
            target.extend_from_slice(args);
        }
        if keep_args && !self.state.args.is_empty() {
            target.push(if args.is_some() { b'&' } else { b'?' });
            target.extend_from_slice(&self.state.args);
        }
        self.step(span, Effect::Answers { status });
        Flow::Finalize {
            status,
            location: Some(Known::Is(target)),
            by: span,
        }
    }

    fn rewrite_path(&mut self, span: Span, path: BString, args: Option<BString>, keep_args: bool) {
        if let Some(mut args) = args {
            if keep_args && !self.state.args.is_empty() {
                args.push(b'&');
                args.extend_from_slice(&self.state.args);
            }
            self.state.args = args;
        } else if !keep_args {
            self.state.args.clear();
        }
        self.state.path = path;
        self.state.internal = true;
        self.state.valid_unparsed = false;
        self.step(
            span,
            Effect::Rewrites {
                to: self.state.path.clone(),
            },
        );
    }

    /// The path and the arguments of a replacement. They part at a `?` that is written in it, not
    /// at one that was captured; captures behind it are escaped, if the client's path was
    /// (ngx_http_script_copy_capture_code).
    fn expand(&mut self, value: &Value, redirect: bool) -> Known<(BString, Option<BString>)> {
        let escapes = self.state.quoted || self.request.path().contains(&b'+');
        let literal = [Part::Literal(value.raw.clone())];
        if value.template {
            return Known::Unknown(value.unknown());
        }
        let mut path = BString::default();
        let mut args: Option<BString> = None;
        for part in value.parts().unwrap_or(&literal) {
            let text = match part {
                Part::Literal(text) => match (text.find_byte(b'?'), &args) {
                    (Some(at), None) => {
                        path.extend_from_slice(&text[..at]);
                        args = Some(text[at + 1..].into());
                        continue;
                    }
                    _ => text.clone(),
                },
                Part::Capture(number) => match (self.group(*number), &args) {
                    (text, Some(_)) if escapes => uri::escape_args(&text),
                    (text, None) if escapes && redirect => uri::escape_redirect(&text),
                    (text, _) => text,
                },
                Part::Variable(name) => match self.variable(name.as_bstr()) {
                    Known::Is(text) => text,
                    Known::Unknown(reason) => return Known::Unknown(reason),
                },
            };
            let end = args.as_mut().unwrap_or(&mut path);
            end.extend_from_slice(&text);
            // `rewrite ^(.*)$ $1$1;` doubles the path each time.
            if end.len() > LONGEST_VALUE {
                return Known::Unknown(too_long());
            }
        }
        Known::Is((path, args))
    }
}
