//! The call sites of a folder in which a snapshot of an AWS account lies, and where they lead.

use std::fs;
use std::path::Path;

use why403::callers::{Base, Signer};
use why403::estate::{Estate, Input};

const SNAPSHOT: &str = r#"{
    "why403-snapshot": 1, "time": "2026-11-28T05:43:57Z",
    "accounts": [{"account": "123456789012", "partition": "aws", "regions": ["eu-west-1"]}],
    "operations": [{"account": "123456789012", "region": "eu-west-1", "service": "apigateway",
        "operation": "GetRestApis", "state": "fetched", "count": 1}],
    "resources": {"aws://123456789012/eu-west-1/apigateway/rest-api/abc": {"id": "abc", "name": "orders"}}
}"#;

/// What is told of the call sites among these files, in the order of the files.
fn calls(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let estate = Estate::read(&[Input::Path(folder.path().to_path_buf())], &[]).unwrap();
    let mut told: Vec<String> = estate
        .callers
        .all()
        .map(|caller| {
            let urls = caller.urls.iter().map(|url| {
                let base = match &url.base {
                    Base::Host { host, .. } => host.filled("*"),
                    Base::Env(name) => format!("${name}"),
                    _ => "?".to_owned(),
                };
                format!("{base}{}", url.path.filled("*"))
            });
            let name = &estate.sources.at(caller.call.span).name;
            let name = Path::new(name)
                .strip_prefix(folder.path())
                .map_or(name.clone(), |name| name.display().to_string());
            let signer = match &caller.call.signer {
                Signer::None => "unsigned",
                Signer::SigV4 { .. } => "signed",
                Signer::Unknown(_) => "unknown",
            };
            let urls = urls.collect::<Vec<_>>().join(" or ");
            format!("{name}: {} {urls} {signer}", caller.call.client.name())
        })
        .collect();
    told.sort();
    told
}

fn with_snapshot(files: &[(&str, &str)]) -> Vec<String> {
    let mut all = files.to_vec();
    all.push(("snapshot.json", SNAPSHOT));
    calls(&all)
}

const FILES: [(&str, &str); 10] = [
    (
        "web/package.json",
        "{\"dependencies\": {\"react-dom\": \"18\"}}",
    ),
    (
        "web/.env",
        "VITE_API=https://abc.execute-api.eu-west-1.amazonaws.com/prod\nSECRET=a\n",
    ),
    (
        "web/src/api.ts",
        "export const all = () => fetch(`${import.meta.env.VITE_API}/orders`)",
    ),
    (
        "jobs/settings.py",
        "import os\nAPI = os.environ['API_URL']\n",
    ),
    (
        "jobs/sync.py",
        "import requests\nfrom settings import API\nrequests.get(API + '/orders')\n",
    ),
    (
        "smoke.sh",
        "curl -f \"https://$API_ID.execute-api.eu-west-1.amazonaws.com/prod/health\"\n",
    ),
    (".env.example", "API_ID=abc\n"),
    (
        ".github/workflows/deploy.yml",
        "jobs:\n  x:\n    steps:\n      - run: awscurl https://abc.execute-api.eu-west-1.amazonaws.com/prod/a\n",
    ),
    ("requests.http", "GET {{API_URL}}/orders\n"),
    (
        "orders.postman_collection.json",
        r#"{"info": {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
            "auth": {"type": "awsv4", "awsv4": []}, "item": [{"request": {"method": "GET", "url": "{{API_URL}}/all"}}]}"#,
    ),
];

#[test]
fn all_languages_are_read_where_a_snapshot_lies() {
    assert_eq!(
        with_snapshot(&FILES),
        [
            ".github/workflows/deploy.yml: awscurl abc.execute-api.eu-west-1.amazonaws.com/prod/a signed",
            "jobs/sync.py: requests $API_URL/orders unsigned",
            "orders.postman_collection.json: Postman $API_URL/all signed",
            "requests.http: the HTTP client of an editor $API_URL/orders unsigned",
            "smoke.sh: curl abc.execute-api.eu-west-1.amazonaws.com/prod/health unsigned",
            "web/src/api.ts: fetch abc.execute-api.eu-west-1.amazonaws.com/prod/orders unsigned",
        ]
    );
}

