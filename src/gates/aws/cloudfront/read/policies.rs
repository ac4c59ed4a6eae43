//! Behaviours, and the policies that they name.

use super::{listed, names, viewer};
use crate::gates::aws::cloud::{Cloud, Place};
use crate::gates::aws::cloudfront::managed;
use crate::gates::aws::cloudfront::model::{Behavior, Cors, Forwards, Kept, Names, ResponsePolicy};
use crate::gates::aws::fields::{entry, items, spanned, text};
use crate::gates::aws::kinds;
use crate::request::Known;
use crate::source::Spanned;
use crate::syntax::document::Node;

pub struct Policies<'c> {
    pub cloud: &'c Cloud,
    pub place: &'c Place,
}

impl Policies<'_> {
    pub fn behavior(&self, node: Node<'_>) -> Option<Behavior> {
        let methods = entry(node, "AllowedMethods");
        let allowed: Vec<String> = methods
            .map(|methods| items(methods, "Items"))
            .into_iter()
            .flatten()
            .filter_map(|one| Some(one.text()?.to_owned()))
            .collect();
        let cached = methods.map(|methods| names(methods, "CachedMethods"));
        let pattern = spanned(node, "PathPattern");
        let signers = ["TrustedKeyGroups", "TrustedSigners"].into_iter();
        let mut signers = signers.filter_map(|key| entry(node, key));
        Some(Behavior {
            span: match &pattern {
                Some(pattern) => pattern.span,
                None => entry(node, "TargetOriginId").unwrap_or(node).span(),
            },
            pattern,
            origin: spanned(node, "TargetOriginId")?,
            // Without a list it is the shortest.
            methods: match allowed.is_empty() {
                true => Spanned::new(vec!["HEAD".into(), "GET".into()], node.span()),
                false => Spanned::new(allowed, methods.unwrap_or(node).span()),
            },
            caches_options: cached.is_some_and(|cached| cached.iter().any(|one| one == "OPTIONS")),
            viewer: viewer(node),
            signed: signers
                .find(|one| text(*one, "Enabled") == Some("true"))
                .map(Node::span),
            functions: functions(node),
            forwards: self.forwards(node),
            response: self.response(node),
        })
    }

    fn forwards(&self, node: Node<'_>) -> Forwards {
        let cache = spanned(node, "CachePolicyId");
        // Where there is a policy, it is the policy that counts.
        if let Some(values) = entry(node, "ForwardedValues").filter(|_| cache.is_none()) {
            return Forwards {
                span: values.span(),
                cache: Known::Is(legacy(values)),
                request: Spanned::new(Known::Is(None), values.span()),
                legacy: true,
            };
        }
        let request = spanned(node, "OriginRequestPolicyId");
        Forwards {
            span: cache.as_ref().map_or(node.span(), |id| id.span),
            cache: match &cache {
                Some(id) => self.cache(&id.value),
                None => Known::Is(Kept::default()),
            },
            request: match request {
                Some(id) => Spanned::new(self.request(&id.value).map(Some), id.span),
                None => Spanned::new(Known::Is(None), node.span()),
            },
            legacy: false,
        }
    }

    fn cache(&self, id: &str) -> Known<Kept> {
        match self.cloud.get(&kinds::CACHE_POLICY, id, self.place) {
            Known::Is(resource) => {
                let node = unwrapped(resource.node(), "CachePolicy");
                let config = entry(node, "CachePolicyConfig").unwrap_or(node);
                let within = entry(config, "ParametersInCacheKeyAndForwardedToOrigin");
                Known::Is(kept(config, within.unwrap_or(config)))
            }
            Known::Unknown(reason) => managed::cache(id).map_or(Known::Unknown(reason), Known::Is),
        }
    }

    fn request(&self, id: &str) -> Known<Kept> {
        let found = self
            .cloud
            .get(&kinds::ORIGIN_REQUEST_POLICY, id, self.place);
        match found {
            Known::Is(resource) => {
                let node = unwrapped(resource.node(), "OriginRequestPolicy");
                let config = entry(node, "OriginRequestPolicyConfig").unwrap_or(node);
                Known::Is(kept(config, config))
            }
            Known::Unknown(reason) => {
                managed::origin_request(id).map_or(Known::Unknown(reason), Known::Is)
            }
        }
    }

    fn response(&self, node: Node<'_>) -> Known<Option<ResponsePolicy>> {
        let Some(id) = spanned(node, "ResponseHeadersPolicyId") else {
            return Known::Is(None);
        };
        let found = self
            .cloud
            .get(&kinds::RESPONSE_HEADERS_POLICY, &id.value, self.place);
        match found {
            Known::Is(resource) => {
                let node = unwrapped(resource.node(), "ResponseHeadersPolicy");
                let config = entry(node, "ResponseHeadersPolicyConfig").unwrap_or(node);
                let cors = entry(config, "CorsConfig");
                Known::Is(Some(ResponsePolicy {
                    span: cors.unwrap_or(config).span(),
                    cors: cors.map(self::cors),
                }))
            }
            Known::Unknown(reason) => managed::response(&id.value, id.span)
                .map_or(Known::Unknown(reason), |policy| Known::Is(Some(policy))),
        }
    }
}

