use super::read;
use crate::callers::testing::{headers, signer, told};

const HEAD: &str = r#"{"info": {"name": "a",
    "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},"#;

fn rows(rest: &str) -> Vec<(String, String)> {
    let text = format!("{HEAD}{rest}}}");
    let calls = read(0, text.as_bytes());
    calls
        .iter()
        .map(|call| (told(call), signer(call)))
        .collect()
}

#[test]
fn folders_give_their_authorization() {
    let found = rows(
        r#""variable": [{"key": "baseUrl", "value": "https://abc.execute-api.eu-west-1.amazonaws.com/prod"}],
        "auth": {"type": "awsv4", "awsv4": [{"key": "region", "value": "eu-west-1"}, {"key": "service", "value": "execute-api"}]},
        "item": [
            {"name": "own", "request": {"method": "POST", "auth": {"type": "noauth"}, "url": {"raw": "{{baseUrl}}/open"}}},
            {"name": "folder", "item": [
                {"name": "inherits", "request": {"method": "GET", "header": [], "url": "{{baseUrl}}/orders/:id?page=:page"}},
                {"name": "deeper", "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}"}]}, "item": [
                    {"name": "x", "request": {"method": "DELETE", "url": {"raw": "{{baseUrl}}/orders/1"}}}
                ]}
            ]}
        ]"#,
    );
    let host = "abc.execute-api.eu-west-1.amazonaws.com:443/prod";
    let expected = [
        (format!("POST {host}/open"), "nobody".to_owned()),
        (
            format!("GET {host}/orders/{{}}?page=:page"),
            "execute-api eu-west-1".to_owned(),
        ),
        (format!("DELETE {host}/orders/1"), "nobody".to_owned()),
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_is_not_known_is_said() {
    let found = rows(
        r#""item": [
            {"name": "a", "request": "https://a.test/b"},
            {"name": "b", "event": [{"listen": "prerequest", "script": {"exec": ["pm.request.headers.add(x)"]}}],
             "request": {"method": "GET", "url": {"protocol": "https", "host": ["a", "test"], "path": ["c"]}}},
            {"name": "c", "request": {"method": "GET", "url": {"raw": "{{url}}/c"},
             "header": [{"key": "Authorization", "value": "{{auth}}"}, {"key": "X", "value": "y", "disabled": true}]}},
            {"name": "d", "request": {"auth": {"type": "hawk"}, "method": "GET", "url": {"raw": "localhost:3000/c"}}}
        ]"#,
    );
    let expected = [
        ("GET a.test:443/b", "nobody"),
        ("GET a.test:443/c", "? not all that is sent along is known"),
        ("GET $url/c", "? its Authorization may be a signature"),
        (
            "GET localhost:3000/c",
            "? its Authorization may be a signature",
        ),
    ];
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn keys_are_headers() {
    let text = format!(
        "{HEAD}{}}}",
        r#""item": [{"request": {"method": "GET", "url": "https://a.test",
            "auth": {"type": "apikey", "apikey": [{"key": "key", "value": "x-api-key"}, {"key": "value", "value": "{{k}}"}]}}}]"#
    );
    let calls = read(0, text.as_bytes());
    assert_eq!(headers(&calls[0]), [("x-api-key", "{}".to_owned())]);
}

#[test]
fn what_means_harm_takes_no_time() {
    let deep = format!("{}{}", r#"{"item": ["#.repeat(20_000), "]}".repeat(20_000));
    let names =
        r#""variable": [{"key": "a", "value": "{{a}}{{a}}"}], "item": [{"request": "{{a}}"}]"#;
    assert_eq!(rows(names).len(), 1);
    for text in [
        deep.as_bytes(),
        b"{",
        b"",
        b"null",
        &[0xff; 1_000],
        b"item: &a [*a]",
    ] {
        read(0, text);
    }
}

#[test]
fn a_test_of_a_refusal_is_left_out() {
    let found = rows(
        r#""item": [
            {"name": "refused", "event": [{"listen": "test", "script": {"exec": ["pm.test('no', () => {", "  pm.response.to.have.status(403)", "})"]}}],
             "request": {"method": "GET", "url": "https://a.test/b"}},
            {"name": "works", "event": [{"listen": "test", "script": {"exec": ["pm.response.to.have.status(200)"]}}],
             "request": {"method": "GET", "url": "https://a.test/c"}}
        ]"#,
    );
    assert_eq!(
        found,
        [("GET a.test:443/c".to_owned(), "nobody".to_owned())]
    );
}
