//! Every check the gateway knows, in the order in which they run: first by phase, then as they stand here.

mod address_limits;
mod blocked_callers;
mod blocked_requests;
mod body;
mod failed_authentications;
mod form_credentials;
mod identify;
mod key_alone;
mod limits;
mod media_type;
mod misplaced_credentials;
mod parameters;
mod response;
mod sanitise;
mod scopes;
mod security_declared;
#[cfg(test)]
mod table;

use crate::check::{Kind, of};

/// THE list. Operators switch and parametrise checks; they never reorder them.
pub const ALL: &[&dyn Kind] = &[
    // Connect
    of::<blocked_requests::BlockedRequests>(),
    of::<address_limits::AddressLimits>(),
    of::<failed_authentications::FailedAuthentications>(),
    // Identify
    of::<misplaced_credentials::MisplacedCredentials>(),
    of::<identify::Identify>(),
    of::<blocked_callers::BlockedCallers>(),
    // Limit
    of::<limits::Limits>(),
    // Permit
    of::<security_declared::SecurityDeclared>(),
    of::<scopes::Scopes>(),
    of::<key_alone::KeyAlone>(),
    // Validate
    of::<parameters::Parameters>(),
    of::<media_type::MediaType>(),
    of::<form_credentials::FormCredentials>(),
    of::<sanitise::Sanitise>(),
    of::<body::Body>(),
    of::<response::ResponseCheck>(),
];
