//! Probes for the APIs of AWS: requests that their methods admit, and the preflights by which a
//! browser announces these.

use std::cell::OnceCell;
use std::net::{IpAddr, Ipv4Addr};

use bstr::ByteVec;
use ipnet::IpNet;

use super::{BEARER, Sent, is_announced_by_name, preflight};
use crate::estate::Estate;
use crate::gate::{Course, Door, Gate};
use crate::gates::aws::apigateway::http::model as http;
use crate::gates::aws::apigateway::rest::model as rest;
use crate::gates::aws::apigateway::rest::model::KeySource;
use crate::gates::aws::apigateway::{HttpApi, RestApi, Source};
use crate::gates::aws::fields::network;
use crate::gates::aws::iam::{Effect, Policy, Test};
use crate::gates::nginx::STRANGER;
use crate::request::{Known, Reason, Request};
use crate::source::Spanned;

/// An address of TEST-NET-2 (RFC 5737): a caller from somewhere on the Internet.
pub const SOMEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

/// A caller from somewhere in a network of one's own.
const INSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 7));

/// What signed requests carry; not a secret.
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=why403-probe";
const KEY: &str = "why403-probe";
const TOKEN: &str = "why403-probe";

/// An API of either kind.
#[derive(Clone, Copy)]
pub enum Api<'e> {
    Rest(&'e RestApi),
    Http(&'e HttpApi),
}

/// A method of an API that can be tried.
#[derive(Clone, Copy)]
pub struct Entry<'e> {
    pub api: Api<'e>,
    pub door: &'e Door,
    pub example: &'e Request,
}

/// A method as a page of another origin meets it.
pub struct Meeting<'e> {
    pub entry: Entry<'e>,
    /// The page's request, as the method admits it.
    pub announced: Sent,
    pub preflight: Request,
    /// The likeliest way of the preflight.
    pub answer: Course,
    /// Request headers that the preflight has to announce.
    pub headers: Vec<&'e str>,
}

/// An API, with what rules that look at it have in common.
pub struct ApiVisit<'e> {
    pub api: Api<'e>,
    meetings: OnceCell<Vec<Meeting<'e>>>,
}

impl<'e> ApiVisit<'e> {
    pub fn of(api: Api<'e>) -> ApiVisit<'e> {
        ApiVisit {
            api,
            meetings: OnceCell::new(),
        }
    }

    /// The methods that a page of another origin gets into, as it meets them.
    pub fn meetings(&self) -> &[Meeting<'e>] {
        self.meetings.get_or_init(|| {
            let origin = origin(self.api);
            let entries = self.api.entries();
            let methods = entries.filter(|entry| entry.example.method != "OPTIONS");
            methods.filter_map(|entry| entry.meeting(&origin)).collect()
        })
    }
}

pub fn apis(estate: &Estate) -> impl Iterator<Item = Api<'_>> {
    let rest = estate.aws.rest.iter().map(Api::Rest);
    rest.chain(estate.aws.http.iter().map(Api::Http))
}

impl<'e> Api<'e> {
    pub fn gate(self) -> &'e dyn Gate {
        match self {
            Api::Rest(gate) => gate,
            Api::Http(gate) => gate,
        }
    }

    pub fn name(self) -> &'e str {
        match self {
            Api::Rest(gate) => &gate.api.name,
            Api::Http(gate) => &gate.api.name,
        }
    }

    pub fn entries(self) -> impl Iterator<Item = Entry<'e>> {
        self.gate().doors().iter().filter_map(move |door| {
            Some(Entry {
                api: self,
                door,
                example: door.example.as_ref().ok()?,
            })
        })
    }

    pub fn id(self) -> &'e str {
        match self {
            Api::Rest(gate) => &gate.api.id,
            Api::Http(gate) => &gate.api.id,
        }
    }

    /// Whether all of its stages and methods are known.
    pub fn is_whole(self) -> bool {
        match self {
            Api::Rest(gate) => {
                gate.api.stages.known().is_some() && gate.api.resources.known().is_some()
            }
            Api::Http(gate) => {
                gate.api.stages.known().is_some() && gate.api.routes.known().is_some()
            }
        }
    }

    pub fn policy(self) -> Option<&'e Policy> {
        match self {
            Api::Rest(gate) => Some(&gate.api.policy.known()?.as_ref()?.value),
            Api::Http(_) => None,
        }
    }

    /// An address that nobody has named, as a caller may have it.
    pub fn somewhere(self) -> IpAddr {
        match self {
            Api::Rest(gate) if gate.is_private() => INSIDE,
            _ => SOMEWHERE,
        }
    }

    /// Where an API key of a request has to stand.
    fn takes_key_from_header(self) -> bool {
        match self {
            Api::Rest(gate) => gate.api.key_source.value == KeySource::Header,
            Api::Http(_) => false,
        }
    }
}

