//! Asks a service what two identities see, to confirm a proposal of bindings. Only GETs of lists and of single objects.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use net::Roots;
use net::fetch::{FetchError, Fetched, Fetcher, Guard};
use policy::infer::Inferred;

use crate::Failure;

/// Bytes of one answer that are read.
const ANSWER_BYTES_MAX: usize = 8 << 20;
/// For one answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Lists that are asked for.
const LISTS_MAX: usize = 100;

/// Somebody to ask as.
pub struct Identity {
    authorization: HeaderValue,
}

impl Identity {
    /// With a bearer token (RFC 6750), or with all that is to stand in `Authorization`: a word before the token
    /// (RFC 9110 section 11.4), which no token has in it.
    ///
    /// # Errors
    /// The token holds what no header field can.
    pub fn with(credential: &str) -> Result<Self, Failure> {
        let credential = credential.trim();
        let value = match credential.split_once(' ') {
            Some(_) => credential.to_owned(),
            None => format!("Bearer {credential}"),
        };
        let mut authorization = HeaderValue::from_str(&value)
            .map_err(|_| Failure::trouble("a token holds characters that cannot be sent"))?;
        authorization.set_sensitive(true);
        Ok(Self { authorization })
    }
}

/// Asks, and takes the answers into the proposal.
///
/// # Errors
/// The service cannot be reached at all.
pub async fn confirm(
    inferred: &mut Inferred,
    upstream: &str,
    a: &Identity,
    b: &Identity,
) -> Result<(), Failure> {
    // The operator named the service; where it lies is for them to say.
    let allow = vec![(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0), (IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0)];
    let roots = Roots::system().map_err(|error| Failure::trouble(format!("no trusted roots: {error}")))?;
    let fetcher = Fetcher::new(Guard { allow }, &roots)
        .map_err(|error| Failure::trouble(format!("TLS cannot be set up: {error}")))?;
    let service = Service { fetcher, base: upstream.trim_end_matches('/').to_owned() };
    let listings = inferred.listings();
    for listing in listings.iter().take(LISTS_MAX) {
        let (first, second) = (service.get(&listing.path, a).await?, service.get(&listing.path, b).await?);
        let of = |inferred: &Inferred, got: Fetched| inferred.heard(listing, got.status.as_u16(), got.body);
        let (first, second) = (of(inferred, first), of(inferred, second));
        let crossed = [
            (inferred.cross_reads(listing, &first, &second), b),
            (inferred.cross_reads(listing, &second, &first), a),
        ];
        inferred.compare(listing, &first, &second);
        for (read, other) in crossed {
            let Some(read) = read else { continue };
            let got = service.get(&read.path, other).await?;
            inferred.crossed(&read, got.status.as_u16());
        }
    }
    Ok(())
}

struct Service {
    fetcher: Fetcher,
    base: String,
}

impl Service {
    async fn get(&self, path: &str, identity: &Identity) -> Result<Fetched, Failure> {
        let request = Request::get(format!("{}{path}", self.base))
            .header(header::AUTHORIZATION, identity.authorization.clone())
            .header(header::ACCEPT, "application/json")
            .body(Bytes::new())
            .map_err(|_| Failure::trouble("the service's URL cannot be used"))?;
        match self.fetcher.send(request, ANSWER_BYTES_MAX, ANSWER_TIMEOUT).await {
            Ok(fetched) => Ok(fetched),
            // One answer that cannot be used says nothing of the others.
            Err(FetchError::TooLarge | FetchError::TimedOut) => Ok(Fetched {
                status: StatusCode::GATEWAY_TIMEOUT,
                headers: http::HeaderMap::new(),
                body: Bytes::new(),
            }),
            Err(error) => Err(Failure::unreachable(format!("the service cannot be asked: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests;
