//! What is behind a method.

use super::{At, RestApi};
use crate::gate::{Effect, End, Protocol, ResponseEdits, Upstream};
use crate::gates::aws::apigateway::rest::model::{Integration, IntegrationKind};
use crate::gates::aws::apigateway::run::Run;
use crate::request::{Known, Reason, Request, Scheme};

impl RestApi {
    pub(super) fn integrate(&self, run: &mut Run<'_>, at: &At<'_>) -> End {
        let headers = self.answer_headers(at.method);
        let Some(integration) = &at.method.integration else {
            return End::Handled {
                headers,
                by: at.method.span,
            };
        };
        match integration.kind {
            IntegrationKind::Mock => {
                let status = integration.status.unwrap_or(200);
                run.step(integration.span, Effect::Answers { status });
                End::Answered {
                    status: Known::Is(status),
                    headers,
                    by: integration.span,
                }
            }
            IntegrationKind::HttpProxy => self.forward(run, at, integration),
            IntegrationKind::LambdaProxy => End::Handled {
                headers: Vec::new(),
                by: integration.span,
            },
            IntegrationKind::Mapped => End::Handled {
                headers,
                by: integration.span,
            },
        }
    }

    fn forward(&self, run: &mut Run<'_>, at: &At<'_>, integration: &Integration) -> End {
        let uri = integration.uri.as_ref();
        let address = uri.and_then(|uri| address(&uri.value));
        let Some((scheme, host, port, path)) = address else {
            return End::Handled {
                headers: Vec::new(),
                by: integration.span,
            };
        };
        let to = format!("{}://{host}:{port}", scheme.as_str());
        run.step(integration.span, Effect::Forwards { to: to.clone() });
        let mut request = Request {
            scheme,
            host: host.clone(),
            port,
            target: filled(&path, at).into(),
            from: Known::Unknown(Reason::new("API Gateway's own address is not known")),
            signed_by: None,
            vpc_endpoint: None,
            ..run.request.clone()
        };
        // API Gateway sets it to the host that it calls, and does not hand an API key on.
        request.headers.remove("Host");
        End::Forwarded {
            to: Box::new(Upstream {
                protocol: match scheme {
                    Scheme::Http => Protocol::Http,
                    Scheme::Https => Protocol::Https,
                },
                address: Known::Is(to),
                group: None,
                servers: Vec::new(),
                sni: None,
            }),
            request: Box::new(request),
            response: ResponseEdits::default(),
            by: integration.span,
        }
    }
}

/// Scheme, host, port and path of the URL of an integration.
pub fn address(uri: &str) -> Option<(Scheme, String, u16, String)> {
    let (scheme, rest) = match uri.split_once("://")? {
        ("http", rest) => (Scheme::Http, rest),
        ("https", rest) => (Scheme::Https, rest),
        _ => return None,
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    // A stage variable or an unknown part may be anything.
    if authority.contains(['$', '{']) {
        return None;
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, scheme.default_port()),
    };
    Some((scheme, host.to_owned(), port, format!("/{path}")))
}

/// The path of an integration, with what the request has for its parts in braces.
fn filled(path: &str, at: &At<'_>) -> String {
    let mut own = at.resource.path.split('/').zip(at.path.split('/'));
    let mut filled = path.to_owned();
    for (name, value) in own.by_ref() {
        if name.starts_with('{') {
            let name = name.replace('+', "");
            filled = filled.replace(&name, value);
        }
    }
    filled
}
