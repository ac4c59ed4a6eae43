//! One service in one region of an account: how it is called, and what is kept of the answers.

use std::collections::HashSet;
use std::error::Error;
use std::future::Future;
use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::coverage::Asked;
use super::document::{Document, listed};
use super::failure::{Cause, Failure};
use super::operation::{Operation, Service};
use super::run::Run;
use super::stop::in_words;

/// Calls at the same time within one scope.
const CALLS: usize = 8;

/// Pages of one list. The largest lists that AWS allows have some hundred.
const PAGES: usize = 10_000;

/// What stands in addresses for services that have no regions.
pub const GLOBAL: &str = "global";

pub struct Scope {
    pub config: SdkConfig,
    pub account: String,
    /// `global` for services that have none.
    pub region: String,
    run: Arc<Run>,
    slots: Semaphore,
}

/// The items of a list, as far as they came.
pub struct Listed<T> {
    pub items: Vec<T>,
    pub complete: bool,
}

/// One page of a list, and where the next one begins.
pub type Page<T> = (Option<Vec<T>>, Option<String>);

impl Scope {
    pub fn new(run: &Arc<Run>, config: SdkConfig, account: &str, region: &str) -> Arc<Scope> {
        Arc::new(Scope {
            config,
            account: account.to_owned(),
            region: region.to_owned(),
            run: Arc::clone(run),
            slots: Semaphore::new(CALLS),
        })
    }

    /// Whether API keys are asked for.
    pub fn api_keys(&self) -> bool {
        self.run.api_keys
    }

    pub fn address(&self, operation: &Operation, id: &str) -> String {
        address(
            &self.account,
            &self.region,
            operation.service,
            operation.brings,
            id,
        )
    }

    /// Sends one call, when the governor lets it, and waits for its answer no longer than allowed.
    pub async fn attempt<O, E>(
        &self,
        operation: &'static Operation,
        sent: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    ) -> Result<O, Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let run = &self.run;
        run.progress.plan(1);
        let work = async {
            let _own = self.slots.acquire().await;
            run.governor
                .pass(&self.account, &self.region, operation)
                .await;
            let _any = run.slots.acquire().await;
            match timeout(run.call_deadline, sent).await {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(error)) => Err(Failure::of(&error)),
                Err(_) => {
                    let limit = in_words(run.call_deadline);
                    Err(Failure::new(
                        Cause::Deadline,
                        format!("no answer within {limit}"),
                    ))
                }
            }
        };
        let result = tokio::select! {
            biased;
            reason = run.stop.wait() => Err(reason),
            result = work => result,
        };
        if let Err(failure) = &result
            && failure.cause == Cause::Expired
        {
            run.stop.now(Cause::Expired, failure.to_string());
        }
        run.progress.done(result.is_ok());
        result
    }

    /// As `attempt`, and writes down how it went; `id` is what the document would be about.
    pub async fn call<O, E>(
        &self,
        operation: &'static Operation,
        id: Option<&str>,
        sent: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    ) -> Option<O>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match self.attempt(operation, sent).await {
            Ok(answer) => {
                self.fetched(operation, 1);
                Some(answer)
            }
            Err(failure) => {
                self.failed(operation, id, &failure);
                None
            }
        }
    }

    /// All pages of a list. A failure on the way keeps what came before.
    pub async fn pages<T, O, E, F>(
        &self,
        operation: &'static Operation,
        id: Option<&str>,
        send: impl Fn(Option<String>) -> F,
        split: impl Fn(O) -> Page<T>,
    ) -> Listed<T>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        let mut items = Vec::new();
        let mut seen = HashSet::new();
        let mut token: Option<String> = None;
        loop {
            let failure = match self.attempt(operation, send(token.clone())).await {
                Ok(answer) => {
                    let (page, next) = split(answer);
                    items.extend(page.unwrap_or_default());
                    let Some(next) = next.filter(|next| !next.is_empty()) else {
                        self.fetched(operation, items.len());
                        return Listed {
                            items,
                            complete: true,
                        };
                    };
                    if seen.insert(next.clone()) && seen.len() < PAGES {
                        token = Some(next);
                        continue;
                    }
                    Failure::new(Cause::Failed, "the list of pages does not end")
                }
                Err(failure) => failure,
            };
            self.failed(operation, id, &failure);
            return Listed {
                items,
                complete: false,
            };
        }
    }

    /// A list that is one document: `{"key":[…]}`. It is not written in part.
    pub async fn list<T, O, E, F>(
        &self,
        operation: &'static Operation,
        id: &str,
        key: &str,
        send: impl Fn(Option<String>) -> F,
        split: impl Fn(O) -> Page<T>,
    ) -> Option<Vec<T>>
    where
        T: Document,
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        let list = self.pages(operation, Some(id), send, split).await;
        if !list.complete {
            return None;
        }
        self.put(operation, id, listed(key, &list.items));
        Some(list.items)
    }

    /// Says that there is nothing to call an operation for, if it is not called.
    pub fn none_yet(&self, operation: &Operation) {
        self.fetched(operation, 0);
    }

    fn fetched(&self, operation: &Operation, count: usize) {
        let asked = self.asked(operation, None);
        self.run.collected().coverage.fetched(asked, count);
    }

    pub fn failed(&self, operation: &Operation, id: Option<&str>, failure: &Failure) {
        let asked = self.asked(operation, id);
        let coverage = &mut self.run.collected().coverage;
        coverage.failed(asked, failure.state(), failure.to_string());
    }

    fn asked(&self, operation: &Operation, id: Option<&str>) -> Asked {
        Asked {
            account: self.account.clone(),
            region: self.region.clone(),
            service: operation.service.name(),
            operation: operation.name,
            resource: id.map(|id| self.address(operation, id)),
        }
    }

    /// One document, whose call went well in its way.
    pub fn one(&self, operation: &Operation, id: &str, document: Value) {
        self.fetched(operation, 1);
        self.put(operation, id, document);
    }

    /// The documents of some kinds that this service in this region has brought so far.
    pub fn documents(&self, service: Service, kinds: &[&str]) -> Vec<Value> {
        let starts = kinds
            .iter()
            .map(|kind| address(&self.account, &self.region, service, kind, ""));
        let starts: Vec<String> = starts.collect();
        let collected = self.run.collected();
        let found = collected.documents.iter();
        let found =
            found.filter(|(address, _)| starts.iter().any(|start| address.starts_with(start)));
        found.map(|(_, document)| document.clone()).collect()
    }

    pub fn put(&self, operation: &Operation, id: &str, document: Value) {
        self.put_as(operation.service, operation.brings, id, document);
    }

    pub fn put_as(&self, service: Service, kind: &str, id: &str, document: Value) {
        let address = address(&self.account, &self.region, service, kind, id);
        self.run.collected().documents.insert(address, document);
    }

    /// Puts each item under its id; one without an id is no document.
    pub fn put_each<T: Document>(
        &self,
        operation: &Operation,
        items: &[T],
        id: impl Fn(&T) -> Option<&str>,
    ) {
        for item in items {
            if let (Some(id), Some(document)) = (id(item), item.document()) {
                self.put(operation, id, document);
            }
        }
    }
}

