//! An account that holds each defect of AWS and a good twin of it, read with the real SDK and
//! judged by the real rules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Output;
use std::thread;

use serde_json::Value;
use tempfile::TempDir;
use why403::rules::RULES;
use why403::rules::page::Page;

use crate::emulator::{Emulator, Kind};

/// What an emulator cannot hold, so that the other one has to, and why.
const NOT_HELD: &[(Kind, &str, &str)] = &[
    (
        Kind::Moto,
        "apigw-options-authorized--default",
        NO_AUTHORIZERS,
    ),
    (
        Kind::Moto,
        "apigw-allow-headers-incomplete--http",
        NO_AUTHORIZERS,
    ),
    (Kind::Moto, "scope-not-granted", NO_AUTHORIZERS),
    (Kind::Moto, "iam-endpoint-unsigned--url", NO_URLS),
    (Kind::Moto, "function-url-permission-missing", NO_URLS),
    (
        Kind::Moto,
        "function-url-permission-missing--policy",
        NO_URLS,
    ),
    (
        Kind::Ministack,
        "invoke-not-allowed--boundary",
        "GetAccountAuthorizationDetails has no permissions boundaries",
    ),
    (
        Kind::Ministack,
        "private-dns-captures-public-api",
        "an endpoint forgets its private DNS",
    ),
    (
        Kind::Ministack,
        "egress-partly-allowed",
        "a NAT gateway has no addresses",
    ),
    (Kind::Ministack, "waf-body-limit", NO_WEB_ACL),
    (Kind::Ministack, "waf-blocks-machine-clients", NO_WEB_ACL),
];
const NO_AUTHORIZERS: &str = "GetAuthorizers of HTTP APIs is not there";
const NO_WEB_ACL: &str = "a stage does not say which web ACL it has";
const NO_URLS: &str = "ListFunctionUrlConfigs is not there";

/// What neither of them holds.
const NOT_PLANTED: &[(&str, &str)] = &[("egress-not-static", NO_OWNER)];
const NO_OWNER: &str =
    "no machine says that AWS owns its address; tests/aws_edge and its page hold it";

/// Findings that are neither planted nor false: (rule, what it is about, why it is there).
const OTHERS: &[(&str, &str, &str)] = &[
    (PRIVATE, "bad-egress-partly-allowed", OF_LOOPBACK),
    (PRIVATE, "good-egress-partly-allowed", OF_LOOPBACK),
];
const PRIVATE: &str = "private-range-in-public-allowlist";
const OF_LOOPBACK: &str = "moto lends addresses of this machine";

pub const REGIONS: &str = "eu-west-1,eu-central-1";
const AWS_GATES: [&str; 6] = [
    "apigateway",
    "cloudfront",
    "lambda-url",
    "load-balancer",
    "security-group",
    "waf",
];

/// The account, and a folder with the code that calls it.
pub struct Account {
    kind: Kind,
    pub emulator: Emulator,
    names: Names,
    pub folder: TempDir,
}

/// What the script says: the names of all, their ids, and their URLs.
struct Names {
    ids: BTreeMap<String, String>,
    all: BTreeSet<String>,
}

impl Account {
    pub fn plant(kind: Kind) -> Account {
        let emulator = Emulator::start(kind);
        let seeded = emulator.seed("planted");
        assert_eq!(seeded["failed"], serde_json::json!({}));
        let folder = tempfile::tempdir().unwrap();
        write_callers(folder.path(), &seeded["urls"]);
        Account {
            kind,
            emulator,
            names: Names::of(&seeded["ids"]),
            folder,
        }
    }

    fn run(&self, args: &[&str]) -> Output {
        self.emulator.why403(self.folder.path(), args)
    }

    fn report(&self, args: &[&str]) -> Value {
        let output = self.run(args);
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
    }

    /// What is found in the account as it is, and in the file that was made of it at the same time.
    fn findings(&self) -> Value {
        let fetched = ["--region", REGIONS, "--with-api-keys"];
        let audit = [&["audit", "--format", "json", "--strict"], &fetched[..]].concat();
        // Outside of the folder, which the audit reads.
        let elsewhere = tempfile::tempdir().unwrap();
        let file = elsewhere.path().join("aws.json");
        let written = [&["snapshot", "-o", file.to_str().unwrap()], &fetched[..]].concat();
        let (audit, written) = thread::scope(|scope| {
            let audit = scope.spawn(|| self.report(&audit));
            let written = scope.spawn(|| self.run(&written));
            (audit.join().unwrap(), written.join().unwrap())
        });
        assert!(written.status.success(), "{written:?}");
        let here = self.folder.path().join("aws.json");
        std::fs::copy(&file, &here).unwrap();
        let check = self.report(&["check", ".", "--format", "json", "--strict"]);
        assert_eq!(audit["findings"], check["findings"]);
        check["findings"].clone()
    }

