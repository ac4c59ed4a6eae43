//! Call sites as one line each, for the tables of the tests.

use super::{Base, Call, Signer};
use crate::request::Known;

/// `POST localhost:5000/api/users`, with `{}` for what is open.
pub fn told(call: &Call) -> String {
    let method = call.method.known().map_or("?", String::as_str);
    let urls = call.urls.iter().map(|url| {
        let base = match &url.base {
            Base::SameOrigin => String::new(),
            Base::Host { host, port, .. } => {
                let port = port.map_or("?".into(), |port| port.to_string());
                format!("{}:{port}", host.filled("{}"))
            }
            Base::Env(name) => format!("${name}"),
            Base::Unknown => "?".into(),
        };
        format!("{base}{}", url.path.filled("{}"))
    });
    format!("{method} {}", urls.collect::<Vec<_>>().join(" or "))
}

pub fn headers(call: &Call) -> Vec<(&str, String)> {
    let headers = call.headers.iter();
    headers
        .map(|header| (header.name.as_str(), header.value.filled("{}")))
        .collect()
}

/// Who signs, for which service and region, as far as that is known.
pub fn signer(call: &Call) -> String {
    match &call.signer {
        Signer::None => "nobody".into(),
        Signer::SigV4 {
            service, region, ..
        } => {
            let word = |known: &Known<String>| known.known().cloned().unwrap_or("?".into());
            format!("{} {}", word(service), word(region))
        }
        Signer::Unknown(reason) => format!("? {reason}"),
    }
}