impl<'e> Entry<'e> {
    /// The likeliest way of a request.
    pub fn send(&self, request: &Request) -> Option<Course> {
        match self.api {
            Api::Rest(gate) => gate.likeliest(request),
            Api::Http(gate) => gate.likeliest(request),
        }
    }

    /// A request that the method admits: from anywhere or from an address of its policy, without a
    /// credential or with one of any kind.
    pub fn admitted(&self, template: &Request) -> Option<Sent> {
        let mut sent = self.tried(template);
        sent.find(|(_, course)| course.admits())
            .map(|(request, course)| Sent { request, course })
    }

    /// The example as all who might be admitted send it.
    pub fn attempts(&self) -> impl Iterator<Item = (Request, Course)> {
        self.tried(self.example)
    }

    fn tried(&self, template: &Request) -> impl Iterator<Item = (Request, Course)> {
        let mut addresses = vec![self.api.somewhere()];
        addresses.extend(self.api.policy().into_iter().flat_map(clients));
        let mut templates = credentials(template, self.api.takes_key_from_header());
        let more = templates.iter().filter_map(|one| self.with_sources(one));
        templates.extend(more.collect::<Vec<Request>>());
        let mut requests = Vec::new();
        for from in addresses {
            for mut request in templates.clone() {
                request.from = Known::Is(from);
                requests.push(request);
            }
        }
        let entry = *self;
        requests.into_iter().filter_map(move |request| {
            let course = entry.send(&request)?;
            Some((request, course))
        })
    }

    /// What the method's authorizer looks at.
    fn sources(&self) -> &'e [Source] {
        let known = match self.api {
            Api::Rest(gate) => match &gate.method(self.door).authorization.value {
                rest::Authorization::Lambda(id) | rest::Authorization::Cognito(id) => {
                    gate.api.authorizer(id).map(|one| one.sources.as_slice())
                }
                _ => None,
            },
            Api::Http(gate) => match &gate.route_of(self.door).authorization.value {
                http::Authorization::Jwt(id) | http::Authorization::Lambda(id) => {
                    gate.api.authorizer(id).map(|one| one.sources.as_slice())
                }
                _ => None,
            },
        };
        known.unwrap_or_default()
    }

    /// The same request with all that the authorizer looks at; `None` where it has that already.
    fn with_sources(&self, template: &Request) -> Option<Request> {
        let mut request = template.clone();
        for source in self.sources() {
            if source.value(&request).is_some() {
                continue;
            }
            match source {
                Source::Header(name) => request.headers.push(name.as_str(), TOKEN),
                Source::Query(name) => {
                    let joint = if request.target.contains(&b'?') {
                        '&'
                    } else {
                        '?'
                    };
                    request.target.push_str(format!("{joint}{name}={TOKEN}"));
                }
                Source::Given(_) => {}
            }
        }
        let is_new = request.headers != template.headers || request.target != template.target;
        is_new.then_some(request)
    }

    /// The example as somebody signs and sends it.
    pub fn signed_by(&self, arn: &str, from: IpAddr) -> Request {
        let mut request = Credential::Signature.put_on(self.example);
        request.signed_by = Some(Known::Is(arn.to_owned()));
        request.from = Known::Is(from);
        if let Api::Rest(gate) = self.api
            && gate.method(self.door).needs_key.is_some()
        {
            request.headers.push("x-api-key", KEY);
        }
        request
    }

    /// Whether the method asks for a signature of AWS.
    pub fn wants_signature(&self) -> bool {
        match self.api {
            Api::Rest(gate) => {
                gate.method(self.door).authorization.value == rest::Authorization::Iam
            }
            Api::Http(gate) => {
                gate.route_of(self.door).authorization.value == http::Authorization::Iam
            }
        }
    }

    /// The request of a page and its preflight. `None` where no page gets in.
    pub fn meeting(&self, origin: &str) -> Option<Meeting<'e>> {
        let mut page = self.example.clone();
        page.headers.push("Origin", origin);
        let announced = self.admitted(&page)?;
        let sources = self.sources().iter().filter_map(|source| match source {
            Source::Header(name) => Some(name.as_str()),
            _ => None,
        });
        let is_own = |name: &&str| !name.eq_ignore_ascii_case("authorization");
        let carried = &announced.request.headers;
        let headers: Vec<&'e str> = ["authorization", "x-api-key", "x-amz-date"]
            .into_iter()
            .chain(
                sources
                    .filter(is_own)
                    .filter(|name| is_announced_by_name(name)),
            )
            .filter(|name| carried.has(name))
            .collect();
        let mut preflight = preflight(&announced.request, &announced.request.method, &headers);
        for name in &headers {
            preflight.headers.remove(name);
        }
        preflight.signed_by = None;
        Some(Meeting {
            entry: *self,
            answer: self.send(&preflight)?,
            announced,
            preflight,
            headers,
        })
    }
}

