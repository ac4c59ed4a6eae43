//! How long Express applications take to be read and to be checked: `cargo bench --bench express`.
//!
//! Reading is parsing and walking through the program; doors are examples of requests, each of
//! which has to reach its route; rules send their own requests to each door.

#[path = "support/apps.rs"]
mod apps;
#[path = "support/process.rs"]
mod process;
#[path = "support/staged.rs"]
mod staged;

use apps::{write_layers, write_routes};
use process::best_of_three;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUTERS: usize = 100;

fn main() {
    if let Some(path) = staged::child() {
        let outcome = staged::run(&path);
        assert!(outcome.statistics.unprobed.is_empty());
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let layers = folder.path().join("layers");
    write_layers(&layers);
    staged::heading("routes");
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
