//! A request through an application load balancer: security groups and network ACLs, the listener
//! of the port, the web ACL, and the rules by their priority
//! (<https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html>).

mod fits;

use std::net::IpAddr;

use bstr::ByteSlice;

use super::LoadBalancer;
use super::model::{Action, Listener, Rule, Stranger, What};
use crate::gate::{Check, Effect, End, Protocol, ResponseEdits, Step, Upstream};
use crate::gates::aws::network::{Connection, Passage};
use crate::gates::aws::run::{Flow, Run};
use crate::gates::aws::waf::Before;
use crate::gates::oracle::Oracle;
use crate::request::{Known, Reason, Request, Scheme};
use crate::source::Span;

/// What a browser keeps of a login.
const SESSION: &str = "AWSELBAuthSessionCookie";

impl LoadBalancer {
    pub(super) fn run(&self, request: &Request, oracle: &mut Oracle) -> (Vec<Step>, End) {
        Run::through(request, oracle, |run| self.walk(run))
    }

    fn walk(&self, run: &mut Run<'_>) -> Flow<End> {
        self.connect(run)?;
        let listener = self.listener(run)?;
        self.web_acl(run)?;
        let rule = self.rule(run, listener)?;
        if let Some(door) = self.door_of(rule.span) {
            let (door, name) = (door.id, door.name.as_str().into());
            run.step(rule.span, Effect::Enters { door, name });
        }
        for action in &rule.actions {
            if let Some(end) = self.act(run, rule, action)? {
                return Ok(end);
            }
        }
        Ok(Run::unknown("the rule has no action here", rule.span))
    }

    /// Whether packets get here at all.
    fn connect(&self, run: &mut Run<'_>) -> Flow {
        let connection = Connection {
            from: &run.request.from,
            port: run.request.port,
        };
        let own = (&self.own.groups[..], &self.own.subnets[..]);
        match self.around.ground.passage(own, connection) {
            Passage::Open(by) => {
                let detail = format!("port {} is open to it", run.request.port);
                run.admits(by, Check::Address, detail);
                Ok(())
            }
            Passage::Closed { by, detail } => {
                run.step(by, Effect::Note(detail));
                Err(End::Dropped { by: Some(by) })
            }
            Passage::Unknown(doubt) => {
                run.assume(&doubt.because, doubt.span.unwrap_or(self.own.span));
                Ok(())
            }
        }
    }

    fn listener(&self, run: &mut Run<'_>) -> Flow<&Listener> {
        let listeners = match &self.own.listeners {
            Known::Is(listeners) => listeners,
            Known::Unknown(reason) => {
                return Err(Run::unknown(reason.0.clone(), self.own.span));
            }
        };
        let port = run.request.port;
        let is_https = run.request.scheme == Scheme::Https;
        let found = listeners.iter().find(|listener| listener.port == port);
        match found {
            Some(listener) if listener.is_https == is_https => {
                if let Some(span) = listener.mutual {
                    let reason = Reason::new("whether the client has a certificate is not known");
                    let text = "that the client has a certificate that the load balancer trusts";
                    if !run.supposes(text, &reason, span) {
                        return Err(End::Dropped { by: Some(span) });
                    }
                }
                Ok(listener)
            }
            Some(listener) => {
                let text = match listener.is_https {
                    true => "asks for TLS at this port",
                    false => "speaks no TLS at this port",
                };
                run.step(listener.span, Effect::Note(text.into()));
                Err(End::Dropped {
                    by: Some(listener.span),
                })
            }
            None => {
                let text = format!("has no listener at port {port}");
                run.step(self.own.span, Effect::Note(text));
                Err(End::Dropped {
                    by: Some(self.own.span),
                })
            }
        }
    }

    fn web_acl(&self, run: &mut Run<'_>) -> Flow {
        match &self.own.acl {
            Known::Is(None) => Ok(()),
            Known::Is(Some(acl)) => acl
                .judge(run, Before::LoadBalancer)
                .map_err(|blocked| blocked.end(run)),
            Known::Unknown(reason) => {
                run.assume(reason, self.own.span);
                Ok(())
            }
        }
    }

    fn rule<'a>(&self, run: &mut Run<'_>, listener: &'a Listener) -> Flow<&'a Rule> {
        let rules = match &listener.rules {
            Known::Is(rules) => rules,
            Known::Unknown(reason) => return Err(Run::unknown(reason.0.clone(), listener.span)),
        };
        let found = rules.iter().find(|rule| fits::all(run, rule));
        found.ok_or_else(|| Run::unknown("no rule takes it, not even a default", listener.span))
    }

