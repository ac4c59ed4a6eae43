//! From the documents of a load balancer to its model
//! (<https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeRules.html>).

use super::model::{Action, Balancer, Condition, Listener, Rule, Stranger, Subject, Test, What};
use crate::gates::aws::cloud::{Cloud, Resource};
use crate::gates::aws::fields::{entry, items, network, number, text, texts};
use crate::gates::aws::kinds;
use crate::gates::aws::waf::Acls;
use crate::request::Known;
use crate::source::Spanned;
use crate::syntax::document::Node;

/// `None` for load balancers that do not look into HTTP.
pub fn read(resource: &Resource, cloud: &Cloud, acls: &Acls) -> Option<Balancer> {
    let node = resource.node();
    if text(node, "Type").is_some_and(|kind| kind != "application") {
        return None;
    }
    let arn = resource.id();
    let name = text(node, "LoadBalancerName");
    let zones = items(node, "AvailabilityZones").filter_map(|zone| {
        let subnet = entry(zone, "SubnetId")?;
        Some(Spanned::new(subnet.text()?.to_owned(), subnet.span()))
    });
    let family = entry(node, "IpAddressType");
    let listeners = cloud.get(&kinds::LISTENERS, arn, resource.place());
    Some(Balancer {
        arn: arn.to_owned(),
        name: name.unwrap_or(arn).to_owned(),
        place: resource.place().clone(),
        span: entry(node, "LoadBalancerName").unwrap_or(node).span(),
        host: text(node, "DNSName")
            .unwrap_or_default()
            .to_ascii_lowercase(),
        is_internal: text(node, "Scheme") == Some("internal"),
        dualstack: family
            .filter(|family| {
                family
                    .text()
                    .is_some_and(|text| text.starts_with("dualstack"))
            })
            .map(Node::span),
        groups: texts(node, "SecurityGroups"),
        subnets: zones.collect(),
        listeners: listeners.map(|list| {
            let listeners = items(list.node(), "Listeners");
            listeners
                .filter_map(|one| listener(one, cloud, resource))
                .collect()
        }),
        acl: acls.before(arn, cloud).map(|acl| acl.cloned()),
    })
}

fn listener(node: Node<'_>, cloud: &Cloud, balancer: &Resource) -> Option<Listener> {
    let arn = text(node, "ListenerArn").unwrap_or_default();
    let mutual = entry(node, "MutualAuthentication");
    let mutual = mutual.filter(|one| text(*one, "Mode") == Some("verify"));
    let rules = match cloud.get(&kinds::RULES, arn, balancer.place()) {
        Known::Is(list) => {
            let mut rules: Vec<Rule> = items(list.node(), "Rules").map(rule).collect();
            rules.sort_by_key(|rule| rule.priority.unwrap_or(u32::MAX));
            Known::Is(rules)
        }
        Known::Unknown(reason) => Known::Unknown(reason),
    };
    Some(Listener {
        arn: arn.to_owned(),
        span: entry(node, "Port").unwrap_or(node).span(),
        port: number(node, "Port")?,
        is_https: text(node, "Protocol") == Some("HTTPS"),
        mutual: mutual.map(Node::span),
        rules,
    })
}

fn rule(node: Node<'_>) -> Rule {
    let mut actions: Vec<Node<'_>> = items(node, "Actions").collect();
    actions.sort_by_key(|action| number::<u32>(*action, "Order").unwrap_or(u32::MAX));
    Rule {
        priority: number(node, "Priority"),
        span: entry(node, "Priority").unwrap_or(node).span(),
        conditions: items(node, "Conditions").map(condition).collect(),
        actions: actions.into_iter().map(action).collect(),
        transforms: items(node, "Transforms").next().is_some(),
    }
}

