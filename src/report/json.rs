//! The document that `why403 check --format json` prints, version 1.
//!
//! ```json
//! { "version": 1,
//!   "findings": [ {
//!     "rule": "preflight-denied", "severity": "error", "confidence": "high",
//!     "message": "…", "help": "…", "fingerprint": "32 hexadecimal digits",
//!     "location": { "file": "deploy/nginx.conf", "line": 3, "column": 5,
//!                   "end_line": 3, "end_column": 14, "text": "what this line does" },
//!     "related": [ { "file": "…", "line": 1, …, "text": "…" } ],
//!     "intent": { "text": "…", "location": { … } },
//!     "witness": {
//!       "request": { "method": "OPTIONS", "url": "http://shop.test/api", "from": null,
//!                    "unknown": "nobody said", "headers": [["Origin", "https://app.test"]] },
//!       "when": [ "what has to hold" ],
//!       "steps": [ { "file": "…", "line": 3, "column": 5, "text": "deny all;", "effect": "…" } ],
//!       "status": 403 } } ],
//!   "suppressed": [ { …a finding, "suppression": { "by": "comment", "reason": "…", "location": { … } } } ],
//!   "problems": [ { "fatal": true, "message": "…", "help": null, "location": { … } } ],
//!   "statistics": { "sources": 1, "bytes": 120, "gates": 1, "doors": 2, "rules": 9,
//!                   "hidden_notes": 0, "unprobed": [ { "door": "…", "because": "…", "location": { … } } ] } }
//! ```
//!
//! `schemas/check.schema.json` says the same for programs. Other programs rely on it: a change of
//! meaning needs a new version number, a new field does not. A location in an `nginx -T` dump
//! points into the dump, and `section` is the path that the dump gives.

use serde::Serialize;

use super::json_text::to_text;
use super::place::Place;
use crate::check::{Outcome, Statistics, SuppressedBy, Suppression, fingerprint};
use crate::estate::Problem;
use crate::explain::asked;
use crate::explain::document::{Asked, Step};
use crate::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use crate::gate;
use crate::redact;
use crate::source::{SourceMap, Span};

/// The version that this program writes.
pub const VERSION: u32 = 1;

/// One document, whatever the number of inputs.
pub fn render(outcome: &Outcome, sources: &SourceMap) -> String {
    let context = Context { sources };
    to_text(&Document {
        version: VERSION,
        findings: outcome
            .findings
            .iter()
            .map(|finding| context.finding(finding))
            .collect(),
        suppressed: outcome
            .suppressed
            .iter()
            .map(|(finding, why)| SuppressedOut {
                finding: context.finding(finding),
                suppression: context.suppression(why),
            })
            .collect(),
        problems: outcome
            .problems
            .iter()
            .map(|problem| context.problem(problem))
            .collect(),
        statistics: context.statistics(&outcome.statistics),
    })
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    findings: Vec<FindingOut<'a>>,
    suppressed: Vec<SuppressedOut<'a>>,
    problems: Vec<ProblemOut<'a>>,
    statistics: StatisticsOut<'a>,
}

#[derive(Serialize)]
struct FindingOut<'a> {
    rule: &'a str,
    severity: &'static str,
    confidence: &'static str,
    message: &'a str,
    location: LabelOut<'a>,
    related: Vec<LabelOut<'a>>,
    intent: Option<IntentOut<'a>>,
    witness: Option<WitnessOut>,
    help: &'a str,
    fingerprint: String,
}

#[derive(Serialize)]
struct LabelOut<'a> {
    #[serde(flatten)]
    place: Place,
    text: &'a str,
}

#[derive(Serialize)]
struct IntentOut<'a> {
    text: &'a str,
    location: Option<Place>,
}

#[derive(Serialize)]
struct WitnessOut {
    request: Asked,
    when: Vec<String>,
    steps: Vec<Step>,
    /// With which a gate itself answers; `None` when the request goes on, or it is not known.
    status: Option<u16>,
}

