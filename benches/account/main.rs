//! How long a snapshot of a large account takes to be read and to be checked:
//! `cargo bench --bench account`. 300 REST APIs with 25 resources and two stages each, and 5,000
//! security groups, in 20 regions; and the same with machines, balancers and web ACLs beside them.

#[path = "../support/process.rs"]
mod process;
mod snapshot;

use std::fs;
use std::path::Path;

use process::{Used, best_of_three, measure, peak_megabytes};
use why403::check::{Settings, check};
use why403::estate::{Estate, Input};
use why403::rules::RULES;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut words = std::env::args().skip(1);
    if let (Some("--child"), Some(path)) = (words.next().as_deref(), words.next()) {
        return child(Path::new(&path));
    }
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    println!("                          CPU s  wall s   read  doors  rules  peak MB    MB   doors");
    for (title, is_whole) in [
        ("300 APIs, 5,000 groups", false),
        ("with all around them", true),
    ] {
        let path = folder.path().join("account.json");
        fs::write(&path, snapshot::write(is_whole)).expect("a file to be written");
        best_of_three(title, &path);
    }
}

/// Does what `why403 check` does, and prints the figures.
fn child(path: &Path) {
    let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let input = Input::of(path).expect("an input");
    let (estate, reading) = measure(|| Estate::read(&[input], &known).expect("a readable input"));
    let count = || estate.gates().map(|gate| gate.doors().len()).sum::<usize>();
    let (count, doors) = measure(count);
    let (outcome, rules) = measure(|| check(&estate, RULES, &Settings::default()));
    let fatal: Vec<_> = outcome.problems.iter().filter(|one| one.fatal).collect();
    assert!(fatal.is_empty(), "{fatal:?}");
    let stages = [&reading, &doors, &rules];
    let sum = |figure: fn(&Used) -> f64| stages.into_iter().map(figure).sum::<f64>();
    println!(
        "{:>7.2} {:>7.2} {:>6.2} {:>6.2} {:>6.2} {:>8.0} {:>5.1} {count:>7}",
        sum(|stage| stage.cpu),
        sum(|stage| stage.seconds),
        reading.cpu,
        doors.cpu,
        rules.cpu,
        peak_megabytes(),
        outcome.statistics.bytes as f64 / 1e6,
    );
}
