//! What nginx 1.22.1 accepts, construct by construct.

use crate::outline::{errors, outline, tree};

/// Expects `text` to be read as `expected` and to be free of errors.
fn reads(text: impl AsRef<[u8]>, expected: &str) {
    assert_eq!(errors(&text), Vec::<String>::new());
    assert_eq!(outline(&text), expected);
    assert!(!tree(&text).is_template);
}

#[test]
fn directives_and_blocks() {
    reads(
        "user www;\nhttp {\n server { listen 80; location / { } }\n}\n",
        "user www; http { server { listen 80; location / {  } } }",
    );
    reads("", "");
    reads("  \t\r\n", "");
}

#[test]
fn a_hash_begins_a_comment_only_where_a_token_can_start() {
    reads("a b#c;", "a b#c;");
    reads("location /#/app { }", "location /#/app {  }");
    reads("upstream u{server a;}#c", "upstream u { server a; }");
    reads(
        "server{# not a template\nlisten 80;}",
        "server { listen 80; }",
    );
    reads("a # ; } \" {\n b;", "a b;");
}

#[test]
fn comments_keep_their_place() {
    let text = "# why403: ignore[x] y\r\na b; # two\n#";
    let tree = tree(text);
    let comments: Vec<_> = tree
        .comments
        .iter()
        .map(|span| &text[(span.start - 1000) as usize..(span.end - 1000) as usize])
        .collect();
    assert_eq!(comments, ["# why403: ignore[x] y", "# two", "#"]);
}

#[test]
fn no_blanks_are_needed_around_braces() {
    reads(
        "server{listen 80;}server{}",
        "server { listen 80; } server {  }",
    );
}

#[test]
fn a_closing_brace_is_special_only_where_a_token_can_start() {
    reads("set $a x}y;", "set $a x}y;");
    reads(
        "if ($a){set $b }c;}}".replace("}c;}", "\"}\";"),
        "if ($a) { set $b }; }",
    );
    reads("location ~ ^/[0-9]} { }", "location ~ ^/[0-9]} {  }");
}

#[test]
fn quotes_inside_of_a_token_are_ordinary() {
    reads("a x\"b y it's;", "a x\"b y it's;");
}

#[test]
fn quotes_at_the_start_of_a_token() {
    reads("a \"b c; {}\" 'd \"e\"' \"\";", "a [b c; {}] [d \"e\"] [];");
    reads("\"return\" 200;", "return 200;");
    reads("a \"b\n c\";", "a [b\\n c];");
}

#[test]
fn after_a_closing_quote_a_parenthesis_starts_the_next_token() {
    reads("if ($a = \"b\") { }", "if ($a = b ) {  }");
    reads("if ($a = \"b\"){ }", "if ($a = b ) {  }");
    reads("a \"b\")c;", "a b )c;");
    reads("a \"b\"{}", "a b {  }");
}

#[test]
fn a_backslash_takes_the_next_byte_with_it() {
    reads("env A=\\;\\;/x/?.lua;", "env [A=\\\\;\\\\;/x/?.lua];");
    reads(
        "a \"b\\\"c\" 'd\\'e' f\\ g \\{h;",
        "a b\"c d'e [f\\\\ g] [\\\\{h];",
    );
    reads("a \\t\\n\\r\\\\ \\.php$;", "a \\t\\n\\r\\\\ \\\\.php$;");
    reads("a \\#b \\\"c \\};", "a \\\\#b \"c \\\\};");
}

#[test]
fn a_brace_after_a_dollar_belongs_to_the_token() {
    reads("a ${b}c \"${d}\" $e;", "a [${b}c] [${d}] $e;");
    reads("a $b{}", "a $b {  }");
    reads("a ${{{b c;", "a [${{{b] c;");
    reads("if ($a ~ x$) {b;}", "if ($a ~ x$) { b; }");
}

#[test]
fn crlf_is_white_space() {
    reads(
        "log_format m 'a'\r\n  'b'\r\n  c;\r\nserver {\r\n}\r\n",
        "log_format m a b c; server {  }",
    );
}

#[test]
fn bytes_need_not_be_text() {
    reads(
        b"a \xff\xfe \"\xe9\" \x00;".as_slice(),
        "a \u{fffd}\u{fffd} \u{fffd} \\0;",
    );
}

#[test]
fn a_byte_order_mark_has_an_error_of_its_own() {
    let text = "\u{feff}user www;";
    assert_eq!(outline(text), "user www;");
    let errors = errors(text);
    assert_eq!(errors.len(), 1);
    assert!(errors[0].contains("byte order mark"), "{errors:?}");
}

#[test]
fn maps_and_the_like_hold_ordinary_directives() {
    reads(
        "map $a $b { default 0; \"~^/x{2}$\" 1; }",
        "map $a $b { default 0; ~^/x{2}$ 1; }",
    );
    reads(
        "types { text/html html htm; }",
        "types { text/html html htm; }",
    );
    reads(
        "map $a $b { \"\" 1; '~*a b' \"c\"; }",
        "map $a $b {  1; ~*a b c; }",
    );
    reads("geo $a { 10.0.0.0/8 1; }", "geo $a { 10.0.0.0/8 1; }");
    reads(
        "split_clients $a $b { 0.5% x; * \"\"; }",
        "split_clients $a $b { 0.5% x; * []; }",
    );
}

