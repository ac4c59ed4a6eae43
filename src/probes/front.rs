//! Probes for distributions of CloudFront: a behaviour, and what stands behind it.

use bstr::ByteSlice;

use super::cloud::{Api, apis};
use crate::estate::Estate;
use crate::gate::{Course, End, Gate, Knowledge};
use crate::gates::aws::cloudfront::CloudFront;
use crate::gates::aws::cloudfront::model::{Behavior, Origin};
use crate::request::{Request, Scheme};

/// A behaviour of a distribution that a request is known to reach.
#[derive(Clone, Copy)]
pub struct Front<'e> {
    pub gate: &'e CloudFront,
    pub behavior: &'e Behavior,
    pub origin: &'e Origin,
    pub example: &'e Request,
    door: u32,
}

pub fn fronts(estate: &Estate) -> impl Iterator<Item = Front<'_>> {
    estate.aws.distributions.iter().flat_map(|gate| {
        gate.doors().iter().filter_map(move |door| {
            let behavior = gate.behavior(door);
            Some(Front {
                gate,
                behavior,
                origin: gate.own.origin(&behavior.origin.value)?,
                example: door.example.as_ref().ok()?,
                door: door.id,
            })
        })
    })
}

impl<'e> Front<'e> {
    /// The API that its origin is, if that was read.
    pub fn api(&self, estate: &'e Estate) -> Option<Api<'e>> {
        let mut called = self.example.clone();
        called.host.clone_from(&self.origin.domain.value);
        apis(estate).find(|api| api.gate().knows(&called) == Knowledge::Named)
    }

    /// The request of a viewer that asks for the same as one of the origin's own.
    pub fn asking_for(&self, direct: &Request) -> Option<Request> {
        let target = direct.target.strip_prefix(self.origin.path.as_bytes())?;
        if !target.starts_with(b"/") {
            return None;
        }
        let mut request = Request {
            scheme: Scheme::Https,
            host: self.example.host.clone(),
            port: self.example.port,
            target: target.as_bstr().to_owned(),
            ..direct.clone()
        };
        request.headers.remove("Host");
        Some(request)
    }

    /// The likeliest way of a request that reaches this very behaviour.
    pub fn send(&self, request: &Request) -> Option<Course> {
        let course = self.gate.pass(request).into_iter().next()?;
        (course.door() == Some(self.door)).then_some(course)
    }
}

/// A request as the origin gets it.
pub fn arriving(course: &Course) -> Option<&Request> {
    match &course.end {
        End::Forwarded { request, .. } => Some(request),
        _ => None,
    }
}
