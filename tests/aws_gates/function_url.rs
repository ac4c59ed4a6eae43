//! URLs of functions (<https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>).

use bstr::ByteSlice;
use serde_json::{Value as Json, json};
use why403::gate::{Check, Effect, Gate};
use why403::request::{Known, Request};

use crate::{account, request, told};

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
const HOST: &str = "abcdef.lambda-url.eu-west-1.on.aws";
const ROLE: &str = "arn:aws:iam::123456789012:role/web";

fn statement(action: &str, principal: Json, condition: Json) -> Json {
    json!({
        "Effect": "Allow", "Principal": principal, "Action": action, "Resource": ARN,
        "Condition": condition,
    })
}

fn to_call(principal: Json, kind: &str) -> Json {
    let condition = json!({"StringEquals": {"lambda:FunctionUrlAuthType": kind}});
    statement("lambda:InvokeFunctionUrl", principal, condition)
}

fn to_invoke(principal: Json) -> Json {
    let condition = json!({"Bool": {"lambda:InvokedViaFunctionUrl": "true"}});
    statement("lambda:InvokeFunction", principal, condition)
}

struct Case {
    auth: &'static str,
    made: &'static str,
    cors: Option<Json>,
    policy: Vec<Json>,
    role: Vec<&'static str>,
}

impl Case {
    fn new(auth: &'static str, policy: Vec<Json>) -> Case {
        Case {
            auth,
            made: "2026-02-10T09:30:00.000+0000",
            cors: None,
            policy,
            role: Vec::new(),
        }
    }

    fn asked(self, request: &Request) -> Vec<String> {
        self.with(|gate| told(gate, request))
    }

    fn with<T>(self, look: impl FnOnce(&dyn Gate) -> T) -> T {
        let mut url = json!({
            "FunctionUrl": format!("https://{HOST}/"), "FunctionArn": ARN, "AuthType": self.auth,
            "CreationTime": self.made,
        });
        if let Some(cors) = self.cors {
            url["Cors"] = cors;
        }
        let policy = json!({"Version": "2012-10-17", "Statement": self.policy}).to_string();
        let policy = match self.policy.is_empty() {
            true => Json::Null,
            false => Json::String(policy),
        };
        let inline = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": self.role, "Resource": "*"},
        ]});
        let role = json!({
            "Arn": ROLE, "RoleName": "web",
            "RolePolicyList": match self.role.is_empty() {
                true => json!([]),
                false => json!([{"PolicyName": "own", "PolicyDocument": inline}]),
            },
        });
        let estate = account(
            &[
                (&format!("eu-west-1/lambda/function-url/{ARN}"), url),
                (
                    &format!("eu-west-1/lambda/policy/{ARN}"),
                    json!({"Policy": policy}),
                ),
                (&format!("global/iam/role/{ROLE}"), role),
            ],
            &[("lambda", "ListFunctionUrlConfigs")],
        );
        look(&estate.aws.function_urls[0])
    }
}

fn signed(by: &str) -> Request {
    let mut request = request("GET", HOST, &[]);
    request.signed_by = Some(Known::Is(by.to_owned()));
    request
}

const NO_CALL: &str =
    "403 because the function's policy does not allow lambda:InvokeFunctionUrl to everybody";
const NO_INVOKE: &str =
    "403 because the function's policy does not allow lambda:InvokeFunction to everybody";
const NEITHER: &str =
    "403 because neither the caller's policies nor the function's allow lambda:InvokeFunction";

#[test]
fn an_open_url_is_open_to_whom_its_policy_lets_in() {
    let all = || json!("*");
    let get = request("GET", HOST, &[]);
    let both = vec![to_call(all(), "NONE"), to_invoke(all())];
    assert_eq!(Case::new("NONE", both).asked(&get), ["handled"]);
    assert_eq!(Case::new("NONE", vec![]).asked(&get), [NO_CALL]);
    let one = vec![to_call(all(), "NONE")];
    assert_eq!(Case::new("NONE", one).asked(&get), [NO_INVOKE]);
    // Its condition names the other kind of URL.
    let other = vec![to_call(all(), "AWS_IAM"), to_invoke(all())];
    assert_eq!(Case::new("NONE", other).asked(&get), [NO_CALL]);
    // A signature does not make it known who calls.
    let named = vec![
        to_call(json!({"AWS": ROLE}), "NONE"),
        to_invoke(json!({"AWS": ROLE})),
    ];
    assert_eq!(Case::new("NONE", named).asked(&signed(ROLE)), [NO_CALL]);
}