#[test]
fn without_a_gate_to_call_nothing_is_read() {
    assert_eq!(calls(&FILES), [""; 0]);
}

#[test]
fn the_user_says_where_variables_lead() {
    let mut files = FILES.to_vec();
    let config = "endpoints:\n  API_URL: https://abc.execute-api.eu-west-1.amazonaws.com/test/\n  VITE_API: https://a.test\n";
    files.push(("why403.yaml", config));
    let told = with_snapshot(&files);
    let host = "abc.execute-api.eu-west-1.amazonaws.com/test/orders unsigned";
    assert_eq!(told[1], format!("jobs/sync.py: requests {host}"));
    assert_eq!(
        told[3],
        format!("requests.http: the HTTP client of an editor {host}")
    );
    assert_eq!(told[5], "web/src/api.ts: fetch a.test/orders unsigned");
}

#[test]
fn an_example_is_less_than_what_the_code_falls_back_to() {
    let code = "fetch((process.env.API || 'https://a.test') + '/b'); fetch(process.env.API + '/c')";
    let mut files = vec![
        ("app.js", code),
        (".env.example", "API=https://example.test"),
    ];
    assert_eq!(
        with_snapshot(&files),
        [
            "app.js: fetch a.test/b unsigned",
            "app.js: fetch example.test/c unsigned",
        ]
    );
    files.push((".env", "API=https://real.test"));
    assert_eq!(
        with_snapshot(&files),
        [
            "app.js: fetch real.test/b unsigned",
            "app.js: fetch real.test/c unsigned",
        ]
    );
}

#[test]
fn a_wrapper_of_python_is_told_of_where_it_is_called() {
    let files = [
        (
            "app/client.py",
            "import requests\nclass Client:\n    def __init__(self, base):\n        self.base = base\n    \
             def get(self, path):\n        return requests.get(self.base + path)\n",
        ),
        (
            "app/orders.py",
            "from .client import Client\nclient = Client('https://a.test')\ndef all():\n    return client.get('/orders')\n",
        ),
    ];
    assert_eq!(
        with_snapshot(&files),
        ["app/orders.py: requests a.test/orders unsigned"]
    );
}

#[test]
fn tests_and_copies_are_left_out() {
    let call = "import requests\nrequests.get('https://a.test')\n";
    let files = [
        ("tests/smoke.py", call),
        ("test_smoke.py", call),
        ("conftest.py", call),
        ("venv/lib/a.py", call),
        ("vendor/a.py", call),
        ("fixtures/a.sh", "curl https://a.test"),
        ("tests/a.http", "GET https://a.test"),
        ("web/a.test.ts", "fetch('https://a.test')"),
        ("a.min.js", "fetch('https://a.test')"),
        ("README.md", "```sh\ncurl https://a.test\n```"),
        (
            "long.py",
            &format!(
                "import requests\nx = '{}'\nrequests.get('https://a.test')",
                "a".repeat(6_000)
            ),
        ),
    ];
    assert_eq!(with_snapshot(&files), [""; 0]);
}

#[test]
fn a_huge_or_binary_file_is_no_matter() {
    let line = format!(
        "import requests\nrequests.get('https://a.test')\n{}",
        "# a\n".repeat(3 << 20)
    );
    let binary = format!("curl https://a.test\0{}", "\u{1}\u{2}".repeat(1_000));
    let files = [
        ("a.py", line.as_str()),
        ("b.sh", binary.as_str()),
        ("c.http", binary.as_str()),
    ];
    // What is read of them is not told here; that it ends is.
    with_snapshot(&files);
}
