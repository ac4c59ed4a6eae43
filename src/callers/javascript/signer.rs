//! What signs for AWS: aws4fetch, aws4, aws4-axios, smithy's SignatureV4, the signers of the SDKs.
//!
//! To sign is to put a header on a request; who signs by itself sends such a request at once.

use std::rc::Rc;

use super::draft::{Draft, method, options};
use super::http::request_url;
use super::scope::Scope;
use super::value::{Entry, Found, Object, Val};
use super::{Client, Reader};
use crate::callers::signer::{AUTHORIZATION, Signer, signature};
use crate::callers::text::Text;
use crate::callers::url::combined;
use crate::request::Reason;
use crate::source::Span;

/// Something that puts a signature of AWS on requests.
pub struct SignerVal {
    kind: Kind,
    region: Option<Text>,
    service: Option<Text>,
}

enum Kind {
    /// `sign(request)` gives the request with its signature; aws4fetch's client sends, too.
    Signs,
    /// A function that is called like fetch.
    Fetches,
    /// A function that takes what an instance of axios sends.
    Intercepts,
    /// `addAuthorization()` signs the request that it was made for.
    Holds(Val),
    /// aws-api-gateway-client: it signs if it was given keys.
    Invokes { config: Object },
}

impl SignerVal {
    fn of(kind: Kind, options: &Val) -> Val {
        let options = options.as_object();
        let inner = options
            .as_ref()
            .and_then(|object| object.borrow().value("options"));
        let options = match inner {
            // aws4-axios has its own in a part of its options.
            Some(Val::Object(inner)) => Some(inner),
            _ => options,
        };
        let part = |name: &str| match options.as_ref()?.borrow().get(name) {
            Found::Is(entry) if !entry.value.is_nothing() => Some(entry.value.to_text()),
            _ => None,
        };
        Val::Signer(Rc::new(SignerVal {
            kind,
            region: part("region"),
            service: part("service").or(part("serviceName")),
        }))
    }

    pub fn is_interceptor(&self) -> bool {
        matches!(self.kind, Kind::Intercepts)
    }

    pub fn headers(&self, span: Span, is_sure: bool) -> [Entry; 2] {
        let entry = |name: &str, value: Val| Entry {
            name: name.into(),
            value,
            span,
            is_sure,
        };
        let text = signature(self.region.clone(), self.service.clone());
        [
            entry("X-Amz-Date", Val::unknown("date")),
            entry(AUTHORIZATION, Val::Text(text)),
        ]
    }
}

