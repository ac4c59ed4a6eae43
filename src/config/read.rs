//! `why403.yaml`, entry by entry. A mistake costs its entry, not the rest of the file.

use std::collections::HashSet;
use std::net::IpAddr;

use ipnet::IpNet;

use super::{Config, EgressGroup, NginxSettings, PathMap, RuleLevel, Version};
use crate::finding::Severity;
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::source::{Span, Spanned};
use crate::syntax::document::{self, Kind, Node};

/// Reads a configuration whose first byte has the address `base`. Each problem is fatal: what
/// the user declared is not what we would work with.
pub fn read(base: u32, text: &[u8], known_rules: &[&str]) -> (Config, Vec<Problem>) {
    let mut reader = Reader {
        known_rules,
        config: Config::default(),
        problems: Vec::new(),
    };
    match document::parse(base, text) {
        Ok(document) => {
            let mut documents = document.documents();
            if let Some(root) = documents.next() {
                reader.top(root);
            }
            if let Some(more) = documents.next() {
                reader.complain(more.span(), "a second document; only the first is read");
            }
        }
        Err(error) => reader.complain(error.span, error.message),
    }
    (reader.config, reader.problems)
}

const TOP: [&str; 6] = ["egress", "tokens", "rules", "nginx", "paths", "endpoints"];

pub(super) struct Reader<'r> {
    known_rules: &'r [&'r str],
    pub(super) config: Config,
    problems: Vec<Problem>,
}

pub(super) type Entry<'d> = (Spanned<String>, Node<'d>);

