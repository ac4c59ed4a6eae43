//! What must not be written, whatever an answer says.

use crate::server::{Reply, Server};
use crate::snapshot;

const PLANTED: &str = "planted-in-an-answer";

/// Answers that have a secret wherever AWS lets somebody keep one.
fn answer(call: &crate::server::Call) -> Reply {
    let json = |text: &str| Reply::json(text.replace("SECRET", PLANTED));
    match call.name.as_str() {
        "/restapis" => json(
            r#"{"item":[{"id":"abc","name":"a","tags":{"t":"SECRET"},"description":"SECRET"}]}"#,
        ),
        "/restapis/abc/resources" => json(
            r#"{"item":[{"id":"r","path":"/","resourceMethods":{"GET":{"httpMethod":"GET",
            "methodIntegration":{"type":"HTTP","uri":"https://ada:SECRET@x.test/?code=SECRET",
            "requestParameters":{"integration.request.header.Authorization":"'Bearer SECRET'"},
            "requestTemplates":{"application/json":"SECRET"}}}}}]}"#,
        ),
        "/restapis/abc/stages" => json(
            r#"{"item":[{"stageName":"prod","variables":{"token":"SECRET","Password":"SECRET"},
            "canarySettings":{"stageVariableOverrides":{"apiKey":"SECRET"}}}]}"#,
        ),
        "/restapis/abc/stages/prod/exports/oas30" => json(
            r#"{"openapi":"3.0.1","paths":{"/":{"get":{"x-amazon-apigateway-integration":{"uri":"https://x.test/?token=SECRET",
            "requestParameters":{"integration.request.header.X-Key":"'SECRET'"},
            "requestTemplates":{"a/b":"SECRET"}}}}},"components":{"schemas":{"a":{"example":"SECRET"}}}}"#,
        ),
        "/apikeys" => json(r#"{"item":[{"id":"k","name":"n","value":"SECRET","enabled":true}]}"#),
        "/usageplans" => json(r#"{"item":[{"id":"p","name":"n"}]}"#),
        "/usageplans/p/keys" => {
            json(r#"{"item":[{"id":"k","name":"n","type":"API_KEY","value":"SECRET"}]}"#)
        }
        "/2015-03-31/functions" => json(
            r#"{"Functions":[{"FunctionName":"f","FunctionArn":"arn:aws:lambda:eu-west-1:123456789012:function:f",
            "Environment":{"Variables":{"A":"SECRET"}},"Description":"SECRET"}]}"#,
        ),
        "ListWebACLs" => json(
            r#"{"WebACLs":[{"Name":"w","Id":"i","ARN":"arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/w/i"}]}"#,
        ),
        "GetWebACL" => json(
            r#"{"WebACL":{"Name":"w","Id":"i","ARN":"arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/w/i",
            "DefaultAction":{"Block":{"CustomResponse":{"ResponseCode":403,"ResponseHeaders":[
            {"Name":"x-token","Value":"SECRET"}]}}},"CustomResponseBodies":{"a":{"ContentType":"TEXT_PLAIN","Content":"SECRET"}},
            "VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true,"MetricName":"m"},
            "Rules":[{"Name":"r","Priority":1,"Action":{"Allow":{"CustomRequestHandling":{"InsertHeaders":[
            {"Name":"x","Value":"SECRET"}]}}},"VisibilityConfig":{"SampledRequestsEnabled":true,"CloudWatchMetricsEnabled":true,"MetricName":"m"},
            "Statement":{"RegexPatternSetReferenceStatement":{"ARN":"arn:aws:wafv2:eu-west-1:123456789012:regional/regexpatternset/p/j",
            "FieldToMatch":{"SingleHeader":{"Name":"x-origin"}},"TextTransformations":[]}}}]}}"#,
        ),
        // Looks like what a distribution proves itself with.
        "GetRegexPatternSet" => json(
            r#"{"RegexPatternSet":{"Name":"p","Id":"j","RegularExpressionList":[{"RegexString":"^SECRET0Aa1Bb2Cc3Dd4Ee5Ff6$"}]}}"#,
        ),
        _ => Reply::Empty,
    }
}

#[test]
fn no_secret_is_written_or_told() {
    let server = Server::start(|call, _| answer(call));
    let run = snapshot(
        &server,
        &["--with-api-keys", "--services", "apigateway,lambda,wafv2"],
    );
    let text = run.snapshot().to_string();
    assert!(!text.contains(PLANTED), "{text}");
    assert!(!run.said().contains(PLANTED), "{}", run.said());
    for address in [
        "apigateway/api-key/k",
        "apigateway/usage-plan-keys/p",
        "apigateway/export/abc/prod",
        "wafv2/web-acl/arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/w/i",
        "lambda/function/arn:aws:lambda:eu-west-1:123456789012:function:f",
    ] {
        assert!(
            text.contains(&format!("eu-west-1/{address}\"")),
            "{address} is not there: {text}"
        );
    }
    // Half a set of patterns would say that something does not match.
    assert!(
        !text.contains("/regex-pattern-set/") || text.contains("a pattern of it may be a secret")
    );
    let keys = server.named("/apikeys");
    assert!(
        keys.iter()
            .all(|call| !call.query.contains("includeValues=true")),
        "{keys:?}"
    );
}

#[test]
fn keys_are_read_only_when_asked_for() {
    let server = Server::start(|call, _| answer(call));
    snapshot(&server, &["--services", "apigateway"]);
    assert!(server.named("/apikeys").is_empty());
    assert!(server.named("/usageplans/p/keys").is_empty());
    assert_eq!(server.named("/usageplans").len(), 1);
}

/// An error of a signature quotes the request, token and all.
#[test]
fn an_error_that_quotes_the_request_is_cut() {
    let quoted = format!(
        "The request signature we calculated does not match.\\n\\nThe Canonical String was\\n\
         x-amz-security-token:{}\\n",
        crate::TOKEN
    );
    let server = Server::start(move |call, _| match call.service.as_str() {
        "apigateway" => Reply::error(403, "InvalidSignatureException", &quoted),
        _ => Reply::Empty,
    });
    let run = snapshot(&server, &["--services", "apigateway"]);
    assert_eq!(run.states("GetRestApis"), ["denied"]);
    let error = "InvalidSignatureException: The request signature we calculated does not match.";
    assert_eq!(run.error("GetRestApis"), error);
}
