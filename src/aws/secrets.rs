//! What may be a secret, by its name or its looks. A snapshot is kept and passed on, so what is in
//! doubt is left out: a reader that misses it says Unknown.

use crate::redact;

/// Headers whose values are compared for what they say, not for who knows them.
const OPEN_HEADERS: [&str; 14] = [
    "accept",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-method",
    "content-length",
    "content-type",
    "host",
    "origin",
    "referer",
    "sec-fetch-mode",
    "sec-fetch-site",
    "user-agent",
    "x-forwarded-for",
    "x-forwarded-proto",
];

/// Whether a value is compared with a header that nobody keeps a secret in.
pub fn is_open_header(name: &str) -> bool {
    OPEN_HEADERS.contains(&name.to_ascii_lowercase().as_str())
}

/// Whether a value is no secret. The name may be the path of a header: `method.response.header.Vary`.
pub fn may_be_written(name: &str, value: &str) -> bool {
    let header = name.rsplit('.').next().unwrap_or(name);
    let cors = "access-control-";
    let is_cors = header
        .get(..cors.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(cors));
    is_cors || !is_likely(name, value)
}

/// Whether a value under a name is likely a secret.
pub fn is_likely(name: &str, value: &str) -> bool {
    is_named_so(name) || looks_random(value) || redact::tokens(value, false) != value
}

/// What stands in the place of a secret within a text that is written all the same.
const LEFT_OUT: &str = "left-out";

/// A URL of a backend, without a password, and without what opens it: webhooks are such paths.
pub fn url(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://").filter(|_| !text.starts_with("arn:")) else {
        return text.to_owned();
    };
    let (place, query) = match rest.split_once('?') {
        Some((place, query)) => (place, Some(query)),
        None => (rest, None),
    };
    let (host, path) = place.split_at(place.find('/').unwrap_or(place.len()));
    let host = host.rsplit('@').next().unwrap_or(host);
    let parts = path.split('/').map(|part| match looks_random(part) {
        true => LEFT_OUT,
        false => part,
    });
    let path = parts.collect::<Vec<_>>().join("/");
    let query = query.map_or(String::new(), |query| format!("?{}", self::query(query)));
    format!("{scheme}://{host}{path}{query}")
}

/// The parameters of a URL, without those that open it.
pub fn query(text: &str) -> String {
    let parameters = text.split('&').map(|one| match one.split_once('=') {
        Some((name, value)) if ["code", "sig"].contains(&name) || is_likely(name, value) => {
            format!("{name}={LEFT_OUT}")
        }
        _ => one.to_owned(),
    });
    parameters.collect::<Vec<_>>().join("&")
}

fn is_named_so(name: &str) -> bool {
    const PARTS: [&str; 9] = [
        "secret",
        "passw",
        "token",
        "credential",
        "apikey",
        "accesskey",
        "privatekey",
        "signature",
        "authorization",
    ];
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let flat = letters.collect::<String>().to_ascii_lowercase();
    redact::is_secret(name) || flat == "key" || PARTS.iter().any(|part| flat.contains(part))
}

/// Long, of one piece, and of letters and digits mixed.
fn looks_random(value: &str) -> bool {
    let words = value.split(|char: char| !(char.is_ascii_alphanumeric() || "+/=_-".contains(char)));
    words.into_iter().any(|word| {
        let is = |test: fn(&char) -> bool| word.chars().any(|char| test(&char));
        let letters_of_both = is(char::is_ascii_uppercase) && is(char::is_ascii_lowercase);
        let digits = is(char::is_ascii_digit);
        let hex = word.len() >= 32 && digits && word.chars().all(|char| char.is_ascii_hexdigit());
        let key = word.len() == 40 || !word.contains('/');
        hex || word.len() >= 24 && digits && letters_of_both && key
            || word.len() == 20 && (word.starts_with("AKIA") || word.starts_with("ASIA"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_left_out() {
        for (name, value) in [
            ("apiKey", "x"),
            ("DB_PASSWORD", "x"),
            ("token", "x"),
            ("partner", "AKIAIOSFODNN7EXAMPLE"),
            ("partner", "d41d8cd98f00b204e9800998ecf8427e"),
            ("partner", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"),
            ("partner", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ] {
            assert!(is_likely(name, value), "{name}={value}");
        }
    }

    #[test]
    fn a_url_keeps_its_place() {
        for (text, expected) in [
            (
                "https://ada:pass@x.test/orders?page=1",
                "https://x.test/orders?page=1",
            ),
            (
                "https://x.test/hook?code=abc&id=1",
                "https://x.test/hook?code=left-out&id=1",
            ),
            (
                "https://hooks.x.test/services/T0/abcdEFGH1234ijklMNOP5678",
                "https://hooks.x.test/services/T0/left-out",
            ),
            (
                "https://${stageVariables.host}/{proxy}",
                "https://${stageVariables.host}/{proxy}",
            ),
            (
                "arn:aws:apigateway:x:lambda:path/a",
                "arn:aws:apigateway:x:lambda:path/a",
            ),
        ] {
            assert_eq!(url(text), expected);
        }
    }

    #[test]
    fn what_names_a_place_is_kept() {
        for (name, value) in [
            ("backend", "orders.internal.shop.test:8080"),
            ("function", "orders-production-list"),
            (
                "url",
                "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod",
            ),
            ("vpcLink", "a1b2c3"),
            ("monkey", "banana"),
        ] {
            assert!(!is_likely(name, value), "{name}={value}");
        }
    }
}
