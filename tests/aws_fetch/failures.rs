//! Refused, throttled, silent, expired: the rest of the account is read all the same.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::server::{Reply, Server};
use crate::{denial, finish, one_api, snapshot, why403};

const APIS: [&str; 2] = ["--services", "apigateway"];

#[test]
fn what_is_denied_is_told_and_the_rest_goes_on() {
    let server = Server::start(|call, _| match call.name.as_str() {
        "/restapis/abc/authorizers" => Reply::error(
            403,
            "AccessDeniedException",
            "User: arn:aws:iam::123456789012:user/ada is not authorized",
        ),
        _ => one_api(call),
    });
    let run = snapshot(&server, &APIS);
    assert_eq!(run.code(), 2);
    assert_eq!(run.states("GetAuthorizers"), ["fetched", "denied"]);
    assert_eq!(run.states("GetStages"), ["fetched"]);
    assert!(
        run.document("eu-west-1/apigateway/resources/abc")
            .is_object()
    );
    let operations = run.snapshot()["operations"].as_array().unwrap();
    let denied = operations
        .iter()
        .find(|entry| entry["state"] == "denied")
        .unwrap();
    let address = "aws://123456789012/eu-west-1/apigateway/authorizers/abc";
    assert_eq!(denied["resource"], address);
    let said = "not seen:\n  apigateway:GetAuthorizers in eu-west-1 was denied: AccessDeniedException: User:";
    assert!(run.said().contains(said), "{}", run.said());
    assert_eq!(
        server.named("/restapis/abc/authorizers").len(),
        1,
        "a refusal is not asked again"
    );
}

#[test]
fn every_protocol_tells_that_it_denies() {
    let server = Server::start(|call, _| match call.service.as_str() {
        "sts" => Reply::Empty,
        service => {
            let (status, name, body) = denial::of(service);
            Reply::Is(status, name, body)
        }
    });
    let run = snapshot(&server, &[]);
    assert_eq!(run.code(), 2);
    let operations = run.snapshot()["operations"].as_array().unwrap();
    let services: BTreeSet<_> = operations
        .iter()
        .map(|entry| entry["service"].as_str())
        .collect();
    assert_eq!(services.len(), 8, "{services:?}");
    let is_denied = |entry: &Value| entry["state"] == "denied";
    assert!(operations.iter().all(is_denied), "{operations:#?}");
}

#[test]
fn a_throttled_call_is_made_again() {
    let server = Server::start(|call, before| match call.name.as_str() {
        "/restapis/abc/stages" if before < 2 => {
            Reply::error(429, "TooManyRequestsException", "Too Many Requests")
        }
        _ => one_api(call),
    });
    let run = snapshot(&server, &APIS);
    assert_eq!(run.code(), 0, "{}", run.said());
    assert_eq!(run.states("GetStages"), ["fetched"]);
    assert_eq!(server.named("/restapis/abc/stages").len(), 3);
}

#[test]
fn what_is_throttled_for_ever_is_told() {
    let server = Server::start(|call, _| match call.name.as_str() {
        "/restapis/abc/stages" => {
            Reply::error(429, "TooManyRequestsException", "Too Many Requests")
        }
        _ => one_api(call),
    });
    let run = snapshot(&server, &APIS);
    assert_eq!(run.code(), 2);
    assert_eq!(run.states("GetStages"), ["fetched", "throttled"]);
    assert_eq!(run.states("GetDeployments"), ["fetched"]);
}

