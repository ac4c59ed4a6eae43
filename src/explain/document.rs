//! The document that `why403 explain --format json` prints, version 1.
//!
//! Other programs rely on it: a change of meaning needs a new version number, an optional field
//! does not. A value that cannot be known is `null`, with a sibling `unknown` that says why.

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version that this program writes.
pub const VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    pub version: u32,
    pub request: Asked,
    pub courses: Vec<Course>,
    pub verdict: Verdict,
}

impl Explanation {
    /// The same with another text for each that stands in it.
    pub fn with_texts(self, text: &impl Fn(&str) -> String) -> Explanation {
        fn walk(value: &mut serde_json::Value, text: &impl Fn(&str) -> String) {
            match value {
                serde_json::Value::String(one) => *one = text(one),
                serde_json::Value::Array(items) => items.iter_mut().for_each(|one| walk(one, text)),
                serde_json::Value::Object(entries) => {
                    entries.values_mut().for_each(|one| walk(one, text));
                }
                _ => {}
            }
        }
        let mut value = match serde_json::to_value(&self) {
            Ok(value) => value,
            Err(_) => return self,
        };
        walk(&mut value, text);
        serde_json::from_value(value).unwrap_or(self)
    }
}

/// The request as the user gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub method: String,
    pub url: String,
    /// The address that opens the connection; `None` when the user gave none.
    pub from: Option<String>,
    /// Why `from` is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    pub headers: Vec<Header>,
    /// Length of the body in bytes, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<u64>,
    /// The ARN of who signed it by AWS's Signature Version 4, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// The VPC endpoint that it goes through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_endpoint: Option<String>,
    /// What its token says, where that is a JSON Web Token. Its signature was not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
}

/// The claims of a token that are told. What it does not say is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audience: Vec<String>,
    /// As RFC 3339 has it: `2026-01-31T12:00:00Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Whether it had expired when the request was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired: Option<bool>,
    /// Of `scope`, `scp`, `scopes` and `permissions`; left out where it has none of these claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Of `role`, `roles`, `groups`, Keycloak's and Cognito's claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
}

/// One way that the request can take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// What has to hold for this way; empty when nothing was left open.
    pub when: Vec<String>,
    pub hops: Vec<Hop>,
    pub verdict: Verdict,
    /// The status of the answer, when a gate gives it and it is known.
    pub status: Option<u16>,
    /// The step that decided a denial.
    pub culprit: Option<Step>,
}

/// The passage through one gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// The kind of gate: `nginx`.
    pub gate: String,
    /// The file or resource that it was read from.
    pub name: String,
    /// How this gate is known to stand behind the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The door in which the request ended; `None` when it reached none.
    pub door: Option<String>,
    pub steps: Vec<Step>,
    pub end: End,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub file: String,
    pub line: u32,
    pub column: u32,
    /// What stands there; only its first line.
    pub text: String,
    /// What it did to the request, in words.
    pub effect: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum End {
    Forwarded {
        to: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unknown: Option<String>,
        request: Sent,
        response: Edits,
    },
    Answered {
        status: Option<u16>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unknown: Option<String>,
        headers: Vec<Header>,
    },
    Dropped,
    Unknown {
        because: String,
    },
}

/// The request as it leaves a gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub method: String,
    pub uri: String,
    pub headers: Vec<Header>,
}

/// What a gate does to the answer on its way back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edits {
    pub add: Vec<Added>,
    pub hide: Vec<String>,
    /// The status that replaces the upstream's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    pub name: String,
    pub value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// Also on answers that tell of an error.
    pub always: bool,
    /// Only where the upstream sends none of this name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub yields: bool,
}

/// `["Name", "value"]`, or `["Name", null, {"unknown": "why"}]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub name: String,
    pub value: Result<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The last gate answers below 400, or hands over to a program that we cannot see.
    Admitted,
    /// 401, 403, 405, 407, 429, or no answer at all.
    Denied,
    /// Any other status.
    Answered,
    Unknown,
    /// The courses do not agree; for the whole document only.
    Depends,
}

#[derive(Serialize, Deserialize)]
struct Unknown {
    unknown: String,
}

impl Serialize for Header {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(None)?;
        seq.serialize_element(&self.name)?;
        match &self.value {
            Ok(value) => seq.serialize_element(value)?,
            Err(why) => {
                seq.serialize_element(&())?;
                seq.serialize_element(&Unknown {
                    unknown: why.clone(),
                })?;
            }
        }
        seq.end()
    }
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pair;
        impl<'de> Visitor<'de> for Pair {
            type Value = Header;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a header as [name, value]")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Header, A::Error> {
                let short = |length| A::Error::invalid_length(length, &self);
                let name: String = seq.next_element()?.ok_or_else(|| short(0))?;
                let value: Option<String> = seq.next_element()?.ok_or_else(|| short(1))?;
                let why: Option<Unknown> = seq.next_element()?;
                let value = match (value, why) {
                    (Some(value), _) => Ok(value),
                    (None, Some(why)) => Err(why.unknown),
                    (None, None) => return Err(short(2)),
                };
                Ok(Header { name, value })
            }
        }
        deserializer.deserialize_seq(Pair)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The document that the design shows, and one of each kind of end.
    const SAMPLE: &str = r#"{
      "version": 1,
      "request": { "method": "GET", "url": "http://shop.test/orders", "from": "198.51.100.7",
                   "headers": [["Authorization", "Bearer <redacted>"]] },
      "courses": [
        { "when": ["$cookie_beta is set"],
          "hops": [ {
            "gate": "nginx", "name": "deploy/nginx.conf", "door": "server shop.test · location /orders",
            "steps": [ { "file": "deploy/nginx.conf", "line": 31, "column": 5,
                         "text": "allow 198.51.100.0/24;", "effect": "admits 198.51.100.7" } ],
            "end": { "kind": "forwarded", "to": "http://127.0.0.1:3000",
              "request": { "method": "GET", "uri": "/orders",
                           "headers": [["Host", "shop.test"], ["X-A", null, {"unknown": "$a is set by Lua"}]] },
              "response": { "add": [ { "name": "Access-Control-Allow-Origin", "value": "*", "always": false } ],
                            "hide": ["Server"] } } } ],
          "verdict": "admitted", "status": null, "culprit": null },
        { "when": [],
          "hops": [ { "gate": "nginx", "name": "n", "door": null, "steps": [],
                      "end": { "kind": "answered", "status": null, "unknown": "why", "headers": [] } } ],
          "verdict": "unknown", "status": null, "culprit": null },
        { "when": [], "hops": [ { "gate": "g", "name": "n", "door": null, "steps": [], "end": { "kind": "dropped" } } ],
          "verdict": "denied", "status": null, "culprit": null },
        { "when": [], "hops": [ { "gate": "g", "name": "n", "door": null, "steps": [],
                                  "end": { "kind": "unknown", "because": "Lua" } } ],
          "verdict": "unknown", "status": null, "culprit": null }
      ],
      "verdict": "depends" }"#;

    #[test]
    fn reads_and_writes_the_same_document() {
        let document: Explanation = serde_json::from_str(SAMPLE).unwrap();
        let plain: serde_json::Value = serde_json::from_str(SAMPLE).unwrap();
        assert_eq!(serde_json::to_value(&document).unwrap(), plain);
    }

    #[test]
    fn a_header_without_a_value_needs_a_reason() {
        assert!(serde_json::from_str::<Header>(r#"["A", null]"#).is_err());
        assert!(serde_json::from_str::<Header>(r#"["A"]"#).is_err());
    }
}
