//! From the documents of a web ACL to its model
//! (<https://docs.aws.amazon.com/waf/latest/APIReference/API_WebACL.html>).

mod statement;

use std::sync::Arc;

use super::model::{Acl, Action, Answer, Group, IpSet, Overrides, Rule, Then};
use crate::gates::aws::cloud::{Cloud, Place, Resource};
use crate::gates::aws::fields::{entry, items, network, number, spanned, text};
use crate::gates::aws::kinds::{self, Kind};
use crate::request::{Known, Reason};
use crate::source::{Span, Spanned};
use crate::syntax::document::Node;

/// How deep statements may lie within each other. AWS allows far less.
const DEEPEST: usize = 16;

pub(super) struct Reader<'c> {
    pub cloud: &'c Cloud,
    pub place: &'c Place,
    depth: usize,
    /// What is read is a group, in which no other may lie.
    in_group: bool,
}

/// The document of one thing is wrapped in its kind: `{"WebACL": {…}}`.
fn unwrapped<'d>(resource: &'d Resource, key: &str) -> Node<'d> {
    let node = resource.node();
    entry(node, key).unwrap_or(node)
}

pub fn acl(resource: &Resource, cloud: &Cloud) -> Acl {
    let node = unwrapped(resource, "WebACL");
    let mut reader = Reader {
        cloud,
        place: resource.place(),
        depth: 0,
        in_group: false,
    };
    let mut rules = reader.manager_rules(node, "PreProcessFirewallManagerRuleGroups");
    rules.extend(reader.rules(node));
    rules.extend(reader.manager_rules(node, "PostProcessFirewallManagerRuleGroups"));
    let name = text(node, "Name").unwrap_or(resource.id());
    let limits = entry(node, "AssociationConfig").and_then(|one| one.get("RequestBody"));
    let limits = limits.into_iter().flat_map(|limits| limits.entries());
    Acl {
        arn: resource.id().to_owned(),
        name: name.to_owned(),
        span: node.span(),
        default: default_action(node),
        rules,
        labels: namespace(node, resource.place(), "webacl", name),
        body_limits: limits
            .filter_map(|(kind, limit)| {
                let size = text(limit, "DefaultSizeInspectionLimit")?;
                let kilobytes: u64 = size.strip_prefix("KB_")?.parse().ok()?;
                Some((kind.text()?.to_owned(), kilobytes * 1024))
            })
            .collect(),
    }
}

fn default_action(node: Node<'_>) -> Spanned<Action> {
    let default = entry(node, "DefaultAction");
    let span = default.unwrap_or(node).span();
    let action = default.map(action);
    Spanned::new(
        action.unwrap_or(Action::Unknown("it is not here".into())),
        span,
    )
}

/// `awswaf:123456789012:webacl:shop:`
fn namespace(node: Node<'_>, place: &Place, kind: &str, name: &str) -> String {
    let account = place.account.as_deref().unwrap_or_default();
    let told = text(node, "LabelNamespace").map(str::to_owned);
    told.unwrap_or_else(|| format!("awswaf:{account}:{kind}:{name}:"))
}

