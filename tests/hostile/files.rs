//! Includes, links, and what is no file; and a program that ends before its end.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::harness::*;

#[test]
fn includes_that_go_round() {
    let own = folder(server("include nginx.conf;"));
    every_way(own.path())
        .exits(2)
        .says("include cycle: nginx.conf -> nginx.conf");

    let through = folder(server("location / { include a.conf; }"));
    fs::write(
        through.path().join("a.conf"),
        "location /a { include b.conf; }",
    )
    .unwrap();
    fs::write(
        through.path().join("b.conf"),
        "location /a/b { include a.conf; }",
    )
    .unwrap();
    every_way(through.path())
        .exits(2)
        .says("include cycle: a.conf -> b.conf -> a.conf");
}

#[test]
fn includes_that_multiply() {
    let bomb = folder(server("include f0.conf;"));
    for at in 0..30 {
        let text = format!("include f{0}.conf;\ninclude f{0}.conf;\n", at + 1);
        fs::write(bomb.path().join(format!("f{at}.conf")), text).unwrap();
    }
    fs::write(bomb.path().join("f30.conf"), "add_header X y;\n").unwrap();
    let ran = why403(bomb.path(), &["check"]);
    ran.exits(2)
        .says("the includes come to over")
        .is_shorter_than(20_000);

    let each_other = folder(server("include d/*.conf;"));
    fs::create_dir(each_other.path().join("d")).unwrap();
    for at in 0..100 {
        fs::write(
            each_other.path().join(format!("d/{at}.conf")),
            "include d/*.conf;\n",
        )
        .unwrap();
    }
    let ran = every_way(each_other.path());
    ran.exits(2)
        .says("more include cycles")
        .is_shorter_than(20_000);
}

#[test]
fn a_pattern_with_five_thousand_files() {
    let many = folder(server("include s/*.conf;"));
    fs::create_dir(many.path().join("s")).unwrap();
    for at in 0..5_000 {
        let text = format!("location /x{at} {{ deny all; }}\n");
        fs::write(many.path().join(format!("s/{at}.conf")), text).unwrap();
    }
    let ran = why403(many.path(), &["explain", "http://a.test/x4999"]);
    ran.exits(1).says("by s/4999.conf:1");
    why403(many.path(), &["check"]).exits(0);
}

#[test]
fn nothing_outside_of_the_folder_is_read() {
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret.conf");
    fs::write(&secret, "location /secret { return 403 hush; }\n").unwrap();
    let name = outside
        .path()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    let includes = format!(
        "include ../{name}/secret.conf; include {}; include ../../../../../../etc/passwd; \
         include link.conf; include /etc/passwd; include ../*/secret.conf;",
        secret.display()
    );
    let inside = folder(server(&includes));
    std::os::unix::fs::symlink(&secret, inside.path().join("link.conf")).unwrap();
    std::os::unix::fs::symlink(outside.path(), inside.path().join("linked")).unwrap();
    for args in [
        &["check"][..],
        &["check", "."],
        &["check", "--format", "json"],
    ] {
        let ran = why403(inside.path(), args);
        assert!(
            !ran.stdout.contains("hush") && !ran.stdout.contains("root:"),
            "{}",
            ran.start()
        );
    }
    let ran = why403(inside.path(), &["explain", "http://a.test/secret"]);
    assert!(
        !ran.stdout.contains("hush") && ran.code != 1,
        "{}",
        ran.start()
    );

    let linked = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/passwd", linked.path().join("nginx.conf")).unwrap();
    let ran = every_way(linked.path());
    assert!(!ran.stdout.contains("root:"), "{}", ran.start());
}

#[test]
fn what_is_no_file_does_not_block() {
    let odd = folder(server(
        "include pipe.conf; include nothing.conf; include folder.conf; location / { deny all; }",
    ));
    let pipe = odd.path().join("pipe.conf");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    fs::create_dir(odd.path().join("folder.conf")).unwrap();
    std::os::unix::fs::symlink("nowhere", odd.path().join("nothing.conf")).unwrap();
    every_way(odd.path());
    explained(odd.path()).says("answers 403");
    why403(odd.path(), &["check", "pipe.conf"])
        .exits(2)
        .says("not a regular file");
    why403(odd.path(), &["check", "nothing.conf"]).exits(2);

    let only = tempfile::tempdir().unwrap();
    let pipe = only.path().join("nginx.conf");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    every_way(only.path()).exits(2);
}

#[test]
fn a_reader_who_leaves_is_no_failure() {
    let busy = folder(server(&"location / { deny all; }\n".repeat(2_000)));
    let script = format!(
        "'{}' check --statistics --strict | head -1",
        env!("CARGO_BIN_EXE_why403")
    );
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(busy.path())
        .output()
        .unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
}

#[test]
fn an_interrupt_leaves_nothing_behind() {
    let patterns: String = (0..3_000)
        .map(|at| format!("location ~ ^/p{at}/(.*)$ {{ deny all; }}\n"))
        .collect();
    let busy = folder(server(&patterns));
    let mut child = Command::new(env!("CARGO_BIN_EXE_why403"))
        .args(["check", "--write-baseline", "baseline.json"])
        .current_dir(busy.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(100));
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    child.wait().unwrap();
    let left: Vec<_> = fs::read_dir(busy.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["nginx.conf"]);
}
