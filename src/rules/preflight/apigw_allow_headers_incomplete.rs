use super::apigw::more;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::probes::Cors;
use crate::probes::cloud::{Api, ApiVisit, Meeting};
use crate::source::Span;

pub const ID: &str = "apigw-allow-headers-incomplete";

/// A method asks for a header that the answer to the preflight does not allow.
pub fn check(visit: &ApiVisit<'_>, findings: &mut Vec<Finding>) {
    let meetings = visit.meetings();
    let mut lacking: Vec<Lacking<'_>> = meetings.iter().filter_map(Lacking::of).collect();
    lacking.sort_by_key(|one| one.list);
    lacking.dedup_by_key(|one| one.list);
    findings.extend(finding(visit.api, lacking, meetings));
}

struct Lacking<'m> {
    meeting: &'m Meeting<'m>,
    header: &'m str,
    /// The list, or what answers without one.
    list: Span,
}

impl<'m> Lacking<'m> {
    fn of(meeting: &'m Meeting<'m>) -> Option<Lacking<'m>> {
        let answer = &meeting.answer;
        let cors = Cors::of(answer);
        if meeting.headers.is_empty() || answer.is_conditional() || answer.refuses() {
            return None;
        }
        let (list, header) = match (meeting.entry.api, cors.headers) {
            (_, Some(list)) => {
                list.value.known()?;
                let is_star = cors.allows_header("*");
                // The star does not stand for Authorization (Fetch §3.3.4).
                let lacks = |name: &&&str| {
                    !cors.allows_header(name) && (!is_star || **name == "authorization")
                };
                (list.span?, meeting.headers.iter().find(lacks)?)
            }
            // What is behind an OPTIONS method may set the list.
            (Api::Rest(_), None) => return None,
            (Api::Http(gate), None) => {
                let cors = gate.api.cors.as_ref()?;
                (cors.span, meeting.headers.first()?)
            }
        };
        Some(Lacking {
            meeting,
            header,
            list,
        })
    }
}

fn finding(api: Api<'_>, lacking: Vec<Lacking<'_>>, all: &[Meeting<'_>]) -> Option<Finding> {
    let first = lacking.first()?;
    let header = first.header;
    // Methods that do without may be the ones that pages call.
    let is_for_others = all.iter().any(|other| other.headers.is_empty());
    let status = first.meeting.announced.request.url();
    let own = &first.meeting.announced.request.method;
    Some(Finding {
        rule: ID,
        severity: match is_for_others {
            true => Severity::Warning,
            false => Severity::Error,
        },
        confidence: Confidence::High,
        message: format!(
            "the preflight of {own} to {status} does not allow the header {header}, without \
             which API Gateway refuses the request"
        ),
        primary: Label {
            span: first.list,
            text: format!("does not allow {header}"),
        },
        related: more(lacking.iter().skip(1).map(|one| one.list), "nor does this"),
        intent: Some(Intent {
            text: format!("{} answers preflights", api.name()),
            span: Some(first.list),
        }),
        help: match api {
            Api::Rest(_) => {
                format!("add {header} to Access-Control-Allow-Headers, then deploy the API")
            }
            Api::Http(_) => format!("add {header} to AllowHeaders of the CORS configuration"),
        },
        witness: Some(Witness {
            request: first.meeting.preflight.clone(),
            course: first.meeting.answer.clone(),
        }),
    })
}
