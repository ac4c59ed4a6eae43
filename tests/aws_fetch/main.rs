//! Reading an account when something goes wrong, against a server of our own on loopback.

mod denial;
mod failures;
mod files;
mod interrupted;
mod pace;
mod pages;
mod places;
mod secrets;
mod server;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use server::Server;
use tempfile::TempDir;

/// Credentials that must occur in no output.
const KEY: &str = "AKIAPLANTEDPLANTED00";
const SECRET: &str = "planted/secret/of/the/caller/0123456789A";
const TOKEN: &str = "planted-token-of-the-session";

/// One run of the program, and the snapshot that it wrote, if it did.
pub struct Run {
    pub output: Output,
    pub snapshot: Option<Value>,
    _folder: TempDir,
}

impl Run {
    pub fn code(&self) -> i32 {
        self.output.status.code().unwrap()
    }

    /// All that a person sees.
    pub fn said(&self) -> String {
        let of = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        of(&self.output.stdout) + &of(&self.output.stderr)
    }

    pub fn snapshot(&self) -> &Value {
        let snapshot = self.snapshot.as_ref();
        snapshot.unwrap_or_else(|| panic!("no snapshot was written: {}", self.said()))
    }

    /// The states of an operation, with or without a resource.
    pub fn states(&self, operation: &str) -> Vec<&str> {
        let operations = self.snapshot()["operations"].as_array().unwrap().iter();
        operations
            .filter(|entry| entry["operation"] == operation)
            .map(|entry| entry["state"].as_str().unwrap())
            .collect()
    }

    pub fn error(&self, operation: &str) -> &str {
        let mut operations = self.snapshot()["operations"].as_array().unwrap().iter();
        let found =
            operations.find(|entry| entry["operation"] == operation && !entry["error"].is_null());
        found.unwrap_or_else(|| panic!("{operation} did not fail"))["error"]
            .as_str()
            .unwrap()
    }

    pub fn document(&self, address: &str) -> &Value {
        &self.snapshot()["resources"][format!("aws://123456789012/{address}")]
    }
}

/// The program with credentials, and nothing of the machine that it runs on.
pub fn why403(folder: &Path, endpoint: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_why403"));
    command
        .env_clear()
        .env("HOME", folder)
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ACCESS_KEY_ID", KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env("AWS_SESSION_TOKEN", TOKEN)
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_MAX_ATTEMPTS", "4")
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

pub fn snapshot(server: &Server, args: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let mut command = why403(folder.path(), &server.endpoint);
    let output = command
        .args(["snapshot", "-o", "aws.json"])
        .args(args)
        .output()
        .unwrap();
    finish(output, folder)
}

pub fn finish(output: Output, folder: TempDir) -> Run {
    let text = std::fs::read_to_string(folder.path().join("aws.json")).ok();
    for secret in [KEY, SECRET, TOKEN] {
        let written = text.as_deref().unwrap_or_default();
        assert!(!written.contains(secret), "a secret is written");
    }
    let snapshot: Option<Value> = text.map(|text| serde_json::from_str(&text).unwrap());
    if let Some(snapshot) = &snapshot {
        validate(snapshot);
    }
    let run = Run {
        output,
        snapshot,
        _folder: folder,
    };
    for secret in [KEY, SECRET, TOKEN, "panicked"] {
        assert!(!run.said().contains(secret), "{}", run.said());
    }
    run
}

fn validate(snapshot: &Value) {
    let schema = include_str!("../../schemas/snapshot.schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(snapshot)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// One REST API with one resource; the rest of the account is empty.
pub fn one_api(call: &server::Call) -> server::Reply {
    match call.name.as_str() {
        "/restapis" => server::Reply::json(r#"{"item":[{"id":"abc","name":"orders"}]}"#),
        "/restapis/abc/resources" => {
            server::Reply::json(r#"{"item":[{"id":"r","path":"/","resourceMethods":{}}]}"#)
        }
        _ => server::Reply::Empty,
    }
}
