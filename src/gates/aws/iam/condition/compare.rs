//! One value of a policy, one of a request.

use std::cmp::Ordering;
use std::net::IpAddr;

use super::super::context::Context;
use super::super::model::{Comparison, Test};
use super::super::pattern::{Reading, Resolved, Token, fits, fits_arn};
use super::super::truth::Truth;
use super::date;
use crate::gates::aws::fields::network;

pub struct Comparator<'c> {
    pub test: Test,
    pub variables: Option<&'c Context>,
}

impl Comparator<'_> {
    /// Why one of these texts makes a condition invalid.
    pub fn invalid<'t>(&self, mut texts: impl Iterator<Item = &'t String>) -> Option<String> {
        texts.find_map(|text| match self.resolve(text)? {
            Resolved::Invalid(because) => Some(because),
            _ => None,
        })
    }

    /// Variables stand in strings and ARNs only
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>).
    fn resolve(&self, text: &str) -> Option<Resolved> {
        let wildcards = match self.test {
            Test::StringEquals | Test::StringEqualsIgnoreCase => false,
            Test::StringLike | Test::Arn => true,
            _ => return None,
        };
        let reading = Reading {
            variables: self.variables,
            wildcards,
        };
        Some(reading.resolve(text))
    }

    /// Nothing fits what is [invalid](Resolved::Invalid).
    pub fn compare(&self, own: &str, value: &str) -> Truth {
        match self.resolve(own) {
            Some(Resolved::Tokens(tokens)) => self.fits(&tokens, value),
            Some(Resolved::Invalid(_)) => Truth::No,
            Some(Resolved::Unknown(because)) => Truth::unknown(because, None),
            None => self.measure(own, value),
        }
    }

    fn fits(&self, tokens: &[Token], value: &str) -> Truth {
        match self.test {
            Test::Arn => fits_arn(tokens, value),
            Test::StringEqualsIgnoreCase => {
                let own = tokens.iter().filter_map(|token| match token {
                    Token::Char(char) => Some(char.to_lowercase()),
                    _ => None,
                });
                own.flatten()
                    .eq(value.chars().flat_map(char::to_lowercase))
                    .into()
            }
            _ => fits(tokens, value).into(),
        }
    }

    /// What is not of the operator's type cannot be compared, and the documentation does not say
    /// what comes of it.
    fn measure(&self, own: &str, value: &str) -> Truth {
        let (kind, truth) = match self.test {
            Test::Numeric(comparison) => {
                let ordered = both(own, value, number).and_then(|(own, value)| {
                    let order = value.partial_cmp(&own)?;
                    Some(holds(comparison, order))
                });
                ("number", ordered)
            }
            Test::Date(comparison) => {
                let dates = both(own, value, date::parse);
                let order = dates.map(|(own, value)| value.cmp(&own));
                ("date", order.map(|order| holds(comparison, order)))
            }
            Test::Bool => {
                let both = both(own, value, boolean);
                ("boolean", both.map(|(own, value)| own == value))
            }
            Test::IpAddress => {
                let address: Option<IpAddr> = value.parse().ok();
                let inside = network(own)
                    .zip(address)
                    .map(|(network, address)| network.contains(&address));
                ("address", inside)
            }
            // Both are the same bytes in base64, which has one text for them.
            _ => ("binary value", Some(own == value)),
        };
        match truth {
            Some(truth) => truth.into(),
            None => Truth::unknown(format!("`{own}` or `{value}` is no {kind}"), None),
        }
    }
}

fn both<T>(own: &str, value: &str, read: impl Fn(&str) -> Option<T>) -> Option<(T, T)> {
    read(own).zip(read(value))
}

fn holds(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

/// An integer or a decimal.
pub fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let plain = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain.then(|| text.parse().ok()).flatten()
}

pub fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A date, for those who check what was written.
pub fn is_date(text: &str) -> bool {
    date::parse(text).is_some()
}
