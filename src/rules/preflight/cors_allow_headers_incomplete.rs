use crate::callers::{Header, Place};
use crate::finding::{Confidence, Finding, Intent, Label, Witness};
use crate::gate::Course;
use crate::probes::{BEARER, Cors, lists, preflight};
use crate::request::Request;
use crate::trace::calls::{Joined, Remote};

pub const ID: &str = "cors-allow-headers-incomplete";

/// A page sends a header that the answer to its preflight does not allow.
pub fn check(joined: &Joined<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(joined));
}

fn judge(joined: &Joined<'_>) -> Option<Finding> {
    let call = &joined.caller.call;
    if call.place != Place::Browser || joined.remote == Remote::No {
        return None;
    }
    let announced = call.announced();
    let names: Vec<&str> = announced.iter().map(|(name, _)| name.as_str()).collect();
    let origin = joined.origin()?;
    let sent = joined.as_sent(Some(&origin));
    let mut request = preflight(&sent, &sent.method, &names);
    for name in &names {
        request.headers.remove(name);
    }
    let course = joined.send(&request).filter(Course::admits)?;
    let cors = Cors::of(&course);
    let allows_origin = cors.origin()?;
    let list = match cors.headers {
        Some(header) => header.value.known()?.to_string(),
        None => String::new(),
    };
    if list.trim() == "*" {
        return None;
    }
    let is_told_of = |name: &str| name == "authorization" && is_demanded(joined, &sent);
    let missing: Vec<&(String, Option<&Header>)> = announced
        .iter()
        .filter(|(name, _)| !lists(list.as_bytes(), name) && !is_told_of(name))
        .collect();
    let (_, header) = missing.first()?;
    let missing: Vec<&str> = missing.iter().map(|(name, _)| name.as_str()).collect();
    let missing = missing.join(", ");
    let by = header.map_or(call.span, |header| header.span);
    Some(Finding {
        rule: ID,
        severity: joined.severity(&course),
        confidence: Confidence::High,
        message: format!(
            "{} {} is sent with {missing}, and the answer to its preflight does not allow that",
            sent.method,
            sent.url()
        ),
        primary: Label {
            span: cors
                .headers
                .and_then(|header| header.span)
                .or(allows_origin.span)?,
            text: match cors.headers {
                Some(_) => format!("does not name {missing}"),
                None => "stands without a list of headers".into(),
            },
        },
        related: vec![Label {
            span: by,
            text: format!("sends {missing}"),
        }],
        intent: Some(Intent {
            text: format!("a page calls {}", joined.evidence()),
            span: Some(call.span),
        }),
        help: format!(
            "allow {missing}, too; cors without `allowedHeaders` allows whatever a preflight \
             announces"
        ),
        witness: Some(Witness { request, course }),
    })
}

/// Whether the route asks for a token: that its preflight must allow it is for another rule to say.
fn is_demanded(joined: &Joined<'_>, sent: &Request) -> bool {
    let mut without = sent.clone();
    without.headers.remove("Authorization");
    let mut with = without.clone();
    with.headers.push("Authorization", BEARER);
    let admits = |request: &Request| {
        let course = joined.send(request);
        course.is_some_and(|course| course.admits() && !course.is_conditional())
    };
    !admits(&without) && admits(&with)
}
