//! `auth=`, and what signs for AWS.

use std::cell::RefCell;
use std::rc::Rc;

use super::Reader;
use super::call::Args;
use super::value::{Auth, Dict, Entry, Val};
use crate::callers::signer::{AUTHORIZATION, signature};
use crate::callers::text::Text;
use crate::source::Span;

impl Reader<'_> {
    /// A class of `auth=` by its name: requests_aws4auth, aws_requests_auth, botocore and others.
    pub fn auth_call(&mut self, path: &str, args: &Args, span: Span) -> Option<Val> {
        let (module, name) = path.rsplit_once('.')?;
        let place = |place: usize, names: &[&str]| {
            let named = names.iter().find_map(|name| args.named(name));
            let val = named.or(args.list.get(place).filter(|_| place < usize::MAX));
            val.filter(|val| !val.is_nothing()).map(Val::to_text)
        };
        const NOWHERE: usize = usize::MAX;
        const REGION: [&str; 3] = ["region", "aws_region", "region_name"];
        const SERVICE: [&str; 4] = ["service", "aws_service", "service_name", "aws_service_name"];
        let (region, service) = match (module, name) {
            // Credentials, service, region.
            (_, "SigV4Auth" | "CrtSigV4Auth" | "SigV4QueryAuth" | "SigV4AsymAuth")
                if module.starts_with("botocore") =>
            {
                (place(2, &REGION), place(1, &SERVICE))
            }
            // Key, secret, region, service.
            (_, "AWS4Auth") => (place(2, &REGION), place(3, &SERVICE)),
            // Key, secret, host, region, service.
            (_, "AWSRequestsAuth") => (place(3, &REGION), place(4, &SERVICE)),
            (_, "BotoAWSRequestsAuth") => (place(1, &REGION), place(2, &SERVICE)),
            // Credentials, region, service.
            (_, "AWSV4Sign") => (place(1, &REGION), place(2, &SERVICE)),
            // Service first.
            (_, "AWSSigV4") => (place(NOWHERE, &REGION), place(0, &SERVICE)),
            (
                _,
                "HTTPBasicAuth" | "HTTPDigestAuth" | "HTTPProxyAuth" | "BasicAuth" | "DigestAuth"
                | "NetRCAuth",
            ) => return Some(Val::Auth(Auth::Plain(span))),
            (module, name) if signs_by_name(module, name) => {
                (place(NOWHERE, &REGION), place(NOWHERE, &SERVICE))
            }
            _ => return None,
        };
        Some(Val::Auth(Auth::SigV4 {
            region,
            service,
            span,
        }))
    }

    /// Puts on headers what `auth` does.
    pub fn authorize(
        &mut self,
        headers: &Rc<RefCell<Dict>>,
        auth: &Val,
        is_sure: bool,
        place: Span,
    ) {
        let all = auth.alternatives();
        let is_sure = is_sure && all.len() == 1;
        let mut headers = headers.borrow_mut();
        for one in all {
            let value = match &one {
                one if one.is_nothing() => continue,
                Val::Auth(Auth::SigV4 {
                    region, service, ..
                }) => Val::Text(signature(region.clone(), service.clone())),
                // A name and a password.
                Val::List(_) | Val::Auth(Auth::Plain(_)) => {
                    Val::Text(Text::known("Basic ").joined(Text::hole("credentials")))
                }
                _ => Val::unknown("what auth says"),
            };
            let span = match &one {
                Val::Auth(Auth::SigV4 { span, .. } | Auth::Plain(span)) => *span,
                _ => place,
            };
            headers.put(Entry {
                name: AUTHORIZATION.into(),
                value,
                span,
                is_sure,
            });
        }
    }

    /// `SigV4Auth(…).add_auth(request)`.
    pub fn authorize_request(&mut self, request: &Val, auth: &Val, span: Span) {
        for one in request.alternatives() {
            let Val::Request(fields) = one else {
                continue;
            };
            let is_sure = self.is_sure(fields.borrow().made);
            let known = fields.borrow().value("headers");
            let headers = match known {
                Some(Val::Dict(headers)) => headers,
                _ => {
                    let headers = Rc::new(RefCell::new(Dict::of(self.branch)));
                    headers.borrow_mut().open();
                    fields.borrow_mut().put(Entry {
                        name: "headers".into(),
                        value: Val::Dict(headers.clone()),
                        span,
                        is_sure: true,
                    });
                    headers
                }
            };
            self.authorize(&headers, auth, is_sure, span);
        }
    }
}

/// Classes of packages that are not listed: httpx_auth_awssigv4, requests_iamauth and the like.
fn signs_by_name(module: &str, name: &str) -> bool {
    let module = module.to_ascii_lowercase();
    let name = name.to_ascii_lowercase();
    let speaks_of_aws = ["aws", "sigv4", "iam"]
        .iter()
        .any(|word| name.contains(word) || module.contains(word));
    let is_auth = name.ends_with("auth")
        || name.ends_with("sign")
        || name.ends_with("sigv4")
        || name.ends_with("signer");
    speaks_of_aws && is_auth && !module.starts_with('.')
}
