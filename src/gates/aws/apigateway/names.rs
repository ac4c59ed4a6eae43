//! Under which names an API is reached: its own host, and custom domains with their mappings.

use bstr::ByteSlice;

use crate::gate::{Check, Effect, Knowledge};
use crate::gates::aws::cloud::{Cloud, Place};
use crate::gates::aws::fields::{spanned, text};
use crate::gates::aws::kinds::{self, Kind};
use crate::gates::aws::run::{Flow, Run, host};
use crate::request::{Known, Reason, Request};
use crate::source::Span;
use crate::syntax::document::Node;

/// All names of an API.
#[derive(Debug)]
pub struct Names {
    id: String,
    region: Option<String>,
    /// Where the host that API Gateway gives is switched off.
    pub disabled: Option<Span>,
    /// Custom domains, as far as they are known.
    pub domains: Known<Vec<Mapping>>,
    /// What of custom domains leads to other APIs.
    others: Vec<Mapping>,
}

/// A part of a custom domain that leads to the API.
#[derive(Clone, Debug)]
pub struct Mapping {
    pub domain: String,
    /// The first parts of the path, without slashes around; empty for all of the domain.
    pub base: String,
    /// `None` where the first part of the path behind the base is the stage.
    pub stage: Option<String>,
    pub span: Span,
    /// Where the domain asks its clients for a certificate.
    pub mutual: Option<Span>,
}

/// Where a request comes in.
#[derive(Debug)]
pub enum Entry<'n> {
    /// By the API's own host: the stage is the first part of the path.
    Own,
    Custom(&'n Mapping),
}

/// What the two generations of the service call the same things.
struct Words {
    domains: &'static Kind,
    mappings: &'static Kind,
    name: &'static str,
    list: &'static str,
    api: &'static str,
    base: &'static str,
    stage: &'static str,
    mutual: &'static str,
    trusted: &'static str,
    routing: &'static str,
}

static REST: Words = Words {
    domains: &kinds::DOMAIN_NAME,
    mappings: &kinds::BASE_PATH_MAPPINGS,
    name: "domainName",
    list: "items",
    api: "restApiId",
    base: "basePath",
    stage: "stage",
    mutual: "mutualTlsAuthentication",
    trusted: "truststoreUri",
    routing: "routingMode",
};

/// Serves REST APIs, too, by paths of more than one part
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html>).
static HTTP: Words = Words {
    domains: &kinds::HTTP_DOMAIN_NAME,
    mappings: &kinds::API_MAPPINGS,
    name: "DomainName",
    list: "Items",
    api: "ApiId",
    base: "ApiMappingKey",
    stage: "Stage",
    mutual: "MutualTlsAuthentication",
    trusted: "TruststoreUri",
    routing: "RoutingMode",
};

impl Names {
    pub fn read(id: &str, place: &Place, disabled: Option<Span>, cloud: &Cloud) -> Names {
        let (domains, others) = domains(id, place, cloud);
        Names {
            id: id.to_owned(),
            region: place.region.as_deref().map(str::to_owned),
            disabled,
            domains,
            others,
        }
    }

