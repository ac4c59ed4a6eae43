//! What was to tell of an account and cannot be read is told at its place, and nothing is read for
//! something else.

use std::fs;

use tempfile::TempDir;
use why403::estate::{Estate, Input};

const CUT: &str = r#"{"why403-snapshot": 1, "accounts": ["#;
const POLICY: &str = r#"{\"Version\": \"2012-10-17\", \"Statem"#;

/// The estate of one file, beside an nginx that can be read.
fn given(name: &str, text: &str) -> Estate {
    let folder = TempDir::new().expect("a folder");
    let nginx = folder.path().join("nginx.conf");
    fs::write(&nginx, "server { location / { return 200; } }\n").expect("to write");
    let file = folder.path().join(name);
    fs::write(&file, text).expect("to write");
    Estate::read(&[Input::Path(file), Input::Path(nginx)], &[]).expect("an estate")
}

/// The only problem, fatal, with its place where it has one.
fn told(estate: &Estate) -> String {
    let [problem] = estate.problems.as_slice() else {
        panic!("{:?}", estate.problems);
    };
    assert!(problem.fatal, "{problem:?}");
    match problem.span {
        Some(span) => format!("{}: {}", estate.sources.place(span), problem.message),
        None => problem.message.clone(),
    }
}

#[test]
fn a_broken_snapshot_is_told_at_its_place() {
    for (text, expected) in [
        (
            CUT,
            "1: a snapshot that cannot be read: EOF while parsing a list",
        ),
        (
            "{\n  \"why403-snapshot\": 1,\n  \"resources\": 5\n}",
            "3: a snapshot that cannot be read: invalid type: integer `5`, expected a map",
        ),
        (
            "{\"why403-snapshot\": 2}",
            "1: a snapshot of version 2, of which this program reads version 1",
        ),
    ] {
        let estate = given("snap.json", text);
        assert_eq!(told(&estate), format!("snap.json:{expected}"), "{text}");
        assert_eq!(estate.nginx.len(), 1);
        assert!(estate.problems[0].help.is_some());
    }
}

/// Some programs put the keys of JSON in order, so that ours is the last one.
#[test]
fn a_sorted_snapshot_is_one() {
    let accounts = r#"{"account": "123456789012"},"#.repeat(40);
    let accounts = accounts.trim_end_matches(',');
    let resources = r#"{"aws://123456789012/eu-west-1/ec2/vpc/vpc-1": {"VpcId": "vpc-1"}}"#;
    let text =
        format!(r#"{{"accounts": [{accounts}], "resources": {resources}, "why403-snapshot": 1}}"#);
    let estate = given("snap.json", &text);
    assert_eq!(estate.problems, []);
    assert_eq!(estate.aws.cloud.resources().len(), 1);
    assert_eq!(estate.nginx.len(), 1);
}

#[test]
fn json_that_is_given_is_never_read_for_nginx() {
    for (text, expected) in [
        ("", "a.json: the file is empty"),
        (" \n", "a.json: the file is empty"),
        (
            r#"{"hello": 1}"#,
            "a.json: neither a snapshot nor what a command of AWS prints",
        ),
        (
            "[]",
            "a.json: neither a snapshot nor what a command of AWS prints",
        ),
        (
            r#"{"items": [{"foo": 1}]}"#,
            "a.json:1: nothing here is what a command of AWS prints",
        ),
        (r#"{"SecurityGroups": ["#, "a.json:1: unclosed bracket '['"),
    ] {
        let estate = given("a.json", text);
        assert_eq!(told(&estate), expected, "{text}");
        assert_eq!(estate.nginx.len(), 1, "{text}");
    }
    // A list of nothing is an answer.
    assert_eq!(given("a.json", r#"{"SecurityGroups": []}"#).problems, []);
}

/// In a folder any program may have a file that begins with `items`; other keys are AWS's alone.
#[test]
fn in_a_folder_what_is_surely_a_dump_is_told_of() {
    for (text, count) in [(r#"{"items": ["#, 0), (r#"{"SecurityGroups": ["#, 1)] {
        let folder = TempDir::new().expect("a folder");
        fs::write(
            folder.path().join("nginx.conf"),
            "events {}\nhttp { server { } }\n",
        )
        .expect("to write");
        fs::write(folder.path().join("a.json"), text).expect("to write");
        let input = Input::Path(folder.path().to_path_buf());
        let estate = Estate::read(&[input], &[]).expect("an estate");
        let fatal = estate.problems.iter().filter(|one| one.fatal);
        assert_eq!(fatal.count(), count, "{text}");
    }
}

#[test]
fn standard_input_may_be_a_snapshot_or_a_dump() {
    let read = |text: &str| {
        let input = Input::Stdin(text.as_bytes().into());
        Estate::read(&[input], &[]).expect("an estate")
    };
    let snapshot = r#"{"why403-snapshot": 1,
        "resources": {"aws://123456789012/eu-west-1/ec2/vpc/vpc-1": {"VpcId": "vpc-1"}}}"#;
    for text in [snapshot, r#"{"Vpcs": [{"VpcId": "vpc-1"}]}"#] {
        let estate = read(text);
        assert_eq!(estate.problems, []);
        assert_eq!(estate.aws.cloud.resources().len(), 1);
    }
    assert_eq!(read("server { location / { return 200; } }").nginx.len(), 1);
}

/// Whoever's it is: what it says is not known then, and the run is not complete.
#[test]
fn a_policy_that_cannot_be_read_is_told_of() {
    let address = "aws://123456789012/eu-west-1";
    let broken = format!(r#""{POLICY}""#);
    let wrong = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Alow", "Action": "*", "Resource": "*"}]}"#;
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
    let user = "arn:aws:iam::123456789012:user/ann";
    for resources in [
        format!(r#""{address}/apigateway/rest-api/a1": {{"id": "a1", "policy": {broken}}}"#),
        format!(
            r#""{address}/lambda/function-url/{arn}": {{"FunctionUrl": "https://x.lambda-url.eu-west-1.on.aws/",
               "FunctionArn": "{arn}", "AuthType": "NONE"}},
               "{address}/lambda/policy/{arn}": {{"Policy": {broken}}}"#
        ),
        format!(r#""{address}/ec2/vpc-endpoint/vpce-1": {{"PolicyDocument": {broken}}}"#),
        format!(
            r#""aws://123456789012/global/iam/user/{user}": {{"UserName": "ann", "Arn": "{user}",
               "UserPolicyList": [{{"PolicyName": "p", "PolicyDocument": {wrong}}}]}}"#
        ),
        format!(
            r#""aws://123456789012/global/iam/policy/arn:aws:iam::123456789012:policy/p": {{
               "PolicyVersionList": [{{"IsDefaultVersion": true, "Document": {wrong}}}]}}"#
        ),
    ] {
        let text = format!(r#"{{"why403-snapshot": 1, "resources": {{{resources}}}}}"#);
        let estate = given("snap.json", &text);
        let fatal = estate.problems.iter().filter(|one| one.fatal);
        assert_eq!(fatal.count(), 1, "{:?}", estate.problems);
    }
}
