//! Which files are of nginx.

use super::*;

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
