use super::*;
use crate::config::Config;
use crate::estate::Analysed;
use crate::gate::{
    Condition, Effect, Protocol, ResponseEdits, ResponseHeader, Step, Unsure, Upstream,
};
use crate::request::{Known, Reason};
use crate::trace;

fn teller_on(text: &str) -> SourceMap {
    let mut sources = SourceMap::default();
    sources.add("nginx.conf", text.as_bytes().into()).unwrap();
    sources
}

fn request() -> Request {
    let question = ask::Question {
        method: Some("GET"),
        url: "http://shop.test/orders?token=abc",
        headers: &["Authorization: Bearer abc".to_owned()],
        ..ask::Question::default()
    };
    ask::request(&question).unwrap()
}

/// A gate that answers every request with the courses that it was made with.
struct Fixed(Vec<gate::Course>);

impl Gate for Fixed {
    fn name(&self) -> gate::GateName {
        gate::GateName {
            kind: gate::GateKind::Nginx,
            name: "nginx.conf".into(),
        }
    }
    fn doors(&self) -> &[gate::Door] {
        &[]
    }
    fn knows(&self, _: &Request) -> gate::Knowledge {
        gate::Knowledge::Named
    }
    fn pass(&self, _: &Request) -> Vec<gate::Course> {
        self.0.clone()
    }
}

fn refused() -> gate::Course {
    let span = Span::new(0, 9);
    gate::Course {
        conditions: vec![Condition {
            what: Unsure::AddressIn("10.0.0.0/8".into()),
            holds: false,
            span: None,
        }],
        steps: vec![
            Step {
                span: Span::new(10, 19),
                effect: Effect::Enters {
                    door: 4,
                    name: "location /".into(),
                },
            },
            Step {
                span,
                effect: Effect::Refuses {
                    check: gate::Check::Address,
                    status: 403,
                    detail: "refuses every address".into(),
                },
            },
        ],
        end: gate::End::Answered {
            status: Known::Is(403),
            headers: vec![],
            by: span,
        },
    }
}

fn tell(course: gate::Course, show_secrets: bool) -> Course {
    let sources = teller_on("deny all;\nlocation {}\n");
    let teller = Teller {
        sources: &sources,
        show_secrets,
    };
    let gate = Fixed(vec![]);
    teller.trail(&Trail {
        hops: vec![trace::Hop {
            gate: &gate,
            course,
            link: None,
        }],
    })
}

#[test]
fn a_denial_names_its_culprit_and_its_conditions() {
    let course = tell(refused(), false);
    assert_eq!(course.verdict, Verdict::Denied);
    assert_eq!(course.status, Some(403));
    assert_eq!(course.when, ["the sender's address is not in 10.0.0.0/8"]);
    assert_eq!(course.hops[0].door.as_deref(), Some("location /"));
    let culprit = course.culprit.unwrap();
    assert_eq!((culprit.line, culprit.column), (1, 1));
    assert_eq!(culprit.text, "deny all;");
    assert_eq!(culprit.effect, "answers 403: refuses every address");
}

#[test]
fn verdicts_follow_the_end() {
    let answered = |status| gate::End::Answered {
        status,
        headers: vec![],
        by: Span::new(0, 1),
    };
    for (end, wanted) in [
        (answered(Known::Is(204)), Verdict::Admitted),
        (answered(Known::Is(301)), Verdict::Admitted),
        (answered(Known::Is(401)), Verdict::Denied),
        (answered(Known::Is(405)), Verdict::Denied),
        (answered(Known::Is(429)), Verdict::Denied),
        (answered(Known::Is(404)), Verdict::Answered),
        (answered(Known::Is(500)), Verdict::Answered),
        (answered(Known::Unknown(Reason::new("?"))), Verdict::Unknown),
        (gate::End::Dropped { by: None }, Verdict::Denied),
        (
            gate::End::Unknown {
                because: Reason::new("Lua"),
                span: None,
            },
            Verdict::Unknown,
        ),
    ] {
        assert_eq!(verdict(&end), wanted, "{end:?}");
    }
}

