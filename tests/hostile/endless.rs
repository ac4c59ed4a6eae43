//! What does not come to an end when it is followed.

use crate::harness::*;

#[test]
fn maps_that_rest_on_themselves() {
    let ask = "location / { if ($b = 1) { return 401; } return 403 $b; }";
    let chain: String = (1..20_000)
        .map(|at| format!("map \"\" $a{at} {{ default $a{}; }}\n", at - 1))
        .collect();
    let doubling: String = (1..60)
        .map(|at| {
            format!(
                "map \"\" $a{at} {{ volatile; default $a{0}$a{0}; }}\n",
                at - 1
            )
        })
        .collect();
    for maps in [
        "map $a $b { default $b; }",
        "map $b $b { default 1; }",
        "map $http_x $b { volatile; default $b$b; }",
        "map $http_x $b { default x$c; } map $http_x $c { default y$b; }",
        "geo $b $b { default 1.2.3.4; }",
        "geo $c $b { default 1.2.3.4; } map $b $c { default $b; }",
        &format!("map $http_x $a0 {{ default 1; }} {chain} map $a19999 $b {{ default 2; }}"),
        &format!("map $http_x $a0 {{ default \"\"; }} {doubling} map $a59 $b {{ default 2; }}"),
    ] {
        every_way(folder(http(maps, ask)).path());
    }
}

#[test]
fn values_that_grow() {
    let doubled = |line: &str| {
        format!(
            "location / {{ set $a xx; {} return 403 $a; }}",
            line.repeat(100)
        )
    };
    for line in [
        "set $a $a$a;",
        "set $args $args$args$a;",
        "rewrite ^(.*)$ $1$1;",
        "rewrite ^(.*)$ $1?a=$args&b=$args;",
        "set $a \"$a$a\"; add_header X $a; proxy_set_header Y $a$a;",
    ] {
        let grows = folder(server(&doubled(line)));
        every_way(grows.path());
        explained(grows.path()).is_shorter_than(200_000);
    }
}

#[test]
fn requests_that_go_round() {
    for (inside, end) in [
        (
            "location / { rewrite ^ /x last; } location /x { rewrite ^ / last; }",
            "cycle",
        ),
        (
            "error_page 403 404 500 /x; recursive_error_pages on; location / { deny all; } \
          location /x { error_page 403 /y; deny all; } location /y { error_page 403 /x; return 403; }",
            "403",
        ),
        (
            "location / { try_files $uri /x; } location /x { try_files /y /z; } location /z { try_files $uri /; }",
            "cycle",
        ),
        (
            "location / { auth_request /auth; proxy_pass http://127.0.0.1; } \
          location /auth { auth_request /auth; proxy_pass http://127.0.0.1; }",
            "auth",
        ),
        (
            "location / { try_files /no @a; } location @a { try_files /no @b; } \
          location @b { error_page 418 = @a; return 418; }",
            "418",
        ),
    ] {
        let round = folder(server(inside));
        every_way(round.path());
        explained(round.path()).says(end).is_shorter_than(20_000);
    }
}

#[test]
fn patterns_that_backtrack() {
    let inside = "location ~ ^/(a+)+$ { add_header Access-Control-Allow-Origin *; auth_basic a; }\n\
                  location ~ ^(/(a|a)*)*$ { deny all; }\n\
                  if ($request_uri ~ \"^/(([a-z])+.)+[A-Z]([a-z])+$\") { return 403; }";
    let slow = folder(server(inside));
    every_way(slow.path());
    explained(slow.path()).says("takes too long");
}

#[test]
fn conditions_in_wrong_places() {
    let wrong = "if (  { } if () {} if (a b c d) {} if ($a = ) {} if ($a ~ [) { return 403; } if (-q x) { } \
                 location / { if $a { return 403; } if ($a) { if ($b) { return 403; } location /x { } } }";
    every_way(folder(server(wrong)).path());
    every_way(folder("events{}\nif ($a) { } http { if ($a) { } }").path());
}
