//! From the documents of a distribution to its model
//! (<https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html>).

mod policies;

use super::model::{
    Behavior, Distribution, ErrorPage, Geo, Origin, OriginProtocol, ViewerProtocol,
};
use crate::gates::aws::cloud::{Cloud, Resource};
use crate::gates::aws::fields::{entry, items, number, spanned, text};
use crate::gates::aws::waf::Acls;
use crate::request::Known;
use crate::source::Spanned;
use crate::syntax::document::Node;

/// `None` for one that answers nobody, or is there for a trial of another one.
pub fn read(resource: &Resource, cloud: &Cloud, acls: &Acls) -> Option<Distribution> {
    let node = resource.node();
    let config = entry(node, "DistributionConfig").unwrap_or(node);
    if text(config, "Enabled") == Some("false") || text(config, "Staging") == Some("true") {
        return None;
    }
    let policies = policies::Policies {
        cloud,
        place: resource.place(),
    };
    let listed = listed(config, "CacheBehaviors");
    let mut behaviors: Vec<Behavior> = listed
        .into_iter()
        .filter_map(|one| policies.behavior(one))
        .collect();
    let default = entry(config, "DefaultCacheBehavior");
    behaviors.extend(default.and_then(|one| policies.behavior(one)));
    let acl = match text(config, "WebACLId").unwrap_or_default() {
        "" => Known::Is(None),
        arn => acls.named(arn).map(|acl| Some(acl.clone())),
    };
    Some(Distribution {
        id: resource.id().to_owned(),
        span: entry(node, "Id").unwrap_or(node).span(),
        host: text(node, "DomainName")
            .unwrap_or_default()
            .to_ascii_lowercase(),
        aliases: entry(config, "Aliases")
            .into_iter()
            .flat_map(|one| items(one, "Items"))
            .filter_map(|one| Some(Spanned::new(one.text()?.to_ascii_lowercase(), one.span())))
            .collect(),
        behaviors,
        origins: self::listed(config, "Origins")
            .into_iter()
            .filter_map(origin)
            .collect(),
        acl,
        geo: entry(config, "Restrictions")
            .and_then(|one| entry(one, "GeoRestriction"))
            .and_then(geo),
        error_pages: self::listed(config, "CustomErrorResponses")
            .into_iter()
            .filter_map(error_page)
            .collect(),
    })
}

fn error_page(node: Node<'_>) -> Option<ErrorPage> {
    Some(ErrorPage {
        error: number(node, "ErrorCode")?,
        status: number(node, "ResponseCode")?,
        page: spanned(node, "ResponsePagePath")?.value,
        span: entry(node, "ErrorCode").unwrap_or(node).span(),
    })
}

/// CloudFront keeps lists in a mapping: `{"Quantity": 1, "Items": […]}`.
fn listed<'d>(node: Node<'d>, key: &str) -> Vec<Node<'d>> {
    let list = entry(node, key).into_iter();
    list.flat_map(|list| items(list, "Items")).collect()
}

fn names(node: Node<'_>, key: &str) -> Vec<String> {
    let items = listed(node, key).into_iter();
    items
        .filter_map(|one| Some(one.text()?.to_owned()))
        .collect()
}

fn geo(node: Node<'_>) -> Option<Spanned<Geo>> {
    let allows = match text(node, "RestrictionType")? {
        "whitelist" => true,
        "blacklist" => false,
        _ => return None,
    };
    let countries: Vec<&str> = items(node, "Items").filter_map(Node::text).collect();
    let countries = countries.join(", ");
    Some(Spanned::new(Geo { allows, countries }, node.span()))
}

fn origin(node: Node<'_>) -> Option<Origin> {
    let custom = entry(node, "CustomOriginConfig");
    let port = |key: &str| custom.and_then(|one| number(one, key));
    let protocol = custom.and_then(|one| text(one, "OriginProtocolPolicy"));
    let headers = listed(node, "CustomHeaders").into_iter().filter_map(|one| {
        let value = text(one, "HeaderValue").map(str::to_owned);
        Some((spanned(one, "HeaderName")?, value))
    });
    Some(Origin {
        id: text(node, "Id")?.to_owned(),
        span: node.span(),
        domain: spanned(node, "DomainName")?,
        path: text(node, "OriginPath").unwrap_or_default().to_owned(),
        signs: text(node, "OriginAccessControlId").is_some_and(|id| !id.is_empty()),
        is_s3: entry(node, "S3OriginConfig").is_some(),
        protocol: match protocol {
            Some("http-only") => OriginProtocol::Http,
            Some("match-viewer") => OriginProtocol::AsViewer,
            _ => OriginProtocol::Https,
        },
        ports: (
            port("HTTPPort").unwrap_or(80),
            port("HTTPSPort").unwrap_or(443),
        ),
        headers: headers.collect(),
    })
}

fn viewer(node: Node<'_>) -> Spanned<ViewerProtocol> {
    let policy = entry(node, "ViewerProtocolPolicy");
    let value = match policy.and_then(Node::text) {
        Some("https-only") => ViewerProtocol::HttpsOnly,
        Some("redirect-to-https") => ViewerProtocol::RedirectToHttps,
        _ => ViewerProtocol::AllowAll,
    };
    Spanned::new(value, policy.unwrap_or(node).span())
}
