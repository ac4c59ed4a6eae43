//! An account, and requests to its APIs.

use std::net::IpAddr;

use serde_json::{Value as Json, json};
use why403::request::{Headers, Known, Request, Scheme};

use crate::emulator::Said;

#[derive(Clone, Debug)]
pub struct Case {
    /// Users, roles and APIs, as `account.py` takes them.
    pub account: Json,
    pub asks: Vec<Ask>,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The API's label in the account.
    pub api: String,
    /// A custom domain; else the API's own host.
    pub host: Option<String>,
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub from: IpAddr,
    /// `user/ann`, `role/reader`
    pub signer: Option<String>,
    /// What a JSON Web Token in its Authorization header says.
    pub claims: Option<Json>,
    /// To begin with a WebSocket (RFC 6455).
    pub upgrade: bool,
    /// Whether the API key is one that is switched on, in a usage plan of the stage.
    pub is_key_right: bool,
}

impl Case {
    pub fn told(&self) -> Json {
        let mut told = self.account.clone();
        let asks = self.asks.iter().map(Ask::told);
        told["requests"] = asks.collect();
        told
    }

    pub fn api(&self, label: &str) -> &Json {
        &self.account["apis"][label]
    }
}

impl Ask {
    pub fn new(api: &str, method: &str, target: &str) -> Ask {
        Ask {
            api: api.to_owned(),
            host: None,
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            from: IpAddr::from([127, 0, 0, 7]),
            signer: None,
            claims: None,
            upgrade: false,
            is_key_right: false,
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Ask {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn by(mut self, signer: &str) -> Ask {
        self.signer = Some(signer.to_owned());
        self
    }

    pub fn host(mut self, host: &str) -> Ask {
        self.host = Some(host.to_owned());
        self
    }

    pub fn claims(mut self, claims: Json) -> Ask {
        self.claims = Some(claims);
        self
    }

    pub fn upgrade(self) -> Ask {
        Ask {
            upgrade: true,
            ..self
        }
    }

    pub fn key(self, value: &str, is_right: bool) -> Ask {
        Ask {
            is_key_right: is_right,
            ..self.header("x-api-key", value)
        }
    }

    pub fn told(&self) -> Json {
        json!({
            "api": self.api,
            "host": self.host,
            "method": self.method,
            "target": self.target,
            "headers": self.headers,
            "from": self.from.to_string(),
            "signer": self.signer,
            "claims": self.claims,
            "upgrade": self.upgrade,
        })
    }

    /// The word by which `authorizer.py` decides.
    pub fn word(&self) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case("Authorization"))?;
        value.rsplit(' ').next()
    }

    pub fn request(&self, said: &Said) -> Request {
        let mut headers = Headers::default();
        for (name, value) in &self.headers {
            headers.push(name.as_str(), value.as_str());
        }
        if self.signer.is_some() {
            let signature = "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261128/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=0123456789abcdef";
            headers.push("Authorization", signature);
        }
        if let Some(claims) = &self.claims {
            let mut claims = claims.clone();
            if claims.get("iss").is_none() {
                claims["iss"] = said.upstream.clone().into();
            }
            let parts = [json!({ "alg": "RS256" }), claims];
            let parts = parts.map(|part| base64url(part.to_string().as_bytes()));
            headers.push(
                "Authorization",
                format!("Bearer {}.{}.x", parts[0], parts[1]),
            );
        }
        let own = || format!("{}.execute-api.us-east-1.amazonaws.com", said.id(&self.api));
        Request {
            method: self.method.clone(),
            scheme: Scheme::Https,
            host: self.host.clone().unwrap_or_else(own),
            port: 443,
            target: self.target.as_str().into(),
            headers,
            from: Known::Is(self.from),
            body: 0,
            sent_at: None,
            signed_by: self.signer.as_ref().map(|name| Known::Is(said.arn(name))),
            vpc_endpoint: None,
        }
    }
}

fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| {
            bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0))
        });
        for at in 0..=chunk.len() {
            out.push(LETTERS[(bits >> (18 - 6 * at)) as usize & 63] as char);
        }
    }
    out
}
