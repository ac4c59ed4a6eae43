use super::*;
use crate::config::RuleLevel;
use crate::estate::Analysed;
use crate::finding::{Confidence, Label};
use crate::rules::Question;
use crate::source::Spanned;
use crate::syntax::nginx::parse;

/// A rule that finds its word wherever no comment stands, for it is the check that is tested here.
fn find_word(estate: &Estate, word: &str, rule: &'static str, out: &mut Vec<Finding>) {
    for source in estate.sources.iter() {
        let text = String::from_utf8_lossy(&source.text).into_owned();
        for (at, _) in text.match_indices(word) {
            if text[..at]
                .rsplit('\n')
                .next()
                .is_some_and(|line| line.contains('#'))
            {
                continue;
            }
            let start = source.base + at as u32;
            let severity = match word {
                "note" => Severity::Note,
                _ => Severity::Error,
            };
            out.push(Finding {
                rule,
                severity,
                confidence: Confidence::High,
                message: format!("found {word}"),
                primary: Label {
                    span: Span::new(start, start + word.len() as u32),
                    text: "here".into(),
                },
                related: vec![],
                witness: None,
                intent: None,
                help: "remove it".into(),
            });
        }
    }
}

fn rules() -> Vec<Rule> {
    fn rule(id: &'static str, check: fn(&Estate, &mut Vec<Finding>)) -> Rule {
        Rule {
            id,
            question: Question::Call,
            page: "",
            checks: Box::leak(Box::new([crate::rules::Judge::Estate(check)])),
        }
    }
    vec![
        rule("finds-deny", |estate, out| {
            find_word(estate, "deny", "finds-deny", out)
        }),
        rule("finds-note", |estate, out| {
            find_word(estate, "note", "finds-note", out)
        }),
        rule("finds-all", |estate, out| {
            find_word(estate, "all", "finds-all", out)
        }),
    ]
}

fn estate(files: &[(&str, &str)]) -> Estate {
    let mut sources = SourceMap::default();
    let mut comments = Vec::new();
    for (name, text) in files {
        let id = sources.add(*name, text.as_bytes().into()).unwrap();
        let source = sources.get(id);
        comments.extend(parse(source.base, source.text.clone()).comments);
    }
    Estate {
        sources,
        config: Config::default(),
        nginx: vec![],
        callers: Default::default(),
        fields: Vec::new(),
        authorizing: Vec::new(),
        express: vec![],
        aws: Default::default(),
        addresses: vec![],
        comments,
        analysed: Analysed::default(),
        problems: vec![],
    }
}

fn run(estate: &Estate) -> Outcome {
    check(estate, &rules(), &Settings::default())
}

/// Findings as `file:line rule`, problems as `file:line message`.
fn places(estate: &Estate, outcome: &Outcome) -> (Vec<String>, Vec<String>) {
    let at = |span: Span| {
        let source = estate.sources.at(span);
        format!("{}:{}", source.name, source.position(span.start).line)
    };
    let findings = outcome.findings.iter();
    let problems = outcome.problems.iter();
    (
        findings
            .map(|f| format!("{} {}", at(f.primary.span), f.rule))
            .collect(),
        problems
            .map(|p| format!("{} {}", p.span.map(at).unwrap_or_default(), p.message))
            .collect(),
    )
}

#[test]
fn sorts_by_file_position_and_rule() {
    let estate = estate(&[("b.conf", "deny all"), ("a.conf", "x\nall deny")]);
    let (findings, problems) = places(&estate, &run(&estate));
    assert_eq!(
        findings,
        [
            "a.conf:2 finds-all",
            "a.conf:2 finds-deny",
            "b.conf:1 finds-deny",
            "b.conf:1 finds-all"
        ]
    );
    assert_eq!(problems, [""; 0]);
}

#[test]
fn a_file_read_twice_gives_each_finding_once() {
    let estate = estate(&[("a.conf", "deny"), ("a.conf", "deny")]);
    assert_eq!(run(&estate).findings.len(), 1);
}

#[test]
fn notes_are_counted_and_shown_only_when_asked_for() {
    let estate = estate(&[("a.conf", "note")]);
    let outcome = run(&estate);
    assert_eq!(
        (outcome.findings.len(), outcome.statistics.hidden_notes),
        (0, 1)
    );
    let strict = Settings {
        strict: true,
        ..Settings::default()
    };
    let outcome = check(&estate, &rules(), &strict);
    assert_eq!(
        (outcome.findings.len(), outcome.statistics.hidden_notes),
        (1, 0)
    );
}

