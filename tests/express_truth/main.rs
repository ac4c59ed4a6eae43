//! Differential test: what `gates/express` says of a stack must be what real Express does with it,
//! in version 4 and in version 5, with the real packages.
//!
//! Stacks and requests are made by chance. `WHY403_SEED` and `WHY403_CASES` choose others; a case that
//! fails prints its seed, its manifest and its request.

mod ask;
mod cases;
mod generator;
mod server;

use serde_json::{Value, json};
use why403::gate::{Condition, Course, End, Gate, Unsure};
use why403::gates::express::Express;
use why403::gates::express::read::manifest;
use why403::request::{Headers, Known, Request, Scheme};
use why403::syntax::document;

use ask::Ask;
use generator::Generator;
use server::{Answer, Server};

/// Stacks for each version in a usual run.
const CASES: u64 = 2500;

fn number(name: &str, usual: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn express_4_does_what_we_say() {
    compare(4);
}

#[test]
fn express_5_does_what_we_say() {
    compare(5);
}

#[test]
fn named_cases_are_as_they_were_seen() {
    for version in [4, 5] {
        let mut server = Server::start(version);
        for case in cases::cases() {
            let manifest = json!({
                "manifest": "express/v1",
                "express": version,
                "stack": case.stack,
            });
            let express = read(&manifest.to_string());
            let answers = server.answer(&manifest, &case.asks);
            let answers = answers.unwrap_or_else(|refused| panic!("{}: {refused}", case.name));
            assert_eq!(answers.len(), case.seen.len(), "{}", case.name);
            for ((ask, answer), seen) in case.asks.iter().zip(&answers).zip(case.seen) {
                let origin = answer.headers.get("access-control-allow-origin");
                let observed = (answer.status, origin.map(String::as_str));
                let place = format!("Express {version}, {}: {}", case.name, ask.shown());
                assert_eq!(observed, *seen, "{place}");
                if let Err(difference) = judge(&express, ask, answer) {
                    panic!("{place}\n{difference}");
                }
            }
        }
    }
}

fn compare(version: u8) {
    let seed = number("WHY403_SEED", 403);
    let cases = number("WHY403_CASES", CASES);
    let only = std::env::var("WHY403_CASE").ok();
    let mut server = Server::start(version);
    let (mut asked, mut unknown) = (0, 0);
    let mut failures = Vec::new();
    for case in 0..cases {
        if only.as_ref().is_some_and(|only| *only != case.to_string()) {
            continue;
        }
        let mut generator = Generator::new(seed, case, version);
        let manifest = generator.manifest();
        let asks = generator.requests();
        let text = manifest.to_string();
        let express = read(&text);
        let answers = match server.answer(&manifest, &asks) {
            Ok(answers) => {
                assert!(
                    express.refusals().is_empty(),
                    "seed {seed} case {case}: it starts, and we say {:?}\n{text}",
                    express.refusals()
                );
                answers
            }
            Err(refused) => {
                assert!(
                    !express.refusals().is_empty(),
                    "seed {seed} case {case}: it does not start, {refused}\n{text}"
                );
                continue;
            }
        };
        for (ask, answer) in asks.iter().zip(&answers) {
            asked += 1;
            match judge(&express, ask, answer) {
                Ok(Judged::Same) => {}
                Ok(Judged::Unknown) => unknown += 1,
                Err(difference) => failures.push(format!(
                    "seed {seed} case {case}: {}\n{difference}\n{text}",
                    ask.shown()
                )),
            }
        }
    }
    println!("Express {version}: {asked} requests, {unknown} not known");
    assert!(
        failures.is_empty(),
        "{} of {asked} differ; the first:\n{}",
        failures.len(),
        failures[..failures.len().min(3)].join("\n\n")
    );
    assert!(
        only.is_some() || asked >= cases * 2,
        "only {asked} requests were compared"
    );
    assert!(unknown * 50 <= asked, "{unknown} of {asked} are not known");
}

fn read(text: &str) -> Express {
    let document = document::parse(0, text.as_bytes()).expect("a document");
    let (app, problems) = manifest::read(&document, "manifest.json");
    assert!(problems.is_empty(), "{problems:?}\n{text}");
    Express::new(app.expect("an app"))
}

enum Judged {
    Same,
    Unknown,
}

fn judge(express: &Express, ask: &Ask, answer: &Answer) -> Result<Judged, String> {
    let courses = express.pass(&request(ask));
    let true_ones: Vec<&Course> = courses
        .iter()
        .filter(|course| course.conditions.iter().all(|one| holds(one, ask)))
        .collect();
    let [course] = true_ones.as_slice() else {
        let conditions: Vec<_> = courses.iter().map(|course| &course.conditions).collect();
        return Err(format!(
            "{} courses fit, of {conditions:#?}",
            true_ones.len()
        ));
    };
    let status = match &course.end {
        End::Answered { status, .. } => status.known().copied(),
        End::Handled { .. } => Some(200),
        End::Unknown { .. } => return Ok(Judged::Unknown),
        // The server to which proxies send it answers so whatever comes.
        End::Forwarded { .. } => Some(200),
        other => return Err(format!("it ends with {other:?}")),
    };
    let mut said = vec![("status", status.map(|status| status.to_string()))];
    let mut seen = vec![("status", Some(answer.status.to_string()))];
    for name in server::CORS_HEADERS {
        let header = course
            .response_headers()
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name.as_bytes()));
        let observed = answer.headers.get(name).cloned();
        let own = "https://upstream.test".to_owned();
        let of_upstream = match &course.end {
            // It sends a header of its own, for which that of the proxy makes room.
            End::Forwarded { response, .. } if answers_with(ask, name) => {
                assert!(response.yields, "{}", ask.shown());
                Some(own)
            }
            _ => None,
        };
        let value = header.map(|header| match &header.value {
            Known::Is(value) => value.to_string(),
            // Whatever it is, it is there.
            Known::Unknown(_) => observed.clone().unwrap_or_else(|| "something".into()),
        });
        said.push((name, of_upstream.or(value)));
        seen.push((name, observed));
    }
    if let End::Forwarded { request, .. } = &course.end {
        let echo = answer.headers.get("x-echo");
        let echo = echo.map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
        for (name, value) in proxied(request, ask) {
            let observed = echo[name].as_str().map(str::to_owned);
            let value = value.map(|value| match value {
                Known::Is(value) => value,
                Known::Unknown(_) => observed.clone().unwrap_or_else(|| "something".into()),
            });
            said.push((name, value));
            seen.push((name, observed));
        }
    }
    match said == seen {
        true => Ok(Judged::Same),
        false => Err(format!(
            "we say    {said:?}\nExpress   {seen:?}\nsteps     {:#?}",
            course
                .steps
                .iter()
                .map(|step| step.effect.to_string())
                .collect::<Vec<_>>()
        )),
    }
}

