//! Includes: what they lead to, and what is said where they lead nowhere.

use super::*;

#[test]
fn includes_are_followed_from_the_main_configuration() {
    let folder = project(&[
        (
            "deploy/nginx.conf",
            "events {}\nhttp {\n  include conf.d/*.conf;\n  include /etc/nginx/sites/b.conf;\n}\n",
        ),
        (
            "deploy/conf.d/a.conf",
            "server {\n  include snippets/deny.conf;\n}\n",
        ),
        ("deploy/sites/b.conf", SERVER),
        ("deploy/snippets/deny.conf", "location /x { deny all; }\n"),
    ]);
    let estate = check(&folder);
    assert_eq!(estate.problems, []);
    assert_eq!(entries(&estate), ["deploy/nginx.conf"]);
    assert_eq!(estate.analysed.files, 4);
    let doors = doors(&estate);
    assert!(
        doors.contains(&"deploy/snippets/deny.conf:1".to_owned()),
        "{doors:?}"
    );
    assert!(
        doors.contains(&"deploy/sites/b.conf:1".to_owned()),
        "{doors:?}"
    );
}

#[test]
fn a_glob_takes_files_in_order_and_no_hidden_ones() {
    let folder = project(&[
        ("nginx.conf", "http { include d/[ab]?.conf; }"),
        ("d/b1.conf", "server { listen 80; server_name b; }"),
        ("d/a1.conf", "server { listen 80; server_name a; }"),
        ("d/c1.conf", "# nothing\n"),
        ("d/.a.conf", "}"),
        ("d/sub/a1.conf", "# nothing\n"),
    ]);
    let estate = check(&folder);
    assert_eq!(estate.problems, []);
    assert_eq!(doors(&estate), ["d/a1.conf:1", "d/b1.conf:1"]);
}

#[test]
fn an_include_reads_what_the_walk_left_alone() {
    let folder = project(&[
        (".gitignore", "local/\n"),
        (
            "nginx.conf",
            "http { server { include local/x.conf; include .hidden; } }",
        ),
        ("local/x.conf", "location /x { deny all; }"),
        ("local/nginx.conf", SERVER),
        (".hidden", "location /y { deny all; }"),
    ]);
    let estate = check(&folder);
    assert_eq!(estate.problems, []);
    assert_eq!(entries(&estate), ["nginx.conf"]);
    let doors = doors(&estate);
    assert!(doors.contains(&"local/x.conf:1".to_owned()), "{doors:?}");
    assert!(doors.contains(&".hidden:1".to_owned()), "{doors:?}");
}

#[test]
fn a_template_stands_for_the_file_that_is_made_of_it() {
    let folder = project(&[
        (
            "nginx.conf",
            "http { server { include snippets/cors.conf; } include c/*.conf; }",
        ),
        ("snippets/cors.conf.j2", "location /x { deny all; }"),
        ("c/x.conf.template", SERVER),
    ]);
    let estate = check(&folder);
    assert_eq!(estate.problems, []);
    assert_eq!(entries(&estate), ["nginx.conf"]);
}

#[test]
fn a_missing_include_is_a_note_at_its_line() {
    let folder = project(&[(
        "nginx.conf",
        "http {\n  include acme.d/*.conf;\n  include gone.conf;\n  include mime.types;\n  include {{ sites }}/*;\n  include gone.conf;\n}\n",
    )]);
    let estate = check(&folder);
    assert_eq!(fatal(&estate), Vec::<&Problem>::new());
    assert_eq!(
        problem(&estate, "folder is not here").1,
        "include acme.d/*.conf"
    );
    assert_eq!(problem(&estate, "file is not here").1, "include gone.conf");
    assert!(problem(&estate, "template").1.starts_with("include {{"));
    problem(&estate, "the same goes for nginx.conf:6");
    assert_eq!(estate.problems.len(), 3);
}

#[test]
fn an_encrypted_file_is_one_that_is_missing() {
    let folder = project(&[
        ("nginx.conf", "http { server { include office.conf; } }"),
        (
            "office.conf",
            "$ANSIBLE_VAULT;1.1;AES256\n34303761323436636231643034313736\n",
        ),
    ]);
    let estate = check(&folder);
    let (note, place) = problem(&estate, "the file is encrypted");
    assert!(!note.fatal);
    assert_eq!(place, "include office.conf");
    assert_eq!(estate.problems.len(), 1);
}

#[test]
fn includes_that_are_missing_are_told_in_one_note() {
    let site = "server {\nlisten 80;\ninclude a.conf;\ninclude b.conf;\ninclude c.conf;\n}\n";
    let folder = project(&[("x/s", site), ("x/t", site), ("x/u", site)]);
    let estate = check(&folder);
    let (note, place) = problem(&estate, "file is not here");
    assert_eq!(place, "include a.conf");
    assert!(
        note.message
            .ends_with("the same goes for x/s:4, x/s:5, x/t:3, x/t:4 and 4 more"),
        "{}",
        note.message
    );
    assert_eq!(estate.problems.len(), 1);
}

#[test]
fn what_packages_bring_is_no_news_when_it_is_missing() {
    let http = "include mime.types;\ninclude /etc/nginx/conf.d/*.conf;\n\
                include /etc/nginx/sites-enabled/*;\ninclude sites-enabled/*.conf;\n";
    let server = "include snippets/fastcgi-php.conf;\ninclude /etc/nginx/proxy_params;\n\
                  include uwsgi_params;\ninclude /etc/nginx/default.d/*.conf;\n";
    let main = format!(
        "include /etc/nginx/modules-enabled/*.conf;\nevents {{}}\n\
         http {{\n{http} server {{\n{server} }}\n}}\n"
    );
    let estate = check(&project(&[("nginx.conf", &main)]));
    assert_eq!(estate.problems, []);
    let door = &estate.gates().next().expect("a gate").doors()[0];
    let request = door.example.as_ref().expect("an example");
    let course = estate.nginx[0].pass(request).remove(0);
    assert!(course.is_assumed());
    assert_eq!(
        course.when(&estate.sources),
        ["the include at nginx.conf:9 (the file is not here) and 5 more bring nothing else"]
    );
}

