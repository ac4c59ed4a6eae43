//! What AWS's own commands print: `aws ec2 describe-security-groups > groups.json`.
//!
//! Such a file says neither which account and region it is of nor, for a part of something, of
//! what: an ARN in it, or the path of the file, must tell. Nor does it say whether the command was
//! to print all (`--group-ids`, `--key-id`): what it lists is there, and of what it does not list
//! nothing is known.

mod part;

use std::sync::Arc;

use bstr::ByteSlice;

use crate::gates::aws::cloud::{Address, Cloud, Place, Resource};
use crate::gates::aws::kinds::{self, Kind};
use crate::problem::Problem;
use crate::source::{SourceMap, TooLarge};
use crate::syntax::document::{self, Document, Node};
use part::Part;

/// How much of a file is looked at to see whether it may be one.
const HEAD: usize = 4096;

/// Keys that tell that an answer has more pages.
const MORE: [&str; 4] = ["NextToken", "position", "NextMarker", "Marker"];

/// The dumps of a run. What is a part of something else is kept until all else is known.
#[derive(Default)]
pub struct Dumps {
    whole: Vec<Item>,
    parts: Vec<Part>,
    problems: Vec<Problem>,
}

struct Item {
    kind: &'static Kind,
    id: String,
    place: Place,
    document: Arc<Document>,
    node: document::NodeId,
}

/// Whether a file may be one, by the key that it begins with.
pub fn may_be(head: &[u8]) -> bool {
    let Some((key, rest)) = first_key(head) else {
        return false;
    };
    match key {
        b"items" | b"item" | b"Items" | b"Policy" | b"ETag" | b"Distribution" | b"NextToken"
        | b"position" | b"LockToken" | b"ResourceArns" | b"Reservations" | b"DistributionList" => {
            true
        }
        b"openapi" | b"swagger" => rest[..rest.len().min(HEAD)].find(b"execute-api").is_some(),
        _ => {
            let lists_of_parts = LISTS_OF_PARTS.iter().map(|(listed, _)| *listed);
            let mut listed = kinds::KINDS
                .iter()
                .filter_map(|kind| kind.listed)
                .chain(lists_of_parts);
            listed.any(|listed| listed.as_bytes() == key)
        }
    }
}

/// The first key of a mapping, and what comes with it.
fn first_key(head: &[u8]) -> Option<(&[u8], &[u8])> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let rest = head.trim_start().strip_prefix(b"{")?.trim_start();
    let rest = rest.strip_prefix(b"\"")?;
    Some((rest.split_str("\"").next()?, rest))
}

/// Whether a file is one for sure: `SecurityGroups` is a word of AWS's, `Rules` and `items` are
/// anybody's.
fn is_sure(head: &[u8]) -> bool {
    let key = first_key(head).map_or(&b""[..], |(key, _)| key);
    let capitals = key.iter().filter(|byte| byte.is_ascii_uppercase());
    capitals.count() > 1 && !matches!(key, b"NextToken" | b"ETag")
}

/// Lists whose items say to what they belong.
static LISTS_OF_PARTS: [(&str, &Kind); 2] =
    [("Listeners", &kinds::LISTENERS), ("Rules", &kinds::RULES)];

impl Dumps {
    pub fn read(
        &mut self,
        name: String,
        text: Arc<[u8]>,
        is_given: bool,
        sources: &mut SourceMap,
    ) -> Result<(), TooLarge> {
        let is_sure = is_given || is_sure(&text);
        let id = sources.add(name.clone(), text)?;
        let source = sources.get(id);
        let document = match document::parse(source.base, &source.text) {
            Ok(document) => Arc::new(document),
            Err(error) => {
                if is_sure {
                    self.problems
                        .push(Problem::fatal(error.span, error.message));
                }
                return Ok(());
            }
        };
        let Some(root) = document.root() else {
            return Ok(());
        };
        let before = self.found();
        self.sort(&name, &document, root);
        let is_nothing =
            |value: Node<'_>| value.items().next().is_none() && value.entries().next().is_none();
        let is_empty = root.entries().all(|(_, value)| is_nothing(value));
        if is_given && self.found() == before && !is_empty {
            let message = "nothing here is what a command of AWS prints";
            let help = "write to the file what one prints, without `--query`";
            self.incomplete(root, message.to_owned(), help);
        }
        Ok(())
    }

    /// How much was found.
    fn found(&self) -> usize {
        self.whole.len() + self.parts.len() + self.problems.len()
    }

