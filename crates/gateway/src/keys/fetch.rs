//! How an issuer's keys are fetched: its metadata (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3), then the
//! JWK Set it names. Never a place that a token names.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use net::fetch::Fetcher;
use token::KeySet;

use super::FetchedKeys;
use crate::fetches::FetchFault;
use crate::settings::{Jwt, KeySource};

const DOCUMENT_BYTES_MAX: usize = 1 << 20;

/// A fetched document, as far as it matters here.
pub(super) struct Document {
    pub status: u16,
    pub cache_control: Option<String>,
    pub body: Bytes,
}

type Getting<'a> = Pin<Box<dyn Future<Output = Result<Document, FetchFault>> + Send + 'a>>;

/// Where documents come from.
pub(super) trait Get: Sync {
    fn get<'a>(&'a self, url: &'a str) -> Getting<'a>;
}

/// The guarded fetcher, with the time that each document may take.
struct Guarded<'f>(&'f Fetcher, Duration);

impl Get for Guarded<'_> {
    fn get<'a>(&'a self, url: &'a str) -> Getting<'a> {
        Box::pin(async move {
            let fetched = self.0.get(url, DOCUMENT_BYTES_MAX, self.1).await?;
            let cache_control = fetched.headers.get(http::header::CACHE_CONTROL);
            Ok(Document {
                status: fetched.status.as_u16(),
                cache_control: cache_control.and_then(|value| value.to_str().ok()).map(str::to_owned),
                body: fetched.body,
            })
        })
    }
}

/// Fetches the keys of an authenticator. The error is for the operator: it names places of the configuration, never a
/// document's content.
pub async fn fetch_keys(fetcher: &Fetcher, jwt: &Jwt, timeout: Duration) -> Result<FetchedKeys, FetchFault> {
    keys_by(&Guarded(fetcher, timeout), jwt).await
}

pub(super) async fn keys_by(get: &dyn Get, jwt: &Jwt) -> Result<FetchedKeys, FetchFault> {
    let jwks_uri = match &jwt.keys {
        KeySource::Discovery => discover(get, &jwt.issuer).await?,
        KeySource::JwksUri(uri) => uri.clone(),
        KeySource::Jwks(_) | KeySource::Secret(_) => {
            return Err(FetchFault::forbidden("these keys are configured, not fetched"));
        }
    };
    let document = get_ok(get, &jwks_uri).await.map_err(|fault| fault.at("the key set"))?;
    let (keys, faults) =
        KeySet::parse_jwks(&document.body).map_err(|error| FetchFault::unusable(error.to_string()))?;
    if keys.is_empty() {
        let text = format!("the key set has no usable key; {} left out", faults.len());
        return Err(FetchFault::unusable(text));
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &document.body).as_ref());
    Ok(FetchedKeys { keys, digest, max_age: document.cache_control.as_deref().and_then(max_age) })
}

/// The issuer's `jwks_uri`, from the first of its two places that answers.
async fn discover(get: &dyn Get, issuer: &str) -> Result<String, FetchFault> {
    let mut failed: Option<FetchFault> = None;
    for url in metadata_urls(issuer)? {
        match get_ok(get, &url).await {
            Ok(document) => {
                return jwks_uri(&document.body, issuer).map_err(|fault| fault.at(&url));
            }
            Err(fault) => {
                let fault = fault.at(&url);
                failed = Some(match failed {
                    Some(first) => first.and(fault),
                    None => fault,
                });
            }
        }
    }
    Err(failed.unwrap_or_else(|| FetchFault::forbidden("the issuer has no place for its metadata")))
}

async fn get_ok(get: &dyn Get, url: &str) -> Result<Document, FetchFault> {
    if !may_fetch(url) {
        return Err(FetchFault::forbidden("it is neither https nor on this machine"));
    }
    let document = get.get(url).await?;
    if document.status == 200 { Ok(document) } else { Err(FetchFault::status(document.status)) }
}

/// OpenID Connect appends to the issuer; RFC 8414 puts the well-known part between host and path.
fn metadata_urls(issuer: &str) -> Result<[String; 2], FetchFault> {
    let (scheme, rest) = issuer
        .split_once("://")
        .ok_or_else(|| FetchFault::forbidden("the issuer is not a URL, so its keys need a `jwks_uri`"))?;
    let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    let path = path.strip_suffix('/').unwrap_or(path);
    Ok([
        format!("{scheme}://{authority}{path}/.well-known/openid-configuration"),
        format!("{scheme}://{authority}/.well-known/oauth-authorization-server{path}"),
    ])
}

/// `jwks_uri` of metadata that names exactly our issuer (RFC 8414 section 3.3): else one tenant could speak for another.
fn jwks_uri(body: &Bytes, issuer: &str) -> Result<String, FetchFault> {
    let document = tape::json::parse(body.clone(), &tape::Limits::default())
        .map_err(|_| FetchFault::unusable("the metadata is not strict JSON"))?;
    let member = |name: &str| document.root().get(name).and_then(|value| value.as_str());
    if member("issuer") != Some(issuer) {
        return Err(FetchFault::unusable("the metadata names another issuer than the configuration"));
    }
    member("jwks_uri")
        .map(str::to_owned)
        .ok_or_else(|| FetchFault::unusable("the metadata has no `jwks_uri`"))
}

/// Keys decide who is let in, so they come over TLS, except from this machine.
pub(crate) fn may_fetch(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else { return false };
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(host)) => {
            let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
            host == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }
        _ => false,
    }
}

/// `max-age` (RFC 9111 section 5.2.2.1); `no-store` and `no-cache` count as zero.
fn max_age(cache_control: &str) -> Option<Duration> {
    let mut age = None;
    for directive in cache_control.split(',') {
        let (name, value) = directive.trim().split_once('=').unwrap_or((directive.trim(), ""));
        if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
            return Some(Duration::ZERO);
        }
        if name.eq_ignore_ascii_case("max-age") {
            age = value.trim_matches('"').parse().ok().map(Duration::from_secs);
        }
    }
    age
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_places_follow_the_two_rules() {
        let urls = metadata_urls("https://login.example/tenant/").unwrap_or_default();
        assert_eq!(urls[0], "https://login.example/tenant/.well-known/openid-configuration");
        assert_eq!(urls[1], "https://login.example/.well-known/oauth-authorization-server/tenant");
        let urls = metadata_urls("https://login.example").unwrap_or_default();
        assert_eq!(urls[0], "https://login.example/.well-known/openid-configuration");
        assert_eq!(urls[1], "https://login.example/.well-known/oauth-authorization-server");
        assert!(metadata_urls("accounts").is_err());
    }

    #[test]
    fn keys_come_over_tls_or_from_this_machine() {
        for url in ["https://a.example/k", "http://127.0.0.1:1/k", "http://localhost/k", "http://[::1]:80/k"]
        {
            assert!(may_fetch(url), "{url}");
        }
        for url in ["http://a.example/k", "http://127.0.0.1.example/k", "http://10.0.0.1/k", "file:///k", "k"]
        {
            assert!(!may_fetch(url), "{url}");
        }
    }

    #[test]
    fn max_age_is_read_wherever_it_stands() {
        assert_eq!(max_age("public, max-age=600, must-revalidate"), Some(Duration::from_secs(600)));
        assert_eq!(max_age("Max-Age=\"60\""), Some(Duration::from_secs(60)));
        assert_eq!(max_age("max-age=600, no-cache"), Some(Duration::ZERO));
        assert_eq!(max_age("public"), None);
        assert_eq!(max_age("max-age=soon"), None);
    }
}
