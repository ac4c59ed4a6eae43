//! How long a whole check takes, and how much memory: `cargo bench --bench check`.
//!
//! Measured are a configuration of 1 MB and one of 10 MB in one file, and a folder with 2,000
//! small files. Each runs in a process of its own, so that its peak of memory is its own.

#[path = "support/process.rs"]
mod process;
#[path = "support/sites.rs"]
mod sites;

use std::fs;
use std::path::{Path, PathBuf};

use process::{Used, best_of_three, measure, peak_megabytes};
use sites::{HEAD, Random, one_file, site};
use why403::check::{Settings, check};
use why403::estate::{Estate, Input};
use why403::report::human;
use why403::report::text::Terminal;
use why403::rules::RULES;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PROJECTS: usize = 40;
const FILES_IN_PROJECT: usize = 50;

fn main() {
    let mut words = std::env::args().skip(1);
    if let (Some("--child"), Some(path)) = (words.next().as_deref(), words.next()) {
        return child(Path::new(&path));
    }
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let small = folder.path().join("small.conf");
    let large = folder.path().join("large.conf");
    fs::write(&small, one_file(1_000_000)).expect("room for 1 MB");
    fs::write(&large, one_file(10_000_000)).expect("room for 10 MB");
    let tree = folder.path().join("tree");
    write_tree(&tree);

    println!("                          CPU s   wall s  read  check  report  peak MB  MB/s  doors");
    let small = best_of_three("1 MB in one file", &small);
    let large = best_of_three("10 MB in one file", &large);
    best_of_three("2,000 files", &tree);
    println!(
        "\n10 times the input takes {:.1} times the CPU",
        large / small
    );
}

/// Does what `why403 check` does, and prints the figures.
fn child(path: &Path) {
    let known: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let input = Input::of(path).expect("an input");
    let (estate, reading) = measure(|| Estate::read(&[input], &known).expect("a readable input"));
    let (outcome, checking) = measure(|| check(&estate, RULES, &Settings::default()));
    let terminal = Terminal {
        colour: false,
        width: 80,
    };
    let (_, reporting) = measure(|| human::render(&outcome, &estate.sources, terminal, false));

    let fatal: Vec<_> = outcome.problems.iter().filter(|one| one.fatal).collect();
    assert!(fatal.is_empty(), "{fatal:?}");
    let stages = [&reading, &checking, &reporting];
    let sum = |figure: fn(&Used) -> f64| stages.into_iter().map(figure).sum::<f64>();
    let cpu = sum(|stage| stage.cpu);
    let megabytes = outcome.statistics.bytes as f64 / 1e6;
    println!(
        "{cpu:>7.2} {:>8.2} {:>5.2} {:>6.2} {:>7.2} {:>8.0} {:>5.1} {:>6}",
        sum(|stage| stage.seconds),
        reading.cpu,
        checking.cpu,
        reporting.cpu,
        peak_megabytes(),
        megabytes / cpu,
        outcome.statistics.doors,
    );
}

/// Projects side by side, each with a file to start from, sites, and what they share.
fn write_tree(root: &Path) {
    let mut random = Random::new(2000);
    let write = |path: PathBuf, text: String| {
        fs::create_dir_all(path.parent().unwrap_or(root)).expect("a folder");
        fs::write(path, text).expect("room for a small file");
    };
    for project in 0..PROJECTS {
        let folder = root.join(format!("project{project}"));
        write(
            folder.join("nginx.conf"),
            format!("events {{}}\nhttp {{\n{HEAD}    include conf.d/*.conf;\n}}\n"),
        );
        write(
            folder.join("fastcgi_params"),
            "fastcgi_param QUERY_STRING $query_string;\n\
             fastcgi_param REQUEST_METHOD $request_method;\n"
                .into(),
        );
        for number in 2..FILES_IN_PROJECT {
            write(
                folder.join(format!("conf.d/site{number}.conf")),
                site(&mut random, number),
            );
        }
    }
}
