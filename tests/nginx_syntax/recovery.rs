//! One mistake is one error, and does not silence the rest of the file.

use crate::outline::{errors, outline, tree};

fn recovers(text: &str, expected_errors: &[&str], expected: &str) {
    assert_eq!(errors(text), expected_errors, "{text}");
    assert_eq!(outline(text), expected);
}

#[test]
fn block_without_its_closing_brace() {
    recovers(
        "server {\n listen 80;\n",
        &["3: unexpected end of file, expecting \"}\""],
        "server { listen 80; }",
    );
    let tree = tree("http {\n server {\n");
    let brace = tree.errors[0].opened.expect("the brace that is open");
    assert_eq!(brace.start - 1000, 15);
}

#[test]
fn closing_brace_too_many() {
    recovers("a { } }\nb c;", &["1: unexpected \"}\""], "a {  } b c;");
}

#[test]
fn last_directive_of_a_block_without_its_semicolon() {
    recovers(
        "server {\n return 403\n}\nb c;",
        &["3: unexpected \"}\""],
        "server { return 403; } b c;",
    );
    recovers(
        "return 403 }\nb;",
        &["1: unexpected \"}\""],
        "return 403; b;",
    );
    recovers(
        "return 403",
        &["1: unexpected end of file, expecting \";\" or \"}\""],
        "return 403;",
    );
}

#[test]
fn semicolon_and_brace_without_a_directive() {
    recovers("a;;\nb;", &["1: unexpected \";\""], "a; b;");
    recovers(
        "server { { a; } b; }\nc;",
        &["1: unexpected \"{\""],
        "server { a; b; } c;",
    );
    recovers(
        "server {{ return 200; }}\nc;",
        &["1: unexpected \"{\""],
        "server { return 200; } c;",
    );
}

#[test]
fn directive_before_a_block_without_its_semicolon() {
    recovers(
        "server {\n root /a\n location / { deny all; }\n}\nb;",
        &["2: directive \"root\" is not terminated by \";\""],
        "server { root /a; location / { deny all; } } b;",
    );
}

#[test]
fn text_after_a_closing_quote() {
    recovers(
        "a \"abc\"def;\nb;",
        &["1: unexpected \"d\""],
        "a abc def; b;",
    );
    recovers("a \"abc\"#d;\nb;", &["1: unexpected \"#\""], "a abc #d; b;");
    recovers("a \"b\"\"c\";", &["1: unexpected \"\"\""], "a b c;");
    recovers(
        "x { a \"b\"}\nc;",
        &["1: unexpected \"}\""],
        "x { a b; } c;",
    );
}

#[test]
fn quote_without_its_partner() {
    recovers(
        "server {\n add_header A \"b;\n return 403;\n}\n",
        &["5: unexpected end of file, expecting \";\" or \"}\""],
        "server { add_header A b; return 403; }",
    );
    // The next quote closes the string, and what follows it is what nginx stumbles over.
    recovers(
        "server {\n add_header A \"b;\n add_header C \"d e\";\n}\n",
        &["3: unexpected \"d\""],
        "server { add_header A b; add_header C [d e]; }",
    );
    recovers(
        "location \"/a {\n deny all;\n}\nb 'c';",
        &["4: unexpected end of file, expecting \";\" or \"}\""],
        "location /a { deny all; } b c;",
    );
    let far = format!("a 'b;\n{}c d;", "e f;\n".repeat(1000));
    assert_eq!(
        errors(&far),
        ["1: too long parameter, probably missing terminating \"'\" character"]
    );
    assert_eq!(tree(&far).directives().count(), 1002);
}

#[test]
fn lua_that_does_not_end() {
    recovers(
        "a {\n  access_by_lua_block {\n    if x then {{\n  }\n  deny all;\n}\nb;",
        &["7: unexpected end of file, expecting terminating characters for lua code block"],
        "a { access_by_lua_block lua(20) deny all; } b;",
    );
    recovers(
        "access_by_lua_block {\n x = [==[ ]]\n}\nb;",
        &["2: Lua code block missing the closing long bracket"],
        "access_by_lua_block lua(14) b;",
    );
}

#[test]
fn control_characters_do_not_reach_a_message() {
    assert_eq!(errors("a \"b\"\u{1b}[31m;"), ["1: unexpected \"\\u{1b}\""]);
    assert_eq!(
        errors(b"a \"b\"\xff;".as_slice()),
        ["1: unexpected \"\\xff\""]
    );
}

#[test]
fn hostile_files_take_no_more_time_than_their_size_allows() {
    let pieces = [
        "{{ ",
        "{{",
        "{% ",
        "<% ",
        "{# ",
        "{{ a ;",
        "{{ a\" ",
        "\"",
        "'\n",
        "\"\n'\n",
        "a \"\n",
        "{% if x %}",
        "{% else %}",
        "{{ else }}{{ if x }}",
        "{% if x %}{% else %}",
        "{{ end }}",
        "{% if x %}{{ if x }}",
        "a_by_lua_block { {\n}\n",
        "a_by_lua_block { [[\n}\n",
        "a\nserver {",
        "@A",
        "${A}\n",
        "$",
        "${",
        "\\",
        "# {{ ",
        "{{ x }} ",
        "<%= x %>",
    ];
    for piece in pieces {
        let text = piece.repeat(200_000 / piece.len());
        let begun = std::time::Instant::now();
        tree(text);
        let spent = begun.elapsed();
        assert!(spent.as_secs() < 2, "{piece:?} took {spent:?}");
    }
}
