//! The emulator that we are held against, in a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

pub struct Emulator {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Emulator {
    pub fn start() -> Emulator {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        assert!(
            tests.join(".venv/bin/ministack").exists(),
            "ministack is not installed; tests/run does it, from tests/requirements.txt"
        );
        let mut child = Command::new(tests.join(".venv/bin/python"))
            .arg(tests.join("aws_edge_truth/emulator.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python");
        Emulator {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().expect("its output")),
            child,
        }
    }

    /// Makes the account and sends the requests.
    pub fn play(&mut self, plan: &Value) -> Value {
        let input = self.input.as_mut().expect("it was not stopped");
        writeln!(input, "{plan}").expect("a process that listens");
        let mut said = String::new();
        self.output.read_line(&mut said).expect("an answer");
        serde_json::from_str(&said).expect("a line of JSON")
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // At the end of its input it stops the emulator, and itself.
        self.input = None;
        let _ = self.child.wait();
    }
}
