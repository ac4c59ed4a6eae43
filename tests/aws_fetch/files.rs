//! Where a snapshot is written, and where what is said goes.

use std::fs;
use std::process::Stdio;

use crate::server::{Reply, Server};
use crate::why403;

#[test]
fn a_file_is_not_written_over() {
    let server = Server::start(|_, _| Reply::Empty);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aws.json");
    fs::write(&path, "mine").unwrap();
    let run = |more: &[&str]| {
        let mut command = why403(folder.path(), &server.endpoint);
        command
            .args(["snapshot", "-o", "aws.json"])
            .args(more)
            .output()
            .unwrap()
    };
    let refused = run(&[]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(refused.stderr).unwrap(),
        "error: aws.json exists; --force writes over it\n"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    assert_eq!(server.calls(), [], "nothing is read in vain");

    assert_eq!(run(&["--force"]).status.code(), Some(0));
    assert!(
        fs::read_to_string(&path)
            .unwrap()
            .starts_with("{\n  \"why403-snapshot\": 1,")
    );
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing else is left"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}

#[test]
fn a_file_that_cannot_be_is_told_before_anything_is_read() {
    let server = Server::start(|_, _| Reply::Empty);
    let folder = tempfile::tempdir().unwrap();
    let mut command = why403(folder.path(), &server.endpoint);
    let output = command
        .args(["snapshot", "-o", "nowhere/aws.json"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("error: nowhere/aws.json cannot be written: "),
        "{said}"
    );
    assert!(!server.is_called());
}

#[test]
fn what_is_no_file_is_not_written_over_even_by_force() {
    let server = Server::start(|_, _| Reply::Empty);
    let folder = tempfile::tempdir().unwrap();
    for path in [".", "/dev/null", "-"] {
        let mut command = why403(folder.path(), &server.endpoint);
        let output = command.args(["snapshot", "--force", "-o", path]).output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            said,
            format!("error: {path} is no file; name one to write\n")
        );
    }
    assert!(!server.is_called());
}

#[test]
fn nobody_has_to_read_how_far_it_is() {
    let server = Server::start(|_, _| Reply::Empty);
    let folder = tempfile::tempdir().unwrap();
    let mut command = why403(folder.path(), &server.endpoint);
    let command = command.args(["snapshot", "-o", "aws.json"]);
    let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(folder.path().join("aws.json").exists());
}
