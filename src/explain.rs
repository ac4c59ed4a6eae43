//! One request of the user's through the estate, hop by hop.

pub mod ask;
pub mod document;
pub mod token;
mod ways;

use bstr::ByteSlice;

use crate::estate::{Estate, Evidence};
use crate::finding::Finding;
use crate::gate::{self, Effect, Gate, GateKind, Knowledge};
use crate::redact;
use crate::request::{Headers, Known, Request};
use crate::source::{SourceMap, Span};
use crate::trace::{Link, Trail, trails};
use document::{
    Added, Asked, Course, Edits, End, Explanation, Header, Hop, Sent, Step, VERSION, Verdict,
};
use ways::Way;

/// The document, and what only this program needs.
pub struct Story {
    pub document: Explanation,
    /// What all courses take for granted.
    pub granted: Vec<String>,
    /// The courses in the order in which a person reads them.
    pub told: Vec<Told>,
}

/// How one course is told.
pub struct Told {
    /// Its number in the document.
    pub course: usize,
    /// What has to hold for it, if none of those told before it is the one.
    pub when: Vec<String>,
    /// Whether it matters that none of them is.
    pub otherwise: bool,
    /// The step that decided a denial.
    pub culprit: Option<Span>,
}

/// Sends the request through the gates that it would reach.
pub fn explain(estate: &Estate, request: &Request, show_secrets: bool) -> Story {
    let teller = Teller {
        sources: &estate.sources,
        show_secrets,
    };
    let (gates, doubt) = gates(estate, request);
    let reaches = |trail: &Trail<'_>| {
        let name = trail.hops[0].gate.name();
        doubt.map(|doubt| format!("the request reaches {name}, {doubt}"))
    };
    let mut ways = Vec::new();
    for gate in gates {
        let is_nameless = gate.knows(request) == Knowledge::Default;
        for trail in trails(estate, gate, request) {
            let mut told = teller.trail(&trail);
            if is_nameless {
                say_default(&mut told, &trail.hops[0].course, request);
            }
            told.when.splice(0..0, reaches(&trail));
            ways.push(Way { trail, told });
        }
    }
    let mut items = ways::list(&ways);
    let granted = ways::granted(&mut items).map(|trail| teller.when(&trail));
    let told = items.into_iter().map(|item| {
        let trail = item.trail();
        Told {
            course: item.number,
            when: reaches(&trail)
                .into_iter()
                .chain(teller.when(&trail))
                .collect(),
            otherwise: item.otherwise,
            culprit: match item.way.told.verdict {
                Verdict::Denied => trail.last().culprit().map(|step| step.span),
                _ => None,
            },
        }
    });
    let told = told.collect();
    let courses: Vec<Course> = ways.into_iter().map(|way| way.told).collect();
    let document = Explanation {
        version: VERSION,
        request: asked(request, show_secrets),
        verdict: agreed(&courses),
        courses,
    };
    Story {
        // A token may come to stand anywhere: in a path, in a variable.
        document: document.with_texts(&|text| redact::tokens(text, show_secrets)),
        granted: granted.unwrap_or_default(),
        told,
    }
}

/// The findings about a line that denied the request: they say how to mend it. A finding about
/// another method is left out, for what lets a preflight in does not help a `GET`.
pub fn advice<'f>(story: &Story, findings: &'f [Finding]) -> Vec<&'f Finding> {
    let blames = |finding: &Finding, culprit: Span| {
        let witness = finding.witness.as_ref();
        let by_witness = witness.and_then(|witness| witness.course.culprit());
        finding.primary.span == culprit
            || finding.related.iter().any(|label| label.span == culprit)
            || by_witness.is_some_and(|step| step.span == culprit)
    };
    let method = &story.document.request.method;
    findings
        .iter()
        .filter(|finding| {
            let witness = finding.witness.as_ref();
            witness.is_none_or(|witness| witness.request.method == *method)
        })
        .filter(|finding| {
            let mut culprits = story.told.iter().filter_map(|told| told.culprit);
            culprits.any(|culprit| blames(finding, culprit))
        })
        .collect()
}

