//! Does the credential arrive?

pub mod authorization_contended;
pub mod authorization_dropped_by_proxy_middleware;
pub mod authorization_not_inherited;
pub mod authorization_overwritten;
pub mod authorization_sent_to_signed_url;
pub mod authorization_stripped;
pub mod cloudfront_drops_authorization;
pub mod cloudfront_forwards_host;
pub mod hide_header_on_request;
mod services;
pub mod token_scheme_mismatch;
pub mod upstream_host_invalid;
pub mod upstream_host_rewritten;
pub mod upstream_sni_missing;

use bstr::ByteSlice;

use crate::finding::{Finding, Intent};
use crate::gate::{Course, Effect, End, Gate, Protocol, Step};
use crate::gate::{ResponseEdits, Upstream};
use crate::gates::nginx::directives::{Key, Module};
use crate::gates::nginx::model::{Config, LevelId, Setting};
use crate::gates::nginx::value::Value;
use crate::probes::{BEARER, Cors, Visit, visits_of};
use crate::request::Request;
use crate::source::Span;
use crate::trace;

const AUTHORIZATION: &str = "Authorization";

/// How many other doors are asked for evidence: a huge configuration must not cost the square.
const MAX_SIBLINGS: usize = 64;

/// A request that a gate sent on.
pub(super) struct Handed<'c> {
    pub course: &'c Course,
    pub to: &'c Upstream,
    pub request: &'c Request,
    pub response: &'c ResponseEdits,
    /// The line that sends it on.
    pub by: Span,
    /// The level whose settings counted.
    pub level: LevelId,
}

impl<'c> Handed<'c> {
    fn of(course: &'c Course) -> Option<Handed<'c>> {
        let End::Forwarded {
            to,
            request,
            response,
            by,
        } = &course.end
        else {
            return None;
        };
        Some(Handed {
            course,
            to,
            request,
            response,
            by: *by,
            level: LevelId(course.door()?),
        })
    }

    /// The last step of its kind that touched a header of this name.
    pub fn step(&self, name: &str) -> Option<&'c Step> {
        self.course.steps.iter().rev().find(|step| {
            matches!(&step.effect,
                Effect::RemovesHeader { name: touched } | Effect::SetsHeader { name: touched, .. }
                    if touched.eq_ignore_ascii_case(name))
        })
    }

    /// The module that sends it.
    pub fn module(&self) -> Module {
        match self.to.protocol {
            Protocol::Http | Protocol::Https => Module::Proxy,
            Protocol::Grpc | Protocol::Grpcs => Module::Grpc,
            Protocol::Fastcgi => Module::Fastcgi,
            Protocol::Uwsgi => Module::Uwsgi,
            Protocol::Scgi => Module::Scgi,
            Protocol::Memcached => Module::Memcached,
        }
    }

    /// The names of the hosts that may get it, lower-cased and without port: those of the group's
    /// servers, or the address itself. None where a template or the request itself names them.
    pub fn hosts(&self) -> Vec<String> {
        match (&self.to.group, self.to.address.known()) {
            (Some(_), _) => self.to.servers.iter().map(|text| host(text)).collect(),
            (None, Some(address)) => vec![host(address)],
            (None, None) => Vec::new(),
        }
    }
}

/// The host of `https://host:port`, or of `host:port`.
fn host(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    match authority.rsplit_once(':') {
        Some((host, _)) if !authority.ends_with(']') => host.to_ascii_lowercase(),
        _ => authority.to_ascii_lowercase(),
    }
}

/// Sends a request to a door, and asks for a finding for each way on which it is sent on, be it
/// from a place inside that only an upstream's answer leads to.
fn judge_handed(
    visit: &Visit<'_>,
    findings: &mut Vec<Finding>,
    request: &Request,
    judge: impl Fn(&Visit<'_>, &Request, &Handed<'_>) -> Option<Finding>,
) {
    let judge = |course: &Course| judge(visit, request, &Handed::of(course)?);
    findings.extend(visit.send(request).iter().filter_map(judge));
    for place in visit.inside() {
        let courses = visit.gate.redirected(request, *place);
        findings.extend(courses.iter().filter_map(judge));
    }
}

