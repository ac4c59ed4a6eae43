//! The generated cases.

use crate::generator::generate;
use crate::server::Lab;
use crate::tree::render;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

#[test]
fn generated_cases_agree() {
    let seed = number("WHY403_SEED", 403);
    let cases = number("WHY403_CASES", 2000) / 10;
    let lab = Lab::open().expect("lab");
    let mut refused = 0;
    let mut statuses = std::collections::BTreeMap::new();
    let mut reached = 0;
    for n in 0..cases {
        let case = generate(seed, n, 10);
        match lab.start(&render(&case.config)) {
            Err(r) => {
                refused += 1;
                println!("{n}: {}", r.0.trim());
            }
            Ok(nginx) => {
                for e in &case.exchanges {
                    match nginx.observe(e) {
                        Ok(seen) => {
                            *statuses.entry(seen.response.status).or_insert(0) += 1;
                            if !seen.received.is_empty() {
                                reached += 1;
                            }
                        }
                        Err(e) => println!("{n}: io {e}"),
                    }
                }
            }
        }
    }
    println!("refused {refused} of {cases}; reached {reached}; {statuses:?}");
}
