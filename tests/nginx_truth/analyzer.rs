//! why403's side of the comparison, by the way that a user takes: a folder is read as an estate.

use std::net::IpAddr;
use std::path::Path;

use why403::estate::{Estate, Input};
use why403::gates::nginx::Nginx;
use why403::request::{Headers, Known, Request, Scheme};

use crate::case::Exchange;
use crate::server::Lab;

/// Reads the lab's folder, with the nginx.conf and the why403.yaml that stand in it.
pub fn read(folder: &Path) -> Result<Estate, String> {
    let inputs = [Input::Path(folder.to_path_buf())];
    let estate = Estate::read(&inputs, &[]).map_err(|error| error.to_string())?;
    if let Some(problem) = estate.problems.iter().find(|problem| problem.fatal) {
        return Err(problem.message.clone());
    }
    match estate.nginx.len() {
        1 => Ok(estate),
        number => Err(format!("the folder holds one nginx, not {number}")),
    }
}

/// The one gate of an estate that [`read`] gave.
pub fn gate(estate: &Estate) -> &Nginx {
    &estate.nginx[0]
}

/// The request as the analyzer takes it. Its URL has the address that the client connects to; the
/// name that it asks for is in the Host header.
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
    Request {
        sent_at: None,
        signed_by: None,
        vpc_endpoint: None,
        method,
        scheme: Scheme::Http,
        // A URL without a host stands for HTTP/1.0 without a Host header.
        host: match headers.has("Host") {
            true => host(exchange.to),
            false => String::new(),
        },
        port: lab.port(&exchange.port).unwrap_or(80),
        target,
        headers,
        from: Known::Is(exchange.from),
        body: exchange.body as u64,
    }
}

/// An address as the host of a URL (RFC 3986 §3.2.2).
fn host(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}
