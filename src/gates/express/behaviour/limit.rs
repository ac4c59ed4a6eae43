//! express-rate-limit by its options (README of version 8, "Configuration").

use crate::gates::express::model::Layer;
use crate::gates::express::value::Value;
use crate::request::Reason;

/// A limit on how often somebody may call.
#[derive(Clone, Debug)]
pub struct Limit {
    pub status: u16,
    /// It admits nobody.
    pub is_zero: bool,
    /// Whether some requests are not counted, and that only a function knows which.
    pub skips: Option<Reason>,
    pub counts: Counts,
}

/// By what it tells callers apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counts {
    /// `req.ip`.
    ByAddress,
    /// What another layer puts at this property of the request, and nothing else.
    ByCaller {
        property: String,
        /// Where nothing is there, reading it throws.
        throws: bool,
    },
    /// What its function says.
    Otherwise,
}

pub fn limit(layer: &Layer) -> Limit {
    let get = |key: &str| layer.option(key);
    Limit {
        status: match get("statusCode") {
            Some(Value::Number(status)) => *status as u16,
            _ => 429,
        },
        is_zero: get("limit").or_else(|| get("max")) == Some(&Value::Number(0.0)),
        skips: get("skip").map(|_| Reason::new("its `skip` is a function")),
        counts: match get("keyGenerator") {
            None => Counts::ByAddress,
            Some(Value::Function(text)) => by_caller(text).unwrap_or(Counts::Otherwise),
            Some(_) => Counts::Otherwise,
        },
    }
}

/// What Express, Node.js and body parsers put on a request.
const OWN: [&str; 16] = [
    "ip",
    "ips",
    "headers",
    "get",
    "header",
    "body",
    "query",
    "params",
    "path",
    "url",
    "method",
    "hostname",
    "socket",
    "connection",
    "cookies",
    "session",
];

/// `(req) => req.user.id`, `function (req) { return req.user?.id; }`, and nothing beside that.
fn by_caller(text: &str) -> Option<Counts> {
    let text = text.trim().trim_start_matches("async ").trim();
    let (head, body) = match text.strip_prefix("function") {
        Some(rest) => rest.split_once('{')?,
        None => text.split_once("=>")?,
    };
    let request = head.split('(').next_back()?;
    let request = request.split([',', ')', ':']).next()?.trim();
    let body = body.trim().trim_start_matches('{').trim_end_matches('}');
    let body = body.trim().trim_start_matches("return ").trim();
    let body = body.trim_end_matches(';').trim_end_matches(".toString()");
    let path = body.strip_prefix(request)?.strip_prefix('.')?;
    let is_path = |char: char| char.is_alphanumeric() || matches!(char, '.' | '?' | '_' | '!');
    let (property, rest) = match path.find(['.', '?', '!']) {
        Some(at) => path.split_at(at),
        None => (path, ""),
    };
    let is_plain = path.chars().all(is_path) && !property.is_empty() && !OWN.contains(&property);
    is_plain.then(|| Counts::ByCaller {
        property: property.to_owned(),
        throws: rest.trim_start_matches('!').starts_with('.'),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_limit_counts_by() {
        let by = |text: &str| by_caller(text);
        let caller = |property: &str, throws| {
            let property = property.to_owned();
            Some(Counts::ByCaller { property, throws })
        };
        assert_eq!(by("req => req.user.id"), caller("user", true));
        assert_eq!(
            by("(req: Request, res) => req.user!.id"),
            caller("user", true)
        );
        assert_eq!(by("(req) => req.user?.id"), caller("user", false));
        assert_eq!(by("req => req.userId"), caller("userId", false));
        assert_eq!(
            by("function (req, res) { return req.auth.sub.toString(); }"),
            caller("auth", true)
        );
        for other in [
            "req => req.user?.id ?? req.ip",
            "req => req.user ? req.user.id : req.ip",
            "req => req.get('x-key')",
            "req => req.ip",
            "req => { const { user } = req; return user.id }",
            "req => key(req.user.id)",
            "keyOf",
        ] {
            assert_eq!(by(other), None, "{other}");
        }
    }
}
