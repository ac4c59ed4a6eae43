use std::path::Path;

use super::{Kind, read};
use crate::callers::testing::{headers, signer, told};
use crate::callers::{Body, Call};

fn calls(name: &str, text: &str) -> Vec<Call> {
    read(Kind::of(Path::new(name)).unwrap(), 0, text.as_bytes())
}

/// Each text, and what is told of its only call and of who signs it.
#[track_caller]
fn table(name: &str, rows: &[(&str, &str, &str)]) {
    for (text, expected, by) in rows {
        let calls = calls(name, text);
        assert_eq!(calls.len(), 1, "{text}\n{calls:#?}");
        let found = (told(&calls[0]), signer(&calls[0]));
        assert_eq!(
            (found.0.as_str(), found.1.as_str()),
            (*expected, *by),
            "{text}"
        );
    }
}

#[test]
fn curl_by_its_arguments() {
    const OPEN: &str = "? not all that is sent along is known";
    table(
        "a.sh",
        &[
            ("curl https://a.test/b", "GET a.test:443/b", "nobody"),
            (
                "curl -fsSL -o out 'https://a.test/b?c=d'",
                "GET a.test:443/b?c=d",
                "nobody",
            ),
            (
                "curl -sX DELETE \"https://a.test/$1\" -H \"Authorization: Bearer $TOKEN\"",
                "DELETE a.test:443/{}",
                "nobody",
            ),
            (
                "curl -XPUT localhost:5000/x",
                "PUT localhost:5000/x",
                "nobody",
            ),
            (
                "curl --data '{}' https://a.test/b",
                "POST a.test:443/b",
                "nobody",
            ),
            (
                "curl -G -d a=b https://a.test/b",
                "GET a.test:443/b",
                "nobody",
            ),
            (
                "curl -u \"$USER:$PASSWORD\" https://a.test/b",
                "GET a.test:443/b",
                "nobody",
            ),
            (
                "curl -H \"$AUTH\" https://a.test/b",
                "GET a.test:443/b",
                OPEN,
            ),
            (
                "curl \"${ARGS[@]}\" https://a.test/b",
                "GET a.test:443/b",
                OPEN,
            ),
            ("curl $OPTIONS https://a.test/b", "GET a.test:443/b", OPEN),
            (
                "curl -H @headers.txt https://a.test/b",
                "GET a.test:443/b",
                OPEN,
            ),
            (
                "curl -H \"Authorization: $SIGNATURE\" https://a.test/b",
                "GET a.test:443/b",
                "? its Authorization may be a signature",
            ),
            (
                "curl --aws-sigv4 \"aws:amz:eu-west-1:execute-api\" --user \"$K:$S\" https://a.test/b",
                "GET a.test:443/b",
                "execute-api eu-west-1",
            ),
            (
                "curl --aws-sigv4 aws:amz -X POST https://a.test/b",
                "POST a.test:443/b",
                "? ?",
            ),
            (
                "awscurl --service execute-api --region eu-west-1 -X POST -d '{}' https://a.test/b",
                "POST a.test:443/b",
                "execute-api eu-west-1",
            ),
            (
                "awscurl https://a.test/b",
                "GET a.test:443/b",
                "execute-api ?",
            ),
            ("wget -qO- https://a.test/b", "GET a.test:443/b", "nobody"),
            (
                "if ! sudo timeout 5 /usr/bin/curl -f https://a.test/b; then exit 1; fi",
                "GET a.test:443/b",
                "nobody",
            ),
            (
                "X=$(curl -s https://a.test/b | jq .c)",
                "GET a.test:443/b",
                "nobody",
            ),
            (
                "docker run --rm curlimages/curl -s https://a.test/b",
                "GET a.test:443/b",
                "nobody",
            ),
        ],
    );
}

#[test]
fn urls_of_variables() {
    table(
        "a.sh",
        &[
            (
                "API=https://a.test\ncurl \"$API/b\"",
                "GET a.test:443/b",
                "nobody",
            ),
            (
                "ID=abc\nexport URL=\"https://${ID}.execute-api.$REGION.amazonaws.com/prod\"\ncurl $URL/b",
                "GET abc.execute-api.{}.amazonaws.com:443/prod/b",
                "nobody",
            ),
            (
                "curl ${API:-http://localhost:5000}/b",
                "GET localhost:5000/b",
                "nobody",
            ),
            ("curl $API_URL/b", "GET $API_URL/b", "nobody"),
            ("curl $API_URL", "GET $API_URL/", "nobody"),
            (
                "if a; then API=https://a.test; else API=https://b.test; fi\ncurl $API/c",
                "GET a.test:443/c or b.test:443/c",
                "nobody",
            ),
            ("curl \"$(terraform output url)/b\"", "GET ?/b", "nobody"),
            (
                "curl $(terraform output id).execute-api.eu-west-1.amazonaws.com/b",
                "GET {}.execute-api.eu-west-1.amazonaws.com:80/b",
                "nobody",
            ),
            (
                "API=https://a.test curl https://b.test/c",
                "GET b.test:443/c",
                "nobody",
            ),
        ],
    );
}

#[test]
fn what_sends_nothing() {
    for text in [
        "apt-get install -y curl jq https",
        "echo curl https://a.test",
        "echo \"run curl https://a.test\"",
        "command -v curl",
        "# curl https://a.test",
        "cat <<EOF\ncurl https://a.test\nEOF",
        "curl --version",
        "docker build -t awscurl .",
        "cf curl \"/v3/apps/$ID\"",
        "curl --some-new-option value",
    ] {
        assert_eq!(calls("a.sh", text), Vec::new(), "{text}");
    }
}