    fn sort(&mut self, file: &str, document: &Arc<Document>, root: Node<'_>) {
        for (key, value) in root.entries() {
            let key = key.text().unwrap_or_default();
            match key {
                "items" | "item" | "Items" => {
                    let Some(kind) = of_api_gateway(key, value) else {
                        continue;
                    };
                    match kind.listed {
                        Some(_) => self.all(kind, document, value.items()),
                        None => self.part(kind, file, document, root),
                    }
                }
                "Listeners" => self.by_owner(&kinds::LISTENERS, document, root, value, |item| {
                    Some(item.get("LoadBalancerArn")?.text()?.to_owned())
                }),
                // The rules of a web ACL and of a group lie deeper.
                "Rules" => self.by_owner(&kinds::RULES, document, root, value, |item| {
                    listener_of(item.get("RuleArn")?.text()?)
                }),
                "Reservations" => {
                    let instances = value.items().filter_map(|item| item.get("Instances"));
                    let instances = instances.flat_map(|instances| instances.items());
                    self.all(&kinds::INSTANCE, document, instances);
                }
                "DistributionList" => {
                    let items = value
                        .get("Items")
                        .into_iter()
                        .flat_map(|items| items.items());
                    self.all(&kinds::DISTRIBUTION, document, items);
                }
                "DistributionConfig" => self.part(&kinds::DISTRIBUTION, file, document, root),
                "ResourceArns" => self.part(&kinds::RESOURCES_FOR_WEB_ACL, file, document, root),
                "Policy" if root.get("RevisionId").is_some() => self.of_function(document, root),
                "openapi" | "swagger" => self.part(&kinds::EXPORT, file, document, root),
                _ => self.listed(key, document, root, value),
            }
        }
    }

    /// `SecurityGroups` is a list of items, `WebACL` is one.
    fn listed(&mut self, key: &str, document: &Arc<Document>, root: Node<'_>, value: Node<'_>) {
        let mut kinds = kinds::KINDS.iter();
        let Some(kind) = kinds.find(|kind| kind.listed == Some(key)) else {
            return;
        };
        if value.entries().next().is_none() {
            return self.all(kind, document, value.items());
        }
        // What the command prints around it belongs to the document.
        if let Some(id) = value.get(kind.id).and_then(|id| id.text()) {
            let node = match **kind == kinds::DISTRIBUTION {
                true => value,
                false => root,
            };
            self.whole.push(Item::new(kind, id, value, document, node));
        }
    }

    fn all<'d>(
        &mut self,
        kind: &'static Kind,
        document: &Arc<Document>,
        items: impl Iterator<Item = Node<'d>>,
    ) {
        for item in items {
            if let Some(id) = item.get(kind.id).and_then(|id| id.text()) {
                self.whole.push(Item::new(kind, id, item, document, item));
            }
        }
    }

    fn by_owner(
        &mut self,
        kind: &'static Kind,
        document: &Arc<Document>,
        root: Node<'_>,
        list: Node<'_>,
        owner: impl Fn(Node<'_>) -> Option<String>,
    ) {
        let mut owners: Vec<String> = list.items().filter_map(owner).collect();
        owners.dedup();
        let is_default = |rule: Node<'_>| {
            ["IsDefault", "Priority"].into_iter().any(|key| {
                let value = rule.get(key).and_then(|value| value.text());
                matches!(value, Some("true" | "default"))
            })
        };
        let id = match owners.as_slice() {
            [] => return,
            [one] if *kind == kinds::RULES && !list.items().any(is_default) => {
                let message =
                    format!("these are not all rules of {one}: the default one is missing");
                return self.incomplete(root, message, "print all: leave out `--rule-arns`");
            }
            [one] => one,
            _ => {
                let message = format!("these {} are of several owners", kind.name);
                return self.incomplete(root, message, "print those of one after the other");
            }
        };
        if !self.goes_on(root) {
            self.whole.push(Item::new(kind, id, root, document, root));
        }
    }

    /// What is said of a part is said of all of it, so the first page alone says nothing.
    fn goes_on(&mut self, root: Node<'_>) -> bool {
        let mut keys = MORE.iter();
        let is_there = |key: &&&str| root.get(key).is_some_and(|next| !next.is_null());
        let Some(key) = keys.find(is_there) else {
            return false;
        };
        let message = format!("this is one page of several: `{key}` says that the list goes on");
        let help = "print all of it: leave out `--max-items` and `--no-paginate`";
        self.incomplete(root, message, help);
        true
    }

    fn incomplete(&mut self, root: Node<'_>, message: String, help: &str) {
        let problem = Problem::fatal(root.span(), message);
        self.problems.push(problem.with_help(help));
    }

    /// A function's policy names the function in its statements.
    fn of_function(&mut self, document: &Arc<Document>, root: Node<'_>) {
        let text = root.get("Policy").and_then(|policy| policy.text());
        let value: Option<serde_json::Value> =
            text.and_then(|text| serde_json::from_str(text).ok());
        let arn = value.as_ref().and_then(|value| {
            let statements = value.get("Statement")?.as_array()?;
            statements.first()?.get("Resource")?.as_str()
        });
        if let Some(arn) = arn {
            let kind = &kinds::FUNCTION_POLICY;
            self.whole.push(Item::new(kind, arn, root, document, root));
        }
    }

    fn part(&mut self, kind: &'static Kind, file: &str, document: &Arc<Document>, root: Node<'_>) {
        if self.goes_on(root) {
            return;
        }
        self.parts.push(Part {
            kind,
            file: file.to_owned(),
            span: root.span(),
            document: document.clone(),
            node: root.id(),
        });
    }

    /// Puts all of them into the cloud, and says of which parts nothing tells to what they belong.
    pub fn finish(mut self, cloud: &mut Cloud) -> Vec<Problem> {
        for item in self.whole {
            let address = Address {
                place: item.place,
                kind: item.kind,
                id: item.id,
            };
            cloud.add(Resource::new(address, item.document, item.node));
        }
        for part in self.parts {
            match part.owner(cloud) {
                Some(address) => cloud.add(Resource::new(address, part.document, part.node)),
                None => self.problems.push(part.complaint()),
            }
        }
        self.problems
    }
}

