//! Cases with a name: first what both agree on, then where they differ, and what the documentation
//! says there.

use serde_json::{Value as Json, json};

use crate::case::Case;
use crate::simulator::Verdict::{self, Allowed, ExplicitlyDenied, ImplicitlyDenied};

pub struct Named {
    pub name: &'static str,
    pub case: Case,
    /// What the package was seen to decide.
    pub package: Verdict,
    /// What we decide; `None` for unknown.
    pub ours: Option<Verdict>,
    /// Where the two differ: the page of the documentation, and what it says in short.
    pub because: Option<&'static str>,
}

const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const READER: &str = "arn:aws:iam::111122223333:role/reader";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/reader/session";
const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/ann";
const EVE: &str = "arn:aws:iam::444455556666:user/eve";
const METHOD: &str = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/orders";

pub fn cases() -> Vec<Named> {
    let mut all = agreed();
    all.extend(of_conditions());
    all.extend(of_resources());
    all.extend(of_principals());
    all
}

fn agreed() -> Vec<Named> {
    let allows = || allow(json!({}));
    let from = |principal: Json| allow(json!({ "Principal": principal }));
    let nothing = || allow(json!({ "Action": "s3:GetObject" }));
    let same = |name, case, verdict| Named {
        name,
        case,
        package: verdict,
        ours: Some(verdict),
        because: None,
    };
    vec![
        same(
            "within an account the identity is enough",
            by(ANN).identity(allows()),
            Allowed,
        ),
        same(
            "within an account the resource is enough",
            by(ANN).policy(from(json!({ "AWS": ANN }))),
            Allowed,
        ),
        same(
            "the own account is not enough",
            by(ANN).policy(from(json!({ "AWS": "111122223333" }))),
            ImplicitlyDenied,
        ),
        same(
            "across accounts the identity is not enough",
            by(EVE).identity(allows()),
            ImplicitlyDenied,
        ),
        same(
            "across accounts the resource is not enough",
            by(EVE).policy(from(json!("*"))),
            ImplicitlyDenied,
        ),
        same(
            "across accounts both are",
            by(EVE)
                .identity(allows())
                .policy(from(json!({ "AWS": "444455556666" }))),
            Allowed,
        ),
        same(
            "an address list of the resource does not bind an identity that is allowed",
            by(ANN)
                .identity(allows())
                .policy(when(
                    "IpAddress",
                    "aws:SourceIp",
                    json!("203.0.113.0/24"),
                    "Allow",
                ))
                .key("aws:SourceIp", "198.51.100.1"),
            Allowed,
        ),
        same(
            "a Deny for other addresses does",
            by(ANN)
                .identity(allows())
                .policy(when(
                    "NotIpAddress",
                    "aws:SourceIp",
                    json!("203.0.113.0/24"),
                    "Deny",
                ))
                .key("aws:SourceIp", "198.51.100.1"),
            ExplicitlyDenied,
        ),
        same(
            "a boundary does not limit what the user itself is granted",
            by(ANN)
                .boundary(nothing())
                .policy(from(json!({ "AWS": ANN }))),
            Allowed,
        ),
        same(
            "a boundary limits what its role is granted",
            by(SESSION)
                .boundary(nothing())
                .policy(from(json!({ "AWS": READER }))),
            ImplicitlyDenied,
        ),
        same(
            "NotPrincipal with Deny denies whoever has a boundary",
            by(ANN)
                .boundary(allows())
                .identity(allows())
                .policy(statement(
                    json!({ "Effect": "Deny", "NotPrincipal": { "AWS": [ANN, "111122223333"] } }),
                )),
            ExplicitlyDenied,
        ),
        same(
            "each level of the organization has to allow",
            by(ANN)
                .identity(allows())
                .control(allows())
                .control(nothing()),
            ImplicitlyDenied,
        ),
        same(
            "a key that is missing is not equal",
            anonymous().policy(when(
                "StringNotEquals",
                "aws:SourceVpce",
                json!("vpce-1"),
                "Deny",
            )),
            ExplicitlyDenied,
        ),
        same(
            "binary values are compared as base64",
            anonymous()
                .policy(when(
                    "BinaryEquals",
                    "aws:UserAgent",
                    json!("QmluYXJ5VmFsdWVJbkJhc2U2NA=="),
                    "Allow",
                ))
                .key("aws:UserAgent", "QmluYXJ5VmFsdWVJbkJhc2U2NA=="),
            Allowed,
        ),
        same(
            "actions have no case, resources do",
            by(ANN).identity(allow(
                json!({ "Action": "EXECUTE-API:i*", "Resource": METHOD.replace("GET", "get") }),
            )),
            ImplicitlyDenied,
        ),
        same(
            "an Arn operator looks at each segment",
            anonymous()
                .policy(when(
                    "ArnLike",
                    "aws:SourceArn",
                    json!("arn:aws:sns:*:111122223333:a"),
                    "Allow",
                ))
                .key(
                    "aws:SourceArn",
                    "arn:aws:sns:eu-west-1:444455556666:b:111122223333:a",
                ),
            ImplicitlyDenied,
        ),
    ]
}