impl Reader<'_> {
    fn top(&mut self, root: Node<'_>) {
        for (key, value) in self.mapping(root, "the configuration") {
            match key.value.as_str() {
                "egress" => self.egress(value),
                "tokens" => self.tokens(value),
                "rules" => self.rules(value),
                "nginx" => self.nginx(value),
                "paths" => self.paths(value),
                "endpoints" => self.endpoints(value),
                _ => self.unknown("key", &key, &TOP),
            }
        }
    }

    fn egress(&mut self, node: Node<'_>) {
        for (name, value) in self.mapping(node, "`egress`") {
            let mut group = EgressGroup {
                name,
                addresses: Vec::new(),
                calls: Vec::new(),
            };
            match value.kind() {
                Kind::Mapping(_) => self.egress_group(value, &mut group),
                _ => group.addresses = self.addresses(value),
            }
            self.config.egress.push(group);
        }
    }

    fn egress_group(&mut self, node: Node<'_>, group: &mut EgressGroup) {
        for (key, value) in self.mapping(node, "an egress group") {
            match key.value.as_str() {
                "addresses" => group.addresses = self.addresses(value),
                "calls" => group.calls = self.calls(value),
                _ => self.unknown("key", &key, &["addresses", "calls"]),
            }
        }
    }

    fn addresses(&mut self, node: Node<'_>) -> Vec<Spanned<IpNet>> {
        let mut addresses = Vec::new();
        for text in self.list(node, "addresses") {
            match address(&text.value) {
                Some(address) => addresses.push(Spanned::new(address, text.span)),
                None => self.complain(
                    text.span,
                    format!(
                        "`{}` is neither an address nor a range such as 203.0.113.0/24",
                        text.value
                    ),
                ),
            }
        }
        addresses
    }

    fn calls(&mut self, node: Node<'_>) -> Vec<Spanned<String>> {
        let mut calls = self.list(node, "URLs");
        calls.retain(|url| {
            let good = ["http://", "https://"]
                .iter()
                .any(|scheme| url.value.len() > scheme.len() && url.value.starts_with(scheme));
            if !good {
                let message = format!(
                    "`{}` is not a URL that starts with http:// or https://",
                    url.value
                );
                self.problems.push(Problem::fatal(url.span, message));
            }
            good
        });
        calls
    }

    fn rules(&mut self, node: Node<'_>) {
        for (rule, value) in self.mapping(node, "`rules`") {
            if !self.known_rules.contains(&rule.value.as_str()) {
                self.unknown("rule", &rule, self.known_rules);
                continue;
            }
            let Some(word) = self.text(value, "a level") else {
                continue;
            };
            let level = match word.value.as_str() {
                "off" => None,
                "note" => Some(Severity::Note),
                "warning" => Some(Severity::Warning),
                "error" => Some(Severity::Error),
                _ => {
                    self.unknown("level", &word, &["off", "note", "warning", "error"]);
                    continue;
                }
            };
            let span = rule.span.to(word.span);
            self.config.rules.push(RuleLevel { rule, level, span });
        }
    }

    fn nginx(&mut self, node: Node<'_>) {
        let mut settings = NginxSettings::default();
        for (key, value) in self.mapping(node, "`nginx`") {
            match key.value.as_str() {
                "version" => settings.version = self.version(value),
                "prefix" => settings.prefix = self.absolute(value),
                _ => self.unknown("key", &key, &["version", "prefix"]),
            }
        }
        self.config.nginx = settings;
    }

    fn version(&mut self, node: Node<'_>) -> Option<Spanned<Version>> {
        let text = self.text(node, "a version")?;
        match text.value.parse() {
            Ok(version) => Some(Spanned::new(version, text.span)),
            Err(()) => {
                let message = format!("`{}` is not a version such as 1.28.0", text.value);
                self.complain(text.span, message);
                None
            }
        }
    }

    fn absolute(&mut self, node: Node<'_>) -> Option<Spanned<String>> {
        let text = self.text(node, "a path")?;
        self.is_absolute(&text).then_some(text)
    }

    fn is_absolute(&mut self, path: &Spanned<String>) -> bool {
        let good = path.value.starts_with('/');
        if !good {
            let message = format!(
                "`{}` is a path of the server: it starts with `/`",
                path.value
            );
            self.complain(path.span, message);
        }
        good
    }

    fn paths(&mut self, node: Node<'_>) {
        for (from, value) in self.mapping(node, "`paths`") {
            let Some(to) = self.text(value, "a path") else {
                continue;
            };
            let is_url = from.value.starts_with("http://") || from.value.starts_with("https://");
            if !is_url && !self.is_absolute(&from) {
                continue;
            }
            if to.value.starts_with('/') {
                let message = format!(
                    "`{}` is a path of the project: it starts without `/`",
                    to.value
                );
                self.complain(to.span, message);
                continue;
            }
            let maps = match is_url {
                true => &mut self.config.applications,
                false => &mut self.config.paths,
            };
            maps.push(PathMap { from, to });
        }
    }

    /// The entries of a mapping, each key once. Nothing written is an empty mapping.
    pub(super) fn mapping<'d>(&mut self, node: Node<'d>, what: &str) -> Vec<Entry<'d>> {
        if !matches!(node.kind(), Kind::Mapping(_)) {
            if !node.is_null() {
                self.complain(node.span(), format!("{what} is made of `key: value` lines"));
            }
            return Vec::new();
        }
        let mut seen = HashSet::new();
        let mut entries = Vec::new();
        for (key, value) in node.entries() {
            let Some(key) = self.text(key, "a key") else {
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

    pub(super) fn list(&mut self, node: Node<'_>, of: &str) -> Vec<Spanned<String>> {
        if !matches!(node.kind(), Kind::Sequence(_)) {
            self.complain(node.span(), format!("here stands a list of {of}"));
        }
        node.items()
            .filter_map(|item| self.text(item, "a text"))
            .collect()
    }

    pub(super) fn text(&mut self, node: Node<'_>, what: &str) -> Option<Spanned<String>> {
        match node.text() {
            Some(text) if !node.is_null() => Some(Spanned::new(text.to_owned(), node.span())),
            _ => {
                self.complain(node.span(), format!("here stands {what}"));
                None
            }
        }
    }

    pub(super) fn unknown(&mut self, what: &str, word: &Spanned<String>, choices: &[&str]) {
        let problem = Problem::fatal(word.span, format!("unknown {what} `{}`", word.value));
        let most = 1 + word.value.chars().count() / 5;
        self.problems
            .push(match nearest(&word.value, choices, most) {
                Some(choice) => problem.with_help(format!("did you mean `{choice}`?")),
                None if choices.len() <= 6 && !choices.is_empty() => {
                    problem.with_help(format!("possible: {}", choices.join(", ")))
                }
                None => problem,
            });
    }

    pub(super) fn complain(&mut self, span: Span, message: impl Into<String>) {
        self.problems.push(Problem::fatal(span, message));
    }
}

fn address(text: &str) -> Option<IpNet> {
    match text.parse::<IpAddr>() {
        Ok(address) => Some(address.into()),
        Err(_) => text.parse::<IpNet>().ok().map(|net| net.trunc()),
    }
}
