//! What this process has used, as Linux counts it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Seconds of this process, on all its threads, in user and kernel.
fn cpu_seconds() -> f64 {
    // Fields 14 and 15 of proc(5), counted from the end of the name, in which anything may stand.
    let stat = fs::read_to_string("/proc/self/stat").expect("a Linux system");
    let (_, rest) = stat.rsplit_once(')').expect("a name in brackets");
    let ticks: f64 = rest
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse::<f64>().expect("a number of ticks"))
        .sum();
    // USER_HZ is 100 on every architecture that Rust runs on.
    ticks / 100.0
}

/// The most memory that this process has ever had resident, in megabytes.
pub fn peak_megabytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("a Linux system");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("a line for the peak");
    let kibibytes: f64 = line
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .expect("a number");
    kibibytes * 1024.0 / 1e6
}

/// What one stage took.
pub struct Used {
    pub seconds: f64,
    pub cpu: f64,
}

pub fn measure<T>(stage: impl FnOnce() -> T) -> (T, Used) {
    let (begun, cpu) = (Instant::now(), cpu_seconds());
    let value = stage();
    let used = Used {
        seconds: begun.elapsed().as_secs_f64(),
        cpu: cpu_seconds() - cpu,
    };
    (value, used)
}

/// Runs the measurement in a process of its own, prints its line and returns its CPU seconds:
/// the least of three, for a machine is never idle.
pub fn best_of_three(title: &str, path: &Path) -> f64 {
    let program = std::env::current_exe().expect("the path of this program");
    let mut best: Option<(f64, String)> = None;
    for _ in 0..3 {
        let output = Command::new(&program)
            .arg("--child")
            .arg(path)
            .output()
            .expect("this program, once more");
        assert!(output.status.success(), "{output:?}");
        let line = String::from_utf8(output.stdout).expect("a line of figures");
        let cpu = line
            .split_whitespace()
            .next()
            .and_then(|figure| figure.parse().ok())
            .expect("a first figure");
        if best.as_ref().is_none_or(|(least, _)| cpu < *least) {
            best = Some((cpu, line));
        }
    }
    let (cpu, line) = best.expect("three runs");
    print!("{title:<24}{line}");
    cpu
}
