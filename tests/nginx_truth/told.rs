//! The document that `why403 explain` prints, held against the courses that it tells of.

use bstr::{BString, ByteSlice};
use why403::estate::Estate;
use why403::explain::document::{End as Told, Explanation, Header, Verdict};
use why403::explain::explain;
use why403::gate::{Course, End, ResponseEdits, ResponseHeader};
use why403::request::{Known, Request};

/// The first thing that the document does not say as the courses do.
pub fn problem(estate: &Estate, request: &Request, courses: &[Course]) -> Option<String> {
    let document = explain(estate, request, true).document;
    let text = match serde_json::to_string(&document) {
        Ok(text) => text,
        Err(error) => return Some(format!("it cannot be written: {error}")),
    };
    let read: Explanation = match serde_json::from_str(&text) {
        Ok(read) => read,
        Err(error) => return Some(format!("it cannot be read: {error}")),
    };
    if read != document {
        return Some("it is not read as it was written".to_string());
    }
    if read.courses.len() != courses.len() {
        return Some("it tells of another number of courses".to_string());
    }
    let verdicts: Vec<_> = courses.iter().map(|course| verdict(&course.end)).collect();
    for ((course, told), verdict) in courses.iter().zip(&read.courses).zip(&verdicts) {
        if told.when != course.when(&estate.sources) {
            return Some("other conditions".to_string());
        }
        if told.verdict != *verdict {
            return Some(format!("verdict {:?}, not {verdict:?}", told.verdict));
        }
        if told.culprit.is_some() && *verdict != Verdict::Denied {
            return Some("a culprit without a denial".to_string());
        }
        let [hop] = told.hops.as_slice() else {
            return Some("not one hop".to_string());
        };
        if hop.steps.len() != course.steps.len() {
            return Some("another number of steps".to_string());
        }
        if !same_end(&course.end, &hop.end, told.status) {
            return Some(format!("end {:?}, not {:?}", hop.end, course.end));
        }
    }
    let all = match verdicts.as_slice() {
        [first, rest @ ..] if rest.iter().all(|verdict| verdict == first) => *first,
        [] => Verdict::Unknown,
        _ => Verdict::Depends,
    };
    (read.verdict != all).then(|| format!("verdict {:?} in all, not {all:?}", read.verdict))
}

/// What the document promises to say of an end.
fn verdict(end: &End) -> Verdict {
    match end {
        End::Forwarded { .. } | End::Handled { .. } => Verdict::Admitted,
        End::Dropped { .. } => Verdict::Denied,
        End::Unknown { .. } => Verdict::Unknown,
        End::Answered { status, .. } => match status {
            Known::Is(401 | 403 | 405 | 407 | 429) => Verdict::Denied,
            Known::Is(status) if *status < 400 => Verdict::Admitted,
            Known::Is(_) => Verdict::Answered,
            Known::Unknown(_) => Verdict::Unknown,
        },
    }
}

fn same_end(end: &End, told: &Told, told_status: Option<u16>) -> bool {
    match (end, told) {
        (
            End::Answered {
                status, headers, ..
            },
            Told::Answered {
                status: told,
                headers: named,
                ..
            },
        ) => {
            let status = status.known().copied();
            *told == status && told_status == status && same_headers(headers, named)
        }
        (
            End::Forwarded {
                to,
                request,
                response,
                ..
            },
            Told::Forwarded {
                to: address,
                request: sent,
                response: edits,
                ..
            },
        ) => {
            let headers = request.headers.iter();
            let headers = headers.map(|header| header_told(&header.name, &header.value));
            *address == to.address.known().cloned()
                && told_status.is_none()
                && sent.method == request.method
                && sent.uri == request.target.to_str_lossy()
                && headers.eq(sent.headers.iter().cloned())
                && same_edits(response, edits)
        }
        (End::Dropped { .. }, Told::Dropped) => true,
        (End::Unknown { because, .. }, Told::Unknown { because: told }) => because.0 == *told,
        _ => false,
    }
}

fn same_headers(headers: &[ResponseHeader], told: &[Header]) -> bool {
    let headers = headers.iter();
    headers
        .map(|header| header_told(&header.name, &header.value))
        .eq(told.iter().cloned())
}

fn same_edits(edits: &ResponseEdits, told: &why403::explain::document::Edits) -> bool {
    let added = edits.add.iter().map(|header| {
        let told = header_told(&header.name, &header.value);
        (told.name, told.value, header.always)
    });
    let told_added = told.add.iter().map(|added| {
        let unknown = added.unknown.clone().unwrap_or_default();
        let value = added.value.clone().ok_or(unknown);
        (added.name.clone(), value, added.always)
    });
    let hidden = edits.hide.iter().map(|hidden| &hidden.name);
    added.eq(told_added) && hidden.eq(told.hide.iter()) && edits.status == told.status
}

fn header_told(name: &BString, value: &Known<BString>) -> Header {
    Header {
        name: name.to_str_lossy().into_owned(),
        value: match value {
            Known::Is(value) => Ok(value.to_str_lossy().into_owned()),
            Known::Unknown(why) => Err(why.to_string()),
        },
    }
}