    fn holds(&self, rule: &str) -> bool {
        let mut missing = NOT_HELD.iter();
        !missing.any(|(kind, name, _)| (*kind, *name) == (self.kind, rule))
    }

    /// Every defect is found by its rule, and nothing else is.
    fn is_judged_right(&self) {
        let findings = self.findings();
        let mut wrong = Vec::new();
        let mut found: BTreeSet<&str> = BTreeSet::new();
        for finding in findings.as_array().unwrap() {
            let rule = finding["rule"].as_str().unwrap();
            let about = self.names.named_by(finding);
            let is_other = OTHERS
                .iter()
                .any(|(other, name, _)| *other == rule && about.contains(name));
            match about.iter().collect::<Vec<_>>().as_slice() {
                [one] if rule_of(one) == Some(rule) => {
                    found.insert(one);
                }
                _ if is_other => {}
                _ => wrong.push(format!("{about:?}: {finding:#}")),
            }
        }
        for name in self
            .names
            .all
            .iter()
            .filter(|name| name.starts_with("bad-"))
        {
            let planted = name.trim_start_matches("bad-");
            if found.contains(name.as_str()) != self.holds(planted) {
                let other = if self.holds(planted) { "not " } else { "" };
                wrong.push(format!("{name} is {other}found"));
            }
        }
        assert!(wrong.is_empty(), "{:?}:\n{}", self.kind, wrong.join("\n"));
    }
}

impl Names {
    fn of(seeded: &Value) -> Names {
        let seeded = seeded.as_object().unwrap();
        let ids = seeded.iter().flat_map(|(name, ids)| {
            let ids = ids.as_array().unwrap().iter();
            ids.map(|id| (id.as_str().unwrap().to_owned(), name.clone()))
        });
        Names {
            ids: ids.collect(),
            all: seeded.keys().cloned().collect(),
        }
    }

    /// The planted things whose names or ids stand anywhere in a finding.
    fn named_by(&self, finding: &Value) -> BTreeSet<&str> {
        let mut finding = finding.clone();
        finding.as_object_mut().unwrap().remove("fingerprint");
        let text = finding.to_string();
        let by_id = self.ids.iter().filter(|(id, _)| has_word(&text, id));
        let by_name = self.all.iter().filter(|name| has_word(&text, name));
        let by_id = by_id.map(|(_, name)| name.as_str());
        by_id.chain(by_name.map(String::as_str)).collect()
    }
}

/// Whether it stands there by itself: a name may begin like another one.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |char: char| char.is_ascii_alphanumeric() || char == '-';
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

/// `bad-apigw-options-authorized--iam` is a defect for `apigw-options-authorized`.
fn rule_of(name: &str) -> Option<&str> {
    name.strip_prefix("bad-")?.split("--").next()
}

/// The files of `callers/`, with the URLs that the emulator has given.
fn write_callers(folder: &Path, urls: &Value) {
    let callers = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws_moto/callers");
    for file in std::fs::read_dir(callers).unwrap() {
        let path = file.unwrap().path();
        let mut text = std::fs::read_to_string(&path).unwrap();
        for (name, url) in urls.as_object().unwrap() {
            text = text.replace(&format!("${{{name}}}"), url.as_str().unwrap());
        }
        assert!(!text.contains("${"), "{}: {text}", path.display());
        std::fs::write(folder.join(path.file_name().unwrap()), text).unwrap();
    }
}

#[test]
fn planted_defects_are_found_in_moto() {
    Account::plant(Kind::Moto).is_judged_right();
}

#[test]
fn planted_defects_are_found_in_ministack() {
    let account = Account::plant(Kind::Ministack);
    account.is_judged_right();
    for (name, ids) in NOT_PLANTED {
        assert!(!account.names.all.contains(&format!("bad-{name}")), "{ids}");
    }
    has_every_rule(&account.names);
}

/// Each rule that looks at gates of AWS has a defect here, which an emulator holds, and a twin.
fn has_every_rule(names: &Names) {
    let names = &names.all;
    for rule in RULES {
        let page = Page::parse(rule.page).unwrap();
        let is_about_aws = page
            .gates
            .iter()
            .any(|gate| AWS_GATES.contains(&gate.as_str()));
        let is_elsewhere = NOT_PLANTED.iter().any(|(id, _)| *id == rule.id);
        if is_about_aws && !is_elsewhere {
            let mut planted = names.iter().filter(|name| rule_of(name) == Some(rule.id));
            let is_held = |name: &&String| {
                let defect = name.trim_start_matches("bad-");
                let missing = NOT_HELD.iter().filter(|(_, name, _)| *name == defect);
                missing.count() < 2
            };
            assert!(
                planted.any(|name| is_held(&name)),
                "{} is not planted",
                rule.id
            );
        }
    }
    for name in names.iter().filter_map(|name| name.strip_prefix("bad-")) {
        assert!(
            names.contains(&format!("good-{name}")),
            "{name} has no twin"
        );
    }
}
