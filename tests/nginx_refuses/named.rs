//! What nginx refuses for reasons of its own, case by case, and what it takes.

use crate::sample::fill;
use crate::verdict::{Lab, analyzer};

/// Each inside of a server.
const CASES: &[&str] = &[
    "location ~ ^/a { proxy_pass http://127.0.0.1:1/; }",
    "location ~ ^/a { proxy_pass http://127.0.0.1:1?x; }",
    "location ~ ^/a { proxy_pass http://127.0.0.1:1; }",
    "location ~ ^/a { proxy_pass http://unix:/s:/x; }",
    "location ~ ^/a { proxy_pass http://unix:/s; }",
    "location ~ ^/a { proxy_pass http://127.0.0.1:1/$uri; }",
    "location / { if ($arg_a) { proxy_pass http://127.0.0.1:1/b; } }",
    "location / { limit_except GET { proxy_pass http://127.0.0.1:1/b; } }",
    "location @n { proxy_pass http://127.0.0.1:1/b; }",
    "location @n { proxy_pass HTTPS://127.0.0.1:1; }",
    "location / { proxy_pass 127.0.0.1:1; }",
    "location / { proxy_pass http:/127.0.0.1:1; }",
    "location / { proxy_pass $arg_a; }",
    "location ~* \\. OPTIONS$ { return 204; }",
    "location = /a b {}",
    "location {}",
    "events {}",
    "http {}",
    "allow 10.0.0.0/255.0.0.0;",
    "allow 10.0.0.0/33;",
    "allow localhost;",
    "deny 10.1;",
    "deny 10.0.0.1/24;",
    "allow 2001:db8::/32;",
    "allow unix:;",
    "location / { limit_except FOO { deny all; } }",
    "location / { limit_except get Post { deny all; } }",
    "location / { limit_except GET { return 405; } }",
    "location / { limit_except GET {} }",
    "error_page 200 /x;",
    "error_page 403 499 /x;",
    "error_page 403 =;",
    "error_page 403 =x /y;",
    "error_page 403 =200 /y;",
    "error_page 403 = /y;",
    "error_page 999 /y;",
    "error_page forbidden /y;",
    "location / { root a; alias b; }",
    "location / { alias b; root a; }",
    "location @x { alias b; }",
    "set a b;",
    "location / { auth_request_set a b; }",
    "limit_req zone=z; limit_req zone=y;",
    "limit_req zone=z; limit_req zone=z burst=5;",
    "location /a {} location ^~ /a {}",
    "location = /a {} location /a {}",
    "location @a {} location @a {}",
    "location / { location = /a {} location = /a {} }",
    "location /a { location /b {} }",
    "location ~ /a { location /a/b {} }",
    "location ~ ^/a { location /a/b {} }",
    "location ~ ^/a { location ~ b {} }",
    "location = /a { location ~ b {} }",
    "location @a { location ~ b {} }",
    "location /a { location @b {} }",
    "location /a/ { location /a/b {} location ~ c {} }",
    "if ($arg_a == b) { return 403; }",
    "if ($arg_a = b && $arg_c = d) { return 403; }",
    "if ($arg_a = b || $arg_c) { return 403; }",
    "if (!$arg_a) { return 403; }",
    "if (arg_a = b) { return 403; }",
    "if $arg_a { return 403; }",
    "if ($arg_a { return 403; }",
    "if ( $arg_a ) { return 403; }",
    "if ( -f $uri ) { return 403; }",
    "if (-q $uri) { return 403; }",
    "if ($arg_a = \"\") { return 403; }",
    "if ($arg_a !~* \"a b\") { return 403; }",
    "if (()) { return 403; }",
    "return 1000;",
    "return forbidden;",
    "return /a;",
    "return https://shop.test/;",
    "return 403 a b;",
    "add_header X-A b alway;",
    "add_header X-A b Always;",
    "satisfy both;",
    "satisfy ANY;",
    "set_real_ip_from 10.0.0.0/8 192.168.0.0/16;",
    "set_real_ip_from 10.0.0.5/8;",
    "real_ip_header X-Forwarded-For X-Real-IP;",
    "rewrite ^ /a lst;",
    "rewrite ^ https://shop.test/ last;",
    "auth_basic;",
    "proxy_set_header Host;",
    "location / { if ($arg_a) { proxy_set_header Host a; } }",
    "location / { if ($arg_a) { if ($arg_b) { return 403; } } }",
    "if ($arg_a) { add_header X-A b; }",
    "location / { add_header X-A; }",
];

#[test]
fn nginx_and_the_analyzer_say_the_same() {
    let lab = Lab::open();
    let mut disagreements = Vec::new();
    for case in CASES {
        let text = fill(&format!(
            "events {{}} http {{ ZONES server {{ SOCKET {case} }} }}"
        ));
        let (theirs, ours) = (lab.nginx(&text), analyzer(&text));
        if theirs != ours {
            disagreements.push(format!("{case}\n  nginx:  {theirs:?}\n  why403: {ours:?}"));
        }
    }
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

/// What a template writes, or where a file belongs that is only a part, is not known.
#[test]
fn templates_and_parts_are_judged_only_where_the_place_is_sure() {
    for silent in [
        "{{ a }}\nreturn 405;\nevents {} http { server { proxy_pass http://a; } }",
        "server { proxy_pass a; }",
        "server { location ~* \\. OPTIONS$ { return {{ status }}; } }",
        "proxy_pass a b;",
        "server { location / { return {{ status }} a b; } }",
        "server { location / { limit_except ${METHODS} { deny all; } } }",
        "server { location / { set $proto <http or https>; } }",
        "user a; server { listen 80; }",
    ] {
        assert_eq!(analyzer(silent), None, "{silent}");
    }
    for loud in [
        "server { location / { limit_except GET { return 405; } } }",
        "server { server_name <%= @a %>; location / { limit_except GET { return 405; } } }",
    ] {
        let expected = "\"return\" directive is not allowed here".to_string();
        assert_eq!(analyzer(loud), Some(expected), "{loud}");
    }
    // What has locations is a server of http.
    let three = "server { listen 80; location ~* \\. OPTIONS$ { return 204; } }";
    let expected = "invalid number of arguments in \"location\" directive";
    assert_eq!(analyzer(three).as_deref(), Some(expected));
}
