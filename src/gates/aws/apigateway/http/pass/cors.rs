//! The CORS configuration of an HTTP API
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>).

use super::HttpApi;
use crate::gate::{Effect, End, ResponseHeader};
use crate::gates::aws::apigateway::http::model::{Authorization, Route};
use crate::gates::aws::run::{Flow, Run};
use crate::request::{Known, Reason, Request};

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
        Err(End::Answered {
            status: Known::Is(204),
            headers: cors.on_preflight(run.request),
            by: cors.span,
        })
    }

    /// What goes on each answer to a page that is let in.
    pub(super) fn cors_headers(&self, request: &Request) -> Vec<ResponseHeader> {
        let cors = self.api.cors.as_ref();
        cors.map_or_else(Vec::new, |cors| cors.on_answer(request))
    }
}
