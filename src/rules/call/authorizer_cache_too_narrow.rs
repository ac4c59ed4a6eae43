use super::authorizer_source::Sources;
use crate::estate::{Answers, Estate};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::Course;
use crate::gates::aws::apigateway::http::model as http;
use crate::gates::aws::apigateway::rest::model as rest;
use crate::gates::aws::apigateway::{Kept, Source};
use crate::probes::cloud::{Api, Entry, apis};
use crate::request::Request;
use crate::source::{Span, Spanned};

pub const ID: &str = "authorizer-cache-too-narrow";

const TOKEN: &str = "Bearer why403-probe";

/// An authorizer's answer is kept, and goes for the method alone that was called first.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    let sources = Sources::of(estate);
    for api in apis(estate) {
        let keeping = Keeping::all(api).into_iter();
        findings.extend(keeping.filter_map(|one| judge(&sources, api, &one)));
    }
}

/// A Lambda authorizer whose answers are kept for all methods.
struct Keeping<'e> {
    id: &'e str,
    name: &'e str,
    uri: &'e str,
    span: Span,
    ttl: &'e Spanned<u32>,
    sources: &'e [Source],
    /// It answers with a policy, which is held against each request.
    has_policy: bool,
}

impl<'e> Keeping<'e> {
    fn all(api: Api<'e>) -> Vec<Keeping<'e>> {
        let mut all: Vec<Keeping<'e>> = match api {
            Api::Rest(gate) => {
                let known = gate.api.authorizers.known().into_iter().flatten();
                known.filter_map(Keeping::of_rest).collect()
            }
            Api::Http(gate) => {
                let known = gate.api.authorizers.known().into_iter().flatten();
                known.filter_map(Keeping::of_http).collect()
            }
        };
        // Without a source nothing is kept.
        all.retain(|one| {
            let mut sources = one.sources.iter();
            let is_for_all = !sources.any(Source::tells_methods_apart);
            one.ttl.value > 0 && is_for_all && !one.sources.is_empty()
        });
        all
    }

    fn of_rest(one: &'e rest::Authorizer) -> Option<Keeping<'e>> {
        Some(Keeping {
            id: &one.id,
            name: &one.name,
            uri: one.uri.as_deref()?,
            span: one.span,
            ttl: &one.ttl,
            sources: &one.sources,
            has_policy: true,
        })
    }

    fn of_http(one: &'e http::Authorizer) -> Option<Keeping<'e>> {
        Some(Keeping {
            id: &one.id,
            name: &one.name,
            uri: one.uri.as_deref().filter(|_| !one.is_jwt)?,
            span: one.span,
            ttl: &one.ttl,
            sources: &one.sources,
            has_policy: !one.simple,
        })
    }

    /// A request with all that the authorizer looks at, the same for each.
    fn carrying(&self, request: &Request) -> Request {
        let mut request = request.clone();
        for source in self.sources {
            match source {
                Source::Header(name) => {
                    request.headers.remove(name);
                    request.headers.push(name.as_str(), TOKEN);
                }
                Source::Query(name) => {
                    let mark = if request.target.contains(&b'?') {
                        '&'
                    } else {
                        '?'
                    };
                    let pair = format!("{mark}{name}=why403-probe");
                    request.target.extend(pair.bytes());
                }
                Source::Given(_) => {}
            }
        }
        request
    }
}

/// A request for one method, as the authorizer is asked of it.
struct Way<'e> {
    entry: Entry<'e>,
    stage: &'e str,
    request: Request,
    /// `GET /orders/1`
    told: String,
    arn: String,
    /// How likely it is that whoever asks for this asks for others as well.
    severity: Severity,
}

impl<'e> Way<'e> {
    /// Those of the methods that an authorizer judges, the first of each method in front.
    fn all(api: Api<'e>, keeping: &Keeping<'_>) -> Vec<Way<'e>> {
        let entries = api.entries().filter(|entry| judges(keeping.id, entry));
        let mut all: Vec<Way<'e>> = entries.flat_map(Way::of).collect();
        all.sort_by_key(|way| std::cmp::Reverse(way.severity));
        all
    }