#[derive(Clone, Copy)]
enum Credential {
    None,
    Bearer,
    Signature,
}

impl Credential {
    fn put_on(self, template: &Request) -> Request {
        let mut request = template.clone();
        match self {
            Credential::None => {}
            Credential::Bearer => request.headers.push("Authorization", BEARER),
            Credential::Signature => {
                request.headers.push("Authorization", SIGNED);
                request.headers.push("x-amz-date", "20260101T000000Z");
                let nobody = Reason::new("it is a probe");
                request.signed_by = Some(Known::Unknown(nobody));
            }
        }
        request
    }
}

/// A request without a credential and with one of any kind, each also with an API key.
pub fn credentials(template: &Request, with_key: bool) -> Vec<Request> {
    let mut requests = Vec::new();
    for credential in [Credential::None, Credential::Bearer, Credential::Signature] {
        requests.push(credential.put_on(template));
        if with_key {
            let mut request = credential.put_on(template);
            request.headers.push("x-api-key", KEY);
            requests.push(request);
        }
    }
    requests
}

/// A page that an API lets in: its first allowed origin, or a stranger.
pub fn origin(api: Api<'_>) -> String {
    let named = match api {
        Api::Http(gate) => gate.api.cors.as_ref().and_then(|cors| {
            let mut origins = cors.origins.iter().map(|origin| &origin.value);
            origins.find(|origin| !origin.contains('*')).cloned()
        }),
        Api::Rest(_) => None,
    };
    named.unwrap_or_else(|| STRANGER.to_owned())
}

/// What Allow statements let in, and Deny statements let through.
pub fn listed(policy: &Policy) -> Vec<Spanned<IpNet>> {
    let mut listed = Vec::new();
    for statement in &policy.statements {
        for condition in &statement.conditions {
            let operator = condition.operator.value;
            let lets_in = match statement.effect {
                Some(Effect::Allow) => !operator.negated,
                Some(Effect::Deny) => operator.negated,
                None => false,
            };
            let is_source = condition.key.value.eq_ignore_ascii_case("aws:SourceIp");
            if !lets_in || !is_source || operator.test != Test::IpAddress {
                continue;
            }
            listed.extend(condition.values.iter().filter_map(|value| {
                let net = network(value.value.known()?)?;
                Some(Spanned::new(net, value.span))
            }));
        }
    }
    listed
}

/// An address out of each network that a policy speaks of.
pub fn clients(policy: &Policy) -> Vec<IpAddr> {
    networks(policy).map(|net| net.addr()).take(16).collect()
}

/// The networks that a policy speaks of; of a private API those that callers have inside.
pub fn networks(policy: &Policy) -> impl Iterator<Item = IpNet> + '_ {
    let conditions = policy.statements.iter().flat_map(|one| &one.conditions);
    let about = conditions.filter(|condition| {
        let keys = ["aws:SourceIp", "aws:VpcSourceIp"];
        condition.operator.value.test == Test::IpAddress
            && keys
                .iter()
                .any(|key| condition.key.value.eq_ignore_ascii_case(key))
    });
    let values = about.flat_map(|condition| &condition.values);
    values.filter_map(|value| network(value.value.known()?))
}