fn unwrapped<'d>(node: Node<'d>, key: &str) -> Node<'d> {
    entry(node, key).unwrap_or(node)
}

fn kept(config: Node<'_>, within: Node<'_>) -> Kept {
    let part = |config: &str, behavior: &str, list: &str| {
        let part = entry(within, config);
        part.map_or(Names::None, |part| chosen(part, behavior, list))
    };
    Kept {
        name: text(config, "Name").unwrap_or_default().to_owned(),
        headers: part("HeadersConfig", "HeaderBehavior", "Headers"),
        cookies: part("CookiesConfig", "CookieBehavior", "Cookies"),
        query: part("QueryStringsConfig", "QueryStringBehavior", "QueryStrings"),
    }
}

fn chosen(node: Node<'_>, behavior: &str, list: &str) -> Names {
    match text(node, behavior).unwrap_or_default() {
        "whitelist" => Names::Only(names(node, list)),
        "allExcept" => Names::Except(names(node, list)),
        "all" | "allViewer" | "allViewerAndWhitelistCloudFront" => Names::All,
        _ => Names::None,
    }
}

/// The settings from before there were policies.
fn legacy(values: Node<'_>) -> Kept {
    let headers = names(values, "Headers");
    let cookies = entry(values, "Cookies");
    let keys = names(values, "QueryStringCacheKeys");
    Kept {
        name: "ForwardedValues".to_owned(),
        headers: match headers.iter().any(|name| name == "*") {
            true => Names::All,
            false => Names::Only(headers),
        },
        cookies: match cookies.and_then(|one| text(one, "Forward")) {
            Some("all") => Names::All,
            Some("whitelist") => {
                Names::Only(cookies.map_or_else(Vec::new, |one| names(one, "WhitelistedNames")))
            }
            _ => Names::None,
        },
        // Which parameters are keys is of no matter to the origin: it gets all.
        query: match text(values, "QueryString") == Some("true") || !keys.is_empty() {
            true => Names::All,
            false => Names::None,
        },
    }
}

/// Of the functions only those that see a request first: those before the origin see it where the
/// cache has no answer, and may change it all the same.
fn functions(node: Node<'_>) -> Vec<Spanned<String>> {
    let lists = [
        ("FunctionAssociations", "FunctionARN"),
        ("LambdaFunctionAssociations", "LambdaFunctionARN"),
    ];
    let functions = lists.into_iter().flat_map(|(list, key)| {
        let items = listed(node, list).into_iter();
        items.filter_map(move |one| {
            let event = text(one, "EventType")?;
            let arn = spanned(one, key).filter(|_| event.ends_with("-request"))?;
            let name = arn.value.rsplit(['/', ':']).find(|part| !is_number(part));
            Some(Spanned::new(name?.to_owned(), arn.span))
        })
    });
    functions.collect()
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn cors(node: Node<'_>) -> Cors {
    let is_true = |key: &str| text(node, key) == Some("true");
    Cors {
        origins: names(node, "AccessControlAllowOrigins"),
        methods: names(node, "AccessControlAllowMethods"),
        headers: names(node, "AccessControlAllowHeaders"),
        credentials: is_true("AccessControlAllowCredentials"),
        overrides: is_true("OriginOverride"),
    }
}
