//! Who asks: credentials as the AWS CLI finds them, and the accounts that a role leads to.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::Client;
use aws_sdk_sts::config::{ProvideCredentials, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};

use super::bounded::Bounded;
use super::failure::{Cause, Failure, chain, first_line};
use super::settings::Settings;

/// Where an account is asked who we are if no region is set: every account has it.
const HOME: &str = "us-east-1";

/// Retries below the governor, for what others in the account use up.
const ATTEMPTS: u32 = 8;

/// How a certificate begins.
const PEM: &[u8] = b"-----BEGIN CERTIFICATE";

/// One account, and who reads it.
pub struct Login {
    pub config: SdkConfig,
    pub account: String,
    pub partition: String,
    /// The ARN of the caller.
    pub caller: String,
}

/// Profiles, environment, SSO, `AWS_ENDPOINT_URL` and the like, as for the AWS CLI.
pub async fn configure(settings: &Settings) -> Result<SdkConfig, Failure> {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(30))
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http_client()?)
        .timeout_config(timeouts);
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    let mut config = loader.load().await;
    // Who sets a number of attempts means it.
    let told = config
        .retry_config()
        .is_some_and(|retries| retries.max_attempts() != 3);
    if !told {
        let retries = RetryConfig::adaptive()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(Duration::from_millis(200));
        config = config.into_builder().retry_config(retries).build();
    }
    Ok(config)
}

/// One TLS stack, through the proxy that the environment names.
fn http_client() -> Result<SharedHttpClient, Failure> {
    let context = tls_context()?;
    Ok(SharedHttpClient::new(Bounded(
        Builder::new().build_with_connector_fn(move |settings, components| {
            let mut connector = Connector::builder()
                .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
                .tls_context(context.clone())
                .proxy_config(ProxyConfig::from_env());
            connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
            if let Some(settings) = settings {
                connector = connector.connector_settings(settings.clone());
            }
            connector.build()
        }),
    )))
}

/// The certificates of the system, and those of `AWS_CA_BUNDLE`.
fn tls_context() -> Result<TlsContext, Failure> {
    let mut store = TrustStore::default();
    if let Some(path) = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()) {
        let bundle = std::fs::read(&path).map_err(|error| {
            let path = path.to_string_lossy();
            Failure::new(Cause::Failed, format!("AWS_CA_BUNDLE {path}: {error}"))
        })?;
        if !bundle.windows(PEM.len()).any(|bytes| bytes == PEM) {
            let path = path.to_string_lossy();
            let message = format!("AWS_CA_BUNDLE {path}: there is no certificate in it");
            return Err(Failure::new(Cause::Failed, message));
        }
        store = store.with_pem_certificate(bundle);
    }
    let context = TlsContext::builder().with_trust_store(store).build();
    context.map_err(|error| Failure::new(Cause::Failed, format!("TLS: {error}")))
}

pub fn in_region(config: &SdkConfig, region: &str) -> SdkConfig {
    let region = Region::new(region.to_owned());
    config.to_builder().region(region).build()
}

/// Makes sure that there are credentials, and asks whose they are.
pub async fn login(config: SdkConfig) -> Result<Login, Failure> {
    let config = match config.region() {
        Some(_) => config,
        None => in_region(&config, HOME),
    };
    if let Some(provider) = config.credentials_provider() {
        let provided = provider.provide_credentials().await;
        provided.map_err(|error| without_credentials(&error))?;
    }
    let sent = Client::new(&config).get_caller_identity().send();
    let answer = sent.await.map_err(|error| Failure::of(&error))?;
    let account = answer.account.filter(|account| !account.is_empty());
    let account = account
        .ok_or_else(|| Failure::new(Cause::Failed, "the answer does not name the account"))?;
    let caller = answer.arn.unwrap_or_default();
    let partition = caller.split(':').nth(1).unwrap_or("aws").to_owned();
    Ok(Login {
        config,
        account,
        partition,
        caller,
    })
}

fn without_credentials(error: &(dyn std::error::Error + 'static)) -> Failure {
    let chain = chain(error);
    let all = chain.join("\n").to_ascii_lowercase();
    let cause = match all.contains("expired") {
        true => Cause::Expired,
        false => Cause::NoCredentials,
    };
    let last = chain.last().map_or("", String::as_str);
    let message = first_line(undefined(last).unwrap_or(last).trim());
    let message = message.strip_suffix(". Attempted:").unwrap_or(&message);
    Failure::new(cause, message)
}

/// One line for each place that was looked at; what is wrong with a profile was asked for.
fn undefined(text: &str) -> Option<&str> {
    const END: &str = " was not defined";
    let line = text.lines().find(|line| line.contains(END))?;
    let start = line.find("profile `")?;
    let end = line[start..].find(END)? + start + END.len();
    Some(&line[start..end])
}

/// The same configuration with the credentials of a role.
pub async fn assume(base: &SdkConfig, role: &str, external_id: Option<&str>) -> SdkConfig {
    let mut provider = AssumeRoleProvider::builder(role)
        .session_name("why403")
        .configure(base);
    if let Some(region) = base.region() {
        provider = provider.region(region.clone());
    }
    if let Some(id) = external_id {
        provider = provider.external_id(id);
    }
    let provider = SharedCredentialsProvider::new(provider.build().await);
    // The cache of identities belongs to the caller of before.
    let cache = aws_config::identity::IdentityCache::lazy().build();
    base.to_builder()
        .credentials_provider(provider)
        .identity_cache(cache)
        .build()
}

/// The account that the ARN of a role names.
pub fn account_of(role: &str) -> Option<&str> {
    role.split(':').nth(4).filter(|account| !account.is_empty())
}
