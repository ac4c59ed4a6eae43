use std::net::IpAddr;

use super::services::{Service, service};
use super::{Handed, judge_handed};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::Protocol;
use crate::gates::nginx::directives::{Key, Module};
use crate::gates::nginx::model::Config;
use crate::probes::Visit;
use crate::request::{Known, Request};

pub const ID: &str = "upstream-sni-missing";

/// A TLS upstream that chooses by name gets no name in the handshake, or a label of ours.
pub fn check(visit: &Visit<'_>, findings: &mut Vec<Finding>) {
    judge_handed(visit, findings, visit.example, judge);
}

fn judge(visit: &Visit<'_>, request: &Request, handed: &Handed<'_>) -> Option<Finding> {
    if !matches!(handed.to.protocol, Protocol::Https | Protocol::Grpcs) {
        return None;
    }
    let config = visit.gate.config();
    let sent = sent(handed)?;
    let host = handed.hosts().into_iter().find(|host| is_public(host))?;
    let unused = unused_name(config, handed, &sent);
    let (severity, confidence, outcome) = weigh(&host, unused.is_some());
    let line = match sent {
        Sent::Nothing => unused.map_or(handed.by, |line| line.span),
        Sent::Label(_) => handed.by,
    };
    let directives = prefix(handed.module());
    let how = match &sent {
        Sent::Nothing => "nginx names no server in the TLS handshake".into(),
        Sent::Label(label) => format!("nginx names `{label}` in the TLS handshake"),
    };
    Some(Finding {
        rule: ID,
        severity,
        confidence,
        message: format!("{how} with {host}, and {outcome}"),
        primary: Label {
            span: line,
            text: match &sent {
                Sent::Nothing if unused.is_some() => {
                    format!("is not sent: {directives}_ssl_server_name is off")
                }
                Sent::Nothing => format!("sends no SNI: {directives}_ssl_server_name is off"),
                Sent::Label(label) => format!("sends the name of the group, `{label}`, as SNI"),
            },
        },
        related: Vec::new(),
        intent: Some(Intent {
            text: format!("the request is sent to {host} for an answer"),
            span: Some(handed.by),
        }),
        help: match sent {
            Sent::Nothing if handed.to.group.is_none() => {
                format!("write `{directives}_ssl_server_name on;` in this location")
            }
            _ => format!(
                "write `{directives}_ssl_server_name on;` and `{directives}_ssl_name {host};` in \
                 this location"
            ),
        },
        witness: Some(Witness {
            request: request.clone(),
            course: handed.course.clone(),
        }),
    })
}

enum Sent {
    Nothing,
    /// The name of an `upstream` block, which only this configuration knows.
    Label(String),
}

fn sent(handed: &Handed<'_>) -> Option<Sent> {
    match &handed.to.sni {
        None => Some(Sent::Nothing),
        Some(Known::Is(name)) if handed.to.group.as_ref() == Some(name) && !name.contains('.') => {
            Some(Sent::Label(name.clone()))
        }
        Some(_) => None,
    }
}

/// How sure it is that this host turns the handshake down, and what it does then.
fn weigh(host: &str, unused: bool) -> (Severity, Confidence, &'static str) {
    match service(host) {
        Some(Service::ExecuteApi) => (
            Severity::Error,
            Confidence::High,
            "API Gateway breaks off such a handshake: clients get 502 from nginx",
        ),
        Some(Service::Cloudflare) => (
            Severity::Error,
            Confidence::High,
            "Cloudflare breaks off such a handshake or answers 403: clients get 502 or 403",
        ),
        Some(Service::CloudFront | Service::LambdaUrl | Service::Vercel | Service::Netlify) => (
            Severity::Warning,
            Confidence::Medium,
            "an edge that serves many names may break it off or answer 403 or 421",
        ),
        _ if unused => (
            Severity::Warning,
            Confidence::Medium,
            "the name that is set here reaches nobody: a server with many names answers with \
             another site's 403, 421 or certificate",
        ),
        _ => (
            Severity::Note,
            Confidence::Low,
            "a server with many names may answer 403 or 421, or break it off",
        ),
    }
}

/// A `proxy_ssl_name` that is not sent. It may still serve to check the certificate, so it counts
/// only where no certificate is checked.
fn unused_name<'c>(
    config: &'c Config,
    handed: &Handed<'_>,
    sent: &Sent,
) -> Option<&'c crate::gates::nginx::model::Setting> {
    let module = handed.module();
    if matches!(sent, Sent::Label(_)) || config.flag(handed.level, Key::SslVerify(module), false) {
        return None;
    }
    config.setting(handed.level, Key::SslName(module))
}

/// Whether a host is one of the Internet: no address, no name of a container or of a LAN, and not
/// one that needs no SNI (Amazon S3).
fn is_public(host: &str) -> bool {
    const PRIVATE: [&str; 15] = [
        "local",
        "localhost",
        "internal",
        "lan",
        "home",
        "corp",
        "intranet",
        "svc",
        "test",
        "example",
        "cluster",
        "production",
        "staging",
        "invalid",
        "arpa",
    ];
    let Some((rest, top)) = host.rsplit_once('.') else {
        return false;
    };
    if matches!(host, "example.com" | "example.org" | "example.net") {
        return false;
    }
    let is_name = top.len() > 1 && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_name
        && !rest.is_empty()
        && host.parse::<IpAddr>().is_err()
        && !PRIVATE.contains(&top)
        && !matches!(
            service(host),
            Some(Service::S3 | Service::S3Bucket | Service::GoogleStorage | Service::AzureBlob)
        )
}

fn prefix(module: Module) -> &'static str {
    match module {
        Module::Grpc => "grpc",
        _ => "proxy",
    }
}
