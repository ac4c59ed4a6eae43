//! Policies as layers (express-gateway, lib/policies).

use super::conditions::{self, When};
use super::{Reader, listed, text};
use crate::gates::express::model::*;
use crate::gates::express::value::Value;
use crate::problem::Problem;
use crate::request::Reason;
use crate::source::{Span, Spanned};
use crate::syntax::document::Node;

/// Policies that never end a request.
const PASSING: [&str; 5] = [
    "log",
    "headers",
    "expression",
    "request-transformer",
    "response-transformer",
];

impl Reader<'_> {
    /// One policy of a pipeline, with a layer for each of its steps.
    pub(super) fn policy(&mut self, node: Node<'_>) -> Vec<Layer> {
        let Some((key, steps)) = node.entries().next() else {
            return Vec::new();
        };
        let Some(name) = key.text() else {
            return Vec::new();
        };
        self.expect_declared(name, key.span());
        let steps = listed(steps);
        if steps.is_empty() {
            return vec![self.layer(name, key.span(), None)];
        }
        steps
            .into_iter()
            .filter_map(|step| self.step(name, key.span(), step))
            .collect()
    }

    fn expect_declared(&mut self, name: &str, span: Span) {
        let declared = self.root.get("policies");
        let mut declared = declared.into_iter().flat_map(listed);
        if declared.any(|one| one.text() == Some(name)) {
            return;
        }
        let message =
            format!("Express Gateway does not start: `policies` does not name the policy {name}");
        let help = format!("add `- {name}` to `policies`");
        self.problems
            .push(Problem::note(span, message).with_help(help));
    }

    fn step(&self, name: &str, span: Span, step: Node<'_>) -> Option<Layer> {
        let layer = self.layer(name, span, step.get("action"));
        let Some(condition) = step.get("condition") else {
            return Some(layer);
        };
        match conditions::when(condition) {
            When::Never => None,
            When::Runs(runs_for) => Some(Layer { runs_for, ..layer }),
            // What answers callers is there for some of them; what may refuse them is not blamed.
            When::Unknown if matches!(name, "cors" | "proxy") => Some(Layer {
                when: Some(Spanned::new(
                    format!("the condition of {name}"),
                    condition.span(),
                )),
                ..layer
            }),
            When::Unknown => {
                let reason = Reason::new("it has a condition that is not followed here");
                Some(Layer::new(name, span, Callee::Unreadable(reason)))
            }
        }
    }

    fn layer(&self, name: &str, span: Span, action: Option<Node<'_>>) -> Layer {
        let options = action.map(text::option);
        let get = |key: &str| {
            let value = options.as_ref().and_then(|options| options.value.get(key));
            value.map(|value| &value.value)
        };
        let package = |package: &str, member: Option<&str>, args: Vec<Spanned<Value>>| Layer {
            args,
            ..Layer::new(name, span, Callee::package(package, member))
        };
        let strategy = |strategy: &str| {
            let mut names = vec![strategy];
            if get("passThrough") == Some(&Value::Bool(true)) {
                names.push("anonymous");
            }
            let names = names
                .into_iter()
                .map(|name| Spanned::new(Value::Text(name.into()), span));
            let args = vec![Spanned::new(Value::List(names.collect()), span)];
            package("passport", Some("authenticate"), args)
        };
        let all = || options.clone().into_iter().collect::<Vec<_>>();
        match name {
            "cors" => package("cors", None, all()),
            "jwt" => match get("jwtExtractor").and_then(Value::text) {
                None | Some("authBearer") => strategy("jwt"),
                Some("header") => match get("jwtExtractorField").and_then(Value::text) {
                    Some(header) => guard(name, span, header, get("passThrough")),
                    None => strategy("jwt of a header"),
                },
                Some(_) => strategy("jwt of elsewhere"),
            },
            "oauth2" | "oauth2-introspect" => strategy("bearer"),
            "basic-auth" => strategy("basic"),
            "key-auth" => match get("disableHeaders") {
                Some(Value::Bool(true)) => strategy("key of the query"),
                _ => {
                    let header = get("apiKeyHeader").and_then(Value::text);
                    let header = header.unwrap_or("Authorization");
                    guard(name, span, header, get("passThrough"))
                }
            },
            "rate-limit" => {
                // `max: 0` means no limit here.
                let status = options.iter().map(|options| without(options, "max"));
                package("express-rate-limit", None, status.collect())
            }
            "proxy" => package(
                "http-proxy-middleware",
                None,
                vec![self.target(span, get("serviceEndpoint"))],
            ),
            _ if PASSING.contains(&name) => {
                Layer::new(name, span, Callee::Written(Written::Passes))
            }
            _ => {
                let reason = Reason::new(format!("the policy {name} is not read"));
                Layer::new(name, span, Callee::Unreadable(reason))
            }
        }
    }

    /// The options of a proxy, with the address of the service.
    fn target(&self, span: Span, service: Option<&Value>) -> Spanned<Value> {
        let url = service.and_then(Value::text).and_then(|service| {
            let endpoint = self.root.get("serviceEndpoints")?.get(service)?;
            let url = endpoint
                .get("url")
                .or_else(|| endpoint.get("urls")?.items().next())?;
            Some(text::option(url))
        });
        let unknown = || {
            let reason = Reason::new("no service of this name has a URL");
            Spanned::new(Value::Unknown(reason), span)
        };
        let key = Spanned::new("target".to_owned(), span);
        Spanned::new(
            Value::Object(vec![(key, url.unwrap_or_else(unknown))]),
            span,
        )
    }
}

/// A credential in a header of its own.
fn guard(name: &str, span: Span, header: &str, pass_through: Option<&Value>) -> Layer {
    let callee = match pass_through {
        Some(Value::Bool(true)) => Callee::Written(Written::Puts(Vec::new())),
        _ => Callee::Written(Written::Guard(Guard {
            wants: Wants::Header(header.to_owned()),
            status: 401,
            anonymous: None,
            by_error: false,
            options: OnOptions::Asked,
        })),
    };
    Layer::new(name, span, callee)
}

fn without(options: &Spanned<Value>, key: &str) -> Spanned<Value> {
    let value = match &options.value {
        Value::Object(entries) => {
            let kept = entries.iter().filter(|(name, _)| name.value != key);
            Value::Object(kept.cloned().collect())
        }
        other => other.clone(),
    };
    Spanned::new(value, options.span)
}
