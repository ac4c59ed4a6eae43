//! Does the call carry what the door asks for?

pub mod api_key_not_sent;
pub mod api_key_unreachable;
pub mod authorizer_cache_too_narrow;
pub mod csrf_cookie_not_sent;
pub mod csrf_token_missing;
pub mod csrf_without_session;
pub mod default_endpoint_disabled;
pub mod function_url_permission_missing;
mod granted;
pub mod iam_endpoint_unsigned;
pub mod invoke_not_allowed;
mod invoked;
pub mod location_shadowed_by_denial;
pub mod nginx_refuses;
pub mod policy_resource_never_matches;
pub mod private_api_without_policy;
pub mod private_dns_captures_public_api;
pub mod rate_limit_before_auth;
pub mod role_not_granted;
pub mod route_not_deployed;
pub mod scope_check_reads_other_property;
pub mod scope_not_granted;
pub mod token_in_dropped_header;
pub mod uri_filter_denies_callers;
mod waf;
pub mod waf_blocks_machine_clients;
pub mod waf_body_limit;
