//! The rules: each a page that documents it and a function that finds it.

mod address;
mod call;
mod credential;
pub mod page;
mod preflight;

pub use address::{may_be_answered, speaks_of};
pub use preflight::{Crossing, Exchange, remoteness};

use crate::estate::Estate;
use crate::finding::Finding;
use crate::probes::Visit;
use crate::probes::cloud::ApiVisit;
use crate::trace::calls::Joined;
use crate::trace::cloud::Sent;
use page::{Page, PageError};

/// One rule. What a reader should know of it stands on its page.
pub struct Rule {
    /// Kebab-case, never changed: it stands in suppressions and dashboards.
    pub id: &'static str,
    /// The folder of its page.
    pub question: Question,
    /// The Markdown page, `rules/<question>/<id>.md`.
    pub page: &'static str,
    pub checks: &'static [Judge],
}

/// What a rule looks at.
#[derive(Clone, Copy)]
pub enum Judge {
    /// All that was read.
    Estate(fn(&Estate, &mut Vec<Finding>)),
    /// One API of AWS.
    Api(fn(&ApiVisit<'_>, &mut Vec<Finding>)),
    /// One door of nginx.
    Door(fn(&Visit<'_>, &mut Vec<Finding>)),
    /// What a page of another origin and a door of nginx say to each other.
    Page(fn(&Exchange<'_>, &mut Vec<Finding>)),
    /// What such a page and a route of Express say to each other.
    Route(fn(&Crossing<'_>, &mut Vec<Finding>)),
    /// A call site and the route that it is meant for.
    Call(fn(&Joined<'_>, &mut Vec<Finding>)),
    /// A call site and the gate of AWS that it is sent to.
    Sent(fn(&Sent<'_>, &mut Vec<Finding>)),
}

/// Every rule, in the order of the four questions.
pub static RULES: &[Rule] = &[
    Rule {
        id: credential::authorization_stripped::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/authorization-stripped.md"),
        checks: &[Judge::Door(credential::authorization_stripped::check)],
    },
    Rule {
        id: credential::authorization_overwritten::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/authorization-overwritten.md"),
        checks: &[Judge::Door(credential::authorization_overwritten::check)],
    },
    Rule {
        id: credential::authorization_not_inherited::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/authorization-not-inherited.md"),
        checks: &[Judge::Door(credential::authorization_not_inherited::check)],
    },
    Rule {
        id: credential::authorization_contended::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/authorization-contended.md"),
        checks: &[Judge::Door(credential::authorization_contended::check)],
    },
    Rule {
        id: credential::hide_header_on_request::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/hide-header-on-request.md"),
        checks: &[Judge::Door(credential::hide_header_on_request::check)],
    },
    Rule {
        id: credential::authorization_sent_to_signed_url::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/authorization-sent-to-signed-url.md"),
        checks: &[Judge::Door(
            credential::authorization_sent_to_signed_url::check,
        )],
    },
    Rule {
        id: credential::authorization_dropped_by_proxy_middleware::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/authorization-dropped-by-proxy-middleware.md"),
        checks: &[Judge::Estate(
            credential::authorization_dropped_by_proxy_middleware::check,
        )],
    },
    Rule {
        id: credential::upstream_host_rewritten::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/upstream-host-rewritten.md"),
        checks: &[Judge::Door(credential::upstream_host_rewritten::check)],
    },
    Rule {
        id: credential::upstream_host_invalid::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/upstream-host-invalid.md"),
        checks: &[Judge::Door(credential::upstream_host_invalid::check)],
    },
    Rule {
        id: credential::upstream_sni_missing::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/upstream-sni-missing.md"),
        checks: &[Judge::Door(credential::upstream_sni_missing::check)],
    },
    Rule {
        id: credential::token_scheme_mismatch::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/token-scheme-mismatch.md"),
        checks: &[Judge::Call(credential::token_scheme_mismatch::check)],
    },
    Rule {
        id: credential::cloudfront_drops_authorization::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/cloudfront-drops-authorization.md"),
        checks: &[Judge::Estate(
            credential::cloudfront_drops_authorization::check,
        )],
    },
    Rule {
        id: credential::cloudfront_forwards_host::ID,
        question: Question::Credential,
        page: include_str!("../rules/credential/cloudfront-forwards-host.md"),
        checks: &[Judge::Estate(credential::cloudfront_forwards_host::check)],
    },
    Rule {
        id: preflight::preflight_denied::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/preflight-denied.md"),
        checks: &[
            Judge::Page(preflight::preflight_denied::check),
            Judge::Route(preflight::preflight_denied::route::check),
        ],
    },
    Rule {
        id: preflight::preflight_unanswered_headers::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/preflight-unanswered-headers.md"),
        checks: &[Judge::Page(preflight::preflight_unanswered_headers::check)],
    },
    Rule {
        id: preflight::cors_headers_lost::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-headers-lost.md"),
        checks: &[Judge::Page(preflight::cors_headers_lost::check)],
    },
    Rule {
        id: preflight::cors_only_on_preflight::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-only-on-preflight.md"),
        checks: &[
            Judge::Page(preflight::cors_only_on_preflight::check),
            Judge::Route(preflight::cors_only_on_preflight::route::check),
        ],
    },
    Rule {
        id: preflight::cors_missing_on_errors::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-missing-on-errors.md"),
        checks: &[
            Judge::Page(preflight::cors_missing_on_errors::check),
            Judge::Route(preflight::cors_missing_on_errors::route::check),
        ],
    },
    Rule {
        id: preflight::cors_authorization_not_allowed::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-authorization-not-allowed.md"),
        checks: &[
            Judge::Page(preflight::cors_authorization_not_allowed::check),
            Judge::Route(preflight::cors_authorization_not_allowed::route::check),
        ],
    },
    Rule {
        id: preflight::cors_method_not_allowed::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-method-not-allowed.md"),
        checks: &[
            Judge::Route(preflight::cors_method_not_allowed::check),
            Judge::Estate(preflight::cors_method_not_allowed::check_calls),
        ],
    },
    Rule {
        id: preflight::cors_allow_headers_incomplete::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-allow-headers-incomplete.md"),
        checks: &[Judge::Call(preflight::cors_allow_headers_incomplete::check)],
    },
    Rule {
        id: preflight::cors_wildcard_with_credentials::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-wildcard-with-credentials.md"),
        checks: &[
            Judge::Page(preflight::cors_wildcard_with_credentials::check),
            Judge::Route(preflight::cors_wildcard_with_credentials::route::check),
            Judge::Call(preflight::cors_wildcard_with_credentials::route::check_call),
        ],
    },
    Rule {
        id: preflight::cors_origin_duplicated::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-origin-duplicated.md"),
        checks: &[Judge::Page(preflight::cors_origin_duplicated::check)],
    },
    Rule {
        id: preflight::cors_origin_invalid::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-origin-invalid.md"),
        checks: &[
            Judge::Page(preflight::cors_origin_invalid::check),
            Judge::Route(preflight::cors_origin_invalid::route::check),
        ],
    },
    Rule {
        id: preflight::cors_route_without_options::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-route-without-options.md"),
        checks: &[Judge::Route(preflight::cors_route_without_options::check)],
    },
    Rule {
        id: preflight::cors_origin_unset::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-origin-unset.md"),
        checks: &[Judge::Estate(preflight::cors_origin_unset::check)],
    },
    Rule {
        id: preflight::cors_overwritten_by_upstream::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-overwritten-by-upstream.md"),
        checks: &[Judge::Estate(
            preflight::cors_overwritten_by_upstream::check,
        )],
    },
    Rule {
        id: preflight::cors_preflight_without_credentials::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cors-preflight-without-credentials.md"),
        checks: &[Judge::Route(
            preflight::cors_preflight_without_credentials::check,
        )],
    },
    Rule {
        id: preflight::options_path_broken_in_express_5::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/options-path-broken-in-express-5.md"),
        checks: &[Judge::Estate(
            preflight::options_path_broken_in_express_5::check,
        )],
    },
    Rule {
        id: preflight::apigw_options_authorized::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/apigw-options-authorized.md"),
        checks: &[
            Judge::Api(preflight::apigw_options_authorized::check),
            Judge::Sent(preflight::apigw_options_authorized::check_call),
        ],
    },
    Rule {
        id: preflight::apigw_options_missing::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/apigw-options-missing.md"),
        checks: &[
            Judge::Api(preflight::apigw_options_missing::check),
            Judge::Sent(preflight::apigw_options_missing::check_call),
        ],
    },
    Rule {
        id: preflight::apigw_errors_without_cors::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/apigw-errors-without-cors.md"),
        checks: &[Judge::Api(preflight::apigw_errors_without_cors::check)],
    },
    Rule {
        id: preflight::apigw_allow_headers_incomplete::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/apigw-allow-headers-incomplete.md"),
        checks: &[Judge::Api(preflight::apigw_allow_headers_incomplete::check)],
    },
    Rule {
        id: preflight::cloudfront_method_not_allowed::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/cloudfront-method-not-allowed.md"),
        checks: &[Judge::Estate(
            preflight::cloudfront_method_not_allowed::check,
        )],
    },
    Rule {
        id: preflight::load_balancer_authenticates_preflight::ID,
        question: Question::Preflight,
        page: include_str!("../rules/preflight/load-balancer-authenticates-preflight.md"),
        checks: &[Judge::Estate(
            preflight::load_balancer_authenticates_preflight::check,
        )],
    },
    Rule {
        id: address::egress_not_allowed::ID,
        question: Question::Address,
        page: include_str!("../rules/address/egress-not-allowed.md"),
        checks: &[Judge::Estate(address::egress_not_allowed::check)],
    },
    Rule {
        id: address::egress_partly_allowed::ID,
        question: Question::Address,
        page: include_str!("../rules/address/egress-partly-allowed.md"),
        checks: &[Judge::Estate(address::egress_partly_allowed::check)],
    },
    Rule {
        id: address::egress_not_static::ID,
        question: Question::Address,
        page: include_str!("../rules/address/egress-not-static.md"),
        checks: &[Judge::Estate(address::egress_not_static::check)],
    },
    Rule {
        id: address::ipv6_not_allowed::ID,
        question: Question::Address,
        page: include_str!("../rules/address/ipv6-not-allowed.md"),
        checks: &[Judge::Estate(address::ipv6_not_allowed::check)],
    },
    Rule {
        id: address::allowlist_sees_proxy::ID,
        question: Question::Address,
        page: include_str!("../rules/address/allowlist-sees-proxy.md"),
        checks: &[
            Judge::Estate(address::allowlist_sees_proxy::check),
            Judge::Estate(address::allowlist_sees_proxy::cloudfront::check),
        ],
    },
    Rule {
        id: address::real_ip_header_unknown::ID,
        question: Question::Address,
        page: include_str!("../rules/address/real-ip-header-unknown.md"),
        checks: &[Judge::Estate(address::real_ip_header_unknown::check)],
    },
    Rule {
        id: address::allow_after_deny_all::ID,
        question: Question::Address,
        page: include_str!("../rules/address/allow-after-deny-all.md"),
        checks: &[Judge::Door(address::allow_after_deny_all::check)],
    },
    Rule {
        id: address::address_mask_misleading::ID,
        question: Question::Address,
        page: include_str!("../rules/address/address-mask-misleading.md"),
        checks: &[Judge::Estate(address::address_mask_misleading::check)],
    },
    Rule {
        id: address::real_ip_trusts_everyone::ID,
        question: Question::Address,
        page: include_str!("../rules/address/real-ip-trusts-everyone.md"),
        checks: &[Judge::Estate(address::real_ip_trusts_everyone::check)],
    },
    Rule {
        id: address::trust_proxy_missing::ID,
        question: Question::Address,
        page: include_str!("../rules/address/trust-proxy-missing.md"),
        checks: &[Judge::Estate(address::trust_proxy_missing::check)],
    },
    Rule {
        id: address::trust_proxy_too_wide::ID,
        question: Question::Address,
        page: include_str!("../rules/address/trust-proxy-too-wide.md"),
        checks: &[Judge::Estate(address::trust_proxy_too_wide::check)],
    },
    Rule {
        id: address::address_list_misses_mapped_ipv4::ID,
        question: Question::Address,
        page: include_str!("../rules/address/address-list-misses-mapped-ipv4.md"),
        checks: &[Judge::Estate(
            address::address_list_misses_mapped_ipv4::check,
        )],
    },
    Rule {
        id: address::private_range_in_public_allowlist::ID,
        question: Question::Address,
        page: include_str!("../rules/address/private-range-in-public-allowlist.md"),
        checks: &[Judge::Api(
            address::private_range_in_public_allowlist::check,
        )],
    },
    Rule {
        id: address::policy_condition_never_matches::ID,
        question: Question::Address,
        page: include_str!("../rules/address/policy-condition-never-matches.md"),
        checks: &[Judge::Api(address::policy_condition_never_matches::check)],
    },
    Rule {
        id: call::token_in_dropped_header::ID,
        question: Question::Call,
        page: include_str!("../rules/call/token-in-dropped-header.md"),
        checks: &[Judge::Page(call::token_in_dropped_header::check)],
    },
    Rule {
        id: call::uri_filter_denies_callers::ID,
        question: Question::Call,
        page: include_str!("../rules/call/uri-filter-denies-callers.md"),
        checks: &[Judge::Estate(call::uri_filter_denies_callers::check)],
    },
    Rule {
        id: call::location_shadowed_by_denial::ID,
        question: Question::Call,
        page: include_str!("../rules/call/location-shadowed-by-denial.md"),
        checks: &[Judge::Estate(call::location_shadowed_by_denial::check)],
    },
    Rule {
        id: call::scope_check_reads_other_property::ID,
        question: Question::Call,
        page: include_str!("../rules/call/scope-check-reads-other-property.md"),
        checks: &[Judge::Estate(call::scope_check_reads_other_property::check)],
    },
    Rule {
        id: call::rate_limit_before_auth::ID,
        question: Question::Call,
        page: include_str!("../rules/call/rate-limit-before-auth.md"),
        checks: &[Judge::Estate(call::rate_limit_before_auth::check)],
    },
    Rule {
        id: call::csrf_without_session::ID,
        question: Question::Call,
        page: include_str!("../rules/call/csrf-without-session.md"),
        checks: &[Judge::Estate(call::csrf_without_session::check)],
    },
    Rule {
        id: call::nginx_refuses::ID,
        question: Question::Call,
        page: include_str!("../rules/call/nginx-refuses.md"),
        checks: &[Judge::Estate(call::nginx_refuses::check)],
    },
    Rule {
        id: call::csrf_token_missing::ID,
        question: Question::Call,
        page: include_str!("../rules/call/csrf-token-missing.md"),
        checks: &[Judge::Call(call::csrf_token_missing::check)],
    },
    Rule {
        id: call::csrf_cookie_not_sent::ID,
        question: Question::Call,
        page: include_str!("../rules/call/csrf-cookie-not-sent.md"),
        checks: &[Judge::Call(call::csrf_cookie_not_sent::check)],
    },
    Rule {
        id: call::scope_not_granted::ID,
        question: Question::Call,
        page: include_str!("../rules/call/scope-not-granted.md"),
        checks: &[Judge::Estate(call::scope_not_granted::check)],
    },
    Rule {
        id: call::role_not_granted::ID,
        question: Question::Call,
        page: include_str!("../rules/call/role-not-granted.md"),
        checks: &[Judge::Estate(call::role_not_granted::check)],
    },
    Rule {
        id: call::api_key_unreachable::ID,
        question: Question::Call,
        page: include_str!("../rules/call/api-key-unreachable.md"),
        checks: &[Judge::Api(call::api_key_unreachable::check)],
    },
    Rule {
        id: call::private_api_without_policy::ID,
        question: Question::Call,
        page: include_str!("../rules/call/private-api-without-policy.md"),
        checks: &[Judge::Api(call::private_api_without_policy::check)],
    },
    Rule {
        id: call::route_not_deployed::ID,
        question: Question::Call,
        page: include_str!("../rules/call/route-not-deployed.md"),
        checks: &[
            Judge::Api(call::route_not_deployed::check),
            Judge::Sent(call::route_not_deployed::check_call),
        ],
    },
    Rule {
        id: call::invoke_not_allowed::ID,
        question: Question::Call,
        page: include_str!("../rules/call/invoke-not-allowed.md"),
        checks: &[Judge::Estate(call::invoke_not_allowed::check)],
    },
    Rule {
        id: call::policy_resource_never_matches::ID,
        question: Question::Call,
        page: include_str!("../rules/call/policy-resource-never-matches.md"),
        checks: &[Judge::Estate(call::policy_resource_never_matches::check)],
    },
    Rule {
        id: call::function_url_permission_missing::ID,
        question: Question::Call,
        page: include_str!("../rules/call/function-url-permission-missing.md"),
        checks: &[Judge::Estate(call::function_url_permission_missing::check)],
    },
    Rule {
        id: call::iam_endpoint_unsigned::ID,
        question: Question::Call,
        page: include_str!("../rules/call/iam-endpoint-unsigned.md"),
        checks: &[
            Judge::Sent(call::iam_endpoint_unsigned::check),
            Judge::Door(call::iam_endpoint_unsigned::check_upstream),
        ],
    },
    Rule {
        id: call::default_endpoint_disabled::ID,
        question: Question::Call,
        page: include_str!("../rules/call/default-endpoint-disabled.md"),
        checks: &[
            Judge::Sent(call::default_endpoint_disabled::check),
            Judge::Estate(call::default_endpoint_disabled::check_fronts),
            Judge::Door(call::default_endpoint_disabled::check_upstream),
        ],
    },
    Rule {
        id: call::api_key_not_sent::ID,
        question: Question::Call,
        page: include_str!("../rules/call/api-key-not-sent.md"),
        checks: &[Judge::Sent(call::api_key_not_sent::check)],
    },
    Rule {
        id: call::private_dns_captures_public_api::ID,
        question: Question::Call,
        page: include_str!("../rules/call/private-dns-captures-public-api.md"),
        checks: &[Judge::Estate(call::private_dns_captures_public_api::check)],
    },
    Rule {
        id: call::authorizer_cache_too_narrow::ID,
        question: Question::Call,
        page: include_str!("../rules/call/authorizer-cache-too-narrow.md"),
        checks: &[Judge::Estate(call::authorizer_cache_too_narrow::check)],
    },
    Rule {
        id: call::waf_body_limit::ID,
        question: Question::Call,
        page: include_str!("../rules/call/waf-body-limit.md"),
        checks: &[Judge::Estate(call::waf_body_limit::check)],
    },
    Rule {
        id: call::waf_blocks_machine_clients::ID,
        question: Question::Call,
        page: include_str!("../rules/call/waf-blocks-machine-clients.md"),
        checks: &[Judge::Estate(call::waf_blocks_machine_clients::check)],
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
