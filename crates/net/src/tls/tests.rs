#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! Both sides of TLS against each other and against plain rustls.

mod asking;
mod listening;

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};

use super::{ServerCertificate, provider};

/// An authority of the test's own.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

struct Given {
    chain: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "authority of a test");
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    fn give(&self, names: &[&str]) -> Given {
        self.give_by(names, KeyPair::generate().unwrap())
    }

    fn give_by(&self, names: &[&str], key: KeyPair) -> Given {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let chain = params.signed_by(&key, &self.issuer).unwrap().pem();
        Given { chain, key: key.serialize_pem() }
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()).unwrap();
        roots
    }

    /// What a client of others is configured with.
    fn client(&self) -> ClientConfig {
        ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots())
            .with_no_client_auth()
    }
}

impl Given {
    fn served(&self) -> ServerCertificate {
        ServerCertificate {
            chain: self.chain.clone().into_bytes(),
            key: model::Secret::new(self.key.clone().into_bytes()),
        }
    }
}

/// The common name is of no use; the first alternative name tells certificates apart.
fn first_name(certificates: Option<&[CertificateDer<'_>]>) -> String {
    let leaf = certificates.and_then(<[_]>::first).unwrap();
    super::CertificateFacts::of(leaf).unwrap().names()[0].clone()
}

fn shared(config: ClientConfig) -> Arc<ClientConfig> {
    Arc::new(config)
}
