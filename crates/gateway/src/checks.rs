//! Every check the gateway knows, in the order in which they run: first by phase, then as they stand here.

mod address_limits;
mod answer;
mod blocked_callers;
mod blocked_requests;
mod body;
mod circumstances;
mod failed_authentications;
mod form_credentials;
mod function_access;
mod identify;
mod key_alone;
mod limits;
mod listed_items;
mod media_type;
mod misplaced_credentials;
mod object_access;
mod opened_body;
mod opened_ids;
mod overridden_method;
mod parameters;
mod preset_properties;
#[cfg(test)]
mod protected;
mod response;
mod sanitise;
mod scopes;
mod sealed_ids;
mod security_declared;
mod shown_errors;
mod shown_properties;
mod subject;
#[cfg(test)]
mod table;
mod unheard;
mod waf;
mod writes;
mod written_properties;

use crate::check::{Kind, of};
use circumstances::circumstances;
use unheard::unheard;

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
    of::<subject::Subject>(),
    // Limit
    of::<limits::Limits>(),
    // Permit
    of::<security_declared::SecurityDeclared>(),
    of::<scopes::Scopes>(),
    of::<key_alone::KeyAlone>(),
    of::<function_access::FunctionAccess>(),
    // Validate
    of::<opened_ids::OpenedIds>(),
    of::<parameters::Parameters>(),
    of::<media_type::MediaType>(),
    of::<form_credentials::FormCredentials>(),
    of::<overridden_method::OverriddenMethod>(),
    of::<sanitise::Sanitise>(),
    of::<opened_body::OpenedBody>(),
    of::<preset_properties::PresetProperties>(),
    of::<body::Body>(),
    of::<response::ResponseCheck>(),
    // Inspect
    of::<waf::Waf>(),
    // Authorize; answers go through them from the last to the first
    of::<sealed_ids::SealedIds>(),
    of::<shown_errors::ShownErrors>(),
    of::<shown_properties::ShownProperties>(),
    of::<listed_items::ListedItems>(),
    of::<object_access::ObjectAccess>(),
    of::<written_properties::WrittenProperties>(),
];
