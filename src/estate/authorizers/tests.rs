use super::*;

fn of_javascript(text: &str) -> Answers {
    let module =
        syntax::javascript::parse(Dialect::TypeScript, 0, text.as_bytes()).expect("a text");
    answers(&javascript::read(&module))
}

fn of_python(text: &str) -> Answers {
    let module = syntax::python::parse(0, text.as_bytes()).expect("a text");
    answers(&python::read(&module))
}

/// What stands where the answer is made for one method.
fn narrow(text: &str, answers: Answers) -> &str {
    match answers {
        Answers::OneMethod(span) => &text[span.start as usize..span.end as usize],
        other => panic!("{other:?}: {text}"),
    }
}

#[test]
fn the_method_that_is_called_is_followed_to_the_policy() {
    for text in [
        "exports.handler = async (event) => ({ policyDocument: { Statement: [
            { Action: 'execute-api:Invoke', Effect: 'Allow', Resource: event.methodArn }] } })",
        "export const handler = async ({ methodArn, headers }) => ({ policyDocument: {
            Statement: [{ Effect: 'Allow', Resource: [methodArn] }] } })",
        "const policy = (effect: string, resource: string) => ({ Statement: [{ Effect: effect, Resource: resource }] })
        exports.handler = (event, context, callback) => {
            const arn = event.methodArn
            callback(null, { policyDocument: policy(ok(event) ? 'Allow' : 'Deny', arn) })
        }",
        "var generate = function (who, effect, resource) {
            var one = {}
            one.Effect = effect
            one.Resource = resource
            return { principalId: who, policyDocument: { Statement: [one] } }
        }
        exports.handler = function (event, context, callback) {
            switch (event.authorizationToken) {
                case 'allow': callback(null, generate('user', 'Allow', event.methodArn)); break
                case 'deny': callback(null, generate('user', 'Deny', event.methodArn)); break
            }
        }",
    ] {
        assert!(narrow(text, of_javascript(text)).ends_with("methodArn"));
    }
    for text in [
        "def handler(event, context):\n    return {'policyDocument': {'Statement': [{'Effect': 'Allow', 'Resource': event['methodArn']}]}}\n",
        "def policy(who, effect, resource):\n    return {'policyDocument': {'Statement': [{'Effect': effect, 'Resource': resource}]}}\n\ndef handler(event, context):\n    arn = event.get('methodArn')\n    return policy('user', 'Allow', resource=arn)\n",
        "class Guard:\n    def policy(self, resource):\n        one = {}\n        one['Resource'] = [resource]\n        return one\n\ndef handler(event, context):\n    return Guard().policy(event['methodArn'])\n",
    ] {
        assert!(narrow(text, of_python(text)).contains("methodArn"));
    }
}

#[test]
fn what_is_made_of_the_method_is_another_thing() {
    for text in [
        "exports.handler = async (event) => ({ Statement: [
            { Resource: event.methodArn.split('/')[0] + '/*' }] })",
        "exports.handler = async (event) => {
            let arn = event.methodArn
            arn = arn.replace(/GET.*/, '*')
            return { Statement: [{ Resource: arn }] }
        }",
        "exports.handler = async (event) => ({ Statement: [
            { Effect: 'Deny', Resource: event.methodArn }, { Effect: 'Allow', Resource: '*' }] })",
        // Nothing says who calls it, and with what.
        "exports.policy = (resource) => ({ Statement: [{ Resource: resource }] })",
        "const policy = (resource) => ({ Statement: [{ Resource: resource }] })
        exports.handler = (event) => policy(wide(event.methodArn))
        exports.other = (event) => policy(event.methodArn)",
        "const policy = new AuthPolicy(); policy.allowAllMethods(); x = { Resource: [] }",
        "const a = b; const b = a; x = { Resource: a }",
        "exports.handler = (event) => ({ Statement: [{ Resource: event.methodArn, ...wide }] })",
        "exports.handler = (event) => ({ Statement: [{ Resource: event.methodArn }, ...wide()] })",
        "console.log(event.methodArn)",
    ] {
        assert_eq!(of_javascript(text), Answers::Other, "{text}");
    }
    let text = "def handler(event, context):\n    arn = event['methodArn']\n    for part in arn.split('/'):\n        arn = part\n    return {'Resource': arn}\n";
    assert_eq!(of_python(text), Answers::Other);
    let text =
        "def handler(event, context):\n    return {'Resource': event['methodArn'], **wide}\n";
    assert_eq!(of_python(text), Answers::Other);
}

#[test]
fn a_decision_may_go_by_the_method() {
    let by_route = "exports.handler = async (event) => {
        const route = event.routeKey
        if (route.startsWith('GET')) return { isAuthorized: true }
        return { isAuthorized: false }
    }";
    assert!(matches!(of_javascript(by_route), Answers::ByMethod(_)));
    let by_token = "exports.handler = async (event) => {
        console.log(event.routeKey)
        return { isAuthorized: event.headers.authorization === 'secret' }
    }";
    assert_eq!(of_javascript(by_token), Answers::Other);
    let by_path = "def handler(event, context):\n    path = event['requestContext']['http']['path']\n    return {'isAuthorized': path != '/admin'}\n";
    assert!(matches!(of_python(by_path), Answers::ByMethod(_)));
}

#[test]
fn what_branches_without_end_is_left() {
    let mut text = String::new();
    for at in 0..60 {
        text.push_str(&format!("a{at} = [a{0}, a{0}]\n", at + 1));
    }
    text.push_str("x = { Resource: a0 }\na60 = event.methodArn\n");
    assert_eq!(of_javascript(&text), Answers::Other);
}
