//! The emulator that we are held against, in a process of its own.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value as Json;

use crate::case::Case;

pub struct Emulator {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    upstream: String,
}

/// What came of a case.
pub struct Said {
    /// The account, as a snapshot.
    pub snapshot: Json,
    /// Of each label of an API the id, of each name the ARN of who signs.
    names: Json,
    pub upstream: String,
    pub answers: Vec<Answer>,
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Emulator {
    pub fn start() -> Emulator {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        let python = tests.join(".venv/bin/python");
        assert!(
            tests.join(".venv/bin/ministack").exists(),
            "ministack is not installed; tests/run does it, from tests/requirements.txt"
        );
        let mut child = Command::new(python)
            .arg(tests.join("apigateway_truth/emulator.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python");
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let started = line(&mut output);
        Emulator {
            child,
            input,
            output,
            upstream: started["upstream"].as_str().expect("a URL").to_owned(),
        }
    }

    /// Makes the account and sends the requests.
    pub fn play(&mut self, case: &Case) -> Said {
        let input = self.input.as_mut().expect("it was not stopped");
        writeln!(input, "{}", case.told()).expect("a process that listens");
        let said = line(&mut self.output);
        let answers = said["answers"].as_array().expect("answers").iter();
        Said {
            answers: answers.map(answer).collect(),
            snapshot: said["snapshot"].clone(),
            upstream: self.upstream.clone(),
            names: said,
        }
    }
}

impl Said {
    pub fn id(&self, label: &str) -> &str {
        self.names["ids"][label].as_str().expect("an API")
    }

    /// The label of the API whose id stands at the end of the name of a gate.
    pub fn label(&self, gate: &str) -> &str {
        let ids = self.names["ids"].as_object().expect("ids");
        let is_it = |id: &Json| gate.ends_with(&format!("({})", id.as_str().unwrap_or_default()));
        let mut labels = ids.iter().filter(|(_, id)| is_it(id));
        labels.next().expect("an API of the account").0
    }

    pub fn arn(&self, name: &str) -> String {
        self.names["arns"][name]
            .as_str()
            .expect("an ARN")
            .to_owned()
    }
}

fn line(output: &mut impl BufRead) -> Json {
    let mut said = String::new();
    output.read_line(&mut said).expect("an answer");
    serde_json::from_str(&said).expect("a line of JSON")
}

fn answer(said: &Json) -> Answer {
    let headers = said["headers"].as_object().into_iter().flatten();
    Answer {
        status: said["status"]
            .as_u64()
            .and_then(|status| status.try_into().ok())
            .unwrap_or(0),
        headers: headers
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
        body: said["body"].as_str().unwrap_or_default().to_owned(),
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // At the end of its input it stops the emulator, and itself.
        self.input = None;
        let _ = self.child.wait();
    }
}
