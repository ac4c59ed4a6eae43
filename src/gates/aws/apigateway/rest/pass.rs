//! A request through a REST API, in the order in which API Gateway judges it: the name, the
//! stage, the resource and its method, who may call
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>),
//! the API key, and what is behind.

mod authorize;
mod integration;

use bstr::ByteSlice;

use super::model::{EndpointKind, KeySource, Method, Resource, Stage};
use super::responses::{Type, told};
use super::{RestApi, Way};
use crate::gate::{Check, Effect, End, ResponseHeader, Step};
use crate::gates::aws::apigateway::route::readings;
use crate::gates::aws::apigateway::{Entry, Kept};
use crate::gates::aws::kinds;
use crate::gates::aws::network::Passage;
use crate::gates::aws::run::{Flow, Run};
use crate::gates::aws::waf::{Before, Blocked};
use crate::gates::oracle::Oracle;
use crate::request::{Known, Reason, Request};
use crate::source::Span;

/// Where a request has come.
struct At<'a> {
    stage: &'a str,
    resource: &'a Resource,
    method: &'a Method,
    /// The path behind the stage.
    path: String,
    kept: Option<&'a Kept>,
}

impl RestApi {
    pub(super) fn run(
        &self,
        request: &Request,
        oracle: &mut Oracle,
        kept: Option<&Kept>,
    ) -> (Vec<Step>, End) {
        Run::through(request, oracle, |run| self.walk(run, kept))
    }

    fn walk(&self, run: &mut Run<'_>, kept: Option<&Kept>) -> Flow<End> {
        let (stage, path) = self.enter(run)?;
        let found = self.stage(run, &stage)?;
        self.web_acl(run, found)?;
        let (resource, method) = self.route(run, found, &stage, &path)?;
        let at = At {
            stage: &stage,
            resource,
            method,
            path,
            kept,
        };
        self.authorize(run, &at)?;
        self.key(run, &at)?;
        Ok(self.integrate(run, &at))
    }

    /// The name by which it is called: it leads to a stage, or nowhere.
    fn enter(&self, run: &mut Run<'_>) -> Flow<(String, String)> {
        let api = &self.api;
        // Such an endpoint leads to private APIs alone
        // (<https://repost.aws/knowledge-center/api-gateway-vpc-connections>).
        if run.request.vpc_endpoint.is_some() && !self.is_private() {
            let detail = "a public API is not reached through a VPC endpoint";
            return Err(self.forbidden(run, api.endpoint.span, Check::Host, detail));
        }
        if let Some(Passage::Closed { by, detail }) = self.around.passage(run.request) {
            run.step(by, Effect::Note(detail));
            return Err(End::Dropped { by: Some(by) });
        }
        let path = run.request.path().to_str_lossy().into_owned();
        match api.names.entry(run.request) {
            Some(Entry::Own) => {
                if let Some(span) = api.names.disabled {
                    let detail = "the API's own host is switched off";
                    return Err(self.forbidden(run, span, Check::Host, detail));
                }
                let is_public = !self.is_private();
                if let Some(span) = self.around.captures(run.request).filter(|_| is_public) {
                    let detail = "a VPC endpoint leads to private APIs only";
                    return Err(self.forbidden(run, span, Check::Condition, detail));
                }
                let rest = path.strip_prefix('/').unwrap_or(&path);
                let (stage, rest) = rest.split_once('/').unwrap_or((rest, ""));
                Ok((stage.to_owned(), format!("/{rest}")))
            }
            Some(Entry::Custom(mapping)) => {
                let rest = mapping.rest(&path).unwrap_or(&path).to_owned();
                mapping.enter(run, &api.name)?;
                match &mapping.stage {
                    Some(stage) => Ok((stage.clone(), rest)),
                    None => {
                        let rest = rest.trim_start_matches('/');
                        let (stage, rest) = rest.split_once('/').unwrap_or((rest, ""));
                        Ok((stage.to_owned(), format!("/{rest}")))
                    }
                }
            }
            None => {
                let detail = api.names.no_entry(run.request);
                let mappings = api.names.domains.known().and_then(|all| all.first());
                let span = mappings.map_or(api.span, |mapping| mapping.span);
                Err(self.forbidden(run, span, Check::Route, detail))
            }
        }
    }

