//! What is behind a method.

use super::{At, RestApi};
use crate::gate::{Effect, End, ResponseEdits};
use crate::gates::aws::apigateway::integration::{Address, forward};
use crate::gates::aws::apigateway::rest::model::{Integration, IntegrationKind};
use crate::gates::aws::run::Run;
use crate::request::Known;

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
        let by = integration.span;
        let found = integration.uri.as_ref().and_then(|uri| {
            let address = Address::parse(&uri.value)?;
            let path = address.filled(&at.resource.pattern, &at.path)?;
            Some((address, path))
        });
        match found {
            Some(found) => forward(run, found, (by, by), ResponseEdits::default()),
            None => End::Handled {
                headers: Vec::new(),
                by,
            },
        }
    }
}