#[test]
fn quoted_regexes_are_no_templates() {
    reads("location ~ \"^/x{{\" { }", "location ~ [^/x{{] {  }");
    reads(
        "location ~ \"^/x{2}/{{2}}\" { }",
        "location ~ [^/x{2}/{{2}}] {  }",
    );
    reads("a \"^/x{{\" \"}}\";", "a [^/x{{] }};");
    reads("location @fallback { }", "location @fallback {  }");
    reads("a user@HOST \"x@Y.com\";", "a user@HOST x@Y.com;");
    reads("if ($a <3) { }", "if ($a <3) {  }");
    reads(
        r#"log_format j escape=json '{"a":{"b":"$c"}}';"#,
        r#"log_format j escape=json [{"a":{"b":"$c"}}];"#,
    );
}

#[test]
fn lua_is_passed_by_its_own_rules() {
    let code = |lua: &str| {
        let text = format!("location / {{ content_by_lua_block {{{lua}}} deny all; }}");
        let expected = format!(
            "location / {{ content_by_lua_block lua({}) deny all; }}",
            lua.len()
        );
        reads(text, &expected);
    };
    code("");
    code(" return {{1}, {2}} ");
    code(" local a = \"}\" .. '{' .. '\\'}' .. \"\\\\\" ");
    code(" local a = [[ } \"]] .. [==[ ]] } ]==] ");
    code(" -- don't }\n --[[ } \n } ]] --[==[ } ]] ]==] x() ");
    code(" --[= not long }\n");
    code(" local n = #t - -1; a[1] = b[c[2]] ");
    code(" a = '\n' "); // Quotes pair up on their line alone.
    reads(
        "set_by_lua_block $x { return \"}\" }",
        "set_by_lua_block $x lua(12)",
    );
    reads(
        "\"init_by_lua_block\" { } a;",
        "init_by_lua_block lua(1) a;",
    );
}

#[test]
fn a_missing_semicolon_that_nginx_accepts_shows_in_the_spans() {
    let text = "server_name a\n client_max_body_size 1m;";
    reads(text, "server_name a client_max_body_size 1m;");
    let tree = tree(text);
    let directive = tree.directives().next().expect("one directive");
    let spans: Vec<_> = directive.args().map(|token| token.span()).collect();
    let between = &tree.text()[(spans[0].end - 1000) as usize..(spans[1].start - 1000) as usize];
    assert!(between.contains(&b'\n'));
}

#[test]
fn spans_are_addresses_of_the_source() {
    let tree = tree("a 'b' {\n c d; }");
    let outer = tree.directives().next().expect("a");
    let inner = outer.children().next().expect("c");
    assert_eq!((outer.span().start, outer.span().end), (1000, 1015));
    assert_eq!(
        (outer.head_span().start, outer.head_span().end),
        (1000, 1005)
    );
    assert_eq!((inner.span().start, inner.span().end), (1009, 1013));
    assert!(outer.arg(0).expect("b").is_quoted());
    assert_eq!(outer.arg(0).expect("b").raw(), b"'b'");
    assert!(outer.arg(1).is_none());
    assert_eq!(inner.name_span().len(), 1);
}

#[test]
fn a_token_must_fit_into_the_buffer_of_nginx() {
    let long = |count: usize| "x".repeat(count);
    reads(format!("a {};", long(4095)), &format!("a {};", long(4095)));
    reads(
        format!("a \"{}\";", long(4094)),
        &format!("a {};", long(4094)),
    );
    let started = |count: usize| {
        vec![format!(
            "1: too long parameter \"{}...\" started",
            long(count)
        )]
    };
    assert_eq!(errors(format!("a {};", long(4096))), started(10));
    // The white space is still read into the same buffer.
    assert_eq!(errors(format!("a {} ;", long(4095))), started(10));
    assert_eq!(errors(format!("a \"{}\";", long(4095))), started(10));
    assert_eq!(errors(format!("a \"{}\" ;", long(4094))), started(10));
    assert_eq!(
        errors(format!("a '{}';", long(4096))),
        ["1: too long parameter, probably missing terminating \"'\" character"]
    );
    assert_eq!(errors(format!("#{}\n", long(4094))), Vec::<String>::new());
    assert_eq!(
        errors(format!("#{}\n", long(4095))),
        ["1: too long parameter \"#xxxxxxxxx...\" started"]
    );
}

#[test]
fn deep_nesting_costs_no_stack() {
    let nested = |depth: usize| "a {".repeat(depth) + "b;" + &"}".repeat(depth) + "c;";
    assert_eq!(errors(nested(512)), Vec::<String>::new());
    for depth in [513, 5_000, 50_000] {
        let tree = tree(nested(depth));
        assert_eq!(tree.errors.len(), 1);
        assert_eq!(tree.errors[0].message, "blocks nested more than 512 deep");
        let names: Vec<_> = tree
            .directives()
            .map(|each| each.name().into_owned())
            .collect();
        assert_eq!(names, [b"a", b"c"]);
    }
    assert_eq!(tree("a {".repeat(50_000)).errors.len(), 2);
    assert_eq!(tree("{".repeat(50_000)).errors.len(), 100);
    assert_eq!(tree("}".repeat(50_000)).errors.len(), 100);
}
