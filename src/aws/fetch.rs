//! A whole run: accounts, regions, services.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::SdkConfig;
use aws_sdk_sts::primitives::DateTime;

use super::document::Document;
use super::failure::{Cause, Failure};
use super::operation::{ASSUME_ROLE, DESCRIBE_REGIONS, LIST_DISTRIBUTIONS, LIST_WEB_ACLS, Service};
use super::progress::Progress;
use super::run::Run;
use super::scope::{GLOBAL, Scope, each};
use super::services;
use super::session::{self, Login};
use super::settings::{Regions, Settings};
use super::snapshot::{Account, Snapshot, VERSION};
use super::stop;

/// Where the services without regions answer.
const GLOBAL_HOME: &str = "us-east-1";

/// Why nothing was fetched at all.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("no region is set: name one by --region, or set AWS_REGION; `--region all` reads all")]
    NoRegion,
    #[error("no AWS credentials were found ({0}): {1}")]
    NoCredentials(Failure, String),
    #[error("the AWS credentials have expired ({0}): {1}")]
    Expired(Failure, String),
    #[error("AWS does not say who is calling: {0}")]
    Login(Failure),
    #[error("the regions of the account cannot be listed: {0}")]
    Regions(Failure),
    #[error("{0}, before anything was read")]
    Stopped(Failure),
    #[error("the network cannot be used: {0}")]
    Runtime(io::Error),
}

/// Reads all that the settings name. What could not be read is told within the snapshot.
pub fn fetch(settings: &Settings, progress: Progress) -> Result<Snapshot, FetchError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(FetchError::Runtime)?;
    let done = runtime.block_on(run(settings, progress));
    // Name resolution may still wait in a thread of its own.
    runtime.shutdown_timeout(Duration::from_millis(100));
    done
}

async fn run(settings: &Settings, progress: Progress) -> Result<Snapshot, FetchError> {
    let run = Arc::new(Run::new(progress, settings.api_keys));
    stop::at_interrupt(&run.stop).map_err(FetchError::Runtime)?;
    let mut accounts = Vec::new();
    let work = async {
        let own = tokio::select! {
            own = own(settings) => own?,
            reason = run.stop.wait() => return Err(FetchError::Stopped(reason)),
        };
        for login in logins(&run, settings, own).await {
            accounts.push(account(&run, settings, login).await?);
        }
        Ok(())
    };
    // The time that is over stops the run, which then ends by itself.
    let result = tokio::select! {
        result = work => result,
        never = async {
            run.stop.after(settings.timeout).await;
            std::future::pending().await
        } => never,
    };
    run.progress.end();
    result?;
    let collected = std::mem::take(&mut *run.collected());
    Ok(Snapshot {
        version: VERSION,
        time: now(),
        accounts,
        operations: collected.coverage.entries(),
        resources: collected.documents,
    })
}

async fn own(settings: &Settings) -> Result<Login, FetchError> {
    let mut config = session::configure(settings)
        .await
        .map_err(FetchError::Login)?;
    // Another partition than that of the home region knows nothing of these credentials.
    if let (None, Regions::Named(names)) = (config.region(), &settings.regions)
        && let Some(name) = names.first()
    {
        config = session::in_region(&config, name);
    }
    if settings.regions == Regions::Configured && config.region().is_none() {
        return Err(FetchError::NoRegion);
    }
    session::login(config)
        .await
        .map_err(|failure| match failure.cause {
            Cause::Expired => {
                let advice = advice(&failure, settings);
                FetchError::Expired(failure, advice)
            }
            Cause::NoCredentials => {
                let advice = advice(&failure, settings);
                FetchError::NoCredentials(failure, advice)
            }
            _ => FetchError::Login(failure),
        })
}

/// How to get credentials.
fn advice(failure: &Failure, settings: &Settings) -> String {
    let message = failure.message.to_ascii_lowercase();
    let profile = match &settings.profile {
        Some(profile) => format!(" --profile {profile}"),
        None => String::new(),
    };
    if message.contains("sso") {
        return format!("log in with `aws sso login{profile}`");
    }
    if message.contains("login session") {
        let export = format!("aws configure export-credentials{profile} --format env");
        return format!("logins by `aws login` are not known here; `{export}` hands them over");
    }
    if message.contains("could not parse profile file") {
        return "mend ~/.aws/config or ~/.aws/credentials".to_owned();
    }
    if message.contains("external process") {
        return "run the credential_process of the profile by hand to see why".to_owned();
    }
    match failure.cause {
        Cause::Expired => {
            format!("log in again, with `aws sso login{profile}` or as you did before")
        }
        _ => "log in with `aws configure` or `aws sso login`, or name a profile by --profile"
            .to_owned(),
    }
}

/// The own account, or those that the roles lead to, each once.
async fn logins(run: &Arc<Run>, settings: &Settings, own: Login) -> Vec<Login> {
    if settings.roles.is_empty() {
        return vec![own];
    }
    let mut logins: Vec<Login> = Vec::new();
    for role in &settings.roles {
        let external_id = settings.external_id.as_deref();
        let config = session::assume(&own.config, role, external_id).await;
        let login = tokio::select! {
            login = session::login(config) => login,
            reason = run.stop.wait() => Err(reason),
        };
        match login {
            Ok(login) if logins.iter().any(|one| one.account == login.account) => {
                run.progress.say(&format!(
                    "{role}: account {} was read already",
                    login.account
                ));
            }
            Ok(login) => logins.push(login),
            Err(mut failure) => {
                // That the role gives no credentials is the answer of the account.
                if failure.cause == Cause::NoCredentials {
                    failure.cause = Cause::Denied;
                }
                let account = session::account_of(role).unwrap_or(&own.account);
                let scope = Scope::new(run, own.config.clone(), account, GLOBAL);
                failure.message = format!("{role}: {}", failure.message);
                scope.failed(&ASSUME_ROLE, None, &failure);
            }
        }
    }
    logins
}

