//! From the documents of a function URL to its model
//! (<https://docs.aws.amazon.com/lambda/latest/api/API_FunctionUrlConfig.html>).

use std::sync::Arc;

use super::{Auth, Cors, FunctionUrl, example};
use crate::gate::Door;
use crate::gates::aws::around::Around;
use crate::gates::aws::cloud::{Cloud, Resource};
use crate::gates::aws::fields::{entry, is_true, spanned, text, texts};
use crate::gates::aws::iam::{self, Kind, Policy};
use crate::gates::aws::kinds;
use crate::source::Spanned;
use crate::syntax::document::Node;

pub fn read(resource: &Resource, cloud: &Cloud, around: &Arc<Around>) -> Option<FunctionUrl> {
    let node = resource.node();
    let url = spanned(node, "FunctionUrl")?;
    let (_, host) = url.value.split_once("://")?;
    let host = host.trim_end_matches('/').to_ascii_lowercase();
    let kind = entry(node, "AuthType");
    let auth = match kind.and_then(Node::text) {
        Some("NONE") => Auth::None,
        Some("AWS_IAM") => Auth::Iam,
        other => Auth::Unknown(other.unwrap_or_default().to_owned()),
    };
    let policy = cloud.get(&kinds::FUNCTION_POLICY, resource.id(), resource.place());
    let policy = policy.map(policy_of);
    let door = Door {
        name: "URL".to_owned(),
        span: url.span,
        id: 0,
        example: Ok(example(&host)),
    };
    Some(FunctionUrl {
        arn: text(node, "FunctionArn")
            .unwrap_or(resource.id())
            .to_owned(),
        place: resource.place().clone(),
        span: url.span,
        host,
        auth: Spanned::new(auth, kind.map_or(url.span, Node::span)),
        cors: entry(node, "Cors")
            .filter(|cors| cors.entries().next().is_some())
            .map(cors),
        created: spanned(node, "CreationTime"),
        policy,
        around: around.clone(),
        doors: [door],
    })
}

/// `{"Policy": "…"}`, with null for none.
fn policy_of(resource: &Resource) -> Option<Spanned<Policy>> {
    let node = entry(resource.node(), "Policy")?;
    Some(Spanned::new(iam::read(node, Kind::Resource).0, node.span()))
}

fn cors(node: Node<'_>) -> Cors {
    Cors {
        span: node.span(),
        origins: texts(node, "AllowOrigins"),
        methods: texts(node, "AllowMethods"),
        headers: texts(node, "AllowHeaders"),
        credentials: is_true(node, "AllowCredentials"),
    }
}
