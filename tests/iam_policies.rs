//! Policies of IAM: what is read, each mistake at its place, and what is not known.

use why403::gates::aws::iam::{
    Ask, By, Caller, Context, Decision, Effect, Kind, Lack, Operator, Policies, Policy, Value,
    decide, read, read_text,
};
use why403::problem::Problem;
use why403::request::{Known, Reason};
use why403::source::Span;
use why403::syntax::document;

const METHOD: &str = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/orders";
const ANN: &str = "arn:aws:iam::111122223333:user/ann";

fn parsed(text: &str, kind: Kind) -> (Policy, Vec<Problem>) {
    let document = document::parse(0, text.as_bytes()).expect("a document");
    read(document.root().expect("a root"), kind)
}

fn good(text: &str, kind: Kind) -> Policy {
    let (policy, problems) = parsed(text, kind);
    assert_eq!(problems, [], "{text}");
    policy
}

/// A statement for everybody, with this in it.
fn open(parts: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*", {parts}}}]}}"#
    )
}

/// The text at which the first problem stands, and the problem.
fn mistake(text: &str, kind: Kind) -> (&str, Problem) {
    let (policy, mut problems) = parsed(text, kind);
    assert!(!problems.is_empty(), "{text}");
    let problem = problems.remove(0);
    let span = problem.span.expect("a place");
    let flawed = policy.flaw.is_some() || policy.statements.iter().any(|one| one.flaw.is_some());
    assert_eq!(flawed, problem.fatal, "{text}");
    (&text[span.start as usize..span.end as usize], problem)
}

fn ask(caller: Caller) -> Ask {
    Ask {
        context: Context::of(&caller),
        caller,
        action: "execute-api:Invoke".into(),
        resource: METHOD.into(),
        owner: Known::Is("111122223333".into()),
    }
}

fn anonymous(policy: &Policy) -> Decision {
    decide(
        &ask(Caller::Anonymous),
        &Policies {
            resource: Known::Is(Some(policy)),
            ..Policies::none()
        },
    )
}

#[test]
fn every_element() {
    let policy = good(
        r#"{
          "Version": "2012-10-17",
          "Id": "all",
          "Statement": [
            {"Sid": "one", "Effect": "Deny", "NotPrincipal": {"AWS": ["111122223333"], "Service": "a.amazonaws.com"},
             "NotAction": ["s3:*"], "NotResource": "arn:aws:s3:::a",
             "Condition": {"Bool": {"aws:SecureTransport": false}, "NumericLessThan": {"s3:max-keys": 10}}},
            {"Effect": "Allow", "Principal": "*", "Action": "*"}
          ]
        }"#,
        Kind::Resource,
    );
    assert!(policy.variables);
    let one = &policy.statements[0];
    assert_eq!(one.sid.as_ref().map(|sid| sid.value.as_str()), Some("one"));
    assert_eq!(one.effect, Some(Effect::Deny));
    assert!(one.actions.as_ref().is_some_and(|list| list.negated));
    assert_eq!(one.conditions.len(), 2);
    assert_eq!(one.conditions[0].values[0].value, Known::Is("false".into()));
    assert!(policy.statements[1].resources.is_none());
}

