//! `explain --token`: what a token says, and that it is never shown.

use super::*;

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