impl Reader<'_> {
    /// The rules of an ACL or a group, by their priority.
    fn rules(&mut self, node: Node<'_>) -> Vec<Rule> {
        let mut nodes: Vec<Node<'_>> = items(node, "Rules").collect();
        nodes.sort_by_key(|rule| number::<u32>(*rule, "Priority").unwrap_or(u32::MAX));
        nodes.into_iter().map(|rule| self.rule(rule)).collect()
    }

    /// Groups that Firewall Manager puts around one's own rules.
    fn manager_rules(&mut self, node: Node<'_>, key: &str) -> Vec<Rule> {
        let mut nodes: Vec<Node<'_>> = items(node, key).collect();
        nodes.sort_by_key(|rule| number::<u32>(*rule, "Priority").unwrap_or(u32::MAX));
        let rules = nodes.into_iter().map(|rule| {
            let statement = entry(rule, "FirewallManagerStatement");
            Rule {
                statement: self.statement(statement),
                ..self.rule(rule)
            }
        });
        rules.collect()
    }

    fn rule(&mut self, node: Node<'_>) -> Rule {
        let name = spanned(node, "Name");
        let then = match (entry(node, "Action"), entry(node, "OverrideAction")) {
            (Some(one), _) => Then::Act(action(one)),
            (None, over) => Then::AsGroup {
                count: over.is_some_and(|one| entry(one, "Count").is_some()),
            },
        };
        Rule {
            span: name.as_ref().map_or(node.span(), |name| name.span),
            name: name.map(|name| name.value).unwrap_or_default(),
            statement: self.statement(entry(node, "Statement")),
            then,
            labels: items(node, "RuleLabels")
                .filter_map(|label| Some(text(label, "Name")?.to_owned()))
                .collect(),
        }
    }

    fn known(&self, kind: &'static Kind, arn: &str) -> Known<&Resource> {
        self.cloud.get(kind, arn, self.place)
    }

    fn ip_set(&self, arn: &str) -> Known<Arc<IpSet>> {
        self.known(&kinds::IP_SET, arn).map(|resource| {
            let node = unwrapped(resource, "IPSet");
            let addresses = items(node, "Addresses")
                .filter_map(|item| Some(Spanned::new(network(item.text()?)?, item.span())));
            Arc::new(IpSet::new(
                text(node, "Name").unwrap_or(resource.id()).to_owned(),
                named(node),
                addresses.collect(),
            ))
        })
    }

    fn patterns(&self, arn: &str) -> Known<Vec<String>> {
        self.known(&kinds::REGEX_PATTERN_SET, arn).map(|resource| {
            let node = unwrapped(resource, "RegexPatternSet");
            items(node, "RegularExpressionList")
                .filter_map(|one| Some(text(one, "RegexString")?.to_owned()))
                .collect()
        })
    }

    fn group(&mut self, arn: &str) -> Known<Arc<Group>> {
        if self.in_group {
            return Known::Unknown(Reason::new("a group lies within a group"));
        }
        let resource = match self.known(&kinds::RULE_GROUP, arn) {
            Known::Is(resource) => resource,
            Known::Unknown(reason) => return Known::Unknown(reason),
        };
        let node = unwrapped(resource, "RuleGroup");
        let name = text(node, "Name").unwrap_or(arn);
        let mut inner = Reader {
            cloud: self.cloud,
            place: resource.place(),
            depth: 0,
            in_group: true,
        };
        Known::Is(Arc::new(Group {
            name: name.to_owned(),
            labels: namespace(node, resource.place(), "rulegroup", name),
            rules: inner.rules(node),
        }))
    }
}

fn named(node: Node<'_>) -> Span {
    entry(node, "Name").unwrap_or(node).span()
}

/// `{"Block": {}}`
fn action(node: Node<'_>) -> Action {
    let Some((key, value)) = node.entries().find(|(_, value)| !value.is_null()) else {
        return Action::Unknown("none is given".into());
    };
    match key.text().unwrap_or_default() {
        "Allow" => Action::Allow,
        "Block" => Action::Block(entry(value, "CustomResponse").map(answer)),
        "Count" => Action::Count,
        "Captcha" => Action::Captcha,
        "Challenge" => Action::Challenge,
        other => Action::Unknown(format!("the action {other} is not known")),
    }
}

fn answer(node: Node<'_>) -> Answer {
    let headers = items(node, "ResponseHeaders").filter_map(|header| {
        let value = text(header, "Value").map(str::to_owned);
        Some((text(header, "Name")?.to_owned(), value))
    });
    Answer {
        status: number(node, "ResponseCode"),
        headers: headers.collect(),
        span: node.span(),
    }
}

fn overrides(node: Node<'_>) -> Overrides {
    let excluded = items(node, "ExcludedRules")
        .filter_map(|rule| Some((text(rule, "Name")?.to_owned(), Action::Count)));
    let changed = items(node, "RuleActionOverrides").filter_map(|rule| {
        let to_use = entry(rule, "ActionToUse").map(action)?;
        Some((text(rule, "Name")?.to_owned(), to_use))
    });
    Overrides(changed.chain(excluded).collect())
}
