//! Ctrl-C: what was fetched is written, and what was not is told.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::server::{Reply, Server};
use crate::{finish, one_api, why403};

fn hanging() -> Server {
    Server::start(|call, _| match call.name.as_str() {
        "/restapis/abc/stages" => Reply::Hangs,
        _ => one_api(call),
    })
}

fn interrupt(process: u32) {
    let sent = Command::new("kill")
        .args(["-INT", &process.to_string()])
        .status();
    assert!(sent.unwrap().success());
}

fn until(what: impl Fn() -> bool) {
    let begin = Instant::now();
    while !what() {
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "it does not come that far"
        );
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn ctrl_c_writes_what_there_is() {
    let server = hanging();
    let folder = tempfile::tempdir().unwrap();
    let child = why403(folder.path(), &server.endpoint)
        .args(["snapshot", "-o", "aws.json", "--services", "apigateway"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until(|| !server.named("/restapis/abc/stages").is_empty());
    // The answers to the other calls are on their way.
    thread::sleep(Duration::from_millis(500));
    let begin = Instant::now();
    interrupt(child.id());
    let run = finish(child.wait_with_output().unwrap(), folder);
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(run.code(), 2, "{}", run.said());
    assert!(
        run.document("eu-west-1/apigateway/resources/abc")
            .is_object()
    );
    assert_eq!(run.states("GetStages"), ["fetched", "not-fetched"]);
    assert_eq!(run.error("GetStages"), "interrupted");
}

#[test]
fn ctrl_c_before_the_caller_is_known_leaves_nothing() {
    let server = Server::start(|_, _| Reply::Hangs);
    let folder = tempfile::tempdir().unwrap();
    let child = why403(folder.path(), &server.endpoint)
        .args(["snapshot", "-o", "aws.json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until(|| server.is_called());
    interrupt(child.id());
    let run = finish(child.wait_with_output().unwrap(), folder);
    assert_eq!((run.code(), run.snapshot.is_none()), (2, true));
    assert_eq!(run.said(), "error: interrupted, before anything was read\n");
}

/// An audit judges what it has, and says that it is not all.
#[test]
fn ctrl_c_lets_an_audit_report_what_there_is() {
    let server = hanging();
    let folder = tempfile::tempdir().unwrap();
    let child = why403(folder.path(), &server.endpoint)
        .args(["audit", "--services", "apigateway"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until(|| !server.named("/restapis/abc/stages").is_empty());
    thread::sleep(Duration::from_millis(500));
    interrupt(child.id());
    let run = finish(child.wait_with_output().unwrap(), folder);
    assert_eq!(run.code(), 2, "{}", run.said());
    assert!(
        run.said().contains("apigateway:GetStages was not fetched"),
        "{}",
        run.said()
    );
}