#[test]
fn without_a_version_variables_are_text() {
    let policy = good(r#"{"Statement": []}"#, Kind::Identity);
    assert!(!policy.variables);
}

#[test]
fn mistakes_stand_at_their_place() {
    for (parts, place, message, help) in [
        (
            r#""Resorce": "*""#,
            "\"Resorce\"",
            "unknown key `Resorce`",
            "did you mean `Resource`?",
        ),
        (
            r#""NotAction": "s3:*""#,
            "\"NotAction\"",
            "`NotAction` and its opposite stand in one statement",
            "",
        ),
        (
            r#""Sid": "a", "Sid": "b""#,
            "\"Sid\"",
            "`Sid` is given twice",
            "",
        ),
        (
            r#""Condition": {"IpAdress": {"aws:SourceIp": "203.0.113.7"}}"#,
            "\"IpAdress\"",
            "unknown operator `IpAdress`",
            "did you mean `IpAddress`?",
        ),
        (
            r#""Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0-9"}}"#,
            "\"203.0.113.0-9\"",
            "`203.0.113.0-9` is not an address or a range such as 203.0.113.0/24",
            "",
        ),
        (
            r#""Condition": {"DateLessThan": {"aws:CurrentTime": "tomorrow"}}"#,
            "\"tomorrow\"",
            "`tomorrow` is not a date such as 2026-01-31T12:00:00Z",
            "",
        ),
        (
            r#""Condition": {"NullIfExists": {"aws:SourceVpc": true}}"#,
            "\"NullIfExists\"",
            "unknown operator `NullIfExists`",
            "",
        ),
    ] {
        let text = open(parts);
        let (seen, problem) = mistake(&text, Kind::Resource);
        assert_eq!(seen, place);
        assert_eq!(problem.message, message);
        if !help.is_empty() {
            assert_eq!(problem.help.as_deref(), Some(help));
        }
        let (policy, _) = parsed(&text, Kind::Resource);
        let decision = anonymous(&policy);
        assert!(
            matches!(decision, Decision::Unknown { .. }),
            "{parts}: {decision:?}"
        );
    }
}

#[test]
fn mistakes_of_a_whole_policy() {
    for (text, place, message) in [
        (
            r#"{"Version": "2012-10-18", "Statement": []}"#,
            "\"2012-10-18\"",
            "unknown version `2012-10-18`",
        ),
        (
            r#"{"Version": "2012-10-17"}"#,
            r#"{"Version": "2012-10-17"}"#,
            "the policy has no `Statement`",
        ),
        (
            r#"{"Statement": "all"}"#,
            "\"all\"",
            "here stands a statement or a list of them",
        ),
        (
            r#"{"Statement": [{"Effect": "allow", "Action": "*", "Resource": "*"}]}"#,
            "\"allow\"",
            "unknown effect `allow`",
        ),
        (
            r#"{"Statement": [{"Effect": "Allow", "Action": "Invoke", "Resource": "*"}]}"#,
            "\"Invoke\"",
            "`Invoke` is no action such as `execute-api:Invoke`",
        ),
        (
            r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}"#,
            "\"*\"",
            "a policy that is attached to a principal names none",
        ),
        ("[1, 2]", "[1, 2]", "a policy is made of keys and values"),
    ] {
        let (seen, problem) = mistake(text, Kind::Identity);
        assert_eq!((seen, problem.message.as_str()), (place, message));
        let (policy, _) = parsed(text, Kind::Identity);
        let policies = Policies {
            identity: Known::Is(vec![&policy]),
            ..Policies::none()
        };
        let caller = Caller::from_arn(ANN).expect("a caller");
        let decision = decide(&ask(caller), &policies);
        assert!(
            matches!(decision, Decision::Unknown { .. }),
            "{text}: {decision:?}"
        );
    }
}

