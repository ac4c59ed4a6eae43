//! From a document to a policy
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>).
//!
//! AWS takes no policy with a mistake, so a mistake is told at its place, and what it makes of a
//! statement is not known.

mod escaped;
mod statement;

pub use escaped::decoded;

use std::collections::HashSet;

use crate::nearest::nearest;
use crate::problem::Problem;
use crate::request::{Known, Reason};
use crate::source::{Span, Spanned};
use crate::syntax::document::{self, Kind as Is, Node};

use super::model::{Kind, Policy, Text};
use super::truth::Doubt;

/// How long a policy may be. The longest that AWS takes are some 30 KB.
const LONGEST: usize = 128 * 1024;

/// Reads a policy that stands in a document: as it is, or as text within a string.
pub fn read(node: Node<'_>, kind: Kind) -> (Policy, Vec<Problem>) {
    match node.text() {
        Some(text) if !node.is_null() => read_text(text, node.span(), kind),
        _ => {
            let mut reader = Reader::new(kind, node.span(), None);
            let policy = reader.policy(node);
            (policy, reader.problems)
        }
    }
}

/// Reads a policy from a text that stands at `place`, where all of its mistakes are told: what a
/// string holds has no places of its own. The text may be encoded once more, as services give it:
/// with `\"`, or as a URL.
pub fn read_text(text: &str, place: Span, kind: Kind) -> (Policy, Vec<Problem>) {
    let mut reader = Reader::new(kind, place, Some(place));
    if text.len() > LONGEST {
        reader.complain(place, format!("a policy of over {LONGEST} bytes"));
        return (reader.refused(), reader.problems);
    }
    let text = escaped::decoded(text);
    let document = match document::parse(0, text.as_bytes()) {
        Ok(document) => document,
        Err(error) => {
            reader.complain(place, format!("this is no JSON: {}", error.message));
            return (reader.refused(), reader.problems);
        }
    };
    let policy = match document.root() {
        Some(root) => reader.policy(root),
        None => {
            reader.complain(place, "here stands a policy");
            reader.refused()
        }
    };
    (policy, reader.problems)
}

/// What stands for a value with a mistake.
fn mistaken<T>() -> Known<T> {
    Known::Unknown(Reason::new("it has a mistake"))
}

struct Reader {
    kind: Kind,
    whole: Span,
    /// Where everything stands, for what is read out of a string.
    place: Option<Span>,
    problems: Vec<Problem>,
    /// The first mistake of what is being read.
    flaw: Option<Doubt>,
}

type Entry<'d> = (Spanned<String>, Node<'d>);

impl Reader {
    fn new(kind: Kind, whole: Span, place: Option<Span>) -> Self {
        Reader {
            kind,
            whole,
            place,
            problems: Vec::new(),
            flaw: None,
        }
    }

    /// What stands for a policy of which nothing could be read.
    fn refused(&mut self) -> Policy {
        Policy {
            span: self.whole,
            kind: self.kind,
            variables: true,
            statements: Vec::new(),
            flaw: self.flaw.take(),
        }
    }