fn address(account: &str, region: &str, service: Service, kind: &str, id: &str) -> String {
    format!("aws://{account}/{region}/{}/{kind}/{id}", service.name())
}

/// Runs the same for each item, all at the same time; how many calls are under way is for the
/// scope to bound.
pub async fn each<T, F>(items: impl IntoIterator<Item = T>, run: impl Fn(T) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut tasks: JoinSet<()> = items.into_iter().map(run).collect();
    while let Some(done) = tasks.join_next().await {
        if let Err(error) = done
            && error.is_panic()
        {
            std::panic::resume_unwind(error.into_panic());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws_sdk_sts::operation::get_caller_identity::{
        GetCallerIdentityError, GetCallerIdentityOutput,
    };

    use super::super::coverage::State;
    use super::super::operation::{GET_REST_APIS, GET_STAGES};
    use super::super::progress::Progress;
    use super::*;

    type Answer = Result<GetCallerIdentityOutput, SdkError<GetCallerIdentityError, HttpResponse>>;

    fn scope(deadline: Duration) -> Arc<Scope> {
        let mut run = Run::new(Progress::hidden(), false);
        run.call_deadline = deadline;
        let config = SdkConfig::builder().build();
        Scope::new(&Arc::new(run), config, "123456789012", "eu-west-1")
    }

    #[tokio::test]
    async fn a_call_that_is_not_answered_ends_at_its_deadline_and_the_next_one_goes_on() {
        let scope = scope(Duration::from_millis(20));
        let silent = std::future::pending::<Answer>();
        assert!(scope.call(&GET_STAGES, Some("abc"), silent).await.is_none());
        let answer: Answer = Ok(GetCallerIdentityOutput::builder().build());
        assert!(
            scope
                .call(&GET_REST_APIS, None, async { answer })
                .await
                .is_some()
        );

        let entries = scope.run.collected().coverage.entries();
        let states: Vec<_> = entries.iter().map(|entry| entry.outcome.state).collect();
        assert_eq!(states, [State::Fetched, State::NotFetched]);
        let resource = entries[1].asked.resource.as_deref();
        assert_eq!(
            resource,
            Some("aws://123456789012/eu-west-1/apigateway/stages/abc")
        );
    }

    #[tokio::test]
    async fn no_more_calls_are_under_way_than_may_be() {
        let scope = scope(Duration::from_secs(10));
        let under_way = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        each(0..30, |_| {
            let (scope, under_way) = (Arc::clone(&scope), Arc::clone(&under_way));
            async move {
                use std::sync::atomic::Ordering::SeqCst;
                let sent = async {
                    assert!(under_way.fetch_add(1, SeqCst) < CALLS);
                    tokio::time::sleep(Duration::from_millis(2)).await;
                    under_way.fetch_sub(1, SeqCst);
                    Answer::Ok(GetCallerIdentityOutput::builder().build())
                };
                scope.call(&GET_REST_APIS, None, sent).await;
            }
        })
        .await;
        assert_eq!(
            scope.run.collected().coverage.entries()[0].outcome.count,
            Some(30)
        );
    }
}