#[test]
fn a_principal_with_a_wildcard_is_nobody() {
    let text = r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/*"}, "Action": "*"}}"#;
    let (place, problem) = mistake(text, Kind::Resource);
    assert_eq!(place, "\"arn:aws:iam::111122223333:user/*\"");
    assert!(!problem.fatal);
    let (policy, _) = parsed(text, Kind::Resource);
    assert!(matches!(anonymous(&policy), Decision::NotAllowed { .. }));
}

#[test]
fn a_policy_within_a_string() {
    let place = Span::new(100, 200);
    let plain = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/prod/*"}]}"#;
    let escaped = plain.replace('"', "\\\"").replace('/', "\\/");
    let encoded = plain
        .replace('%', "%25")
        .replace('"', "%22")
        .replace('{', "%7B")
        .replace(' ', "%20");
    for text in [plain, &escaped, &encoded] {
        let (policy, problems) = read_text(text, place, Kind::Resource);
        assert_eq!(problems, [], "{text}");
        let by = By::Statement(place);
        assert_eq!(anonymous(&policy), Decision::Allowed { by }, "{text}");
    }
    let (policy, problems) = read_text("{\"Version\": ", place, Kind::Resource);
    assert_eq!(problems[0].span, Some(place));
    assert!(matches!(anonymous(&policy), Decision::Unknown { .. }));

    // A string in a document is read the same way.
    let document = format!("{{\"policy\": {}}}", serde_json::Value::from(plain));
    let document = document::parse(0, document.as_bytes()).expect("a document");
    let node = document
        .root()
        .and_then(|root| root.get("policy"))
        .expect("a policy");
    let (policy, problems) = read(node, Kind::Resource);
    assert_eq!(problems, []);
    assert_eq!(policy.statements[0].span, node.span());
}

#[test]
fn what_a_template_fills_in_is_not_known() {
    let policy = good(
        "Version: '2012-10-17'
Statement:
  - Effect: Allow
    Principal: '*'
    Action: execute-api:Invoke
    Resource: !Sub 'arn:aws:execute-api:${AWS::Region}:*'
  - Effect: Deny
    Principal: { AWS: { 'Fn::GetAtt': [Role, Arn] } }
    Action: s3:*
    Resource: '*'
",
        Kind::Resource,
    );
    let Decision::Unknown { because, span } = anonymous(&policy) else {
        panic!("not unknown");
    };
    assert_eq!(
        because,
        Reason::new("`!Sub` is filled in when it is deployed")
    );
    assert!(span.is_some());
}

#[test]
fn what_is_not_known_is_said_only_where_it_matters() {
    let policy = good(
        &open(r#""Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}"#),
        Kind::Resource,
    );
    let decision = anonymous(&policy);
    let Decision::Unknown { because, .. } = &decision else {
        panic!("{decision:?}");
    };
    assert_eq!(
        because.0,
        "`aws:SourceVpce` is not known: nothing says what it is"
    );

    let caller = Caller::from_arn(ANN).expect("a caller");
    let everything = good(
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#,
        Kind::Identity,
    );
    let with = |identity, resource| {
        let policies = Policies {
            identity,
            resource,
            ..Policies::none()
        };
        decide(&ask(caller.clone()), &policies)
    };
    // Whatever the condition comes to, the identity's own policy allows.
    let allowed = with(Known::Is(vec![&everything]), Known::Is(Some(&policy)));
    assert!(matches!(allowed, Decision::Allowed { .. }), "{allowed:?}");
    // A policy that was not fetched may deny.
    let unread = || Known::Unknown(Reason::new("iam:ListRolePolicies was denied"));
    let unknown = with(Known::Is(vec![&everything]), unread().map(|()| None));
    assert_eq!(
        unknown,
        Decision::Unknown {
            because: Reason::new("iam:ListRolePolicies was denied"),
            span: None
        }
    );
    // And cannot help across accounts when the other side does not allow.
    let mut other = ask(Caller::from_arn("arn:aws:iam::444455556666:user/eve").expect("a caller"));
    other.context.set("aws:SourceVpce", Value::Absent);
    let policies = Policies {
        identity: unread().map(|()| Vec::new()),
        resource: Known::Is(Some(&policy)),
        ..Policies::none()
    };
    let decision = decide(&other, &policies);
    assert!(
        matches!(
            &decision,
            Decision::NotAllowed {
                lack: Lack::Resource,
                doubt: Some(_),
                ..
            }
        ),
        "{decision:?}"
    );
}

#[test]
fn keys_that_an_anonymous_caller_does_not_have() {
    let policy = good(
        &open(r#""Condition": {"ArnLike": {"AWS:principalARN": "arn:aws:iam::*:role/*"}}"#),
        Kind::Resource,
    );
    assert!(matches!(
        anonymous(&policy),
        Decision::NotAllowed { doubt: None, .. }
    ));
    let policy = good(
        &open(r#""Condition": {"StringNotEquals": {"aws:PrincipalTag/Team": "sales"}}"#),
        Kind::Resource,
    );
    assert!(matches!(anonymous(&policy), Decision::Allowed { .. }));
}

#[test]
fn operators_have_no_case() {
    let operator = Operator::parse("ForAllValues:stringLIKEifexists").expect("an operator");
    assert!(operator.if_exists && operator.set.is_some());
    for wrong in [
        "",
        ":",
        "IfExists",
        "ForAllValues:",
        "ForAllValues:Null",
        "é",
        "StringEqualsé",
    ] {
        assert_eq!(Operator::parse(wrong), None, "{wrong}");
    }
}

/// Whatever is broken in a policy: nothing panics, and a decision comes.
#[test]
fn broken_policies() {
    let text = open(
        r#""Condition": {"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a*${aws:username, 'x'}", "?"]}, "DateLessThan": {"aws:CurrentTime": "2026-03-01T12:00:00.5+01:00"}, "IpAddress": {"aws:SourceIp": "2001:db8::/32"}}"#,
    );
    let splinters = [
        "", "\"", "{", "}", "[", ",", ":", "${", "*", "é", "-", "null", "\\",
    ];
    let mut state = 403_u64;
    let mut below = |end: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % end
    };
    for _ in 0..5000 {
        let mut broken = text.clone();
        for _ in 0..1 + below(3) {
            let from = below(broken.len());
            let to = (from + below(12)).min(broken.len());
            if broken.is_char_boundary(from) && broken.is_char_boundary(to) {
                broken.replace_range(from..to, splinters[below(splinters.len())]);
            }
        }
        let kind = [Kind::Identity, Kind::Session, Kind::Control, Kind::Resource][below(4)];
        let (policy, _) = read_text(&broken, Span::new(0, 1), kind);
        let caller = Caller::from_arn(ANN).expect("a caller");
        let mut ask = ask(caller);
        ask.context
            .set("aws:TagKeys", Value::Many(vec!["a".into(), "é".into()]));
        ask.context.set("aws:CurrentTime", "2026-03-01T12:00:00Z");
        ask.context.set("aws:SourceIp", "2001:db8::1");
        let policies = Policies {
            identity: Known::Is(vec![&policy]),
            resource: Known::Is(Some(&policy)),
            ..Policies::none()
        };
        decide(&ask, &policies);
    }
}

/// A pattern that makes backtracking matchers run for ages.
#[test]
fn patterns_of_many_wildcards() {
    let pattern = "*a".repeat(20_000);
    let policy = good(
        &open(&format!(
            r#""Condition": {{"StringLike": {{"aws:UserAgent": "{pattern}"}}}}"#
        )),
        Kind::Resource,
    );
    let mut ask = ask(Caller::Anonymous);
    ask.context.set("aws:UserAgent", "a".repeat(2000));
    let policies = Policies {
        resource: Known::Is(Some(&policy)),
        ..Policies::none()
    };
    assert!(matches!(
        decide(&ask, &policies),
        Decision::NotAllowed { .. }
    ));
}
