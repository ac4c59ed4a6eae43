//! `tokens:` of `why403.yaml`: who comes with a token, and what it grants.

use super::TokenSource;
use super::read::Reader;
use crate::source::Spanned;
use crate::syntax::document::Node;

impl Reader<'_> {
    pub(super) fn tokens(&mut self, node: Node<'_>) {
        for (name, value) in self.mapping(node, "`tokens`") {
            let mut source = TokenSource {
                name,
                scopes: None,
                roles: None,
                calls: Vec::new(),
            };
            for (key, value) in self.mapping(value, "a token") {
                match key.value.as_str() {
                    "scopes" => source.scopes = Some(self.names(value, "scopes")),
                    "roles" => source.roles = Some(self.names(value, "roles")),
                    "calls" => source.calls = self.token_calls(value),
                    _ => self.unknown("key", &key, &["scopes", "roles", "calls"]),
                }
            }
            if source.scopes.is_none() && source.roles.is_none() {
                let message = format!(
                    "the token `{}` says neither `scopes` nor `roles`; `scopes: []` means none",
                    source.name.value
                );
                self.complain(source.name.span, message);
                continue;
            }
            self.config.tokens.push(source);
        }
    }

    fn names(&mut self, node: Node<'_>, of: &str) -> Vec<Spanned<String>> {
        let mut names = self.list(node, of);
        names.retain(|name| {
            let is_one = !name.value.is_empty() && !name.value.contains(char::is_whitespace);
            if !is_one {
                let message = format!(
                    "`{}` is not one name: each of the {of} is an entry of its own",
                    name.value
                );
                self.complain(name.span, message);
            }
            is_one
        });
        names
    }

    fn token_calls(&mut self, node: Node<'_>) -> Vec<Spanned<super::Call>> {
        let mut calls = Vec::new();
        for text in self.list(node, "calls") {
            match text.value.parse() {
                Ok(call) => calls.push(Spanned::new(call, text.span)),
                Err(()) => {
                    let message = format!("`{}` is no call; write it as `GET /orders`", text.value);
                    self.complain(text.span, message);
                }
            }
        }
        calls
    }
}
