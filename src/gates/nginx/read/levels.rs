//! The levels of a configuration: http, server, location, limit_except, and where a file that is
//! only a part of one belongs.

use bstr::BString;

use super::{Item, Reader};
use crate::gates::nginx::directives::{self, Contexts};
use crate::gates::nginx::model::*;
use crate::problem::Problem;
use crate::request::Reason;
use crate::source::Span;
use crate::syntax::nginx::{Directive, Token, Tree};

/// How deep locations may nest. Real ones stay below five, and each request walks down all of
/// them and looks up all its settings on the way back.
const MAX_LOCATION_DEPTH: usize = 64;

impl<'p> Reader<'p> {
    pub(super) fn main(&mut self, directives: &[Directive<'p>]) {
        self.walk(directives, &mut |this, item| match item {
            Item::Directive(d) if *d.name() == *b"http" => {
                let http = this.add_level(Kind::Http, None, d.head_span(), d.branch());
                this.http(http, &d.children().collect::<Vec<_>>());
            }
            Item::Directive(d) => {
                this.check_place(d, directives::MAIN);
                if *d.name() == *b"events" {
                    this.others_block(d, directives::EVENTS);
                }
            }
            Item::Missing(..) => {}
        });
    }

    /// A block of another module, in which none of the directives that we model may stand.
    pub(super) fn others_block(&mut self, d: Directive<'p>, context: Contexts) {
        let children: Vec<_> = d.children().collect();
        self.walk(&children, &mut |this, item| {
            if let Item::Directive(d) = item {
                this.check_place(d, context);
            }
        });
    }

    pub(super) fn implied_http(&mut self, entry: &Tree) -> LevelId {
        self.config.fragment = true;
        self.add_level(Kind::Http, None, start_of(entry), 0)
    }

    pub(super) fn fragment_http(&mut self, directives: &[Directive<'p>], entry: &Tree) {
        let http = self.implied_http(entry);
        self.http(http, directives);
    }

    pub(super) fn fragment_server(&mut self, directives: &[Directive<'p>], entry: &Tree) {
        let http = self.implied_http(entry);
        // What a file of several contexts has at the level of http, such as a map beside
        // locations, is read there.
        let (outer, inner): (Vec<_>, Vec<_>) = directives.iter().copied().partition(|d| {
            matches!(
                &*d.name(),
                b"map" | b"geo" | b"upstream" | b"server" | b"split_clients"
            )
        });
        self.http(http, &outer);
        self.server(http, start_of(entry), 0, &inner);
    }

    pub(super) fn fragment_location(&mut self, directives: &[Directive<'p>], entry: &Tree) {
        let http = self.implied_http(entry);
        let server = self.server(http, start_of(entry), 0, &[]);
        let id = self.add_level(
            Kind::Location(Pattern::Prefix("/".into())),
            Some(server),
            start_of(entry),
            0,
        );
        self.level_mut(server)
            .locations
            .prefix
            .insert("/".into(), id);
        self.location_body(id, directives);
    }

    pub(super) fn http(&mut self, http: LevelId, directives: &[Directive<'p>]) {
        self.walk(directives, &mut |this, item| match item {
            Item::Missing(span, reason) => {
                this.config.incomplete = Some(reason.clone());
                this.level_mut(http).holes.push(Hole { span, reason });
            }
            Item::Directive(d) => match &*d.name() {
                b"server" if d.is_block() => {
                    this.check_place(d, directives::HTTP);
                    this.server(
                        http,
                        d.head_span(),
                        d.branch(),
                        &d.children().collect::<Vec<_>>(),
                    );
                }
                b"map" | b"geo" | b"split_clients" | b"upstream" => {
                    this.check_place(d, directives::HTTP);
                    this.table(d);
                }
                _ => this.setting(http, directives::HTTP, d),
            },
        });
    }

    pub(super) fn server(
        &mut self,
        http: LevelId,
        span: Span,
        branch: u32,
        directives: &[Directive<'p>],
    ) -> LevelId {
        let index = self.config.servers.len();
        let id = self.add_level(Kind::Server(index), Some(http), span, branch);
        self.config.servers.push(Server {
            level: id,
            names: Vec::new(),
            listens: Vec::new(),
        });
        self.walk(directives, &mut |this, item| match item {
            Item::Missing(span, reason) => this.missing(id, span, reason),
            Item::Directive(d) => match &*d.name() {
                b"listen" => {
                    this.check_place(d, directives::SERVER);
                    this.listen(index, d);
                }
                b"server_name" => {
                    this.check_place(d, directives::SERVER);
                    this.server_name(index, d);
                }
                b"location" => this.location(id, directives::SERVER, d),
                _ => this.body_directive(id, directives::SERVER, d),
            },
        });
        id
    }

    pub(super) fn location(&mut self, parent: LevelId, context: Contexts, d: Directive<'p>) {
        self.check_place(d, context);
        if self.config.enclosing(parent).count() > MAX_LOCATION_DEPTH {
            let message = format!("locations nested over {MAX_LOCATION_DEPTH} deep are left out");
            self.problems.push(Problem::fatal(d.head_span(), message));
            return;
        }
        let Some(pattern) = self.location_pattern(d) else {
            return;
        };
        let id = self.add_level(
            Kind::Location(pattern),
            Some(parent),
            d.head_span(),
            d.branch(),
        );
        self.place_location(parent, id, d);
        self.location_body(id, &d.children().collect::<Vec<_>>());
        self.check_location(parent, id);
    }

    pub(super) fn location_pattern(&mut self, d: Directive<'p>) -> Option<Pattern> {
        let first: BString = d.arg(0)?.value().into_owned().into();
        let second = d.arg(1).map(|arg| BString::from(arg.value().into_owned()));
        let regex = |this: &mut Self, pattern: BString, caseless| {
            let regex = this.patterns.regex(pattern, caseless);
            this.declare_groups(&regex, d);
            Pattern::Regex(regex)
        };
        Some(match (first.as_slice(), second) {
            (b"=", Some(_)) => Pattern::Exact(path_of(d.arg(1)?)),
            (b"^~", Some(_)) => Pattern::PrefixNoRegex(path_of(d.arg(1)?)),
            (b"~", Some(text)) => regex(self, text, false),
            (b"~*", Some(text)) => regex(self, text, true),
            (_, Some(_)) => {
                self.refuse(d, format!("invalid location modifier \"{first}\""));
                return None;
            }
            // The operator may be written without a blank after it.
            ([b'=', text @ ..], None) => Pattern::Exact(text.into()),
            ([b'^', b'~', text @ ..], None) => Pattern::PrefixNoRegex(text.into()),
            ([b'~', b'*', text @ ..], None) => regex(self, text.into(), true),
            ([b'~', text @ ..], None) => regex(self, text.into(), false),
            ([b'@', ..], None) => Pattern::Named(first),
            (_, None) => Pattern::Prefix(path_of(d.arg(0)?)),
        })
    }

    pub(super) fn place_location(&mut self, parent: LevelId, id: LevelId, d: Directive<'p>) {
        let level = &self.config.levels[id.0 as usize];
        let branch = level.branch;
        let Kind::Location(pattern) = &level.kind else {
            return;
        };
        let text = match pattern {
            Pattern::Regex(_) => {
                self.level_mut(parent).locations.regex.push(id);
                return;
            }
            Pattern::Exact(text)
            | Pattern::Prefix(text)
            | Pattern::PrefixNoRegex(text)
            | Pattern::Named(text) => text.clone(),
        };
        let exact = matches!(pattern, Pattern::Exact(_));
        let named = matches!(pattern, Pattern::Named(_));
        let locations = &mut self.level_mut(parent).locations;
        let first = if exact {
            *locations.exact.entry(text.clone()).or_insert(id)
        } else if named {
            *locations.named.entry(text.clone()).or_insert(id)
        } else {
            *locations.prefix.entry(text.clone()).or_insert(id)
        };
        let taken = first != id;
        // Of two named locations the first counts.
        if taken && branch == 0 && !named {
            self.refuse(d, format!("duplicate location \"{text}\""));
        }
    }

    pub(super) fn location_body(&mut self, id: LevelId, directives: &[Directive<'p>]) {
        self.walk(directives, &mut |this, item| match item {
            Item::Missing(span, reason) => this.missing(id, span, reason),
            Item::Directive(d) => match &*d.name() {
                b"location" => this.location(id, directives::LOCATION, d),
                b"limit_except" => this.limit_except(id, d),
                _ => this.body_directive(id, directives::LOCATION, d),
            },
        });
    }

    pub(super) fn limit_except(&mut self, location: LevelId, d: Directive<'p>) {
        self.check_place(d, directives::LOCATION);
        let methods = d
            .args()
            .map(|arg| BString::from(arg.value().to_ascii_uppercase()))
            .collect();
        let id = self.add_level(Kind::LimitExcept, Some(location), d.head_span(), d.branch());
        self.level_mut(location).limit_except = Some(LimitExcept { methods, level: id });
        let children: Vec<_> = d.children().collect();
        self.walk(&children, &mut |this, item| match item {
            Item::Missing(span, reason) => this.missing(id, span, reason),
            Item::Directive(d) => this.setting(id, directives::LIMIT_EXCEPT, d),
        });
    }

    /// A directive of a server or a location: a code of the rewrite module or a setting.
    pub(super) fn body_directive(&mut self, level: LevelId, context: Contexts, d: Directive<'p>) {
        match self.code(level, context, d) {
            Some(code) => self.level_mut(level).codes.push(code),
            None => self.setting(level, context, d),
        }
    }

    pub(super) fn missing(&mut self, level: LevelId, span: Span, reason: Reason) {
        self.level_mut(level).codes.push(Code {
            span,
            op: Op::Missing(reason.clone()),
        });
        self.level_mut(level).holes.push(Hole { span, reason });
    }
}

/// The path of a location. What a template writes at its start is taken to begin with the slash
/// that every path begins with.
fn path_of(arg: Token<'_>) -> BString {
    let text = arg.value();
    let slash = match arg.is_template() && !text.starts_with(b"/") {
        true => "/",
        false => "",
    };
    [slash.as_bytes(), &text].concat().into()
}

fn start_of(entry: &Tree) -> Span {
    entry
        .directives()
        .next()
        .map_or(entry.span(), |directive| directive.head_span())
}
