use crate::estate::Estate;
use crate::finding::{Confidence, Finding, Label, Severity};

pub const ID: &str = "options-path-broken-in-express-5";

/// A path that Express 4 took, and with which Express 5 does not start.
pub fn check(estate: &Estate, findings: &mut Vec<Finding>) {
    for app in &estate.express {
        for refusal in app.refusals() {
            findings.push(Finding {
                rule: ID,
                severity: Severity::Error,
                confidence: Confidence::High,
                message: format!(
                    "Express 5 does not start with the path `{}`: {}",
                    refusal.path, refusal.message
                ),
                primary: Label {
                    span: refusal.span,
                    text: "throws when it is registered".into(),
                },
                related: Vec::new(),
                intent: None,
                help: help(&refusal.path).into(),
                witness: None,
            });
        }
    }
}

fn help(path: &str) -> &'static str {
    match path {
        "*" | "/*" => {
            "write `/{*path}`; for cors it is not needed at all: `app.use(cors())` answers every \
             OPTIONS"
        }
        path if path.contains('?') => "write an optional part as `{/:id}`",
        path if path.contains('*') => "name what the star stands for: `/api/{*path}`",
        _ => "Express 5 knows no regular expressions in a path; give a list of paths, or a RegExp",
    }
}
