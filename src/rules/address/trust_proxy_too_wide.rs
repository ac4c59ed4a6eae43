use super::arrival::{Way, refusing, ways};
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Course, Unsure};
use crate::gates::express::value::Value;
use crate::gates::express::{AddressList, Express};
use crate::gates::nginx::SOMEWHERE;
use crate::probes::route::likeliest;
use crate::source::Span;

pub const ID: &str = "trust-proxy-too-wide";

/// The app believes whoever says from where he calls, and judges by that.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for app in estate
        .express
        .iter()
        .filter(|app| app.refusals().is_empty())
    {
        let lists = app.lists();
        let limits = app.limits();
        if lists.is_empty() && limits.is_empty() {
            continue;
        }
        let ways = ways(estate, app);
        let ways = || ways.iter().filter(|way| concerns(app, way));
        let passed = lists
            .iter()
            .find_map(|list| ways().find_map(|way| passes(app, way, list)));
        let limit = limits.first();
        findings.extend(passed.or_else(|| ways().find_map(|way| counts(app, way, *limit?))));
    }
}

/// Where no proxy is known there may be one all the same, and a number of hops may be right; but
/// whoever believes everybody believes the client, too.
fn concerns(app: &Express, way: &Way<'_>) -> bool {
    !matches!(way, Way::Direct(_))
        || is_all(app.app().settings.trust_proxy.as_ref().map(|v| &v.value))
}

fn is_all(setting: Option<&Value>) -> bool {
    setting == Some(&Value::Bool(true))
}

/// Who is on no list is let in, by saying that he is somebody else.
fn passes(app: &Express, way: &Way<'_>, list: &AddressList<'_>) -> Option<Finding> {
    let setting = app.app().settings.trust_proxy.as_ref();
    list.clients().find_map(|client| {
        let honest = way.arrived(SOMEWHERE)?;
        if refusing(&likeliest(app, &honest.request)?) != Some(list.span) {
            return None;
        }
        let claiming = way.claiming(SOMEWHERE, Some(client))?;
        let course = likeliest(app, &claiming.request)?;
        if refusing(&course).is_some() || client == SOMEWHERE {
            return None;
        }
        // express-ipfilter has a setting of its own, which stands beside its list.
        let span = match list.is_filter {
            true => list.span,
            false => setting?.span,
        };
        Some(Finding {
            severity: Severity::Warning,
            confidence: confidence(way),
            message: format!(
                "anybody passes the address list by the header `X-Forwarded-For: {client}`{}",
                unless(way)
            ),
            related: (span != list.span)
                .then(|| Label {
                    span: list.span,
                    text: "goes by req.ip".into(),
                })
                .into_iter()
                .collect(),
            intent: Some(Intent {
                text: format!("{client} is on the list, and {SOMEWHERE} is not"),
                span: Some(list.span),
            }),
            witness: Some(Witness {
                request: claiming.request,
                course,
            }),
            help: match list.is_filter {
                true => "give the filter the number of proxies in front, `trustProxy: 1`, or \
                         their addresses: then what the client wrote itself does not count"
                    .into(),
                false => base(span).help,
            },
            ..base(span)
        })
    })
}

/// A limit counts by what the client says.
fn counts(app: &Express, way: &Way<'_>, limit: Span) -> Option<Finding> {
    let setting = app.app().settings.trust_proxy.as_ref()?;
    let claimed = super::PRIVATE;
    let claiming = way.claiming(SOMEWHERE, Some(claimed))?;
    let seen = app.req_ip(&claiming.request);
    if seen.known()? != &claimed.to_string() {
        return None;
    }
    let is_counted = |course: &Course| {
        let mut conditions = course.conditions.iter();
        conditions.any(|one| matches!(one.what, Unsure::LimitReached { .. }))
    };
    let course = likeliest(app, &claiming.request).filter(is_counted)?;
    Some(Finding {
        severity: Severity::Note,
        confidence: confidence(way),
        message: format!(
            "anybody may choose by X-Forwarded-For as whom the limit counts him{}",
            unless(way)
        ),
        related: vec![Label {
            span: limit,
            text: "counts by req.ip".into(),
        }],
        witness: Some(Witness {
            request: claiming.request,
            course,
        }),
        ..base(setting.span)
    })
}

fn base(span: Span) -> Finding {
    Finding {
        rule: ID,
        severity: Severity::Note,
        confidence: Confidence::Medium,
        message: String::new(),
        primary: Label {
            span,
            text: "believes what the client itself has written".into(),
        },
        related: Vec::new(),
        witness: None,
        intent: None,
        help: "say how many proxies stand in front, `app.set('trust proxy', 1)`, or which: then \
               what the client wrote itself does not count"
            .into(),
    }
}

fn confidence(way: &Way<'_>) -> Confidence {
    match way {
        Way::Direct(_) => Confidence::Medium,
        _ => Confidence::High,
    }
}

fn unless(way: &Way<'_>) -> &'static str {
    match way {
        Way::Direct(_) => ", unless a proxy in front writes that header anew",
        _ => "",
    }
}
