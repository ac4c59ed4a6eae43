//! Layers that ask something of a request: who it is, how often it came, from where, by which page.

use std::net::IpAddr;

use super::address::{self, net};
use super::{Error, Flow, Run};
use crate::gate::{Check, End, Unsure};
use crate::gates::express::behaviour::{Auth, Behaviour, Exempt, IpFilter, Scheme, Seen};
use crate::gates::express::model::{AddressSource, Guard, OnOptions, Requires, TokenForm, Wants};
use crate::gates::express::stack::Function;
use crate::request::{Known, Reason};
use crate::source::Span;

impl Run<'_> {
    /// What a layer does, and what its author says that it asks for: of whoever it recognises, or
    /// before it answers.
    pub(super) fn call(&mut self, function: &Function) -> Flow {
        let recognises = matches!(
            function.behaviour,
            Behaviour::Auth(_)
                | Behaviour::Guard(_)
                | Behaviour::Puts(_)
                | Behaviour::Unreadable(_)
        );
        let first = match recognises {
            true => self.behave(function),
            false => self.required(function),
        };
        match first {
            Flow::Next if recognises => self.required(function),
            Flow::Next => self.behave(function),
            other => other,
        }
    }

    fn behave(&mut self, function: &Function) -> Flow {
        match &function.behaviour {
            Behaviour::Passes | Behaviour::ErrorHandler { .. } => Flow::Next,
            Behaviour::Puts(names) => {
                self.put_by_hand(names);
                Flow::Next
            }
            Behaviour::Cookies => {
                self.cookies = true;
                Flow::Next
            }
            Behaviour::Session => {
                self.session = true;
                Flow::Next
            }
            Behaviour::Cors(cors) => self.cors(function, cors),
            Behaviour::Headers(headers) => {
                if let Some(names) = &headers.puts {
                    self.put_by_hand(names);
                }
                self.headers_by_hand(function, headers)
            }
            Behaviour::Auth(auth) => self.auth(function, auth),
            Behaviour::Limit(limit) => self.limit(function, limit),
            Behaviour::Csrf(csrf) => self.csrf(function, csrf),
            Behaviour::IpFilter(filter) => self.ip_filter(function, filter),
            Behaviour::Guard(guard) => self.guard(function, guard),
            Behaviour::Static { falls_through } => self.files(function, *falls_through),
            Behaviour::Proxy(proxy) => self.proxy(function, proxy),
            Behaviour::Routes { usual } => {
                let has = Unsure::HasRoute(function.name.clone());
                match self.oracle.decide(has, Some(function.span), *usual) {
                    true => Flow::End(self.handled(function)),
                    false => Flow::Next,
                }
            }
            Behaviour::Handler => Flow::End(self.handled(function)),
            // Its author says what it does.
            Behaviour::Unreadable(because) if function.requires != Requires::default() => {
                self.unseen = Some(because.clone());
                Flow::Next
            }
            Behaviour::Unreadable(because) => {
                self.unreadable(&function.name, function.span, because)
            }
        }
    }

    /// The application's own code answers.
    fn handled(&mut self, function: &Function) -> End {
        End::Handled {
            headers: std::mem::take(&mut self.headers),
            by: function.span,
        }
    }

    /// Refuses, by an answer of its own or by an error that somebody else answers.
    pub(super) fn turn_away(&mut self, span: Span, refusal: Refusal, by_error: bool) -> Flow {
        let Refusal {
            check,
            status,
            detail,
        } = refusal;
        match by_error {
            true => {
                self.tell_refusal(span, check, status, detail);
                Flow::Error(Error { status, by: span })
            }
            false => Flow::End(self.refuse(span, check, status, detail)),
        }
    }

    fn auth(&mut self, function: &Function, auth: &Auth) -> Flow {
        let span = function.span;
        if auth.lets_announced_pass && self.is_options() && self.announces("authorization") {
            let detail = format!(
                "{} lets a preflight pass that announces Authorization",
                function.name
            );
            self.admit(span, Check::Credential, detail);
            return Flow::Next;
        }
        if self.is_exempt(function, auth) {
            return Flow::Next;
        }
        let seen = match self.authorization() {
            // Whatever it is, it is there.
            Some(None) => Seen::There,
            known => auth.scheme.read(known.flatten().as_deref()),
        };
        let (status, detail) = match seen {
            Seen::There if let Some(fault) = self.token_fault(auth) => (auth.wrong, fault),
            Seen::There => {
                let right = Unsure::CredentialRight(function.name.clone());
                // What is looked for somewhere else is not in an ordinary probe.
                let likely = (!matches!(auth.scheme, Scheme::Elsewhere(_))
                    || self.has_header("Authorization")
                    || self.has_header("Cookie"))
                    && self.is_in_time();
                if self.oracle.decide(right, Some(span), likely) {
                    let detail = format!("{} finds the credential right", function.name);
                    self.admit(span, Check::Credential, detail);
                    self.recognise(auth);
                    return Flow::Next;
                }
                (auth.wrong, "finds no right credential".to_owned())
            }
            Seen::Missing => (auth.missing, "finds no credential".to_owned()),
            Seen::Other => (
                auth.other,
                "finds a credential of another scheme".to_owned(),
            ),
            Seen::Malformed => (auth.malformed, "cannot read the credential".to_owned()),
        };
        let Some(status) = status else {
            return Flow::Next;
        };
        let refusal = Refusal {
            check: Check::Credential,
            status,
            detail: format!("{} {detail}", function.name),
        };
        self.turn_away(span, refusal, auth.by_error)
    }

    /// `unless({ path: […] })` goes by the path as the client sent it.
    fn is_exempt(&mut self, function: &Function, auth: &Auth) -> bool {
        let path = self.request.path().to_string();
        auth.exempt.iter().any(|exempt| match exempt {
            Exempt::Path(text) => *text == path,
            Exempt::Regex(regex) => regex.is_match(&path),
            Exempt::Unknown(because) => {
                let test = Unsure::Test {
                    text: format!("that {} lets {path} off", function.name),
                    because: because.clone(),
                };
                self.oracle.decide(test, Some(function.span), false)
            }
        })
    }

    fn announces(&self, name: &str) -> bool {
        let announced = self.header("Access-Control-Request-Headers");
        announced.is_some_and(|names| {
            names
                .split(',')
                .any(|one| one.trim().eq_ignore_ascii_case(name))
        })
    }

    fn ip_filter(&mut self, function: &Function, filter: &IpFilter) -> Flow {
        let span = filter.span;
        if let Some(because) = &filter.excludes {
            let excluded = Unsure::Test {
                text: format!("that {} lets it off", function.name),
                because: because.clone(),
            };
            if self.oracle.decide(excluded, Some(span), false) {
                return Flow::Next;
            }
        }
        let address = address::proxy_address(self.express, self.request, &filter.trust);
        let (ips, allows, address) = match (filter.ips.as_ref(), filter.allows.as_ref(), address) {
            (Known::Is(ips), Known::Is(allows), Known::Is(address)) => (ips, *allows, address),
            (Known::Unknown(because), _, _)
            | (_, Known::Unknown(because), _)
            | (_, _, Known::Unknown(because)) => {
                return self.unreadable(&function.name, span, &because);
            }
        };
        let passes = match ips.is_empty() {
            true => !allows,
            false => ips.iter().any(|one| listed(one, &address)) == allows,
        };
        if passes {
            let detail = format!("{} admits {}", function.name, shown(&address));
            self.admit(span, Check::Address, detail);
            return Flow::Next;
        }
        let refusal = Refusal {
            check: Check::Address,
            status: 403,
            detail: format!("{} refuses {}", function.name, shown(&address)),
        };
        self.turn_away(span, refusal, true)
    }

    fn guard(&mut self, function: &Function, guard: &Guard) -> Flow {
        let span = function.span;
        match guard.options {
            OnOptions::Skipped if self.is_options() => return Flow::Next,
            OnOptions::Answered(status) if self.is_options() => {
                return Flow::End(self.answered(status, span));
            }
            _ => {}
        }
        if let Wants::Granted(grant) = &guard.wants {
            return self.check_grant(function, guard, grant);
        }
        let (check, verdict) = self.wants(function, &guard.wants);
        match verdict {
            Known::Is(true) => {
                if check == Check::Credential {
                    // What the rest of its body does with whom it has recognised is not followed.
                    self.unseen = Some(Reason::new("a hand-written check is not followed"));
                }
                Flow::Next
            }
            Known::Is(false) => {
                let detail = match check {
                    Check::Address => format!("{} refuses the address", function.name),
                    _ => format!("{} finds no right credential", function.name),
                };
                let refusal = Refusal {
                    check,
                    status: guard.status,
                    detail,
                };
                self.turn_away(span, refusal, guard.by_error)
            }
            Known::Unknown(because) => self.unreadable(&function.name, span, &because),
        }
    }

    /// Whether a request has what a hand-written check wants.
    fn wants(&mut self, function: &Function, wants: &Wants) -> (Check, Known<bool>) {
        let span = Some(function.span);
        let right = Unsure::CredentialRight(function.name.clone());
        match wants {
            Wants::Header(name) => {
                let there = self.has_header(name) && self.oracle.decide(right, span, true);
                (Check::Credential, Known::Is(there))
            }
            Wants::Token(form) => {
                let header = self.authorization();
                let reads = |header: Option<String>| header.is_none_or(|text| form.reads(&text));
                let likely = self.is_in_time();
                let there = header.is_some_and(reads) && self.oracle.decide(right, span, likely);
                (Check::Credential, Known::Is(there))
            }
            Wants::Session => {
                let there = self.has_header("Cookie") && self.oracle.decide(right, span, true);
                (Check::Credential, Known::Is(there))
            }
            Wants::Address { ips, source } => {
                let address = match source {
                    AddressSource::ReqIp => address::req_ip(self.express, self.request),
                    AddressSource::Socket => address::socket_address(self.express, self.request),
                    AddressSource::Forwarded => match self.header("X-Forwarded-For") {
                        Some(chain) => {
                            let first = chain.split(',').next().unwrap_or_default();
                            Known::Is(first.trim().to_owned())
                        }
                        None => address::socket_address(self.express, self.request),
                    },
                };
                let there = address.map(|address| ips.contains(&address));
                (Check::Address, there)
            }
            // Who was recognised before is looked at by `granted`.
            Wants::Granted(_) => (Check::Grant, Known::Is(true)),
        }
    }
}

