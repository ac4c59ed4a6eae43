use crate::callers::{Credentials, Place};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course, Effect};
use crate::probes::Cors;
use crate::request::{Known, Request};
use crate::source::Span;
use crate::trace::calls::{By, COOKIE, Joined, Remote};

pub const ID: &str = "csrf-cookie-not-sent";

/// A route goes by a cookie that the page's call does not bring.
pub fn check(joined: &Joined<'_>, findings: &mut Vec<Finding>) {
    let call = &joined.caller.call;
    if call.place != Place::Browser
        || joined.remote == Remote::No
        || call.header("Authorization").is_some()
        || !call.headers_complete
    {
        return;
    }
    findings.extend(match call.credentials.mode {
        Known::Is(Credentials::Include) => kept_back(joined),
        Known::Is(_) => not_asked_for(joined),
        Known::Unknown(_) => None,
    });
}

/// Of a call to another origin a browser sends cookies only if the script says so.
fn not_asked_for(joined: &Joined<'_>) -> Option<Finding> {
    let call = &joined.caller.call;
    let origin = joined.origin()?;
    let sent = joined.as_sent(Some(&origin));
    let (course, admitted) = pair(joined, &sent)?;
    let allows = Cors::of(&admitted).credentials;
    let is_meant =
        allows.is_some_and(|header| header.value.known().is_some_and(|value| value == "true"));
    let severity = match is_meant {
        true => joined.severity(&course),
        false => Severity::Warning,
    };
    finding(
        joined,
        (sent, course),
        severity,
        Label {
            span: call.credentials.span.unwrap_or(call.span),
            text: "sends no cookie to another origin".into(),
        },
        "`credentials: 'include'` in fetch, `withCredentials: true` in axios and XMLHttpRequest; \
         the app must allow it: `cors({ origin: 'https://app.example', credentials: true })`",
    )
}

/// A cookie with SameSite stays at home when a page of another site calls.
fn kept_back(joined: &Joined<'_>) -> Option<Finding> {
    let cookie = joined.app.same_site()?;
    let host = match joined.by {
        By::Host => site(&joined.request.host)?,
        _ => return None,
    };
    let origins = joined.app.origins();
    let is_other = |origin: &String| {
        let name = origin.split_once("://").map(|(_, rest)| rest);
        name.and_then(site).is_some_and(|site| site != host)
    };
    if origins.is_empty() || !origins.iter().all(is_other) {
        return None;
    }
    let origin = joined.origin()?;
    let mut sent = joined.as_sent(Some(&origin));
    sent.headers.remove("Cookie");
    let (course, _) = pair(joined, &sent)?;
    finding(
        joined,
        (sent, course),
        Severity::Warning,
        Label {
            span: cookie,
            text: "keeps the cookie from pages of other sites".into(),
        },
        "`sameSite: 'none'` with `secure: true`, or serve page and app from one site",
    )
}

/// The last two parts of a host's name: where they differ, the sites do.
fn site(authority: &str) -> Option<String> {
    let host = authority.split([':', '/']).next()?;
    let mut labels = host.rsplit('.');
    let (last, next) = (labels.next()?, labels.next()?);
    let is_name = !last.is_empty() && !last.bytes().all(|byte| byte.is_ascii_digit());
    is_name.then(|| format!("{next}.{last}").to_ascii_lowercase())
}

/// The request is refused, and would not be with the cookie.
fn pair(joined: &Joined<'_>, sent: &Request) -> Option<(Course, Course)> {
    let course = joined.send(sent).filter(|course| course.refuses())?;
    let asks = matches!(
        course.culprit()?.effect,
        Effect::Refuses {
            check: Check::Credential,
            ..
        }
    );
    let mut with = sent.clone();
    with.headers.push("Cookie", COOKIE);
    let admitted = joined.send(&with).filter(Course::admits)?;
    (asks && !course.is_conditional() && !admitted.is_conditional()).then_some((course, admitted))
}

fn finding(
    joined: &Joined<'_>,
    (request, course): (Request, Course),
    severity: Severity,
    primary: Label,
    help: &str,
) -> Option<Finding> {
    let call = &joined.caller.call;
    let culprit: Span = course.culprit()?.span;
    Some(Finding {
        rule: ID,
        severity,
        confidence: Confidence::High,
        message: format!(
            "{} {} comes without the cookie by which the app knows its caller, and is answered {}",
            request.method,
            request.url(),
            course.status()?
        ),
        primary,
        related: vec![Label {
            span: culprit,
            text: "goes by a cookie".into(),
        }],
        intent: Some(Intent {
            text: format!("a page calls {}", joined.evidence()),
            span: Some(call.span),
        }),
        help: help.into(),
        witness: Some(Witness { request, course }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_that_differ_for_sure() {
        assert_eq!(site("api.shop.test:443"), site("www.shop.test"));
        assert_ne!(site("shop.test"), site("app.example"));
        assert_eq!(site("localhost:3000"), None);
        assert_eq!(site("127.0.0.1"), None);
    }
}
