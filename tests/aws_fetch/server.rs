//! A server that stands in for AWS, on loopback: it answers with empty accounts, and for some calls
//! with what a test says.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A call as AWS tells them apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// As requests are signed for it: `apigateway`, `elasticloadbalancing`.
    pub service: String,
    pub region: String,
    /// `Action` of a form, the target of a JSON request, or the path.
    pub name: String,
    /// The query of the URL, or the form.
    pub query: String,
}

pub enum Reply {
    /// Status, an error's name, and the body.
    Is(u16, &'static str, String),
    /// Never answers.
    Hangs,
    /// Ends the connection instead.
    Breaks,
    /// As an empty account does.
    Empty,
}

impl Reply {
    pub fn json(body: impl Into<String>) -> Reply {
        Reply::Is(200, "", body.into())
    }

    /// An error of the services that speak JSON.
    pub fn error(status: u16, name: &'static str, message: &str) -> Reply {
        Reply::Is(status, name, format!("{{\"message\":\"{message}\"}}"))
    }
}

type Answer = dyn Fn(&Call, usize) -> Reply + Send + Sync;

pub struct Server {
    pub endpoint: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Server {
    /// The second argument of the answer is how often this call, but for its query, came before.
    pub fn start(answer: impl Fn(&Call, usize) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&calls), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || serve(stream.unwrap(), &seen, &*answer));
            }
        });
        Server { endpoint, calls }
    }

    /// All calls so far, but for who is calling.
    pub fn calls(&self) -> Vec<Call> {
        let calls = self.calls.lock().unwrap();
        calls
            .iter()
            .filter(|call| call.service != "sts")
            .cloned()
            .collect()
    }

    /// Whether anything was asked, be it who is calling.
    pub fn is_called(&self) -> bool {
        !self.calls.lock().unwrap().is_empty()
    }

    pub fn named(&self, name: &str) -> Vec<Call> {
        let calls = self.calls().into_iter();
        calls.filter(|call| call.name == name).collect()
    }
}

fn serve(stream: TcpStream, calls: &Mutex<Vec<Call>>, answer: &Answer) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(call) = read(&mut reader) {
        let before = {
            let mut calls = calls.lock().unwrap();
            let same = |one: &&Call| (&one.service, &one.name) == (&call.service, &call.name);
            let before = calls.iter().filter(same).count();
            calls.push(call.clone());
            before
        };
        let (status, name, body) = match answer(&call, before) {
            Reply::Is(status, name, body) => (status, name, body),
            Reply::Empty => (200, "", empty(&call)),
            Reply::Breaks => return,
            Reply::Hangs => {
                thread::sleep(Duration::from_secs(120));
                return;
            }
        };
        let error = match name {
            "" => String::new(),
            name => format!("x-amzn-errortype: {name}\r\n"),
        };
        let length = body.len();
        let head = format!("HTTP/1.1 {status} Said\r\ncontent-length: {length}\r\n{error}\r\n");
        if stream.write_all((head + &body).as_bytes()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Call> {
    let mut line = String::new();
    reader
        .read_line(&mut line)
        .ok()
        .filter(|length| *length > 0)?;
    let target = line.split(' ').nth(1)?.to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).unwrap();
    // Credential=KEY/DATE/REGION/SERVICE/aws4_request
    let signed: Vec<&str> = headers["authorization"].split('/').collect();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let action = body
        .split('&')
        .find_map(|pair| pair.strip_prefix("Action="));
    let named = headers
        .get("x-amz-target")
        .map(|name| name.rsplit('.').next().unwrap());
    Some(Call {
        region: signed[2].to_owned(),
        service: signed[3].to_owned(),
        name: action.or(named).unwrap_or(path).to_owned(),
        query: match action {
            Some(_) => body.clone(),
            None => query.to_owned(),
        },
    })
}

/// What an account answers in which there is nothing.
fn empty(call: &Call) -> String {
    let name = &call.name;
    match call.service.as_str() {
        "sts" => "<GetCallerIdentityResponse><GetCallerIdentityResult>\
             <Arn>arn:aws:iam::123456789012:user/ada</Arn><UserId>AIDA</UserId>\
             <Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
            .to_owned(),
        "ec2" | "iam" | "elasticloadbalancing" => {
            format!("<{name}Response><{name}Result></{name}Result></{name}Response>")
        }
        "cloudfront" => "<DistributionList><Marker/><MaxItems>100</MaxItems>\
             <IsTruncated>false</IsTruncated><Quantity>0</Quantity></DistributionList>"
            .to_owned(),
        _ => "{}".to_owned(),
    }
}
