//! Stands in front of an emulator: one service denies everything, the others answer as it does.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::denial;

/// What the emulator has answered, by what was asked: the account does not change, and is slow.
pub type Answers = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// Its address. `denied` is a service as requests are signed for it.
pub fn start(emulator: &str, answers: &Answers, denied: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let address = emulator.trim_start_matches("http://").to_owned();
    let answers = Arc::clone(answers);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (address, answers) = (address.clone(), Arc::clone(&answers));
            thread::spawn(move || serve(stream.unwrap(), &address, &answers, denied));
        }
    });
    endpoint
}

/// One request a connection.
fn serve(mut client: TcpStream, emulator: &str, answers: &Answers, denied: Option<&str>) {
    let Some(asked) = Asked::read(&client) else {
        return;
    };
    let answer = match denied {
        Some(service) if service == asked.service => refusal(service),
        _ => {
            let known = answers.lock().unwrap().get(&asked.key).cloned();
            let answer = known.unwrap_or_else(|| asked.send(emulator));
            answers.lock().unwrap().insert(asked.key, answer.clone());
            answer
        }
    };
    let _ = client.write_all(&answer);
}

fn refusal(service: &str) -> Vec<u8> {
    let (status, name, body) = denial::of(service);
    let error = match name {
        "" => String::new(),
        name => format!("x-amzn-errortype: {name}\r\n"),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} No\r\n{error}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    (head + &body).into_bytes()
}

struct Asked {
    service: String,
    /// What tells it from other requests: not its time, and not its signature.
    key: String,
    text: Vec<u8>,
}

impl Asked {
    fn read(client: &TcpStream) -> Option<Asked> {
        let mut reader = BufReader::new(client);
        let mut first = String::new();
        reader.read_line(&mut first).ok().filter(|size| *size > 0)?;
        let mut text = format!("{first}connection: close\r\n");
        let (mut length, mut scope, mut target) = (0, String::new(), String::new());
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            text.push_str(&line);
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap(),
                "authorization" => scope = value.to_owned(),
                "x-amz-target" => target = value.to_owned(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        // Credential=KEY/DATE/REGION/SERVICE/aws4_request
        let mut scope = scope.split('/').skip(2);
        let (region, service) = (scope.next()?.to_owned(), scope.next()?.to_owned());
        let said = String::from_utf8_lossy(&body);
        Some(Asked {
            key: format!("{region} {service} {target} {first}{said}"),
            service,
            text: [text.as_bytes(), &body].concat(),
        })
    }

    fn send(&self, emulator: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(emulator).unwrap();
        stream.write_all(&self.text).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    }
}
