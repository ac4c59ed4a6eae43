//! The codes of the rewrite module: `set`, `if`, `return`, `rewrite`, `break`.

use bstr::{BString, ByteSlice};

use super::{Item, Reader};
use crate::gates::nginx::directives::{self, Contexts, Phase};
use crate::gates::nginx::matcher::Regex;
use crate::gates::nginx::model::*;
use crate::gates::nginx::value::Value;
use crate::syntax::nginx::{Directive, Token};

impl<'p> Reader<'p> {
    /// The code that a directive stands for; `None` if it is not one of this module's.
    pub(super) fn code(
        &mut self,
        level: LevelId,
        context: Contexts,
        d: Directive<'p>,
    ) -> Option<Code> {
        let op = match &*d.name() {
            b"set" => {
                self.check_place(d, context);
                self.set(d)?
            }
            b"return" => {
                self.check_place(d, context);
                self.return_(d)?
            }
            b"rewrite" => {
                self.check_place(d, context);
                self.rewrite(d)?
            }
            b"break" => {
                self.check_place(d, context);
                Op::Break
            }
            b"if" => {
                self.check_place(d, context);
                self.if_(level, context, d)
            }
            name if name.starts_with(b"set_by_lua") || name.starts_with(b"perl_set") => {
                self.opaque_variable(d);
                return None;
            }
            name if directives::opaque(name) == Some(Phase::Rewrite) => {
                // `off` switches the module off.
                if d.arg(0).is_some_and(|arg| *arg.value() == *b"off") {
                    return None;
                }
                Op::Opaque {
                    name: module_of(name),
                }
            }
            _ => return None,
        };
        let span = match op {
            Op::If { .. } => d.head_span(),
            _ => d.span(),
        };
        Some(Code { span, op })
    }

    fn set(&mut self, d: Directive<'p>) -> Option<Op> {
        let variable = variable_name(d.arg(0)?)?;
        self.config
            .declared
            .entry(variable.clone())
            .or_insert(d.span());
        Some(Op::Set {
            variable,
            value: Value::read(d.arg(1)?),
        })
    }

    fn return_(&mut self, d: Directive<'p>) -> Option<Op> {
        let first = Value::read(d.arg(0)?);
        let second = d.arg(1).map(Value::read);
        let is_url = [&b"http://"[..], b"https://", b"$scheme"]
            .iter()
            .any(|start| first.raw.starts_with(start));
        if second.is_none() && is_url {
            return Some(Op::Return {
                status: 302,
                text: Some(first),
            });
        }
        match first
            .raw
            .to_str()
            .ok()
            .and_then(|text| text.parse::<u16>().ok())
        {
            Some(status) if status <= 999 => Some(Op::Return {
                status,
                text: second,
            }),
            _ if first.template || first.has_variables() => Some(Op::ReturnUnknown),
            _ => {
                self.refuse(d, format!("invalid return code \"{}\"", first.raw));
                None
            }
        }
    }

    fn rewrite(&mut self, d: Directive<'p>) -> Option<Op> {
        let regex = self.patterns.regex(d.arg(0)?.value().into_owned(), false);
        self.declare_groups(&regex, d);
        let replacement = Value::read(d.arg(1)?);
        let redirect = [&b"http://"[..], b"https://", b"$scheme"]
            .iter()
            .any(|start| replacement.raw.starts_with(start));
        let flag = match d.arg(2) {
            None if redirect => Flag::Redirect,
            None => Flag::None,
            Some(word) => match &*word.value() {
                b"last" => Flag::Last,
                b"break" => Flag::Break,
                b"redirect" => Flag::Redirect,
                b"permanent" => Flag::Permanent,
                other => {
                    self.refuse(d, format!("invalid parameter \"{}\"", other.as_bstr()));
                    return None;
                }
            },
        };
        // Where the target is another host, `last` and `break` redirect all the same.
        let flag = match flag {
            Flag::Last | Flag::Break if redirect => Flag::Redirect,
            flag => flag,
        };
        Some(Op::Rewrite {
            regex,
            replacement,
            flag,
        })
    }

