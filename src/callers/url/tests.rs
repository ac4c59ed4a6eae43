use super::*;

fn host(name: &str, port: u16) -> Base {
    Base::Host {
        scheme: Scheme::Http,
        host: Text::known(name),
        port: Some(port),
    }
}

#[test]
fn a_url_is_cut_behind_its_host() {
    let of = |text: &str| Url::of(&Text::known(text));
    let url = of("http://localhost:5000/api/users?x=1");
    assert_eq!(url.base, host("localhost", 5000));
    assert_eq!(url.path.plain().unwrap(), "/api/users?x=1");
    assert_eq!(of("http://API.test").base, host("api.test", 80));
    assert_eq!(of("/api").base, Base::SameOrigin);
    // A name without a slash may be anything.
    assert_eq!(of("users").base, Base::Unknown);
}

#[test]
fn what_the_environment_says_may_bring_a_part_of_the_path() {
    let env = |default: Option<&str>| Piece::Env {
        name: "API".into(),
        default: default.map(str::to_owned),
    };
    let text = |default| Text(vec![env(default), Piece::Known("/users".into())]);
    let url = Url::of(&text(Some("http://localhost:5000/api")));
    assert_eq!(url.path.plain().unwrap(), "/api/users");
    assert!(!url.is_suffix());
    assert!(Url::of(&text(None)).is_suffix());
}

#[test]
fn the_machine_of_the_page_has_a_name() {
    let pieces = vec![
        Piece::Known("http://".into()),
        Piece::Hole {
            name: "location.hostname".into(),
            is_param: false,
        },
        Piece::Known(":5000/api/".into()),
    ];
    assert_eq!(Url::of(&Text(pieces)).base, host("localhost", 5000));
}

#[test]
fn a_host_may_be_known_in_part() {
    let hole = |name: &str| Piece::Hole {
        name: name.into(),
        is_param: false,
    };
    let env = |name: &str| Piece::Env {
        name: name.into(),
        default: None,
    };
    let known = |text: &str| Piece::Known(text.into());
    let url = Url::of(&Text(vec![
        known("https://"),
        env("API_ID"),
        known(".execute-api."),
        hole("region"),
        known(".amazonaws.com/prod/orders"),
    ]));
    let Base::Host { host, port, .. } = &url.base else {
        panic!("{url:?}");
    };
    assert_eq!(host.filled("*"), "*.execute-api.*.amazonaws.com");
    assert_eq!((*port, url.is_suffix()), (Some(443), false));
    assert_eq!(url.path.plain().unwrap(), "/prod/orders");
    let url = url.with(&|name| (name == "API_ID").then(|| "abc".to_owned()));
    let Base::Host { host, .. } = &url.base else {
        panic!("{url:?}");
    };
    assert_eq!(host.filled("*"), "abc.execute-api.*.amazonaws.com");
}

#[test]
fn a_scheme_may_be_open() {
    let hole = || Piece::Hole {
        name: "x".into(),
        is_param: false,
    };
    let known = |text: &str| Piece::Known(text.into());
    let shown = |pieces: Vec<Piece>| match Url::of(&Text(pieces)).base {
        Base::Host { host, port, .. } => format!("{}:{}", host.filled("*"), port.unwrap()),
        base => format!("{base:?}"),
    };
    assert_eq!(shown(vec![hole(), known("://a.test/b")]), "a.test:443");
    assert_eq!(shown(vec![hole(), known(".a.test:80/b")]), "*.a.test:80");
    assert_eq!(shown(vec![hole(), known("users")]), "Unknown");
}

#[test]
fn a_host_may_be_open_or_complete() {
    let hole = |name: &str| Piece::Hole {
        name: name.into(),
        is_param: false,
    };
    let known = |text: &str| Piece::Known(text.into());
    let url = Url::of(&Text(vec![known("https://"), hole("host"), known("/a")]));
    assert_eq!(
        (url.base, url.path.plain().unwrap()),
        (Base::Unknown, "/a".into())
    );
    let url = Url::of(&Text(vec![known("http://localhost:5000"), hole("path")]));
    assert_eq!(url.base, host("localhost", 5000));
    assert_eq!(url.path.filled("*"), "/*");
}

#[test]
fn what_is_said_of_a_variable_takes_its_place() {
    let said = |name: &str| (name == "API").then(|| "https://a.test/prod/".to_owned());
    let env = |name: &str| Piece::Env {
        name: name.into(),
        default: None,
    };
    let url = Url::of(&Text(vec![env("API"), Piece::Known("/orders".into())])).with(&said);
    assert_eq!(url.base.host().unwrap(), "a.test");
    assert_eq!(url.path.plain().unwrap(), "/prod/orders");
    let other = Url::of(&Text(vec![env("OTHER"), Piece::Known("/orders".into())]));
    assert_eq!(other.with(&said), other);
    let part = Url::of(&Text(vec![
        Piece::Known("https://".into()),
        env("API"),
        Piece::Known("/orders".into()),
    ]));
    assert!(part.is_suffix());
    assert_eq!(part.with(&said).path.plain().unwrap(), "/prod/orders");
}