async fn account(run: &Arc<Run>, settings: &Settings, login: Login) -> Result<Account, FetchError> {
    let regions = regions(run, settings, &login).await?;
    let mut global = jobs_of(settings, GLOBAL);
    if !has_cloudfront(&login.partition) {
        let own = Scope::new(run, login.config.clone(), &login.account, GLOBAL);
        without_cloudfront(&own, settings, &mut global);
    }
    let mut jobs = vec![(GLOBAL.to_owned(), global)];
    jobs.extend(
        regions
            .iter()
            .map(|region| (region.clone(), jobs_of(settings, region))),
    );
    let login = Arc::new(login);
    each(jobs, |(region, services)| {
        region_of(Arc::clone(run), Arc::clone(&login), region, services)
    })
    .await;
    Ok(Account {
        account: login.account.clone(),
        partition: login.partition.clone(),
        caller: login.caller.clone(),
        regions,
    })
}

/// GovCloud and the isolated partitions are without.
fn has_cloudfront(partition: &str) -> bool {
    matches!(partition, "aws" | "aws-cn")
}

/// Nothing can be asked there of CloudFront, nor of the web ACLs for it.
fn without_cloudfront(scope: &Scope, settings: &Settings, jobs: &mut Vec<Vec<Service>>) {
    let failure = Failure::new(Cause::Unsupported, "the partition has no CloudFront");
    for (service, operation) in [
        (Service::CloudFront, &LIST_DISTRIBUTIONS),
        (Service::Waf, &LIST_WEB_ACLS),
    ] {
        if settings.wants(service) {
            scope.failed(operation, None, &failure);
        }
        jobs.retain(|group| group != &[service]);
    }
}

async fn regions(
    run: &Arc<Run>,
    settings: &Settings,
    login: &Login,
) -> Result<Vec<String>, FetchError> {
    let mut regions = match &settings.regions {
        Regions::Named(names) => names.clone(),
        Regions::Configured => login
            .config
            .region()
            .map(ToString::to_string)
            .into_iter()
            .collect(),
        Regions::All => {
            let scope = Scope::new(run, login.config.clone(), &login.account, GLOBAL);
            match services::regions(&scope, &login.config).await {
                Ok(names) => names,
                Err(failure) if settings.roles.len() > 1 => {
                    scope.failed(&DESCRIBE_REGIONS, None, &failure);
                    Vec::new()
                }
                Err(failure) => return Err(FetchError::Regions(failure)),
            }
        }
    };
    regions.sort_unstable();
    regions.dedup();
    Ok(regions)
}

/// The services of a region; those in one group are asked one after the other.
fn jobs_of(settings: &Settings, region: &str) -> Vec<Vec<Service>> {
    let groups: &[&[Service]] = match region == GLOBAL {
        true => &[&[Service::Iam], &[Service::CloudFront], &[Service::Waf]],
        // Both kinds of API share their limits, and the second needs to know of the first.
        false => &[
            &[Service::ApiGateway, Service::ApiGatewayV2],
            &[Service::Waf],
            &[Service::Elb],
            &[Service::Lambda],
            &[Service::Ec2],
        ],
    };
    let wanted = |group: &&[Service]| {
        let services = group.iter().copied();
        services
            .filter(|service| settings.wants(*service))
            .collect::<Vec<_>>()
    };
    groups
        .iter()
        .map(wanted)
        .filter(|group| !group.is_empty())
        .collect()
}

async fn region_of(run: Arc<Run>, login: Arc<Login>, region: String, groups: Vec<Vec<Service>>) {
    if groups.is_empty() {
        return;
    }
    let home = match region == GLOBAL {
        true => home_of(&login),
        false => region.clone(),
    };
    let config: SdkConfig = session::in_region(&login.config, &home);
    let names: BTreeSet<&str> = groups
        .iter()
        .flatten()
        .map(|service| service.name())
        .collect();
    let names: Vec<&str> = names.into_iter().collect();
    let text = format!("{} {region}: {}", login.account, names.join(", "));
    each(groups, |services| {
        let scopes: Vec<_> = services
            .into_iter()
            .map(|service| {
                (
                    service,
                    Scope::new(&run, config.clone(), &login.account, &region),
                )
            })
            .collect();
        async move {
            for (service, scope) in scopes {
                services::fetch(scope, service).await;
            }
        }
    })
    .await;
    run.progress.say(&text);
}

/// The region of a partition in which its global services are.
fn home_of(login: &Login) -> String {
    match login.partition.as_str() {
        "aws" => GLOBAL_HOME.to_owned(),
        "aws-cn" => "cn-north-1".to_owned(),
        "aws-us-gov" => "us-gov-west-1".to_owned(),
        _ => login
            .config
            .region()
            .map(ToString::to_string)
            .unwrap_or_default(),
    }
}

fn now() -> String {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or_default();
    let text = DateTime::from_secs(seconds).document();
    text.and_then(|text| text.as_str().map(str::to_owned))
        .unwrap_or_default()
}
