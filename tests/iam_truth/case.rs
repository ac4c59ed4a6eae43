//! A request with the policies that have a say, as JSON, and what we make of it.

use serde_json::{Map, Value as Json, json};
use why403::gates::aws::iam::{
    Ask, Caller, Context, Decision, Kind, Policies, Policy, Value, decide, read,
};
use why403::request::{Known, Reason};
use why403::syntax::document;

#[derive(Clone, Debug)]
pub struct Case {
    /// An ARN or a service; `None` for an anonymous caller.
    pub caller: Option<String>,
    pub action: String,
    pub resource: String,
    pub owner: String,
    pub context: Map<String, Json>,
    pub identity: Vec<Json>,
    pub boundary: Option<Json>,
    pub session: Option<Json>,
    pub policy: Option<Json>,
    pub control: Vec<Vec<Json>>,
    pub endpoint: Option<Json>,
}

/// What of a case is kept from us.
#[derive(Clone, Debug, Default)]
pub struct Hidden {
    pub keys: Vec<String>,
    pub identity: bool,
    pub boundary: bool,
    pub policy: bool,
    pub owner: bool,
}

impl Case {
    pub fn told(&self) -> Json {
        json!({
            "caller": self.caller,
            "action": self.action,
            "resource": self.resource,
            "owner": self.owner,
            "context": self.context,
            "identity": self.identity,
            "boundary": self.boundary,
            "session": self.session,
            "policy": self.policy,
            "control": self.control,
            "endpoint": self.endpoint,
        })
    }

    pub fn decided(&self, hidden: &Hidden) -> Decision {
        let identity = policies(&self.identity, Kind::Identity);
        let boundary = policies(&self.boundary, Kind::Identity);
        let session = policies(&self.session, Kind::Session);
        let resource = policies(&self.policy, Kind::Resource);
        let endpoint = policies(&self.endpoint, Kind::Resource);
        let control: Vec<Vec<Policy>> = self
            .control
            .iter()
            .map(|level| policies(level, Kind::Control))
            .collect();
        decide(
            &self.ask(hidden),
            &Policies {
                identity: known(identity.iter().collect(), hidden.identity),
                boundary: known(boundary.first(), hidden.boundary),
                session: Known::Is(session.iter().collect()),
                resource: known(resource.first(), hidden.policy),
                control: Known::Is(control.iter().map(|level| level.iter().collect()).collect()),
                endpoint: Known::Is(endpoint.first()),
            },
        )
    }

    fn ask(&self, hidden: &Hidden) -> Ask {
        let caller = match &self.caller {
            None => Caller::Anonymous,
            Some(name) => {
                Caller::from_arn(name).unwrap_or_else(|| Caller::Service(name.to_owned()))
            }
        };
        let mut context = Context::closed();
        for (key, value) in &self.context {
            let value = match value {
                Json::Array(values) => Value::Many(values.iter().map(text).collect()),
                one => Value::One(text(one)),
            };
            context.set(key, value);
        }
        for key in &hidden.keys {
            context.set(key, Value::Unknown(Reason::new("it is hidden")));
        }
        Ask {
            caller,
            action: self.action.clone(),
            resource: self.resource.clone(),
            owner: known(self.owner.clone(), hidden.owner),
            context,
        }
    }
}

fn known<T>(value: T, hidden: bool) -> Known<T> {
    match hidden {
        true => Known::Unknown(Reason::new("it is hidden")),
        false => Known::Is(value),
    }
}

fn text(value: &Json) -> String {
    value.as_str().expect("a text").to_owned()
}

fn policies<'j>(texts: impl IntoIterator<Item = &'j Json>, kind: Kind) -> Vec<Policy> {
    let read = |json: &Json| {
        let text = json.to_string();
        let document = document::parse(0, text.as_bytes()).expect("a document");
        let (policy, problems) = read(document.root().expect("a policy"), kind);
        let fatal = problems.iter().find(|problem| problem.fatal);
        assert!(fatal.is_none(), "{fatal:?}\n{text}");
        policy
    };
    texts.into_iter().map(read).collect()
}
