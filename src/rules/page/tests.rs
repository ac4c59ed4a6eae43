use super::*;

const PAGE: &str = "\
---
title: A door is shut
severity: error
confidence: high
gates: [nginx]
since: 0.1.0
references:
  - https://example.org/why
---
Reports a shut door.

## Why it matters
Nobody gets in.

## Bad
```nginx
deny all;
```
```yaml file=why403.yaml also=other-rule
a: 1
```
```report
the output
```

## Good
```nginx
allow all;
```

### Two files
```nginx file=conf/a.conf notes
include b.conf;
## not a heading
```
```nginx file=conf/b.conf
allow all;
```

## Fix
Open it.
";

#[test]
fn reads_a_whole_page() {
    let page = Page::parse(PAGE).unwrap();
    assert_eq!(page.title, "A door is shut");
    assert_eq!(page.severity, Severity::Error);
    assert_eq!(page.confidence, Confidence::High);
    assert_eq!(page.gates, ["nginx"]);
    assert_eq!(page.references, ["https://example.org/why"]);
    assert_eq!(page.summary, "Reports a shut door.");
    assert_eq!(page.fix.trim(), "Open it.");
    assert!(page.markdown.starts_with("Reports"));

    let [bad] = &page.bad[..] else {
        panic!("{:?}", page.bad)
    };
    let paths: Vec<_> = bad.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["nginx.conf", "why403.yaml"]);
    assert_eq!(bad.also, ["other-rule"]);
    let report = bad.report.as_ref().unwrap();
    assert_eq!(report.text, "the output\n");
    assert_eq!(&PAGE[report.place.clone()], "the output\n");

    let [alone, two] = &page.good[..] else {
        panic!("{:?}", page.good)
    };
    assert_eq!((alone.files.len(), alone.notes), (1, false));
    assert_eq!(two.name, "Two files");
    assert_eq!((two.files.len(), two.notes), (2, true));
    assert!(two.files[0].text.contains("## not a heading"));
}

#[test]
fn says_what_a_page_lacks() {
    for (from, to, wanted) in [
        ("---\ntitle", "title", "does not begin with front matter"),
        ("severity: error", "severity: fatal", "`fatal` is none of"),
        ("severity: error\n", "", "`severity` is missing"),
        ("since", "until", "`until` has no meaning"),
        ("gates: [nginx]", "gates: []", "`gates` is not a list"),
        ("Reports a shut door.", "", "does not say what"),
        ("## Good", "## Fine", "`## Good` is missing"),
        ("```report\nthe output\n```\n", "", "has no report below it"),
        ("```yaml file=why403.yaml", "```yaml", "has no `file=`"),
        ("file=why403.yaml", "file=../x", "not below"),
        ("file=why403.yaml", "file=nginx.conf", "twice"),
        ("Open it.", "```", "not closed"),
    ] {
        let page = PAGE.replacen(from, to, 1);
        assert_ne!(page, PAGE, "{from}");
        let error = Page::parse(&page).expect_err(wanted).to_string();
        assert!(error.contains(wanted), "{error} / {wanted}");
    }
}