fn condition(node: Node<'_>) -> Condition {
    let field = text(node, "Field").unwrap_or_default();
    let config = |key: &str| entry(node, key).unwrap_or(node);
    // The older form has the values beside the field.
    let values = |key: &str| {
        let values = texts(config(key), "Values");
        let values = match values.is_empty() {
            true => texts(node, "Values"),
            false => values,
        };
        values
            .into_iter()
            .map(|value| value.value)
            .collect::<Vec<_>>()
    };
    let expressions = |key: &str| -> Vec<String> {
        let values = texts(config(key), "RegexValues").into_iter();
        values.map(|value| value.value).collect()
    };
    let by_expression = |key: &str| !expressions(key).is_empty();
    let test = match field {
        "host-header" if by_expression("HostHeaderConfig") => {
            Test::Expression(Subject::Host, expressions("HostHeaderConfig"))
        }
        "path-pattern" if by_expression("PathPatternConfig") => {
            Test::Expression(Subject::Path, expressions("PathPatternConfig"))
        }
        "http-header" if by_expression("HttpHeaderConfig") => {
            let name = text(config("HttpHeaderConfig"), "HttpHeaderName").unwrap_or_default();
            let subject = Subject::Header(name.to_owned());
            Test::Expression(subject, expressions("HttpHeaderConfig"))
        }
        "host-header" => Test::Host(values("HostHeaderConfig")),
        "path-pattern" => Test::Path(values("PathPatternConfig")),
        "http-request-method" => Test::Method(values("HttpRequestMethodConfig")),
        "http-header" => {
            let config = config("HttpHeaderConfig");
            let name = text(config, "HttpHeaderName").unwrap_or_default();
            let known = entry(config, "Values").map(|_| values("HttpHeaderConfig"));
            Test::Header(name.to_owned(), known)
        }
        "query-string" => Test::Query(
            items(config("QueryStringConfig"), "Values")
                .map(|pair| {
                    let part = |key: &str| text(pair, key).map(str::to_owned);
                    (part("Key"), part("Value"))
                })
                .collect(),
        ),
        "source-ip" => {
            let values = texts(config("SourceIpConfig"), "Values").into_iter();
            let values =
                values.filter_map(|one| Some(Spanned::new(network(&one.value)?, one.span)));
            Test::Source(values.collect())
        }
        other => Test::Unknown(format!("the condition {other} is not known")),
    };
    Condition {
        span: node.span(),
        test,
    }
}

fn action(node: Node<'_>) -> Action {
    let kind = entry(node, "Type");
    let code = |key: &str| {
        let config = entry(node, key)?;
        let code = text(config, "StatusCode")?;
        code.trim_start_matches("HTTP_").parse().ok()
    };
    let stranger = |key: &str| {
        let config = entry(node, key);
        match config.and_then(|config| text(config, "OnUnauthenticatedRequest")) {
            Some("deny") => Stranger::Denied,
            Some("allow") => Stranger::Allowed,
            _ => Stranger::Sent,
        }
    };
    let what = match kind.and_then(Node::text).unwrap_or_default() {
        "forward" => What::Forward(target_groups(node)),
        "fixed-response" => What::Answer(code("FixedResponseConfig").unwrap_or(200)),
        "redirect" => What::Redirect(code("RedirectConfig").unwrap_or(302)),
        "authenticate-oidc" => What::Authenticate(stranger("AuthenticateOidcConfig")),
        "authenticate-cognito" => What::Authenticate(stranger("AuthenticateCognitoConfig")),
        "jwt-validation" => What::Verify,
        other => What::Unknown(format!("the action {other} is not known")),
    };
    Action {
        span: kind.unwrap_or(node).span(),
        what,
    }
}

fn target_groups(node: Node<'_>) -> Vec<String> {
    let config = entry(node, "ForwardConfig");
    let many = config
        .into_iter()
        .flat_map(|config| items(config, "TargetGroups"));
    // One with the weight 0 gets nothing.
    let mut arns: Vec<&str> = many
        .filter(|group| text(*group, "Weight") != Some("0"))
        .filter_map(|group| text(group, "TargetGroupArn"))
        .collect();
    if arns.is_empty() {
        arns.extend(text(node, "TargetGroupArn"));
    }
    // `…:targetgroup/NAME/ID`
    let name = |arn: &str| arn.split('/').nth(1).unwrap_or(arn).to_owned();
    arns.into_iter().map(name).collect()
}
