//! A distribution of CloudFront as its documents tell of it.

use std::sync::Arc;

use crate::gates::aws::waf::model::Acl;
use crate::request::Known;
use crate::source::{Span, Spanned};

#[derive(Debug)]
pub struct Distribution {
    pub id: String,
    /// Its whole document.
    pub span: Span,
    /// The name that CloudFront gives it.
    pub host: String,
    pub aliases: Vec<Spanned<String>>,
    /// In the order in which they are tried; the default is the last.
    pub behaviors: Vec<Behavior>,
    pub origins: Vec<Origin>,
    pub acl: Known<Option<Arc<Acl>>>,
    /// Countries from which it may be asked or not, in words.
    pub geo: Option<Spanned<Geo>>,
    pub error_pages: Vec<ErrorPage>,
}

/// What viewers get in the place of an error, of the origin's or of its own
/// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html>).
#[derive(Clone, Debug)]
pub struct ErrorPage {
    pub error: u16,
    pub status: u16,
    pub page: String,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Geo {
    pub allows: bool,
    pub countries: String,
}

#[derive(Debug)]
pub struct Origin {
    pub id: String,
    pub span: Span,
    pub domain: Spanned<String>,
    /// What is put before each path.
    pub path: String,
    pub is_s3: bool,
    /// CloudFront signs what it sends there.
    pub signs: bool,
    pub protocol: OriginProtocol,
    pub ports: (u16, u16),
    /// Headers that are added; values are `None` where they are not here.
    pub headers: Vec<(Spanned<String>, Option<String>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginProtocol {
    Http,
    Https,
    AsViewer,
}

#[derive(Debug)]
pub struct Behavior {
    /// `None` for the default.
    pub pattern: Option<Spanned<String>>,
    pub span: Span,
    pub origin: Spanned<String>,
    pub methods: Spanned<Vec<String>>,
    /// Preflights are kept, too.
    pub caches_options: bool,
    pub viewer: Spanned<ViewerProtocol>,
    /// A URL or a cookie has to be signed.
    pub signed: Option<Span>,
    /// Functions that see the request before the cache.
    pub functions: Vec<Spanned<String>>,
    pub forwards: Forwards,
    pub response: Known<Option<ResponsePolicy>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewerProtocol {
    AllowAll,
    RedirectToHttps,
    HttpsOnly,
}

/// What of a request reaches the origin.
#[derive(Debug)]
pub struct Forwards {
    /// Where it is said: a policy's id, or the older settings of the behaviour itself.
    pub span: Span,
    /// What makes up the key of the cache, which the origin gets, too.
    pub cache: Known<Kept>,
    /// What it gets besides.
    pub request: Spanned<Known<Option<Kept>>>,
    /// By the older settings, most headers that nobody named go on as well.
    pub legacy: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// As the policy is called.
    pub name: String,
    pub headers: Names,
    pub cookies: Names,
    pub query: Names,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Names {
    #[default]
    None,
    Only(Vec<String>),
    Except(Vec<String>),
    All,
}

/// What is put on answers.
#[derive(Clone, Debug)]
pub struct ResponsePolicy {
    pub span: Span,
    pub cors: Option<Cors>,
}

#[derive(Clone, Debug)]
pub struct Cors {
    pub origins: Vec<String>,
    pub methods: Vec<String>,
    pub headers: Vec<String>,
    pub credentials: bool,
    /// Whether it takes the place of what the origin says.
    pub overrides: bool,
}

impl Names {
    pub fn has(&self, name: &str) -> bool {
        let is_in = |list: &[String]| list.iter().any(|one| one.eq_ignore_ascii_case(name));
        match self {
            Names::None => false,
            Names::All => true,
            Names::Only(list) => is_in(list),
            Names::Except(list) => !is_in(list),
        }
    }
}

impl Forwards {
    /// Whether something of a request goes on, by what is chosen of the policies; `None` where a
    /// policy is not known that might say so.
    pub fn keeps(&self, name: &str, of: fn(&Kept) -> &Names) -> Option<bool> {
        let cache = self.cache.known().map(|kept| of(kept).has(name));
        let request = match &self.request.value {
            Known::Is(None) => Some(false),
            Known::Is(Some(kept)) => Some(of(kept).has(name)),
            Known::Unknown(_) => None,
        };
        match (cache, request) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        }
    }
}

impl Behavior {
    pub fn name(&self) -> String {
        match &self.pattern {
            Some(pattern) => format!("behavior {}", pattern.value),
            None => "default behavior".to_owned(),
        }
    }
}

impl Distribution {
    pub fn origin(&self, id: &str) -> Option<&Origin> {
        self.origins.iter().find(|origin| origin.id == id)
    }
}
