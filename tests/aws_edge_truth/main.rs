//! Differential test: what the gates of load balancers, distributions and function URLs say of a
//! request must be what the data plane of the emulator `ministack` does with it, which is somebody
//! else's reading of the same documentation.
//!
//! Accounts and requests are made by chance. `WHY403_SEED` and `WHY403_CASES` choose others; a
//! request that fails prints all of it. What the emulator is known to leave out stands in `judge`.

mod generator;
mod judge;
#[path = "../ministack/mod.rs"]
mod ministack;

use std::collections::BTreeMap;

use generator::Generator;
use judge::Judged;
use ministack::Script;

/// Accounts in a usual run, each with some dozens of requests.
const CASES: u64 = 16;

/// How many differences are told.
const MOST_TOLD: usize = 5;

fn number(name: &str, usual: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn it_does_as_we_say() {
    let seed = number("WHY403_SEED", 403);
    let cases = number("WHY403_CASES", CASES);
    let mut emulator = Script::start("aws_edge_truth/emulator.py");
    let mut failures = Vec::new();
    let mut same: BTreeMap<String, usize> = BTreeMap::new();
    let mut excepted: BTreeMap<&str, usize> = BTreeMap::new();
    for number in 0..cases {
        let plan = Generator::new(seed, number).plan();
        let said = emulator.ask(&plan);
        let estate = judge::estate(&said);
        let requests = plan["requests"].as_array().expect("requests");
        let answers = said["answers"].as_array().expect("answers");
        assert_eq!(requests.len(), answers.len());
        for (request, answer) in requests.iter().zip(answers) {
            match judge::judge(&estate, &said, request, answer) {
                Ok(Judged::Same(what)) => *same.entry(what).or_default() += 1,
                Ok(Judged::Excepted(name)) => *excepted.entry(name).or_default() += 1,
                Err(difference) => {
                    failures.push(format!(
                        "seed {seed} case {number}: {request}\n{difference}"
                    ));
                }
            }
        }
    }
    println!("{same:#?}\n{excepted:#?}");
    let count: usize = same.values().sum();
    assert!(
        failures.is_empty(),
        "{} of {} differ; the first:\n{}",
        failures.len(),
        count + failures.len(),
        failures[..failures.len().min(MOST_TOLD)].join("\n\n")
    );
    if cases >= CASES {
        assert!(count >= 500, "only {count} were compared");
        let expected = [
            "balancer 302",
            "balancer 401",
            "balancer 403",
            "balancer forwarded",
            "distribution 403",
            "distribution forwarded",
            "function 200",
            "function 403",
        ];
        for kind in expected {
            assert!(same.contains_key(kind), "nothing like {kind}: {same:#?}");
        }
    }
}
