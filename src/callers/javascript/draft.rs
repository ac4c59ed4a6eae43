//! A request as its options put it together.

use std::rc::Rc;

use super::instance::Instance;
use super::value::{Entry, Found, Object, Val};
use crate::callers::model::{Body, Client, Credentials, CredentialsMode};
use crate::callers::signer::{AUTHORIZATION, Signer, signature};
use crate::callers::text::Text;
use crate::request::{Known, Reason};
use crate::source::Span;

/// A request that is being put together.
pub struct Draft {
    pub instance: Rc<Instance>,
    pub method: Known<String>,
    pub url: Val,
    pub headers: Object,
    pub credentials: Option<CredentialsMode>,
    pub body: Body,
    /// Where its headers do not say whether it is signed.
    pub signer: Option<Signer>,
}

impl Draft {
    pub fn new(instance: Rc<Instance>, method: &str, url: Val) -> Draft {
        Draft {
            instance,
            method: Known::Is(method.to_ascii_uppercase()),
            url,
            headers: Object::default(),
            credentials: None,
            body: Body::None,
            signer: None,
        }
    }

    /// `xhr.withCredentials = true`.
    pub fn assign(&mut self, name: &str, val: &Val, span: Span) {
        if name == "withCredentials" {
            self.credentials = Some(with_credentials(val, span));
        }
    }

    /// A method of an XMLHttpRequest, or of a chain of superagent.
    pub fn method(&mut self, name: &str, args: &[Val], span: Span) {
        let first = args.first().cloned().unwrap_or(Val::Undefined);
        match name {
            "open" => {
                self.method = method(&first);
                self.url = args.get(1).cloned().unwrap_or(Val::unknown("url"));
            }
            "setRequestHeader" | "set" | "setHeader" => {
                match (first.to_text().plain(), args.get(1)) {
                    (Some(name), Some(value)) => self.headers.put(Entry {
                        name: name.into(),
                        value: value.clone(),
                        span,
                        is_sure: true,
                    }),
                    _ => self.headers.spread(&first),
                }
            }
            "auth" => self.headers.put(Entry {
                name: "Authorization".into(),
                value: Val::unknown("credentials"),
                span,
                is_sure: true,
            }),
            "withCredentials" => {
                self.credentials = Some(with_credentials(&Val::Bool(true), span));
            }
            "send" => self.body = body(&first, self.instance.client),
            // A plugin may do anything.
            "use" => self.headers.open(),
            "type" => self.headers.put(Entry {
                name: "Content-Type".into(),
                value: first,
                span,
                is_sure: true,
            }),
            _ => {}
        }
    }
}

pub fn with_credentials(val: &Val, span: Span) -> CredentialsMode {
    CredentialsMode {
        mode: match val {
            Val::Bool(true) => Known::Is(Credentials::Include),
            val if val.is_nothing() => Known::Is(Credentials::SameOrigin),
            _ => Known::Unknown(Reason::new("a condition decides")),
        },
        span: Some(span),
    }
}

/// A method, in capitals.
pub fn method(val: &Val) -> Known<String> {
    match val {
        Val::Text(text) => match text.plain() {
            Some(text) => Known::Is(text.to_ascii_uppercase()),
            None => Known::Unknown(Reason::new("the method is put together")),
        },
        _ => Known::Unknown(Reason::new("the method is not known")),
    }
}

/// What a client makes of a body.
pub fn body(val: &Val, client: Client) -> Body {
    let says_json = matches!(client, Client::Axios | Client::Superagent | Client::Angular);
    match val {
        Val::Undefined | Val::Null => Body::None,
        Val::Form => Body::Form,
        Val::Object(_) if says_json => Body::Json,
        // Of a text nobody says that it is JSON.
        Val::Body | Val::Text(_) | Val::Object(_) => Body::Simple,
        _ if says_json => Body::Unknown,
        // A text from elsewhere may be a form.
        _ => Body::Form,
    }
}

/// `{ key, secret, sign_version: 4 }`; without a version it is the signature of S3 of old.
fn signature_of(aws: &Object) -> Val {
    let version = aws.value("sign_version");
    match version.map(|version| version.to_text().plain()) {
        Some(Some(version)) if version == "4" => {
            let service = aws.value("service").map(|service| service.to_text());
            Val::Text(signature(None, service))
        }
        Some(None) => Val::unknown("aws"),
        _ => Val::text("AWS"),
    }
}

/// What options are read from.
pub fn options(val: &Val) -> Option<Object> {
    match val {
        Val::OneOf(_) | Val::Object(_) => {
            let mut all = Object::default();
            all.spread(val);
            Some(all)
        }
        _ => None,
    }
}