#[test]
fn a_bare_name_is_not_looked_for_in_other_folders() {
    let folder = project(&[
        ("a/nginx.conf", "http { server { include cors.conf; } }"),
        (
            "b/cors.conf",
            "location /x { deny all; proxy_pass http://b; }",
        ),
    ]);
    let estate = check(&folder);
    problem(&estate, "file is not here");
    assert_eq!(entries(&estate), ["a/nginx.conf", "b/cors.conf"]);
}

#[test]
fn an_include_may_start_with_the_name_of_the_project() {
    let folder = project(&[
        (
            "production/nginx.conf",
            "http { include shop/production/server.conf; include shop/production/d/*.conf; }",
        ),
        ("production/server.conf", SERVER),
        ("production/d/a.conf", SERVER),
    ]);
    let estate = check(&folder);
    assert_eq!(estate.problems, []);
    assert_eq!(entries(&estate), ["production/nginx.conf"]);
    assert_eq!(estate.analysed.files, 3);
}

#[test]
fn a_file_beside_may_stand_for_one_elsewhere_and_that_is_told() {
    let folder = project(&[
        (
            "default.conf",
            "server { listen 80; location /x { include /etc/nginx/conf.d/cors.conf; proxy_pass http://a; } }",
        ),
        ("cors.conf", "deny all;\n"),
        ("gone.conf", "server { listen 81; include a/gone.conf; }"),
    ]);
    let estate = check(&folder);
    let (note, place) = problem(&estate, "followed by a guess");
    assert!(!note.fatal);
    assert_eq!(place, "include /etc/nginx/conf.d/cors.conf");
    assert_eq!(
        problem(&estate, "file is not here").1,
        "include a/gone.conf"
    );
    assert_eq!(entries(&estate), ["default.conf", "gone.conf"]);
    let doors = estate.nginx[0].doors();
    let door = doors.iter().find(|door| door.name.contains("/x"));
    let request = door.expect("a door").example.as_ref().expect("an example");
    let course = estate.nginx[0].pass(request).remove(0);
    assert_eq!(course.status(), Some(403));
    assert_eq!(
        course.when(&estate.sources),
        [
            "the include at default.conf:1 brings nothing else (a file of its name stands beside, and is taken for it)"
        ]
    );
}

#[test]
fn volumes_and_copies_say_where_paths_lead() {
    let site = "server {\n listen 80;\n server_name a;\n include /etc/nginx/lib/cors.conf;\n}\n";
    let cors = "location /x { deny all; }\n";
    for (path, text) in [
        (
            "docker-compose.yml",
            "services:\n  web:\n    volumes:\n      - ./sites:/etc/nginx/conf.d:ro\n      - \"./common:/etc/nginx/lib\"\n      - data:/data\n",
        ),
        (
            "compose.prod.yaml",
            "services:\n  web:\n    volumes:\n      - ${PWD}/sites/a.conf:/etc/nginx/conf.d/a.conf\n      - type: bind\n        source: ./common/cors.conf\n        target: /etc/nginx/lib/cors.conf\n",
        ),
        (
            "Dockerfile",
            "FROM node\nCOPY --from=x other /etc/nginx/lib\nFROM nginx\nCOPY sites/*.conf /etc/nginx/conf.d/\nCOPY --chown=nginx \\\n  common/cors.conf /etc/nginx/lib/\n",
        ),
        (
            "docker/web.Dockerfile",
            "FROM nginx\nCOPY [\"sites\", \"/etc/nginx/conf.d/\"]\nADD common /etc/nginx/lib\n",
        ),
    ] {
        let folder = project(&[
            (path, text),
            ("sites/a.conf", site),
            ("common/cors.conf", cors),
            ("other/cors.conf", cors),
        ]);
        let estate = check(&folder);
        assert_eq!(estate.problems, [], "{path}");
        let doors = doors(&estate);
        assert!(
            doors.contains(&"common/cors.conf:1".to_owned()),
            "{path}: {doors:?}"
        );
    }
    // What leads out is not read, and what cannot be parsed says nothing.
    for text in [
        "services:\n  web:\n    volumes: [../../..:/etc/nginx/lib, ./sites:/etc/nginx/conf.d]\n",
        "services: [\n",
        "- a\n",
    ] {
        let folder = project(&[("compose.yml", text), ("sites/a.conf", site)]);
        let estate = check(&folder);
        let (note, _) = problem(&estate, "file is not here");
        assert!(!note.fatal);
    }
}

#[test]
fn the_configuration_says_where_paths_lead() {
    let folder = project(&[
        ("nginx.conf", "http { include /srv/app/nginx/x.conf; }"),
        ("deploy/x.conf", SERVER),
        (
            "why403.yaml",
            "paths:\n  /srv/app/nginx/: deploy/\n  /opt/: other/\n",
        ),
    ]);
    let estate = check(&folder);
    assert_eq!(entries(&estate), ["nginx.conf"]);
    let (unused, place) = problem(&estate, "no include of a path below `/opt/`");
    assert!(unused.fatal);
    assert!(unused.help.is_some());
    assert_eq!(place, "/opt/");
    assert_eq!(estate.problems.len(), 1);
}
