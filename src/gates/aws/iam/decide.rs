//! What comes of a request
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>).

use crate::request::{Known, Reason};
use crate::source::Span;

use super::caller::{Caller, Who};
use super::context::Context;
use super::granted::{By, Granted, Lack};
use super::model::{Effect, Policy, Statement};
use super::principal::{Named, named};
use super::truth::{Doubt, Truth};

/// Who wants to do what.
#[derive(Clone, Debug)]
pub struct Ask {
    pub caller: Caller,
    /// `execute-api:Invoke`
    pub action: String,
    /// The ARN of the resource.
    pub resource: String,
    /// The account that the resource belongs to.
    pub owner: Known<String>,
    pub context: Context,
}

/// The policies that have a say; [`Known::Unknown`] for those that were not fetched.
#[derive(Clone, Debug)]
pub struct Policies<'p> {
    /// Of the caller, of its groups, of the role that it took.
    pub identity: Known<Vec<&'p Policy>>,
    /// The permissions boundary of the caller or its role.
    pub boundary: Known<Option<&'p Policy>>,
    /// Passed along when the session began; empty when none was.
    pub session: Known<Vec<&'p Policy>>,
    pub resource: Known<Option<&'p Policy>>,
    /// Service control policies of the caller's account, from the root of the organization down
    /// to the account, a list for each level; empty where they do not apply: in the management
    /// account, and for roles that are linked to a service.
    pub control: Known<Vec<Vec<&'p Policy>>>,
    /// Of the VPC endpoint on the way.
    pub endpoint: Known<Option<&'p Policy>>,
}

