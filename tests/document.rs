//! YAML and JSON as one tree: values as written, each with its place.

use why403::source::Span;
use why403::syntax::document::{Document, Kind, Node, Style, parse};

fn read(text: &str) -> Document {
    parse(0, text.as_bytes()).expect("a good document")
}

fn at(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

fn path<'d>(document: &'d Document, keys: &[&str]) -> Node<'d> {
    keys.iter()
        .fold(document.root().expect("a root"), |node, key| {
            node.get(key).unwrap_or_else(|| panic!("no {key}"))
        })
}

#[test]
fn values_stay_as_they_were_written() {
    let text = "account: 012345678901\nversion: 1.10\nquoted: \"1.10\"\nempty:\nnone: ~\nblock: |\n  a\n  b\n";
    let document = read(text);
    assert_eq!(path(&document, &["account"]).text(), Some("012345678901"));
    assert_eq!(path(&document, &["version"]).text(), Some("1.10"));
    assert!(matches!(
        path(&document, &["quoted"]).kind(),
        Kind::Scalar("1.10", Style::Quoted)
    ));
    assert!(path(&document, &["empty"]).is_null());
    assert!(path(&document, &["none"]).is_null());
    assert_eq!(path(&document, &["block"]).text(), Some("a\nb\n"));
}

#[test]
fn spans_cover_what_was_written_and_no_more() {
    let text = "# top\ngroup:\n  - näme\n  - [a, b]\nnext: 1 # why\n";
    let document = read(text);
    let group = path(&document, &["group"]);
    assert_eq!(at(text, group.span()), "- näme\n  - [a, b]");
    let items: Vec<_> = group.items().map(|item| at(text, item.span())).collect();
    assert_eq!(items, ["näme", "[a, b]"]);
    let comments: Vec<_> = document
        .comments
        .iter()
        .map(|span| at(text, *span))
        .collect();
    assert_eq!(comments, ["# top", "# why"]);
}

#[test]
fn spans_start_at_the_base_and_survive_a_byte_order_mark() {
    let text = "\u{feff}a: b\r\nc: d\r\n";
    let document = parse(1000, text.as_bytes()).expect("a good document");
    let span = path(&document, &["c"]).span();
    assert_eq!(at(text, Span::new(span.start - 1000, span.end - 1000)), "d");
}

#[test]
fn json_is_read_with_its_escapes_and_long_keys() {
    let long = "k".repeat(5000);
    let text = format!(r#"{{"{long}": "😀\/", "list": [1, true, null]}}"#);
    let document = read(&text);
    assert_eq!(path(&document, &[&long]).text(), Some("😀/"));
    let list = path(&document, &["list"]);
    assert_eq!(list.items().count(), 3);
    assert_eq!(at(&text, list.span()), "[1, true, null]");
}

#[test]
fn a_key_given_twice_is_kept_twice() {
    let document = read("a: 1\na: 2\n");
    let root = document.root().expect("a root");
    assert_eq!(root.entries().count(), 2);
    assert_eq!(root.get("a").and_then(|node| node.text()), Some("2"));
}

#[test]
fn an_alias_has_its_own_place() {
    let text = "one: &x [1, 2]\ntwo: *x\n";
    let document = read(text);
    let two = path(&document, &["two"]);
    assert_eq!(two.items().count(), 2);
    assert_eq!(at(text, two.span()), "*x");
}

#[test]
fn a_bomb_of_aliases_is_refused() {
    let mut text = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
    for level in 1..10 {
        let below = format!("*a{},", level - 1).repeat(10);
        text += &format!("a{level}: &a{level} [{below}]\n");
    }
    let error = parse(0, text.as_bytes()).expect_err("a bomb");
    assert!(error.message.contains("1000000"), "{}", error.message);
}

#[test]
fn what_is_no_document_is_refused_with_a_place() {
    for (text, place) in [
        (&b"a: &x [*x]\n"[..], 7),
        (b"a: \"open\n", 3),
        (b"a: b\xffc\n", 4),
        (b"a: *nobody\n", 3),
    ] {
        let error = parse(0, text).expect_err("no document");
        assert!(!error.message.is_empty());
        assert_eq!(error.span.start, place, "{}", error.message);
    }
    assert!(parse(0, "[".repeat(100_000).as_bytes()).is_err());
    assert!(parse(0, "- ".repeat(3_000).as_bytes()).is_err());
}

#[test]
fn the_tags_and_the_documents_of_a_stream_are_seen() {
    let document = read("---\na: !Ref Name\n---\n!GetAtt [A, Arn]\n");
    let tags: Vec<_> = document.documents().map(|node| node.tag()).collect();
    assert_eq!(tags, [None, Some("!GetAtt")]);
    assert_eq!(path(&document, &["a"]).tag(), Some("!Ref"));
    assert!(read("# nothing\n").root().is_none());
}
