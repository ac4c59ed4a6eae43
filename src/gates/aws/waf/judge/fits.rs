//! Whether a request is what a statement looks for.

use std::net::IpAddr;

use bstr::ByteSlice;

use super::Judge;
use super::field::{Part, transformed};
use crate::gate::Unsure;
use crate::gates::aws::pattern;
use crate::gates::aws::waf::model::{Forwarded, IpSet, Position, Rule, Statement, TextTest};
use crate::request::{Known, Reason};

/// What of a statement is known, or what it depends on.
type Fits = Result<bool, Unsure>;

impl Judge<'_, '_> {
    /// What is not known is asked both ways, the likelier one first: that which admits.
    pub(in crate::gates::aws::waf) fn fits(
        &mut self,
        statement: &Statement,
        rule: &Rule,
        admits: bool,
    ) -> bool {
        if let Some(known) = self.known(statement, rule) {
            return known;
        }
        match statement {
            Statement::All(parts) => parts.iter().all(|part| self.fits(part, rule, admits)),
            Statement::Any(parts) => parts.iter().any(|part| self.fits(part, rule, admits)),
            Statement::Not(part) => !self.fits(part, rule, !admits),
            leaf => match self.leaf(leaf, rule) {
                Ok(known) => known,
                Err(what) => {
                    let is_limit = matches!(what, Unsure::LimitReached { .. });
                    let span = Some(rule.span);
                    self.run.oracle.decide(what, span, admits && !is_limit)
                }
            },
        }
    }

    pub(super) fn known(&self, statement: &Statement, rule: &Rule) -> Option<bool> {
        match statement {
            Statement::All(parts) => {
                let known: Vec<_> = parts.iter().map(|part| self.known(part, rule)).collect();
                match known.contains(&Some(false)) {
                    true => Some(false),
                    false => known.iter().all(Option::is_some).then_some(true),
                }
            }
            Statement::Any(parts) => {
                let known: Vec<_> = parts.iter().map(|part| self.known(part, rule)).collect();
                match known.contains(&Some(true)) {
                    true => Some(true),
                    false => known.iter().all(Option::is_some).then_some(false),
                }
            }
            Statement::Not(part) => self.known(part, rule).map(|fits| !fits),
            leaf => self.leaf(leaf, rule).ok(),
        }
    }

    fn leaf(&self, statement: &Statement, rule: &Rule) -> Fits {
        let open = |because: &Reason| Unsure::Test {
            text: format!("that it has what the rule {} looks for", rule.name),
            because: because.clone(),
        };
        match statement {
            Statement::Addresses { set, forwarded } => match set {
                Known::Is(set) => self.in_set(set, forwarded.as_ref()),
                Known::Unknown(reason) => Err(open(reason)),
            },
            Statement::Origin(networks) => Err(Unsure::AddressIn(networks.clone())),
            Statement::Text {
                field,
                test,
                transforms,
            } => {
                let text = match self.part(field) {
                    Part::Absent => return Ok(false),
                    Part::Decided(fits) => return Ok(fits),
                    Part::Unknown(reason) => return Err(open(&reason)),
                    Part::Text(text) => text,
                };
                let text = transformed(&text, transforms).map_err(|reason| open(&reason))?;
                match test {
                    Known::Is(test) => test.fits(&text).map_err(|reason| open(&reason)),
                    Known::Unknown(reason) => Err(open(reason)),
                }
            }
            Statement::Size {
                field,
                comparison,
                size,
                transforms,
            } => match self.size(field, transforms) {
                Part::Absent => Ok(false),
                Part::Decided(fits) => Ok(fits),
                Part::Text(length) => compared(length, comparison, *size)
                    .ok_or_else(|| open(&Reason::new("the comparison is not known"))),
                Part::Unknown(reason) => Err(open(&reason)),
            },
            Statement::Attack(_) => Ok(false),
            Statement::Label { key, namespace } => {
                self.labelled(key, *namespace).ok_or_else(|| {
                    open(&Reason::new(format!(
                        "whether it has the label {key} is not known"
                    )))
                })
            }
            Statement::Rate { within } => {
                let scope = within.as_deref();
                match scope.and_then(|scope| self.known(scope, rule)) {
                    Some(false) => Ok(false),
                    _ => Err(Unsure::LimitReached {
                        zone: rule.name.clone(),
                    }),
                }
            }
            Statement::Unknown(why) => Err(open(&Reason::new(why.clone()))),
            Statement::Group(_) | Statement::Managed(_) => {
                Err(open(&Reason::new("a group lies where none may")))
            }
            Statement::All(_) | Statement::Any(_) | Statement::Not(_) => self
                .known(statement, rule)
                .ok_or_else(|| open(&Reason::new("a part of it is not known"))),
        }
    }

