//! Asks whoever knows about a token that says nothing by itself: an authorization server, with the gateway's own client
//! credentials; or the service, with the token, who holds it.

mod introspection;
mod service;

use std::time::Duration;

use model::Secret;
use net::fetch::Fetcher;
use serde_json::{Map, Value};

use crate::fetches::FetchFault;
use crate::keys::fetch::may_fetch;
use crate::settings::{OpaqueTokens, TokenAuthority};

const ANSWER_BYTES_MAX: usize = 256 << 10;

/// The members of an answer in the shape of RFC 7662 section 2.2, `active` among them.
type Members = Map<String, Value>;

/// Answers [`crate::question::Question::Introspect`]. The error is for the operator and holds nothing of the token or the
/// answer.
pub async fn ask(
    fetcher: &Fetcher,
    settings: &OpaqueTokens,
    token: &Secret<String>,
    timeout: Duration,
) -> Result<Members, FetchFault> {
    let endpoint = &settings.endpoint;
    if !may_fetch(endpoint) {
        return Err(FetchFault::forbidden("the introspection endpoint is neither https nor on this machine"));
    }
    match &settings.asked {
        TokenAuthority::Introspection { client_id, client_secret } => {
            let client = introspection::authorization(client_id, client_secret);
            let form = introspection::form(token);
            let fetched =
                fetcher.post_form(endpoint, Some(client.expose()), form, ANSWER_BYTES_MAX, timeout).await?;
            introspection::read(fetched.status.as_u16(), fetched.body)
        }
        TokenAuthority::Service { scheme } => {
            let request = service::request(endpoint, scheme, token)?;
            let fetched = fetcher.send(request, ANSWER_BYTES_MAX, timeout).await?;
            service::read(fetched.status.as_u16(), fetched.body)
        }
    }
}
