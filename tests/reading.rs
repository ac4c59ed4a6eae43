//! From paths to gates: what is read, what is left alone, and what is said about it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;
use why403::estate::{Estate, Input, Problem, Verdict, recognise};
use why403::gate::Gate;

const SERVER: &str = "server { listen 80; server_name a.test; location / { deny all; } }\n";

/// A project of these files.
fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        write(folder.path(), path, text.as_bytes());
    }
    folder
}

fn write(folder: &Path, path: &str, text: &[u8]) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
    fs::write(path, text).expect("a file");
}

fn check(folder: &TempDir) -> Estate {
    Estate::read(&[Input::Path(folder.path().to_path_buf())], &["some-rule"]).expect("an estate")
}

fn check_file(folder: &TempDir, path: &str) -> Estate {
    Estate::read(&[Input::Path(folder.path().join(path))], &[]).expect("an estate")
}

fn check_stdin(text: &str) -> Estate {
    Estate::read(&[Input::Stdin(text.as_bytes().into())], &[]).expect("an estate")
}

/// The names of the entries.
fn entries(estate: &Estate) -> Vec<String> {
    estate.gates().map(|gate| gate.name().name).collect()
}

/// The places of all `deny` lines that a request can meet, as `file:line`.
fn doors(estate: &Estate) -> Vec<String> {
    let doors = estate.gates().flat_map(Gate::doors);
    doors
        .map(|door| {
            let line = estate.sources.position(door.span).line;
            format!("{}:{line}", estate.sources.at(door.span).name)
        })
        .collect()
}

fn fatal(estate: &Estate) -> Vec<&Problem> {
    estate
        .problems
        .iter()
        .filter(|problem| problem.fatal)
        .collect()
}

/// The problem whose message holds these words, and the text of its place.
fn problem<'e>(estate: &'e Estate, words: &str) -> (&'e Problem, String) {
    let problem = estate
        .problems
        .iter()
        .find(|problem| problem.message.contains(words))
        .unwrap_or_else(|| panic!("no `{words}` in {:?}", estate.problems));
    let text = problem
        .span
        .map(|span| estate.sources.text(span).into_owned());
    (problem, text.unwrap_or_default())
}

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

