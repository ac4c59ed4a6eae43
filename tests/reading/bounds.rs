//! What is not followed: out of the root, in circles, without end.

use super::*;

#[test]
fn nothing_outside_of_the_root_is_read() {
    let outside = project(&[("secret.conf", SERVER), ("d/secret.conf", SERVER)]);
    let folder = project(&[(
        "nginx.conf",
        "http {\n  include link.conf;\n  include links/*.conf;\n  include folder/*.conf;\n}\n",
    )]);
    let root = folder.path();
    fs::create_dir(root.join("links")).expect("a folder");
    symlink(outside.path().join("secret.conf"), root.join("link.conf")).expect("a link");
    symlink(
        outside.path().join("secret.conf"),
        root.join("links/a.conf"),
    )
    .expect("a link");
    symlink(outside.path().join("d"), root.join("folder")).expect("a link");
    let estate = check(&folder);
    assert_eq!(estate.analysed.files, 1);
    assert!(doors(&estate).is_empty());
    assert_eq!(problem(&estate, "leads out").1, "include link.conf");
    let texts = estate.sources.iter().map(|source| source.text.to_vec());
    assert!(
        texts
            .into_iter()
            .all(|text| !text.windows(6).any(|part| part == b"a.test"))
    );
}

#[test]
fn a_link_inside_the_root_is_read_once() {
    let folder = project(&[
        ("nginx.conf", "http { include sites-enabled/*; }"),
        ("sites-available/a", SERVER),
    ]);
    fs::create_dir(folder.path().join("sites-enabled")).expect("a folder");
    symlink(
        "../sites-available/a",
        folder.path().join("sites-enabled/a"),
    )
    .expect("a link");
    symlink("..", folder.path().join("sites-available/loop")).expect("a link");
    let estate = check(&folder);
    assert_eq!(estate.problems, []);
    assert_eq!(estate.analysed.files, 2);
    assert!(doors(&estate).contains(&"sites-available/a:1".to_owned()));
}

#[test]
fn a_circle_of_includes_is_cut_and_said() {
    let folder = project(&[
        (
            "a.conf",
            "server { listen 80; server_name a; include b.conf; }",
        ),
        (
            "b.conf",
            "location /b { deny all; proxy_pass http://b; }\ninclude ./a.conf;",
        ),
    ]);
    let estate = check(&folder);
    let (cycle, place) = problem(&estate, "include cycle: a.conf -> b.conf -> a.conf");
    assert!(cycle.fatal);
    assert_eq!(place, "include ./a.conf;");
    assert_eq!(entries(&estate), ["a.conf"]);
}

#[test]
fn includes_that_multiply_are_bounded() {
    let folder = project(&[
        ("nginx.conf", "http { server { include l0/*; } }"),
        ("f0", "include l1/*;"),
        ("f1", "include l2/*;"),
        ("f2", "include l3/*;"),
        ("f3", "deny all;"),
    ]);
    for level in 0..4 {
        let links = folder.path().join(format!("l{level}"));
        fs::create_dir(&links).expect("a folder");
        for number in 0..100 {
            symlink(format!("../f{level}"), links.join(number.to_string())).expect("a link");
        }
    }
    let estate = check(&folder);
    let (bomb, place) = problem(&estate, "over 300000 directives");
    assert!(bomb.fatal);
    assert_eq!(place, "include l1/*;");
}

#[test]
fn includes_nested_too_deep_are_cut() {
    let mut files = vec![("nginx.conf".to_owned(), "http { include f0; }".to_owned())];
    for level in 0..200 {
        files.push((format!("f{level}"), format!("include f{};", level + 1)));
    }
    files.push(("f200".to_owned(), SERVER.to_owned()));
    let files: Vec<_> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let estate = check(&project(&files));
    assert!(problem(&estate, "nested over 64 deep").0.fatal);
}
