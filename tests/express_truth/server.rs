//! The real Express, in a process of its own.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::ask::Ask;

/// The headers that are compared.
pub const CORS_HEADERS: [&str; 4] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
];

pub struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What Express answered to one request.
pub struct Answer {
    pub status: u64,
    pub headers: HashMap<String, String>,
}

impl Server {
    pub fn start(version: u8) -> Server {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        let installed = tests.join(format!("node_modules/express{version}"));
        assert!(
            installed.exists(),
            "Express {version} is not installed; tests/run does it, or `npm ci --prefix tests`"
        );
        let mut child = Command::new("node")
            .arg(tests.join("express_truth/server.js"))
            .arg(format!("express{version}"))
            .env("NODE_ENV", "test")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        Server {
            child,
            input,
            output,
        }
    }

    /// What a stack answers to each request, or why Express does not start with it.
    pub fn answer(&mut self, manifest: &Value, asks: &[Ask]) -> Result<Vec<Answer>, String> {
        let requests: Vec<Value> = asks.iter().map(crate::told).collect();
        let line = json!({ "manifest": manifest, "requests": requests });
        writeln!(self.input, "{line}").expect("a server that listens");
        let mut said = String::new();
        self.output.read_line(&mut said).expect("an answer");
        let said: Value = serde_json::from_str(&said).expect("a line of JSON");
        if let Some(refused) = said["refused"].as_str() {
            return Err(refused.to_owned());
        }
        let answers = said["answers"].as_array().expect("answers").iter();
        Ok(answers.map(answer).collect())
    }
}

fn answer(said: &Value) -> Answer {
    let headers = said["headers"].as_object().into_iter().flatten();
    Answer {
        status: said["status"].as_u64().unwrap_or(0),
        headers: headers
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
