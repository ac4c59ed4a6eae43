//! A request of a generated case, and which checks it passes.

use serde_json::{Value, json};

const AUDIENCE: &str = "why403";

/// A request of the test.
pub struct Ask {
    pub method: String,
    pub path: String,
    /// `<valid>` and `<invalid>` stand for tokens that only the server can make, and `<token:{…}>`
    /// for one that is signed rightly and has these claims, too.
    pub headers: Vec<(String, String)>,
    /// The loopback address that it comes from.
    pub from: String,
}

impl Ask {
    pub fn shown(&self) -> String {
        format!(
            "{} {} {:?} from {}",
            self.method, self.path, self.headers, self.from
        )
    }

    fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(one, _)| one.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Whether what this layer looks at is right.
    pub fn is_right_for(&self, layer: &str) -> bool {
        let authorization = self.header("Authorization").unwrap_or_default();
        let claims = self.claims();
        match layer {
            "csurf" | "csrf-csrf" | "csrf-sync" | "lusca:csrf" => false,
            "express-basic-auth" => authorization.ends_with("cHJvYmU6cHJvYmU="),
            "passport:authenticate" if self.path.contains("username=probe&password=probe") => true,
            "passport:authenticate" if authorization.ends_with("cHJvYmU6cHJvYmU=") => true,
            "inline:api-key" => self.header("x-api-key") == Some("<valid>"),
            "express-oauth2-jwt-bearer:auth" if claims["aud"] != AUDIENCE => false,
            _ => authorization.ends_with("<valid>") || self.has_signed() && claims["exp"] != 1,
        }
    }

    fn has_signed(&self) -> bool {
        self.header("Authorization")
            .is_some_and(|header| header.contains("<token:"))
    }

    /// What its token says.
    pub fn claims(&self) -> Value {
        let mut claims = json!({
            "sub": "probe", "iss": "https://issuer.test/", "aud": AUDIENCE,
            "scope": "read", "roles": ["user"], "exp": 4102444800u64,
        });
        let header = self.header("Authorization").unwrap_or_default();
        let given = header
            .split_once("<token:")
            .and_then(|(_, rest)| rest.strip_suffix('>'));
        if let Some(given) = given {
            let more: Value = serde_json::from_str(given).expect("claims");
            for (name, value) in more.as_object().expect("an object") {
                claims[name] = value.clone();
            }
        }
        claims
    }

    /// Whether its token grants one of these ways: `a and b or c`.
    pub fn grants(&self, ways: &str) -> bool {
        if !self.has_signed()
            && !self
                .header("Authorization")
                .is_some_and(|one| one.contains('<'))
        {
            return false;
        }
        let claims = self.claims();
        let texts =
            ["scope", "roles", "permissions", "sub", "tier"].map(|name| match &claims[name] {
                Value::String(text) => text.split(' ').map(str::to_owned).collect(),
                Value::Array(items) => items
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
                _ => Vec::new(),
            });
        let has = texts.concat();
        let mut ways = ways.split(" or ");
        ways.any(|way| {
            way.split(" and ")
                .all(|name| has.iter().any(|one| one == name))
        })
    }
}
