//! Services on the Internet that a host name gives away, and what they ask of a request.

use crate::gates::nginx::directives::{Key, Module};
use crate::gates::nginx::model::{Config, LevelId};

/// A service behind a host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Amazon API Gateway, at the API's own name.
    ExecuteApi,
    /// An AWS Lambda function URL.
    LambdaUrl,
    CloudFront,
    /// Amazon S3: REST endpoint, path style (`s3.eu-central-1.amazonaws.com`).
    S3,
    /// Amazon S3 with the bucket in the host name; also website endpoints.
    S3Bucket,
    GoogleStorage,
    AzureBlob,
    Cloudflare,
    Vercel,
    Netlify,
}

/// The service of a host, if its name gives it away.
pub fn service(host: &str) -> Option<Service> {
    let host = host.strip_suffix(".cn").unwrap_or(host);
    let ends = |suffixes: &[&str]| {
        suffixes.iter().any(|suffix| {
            host.strip_suffix(suffix)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    };
    if let Some(aws) = host.strip_suffix(".amazonaws.com") {
        return amazon(aws);
    }
    if host.ends_with(".on.aws") {
        return host.contains(".lambda-url.").then_some(Service::LambdaUrl);
    }
    match () {
        _ if ends(&["cloudfront.net"]) => Some(Service::CloudFront),
        _ if ends(&["storage.googleapis.com"]) => Some(Service::GoogleStorage),
        _ if ends(&["core.windows.net"]) => Some(Service::AzureBlob),
        _ if ends(&["cloudflare.com", "cdnjs.com", "workers.dev", "pages.dev"]) => {
            Some(Service::Cloudflare)
        }
        _ if ends(&["vercel.app"]) => Some(Service::Vercel),
        _ if ends(&["netlify.app"]) => Some(Service::Netlify),
        _ => None,
    }
}

/// The labels before `.amazonaws.com`.
fn amazon(labels: &str) -> Option<Service> {
    let labels: Vec<&str> = labels.split('.').collect();
    if let [api, "execute-api", _region] = labels.as_slice() {
        // `d-…` is what a custom domain points to, and wants that domain as its Host.
        return (!api.starts_with("d-")).then_some(Service::ExecuteApi);
    }
    let endpoint = labels.iter().rposition(|label| is_s3_label(label))?;
    match endpoint {
        0 => Some(Service::S3),
        _ => Some(Service::S3Bucket),
    }
}

/// `s3`, `s3-eu-west-1`, `s3-website-eu-west-1`, `s3-website`, `s3-accelerate`.
fn is_s3_label(label: &str) -> bool {
    label == "s3" || label.starts_with("s3-")
}

/// The bucket in the host name of a [`Service::S3Bucket`].
pub fn bucket(host: &str) -> Option<&str> {
    let labels = host.strip_suffix(".cn").unwrap_or(host);
    let labels = labels.strip_suffix(".amazonaws.com")?;
    let start = labels
        .rmatch_indices('.')
        .find(|(at, _)| is_s3_label(labels[at + 1..].split('.').next().unwrap_or_default()))?
        .0;
    Some(&labels[..start])
}

/// The line with which a level hides a header that only S3 sends.
pub fn hides_s3_headers(
    config: &Config,
    level: LevelId,
    module: Module,
) -> Option<crate::source::Span> {
    config
        .settings(level, Key::HideHeader(module))
        .iter()
        .find(|setting| {
            let name = setting.args[0].raw.to_ascii_lowercase();
            matches!(name.as_slice(), b"x-amz-request-id" | b"x-amz-id-2")
        })
        .map(|setting| setting.span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_give_services_away() {
        let cases = [
            (
                "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
                Some(Service::ExecuteApi),
            ),
            ("d-a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com", None),
            (
                "a1b2.execute-api.cn-north-1.amazonaws.com.cn",
                Some(Service::ExecuteApi),
            ),
            ("s3.amazonaws.com", Some(Service::S3)),
            ("s3.eu-west-1.amazonaws.com", Some(Service::S3)),
            ("s3-eu-west-1.amazonaws.com", Some(Service::S3)),
            ("shop.s3.amazonaws.com", Some(Service::S3Bucket)),
            (
                "shop.test.s3-website.eu-central-1.amazonaws.com",
                Some(Service::S3Bucket),
            ),
            ("shop-1.eu-west-1.elb.amazonaws.com", None),
            ("x.lambda-url.eu-west-1.on.aws", Some(Service::LambdaUrl)),
            ("d111.cloudfront.net", Some(Service::CloudFront)),
            ("cdnjs.cloudflare.com", Some(Service::Cloudflare)),
            ("notcloudflare.com", None),
            ("backend", None),
        ];
        for (host, expected) in cases {
            assert_eq!(service(host), expected, "{host}");
        }
    }

    #[test]
    fn a_bucket_stands_before_the_endpoint() {
        let bucket_of = |host| bucket(host);
        assert_eq!(bucket_of("shop.s3.amazonaws.com"), Some("shop"));
        assert_eq!(
            bucket_of("www.shop.test.s3-website-eu-west-1.amazonaws.com"),
            Some("www.shop.test")
        );
        assert_eq!(bucket_of("s3.amazonaws.com"), None);
    }
}
