//! The listening side: several certificates, chosen by name, exchanged whole while connections go on.

use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use model::Secret;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::Ticketer;
use rustls::server::{ClientHello, ProducesTickets};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};

use super::challenges::{ACME_TLS, Challenges};
use super::{CertificateFacts, TlsError, provider, read_certificates, read_key};

/// Fatal alerts (RFC 8446 section 6.2).
const INTERNAL_ERROR: u8 = 80;
const UNRECOGNIZED_NAME: u8 = 112;

/// What a listener speaks TLS with.
#[derive(Debug, Clone)]
pub struct ServerTerms {
    /// The first one is shown to clients that name no host. None at all: every handshake is refused.
    pub certificates: Vec<ServerCertificate>,
    pub min_version: TlsVersion,
}

/// A chain and its key, both PEM.
#[derive(Debug, Clone)]
pub struct ServerCertificate {
    /// Leaf first.
    pub chain: Vec<u8>,
    /// PKCS#8, SEC1 or PKCS#1.
    pub key: Secret<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum TlsVersion {
    #[default]
    V1_2,
    V1_3,
}

/// A listener's certificates; clones are the same listener's. What [`TlsServer::put`] brings holds for every handshake
/// that begins later: connections go on with what they began with.
#[derive(Clone)]
pub struct TlsServer {
    served: Arc<ArcSwap<Served>>,
    /// Made once, so that tickets outlive an exchange of certificates. A name that is no longer served is refused before
    /// its ticket is looked at.
    tickets: Arc<dyn ProducesTickets>,
    challenges: Challenges,
}

/// Terms that were found to be usable.
pub struct Prepared(Served);

#[derive(Default)]
struct Served {
    certificates: Vec<Certified>,
}

struct Certified {
    facts: CertificateFacts,
    key: Arc<CertifiedKey>,
    config: Arc<ServerConfig>,
}

/// What a handshake comes to.
pub(super) enum Choice {
    Serve(Arc<ServerConfig>),
    /// A validation by an ACME server: ends with the handshake (RFC 8737 section 3).
    Validate(Arc<ServerConfig>),
    /// The fatal alert that says why not.
    Refuse(u8),
}

impl TlsServer {
    /// One certificate. `certificates`: PEM, leaf first; `key`: PEM in PKCS#8, SEC1 or PKCS#1. Offers `h2` and
    /// `http/1.1`.
    pub fn new(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let certificate = ServerCertificate { chain: certificates.to_vec(), key: Secret::new(key.to_vec()) };
        Self::with(&ServerTerms { certificates: vec![certificate], min_version: TlsVersion::V1_2 })
    }

    pub fn with(terms: &ServerTerms) -> Result<Self, TlsError> {
        Self::answering(terms, &Challenges::default())
    }

    /// `challenges`: where answers to validations by TLS-ALPN-01 are left.
    pub fn answering(terms: &ServerTerms, challenges: &Challenges) -> Result<Self, TlsError> {
        let server = Self {
            served: Arc::default(),
            tickets: Ticketer::new().map_err(TlsError::Unfit)?,
            challenges: challenges.clone(),
        };
        server.put(server.prepare(terms)?);
        Ok(server)
    }

    /// Reads and judges; changes nothing.
    pub fn prepare(&self, terms: &ServerTerms) -> Result<Prepared, TlsError> {
        let certified = |certificate| self.certified(certificate, terms.min_version);
        let certificates = terms.certificates.iter().map(certified).collect::<Result<_, _>>()?;
        Ok(Prepared(Served { certificates }))
    }

    /// From now on.
    pub fn put(&self, prepared: Prepared) {
        self.served.store(Arc::new(prepared.0));
    }

    fn certified(&self, of: &ServerCertificate, min_version: TlsVersion) -> Result<Certified, TlsError> {
        let chain = read_certificates(&of.chain)?;
        let facts = CertificateFacts::of(chain.first().ok_or(TlsError::NoCertificate)?)?;
        let key = read_key(of.key.expose())?;
        let key = Arc::new(CertifiedKey::from_der(chain, key, &provider()).map_err(TlsError::Unfit)?);
        let mut config = config(Arc::clone(&key), min_version)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.ticketer = Arc::clone(&self.tickets);
        Ok(Certified { facts, key, config: Arc::new(config) })
    }

    /// `local`: the address that was connected to, for clients that name no host because they know none (RFC 6066
    /// section 3 has no SNI for addresses).
    pub(super) fn choose(&self, hello: &ClientHello<'_>, local: IpAddr) -> Choice {
        if hello.alpn().is_some_and(|mut protocols| protocols.any(|protocol| protocol == ACME_TLS)) {
            let validation = hello.server_name().and_then(|name| self.challenges.tls(name));
            return validation.map_or(Choice::Refuse(UNRECOGNIZED_NAME), Choice::Validate);
        }
        let served = self.served.load();
        let Some(first) = served.certificates.first() else { return Choice::Refuse(INTERNAL_ERROR) };
        let fitting: Vec<&Certified> = match hello.server_name() {
            Some(name) => served.certificates.iter().filter(|one| one.facts.covers(name)).collect(),
            None => {
                let own = served.certificates.iter().filter(|one| one.facts.addresses.contains(&local));
                own.chain([first]).collect()
            }
        };
        let fitting = match fitting.as_slice() {
            // With one certificate there is nothing to choose, and so nothing to choose wrongly: the client compares the
            // names itself, and `Host` is held against the APIs' hosts whatever was named here. With several, another's
            // certificate would only hide that a name is not configured.
            [] if served.certificates.len() == 1 => &[first][..],
            fitting => fitting,
        };
        let signs = |one: &&&Certified| one.key.key.choose_scheme(hello.signature_schemes()).is_some();
        match fitting.iter().find(signs).or_else(|| fitting.first()) {
            Some(one) => Choice::Serve(Arc::clone(&one.config)),
            None => Choice::Refuse(UNRECOGNIZED_NAME),
        }
    }
}

/// Without ALPN and tickets. No early data: a replayed request is a second request.
pub(super) fn config(key: Arc<CertifiedKey>, min_version: TlsVersion) -> Result<ServerConfig, TlsError> {
    let versions: &[_] = match min_version {
        TlsVersion::V1_2 => &[&TLS13, &TLS12],
        TlsVersion::V1_3 => &[&TLS13],
    };
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .map_err(TlsError::Unfit)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(key)));
    config.max_early_data_size = 0;
    Ok(config)
}

impl std::fmt::Debug for TlsServer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TlsServer")
    }
}
