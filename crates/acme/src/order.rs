//! One order, from the names to the certificate.

use std::time::Duration;

use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewOrder, Order, OrderStatus, RetryPolicy,
};
use net::fetch::Fetcher;
use net::tls::{
    CertificateFacts, Challenges, Pending, ServerCertificate, ServerTerms, TlsServer, TlsVersion,
};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};

use crate::authority::{self, failed, short};
use crate::{Challenge, Fault, Store, Terms};

/// The whole of it; an authority that takes longer is asked again later.
const ORDER_TIMEOUT: Duration = Duration::from_secs(300);
const POLL: RetryPolicy = RetryPolicy::new()
    .initial_delay(Duration::from_millis(250))
    .backoff(1.5)
    .timeout(Duration::from_secs(120));

/// Orders, and keeps what came. `challenges`: where validations are answered.
pub(crate) async fn obtain(
    terms: &Terms,
    store: &Store,
    fetcher: &Fetcher,
    challenges: &Challenges,
) -> Result<(), Fault> {
    let ordering = async {
        let account = authority::account(terms, store, fetcher).await?;
        let pem = order(terms, &account, challenges).await?;
        store.keep_certificate(terms, pem.as_bytes())
    };
    tokio::time::timeout(ORDER_TIMEOUT, ordering).await.unwrap_or(Err(Fault::TimedOut))
}

/// Gives the private key and the chain in one PEM text, found to be usable.
async fn order(terms: &Terms, account: &Account, challenges: &Challenges) -> Result<String, Fault> {
    let identifiers: Vec<_> = terms.names.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&identifiers)).await.map_err(failed)?;
    // Withdrawn when this function ends, however it ends.
    let _pending = answer_validations(&mut order, terms, challenges).await?;
    match order.poll_ready(&POLL).await {
        Ok(OrderStatus::Ready) => {}
        Ok(_) => {
            let given_up = Fault::Authority("the authority has given the order up".to_owned());
            return Err(why_not(&mut order, given_up).await);
        }
        Err(error) => return Err(why_not(&mut order, failed(error)).await),
    }
    let key = KeyPair::generate().map_err(|_| Fault::Crypto)?;
    let mut params = CertificateParams::new(terms.names.clone()).map_err(|_| Fault::Crypto)?;
    params.distinguished_name = DistinguishedName::new();
    let request = params.serialize_request(&key).map_err(|_| Fault::Crypto)?;
    order.finalize_csr(request.der()).await.map_err(failed)?;
    let chain = order.poll_certificate(&POLL).await.map_err(failed)?;
    let pem = format!("{}{chain}", key.serialize_pem());
    judge(&pem, terms)?;
    Ok(pem)
}

async fn answer_validations(
    order: &mut Order,
    terms: &Terms,
    challenges: &Challenges,
) -> Result<Vec<Pending>, Fault> {
    let (kind, word) = match terms.challenge {
        Challenge::Http01 => (ChallengeType::Http01, "http-01"),
        Challenge::TlsAlpn01 => (ChallengeType::TlsAlpn01, "tls-alpn-01"),
    };
    let mut pending = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.map_err(failed)?;
        let name = authorization.identifier().to_string();
        match authorization.status {
            // From an order before; it holds for a while.
            AuthorizationStatus::Valid => continue,
            AuthorizationStatus::Pending => {}
            _ => return Err(Fault::Validation { name, why: "the authority has given it up".to_owned() }),
        }
        let Some(mut challenge) = authorization.challenge(kind.clone()) else {
            return Err(Fault::NotOffered(name, word));
        };
        let key_authorization = challenge.key_authorization();
        let expected = match terms.challenge {
            Challenge::Http01 => challenges.expect_http(&challenge.token, key_authorization.as_str()),
            Challenge::TlsAlpn01 => {
                let (certificate, key) = validation_certificate(&name, key_authorization.digest().as_ref())?;
                challenges
                    .expect_tls(&name, certificate.as_bytes(), key.as_bytes())
                    .map_err(|_| Fault::Crypto)?
            }
        };
        pending.push(expected.ok_or(Fault::TooMany)?);
        challenge.set_ready().await.map_err(failed)?;
    }
    Ok(pending)
}

/// RFC 8737 section 3: self-signed, for the name alone, with the digest in a critical extension.
fn validation_certificate(name: &str, digest: &[u8]) -> Result<(String, String), Fault> {
    if digest.len() != 32 {
        return Err(Fault::Crypto);
    }
    let key = KeyPair::generate().map_err(|_| Fault::Crypto)?;
    let mut params = CertificateParams::new(vec![name.to_owned()]).map_err(|_| Fault::Crypto)?;
    params.custom_extensions.push(CustomExtension::new_acme_identifier(digest));
    let certificate = params.self_signed(&key).map_err(|_| Fault::Crypto)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

/// The authority's own words on the first name that it could not validate, else what is known already.
async fn why_not(order: &mut Order, known: Fault) -> Fault {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let name = authorization.identifier().to_string();
        let Ok(state) = authorization.refresh().await else { continue };
        let error = state.challenges.iter().find_map(|challenge| challenge.error.as_ref());
        if let Some(error) = error {
            return Fault::Validation { name, why: short(&error.to_string()) };
        }
    }
    known
}

/// What is not usable never comes into force, whoever signed it.
pub(crate) fn judge(pem: &str, terms: &Terms) -> Result<CertificateFacts, Fault> {
    let certificate = certificate(pem.as_bytes());
    let served = ServerTerms { certificates: vec![certificate], min_version: TlsVersion::V1_2 };
    TlsServer::with(&served).map_err(Fault::Unfit)?;
    let facts = CertificateFacts::of_pem(pem.as_bytes()).map_err(Fault::Unfit)?;
    match terms.names.iter().find(|name| !facts.covers(name)) {
        Some(name) => Err(Fault::OtherNames(name.clone())),
        None => Ok(facts),
    }
}

/// Key and chain stand in one text, so that they cannot be of different ages.
pub(crate) fn certificate(pem: &[u8]) -> ServerCertificate {
    ServerCertificate { chain: pem.to_vec(), key: model::Secret::new(pem.to_vec()) }
}
