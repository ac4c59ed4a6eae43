use super::{Answer, ask, through_proxy};
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Label, Severity, Witness};
use crate::gate::{Course, Effect};
use crate::gates::nginx::SOMEWHERE;
use crate::gates::nginx::directives::Key;
use crate::gates::nginx::model::Setting;
use crate::gates::nginx::remark::{Remark, RemarkKind};
use crate::probes::{Sent, Visit, visits_of};

pub const ID: &str = "real-ip-trusts-everyone";

/// Whoever sends the header is believed, so that anybody chooses the address by which he is
/// judged.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for gate in &estate.nginx {
        let remarks = gate.remarks().iter();
        for remark in remarks.filter(|remark| remark.kind == RemarkKind::TrustsEveryone) {
            let here: Vec<Visit<'_>> = visits_of(gate)
                .filter(|visit| is_here(visit, remark))
                .collect();
            let opened = || {
                let mut doors = here.iter().filter(|visit| is_worth_it(visit, remark));
                doors.find_map(opened)
            };
            let found = opened()
                .map(|sent| (Severity::Warning, sent))
                .or_else(|| Some((Severity::Note, here.iter().find_map(forged)?)));
            findings.extend(found.map(|(severity, sent)| finding(severity, sent, remark)));
        }
    }
}

/// Whether a door is worth a forged header, and the line is there for sure: a status page tells
/// how many come, and a template may leave the line out.
fn is_worth_it(visit: &Visit<'_>, remark: &Remark) -> bool {
    let config = visit.gate.config();
    let trusting = config.settings(visit.level(), Key::SetRealIpFrom);
    let is_optional = |line: &Setting| line.span == remark.span && line.branch != 0;
    !trusting.iter().any(is_optional)
        && config.level(visit.level()).handler != Some(Key::StubStatus)
}

fn is_here(visit: &Visit<'_>, remark: &Remark) -> bool {
    let config = visit.gate.config();
    config
        .settings(visit.level(), Key::SetRealIpFrom)
        .iter()
        .any(|setting| setting.span == remark.span)
}

/// A request that the list refuses by itself and lets in with a forged header.
fn opened(visit: &Visit<'_>) -> Option<Sent> {
    let Answer::Refused(_) = ask(visit, visit.example, SOMEWHERE) else {
        return None;
    };
    let claimed = visit.allowed_addresses().first().copied()?;
    let request = through_proxy(visit.example, SOMEWHERE, &header(visit), claimed);
    ask(visit, &request, SOMEWHERE).admitted()
}

/// A request that takes an address of its own choice.
fn forged(visit: &Visit<'_>) -> Option<Sent> {
    let claimed = super::PRIVATE;
    let request = through_proxy(visit.example, SOMEWHERE, &header(visit), claimed);
    let takes = |course: &Course| {
        let mut effects = course.steps.iter().map(|step| &step.effect);
        effects.any(|effect| matches!(effect, Effect::TakesAddress { .. }))
    };
    let course = visit
        .send(&request)
        .iter()
        .find(|course| takes(course))?
        .clone();
    Some(Sent { request, course })
}

fn header(visit: &Visit<'_>) -> String {
    visit
        .gate
        .config()
        .setting(visit.level(), Key::RealIpHeader)
        .map_or("X-Real-IP".into(), |setting| {
            setting.args[0].raw.to_string()
        })
}

fn finding(severity: Severity, sent: Sent, remark: &Remark) -> Finding {
    let what = match severity {
        Severity::Note => "anybody may choose the address under which nginx knows him",
        _ => "anybody passes the address list with a forged header",
    };
    Finding {
        rule: ID,
        severity,
        confidence: Confidence::Medium,
        message: format!("{what}, unless nginx can be reached through a proxy only"),
        primary: Label {
            span: remark.span,
            text: "believes the header of every sender".into(),
        },
        related: Vec::new(),
        intent: None,
        help: "name the addresses of the proxies in front, such as \
               `set_real_ip_from 10.0.0.0/8;`"
            .into(),
        witness: Some(Witness {
            request: sent.request,
            course: sent.course,
        }),
    }
}