#[test]
fn the_configuration_sets_levels() {
    let mut estate = estate(&[("a.conf", "deny all note")]);
    for (rule, level) in [
        ("finds-deny", None),
        ("finds-all", Some(Severity::Note)),
        ("finds-note", Some(Severity::Warning)),
    ] {
        let span = Span::new(0, 1);
        estate.config.rules.push(RuleLevel {
            rule: Spanned::new(rule.to_owned(), span),
            level,
            span,
        });
    }
    let outcome = run(&estate);
    let (findings, problems) = places(&estate, &outcome);
    assert_eq!(findings, ["a.conf:1 finds-note"]);
    assert_eq!(outcome.findings[0].severity, Severity::Warning);
    assert_eq!(problems, [""; 0]);
}

#[test]
fn comments_silence_their_line_or_the_next() {
    let text = "\
deny; # why403: ignore[finds-deny] an old client
    # why403: ignore[finds-deny] two comments
    # why403: ignore[ finds-all , finds-note ] one below the other
deny all note
deny
";
    let estate = estate(&[("a.conf", text)]);
    let outcome = run(&estate);
    let (findings, problems) = places(&estate, &outcome);
    assert_eq!(findings, ["a.conf:5 finds-deny"]);
    assert_eq!(problems, [""; 0]);
    let reasons: Vec<_> = outcome
        .suppressed
        .iter()
        .map(|(_, why)| why.reason.as_str())
        .collect();
    assert_eq!(
        reasons,
        [
            "an old client",
            "two comments",
            "one below the other",
            "one below the other"
        ]
    );
}

#[test]
fn comments_that_do_nothing_are_reported() {
    let text = "\
deny # why403: ignore[finds-deny]
deny # why403: ignore finds-deny please
deny # why403: ignore[] why
deny # why403: ignore[finds-dney] a typo
# why403: ignore[finds-deny] there is nothing
x
deny x#why403: ignore[finds-deny] not a comment for nginx
# why403: ignore[finds-deny] at the end of the file";
    let estate = estate(&[("a.conf", text)]);
    let (findings, problems) = places(&estate, &run(&estate));
    let lines: Vec<_> = findings.iter().map(|f| &f[..8]).collect();
    assert_eq!(
        lines,
        ["a.conf:1", "a.conf:2", "a.conf:3", "a.conf:4", "a.conf:7"]
    );
    assert_eq!(
        problems,
        [
            "a.conf:1 this comment gives no reason, so it does nothing",
            "a.conf:2 this comment is not understood, so it does nothing",
            "a.conf:3 this comment names no rule, so it does nothing",
            "a.conf:4 there is no rule `finds-dney` to ignore",
            "a.conf:5 this comment is not needed: `finds-deny` finds nothing on line 6",
            "a.conf:8 this comment is not needed: `finds-deny` finds nothing on line 8",
        ]
    );
}

#[test]
fn a_baseline_hides_what_it_knows_and_complains_of_what_is_gone() {
    let before = estate(&[("a.conf", "deny\ndeny\nall")]);
    let baseline = Baseline::of(&run(&before).findings, &before.sources);
    assert_eq!(baseline.len(), 3);

    // Moved down, one of two gone, and one more in another file.
    let after = estate(&[("a.conf", "\n\n  deny\nall"), ("b.conf", "deny")]);
    let settings = Settings {
        baseline: Some(baseline),
        ..Settings::default()
    };
    let outcome = check(&after, &rules(), &settings);
    let (findings, problems) = places(&after, &outcome);
    assert_eq!(findings, ["b.conf:1 finds-deny"]);
    assert_eq!(outcome.suppressed.len(), 2);
    assert_eq!(problems, [" 1 entry of the baseline is not found any more"]);
}

#[test]
fn a_baseline_is_written_whole_and_over_a_baseline_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baseline.json");
    let estate = estate(&[("a.conf", "deny")]);
    let baseline = Baseline::of(&run(&estate).findings, &estate.sources);
    baseline.write(&path).unwrap();
    assert_eq!(Baseline::read(&path).unwrap(), baseline);
    baseline.write(&path).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    let other = folder.path().join("package.json");
    std::fs::write(&other, "{}").unwrap();
    let error = baseline.write(&other).unwrap_err().to_string();
    assert!(error.contains("is not a baseline"), "{error}");
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "{}");
}