    fn stage(&self, run: &mut Run<'_>, name: &str) -> Flow<Option<&Stage>> {
        let api = &self.api;
        match &api.stages {
            Known::Unknown(reason) => {
                run.assume(reason, api.span);
                Ok(None)
            }
            Known::Is(stages) => match stages.iter().find(|stage| stage.name == name) {
                Some(stage) => Ok(Some(stage)),
                None => {
                    let detail = format!("there is no stage `{name}`");
                    let span = self.list_span(&kinds::STAGES);
                    Err(self.forbidden(run, span, Check::Route, detail))
                }
            },
        }
    }

    /// The web ACL of the stage, before everything else
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html>).
    fn web_acl(&self, run: &mut Run<'_>, stage: Option<&Stage>) -> Flow {
        let Some(named) = stage.and_then(|stage| stage.web_acl.as_ref()) else {
            return Ok(());
        };
        let acl = match self.around.acls.named(&named.value) {
            Known::Is(acl) => acl,
            Known::Unknown(reason) => {
                run.assume(&reason, named.span);
                return Ok(());
            }
        };
        match acl.judge(run, Before::Api) {
            Ok(()) => Ok(()),
            Err(blocked) if blocked.status.is_none() => {
                let Blocked {
                    by, check, detail, ..
                } = *blocked;
                Err(self.refuse(run, Type::WafFiltered, by, check, detail))
            }
            Err(blocked) => Err(blocked.end(run)),
        }
    }

    /// The method that serves the request.
    fn route<'a>(
        &'a self,
        run: &mut Run<'_>,
        stage: Option<&'a Stage>,
        name: &str,
        path: &str,
    ) -> Flow<(&'a Resource, &'a Method)> {
        let resources = match &self.api.resources {
            Known::Is(resources) => resources,
            Known::Unknown(reason) => {
                return Err(End::Unknown {
                    because: reason.clone(),
                    span: Some(self.api.span),
                });
            }
        };
        let verb = run.request.method.as_str();
        let mut found = closest(resources, stage, verb, path);
        for other in readings(path) {
            let otherwise = closest(resources, stage, verb, &other);
            let method = |found: &Found<'_>| found.as_ref().ok().map(|(_, method)| method.span);
            if method(&found) == method(&otherwise) {
                continue;
            }
            let because = Reason::new("AWS does not document it");
            let text = "that API Gateway looks at the path as it is sent";
            if !run.supposes(text, &because, self.list_span(&kinds::RESOURCES)) {
                found = otherwise;
                break;
            }
        }
        match found {
            Ok((resource, method)) => {
                if let Some(door) = self.door_of(name, method.span) {
                    let (door, name) = (door.id, door.name.as_str().into());
                    run.step(method.span, Effect::Enters { door, name });
                }
                Ok((resource, method))
            }
            Err(closest) => Err(self.no_route(run, stage, closest, path)),
        }
    }

    fn no_route(
        &self,
        run: &mut Run<'_>,
        stage: Option<&Stage>,
        closest: Option<&Resource>,
        path: &str,
    ) -> End {
        let verb = run.request.method.as_str();
        // What was taken out of the API is served until the next deployment.
        if let Some(deployed) = stage.and_then(|stage| stage.deployed.as_ref())
            && deployed.may_serve(path, verb)
        {
            let because = "only the deployment has the method, and says little of it";
            return Run::unknown(because, deployed.span);
        }
        let has_it = closest.is_some_and(|one| one.method(verb).is_some());
        let deployed = stage.and_then(|stage| Some((stage, stage.deployed.as_ref()?)));
        let (span, detail) = match (closest, deployed) {
            (Some(one), Some((stage, deployed))) if has_it => (
                deployed.span,
                format!(
                    "the deployment of {} has no {verb} {}",
                    stage.name, one.path
                ),
            ),
            (Some(one), _) => (one.span, format!("{} has no method {verb}", one.path)),
            (None, _) => {
                let span = self.list_span(&kinds::RESOURCES);
                (span, format!("no resource has the path {path}"))
            }
        };
        let kind = Type::MissingAuthenticationToken;
        self.refuse(run, kind, span, Check::Route, detail)
    }

    fn key(&self, run: &mut Run<'_>, at: &At<'_>) -> Flow {
        let api = &self.api;
        let Some(needed) = at.method.needs_key else {
            return Ok(());
        };
        let refuse = |run: &mut Run<'_>, span: Span, detail: String| {
            Err(self.refuse(run, Type::InvalidApiKey, span, Check::ApiKey, detail))
        };
        match api.key_source.value {
            KeySource::Header if !run.request.headers.has("x-api-key") => {
                return refuse(run, needed, "the header x-api-key is missing".into());
            }
            KeySource::Authorizer if !at.method.authorization.value.is_lambda() => {
                let detail = "the API key is taken from a Lambda authorizer, and there is none";
                return refuse(run, api.key_source.span, detail.into());
            }
            _ => {}
        }
        let plans = match &api.plans {
            Known::Is(plans) => plans,
            Known::Unknown(reason) => {
                run.assume(reason, needed);
                return Ok(());
            }
        };
        let mut fitting = plans
            .iter()
            .filter(|plan| plan.stages.iter().any(|stage| stage == at.stage))
            .peekable();
        if fitting.peek().is_none() {
            let detail = format!(
                "no usage plan has the stage {}, so no key is good",
                at.stage
            );
            return refuse(run, needed, detail);
        }
        let is_empty = |keys: &Known<usize>| matches!(keys, Known::Is(0));
        if fitting.all(|plan| is_empty(&plan.keys)) {
            let detail = format!("no usage plan of the stage {} has a key", at.stage);
            return refuse(run, needed, detail);
        }
        match run.is_right("the usage plan", needed) {
            true => {
                run.admits(needed, Check::ApiKey, "admits the API key");
                Ok(())
            }
            false => refuse(run, needed, "refuses the API key".into()),
        }
    }

    /// An answer of API Gateway itself, as it was set for it.
    fn refuse(
        &self,
        run: &mut Run<'_>,
        kind: Type,
        span: Span,
        check: Check,
        detail: impl Into<String>,
    ) -> End {
        let response = self.api.response(kind);
        let status = response.and_then(|response| response.status);
        let status = status.unwrap_or(kind.status());
        if let Known::Unknown(reason) = &self.api.responses {
            run.assume(reason, self.api.span);
        }
        let headers = response.map_or_else(Vec::new, |response| told(&response.headers));
        run.refuses((span, check), status, detail, headers)
    }

    /// An answer to which no gateway response applies: there is no stage that it could be of.
    fn forbidden(
        &self,
        run: &mut Run<'_>,
        span: Span,
        check: Check,
        detail: impl Into<String>,
    ) -> End {
        run.refuses((span, check), 403, detail, Vec::new())
    }

    /// Headers that API Gateway puts on an answer of what is behind.
    fn answer_headers(&self, method: &Method) -> Vec<ResponseHeader> {
        let integration = method.integration.as_ref();
        integration.map_or_else(Vec::new, |integration| told(&integration.headers))
    }

    /// By what name the API is reached in a stage, for examples.
    pub(super) fn example_of(&self, way: &Way) -> Option<(String, String)> {
        self.api.names.way_to(&way.stage)
    }

    /// Whether nothing from outside of a VPC gets in.
    pub fn is_private(&self) -> bool {
        self.api.endpoint.kind == EndpointKind::Private
    }
}

/// A method and its resource, or the resource that comes closest.
type Found<'a> = Result<(&'a Resource, &'a Method), Option<&'a Resource>>;

/// The method of the closest resource. Where that does not have it, one that takes all paths may.
fn closest<'a>(
    resources: &'a [Resource],
    stage: Option<&Stage>,
    verb: &str,
    path: &str,
) -> Found<'a> {
    let mut fitting: Vec<&Resource> = resources
        .iter()
        .filter(|resource| resource.pattern.fits(path))
        .collect();
    fitting.sort_by(|one, other| one.pattern.order(&other.pattern));
    let serves = |resource: &&'a Resource| {
        let method = resource.method(verb)?;
        let is_deployed = stage.is_none_or(|stage| stage.serves(&resource.path, verb));
        is_deployed.then_some((*resource, method))
    };
    let first = fitting.first().and_then(serves);
    let found = first.or_else(|| {
        let mut greedy = fitting.iter().filter(|one| one.pattern.is_greedy());
        greedy.find_map(serves)
    });
    found.ok_or(fitting.first().copied())
}
