use super::read;
use crate::callers::testing::{headers, signer, told};

fn rows(text: &str) -> Vec<(String, String)> {
    let calls = read(0, text.as_bytes());
    calls
        .iter()
        .map(|call| (told(call), signer(call)))
        .collect()
}

#[track_caller]
fn table(text: &str, expected: &[(&str, &str)]) {
    let found = rows(text);
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn requests_with_their_names() {
    table(
        "@host = https://a.test\n@api = {{host}}/v1\r\n\n### all\n# @name all\nGET {{api}}/orders HTTP/1.1\n\n###\n\
         POST {{host}}/orders\nContent-Type: application/json\nAuthorization: Bearer {{token}}\n\n{\"a\": 1}\n\n\
         ### \nhttps://a.test/b\n    ?page=1\n    &size=2\n\n###\nDELETE {{other}}/x/{{$guid}}\n",
        &[
            ("GET a.test:443/v1/orders", "nobody"),
            ("POST a.test:443/orders", "nobody"),
            ("GET a.test:443/b?page=1&size=2", "nobody"),
            ("DELETE $other/x/{}", "nobody"),
        ],
    );
}

#[test]
fn signatures_of_aws() {
    table(
        "GET https://a.test/b\nAuthorization: AWS {{id}} {{key}} region:eu-west-1 service:execute-api\n\n###\n\
         GET https://a.test/b\nAuthorization: AWS {{id}} {{key}}\n\n###\n\
         GET https://a.test/b\nAuthorization: {{auth}}\n\n###\n\
         < {% request.variables.set('a', 'b') %}\nGET https://a.test/b\n",
        &[
            ("GET a.test:443/b", "execute-api eu-west-1"),
            ("GET a.test:443/b", "? ?"),
            ("GET a.test:443/b", "? its Authorization may be a signature"),
            ("GET a.test:443/b", "? not all that is sent along is known"),
        ],
    );
}

#[test]
fn what_goes_along() {
    let calls = read(
        0,
        b"GET /orders\nHost: a.test\nX-Api-Key: {{$dotenv KEY}}\n# Not-Sent: x\n",
    );
    assert_eq!(told(&calls[0]), "GET a.test:80/orders");
    let names: Vec<&str> = headers(&calls[0]).iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["Host", "X-Api-Key"]);
}

#[test]
fn what_is_no_request() {
    for text in [
        "",
        "###\n###\n",
        "# GET https://a.test\n",
        "@a = b\n",
        "HELLO there\n",
        "\u{0}\u{1}",
    ] {
        assert_eq!(rows(text), [], "{text}");
    }
    read(0, &[0xff; 1_000]);
    rows(&"GET {{a}}\n###\n".repeat(20_000));
    rows(&format!("GET https://a.test/{}", "{{".repeat(1 << 20)));
}
