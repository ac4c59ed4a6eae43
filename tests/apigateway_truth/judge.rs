//! What we say of a request, held against what the emulator answered.

use why403::estate::{Estate, Input};
use why403::gate::{Condition, Course, End, Gate, Knowledge, Unsure};
use why403::request::{Known, Request};

use crate::case::{Ask, Case};
use crate::emulator::{Answer, Said};
use crate::exceptions::{self, Exception};

const CORS_HEADERS: [&str; 4] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
];

#[derive(Debug)]
pub enum Judged {
    Same {
        status: u16,
    },
    Unknown,
    /// The emulator is known to do otherwise.
    Excepted(&'static Exception),
}

/// Status and CORS headers, as far as they are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub status: Option<u16>,
    pub headers: Vec<(&'static str, Option<String>)>,
}

pub fn estate(said: &Said) -> Estate {
    let input = Input::Snapshot {
        name: "account.json".to_owned(),
        text: said.snapshot.to_string().into_bytes().into(),
    };
    let estate = Estate::read(&[input], &[]).expect("an estate");
    assert!(estate.problems.is_empty(), "{:?}", estate.problems);
    estate
}

/// The gate of an API: that whose id the name ends with.
fn gate<'e>(estate: &'e Estate, id: &str) -> &'e dyn Gate {
    let mut gates = estate.gates();
    let end = format!("({id})");
    gates
        .find(|gate| gate.name().name.ends_with(&end))
        .expect("the API's gate")
}

/// The gate that knows a request best.
fn best<'e>(estate: &'e Estate, request: &Request) -> Option<&'e dyn Gate> {
    let gates = estate.gates().map(|gate| (gate.knows(request), gate));
    let known = gates.filter(|(knows, _)| *knows > Knowledge::Nothing);
    known.max_by_key(|(knows, _)| *knows).map(|(_, gate)| gate)
}

pub fn judge(
    estate: &Estate,
    case: &Case,
    ask: &Ask,
    said: &Said,
    answer: &Answer,
) -> Result<Judged, String> {
    let request = ask.request(said);
    let own = gate(estate, said.id(&ask.api));
    // Of a domain it depends on the path which API it is.
    let gate = match &ask.host {
        Some(_) => best(estate, &request).unwrap_or(own),
        None => own,
    };
    let courses = gate.pass(&request);
    let api = case.api(said.label(&gate.name().name));
    let is_http = api["kind"] == "http";
    // Without an Origin it is no request that CORS is about.
    let is_plain = is_http && !request.headers.has("Origin");
    let mut seen = observed(answer);
    if is_plain {
        seen.headers.clear();
    }
    let possible: Vec<&Course> = courses
        .iter()
        .filter(|course| course.conditions.iter().all(|one| may_hold(one, ask)))
        .collect();
    let ours: Vec<Outcome> = possible
        .iter()
        .map(|course| outcome(course, &seen, ask.upgrade))
        .collect();
    let fits = ours.iter().any(|one| agree(one, &seen));
    let is_known = ours.len() == 1 && ours[0].status.is_some();
    match (fits, is_known) {
        (true, true) => {
            return Ok(Judged::Same {
                status: answer.status,
            });
        }
        (true, false) => return Ok(Judged::Unknown),
        (false, _) => {}
    }
    let about = exceptions::About {
        api,
        ask,
        courses: &possible,
        ours: &ours,
        seen: &seen,
        answer,
    };
    if let Some(exception) = exceptions::of(&about) {
        return Ok(Judged::Excepted(exception));
    }
    Err(told(&request, &possible, &ours, &seen, answer))
}

fn told(
    request: &Request,
    courses: &[&Course],
    ours: &[Outcome],
    seen: &Outcome,
    answer: &Answer,
) -> String {
    let steps = courses.iter().map(|course| {
        let steps = course.steps.iter().map(|step| step.effect.to_string());
        (steps.collect::<Vec<_>>(), &course.conditions)
    });
    format!(
        "{request:?}\nwe say    {ours:?}\nministack {seen:?}\n          {}\nsteps     {:#?}",
        answer.body,
        steps.collect::<Vec<_>>()
    )
}

pub fn observed(answer: &Answer) -> Outcome {
    Outcome {
        status: Some(answer.status),
        headers: CORS_HEADERS
            .map(|name| (name, answer.headers.get(name).cloned()))
            .into(),
    }
}

fn outcome(course: &Course, seen: &Outcome, is_upgrade: bool) -> Outcome {
    let status = match &course.end {
        End::Answered { status, .. } => status.known().copied(),
        // What is behind answers so.
        End::Handled { .. } | End::Forwarded { .. } => Some(match is_upgrade {
            true => 101,
            false => 200,
        }),
        End::Dropped { .. } | End::Unknown { .. } => None,
    };
    let header = |(name, observed): &(&'static str, Option<String>)| {
        let mut headers = course.response_headers().iter();
        let found = headers.find(|header| header.name.eq_ignore_ascii_case(name.as_bytes()));
        let value = found.map(|header| match &header.value {
            Known::Is(value) => value.to_string(),
            // Whatever it is, it is there.
            Known::Unknown(_) => observed.clone().unwrap_or_else(|| "something".into()),
        });
        (*name, value)
    };
    Outcome {
        status,
        headers: seen.headers.iter().map(header).collect(),
    }
}

/// What we do not know, nothing contradicts.
fn agree(ours: &Outcome, seen: &Outcome) -> bool {
    match ours.status {
        None => true,
        Some(_) => ours == seen,
    }
}

/// Whether a condition is as the harness has it, or may be: keys and tokens are right or wrong as
/// the request says.
fn may_hold(condition: &Condition, ask: &Ask) -> bool {
    let truth = match &condition.what {
        Unsure::CredentialRight(by) if by == "the usage plan" => ask.is_key_right,
        // The harness signs its tokens well.
        Unsure::CredentialRight(by) if by == "the authorizer jwt" => ask.claims.is_some(),
        Unsure::CredentialRight(_) => matches!(ask.word(), Some("allow" | "method")),
        _ => return true,
    };
    condition.holds == truth
}

impl Outcome {
    pub fn is_refusal(&self) -> bool {
        self.status.is_some_and(|status| status >= 400)
    }
}
