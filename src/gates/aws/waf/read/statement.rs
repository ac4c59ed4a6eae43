//! What a rule looks for
//! (<https://docs.aws.amazon.com/waf/latest/APIReference/API_Statement.html>).

use super::{DEEPEST, Reader, overrides};
use crate::gates::aws::fields::{entry, items, number, text};
use crate::gates::aws::waf::model::{
    Field, Forwarded, ManagedGroup, Oversize, OwnGroup, Position, Statement, TextTest,
};
use crate::request::{Known, Reason};
use crate::syntax::document::Node;

impl Reader<'_> {
    pub(super) fn statement(&mut self, node: Option<Node<'_>>) -> Statement {
        if self.depth == DEEPEST {
            return Statement::Unknown("it lies too deep".into());
        }
        let mut entries = node.into_iter().flat_map(Node::entries);
        let Some((key, node)) = entries.find(|(_, value)| !value.is_null()) else {
            return Statement::Unknown("nothing says what it looks for".into());
        };
        self.depth += 1;
        let statement = self.of_kind(key.text().unwrap_or_default(), node);
        self.depth -= 1;
        statement
    }

    fn of_kind(&mut self, kind: &str, node: Node<'_>) -> Statement {
        let arn = text(node, "ARN").unwrap_or_default();
        match kind {
            "IPSetReferenceStatement" => Statement::Addresses {
                set: self.ip_set(arn),
                forwarded: entry(node, "IPSetForwardedIPConfig").map(forwarded),
            },
            "GeoMatchStatement" => Statement::Origin(format!(
                "a network of {}",
                listed(items(node, "CountryCodes"))
            )),
            "AsnMatchStatement" => Statement::Origin(format!(
                "the autonomous systems {}",
                listed(items(node, "AsnList"))
            )),
            "ByteMatchStatement" => self.text(node, byte_match(node)),
            "RegexMatchStatement" => {
                let expression = text(node, "RegexString");
                self.text(
                    node,
                    expression
                        .map(|one| TextTest::Regex(vec![one.to_owned()]))
                        .ok_or(Reason::new("the expression is not here")),
                )
            }
            "RegexPatternSetReferenceStatement" => {
                let patterns = match self.patterns(arn) {
                    Known::Is(patterns) => Ok(TextTest::Regex(patterns)),
                    Known::Unknown(reason) => Err(reason),
                };
                self.text(node, patterns)
            }
            "SizeConstraintStatement" => Statement::Size {
                field: field(node),
                comparison: text(node, "ComparisonOperator").unwrap_or_default().into(),
                size: number(node, "Size").unwrap_or_default(),
                transforms: transforms(node),
            },
            "SqliMatchStatement" => Statement::Attack("SQL injection"),
            "XssMatchStatement" => Statement::Attack("cross-site scripting"),
            "LabelMatchStatement" => Statement::Label {
                key: text(node, "Key").unwrap_or_default().to_owned(),
                namespace: text(node, "Scope") == Some("NAMESPACE"),
            },
            "RateBasedStatement" => Statement::Rate {
                within: self.within(node),
            },
            "AndStatement" => Statement::All(self.parts(node)),
            "OrStatement" => Statement::Any(self.parts(node)),
            "NotStatement" => Statement::Not(Box::new(self.statement(entry(node, "Statement")))),
            "RuleGroupReferenceStatement" => Statement::Group(OwnGroup {
                group: self.group(arn),
                overrides: overrides(node),
            }),
            "ManagedRuleGroupStatement" => Statement::Managed(ManagedGroup {
                vendor: text(node, "VendorName").unwrap_or_default().to_owned(),
                name: text(node, "Name").unwrap_or_default().to_owned(),
                span: entry(node, "Name").unwrap_or(node).span(),
                overrides: overrides(node),
                within: self.within(node),
            }),
            other => Statement::Unknown(format!("what {other} looks for is not known")),
        }
    }

    fn parts(&mut self, node: Node<'_>) -> Vec<Statement> {
        let parts = items(node, "Statements").map(|part| self.statement(Some(part)));
        parts.collect()
    }

    fn within(&mut self, node: Node<'_>) -> Option<Box<Statement>> {
        let within = entry(node, "ScopeDownStatement")?;
        Some(Box::new(self.statement(Some(within))))
    }

    fn text(&self, node: Node<'_>, test: Result<TextTest, Reason>) -> Statement {
        Statement::Text {
            field: field(node),
            test: match test {
                Ok(test) => Known::Is(test),
                Err(reason) => Known::Unknown(reason),
            },
            transforms: transforms(node),
        }
    }
}

