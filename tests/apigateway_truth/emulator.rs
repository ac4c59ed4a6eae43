//! The emulator that we are held against, in a process of its own.

use std::collections::HashMap;

use serde_json::Value as Json;

use crate::case::Case;
use crate::ministack::Script;

pub struct Emulator {
    script: Script,
    upstream: String,
}

/// What came of a case.
pub struct Said {
    /// The account, as a snapshot.
    pub snapshot: Json,
    /// Of each label of an API the id, of each name the ARN of who signs.
    names: Json,
    pub upstream: String,
    pub answers: Vec<Answer>,
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Emulator {
    pub fn start() -> Emulator {
        let mut script = Script::start("apigateway_truth/emulator.py");
        let started = script.hear();
        Emulator {
            script,
            upstream: started["upstream"].as_str().expect("a URL").to_owned(),
        }
    }

    /// Makes the account and sends the requests.
    pub fn play(&mut self, case: &Case) -> Said {
        let said = self.script.ask(&case.told());
        let answers = said["answers"].as_array().expect("answers").iter();
        Said {
            answers: answers.map(answer).collect(),
            snapshot: said["snapshot"].clone(),
            upstream: self.upstream.clone(),
            names: said,
        }
    }
}

impl Said {
    pub fn id(&self, label: &str) -> &str {
        self.names["ids"][label].as_str().expect("an API")
    }

    /// The label of the API whose id stands at the end of the name of a gate.
    pub fn label(&self, gate: &str) -> &str {
        let ids = self.names["ids"].as_object().expect("ids");
        let is_it = |id: &Json| gate.ends_with(&format!("({})", id.as_str().unwrap_or_default()));
        let mut labels = ids.iter().filter(|(_, id)| is_it(id));
        labels.next().expect("an API of the account").0
    }

    pub fn arn(&self, name: &str) -> String {
        self.names["arns"][name]
            .as_str()
            .expect("an ARN")
            .to_owned()
    }
}

fn answer(said: &Json) -> Answer {
    let headers = said["headers"].as_object().into_iter().flatten();
    Answer {
        status: said["status"]
            .as_u64()
            .and_then(|status| status.try_into().ok())
            .unwrap_or(0),
        headers: headers
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
        body: said["body"].as_str().unwrap_or_default().to_owned(),
    }
}