    /// How a request's host leads here, if it does: of several mappings the longest, and of a name
    /// and a wildcard the name
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html>).
    pub fn entry(&self, request: &Request) -> Option<Entry<'_>> {
        let host = host(request);
        if self.is_own(&host, request) {
            return Some(Entry::Own);
        }
        let path = request.path().to_str_lossy();
        let own = self.mappings(&host).max_by_key(|one| one.length(&path));
        let own = own.filter(|one| one.length(&path).is_some())?;
        let mut others = self.elsewhere(&host);
        let is_best = !others.any(|other| other.length(&path) > own.length(&path));
        is_best.then_some(Entry::Custom(own))
    }

    /// How well it knows a request: also one for which a domain of its own has no mapping.
    pub fn knows(&self, request: &Request) -> Knowledge {
        if self.entry(request).is_some() {
            return Knowledge::Named;
        }
        let host = host(request);
        let path = request.path().to_str_lossy();
        let is_taken = self.elsewhere(&host).any(|one| one.length(&path).is_some());
        match !is_taken && self.mappings(&host).next().is_some() {
            true => Knowledge::Default,
            false => Knowledge::Nothing,
        }
    }

    fn mappings(&self, host: &str) -> impl Iterator<Item = &Mapping> {
        let known = self.domains.known().into_iter().flatten();
        self.of_host(known, host)
    }

    /// Mappings to other APIs of the domain that has a host.
    fn elsewhere(&self, host: &str) -> impl Iterator<Item = &Mapping> {
        self.of_host(self.others.iter(), host)
    }

    /// Those whose domain is the host's: a wildcard has what no name has.
    fn of_host<'m>(
        &self,
        mappings: impl Iterator<Item = &'m Mapping>,
        host: &str,
    ) -> impl Iterator<Item = &'m Mapping> {
        let known = self.domains.known().into_iter().flatten();
        let mut all = known.chain(&self.others);
        let is_named = all.any(|one| one.domain.eq_ignore_ascii_case(host));
        mappings.filter(move |one| match is_named {
            true => one.domain.eq_ignore_ascii_case(host),
            false => one.covers(host),
        })
    }

    /// Whether a host is one of the API's: `ID.execute-api.REGION.amazonaws.com`,
    /// `ID-VPCE.execute-api.…` of a private API, or that of a VPC endpoint with a header that names
    /// the API
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html>).
    fn is_own(&self, host: &str, request: &Request) -> bool {
        let Some((first, rest)) = host.split_once('.') else {
            return false;
        };
        let Some(rest) = rest.strip_prefix("execute-api.") else {
            return false;
        };
        let region = rest.split('.').next().unwrap_or_default();
        let named = request.headers.get("x-apigw-api-id").and_then(Known::known);
        let id = match first.starts_with("vpce-") {
            true => named.map(|id| id.to_str_lossy()).unwrap_or_default(),
            false => first.split("-vpce").next().unwrap_or_default().into(),
        };
        id.eq_ignore_ascii_case(&self.id) && self.region.as_deref().is_none_or(|own| own == region)
    }

    /// Why a request that came here leads to no API.
    pub fn no_entry(&self, request: &Request) -> String {
        let host = host(request);
        let is_of_domain = self.mappings(&host).next().is_some();
        match is_of_domain {
            true => "no mapping of the domain has this path".to_owned(),
            false => format!("the Host header {host} leads to no API"),
        }
    }

    /// The host that API Gateway gives. Where no region is known the reader has to put it in; the
    /// host is found again by the id.
    pub fn own_host(&self) -> String {
        let region = self.region.as_deref().unwrap_or("REGION");
        let end = match region.starts_with("cn-") {
            true => "amazonaws.com.cn",
            false => "amazonaws.com",
        };
        format!("{}.execute-api.{region}.{end}", self.id)
    }

    /// Host and beginning of the path by which a stage is reached best: its own host, or a domain
    /// where that is switched off.
    pub fn way_to(&self, stage: &str) -> Option<(String, String)> {
        if self.disabled.is_none() {
            let prefix = match stage {
                "$default" => String::new(),
                stage => format!("/{stage}"),
            };
            return Some((self.own_host(), prefix));
        }
        let mut mappings = self.domains.known()?.iter();
        let mapping =
            mappings.find(|mapping| mapping.stage.as_deref().is_none_or(|one| one == stage))?;
        let mut prefix = match mapping.base.as_str() {
            "" => String::new(),
            base => format!("/{base}"),
        };
        if mapping.stage.is_none() {
            prefix = format!("{prefix}/{stage}");
        }
        Some((mapping.domain.replace('*', "x"), prefix))
    }
}

impl Mapping {
    /// How long the base is, if a path begins so.
    fn length(&self, path: &str) -> Option<usize> {
        self.rest(path).map(|_| self.base.len())
    }

    /// Whether a host is a name of the domain, which may begin with a wildcard.
    fn covers(&self, host: &str) -> bool {
        let Some(domain) = self.domain.strip_prefix("*.") else {
            return self.domain.eq_ignore_ascii_case(host);
        };
        let parent = host.split_once('.').map(|(_, parent)| parent);
        parent.is_some_and(|parent| parent.eq_ignore_ascii_case(domain))
    }