/// `DE, FR`
fn listed<'d>(items: impl Iterator<Item = Node<'d>>) -> String {
    let items: Vec<&str> = items.filter_map(Node::text).collect();
    items.join(", ")
}

fn byte_match(node: Node<'_>) -> Result<TextTest, Reason> {
    let text_of = text(node, "SearchString");
    let search = text_of.ok_or(Reason::new("the text that it looks for is not here"))?;
    let search = plain(search);
    Ok(match text(node, "PositionalConstraint") {
        Some("EXACTLY") => TextTest::Exactly(search),
        Some("STARTS_WITH") => TextTest::StartsWith(search),
        Some("ENDS_WITH") => TextTest::EndsWith(search),
        Some("CONTAINS") => TextTest::Contains(search),
        Some("CONTAINS_WORD") => TextTest::ContainsWord(search),
        _ => return Err(Reason::new("nothing says where it looks for the text")),
    })
}

/// The text that is looked for is bytes, which the API and the commands of AWS give in base64, and
/// some tools as they are.
fn plain(text: &str) -> Vec<u8> {
    let is_text = |bytes: &Vec<u8>| {
        let text = std::str::from_utf8(bytes);
        text.is_ok_and(|text| !text.contains(char::is_control))
    };
    let decoded = decoded(text).filter(is_text);
    decoded.unwrap_or_else(|| text.as_bytes().to_vec())
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || digits.len() + 2 < text.len() || digits.is_empty() {
        return None;
    }
    let mut out = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut buffer, mut bits) = (0u32, 0u32);
    for byte in digits.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        buffer = buffer << 6 | u32::from(digit);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits) as u8);
            buffer &= (1 << bits) - 1;
        }
    }
    Some(out)
}

fn field(node: Node<'_>) -> Field {
    let fields = entry(node, "FieldToMatch");
    let mut entries = fields.into_iter().flat_map(Node::entries);
    let Some((key, value)) = entries.find(|(_, value)| !value.is_null()) else {
        return Field::Other("nothing".into());
    };
    let name = || text(value, "Name").unwrap_or_default().to_owned();
    let oversize = || match text(value, "OversizeHandling") {
        Some("MATCH") => Oversize::Match,
        Some("NO_MATCH") => Oversize::NoMatch,
        _ => Oversize::Continue,
    };
    match key.text().unwrap_or_default() {
        "UriPath" => Field::Path,
        "QueryString" => Field::Query,
        "Method" => Field::Method,
        "SingleHeader" => Field::Header(name()),
        "SingleQueryArgument" => Field::Argument(name()),
        "Body" => Field::Body {
            oversize: oversize(),
        },
        "JsonBody" => Field::Json {
            oversize: oversize(),
        },
        "Cookies" => Field::Cookies,
        other => Field::Other(other.to_owned()),
    }
}

fn transforms(node: Node<'_>) -> Vec<String> {
    let mut all: Vec<(u32, String)> = items(node, "TextTransformations")
        .filter_map(|one| {
            let priority = number(one, "Priority").unwrap_or_default();
            Some((priority, text(one, "Type")?.to_owned()))
        })
        .filter(|(_, name)| name != "NONE")
        .collect();
    all.sort();
    all.into_iter().map(|(_, name)| name).collect()
}

fn forwarded(node: Node<'_>) -> Forwarded {
    Forwarded {
        header: text(node, "HeaderName")
            .unwrap_or("X-Forwarded-For")
            .to_owned(),
        position: match text(node, "Position") {
            Some("LAST") => Position::Last,
            Some("ANY") => Position::Any,
            _ => Position::First,
        },
        fallback: text(node, "FallbackBehavior") == Some("MATCH"),
    }
}
