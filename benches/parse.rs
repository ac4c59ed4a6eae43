//! How fast a configuration is parsed, on one core: `cargo bench --bench parse [-- FILE]`.

#[path = "support/sites.rs"]
mod sites;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use sites::one_file;
use why403::syntax::nginx::parse;

const ROUNDS: usize = 20;

fn main() {
    let file = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let text: Arc<[u8]> = match file {
        Some(path) => std::fs::read(path).expect("a file to parse").into(),
        None => one_file(10_000_000).into_bytes().into(),
    };
    let best = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            black_box(parse(0, Arc::clone(&text)));
            begun.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    let megabytes = text.len() as f64 / 1e6;
    println!("{megabytes:.1} MB at {:.0} MB/s", megabytes / best);
}
