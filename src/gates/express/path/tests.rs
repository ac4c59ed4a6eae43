use super::*;

const TEXTS: [&str; 34] = [
    "/a",
    "/a/",
    "/A/b",
    "/a/b/",
    "/a//b",
    "/a.b",
    "/a.b/c",
    "/a-b_c~d",
    "/a/:id",
    "/a/:id/",
    "/a/:id/b",
    "/a/:id?",
    "/a/:id?b",
    "/a/?",
    "/a/?b",
    "/a/.:id",
    "/a.:id",
    "/a//:id",
    "/a/b:id",
    "/a/:id(b|c)",
    "/a/:id/b?",
    "/a/:id|/b",
    "/a/(b)?c",
    "/a/*b",
    "/a/*",
    "/a/:id*",
    "/a/:id*?",
    "/a/:id(b|c)?",
    "/a/:id([a-c]+)",
    "/a/:id(\\w+)/b",
    "/a/:id([)])",
    "/a/:a([)]:b(])?b",
    "/a/b(c)?",
    "/a/(b)",
];

const PATHS: [&str; 27] = [
    "",
    "/",
    "/a",
    "/a/",
    "/a//",
    "/a///",
    "/a/b",
    "/A/B",
    "/a/b/",
    "/a/b//",
    "/a//b",
    "/a//b/",
    "/ab",
    "/a.b",
    "/axb",
    "/a.b/c",
    "/a-b_c~d",
    "/a-b_c~d/",
    "/a./b",
    "/a/.b",
    "/a/b/b",
    "/b",
    "/a/bc",
    "/a/c",
    "/ac",
    "/a/b/c/d",
    "/ä",
];

fn each_way(mut visit: impl FnMut(&str, Major, Options)) {
    for text in TEXTS {
        for version in [Major::Four, Major::Five] {
            for bits in 0..8 {
                let options = Options {
                    case_sensitive: bits & 1 > 0,
                    strict: bits & 2 > 0,
                    end: bits & 4 > 0,
                };
                visit(text, version, options);
            }
        }
    }
}

fn by_pattern(text: &str, version: Major, options: Options) -> Option<One> {
    let flags = if options.case_sensitive { "" } else { "i" };
    let pattern = match version {
        Major::Four => four::pattern(text, options),
        Major::Five => five::pattern(text, options).ok()?,
    };
    Some(compiled(&pattern, flags, ""))
}

#[test]
fn a_plain_path_matches_as_its_pattern_does() {
    let mut compared = 0;
    each_way(|text, version, options| {
        let Some(plain) = plain(text, version, options) else {
            return;
        };
        let pattern = by_pattern(text, version, options).unwrap();
        for path in PATHS {
            let place = format!("{text} in Express {version}, {options:?}: {path}");
            assert_eq!(plain.exec(path), pattern.exec(path), "{place}");
            compared += 1;
        }
    });
    assert!(compared > 1000);
}

#[test]
fn what_matches_begins_with_the_start() {
    let mut matched = 0;
    each_way(|text, version, options| {
        let Ok(one) = one(&Path::Text(text.into()), version, options) else {
            return;
        };
        let Some(start) = one.start() else {
            return;
        };
        for path in PATHS {
            if one.exec(path) == Match::No {
                continue;
            }
            matched += 1;
            let rest = path.to_lowercase();
            let rest = rest.strip_prefix(&start.to_lowercase());
            let is_start = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            assert!(
                is_start,
                "{text} in Express {version}: {path} has not {start}"
            );
        }
    });
    assert!(matched > 500, "{matched}");
}

#[test]
fn the_start_is_what_no_parameter_can_take_back() {
    let starts = [
        ("/a/:id", "/a"),
        ("/a/b/:id/c", "/a/b"),
        ("/a/:id?", "/a"),
        ("/a/:id(\\d+)", "/a"),
        ("/a/:id(b|c)/d", "/a"),
        ("/a/:id([0-9a-f]{24})", "/a"),
        ("/a/*", "/a"),
        ("/:id", ""),
        ("/a/:id(b)?c", ""),
        ("/a/:a([)]:b(])?b", ""),
        ("/a/:id?b", ""),
        ("/a/?b", ""),
        ("/a/.:id", ""),
        ("/a/:id|/b", ""),
        ("a/:id", ""),
        ("", ""),
    ];
    for (path, start) in starts {
        assert_eq!(literal_start(path), start, "{path}");
    }
}
