//! A script that starts the emulator ministack and speaks with the test through lines of JSON.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

pub struct Script {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Script {
    /// By its path in the folder of the tests.
    pub fn start(path: &str) -> Script {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        assert!(
            tests.join(".venv/bin/ministack").exists(),
            "ministack is not installed; tests/run does it, from tests/requirements.txt"
        );
        let mut child = Command::new(tests.join(".venv/bin/python"))
            .arg(tests.join(path))
            .env("PYTHONPATH", tests.join("ministack"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python");
        Script {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().expect("its output")),
            child,
        }
    }

    /// The next line that it says.
    pub fn hear(&mut self) -> Value {
        let mut said = String::new();
        self.output.read_line(&mut said).expect("an answer");
        serde_json::from_str(&said).expect("a line of JSON")
    }

    /// What it answers to this line.
    pub fn ask(&mut self, line: &Value) -> Value {
        let input = self.input.as_mut().expect("it was not stopped");
        writeln!(input, "{line}").expect("a process that listens");
        self.hear()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // At the end of its input it stops the emulator, and itself.
        self.input = None;
        let _ = self.child.wait();
    }
}