impl Item {
    fn new(
        kind: &'static Kind,
        id: &str,
        about: Node<'_>,
        document: &Arc<Document>,
        node: Node<'_>,
    ) -> Item {
        let mut arns = about.entries().filter_map(|(key, value)| {
            let key = key.text()?.to_ascii_lowercase();
            value.text().filter(|_| key.ends_with("arn"))
        });
        let place = match id.starts_with("arn:") {
            true => Place::of_arn(id),
            false => arns.next().map(Place::of_arn).unwrap_or_default(),
        };
        Item {
            kind,
            id: id.to_owned(),
            place,
            document: document.clone(),
            node: node.id(),
        }
    }
}

/// `…:listener-rule/app/name/id/id/id` → `…:listener/app/name/id/id`
fn listener_of(rule: &str) -> Option<String> {
    let (listener, _) = rule.rsplit_once('/')?;
    Some(listener.replace(":listener-rule/", ":listener/"))
}

/// What the lists of API Gateway hold, by what its items have.
fn of_api_gateway(key: &str, list: Node<'_>) -> Option<&'static Kind> {
    let first = list.items().next()?;
    let has = |key: &str| first.get(key).is_some();
    Some(match key {
        "item" if has("stageName") => &kinds::STAGES,
        "items" if has("apiStages") => &kinds::USAGE_PLAN,
        "items" if has("responseType") => &kinds::GATEWAY_RESPONSES,
        "items" if has("id") && has("path") => &kinds::RESOURCES,
        "items" if has("authorizerUri") || has("providerARNs") => &kinds::AUTHORIZERS,
        "items" if has("restApiId") => &kinds::BASE_PATH_MAPPINGS,
        "items" if has("domainName") && has("endpointConfiguration") => &kinds::DOMAIN_NAME,
        "items" if has("stageKeys") => &kinds::API_KEY,
        "items" if has("id") && has("name") && has("type") => &kinds::USAGE_PLAN_KEYS,
        "items" if has("id") && has("name") && has("endpointConfiguration") => &kinds::REST_API,
        "items" if has("id") && has("name") && has("apiKeySource") => &kinds::REST_API,
        "items" if has("id") && has("createdDate") && !has("name") => &kinds::DEPLOYMENTS,
        "Items" if has("ProtocolType") => &kinds::HTTP_API,
        "Items" if has("RouteKey") => &kinds::ROUTES,
        "Items" if has("AuthorizerType") => &kinds::HTTP_AUTHORIZERS,
        "Items" if has("ApiMappingId") || has("ApiMappingKey") => &kinds::API_MAPPINGS,
        "Items" if has("StageName") => &kinds::HTTP_STAGES,
        "Items" if has("IntegrationType") => &kinds::INTEGRATIONS,
        "Items" if has("DomainNameConfigurations") => &kinds::HTTP_DOMAIN_NAME,
        _ => return None,
    })
}
