//! Dumps, templates, the standard input: the forms in which a configuration comes.

use super::*;

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