fn of_conditions() -> Vec<Named> {
    vec![
        differs(
            "a range with no bits has all addresses",
            anonymous()
                .policy(when(
                    "IpAddress",
                    "aws:SourceIp",
                    json!("0.0.0.0/0"),
                    "Allow",
                ))
                .key("aws:SourceIp", "203.0.113.7"),
            ImplicitlyDenied,
            Some(Allowed),
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress: ranges are in standard CIDR format",
        ),
        differs(
            "an IPv6 address is none of IPv4",
            anonymous()
                .policy(when(
                    "NotIpAddress",
                    "aws:SourceIp",
                    json!("203.0.113.7"),
                    "Deny",
                ))
                .key("aws:SourceIp", "2001:db8::7"),
            ImplicitlyDenied,
            Some(ExplicitlyDenied),
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress: NotIpAddress is all addresses but those given",
        ),
        differs(
            "epoch time counts seconds",
            anonymous()
                .policy(when(
                    "DateLessThan",
                    "aws:CurrentTime",
                    json!("1900000000"),
                    "Allow",
                ))
                .key("aws:CurrentTime", "2026-03-01T12:00:00Z"),
            ImplicitlyDenied,
            Some(Allowed),
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date: ISO 8601 or epoch (UNIX) time",
        ),
        differs(
            "four digits are a year",
            anonymous()
                .policy(when(
                    "DateLessThan",
                    "aws:CurrentTime",
                    json!("2027"),
                    "Allow",
                ))
                .key("aws:CurrentTime", "2026-03-01T12:00:00Z"),
            ImplicitlyDenied,
            Some(Allowed),
            "https://www.w3.org/TR/NOTE-datetime, which IAM's page names: YYYY is a year",
        ),
        differs(
            "ForAnyValue with IfExists holds for a missing key",
            anonymous().policy(when(
                "ForAnyValue:StringEqualsIfExists",
                "aws:TagKeys",
                json!("team"),
                "Allow",
            )),
            ImplicitlyDenied,
            Some(Allowed),
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists: a missing key evaluates to true",
        ),
        differs(
            "a key without values is null",
            anonymous()
                .policy(when("Null", "aws:TagKeys", json!("true"), "Allow"))
                .key("aws:TagKeys", json!([])),
            ImplicitlyDenied,
            Some(Allowed),
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition_examples-multi-valued-context-keys.html: Null with false keeps keys with empty values out",
        ),
        differs(
            "a special character in a text without wildcards",
            anonymous()
                .policy(when(
                    "StringEquals",
                    "aws:UserAgent",
                    json!("a${*}b"),
                    "Allow",
                ))
                .key("aws:UserAgent", "a*b"),
            ImplicitlyDenied,
            Some(Allowed),
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars: they stand wherever variables do",
        ),
        differs(
            "a default may be empty",
            anonymous()
                .policy(when(
                    "StringEquals",
                    "aws:UserAgent",
                    json!("a${aws:username, ''}b"),
                    "Allow",
                ))
                .key("aws:UserAgent", "ab"),
            ImplicitlyDenied,
            Some(Allowed),
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-default-values: the default is what stands between the quotes",
        ),
        differs(
            "a variable without a value in a negated test",
            anonymous()
                .policy(when(
                    "StringNotEquals",
                    "aws:UserAgent",
                    json!("${aws:username}"),
                    "Allow",
                ))
                .key("aws:UserAgent", "curl/8.1"),
            ImplicitlyDenied,
            None,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html: it might make the entire statement invalid",
        ),
        differs(
            "several values need ForAllValues or ForAnyValue",
            anonymous()
                .policy(when("StringEquals", "aws:TagKeys", json!("team"), "Allow"))
                .key("aws:TagKeys", json!(["team"])),
            ImplicitlyDenied,
            None,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html: required; what comes without is not said",
        ),
    ]
}

fn of_resources() -> Vec<Named> {
    let resource = |text: &str| allow(json!({ "Resource": text }));
    let mut old = allow(json!({ "Resource": "arn:aws:s3:::orders/${aws:username}" }));
    old["Version"] = "2008-10-17".into();
    let mut bucket = by(ANN).identity(old).key("aws:username", "ann");
    bucket.action = "s3:GetObject".into();
    bucket.resource = "arn:aws:s3:::orders/ann".into();
    let mut others = allow(json!({ "NotResource": "arn:aws:lambda:*" }));
    others["Statement"]
        .as_object_mut()
        .expect("one")
        .remove("Resource");
    vec![
        differs(
            "variables are text in the older version",
            bucket,
            Allowed,
            Some(ImplicitlyDenied),
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html: earlier versions take them as literal strings",
        ),
        differs(
            "any API",
            by(ANN).identity(resource(
                "arn:aws:execute-api:eu-west-1:111122223333:*/prod/GET/*",
            )),
            ImplicitlyDenied,
            Some(Allowed),
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html: the id of the API may be *",
        ),
        differs(
            "the short form of API Gateway",
            anonymous().policy(allow(
                json!({ "Principal": "*", "Resource": "execute-api:/prod/GET/*" }),
            )),
            ImplicitlyDenied,
            Some(Allowed),
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html: it is expanded to the ARN of the API",
        ),
        differs(
            "NotResource with an incomplete ARN",
            by(ANN).identity(others),
            ImplicitlyDenied,
            Some(Allowed),
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns: missing fields are *, so it names lambda only",
        ),
        differs(
            "an incomplete ARN in a policy of a resource",
            anonymous().policy(allow(
                json!({ "Principal": "*", "Resource": "arn:aws:execute-api" }),
            )),
            ImplicitlyDenied,
            None,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns: only policies of identities are spoken of",
        ),
        differs(
            "a wildcard that would reach over a colon",
            by(ANN).identity(resource(
                "arn:aws:execute-api:eu*33:a1b2c3d4e5/prod/GET/orders",
            )),
            ImplicitlyDenied,
            None,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html: only a * at the end of a segment reaches over a colon",
        ),
    ]
}