    fn policy(&mut self, node: Node<'_>) -> Policy {
        let mut policy = Policy {
            // Without a version it is the older one
            // (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>).
            variables: false,
            ..self.refused()
        };
        let mut statement = None;
        for (key, value) in self.mapping(node, "a policy") {
            match key.value.as_str() {
                "Version" => policy.variables = self.version(value),
                "Id" => {
                    self.known_text(value, "an id");
                }
                "Statement" => statement = Some(value),
                _ => self.unknown("key", &key, &["Version", "Id", "Statement"]),
            }
        }
        let statements: Vec<Node<'_>> = match statement {
            Some(one) if matches!(one.kind(), Is::Mapping(_)) => vec![one],
            Some(list) if matches!(list.kind(), Is::Sequence(_)) => list.items().collect(),
            Some(other) => {
                self.complain(other.span(), "here stands a statement or a list of them");
                Vec::new()
            }
            None => {
                self.complain(self.whole, "the policy has no `Statement`");
                Vec::new()
            }
        };
        policy.flaw = self.flaw.take();
        for node in statements {
            let statement = self.statement(node);
            policy.statements.push(statement);
        }
        policy
    }

    fn version(&mut self, node: Node<'_>) -> bool {
        const VERSIONS: [&str; 2] = ["2012-10-17", "2008-10-17"];
        let Some(text) = self.known_text(node, "a version") else {
            return true;
        };
        if !VERSIONS.contains(&text.value.as_str()) {
            self.unknown("version", &text, &VERSIONS);
        }
        text.value != VERSIONS[1]
    }

    fn at(&self, span: Span) -> Span {
        self.place.unwrap_or(span)
    }

    /// The entries of a mapping, each key once.
    fn mapping<'d>(&mut self, node: Node<'d>, what: &str) -> Vec<Entry<'d>> {
        if !matches!(node.kind(), Is::Mapping(_)) {
            self.complain(node.span(), format!("{what} is made of keys and values"));
            return Vec::new();
        }
        let mut seen = HashSet::new();
        let mut entries = Vec::new();
        for (key, value) in node.entries() {
            let Some(key) = self.known_text(key, "a key") else {
                continue;
            };
            if seen.insert(key.value.clone()) {
                entries.push((key, value));
            } else {
                self.complain(key.span, format!("`{}` is given twice", key.value));
            }
        }
        entries
    }

    /// One text, or a list of them.
    fn texts(&mut self, node: Node<'_>, what: &str) -> Vec<Text> {
        let text = |node: Node<'_>| {
            let text = self.text(node, what);
            text.unwrap_or_else(|| Spanned::new(mistaken(), self.at(node.span())))
        };
        match node.kind() {
            Is::Sequence(items) => items.map(text).collect(),
            _ => std::iter::once(node).map(text).collect(),
        }
    }

    /// A text. What a template fills in when it is deployed is not known.
    fn text(&mut self, node: Node<'_>, what: &str) -> Option<Text> {
        let span = self.at(node.span());
        let later = |name: &str| {
            let reason = format!("`{name}` is filled in when it is deployed");
            Some(Spanned::new(Known::Unknown(Reason::new(reason)), span))
        };
        if let Some(tag) = node.tag().filter(|tag| !tag.starts_with("!!")) {
            return later(tag);
        }
        if let Some(text) = node.text().filter(|_| !node.is_null()) {
            return Some(Spanned::new(Known::Is(text.to_owned()), span));
        }
        let mut entries = node.entries();
        if let (Some((key, _)), None) = (entries.next(), entries.next())
            && let Some(name) = key
                .text()
                .filter(|key| *key == "Ref" || key.starts_with("Fn::"))
        {
            return later(name);
        }
        self.complain(node.span(), format!("here stands {what}"));
        None
    }

    fn known_text(&mut self, node: Node<'_>, what: &str) -> Option<Spanned<String>> {
        let text = self.text(node, what)?;
        match text.value {
            Known::Is(value) => Some(Spanned::new(value, text.span)),
            Known::Unknown(reason) => {
                self.flaw.get_or_insert(Doubt {
                    because: reason,
                    span: Some(text.span),
                });
                None
            }
        }
    }

    fn unknown(&mut self, what: &str, word: &Spanned<String>, choices: &[&str]) {
        let most = 1 + word.value.chars().count() / 5;
        let help = match nearest(&word.value, choices, most) {
            Some(choice) => format!("did you mean `{choice}`?"),
            None if choices.len() <= 12 => format!("possible: {}", choices.join(", ")),
            None => String::new(),
        };
        let problem = Problem::fatal(word.span, format!("unknown {what} `{}`", word.value));
        self.tell(match help.is_empty() {
            true => problem,
            false => problem.with_help(help),
        });
    }

    fn complain(&mut self, span: Span, message: impl Into<String>) {
        self.tell(Problem::fatal(self.at(span), message));
    }

    /// Tells a mistake for which AWS would not take the policy.
    fn tell(&mut self, problem: Problem) {
        self.flaw.get_or_insert(Doubt::new(
            format!("it has a mistake: {}", problem.message),
            problem.span,
        ));
        self.problems.push(problem);
    }
}
