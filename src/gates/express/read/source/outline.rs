//! An application in few words, one line a registration.

use std::fmt::Write;

use crate::gates::express::model::{
    App, Callee, Item, Layer, Methods, OnOptions, Path, Paths, RunsFor, Wants, What, Written,
};

/// For tests and for whoever wants to see what was understood.
pub fn outline(app: &App) -> String {
    let mut text = String::new();
    items(&app.stack, 0, &mut text);
    text
}

fn items(stack: &[Item], depth: usize, text: &mut String) {
    for item in stack {
        let _ = write!(text, "{:1$}", "", depth * 2);
        let when = item.when.as_ref();
        match &item.what {
            What::Use { at, layer } => {
                let _ = write!(text, "use {}{}", paths(at), name(layer));
            }
            What::Router { at, .. } => {
                let _ = write!(text, "router {}", paths(at));
            }
            What::Route { methods, at, chain } => {
                let methods = match methods {
                    Methods::All => "ALL".to_owned(),
                    Methods::These(methods) => methods.join(","),
                };
                let chain: Vec<String> = chain.iter().map(name).collect();
                let _ = write!(text, "{methods} {}{}", paths(at), chain.join(", "));
            }
            What::Opaque(reason) => {
                let _ = write!(text, "? {reason}");
            }
        }
        let trimmed = text.trim_end().len();
        text.truncate(trimmed);
        if let Some(when) = when {
            let _ = write!(text, " when {}", when.value);
        }
        text.push('\n');
        if let What::Router { router, .. } = &item.what {
            items(&router.stack, depth + 1, text);
        }
    }
}

fn paths(paths: &Paths) -> String {
    let shown = paths.0.iter().map(|path| match &path.value {
        Path::Text(text) => text.clone(),
        Path::Regex { pattern, flags } => format!("/{pattern}/{flags}"),
        Path::Unknown(reason) => format!("<{reason}>"),
    });
    let shown: Vec<String> = shown.collect();
    format!("{} ", shown.join("|"))
}

fn name(layer: &Layer) -> String {
    let what = match &layer.callee {
        Callee::Package { .. } => String::new(),
        Callee::Unreadable(reason) => format!(" <{reason}>"),
        Callee::Written(written) => format!(" [{}]", written_as(written)),
    };
    let when = match &layer.when {
        Some(when) => format!(" (when {})", when.value),
        None => String::new(),
    };
    let runs_for = match &layer.runs_for {
        RunsFor::All => String::new(),
        RunsFor::These(methods) => format!(" only {}", methods.join(",")),
        RunsFor::Others(methods) => format!(" except {}", methods.join(",")),
    };
    format!("{}{what}{runs_for}{when}", layer.name)
}

fn written_as(written: &Written) -> String {
    match written {
        Written::Handler => "answers".to_owned(),
        Written::Routes { .. } => "routes".to_owned(),
        Written::Passes => "passes".to_owned(),
        Written::Puts(names) => format!("puts {}", names.join(",")).trim_end().to_owned(),
        Written::ErrorHandler { status: None } => "errors".to_owned(),
        Written::ErrorHandler {
            status: Some(status),
        } => format!("errors {status}"),
        Written::Headers {
            headers,
            ends_options,
            puts,
        } => {
            let names: Vec<&str> = headers
                .iter()
                .map(|(name, _)| name.value.as_str())
                .collect();
            let ends = match ends_options {
                Some(status) => format!(" OPTIONS {status}"),
                None => String::new(),
            };
            let puts = match puts {
                Some(names) => format!(" puts {}", names.join(",")).trim_end().to_owned(),
                None => String::new(),
            };
            format!("sets {}{ends}{puts}", names.join(","))
        }
        Written::Guard(guard) => {
            let wants = match &guard.wants {
                Wants::Header(name) => format!("header {name}"),
                Wants::Token(form) => format!("token {form:?}"),
                Wants::Session => "session".to_owned(),
                Wants::Address { ips, source } => format!("{source:?} {}", ips.join(",")),
                Wants::Granted(grant) => {
                    format!(
                        "granted {}",
                        grant.told().unwrap_or_else(|| "something".into())
                    )
                }
            };
            let error = if guard.by_error { " by error" } else { "" };
            let skips = match guard.options {
                OnOptions::Asked => String::new(),
                OnOptions::Skipped => " but OPTIONS".to_owned(),
                OnOptions::Answered(status) => format!(" OPTIONS {status}"),
            };
            let nobody = match guard.anonymous {
                Some(status) => format!(" or {status} to nobody"),
                None => String::new(),
            };
            format!("wants {wants}: {}{nobody}{error}{skips}", guard.status)
        }
    }
}
