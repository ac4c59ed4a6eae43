//! The emulators: started on loopback with a port of their own, filled by boto3, ended with the test.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// What both emulators say that the account is.
pub const ACCOUNT: &str = "123456789012";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Broad, and without pages.
    Moto,
    /// Has pages, generated gateway responses, and the policies that AWS manages for CloudFront.
    Ministack,
}

pub struct Emulator {
    pub endpoint: String,
    child: Child,
    folder: TempDir,
}

impl Emulator {
    pub fn start(kind: Kind) -> Emulator {
        let folder = tempfile::tempdir().unwrap();
        // Free now, and asked for at once.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut command = Command::new(python());
        match kind {
            Kind::Moto => {
                command.args([
                    "-m",
                    "moto.server",
                    "-H",
                    "127.0.0.1",
                    "-p",
                    &port.to_string(),
                ]);
            }
            Kind::Ministack => {
                command.args(["-m", "ministack"]);
                command
                    .env("BIND_HOST", "127.0.0.1")
                    .env("GATEWAY_PORT", port.to_string());
                // Would listen on all addresses.
                command.env("IOT_MTLS_ENABLED", "0");
            }
        }
        let log = File::create(folder.path().join("log")).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .current_dir(folder.path())
            .spawn()
            .expect("tests/run installs the emulators");
        let mut emulator = Emulator {
            endpoint: format!("http://127.0.0.1:{port}"),
            child,
            folder,
        };
        emulator.wait_for(port);
        emulator
    }

    fn wait_for(&mut self, port: u16) {
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = self.child.try_wait().unwrap();
            let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap();
            assert!(ended.is_none(), "the emulator ended: {}", log());
            assert!(
                begin.elapsed() < Duration::from_secs(120),
                "it does not start: {}",
                log()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Runs `accounts/NAME.py`, which makes resources; returns the ids that it gives names to.
    pub fn seed(&self, name: &str) -> Value {
        let said = script("seed.py", &[&self.endpoint, name]);
        serde_json::from_str(&said).unwrap()
    }

    /// Runs why403 as a caller of this account.
    pub fn why403(&self, folder: &Path, args: &[&str]) -> Output {
        why403(&self.endpoint, folder, args)
    }

    /// The snapshot that `why403 snapshot` with these arguments writes, and its exit code.
    pub fn snapshot(&self, args: &[&str]) -> (Value, i32) {
        let folder = tempfile::tempdir().unwrap();
        let mut all = vec!["snapshot", "-o", "aws.json"];
        all.extend(args);
        let output = self.why403(folder.path(), &all);
        let text = std::fs::read(folder.path().join("aws.json"));
        let text = text.unwrap_or_else(|_| panic!("{output:?}"));
        (
            serde_json::from_slice(&text).unwrap(),
            output.status.code().unwrap(),
        )
    }
}

/// Runs why403 as a caller of the account that is behind an address.
pub fn why403(endpoint: &str, folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_why403"))
        .env_clear()
        .env("HOME", folder)
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ACCESS_KEY_ID", ACCOUNT)
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        // What an emulator lacks, it answers with errors that would be tried again.
        .env("AWS_MAX_ATTEMPTS", "1")
        .current_dir(folder)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a script beside this file prints.
pub fn script(name: &str, args: &[&str]) -> String {
    let output = Command::new(python())
        .arg(tests().join("aws_moto").join(name))
        .args(args)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} {args:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn python() -> PathBuf {
    tests().join(".venv/bin/python")
}
