//! `explain`: its exit codes, and what it says of a request.

use super::*;

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