#[test]
fn a_server_that_does_not_answer_ends_with_the_time_that_is_given() {
    let server = Server::start(|call, _| match call.name.as_str() {
        "/restapis/abc/stages" => Reply::Hangs,
        _ => one_api(call),
    });
    let begin = Instant::now();
    let run = snapshot(&server, &["--services", "apigateway", "--timeout", "2"]);
    assert!(
        begin.elapsed() < Duration::from_secs(10),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(run.code(), 2);
    assert_eq!(run.states("GetStages"), ["fetched", "not-fetched"]);
    assert_eq!(run.error("GetStages"), "not done within 2 seconds");
    assert!(
        run.document("eu-west-1/apigateway/resources/abc")
            .is_object()
    );
}

#[test]
fn a_connection_that_breaks_is_told() {
    let server = Server::start(|call, _| match call.name.as_str() {
        "/restapis/abc/stages" => Reply::Breaks,
        _ => one_api(call),
    });
    let run = snapshot(&server, &APIS);
    assert_eq!(run.code(), 2);
    assert_eq!(run.states("GetStages"), ["fetched", "not-fetched"]);
    assert!(
        run.error("GetStages").starts_with("cannot connect: "),
        "{}",
        run.error("GetStages")
    );
}

#[test]
fn what_stands_in_for_aws_and_lacks_an_operation_does_not_count_as_refused() {
    let server = Server::start(|call, _| match call.name.as_str() {
        "/restapis/abc/stages" => Reply::Is(501, "", "<html>not implemented</html>".to_owned()),
        _ => one_api(call),
    });
    let run = snapshot(&server, &APIS);
    assert_eq!(run.code(), 0, "{}", run.said());
    assert_eq!(run.states("GetStages"), ["fetched", "unsupported"]);
}

#[test]
fn a_token_that_expires_on_the_way_ends_the_run() {
    let server = Server::start(|call, _| match call.name.as_str() {
        "/restapis/abc/resources" => Reply::error(
            403,
            "ExpiredTokenException",
            "The security token is expired",
        ),
        _ => one_api(call),
    });
    let run = snapshot(&server, &APIS);
    assert_eq!(run.code(), 2);
    assert_eq!(run.states("GetResources"), ["fetched", "not-fetched"]);
    assert!(
        run.error("GetResources").contains("expired"),
        "{}",
        run.error("GetResources")
    );
    assert!(
        run.document("eu-west-1/apigateway/rest-api/abc")
            .is_object()
    );
}

#[test]
fn who_has_expired_at_the_start_is_told_to_log_in() {
    let server = Server::start(|call, _| match call.service.as_str() {
        "sts" => Reply::Is(
            403,
            "",
            "<ErrorResponse><Error><Code>ExpiredToken</Code>\
             <Message>The security token included in the request is expired</Message>\
             </Error></ErrorResponse>"
                .to_owned(),
        ),
        _ => Reply::Empty,
    });
    let run = snapshot(&server, &[]);
    assert_eq!((run.code(), run.snapshot.is_none()), (2, true));
    let said = "error: the AWS credentials have expired (ExpiredToken: The security token included \
                in the request is expired): log in again, with `aws sso login`";
    assert!(run.said().starts_with(said), "{}", run.said());
}

#[test]
fn nobody_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let output = why403(folder.path(), "http://127.0.0.1:1")
        .args(["snapshot", "-o", "aws.json"])
        .output()
        .unwrap();
    let run = finish(output, folder);
    assert_eq!((run.code(), run.snapshot.is_none()), (2, true));
    let said = "error: AWS does not say who is calling: cannot connect: ";
    assert!(run.said().starts_with(said), "{}", run.said());
    assert!(run.said().contains("refused"), "{}", run.said());
}

#[test]
fn who_has_no_credentials_is_told_how_to_get_some() {
    let folder = tempfile::tempdir().unwrap();
    let output = why403(folder.path(), "http://127.0.0.1:1")
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .env_remove("AWS_SESSION_TOKEN")
        .args(["snapshot", "-o", "aws.json"])
        .output()
        .unwrap();
    let run = finish(output, folder);
    assert_eq!((run.code(), run.snapshot.is_none()), (2, true));
    let said = run.said();
    assert!(
        said.starts_with("error: no AWS credentials were found ("),
        "{said}"
    );
    assert!(
        said.contains("`aws sso login`") && said.contains("--profile"),
        "{said}"
    );
}

#[test]
fn without_a_region_there_is_nothing_to_read() {
    let server = Server::start(|_, _| Reply::Empty);
    let folder = tempfile::tempdir().unwrap();
    let output = why403(folder.path(), &server.endpoint)
        .env_remove("AWS_REGION")
        .args(["snapshot", "-o", "aws.json"])
        .output()
        .unwrap();
    let run = finish(output, folder);
    assert_eq!(run.code(), 2);
    assert!(
        run.said().starts_with("error: no region is set: "),
        "{}",
        run.said()
    );
}

#[test]
fn a_role_that_may_not_be_assumed_is_told_and_the_others_are_read() {
    let server = Server::start(|call, before| match call.name.as_str() {
        "AssumeRole" if call.query.contains("222222222222") => Reply::Is(
            403,
            "",
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error>\
             </ErrorResponse>"
                .to_owned(),
        ),
        "AssumeRole" => {
            assert!(call.query.contains("ExternalId=x-1"), "{call:?}");
            Reply::json(
                "<AssumeRoleResponse><AssumeRoleResult><Credentials>\
                 <AccessKeyId>ASIAOTHER</AccessKeyId><SecretAccessKey>other</SecretAccessKey>\
                 <SessionToken>other</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>\
                 </Credentials></AssumeRoleResult></AssumeRoleResponse>",
            )
        }
        "GetCallerIdentity" if before > 0 => Reply::json(
            "<GetCallerIdentityResponse><GetCallerIdentityResult>\
             <Arn>arn:aws:sts::111111111111:assumed-role/audit/why403</Arn>\
             <Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        ),
        _ => Reply::Empty,
    });
    let run = snapshot(
        &server,
        &[
            "--services=lambda",
            "--assume-role=arn:aws:iam::222222222222:role/audit",
            "--assume-role=arn:aws:iam::111111111111:role/audit",
            "--external-id=x-1",
        ],
    );
    assert_eq!(run.code(), 2, "{}", run.said());
    let accounts = run.snapshot()["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 1);
    assert_eq!(accounts[0]["account"], "111111111111");
    assert_eq!(run.states("AssumeRole"), ["denied"]);
    assert_eq!(run.states("ListFunctions"), ["fetched"]);
}
