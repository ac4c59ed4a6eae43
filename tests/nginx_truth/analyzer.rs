//! why403's side of the comparison.

use std::path::Path;
use std::sync::Arc;

use why403::config::{NginxSettings, Version};
use why403::gates::nginx::Nginx;
use why403::gates::nginx::include::{File, Files, Outline};
use why403::request::{Headers, Known, Request, Scheme};
use why403::source::{SourceMap, Spanned};
use why403::syntax::nginx::parse;

use crate::case::Exchange;
use crate::server::Lab;

/// Reads the configuration that stands in the lab's folder.
pub fn read(path: &Path) -> Result<Nginx, String> {
    let text: Arc<[u8]> = std::fs::read(path).map_err(|e| e.to_string())?.into();
    let mut sources = SourceMap::default();
    let id = sources
        .add("nginx.conf", Arc::clone(&text))
        .map_err(|e| e.to_string())?;
    let span = sources.get(id).span();
    let tree = parse(span.start, text);
    let outline = Outline::of(&tree);
    let file = File {
        name: "nginx.conf".to_string(),
        tree,
        outline,
    };
    let (files, problems) = Files::new(vec![file], Vec::new());
    let settings = NginxSettings {
        version: Some(Spanned::new(Version::new(1, 22, 1), span)),
        prefix: path
            .parent()
            .map(|folder| Spanned::new(folder.display().to_string(), span)),
    };
    let entries = files.entries();
    let entry = entries.first().ok_or("no entry")?;
    let (nginx, more) = Nginx::read(&files, entry, &settings, &sources);
    match problems.iter().chain(&more).find(|problem| problem.fatal) {
        Some(problem) => Err(problem.message.clone()),
        None => Ok(nginx),
    }
}

/// The request as the analyzer takes it.
pub fn request(lab: &Lab, exchange: &Exchange) -> Request {
    let mut lines = exchange.lines.iter().map(|line| lab.fill(line));
    let first = lines.next().unwrap_or_default();
    let mut words = first.split(' ');
    let method = words.next().unwrap_or_default().to_string();
    let target = words.next().unwrap_or_default().into();
    let mut headers = Headers::default();
    for line in lines {
        if let Some((name, value)) = line.split_once(':') {
            headers.push(name, value.trim());
        }
    }
    let host = match headers.get("Host") {
        Some(Known::Is(host)) => host.to_string(),
        _ => String::new(),
    };
    Request {
        method,
        scheme: Scheme::Http,
        host: host.split(':').next().unwrap_or_default().to_string(),
        port: lab.port(&exchange.port).unwrap_or(80),
        target,
        headers,
        from: Known::Is(exchange.from),
        body: exchange.body as u64,
    }
}
