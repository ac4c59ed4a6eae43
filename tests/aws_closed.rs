//! Accounts that keep people out on purpose, as many do: nothing but a note is said of them.

use std::fs;
use std::path::Path;

use why403::check::{Settings, check};
use why403::estate::{Estate, Input};
use why403::explain::ask::{Question, request};
use why403::finding::Severity;
use why403::gate::{End, Knowledge};
use why403::request::Known;
use why403::rules::RULES;

#[test]
fn what_is_closed_on_purpose_is_no_finding() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/closed");
    let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let settings = Settings {
        strict: true,
        ..Settings::default()
    };
    let mut count = 0;
    for account in fs::read_dir(folder).unwrap() {
        let path = account.unwrap().path();
        let estate = Estate::read(&[Input::of(&path).unwrap()], &known).unwrap();
        assert!(
            estate.problems.is_empty(),
            "{path:?}: {:?}",
            estate.problems
        );
        assert!(estate.gates().next().is_some(), "{path:?} has no gate");
        let mut findings = check(&estate, RULES, &settings).findings;
        findings.retain(|finding| finding.severity > Severity::Note);
        assert!(findings.is_empty(), "{path:?}: {findings:#?}");
        count += 1;
    }
    assert_eq!(count, 25);
}

/// Who is meant gets in.
#[test]
fn who_is_meant_gets_in() {
    let course = |account: &str, url: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/closed");
        let estate = Estate::read(&[Input::of(&folder.join(account)).unwrap()], &[]).unwrap();
        let question = Question {
            url,
            ..Question::default()
        };
        let request = request(&question).unwrap();
        let gate = estate
            .gates()
            .find(|gate| gate.knows(&request) == Knowledge::Named)
            .unwrap();
        gate.pass(&request).remove(0)
    };
    // The host names the endpoint.
    let of = |endpoint: &str| {
        let host = format!("priv111111-{endpoint}.execute-api.eu-west-1.amazonaws.com");
        course(
            "private-api-of-one-endpoint",
            &format!("https://{host}/prod/orders"),
        )
    };
    assert!(of("vpce-0a1b2c3d4e5f60718").admits());
    assert!(of("vpce-0aaaaaaaaaaaaaaaa").refuses());
    let url = "https://app.shop.test/orders";
    let End::Forwarded { request, .. } = course("function-url-of-a-distribution", url).end else {
        panic!("it is not handed on");
    };
    let signer = Known::Is("cloudfront.amazonaws.com".to_owned());
    assert_eq!(request.signed_by, Some(signer));
}
