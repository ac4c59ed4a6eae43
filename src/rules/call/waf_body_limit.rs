use std::collections::BTreeMap;

use super::waf::{Behind, behind, has_limit, stopped};
use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate::{Check, Course};
use crate::gates::aws::waf::model::{Acl, Action, Field, Statement, Then};
use crate::request::Request;
use crate::source::Span;

pub const ID: &str = "waf-body-limit";

/// The longest body that AWS's core rule set lets through.
const LONGEST: u64 = 8_192;

/// A managed group refuses bodies for which the resource behind it is made.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    let mut refused: BTreeMap<Span, Vec<Refused<'_>>> = BTreeMap::new();
    let guarded = behind(estate, |acl| has_limit(acl, Check::Size));
    for one in guarded.iter().filter_map(Refused::of) {
        refused.entry(one.by).or_default().push(one);
    }
    findings.extend(refused.into_values().filter_map(finding));
}

struct Refused<'e> {
    acl: &'e Acl,
    by: Span,
    severity: Severity,
    intent: Option<Intent>,
    request: Request,
    course: Course,
}

impl<'e> Refused<'e> {
    fn of(behind: &Behind<'e>) -> Option<Refused<'e>> {
        let mut request = behind.request.clone();
        if !matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
            return None;
        }
        request.body = LONGEST;
        if !behind.send(&request)?.admits() {
            return None;
        }
        request.body = LONGEST + 1;
        let course = behind.send(&request)?;
        let by = stopped(&course, Check::Size)?;
        // What is sent to an API in the name of a file may only tell of it.
        let words = match behind.entry {
            Some(_) => &UPLOADS[..],
            None => &FILES[..],
        };
        let (severity, intent) = match (own_limit(behind.acl), is_for(words, &request)) {
            (Some(intent), _) => (Severity::Error, Some(intent)),
            (None, true) => {
                let intent = Intent {
                    text: format!("{} is for files, by its name", behind.name),
                    span: Some(behind.span),
                };
                (Severity::Warning, Some(intent))
            }
            (None, false) => (Severity::Note, None),
        };
        Some(Refused {
            acl: behind.acl,
            by,
            severity,
            intent,
            request,
            course,
        })
    }
}

/// A rule of the ACL's own that only minds bodies which are longer still.
fn own_limit(acl: &Acl) -> Option<Intent> {
    acl.rules.iter().find_map(|rule| {
        let Then::Act(Action::Block(_)) = rule.then else {
            return None;
        };
        let Statement::Size {
            field: Field::Body { .. },
            comparison,
            size,
            ..
        } = &rule.statement
        else {
            return None;
        };
        let is_over = matches!(comparison.as_str(), "GT" | "GE") && *size > LONGEST;
        is_over.then(|| Intent {
            text: format!(
                "the rule {} stops bodies over {size} bytes alone",
                rule.name
            ),
            span: Some(rule.span),
        })
    })
}

/// Words of a path that say that what is sent there is long.
const UPLOADS: [&str; 2] = ["import", "upload"];
const FILES: [&str; 10] = [
    "attachment",
    "avatar",
    "document",
    "file",
    "image",
    "import",
    "media",
    "photo",
    "upload",
    "video",
];

fn is_for(words: &[&str], request: &Request) -> bool {
    let path = request.path().to_string().to_ascii_lowercase();
    let mut parts = path.split(|char: char| !char.is_ascii_alphanumeric());
    parts.any(|word| {
        let one = word.strip_suffix('s').unwrap_or(word);
        words.contains(&one)
    })
}

fn finding(mut refused: Vec<Refused<'_>>) -> Option<Finding> {
    refused.sort_by_key(|one| std::cmp::Reverse(one.severity));
    let first = refused.into_iter().next()?;
    Some(Finding {
        rule: ID,
        severity: match first.course.is_conditional() {
            true => Severity::Note,
            false => first.severity,
        },
        confidence: match first.severity {
            Severity::Error => Confidence::High,
            _ => Confidence::Medium,
        },
        message: format!(
            "{} {} is answered {} for every body over 8,192 bytes: SizeRestrictions_BODY of the \
             core rule set in the web ACL {}",
            first.request.method,
            first.request.url(),
            first.course.status().unwrap_or(403),
            first.acl.name
        ),
        primary: Label {
            span: first.by,
            text: "stops bodies over 8,192 bytes".into(),
        },
        related: Vec::new(),
        intent: first.intent,
        help: "set SizeRestrictions_BODY to Count (RuleActionOverrides), and block by its label \
               awswaf:managed:aws:core-rule-set:SizeRestrictions_Body where long bodies are not \
               expected"
            .into(),
        witness: Some(Witness {
            request: first.request,
            course: first.course,
        }),
    })
}
