//! `endpoints:` of `why403.yaml`: where the URLs lead that code takes from its environment.

use super::Endpoint;
use super::read::Reader;
use crate::syntax::document::Node;

impl Reader<'_> {
    pub(super) fn endpoints(&mut self, node: Node<'_>) {
        for (name, value) in self.mapping(node, "`endpoints`") {
            let is_part = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.');
            if name.value.is_empty() || !name.value.chars().all(is_part) {
                let message = format!(
                    "`{}` is not the name of a variable; write it alone, such as API_URL",
                    name.value
                );
                self.complain(name.span, message);
                continue;
            }
            let Some(url) = self.text(value, "a URL") else {
                continue;
            };
            let rest = ["http://", "https://"]
                .iter()
                .find_map(|scheme| url.value.strip_prefix(scheme));
            let is_good = rest.is_some_and(|rest| {
                let host = rest.split('/').next().unwrap_or_default();
                !host.is_empty()
                    && !rest.contains(|char: char| char.is_whitespace() || "?#@".contains(char))
            });
            if is_good {
                self.config.endpoints.push(Endpoint { name, url });
                continue;
            }
            let message = format!(
                "`{}` is not the beginning of a URL, such as https://api.shop.test/v1",
                url.value
            );
            self.complain(url.span, message);
        }
    }
}