/// The gates to which the URL's host may lead, and what is doubtful about it if that is not sure.
///
/// A gate that has this very host is meant before one that would take any name, and that one
/// before one that does not even listen on the port. A gate of AWS is reached by its name, but for
/// a load balancer, which has whatever names others give to it.
fn gates<'e>(estate: &'e Estate, request: &Request) -> (Vec<&'e dyn Gate>, Option<&'static str>) {
    let by_name = [
        GateKind::ApiGateway,
        GateKind::CloudFront,
        GateKind::FunctionUrl,
        GateKind::SecurityGroup,
    ];
    let known: Vec<(Knowledge, &dyn Gate)> = estate
        .gates()
        .map(|gate| (gate.knows(request), gate))
        .filter(|(knowledge, gate)| {
            *knowledge > Knowledge::Nothing || !by_name.contains(&gate.name().kind)
        })
        .collect();
    let best = known.iter().map(|(knowledge, _)| *knowledge).max();
    let gates: Vec<&dyn Gate> = known
        .into_iter()
        .filter(|(knowledge, _)| Some(*knowledge) == best)
        .map(|(_, gate)| gate)
        .collect();
    let doubt = match (gates.len(), best) {
        (0 | 1, _) | (_, None | Some(Knowledge::Nothing)) => None,
        (_, Some(Knowledge::Default)) => Some("though no server there has this name"),
        (_, Some(Knowledge::Named)) => Some("which is one of several with this name"),
    };
    (gates, doubt)
}

/// Says of the first server that it was entered for want of one with the request's name.
fn say_default(told: &mut Course, course: &gate::Course, request: &Request) {
    let enters = |step: &gate::Step| matches!(step.effect, Effect::Enters { .. });
    let entered = course.steps.iter().position(enters);
    let steps = told.hops.first_mut().map(|hop| &mut hop.steps);
    if let (Some(steps), Some(at)) = (steps, entered)
        && let Some(step) = steps.get_mut(at)
    {
        let host = request.host_header();
        let name = host.to_str_lossy();
        let name = match name.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => &name,
        };
        step.effect.push_str(&format!(
            ", the default: no server here has the name {name}"
        ));
    }
}

fn agreed(courses: &[Course]) -> Verdict {
    match courses {
        [] => Verdict::Unknown,
        [first, rest @ ..] => {
            let same = rest.iter().all(|course| course.verdict == first.verdict);
            if same {
                first.verdict
            } else {
                Verdict::Depends
            }
        }
    }
}

/// Turns courses into the document.
struct Teller<'a> {
    sources: &'a SourceMap,
    show_secrets: bool,
}

impl Teller<'_> {
    fn trail(&self, trail: &Trail<'_>) -> Course {
        let last = trail.last();
        let verdict = verdict(&last.end);
        let culprit = match verdict {
            Verdict::Denied => last.culprit().map(|step| self.step(step)),
            _ => None,
        };
        let hops = trail.hops.iter().map(|hop| Hop {
            because: hop.link.as_ref().map(|link| self.linked(link)),
            ..self.hop(hop.gate, &hop.course)
        });
        Course {
            when: self.when(trail),
            hops: hops.collect(),
            verdict,
            status: last.status(),
            culprit,
        }
    }

    fn when(&self, trail: &Trail<'_>) -> Vec<String> {
        let courses = trail.hops.iter().map(|hop| &hop.course);
        courses
            .flat_map(|course| course.when(self.sources))
            .collect()
    }

    /// How an application is known to stand behind an upstream.
    fn linked(&self, link: &Link<'_>) -> String {
        let source = self.sources.at(link.span);
        let line = source.position(link.span.start).line;
        let place = format!("{}:{line}", source.name);
        match link.evidence {
            Evidence::Declared => format!("why403.yaml says so ({place})"),
            Evidence::Service => format!("it is the service of that name ({place})"),
            Evidence::Published => format!("a service is reached at that port ({place})"),
            Evidence::Port => format!("it listens on that port ({place})"),
            Evidence::Name => {
                format!("its folder has that name, and it listens on that port ({place})")
            }
            Evidence::Exposed => {
                format!("its folder has that name, and it exposes that port ({place})")
            }
        }
    }

    fn hop(&self, gate: &dyn Gate, course: &gate::Course) -> Hop {
        let name = gate.name();
        let door = course
            .steps
            .iter()
            .rev()
            .find_map(|step| match &step.effect {
                Effect::Enters { door, name } => {
                    let known = gate.doors().iter().find(|known| known.id == *door);
                    Some(known.map_or_else(|| name.to_string(), |known| known.name.clone()))
                }
                _ => None,
            });
        Hop {
            gate: name.kind.as_str().to_owned(),
            name: name.name,
            because: None,
            door,
            steps: course.steps.iter().map(|step| self.step(step)).collect(),
            end: self.end(&course.end),
        }
    }

    fn step(&self, step: &gate::Step) -> Step {
        let position = self.sources.position(step.span);
        let text = self.sources.first_line(step.span);
        let (text, effect) = match self.show_secrets {
            true => (text, step.effect.to_string()),
            false => (
                redact::text(&text, &step.effect),
                redact::effect(&step.effect).to_string(),
            ),
        };
        Step {
            file: self.sources.at(step.span).name.clone(),
            line: position.line,
            column: position.column,
            text,
            effect,
        }
    }

    fn end(&self, end: &gate::End) -> End {
        match end {
            gate::End::Answered {
                status, headers, ..
            } => {
                let (status, unknown) = parts(status, |status| *status);
                let headers = headers
                    .iter()
                    .map(|header| self.header(&header.name, &header.value))
                    .collect();
                End::Answered {
                    status,
                    unknown,
                    headers,
                }
            }
            gate::End::Forwarded {
                to,
                request,
                response,
                ..
            } => {
                let (to, unknown) = parts(&to.address, |address| self.url(address));
                End::Forwarded {
                    to,
                    unknown,
                    request: Sent {
                        method: request.method.clone(),
                        uri: self.url(&request.target.to_str_lossy()),
                        headers: self.headers(&request.headers),
                    },
                    response: self.edits(response),
                }
            }
            gate::End::Handled { headers, .. } => End::Answered {
                status: None,
                unknown: Some("the application's own handler answers".into()),
                headers: headers
                    .iter()
                    .map(|header| self.header(&header.name, &header.value))
                    .collect(),
            },
            gate::End::Dropped { .. } => End::Dropped,
            gate::End::Unknown { because, .. } => End::Unknown {
                because: because.to_string(),
            },
        }
    }

    fn edits(&self, edits: &gate::ResponseEdits) -> Edits {
        let add = edits.add.iter().map(|header| {
            let told = self.header(&header.name, &header.value);
            let (value, unknown) = match told.value {
                Ok(value) => (Some(value), None),
                Err(why) => (None, Some(why)),
            };
            Added {
                name: told.name,
                value,
                unknown,
                always: header.always,
                yields: edits.yields,
            }
        });
        Edits {
            add: add.collect(),
            hide: edits
                .hide
                .iter()
                .map(|hidden| hidden.name.to_string())
                .collect(),
            status: edits.status,
        }
    }

    fn headers(&self, list: &Headers) -> Vec<Header> {
        headers(list, self.show_secrets)
    }

    fn header(&self, name: &[u8], value: &Known<bstr::BString>) -> Header {
        header(name, value, self.show_secrets)
    }

    fn url(&self, text: &str) -> String {
        url(text, self.show_secrets)
    }
}