#[test]
fn whether_an_older_url_needs_the_second_right_depends_on_aws() {
    let policy = vec![to_call(json!("*"), "NONE")];
    let case = Case {
        made: "2024-02-10T09:30:00.000+0000",
        ..Case::new("NONE", policy)
    };
    let get = request("GET", HOST, &[]);
    assert_eq!(case.asked(&get), [NO_INVOKE, "handled"]);
}

#[test]
fn within_the_account_the_policies_of_the_caller_or_of_the_function_are_enough() {
    let role = || json!({"AWS": ROLE});
    let by_function = vec![to_call(role(), "AWS_IAM"), to_invoke(role())];
    let case = Case::new("AWS_IAM", by_function);
    assert_eq!(case.asked(&signed(ROLE)), ["handled"]);
    let case = Case {
        role: vec!["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"],
        ..Case::new("AWS_IAM", vec![])
    };
    assert_eq!(case.asked(&signed(ROLE)), ["handled"]);
    // One right from each side.
    let case = Case {
        role: vec!["lambda:InvokeFunction"],
        ..Case::new("AWS_IAM", vec![to_call(role(), "AWS_IAM")])
    };
    assert_eq!(case.asked(&signed(ROLE)), ["handled"]);
    let case = Case {
        role: vec!["lambda:InvokeFunctionUrl"],
        ..Case::new("AWS_IAM", vec![])
    };
    assert_eq!(case.asked(&signed(ROLE)), [NEITHER]);
}

#[test]
fn a_service_needs_both_rights_of_the_function() {
    let service = || json!({"Service": "cloudfront.amazonaws.com"});
    let both = vec![to_call(service(), "AWS_IAM"), to_invoke(service())];
    let from_cloudfront = signed("cloudfront.amazonaws.com");
    assert_eq!(
        Case::new("AWS_IAM", both).asked(&from_cloudfront),
        ["handled"]
    );
    let one = vec![to_call(service(), "AWS_IAM")];
    assert_eq!(
        Case::new("AWS_IAM", one).asked(&from_cloudfront),
        ["403 because the function's policy does not allow lambda:InvokeFunction"]
    );
}

#[test]
fn a_call_without_signature_is_refused_for_that() {
    let everybody = vec![to_call(json!("*"), "AWS_IAM"), to_invoke(json!("*"))];
    Case::new("AWS_IAM", everybody).with(|gate| {
        let course = gate.pass(&request("GET", HOST, &[])).remove(0);
        let step = course.culprit().expect("a refusal");
        let check = Check::Signature;
        assert!(matches!(&step.effect, Effect::Refuses { check: own, .. } if *own == check));
    });
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html>
#[test]
fn lambda_answers_preflights_where_it_has_a_configuration() {
    let preflight = |origin: &str| {
        let headers = [("Origin", origin), ("Access-Control-Request-Method", "PUT")];
        request("OPTIONS", HOST, &headers)
    };
    let app = "https://app.shop.test";
    // A request as any other.
    let case = Case::new("AWS_IAM", vec![]);
    let refused = case.asked(&preflight(app));
    assert!(refused[0].starts_with("403"), "{refused:?}");
    let with_cors = || Case {
        cors: Some(json!({
            "AllowOrigins": [app], "AllowMethods": ["PUT"], "ExposeHeaders": ["x-total"],
            "MaxAge": 600,
        })),
        ..Case::new("AWS_IAM", vec![])
    };
    with_cors().with(|gate| {
        assert_eq!(told(gate, &preflight(app)), ["200"]);
        let course = gate.pass(&preflight(app)).remove(0);
        let names = course.response_headers().iter();
        let names: Vec<String> = names.map(|one| one.name.to_str_lossy().into()).collect();
        assert_eq!(
            names,
            [
                "Access-Control-Allow-Origin",
                "Access-Control-Expose-Headers",
                "Access-Control-Allow-Methods",
                "Access-Control-Max-Age"
            ]
        );
    });
    let other = with_cors().asked(&preflight("https://other.test"));
    assert_eq!(other, ["? because AWS does not document it"]);
}

#[test]
fn the_host_has_to_be_its_own() {
    let policy = vec![to_call(json!("*"), "NONE"), to_invoke(json!("*"))];
    let get = request("GET", HOST, &[("Host", "shop.test")]);
    assert_eq!(
        Case::new("NONE", policy).asked(&get),
        ["403 because the Host header is not that of the URL"]
    );
}
