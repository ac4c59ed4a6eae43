//! In an Express stack: an origin that no browser sends.

use super::finding;
use crate::finding::Finding;
use crate::rules::preflight::crossing::Crossing;

pub fn check(crossing: &Crossing<'_>, findings: &mut Vec<Finding>) {
    let header = crossing.allow_origin();
    findings.extend(header.and_then(|header| finding(&crossing.announced, header)));
}
