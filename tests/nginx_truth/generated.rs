//! The generated cases.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::analyzer;
use crate::case::{Case, Exchange};
use crate::compare::{Difference, Outcome, compare};
use crate::expect::describe;
use crate::generator::{Generated, generate};
use crate::server::{Lab, Observation};
use crate::shrink::{Small, shrink};
use crate::tree::{Node, render};
use crate::unknown;

/// Requests to one configuration.
const REQUESTS: u64 = 10;
/// How many disagreements of one kind are made small and written down.
const EXAMPLES: usize = 2;
/// In so many of a hundred cases the analyzer may say that it cannot know.
const MAX_UNKNOWN_PERCENT: f64 = 2.0;
/// So many of a hundred configurations may be ones that nginx refuses.
const MAX_REFUSED_PERCENT: f64 = 10.0;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[derive(Default)]
struct Tally {
    configurations: u64,
    refused: u64,
    /// The configurations with which nginx crashed: there is nothing to agree with.
    crashes: Vec<u64>,
    cases: u64,
    reached: u64,
    /// What nginx answered; 0 for a connection that it closed.
    statuses: BTreeMap<u16, u64>,
    /// Cases of which the analyzer does not know the course, by why.
    unknown: BTreeMap<String, u64>,
    /// Cases in which it does not know a value, and those values by why.
    part_unknown: u64,
    unknown_values: BTreeMap<String, u64>,
    /// By kind: how often, and where examples were written.
    differences: BTreeMap<String, (u64, Vec<PathBuf>)>,
    broken: Vec<String>,
}

impl Tally {
    /// The share of cases in which the analyzer leaves anything open.
    fn unknown_percent(&self) -> f64 {
        let unknown = self.unknown.values().sum::<u64>() + self.part_unknown;
        percent(unknown, self.cases)
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    part as f64 * 100.0 / whole.max(1) as f64
}

struct Run {
    seed: u64,
    folder: PathBuf,
    next: AtomicU64,
    end: u64,
    tally: Mutex<Tally>,
}

#[test]
fn generated_cases_agree() {
    let seed = setting("WHY403_SEED").unwrap_or(403);
    let cases = setting("WHY403_CASES").unwrap_or(2000);
    let only = setting("WHY403_CASE");
    let run = Run {
        seed,
        folder: Path::new(env!("CARGO_TARGET_TMPDIR")).join("nginx_truth"),
        next: AtomicU64::new(only.unwrap_or(0)),
        end: only.map_or(cases.div_ceil(REQUESTS), |number| number + 1),
        tally: Mutex::default(),
    };
    fs::create_dir_all(&run.folder).expect("a folder for disagreements");
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| run.work());
        }
    });
    let tally = run.tally.into_inner().expect("no worker panicked");
    // Not through `print!`, which shows nothing of a test that passes.
    let report = report(seed, &tally);
    io::stderr()
        .write_all(report.as_bytes())
        .expect("a terminal");
    judge(seed, &tally);
}

fn report(seed: u64, tally: &Tally) -> String {
    let mut text = format!(
        "seed {seed}: {} cases of {} configurations ({} refused by nginx), {} reached a server \
         behind nginx, {:.2} % unknown ({} courses, and {} with an unknown value)\n",
        tally.cases,
        tally.configurations,
        tally.refused,
        tally.reached,
        tally.unknown_percent(),
        tally.unknown.values().sum::<u64>(),
        tally.part_unknown,
    );
    if !tally.crashes.is_empty() {
        text.push_str(&format!("  nginx crashed in {:?}\n", tally.crashes));
    }
    text.push_str(&format!("  statuses {:?}\n", tally.statuses));
    for (reason, count) in &tally.unknown {
        text.push_str(&format!("  unknown {count}: {reason}\n"));
    }
    for (reason, count) in &tally.unknown_values {
        text.push_str(&format!("  unknown value {count}: {reason}\n"));
    }
    for (kind, (count, examples)) in &tally.differences {
        text.push_str(&format!("  differs {count}: {kind}\n"));
        for path in examples {
            text.push_str(&format!("      {}\n", path.display()));
        }
    }
    for broken in &tally.broken {
        text.push_str(&format!("  broken: {broken}\n"));
    }
    text
}

fn judge(seed: u64, tally: &Tally) {
    assert!(tally.cases > 0, "no case was compared");
    assert!(tally.broken.is_empty(), "some cases could not be run");
    assert!(
        tally.differences.is_empty(),
        "nginx and the analyzer disagree, with WHY403_SEED={seed}; see above"
    );
    let mut reasons = tally.unknown.keys().chain(tally.unknown_values.keys());
    let strange = reasons.find(|reason| !unknown::is_allowed(reason));
    assert_eq!(strange, None, "something else is unknown than what may be");
    let unknown = tally.unknown_percent();
    assert!(unknown < MAX_UNKNOWN_PERCENT, "{unknown} % are unknown");
    let refused = percent(tally.refused, tally.configurations);
    assert!(refused < MAX_REFUSED_PERCENT, "{refused} % are refused");
}

