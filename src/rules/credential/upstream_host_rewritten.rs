use bstr::ByteSlice;

use super::services::{Service, bucket, service};
use super::{Handed, judge_handed};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::Effect;
use crate::probes::Visit;
use crate::request::{Known, Request};

pub const ID: &str = "upstream-host-rewritten";

/// A service that answers only to its own name gets another Host.
pub fn check(visit: &Visit<'_>, findings: &mut Vec<Finding>) {
    judge_handed(visit, findings, visit.example, judge);
}

fn judge(visit: &Visit<'_>, request: &Request, handed: &Handed<'_>) -> Option<Finding> {
    let Some(Known::Is(sent)) = handed.request.headers.get("Host") else {
        return None;
    };
    let sent = super::host(&sent.to_str_lossy());
    let (host, service, refusal) = handed
        .hosts()
        .into_iter()
        .find_map(|host| refusal(&host, &sent, handed))?;
    let step = handed.step("Host");
    let line = step.map_or(handed.by, |step| step.span);
    let from = match step.map(|step| &step.effect) {
        Some(Effect::SetsHeader { .. }) => "sets",
        _ => "nginx sends the name in proxy_pass as",
    };
    let severity = match service {
        // Its distribution may list the name as an alternate domain name.
        Service::CloudFront => Severity::Warning,
        _ if handed.course.is_assumed() || is_optional(visit, handed) => Severity::Warning,
        _ => Severity::Error,
    };
    Some(Finding {
        rule: ID,
        severity,
        confidence: Confidence::High,
        message: format!("requests to {host} carry `Host: {sent}`, and {refusal}"),
        primary: Label {
            span: line,
            text: format!("{from} Host: {sent}"),
        },
        related: related(handed, line),
        intent: Some(Intent {
            text: format!("the request is sent to {host} for an answer"),
            span: Some(handed.by),
        }),
        help: help(handed, &host),
        witness: Some(Witness {
            request: request.clone(),
            course: handed.course.clone(),
        }),
    })
}

/// What the service at this host makes of a Host that is not its own.
fn refusal(host: &str, sent: &str, handed: &Handed<'_>) -> Option<(String, Service, String)> {
    let service = service(host)?;
    if sent == host || self::service(sent) == Some(service) {
        return None;
    }
    let refusal = match service {
        Service::ExecuteApi => "API Gateway answers 403 Forbidden to a name that is not its own",
        Service::LambdaUrl => "a Lambda function URL answers 403 to a name that is not its own",
        Service::CloudFront => {
            "CloudFront answers 403 unless the distribution has that alternate domain name"
        }
        // A bucket that is named like the site is the usual way to serve one.
        Service::S3Bucket if bucket(host) != Some(sent) => {
            "S3 takes it for the name of a bucket, so it answers 403 or 404"
        }
        Service::S3 if has_path(handed) => {
            "S3 takes it for the name of a bucket, so it answers 403 or 404"
        }
        _ => return None,
    };
    Some((host.to_owned(), service, refusal.to_owned()))
}

/// Whether `proxy_pass` names a bucket in its path.
fn has_path(handed: &Handed<'_>) -> bool {
    let path = handed.request.path();
    path.len() > 1 && path != "/"
}

/// Whether the line stands in a branch of a template that may not be taken.
fn is_optional(visit: &Visit<'_>, handed: &Handed<'_>) -> bool {
    let config = visit.gate.config();
    super::sets(config, handed.level, handed.module(), "Host").any(|setting| setting.branch != 0)
}

fn related(handed: &Handed<'_>, line: crate::source::Span) -> Vec<Label> {
    if line == handed.by {
        return Vec::new();
    }
    vec![Label {
        span: handed.by,
        text: "sends the request on".into(),
    }]
}

fn help(handed: &Handed<'_>, host: &str) -> String {
    match handed.to.group {
        Some(_) => format!("write `proxy_set_header Host {host};` and `proxy_ssl_name {host};`"),
        None => format!(
            "write `proxy_set_header Host {host};` or `$proxy_host`; pass the client's name on in \
             X-Forwarded-Host"
        ),
    }
}
