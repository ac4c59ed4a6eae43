//! One call site, as its source says it.

use super::header::Header;
use super::signer::Signer;
use super::url::Url;
use crate::request::Known;
use crate::source::Span;

#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Where it stands: of a wrapper's calls, where the wrapper is called.
    pub span: Span,
    /// Where a wrapper in between hands it to the client.
    pub through: Option<Span>,
    pub client: Client,
    pub place: Place,
    /// In capitals.
    pub method: Known<String>,
    /// Where it may go; more than one where a condition chooses.
    pub urls: Vec<Url>,
    pub headers: Vec<Header>,
    /// Nothing else can add a header: no interceptor that is not read, no object that is not known.
    pub headers_complete: bool,
    pub credentials: CredentialsMode,
    pub body: Body,
    /// Whether it goes out with a signature of AWS.
    pub signer: Signer,
}

/// What sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Client {
    Fetch,
    Axios,
    Ky,
    Superagent,
    Xhr,
    JQuery,
    Angular,
    Got,
    /// `request` and `request-promise`.
    Request,
    /// Node.js's own `http` and `https`.
    NodeHttp,
    /// `AWS.HttpClient`, smithy's request handlers: what sends a request that was signed by hand.
    AwsHttp,
    Amplify,
    /// What API Gateway generates for its callers, and aws-api-gateway-client.
    ApiGatewaySdk,
    Requests,
    Httpx,
    Urllib,
    Urllib3,
    Aiohttp,
    Curl,
    Awscurl,
    Wget,
    Postman,
    /// A file of requests for an editor: `.http`, `.rest`.
    HttpFile,
}

impl Client {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Client::Fetch => "fetch",
            Client::Axios => "axios",
            Client::Ky => "ky",
            Client::Superagent => "superagent",
            Client::Xhr => "XMLHttpRequest",
            Client::JQuery => "jQuery",
            Client::Angular => "HttpClient",
            Client::Got => "got",
            Client::Request => "request",
            Client::NodeHttp => "Node.js's http",
            Client::AwsHttp => "the client of the AWS SDK",
            Client::Amplify => "Amplify",
            Client::ApiGatewaySdk => "the SDK of the API",
            Client::Requests => "requests",
            Client::Httpx => "httpx",
            Client::Urllib => "urllib",
            Client::Urllib3 => "urllib3",
            Client::Aiohttp => "aiohttp",
            Client::Curl => "curl",
            Client::Awscurl => "awscurl",
            Client::Wget => "wget",
            Client::Postman => "Postman",
            Client::HttpFile => "the HTTP client of an editor",
        }
    }
}

/// In what kind of program a call site stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In a page: the rules of browsers hold.
    Browser,
    /// In a program of a server, a phone or a shell: no browser, no preflight.
    Elsewhere,
    /// Where, the source does not say.
    Unclear,
}

/// Whether cookies and other credentials of the browser go along (Fetch §2.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    Omit,
    SameOrigin,
    Include,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CredentialsMode {
    pub mode: Known<Credentials>,
    /// Where it is said; `None` for a client's own default.
    pub span: Option<Span>,
}

/// What kind of body goes along, as far as it decides the content type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    None,
    /// The client itself says `application/json`.
    Json,
    /// What pages may send without asking.
    Simple,
    /// The same, with whatever fields somebody put in it.
    Form,
    Unknown,
}

impl Call {
    /// Something that is not read may add headers.
    pub fn open(&mut self) {
        self.headers_complete = false;
        self.signer = Signer::of(&self.headers, false, &self.urls, self.span);
    }

    /// The headers that a script sets under this name.
    pub fn header(&self, name: &str) -> Option<&Header> {
        let named = |header: &&Header| header.name.eq_ignore_ascii_case(name);
        self.headers.iter().rev().find(named)
    }

    /// The content type that goes along, if the script or its client says one.
    pub fn content_type(&self) -> Option<String> {
        match self.header("Content-Type") {
            Some(header) => Some(header.value.filled("")),
            None => (self.body == Body::Json).then(|| "application/json".to_owned()),
        }
    }

    /// The headers for which a page has to ask first, in lower case and sorted (Fetch §2.2.2,
    /// CORS-unsafe request-header names).
    pub fn announced(&self) -> Vec<(String, Option<&Header>)> {
        const SAFE: [&str; 5] = [
            "accept",
            "accept-language",
            "content-language",
            "content-type",
            "range",
        ];
        const FORMS: [&str; 3] = [
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "text/plain",
        ];
        let mut names: Vec<(String, Option<&Header>)> = Vec::new();
        for header in &self.headers {
            let name = header.name.to_ascii_lowercase();
            if !SAFE.contains(&name.as_str()) && !names.iter().any(|(one, _)| *one == name) {
                names.push((name, Some(header)));
            }
        }
        let content = self.content_type().unwrap_or_default();
        let essence = content.split(';').next().unwrap_or_default().trim();
        let is_form = FORMS.iter().any(|form| essence.eq_ignore_ascii_case(form));
        // axios takes a content type off a request without a body (lib/adapters/xhr.js).
        let is_sent = self.client != Client::Axios || self.body != Body::None;
        if !essence.is_empty() && !is_form && is_sent {
            names.push(("content-type".to_owned(), self.header("Content-Type")));
        }
        names.sort_by(|(one, _), (other, _)| one.cmp(other));
        names
    }
}
