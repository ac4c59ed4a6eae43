//! From the documents of a function to the model of its URL.

use super::model::{Auth, Made, Url};
use crate::gates::aws::cloud::{Cloud, Place, Resource};
use crate::gates::aws::cors::Cors;
use crate::gates::aws::fields::{entry, spanned, text};
use crate::gates::aws::iam::{self, Kind, Policy};
use crate::gates::aws::kinds;
use crate::problem::Problem;
use crate::request::Known;
use crate::source::Spanned;

/// `None` where it has no URL that could be called.
pub fn read(resource: &Resource, cloud: &Cloud) -> Option<(Url, Vec<Problem>)> {
    let node = resource.node();
    let written = spanned(node, "FunctionUrl")?;
    let host = written.value.split("://").nth(1)?;
    let host = host.split(['/', ':']).next()?.to_ascii_lowercase();
    if host.is_empty() {
        return None;
    }
    let arn = text(node, "FunctionArn")
        .unwrap_or(resource.id())
        .to_owned();
    let auth = entry(node, "AuthType");
    let (policy, problems) = policy(&arn, resource, cloud);
    let cors = entry(node, "Cors").filter(|cors| cors.entries().next().is_some());
    let url = Url {
        name: arn
            .split_once(":function:")
            .map_or(arn.as_str(), |(_, name)| name)
            .to_owned(),
        place: place(&arn, resource),
        span: node.span(),
        host: Spanned::new(host, written.span),
        auth: Spanned::new(
            match auth.and_then(|auth| auth.text()) {
                Some("NONE") => Auth::Open,
                Some("AWS_IAM") => Auth::Iam,
                other => Auth::Unknown(other.unwrap_or_default().to_owned()),
            },
            auth.unwrap_or(node).span(),
        ),
        cors: cors.map(Cors::read),
        policy,
        made: Made::on(text(node, "CreationTime")),
        arn,
    };
    Some((url, problems))
}

/// What a command prints has no account, but the ARN has.
fn place(arn: &str, resource: &Resource) -> Place {
    match resource.place().account {
        Some(_) => resource.place().clone(),
        None => Place::of_arn(arn),
    }
}

fn policy(
    arn: &str,
    resource: &Resource,
    cloud: &Cloud,
) -> (Known<Option<Spanned<Policy>>>, Vec<Problem>) {
    let found = match cloud.get(&kinds::FUNCTION_POLICY, arn, resource.place()) {
        Known::Is(found) => found,
        Known::Unknown(reason) => return (Known::Unknown(reason), Vec::new()),
    };
    let Some(node) = entry(found.node(), "Policy").filter(|node| node.text() != Some("")) else {
        return (Known::Is(None), Vec::new());
    };
    let (policy, problems) = iam::read(node, Kind::Resource);
    let policy = Spanned::new(policy, node.span());
    (Known::Is(Some(policy)), problems)
}