/// A request as the documents of `explain` and `check` show it.
pub fn asked(request: &Request, show_secrets: bool) -> Asked {
    let (from, unknown) = parts(&request.from, ToString::to_string);
    Asked {
        method: request.method.clone(),
        url: url(&request.url(), show_secrets),
        from,
        unknown,
        headers: headers(&request.headers, show_secrets),
        body: (request.body > 0).then_some(request.body),
        signed_by: request
            .signed_by
            .as_ref()
            .and_then(|arn| arn.known().cloned()),
        vpc_endpoint: request.vpc_endpoint.clone(),
        token: (request.claims()).map(|claims| token::told(&claims, request.sent_at)),
    }
}

fn headers(headers: &Headers, show_secrets: bool) -> Vec<Header> {
    headers
        .iter()
        .map(|one| header(&one.name, &one.value, show_secrets))
        .collect()
}

fn header(name: &[u8], value: &Known<bstr::BString>, show_secrets: bool) -> Header {
    let name = name.to_str_lossy().into_owned();
    let value = match value {
        Known::Unknown(why) => Err(why.to_string()),
        Known::Is(value) if show_secrets => Ok(value.to_string()),
        Known::Is(value) => Ok(redact::value(&name, value).to_string()),
    };
    Header { name, value }
}

fn url(text: &str, show_secrets: bool) -> String {
    match show_secrets {
        true => text.to_owned(),
        false => redact::url(text),
    }
}

/// A value and why it is not known: one of the two.
fn parts<T, U>(value: &Known<T>, show: impl FnOnce(&T) -> U) -> (Option<U>, Option<String>) {
    match value {
        Known::Is(value) => (Some(show(value)), None),
        Known::Unknown(why) => (None, Some(why.to_string())),
    }
}

fn verdict(end: &gate::End) -> Verdict {
    match end {
        gate::End::Forwarded { .. } | gate::End::Handled { .. } => Verdict::Admitted,
        gate::End::Dropped { .. } => Verdict::Denied,
        gate::End::Unknown { .. } => Verdict::Unknown,
        gate::End::Answered { status, .. } => match status {
            Known::Unknown(_) => Verdict::Unknown,
            Known::Is(401 | 403 | 405 | 407 | 429) => Verdict::Denied,
            Known::Is(status) if *status < 400 => Verdict::Admitted,
            Known::Is(_) => Verdict::Answered,
        },
    }
}

#[cfg(test)]
mod tests;
