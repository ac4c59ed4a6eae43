//! The CORS configuration of an HTTP API
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>).

use bstr::ByteSlice;

use super::HttpApi;
use crate::gate::{Effect, End, ResponseHeader};
use crate::gates::aws::apigateway::http::model::{Authorization, Cors, Route};
use crate::gates::aws::apigateway::run::{Flow, Run};
use crate::request::{Known, Reason, Request};
use crate::source::{Span, Spanned};

impl HttpApi {
    /// With a configuration API Gateway answers preflights itself, whatever the routes are; but
    /// `$default` takes OPTIONS, too, and its authorizer is asked. The same is seen of `ANY`
    /// (<https://github.com/anomalyco/sst/issues/5493>).
    pub(super) fn preflight(&self, run: &mut Run<'_>, found: Option<&Route>) -> Flow {
        let Some(cors) = &self.api.cors else {
            return Ok(());
        };
        let headers = &run.request.headers;
        let is_preflight = run.request.method == "OPTIONS"
            && headers.has("Origin")
            && headers.has("Access-Control-Request-Method");
        let is_caught = found.is_some_and(|route| route.authorization.value != Authorization::Open);
        if !is_preflight || is_caught {
            return Ok(());
        }
        if let Some(detail) = cors.refuses(run.request) {
            run.step(cors.span, Effect::Note(detail));
            return Err(End::Answered {
                status: Known::Unknown(Reason::new("AWS does not document it")),
                headers: Vec::new(),
                by: cors.span,
            });
        }
        run.step(cors.span, Effect::Answers { status: 204 });
        let mut headers = self.cors_headers(run.request);
        for (name, values) in [
            ("Access-Control-Allow-Methods", &cors.methods),
            ("Access-Control-Allow-Headers", &cors.headers),
        ] {
            if let Some(first) = values.first() {
                let all: Vec<&str> = values.iter().map(|value| value.value.as_str()).collect();
                headers.push(header(name, &all.join(","), first.span));
            }
        }
        Err(End::Answered {
            status: Known::Is(204),
            headers,
            by: cors.span,
        })
    }

    /// What goes on each answer to a page that is let in.
    pub(super) fn cors_headers(&self, request: &Request) -> Vec<ResponseHeader> {
        let Some(cors) = &self.api.cors else {
            return Vec::new();
        };
        let origin = request
            .headers
            .get("Origin")
            .and_then(|value| value.known());
        let Some(origin) = origin.map(|origin| origin.to_str_lossy().into_owned()) else {
            return Vec::new();
        };
        let Some(allowed) = cors.origin(&origin) else {
            return Vec::new();
        };
        let value = match (allowed.value.as_str(), cors.credentials) {
            ("*", None) => "*",
            _ => &origin,
        };
        let mut headers = vec![header("Access-Control-Allow-Origin", value, allowed.span)];
        if let Some(span) = cors.credentials {
            headers.push(header("Access-Control-Allow-Credentials", "true", span));
        }
        headers
    }
}

fn header(name: &str, value: &str, span: Span) -> ResponseHeader {
    ResponseHeader {
        name: name.into(),
        value: Known::Is(value.into()),
        always: true,
        span: Some(span),
    }
}

impl Cors {
    /// The entry that lets an origin in: the origin, all, or all of a scheme.
    pub fn origin(&self, origin: &str) -> Option<&Spanned<String>> {
        self.origins.iter().find(|allowed| {
            let allowed = allowed.value.as_str();
            match allowed.strip_suffix('*') {
                Some(start) => origin.starts_with(start),
                None => allowed == origin,
            }
        })
    }

    /// Why a preflight gets no headers.
    fn refuses(&self, preflight: &Request) -> Option<String> {
        let value = |name: &str| {
            let value = preflight.headers.get(name)?.known()?;
            Some(value.to_str_lossy().into_owned())
        };
        let origin = value("Origin").unwrap_or_default();
        if self.origin(&origin).is_none() {
            return Some(format!("does not allow the origin {origin}"));
        }
        let lists = |list: &[Spanned<String>], word: &str| {
            let mut list = list.iter();
            list.any(|one| one.value == "*" || one.value.eq_ignore_ascii_case(word))
        };
        let method = value("Access-Control-Request-Method").unwrap_or_default();
        if !lists(&self.methods, &method) {
            return Some(format!("does not allow the method {method}"));
        }
        let asked = value("Access-Control-Request-Headers").unwrap_or_default();
        let mut asked = asked
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        asked
            .find(|name| !lists(&self.headers, name))
            .map(|name| format!("does not allow the header {name}"))
    }
}