    /// Comes to the API by the domain. Where that asks for a certificate, who has none is refused
    /// (<https://repost.aws/knowledge-center/api-gateway-mutual-tls-403-errors>); the API's own
    /// host asks nobody.
    pub fn enter(&self, run: &mut Run<'_>, api: &str) -> Flow {
        let text = format!("leads from {} to {api}", self.domain);
        run.step(self.span, Effect::Note(text));
        let Some(span) = self.mutual else {
            return Ok(());
        };
        let reason = Reason::new("whether the client has a certificate is not known");
        let text = format!(
            "that the client has a certificate which {} trusts",
            self.domain
        );
        match run.supposes(text, &reason, span) {
            true => Ok(()),
            false => {
                let detail = "the client shows no certificate that the domain trusts";
                Err(run.refuses((span, Check::Credential), 403, detail, Vec::new()))
            }
        }
    }

    /// What of a path is left behind the base; `None` for a path that does not begin so.
    pub fn rest<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.base.is_empty() {
            return Some(path);
        }
        let rest = path.strip_prefix('/')?.strip_prefix(self.base.as_str())?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }
}

/// The region of a host that API Gateway gives: `https://a1b2.execute-api.eu-west-1.amazonaws.com`.
pub fn region_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once(".execute-api.")?;
    Some(rest.split_once(".amazonaws.")?.0)
}

/// Mappings to an API, and those to others.
fn domains(id: &str, place: &Place, cloud: &Cloud) -> (Known<Vec<Mapping>>, Vec<Mapping>) {
    let mut found: Vec<Mapping> = Vec::new();
    let mut others: Vec<Mapping> = Vec::new();
    let mut unknown = None;
    for words in [&REST, &HTTP] {
        for domain in cloud.beside(words.domains, place) {
            let name = text(domain.node(), words.name).unwrap_or(domain.id());
            if words.goes_by_rules(domain.node()) {
                let reason = "the domain goes by routing rules, which are not read";
                unknown = Some(Reason::new(reason));
                continue;
            }
            match cloud.get(words.mappings, domain.id(), domain.place()) {
                Known::Unknown(reason) => unknown = Some(reason),
                Known::Is(mappings) => {
                    let items = mappings.node().get(words.list);
                    let items = items.into_iter().flat_map(|items| items.items());
                    let mutual = words.mutual(domain.node());
                    for item in items {
                        let mapping = Mapping {
                            mutual,
                            ..words.mapping(name, item)
                        };
                        if text(item, words.api) != Some(id) {
                            others.push(mapping);
                            continue;
                        }
                        let is_same = |one: &Mapping| {
                            one.domain == mapping.domain && one.base == mapping.base
                        };
                        // Both generations of the service list the mappings that either can make.
                        if !found.iter().any(is_same) {
                            found.push(mapping);
                        }
                    }
                }
            }
        }
    }
    if found.is_empty() {
        let all = cloud.knows_all(&kinds::DOMAIN_NAME, place);
        if let Some(reason) = unknown.or(match all {
            Known::Unknown(reason) => Some(reason),
            Known::Is(()) => None,
        }) {
            return (Known::Unknown(reason), others);
        }
    }
    (Known::Is(found), others)
}

impl Words {
    fn mapping(&self, domain: &str, item: Node<'_>) -> Mapping {
        let part = |key: &str| {
            let text = text(item, key).unwrap_or_default();
            text.trim_matches('/').to_owned()
        };
        // What the service prints for none.
        let base = part(self.base);
        Mapping {
            domain: domain.to_owned(),
            base: match base.as_str() {
                "(none)" => String::new(),
                _ => base,
            },
            stage: Some(part(self.stage)).filter(|stage| !stage.is_empty() && stage != "(none)"),
            span: item.span(),
            mutual: None,
        }
    }

    /// Rules may lead elsewhere than mappings
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/set-routing-mode.html>).
    fn goes_by_rules(&self, domain: Node<'_>) -> bool {
        text(domain, self.routing)
            .is_some_and(|mode| mode != "BASE_PATH_MAPPING_ONLY" && mode != "API_MAPPING_ONLY")
    }

    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html>)
    fn mutual(&self, domain: Node<'_>) -> Option<Span> {
        Some(spanned(domain.get(self.mutual)?, self.trusted)?.span)
    }
}