impl Reader<'_> {
    /// `new` of a class of a package; `None` if it has nothing to do with signatures.
    pub fn new_signer(&mut self, class: &Val, args: &[Val]) -> Option<Val> {
        let first = args.first().cloned().unwrap_or(Val::Undefined);
        let (package, name) = match class {
            Val::Package(package, Some(name)) => (package.clone(), name.clone()),
            // `AWS.Signers.V4`.
            Val::Member(inner) => match &inner.0 {
                Val::Package(package, Some(name)) if &**name == "Signers" => {
                    (package.clone(), inner.1.clone())
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(match (&*package, &*name) {
            ("aws4fetch", "AwsClient") => SignerVal::of(Kind::Signs, &first),
            // What it is given is what it signs, later.
            ("aws4fetch", "AwsV4Signer") => SignerVal::of(Kind::Holds(first.clone()), &first),
            (_, "SignatureV4" | "SignatureV4a" | "SignatureV4MultiRegion") => {
                SignerVal::of(Kind::Signs, &first)
            }
            (_, "V4") if package.starts_with("aws-sdk") => {
                let service = args.get(1).map(Val::to_text);
                Val::Signer(Rc::new(SignerVal {
                    region: region_of(&first),
                    kind: Kind::Holds(first),
                    service,
                }))
            }
            (_, "HttpRequest") if is_aws(&package) => match &first {
                Val::Object(_) => first,
                endpoint => {
                    let mut request = Object::default();
                    let mut put = |name: &str, value: Val| {
                        request.put(Entry {
                            name: name.into(),
                            value,
                            span: Span::new(0, 0),
                            is_sure: true,
                        });
                    };
                    put("endpoint", endpoint.clone());
                    put("region", args.get(1).cloned().unwrap_or(Val::Undefined));
                    put("method", Val::text("POST"));
                    put("headers", Val::object(Object::default()));
                    Val::object(request)
                }
            },
            (_, "Endpoint") if is_aws(&package) => Val::Text(first.to_text()),
            _ => return None,
        })
    }

    /// A function of a package that signs, or that makes something which does.
    pub fn signing_call(
        &mut self,
        span: Span,
        package: &str,
        name: &str,
        args: &[Val],
    ) -> Option<Val> {
        let first = args.first().cloned().unwrap_or(Val::Undefined);
        Some(match (package, name) {
            ("aws4", "sign") => {
                let signer = SignerVal::of(Kind::Signs, &first);
                self.sign(&signer, &first, span)
            }
            ("aws4-axios", "aws4Interceptor" | "default") => {
                SignerVal::of(Kind::Intercepts, &first)
            }
            (_, "createSignedFetcher" | "createAwsSignedFetcher") => {
                SignerVal::of(Kind::Fetches, &first)
            }
            ("aws-api-gateway-client", "newClient") => {
                let config = options(&first).unwrap_or(Object {
                    is_open: true,
                    ..Object::default()
                });
                SignerVal::of(Kind::Invokes { config }, &first)
            }
            // `signRequest(input, init?, { service, region })`.
            ("aws-sigv4-sign", "signRequest") => {
                let options = args.last().cloned().unwrap_or(Val::Undefined);
                let init = args.get(1).filter(|_| args.len() > 2);
                let request = self.request_object(&first, init);
                self.sign(&SignerVal::of(Kind::Signs, &options), &request, span)
            }
            (_, "signRequest") if is_aws(package) => {
                let signer = SignerVal::of(Kind::Signs, &Val::Undefined);
                self.sign(&signer, &first, span)
            }
            _ => return None,
        })
    }

    /// A method of something that signs.
    pub fn signer_method(
        &mut self,
        scope: &Rc<Scope>,
        span: Span,
        signer: &Rc<SignerVal>,
        name: &str,
        args: &[Val],
    ) -> Val {
        let first = args.first().cloned().unwrap_or(Val::Undefined);
        let whole = Val::Signer(signer.clone());
        match (&signer.kind, name) {
            (Kind::Signs, "fetch") => self.fetch_signed(scope, span, signer, args),
            (Kind::Signs, "sign" | "signRequest") => {
                let request = self.request_object(&first, args.get(1));
                self.sign(&whole, &request, span)
            }
            (Kind::Holds(request), "addAuthorization" | "sign") => {
                let request = request.clone();
                self.sign(&whole, &request, span)
            }
            (Kind::Invokes { config }, "invokeApi") => self.invoke_api(scope, span, config, args),
            _ => Val::unknown(name),
        }
    }

    /// fetch, with a signature on what it sends.
    pub fn fetch_signed(
        &mut self,
        scope: &Rc<Scope>,
        span: Span,
        signer: &Rc<SignerVal>,
        args: &[Val],
    ) -> Val {
        if matches!(signer.kind, Kind::Intercepts) {
            return Val::unknown("an answer");
        }
        let entries = signer.headers(span, true);
        self.fetch_with(scope.module, span, args, &entries)
    }

    /// Puts a signature on a request; one of which nothing is known is signed, too.
    fn sign(&mut self, signer: &Val, request: &Val, span: Span) -> Val {
        let Val::Signer(signer) = signer else {
            return Val::unknown("a request");
        };
        let request = match request.as_object() {
            Some(object) => object,
            None => {
                let mut object = Object::default();
                object.open();
                Rc::new(std::cell::RefCell::new(object))
            }
        };
        let is_sure = self.conditions == 0;
        let known = request.borrow().value("headers");
        let headers = match known.as_ref().and_then(Val::as_object) {
            Some(headers) => headers,
            None => {
                let mut headers = Object::default();
                match &known {
                    Some(val) if !val.is_nothing() => headers.open(),
                    None if request.borrow().is_open => headers.open(),
                    _ => {}
                }
                let headers = Rc::new(std::cell::RefCell::new(headers));
                request.borrow_mut().put(Entry {
                    name: "headers".into(),
                    value: Val::Object(headers.clone()),
                    span,
                    is_sure: true,
                });
                headers
            }
        };
        let mut headers = headers.borrow_mut();
        for entry in signer.headers(span, is_sure) {
            headers.put(entry);
        }
        Val::Object(request)
    }

    /// `invokeApi(params, template, method, additional, body)`.
    fn invoke_api(&mut self, scope: &Rc<Scope>, span: Span, config: &Object, args: &[Val]) -> Val {
        let instance = self.plain(scope.module, Client::ApiGatewaySdk);
        let base = config
            .value("invokeUrl")
            .unwrap_or(Val::unknown("invokeUrl"));
        let path = args.get(1).map(Val::to_text).unwrap_or_default();
        let url = combined(&base.to_text(), without_braces(path));
        let mut draft = Draft::new(instance, "GET", Val::Text(url));
        draft.method = method(args.get(2).unwrap_or(&Val::Undefined));
        if let Some(Val::Object(additional)) = args.get(3) {
            let headers = additional.borrow().value("headers");
            draft.headers.spread(&headers.unwrap_or(Val::Undefined));
        }
        let part = |name: &str| config.get(name);
        match part("accessKey") {
            Found::Is(entry) if !entry.value.is_nothing() => {
                let signer = SignerVal {
                    kind: Kind::Signs,
                    region: config.value("region").map(|region| region.to_text()),
                    service: Some(Text::known("execute-api")),
                };
                for header in signer.headers(entry.span, true) {
                    draft.headers.put(header);
                }
            }
            Found::Open => draft.headers.open(),
            _ => {}
        }
        self.note(draft, span)
    }

    /// A call of Amplify, which signs where its configuration wants that.
    pub fn amplify(&mut self, scope: &Rc<Scope>, span: Span, verb: &str, args: &[Val]) -> Val {
        const VERBS: [&str; 6] = ["get", "post", "put", "patch", "del", "head"];
        if !VERBS.contains(&verb) {
            return Val::unknown(verb);
        }
        let method = if verb == "del" { "delete" } else { verb };
        let path = match args {
            [Val::Object(input), ..] => input.borrow().value("path"),
            args => args.get(1).cloned(),
        };
        let path = path.unwrap_or(Val::unknown("path")).to_text();
        let url = Text::hole("the API").joined(path);
        let instance = self.plain(scope.module, Client::Amplify);
        let mut draft = Draft::new(instance, method, Val::Text(url));
        draft.headers.open();
        let reason = "Amplify signs where its configuration says so";
        draft.signer = Some(Signer::Unknown(Reason::new(reason)));
        self.note(draft, span);
        Val::unknown("an answer")
    }

    /// `new HttpClient().handleRequest(request)`, `new NodeHttpHandler().handle(request)`.
    pub fn handle(&mut self, scope: &Rc<Scope>, span: Span, args: &[Val]) -> Val {
        let request = args.first().cloned().unwrap_or(Val::Undefined);
        if let Some(options) = options(&request) {
            let instance = self.plain(scope.module, Client::AwsHttp);
            let url = request_url(&options, "https");
            let mut draft = Draft::new(instance, "GET", url);
            let url = draft.url.clone();
            draft.read(&options);
            draft.url = url;
            self.note(draft, span);
        }
        Val::unknown("an answer")
    }
}

pub fn is_amplify(package: &str) -> bool {
    package == "aws-amplify"
        || ["aws-amplify/api", "@aws-amplify/api"]
            .iter()
            .any(|start| package.starts_with(start))
}

/// A package of AWS, or of what its clients are made of.
fn is_aws(package: &str) -> bool {
    [
        "aws-sdk",
        "@aws-sdk/",
        "@smithy/",
        "@aws-amplify/",
        "aws-amplify",
    ]
    .iter()
    .any(|start| package.starts_with(start))
}

fn region_of(request: &Val) -> Option<Text> {
    let region = request.as_object()?.borrow().value("region")?;
    (!region.is_nothing()).then(|| region.to_text())
}

/// `/users/{id}`, as a path with a hole.
fn without_braces(path: Text) -> Text {
    let Some(plain) = path.plain() else {
        return path;
    };
    let mut whole = Text::default();
    let mut rest = plain.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        whole = whole.joined(Text::known(before)).joined(Text::hole(name));
        rest = after;
    }
    whole.joined(Text::known(rest))
}