fn of_principals() -> Vec<Named> {
    let from = |principal: Json| allow(json!({ "Principal": principal }));
    let nothing = || allow(json!({ "Action": "s3:GetObject" }));
    let mut key = by(ANN).identity(allow(json!({})));
    key.action = "kms:Decrypt".into();
    key.resource = "arn:aws:kms:eu-west-1:111122223333:key/1".into();
    vec![
        differs(
            "a session policy does not limit what the session itself is granted",
            by(SESSION).session(nothing()).policy(from(json!({ "AWS": SESSION }))),
            ImplicitlyDenied,
            Some(Allowed),
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html: an implicit deny of a session policy does not limit it",
        ),
        differs(
            "nor what everybody is",
            by(SESSION).session(nothing()).policy(from(json!("*"))),
            ImplicitlyDenied,
            Some(Allowed),
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles: session policies do not limit what is granted with *",
        ),
        differs(
            "a federated user without a session policy",
            by(FEDERATED).identity(allow(json!({}))),
            Allowed,
            Some(ImplicitlyDenied),
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html: no session policy, and no role session: denied",
        ),
        differs(
            "the root user needs no policy",
            by("arn:aws:iam::111122223333:root"),
            ImplicitlyDenied,
            Some(Allowed),
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html: the root user has full access",
        ),
        differs(
            "NotPrincipal names the user and not its account",
            by(ANN).identity(allow(json!({}))).policy(statement(
                json!({ "Effect": "Deny", "NotPrincipal": { "AWS": ANN } }),
            )),
            Allowed,
            None,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html: the account has to be named as well, else it might be denied",
        ),
        differs(
            "a canonical user stands for an account",
            by(ANN).policy(from(json!({ "CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be" }))),
            ImplicitlyDenied,
            None,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts: another name of an account",
        ),
        differs(
            "keys have rules of their own",
            key,
            ImplicitlyDenied,
            None,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html: key policies are an exception, which is left out here",
        ),
    ]
}

fn differs(
    name: &'static str,
    case: Case,
    package: Verdict,
    ours: Option<Verdict>,
    because: &'static str,
) -> Named {
    Named {
        name,
        case,
        package,
        ours,
        because: Some(because),
    }
}

fn by(caller: &str) -> Case {
    Case {
        caller: Some(caller.to_owned()),
        ..anonymous()
    }
}

fn anonymous() -> Case {
    Case {
        caller: None,
        action: "execute-api:Invoke".into(),
        resource: METHOD.into(),
        owner: "111122223333".into(),
        context: Default::default(),
        identity: Vec::new(),
        boundary: None,
        session: None,
        policy: None,
        control: Vec::new(),
        endpoint: None,
    }
}

impl Case {
    fn identity(mut self, policy: Json) -> Self {
        self.identity.push(policy);
        self
    }

    fn boundary(mut self, policy: Json) -> Self {
        self.boundary = Some(policy);
        self
    }

    fn session(mut self, policy: Json) -> Self {
        self.session = Some(policy);
        self
    }

    fn policy(mut self, policy: Json) -> Self {
        self.policy = Some(policy);
        self
    }

    fn control(mut self, policy: Json) -> Self {
        self.control.push(vec![policy]);
        self
    }

    fn key(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.context.insert(name.to_owned(), value.into());
        self
    }
}

/// A policy of one statement, on every action and resource where nothing else is said.
fn statement(parts: Json) -> Json {
    let mut statement = json!({ "Action": "*", "Resource": "*" });
    for (key, value) in parts.as_object().into_iter().flatten() {
        statement[key] = value.clone();
    }
    json!({ "Version": "2012-10-17", "Statement": statement })
}

fn allow(parts: Json) -> Json {
    let mut policy = statement(parts);
    policy["Statement"]["Effect"] = "Allow".into();
    policy
}

/// A policy for everybody, with one condition.
fn when(operator: &str, key: &str, value: Json, effect: &str) -> Json {
    statement(json!({
        "Effect": effect,
        "Principal": "*",
        "Condition": { operator: { key: value } },
    }))
}
