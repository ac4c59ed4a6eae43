//! What a response headers policy puts on answers
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html>).

use bstr::ByteSlice;

use crate::gate::{Hidden, ResponseEdits, ResponseHeader};
use crate::gates::aws::cloudfront::model::{Behavior, Cors, ResponsePolicy};
use crate::gates::aws::run::Run;
use crate::request::{Known, Request};

pub(super) fn edits(run: &mut Run<'_>, behavior: &Behavior) -> ResponseEdits {
    let policy = match &behavior.response {
        Known::Is(policy) => policy.as_ref(),
        Known::Unknown(reason) => {
            run.assume(reason, behavior.span);
            None
        }
    };
    let cors = policy.and_then(|policy| policy.cors.as_ref().map(|cors| (policy, cors)));
    let Some((policy, cors)) = cors else {
        return ResponseEdits::default();
    };
    let add = headers(policy, cors, run.request);
    let names = add.iter().map(|header| Hidden {
        name: header.name.to_string().into(),
        span: Some(policy.span),
    });
    ResponseEdits {
        hide: match cors.overrides {
            true => names.collect(),
            false => Vec::new(),
        },
        add,
        yields: !cors.overrides,
        status: None,
    }
}

fn headers(policy: &ResponsePolicy, cors: &Cors, request: &Request) -> Vec<ResponseHeader> {
    let origin = request.headers.get("Origin");
    let Some(origin) = origin.and_then(|origin| origin.known()) else {
        return Vec::new();
    };
    let origin = origin.to_str_lossy();
    let is_any = cors.origins.iter().any(|one| one == "*");
    if !is_any && !cors.allows(&origin) {
        return Vec::new();
    }
    let mut headers = Vec::new();
    let mut put = |name: &str, value: &str| {
        headers.push(ResponseHeader {
            name: name.into(),
            value: Known::Is(value.into()),
            always: true,
            span: Some(policy.span),
        });
    };
    let value = match is_any && !cors.credentials {
        true => "*",
        false => &origin,
    };
    put("Access-Control-Allow-Origin", value);
    if cors.credentials {
        put("Access-Control-Allow-Credentials", "true");
    }
    if request.headers.has("Access-Control-Request-Method") {
        for (name, values) in [
            ("Access-Control-Allow-Methods", &cors.methods),
            ("Access-Control-Allow-Headers", &cors.headers),
        ] {
            if !values.is_empty() {
                put(name, &values.join(", "));
            }
        }
    }
    headers
}

impl Cors {
    /// An origin in the list, with or without its scheme, and with a wildcard for a part of it.
    fn allows(&self, origin: &str) -> bool {
        let bare = origin.split_once("://").map_or(origin, |(_, bare)| bare);
        self.origins.iter().any(|own| {
            let fits =
                |text: &str| crate::gates::aws::pattern::is_like(own.as_bytes(), text.as_bytes());
            match own.contains("://") {
                true => fits(origin),
                false => fits(bare),
            }
        })
    }
}
