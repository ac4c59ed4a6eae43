//! Does the browser's preflight get through, and may the page read what comes after it?

pub(super) mod apigw;
pub mod apigw_allow_headers_incomplete;
mod apigw_called;
pub mod apigw_errors_without_cors;
pub mod apigw_options_authorized;
pub mod apigw_options_missing;
mod audience;
pub mod cloudfront_method_not_allowed;
pub mod cors_allow_headers_incomplete;
pub mod cors_authorization_not_allowed;
pub mod cors_headers_lost;
pub mod cors_method_not_allowed;
pub mod cors_missing_on_errors;
pub mod cors_only_on_preflight;
pub mod cors_origin_duplicated;
pub mod cors_origin_invalid;
pub mod cors_origin_unset;
pub mod cors_overwritten_by_upstream;
pub mod cors_preflight_without_credentials;
pub mod cors_route_without_options;
pub mod cors_wildcard_with_credentials;
pub(super) mod crossing;
pub(super) mod exchange;
pub(super) mod lines;
mod lists_lost;
pub mod load_balancer_authenticates_preflight;
pub mod options_path_broken_in_express_5;
pub mod preflight_denied;
pub mod preflight_unanswered_headers;

pub use audience::remoteness;
pub use crossing::Crossing;
pub use exchange::Exchange;
