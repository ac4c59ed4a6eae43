//! The rule book is true: each page's examples are checked by the program itself.
//!
//! `BLESS=1 cargo test --test rule_pages` writes the reports of the bad examples anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use why403::check::{Outcome, Settings, check};
use why403::estate::{Estate, Input};
use why403::finding::Severity;
use why403::report::human;
use why403::report::text::Terminal;
use why403::rules::page::Case;
use why403::rules::{RULES, Rule};

const PAPER: Terminal = Terminal {
    colour: false,
    width: 80,
};

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")
}

/// Every page by its path below `rules/`.
fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    for question in fs::read_dir(book()).unwrap() {
        let question = question.unwrap();
        for page in fs::read_dir(question.path()).unwrap() {
            let page = page.unwrap();
            let path = format!(
                "{}/{}",
                question.file_name().display(),
                page.file_name().display()
            );
            pages.insert(path, fs::read_to_string(page.path()).unwrap());
        }
    }
    pages
}

fn path_of(rule: &Rule) -> String {
    format!("{}/{}.md", rule.question.as_str(), rule.id)
}

#[test]
fn each_page_has_its_rule_and_each_rule_its_page() {
    let pages = pages();
    for rule in RULES {
        let path = path_of(rule);
        let page = pages.get(&path);
        assert_eq!(page.map(String::as_str), Some(rule.page), "rules/{path}");
        let known = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
        assert!(rule.id.chars().all(known), "{} is not kebab-case", rule.id);
    }
    let of_rules: Vec<String> = RULES.iter().map(path_of).collect();
    for path in pages.keys() {
        assert!(of_rules.contains(path), "rules/{path} has no rule");
    }
    let mut ids: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len(), "an id is given twice");
    let questions: Vec<_> = RULES.iter().map(|rule| rule.question).collect();
    assert!(
        questions.is_sorted(),
        "the rules are not in the order of the questions"
    );
}

#[test]
fn every_page_can_be_read() {
    for rule in RULES {
        let page = rule
            .meta()
            .unwrap_or_else(|error| panic!("{}: {error}", path_of(rule)));
        for url in &page.references {
            assert!(url.starts_with("https://"), "{}: {url}", rule.id);
        }
        assert!(
            !page.title.ends_with('.'),
            "{}: a title has no full stop",
            rule.id
        );
    }
}

/// Writes the case to a folder of its own and checks that.
fn run(case: &Case<'_>, strict: bool) -> (Estate, Outcome) {
    let folder = tempfile::tempdir().unwrap();
    for file in &case.files {
        let path = folder.path().join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file.text).unwrap();
    }
    let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let inputs = [Input::of(folder.path()).unwrap()];
    let estate = Estate::read(&inputs, &known).unwrap();
    let settings = Settings {
        strict,
        ..Settings::default()
    };
    let outcome = check(&estate, RULES, &settings);
    (estate, outcome)
}

fn printed(estate: &Estate, outcome: &Outcome) -> String {
    human::render(outcome, &estate.sources, PAPER, false)
}

#[test]
fn bad_examples_print_their_report() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let page = rule.meta().unwrap();
        let mut text = rule.page.to_owned();
        // From the end, so that the places of the earlier reports stay true.
        for case in page.bad.iter().rev() {
            let place = format!("{}, bad case {}", path_of(rule), case.name);
            let (estate, outcome) = run(case, page.severity == Severity::Note);
            let found = |id: &str| outcome.findings.iter().any(|finding| finding.rule == id);
            if !found(rule.id) {
                wrong.push(format!("{place}: the rule finds nothing"));
            }
            for finding in &outcome.findings {
                let other = finding.rule != rule.id && finding.severity > Severity::Note;
                if other && !case.also.iter().any(|id| id == finding.rule) {
                    wrong.push(format!("{place}: {} has a finding, too", finding.rule));
                }
            }
            for id in case.also.iter().filter(|id| !found(id)) {
                wrong.push(format!("{place}: {id} has no finding here"));
            }
            let report = case
                .report
                .as_ref()
                .expect("a bad case ends with its report");
            let printed = printed(&estate, &outcome);
            if report.text != printed {
                text.replace_range(report.place.clone(), &printed);
                wrong.push(format!("{place}: prints\n{printed}\nnot\n{}", report.text));
            }
        }
        if text != rule.page && std::env::var_os("BLESS").is_some() {
            fs::write(book().join(path_of(rule)), text).unwrap();
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n`BLESS=1 cargo test --test rule_pages` writes the reports anew; read the diff",
        wrong.join("\n")
    );
}

#[test]
fn good_examples_print_nothing() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for case in &rule.meta().unwrap().good {
            let (estate, mut outcome) = run(case, true);
            if case.notes {
                outcome
                    .findings
                    .retain(|finding| finding.severity > Severity::Note);
            }
            if !outcome.findings.is_empty() || !outcome.problems.is_empty() {
                let printed = printed(&estate, &outcome);
                wrong.push(format!(
                    "{}, good case {}:\n{printed}",
                    path_of(rule),
                    case.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
