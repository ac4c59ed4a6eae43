//! Where in a configuration a file belongs, judged by what stands at its top.

use crate::gates::nginx::include::Files;
use crate::syntax::nginx::Tree;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Context {
    Location,
    Server,
    Http,
    Main,
}

/// The outermost context that one of the file's directives demands.
pub fn infer(files: &Files, entry: &Tree) -> Context {
    let mut context = Context::Location;
    for directive in entry.directives() {
        context = context.max(demanded(&directive.name()));
        if *directive.name() == *b"include" {
            for tree in files.resolve(directive).files {
                for included in tree.directives() {
                    context = context.max(demanded(&included.name()));
                }
            }
        }
    }
    context
}

fn demanded(name: &[u8]) -> Context {
    match name {
        b"http" | b"events" | b"stream" | b"mail" | b"worker_processes" | b"pid" | b"user"
        | b"load_module" => Context::Main,
        b"server"
        | b"upstream"
        | b"map"
        | b"geo"
        | b"split_clients"
        | b"limit_req_zone"
        | b"limit_conn_zone"
        | b"log_format"
        | b"proxy_cache_path"
        | b"server_names_hash_bucket_size" => Context::Http,
        b"listen" | b"server_name" | b"location" | b"ssl_certificate" => Context::Server,
        _ => Context::Location,
    }
}
