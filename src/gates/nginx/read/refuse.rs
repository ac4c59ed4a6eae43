//! What keeps nginx from starting, in its own words.
//!
//! Only directives that we model are judged, and only where nginx will read them as they stand:
//! not what a template writes, and not what a file that is only a part of a configuration holds
//! at its top, since we can but guess where that belongs.

mod real_ip;
mod value;

use bstr::{BString, ByteSlice};

use super::Reader;
use crate::gates::nginx::directives::{Contexts, spec};
use crate::gates::nginx::model::{Kind, LevelId, Pattern};
use crate::gates::nginx::remark::RemarkKind;
use crate::source::Span;
use crate::syntax::nginx::{Directive, Token, Tree};

impl<'p> Reader<'p> {
    pub(super) fn refuse(&mut self, d: Directive<'p>, message: String) {
        // What somebody fills in may be right.
        if !d.args().any(is_filled_in) {
            self.refuse_at(d.head_span(), message);
        }
    }

    fn refuse_at(&mut self, span: Span, message: String) {
        if self.is_read_as_it_stands(span) {
            self.remark(span, RemarkKind::Refused(message));
        }
    }

    /// Whether nginx reads this line in the place in which we read it.
    fn is_read_as_it_stands(&self, span: Span) -> bool {
        let Some(tree) = self.open.last() else {
            return false;
        };
        // Blocks after a mistake may be nested otherwise than we think.
        if !tree.errors.is_empty() {
            return false;
        }
        let around = blocks_around(tree, span);
        if self.open.iter().any(|tree| tree.is_template) {
            // The marks may open and close blocks, but hardly one of these.
            return matches!(around.last(), Some(block) if is_inner(block));
        }
        self.is_whole() || around.iter().any(is_http)
    }

    /// Whether what is read starts where nginx does.
    fn is_whole(&self) -> bool {
        let starts = |d: Directive<'_>| matches!(&*d.name(), b"http" | b"events");
        let entry = self.open.first();
        !self.config.fragment && entry.is_some_and(|entry| entry.directives().any(starts))
    }

    /// Whether it may stand here, with that many parameters (ngx_conf_handler).
    pub(super) fn check_place(&mut self, d: Directive<'p>, context: Contexts) {
        let Some(spec) = spec(&d.name()) else { return };
        let name = spec.name;
        if spec.contexts & context == 0 {
            self.refuse(d, format!("\"{name}\" directive is not allowed here"));
            return;
        }
        if spec.block != d.is_block() {
            let message = if spec.block {
                format!("directive \"{name}\" has no opening \"{{\"")
            } else {
                format!("directive \"{name}\" is not terminated by \";\"")
            };
            self.refuse(d, message);
            return;
        }
        let count = d.args().len();
        if count < spec.min_args || count > spec.max_args {
            self.refuse(
                d,
                format!("invalid number of arguments in \"{name}\" directive"),
            );
        } else if spec.flag {
            self.check_flag(d, name);
        } else {
            self.check_parameters(d);
        }
    }

    fn check_flag(&mut self, d: Directive<'p>, name: &str) {
        let Some(arg) = d.arg(0) else { return };
        let value = arg.value();
        if !value.eq_ignore_ascii_case(b"on")
            && !value.eq_ignore_ascii_case(b"off")
            && !arg.is_template()
        {
            self.refuse(
                d,
                format!(
                    "invalid value \"{}\" in \"{name}\" directive, it must be \"on\" or \"off\"",
                    value.as_bstr()
                ),
            );
        }
    }

    /// What nginx refuses of a location in its surroundings (ngx_http_core_location).
    pub(super) fn check_location(&mut self, parent: LevelId, id: LevelId) {
        let config = &self.config;
        let (Kind::Location(outer), Kind::Location(inner)) =
            (&config.level(parent).kind, &config.level(id).kind)
        else {
            return;
        };
        let message = match (outer, inner) {
            (Pattern::Exact(outer), _) => format!(
                "location \"{}\" cannot be inside the exact location \"{outer}\"",
                inner_text(inner)
            ),
            (Pattern::Named(outer), _) => format!(
                "location \"{}\" cannot be inside the named location \"{outer}\"",
                inner_text(inner)
            ),
            (_, Pattern::Named(inner)) => {
                format!("named location \"{inner}\" can be on the server level only")
            }
            (_, Pattern::Regex(_)) => return,
            // The text of a regular expression is compared as if it were a prefix.
            (outer, inner) => {
                let (outer, inner) = (inner_text(outer), inner_text(inner));
                if inner.starts_with(outer.as_bytes()) {
                    return;
                }
                format!("location \"{inner}\" is outside location \"{outer}\"")
            }
        };
        let span = config.level(id).span;
        self.refuse_at(span, message);
    }
}

/// A mark of a template, `${LIKE_THIS}` for envsubst, or `<like this>` for a person.
fn is_filled_in(arg: Token<'_>) -> bool {
    let value = arg.value();
    let for_envsubst = value.find_iter("$").any(|at| {
        let name = value[at + 1..].trim_start_with(|c| c == '{');
        name.first().is_some_and(u8::is_ascii_uppercase)
    });
    let for_a_person = !arg.is_quoted() && (value.starts_with(b"<") || value.ends_with(b">"));
    arg.is_template() || for_envsubst || for_a_person
}

/// The blocks of the file that hold this place, outermost first.
fn blocks_around(tree: &Tree, place: Span) -> Vec<Directive<'_>> {
    let holds = |block: &Directive<'_>| {
        let span = block.span();
        block.is_block() && span.start < place.start && place.end < span.end
    };
    let mut around: Vec<Directive<'_>> = tree.directives().find(holds).into_iter().collect();
    while let Some(inner) = around.last().and_then(|block| block.children().find(holds)) {
        around.push(inner);
    }
    around
}

/// A file of servers may belong into `stream` as well, which knows no locations.
fn is_http(block: &Directive<'_>) -> bool {
    let has_location = || block.children().any(|child| *child.name() == *b"location");
    match &*block.name() {
        b"location" => true,
        b"server" => has_location(),
        _ => is_inner(block),
    }
}

/// `if` and `limit_except`, inside of which few directives may stand.
fn is_inner(block: &Directive<'_>) -> bool {
    matches!(&*block.name(), b"if" | b"limit_except")
}

fn inner_text(pattern: &Pattern) -> BString {
    match pattern {
        Pattern::Exact(text)
        | Pattern::Prefix(text)
        | Pattern::PrefixNoRegex(text)
        | Pattern::Named(text) => text.clone(),
        Pattern::Regex(regex) => regex.pattern.clone(),
    }
}
