//! A request through a distribution: its name, the web ACL, the behaviour of its path, and what of
//! it reaches the origin
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html>).
//!
//! The cache is left out: what is asked for is taken not to be in it.

mod answer;
mod origin;

use bstr::ByteSlice;

use super::CloudFront;
use super::model::{Behavior, ViewerProtocol};
use crate::gate::{Check, Effect, End, Step, Unsure};
use crate::gates::aws::pattern::is_like;
use crate::gates::aws::run::{Flow, Run, host};
use crate::gates::aws::waf::Before;
use crate::gates::oracle::Oracle;
use crate::request::{Known, Reason, Request, Scheme};
use crate::source::Span;

impl CloudFront {
    pub(super) fn run(&self, request: &Request, oracle: &mut Oracle) -> (Vec<Step>, End) {
        Run::through(request, oracle, |run| {
            let end = match self.walk(run) {
                Ok(end) | Err(end) => end,
            };
            self.error_pages(run, &end);
            Ok(end)
        })
    }

    fn walk(&self, run: &mut Run<'_>) -> Flow<End> {
        self.name(run)?;
        self.web_acl(run)?;
        self.countries(run)?;
        let behavior = self.choose(run)?;
        self.protocol(run, behavior)?;
        self.method(run, behavior)?;
        self.signature(run, behavior)?;
        self.functions(run, behavior)?;
        Ok(self.forward(run, behavior))
    }

    /// What viewers get to see of a refusal. It is one all the same.
    fn error_pages(&self, run: &mut Run<'_>, end: &End) {
        let is_shown = |error: u16| match end {
            End::Answered { status, .. } => status.known() == Some(&error),
            End::Forwarded { .. } => matches!(error, 401 | 403),
            _ => false,
        };
        for page in self
            .own
            .error_pages
            .iter()
            .filter(|page| is_shown(page.error))
        {
            let text = format!(
                "viewers get {} with {} in the place of {}",
                page.page, page.status, page.error
            );
            run.step(page.span, Effect::Note(text));
        }
    }

    fn name(&self, run: &mut Run<'_>) -> Flow {
        let host = host(run.request);
        if self.has_name(host.as_bytes()) {
            return Ok(());
        }
        let detail = format!("{host} is no name of the distribution");
        Err(refuse(run, self.own.span, Check::Condition, detail))
    }

    fn web_acl(&self, run: &mut Run<'_>) -> Flow {
        match &self.own.acl {
            Known::Is(None) => Ok(()),
            Known::Is(Some(acl)) => acl
                .judge(run, Before::Distribution)
                .map_err(|blocked| blocked.end(run)),
            Known::Unknown(reason) => {
                run.assume(reason, self.own.span);
                Ok(())
            }
        }
    }

    fn countries(&self, run: &mut Run<'_>) -> Flow {
        let Some(geo) = &self.own.geo else {
            return Ok(());
        };
        let networks = format!("a network of {}", geo.value.countries);
        let what = Unsure::AddressIn(networks);
        let is_there = run.oracle.decide(what, Some(geo.span), geo.value.allows);
        match is_there == geo.value.allows {
            true => Ok(()),
            false => {
                let detail = "the country may not ask for it";
                Err(refuse(run, geo.span, Check::Address, detail))
            }
        }
    }

    /// The first whose pattern fits the path, with or without its slash; else the default.
    fn choose(&self, run: &mut Run<'_>) -> Flow<&Behavior> {
        let path = run.request.path();
        let without = path.strip_prefix(b"/").unwrap_or(path);
        let fits = |behavior: &&Behavior| match &behavior.pattern {
            None => true,
            Some(pattern) => {
                let pattern = pattern.value.as_bytes();
                let pattern = pattern.strip_prefix(b"/").unwrap_or(pattern);
                is_like(pattern, without)
            }
        };
        let found = self.own.behaviors.iter().find(fits);
        let Some(behavior) = found else {
            return Err(Run::unknown("it has no behavior here", self.own.span));
        };
        if let Some(door) = self.door_of(behavior.span) {
            let (door, name) = (door.id, door.name.as_str().into());
            run.step(behavior.span, Effect::Enters { door, name });
        }
        Ok(behavior)
    }

    fn protocol(&self, run: &mut Run<'_>, behavior: &Behavior) -> Flow {
        let span = behavior.viewer.span;
        if run.request.scheme == Scheme::Https {
            return Ok(());
        }
        let is_read = matches!(run.request.method.as_str(), "GET" | "HEAD");
        match behavior.viewer.value {
            ViewerProtocol::AllowAll => Ok(()),
            ViewerProtocol::HttpsOnly => {
                Err(refuse(run, span, Check::Condition, "it came without TLS"))
            }
            // Whether others are refused or sent on depends on the version of HTTP, and pages of
            // the documentation differ
            // (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-viewers-to-cloudfront.html>).
            ViewerProtocol::RedirectToHttps => {
                let status = if is_read { 301 } else { 307 };
                run.step(span, Effect::Answers { status });
                Err(End::Answered {
                    status: Known::Is(status),
                    headers: Vec::new(),
                    by: span,
                })
            }
        }
    }

    fn method(&self, run: &mut Run<'_>, behavior: &Behavior) -> Flow {
        let method = run.request.method.clone();
        let allowed = &behavior.methods;
        if !allowed.value.contains(&method) {
            let detail = format!("{method} is not among its methods");
            return Err(refuse(run, allowed.span, Check::Method, detail));
        }
        if method == "GET" && run.request.body > 0 {
            let detail = "a GET with a body";
            return Err(refuse(run, behavior.span, Check::Form, detail));
        }
        Ok(())
    }

    /// A signed URL or cookie
    /// (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html>).
    fn signature(&self, run: &mut Run<'_>, behavior: &Behavior) -> Flow {
        let Some(span) = behavior.signed else {
            return Ok(());
        };
        let cookies = run.request.headers.get("Cookie");
        let in_cookie = cookies.is_some_and(|cookies| {
            let text = cookies.known();
            text.is_none_or(|text| text.contains_str("CloudFront-Key-Pair-Id"))
        });
        let in_url = run.request.target.contains_str("Key-Pair-Id=");
        if !in_cookie && !in_url {
            let detail = "neither its URL nor a cookie is signed";
            return Err(refuse(run, span, Check::Credential, detail));
        }
        match run.is_right("the distribution", span) {
            true => Ok(()),
            false => {
                let detail = "the signature of its URL or cookie is wrong";
                Err(refuse(run, span, Check::Credential, detail))
            }
        }
    }

    /// A function may answer itself, or change what it likes.
    fn functions(&self, run: &mut Run<'_>, behavior: &Behavior) -> Flow {
        let reason = Reason::new("what a function does is not read");
        for function in &behavior.functions {
            let text = format!(
                "that the function {} lets it through as it is",
                function.value
            );
            if !run.supposes(text, &reason, function.span) {
                return Err(Run::unknown(reason.0, function.span));
            }
        }
        Ok(())
    }
}

fn refuse(run: &mut Run<'_>, by: Span, check: Check, detail: impl Into<String>) -> End {
    run.refuses((by, check), 403, detail, Vec::new())
}
