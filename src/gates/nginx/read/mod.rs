//! From trees to the configuration that nginx would hold.

mod context;
mod listen;
mod refuse;
mod rewrite;
mod tables;

use bstr::{BString, ByteSlice};

use super::address;
use super::directives::{self, Contexts, Key, Phase, Role};
use super::include::Files;
use super::matcher::Regex;
use super::model::*;
use super::remark::{Remark, RemarkKind};
use super::value::Value;
use crate::config::NginxSettings;
use crate::problem::Problem;
use crate::request::{Known as Knowledge, Reason};
use crate::source::Span;
use crate::syntax::nginx::{Directive, Tree};

/// How many directives one configuration may have, includes counted each time they are included.
const MAX_DIRECTIVES: usize = 4_000_000;
/// How deep includes may nest.
const MAX_INCLUDE_DEPTH: usize = 64;
/// How deep locations may nest. Real ones stay below five, and each request walks down all of
/// them and looks up all its settings on the way back.
const MAX_LOCATION_DEPTH: usize = 64;

pub struct Reading {
    pub config: Config,
    pub remarks: Vec<Remark>,
    pub problems: Vec<Problem>,
}

pub fn read(files: &Files, entry: &Tree, settings: &NginxSettings) -> Reading {
    let mut reader = Reader::new(files, settings);
    reader.config.template = entry.is_template;
    reader.open.push(entry);
    let directives: Vec<_> = entry.directives().collect();
    match context::infer(files, entry) {
        context::Context::Main => reader.main(&directives),
        context::Context::Http => reader.fragment_http(&directives, entry),
        context::Context::Server => reader.fragment_server(&directives, entry),
        context::Context::Location => reader.fragment_location(&directives, entry),
    }
    reader.finish()
}

struct Reader<'p> {
    files: &'p Files,
    config: Config,
    remarks: Vec<Remark>,
    problems: Vec<Problem>,
    /// The files that are being read, outermost first: a file that is among them is a cycle.
    open: Vec<&'p Tree>,
    budget: usize,
}

/// One directive of a block, or an include that has no file.
enum Item<'p> {
    Directive(Directive<'p>),
    Missing(Span, Reason),
}

impl<'p> Reader<'p> {
    fn new(files: &'p Files, settings: &NginxSettings) -> Self {
        let version = settings.version.as_ref().map(|version| version.value);
        Reader {
            files,
            config: Config {
                levels: Vec::new(),
                servers: Vec::new(),
                ports: Vec::new(),
                upstreams: Default::default(),
                maps: Default::default(),
                geos: Default::default(),
                opaque_variables: Default::default(),
                declared: Default::default(),
                prefix: settings.prefix.as_ref().map(|prefix| prefix.value.clone()),
                version: version.unwrap_or(CURRENT_STABLE),
                version_is_set: version.is_some(),
                incomplete: None,
                fragment: false,
                template: false,
            },
            remarks: Vec::new(),
            problems: Vec::new(),
            open: Vec::new(),
            budget: MAX_DIRECTIVES,
        }
    }

    fn finish(mut self) -> Reading {
        for level in &mut self.config.levels {
            level.settings.sort_by_key(|setting| setting.key);
        }
        listen::group_ports(&mut self.config);
        // A file that is included twice is read twice.
        self.remarks.sort_by_key(|remark| remark.span);
        self.remarks.dedup();
        Reading {
            config: self.config,
            remarks: self.remarks,
            problems: self.problems,
        }
    }

    /// Visits the directives of a block with includes in their place.
    fn walk(&mut self, directives: &[Directive<'p>], visit: &mut dyn FnMut(&mut Self, Item<'p>)) {
        for &directive in directives {
            if self.budget == 0 {
                return;
            }
            self.budget -= 1;
            if self.budget == 0 {
                self.problems.push(Problem {
                    fatal: true,
                    span: Some(directive.span()),
                    message: format!(
                        "the includes of this configuration multiply to more than {MAX_DIRECTIVES} directives"
                    ),
                    help: Some("the rest of it is not analysed".into()),
                });
                return;
            }
            if *directive.name() == *b"include" {
                self.include(directive, visit);
            } else {
                visit(self, Item::Directive(directive));
            }
        }
    }

