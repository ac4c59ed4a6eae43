//! The package that we are held against, in a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::case::Case;

pub struct Simulator {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    ExplicitlyDenied,
    ImplicitlyDenied,
}

impl Simulator {
    pub fn start() -> Simulator {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        assert!(
            tests
                .join("node_modules/@cloud-copilot/iam-simulate")
                .exists(),
            "@cloud-copilot/iam-simulate is not installed; tests/run does it, or `npm ci --prefix tests`"
        );
        let mut child = Command::new("node")
            .arg(tests.join("iam_truth/server.js"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        Simulator {
            child,
            input,
            output,
        }
    }

    /// What it decides, or why it does not take the case.
    pub fn decide(&mut self, case: &Case) -> Result<Verdict, String> {
        writeln!(self.input, "{}", case.told()).expect("a process that listens");
        let mut said = String::new();
        self.output.read_line(&mut said).expect("an answer");
        let said: Value = serde_json::from_str(&said).expect("a line of JSON");
        match said["verdict"].as_str() {
            Some("Allowed") => Ok(Verdict::Allowed),
            Some("ExplicitlyDenied") => Ok(Verdict::ExplicitlyDenied),
            Some("ImplicitlyDenied") => Ok(Verdict::ImplicitlyDenied),
            _ => Err(said.to_string()),
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