#[derive(Serialize)]
struct SuppressedOut<'a> {
    #[serde(flatten)]
    finding: FindingOut<'a>,
    suppression: SuppressionOut<'a>,
}

#[derive(Serialize)]
struct SuppressionOut<'a> {
    by: &'static str,
    reason: &'a str,
    location: Option<Place>,
}

#[derive(Serialize)]
struct ProblemOut<'a> {
    fatal: bool,
    message: &'a str,
    help: Option<&'a str>,
    location: Option<Place>,
}

#[derive(Serialize)]
struct StatisticsOut<'a> {
    sources: usize,
    bytes: usize,
    gates: usize,
    doors: usize,
    rules: usize,
    hidden_notes: usize,
    unprobed: Vec<UnprobedOut<'a>>,
}

#[derive(Serialize)]
struct UnprobedOut<'a> {
    door: &'a str,
    because: &'a str,
    location: Place,
}

/// What every part of the document needs to turn a span into a place.
struct Context<'a> {
    sources: &'a SourceMap,
}

impl Context<'_> {
    fn finding<'a>(&self, finding: &'a Finding) -> FindingOut<'a> {
        FindingOut {
            rule: finding.rule,
            severity: severity(finding.severity),
            confidence: confidence(finding.confidence),
            message: &finding.message,
            location: self.label(&finding.primary),
            related: finding.related.iter().map(|l| self.label(l)).collect(),
            intent: finding.intent.as_ref().map(|intent| self.intent(intent)),
            witness: finding.witness.as_ref().map(|w| self.witness(w)),
            help: &finding.help,
            fingerprint: fingerprint(finding, self.sources),
        }
    }

    fn place(&self, span: Span) -> Place {
        Place::of(span, self.sources)
    }

    fn label<'a>(&self, label: &'a Label) -> LabelOut<'a> {
        LabelOut {
            place: self.place(label.span),
            text: &label.text,
        }
    }

    fn intent<'a>(&self, intent: &'a Intent) -> IntentOut<'a> {
        IntentOut {
            text: &intent.text,
            location: intent.span.map(|span| self.place(span)),
        }
    }

    fn witness(&self, witness: &Witness) -> WitnessOut {
        let course = &witness.course;
        WitnessOut {
            request: asked(&witness.request, false),
            when: course.when(self.sources),
            steps: course.steps.iter().map(|step| self.step(step)).collect(),
            status: course.status(),
        }
    }

    fn step(&self, step: &gate::Step) -> Step {
        let place = self.place(step.span);
        let text = self.sources.first_line(step.span);
        Step {
            file: place.file,
            line: place.line,
            column: place.column,
            text: redact::text(&text, &step.effect),
            effect: redact::effect(&step.effect).to_string(),
        }
    }

    fn suppression<'a>(&self, suppression: &'a Suppression) -> SuppressionOut<'a> {
        let (by, location) = match suppression.by {
            SuppressedBy::Comment(span) => ("comment", Some(self.place(span))),
            SuppressedBy::Baseline => ("baseline", None),
        };
        SuppressionOut {
            by,
            reason: &suppression.reason,
            location,
        }
    }

    fn problem<'a>(&self, problem: &'a Problem) -> ProblemOut<'a> {
        ProblemOut {
            fatal: problem.fatal,
            message: &problem.message,
            help: problem.help.as_deref(),
            location: problem.span.map(|span| self.place(span)),
        }
    }

    fn statistics<'a>(&self, statistics: &'a Statistics) -> StatisticsOut<'a> {
        StatisticsOut {
            sources: statistics.sources,
            bytes: statistics.bytes,
            gates: statistics.gates,
            doors: statistics.doors,
            rules: statistics.rules,
            hidden_notes: statistics.hidden_notes,
            unprobed: statistics
                .unprobed
                .iter()
                .map(|unprobed| UnprobedOut {
                    door: &unprobed.door,
                    because: &unprobed.because.0,
                    location: self.place(unprobed.span),
                })
                .collect(),
        }
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}
