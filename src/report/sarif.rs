//! SARIF 2.1.0, as GitHub code scanning and other viewers of findings read it.
//!
//! The witness becomes a code flow, so that a viewer steps through the way of the request.

mod model;
mod places;
mod rules;
mod text;

use std::collections::BTreeMap;

use self::model::{
    CodeFlow, Driver, Invocation, Location, Log, Message, Notification, Run, ThreadFlow,
    ThreadFlowLocation, Tool, UriBase,
};
use self::places::{Places, SOURCE_ROOT};
use self::text::{message, sentence, stopped};
use super::json_text::to_text;
use crate::check::{Outcome, SuppressedBy, Suppression, fingerprint};
use crate::estate::Problem;
use crate::finding::{Finding, Severity, Witness};
use crate::gate::{Effect, Step};
use crate::redact;
use crate::request::Known;
use crate::rules::{RULES, Rule};
use crate::source::SourceMap;

/// Our own key: GitHub computes `primaryLocationLineHash` itself.
const FINGERPRINT: &str = "why403/v1";

/// One log with one run, and the whole rule book in it.
pub fn render(outcome: &Outcome, sources: &SourceMap) -> String {
    render_with(outcome, sources, RULES)
}

/// The same with a rule book of the caller's.
pub fn render_with(outcome: &Outcome, sources: &SourceMap, rules: &[Rule]) -> String {
    let mut writer = Writer {
        places: Places::new(sources),
        sources,
        rules: rules.iter().filter_map(self::rules::rule).collect(),
    };
    let results = writer.results(outcome);
    let notifications = outcome
        .problems
        .iter()
        .map(|problem| writer.notification(problem))
        .collect();
    to_text(&Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "why403",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    information_uri: "https://github.com/why403/why403",
                    rules: writer.rules,
                },
            },
            invocations: [Invocation {
                execution_successful: !outcome.problems.iter().any(|problem| problem.fatal),
                tool_execution_notifications: notifications,
            }],
            original_uri_base_ids: BTreeMap::from([(
                SOURCE_ROOT,
                UriBase {
                    description: message("The folder that why403 ran in."),
                },
            )]),
            column_kind: "unicodeCodePoints",
            artifacts: writer.places.into_artifacts(),
            results,
        }],
    })
}

/// SARIF's word, §3.27.10.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

struct Writer<'a> {
    places: Places<'a>,
    sources: &'a SourceMap,
    /// Those whose page can be read; `ruleIndex` counts in this list.
    rules: Vec<model::Rule>,
}

impl Writer<'_> {
    fn results(&mut self, outcome: &Outcome) -> Vec<model::Result> {
        let shown = outcome.findings.iter().map(|finding| (finding, None));
        let hidden = outcome
            .suppressed
            .iter()
            .map(|(finding, suppression)| (finding, Some(suppression)));
        shown
            .chain(hidden)
            .map(|(finding, suppression)| self.result(finding, suppression))
            .collect()
    }

    fn result(&mut self, finding: &Finding, suppression: Option<&Suppression>) -> model::Result {
        let primary = self.places.location(
            finding.primary.span,
            spoken(&finding.primary.text).then(|| sentence(&finding.primary.text)),
        );
        model::Result {
            rule_id: finding.rule,
            rule_index: self.rules.iter().position(|rule| rule.id == finding.rule),
            level: level(finding.severity),
            message: message(&finding_text(finding)),
            locations: [primary],
            related_locations: self.related(finding),
            code_flows: finding
                .witness
                .iter()
                .filter_map(|witness| self.code_flow(witness))
                .collect(),
            partial_fingerprints: BTreeMap::from([(
                FINGERPRINT,
                fingerprint(finding, self.sources),
            )]),
            suppressions: suppression
                .iter()
                .map(|suppression| self.suppression(suppression))
                .collect(),
        }
    }

    fn related(&mut self, finding: &Finding) -> Vec<Location> {
        let intent = finding.intent.as_ref().and_then(|intent| {
            let text = format!("Meant to pass: {}", intent.text);
            Some((intent.span?, text))
        });
        let labels = finding
            .related
            .iter()
            .map(|label| (label.span, label.text.clone()));
        labels
            .chain(intent)
            .zip(1..)
            .map(|((span, text), id)| Location {
                id: Some(id),
                ..self.places.location(span, Some(sentence(&text)))
            })
            .collect()
    }

    /// `None` for a course without steps: a flow has to have a location.
    fn code_flow(&mut self, witness: &Witness) -> Option<CodeFlow> {
        let course = &witness.course;
        let culprit = course.culprit();
        let locations: Vec<_> = course
            .steps
            .iter()
            .zip(1..)
            .map(|(step, execution_order)| ThreadFlowLocation {
                location: self.places.location(
                    step.span,
                    Some(sentence(&redact::effect(&step.effect).to_string())),
                ),
                execution_order,
                importance: importance(step, culprit),
            })
            .collect();
        (!locations.is_empty()).then(|| CodeFlow {
            message: request_line(witness, self.sources),
            thread_flows: [ThreadFlow { locations }],
        })
    }

    fn suppression(&mut self, suppression: &Suppression) -> model::Suppression {
        let (kind, location) = match suppression.by {
            SuppressedBy::Comment(span) => ("inSource", Some(self.places.location(span, None))),
            SuppressedBy::Baseline => ("external", None),
        };
        model::Suppression {
            kind,
            status: "accepted",
            justification: super::visible::visible(&suppression.reason).into_owned(),
            location,
        }
    }

    fn notification(&mut self, problem: &Problem) -> Notification {
        let text = match &problem.help {
            Some(help) => format!("{}\n{}", stopped(&problem.message), stopped(help)),
            None => stopped(&problem.message),
        };
        Notification {
            level: if problem.fatal { "error" } else { "warning" },
            message: message(&text),
            locations: problem
                .span
                .iter()
                .map(|span| self.places.location(*span, None))
                .collect(),
        }
    }
}

fn spoken(text: &str) -> bool {
    !text.trim().is_empty()
}

/// The message first: a viewer with little room shows the first sentence.
fn finding_text(finding: &Finding) -> String {
    let mut text = stopped(&finding.message);
    if let Some(intent) = &finding.intent {
        text = format!("{text}\nMeant to pass: {}", stopped(&intent.text));
    }
    if spoken(&finding.help) {
        text = format!("{text}\n{}", stopped(&finding.help));
    }
    text
}

/// `OPTIONS http://shop.test/api from 192.0.2.1, when …`
fn request_line(witness: &Witness, sources: &SourceMap) -> Message {
    let when = witness.course.when(sources);
    let request = &witness.request;
    let mut text = format!("{} {}", request.method, redact::url(&request.url()));
    if let Known::Is(address) = &request.from {
        text = format!("{text} from {address}");
    }
    if !when.is_empty() {
        text = format!("{text}, when {}", when.join(" and "));
    }
    sentence(&text)
}

/// What a viewer shows of a long course (§3.38.13): the refusal always, mere settings last.
fn importance(step: &Step, culprit: Option<&Step>) -> &'static str {
    if culprit.is_some_and(|culprit| std::ptr::eq(culprit, step)) {
        return "essential";
    }
    match step.effect {
        Effect::Sets { .. } | Effect::SetsHeader { .. } | Effect::Note(_) => "unimportant",
        _ => "important",
    }
}