#[test]
fn where_commands_stand() {
    let one = "GET a.test:443/b";
    table(
        "Dockerfile",
        &[
            (
                "FROM x\nRUN apt-get install curl && \\\n    curl -f https://a.test/b\n",
                one,
                "nobody",
            ),
            (
                "FROM x\nENV API=https://a.test\nHEALTHCHECK --interval=5s CMD curl -f $API/b || exit 1\n",
                one,
                "nobody",
            ),
            (
                "FROM x\nCMD [\"curl\", \"-f\", \"https://a.test/b\"]\n",
                one,
                "nobody",
            ),
        ],
    );
    table(
        "Makefile",
        &[
            (
                "API ?= https://a.test\n\nsmoke: x\n\t@curl -s $(API)/b\n",
                one,
                "nobody",
            ),
            (
                "smoke:\n\tAPI=https://a.test; \\\n\tcurl $$API/b\n",
                one,
                "nobody",
            ),
        ],
    );
    table(
        "package.json",
        &[(
            "{\"scripts\": {\"a\": \"echo x\", \"b\": \"curl -H \\\"X: y\\\" https://a.test/b\"}}",
            one,
            "nobody",
        )],
    );
    table(
        ".github/workflows/a.yml",
        &[
            (
                "env:\n  API: https://a.test\njobs:\n  x:\n    steps:\n      - run: |\n          set -e\n          curl \"$API/b\"\n",
                one,
                "nobody",
            ),
            (
                "jobs:\n  x:\n    steps:\n      - run: >-\n          curl\n          https://a.test/b\n",
                one,
                "nobody",
            ),
            (
                "jobs:\n  x:\n    steps:\n      - run: \"curl ${{ vars.API_URL }}/b\"\n",
                "GET $API_URL/b",
                "nobody",
            ),
        ],
    );
    table(
        ".gitlab-ci.yml",
        &[(
            "variables:\n  API: https://a.test\nx:\n  script:\n    - URL=$API\n    - curl $URL/b\n",
            one,
            "nobody",
        )],
    );
}

#[test]
fn what_goes_along() {
    let all = calls(
        "a.sh",
        "curl -H 'X-A: b' --header \"X-C:$D\" --json '{}' https://a.test/b https://a.test/c",
    );
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].body, Body::Json);
    assert_eq!(
        headers(&all[0]),
        [
            ("X-A", "b".to_owned()),
            ("X-C", "{}".to_owned()),
            ("Content-Type", "application/json".to_owned())
        ]
    );
}

#[test]
fn each_request_of_a_command_has_its_own_options() {
    let found: Vec<_> = calls(
        "a.sh",
        "curl https://a.test/b --next --aws-sigv4 aws:amz:eu-west-1:execute-api -X PUT https://a.test/c",
    )
    .iter()
    .map(|call| (told(call), signer(call)))
    .collect();
    let expected = [
        ("GET a.test:443/b", "nobody"),
        ("PUT a.test:443/c", "execute-api eu-west-1"),
    ];
    assert_eq!(
        found,
        expected.map(|(told, by)| (told.to_owned(), by.to_owned()))
    );
}

/// To whom it goes then may sign.
#[test]
fn what_is_sent_by_way_of_somebody_else() {
    for way in [
        "-x http://localhost:8080",
        "-sx localhost:8080",
        "--proxy http://localhost:8080",
        "--unix-socket /run/signer",
        "--connect-to ::localhost:8080",
        "--resolve a.test:443:127.0.0.1",
    ] {
        let found = calls("a.sh", &format!("curl {way} https://a.test/b"));
        assert_eq!(found.len(), 1, "{way}");
        assert!(!found[0].headers_complete, "{way}");
    }
}

#[test]
fn what_means_harm_takes_no_time() {
    let many = format!("A=x\n{}curl $A\n", "A=$A$A$B\n".repeat(2_000));
    let deep = format!(
        "{}curl https://a.test{}",
        "$(".repeat(5_000),
        ")".repeat(5_000)
    );
    let long = format!("curl {}", "-H 'a: b' ".repeat(100_000));
    let numbers = || (0..30_000).map(|number| number.to_string());
    let values: String = numbers().map(|one| format!("A={one}\n")).collect();
    let names: String = numbers().map(|one| format!("A{one}=b\n")).collect();
    let names = names + &"A=b curl c.d\n".repeat(20_000);
    let doubled = (1..40).map(|at| format!("A{at}=\"$A{0}$A{0}\"\n", at - 1));
    let doubled = format!("A0=b\n{}curl $A39\n", doubled.collect::<String>());
    for text in [&many, &deep, &long, &values, &names, &doubled] {
        calls("a.sh", text);
        calls("Makefile", &format!("a:\n\t{text}"));
        calls("Dockerfile", &format!("RUN {text}"));
    }
    let nested = "a: &a [*a]\nrun: curl https://a.test/b\n";
    calls(".gitlab-ci.yml", nested);
    let binary: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for kind in [
        Kind::Script,
        Kind::Dockerfile,
        Kind::Makefile,
        Kind::Workflow,
        Kind::Package,
    ] {
        read(kind, 0, &binary);
    }
}