    fn in_set(&self, set: &IpSet, forwarded: Option<&Forwarded>) -> Fits {
        let open = || Unsure::AddressIn(format!("the IP set {}", set.name));
        let Some(forwarded) = forwarded else {
            return match &self.run.request.from {
                Known::Is(from) => Ok(set.entry(*from).is_some()),
                Known::Unknown(_) => Err(open()),
            };
        };
        // Without the header the rule is not applied at all
        // (<https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-forwarded-ip-address.html>).
        let value = match self.run.request.headers.get(&forwarded.header) {
            None => return Ok(false),
            Some(Known::Unknown(_)) => return Err(open()),
            Some(Known::Is(value)) => value.to_str_lossy(),
        };
        let addresses: Option<Vec<IpAddr>> = value
            .split(',')
            .map(|text| text.trim().parse().ok())
            .collect();
        let Some(addresses) = addresses else {
            return Ok(forwarded.fallback);
        };
        let has = |address: Option<&IpAddr>| address.is_some_and(|one| set.entry(*one).is_some());
        Ok(match forwarded.position {
            Position::First => has(addresses.first()),
            Position::Last => has(addresses.last()),
            Position::Any => addresses.iter().any(|one| set.entry(*one).is_some()),
        })
    }

    /// A key that is not written out from its beginning is looked for among the labels of the same
    /// group or ACL alone
    /// (<https://docs.aws.amazon.com/waf/latest/APIReference/API_LabelMatchStatement.html>).
    /// `None` for labels of AWS that are on it or not, by what cannot be seen.
    fn labelled(&self, key: &str, namespace: bool) -> Option<bool> {
        let own = |label: &String| match key.starts_with("awswaf:") {
            true => Some(label.clone()),
            false => label.strip_prefix(self.context).map(str::to_owned),
        };
        let fits = |label: &String| {
            own(label).is_some_and(|label| match namespace {
                true => label.starts_with(key) || label.contains(&format!(":{key}")),
                false => label == key || label.ends_with(&format!(":{key}")),
            })
        };
        if self.labels.iter().any(fits) {
            return Some(true);
        }
        const OPEN: [&str; 2] = ["awswaf:managed:token:", "awswaf:clientip:"];
        let by_open_group = self.passed.iter().any(|label| key.starts_with(label));
        let is_open = OPEN.iter().any(|start| key.starts_with(start)) || by_open_group;
        (!is_open).then_some(false)
    }
}

fn compared(length: u64, comparison: &str, size: u64) -> Option<bool> {
    Some(match comparison {
        "EQ" => length == size,
        "NE" => length != size,
        "LE" => length <= size,
        "LT" => length < size,
        "GE" => length >= size,
        "GT" => length > size,
        _ => return None,
    })
}

impl TextTest {
    fn fits(&self, text: &[u8]) -> Result<bool, Reason> {
        Ok(match self {
            TextTest::Exactly(own) => text == own.as_slice(),
            TextTest::StartsWith(own) => text.starts_with(own),
            TextTest::EndsWith(own) => text.ends_with(own),
            TextTest::Contains(own) => text.contains_str(own),
            TextTest::ContainsWord(own) => {
                let is_word = |byte: Option<&u8>| {
                    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
                };
                text.find_iter(own).any(|at| {
                    let before = at.checked_sub(1).and_then(|at| text.get(at));
                    !is_word(before) && !is_word(text.get(at + own.len()))
                })
            }
            TextTest::Regex(expressions) => {
                let Ok(text) = std::str::from_utf8(text) else {
                    return Err(Reason::new("it is no text"));
                };
                let mut unread = false;
                for expression in expressions {
                    match pattern::is_found(expression, text) {
                        Some(true) => return Ok(true),
                        Some(false) => {}
                        None => unread = true,
                    }
                }
                if unread {
                    return Err(Reason::new("an expression of it cannot be read"));
                }
                false
            }
        })
    }
}
