//! Regions and partitions: where is asked, and what is not there.

use serde_json::json;

use crate::server::{Reply, Server};
use crate::{finish, snapshot, why403};

fn caller(partition: &str) -> Reply {
    Reply::json(format!(
        "<GetCallerIdentityResponse><GetCallerIdentityResult>\
         <Arn>arn:{partition}:iam::123456789012:user/ada</Arn><Account>123456789012</Account>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>"
    ))
}

/// Keys of one partition are not known in another one.
#[test]
fn who_is_calling_is_asked_in_a_region_that_is_named() {
    let server = Server::start(|call, _| match call.service.as_str() {
        "sts" => {
            assert_eq!(call.region, "cn-north-1");
            caller("aws-cn")
        }
        "iam" | "cloudfront" => {
            assert_eq!(call.region, "cn-north-1");
            Reply::Empty
        }
        _ => Reply::Empty,
    });
    let folder = tempfile::tempdir().unwrap();
    let output = why403(folder.path(), &server.endpoint)
        .env_remove("AWS_REGION")
        .args(["snapshot", "-o", "aws.json", "--region", "cn-north-1"])
        .output()
        .unwrap();
    let run = finish(output, folder);
    assert_eq!(run.code(), 0, "{}", run.said());
    assert_eq!(run.snapshot()["accounts"][0]["partition"], "aws-cn");
}

#[test]
fn a_partition_without_cloudfront_is_not_asked_for_it() {
    let server = Server::start(|call, _| match call.service.as_str() {
        "sts" => caller("aws-us-gov"),
        "cloudfront" => panic!("there is none"),
        _ => Reply::Empty,
    });
    let run = snapshot(&server, &["--region", "us-gov-west-1"]);
    assert_eq!(run.code(), 0, "{}", run.said());
    assert_eq!(run.states("ListDistributions"), ["unsupported"]);
    assert_eq!(run.states("ListWebACLs"), ["unsupported", "fetched"]);
}

#[test]
fn a_region_that_is_not_enabled_is_not_seen() {
    let server = Server::start(|call, _| match call.service.as_str() {
        "lambda" => Reply::error(
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        _ => Reply::Empty,
    });
    let run = snapshot(&server, &["--region", "ap-east-1", "--services", "lambda"]);
    assert_eq!(run.code(), 2, "{}", run.said());
    assert_eq!(run.states("ListFunctions"), ["not-fetched"]);
    let said = run.error("ListFunctions");
    assert!(
        said.ends_with("(is the region enabled in the account?)"),
        "{said}"
    );
}

#[test]
fn who_does_not_say_which_account_it_is_is_not_aws() {
    let server = Server::start(|_, _| {
        Reply::json(
            "<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>",
        )
    });
    let run = snapshot(&server, &[]);
    assert_eq!((run.code(), run.snapshot.is_none()), (2, true));
    assert!(
        run.said().contains("does not name the account"),
        "{}",
        run.said()
    );
}

#[test]
fn an_answer_that_never_ends_is_cut() {
    let server = Server::start(|call, _| match call.name.as_str() {
        "/2015-03-31/functions" => Reply::json("x".repeat((64 << 20) + 1)),
        _ => Reply::Empty,
    });
    let run = snapshot(&server, &["--services", "lambda"]);
    assert_eq!(run.code(), 2, "{}", run.said());
    assert_eq!(run.states("ListFunctions"), ["not-fetched"]);
    assert_eq!(run.snapshot()["resources"], json!({}));
}

#[test]
fn what_stands_in_for_aws_has_to_be_a_url() {
    let folder = tempfile::tempdir().unwrap();
    let output = why403(folder.path(), "not-a-url")
        .args(["snapshot", "-o", "aws.json"])
        .output()
        .unwrap();
    let run = finish(output, folder);
    assert_eq!(run.code(), 2);
    let said = "error: AWS does not say who is calling: AWS_ENDPOINT_URL is no URL\n";
    assert_eq!(run.said(), said);
}
