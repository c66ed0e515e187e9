//! The account with the authority, and how the authority is reached.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use instant_acme::{Account, AccountCredentials, BodyWrapper, BytesResponse, Error, HttpClient, NewAccount};
use net::fetch::Fetcher;

use crate::{Fault, Store, Terms};

/// An answer of an authority; chains of certificates are the largest.
const ANSWER_BYTES_MAX: usize = 1 << 20;
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// The guarded fetcher in the shape that the client of the protocol asks for.
struct Guarded(Fetcher);

impl HttpClient for Guarded {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let fetcher = self.0.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            let fetched = fetcher
                .send(Request::from_parts(parts, body), ANSWER_BYTES_MAX, ANSWER_TIMEOUT)
                .await
                .map_err(|fault| Error::Other(Box::new(fault)))?;
            let mut response = Response::new(Full::new(fetched.body));
            *response.status_mut() = fetched.status;
            *response.headers_mut() = fetched.headers;
            Ok(BytesResponse::from(response))
        })
    }
}

/// The account of these terms: the one that was kept, else a new one, which is kept.
pub(crate) async fn account(terms: &Terms, store: &Store, fetcher: &Fetcher) -> Result<Account, Fault> {
    // The client takes a URL for granted that is well-formed.
    terms.directory.parse::<http::Uri>().map_err(|_| Fault::Directory)?;
    let builder = || Account::builder_with_http(Box::new(Guarded(fetcher.clone())));
    if let Some(kept) = store.account(terms)? {
        let credentials: AccountCredentials = serde_json::from_slice(&kept).map_err(|_| Fault::Crypto)?;
        return builder().from_credentials(credentials).await.map_err(failed);
    }
    let contact: Vec<&str> = terms.contact.iter().map(String::as_str).collect();
    let new = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
    let (account, credentials) =
        builder().create(&new, terms.directory.clone(), None).await.map_err(failed)?;
    let text = serde_json::to_vec(&credentials).map_err(|_| Fault::Crypto)?;
    store.keep_account(terms, &text)?;
    Ok(account)
}

pub(crate) fn failed(error: Error) -> Fault {
    match error {
        Error::Timeout(_) => Fault::TimedOut,
        Error::Json(_) => Fault::Authority("the authority's answer is not understood".to_owned()),
        error => Fault::Authority(format!("the authority: {}", short(&error.to_string()))),
    }
}

/// Words of the authority, for a line of a log.
pub(crate) fn short(text: &str) -> String {
    const CHARACTERS_MAX: usize = 300;
    text.chars()
        .map(|c| if model::is_hidden(c) || c.is_control() { ' ' } else { c })
        .take(CHARACTERS_MAX)
        .collect()
}
