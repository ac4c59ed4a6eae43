//! Rule groups of AWS, as far as their documentation says what they look for: limits of size, and
//! what programs say of themselves. That a plain request has no attack in it is taken for granted.
//!
//! <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html>

use bstr::ByteSlice;

use super::judge::{Ended, Judge};
use super::model::{Action, ManagedGroup, Rule};
use crate::gate::{Check, Effect, Unsure};
use crate::request::Request;

/// A rule of a managed group that goes by what is plain to see.
pub struct Limit {
    pub rule: &'static str,
    label: &'static str,
    pub check: Check,
    /// What is wrong with a request that it fits.
    pub told: &'static str,
    fits: fn(&Request) -> bool,
}

/// The core rule set
/// (<https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html>).
pub const COMMON: &str = "AWSManagedRulesCommonRuleSet";
const COMMON_LABELS: &str = "awswaf:managed:aws:core-rule-set:";

static COMMON_RULES: [Limit; 6] = [
    Limit {
        rule: "NoUserAgent_HEADER",
        label: "NoUserAgent_Header",
        check: Check::Condition,
        told: "it has no User-Agent",
        // Who says nothing of it sends one.
        fits: |request| user_agent(request).is_some_and(|agent| agent.is_empty()),
    },
    Limit {
        rule: "UserAgent_BadBots_HEADER",
        label: "BadBots_Header",
        check: Check::Condition,
        told: "its User-Agent is one of scanners",
        fits: |request| {
            let agent = user_agent(request).unwrap_or_default();
            ["nessus", "nmap"].iter().any(|bad| agent.contains(bad))
        },
    },
    Limit {
        rule: "SizeRestrictions_QUERYSTRING",
        label: "SizeRestrictions_QueryString",
        check: Check::Size,
        told: "its query is longer than 2,048 bytes",
        fits: |request| {
            let query = request.target.split_once_str("?");
            query.is_some_and(|(_, query)| query.len() > 2_048)
        },
    },
    Limit {
        rule: "SizeRestrictions_Cookie_HEADER",
        label: "SizeRestrictions_Cookie_Header",
        check: Check::Size,
        told: "its cookies are longer than 10,240 bytes",
        fits: |request| {
            let cookies = request.headers.all("Cookie");
            let length: usize = cookies.filter_map(|one| Some(one.known()?.len())).sum();
            length > 10_240
        },
    },
    Limit {
        rule: "SizeRestrictions_BODY",
        label: "SizeRestrictions_Body",
        check: Check::Size,
        told: "its body is longer than 8,192 bytes",
        fits: |request| request.body > 8_192,
    },
    Limit {
        rule: "SizeRestrictions_URIPATH",
        label: "SizeRestrictions_URIPath",
        check: Check::Size,
        told: "its path is longer than 1,024 bytes",
        fits: |request| request.path().len() > 1_024,
    },
];

/// (<https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-bot.html>)
pub const BOT_CONTROL: &str = "AWSManagedRulesBotControlRuleSet";
const BOT_LABELS: &str = "awswaf:managed:aws:bot-control:";

static BOT_RULES: [Limit; 2] = [
    Limit {
        rule: "CategoryHttpLibrary",
        label: "bot:category:http_library",
        check: Check::Condition,
        told: "its User-Agent is one of an HTTP library",
        fits: |request| user_agent(request).is_some_and(|agent| is_http_library(&agent)),
    },
    Limit {
        rule: "SignalNonBrowserUserAgent",
        label: "signal:non_browser_user_agent",
        check: Check::Condition,
        told: "its User-Agent is none of a browser",
        fits: |request| user_agent(request).is_some_and(|agent| !agent.starts_with("mozilla/")),
    },
];

/// What the libraries and tools say that most programs call with.
const LIBRARIES: [&str; 14] = [
    "curl/",
    "wget/",
    "axios/",
    "node-fetch",
    "got (",
    "python-requests/",
    "python-urllib",
    "python-httpx/",
    "aiohttp",
    "go-http-client/",
    "okhttp/",
    "java/",
    "apache-httpclient/",
    "ruby",
];

pub fn is_http_library(agent: &str) -> bool {
    let agent = agent.to_ascii_lowercase();
    LIBRARIES.iter().any(|library| agent.contains(library))
}

/// The rules of a group that go by what is plain to see.
pub fn common_limits(group: &ManagedGroup) -> &'static [Limit] {
    match group.name.as_str() {
        _ if group.vendor != "AWS" => &[],
        COMMON => &COMMON_RULES,
        BOT_CONTROL => &BOT_RULES,
        _ => &[],
    }
}

/// Groups that go by lists of addresses
/// (<https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-ip-rep.html>).
const LISTS: [(&str, &str, &str); 2] = [
    (
        "AWSManagedRulesAmazonIpReputationList",
        "awswaf:managed:aws:amazon-ip-list:",
        "AWS's list of addresses with a bad name",
    ),
    (
        "AWSManagedRulesAnonymousIpList",
        "awswaf:managed:aws:anonymous-ip-list:",
        "AWS's list of anonymizers and hosting providers",
    ),
];

fn user_agent(request: &Request) -> Option<String> {
    let value = request.headers.get("User-Agent")?.known()?;
    Some(value.to_str_lossy().to_ascii_lowercase())
}

impl<'a> Judge<'a, '_> {
    pub(super) fn managed(&mut self, rule: &'a Rule, group: &'a ManagedGroup) -> Option<Ended> {
        if let Some(within) = &group.within
            && !self.fits(within, rule, false)
        {
            return None;
        }
        let acl = &self.acl.name;
        if let Some((_, labels, list)) = LISTS.iter().find(|(name, ..)| *name == group.name) {
            self.passed.push(labels);
            let what = Unsure::AddressIn((*list).to_owned());
            if !self.run.oracle.decide(what, Some(rule.span), false) {
                return None;
            }
            // Which of its rules it is, and what was set for it, is not known.
            if !group.overrides.0.is_empty() {
                return None;
            }
            let detail = format!(
                "{} of the web ACL {acl} has the sender's address",
                group.name
            );
            return self.act(&Action::Block(None), rule.span, Check::Address, detail);
        }
        let labels = match group.name.as_str() {
            COMMON => COMMON_LABELS,
            _ => BOT_LABELS,
        };
        let mut ended = None;
        for limit in common_limits(group) {
            if !(limit.fits)(self.run.request) {
                continue;
            }
            self.labels.push(format!("{labels}{}", limit.label));
            let action = group.overrides.of(limit.rule);
            let action = action.unwrap_or(&Action::Block(None));
            let detail = format!(
                "{}, which {} of {} in the web ACL {acl} looks for",
                limit.told, limit.rule, group.name
            );
            ended = self.act(action, rule.span, limit.check, detail);
            if ended.is_some() {
                break;
            }
        }
        if ended.is_none() {
            if group.name == BOT_CONTROL {
                self.passed.push(BOT_LABELS);
            }
            let text = format!("{} is taken to find nothing in it", group.name);
            self.run.step(rule.span, Effect::Note(text));
        }
        ended
    }
}