/// A refusal in words.
pub(super) struct Refusal {
    pub check: Check,
    pub status: u16,
    pub detail: String,
}

impl TokenForm {
    fn reads(self, header: &str) -> bool {
        // The scheme once more is no token.
        let is_token = |token: &str| {
            let word = token.split(' ').next().unwrap_or_default();
            !token.is_empty() && !word.eq_ignore_ascii_case("bearer")
        };
        match self {
            TokenForm::Exact => header.strip_prefix("Bearer ").is_some_and(is_token),
            TokenForm::SecondWord => header.split(' ').nth(1).is_some_and(is_token),
            TokenForm::AnyCase => {
                let scheme = header.get(..7);
                scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "))
                    && header.len() > 7
            }
            TokenForm::Any => !header.is_empty(),
        }
    }
}

/// An address that starts with colons stands in brackets, as in a URL (RFC 3986 §3.2.2).
fn shown(address: &str) -> String {
    match address.starts_with(':') {
        true => format!("[{address}]"),
        false => address.to_owned(),
    }
}

/// Whether a line of an express-ipfilter list means this address, as it sees it: an IPv4 address
/// that comes as `::ffff:a.b.c.d` equals none of its lines (ipfilter.js, testExplicitIp).
fn listed(line: &str, address: &str) -> bool {
    if !line.contains('/') {
        return line == address;
    }
    let (Some(net), Ok(address)) = (net(line), address.parse::<IpAddr>()) else {
        return false;
    };
    net.contains(&address)
}
