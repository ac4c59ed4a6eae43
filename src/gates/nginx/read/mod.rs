//! From trees to the configuration that nginx would hold.

mod context;
mod levels;
mod listen;
mod refuse;
mod rewrite;
mod settings;
mod tables;

use std::collections::HashMap;

use bstr::BString;

use super::include::Files;
use super::matcher::{Patterns, Regex};
use super::model::*;
use super::remark::{Remark, RemarkKind};
use crate::config::NginxSettings;
use crate::problem::Problem;
use crate::request::Reason;
use crate::source::Span;
use crate::syntax::nginx::{Directive, Tree};

/// How many directives one configuration may have, includes counted each time they are included.
const MAX_DIRECTIVES: usize = 4_000_000;
/// How deep includes may nest.
const MAX_INCLUDE_DEPTH: usize = 64;

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
    patterns: Patterns,
    remarks: Vec<Remark>,
    problems: Vec<Problem>,
    /// The files that are being read, outermost first: a file that is among them is a cycle.
    open: Vec<&'p Tree>,
    /// The includes by which they were opened, one less.
    includes: Vec<Span>,
    /// The names that templates write, by the words in them.
    stand_ins: HashMap<String, Vec<BString>>,
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
            patterns: Patterns::default(),
            remarks: Vec::new(),
            problems: Vec::new(),
            open: Vec::new(),
            includes: Vec::new(),
            stand_ins: HashMap::new(),
            budget: MAX_DIRECTIVES,
        }
    }

    fn finish(mut self) -> Reading {
        listen::group_ports(&mut self.config);
        self.config.finish();
        // A file that is included twice is read twice.
        self.remarks
            .sort_by_key(|remark| (remark.span, remark.included));
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
            self.includes.push(directive.head_span());
            let directives: Vec<_> = tree.directives().collect();
            self.walk(&directives, visit);
            self.open.pop();
            self.includes.pop();
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
        self.config
            .levels
            .push(Level::new(kind, parent, span, branch));
        id
    }

    fn level_mut(&mut self, id: LevelId) -> &mut Level {
        &mut self.config.levels[id.0 as usize]
    }

    fn declare_groups(&mut self, regex: &Regex, d: Directive<'p>) {
        for name in regex.names() {
            self.config.declared.entry(name).or_insert(d.head_span());
        }
    }

    fn remark(&mut self, span: Span, kind: RemarkKind) {
        let included = match kind {
            RemarkKind::Refused(_) => self.includes.last().copied(),
            _ => None,
        };
        self.remarks.push(Remark {
            span,
            kind,
            included,
        });
    }
}