    fn of(entry: Entry<'e>) -> Vec<Way<'e>> {
        let (stage, pattern, verb) = match entry.api {
            Api::Rest(gate) => {
                let way = gate.way(entry.door);
                let resource = &gate.api.resources()[way.resource];
                let verb = resource.methods[way.method].verb.as_str();
                (way.stage.as_str(), Some(&resource.pattern), verb)
            }
            Api::Http(gate) => {
                let stage = gate.stage_of(entry.door);
                match &gate.route_of(entry.door).kind {
                    http::RouteKind::Path(verb, _, pattern) => {
                        (stage, Some(pattern), verb.as_str())
                    }
                    http::RouteKind::Default => (stage, None, "ANY"),
                    http::RouteKind::Message => return Vec::new(),
                }
            }
        };
        if verb == "OPTIONS" {
            return Vec::new();
        }
        let path = pattern.map_or_else(|| "/x".to_owned(), |pattern| pattern.example());
        let example = &entry.example.method;
        let mut ways = vec![(example.as_str(), path.clone(), Severity::Warning)];
        let (other, severity) = match pattern {
            None => (Some("/y".to_owned()), Severity::Warning),
            Some(pattern) if pattern.is_greedy() => (pattern.other_example(), Severity::Warning),
            // Who has a thing of its own may ask for that alone.
            Some(pattern) => (pattern.other_example(), Severity::Note),
        };
        ways.extend(other.map(|path| (example.as_str(), path, severity)));
        if verb == "ANY" {
            ways.push(("POST", path.clone(), Severity::Warning));
        }
        let made = ways.into_iter().filter_map(|(verb, own, severity)| {
            let mut request = entry.example.clone();
            let target = request.target.to_string();
            request.target = format!("{}{own}", target.strip_suffix(path.as_str())?).into();
            request.method = verb.to_owned();
            Some(Way {
                entry,
                stage,
                told: format!("{verb} {own}"),
                arn: match entry.api {
                    Api::Rest(gate) => gate.api.arn(stage, verb, &own),
                    Api::Http(gate) => gate.api.arn(stage, verb, &own),
                },
                request,
                severity,
            })
        });
        made.collect()
    }

    fn admitted(&self, keeping: &Keeping<'_>) -> Option<Request> {
        let sent = self.entry.admitted(&keeping.carrying(&self.request))?;
        Some(sent.request)
    }
}

/// Whether a method asks this authorizer.
fn judges(id: &str, entry: &Entry<'_>) -> bool {
    match entry.api {
        Api::Rest(gate) => match &gate.method(entry.door).authorization.value {
            rest::Authorization::Lambda(own) => own == id,
            _ => false,
        },
        Api::Http(gate) => match &gate.route_of(entry.door).authorization.value {
            http::Authorization::Lambda(own) => own == id,
            _ => false,
        },
    }
}

fn after(api: Api<'_>, kept: &Kept, request: &Request) -> Option<Course> {
    match api {
        Api::Rest(gate) => gate.after(kept, request),
        Api::Http(gate) => gate.after(kept, request),
    }
}

fn judge(sources: &Sources<'_>, api: Api<'_>, keeping: &Keeping<'_>) -> Option<Finding> {
    let answers = sources.of_function(keeping.uri)?;
    let (span, is_policy) = match (answers, keeping.has_policy) {
        (Answers::OneMethod(span), true) => (span, true),
        (Answers::ByMethod(span), false) => (span, false),
        _ => return None,
    };
    let ways = Way::all(api, keeping);
    let first = ways.iter().find(|way| way.admitted(keeping).is_some())?;
    let kept = Kept {
        authorizer: keeping.id.to_owned(),
        allows: is_policy.then(|| first.arn.clone()),
        asked: first.told.clone(),
    };
    let others = ways
        .iter()
        .filter(|way| way.arn != first.arn && way.stage == first.stage);
    let (second, request, course) = others.into_iter().find_map(|way| {
        let request = way.admitted(keeping)?;
        let course = after(api, &kept, &request).filter(Course::refuses)?;
        Some((way, request, course))
    })?;
    let doors = ways.iter().filter(|way| way.stage == first.stage);
    let mut doors: Vec<u32> = doors.map(|way| way.entry.door.id).collect();
    doors.sort_unstable();
    doors.dedup();
    Some(Finding {
        rule: ID,
        severity: match is_policy {
            true => second.severity,
            false => Severity::Note,
        },
        confidence: Confidence::Medium,
        message: message(api, keeping, (&first.told, &second.told), is_policy),
        primary: Label {
            span,
            text: match is_policy {
                true => "allows the method that is called, and no other".into(),
                false => "goes by the method that is called".into(),
            },
        },
        related: vec![Label {
            span: keeping.ttl.span,
            text: format!("keeps the answer for {} seconds", keeping.ttl.value),
        }],
        intent: (is_policy && second.severity > Severity::Note).then(|| Intent {
            text: match doors.len() {
                1 => format!(
                    "{} takes more than one method or path",
                    first.entry.door.name
                ),
                count => format!("{count} methods share the authorizer"),
            },
            span: Some(keeping.span),
        }),
        help: help(api, is_policy),
        witness: Some(Witness { request, course }),
    })
}

fn message(
    api: Api<'_>,
    keeping: &Keeping<'_>,
    (first, second): (&str, &str),
    is_policy: bool,
) -> String {
    let (did, why) = match is_policy {
        true => ("called", "allows one method alone"),
        false => ("was refused at", "goes for all of its routes"),
    };
    format!(
        "whoever {did} {first} of {} is refused at {second} for {} seconds: the answer of the \
         authorizer {} is kept, and {why}",
        api.name(),
        keeping.ttl.value,
        keeping.name
    )
}

fn help(api: Api<'_>, is_policy: bool) -> String {
    let first = match is_policy {
        true => {
            "answer with a policy for all methods that the caller may call (`…/stage/*`), or set \
             the authorizer's TTL to 0"
        }
        false => "answer with a policy, or set the authorizer's TTL to 0",
    };
    match api {
        Api::Rest(_) => first.to_owned(),
        Api::Http(_) => format!("{first}, or add $context.routeKey to its identity sources"),
    }
}
