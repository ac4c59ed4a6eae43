//! Whether a request is what the conditions of a rule ask for
//! (<https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html>).

use std::net::IpAddr;

use bstr::ByteSlice;

use crate::gate::{Check, Unsure};
use crate::gates::aws::load_balancer::model::{Condition, Rule, Subject, Test};
use crate::gates::aws::pattern::{is_like, is_like_escaped, is_meant};
use crate::gates::aws::run::{Run, host};
use crate::request::{Known, Reason, Request};

/// All of them; what is not known is asked both ways, if nothing else decides.
pub fn all(run: &mut Run<'_>, rule: &Rule) -> bool {
    let answers: Vec<_> = rule
        .conditions
        .iter()
        .map(|condition| (condition, fits(condition, run.request)))
        .collect();
    if answers.iter().any(|(_, fits)| matches!(fits, Ok(false))) {
        return false;
    }
    answers.into_iter().all(|(condition, fits)| match fits {
        Ok(fits) => fits,
        Err(what) => run.oracle.decide(what, Some(condition.span), true),
    })
}

/// What a refusal of a rule goes by: the address, where the rules of the listener do.
pub fn check(rule: &Rule) -> Check {
    let mut conditions = rule.conditions.iter();
    match conditions.any(|one| matches!(one.test, Test::Source(_))) {
        true => Check::Address,
        false => Check::Condition,
    }
}

fn fits(condition: &Condition, request: &Request) -> Result<bool, Unsure> {
    let open = |text: String, because: &str| {
        Err(Unsure::Test {
            text,
            because: Reason::new(because),
        })
    };
    match &condition.test {
        Test::Host(patterns) => {
            let host = host(request);
            let mut patterns = patterns.iter().map(|one| one.to_ascii_lowercase());
            Ok(patterns.any(|pattern| is_like(pattern.as_bytes(), host.as_bytes())))
        }
        Test::Path(patterns) => {
            let path = request.path();
            let mut patterns = patterns.iter();
            Ok(patterns.any(|pattern| is_like(pattern.as_bytes(), path)))
        }
        Test::Method(methods) => Ok(methods.contains(&request.method)),
        Test::Header(name, values) => {
            let mut present = request.headers.all(name).peekable();
            if present.peek().is_none() {
                return Ok(false);
            }
            let text = format!("that the header {name} is what the rule asks for");
            let Some(values) = values else {
                return open(text, "its value is not here");
            };
            let values: Vec<String> = values.iter().map(|one| one.to_ascii_lowercase()).collect();
            let mut unknown = false;
            for one in present {
                match one {
                    Known::Unknown(_) => unknown = true,
                    Known::Is(own) => {
                        let own = own.to_ascii_lowercase();
                        if values.iter().any(|value| is_like(value.as_bytes(), &own)) {
                            return Ok(true);
                        }
                    }
                }
            }
            match unknown {
                true => open(text, "its value is not known"),
                false => Ok(false),
            }
        }
        Test::Query(pairs) => Ok(in_query(pairs, request)),
        Test::Expression(subject, expressions) => {
            let Some(values) = values(subject, request) else {
                let text = format!("that {} fits a rule of the listener", told(subject));
                return open(text, "its value is not known");
            };
            by_expression(expressions, &values).map_or_else(
                || {
                    let text = format!("that {} fits a rule of the listener", told(subject));
                    open(text, "how AWS reads its regular expression is not known")
                },
                Ok,
            )
        }
        Test::Source(networks) => match &request.from {
            Known::Is(from) => Ok(networks.iter().any(|net| contains(&net.value, *from))),
            Known::Unknown(_) => {
                let all: Vec<String> = networks.iter().map(|one| one.value.to_string()).collect();
                Err(Unsure::AddressIn(all.join(", ")))
            }
        },
        Test::Unknown(why) => open("that the request fits a rule of the listener".into(), why),
    }
}

/// What an expression is held against: a host with its port and without; of several headers of a
/// name any. `None` where one is not known.
fn values(subject: &Subject, request: &Request) -> Option<Vec<String>> {
    match subject {
        Subject::Host => {
            let header = request.host_header().to_string();
            let bare = header.split(':').next().map(str::to_owned);
            let mut values: Vec<String> = bare.into_iter().collect();
            if values.first() != Some(&header) {
                values.push(header);
            }
            Some(values)
        }
        Subject::Path => Some(vec![request.path().to_string()]),
        Subject::Header(name) => {
            let all = request.headers.all(name);
            all.map(|value| Some(value.known()?.to_string())).collect()
        }
    }
}

fn told(subject: &Subject) -> String {
    match subject {
        Subject::Host => "the host".to_owned(),
        Subject::Path => "the path".to_owned(),
        Subject::Header(name) => format!("the header {name}"),
    }
}

/// `None` where it depends on how the expressions are read, or which of the values counts.
fn by_expression(expressions: &[String], values: &[String]) -> Option<bool> {
    let one = |value: &String| -> Option<bool> {
        let fits: Vec<Option<bool>> = expressions.iter().map(|own| is_meant(own, value)).collect();
        match fits.contains(&Some(true)) {
            true => Some(true),
            false => fits.iter().all(Option::is_some).then_some(false),
        }
    };
    let Some(first) = values.first() else {
        return Some(false);
    };
    let first = one(first)?;
    let same = values.iter().all(|value| one(value) == Some(first));
    same.then_some(first)
}

fn contains(net: &ipnet::IpNet, address: IpAddr) -> bool {
    net.contains(&address)
}

fn in_query(pairs: &[(Option<String>, Option<String>)], request: &Request) -> bool {
    let query = request.target.split_once_str("?");
    let Some((_, query)) = query else {
        return false;
    };
    let query = query.to_ascii_lowercase();
    query.split(|byte| *byte == b'&').any(|pair| {
        let (key, value) = pair.split_once_str("=").unwrap_or((pair, b""));
        pairs.iter().any(|(own_key, own_value)| {
            let fits = |own: &Option<String>, text: &[u8]| {
                own.as_ref()
                    .is_none_or(|own| is_like_escaped(own.to_ascii_lowercase().as_bytes(), text))
            };
            fits(own_key, key) && fits(own_value, value)
        })
    })
}
