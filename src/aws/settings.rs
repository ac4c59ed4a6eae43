//! What to fetch, and as whom.

use std::time::Duration;

use super::operation::Service;
use super::policy::Wanted;

#[derive(Clone, Debug)]
pub struct Settings {
    pub profile: Option<String>,
    pub regions: Regions,
    /// The roles whose accounts are read, in place of the caller's own.
    pub roles: Vec<String>,
    pub external_id: Option<String>,
    /// All, if empty.
    pub services: Vec<Service>,
    pub api_keys: bool,
    /// For the whole.
    pub timeout: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Regions {
    /// The one of the profile or the environment.
    Configured,
    Named(Vec<String>),
    /// All that the account has enabled.
    All,
}

impl Settings {
    #[cfg(feature = "aws")]
    pub fn wants(&self, service: Service) -> bool {
        self.services.is_empty() || self.services.contains(&service)
    }

    pub fn wanted(&self) -> Wanted<'_> {
        Wanted {
            services: &self.services,
            api_keys: self.api_keys,
            roles: &self.roles,
            all_regions: self.regions == Regions::All,
            regions: match &self.regions {
                Regions::Named(names) => names,
                Regions::Configured | Regions::All => &[],
            },
        }
    }
}
