//! A request through an HTTP API: the name, the stage, the preflight that API Gateway answers, the
//! route
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>),
//! and who may call. There are no resource policies, web ACLs and API keys
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html>).

mod authorize;
mod cors;

use bstr::ByteSlice;

use super::HttpApi;
use super::model::{Protocol, Route, RouteKind};
use crate::gate::{Check, Effect, End, ResponseEdits, Step};
use crate::gates::aws::apigateway::integration::{Address, forward};
use crate::gates::aws::apigateway::route::{Pattern, readings};
use crate::gates::aws::apigateway::{Entry, Kept};
use crate::gates::aws::run::{Flow, Run};
use crate::gates::oracle::Oracle;
use crate::request::{Known, Reason, Request};
use crate::source::Span;

/// Where a request has come.
struct At<'a> {
    stage: String,
    path: String,
    route: &'a Route,
    kept: Option<&'a Kept>,
}

impl HttpApi {
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
        let (stage, path) = self.stage(run, stage, path)?;
        let found = self.route(run, &path)?;
        self.preflight(run, found)?;
        if found.is_none() && self.api.protocol == Protocol::WebSocket {
            // Whoever asks is connected.
            return Ok(End::Handled {
                headers: Vec::new(),
                by: self.lists.routes,
            });
        }
        let Some(route) = found else {
            let detail = "no route takes it";
            let span = self.lists.routes;
            return Err(self.refuse(run, 404, span, Check::Route, detail));
        };
        if let Some(door) = self.door_of(&stage, route.key.span) {
            let name = door.name.as_str().into();
            run.step(
                route.key.span,
                Effect::Enters {
                    door: door.id,
                    name,
                },
            );
        }
        let at = At {
            stage,
            path,
            route,
            kept,
        };
        self.authorize(run, &at)?;
        Ok(self.integrate(run, &at))
    }

    fn enter(&self, run: &mut Run<'_>) -> Flow<(Option<String>, String)> {
        let api = &self.api;
        let path = run.request.path().to_str_lossy().into_owned();
        if run.request.vpc_endpoint.is_some() {
            let detail = "a public API is not reached through a VPC endpoint";
            return Err(self.refuse(run, 403, api.span, Check::Host, detail));
        }
        match api.names.entry(run.request) {
            Some(Entry::Own) => match api.names.disabled {
                Some(span) => {
                    let detail = "the API's own host is switched off";
                    Err(self.refuse(run, 403, span, Check::Host, detail))
                }
                None => match self.around.captures(run.request) {
                    Some(span) => {
                        let detail = "a VPC endpoint leads to private APIs only";
                        Err(self.refuse(run, 403, span, Check::Condition, detail))
                    }
                    None => Ok((None, path)),
                },
            },
            Some(Entry::Custom(mapping)) => {
                let rest = mapping.rest(&path).unwrap_or(&path).to_owned();
                mapping.enter(run, &api.name)?;
                Ok((mapping.stage.clone(), rest))
            }
            None => {
                let detail = api.names.no_entry(run.request);
                Err(self.refuse(run, 403, api.span, Check::Route, detail))
            }
        }
    }

    /// The stage that the first part of the path names, else `$default`, which takes the whole
    /// path.
    fn stage(
        &self,
        run: &mut Run<'_>,
        mapped: Option<String>,
        path: String,
    ) -> Flow<(String, String)> {
        let stages = match (&self.api.stages, mapped) {
            (_, Some(stage)) => return Ok((stage, path)),
            (Known::Is(stages), None) => stages,
            (Known::Unknown(reason), None) => {
                run.assume(reason, self.api.span);
                return Ok(("$default".to_owned(), path));
            }
        };
        let rest = path.strip_prefix('/').unwrap_or(&path);
        let (first, rest) = rest.split_once('/').unwrap_or((rest, ""));
        if stages.iter().any(|stage| stage.name == first) {
            return Ok((first.to_owned(), format!("/{rest}")));
        }
        match stages.iter().any(|stage| stage.name == "$default") {
            true => Ok(("$default".to_owned(), path)),
            false => {
                let detail = format!("there is no stage `{first}`, and none that takes all paths");
                Err(self.refuse(run, 404, self.lists.stages, Check::Route, detail))
            }
        }
    }

    /// The closest route: the path first, then the method, then `$default`.
    pub(super) fn route(&self, run: &mut Run<'_>, path: &str) -> Flow<Option<&Route>> {
        let api = &self.api;
        let routes = match &api.routes {
            Known::Is(routes) => routes,
            Known::Unknown(reason) => {
                return Err(End::Unknown {
                    because: reason.clone(),
                    span: Some(api.span),
                });
            }
        };
        if api.protocol == Protocol::WebSocket {
            // Only `$connect` is a request; what follows are messages.
            return Ok(routes.iter().find(|route| route.key.value == "$connect"));
        }
        let verb = run.request.method.as_str();
        let found = closest(routes, verb, path);
        // Of HTTP APIs people report that a slash at the end makes another path of it, of REST APIs
        // that it is the same.
        let without = path.strip_suffix('/').filter(|rest| !rest.is_empty());
        let without =
            without.map(|path| ("that a slash at the end makes another path of it", path));
        let readings = readings(path);
        let as_sent = "that API Gateway looks at the path as it is sent";
        let others = readings.iter().map(|path| (as_sent, path.as_str()));
        let key = |route: Option<&Route>| route.map(|route| route.key.span);
        for (text, path) in without.into_iter().chain(others) {
            let otherwise = closest(routes, verb, path);
            let because = Reason::new("AWS does not document it");
            if key(found) != key(otherwise) && !run.supposes(text, &because, self.lists.routes) {
                return Ok(otherwise);
            }
        }
        Ok(found)
    }

    fn integrate(&self, run: &mut Run<'_>, at: &At<'_>) -> End {
        let headers = self.cors_headers(run.request);
        let by = at.route.key.span;
        let target = at.route.target.as_ref();
        let found = target.and_then(|one| {
            let address = Address::parse(&one.value)?;
            let path = match &at.route.kind {
                RouteKind::Path(_, _, pattern) => address.filled(pattern, &at.path)?,
                _ => address.filled(&Pattern::new("/"), &at.path)?,
            };
            Some(((address, path), one.span))
        });
        let Some((found, span)) = found else {
            return End::Handled { headers, by };
        };
        // What is behind may set CORS headers: they are taken off.
        let response = ResponseEdits {
            add: headers,
            ..ResponseEdits::default()
        };
        forward(run, found, (by, span), response)
    }

    fn refuse(
        &self,
        run: &mut Run<'_>,
        status: u16,
        span: Span,
        check: Check,
        detail: impl Into<String>,
    ) -> End {
        // Whether a refusal has the headers of CORS is not documented where we looked.
        let headers = self.cors_headers(run.request);
        run.refuses((span, check), status, detail, headers)
    }
}

/// A route that takes a path whole goes before one that takes the rest of it, and both go before
/// `$default`.
fn closest<'r>(routes: &'r [Route], verb: &str, path: &str) -> Option<&'r Route> {
    let fitting = routes.iter().filter_map(|route| match &route.kind {
        RouteKind::Path(own, _, pattern) if pattern.fits_to_the_end(path) => {
            (own == verb || own == "ANY").then_some((route, pattern, own == "ANY"))
        }
        _ => None,
    });
    let closest = fitting.min_by(|(_, one, any), (_, other, other_any)| {
        let greedy = one.is_greedy().cmp(&other.is_greedy());
        greedy
            .then_with(|| one.order(other))
            .then(any.cmp(other_any))
    });
    let default = || routes.iter().find(|route| route.kind == RouteKind::Default);
    closest.map(|(route, ..)| route).or_else(default)
}
