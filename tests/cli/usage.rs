//! What was asked for and is of no use, and what could not be done in full.

use super::*;

#[test]
fn an_egress_group_that_nothing_speaks_of_is_an_error_at_its_line() {
    let group = "egress:\n  office: [203.0.113.7]\n  jobs:\n    addresses: [192.0.2.7]\n";
    let calls = "    calls: [http://shop.test/orders]\n";
    let list = SHOP.replace("deny all;", "allow 203.0.113.0/24; deny all;");
    let geo = "http { geo $ok { default 0; 203.0.113.0/24 1; }";
    let geo = SHOP.replacen("http {", geo, 1);
    for (config, declared, unused) in [
        (SHOP, group.to_owned(), vec!["office", "jobs"]),
        (&list, group.to_owned(), vec!["jobs"]),
        (&geo, format!("{group}{calls}"), vec![]),
    ] {
        let folder = folder(config);
        fs::write(folder.path().join("why403.yaml"), &declared).unwrap();
        let output = why403(folder.path(), &["check", "--exit-zero"]);
        let text = stdout(&output);
        for name in ["office", "jobs"] {
            let told = text.contains(&format!("error: the egress group `{name}` is of no use"));
            assert_eq!(told, unused.contains(&name), "{name}: {text}");
        }
        let code = if unused.is_empty() { 0 } else { 2 };
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(unused.is_empty() || text.contains("why403.yaml:"), "{text}");
    }
}

#[test]
fn a_declared_call_that_no_server_answers_is_an_error_at_its_line() {
    let declared = |url: &str| {
        format!("egress:\n  jobs:\n    addresses: [192.0.2.7]\n    calls:\n      - {url}\n")
    };
    let run = |config: &str, url: &str| {
        let folder = folder(config);
        fs::write(folder.path().join("why403.yaml"), declared(url)).unwrap();
        let output = why403(folder.path(), &["check", "--exit-zero"]);
        let text = stdout(&output);
        let words: Vec<_> = text.split_whitespace().collect();
        (output.status.code(), words.join(" "))
    };
    let (code, text) = run(OPEN, "https://shop.example/orders");
    assert_eq!(code, Some(2), "{text}");
    let told = "error: no server was read that answers https://shop.example/orders";
    assert!(text.contains(told), "{text}");
    assert!(text.contains("why403.yaml:5:9"), "{text}");
    let any = OPEN.replace("server_name shop.test;", "");
    let open = OPEN.replace("shop.test", "${DOMAIN}");
    for (config, url) in [
        (OPEN, "https://shop.test/orders"),
        (&any, "https://shop.example/"),
        (&open, "https://shop.example/"),
    ] {
        let (code, text) = run(config, url);
        assert_eq!(code, Some(0), "{url}: {text}");
    }
}

/// An API beside an nginx, whose policy has a list.
#[test]
fn lists_and_hosts_of_aws_count_as_well() {
    let api = "https://a1.execute-api.eu-west-1.amazonaws.com/prod/orders";
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
        "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/28"}}}]}"#;
    let snapshot = format!(
        r#"{{"why403-snapshot": 1, "resources": {{
            "aws://123456789012/eu-west-1/apigateway/rest-api/a1": {{"id": "a1", "policy": {policy},
                "endpointConfiguration": {{"types": ["REGIONAL"]}}}},
            "aws://123456789012/eu-west-1/apigateway/resources/a1": {{"items": [
                {{"path": "/orders", "resourceMethods": {{"GET": {{"authorizationType": "NONE"}}}}}}]}},
            "aws://123456789012/eu-west-1/apigateway/stages/a1": {{"item": [{{"stageName": "prod"}}]}}}}}}"#
    );
    let called = |url: &str| {
        format!("egress:\n  jobs: {{ addresses: [203.0.113.7], calls: [\"{url}\"] }}\n")
    };
    let elsewhere = called(&api.replace("a1.", "b2."));
    for (declared, has_nginx, code) in [
        ("egress:\n  office: [203.0.113.7]\n".to_owned(), true, 0),
        ("egress:\n  office: [192.0.2.7]\n".to_owned(), true, 2),
        (called(api), true, 0),
        (elsewhere.clone(), true, 2),
        (elsewhere, false, 2),
    ] {
        let folder = folder(SHOP);
        fs::write(folder.path().join("aws.json"), &snapshot).unwrap();
        fs::write(folder.path().join("why403.yaml"), &declared).unwrap();
        let inputs: &[&str] = if has_nginx { &["."] } else { &["aws.json"] };
        let output = why403(folder.path(), &[&["check", "--exit-zero"], inputs].concat());
        let text = stdout(&output);
        assert_eq!(output.status.code(), Some(code), "{declared}: {text}");
    }
}

