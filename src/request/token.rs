//! A JSON Web Token (RFC 7519) as anybody can read it: its claims. The signature is never looked at.

use std::collections::BTreeSet;

use bstr::ByteSlice;
use serde_json::{Map, Value};

/// Nobody sends a longer one: servers refuse headers of this length.
const LONGEST: usize = 64 << 10;

/// What a token says of its bearer.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims(Map<String, Value>);

/// Why a text is no token. The text itself is not told: it may be a secret that is cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoToken {
    #[error("it is longer than {LONGEST} bytes")]
    TooLong,
    #[error("it has {0} parts between dots, and a signed token has three")]
    Parts(usize),
    #[error("there is nothing")]
    Nothing,
    #[error("it has five parts between dots: it is encrypted, and only its audience can read it")]
    Encrypted,
    #[error("its {0} is not base64url")]
    Base64(&'static str),
    #[error("its {0} is not a JSON object")]
    Json(&'static str),
}

impl Claims {
    pub fn of_token(token: &[u8]) -> Result<Claims, NoToken> {
        match token.len() {
            0 => return Err(NoToken::Nothing),
            1..=LONGEST => {}
            _ => return Err(NoToken::TooLong),
        }
        let parts: Vec<&[u8]> = token.split_str(".").collect();
        match parts.as_slice() {
            [header, payload, _] => {
                part(header, "header")?;
                Ok(Claims(part(payload, "payload")?))
            }
            parts if parts.len() == 5 => Err(NoToken::Encrypted),
            parts => Err(NoToken::Parts(parts.len())),
        }
    }

    /// Claims that a probe brings.
    pub fn of(claims: Map<String, Value>) -> Claims {
        Claims(claims)
    }

    /// A token that says so, which nobody has signed: only who does not look at that takes it.
    pub fn unsigned(&self) -> String {
        const HEADER: &str = r#"{"alg":"none"}"#;
        let payload = Value::Object(self.0.clone()).to_string();
        let parts = [HEADER.as_bytes(), payload.as_bytes()].map(to_base64url);
        format!("{}.", parts.join("."))
    }

    /// Those of the token in an Authorization header, whatever its scheme.
    pub fn of_authorization(header: &[u8]) -> Option<Claims> {
        let token = header.trim().rsplit_str(" ").next()?;
        Claims::of_token(token).ok()
    }

    /// A claim by its name, which may hold dots (`https://shop.test/roles`), or by a path.
    pub fn get(&self, path: &str) -> Option<&Value> {
        if let Some(value) = self.0.get(path) {
            return Some(value);
        }
        let mut names = path.split('.');
        let mut at = self.0.get(names.next()?)?;
        for name in names {
            at = at.get(name)?;
        }
        Some(at)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The names in a claim: words between blanks, the texts of a list, `true` or `false`.
    pub fn names(&self, path: &str) -> Option<BTreeSet<&str>> {
        match self.get(path)? {
            Value::String(text) => Some(text.split(' ').filter(|word| !word.is_empty()).collect()),
            Value::Bool(true) => Some(BTreeSet::from(["true"])),
            Value::Bool(false) => Some(BTreeSet::from(["false"])),
            Value::Array(items) => Some(items.iter().filter_map(Value::as_str).collect()),
            _ => None,
        }
    }

    /// The names in all of these claims that are there; `None` where none of them is.
    pub fn names_in(&self, paths: &[&str]) -> Option<BTreeSet<&str>> {
        let mut found = paths.iter().filter_map(|path| self.names(path)).peekable();
        found.peek()?;
        Some(found.flatten().collect())
    }

    pub fn scopes(&self) -> Option<BTreeSet<&str>> {
        self.names_in(&SCOPES)
    }

    pub fn roles(&self) -> Option<BTreeSet<&str>> {
        self.names_in(&ROLES)
    }

    /// For whom it is meant: one or several (RFC 7519 §4.1.3).
    pub fn audience(&self) -> Vec<&str> {
        match self.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// Seconds since 1970 (RFC 7519 §4.1.4, §4.1.5), for `exp` and `nbf`.
    pub fn time(&self, name: &str) -> Option<f64> {
        self.get(name)?.as_f64()
    }
}

/// Where authorization servers put scopes: RFC 8693 §4.2, Microsoft, Auth0.
pub const SCOPES: [&str; 4] = ["scope", "scp", "scopes", "permissions"];

/// Where they put roles, and where programs that sign their own tokens do.
pub const ROLES: [&str; 5] = [
    "role",
    "roles",
    "realm_access.roles",
    "cognito:groups",
    "groups",
];

fn part(text: &[u8], name: &'static str) -> Result<Map<String, Value>, NoToken> {
    let bytes = base64url(text).ok_or(NoToken::Base64(name))?;
    serde_json::from_slice(&bytes).map_err(|_| NoToken::Json(name))
}

/// RFC 4648 §5, without padding (RFC 7515 §2).
fn base64url(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    // A last letter of six bits alone makes no byte.
    (text.len() % 4 != 1).then_some(out)
}

fn to_base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..=chunk.len() {
            out.push(LETTERS[(bits >> (18 - 6 * at)) as usize & 63].into());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7519 §3.1.
    const EXAMPLE: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
        dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn the_example_of_the_standard() {
        let claims = Claims::of_token(EXAMPLE.as_bytes()).unwrap();
        assert_eq!(claims.text("iss"), Some("joe"));
        assert_eq!(claims.time("exp"), Some(1300819380.0));
        assert_eq!(
            claims.get("http://example.com/is_root"),
            Some(&Value::Bool(true))
        );
        let header = format!("Bearer {EXAMPLE}");
        assert_eq!(Claims::of_authorization(header.as_bytes()), Some(claims));
    }

    #[test]
    fn what_is_no_token() {
        let no = |text: &str| Claims::of_token(text.as_bytes()).unwrap_err();
        assert_eq!(no("why403-probe"), NoToken::Parts(1));
        assert_eq!(no("a.b.c.d.e"), NoToken::Encrypted);
        assert_eq!(no("e30.e{0.x"), NoToken::Base64("payload"));
        assert_eq!(no("e30.W10.x"), NoToken::Json("payload"));
        assert_eq!(no("e30.AAAAA.x"), NoToken::Base64("payload"));
        assert_eq!(no(&"a".repeat(LONGEST + 1)), NoToken::TooLong);
    }

    #[test]
    fn names_stand_in_a_text_or_in_a_list() {
        let json = serde_json::json!({
            "scope": "a b", "permissions": ["c"], "realm_access": { "roles": ["admin", 1] }, "exp": 5
        });
        let claims = Claims(json.as_object().unwrap().clone());
        assert_eq!(claims.scopes(), Some(BTreeSet::from(["a", "b", "c"])));
        assert_eq!(claims.roles(), Some(BTreeSet::from(["admin"])));
        assert_eq!(claims.names("exp"), None);
        let token = claims.unsigned();
        assert_eq!(Claims::of_token(token.as_bytes()), Ok(claims));
    }
}