    fn include(&mut self, directive: Directive<'p>, visit: &mut dyn FnMut(&mut Self, Item<'p>)) {
        if self.open.len() >= MAX_INCLUDE_DEPTH {
            return;
        }
        let included = self.files.resolve(directive);
        for tree in included.files {
            if self.open.iter().any(|open| std::ptr::eq(*open, tree)) {
                continue;
            }
            self.config.template |= tree.is_template;
            self.open.push(tree);
            let directives: Vec<_> = tree.directives().collect();
            self.walk(&directives, visit);
            self.open.pop();
        }
        if let Some(reason) = included.missing {
            visit(self, Item::Missing(directive.head_span(), reason));
        }
    }

    fn add_level(
        &mut self,
        kind: Kind,
        parent: Option<LevelId>,
        span: Span,
        branch: u32,
    ) -> LevelId {
        let id = LevelId(self.config.levels.len() as u32);
        self.config.levels.push(Level {
            kind,
            parent,
            span,
            settings: Vec::new(),
            access: Vec::new(),
            codes: Vec::new(),
            locations: Locations::default(),
            limit_except: None,
            holes: Vec::new(),
            branch,
        });
        id
    }

    fn level_mut(&mut self, id: LevelId) -> &mut Level {
        &mut self.config.levels[id.0 as usize]
    }

    fn main(&mut self, directives: &[Directive<'p>]) {
        self.walk(directives, &mut |this, item| match item {
            Item::Directive(d) if *d.name() == *b"http" => {
                let http = this.add_level(Kind::Http, None, d.head_span(), d.branch());
                this.http(http, &d.children().collect::<Vec<_>>());
            }
            Item::Directive(d) => this.check_place(d, directives::MAIN),
            Item::Missing(..) => {}
        });
    }

    fn implied_http(&mut self, entry: &Tree) -> LevelId {
        self.config.fragment = true;
        self.add_level(Kind::Http, None, start_of(entry), 0)
    }

    fn fragment_http(&mut self, directives: &[Directive<'p>], entry: &Tree) {
        let http = self.implied_http(entry);
        self.http(http, directives);
    }

    fn fragment_server(&mut self, directives: &[Directive<'p>], entry: &Tree) {
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

    fn fragment_location(&mut self, directives: &[Directive<'p>], entry: &Tree) {
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

    fn http(&mut self, http: LevelId, directives: &[Directive<'p>]) {
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

    fn server(
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

    fn location(&mut self, parent: LevelId, context: Contexts, d: Directive<'p>) {
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

    fn location_pattern(&mut self, d: Directive<'p>) -> Option<Pattern> {
        let first: BString = d.arg(0)?.value().into_owned().into();
        let second = d.arg(1).map(|arg| BString::from(arg.value().into_owned()));
        let regex = |this: &mut Self, pattern: BString, caseless| {
            let regex = Regex::new(pattern, caseless);
            this.declare_groups(&regex, d);
            Pattern::Regex(regex)
        };
        Some(match (first.as_slice(), second) {
            (b"=", Some(text)) => Pattern::Exact(text),
            (b"^~", Some(text)) => Pattern::PrefixNoRegex(text),
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
            (_, None) => Pattern::Prefix(first),
        })
    }

    fn place_location(&mut self, parent: LevelId, id: LevelId, d: Directive<'p>) {
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
        if taken && branch == 0 {
            self.refuse(d, format!("duplicate location \"{text}\""));
        }
    }

    fn location_body(&mut self, id: LevelId, directives: &[Directive<'p>]) {
        self.walk(directives, &mut |this, item| match item {
            Item::Missing(span, reason) => this.missing(id, span, reason),
            Item::Directive(d) => match &*d.name() {
                b"location" => this.location(id, directives::LOCATION, d),
                b"limit_except" => this.limit_except(id, d),
                _ => this.body_directive(id, directives::LOCATION, d),
            },
        });
    }

    fn limit_except(&mut self, location: LevelId, d: Directive<'p>) {
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
    fn body_directive(&mut self, level: LevelId, context: Contexts, d: Directive<'p>) {
        match self.code(level, context, d) {
            Some(code) => self.level_mut(level).codes.push(code),
            None => self.setting(level, context, d),
        }
    }

    fn missing(&mut self, level: LevelId, span: Span, reason: Reason) {
        self.level_mut(level).codes.push(Code {
            span,
            op: Op::Missing(reason.clone()),
        });
        self.level_mut(level).holes.push(Hole { span, reason });
    }

    fn setting(&mut self, level: LevelId, context: Contexts, d: Directive<'p>) {
        let name = d.name();
        if let Some(phase) = directives::opaque(&name) {
            self.opaque_setting(level, phase, d);
            return;
        }
        let Some(spec) = directives::spec(&name) else {
            self.opaque_variable(d);
            return;
        };
        self.check_place(d, context);
        match spec.role {
            Role::AccessRule => self.access_rule(level, d),
            Role::Set(key) => {
                let args: Vec<_> = d.args().map(Value::read).collect();
                if args.len() < spec.min_args {
                    return;
                }
                self.check_setting(level, key, d, spec);
                self.declare_setting(key, &args, d);
                self.level_mut(level).settings.push(Setting {
                    key,
                    name: spec.name,
                    args,
                    span: d.span(),
                    branch: d.branch(),
                });
            }
            Role::Code | Role::Level | Role::Special => {}
        }
    }

    /// A directive of a module that we do not model and that may decide. The ones that can be
    /// switched off count only when they are on.
    fn opaque_setting(&mut self, level: LevelId, phase: Phase, d: Directive<'p>) {
        let off = d
            .arg(0)
            .is_some_and(|arg| matches!(&*arg.value(), b"off" | b"DetectionOnly"));
        self.level_mut(level).settings.push(Setting {
            key: Key::Opaque(phase),
            name: if off { "off" } else { "on" },
            args: vec![Value::builtin(&d.name().as_bstr().to_string())],
            span: d.head_span(),
            branch: d.branch(),
        });
    }

    /// A directive that we do not know and whose first parameter is a variable most likely sets
    /// it: `js_set $x`, `auth_jwt_claim_set $x`.
    fn opaque_variable(&mut self, d: Directive<'p>) {
        let name = d.name();
        for arg in d.args().take(2) {
            let value = Value::read(arg);
            if let Some(variable) = value.sole_variable() {
                self.config
                    .opaque_variables
                    .entry(variable.into())
                    .or_insert_with(|| {
                        Reason::new(format!("${variable} is set by {}", name.as_bstr()))
                    });
            }
        }
    }

    fn access_rule(&mut self, level: LevelId, d: Directive<'p>) {
        let Some(arg) = d.arg(0) else { return };
        let text: BString = arg.value().into_owned().into();
        let parsed = text.to_str().ok().and_then(address::network);
        if let Some(address::Network::Net {
            net,
            low_bits: true,
        }) = parsed
        {
            self.remark(
                arg.span(),
                RemarkKind::LowBits {
                    written: text.to_string(),
                    meant: net.to_string(),
                },
            );
        }
        let network = match parsed {
            Some(network) => Knowledge::Is(network),
            None if arg.is_template() || text.contains(&b'$') => {
                Knowledge::Unknown(Reason::new(format!("{text} is filled in by a template")))
            }
            None => {
                self.refuse(d, format!("invalid parameter \"{text}\""));
                return;
            }
        };
        self.level_mut(level).access.push(AccessRule {
            allow: *d.name() == *b"allow",
            network,
            text,
            span: d.span(),
        });
    }

    fn declare_setting(&mut self, key: Key, args: &[Value], d: Directive<'p>) {
        if key == Key::AuthRequestSet
            && let Some(variable) = args.first().and_then(Value::sole_variable)
        {
            self.config
                .declared
                .entry(variable.into())
                .or_insert(d.span());
        }
    }

    fn declare_groups(&mut self, regex: &Regex, d: Directive<'p>) {
        for name in regex.names() {
            self.config.declared.entry(name).or_insert(d.head_span());
        }
    }

    fn remark(&mut self, span: Span, kind: RemarkKind) {
        self.remarks.push(Remark { span, kind });
    }
}

fn start_of(entry: &Tree) -> Span {
    entry
        .directives()
        .next()
        .map_or(entry.span(), |directive| directive.head_span())
}
