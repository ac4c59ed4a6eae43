//! The real nginx, in a folder of its own, and what it does with a request.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::case::Exchange;
use crate::client::{self, Response};
use crate::files;
use crate::upstream::{Received, Upstreams, Who};

/// What was seen when one request was sent to nginx.
#[derive(Debug)]
pub struct Observation {
    pub response: Response,
    pub received: Vec<Received>,
}

/// A folder with files to serve, servers behind nginx, and ports to listen on.
pub struct Lab {
    folder: TempDir,
    upstreams: Upstreams,
    ports: Vec<(&'static str, u16)>,
}

/// A running nginx; it ends when this is dropped.
pub struct Nginx<'lab> {
    lab: &'lab Lab,
    process: Child,
}

/// nginx did not take the configuration.
#[derive(Debug)]
pub struct Refused(pub String);

/// The one user that the password file knows, and the file.
pub const PASSWORD_FILE: &str = "ann:{PLAIN}secret\n";
pub const RIGHT_PASSWORD: &str = "Basic YW5uOnNlY3JldA==";
pub const WRONG_PASSWORD: &str = "Basic YW5uOndyb25n";

/// The files under `www`; `empty` is a folder without an index file.
const FILES: &[&str] = &[
    "index.html",
    "a.txt",
    "403.html",
    "404.html",
    "50x.html",
    "api/x.txt",
    "docs/index.html",
    "docs/page.html",
    "docs/api/x.txt",
    "empty/file.txt",
    "empty/.hidden",
];

impl Lab {
    pub fn open() -> io::Result<Lab> {
        let folder = tempfile::tempdir()?;
        for file in FILES {
            let path = folder.path().join("www").join(file);
            fs::create_dir_all(path.parent().unwrap_or(&path))?;
            fs::write(path, format!("{file}\n"))?;
        }
        fs::write(folder.path().join("htpasswd"), PASSWORD_FILE)?;
        fs::write(
            folder.path().join("why403.yaml"),
            format!(
                "nginx:\n  version: 1.22.1\n  prefix: {}\n",
                folder.path().display()
            ),
        )?;
        let upstreams = Upstreams::start()?;
        let mut ports: Vec<_> = upstreams.ports().collect();
        for name in ["PORT1", "PORT2", "PORT3", "DEAD"] {
            ports.push((name, free_port()?));
        }
        Ok(Lab {
            folder,
            upstreams,
            ports,
        })
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whether an address is one that nginx itself listens on.
    pub fn is_listening(&self, address: &str) -> bool {
        let port = address
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok());
        let mine = |(name, number): &(&str, u16)| name.starts_with("PORT") && Some(*number) == port;
        self.ports.iter().any(mine)
    }

    pub fn port(&self, name: &str) -> Option<u16> {
        self.ports
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, port)| *port)
    }

    /// Text with the names of ports replaced by their numbers, and `ROOT/` by the folder.
    pub fn fill(&self, text: &str) -> String {
        let mut text = text.replace("ROOT/", &format!("{}/", self.folder().display()));
        for (name, port) in &self.ports {
            text = text.replace(&format!(":{name}"), &format!(":{port}"));
        }
        text
    }

    /// Writes the configuration into the folder, for nginx and for the analyzer alike.
    pub fn write(&self, http: &str) -> io::Result<PathBuf> {
        let path = self.folder().join("nginx.conf");
        let modules = "/usr/lib/nginx/modules";
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|kind| format!("{kind}_temp_path temp;\n"))
            .collect();
        let (http, files) = files::split(&self.fill(http));
        let includes = self.folder().join("inc");
        if includes.exists() {
            fs::remove_dir_all(&includes)?;
        }
        fs::create_dir(&includes)?;
        for (name, text) in files {
            fs::write(self.folder().join(name), text)?;
        }
        let text = format!(
            "load_module {modules}/ngx_http_headers_more_filter_module.so;\n\
             events {{ worker_connections 128; }}\n\
             http {{\naccess_log off;\n{temporary}{http}}}\n"
        );
        fs::write(&path, text)?;
        Ok(path)
    }

    pub fn start(&self, http: &str) -> Result<Nginx<'_>, Refused> {
        let broken = |error: io::Error| Refused(error.to_string());
        let path = self.write(http).map_err(broken)?;
        let pid = self.folder().join("nginx.pid");
        let _ = fs::remove_file(&pid);
        let errors = self.folder().join("stderr");
        let process = Command::new("/usr/sbin/nginx")
            .arg("-p")
            .arg(self.folder())
            .arg("-c")
            .arg(&path)
            .args(["-e", "error.log", "-g"])
            .arg(format!(
                "daemon off; master_process off; pid {};",
                pid.display()
            ))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&errors).map_err(broken)?)
            .spawn()
            .map_err(broken)?;
        let mut nginx = Nginx { lab: self, process };
        // nginx writes its process id after it has opened its sockets.
        let deadline = Instant::now() + Duration::from_secs(10);
        while !fs::metadata(&pid).is_ok_and(|file| file.len() > 0) {
            if nginx.process.try_wait().map_err(broken)?.is_some() {
                return Err(Refused(fs::read_to_string(&errors).map_err(broken)?));
            }
            if Instant::now() > deadline {
                return Err(Refused("nginx does not start".to_string()));
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(nginx)
    }
}

/// A port that is free on all IPv4 addresses and on the loopback one of IPv6, below those that the system hands out to
/// clients, so that none of ours takes it while nginx is down.
fn free_port() -> io::Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = std::process::id() as u16;
    for _ in 0..20_000 {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 10_000 + start.wrapping_add(step) % 20_000;
        if TcpListener::bind(("0.0.0.0", port)).is_ok() && TcpListener::bind(("::1", port)).is_ok()
        {
            return Ok(port);
        }
    }
    Err(io::Error::other("no port is free"))
}

impl Drop for Nginx<'_> {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Nginx<'_> {
    /// Whether the process ended. Some configurations make nginx itself crash; the connection is
    /// closed a moment before the process is gone.
    pub fn has_died(&mut self) -> bool {
        let deadline = Instant::now() + Duration::from_millis(500);
        while Instant::now() < deadline {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return true;
            }
            thread::sleep(Duration::from_millis(5));
        }
        false
    }

    /// Sends one request and collects what comes back and what arrives behind nginx.
    pub fn observe(&self, exchange: &Exchange) -> io::Result<Observation> {
        let upstreams = &self.lab.upstreams;
        upstreams.prepare(&exchange.upstream, &exchange.auth);
        let port = self
            .lab
            .port(&exchange.port)
            .ok_or_else(|| io::Error::other(format!("no port {}", exchange.port)))?;
        let mut bytes = self.lab.fill(&exchange.lines.join("\r\n")).into_bytes();
        bytes.extend_from_slice(b"\r\n\r\n");
        bytes.resize(bytes.len() + exchange.body, b'x');
        let response = client::send(exchange.from, SocketAddr::new(exchange.to, port), &bytes)?;
        // A copy may arrive after the answer.
        if exchange
            .expects
            .iter()
            .any(|line| line.starts_with("mirror"))
        {
            upstreams.wait_for(Who::Mirror);
        }
        Ok(Observation {
            response,
            received: upstreams.take_received(),
        })
    }
}
