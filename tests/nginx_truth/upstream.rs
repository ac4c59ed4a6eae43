//! The servers behind nginx: they write down what they receive and answer what they are told to.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use bstr::{BString, ByteSlice};

use crate::case::Answer;
use crate::client::{header, read_head};
use crate::params;

/// One server behind nginx, by the name of its port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    A,
    B,
    Auth,
    /// Gets copies of requests; what it answers is thrown away.
    Mirror,
    Fastcgi,
    Scgi,
    Uwsgi,
}

impl Who {
    pub const ALL: [Who; 7] = [
        Who::A,
        Who::B,
        Who::Auth,
        Who::Mirror,
        Who::Fastcgi,
        Who::Scgi,
        Who::Uwsgi,
    ];

    /// The name of the port in configurations.
    pub fn port_name(self) -> &'static str {
        match self {
            Who::A => "UPA",
            Who::B => "UPB",
            Who::Auth => "AUTH",
            Who::Mirror => "MIRROR",
            Who::Fastcgi => "FASTCGI",
            Who::Scgi => "SCGI",
            Who::Uwsgi => "UWSGI",
        }
    }
}

/// One request as a server behind nginx received it.
#[derive(Clone, Debug)]
pub struct Received {
    pub by: Who,
    pub method: BString,
    pub uri: BString,
    /// Header lines; for FastCGI, SCGI and uwsgi the parameters.
    pub headers: Vec<(String, BString)>,
}

impl Received {
    /// What the parameters of a gateway protocol say.
    fn of_params(by: Who, params: Vec<(String, BString)>) -> Self {
        let get = |name: &str| {
            params
                .iter()
                .find(|(key, _)| key == name)
                .map_or_else(BString::default, |(_, value)| value.clone())
        };
        Received {
            by,
            method: get("REQUEST_METHOD"),
            uri: get("REQUEST_URI"),
            headers: params,
        }
    }
}

#[derive(Default)]
struct State {
    upstream: Answer,
    auth: Answer,
    received: Vec<Received>,
}

/// All servers behind one nginx. Their threads live until the test process ends.
pub struct Upstreams {
    state: Arc<Mutex<State>>,
    ports: Vec<(Who, u16)>,
}

impl Upstreams {
    pub fn start() -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State::default()));
        let mut ports = Vec::new();
        for who in Who::ALL {
            let listener = TcpListener::bind(("127.0.0.1", 0))?;
            ports.push((who, listener.local_addr()?.port()));
            let state = Arc::clone(&state);
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    // A broken connection is nginx's affair: the observation shows it as 502.
                    let _ = serve(who, stream, &state);
                }
            });
        }
        Ok(Upstreams { state, ports })
    }

    pub fn ports(&self) -> impl Iterator<Item = (&'static str, u16)> + '_ {
        self.ports
            .iter()
            .map(|(who, port)| (who.port_name(), *port))
    }

    /// Says what to answer from now on, and forgets what was received.
    pub fn prepare(&self, upstream: &Answer, auth: &Answer) {
        let mut state = lock(&self.state);
        state.upstream = upstream.clone();
        state.auth = auth.clone();
        state.received.clear();
    }

    /// Until a server has received something, or it takes too long.
    pub fn wait_for(&self, who: Who) {
        let deadline = Instant::now() + Duration::from_secs(5);
        let arrived = || lock(&self.state).received.iter().any(|one| one.by == who);
        while !arrived() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
    }

    pub fn take_received(&self) -> Vec<Received> {
        std::mem::take(&mut lock(&self.state).received)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(who: Who, mut stream: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    let received = match who {
        Who::A | Who::B | Who::Auth | Who::Mirror => read_http(who, &mut stream)?,
        Who::Fastcgi => Received::of_params(who, params::read_fastcgi(&mut stream)?),
        Who::Scgi => Received::of_params(who, params::read_scgi(&mut stream)?),
        Who::Uwsgi => Received::of_params(who, params::read_uwsgi(&mut stream)?),
    };
    let head_only = received.method == "HEAD";
    let answer = {
        let mut state = lock(state);
        state.received.push(received);
        match who {
            Who::Auth => state.auth.clone(),
            Who::Mirror => Answer::default(),
            _ => state.upstream.clone(),
        }
    };
    let answer = render(who, &answer, head_only);
    match who {
        Who::Fastcgi => params::write_fastcgi(&mut stream, &answer),
        _ => stream.write_all(&answer),
    }
}

fn read_http(by: Who, stream: &mut TcpStream) -> io::Result<Received> {
    let head = read_head(stream)?;
    let mut lines = head.lines();
    // nginx sends spaces within a path, and an empty method, if it is told to.
    let line = lines.next().unwrap_or_default();
    let (line, _) = line.rsplit_once_str(" ").unwrap_or((line, b""));
    let (method, uri) = line.split_once_str(" ").unwrap_or((line, b""));
    Ok(Received {
        by,
        method: method.into(),
        uri: uri.into(),
        headers: lines.filter_map(header).collect(),
    })
}

fn render(who: Who, answer: &Answer, head_only: bool) -> Vec<u8> {
    let line = match who {
        Who::A | Who::B | Who::Auth | Who::Mirror | Who::Uwsgi => "HTTP/1.0",
        Who::Fastcgi | Who::Scgi => "Status:",
    };
    let mut text = format!(
        "{line} {} Said\r\nX-From: {}\r\n",
        answer.status,
        who.port_name()
    );
    for (name, value) in &answer.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let body = if head_only { "" } else { "said\n" };
    text.push_str(&format!(
        "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\n{body}"
    ));
    text.into_bytes()
}

/// Reads exactly so many bytes.
pub fn take(stream: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}
