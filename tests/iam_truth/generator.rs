//! Policies and requests made by chance, the same for each seed.

mod conditions;

use serde_json::{Map, Value as Json, json};

use crate::case::{Case, Hidden};

const OWNER: &str = "111122223333";

const CALLERS: [Option<&str>; 10] = [
    Some("arn:aws:iam::111122223333:user/ann"),
    Some("arn:aws:iam::111122223333:user/staff/ben"),
    Some("arn:aws:sts::111122223333:assumed-role/reader/session"),
    Some("arn:aws:sts::111122223333:assumed-role/reader/session"),
    Some("arn:aws:sts::111122223333:federated-user/ann"),
    Some("arn:aws:iam::111122223333:role/reader"),
    Some("arn:aws:iam::444455556666:user/eve"),
    Some("arn:aws:sts::444455556666:assumed-role/reader/session"),
    Some("lambda.amazonaws.com"),
    None,
];

/// Actions, each with a resource, and patterns of which some fit it.
const TARGETS: [(&str, &str, &[&str], &[&str]); 4] = [
    (
        "execute-api:Invoke",
        "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/orders/7",
        &[
            "execute-api:Invoke",
            "execute-api:*",
            "EXECUTE-API:invoke",
            "execute-api:I?voke",
        ],
        &[
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/*",
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/*/GET/orders/?",
            "arn:aws:execute-api:*:111122223333:a1b2c3d4e5/prod/*",
            "arn:aws:execute-api:*:*:*",
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/orders/{id}",
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/test/*",
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/POST/orders/7",
            "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/prod/GET/*",
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/orders/${aws:PrincipalTag/team}",
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/orders/${aws:PrincipalTag/Team, '7'}",
        ],
    ),
    (
        "s3:GetObject",
        "arn:aws:s3:::orders/home/ann/1.json",
        &["s3:GetObject", "s3:Get*", "s3:*Object", "S3:getobject"],
        &[
            "arn:aws:s3:::orders/*",
            "arn:aws:s3:::orders/home/${aws:username}/*",
            "arn:aws:s3:::orders/home/${aws:username, 'ann'}/*",
            "arn:aws:s3:::orders/home/ann/1${*}.json",
            "arn:aws:s3:::orders/home/ann/${?}*",
            "arn:aws:s3:::invoices/*",
            "arn:aws:s3:::*",
            "arn:aws:s3:::orders/home/???/*.json",
        ],
    ),
    (
        "lambda:InvokeFunctionUrl",
        "arn:aws:lambda:eu-west-1:111122223333:function:orders",
        &["lambda:InvokeFunctionUrl", "lambda:Invoke*", "lambda:*Url"],
        &[
            "arn:aws:lambda:eu-west-1:111122223333:function:orders",
            "arn:aws:lambda:eu-west-1:111122223333:function:*",
            "arn:aws:lambda:*:111122223333:function:orders",
            "arn:aws:lambda:eu-west-1:111122223333:function:invoices",
            "arn:aws:lambda:*",
            "arn:aws:lambda:eu-west-1",
        ],
    ),
    (
        "sqs:SendMessage",
        "arn:aws:sqs:eu-west-1:111122223333:orders.fifo",
        &["sqs:SendMessage", "sqs:*", "sqs:Send??ssage"],
        &[
            "arn:aws:sqs:eu-west-1:111122223333:orders.fifo",
            "arn:aws:sqs:*:111122223333:orders*",
            "arn:aws:sqs:*:*:ordersXfifo",
            "arn:aws:sqs:eu-west-?:*:*.fifo",
            "arn:aws:sqs",
        ],
    ),
];

/// Actions that no request has.
const STRANGE_ACTIONS: [&str; 3] = ["ec2:*", "s3:PutObject", "execute-api:ManageConnections"];

const PRINCIPALS: [&str; 9] = [
    "111122223333",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:role/reader",
    "arn:aws:iam::111122223333:role/path/reader",
    "arn:aws:sts::111122223333:assumed-role/reader/session",
    "arn:aws:sts::111122223333:federated-user/ann",
    "444455556666",
    "arn:aws:iam::444455556666:user/eve",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Attached {
    Principal,
    Organization,
    Resource,
    Endpoint,
}

pub struct Generator {
    state: u64,
    /// Whether a session policy has a say: the package lets it limit what a resource policy grants
    /// to the session itself.
    in_session: bool,
    /// Who of another account asks: it is named more often than chance would.
    stranger: Option<&'static str>,
    /// What is asked for, as a place in [`TARGETS`].
    target: usize,
}

impl Generator {
    pub fn new(seed: u64, case: u64) -> Self {
        let mixed =
            seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ case.wrapping_mul(0xd1b5_4a32_d192_ed03);
        let mut generator = Generator {
            state: mixed | 1,
            in_session: false,
            stranger: None,
            target: 0,
        };
        for _ in 0..8 {
            generator.next();
        }
        generator
    }

    /// xorshift64*
    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }

    /// What is asked for, or something else.
    fn near(&mut self) -> usize {
        match self.chance(65) {
            true => self.target,
            false => self.below(TARGETS.len()),
        }
    }

    pub fn case(&mut self) -> Case {
        let caller = *self.pick(&CALLERS);
        self.stranger = caller.filter(|caller| caller.contains("444455556666"));
        self.target = self.below(TARGETS.len());
        let (action, resource, ..) = TARGETS[self.target];
        let has_policies = caller.is_some_and(|caller| caller.starts_with("arn:"));
        let is_session = caller.is_some_and(|caller| caller.contains(":sts:"));
        let is_federated = caller.is_some_and(|caller| caller.contains("federated-user"));
        let mut case = Case {
            caller: caller.map(str::to_owned),
            action: action.to_owned(),
            resource: resource.to_owned(),
            owner: OWNER.to_owned(),
            context: self.context(caller),
            identity: Vec::new(),
            boundary: None,
            session: None,
            policy: None,
            control: Vec::new(),
            endpoint: None,
        };
        if has_policies {
            for _ in 0..self.below(3) {
                case.identity.push(self.policy(Attached::Principal));
            }
            if self.chance(30) {
                case.boundary = Some(self.policy(Attached::Principal));
            }
            // Without one a federated user may do nothing, which the package does not know.
            if is_federated || is_session && self.chance(30) {
                case.session = Some(self.policy(Attached::Principal));
                self.in_session = true;
            }
            if self.chance(20) {
                for _ in 0..1 + self.below(2) {
                    let level = (0..1 + self.below(2)).map(|_| self.policy(Attached::Organization));
                    case.control.push(level.collect());
                }
            }
        }
        if self.chance(if has_policies { 60 } else { 95 }) {
            case.policy = Some(self.policy(Attached::Resource));
        }
        if self.chance(10) {
            case.endpoint = Some(self.policy(Attached::Endpoint));
        }
        case
    }

    /// Some of what a case is decided by.
    pub fn hidden(&mut self, case: &Case) -> Hidden {
        let keys: Vec<&String> = case.context.keys().collect();
        let mut hidden = Hidden {
            keys: vec![
                conditions::KEYS[self.below(conditions::KEYS.len())]
                    .0
                    .to_owned(),
            ],
            identity: self.chance(10),
            boundary: self.chance(10),
            policy: self.chance(10),
            owner: self.chance(10),
        };
        for _ in 0..self.below(3) {
            if !keys.is_empty() {
                hidden.keys.push((*self.pick(&keys)).clone());
            }
        }
        hidden
    }

    fn policy(&mut self, attached: Attached) -> Json {
        let count = 1 + self.below(3);
        let statements: Vec<Json> = (0..count).map(|_| self.statement(attached)).collect();
        let mut policy = Map::new();
        // The package replaces variables in policies of any version.
        let variables = statements.iter().any(|one| one.to_string().contains("${"));
        match self.below(10) {
            0..2 if variables => {
                policy.insert("Version".into(), "2012-10-17".into());
            }
            0 => {}
            1 => {
                policy.insert("Version".into(), "2008-10-17".into());
            }
            _ => {
                policy.insert("Version".into(), "2012-10-17".into());
            }
        }
        let statement = match <[Json; 1]>::try_from(statements) {
            Ok([one]) if self.chance(50) => one,
            Ok([one]) => json!([one]),
            Err(several) => json!(several),
        };
        policy.insert("Statement".into(), statement);
        Json::Object(policy)
    }

    fn statement(&mut self, attached: Attached) -> Json {
        let mut statement = Map::new();
        let denies = self.chance(25);
        let effect = if denies { "Deny" } else { "Allow" };
        statement.insert("Effect".into(), effect.into());
        match attached {
            Attached::Resource => {
                let (key, principals) = self.principals(denies);
                statement.insert(key.into(), principals);
            }
            Attached::Endpoint => {
                statement.insert("Principal".into(), "*".into());
            }
            Attached::Principal | Attached::Organization => {}
        }
        self.actions(&mut statement);
        self.resources(&mut statement);
        if self.chance(if denies { 85 } else { 45 }) {
            statement.insert("Condition".into(), self.conditions());
        }
        Json::Object(statement)
    }

    fn one_or_several(&mut self, mut values: Vec<Json>) -> Json {
        match values.len() {
            1 if self.chance(60) => values.remove(0),
            _ => Json::Array(values),
        }
    }

    fn actions(&mut self, statement: &mut Map<String, Json>) {
        if self.chance(30) {
            statement.insert("Action".into(), "*".into());
            return;
        }
        let count = 1 + self.below(2);
        let actions = (0..count).map(|_| match self.chance(15) {
            true => (*self.pick(&STRANGE_ACTIONS)).into(),
            false => {
                let (_, _, patterns, _) = TARGETS[self.near()];
                (*self.pick(patterns)).into()
            }
        });
        let actions = actions.collect();
        let key = if self.chance(15) {
            "NotAction"
        } else {
            "Action"
        };
        statement.insert(key.into(), self.one_or_several(actions));
    }

    fn resources(&mut self, statement: &mut Map<String, Json>) {
        if self.chance(40) {
            statement.insert("Resource".into(), "*".into());
            return;
        }
        let negated = self.chance(12);
        let count = 1 + self.below(3);
        let resources = (0..count).map(|_| {
            let (_, _, _, patterns) = TARGETS[self.near()];
            // What is not whole, the package does not fit with `NotResource`.
            let usable = |pattern: &&&str| !negated || pattern.split(':').count() >= 6;
            let usable: Vec<&&str> = patterns.iter().filter(usable).collect();
            (**self.pick(&usable)).into()
        });
        let resources = resources.collect();
        let key = if negated { "NotResource" } else { "Resource" };
        statement.insert(key.into(), self.one_or_several(resources));
    }

    fn principals(&mut self, denies: bool) -> (&'static str, Json) {
        let limited = self.in_session && !denies;
        match self.below(10) {
            _ if limited => {}
            0..3 => return ("Principal", json!("*")),
            3 => return ("Principal", json!({ "AWS": "*" })),
            4 => return ("Principal", json!({ "Service": "lambda.amazonaws.com" })),
            5 if denies => {
                // With only some of these the documentation leaves open who is denied.
                let named = match self.below(3) {
                    0 => json!(["arn:aws:iam::444455556666:user/eve", "444455556666"]),
                    1 => json!([
                        "arn:aws:iam::111122223333:user/ann",
                        "arn:aws:iam::111122223333:root"
                    ]),
                    _ => json!([
                        "arn:aws:sts::111122223333:assumed-role/reader/session",
                        "arn:aws:iam::111122223333:role/reader",
                        "arn:aws:iam::111122223333:root"
                    ]),
                };
                return ("NotPrincipal", json!({ "AWS": named }));
            }
            _ => {}
        }
        let count = 1 + self.below(3);
        let usable: Vec<&str> = PRINCIPALS
            .into_iter()
            .filter(|name| !limited || !name.contains(":sts:"))
            .collect();
        let names = (0..count).map(|_| match (self.stranger, self.below(3)) {
            (Some(arn), 0) => arn.into(),
            (Some(_), 1) => "444455556666".into(),
            _ => (*self.pick(&usable)).into(),
        });
        let names = names.collect();
        ("Principal", json!({ "AWS": self.one_or_several(names) }))
    }
}
