//! Express: from its middleware manifest or its source to what the stack does to a request.
//!
//! Reading order: `model` is what was registered, `behaviour` what a layer does, `path` and `stack`
//! make both ready, `pass` sends a request through. All claims about Express's behaviour in here are
//! held against the real one, versions 4 and 5, by `tests/express_truth`.

mod behaviour;
mod doors;
pub mod model;
mod named;
mod pass;
pub mod path;
mod pattern;
pub mod read;
mod stack;
pub mod value;

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::OnceLock;

use ipnet::IpNet;

use crate::gate::{Course, Door, Gate, GateKind, GateName, Knowledge};
use crate::request::{Known, Request};
use crate::source::Span;
use behaviour::{Behaviour, Origin, Scheme};
use doors::Doors;
use model::{App, Callee, Grant, Holder, Layer, TokenForm, Wants};
use named::Named;
pub use stack::Refusal;
use stack::Stack;

/// What a layer asks of whoever was recognised, if that is what it does.
pub fn grant_of(layer: &Layer) -> Option<Grant> {
    behaviour::of(layer).grant().cloned()
}

/// A list of those who are let in.
pub struct AddressList<'e> {
    pub ips: &'e [String],
    /// Where it stands, and so where a refusal is told.
    pub span: Span,
    /// It is express-ipfilter's, and not written by hand.
    pub is_filter: bool,
}

impl AddressList<'_> {
    /// Whether a line of it means this address.
    pub fn has(&self, address: IpAddr) -> bool {
        self.ips.iter().any(|line| match line.parse::<IpNet>() {
            Ok(net) => net.contains(&address),
            Err(_) => line.parse() == Ok(address),
        })
    }

    /// One address for each line of it.
    pub fn clients(&self) -> impl Iterator<Item = IpAddr> {
        self.ips.iter().filter_map(|line| {
            let net = line.parse::<IpNet>().ok();
            let first = net.and_then(|net| net.hosts().next());
            first.or_else(|| line.parse().ok())
        })
    }
}

/// A layer that has to do with a property of the request: it looks there, or fills it.
pub struct Lookup<'e> {
    pub name: &'e str,
    pub property: Cow<'e, str>,
    pub span: Span,
}

/// How a token is taken out of the Authorization header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// Behind `Bearer ` in this very form.
    Exact,
    /// It is the second word, whatever the first one is.
    SecondWord,
    /// Behind `Bearer` in any case and one blank.
    Bearer,
    /// There are two words; which the first one is, somebody else may have decided.
    TwoWords,
}

impl Reads {
    fn of(behaviour: &Behaviour) -> Option<Reads> {
        match behaviour {
            Behaviour::Auth(auth) => match auth.scheme {
                Scheme::TwoWords => Some(Reads::Bearer),
                Scheme::Loose("bearer") => Some(Reads::TwoWords),
                _ => None,
            },
            Behaviour::Guard(guard) => match guard.wants {
                Wants::Token(TokenForm::Exact) => Some(Reads::Exact),
                Wants::Token(TokenForm::SecondWord) => Some(Reads::SecondWord),
                _ => None,
            },
            _ => None,
        }
    }
}

/// One application.
pub struct Express {
    app: App,
    stack: Stack,
    refusals: Vec<Refusal>,
    named: Named,
    /// Made when they are asked for: who prints the manifest needs none.
    doors: OnceLock<Doors>,
}

impl Express {
    pub fn new(app: App) -> Express {
        let made = stack::make(&app);
        Express {
            named: Named::of(&made.stack),
            stack: made.stack,
            refusals: made.refusals,
            doors: OnceLock::new(),
            app,
        }
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    /// A request to a door that none reaches, as far as was found.
    pub fn stopped(&self, door: u32) -> Option<&Request> {
        let mut stopped = self.made_doors().stopped.iter();
        stopped.find_map(|(id, request)| (*id == door).then_some(request))
    }

    fn made_doors(&self) -> &Doors {
        self.doors.get_or_init(|| Doors::of(self))
    }

    /// Paths with which this version does not start.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }
}

impl Gate for Express {
    fn name(&self) -> GateName {
        GateName {
            kind: GateKind::Express,
            name: self.app.name.clone(),
        }
    }

    fn doors(&self) -> &[Door] {
        &self.made_doors().doors
    }

    fn knows(&self, request: &Request) -> Knowledge {
        let mut ports = self.app.listens.iter().map(|listen| listen.port);
        match ports.any(|port| port == Some(request.port)) {
            true => Knowledge::Default,
            false => Knowledge::Nothing,
        }
    }

