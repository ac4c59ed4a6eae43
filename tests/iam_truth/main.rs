//! Differential test: what `gates/aws/iam` decides must be what the package
//! `@cloud-copilot/iam-simulate` decides, which is somebody else's reading of the same documentation.
//!
//! Policies and requests are made by chance. `WHY403_SEED` and `WHY403_CASES` choose others, and
//! `WHY403_CASE` repeats one; a case that fails prints all of it.

mod case;
mod cases;
mod generator;
mod shrink;
mod simulator;

use why403::gates::aws::iam::Decision;

use case::{Case, Hidden};
use generator::Generator;
use simulator::{Simulator, Verdict};

/// How many differences are made small and told.
const MOST_TOLD: usize = 3;

/// Cases in a usual run.
const CASES: u64 = 3000;

fn number(name: &str, usual: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn it_decides_as_we_do() {
    let seed = number("WHY403_SEED", 403);
    let cases = number("WHY403_CASES", CASES);
    let only = std::env::var("WHY403_CASE").ok();
    let mut simulator = Simulator::start();
    let mut tally = Tally::default();
    let mut differ = 0;
    let mut failures = Vec::new();
    for number in 0..cases {
        if only
            .as_ref()
            .is_some_and(|only| *only != number.to_string())
        {
            continue;
        }
        let mut generator = Generator::new(seed, number);
        let case = generator.case();
        let verdict = match simulator.decide(&case) {
            Ok(verdict) => verdict,
            Err(error) => panic!("seed {seed} case {number}: {error}\n{:#}", case.told()),
        };
        tally.count(verdict);
        let hidden = generator.hidden(&case);
        for hidden in [Hidden::default(), hidden] {
            let decision = case.decided(&hidden);
            tally.unknown(&decision, &hidden);
            if !agree(&decision, verdict) {
                differ += 1;
                if failures.len() < MOST_TOLD {
                    let place = format!("seed {seed} case {number}");
                    failures.push(told(&place, &case, &hidden, &mut simulator));
                }
            }
        }
    }
    println!("{tally:?}");
    assert!(
        failures.is_empty(),
        "{differ} of {cases} differ; the first:\n{}",
        failures.join("\n\n")
    );
    if only.is_none() {
        tally.is_worth_it(cases);
    }
}

#[test]
fn named_cases_are_as_they_were_seen() {
    let mut simulator = Simulator::start();
    let mut wrong = Vec::new();
    for named in cases::cases() {
        let package = simulator.decide(&named.case);
        let package = package.unwrap_or_else(|error| panic!("{}: {error}", named.name));
        let decision = named.case.decided(&Hidden::default());
        let ours = match &decision {
            Decision::Unknown { .. } => None,
            _ => VERDICTS.into_iter().find(|one| agree(&decision, *one)),
        };
        if (package, ours) != (named.package, named.ours) {
            wrong.push(format!(
                "{}: {package:?}, and we say {decision:?}",
                named.name
            ));
        }
        assert_eq!(
            named.ours == Some(named.package),
            named.because.is_none(),
            "{}: a difference has a reason",
            named.name
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const VERDICTS: [Verdict; 3] = [
    Verdict::Allowed,
    Verdict::ExplicitlyDenied,
    Verdict::ImplicitlyDenied,
];

/// What we do not know, nothing contradicts.
fn agree(decision: &Decision, verdict: Verdict) -> bool {
    match decision {
        Decision::Allowed { .. } => verdict == Verdict::Allowed,
        Decision::Denied { .. } => verdict == Verdict::ExplicitlyDenied,
        Decision::NotAllowed { doubt: None, .. } => verdict == Verdict::ImplicitlyDenied,
        Decision::NotAllowed { doubt: Some(_), .. } => verdict != Verdict::Allowed,
        Decision::Unknown { .. } => true,
    }
}

/// A difference, made small.
fn told(place: &str, case: &Case, hidden: &Hidden, simulator: &mut Simulator) -> String {
    let case = shrink::shrink(case.clone(), |case| {
        let verdict = simulator.decide(case);
        verdict.is_ok_and(|verdict| !agree(&case.decided(hidden), verdict))
    });
    format!(
        "{place}\nwe say   {:?}\nit says  {:?}\nhidden   {hidden:?}\n{:#}",
        case.decided(hidden),
        simulator.decide(&case),
        case.told()
    )
}

#[derive(Debug, Default)]
struct Tally {
    allowed: u64,
    explicitly_denied: u64,
    implicitly_denied: u64,
    /// Although nothing was hidden.
    unknown: u64,
    known_though_hidden: u64,
    hidden: u64,
}

impl Tally {
    fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Allowed => self.allowed += 1,
            Verdict::ExplicitlyDenied => self.explicitly_denied += 1,
            Verdict::ImplicitlyDenied => self.implicitly_denied += 1,
        }
    }

    fn unknown(&mut self, decision: &Decision, hidden: &Hidden) {
        let unknown = u64::from(matches!(decision, Decision::Unknown { .. }));
        if hidden.keys.is_empty() {
            self.unknown += unknown;
        } else {
            self.hidden += 1;
            self.known_though_hidden += 1 - unknown;
        }
    }

    /// All kinds of answers come, and we have most of them.
    fn is_worth_it(&self, cases: u64) {
        assert!(cases < 1000 || self.allowed * 10 > cases, "{self:?}");
        assert!(
            cases < 1000 || self.explicitly_denied * 10 > cases,
            "{self:?}"
        );
        assert!(
            cases < 1000 || self.implicitly_denied * 10 > cases,
            "{self:?}"
        );
        assert!(self.unknown * 20 <= cases, "{self:?}");
        assert!(self.known_though_hidden * 4 >= self.hidden, "{self:?}");
    }
}