    /// `None` for an action after which the next one follows.
    fn act(&self, run: &mut Run<'_>, rule: &Rule, action: &Action) -> Flow<Option<End>> {
        let span = action.span;
        let answered = |run: &mut Run<'_>, status: u16, effect: Effect| {
            run.step(span, effect);
            Ok(Some(End::Answered {
                status: Known::Is(status),
                headers: Vec::new(),
                by: span,
            }))
        };
        match &action.what {
            What::Forward(groups) => Ok(Some(self.forward(run, rule, groups, span))),
            What::Answer(status) if matches!(status, 401 | 403 | 405 | 407 | 429) => {
                let (status, check) = (*status, fits::check(rule));
                let detail = format!("the {} answers so", rule.name());
                let effect = Effect::Refuses {
                    check,
                    status,
                    detail,
                };
                answered(run, status, effect)
            }
            What::Answer(status) | What::Redirect(status) => {
                let status = *status;
                answered(run, status, Effect::Answers { status })
            }
            What::Authenticate(stranger) => {
                if self.has_session(run, span) {
                    run.admits(span, Check::Credential, "there is a session");
                    return Ok(None);
                }
                let refuse = |status, detail: &str| Effect::Refuses {
                    check: Check::Credential,
                    status,
                    detail: detail.into(),
                };
                match stranger {
                    Stranger::Allowed => Ok(None),
                    Stranger::Denied => {
                        answered(run, 401, refuse(401, "there is no session of a login"))
                    }
                    Stranger::Sent => {
                        run.step(span, Effect::Note("sends it to log in".into()));
                        answered(run, 302, Effect::Answers { status: 302 })
                    }
                }
            }
            What::Verify => self.verify(run, span),
            What::Unknown(why) => Err(Run::unknown(why.clone(), span)),
        }
    }

    fn has_session(&self, run: &mut Run<'_>, span: Span) -> bool {
        let cookies = run.request.headers.get("Cookie");
        let has_cookie = cookies.is_some_and(|cookies| {
            let text = cookies.known();
            text.is_none_or(|text| text.contains_str(SESSION))
        });
        has_cookie && run.is_right("the load balancer", span)
    }

    fn verify(&self, run: &mut Run<'_>, span: Span) -> Flow<Option<End>> {
        let has_token = run.request.headers.has("Authorization");
        if has_token && run.is_right("the load balancer", span) {
            run.admits(span, Check::Credential, "the token is right");
            return Ok(None);
        }
        let text = match has_token {
            true => "refuses the token",
            false => "asks for a token, and there is none",
        };
        run.step(span, Effect::Note(text.into()));
        Ok(Some(End::Answered {
            status: Known::Unknown(Reason::new("AWS does not document it")),
            headers: Vec::new(),
            by: span,
        }))
    }

    fn forward(&self, run: &mut Run<'_>, rule: &Rule, groups: &[String], by: Span) -> End {
        let group = groups.join(" or ");
        run.step(by, Effect::Forwards { to: group.clone() });
        if rule.transforms {
            let text = "rewrites host or path on the way".to_owned();
            run.step(rule.span, Effect::Note(text));
        }
        let mut request = run.request.clone();
        request.headers.remove("Host");
        request.headers.push("Host", run.request.host_header());
        forwarded_for(&mut request, run.request);
        // No name leads to it: its targets are called by their addresses.
        request.host.clone_from(&group);
        request.from = Known::Unknown(Reason::new("the load balancer's own address is not known"));
        request.signed_by = None;
        request.vpc_endpoint = None;
        End::Forwarded {
            to: Box::new(Upstream {
                protocol: Protocol::Http,
                address: Known::Unknown(Reason::new("what is in a target group is not read")),
                group: Some(group),
                servers: Vec::new(),
                sni: None,
            }),
            request: Box::new(request),
            response: ResponseEdits::default(),
            by,
        }
    }
}

/// The sender's address is put behind those that the header has already
/// (<https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html>).
fn forwarded_for(request: &mut Request, came: &Request) {
    const NAME: &str = "X-Forwarded-For";
    let from = came.from.clone().map(|from: IpAddr| from.to_string());
    let before = came.headers.get(NAME).cloned();
    let value = match (before, from) {
        (None, from) => from.map(Into::into),
        (Some(Known::Is(before)), Known::Is(from)) => Known::Is(format!("{before}, {from}").into()),
        (Some(Known::Unknown(reason)), _) | (_, Known::Unknown(reason)) => Known::Unknown(reason),
    };
    request.headers.remove(NAME);
    request.headers.0.push(crate::request::Header {
        name: NAME.into(),
        value,
    });
    request.headers.remove("X-Forwarded-Proto");
    request
        .headers
        .push("X-Forwarded-Proto", came.scheme.as_str());
}
