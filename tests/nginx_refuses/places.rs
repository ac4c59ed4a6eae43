//! The table of directives: each in every place, and with too few and too many parameters.

use why403::gates::nginx::directives::{self, Contexts, Spec};

use crate::sample::{self, FILLER};
use crate::verdict::{Lab, analyzer};

/// Not in nginx 1.22.1, or of a module that is not always there.
const ELSEWHERE: &[&str] = &[
    "add_header_inherit",
    "more_set_headers",
    "more_clear_headers",
];

/// A configuration with a hole for one directive, for each place.
const PLACES: &[(Contexts, &str)] = &[
    (directives::MAIN, "events {} @"),
    (directives::HTTP, "events {} http { ZONES @ }"),
    (
        directives::SERVER,
        "events {} http { ZONES server { SOCKET @ } }",
    ),
    (
        directives::LOCATION,
        "events {} http { ZONES server { SOCKET location /l/ { @ } } }",
    ),
    (
        directives::SERVER_IF,
        "events {} http { ZONES server { SOCKET if ($arg_a) { @ } } }",
    ),
    (
        directives::LOCATION_IF,
        "events {} http { ZONES server { SOCKET location /l/ { if ($arg_a) { @ } } } }",
    ),
    (
        directives::LIMIT_EXCEPT,
        "events {} http { ZONES server { SOCKET location /l/ { limit_except GET { @ } } } }",
    ),
    (directives::EVENTS, "events { @ } http {}"),
    (
        directives::UPSTREAM,
        "events {} http { upstream u { server 127.0.0.1:1; @ } }",
    ),
];

/// Directives of which a second one is refused for what it says.
const SECOND: &[&str] = &["listen", "valid_referers"];

fn specs() -> impl Iterator<Item = &'static Spec> {
    directives::all()
        .iter()
        .filter(|spec| !ELSEWHERE.contains(&spec.name))
        .filter(|spec| !["http", "events"].contains(&spec.name))
}

fn configuration(place: &str, spec: &Spec, args: &[&str]) -> String {
    let mut line = spec.name.to_string();
    for arg in args {
        line.push(' ');
        line.push_str(arg);
    }
    line.push_str(match spec.block {
        true => sample::body(spec.name),
        false => ";",
    });
    place.replace('@', &line)
}

fn disagreement(lab: &Lab, text: &str) -> Option<String> {
    let filled = sample::fill(text);
    let (theirs, ours) = (lab.nginx(&filled), analyzer(&filled));
    (theirs != ours).then(|| format!("{text}\n  nginx:  {theirs:?}\n  why403: {ours:?}"))
}

fn report(disagreements: &[String]) {
    assert!(
        disagreements.is_empty(),
        "{} disagreements:\n{}",
        disagreements.len(),
        disagreements.join("\n")
    );
}

#[test]
fn each_directive_in_each_place() {
    let lab = Lab::open();
    let mut found = Vec::new();
    for spec in specs() {
        for (context, place) in PLACES {
            // A group has a directive of this name of its own.
            if *context == directives::UPSTREAM && spec.name == "server" {
                continue;
            }
            let text = configuration(place, spec, sample::args(spec.name));
            found.extend(disagreement(&lab, &text));
        }
    }
    report(&found);
}

#[test]
fn each_directive_with_too_few_and_too_many_parameters() {
    let lab = Lab::open();
    let mut found = Vec::new();
    for spec in specs() {
        let Some((_, place)) = PLACES
            .iter()
            .find(|(context, _)| spec.contexts & context != 0)
        else {
            continue;
        };
        let known = sample::args(spec.name);
        let counts = [
            spec.min_args.checked_sub(1),
            Some(spec.min_args),
            Some(spec.max_args).filter(|max| *max < 8),
            spec.max_args.checked_add(1),
        ];
        for count in counts.into_iter().flatten() {
            let mut args: Vec<&str> = known.to_vec();
            args.resize(count, FILLER);
            // What a parameter too many says is another question than what it means.
            if args.contains(&FILLER) && count <= spec.max_args {
                continue;
            }
            let text = configuration(place, spec, &args);
            found.extend(disagreement(&lab, &text));
        }
    }
    report(&found);
}

#[test]
fn each_flag_with_another_word_and_each_directive_twice() {
    let lab = Lab::open();
    let mut found = Vec::new();
    for spec in specs().filter(|spec| !spec.block && !SECOND.contains(&spec.name)) {
        let Some((_, place)) = PLACES
            .iter()
            .rev()
            .find(|(context, _)| spec.contexts & context != 0)
        else {
            continue;
        };
        let once = configuration("@", spec, sample::args(spec.name));
        let twice = place.replace('@', &format!("{once} {once}"));
        found.extend(disagreement(&lab, &twice));
        if spec.flag {
            found.extend(disagreement(&lab, &configuration(place, spec, &["yes"])));
        }
    }
    report(&found);
}
