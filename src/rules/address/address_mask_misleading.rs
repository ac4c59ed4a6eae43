use ipnet::IpNet;

use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Label, Severity};
use crate::gates::nginx::remark::RemarkKind;

pub const ID: &str = "address-mask-misleading";

/// An address with a mask that covers more than this address.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for remark in estate.nginx.iter().flat_map(|gate| gate.remarks()) {
        let RemarkKind::LowBits { written, meant } = &remark.kind else {
            continue;
        };
        let Ok(net) = meant.parse::<IpNet>() else {
            continue;
        };
        let address = written.split('/').next().unwrap_or(written);
        findings.push(Finding {
            rule: ID,
            severity: Severity::Note,
            confidence: Confidence::High,
            message: format!(
                "`{written}` is not one address: it stands for {} to {}",
                net.network(),
                net.broadcast()
            ),
            primary: Label {
                span: remark.span,
                text: format!("nginx reads {meant}"),
            },
            related: Vec::new(),
            witness: None,
            intent: None,
            help: format!("write `{meant}` for the range or `{address}` for the one address"),
        });
    }
}
