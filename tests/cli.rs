//! The program as a user meets it: helps, exit codes, pipes and colours.

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
fn an_egress_group_that_nothing_speaks_of_is_an_error_at_its_line() {
    let group = "egress:\n  office: [203.0.113.7]\n  jobs:\n    addresses: [192.0.2.7]\n";
    let calls = "    calls: [http://shop.test/orders]\n";
    let list = SHOP.replace("deny all;", "allow 203.0.113.0/24; deny all;");
    let geo = "http { geo $ok { default 0; 203.0.113.0/24 1; }";
    let geo = SHOP.replacen("http {", geo, 1);
    for (config, declared, unused) in [
        (SHOP, group.to_owned(), vec!["office", "jobs"]),
        (&list, group.to_owned(), vec!["jobs"]),
        (&geo, format!("{group}{calls}"), vec![]),
    ] {
        let folder = folder(config);
        fs::write(folder.path().join("why403.yaml"), &declared).unwrap();
        let output = why403(folder.path(), &["check", "--exit-zero"]);
        let text = stdout(&output);
        for name in ["office", "jobs"] {
            let told = text.contains(&format!("error: the egress group `{name}` is of no use"));
            assert_eq!(told, unused.contains(&name), "{name}: {text}");
        }
        let code = if unused.is_empty() { 0 } else { 2 };
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(unused.is_empty() || text.contains("why403.yaml:"), "{text}");
    }
}

#[test]
fn a_declared_call_that_no_server_answers_is_an_error_at_its_line() {
    let declared = |url: &str| {
        format!("egress:\n  jobs:\n    addresses: [192.0.2.7]\n    calls:\n      - {url}\n")
    };
    let run = |config: &str, url: &str| {
        let folder = folder(config);
        fs::write(folder.path().join("why403.yaml"), declared(url)).unwrap();
        let output = why403(folder.path(), &["check", "--exit-zero"]);
        let text = stdout(&output);
        let words: Vec<_> = text.split_whitespace().collect();
        (output.status.code(), words.join(" "))
    };
    let (code, text) = run(OPEN, "https://shop.example/orders");
    assert_eq!(code, Some(2), "{text}");
    let told = "error: no server was read that answers https://shop.example/orders";
    assert!(text.contains(told), "{text}");
    assert!(text.contains("why403.yaml:5:9"), "{text}");
    let any = OPEN.replace("server_name shop.test;", "");
    let open = OPEN.replace("shop.test", "${DOMAIN}");
    for (config, url) in [
        (OPEN, "https://shop.test/orders"),
        (&any, "https://shop.example/"),
        (&open, "https://shop.example/"),
    ] {
        let (code, text) = run(config, url);
        assert_eq!(code, Some(0), "{url}: {text}");
    }
}

#[test]
fn the_summary_counts_doors_that_could_not_be_tried() {
    let door = |location: &str| OPEN.replace("location /", location);
    let closed = door("location ~ (?=a)b");
    let text = stdout(&why403(folder(&closed).path(), &["check"]));
    let aside = "(1 door could not be tried, --statistics lists them)";
    assert!(text.contains(aside), "{text}");
    let internal = door("location @app");
    let text = stdout(&why403(folder(&internal).path(), &["check"]));
    assert!(!text.contains("could not be tried"), "{text}");
}