impl Draft {
    /// Nothing is known of its options.
    pub fn open(&mut self) {
        self.method = Known::Unknown(Reason::new("its options are not known"));
        self.headers.open();
        self.credentials = Some(CredentialsMode {
            mode: Known::Unknown(Reason::new("its options are not known")),
            span: None,
        });
        self.body = Body::Unknown;
    }

    /// The options of fetch, axios, ky and jQuery.
    pub fn read(&mut self, options: &Object) {
        let unknown = || Reason::new("its options are not known");
        for name in ["url", "uri"] {
            if let Found::Is(entry) = options.get(name) {
                self.url = entry.value;
            }
        }
        let names = ["method", "type"].map(|name| options.get(name));
        match names {
            [Found::Is(entry), _] | [_, Found::Is(entry)] if entry.is_sure => {
                self.method = method(&entry.value);
            }
            [Found::Missing, Found::Missing] => {}
            _ => self.method = Known::Unknown(unknown()),
        }
        // Functions that may do anything to it.
        const DOERS: [&str; 4] = ["hooks", "handlers", "adapter", "transformRequest"];
        let has = |name: &&str| !matches!(options.get(name), Found::Missing);
        if options.is_lent || DOERS.iter().any(has) {
            self.headers.open();
        }
        self.headers_of(options);
        self.credentials_of(options);
        self.body_of(options);
        if self.instance.client == Client::Request {
            self.authorization_of(options);
        }
    }

    /// `aws` and `auth` of request.
    fn authorization_of(&mut self, options: &Object) {
        let value = match (options.get("aws"), options.get("auth")) {
            (Found::Is(aws), _) => match aws.value.as_object() {
                Some(aws) => signature_of(&aws.borrow()),
                None => Val::unknown("aws"),
            },
            (_, Found::Is(_)) => {
                let beginning = Text::known("Basic ");
                Val::Text(beginning.joined(Text::hole("credentials")))
            }
            _ => return,
        };
        let span = match (options.get("aws"), options.get("auth")) {
            (Found::Is(entry), _) | (_, Found::Is(entry)) => entry.span,
            _ => return,
        };
        self.headers.put(Entry {
            name: AUTHORIZATION.into(),
            value,
            span,
            is_sure: true,
        });
    }

    fn headers_of(&mut self, options: &Object) {
        match options.get("headers") {
            Found::Is(entry) => {
                for one in entry.value.alternatives() {
                    let is_only = !matches!(entry.value, Val::OneOf(_)) && entry.is_sure;
                    let mut headers = Object::default();
                    headers.spread(&one);
                    if headers.is_open || headers.is_lent || !entry.is_sure && options.is_open {
                        self.headers.open();
                    }
                    for header in headers.entries {
                        self.headers.put(Entry {
                            is_sure: header.is_sure && is_only,
                            ..header
                        });
                    }
                }
            }
            Found::Open => self.headers.open(),
            Found::Missing => {}
        }
        if let Found::Is(entry) = options.get("contentType") {
            self.headers.put(Entry {
                name: "Content-Type".into(),
                ..entry
            });
        }
    }

    fn credentials_of(&mut self, options: &Object) {
        let fields = match options.get("xhrFields") {
            Found::Is(entry) => entry.value.as_object(),
            _ => None,
        };
        let with = match fields {
            Some(fields) => fields.borrow().get("withCredentials"),
            None => options.get("withCredentials"),
        };
        match (options.get("credentials"), with) {
            (Found::Is(entry), _) => {
                let mode = match entry.value.to_text().plain().as_deref() {
                    Some("include") => Known::Is(Credentials::Include),
                    Some("omit") => Known::Is(Credentials::Omit),
                    Some("same-origin") => Known::Is(Credentials::SameOrigin),
                    _ => Known::Unknown(Reason::new("a condition decides")),
                };
                let span = Some(entry.span);
                self.credentials = Some(CredentialsMode { mode, span });
            }
            (_, Found::Is(entry)) => {
                self.credentials = Some(with_credentials(&entry.value, entry.span));
            }
            (Found::Open, _) => {
                self.credentials = Some(CredentialsMode {
                    mode: Known::Unknown(Reason::new("its options are not known")),
                    span: None,
                });
            }
            _ => {}
        }
    }

    fn body_of(&mut self, options: &Object) {
        for name in ["json", "form", "body", "data"] {
            match options.get(name) {
                Found::Is(_) if name == "form" => self.body = Body::Form,
                Found::Is(_) if name == "json" => self.body = Body::Json,
                Found::Is(entry) => self.body = body(&entry.value, self.instance.client),
                Found::Open if self.body == Body::None => self.body = Body::Unknown,
                _ => continue,
            }
            return;
        }
    }
}
