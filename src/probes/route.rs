//! Requests for the routes of an Express application.

use super::{BASIC, BEARER};
use crate::estate::Estate;
use crate::gate::{Course, Door, End, Gate};
use crate::gates::express::Express;
use crate::request::Request;

/// Where a cookie is looked at.
const COOKIE: &str = "session=why403-probe";
const KEY: &str = "why403-probe";
pub const CSRF: &str = "X-CSRF-Token";

/// The applications that start: what does not answers nothing.
pub fn running(estate: &Estate) -> impl Iterator<Item = &Express> {
    let apps = estate.express.iter();
    apps.filter(|app| app.refusals().is_empty())
}

/// Each way into an application, with a request for it, be it that none gets there.
pub fn routes(app: &Express) -> impl Iterator<Item = (&Door, &Request)> {
    app.doors().iter().filter_map(|door| {
        let stopped = || app.stopped(door.id);
        Some((door, door.example.as_ref().ok().or_else(stopped)?))
    })
}

/// A request without a credential, with each kind of one, and with all that a session may bring;
/// each with the header that makes a preflight necessary. A cookie makes none necessary, and is
/// enough for most sessions.
pub fn forms(app: &Express, page: &Request) -> Vec<(Option<String>, Request)> {
    let with = |headers: &[(&str, &str)]| {
        let mut request = page.clone();
        for (name, value) in headers {
            request.headers.push(*name, *value);
        }
        request
    };
    let session = [("Cookie", COOKIE), (CSRF, KEY)];
    let authorization = || Some("authorization".to_owned());
    let mut forms = vec![
        (None, page.clone()),
        (None, with(&[("Cookie", COOKIE)])),
        (authorization(), with(&[("Authorization", BEARER)])),
        (authorization(), with(&[("Authorization", BASIC)])),
    ];
    for name in app.api_keys() {
        forms.push((Some(name.to_ascii_lowercase()), with(&[(name, KEY)])));
    }
    forms.push((Some(CSRF.to_ascii_lowercase()), with(&session)));
    let both = [("Authorization", BEARER), session[0], session[1]];
    forms.push((authorization(), with(&both)));
    forms
}

/// The likeliest way of a request.
pub fn likeliest(app: &Express, request: &Request) -> Option<Course> {
    app.pass(request).into_iter().next()
}

/// How many routes of an application are tried by way of one proxy.
const MAX_ROUTES: usize = 64;

/// Requests that may lead through the proxy to each route of the application behind: as the
/// example goes, and with what stands before its path.
pub fn through<'e>(
    behind: &'e Express,
    example: &'e Request,
    sent: &Course,
) -> impl Iterator<Item = Request> + use<'e> {
    let sent_path = match &sent.end {
        End::Forwarded { request, .. } => request.path().to_string(),
        _ => String::new(),
    };
    let asked = example.path().to_string();
    let mount = asked.strip_suffix(sent_path.trim_start_matches('/'));
    let mount = mount.unwrap_or_default().trim_end_matches('/').to_owned();
    let of_route = move |route: &Request, prefix: &str| Request {
        method: route.method.clone(),
        target: format!("{prefix}{}", route.target).into(),
        ..example.clone()
    };
    let all = routes(behind).take(MAX_ROUTES);
    let all = all.flat_map(move |(_, route)| [of_route(route, &mount), of_route(route, "")]);
    std::iter::once(example.clone()).chain(all)
}
