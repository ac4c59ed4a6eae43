//! What this process has used, as Linux counts it.

use std::fs;
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