/// The same with a credential, where that can make a difference to the rule: where the example is
/// refused, or is sent on in a way that concerns it. At most doors one request is enough to know.
fn judge_with(
    credential: &str,
    visit: &Visit<'_>,
    findings: &mut Vec<Finding>,
    concerns: impl Fn(&Visit<'_>, &Handed<'_>) -> bool,
    judge: impl Fn(&Visit<'_>, &Request, &Handed<'_>) -> Option<Finding>,
) {
    let is_open = |course: &Course| {
        let handed = Handed::of(course);
        course.refuses()
            || matches!(course.end, End::Unknown { .. })
            || handed.is_some_and(|handed| concerns(visit, &handed))
    };
    let courses = visit.send(visit.example);
    if !visit.inside().is_empty() || courses.iter().any(is_open) {
        judge_handed(visit, findings, &visit.with_credential(credential), judge);
    }
}

/// Whether a line here sets Authorization, or keeps the client's headers back.
fn touches_authorization(visit: &Visit<'_>, handed: &Handed<'_>) -> bool {
    let (config, module) = (visit.gate.config(), handed.module());
    let keeps_back = config.setting(handed.level, Key::PassRequestHeaders(module));
    let mut set = sets(config, handed.level, module, AUTHORIZATION);
    keeps_back.is_some() || set.next().is_some()
}

/// Whether nginx itself asks for a credential here, so that what it sends on is its own affair.
fn authenticates(config: &Config, level: LevelId) -> bool {
    let basic = config
        .setting(level, Key::AuthBasic)
        .is_some_and(|setting| setting.args[0].raw != "off");
    let service = config
        .setting(level, Key::AuthRequest)
        .is_some_and(|setting| setting.args[0].raw != "off");
    let internal = config.setting(level, Key::Internal).is_some();
    basic || service || internal
}

/// The line of this level that sets a header of the request, as the module writes it.
fn sets<'c>(
    config: &'c Config,
    level: LevelId,
    module: Module,
    name: &str,
) -> impl Iterator<Item = &'c Setting> {
    config
        .settings(level, Key::SetHeader(module))
        .iter()
        .filter(move |setting| names(&setting.args[0], name))
}

/// `Authorization`, or `HTTP_AUTHORIZATION` for a CGI-like program.
fn names(value: &Value, name: &str) -> bool {
    let text = value.raw.strip_prefix(b"HTTP_").unwrap_or(&value.raw);
    text.eq_ignore_ascii_case(name.as_bytes())
}

/// The configuration's own word that a client's Authorization is wanted behind this door.
fn wanted(config: &Config, handed: &Handed<'_>) -> Option<Intent> {
    let cors = Cors::of(handed.course);
    if cors.allows_header(AUTHORIZATION) {
        return Some(Intent {
            text: "Access-Control-Allow-Headers names Authorization here".into(),
            span: cors.headers.and_then(|header| header.span),
        });
    }
    if let Some(header) = challenge(handed.course) {
        return Some(header);
    }
    let pass = config
        .settings(handed.level, Key::PassHeader(handed.module()))
        .iter()
        .find(|setting| names(&setting.args[0], AUTHORIZATION))?;
    Some(Intent {
        text: format!("{} names Authorization here", pass.name),
        span: Some(pass.span),
    })
}

/// The application behind asks for the header: it refuses the request as it comes, and lets it in
/// with a token.
fn demanded(visit: &Visit<'_>, handed: &Handed<'_>) -> Option<Intent> {
    let link = visit.link(handed.course)?;
    let arrived = trace::arrived(handed.request, &link);
    let mut with_token = arrived.clone();
    with_token.headers.remove(AUTHORIZATION);
    with_token.headers.push(AUTHORIZATION, BEARER);
    let answer = |request: &Request| link.app.pass(request).into_iter().next();
    let refused = answer(&arrived).filter(Course::refuses)?;
    answer(&with_token).filter(Course::admits)?;
    Some(Intent {
        text: "the app behind answers with a refusal without it".into(),
        span: refused.culprit().map(|step| step.span),
    })
}

