//! Differential test: what `gates/aws/apigateway` says of a request must be what the data plane of
//! the emulator `ministack` answers, which is somebody else's reading of the same documentation.
//!
//! Accounts and requests are made by chance. `WHY403_SEED` and `WHY403_CASES` choose others, and
//! `WHY403_CASE` repeats one; a request that fails prints all of it.

mod case;
mod cases;
mod emulator;
mod exceptions;
mod generator;
mod judge;
#[path = "../ministack/mod.rs"]
mod ministack;

use std::collections::BTreeMap;

use emulator::Emulator;
use exceptions::Exception;
use generator::Generator;
use judge::Judged;

/// Accounts in a usual run, each with some dozens of requests.
const CASES: u64 = 12;

/// How many differences are told.
const MOST_TOLD: usize = 5;

fn number(name: &str, usual: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn it_answers_as_we_say() {
    let seed = number("WHY403_SEED", 403);
    let cases = number("WHY403_CASES", CASES);
    let only = std::env::var("WHY403_CASE").ok();
    let mut emulator = Emulator::start();
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    for number in 0..cases {
        if only
            .as_ref()
            .is_some_and(|only| *only != number.to_string())
        {
            continue;
        }
        let case = Generator::new(seed, number).case();
        let said = emulator.play(&case);
        let estate = judge::estate(&said);
        assert_eq!(said.answers.len(), case.asks.len());
        for (ask, answer) in case.asks.iter().zip(&said.answers) {
            match judge::judge(&estate, &case, ask, &said, answer) {
                Ok(judged) => tally.count(&judged),
                Err(difference) => failures.push(format!(
                    "seed {seed} case {number}: {}\n{difference}\n{}",
                    ask.told(),
                    case.api(&ask.api),
                )),
            }
        }
    }
    println!("{tally:#?}");
    assert!(
        failures.is_empty(),
        "{} of {} differ; the first:\n{}",
        failures.len(),
        tally.asked() + failures.len(),
        failures[..failures.len().min(MOST_TOLD)].join("\n\n")
    );
    if only.is_none() && cases >= CASES {
        tally.is_worth_it();
    }
}

#[test]
fn named_cases_are_as_they_were_seen() {
    let mut emulator = Emulator::start();
    let mut wrong = Vec::new();
    for named in cases::cases() {
        let said = emulator.play(&named.case);
        let estate = judge::estate(&said);
        for ((ask, answer), seen) in named.case.asks.iter().zip(&said.answers).zip(&named.seen) {
            let place = format!("{}: {}", named.name, ask.told());
            if answer.status != *seen {
                wrong.push(format!("{place}: {} {}", answer.status, answer.body));
            }
            let judged = judge::judge(&estate, &named.case, ask, &said, answer);
            match (judged, named.excepted) {
                (Ok(Judged::Same { .. }), None) => {}
                (Ok(Judged::Excepted(one)), Some(expected)) if one.name == expected => {}
                (judged, _) => wrong.push(format!("{place}: {judged:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for Exception { name, because, .. } in &exceptions::ALL {
        let mut named = cases::cases().into_iter();
        assert!(
            named.any(|case| case.excepted == Some(name)),
            "no case has {name} ({because})"
        );
    }
}

#[derive(Debug, Default)]
struct Tally {
    same: usize,
    by_status: BTreeMap<u16, usize>,
    unknown: usize,
    excepted: BTreeMap<&'static str, usize>,
}

impl Tally {
    fn count(&mut self, judged: &Judged) {
        match judged {
            Judged::Same { status } => {
                self.same += 1;
                *self.by_status.entry(*status).or_default() += 1;
            }
            Judged::Unknown => self.unknown += 1,
            Judged::Excepted(one) => *self.excepted.entry(one.name).or_default() += 1,
        }
    }

    fn asked(&self) -> usize {
        self.same + self.unknown + self.excepted.values().sum::<usize>()
    }

    /// Enough was compared, and all kinds of answers came.
    fn is_worth_it(&self) {
        assert!(self.same >= 200, "{self:#?}");
        assert!(self.unknown * 20 <= self.asked(), "{self:#?}");
        for status in [200, 401, 403, 404] {
            let count = self.by_status.get(&status).copied().unwrap_or(0);
            assert!(count * 50 >= self.asked(), "{status}: {self:#?}");
        }
    }
}