#[test]
fn courses_that_disagree_depend() {
    let denied = tell(refused(), false);
    let mut unknown = denied.clone();
    unknown.verdict = Verdict::Unknown;
    assert_eq!(agreed(&[]), Verdict::Unknown);
    assert_eq!(agreed(&[denied.clone(), denied.clone()]), Verdict::Denied);
    assert_eq!(agreed(&[denied, unknown]), Verdict::Depends);
}

fn forwarded() -> gate::Course {
    let mut sent = request();
    sent.headers.push("X-Trace", "1");
    gate::Course {
        conditions: vec![],
        steps: vec![],
        end: gate::End::Forwarded {
            to: Box::new(Upstream {
                protocol: Protocol::Http,
                address: Known::Is("http://127.0.0.1:3000".into()),
                group: None,
                servers: vec![],
                sni: None,
            }),
            request: Box::new(sent),
            response: ResponseEdits {
                yields: false,
                add: vec![ResponseHeader {
                    name: "X-Unknown".into(),
                    value: Known::Unknown(Reason::new("set by Lua")),
                    always: true,
                    span: None,
                }],
                hide: vec![],
                status: None,
            },
            by: Span::new(0, 1),
        },
    }
}

#[test]
fn what_is_sent_on_has_no_secrets_unless_asked_for() {
    for (show, authorization, uri) in [
        (false, "Bearer <redacted>", "/orders?token=<redacted>"),
        (true, "Bearer abc", "/orders?token=abc"),
    ] {
        let course = tell(forwarded(), show);
        assert_eq!(course.verdict, Verdict::Admitted);
        let End::Forwarded {
            request, response, ..
        } = &course.hops[0].end
        else {
            panic!("{course:?}");
        };
        assert_eq!(request.uri, uri);
        assert_eq!(request.headers[0].value.as_deref(), Ok(authorization));
        assert_eq!(request.headers[1].value.as_deref(), Ok("1"));
        assert_eq!(response.add[0].unknown.as_deref(), Some("set by Lua"));
    }
}

#[test]
fn without_a_gate_nothing_is_known() {
    let estate = Estate {
        sources: SourceMap::default(),
        config: Config::default(),
        nginx: vec![],
        callers: Default::default(),
        fields: Vec::new(),
        authorizing: Vec::new(),
        express: vec![],
        aws: Default::default(),
        addresses: vec![],
        comments: vec![],
        analysed: Analysed::default(),
        problems: vec![],
    };
    let story = explain(&estate, &request(), false);
    assert_eq!(story.document.verdict, Verdict::Unknown);
    assert_eq!(
        story.document.request.url,
        "http://shop.test/orders?token=<redacted>"
    );
    assert!(story.document.request.unknown.is_some());
}

/// Which of two gates of one name a request reaches decides nothing of what the other supposes.
#[test]
fn ways_of_another_gate_leave_nothing_over() {
    let course = |holds: [bool; 3], status| gate::Course {
        conditions: ["a", "b", "c"]
            .iter()
            .zip(holds)
            .map(|(name, holds)| Condition {
                what: Unsure::AddressIn((*name).into()),
                holds,
                span: None,
            })
            .collect(),
        steps: vec![],
        end: gate::End::Answered {
            status: Known::Is(status),
            headers: vec![],
            by: Span::new(0, 1),
        },
    };
    let one = (Fixed(vec![]), course([true, true, true], 200));
    let other = (Fixed(vec![]), course([true, true, false], 404));
    let shown = |gates: [&dyn Gate; 2]| {
        let sources = teller_on("x");
        let teller = Teller {
            sources: &sources,
            show_secrets: false,
        };
        let ways = [&one.1, &other.1]
            .into_iter()
            .zip(gates)
            .map(|(course, gate)| {
                let hops = vec![trace::Hop {
                    gate,
                    course: course.clone(),
                    link: None,
                }];
                let trail = Trail { hops };
                let told = teller.trail(&trail);
                Way { trail, told }
            });
        let ways: Vec<Way<'_>> = ways.collect();
        let items = ways::list(&ways);
        items.iter().map(|item| item.otherwise).collect::<Vec<_>>()
    };
    assert_eq!(shown([&one.0, &one.0]), [false, true]);
    assert_eq!(shown([&one.0, &other.0]), [false, false]);
}
