//! Finds out who calls: verifies the credentials that the operation's security asks for, and nothing it does not.
//!
//! The alternatives of the security requirement are tried in the order of the description. The first whose credentials
//! verify and suffice is taken; without one, the first whose credentials verify, and a check of Permit refuses. Where an
//! anonymous caller is welcome too, a credential that does not verify is reported and not forwarded.

mod api_key;
mod caller;
mod challenge;
mod introspected;
mod jwt;
mod outcome;
mod questions;
mod requirement;
mod scheme;
#[cfg(test)]
pub(super) mod tests;

use std::sync::Arc;

use http::HeaderName;
use http::header::AUTHORIZATION;
use model::{Caller, Challenge, Code, Mode, Owasp, Phase, Refusal};
use openapi::Security;

pub(super) use challenge::insufficient_scope;
use outcome::{Look, Outcome, Problem};
pub(super) use requirement::{Requirement, Standing};
use scheme::Scheme;

use super::failed_authentications::Failures;
use crate::check::{About, BodyNeed, Build, Check, Edit, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;
use crate::shared::Shared;
use crate::tokens::Proven;

pub struct Identify {
    shared: Arc<Shared>,
    /// In the order of the alternatives.
    schemes: Vec<Scheme>,
    /// `None`: anybody may call, or nothing says who may.
    requirement: Option<Requirement>,
    challenges: Vec<Challenge>,
    failures: Failures,
    /// Headers that may carry a credential of this API.
    carriers: Vec<HeaderName>,
    forward_credential: bool,
    /// The claim that names the caller's tenant.
    tenant_claim: Option<Arc<str>>,
}

impl Build for Identify {
    const ABOUT: About = About {
        name: "identify",
        phase: Phase::Identify,
        owasp: &[Owasp::Api2],
        summary: "Refuses callers without a credential that the operation's security asks for, or with a false one.",
        default_mode: Mode::Enforce,
        may_watch: false,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let requirement = Requirement::of(preparation);
        let names = match preparation.operation.map(|operation| &operation.security) {
            Some(Security::AnyOf(alternatives)) => {
                let mut names: Vec<Arc<str>> = Vec::new();
                for required in alternatives.iter().flat_map(|alternative| &alternative.schemes) {
                    if !names.contains(&required.scheme) {
                        names.push(Arc::clone(&required.scheme));
                    }
                }
                names
            }
            _ => preparation.api.authenticators.keys().map(Arc::clone).collect(),
        };
        let schemes: Vec<Scheme> =
            names.iter().map(|name| Scheme::build(name, preparation)).collect::<Result<_, _>>()?;
        let mut carriers = vec![AUTHORIZATION];
        for name in preparation.api.description.security_schemes.keys() {
            carriers.extend(Scheme::header_of(name, preparation).filter(|header| *header != AUTHORIZATION));
        }
        Ok(Some(Self {
            shared: Arc::clone(preparation.shared),
            challenges: challenge::all(&preparation.api.name, &schemes),
            schemes,
            requirement,
            failures: Failures::new(preparation)?,
            carriers,
            forward_credential: preparation.api.identity.forward_credential,
            tenant_claim: preparation.settings.tenant_claim.clone(),
        }))
    }
}

/// What came out of trying everything.
enum Conclusion {
    Known(Caller),
    Anonymous(Option<Problem>),
    Refused(Problem),
    Ask,
}

impl Check for Identify {
    fn step(&self, exchange: &Exchange, answers: &Answers) -> Step {
        if self.schemes.is_empty() && self.requirement.is_none() {
            // Nothing to verify anybody by, and nobody has to be known.
            return Step::Continue(self.edits(exchange, Caller::anonymous(), None));
        }
        let look = Look::new(&self.shared, &exchange.head.headers);
        let plan = (!answers.is_empty()).then(|| questions::plan(&self.schemes, &look));
        let mut outcomes: Vec<Option<Outcome>> = self.schemes.iter().map(|_| None).collect();
        let mut outcome = |index: usize| -> Outcome {
            let (Some(scheme), Some(held)) = (self.schemes.get(index), outcomes.get_mut(index)) else {
                return Outcome::Absent;
            };
            let answer = || plan.as_ref().and_then(|plan| plan.answer(index, answers));
            held.get_or_insert_with(|| scheme.verify(&look, answer())).clone()
        };
        let conclusion = match &self.requirement {
            Some(requirement) => self.by_requirement(requirement, &mut outcome),
            None => self.by_whatever_is_there(&mut outcome),
        };
        match conclusion {
            Conclusion::Known(caller) => Step::Continue(self.edits(exchange, caller, None)),
            Conclusion::Anonymous(problem) => {
                self.count(problem.as_ref(), exchange);
                Step::Continue(self.edits(exchange, Caller::anonymous(), problem.as_ref()))
            }
            Conclusion::Refused(problem) => {
                self.count(Some(&problem), exchange);
                Step::refuse(self.refusal(&problem))
            }
            Conclusion::Ask if answers.is_empty() => {
                Step::Ask(questions::plan(&self.schemes, &look).into_questions())
            }
            Conclusion::Ask => Step::Fail("a credential asks for more than was answered".to_owned()),
        }
    }
}

impl Identify {
    fn by_requirement(
        &self,
        requirement: &Requirement,
        outcome: &mut dyn FnMut(usize) -> Outcome,
    ) -> Conclusion {
        let (mut fallback, mut worst) = (None, None);
        for alternative in requirement.alternatives() {
            let (mut proven, mut problem) = (Vec::new(), None);
            for required in &alternative.schemes {
                let Some(index) = self.schemes.iter().position(|scheme| scheme.name == required.scheme)
                else {
                    continue;
                };
                match outcome(index) {
                    Outcome::Proven(found) => proven.push((Arc::clone(&required.scheme), found)),
                    Outcome::Ask => return Conclusion::Ask,
                    Outcome::Absent => Problem::worsen(&mut problem, Problem::missing()),
                    Outcome::Problem(found) => Problem::worsen(&mut problem, found),
                }
            }
            if let Some(problem) = problem {
                Problem::worsen(&mut worst, problem);
                continue;
            }
            if proven.len() < alternative.schemes.len() || proven.is_empty() {
                continue;
            }
            let caller = self.caller_of(&proven);
            if requirement.standing(alternative, &caller) == Standing::Good {
                return Conclusion::Known(caller);
            }
            fallback = fallback.or(Some(caller));
        }
        match (fallback, worst) {
            (Some(caller), _) => Conclusion::Known(caller),
            (None, problem) if requirement.welcomes_anonymous() => {
                Conclusion::Anonymous(problem.filter(|problem| problem.code != Code::CredentialMissing))
            }
            (None, problem) => Conclusion::Refused(problem.unwrap_or_else(Problem::missing)),
        }
    }

    fn caller_of(&self, proven: &[(Arc<str>, Arc<Proven>)]) -> Caller {
        caller::of(proven, self.tenant_claim.as_deref())
    }

    fn by_whatever_is_there(&self, outcome: &mut dyn FnMut(usize) -> Outcome) -> Conclusion {
        let mut worst = None;
        for (index, scheme) in self.schemes.iter().enumerate() {
            match outcome(index) {
                Outcome::Proven(proven) => {
                    return Conclusion::Known(self.caller_of(&[(Arc::clone(&scheme.name), proven)]));
                }
                Outcome::Ask => return Conclusion::Ask,
                Outcome::Absent => {}
                Outcome::Problem(problem) => Problem::worsen(&mut worst, problem),
            }
        }
        Conclusion::Anonymous(worst)
    }

    fn edits(&self, exchange: &Exchange, caller: Caller, problem: Option<&Problem>) -> Vec<Edit> {
        // A credential that was not verified is never forwarded, and one that was only when the operator asks for it.
        let verified: Vec<&HeaderName> = self
            .schemes
            .iter()
            .filter(|scheme| caller.credentials.iter().any(|credential| credential.scheme == scheme.name))
            .filter_map(Scheme::header)
            .collect();
        let keeps = |header: &HeaderName| self.forward_credential && verified.contains(&header);
        // Not many more: a list that grows makes room for several of these large ones.
        let mut edits = Vec::with_capacity(2);
        if caller.principal.is_none() && caller.client.is_none() && !caller.credentials.is_empty() {
            let hint =
                "the token names no user and no client; `subject` of the authenticator says which claim does";
            edits.push(Edit::Report(hint.to_owned()));
        }
        edits.push(Edit::Caller(caller));
        edits.extend(
            self.carriers
                .iter()
                .filter(|header| exchange.head.headers.contains_key(*header) && !keeps(header))
                .map(|header| Edit::RemoveRequestHeader(header.clone())),
        );
        if let Some(problem) = problem {
            let code = problem.code.slug();
            edits
                .push(Edit::Report(format!("a credential was sent, not verified and not forwarded: {code}")));
        }
        edits
    }

    fn refusal(&self, problem: &Problem) -> Refusal {
        let mut refusal = Refusal::new(problem.code).detail(problem.detail.clone());
        refusal.challenges = match problem.code.status() {
            401 => challenge::with_error(&self.challenges, problem.code),
            _ => Vec::new(),
        };
        if problem.code.status() == 503 {
            refusal = refusal.retry_after_s(outcome::RETRY_AFTER_S);
        }
        refusal
    }

    /// Counts what could have been a guess. A token that has expired had a good signature, a key that has expired was
    /// the right one, a token whose signing key is unknown may be good as soon as the issuer's new keys are fetched, and
    /// a missing credential was not tried at all.
    fn count(&self, problem: Option<&Problem>, exchange: &Exchange) {
        let Some(code) = problem.map(|problem| problem.code).filter(|code| code.status() == 401) else {
            return;
        };
        let no_guess = [
            Code::CredentialMissing,
            Code::TokenExpired,
            Code::TokenNotYetValid,
            Code::TokenKeyUnknown,
            Code::ApiKeyExpired,
        ];
        if !no_guess.contains(&code) {
            self.failures.add(&self.shared, exchange);
        }
    }
}