/// What stands in for a variable goes with all that it brings, and what was said of the rest stays.
#[test]
fn what_is_said_of_a_variable_is_surer_than_what_stands_in_for_it() {
    let said = |name: &str| {
        let values = [
            ("API", "https://a.test/prod/"),
            ("HOST", "b.test"),
            ("STAGE", "dev"),
        ];
        let value = values.iter().find(|(one, _)| *one == name);
        value.map(|(_, value)| (*value).to_owned())
    };
    let env = |name: &str, default: Option<&str>| Piece::Env {
        name: name.into(),
        default: default.map(str::to_owned),
    };
    let known = |text: &str| Piece::Known(text.into());
    let hole = Piece::Hole {
        name: "x".into(),
        is_param: false,
    };
    let local = Some("http://localhost:3000/api");
    for (pieces, expected) in [
        (vec![env("API", local), known("/b")], "a.test:443 /prod/b"),
        (
            vec![env("API", Some("/api")), known("/b")],
            "a.test:443 /prod/b",
        ),
        (
            vec![env("OTHER", local), known("/b")],
            "localhost:3000 /api/b",
        ),
        (
            vec![known("http://"), env("HOST", None), known(":8080/b")],
            "b.test:8080 /b",
        ),
        (
            vec![
                known("http://"),
                env("HOST", None),
                known(":"),
                hole.clone(),
                known("/b"),
            ],
            "b.test:? /b",
        ),
        (
            vec![
                known("https://"),
                env("HOST", Some("localhost")),
                known("/b"),
            ],
            "b.test:443 /b",
        ),
        (
            vec![
                env("OTHER", None),
                known("://"),
                env("HOST", None),
                known("/b"),
            ],
            "b.test:443 /b",
        ),
        (
            vec![env("HOST", None), known(".c.test/b")],
            "b.test.c.test:80 /b",
        ),
        // Of a path it is not said.
        (
            vec![known("https://a.test/"), env("STAGE", None), known("/b")],
            "a.test:443 /*/b",
        ),
    ] {
        let url = Url::of(&Text(pieces)).with(&said);
        let Base::Host { host, port, .. } = &url.base else {
            panic!("{url:?}");
        };
        let port = port.map_or("?".to_owned(), |port| port.to_string());
        let found = format!("{}:{port} {}", host.filled("*"), url.path.filled("*"));
        assert_eq!(found, expected);
    }
}

#[test]
fn a_url_in_a_query_is_no_other_host() {
    let base = Text::known("https://a.test/prod");
    for (path, expected) in [
        (
            "/b?next=https://c.test/",
            "https://a.test/prod/b?next=https://c.test/",
        ),
        ("https://c.test/b", "https://c.test/b"),
        ("//c.test/b", "//c.test/b"),
    ] {
        let found = combined(&base, Text::known(path));
        assert_eq!(found.plain().as_deref(), Some(expected));
    }
}

#[test]
fn a_path_with_a_slash_takes_the_place_of_that_of_its_base() {
    for (base, path, expected) in [
        ("https://a.test/prod", "/b", "https://a.test/b"),
        ("https://a.test/prod", "b", "https://a.test/b"),
        ("https://a.test/prod/", "b", "https://a.test/prod/b"),
        ("https://a.test", "b", "https://a.test/b"),
        ("https://a.test", "https://b.test/c", "https://b.test/c"),
        ("https://a.test/b", "//c.test/d", "https://c.test/d"),
        (
            "https://a.test/b/c?d=1#e",
            "?f=/2",
            "https://a.test/b/c?f=/2",
        ),
        ("https://a.test/b?d=/1", "c", "https://a.test/c"),
        ("https://a.test?d=1", "/c", "https://a.test/c"),
        ("https://a.test/b?d=1#e", "", "https://a.test/b?d=1"),
        (
            "https://a.test/b",
            "/c?d=https://e.test",
            "https://a.test/c?d=https://e.test",
        ),
    ] {
        let found = resolved(&Text::known(base), Text::known(path));
        assert_eq!(found.plain().as_deref(), Some(expected), "{base} {path}");
    }
    let above = resolved(&Text::known("https://a.test/b/c"), Text::known("../d"));
    assert_eq!(Url::of(&above).base, Base::Unknown);
}
