//! The policies that CloudFront has ready, by their ids, for where their documents are not here.
//!
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>,
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html>,
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html>

use super::model::{Cors, Kept, Names, ResponsePolicy};
use crate::source::Span;

/// Id, name and what it keeps: headers, cookies, parameters of the query.
type Entry = (&'static str, &'static str, Which, Which, Which);

enum Which {
    None,
    All,
    Only(&'static [&'static str]),
    Except(&'static [&'static str]),
}

use Which::{All, Except, None as Nothing, Only};

static CACHE: [Entry; 7] = [
    (
        "658327ea-f89d-4fab-a63d-7e88639e58f6",
        "CachingOptimized",
        Nothing,
        Nothing,
        Nothing,
    ),
    (
        "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
        "CachingOptimizedForUncompressedObjects",
        Nothing,
        Nothing,
        Nothing,
    ),
    (
        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        "CachingDisabled",
        Nothing,
        Nothing,
        Nothing,
    ),
    (
        "08627262-05a9-4f76-9ded-b50ca2e3a84f",
        "Elemental-MediaPackage",
        Only(&["origin"]),
        Nothing,
        Only(&["aws.manifestfilter", "start", "end", "m"]),
    ),
    (
        "2e54312d-136d-493c-8eb9-b001f22f67d2",
        "Amplify",
        Only(&["Authorization", "CloudFront-Viewer-Country", "Host"]),
        All,
        All,
    ),
    (
        "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
        "UseOriginCacheControlHeaders",
        Only(&[
            "Host",
            "Origin",
            "X-HTTP-Method-Override",
            "X-HTTP-Method",
            "X-Method-Override",
        ]),
        All,
        Nothing,
    ),
    (
        "4cc15a8a-d715-48a4-82b8-cc0b614638fe",
        "UseOriginCacheControlHeaders-QueryStrings",
        Only(&[
            "Host",
            "Origin",
            "X-HTTP-Method-Override",
            "X-HTTP-Method",
            "X-Method-Override",
        ]),
        All,
        All,
    ),
];

static ORIGIN_REQUEST: [Entry; 6] = [
    (
        "216adef6-5c7f-47e4-b989-5492eafa07d3",
        "AllViewer",
        All,
        All,
        All,
    ),
    (
        "b689b0a8-53d0-40ab-baf2-68738e2966ac",
        "AllViewerExceptHostHeader",
        Except(&["Host"]),
        All,
        All,
    ),
    (
        "33f36d7e-f396-46d9-90e0-52428a34d9dc",
        "AllViewerAndCloudFrontHeaders-2022-06",
        All,
        All,
        All,
    ),
    (
        "59781a5b-3903-41f3-afcb-af62929ccde1",
        "CORS-CustomOrigin",
        Only(&["Origin"]),
        Nothing,
        Nothing,
    ),
    (
        "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
        "CORS-S3Origin",
        Only(&[
            "Origin",
            "Access-Control-Request-Headers",
            "Access-Control-Request-Method",
        ]),
        Nothing,
        Nothing,
    ),
    (
        "acba4595-bd28-49b8-b9fe-13317c0390fa",
        "UserAgentRefererHeaders",
        Only(&["User-Agent", "Referer"]),
        Nothing,
        Nothing,
    ),
];

const ALL_METHODS: &[&str] = &["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"];

/// Id, and whether it says which methods are allowed.
static RESPONSE: [(&str, bool); 4] = [
    ("60669652-455b-4ae9-85a4-c4c02393f86c", false),
    ("e61eb60c-9c35-4d20-a928-2b84e02af89c", false),
    ("5cc3b908-e619-4b99-88e5-2cf7f45965bd", true),
    ("eaab4381-ed33-4a86-88ca-d9558dc6cd63", true),
];

/// Puts on what helps against attacks, and nothing of CORS.
const SECURITY_HEADERS: &str = "67f7725c-6f97-4210-82d7-5512b31e9d03";

pub fn cache(id: &str) -> Option<Kept> {
    kept(&CACHE, id)
}

pub fn origin_request(id: &str) -> Option<Kept> {
    kept(&ORIGIN_REQUEST, id)
}

fn kept(table: &[Entry], id: &str) -> Option<Kept> {
    let (_, name, headers, cookies, query) = table.iter().find(|(own, ..)| *own == id)?;
    Some(Kept {
        name: (*name).to_owned(),
        headers: headers.names(),
        cookies: cookies.names(),
        query: query.names(),
    })
}

pub fn response(id: &str, span: Span) -> Option<ResponsePolicy> {
    if id == SECURITY_HEADERS {
        return Some(ResponsePolicy { span, cors: None });
    }
    let (_, preflight) = RESPONSE.iter().find(|(own, _)| *own == id)?;
    let methods = match preflight {
        true => ALL_METHODS,
        false => &[],
    };
    Some(ResponsePolicy {
        span,
        cors: Some(Cors {
            origins: vec!["*".to_owned()],
            methods: methods.iter().map(|one| (*one).to_owned()).collect(),
            headers: Vec::new(),
            credentials: false,
            overrides: false,
        }),
    })
}

impl Which {
    fn names(&self) -> Names {
        let owned = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect();
        match self {
            Which::None => Names::None,
            Which::All => Names::All,
            Which::Only(list) => Names::Only(owned(list)),
            Which::Except(list) => Names::Except(owned(list)),
        }
    }
}
