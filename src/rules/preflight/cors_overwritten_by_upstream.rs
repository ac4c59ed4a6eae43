use bstr::ByteSlice;

use super::lines::ALLOW_ORIGIN;
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Course, End, ResponseHeader};
use crate::gates::express::Express;
use crate::probes::route::{forms, likeliest, routes, running, through};
use crate::probes::{Cors, Sent};
use crate::request::Request;
use crate::trace;

pub const ID: &str = "cors-overwritten-by-upstream";

/// The headers of cors that an app sets before its proxy give way to those of the app behind.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for app in running(estate) {
        for (_, example) in routes(app) {
            let origins = app.origins().iter().filter(|origin| *origin != "*");
            let found = origins.take(4).find_map(|origin| {
                let mut page = example.clone();
                page.headers.push("Origin", origin.as_str());
                forms(app, &page)
                    .into_iter()
                    .find_map(|(_, request)| by_proxy(estate, app, &request))
            });
            findings.extend(found);
        }
    }
}

fn by_proxy(estate: &Estate, app: &Express, request: &Request) -> Option<Finding> {
    let sent = likeliest(app, request)?;
    let link = trace::next(estate, &sent)?;
    if std::ptr::eq(link.app, app) || !link.app.refusals().is_empty() {
        return None;
    }
    through(link.app, request, &sent).find_map(|request| judge(estate, app, request))
}

fn judge(estate: &Estate, app: &Express, request: Request) -> Option<Finding> {
    let course = likeliest(app, &request)?;
    let link = trace::next(estate, &course)?;
    let End::Forwarded {
        request: sent,
        response,
        ..
    } = &course.end
    else {
        return None;
    };
    let arrived = trace::arrived(sent, &link);
    let answer = likeliest(link.app, &arrived).filter(Course::admits)?;
    if !response.yields || course.is_conditional() || answer.is_conditional() {
        return None;
    }
    let (own, theirs) = (Cors::of(&course), Cors::of(&answer));
    let (mine, other) = (own.origin()?, theirs.origin()?);
    let asked = request.headers.get("Origin")?.known()?.clone();
    if mine.value.known()? != &asked {
        return None;
    }
    let severity = match other.value.known()? {
        value if *value == asked => return None,
        // Read by all, but for those that send credentials.
        value if value == "*" => own
            .credentials
            .filter(|one| is_true(one))
            .map(|_| Severity::Warning)?,
        _ => Severity::Error,
    };
    let (mine, other) = (mine.clone(), other.clone());
    finding(Sent { request, course }, &mine, &other, severity)
}

fn is_true(header: &ResponseHeader) -> bool {
    header
        .value
        .known()
        .is_some_and(|value| value.trim() == b"true")
}

fn finding(
    sent: Sent,
    mine: &ResponseHeader,
    other: &ResponseHeader,
    severity: Severity,
) -> Option<Finding> {
    let shown = |header: &ResponseHeader| {
        let value = header.value.known();
        value.map_or(String::new(), ToString::to_string)
    };
    let harm = match severity {
        Severity::Error => "no page of that origin can read it",
        _ => "a page that sends credentials cannot read it",
    };
    Some(Finding {
        rule: ID,
        severity,
        confidence: Confidence::High,
        message: format!(
            "the answer to {} {} has {ALLOW_ORIGIN}: {} of the app behind, and not {} as is set \
             here, so {harm}",
            sent.request.method,
            sent.request.url(),
            shown(other),
            shown(mine)
        ),
        primary: Label {
            span: mine.span?,
            text: "gives way to the header of the app behind".into(),
        },
        related: other
            .span
            .into_iter()
            .map(|span| Label {
                span,
                text: "takes its place".into(),
            })
            .collect(),
        intent: Some(Intent {
            text: "pages of this origin are let in".into(),
            span: mine.span,
        }),
        help: "let one of the two speak of CORS: leave cors out behind the proxy, or before it"
            .into(),
        witness: Some(Witness {
            request: sent.request,
            course: sent.course,
        }),
    })
}
