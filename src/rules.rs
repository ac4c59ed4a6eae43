//! The rules: each a page that documents it and a function that finds it.

mod address;
mod call;
mod credential;
pub mod page;
mod preflight;

pub use address::{may_be_answered, speaks_of};
pub use preflight::Exchange;

use crate::estate::Estate;
use crate::finding::Finding;
use crate::probes::Visit;
use page::{Page, PageError};

/// One rule. What a reader should know of it stands on its page.
pub struct Rule {
    /// Kebab-case, never changed: it stands in suppressions and dashboards.
    pub id: &'static str,
    /// The folder of its page.
    pub question: Question,
    /// The Markdown page, `rules/<question>/<id>.md`.
    pub page: &'static str,
    pub check: Judge,
}

/// What a rule looks at.
#[derive(Clone, Copy)]
pub enum Judge {
    /// All that was read.
    Estate(fn(&Estate, &mut Vec<Finding>)),
    /// One door.
    Door(fn(&Visit<'_>, &mut Vec<Finding>)),
    /// What a page of another origin and a door say to each other.
    Page(fn(&Exchange<'_>, &mut Vec<Finding>)),
}

/// Every rule, in the order of the four questions.
pub static RULES: &[Rule] = &[
    Rule {
        id: credential::authorization_stripped::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/authorization-stripped.md"),
        check: Judge::Door(credential::authorization_stripped::check),
    },
    Rule {
        id: credential::authorization_overwritten::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/authorization-overwritten.md"),
        check: Judge::Door(credential::authorization_overwritten::check),
    },
    Rule {
        id: credential::authorization_not_inherited::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/authorization-not-inherited.md"),
        check: Judge::Door(credential::authorization_not_inherited::check),
    },
    Rule {
        id: credential::authorization_contended::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/authorization-contended.md"),
        check: Judge::Door(credential::authorization_contended::check),
    },
    Rule {
        id: credential::hide_header_on_request::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/hide-header-on-request.md"),
        check: Judge::Door(credential::hide_header_on_request::check),
    },
    Rule {
        id: credential::authorization_sent_to_signed_url::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/authorization-sent-to-signed-url.md"),
        check: Judge::Door(credential::authorization_sent_to_signed_url::check),
    },
    Rule {
        id: credential::upstream_host_rewritten::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/upstream-host-rewritten.md"),
        check: Judge::Door(credential::upstream_host_rewritten::check),
    },
    Rule {
        id: credential::upstream_host_invalid::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/upstream-host-invalid.md"),
        check: Judge::Door(credential::upstream_host_invalid::check),
    },
    Rule {
        id: credential::upstream_sni_missing::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/upstream-sni-missing.md"),
        check: Judge::Door(credential::upstream_sni_missing::check),
    },
    Rule {
        id: preflight::preflight_denied::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/preflight-denied.md"),
        check: Judge::Page(preflight::preflight_denied::check),
    },
    Rule {
        id: preflight::preflight_unanswered_headers::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/preflight-unanswered-headers.md"),
        check: Judge::Page(preflight::preflight_unanswered_headers::check),
    },
    Rule {
        id: preflight::cors_headers_lost::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-headers-lost.md"),
        check: Judge::Page(preflight::cors_headers_lost::check),
    },
    Rule {
        id: preflight::cors_only_on_preflight::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-only-on-preflight.md"),
        check: Judge::Page(preflight::cors_only_on_preflight::check),
    },
    Rule {
        id: preflight::cors_missing_on_errors::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-missing-on-errors.md"),
        check: Judge::Page(preflight::cors_missing_on_errors::check),
    },
    Rule {
        id: preflight::cors_authorization_not_allowed::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-authorization-not-allowed.md"),
        check: Judge::Page(preflight::cors_authorization_not_allowed::check),
    },
    Rule {
        id: preflight::cors_wildcard_with_credentials::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-wildcard-with-credentials.md"),
        check: Judge::Page(preflight::cors_wildcard_with_credentials::check),
    },
    Rule {
        id: preflight::cors_origin_duplicated::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-origin-duplicated.md"),
        check: Judge::Page(preflight::cors_origin_duplicated::check),
    },
    Rule {
        id: preflight::cors_origin_invalid::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-origin-invalid.md"),
        check: Judge::Page(preflight::cors_origin_invalid::check),
    },
    Rule {
        id: address::egress_not_allowed::ID,
        question: Question::Address,
        page: include_str!("../rules/address/egress-not-allowed.md"),
        check: Judge::Estate(address::egress_not_allowed::check),
    },
    Rule {
        id: address::allowlist_sees_proxy::ID,
        question: Question::Address,
        page: include_str!("../rules/address/allowlist-sees-proxy.md"),
        check: Judge::Estate(address::allowlist_sees_proxy::check),
    },
    Rule {
        id: address::real_ip_header_unknown::ID,
        question: Question::Address,
        page: include_str!("../rules/address/real-ip-header-unknown.md"),
        check: Judge::Estate(address::real_ip_header_unknown::check),
    },
    Rule {
        id: address::allow_after_deny_all::ID,
        question: Question::Address,
        page: include_str!("../rules/address/allow-after-deny-all.md"),
        check: Judge::Door(address::allow_after_deny_all::check),
    },
    Rule {
        id: address::address_mask_misleading::ID,
        question: Question::Address,
        page: include_str!("../rules/address/address-mask-misleading.md"),
        check: Judge::Estate(address::address_mask_misleading::check),
    },
    Rule {
        id: address::real_ip_trusts_everyone::ID,
        question: Question::Address,
        page: include_str!("../rules/address/real-ip-trusts-everyone.md"),
        check: Judge::Estate(address::real_ip_trusts_everyone::check),
    },
    Rule {
        id: call::token_in_dropped_header::ID,
        question: Question::Call,
        page: include_str!("../rules/call/token-in-dropped-header.md"),
        check: Judge::Page(call::token_in_dropped_header::check),
    },
    Rule {
        id: call::uri_filter_denies_callers::ID,
        question: Question::Call,
        page: include_str!("../rules/call/uri-filter-denies-callers.md"),
        check: Judge::Estate(call::uri_filter_denies_callers::check),
    },
    Rule {
        id: call::nginx_refuses::ID,
        question: Question::Call,
        page: include_str!("../rules/call/nginx-refuses.md"),
        check: Judge::Estate(call::nginx_refuses::check),
    },
];

/// What a family of probes asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// Does the credential arrive?
    Credential,
    /// Does the preflight get through?
    Preflight,
    /// Is the address on the list?
    Address,
    /// Does the call carry what the door asks for?
    Call,
}

impl Question {
    pub fn as_str(self) -> &'static str {
        match self {
            Question::Credential => "credential",
            Question::Preflight => "preflight",
            Question::Address => "address",
            Question::Call => "call",
        }
    }

    /// As a sentence.
    pub fn asks(self) -> &'static str {
        match self {
            Question::Credential => "Does the credential arrive?",
            Question::Preflight => "Does the preflight get through?",
            Question::Address => "Is the address on the list?",
            Question::Call => "Does the call carry what the door asks for?",
        }
    }
}

impl Rule {
    /// What its page says. The pages of [`RULES`] can all be read: `tests/rule_pages.rs` fails
    /// otherwise.
    pub fn meta(&self) -> Result<Page<'_>, PageError> {
        Page::parse(self.page)
    }
}

/// The rule of an id, if there is one.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}
