//! Runs the program, and holds all that it prints against what no run may print.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Generous, for a debug build on a busy machine; what is exponential takes longer than the sun.
const PATIENCE: Duration = Duration::from_secs(180);

/// What one run of the program came to.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    stderr: String,
}

impl Ran {
    pub fn says(&self, text: &str) -> &Self {
        let flat = self.stdout.replace("\n  ", " ");
        assert!(flat.contains(text), "no {text:?} in:\n{}", self.start());
        self
    }

    pub fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{}{}", self.start(), self.stderr);
        self
    }

    pub fn is_shorter_than(&self, bytes: usize) -> &Self {
        let length = self.stdout.len();
        assert!(length < bytes, "{length} bytes:\n{}", self.start());
        self
    }

    pub fn start(&self) -> String {
        self.stdout.chars().take(3000).collect()
    }
}

/// A folder with an `nginx.conf`.
pub fn folder(config: impl AsRef<[u8]>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("nginx.conf"), config).unwrap();
    folder
}

/// A configuration with this inside of its server.
pub fn server(inside: &str) -> String {
    http("", inside)
}

/// The same, with something beside the server.
pub fn http(beside: &str, inside: &str) -> String {
    format!(
        "events {{}}\nhttp {{\n{beside}\nserver {{ listen 80; server_name a.test;\n{inside}\n}} }}\n"
    )
}

/// Runs the program to its end, and holds what it printed against what no run may print.
pub fn why403(folder: &Path, args: &[&str]) -> Ran {
    let printed = tempfile::tempdir().unwrap();
    let to = |name: &str| printed.path().join(name);
    let mut child = Command::new(env!("CARGO_BIN_EXE_why403"))
        .args(args)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .stdout(File::create(to("out")).unwrap())
        .stderr(File::create(to("err")).unwrap())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{args:?} takes longer than {PATIENCE:?}");
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let read = |name| String::from_utf8(fs::read(to(name)).unwrap()).expect("UTF-8");
    let ran = Ran {
        code: status
            .code()
            .unwrap_or_else(|| panic!("{args:?}: {status}")),
        stdout: read("out"),
        stderr: read("err"),
    };
    assert!(
        (0..=2).contains(&ran.code),
        "{args:?}: {status}\n{}",
        ran.stderr
    );
    for text in [&ran.stdout, &ran.stderr] {
        is_safe(text, args.contains(&"github"));
    }
    ran
}

/// Nothing that a terminal or a build server would obey.
fn is_safe(text: &str, holds_commands: bool) {
    let is_raw = |char: char| char.is_control() && char != '\n' && char != '\t';
    if let Some(at) = text.find(is_raw) {
        let around: String = text[..at].chars().rev().take(80).collect();
        panic!(
            "a raw control character after {:?}",
            around.chars().rev().collect::<String>()
        );
    }
    for line in text.lines().map(str::trim_start) {
        let is_ours = holds_commands
            && [
                "::error file=",
                "::warning file=",
                "::notice file=",
                "::error title=",
                "::warning title=",
            ]
            .iter()
            .any(|start| line.starts_with(start));
        assert!(!line.starts_with("::") || is_ours, "a command: {line}");
        assert!(!line.contains("##["), "a command: {line}");
    }
}

/// `check` in every format, and `explain` in both of its own; gives the human `check`.
pub fn every_way(folder: &Path) -> Ran {
    for format in ["json", "sarif", "github"] {
        let ran = why403(folder, &["check", "--strict", "--format", format]);
        if format != "github" {
            serde_json::from_str::<serde_json::Value>(&ran.stdout).expect(format);
        }
    }
    explained(folder);
    why403(folder, &["check", "--strict", "--statistics"])
}

/// `explain` in both of its formats; gives the human one.
pub fn explained(folder: &Path) -> Ran {
    let url = "http://a.test/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!";
    why403(folder, &["explain", url, "--format", "json"]);
    why403(folder, &["explain", url])
}
