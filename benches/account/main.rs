//! How long a snapshot of a large account takes to be read and to be checked:
//! `cargo bench --bench account`. 300 REST APIs with 25 resources and two stages each, and 5,000
//! security groups, in 20 regions; and the same with machines, balancers and web ACLs beside them.

#[path = "../support/process.rs"]
mod process;
mod snapshot;
#[path = "../support/staged.rs"]
mod staged;

use std::fs;

use process::best_of_three;

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    if let Some(path) = staged::child() {
        staged::run(&path);
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    staged::heading("doors");
    for (title, is_whole) in [
        ("300 APIs, 5,000 groups", false),
        ("with all around them", true),
    ] {
        let path = folder.path().join("account.json");
        fs::write(&path, snapshot::write(is_whole)).expect("a file to be written");
        best_of_three(title, &path);
    }
}
