//! How long Express applications take to be read and to be checked: `cargo bench --bench express`.
//!
//! Reading is parsing and walking through the program; doors are examples of requests, each of
//! which has to reach its route; rules send their own requests to each door.

#[path = "support/apps.rs"]
mod apps;
#[path = "support/process.rs"]
mod process;

use std::path::Path;

use apps::{write_layers, write_routes};
use process::{Used, best_of_three, measure, peak_megabytes};
use why403::check::{Settings, check};
use why403::estate::{Estate, Input};
use why403::rules::RULES;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUTERS: usize = 100;

fn main() {
    let mut words = std::env::args().skip(1);
    if let (Some("--child"), Some(path)) = (words.next().as_deref(), words.next()) {
        return child(Path::new(&path));
    }
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let layers = folder.path().join("layers");
    write_layers(&layers);
    println!("                          CPU s  wall s   read  doors  rules  peak MB    MB  routes");
    best_of_three("100 files, 1,000 lines", &layers);
    let mut figures = Vec::new();
    for routes in [1_000, 2_000, 4_000, 16_000] {
        let app = folder.path().join(routes.to_string());
        write_routes(&app, routes, ROUTERS);
        figures.push(best_of_three(&format!("{routes} routes"), &app));
    }
    println!(
        "\n16 times the routes take {:.1} times the CPU",
        figures[3] / figures[0]
    );
}

/// Does what `why403 check` does, and prints the figures.
fn child(path: &Path) {
    let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let input = Input::of(path).expect("an input");
    let (estate, reading) = measure(|| Estate::read(&[input], &known).expect("a readable input"));
    let routes = || estate.gates().map(|gate| gate.doors().len()).sum::<usize>();
    let (routes, doors) = measure(routes);
    let (outcome, rules) = measure(|| check(&estate, RULES, &Settings::default()));
    let fatal: Vec<_> = outcome.problems.iter().filter(|one| one.fatal).collect();
    assert!(fatal.is_empty(), "{fatal:?}");
    assert!(outcome.statistics.unprobed.is_empty());
    let stages = [&reading, &doors, &rules];
    let sum = |figure: fn(&Used) -> f64| stages.into_iter().map(figure).sum::<f64>();
    println!(
        "{:>7.2} {:>7.2} {:>6.2} {:>6.2} {:>6.2} {:>8.0} {:>5.1} {routes:>7}",
        sum(|stage| stage.cpu),
        sum(|stage| stage.seconds),
        reading.cpu,
        doors.cpu,
        rules.cpu,
        peak_megabytes(),
        outcome.statistics.bytes as f64 / 1e6,
    );
}