    fn if_(&mut self, parent: LevelId, context: Contexts, d: Directive<'p>) -> Op {
        let args: Vec<_> = d.args().collect();
        let text = args
            .iter()
            .map(|arg| arg.value().as_bstr().to_string())
            .collect::<Vec<_>>()
            .join(" ");
        let test = self.test(&args, d);
        if matches!(test, Test::Invalid) {
            self.refuse_condition(d);
        }
        let level = self.add_level(Kind::If(text), Some(parent), d.head_span(), d.branch());
        let inner = if context == directives::SERVER {
            directives::SERVER_IF
        } else {
            directives::LOCATION_IF
        };
        let mut codes = Vec::new();
        let children: Vec<_> = d.children().collect();
        self.walk(&children, &mut |this, item| match item {
            Item::Missing(span, reason) => {
                codes.push(Code {
                    span,
                    op: Op::Missing(reason.clone()),
                });
                this.level_mut(level).holes.push(Hole { span, reason });
            }
            Item::Directive(d) => match this.code(level, inner, d) {
                Some(code) => codes.push(code),
                None => this.setting(level, inner, d),
            },
        });
        Op::If { test, level, codes }
    }

    /// Reads a condition as ngx_http_rewrite_if_condition does: the parentheses belong to the
    /// first and last words, with or without blanks.
    fn test(&mut self, args: &[Token<'p>], d: Directive<'p>) -> Test {
        let mut words: Vec<Value> = args.iter().map(|arg| Value::read(*arg)).collect();
        let open = words.first().is_some_and(|word| word.raw.starts_with(b"("));
        let close = words.last().is_some_and(|word| word.raw.ends_with(b")"));
        if !open || !close {
            return Test::Invalid;
        }
        let last = words.len() - 1;
        strip(&mut words[0], 1, 0);
        strip(&mut words[last], 0, 1);
        // A parenthesis on its own leaves nothing; an empty text in quotes is a word.
        words.retain(|word| !word.raw.is_empty() || word.span.len() >= 2);
        let mut words = words.into_iter();
        let (first, second, third) = (words.next(), words.next(), words.next());
        match (first, second, third, words.next()) {
            (Some(value), None, None, None) if is_variable(&value) => Test::True(value),
            (Some(kind), Some(path), None, None) => match kind.raw.as_slice() {
                b"-f" | b"!-f" => file(path, &kind, FileKind::File),
                b"-d" | b"!-d" => file(path, &kind, FileKind::Directory),
                b"-e" | b"!-e" => file(path, &kind, FileKind::Exists),
                b"-x" | b"!-x" => file(path, &kind, FileKind::Executable),
                _ => Test::Invalid,
            },
            (Some(left), Some(operator), Some(right), None) if is_variable(&left) => {
                let regex = |caseless| Regex::new(right.raw.clone(), caseless);
                let matches = |regex, negated| Test::Matches {
                    left: left.clone(),
                    regex,
                    negated,
                };
                let test = match operator.raw.as_slice() {
                    b"=" => Test::Equal {
                        left,
                        right,
                        negated: false,
                    },
                    b"!=" => Test::Equal {
                        left,
                        right,
                        negated: true,
                    },
                    b"~" => matches(regex(false), false),
                    b"~*" => matches(regex(true), false),
                    b"!~" => matches(regex(false), true),
                    b"!~*" => matches(regex(true), true),
                    _ => Test::Invalid,
                };
                if let Test::Matches { regex, .. } = &test {
                    self.declare_groups(regex, d);
                }
                test
            }
            _ => Test::Invalid,
        }
    }
}

/// What people call the module of a directive.
fn module_of(name: &[u8]) -> String {
    match name {
        b"modsecurity" | b"ModSecurityEnabled" | b"SecRulesEnabled" => "ModSecurity".into(),
        name => name.as_bstr().to_string(),
    }
}

fn is_variable(value: &Value) -> bool {
    value.template || (value.has_variables() && value.raw.starts_with(b"$"))
}

fn file(path: Value, operator: &Value, kind: FileKind) -> Test {
    Test::File {
        path,
        negated: operator.raw.starts_with(b"!"),
        kind,
    }
}

fn strip(value: &mut Value, front: usize, back: usize) {
    let raw = BString::from(&value.raw[front..value.raw.len() - back]);
    *value = value.with_raw(raw);
}

fn variable_name(token: Token<'_>) -> Option<BString> {
    let text = token.value();
    let name = text.strip_prefix(b"$")?;
    let name = name
        .strip_prefix(b"{")
        .and_then(|inner| inner.strip_suffix(b"}"))
        .unwrap_or(name);
    Some(name.to_ascii_lowercase().into())
}
