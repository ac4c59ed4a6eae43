//! What we say of a request, held against what the emulator did with it.

use serde_json::Value;
use why403::estate::{Estate, Input};
use why403::gate::{Course, End, Gate};
use why403::request::{Headers, Known, Reason, Request, Scheme};

#[derive(Debug)]
pub enum Judged {
    /// In short: `balancer 403`.
    Same(String),
    /// The emulator is known to do otherwise.
    Excepted(&'static str),
}

pub fn estate(said: &Value) -> Estate {
    let input = Input::Snapshot {
        name: "account.json".to_owned(),
        text: said["snapshot"].to_string().into_bytes().into(),
    };
    let estate = Estate::read(&[input], &[]).expect("an estate");
    assert!(estate.problems.is_empty(), "{:?}", estate.problems);
    estate
}

pub fn judge(
    estate: &Estate,
    said: &Value,
    request: &Value,
    answer: &Value,
) -> Result<Judged, String> {
    let to = request["to"].as_str().unwrap_or_default();
    let (gate, kind): (&dyn Gate, &str) = match to {
        "balancer" => (&estate.aws.load_balancers[0], "balancer"),
        "distribution" => (&estate.aws.distributions[0], "distribution"),
        name => {
            let host = said["names"][name].as_str().expect("a host");
            let asked = built(request, host);
            let mut gates = estate.aws.gates();
            let found = gates.find(|gate| gate.knows(&asked) == why403::gate::Knowledge::Named);
            (found.expect("the URL's gate"), "function")
        }
    };
    let host = request["host"].as_str().or(said["names"][to].as_str());
    let sent = built(request, host.expect("a host"));
    let courses = gate.pass(&sent);
    let course = &courses[0];
    let status = answer["status"].as_u64().unwrap_or(0);
    let reached = answer["reached"] == true;
    let ours = outcome(course);
    let seen = match reached {
        true => "forwarded".to_owned(),
        false => status.to_string(),
    };
    let told = || {
        let steps: Vec<String> = course
            .steps
            .iter()
            .map(|one| one.effect.to_string())
            .collect();
        format!(
            "we say {ours}, ministack {seen}: {answer}\n{steps:#?}\n{}",
            said["snapshot"]
        )
    };
    if ours != seen {
        // One right is enough there.
        let second = course.steps.iter().any(|step| {
            step.effect.to_string().contains("lambda:InvokeFunction")
                && !step.effect.to_string().contains("InvokeFunctionUrl")
        });
        if kind == "function" && ours == "403" && seen == "200" && second {
            return Ok(Judged::Excepted("the second right to a function URL"));
        }
        return Err(told());
    }
    if kind == "distribution" && reached && sent.method != "HEAD" {
        return same_request(estate, course, &sent, &answer["echo"])
            .map(|found| found.unwrap_or(Judged::Same(format!("{kind} {seen}"))))
            .map_err(|difference| format!("{difference}\n{}", told()));
    }
    Ok(Judged::Same(format!("{kind} {seen}")))
}

fn outcome(course: &Course) -> String {
    match &course.end {
        End::Answered { status, .. } => match status {
            Known::Is(status) => status.to_string(),
            Known::Unknown(_) => "unknown".to_owned(),
        },
        End::Forwarded { .. } => "forwarded".to_owned(),
        // The function answers so.
        End::Handled { .. } => "200".to_owned(),
        End::Dropped { .. } => "dropped".to_owned(),
        End::Unknown { because, .. } => format!("unknown: {because}"),
    }
}

/// Whether the origin gets what we say.
fn same_request(
    estate: &Estate,
    course: &Course,
    came: &Request,
    echo: &Value,
) -> Result<Option<Judged>, String> {
    let End::Forwarded { request, .. } = &course.end else {
        return Err("it does not go on".to_owned());
    };
    let target = request.target.to_string();
    if echo["target"] != target.as_str() {
        return Err(format!(
            "we say {target}, the origin gets {}",
            echo["target"]
        ));
    }
    let distribution = &estate.aws.distributions[0];
    let mut doors = distribution.doors().iter();
    let door = doors.find(|door| Some(door.id) == course.door());
    let is_legacy = door.is_some_and(|door| distribution.behavior(door).forwards.legacy);
    for name in ["authorization", "x-api-key", "origin", "cookie", "host"] {
        let ours = match request.headers.get(name) {
            Some(Known::Is(value)) => Some(value.to_string()),
            Some(Known::Unknown(reason)) => Some(format!("unknown: {reason}")),
            None if name == "host" => Some(request.host.clone()),
            None => None,
        };
        let seen = echo["headers"][name].as_str().map(str::to_owned);
        if ours == seen {
            continue;
        }
        let is_write = !matches!(came.method.as_str(), "GET" | "HEAD");
        match (name, &ours, &seen) {
            ("authorization", Some(_), None) if is_write => {
                return Ok(Some(Judged::Excepted(
                    "the Authorization header of a write",
                )));
            }
            ("x-api-key" | "origin", Some(_), None) if is_legacy => {
                return Ok(Some(Judged::Excepted(
                    "other headers by the older settings",
                )));
            }
            _ => return Err(format!("{name}: we say {ours:?}, the origin gets {seen:?}")),
        }
    }
    Ok(None)
}

fn built(request: &Value, host: &str) -> Request {
    let mut headers = Headers::default();
    let mut scheme = Scheme::Http;
    for pair in request["headers"].as_array().into_iter().flatten() {
        match (pair[0].as_str(), pair[1].as_str()) {
            // The emulator's way to say that a viewer came by TLS.
            (Some("X-Forwarded-Proto"), _) => scheme = Scheme::Https,
            (Some(name), Some(value)) => headers.push(name, value),
            _ => {}
        }
    }
    let signer = request["signer"].as_str();
    Request {
        method: request["method"].as_str().unwrap_or("GET").to_owned(),
        scheme,
        host: host.to_owned(),
        port: scheme.default_port(),
        target: request["target"].as_str().unwrap_or("/").into(),
        headers,
        from: Known::Unknown(Reason::new("the test does not say")),
        body: 0,
        sent_at: None,
        signed_by: signer.map(|name| Known::Is(format!("arn:aws:iam::000000000000:user/{name}"))),
        vpc_endpoint: None,
    }
}
