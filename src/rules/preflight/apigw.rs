//! What the rules on API Gateway have in common: the signs that an API is made for pages.

use crate::finding::{Intent, Label};
use crate::gate::{Check, Course, Effect, Step};
use crate::gates::aws::apigateway::RestApi;
use crate::gates::aws::apigateway::rest::model::{AnswerHeader, Method, Resource};
use crate::probes::cloud::Entry;
use crate::source::Span;

/// How many further places a finding names.
const MOST_PLACES: usize = 3;

/// The resource and the method behind a door of a REST API.
pub fn behind<'e>(gate: &'e RestApi, entry: &Entry<'e>) -> (&'e Resource, &'e Method) {
    let way = gate.way(entry.door);
    let resource = &gate.api.resources()[way.resource];
    (resource, &resource.methods[way.method])
}

/// The header by which an OPTIONS method of this resource speaks of CORS.
pub fn own_cors(resource: &Resource) -> Option<&AnswerHeader> {
    let options = resource
        .methods
        .iter()
        .find(|method| method.verb == "OPTIONS")?;
    cors_of(options)
}

pub fn cors_of(method: &Method) -> Option<&AnswerHeader> {
    method
        .integration
        .as_ref()?
        .headers
        .iter()
        .find(|header| is_cors(header))
}

fn is_cors(header: &AnswerHeader) -> bool {
    let name = header.name.to_ascii_lowercase();
    name.starts_with("access-control-allow-")
}

/// A header of CORS on an answer that API Gateway itself gives.
pub fn gateway_cors(gate: &RestApi) -> Option<&AnswerHeader> {
    let responses = gate.api.responses.known()?.values();
    let mut headers = responses.flat_map(|response| &response.headers);
    headers.find(|header| {
        header
            .name
            .eq_ignore_ascii_case("Access-Control-Allow-Origin")
    })
}

/// Any sign elsewhere in the API that pages of other origins call it.
pub fn elsewhere(gate: &RestApi) -> Option<Intent> {
    let own = gateway_cors(gate).map(|header| Intent {
        text: format!("the API's own answers say {}", header.name),
        span: Some(header.span),
    });
    own.or_else(|| {
        let mut others = gate.api.resources().iter();
        others.find_map(|other| {
            let header = own_cors(other)?;
            Some(Intent {
                text: format!("{} answers preflights with {}", other.path, header.name),
                span: Some(header.span),
            })
        })
    })
}

/// The step that refused for want of a credential or a right.
pub fn refusal(course: &Course) -> Option<&Step> {
    let step = course.culprit().filter(|_| course.refuses())?;
    let by_credential = matches!(
        step.effect,
        Effect::Refuses {
            check: Check::Credential | Check::Signature | Check::ApiKey | Check::Grant,
            ..
        }
    );
    by_credential.then_some(step)
}

/// Further places of the same kind.
pub fn more(spans: impl Iterator<Item = Span>, text: &str) -> Vec<Label> {
    let spans = spans.take(MOST_PLACES);
    spans
        .map(|span| Label {
            span,
            text: text.to_owned(),
        })
        .collect()
}

/// `5 methods`, `the method`
pub fn counted(count: usize, one: &str) -> String {
    match count {
        1 => format!("the {one}"),
        count => format!("{count} {one}s"),
    }
}
