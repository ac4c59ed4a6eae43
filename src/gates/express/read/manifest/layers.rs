//! One layer of a manifest: its name, what that stands for, and what it asks for.

use super::{Reader, inline, values};
use crate::gates::express::model::*;
use crate::gates::express::value::Value;
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::request::Reason;
use crate::source::{Span, Spanned};
use crate::syntax::document::{Kind, Node};

const LAYER: [&str; 13] = [
    "id", "use", "with", "args", "at", "role", "requires", "behaves", "only", "except", "when",
    "source", "note",
];

impl<'d> Reader<'d> {
    pub(super) fn layer(&mut self, node: Node<'d>) -> Layer {
        match node.kind() {
            Kind::Scalar(text, _) => self.called(text, node.span(), &[]),
            _ => {
                self.known_keys(node, &LAYER, "a layer");
                self.layer_of(node, "use")
            }
        }
    }

    /// A layer in full, whose name stands under this key.
    pub(super) fn layer_of(&mut self, node: Node<'d>, key: &str) -> Layer {
        let Some(name) = node.get(key) else {
            self.complain(node.span(), format!("a layer has a `{key}`"));
            let reason = Reason::new("the manifest does not say what it is");
            return unreadable("something", node.span(), reason);
        };
        let args: Vec<Spanned<Value>> = match (node.get("with"), node.get("args")) {
            (_, Some(args)) => args.items().map(values::value).collect(),
            (Some(with), None) => vec![values::value(with)],
            (None, None) => Vec::new(),
        };
        let text = name.text().unwrap_or_default().to_owned();
        let mut layer = match node.get("behaves") {
            Some(behaves) => self.behaves(&text, name.span(), behaves),
            None => self.called(&text, name.span(), &args),
        };
        let requires = self.requires(node.get("requires"));
        if requires != Requires::default() {
            layer.requires = requires;
        }
        layer.when = when(node);
        layer.runs_for = runs_for(node);
        layer
    }

    /// What a name stands for: another entry, a kind of our own, a package.
    fn called(&mut self, text: &str, span: Span, args: &[Spanned<Value>]) -> Layer {
        if let Some(kind) = text.strip_prefix("inline:") {
            return self.inline(text, kind, span, args.first().map(|arg| &arg.value));
        }
        if let Some(entry) = self.named.get(text).copied()
            && args.is_empty()
        {
            if !self.open.insert(text.to_owned()) {
                self.complain(span, format!("`{text}` stands for itself"));
                return unreadable(text, span, Reason::new("it stands for itself"));
            }
            let layer = self.layer(entry);
            self.open.remove(text);
            return Layer {
                name: text.to_owned(),
                span,
                ..layer
            };
        }
        if text.starts_with('.') || text.starts_with('/') {
            let reason = Reason::new("the manifest does not say how it `behaves`");
            return unreadable(text, span, reason);
        }
        let (package, member) = match text.split_once(':') {
            Some((package, member)) => (package, Some(member.to_owned())),
            None => (text, None),
        };
        // `http-proxy-middleware@2`, but not `@scope/name`.
        let (package, major) = match package.rsplit_once('@') {
            Some((name, major)) if !name.is_empty() => (name, major.parse().ok()),
            _ => (package, None),
        };
        let callee = Callee::Package {
            package: package.to_owned(),
            member,
            major,
        };
        Layer {
            args: args.to_vec(),
            ..Layer::new(text, span, callee)
        }
    }

    fn behaves(&mut self, name: &str, span: Span, node: Node<'d>) -> Layer {
        self.known_keys(node, &["as", "with"], "`behaves`");
        let with = node.get("with").map(values::value);
        let kind = node.get("as").and_then(Node::text).unwrap_or_default();
        let plain = kind.strip_prefix("inline:").unwrap_or(kind);
        let place = node.get("as").map_or(node.span(), Node::span);
        let made = self.inline(name, plain, place, with.as_ref().map(|with| &with.value));
        Layer { span, ..made }
    }

    fn inline(&mut self, name: &str, kind: &str, span: Span, with: Option<&Value>) -> Layer {
        let made = inline::kind(kind, with);
        let callee = match made {
            Some(callee) => callee,
            None => {
                let help = nearest(kind, &inline::KINDS, 3)
                    .map(|near| format!("did you mean `inline:{near}`?"));
                let message = format!("`inline:{kind}` is no kind of middleware");
                self.problems.push(Problem {
                    fatal: true,
                    span: Some(span),
                    message,
                    help,
                });
                Callee::Unreadable(Reason::new("its kind is not known"))
            }
        };
        Layer::new(name, span, callee)
    }

    pub(super) fn requires(&mut self, node: Option<Node<'d>>) -> Requires {
        let Some(node) = node else {
            return Requires::default();
        };
        self.known_keys(node, &["auth", "scopes", "roles"], "`requires`");
        let mut grants = Vec::new();
        for (key, kind) in [("scopes", GrantKind::Scope), ("roles", GrantKind::Role)] {
            if let Some(node) = node.get(key) {
                self.known_keys(node, &["allOf", "anyOf", "claim"], &format!("`{key}`"));
                grants.extend(grants_of(node, kind));
            }
        }
        Requires {
            auth: match node.get("auth").and_then(Node::text) {
                Some("required") => Some(true),
                Some("none" | "optional") => Some(false),
                _ => None,
            },
            grants,
        }
    }
}

pub(super) fn when(node: Node<'_>) -> Option<Spanned<String>> {
    let when = node.get("when")?;
    Some(Spanned::new(when.text()?.to_owned(), when.span()))
}

fn unreadable(name: &str, span: Span, reason: Reason) -> Layer {
    Layer::new(name, span, Callee::Unreadable(reason))
}

/// `{ allOf: […], anyOf: […], claim: … }`: both lists, if both are given.
fn grants_of(node: Node<'_>, kind: GrantKind) -> Vec<Grant> {
    let names = |key: &str| -> Vec<Spanned<String>> {
        let names = node.get(key).into_iter().flat_map(Node::items);
        names
            .filter_map(|name| Some(Spanned::new(name.text()?.to_owned(), name.span())))
            .collect()
    };
    let claim = node.get("claim").and_then(Node::text);
    let (all, any) = (names("allOf"), names("anyOf"));
    let all = (!all.is_empty()).then(|| vec![all]);
    let any = (!any.is_empty()).then(|| any.into_iter().map(|name| vec![name]).collect());
    let ways = all.into_iter().chain(any);
    ways.map(|ways| Grant {
        claim: claim.map(str::to_owned),
        holder: match claim {
            Some(_) => Holder::Token,
            None => Holder::Anyone,
        },
        ..Grant::new(kind, ways)
    })
    .collect()
}

/// `only: [POST]`, or `except: [GET, HEAD]`.
fn runs_for(node: Node<'_>) -> RunsFor {
    let methods = |key: &str| -> Option<Vec<String>> {
        let methods = node.get(key)?.items().filter_map(Node::text);
        Some(methods.map(str::to_ascii_uppercase).collect())
    };
    match (methods("only"), methods("except")) {
        (Some(these), _) => RunsFor::These(these),
        (None, Some(others)) => RunsFor::Others(others),
        (None, None) => RunsFor::All,
    }
}
