//! A case: a configuration, and requests to it. The text form is the same for the cases that
//! stand in `cases/` and for the disagreements that a run writes down.
//!
//! ```text
//! # Why this case exists.
//! server { listen 127.0.0.1:PORT1; … }        what stands inside `http { }`
//!
//! == what this request shows
//! from 127.0.0.9                              all of these have defaults
//! to 127.0.0.2
//! limited                                     its limits are used up
//! port PORT2
//! body 20
//! auth 401
//! upstream 404
//! upstream X-Powered-By: up
//! > GET /a HTTP/1.1
//! > Host: a.test
//! < status 403
//! < reached nobody
//! ```

use std::fmt::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub struct Case {
    /// What the case shows; one line of text each.
    pub about: Vec<String>,
    /// The content of `http { }`, with the names of ports still in it.
    pub config: String,
    pub exchanges: Vec<Exchange>,
}

#[derive(Clone)]
pub struct Exchange {
    pub title: String,
    pub from: IpAddr,
    /// The address that it connects to.
    pub to: IpAddr,
    /// The rate and connection limits that it meets are used up by earlier ones.
    pub limited: bool,
    /// `PORT1`, `PORT2`
    pub port: String,
    /// The request line and the header lines.
    pub lines: Vec<String>,
    pub body: usize,
    pub upstream: Answer,
    pub auth: Answer,
    pub expects: Vec<String>,
}

/// What a server behind nginx answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
}

impl Default for Answer {
    fn default() -> Self {
        Answer {
            status: 200,
            headers: Vec::new(),
        }
    }
}

impl Exchange {
    pub fn new(title: &str) -> Self {
        Exchange {
            title: title.to_string(),
            from: IpAddr::V4(Ipv4Addr::LOCALHOST),
            to: IpAddr::V4(Ipv4Addr::LOCALHOST),
            limited: false,
            port: "PORT1".to_string(),
            lines: Vec::new(),
            body: 0,
            upstream: Answer::default(),
            auth: Answer::default(),
            expects: Vec::new(),
        }
    }
}

/// The loopback address of the same family.
pub fn loopback(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    }
}

impl Case {
    pub fn parse(text: &str) -> Result<Case, String> {
        let mut case = Case {
            about: Vec::new(),
            config: String::new(),
            exchanges: Vec::new(),
        };
        for (at, line) in text.lines().enumerate() {
            if let Some(title) = line.strip_prefix("== ") {
                case.exchanges.push(Exchange::new(title));
            } else if let Some(exchange) = case.exchanges.last_mut() {
                exchange
                    .read_line(line)
                    .map_err(|problem| format!("line {}: {problem}", at + 1))?;
            } else if let (Some(about), true) = (line.strip_prefix("# "), case.config.is_empty()) {
                case.about.push(about.to_string());
            } else {
                case.config.push_str(line);
                case.config.push('\n');
            }
        }
        Ok(case)
    }
}

impl Exchange {
    fn read_line(&mut self, line: &str) -> Result<(), String> {
        let (key, rest) = line.split_once(' ').unwrap_or((line, ""));
        match key {
            "" | "#" => {}
            "from" => {
                self.from = rest.parse().map_err(|_| format!("no address: {rest}"))?;
                self.to = loopback(self.from);
            }
            "to" => self.to = rest.parse().map_err(|_| format!("no address: {rest}"))?,
            "limited" => self.limited = true,
            "port" => self.port = rest.to_string(),
            "body" => self.body = rest.parse().map_err(|_| format!("no number: {rest}"))?,
            "upstream" => self.upstream.read(rest)?,
            "auth" => self.auth.read(rest)?,
            ">" => self.lines.push(rest.to_string()),
            "<" => self.expects.push(rest.to_string()),
            _ => return Err(format!("not a word of this format: {key}")),
        }
        Ok(())
    }
}

impl Answer {
    fn read(&mut self, text: &str) -> Result<(), String> {
        match text.split_once(": ") {
            Some((name, value)) => self.headers.push((name.to_string(), value.to_string())),
            None => self.status = text.parse().map_err(|_| format!("no status: {text}"))?,
        }
        Ok(())
    }

    fn write(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.status != 200 {
            writeln!(f, "{name} {}", self.status)?;
        }
        for (header, value) in &self.headers {
            writeln!(f, "{name} {header}: {value}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.about {
            writeln!(f, "# {line}")?;
        }
        f.write_str(&self.config)?;
        for exchange in &self.exchanges {
            f.write_char('\n')?;
            exchange.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "== {}", self.title)?;
        if self.from != IpAddr::V4(Ipv4Addr::LOCALHOST) {
            writeln!(f, "from {}", self.from)?;
        }
        if self.to != loopback(self.from) {
            writeln!(f, "to {}", self.to)?;
        }
        if self.limited {
            writeln!(f, "limited")?;
        }
        if self.port != "PORT1" {
            writeln!(f, "port {}", self.port)?;
        }
        if self.body != 0 {
            writeln!(f, "body {}", self.body)?;
        }
        self.upstream.write("upstream", f)?;
        self.auth.write("auth", f)?;
        for line in &self.lines {
            writeln!(f, "> {line}")?;
        }
        for line in &self.expects {
            writeln!(f, "< {line}")?;
        }
        Ok(())
    }
}