    fn pass(&self, request: &Request) -> Vec<Course> {
        pass::pass(self, request).collect()
    }
}

impl Express {
    /// The origins that the app names, in the order of its registrations.
    pub fn origins(&self) -> &[String] {
        &self.named.origins
    }

    /// How the layer at a place takes a token out of a request, where that is beyond doubt.
    pub fn reads(&self, span: Span) -> Option<Reads> {
        let mut found = None;
        self.stack.each(&mut |function| {
            if function.span == span {
                found = Reads::of(&function.behaviour);
            }
        });
        found
    }

    /// Where it is said that the cookie of a session is not for pages of other sites.
    pub fn same_site(&self) -> Option<Span> {
        model::layers(&self.app.stack).find_map(|layer| {
            let Callee::Package { package, .. } = &layer.callee else {
                return None;
            };
            let options = layer.args.first().map(|options| &options.value)?;
            let said = match package.as_str() {
                "express-session" => options.get("cookie")?.value.get("sameSite")?,
                "cookie-session" => options.get("sameSite")?,
                _ => return None,
            };
            let keeps = match &said.value {
                value::Value::Text(text) => !text.eq_ignore_ascii_case("none"),
                value => *value == value::Value::Bool(true),
            };
            keeps.then_some(said.span)
        })
    }

    /// The route that takes a request, if only with a credential.
    pub fn route(&self, request: &Request) -> Option<&Door> {
        doors::route(self, request)
    }

    /// The address that `req.ip` shows for a request.
    pub fn req_ip(&self, request: &Request) -> Known<String> {
        pass::req_ip(self, request)
    }

    /// The limits on how often somebody may call, which count by `req.ip`.
    pub fn limits(&self) -> &[Span] {
        &self.named.limits
    }

    /// Where cors is given an origin that is empty.
    pub fn unset_origins(&self) -> Vec<Span> {
        let mut unset = Vec::new();
        self.stack.each(&mut |function| {
            if let Behaviour::Cors(cors) = &function.behaviour
                && let Origin::Unset = cors.origin.value
            {
                unset.push(cors.origin.span);
            }
        });
        unset
    }

    /// The headers in which hand-written checks look for a key.
    pub fn api_keys(&self) -> impl Iterator<Item = &str> {
        self.named.api_keys.iter().map(String::as_str)
    }

    /// What its layers ask of whoever was recognised, and where.
    pub fn grants(&self) -> Vec<(Span, &Grant)> {
        let mut grants = Vec::new();
        self.stack.each(&mut |function| {
            let own = function.behaviour.grant();
            // What is said beside a check that asks itself only tells.
            let said = function.requires.grants.iter();
            let said = said.filter(|_| own.is_none());
            let said = said.map(|grant| (grant.place().unwrap_or(function.span), grant));
            grants.extend(
                own.map(|grant| (function.span, grant))
                    .into_iter()
                    .chain(said),
            );
        });
        grants
    }

    /// The checks that look for what somebody is granted, where it is known in which property.
    pub fn lookups(&self) -> Vec<Lookup<'_>> {
        let mut lookups = Vec::new();
        self.stack.each(&mut |function| {
            if let Some(Grant {
                holder: Holder::Property(property),
                ..
            }) = function.behaviour.grant()
            {
                lookups.push(Lookup {
                    name: &function.name,
                    property: property.into(),
                    span: function.span,
                });
            }
        });
        lookups
    }

    /// The layers that put the claims of a token on the request.
    pub fn puts(&self) -> Vec<Lookup<'_>> {
        let mut puts = Vec::new();
        self.stack.each(&mut |function| {
            if let Behaviour::Auth(auth) = &function.behaviour
                && let Some(property) = auth.puts.place()
            {
                puts.push(Lookup {
                    name: &function.name,
                    property,
                    span: function.span,
                });
            }
        });
        puts
    }

    /// The lists of those who are let in, as far as they are known.
    pub fn lists(&self) -> Vec<AddressList<'_>> {
        let mut lists = Vec::new();
        self.stack.each(&mut |function| {
            let list = match &function.behaviour {
                Behaviour::IpFilter(filter) if filter.allows == Known::Is(true) => {
                    let ips = filter.ips.known();
                    ips.map(|ips| AddressList {
                        ips,
                        span: filter.span,
                        is_filter: true,
                    })
                }
                Behaviour::Guard(guard) => match &guard.wants {
                    Wants::Address { ips, .. } => Some(AddressList {
                        ips,
                        span: function.span,
                        is_filter: false,
                    }),
                    _ => None,
                },
                _ => None,
            };
            lists.extend(list);
        });
        lists
    }

    /// The addresses that a list of the app names.
    pub fn listed_addresses(&self) -> &[IpAddr] {
        &self.named.addresses
    }
}
