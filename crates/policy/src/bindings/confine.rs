//! Whose names the values of owners are: two issuers may call two people the same.

use std::sync::Arc;

use super::Principals;
use crate::decide::{Subject, SubjectKind};

impl Principals {
    /// Takes the subject from a principal that no owner value can mean: whom another issuer verified, and a client
    /// without a user unless clients own things here. It then owns nothing, whatever it is called.
    pub fn confine(&self, subject: &mut Subject) {
        let owns = match subject.kind {
            SubjectKind::User | SubjectKind::Operator => self.is_of_owners(&subject.issuer),
            // Keys are the gateway's own, and have no issuer.
            SubjectKind::Client => {
                self.clients_own && (subject.issuer.is_empty() || self.is_of_owners(&subject.issuer))
            }
            SubjectKind::Anonymous => false,
        };
        if !owns {
            subject.subject = Arc::from("");
        }
    }

    fn is_of_owners(&self, issuer: &str) -> bool {
        self.issuers.is_empty() || self.issuers.iter().any(|one| **one == *issuer)
    }

    /// The space of names that a subject is in; what was learned of one says nothing in another. Empty where the API
    /// itself says who its callers are.
    pub fn space(&self, subject: &Subject) -> Arc<str> {
        match &self.whoami {
            Some(whoami) if whoami.subject.is_some() => Arc::from(""),
            _ => Arc::clone(self.issuers.first().unwrap_or(&subject.issuer)),
        }
    }
}

#[cfg(test)]
mod tests;
