//! Where the emulator is known to do otherwise than AWS documents; of each there is a named case.

use serde_json::Value as Json;
use why403::gate::{Course, Effect};

use crate::case::Ask;
use crate::emulator::Answer;
use crate::judge::Outcome;

#[derive(Debug)]
pub struct Exception {
    pub name: &'static str,
    /// What AWS documents, or that it does not.
    pub because: &'static str,
    is_it: fn(&About<'_>) -> bool,
}

/// A request of which we say something else.
pub struct About<'a> {
    pub api: &'a Json,
    pub ask: &'a Ask,
    pub courses: &'a [&'a Course],
    pub ours: &'a [Outcome],
    pub seen: &'a Outcome,
    pub answer: &'a Answer,
}

pub fn of(about: &About<'_>) -> Option<&'static Exception> {
    ALL.iter().find(|exception| (exception.is_it)(about))
}

pub static ALL: [Exception; 13] = [
    Exception {
        name: "a signed call of no method is judged by IAM",
        because: "supported-gateway-response-types: MISSING_AUTHENTICATION_TOKEN, also when a client \
                  attempts to invoke an unsupported method or resource",
        is_it: |about| {
            about.is_of_iam()
                && about.says(&[
                    "no resource has",
                    "has no method",
                    "no route",
                    "no stage",
                    "no mapping",
                ])
        },
    },
    Exception {
        name: "what IAM denies passes by the gateway responses",
        because: "supported-gateway-response-types: ACCESS_DENIED is for authorization failure",
        is_it: |about| about.is_of_iam() && about.ours.iter().all(Outcome::is_refusal),
    },
    Exception {
        name: "a boundary limits what everybody is granted",
        because: "IAM's reference_policies_elements_principal: what a resource grants to `*` is not \
                  limited by an implicit deny of a boundary",
        is_it: |about| {
            about.is_of_iam()
                && about.ask.signer.as_deref() == Some("user/bounded")
                && about.ours.iter().any(|one| one.status == Some(200))
                && about.api["policy"].to_string().contains(r#"*""#)
        },
    },
    Exception {
        name: "the API's own host cannot be switched off",
        because: "rest-api-disable-default-endpoint: clients can then only use a custom domain",
        is_it: |about| about.api["disabled"] == true && about.says(&["is switched off"]),
    },
    Exception {
        name: "the status of DEFAULT_4XX is its own",
        because: "supported-gateway-response-types: changing the status code of this fallback changes \
                  the status codes of all other 4XX responses",
        is_it: |about| {
            let status = about.api["responses"]["DEFAULT_4XX"]["status"].as_str();
            let is_ours = |one: &Outcome| {
                let own = one.status.map(|status| status.to_string());
                own.as_deref() == status && one.headers == about.seen.headers
            };
            status.is_some() && about.ours.iter().any(is_ours)
        },
    },
    Exception {
        name: "a domain without a mapping is left to other services",
        because: "rest-api-mappings: without a mapping the request goes to none",
        is_it: |about| about.ask.host.is_some() && about.says(&["no mapping of the domain"]),
    },
    Exception {
        name: "resource policies are not asked beside a Lambda authorizer",
        because: "apigateway-authorization-flow: explicit denials come before the authorizer",
        is_it: |about| {
            about.api["policy"].is_object()
                && about.asks("CUSTOM")
                && about.says(&["a policy denies it"])
        },
    },
    Exception {
        name: "an authorizer has two ways to refuse, of which we tell one",
        because: "call-api-with-api-gateway-lambda-authorization: Unauthorized is 401, a denial 403",
        is_it: |about| about.ask.word() == Some("unauthorized") && about.answer.status == 401,
    },
    Exception {
        name: "OPTIONS of an HTTP API without a CORS configuration is 403",
        because: "http-api-develop-routes: routes take OPTIONS, too; else it is Not Found",
        is_it: |about| about.is_options() && about.answer.body.contains("CORS not configured"),
    },
    Exception {
        name: "a preflight comes before the stage and the authorizer",
        because: "http-api-cors: the $default route catches OPTIONS requests, too",
        is_it: |about| {
            about.is_options()
                && (about.answer.status == 204 || about.answer.body.contains("CORS origin denied"))
        },
    },
    Exception {
        name: "any Authorization header is a signature to an HTTP API",
        because: "http-api-access-control-iam: clients sign requests with Signature Version 4",
        is_it: |about| {
            about.api["kind"] == "http"
                && about.ask.signer.is_none()
                && about.says(&["wants a signature of AWS"])
        },
    },
    Exception {
        name: "the root of an HTTP API needs no stage",
        because: "http-api-develop-routes: without a $default stage it is Not Found",
        is_it: |about| about.api["kind"] == "http" && about.says(&["there is no stage ``"]),
    },
    Exception {
        name: "refusals of an HTTP API have no headers of CORS",
        because: "http-api-cors tells only of answers of an integration; we take them to be there",
        is_it: |about| {
            about.api["kind"] == "http"
                && about.answer.status >= 400
                && about.ours.iter().any(|one| one.status == about.seen.status)
        },
    },
];

impl About<'_> {
    /// Whether a step of ours has one of these words.
    fn says(&self, words: &[&str]) -> bool {
        let mut steps = self.courses.iter().flat_map(|course| &course.steps);
        steps.any(|step| match &step.effect {
            Effect::Refuses { detail, .. } => words.iter().any(|word| detail.contains(word)),
            _ => false,
        })
    }

    /// Whether the answer is one of IAM's before API Gateway has a say.
    fn is_of_iam(&self) -> bool {
        let kind = self.answer.headers.get("content-type");
        self.ask.signer.is_some()
            && self.answer.status == 403
            && kind.is_some_and(|kind| kind.contains("x-amz-json"))
    }

    fn is_options(&self) -> bool {
        self.api["kind"] == "http" && self.ask.method == "OPTIONS"
    }

    /// Whether some method of the API has this authorization.
    fn asks(&self, kind: &str) -> bool {
        let resources = self.api["resources"].as_object().into_iter().flatten();
        let mut methods =
            resources.flat_map(|(_, methods)| methods.as_object().into_iter().flatten());
        methods.any(|(_, method)| method["auth"] == kind)
    }
}
