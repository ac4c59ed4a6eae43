//! The program as a user meets it: helps, exit codes, pipes and colours.

mod explain;
mod token;
mod usage;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Refuses the preflight of `/orders`, and everything below `/closed`.
const SHOP: &str = "\
events {}
http {
    server {
        listen 80;
        server_name shop.test;
        location /orders {
            auth_basic orders;
            auth_basic_user_file htpasswd;
            add_header Access-Control-Allow-Origin https://app.test always;
            add_header Access-Control-Allow-Headers Authorization always;
            proxy_pass http://127.0.0.1:3000;
        }
        location /closed {
            deny all;
        }
    }
}
";

const OPEN: &str = "\
events {}
http {
    server {
        listen 80;
        server_name shop.test;
        location / {
            proxy_pass http://127.0.0.1:3000;
        }
    }
}
";

fn folder(config: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("nginx.conf"), config).unwrap();
    folder
}

fn why403(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_why403"))
        .args(args)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn code(config: &str, args: &[&str]) -> Option<i32> {
    why403(folder(config).path(), args).status.code()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn helps() {
    trycmd::TestCases::new().case("tests/cli/*.trycmd");
}

#[test]
fn check_exits_with_what_it_found() {
    assert_eq!(code(OPEN, &["check"]), Some(0));
    assert_eq!(code(SHOP, &["check"]), Some(1));
    assert_eq!(code(SHOP, &["check", "--exit-zero"]), Some(0));
    assert_eq!(
        code(SHOP, &["check", "nginx.conf", "--format", "json"]),
        Some(1)
    );
}

#[test]
fn the_configuration_may_be_anywhere() {
    let shop = folder(SHOP);
    let elsewhere = tempfile::tempdir().unwrap();
    let off = elsewhere.path().join("off.yaml");
    fs::write(&off, "rules:\n  preflight-denied: off\n").unwrap();
    let off = off.to_str().unwrap();
    assert_eq!(
        why403(shop.path(), &["check", "--config", off])
            .status
            .code(),
        Some(0)
    );
    let args = ["explain", "http://shop.test/closed", "--config", off];
    assert_eq!(why403(shop.path(), &args).status.code(), Some(1));
    let output = why403(shop.path(), &["check", "--config", "nowhere.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).contains("nowhere.yaml: "), "{output:?}");
}

#[test]
fn reads_the_standard_input() {
    let empty = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_why403"))
        .args(["check", "-"])
        .current_dir(empty.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(SHOP.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(stdout(&output).contains("<stdin>:7"), "{output:?}");
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let shop = folder(SHOP);
    let mut child = Command::new(env!("CARGO_BIN_EXE_why403"))
        .arg("check")
        .current_dir(shop.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn colours_come_only_when_asked_for() {
    let shop = folder(SHOP);
    for args in [&["check"][..], &["check", "--color", "never"]] {
        let output = why403(shop.path(), args);
        assert!(!output.stdout.contains(&0x1b), "{}", stdout(&output));
    }
    let output = why403(shop.path(), &["check", "--color", "always"]);
    assert!(output.stdout.contains(&0x1b));
}

#[test]
fn nothing_of_a_file_commands_the_terminal_or_the_build_server() {
    let hostile = SHOP.replace(
        "auth_basic orders;",
        "auth_basic orders; # \x1b[2J\r::error::\u{202e}\n##[error]x \u{9b}31m",
    );
    let hostile = folder(&hostile);
    for args in [
        &["check", "--strict"][..],
        &["explain", "OPTIONS", "http://shop.test/orders"],
    ] {
        let output = why403(hostile.path(), args);
        let text = stdout(&output);
        let raw = |char: char| (char.is_control() && char != '\n') || char == '\u{202e}';
        assert!(!text.contains(raw), "{text:?}");
        assert!(
            !text.lines().any(|line| line.trim_start().starts_with("::")),
            "{text}"
        );
        assert!(!text.contains("##["), "{text}");
    }
}

#[test]
fn a_baseline_silences_what_it_was_written_from() {
    let shop = folder(SHOP);
    let write = ["check", "--write-baseline", "known.json"];
    let read = ["check", "--baseline", "known.json"];
    assert_eq!(why403(shop.path(), &write).status.code(), Some(0));
    assert_eq!(why403(shop.path(), &read).status.code(), Some(0));
    let moved = SHOP.replace("server_name", "# a new line\n        server_name");
    fs::write(shop.path().join("nginx.conf"), moved).unwrap();
    assert_eq!(why403(shop.path(), &read).status.code(), Some(0));

    let output = why403(shop.path(), &["check", "--write-baseline", "nginx.conf"]);
    assert_eq!(output.status.code(), Some(2));
    let kept = fs::read_to_string(shop.path().join("nginx.conf")).unwrap();
    assert!(kept.contains("a new line"));
}

#[test]
fn two_runs_print_the_same() {
    let shop = folder(SHOP);
    for format in ["human", "json", "sarif", "github"] {
        let args = ["check", "--strict", "--format", format];
        let first = why403(shop.path(), &args).stdout;
        assert!(!first.is_empty());
        assert_eq!(first, why403(shop.path(), &args).stdout);
    }
}