/// The application behind lets the request in as it comes: it does not look for the header.
fn is_welcome(visit: &Visit<'_>, handed: &Handed<'_>) -> bool {
    visit.link(handed.course).is_some_and(|link| {
        let arrived = trace::arrived(handed.request, &link);
        link.app.pass(&arrived).first().is_some_and(Course::admits)
    })
}

/// A WWW-Authenticate header that asks for a Bearer token (RFC 6750 §3).
fn challenge(course: &Course) -> Option<Intent> {
    let header = course.response_headers().iter().find(|header| {
        let asks = header.value.known().is_some_and(|value| {
            value
                .get(..6)
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer"))
        });
        asks && header.name.eq_ignore_ascii_case(b"WWW-Authenticate")
    })?;
    Some(Intent {
        text: "WWW-Authenticate asks for a Bearer token here".into(),
        span: header.span,
    })
}

/// Whether two settings stand in different branches of a template, so that one may exclude the
/// other.
fn may_exclude(one: &Setting, other: &Setting) -> bool {
    one.branch != other.branch && one.branch != 0 && other.branch != 0
}

/// Whether the value is only the client's own Authorization.
fn is_clients_own(value: &Value) -> bool {
    value
        .sole_variable()
        .is_some_and(|name| name.as_bytes() == b"http_authorization")
}

/// The line that takes Authorization off a request.
fn clearing(module: Module) -> &'static str {
    match module {
        Module::Proxy | Module::Memcached => "proxy_set_header Authorization \"\";",
        Module::Grpc => "grpc_set_header Authorization \"\";",
        Module::Fastcgi => "fastcgi_param HTTP_AUTHORIZATION \"\";",
        Module::Uwsgi => "uwsgi_param HTTP_AUTHORIZATION \"\";",
        Module::Scgi => "scgi_param HTTP_AUTHORIZATION \"\";",
    }
}

/// Whether the upstream is a store of files that takes no credential of a client.
fn store_upstream(config: &Config, handed: &Handed<'_>) -> bool {
    use services::Service::*;
    let literal = handed.hosts().iter().any(|host| {
        matches!(
            services::service(host),
            Some(S3 | S3Bucket | GoogleStorage | AzureBlob | CloudFront)
        )
    });
    literal
        || services::hides_s3_headers(config, handed.level, handed.module()).is_some()
        || names_store(config, handed)
}

/// Whether the line that sends the request on calls its upstream a store: a template or a variable
/// says so, where the host does not.
fn names_store(config: &Config, handed: &Handed<'_>) -> bool {
    const WORDS: [&str; 5] = ["s3", "bucket", "minio", "gcs", "blob"];
    let lines = config.settings(handed.level, Key::Pass(handed.module()));
    let mut args = lines
        .iter()
        .filter(|line| line.span == handed.by)
        .flat_map(|line| &line.args);
    args.any(|arg| {
        let text = arg.raw.to_ascii_lowercase();
        let mut words = text.split(|byte| !byte.is_ascii_alphanumeric());
        words.any(|word| WORDS.iter().any(|known| word == known.as_bytes()))
    })
}

/// Another door of this gate that hands the client's Authorization to the same upstream on
/// purpose: so that upstream reads it.
fn sibling(visit: &Visit<'_>, handed: &Handed<'_>) -> Option<Intent> {
    let config = visit.gate.config();
    let address = handed.to.address.known()?;
    let hands_on = visits_of(visit.gate).filter_map(|other| {
        let line = config
            .settings(other.level(), Key::SetHeader(handed.module()))
            .iter()
            .find(|line| names(&line.args[0], AUTHORIZATION) && is_clients_own(&line.args[1]))?;
        Some((other, line))
    });
    let mut hands_on = hands_on.take(MAX_SIBLINGS);
    let (_, line) = hands_on.find(|(other, _)| {
        other
            .send(&other.with_credential(BEARER))
            .iter()
            .any(|course| {
                Handed::of(course).is_some_and(|other| {
                    other.to.address.known() == Some(address) && other.level != handed.level
                })
            })
    })?;
    Some(Intent {
        text: format!("another location hands the client's Authorization to {address}"),
        span: Some(line.span),
    })
}