#[test]
fn a_dump_is_cut_into_its_files() {
    let dump = "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok
nginx: configuration file /etc/nginx/nginx.conf test is successful
# configuration file /etc/nginx/nginx.conf:
events {}
http {
nginx: [warn] conflicting server name \"a\" on 0.0.0.0:80, ignored
  include /etc/nginx/conf.d/*.conf;
  include none/*.conf;
}

# configuration file /etc/nginx/conf.d/a.conf:
# first
server { listen 80; location /x { deny all; } }

# configuration file /etc/nginx/conf.d/unused:
server { listen 81; }
";
    let estate = check_stdin(dump);
    assert_eq!(estate.problems, []);
    assert_eq!(entries(&estate), ["/etc/nginx/nginx.conf"]);
    assert!(
        doors(&estate)
            .iter()
            .all(|door| door == "/etc/nginx/conf.d/a.conf:2")
    );
    let section = estate
        .sources
        .iter()
        .find(|s| s.name.ends_with("a.conf"))
        .expect("a section");
    let container = section.container.as_ref().expect("a container");
    assert_eq!(
        (container.name.as_str(), container.lines_before),
        ("<stdin>", 11)
    );
    assert!(doors(&estate).len() > 1);

    let folder = project(&[("etc/all.txt", dump)]);
    assert_eq!(entries(&check(&folder)), ["/etc/nginx/nginx.conf"]);
}

#[test]
fn what_a_template_names_can_be_reached_and_real_names_go_as_they_went() {
    let text = "http {
  server { listen 80 default_server; return 421; }
  server { listen 80; server_name ${DOMAIN}; location / { deny all; } }
  server { listen 80; server_name {{ domain }} www.${DOMAIN}; location / { deny all; } }
  server { listen {{port}}; return 421; }
  server { listen {{port}}; server_name {{env \"ROUTE\"}}; location {{ prefix }}/x { deny all; } }
}
";
    let estate = check(&project(&[("nginx.conf", text)]));
    let nginx = &estate.nginx[0];
    let mut hosts = Vec::new();
    for door in nginx.doors() {
        let request = door.example.as_ref().expect("an example");
        hosts.push(request.host.clone());
    }
    assert_eq!(
        hosts,
        [
            "localhost",
            "domain.invalid",
            "domain-2.invalid",
            "localhost",
            "env-route.invalid",
            "env-route.invalid"
        ]
    );
    let mut request = nginx.doors()[0].example.clone().expect("an example");
    for host in ["shop.test", "domain", "${domain}", "domain.example"] {
        request.host = host.to_owned();
        let status = nginx.pass(&request)[0].status();
        assert!(matches!(status, Some(400 | 421)), "{host}: {status:?}");
    }
}

#[test]
fn ports_that_templates_write_are_ports_of_their_own() {
    let text = "http {
  server { listen {{ port }}; server_name {{ host }}; return 301 https://$host$uri; }
  server { listen {{ tls_port }} ssl; server_name {{ host }}; location / { deny all; } }
}
";
    let estate = check(&project(&[("nginx.conf", text)]));
    let nginx = &estate.nginx[0];
    let example = |at: usize| nginx.doors()[at].example.clone().expect("an example");
    assert_eq!(example(0).url(), "https://localhost/");
    assert_eq!(example(1).url(), "https://localhost:49153/");
    assert_eq!(nginx.pass(&example(1))[0].status(), Some(403));
    let mut request = example(0);
    for port in [80, 443, 8080] {
        request.port = port;
        assert_eq!(nginx.pass(&request)[0].status(), Some(301), "{port}");
    }
}

#[test]
fn stdin_is_a_configuration_of_its_own() {
    let estate = check_stdin(SERVER);
    assert_eq!(estate.problems, []);
    assert_eq!(entries(&estate), ["<stdin>"]);
}

#[test]
fn line_ends_of_windows_are_blanks() {
    let folder = project(&[
        ("nginx.conf", "http {\r\n  include a.conf;\r\n}\r\n"),
        ("a.conf", SERVER),
    ]);
    let estate = check(&folder);
    assert_eq!(estate.problems, []);
    assert!(!doors(&estate).is_empty());
}

#[test]
fn what_does_not_parse_is_never_clean() {
    let folder = project(&[("nginx.conf", "http { server { location / { deny all; }\n")]);
    let estate = check(&folder);
    assert!(!fatal(&estate).is_empty());
    let folder = project(&[(
        "x.conf.erb",
        "<% if a %>\nserver { listen 80; proxy_pass x; \"a\"b\n",
    )]);
    let estate = check_file(&folder, "x.conf.erb");
    let help = fatal(&estate)[0].help.as_deref().unwrap_or_default();
    assert!(help.contains("template"), "{:?}", estate.problems);
}

#[test]
fn what_stands_where_nginx_looks_is_its_own_though_it_does_not_parse() {
    for (path, text) in [
        ("conf.d/up.conf", "upstream a { server 10.0.0.1:80 }\n"),
        (
            "deploy/nginx/proxy.conf",
            "location /a {\n  proxy_pass http://a;\n",
        ),
        ("sites-enabled/shop", "server {\n  listen 80;\n"),
    ] {
        let folder = project(&[
            ("nginx.conf", "http { server { listen 80; } }"),
            (path, text),
        ]);
        let estate = check(&folder);
        let fatal = fatal(&estate);
        assert_eq!(fatal.len(), 1, "{path}: {:?}", estate.problems);
        let span = fatal[0].span.expect("a place");
        assert_eq!(estate.sources.at(span).name, path);
    }
}

#[test]
fn what_only_reads_like_nginx_is_left_out_with_one_note() {
    let main = ("nginx.conf", "http { server { listen 80; } }");
    let block = "location / {\n  proxy_pass http://{{ .host }}\n";
    let template = "{% if tls %}\nlisten 443 ssl;\n{% endif %}\nserver {\n";
    let folder = project(&[
        main,
        ("template/block/proxy.conf", block),
        (
            "template/block/tls.conf",
            "location /b {\n  proxy_pass http://b;\n",
        ),
        ("conf.d/site.conf", template),
    ]);
    let estate = check(&folder);
    let messages: Vec<_> = estate.problems.iter().map(|one| &one.message).collect();
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(messages[0].contains("it is left out"), "{messages:?}");
    assert!(fatal(&estate).is_empty());
}

#[test]
fn nothing_to_analyse_is_a_failure() {
    let estate = check(&project(&[("README.md", "proxy_pass http://a;\n")]));
    assert!(problem(&estate, "nothing to analyse").0.fatal);
    let parameters = "proxy_set_header Host $host;\nproxy_set_header X-Real-IP $remote_addr;\n";
    let estate = check(&project(&[("proxy_params", parameters)]));
    assert!(problem(&estate, "nothing to analyse").0.fatal);
    assert_eq!(estate.analysed.idle, 1);
}

#[test]
fn what_cannot_be_read_does_not_stop_the_rest() {
    let folder = project(&[("nginx.conf", SERVER)]);
    symlink("nowhere", folder.path().join("dangling.conf")).expect("a link");
    let inputs = ["nginx.conf", "dangling.conf", "gone.conf"];
    let inputs = inputs.map(|path| Input::Path(folder.path().join(path)));
    let estate = Estate::read(&inputs, &[]).expect("an estate");
    assert_eq!(fatal(&estate).len(), 2);
    assert_eq!(entries(&estate), ["nginx.conf"]);

    let folder = project(&[("nginx.conf", "http { include d.conf; }"), ("d.conf/x", "")]);
    assert_eq!(
        problem(&check(&folder), "file is not here").1,
        "include d.conf"
    );
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

#[test]
fn a_mistake_in_the_configuration_has_its_line() {
    let folder = project(&[
        ("nginx.conf", SERVER),
        ("why403.yaml", "nginx: {}\nrules:\n  sum-rule: off\n"),
    ]);
    let estate = check(&folder);
    let (mistake, place) = problem(&estate, "unknown rule");
    assert_eq!(place, "sum-rule");
    assert_eq!(
        estate.sources.position(mistake.span.expect("a place")).line,
        3
    );
    assert_eq!(mistake.help.as_deref(), Some("did you mean `some-rule`?"));
}

#[test]
fn nginx_is_known_by_its_content() {
    let nginx = [
        (
            "vhost",
            "upstream app {\n  server app:3000;\n}\nserver {\n  listen 80;\n  server_name a.test;\n  location / {\n    proxy_pass http://app;\n  }\n}\n",
        ),
        (
            "app.conf.erb",
            "server {\n  listen <%= @port %>;\n  <% if @tls %>\n  ssl_certificate x;\n  <% end %>\n  root /srv;\n  access_log off;\n}\n",
        ),
        (
            "site.j2",
            "{% for site in sites %}\nserver {\n    listen 80;\n    server_name {{ site.name }};\n    location / { proxy_pass {{ site.to }}; }\n}\n{% endfor %}\n",
        ),
        (
            "lua.conf",
            "server {\n  listen 80;\n  location / {\n    access_by_lua_block {\n      local x = require(\"y\")\n      if x == 1 then\n        ngx.exit(403)\n      end\n    }\n    proxy_pass http://a;\n  }\n}\n",
        ),
    ];
    for (name, text) in nginx {
        assert_eq!(
            recognise(Path::new(name), text.as_bytes(), true),
            Verdict::Yes,
            "{name}"
        );
    }
}

#[test]
fn the_content_outweighs_the_name() {
    let others = [
        "# basic http auth\n[nginx-http-auth]\nenabled = true\nfilter = nginx-http-auth\n",
        "[program:nginx]\ncommand=nginx -g \"daemon off;\"\nautostart=true\n",
        "[server]\nlisten = 80\nnames = [\"a\", \"b\"]\ntls = { on = true }\n",
        "description \"nginx\"\nstart on runlevel [2345]\nexec /usr/sbin/nginx\n",
    ];
    for text in others {
        let folder = project(&[("nginx.conf", text), ("site.conf", SERVER)]);
        let estate = check(&folder);
        assert_eq!(estate.problems, [], "{text}");
        assert_eq!(entries(&estate), ["site.conf"], "{text}");
    }
    // What the user names is read whatever it looks like, and a mistake in nginx's is told.
    let folder = project(&[("nginx.conf", others[0])]);
    assert!(!fatal(&check_file(&folder, "nginx.conf")).is_empty());
    let folder = project(&[("nginx.conf", "user = www\nhttp {\n  server {\n")]);
    assert!(!fatal(&check(&folder)).is_empty());
}

#[test]
fn a_file_may_be_named_after_its_domain() {
    let site = "server {\n  listen 80;\n  server_name example.org;\n  location / {\n    proxy_pass http://a;\n  }\n}\n";
    let verdict = |name: &str, text: &str| recognise(Path::new(name), text.as_bytes(), true);
    for name in [
        "sites-enabled/example.org",
        "nginx/example.rs",
        "conf.d/shop.sh",
        "deploy/www.rust-lang.org",
        "vhosts/a.example.py",
    ] {
        assert_eq!(verdict(name, site), Verdict::Yes, "{name}");
    }
    let page = format!("# How to\n\n```nginx\n{site}```\n");
    let long = site.repeat(9);
    let heredoc = format!("cat > /etc/nginx/x <<EOF\n{long}EOF\nservice nginx reload\n");
    for (name, text) in [
        ("nginx/README.md", page.as_str()),
        ("nginx/README.md", site),
        ("nginx/setup.md", &page),
        ("nginx/install.sh", &heredoc),
        ("nginx/install.sh", &format!("#!/bin/sh\n{heredoc}")),
        ("nginx/notes.org", &format!("* How to\n{site}")),
        ("src/example.org", site),
        ("nginx/site.html", site),
        (
            "nginx/conf.nginx.py",
            &format!("SITE = \"\"\"\n{site}\"\"\"\n"),
        ),
    ] {
        assert_eq!(verdict(name, text), Verdict::No, "{name}: {text}");
    }
}

#[test]
fn other_languages_are_not_nginx() {
    let others = [
        (
            "apache.conf",
            "<VirtualHost *:80>\n  ServerName a.test\n  ProxyPass / http://app/\n</VirtualHost>\n",
        ),
        ("php.conf", "[www]\nuser = nginx\nlisten = 127.0.0.1:9000\n"),
        (
            "Caddyfile.prod",
            "a.test {\n  root * /srv\n  reverse_proxy app:3000\n  log {\n    output stdout\n  }\n}\n",
        ),
        (
            "lighttpd.conf",
            "server.port = 80\n$HTTP[\"host\"] == \"a\" {\n  proxy.server = ( \"\" => ( ( \"host\" => \"b\" ) ) )\n}\n",
        ),
        (
            "named.zones",
            "zone \"a.test\" {\n  type master;\n  file \"a\";\n  allow-query { any; };\n};\n",
        ),
        (
            "config",
            "resource \"x\" \"y\" {\n  location = \"eu\"\n  listen   = 80\n}\n",
        ),
        (
            "script",
            "#!/bin/sh\ncat > /etc/nginx/x <<EOF\nserver {\n  listen 80;\n  server_name a;\n  proxy_pass http://a;\n}\nEOF\n",
        ),
        (
            "notes",
            "Set proxy_pass to your app.\nThen reload nginx:\n\n    location / {\n        proxy_pass http://a;\n    }\n\nThat is all you need to do here.\nHave a nice day,\n",
        ),
        (
            "compose",
            "services:\n  web:\n    image: nginx\n    ports:\n      - 80:80\n",
        ),
        ("binary", "server {\n listen 80;\n server_name a;\n\0}\n"),
        ("build.js", "server {\n  listen 80;\n  server_name a;\n}\n"),
    ];
    for (name, text) in others {
        assert_eq!(
            recognise(Path::new(name), text.as_bytes(), true),
            Verdict::No,
            "{name}"
        );
    }
}
