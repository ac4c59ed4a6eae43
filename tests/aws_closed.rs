//! Accounts that keep people out on purpose, as many do: nothing but a note is said of them.

use std::fs;
use std::path::Path;

use why403::check::{Settings, check};
use why403::estate::{Estate, Input};
use why403::finding::Severity;
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