#[test]
fn the_summary_counts_doors_that_could_not_be_tried() {
    let door = |location: &str| OPEN.replace("location /", location);
    let closed = door("location ~ (?=a)b");
    let text = stdout(&why403(folder(&closed).path(), &["check"]));
    let aside = "(1 door could not be tried, --statistics lists them)";
    assert!(text.contains(aside), "{text}");
    let internal = door("location @app");
    let text = stdout(&why403(folder(&internal).path(), &["check"]));
    assert!(!text.contains("could not be tried"), "{text}");
}

#[test]
fn a_server_of_which_nothing_was_tried_is_named() {
    let waf = OPEN.replace("server_name", "modsecurity on;\n        server_name");
    let text = stdout(&why403(folder(&waf).path(), &["check"]));
    let line =
        "untried:  server shop.test (nginx.conf:3): ModSecurity decides, and it is not modelled";
    let said = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(&line), "{text}");
    let half = OPEN.replace("location /", "location ~ (?=a)b {}\n        location /");
    let text = stdout(&why403(folder(&half).path(), &["check"]));
    assert!(!text.contains("untried:"), "{text}");
}

#[test]
fn what_cannot_be_done_in_full_exits_with_2() {
    assert_eq!(code(SHOP, &["frobnicate"]), Some(2));
    assert_eq!(code(SHOP, &["check", "--format", "xml"]), Some(2));
    assert_eq!(code(SHOP, &["check", "no-such-file"]), Some(2));
    assert_eq!(
        code(SHOP, &["check", "--baseline", "no-such-file"]),
        Some(2)
    );
    assert_eq!(code(SHOP, &["rules", "no-such-rule"]), Some(2));
    assert_eq!(code(SHOP, &["rules", "--format", "sarif"]), Some(2));
    assert_eq!(code(SHOP, &["explain", "GET"]), Some(2));
    assert_eq!(code(SHOP, &["explain", "/orders"]), Some(2));
    // The findings are printed, but a file that does not parse weighs more.
    let broken = folder(SHOP);
    fs::write(broken.path().join("b.conf"), "server { listen 80;").unwrap();
    let output = why403(broken.path(), &["check", "nginx.conf", "b.conf"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(stdout(&output).contains("preflight-denied"));
}

#[test]
fn nothing_to_analyse_is_not_a_success() {
    let empty = tempfile::tempdir().unwrap();
    let output = why403(empty.path(), &["check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).contains("nothing to analyse"), "{output:?}");
    assert!(!stdout(&output).contains("no findings"), "{output:?}");
    // Parts of a configuration alone are not one.
    fs::write(
        empty.path().join("proxy_params"),
        "proxy_set_header Host $host;\nproxy_buffering off;\n",
    )
    .unwrap();
    let text = stdout(&why403(empty.path(), &["check"]));
    assert!(text.contains("1 of nginx's files, and no server"), "{text}");
    assert!(!text.contains("no findings"), "{text}");
}

#[test]
fn an_unknown_rule_is_told_once() {
    let shop = folder(SHOP);
    fs::write(
        shop.path().join("why403.yaml"),
        "rules:\n  preflight-dennied: off\n",
    )
    .unwrap();
    let output = why403(shop.path(), &["check"]);
    assert_eq!(
        stdout(&output).matches("preflight-dennied`").count(),
        1,
        "{output:?}"
    );
}

#[test]
fn a_comment_in_quotes_silences_nothing() {
    let quoted = SHOP.replace(
        "auth_basic orders;",
        "auth_basic \" # why403: ignore[preflight-denied] no comment\";",
    );
    assert_eq!(code(&quoted, &["check"]), Some(1));
}

#[test]
fn templates_in_a_folder_that_do_not_parse_are_one_note() {
    let shop = folder(OPEN);
    for at in 0..9 {
        let text = format!("server {{ listen 80; server_name {{{{ name }}}}; }}\n}} ; }}\n{OPEN}");
        fs::write(shop.path().join(format!("{at}.txt.conf")), text).unwrap();
    }
    let output = why403(shop.path(), &["check"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = stdout(&output).replace("\n  ", " ");
    assert_eq!(text.matches("does not parse").count(), 1, "{text}");
    assert!(text.contains("and 4 more"), "{text}");
}