impl Run {
    fn work(&self) {
        let lab = Lab::open().expect("a folder and ports");
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.end {
                return;
            }
            self.case(&lab, number);
        }
    }

    fn tally(&self, change: impl FnOnce(&mut Tally)) {
        change(&mut self.tally.lock().expect("no worker panicked"));
    }

    fn case(&self, lab: &Lab, number: u64) {
        let case = generate(self.seed, number, REQUESTS as usize);
        self.tally(|tally| tally.configurations += 1);
        let differences = match self.exchanges(lab, number, &case) {
            Ok(differences) => differences,
            Err(problem) => {
                return self.tally(|tally| tally.broken.push(format!("{number}: {problem}")));
            }
        };
        for (exchange, difference) in differences {
            self.record(lab, number, &case.config, exchange, difference);
        }
    }

    fn exchanges<'g>(
        &self,
        lab: &Lab,
        number: u64,
        case: &'g Generated,
    ) -> Result<Vec<(&'g Exchange, Difference)>, String> {
        let mut nginx = match lab.start(&render(&case.config)) {
            Ok(nginx) => nginx,
            Err(refused) => {
                if setting("WHY403_CASE").is_some() {
                    println!(
                        "{}\n{number}: nginx refuses: {}",
                        render(&case.config),
                        refused.0
                    );
                }
                self.tally(|tally| tally.refused += 1);
                return Ok(Vec::new());
            }
        };
        let analyzer = analyzer::read(lab.folder())?;
        let mut differences = Vec::new();
        for exchange in &case.exchanges {
            let seen = nginx.observe(exchange).map_err(|error| error.to_string())?;
            if seen.response.status.is_none() && nginx.has_died() {
                self.tally(|tally| tally.crashes.push(number));
                break;
            }
            let outcome = compare(lab, &analyzer, exchange, &seen);
            self.tally(|tally| {
                tally.cases += 1;
                let status = seen.response.status.unwrap_or_default();
                *tally.statuses.entry(status).or_default() += 1;
                tally.reached += u64::from(!seen.received.is_empty());
                match outcome {
                    Outcome::Agree(open) => {
                        tally.part_unknown += u64::from(!open.is_empty());
                        for reason in open {
                            *tally.unknown_values.entry(reason).or_default() += 1;
                        }
                    }
                    Outcome::Unknown(reason) => *tally.unknown.entry(reason).or_default() += 1,
                    Outcome::Differ(difference) => differences.push((exchange, difference)),
                }
            });
        }
        Ok(differences)
    }

    /// Counts a disagreement, and writes it down in its smallest form if there is room.
    fn record(
        &self,
        lab: &Lab,
        number: u64,
        config: &[Node],
        exchange: &Exchange,
        difference: Difference,
    ) {
        let kind = difference.kind.clone();
        let path = self
            .folder
            .join(format!("{}-{number}-{}.conf", self.seed, slug(&kind)));
        let mut first = false;
        self.tally(|tally| {
            let (count, examples) = tally.differences.entry(kind).or_default();
            *count += 1;
            first = examples.len() < EXAMPLES && !examples.contains(&path);
            if first {
                examples.push(path.clone());
            }
        });
        if !first {
            return;
        }
        let small = shrink(
            Small {
                config: config.to_vec(),
                exchange: exchange.clone(),
                difference,
            },
            &|config, exchange| differs(lab, config, exchange).map(|(difference, _)| difference),
        );
        let seen = differs(lab, &small.config, &small.exchange).map(|(_, seen)| describe(&seen));
        let text = self.text(number, &small, &seen.unwrap_or_default());
        if let Err(error) = fs::write(&path, &text) {
            self.tally(|tally| tally.broken.push(format!("{}: {error}", path.display())));
        }
    }

    fn text(&self, number: u64, small: &Small, seen: &str) -> String {
        let difference = &small.difference;
        let mut about = vec![
            format!("WHY403_SEED={} WHY403_CASE={number}", self.seed),
            format!("differs: {}", difference.kind),
            format!("the analyzer says: {}", difference.expected),
            format!("nginx does: {}", difference.seen),
        ];
        about.extend(seen.lines().map(str::to_string));
        Case {
            about,
            config: render(&small.config),
            exchanges: vec![small.exchange.clone()],
        }
        .to_string()
    }
}

/// The disagreement of one case, if nginx takes it and there is one.
fn differs(lab: &Lab, config: &[Node], exchange: &Exchange) -> Option<(Difference, Observation)> {
    let mut nginx = lab.start(&render(config)).ok()?;
    let analyzer = analyzer::read(lab.folder()).ok()?;
    let seen = nginx.observe(exchange).ok()?;
    if seen.response.status.is_none() && nginx.has_died() {
        return None;
    }
    match compare(lab, &analyzer, exchange, &seen) {
        Outcome::Differ(difference) => Some((difference, seen)),
        Outcome::Agree(_) | Outcome::Unknown(_) => None,
    }
}

/// A kind as part of a file name.
fn slug(kind: &str) -> String {
    let mut slug: String = kind
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    slug.truncate(60);
    slug
}
