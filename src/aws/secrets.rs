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