/// Whether the server behind a proxy puts this header on its answer.
fn answers_with(ask: &Ask, name: &str) -> bool {
    let asks = |(name, _): &(String, String)| name == "X-Upstream-Cors";
    name == "access-control-allow-origin" && ask.headers.iter().any(asks)
}

/// What of a request that was sent on is compared.
fn proxied(request: &Request, ask: &Ask) -> Vec<(&'static str, Option<Known<String>>)> {
    let header = |name: &str| {
        let value = request.headers.get(name)?;
        Some(value.clone().map(|value| as_asked(&value.to_string(), ask)))
    };
    let host = header("Host").map(|host| {
        host.map(|host| match host.as_str() {
            "upstream.test" => host,
            _ => "<client>".into(),
        })
    });
    vec![
        ("path", Some(Known::Is(request.target.to_string()))),
        ("host", host),
        ("authorization", header("Authorization")),
        ("x-service", header("X-Service")),
        ("x-forwarded-for", header("X-Forwarded-For")),
    ]
}

/// A header that went through, as the request has it.
fn as_asked(value: &str, ask: &Ask) -> String {
    let mut asked = ask.headers.iter().map(|(_, value)| value);
    let same = asked.find(|asked| with_token(asked, &ask.claims()) == value);
    same.map_or(value.to_owned(), String::clone)
}

/// Whether a condition is as the harness has it: tokens are right or wrong as the request says.
fn holds(condition: &Condition, ask: &Ask) -> bool {
    let truth = match &condition.what {
        Unsure::CredentialRight(by) => ask.is_right_for(by),
        Unsure::Granted(ways) => ask.grants(ways),
        Unsure::LimitReached { .. } => false,
        // Only the hand-written check of a token puts somebody on the request.
        Unsure::Test { text, .. } if text.contains(" puts ") => {
            !text.contains("req.cookies") && !text.contains("req.session")
        }
        Unsure::IsDirectory(_) => true,
        Unsure::IsFile(path) => matches!(path.as_str(), "/a" | "/orders"),
        Unsure::Test { text, .. } if text.contains(" changes ") => ask
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("x-api-key")),
        Unsure::Test { text, .. } if text.ends_with("skips it") => ask.method == "OPTIONS",
        Unsure::Test { text, .. } if text.starts_with("that the origin that corsAllow") => true,
        Unsure::Test { text, .. } if text.starts_with("that the origin that cors") => false,
        Unsure::Test { text, .. } if text.ends_with("makes an error of another origin") => {
            text.starts_with("that corsFail")
        }
        other => panic!("a condition that no case has: {other:?}"),
    };
    condition.holds == truth
}

fn request(ask: &Ask) -> Request {
    let mut headers = Headers::default();
    for (name, value) in &ask.headers {
        headers.push(name.as_str(), with_token(value, &ask.claims()));
    }
    Request {
        method: ask.method.clone(),
        scheme: Scheme::Http,
        host: "127.0.0.1".into(),
        port: 3000,
        target: ask.path.as_str().into(),
        headers,
        from: Known::Is(ask.from.parse().unwrap()),
        body: 0,
        // Long after the year 1970, in which a token of the test expires.
        sent_at: Some(1_800_000_000),
        signed_by: None,
        vpc_endpoint: None,
    }
}

/// The token as it is seen by whoever does not look at its signature.
fn with_token(value: &str, claims: &Value) -> String {
    let token = || {
        let parts = [json!({ "alg": "HS256" }), claims.clone()];
        let parts = parts.map(|part| base64url(part.to_string().as_bytes()));
        format!("{}.{}.x", parts[0], parts[1])
    };
    match value.split_once('<') {
        Some((before, _)) => format!("{before}{}", token()),
        None => value.to_owned(),
    }
}

fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| {
            bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0))
        });
        for at in 0..=chunk.len() {
            out.push(LETTERS[(bits >> (18 - 6 * at)) as usize & 63] as char);
        }
    }
    out
}

/// A request as the server takes it.
fn told(ask: &Ask) -> Value {
    json!({
        "method": ask.method,
        "path": ask.path,
        "headers": ask.headers,
        "from": ask.from,
    })
}