impl Policies<'_> {
    /// None of any kind; what there is can be put into it.
    pub fn none() -> Self {
        Policies {
            identity: Known::Is(Vec::new()),
            boundary: Known::Is(None),
            session: Known::Is(Vec::new()),
            resource: Known::Is(None),
            control: Known::Is(Vec::new()),
            endpoint: Known::Is(None),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Allowed {
        by: By,
    },
    /// An explicit deny: this statement decides, whatever else is allowed.
    Denied {
        by: Span,
    },
    /// An implicit deny.
    NotAllowed {
        lack: Lack,
        /// The policy that would have to allow it, where there is one.
        by: Option<Span>,
        /// Why it cannot be said whether a statement denies it, besides; refused it is anyway.
        doubt: Option<Doubt>,
    },
    Unknown {
        because: Reason,
        span: Option<Span>,
    },
}

/// Decides as AWS does, as far as it is known.
pub fn decide(ask: &Ask, policies: &Policies<'_>) -> Decision {
    let evaluation = Evaluation { ask, policies };
    let doubt = match evaluation.denied() {
        Truth::Yes(by) => return Decision::Denied { by },
        Truth::Unknown(doubt) => Some(doubt),
        Truth::No => None,
    };
    match (evaluation.granted(), doubt) {
        (Granted::Lacks(lack), doubt) => Decision::NotAllowed {
            by: evaluation.lacking(lack),
            lack,
            doubt,
        },
        (Granted::By(by), None) => Decision::Allowed { by },
        (Granted::Unknown(doubt), _) | (Granted::By(_), Some(doubt)) => Decision::Unknown {
            because: doubt.because,
            span: doubt.span,
        },
    }
}

struct Evaluation<'a, 'p> {
    ask: &'a Ask,
    policies: &'a Policies<'p>,
}

/// What a resource policy allows, by how it names the caller.
struct FromResource {
    directly: Truth<By>,
    behind: Truth<By>,
    account: Truth<By>,
}

impl<'p> Evaluation<'_, 'p> {
    /// Where a policy stands that would have to allow it: of several the first.
    fn lacking(&self, lack: Lack) -> Option<Span> {
        let one = |policy: &Known<Option<&Policy>>| Some((*policy.known()?)?.span);
        let first = |policies: &Known<Vec<&Policy>>| Some(policies.known()?.first()?.span);
        match lack {
            Lack::Resource | Lack::IdentityOrResource => one(&self.policies.resource),
            Lack::Identity => first(&self.policies.identity),
            Lack::Boundary => one(&self.policies.boundary),
            Lack::Session => first(&self.policies.session),
            Lack::Endpoint => one(&self.policies.endpoint),
            Lack::Control => None,
        }
    }

    /// One Deny in any of the policies is enough; nobody and services have none of their own, nor
    /// has the root user but for those of its organization.
    fn denied(&self) -> Truth<Span> {
        let Policies {
            identity,
            boundary,
            session,
            resource,
            control,
            endpoint,
        } = self.policies;
        let mut denied = self.denies(resource.as_ref().map(|one| one.iter()));
        denied = denied.or(self.denies(endpoint.as_ref().map(|one| one.iter())));
        if let Caller::Anonymous | Caller::Service(_) = self.ask.caller {
            return denied;
        }
        let control = control.as_ref().map(|levels| levels.iter().flatten());
        denied = denied.or(self.denies(control));
        denied = denied.or(self.denies(session.as_ref().map(|all| all.iter())));
        if self.is_root() {
            return denied;
        }
        denied = denied.or(self.denies(identity.as_ref().map(|all| all.iter())));
        denied.or(self.denies(boundary.as_ref().map(|one| one.iter())))
    }

    fn denies<'i>(&self, policies: Known<impl Iterator<Item = &'i &'p Policy>>) -> Truth<Span>
    where
        'p: 'i,
    {
        let policies = match policies {
            Known::Is(policies) => policies,
            Known::Unknown(reason) => return Truth::unknown(reason.0, None),
        };
        let mut denied = Truth::No;
        for policy in policies {
            denied = denied.or(unread(policy));
            for (statement, named) in self.statements(policy, Effect::Deny) {
                denied = denied.or(named.anyhow().map(|()| statement.span));
            }
        }
        denied
    }

    /// What the statements of this effect come to, with how they name the caller. A policy that
    /// names nobody means whom it is attached to.
    fn statements<'s>(
        &'s self,
        policy: &'s Policy,
        effect: Effect,
    ) -> impl Iterator<Item = (&'s Statement, Named)> + 's {
        let concerned = policy
            .statements
            .iter()
            .filter(move |statement| statement.effect.is_none_or(|own| own == effect));
        concerned.map(move |statement| {
            let about = statement.is_about(self.ask, policy);
            let about = match statement.effect {
                Some(_) => about,
                None => about.and::<()>(Truth::unknown("it has no effect", statement.span)),
            };
            (statement, self.named(statement, effect, about))
        })
    }

    fn named(&self, statement: &Statement, effect: Effect, about: Truth) -> Named {
        let Some(principals) = &statement.principals else {
            return Named {
                directly: about,
                behind: Truth::No,
                account: Truth::No,
            };
        };
        let bounded = match &self.policies.boundary {
            Known::Is(boundary) => boundary.is_some().into(),
            Known::Unknown(reason) => Truth::unknown(reason.0.clone(), None),
        };
        let named = named(principals, &self.ask.caller, effect, bounded);
        let place = principals.span;
        Named {
            directly: about.clone().and(named.directly.at(place)),
            behind: about.clone().and(named.behind.at(place)),
            account: about.and(named.account.at(place)),
        }
    }

    fn granted(&self) -> Granted {
        let resource = self.of_resource();
        let endpoint = self.endpoint();
        let inner = match &self.ask.caller {
            // Nobody has a policy of its own.
            Caller::Anonymous | Caller::Service(_) => {
                Granted::of(resource.directly, Lack::Resource)
            }
            _ if self.is_special() => Granted::Unknown(Doubt::new(
                format!("{} is decided by rules of its own", self.ask.action),
                None,
            )),
            caller => match self.is_same_account(caller) {
                Truth::Yes(()) => self.within_account(&resource),
                Truth::No => self.across_accounts(resource),
                Truth::Unknown(doubt) => {
                    let within = self.within_account(&resource);
                    within.either(self.across_accounts(resource), doubt)
                }
            },
        };
        inner.limited(endpoint, Lack::Endpoint)
    }

    /// Trust policies of roles and policies of keys have to allow in any case
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>).
    fn is_special(&self) -> bool {
        let action = self.ask.action.to_ascii_lowercase();
        action.starts_with("kms:") || action.starts_with("sts:assumerole")
    }

    fn is_same_account(&self, caller: &Caller) -> Truth {
        match (caller, &self.ask.owner) {
            (Caller::Aws(identity), Known::Is(owner)) => (identity.account == *owner).into(),
            (_, Known::Unknown(reason)) => {
                Truth::unknown(format!("whose resource it is: {reason}"), None)
            }
            (Caller::Unknown(reason), _) => Truth::unknown(reason.0.clone(), None),
            _ => Truth::unknown("the caller's account is not known", None),
        }
    }

    /// One Allow is enough, of the identity within its limits, or of the resource. A policy that
    /// names the user or the session itself, or everybody, is not limited by what the others do
    /// not allow; one that names the role is by boundary and session
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>,
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>).
    fn within_account(&self, resource: &FromResource) -> Granted {
        let own = self.identity().or(resource.behind.clone());
        let limited = Granted::of(own, Lack::IdentityOrResource)
            .limited(self.boundary(), Lack::Boundary)
            .limited(self.session(), Lack::Session);
        let granted = match (&resource.directly, limited) {
            (Truth::Yes(by), _) => Granted::By(*by),
            (Truth::Unknown(doubt), Granted::Lacks(_)) => Granted::Unknown(doubt.clone()),
            (_, limited) => limited,
        };
        granted.limited(self.control(), Lack::Control)
    }

    /// Both sides have to allow, the caller's within all of its limits
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>).
    fn across_accounts(&self, resource: FromResource) -> Granted {
        let resource = resource.directly.or(resource.behind).or(resource.account);
        Granted::of(resource, Lack::Resource)
            .limited(self.identity(), Lack::Identity)
            .limited(self.boundary(), Lack::Boundary)
            .limited(self.session(), Lack::Session)
            .limited(self.control(), Lack::Control)
    }

    fn identity(&self) -> Truth<By> {
        match &self.policies.identity {
            _ if self.is_root() => Truth::Yes(By::RootUser),
            Known::Unknown(reason) => Truth::unknown(reason.0.clone(), None),
            Known::Is(policies) => self.allows(policies),
        }
    }

    fn is_root(&self) -> bool {
        matches!(&self.ask.caller, Caller::Aws(identity) if identity.who == Who::Root)
    }

    fn boundary(&self) -> Truth {
        match &self.policies.boundary {
            _ if self.is_root() => Truth::Yes(()),
            Known::Unknown(reason) => Truth::unknown(reason.0.clone(), None),
            Known::Is(None) => Truth::Yes(()),
            Known::Is(Some(policy)) => self.allows(&[*policy]).map(drop),
        }
    }

    /// A session that a user began by `GetFederationToken` may do nothing without a policy of its
    /// own
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>).
    fn session(&self) -> Truth {
        let federated = match &self.ask.caller {
            Caller::Aws(identity) => matches!(identity.who, Who::Federated { .. }),
            _ => false,
        };
        match &self.policies.session {
            Known::Unknown(reason) => Truth::unknown(reason.0.clone(), None),
            Known::Is(policies) if policies.is_empty() && !federated => Truth::Yes(()),
            Known::Is(policies) => self.allows(policies).map(drop),
        }
    }

    /// Each level has to allow
    /// (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>).
    fn control(&self) -> Truth {
        let levels = match &self.policies.control {
            Known::Unknown(reason) => return Truth::unknown(reason.0.clone(), None),
            Known::Is(levels) => levels,
        };
        levels.iter().fold(Truth::Yes(()), |allowed, level| {
            allowed.and(self.allows(level))
        })
    }

    fn endpoint(&self) -> Truth {
        match &self.policies.endpoint {
            Known::Unknown(reason) => Truth::unknown(reason.0.clone(), None),
            Known::Is(None) => Truth::Yes(()),
            Known::Is(Some(policy)) => self.allows(&[*policy]).map(drop),
        }
    }

    fn allows(&self, policies: &[&Policy]) -> Truth<By> {
        let mut allowed = Truth::No;
        for policy in policies {
            allowed = allowed.or(unread(policy));
            for (statement, named) in self.statements(policy, Effect::Allow) {
                allowed = allowed.or(named.anyhow().map(|()| By::Statement(statement.span)));
            }
        }
        allowed
    }

    fn of_resource(&self) -> FromResource {
        let mut from = FromResource {
            directly: Truth::No,
            behind: Truth::No,
            account: Truth::No,
        };
        match &self.policies.resource {
            Known::Is(None) => {}
            Known::Unknown(reason) => from.directly = Truth::unknown(reason.0.clone(), None),
            Known::Is(Some(policy)) => {
                from.directly = unread(policy);
                for (statement, named) in self.statements(policy, Effect::Allow) {
                    let by = |truth: Truth| truth.map(|()| By::Statement(statement.span));
                    from = FromResource {
                        directly: from.directly.or(by(named.directly)),
                        behind: from.behind.or(by(named.behind)),
                        account: from.account.or(by(named.account)),
                    };
                }
            }
        }
        from
    }
}

/// A policy with a mistake may say more than what could be read of it.
fn unread<T>(policy: &Policy) -> Truth<T> {
    match policy.flaw.clone() {
        Some(doubt) => Truth::Unknown(doubt),
        None => Truth::No,
    }
}
