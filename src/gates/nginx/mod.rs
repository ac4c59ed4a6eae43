//! nginx: what it does to a request.

pub mod include;

use crate::gate::{Course, Door, Gate, GateName};
use crate::request::Request;

/// One nginx configuration, from its entry file down, with its includes in place.
pub struct Nginx {
    name: String,
    doors: Vec<Door>,
}

impl Gate for Nginx {
    fn name(&self) -> GateName {
        GateName { kind: "nginx", name: self.name.clone() }
    }
    fn doors(&self) -> &[Door] {
        &self.doors
    }
    fn pass(&self, _request: &Request) -> Vec<Course> {
        Vec::new()
    }
}