#[test]
fn a_server_of_which_nothing_was_tried_is_named() {
    let waf = OPEN.replace("server_name", "modsecurity on;\n        server_name");
    let text = stdout(&why403(folder(&waf).path(), &["check"]));
    let line =
        "untried:  server shop.test (nginx.conf:3): ModSecurity decides, and it is not modelled";
    let said = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(&line), "{text}");
    let half = OPEN.replace("location /", "location ~ (?=a)b {}\n        location /");
    let text = stdout(&why403(folder(&half).path(), &["check"]));
    assert!(!text.contains("untried:"), "{text}");
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
fn what_cannot_be_done_in_full_exits_with_2() {
    assert_eq!(code(SHOP, &["frobnicate"]), Some(2));
    assert_eq!(code(SHOP, &["check", "--format", "xml"]), Some(2));
    assert_eq!(code(SHOP, &["check", "no-such-file"]), Some(2));
    assert_eq!(
        code(SHOP, &["check", "--baseline", "no-such-file"]),
        Some(2)
    );
    assert_eq!(code(SHOP, &["rules", "no-such-rule"]), Some(2));
    assert_eq!(code(SHOP, &["rules", "--format", "sarif"]), Some(2));
    assert_eq!(code(SHOP, &["explain", "GET"]), Some(2));
    assert_eq!(code(SHOP, &["explain", "/orders"]), Some(2));
    // The findings are printed, but a file that does not parse weighs more.
    let broken = folder(SHOP);
    fs::write(broken.path().join("b.conf"), "server { listen 80;").unwrap();
    let output = why403(broken.path(), &["check", "nginx.conf", "b.conf"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(stdout(&output).contains("preflight-denied"));
}

#[test]
fn nothing_to_analyse_is_not_a_success() {
    let empty = tempfile::tempdir().unwrap();
    let output = why403(empty.path(), &["check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).contains("nothing to analyse"), "{output:?}");
    assert!(!stdout(&output).contains("no findings"), "{output:?}");
    // Parts of a configuration alone are not one.
    fs::write(
        empty.path().join("proxy_params"),
        "proxy_set_header Host $host;\nproxy_buffering off;\n",
    )
    .unwrap();
    let text = stdout(&why403(empty.path(), &["check"]));
    assert!(text.contains("1 of nginx's files, and no server"), "{text}");
    assert!(!text.contains("no findings"), "{text}");
}

#[test]
fn explain_exits_with_its_verdict() {
    assert_eq!(code(SHOP, &["explain", "http://shop.test/closed"]), Some(1));
    assert_eq!(
        code(OPEN, &["explain", "POST", "http://shop.test/x"]),
        Some(0)
    );
    let args = ["explain", "http://shop.test/closed", "--exit-zero"];
    assert_eq!(code(SHOP, &args), Some(0));
}

#[test]
fn explain_names_the_line_and_hides_the_credential() {
    let shop = folder(SHOP);
    let args = [
        "explain",
        "http://shop.test/closed/x?token=hush",
        "-H",
        "Authorization: Bearer hush",
    ];
    let human = stdout(&why403(shop.path(), &args));
    assert!(human.contains("by nginx.conf:14"), "{human}");
    assert!(human.contains("✗ nginx.conf:14"), "{human}");
    assert!(
        human.contains("Bearer <redacted>") && !human.contains("hush"),
        "{human}"
    );

    let json = stdout(&why403(
        shop.path(),
        &[&args[..], &["--format", "json"]].concat(),
    ));
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["verdict"], "denied");
    assert_eq!(document["courses"][0]["culprit"]["line"], 14);
    assert!(!json.contains("hush"), "{json}");

    let open = stdout(&why403(
        shop.path(),
        &[&args[..], &["--show-secrets"]].concat(),
    ));
    assert!(open.contains("Bearer hush"), "{open}");
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
fn explain_asks_the_gate_that_knows_the_host() {
    let two = tempfile::tempdir().unwrap();
    for (file, name, status) in [
        ("a.conf", "*.shop.test", 403),
        ("b.conf", "~^api[0-9]+\\.", 401),
        ("c.conf", "_", 404),
    ] {
        let text = format!(
            "events {{}}\nhttp {{ server {{ listen 80; server_name {name}; return {status}; }} }}\n"
        );
        fs::write(two.path().join(file), text).unwrap();
    }
    for (url, status) in [
        ("http://www.shop.test/", "403"),
        ("http://api7.test/", "401"),
    ] {
        let text = stdout(&why403(two.path(), &["explain", url]));
        assert!(text.contains(&format!("denied: with {status}")), "{text}");
    }
}

#[test]
fn explain_says_that_no_server_has_the_name() {
    let file = tempfile::tempdir().unwrap();
    let servers = "server { listen 80; server_name a.test; return 403; }
         server { listen 80; server_name b.test; return 204; }";
    let text = format!("events {{}}\nhttp {{ {servers} }}\n");
    fs::write(file.path().join("nginx.conf"), text).unwrap();
    let told = |url| {
        let args = ["explain", url, "--format", "json"];
        stdout(&why403(file.path(), &args))
    };
    let default = "enters server a.test, the default: no server here has the name c.test";
    assert!(told("http://c.test/").contains(default));
    assert!(!told("http://b.test/").contains("the default"));
}

#[test]
fn a_comment_in_quotes_silences_nothing() {
    let quoted = SHOP.replace(
        "auth_basic orders;",
        "auth_basic \" # why403: ignore[preflight-denied] no comment\";",
    );
    assert_eq!(code(&quoted, &["check"]), Some(1));
}

#[test]
fn templates_in_a_folder_that_do_not_parse_are_one_note() {
    let shop = folder(OPEN);
    for at in 0..9 {
        let text = format!("server {{ listen 80; server_name {{{{ name }}}}; }}\n}} ; }}\n{OPEN}");
        fs::write(shop.path().join(format!("{at}.txt.conf")), text).unwrap();
    }
    let output = why403(shop.path(), &["check"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = stdout(&output).replace("\n  ", " ");
    assert_eq!(text.matches("does not parse").count(), 1, "{text}");
    assert!(text.contains("and 4 more"), "{text}");
}

#[test]
fn an_unknown_rule_is_told_once() {
    let shop = folder(SHOP);
    fs::write(
        shop.path().join("why403.yaml"),
        "rules:\n  preflight-dennied: off\n",
    )
    .unwrap();
    let output = why403(shop.path(), &["check"]);
    assert_eq!(
        stdout(&output).matches("preflight-dennied`").count(),
        1,
        "{output:?}"
    );
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

const STAFF: &str = "manifest: express/v1
network: { listen: \"0.0.0.0:3000\" }
stack:
  - { use: express-jwt, with: { audience: shop } }
  - { route: POST /orders, requires: { scopes: { allOf: [write:orders] } }, chain: [inline:handler] }
";

/// `{"sub":"alice","aud":"shop","scope":"read:orders","exp":1800000000}`, signed by nobody.
const ALICE: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImF1ZCI6InNob3AiLCJzY29wZSI6InJlYWQ6b3JkZXJzIi\
                     wiZXhwIjoxODAwMDAwMDAwfQ.c2lnbmF0dXJl";

fn ask_with_token(token: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("app.yaml"), STAFF).unwrap();
    fs::write(folder.path().join("token"), format!("Bearer {ALICE}\n")).unwrap();
    let url = "http://localhost:3000/orders";
    let args = ["explain", "POST", url, "--token", token];
    why403(folder.path(), &[&args[..], more].concat())
}

#[test]
fn explain_tells_what_a_token_says_and_what_is_asked_of_it() {
    let early = ["--at", "2026-01-01T00:00:00Z"];
    for token in [ALICE, "@token"] {
        let output = ask_with_token(token, &early);
        assert_eq!(output.status.code(), Some(1));
        let text = stdout(&output);
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            "token for alice; audience: shop; scopes: read:orders; expires 2027-01-15T08:00:00Z",
            "the token for alice has the scope read:orders; POST /orders requires write:orders",
            "denied with 403, by app.yaml:5",
        ] {
            assert!(words.contains(part), "{part}\n{text}");
        }
        assert!(!text.contains("eyJ"), "{text}");
    }
    let late = stdout(&ask_with_token(ALICE, &["--at", "1800000000"]));
    assert!(late.contains("denied: with 401, by app.yaml:4"), "{late}");
}

#[test]
fn a_token_is_printed_in_no_format() {
    for more in [
        &["--format", "json"][..],
        &["--format", "json", "--show-secrets"],
        &["--show-secrets"],
    ] {
        let text = stdout(&ask_with_token(ALICE, more));
        assert!(!text.contains("c2lnbmF0dXJl"), "{text}");
    }
    let json = stdout(&ask_with_token(ALICE, &["--format", "json", "--at", "1"]));
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    let token = serde_json::json!({
        "subject": "alice", "audience": ["shop"], "expires": "2027-01-15T08:00:00Z",
        "expired": false, "scopes": ["read:orders"],
    });
    assert_eq!(document["request"]["token"], token);
}

#[test]
fn what_is_no_token_is_refused_without_being_shown() {
    let short = &ALICE[..ALICE.rfind('.').unwrap()];
    for (token, why) in [
        (short, "2 parts between dots"),
        ("hush.hush.hush", "its header is not a JSON object"),
        ("", "there is nothing"),
        ("@missing", "cannot be read from missing"),
        ("env:WHY403_NO_SUCH", "no environment variable"),
        ("-", "there is nothing"),
    ] {
        let output = ask_with_token(token, &[]);
        assert_eq!(output.status.code(), Some(2), "{token}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(why), "{told}");
        assert!(!told.contains("hush") && !told.contains("eyJ"), "{told}");
    }
    let twice = ask_with_token(ALICE, &["-H", "authorization: Basic eDp4"]);
    assert_eq!(twice.status.code(), Some(2));
    let when = ask_with_token(ALICE, &["--at", "tomorrow"]);
    assert!(
        String::from_utf8(when.stderr)
            .unwrap()
            .contains("`tomorrow` is no time")
    );
}
