//! One check of a folder or file, told apart by what it spends its time on.

use std::path::{Path, PathBuf};

use why403::check::{Outcome, Settings, check};
use why403::estate::{Estate, Input};
use why403::rules::RULES;

use crate::process::{Used, measure, peak_megabytes};

/// What stands above the lines; `doors` is what the ways in are called.
pub fn heading(doors: &str) {
    println!(
        "                          CPU s  wall s   read  doors  rules  peak MB    MB {doors:>7}"
    );
}

/// The path that this process was started for, if it is to measure.
pub fn child() -> Option<PathBuf> {
    let mut words = std::env::args().skip(1);
    match (words.next().as_deref(), words.next()) {
        (Some("--child"), Some(path)) => Some(PathBuf::from(path)),
        _ => None,
    }
}

/// Does what `why403 check` does, and prints the figures.
pub fn run(path: &Path) -> Outcome {
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
    outcome
}
