//! An authority of a story's own, and a client that says which name it asks for and tells what it was shown.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    PublicKeyData,
};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::Answer;
use crate::attack::frames::Http2;
use crate::client::read_answer;

pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

/// A certificate and its key, PEM.
pub struct Given {
    pub chain: String,
    pub key: String,
    /// Of the SubjectPublicKeyInfo, in hexadecimal digits.
    pub public_key_sha256: String,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "authority of a story");
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    pub fn give(&self, names: &[&str]) -> Given {
        self.give_until(names, 2090)
    }

    /// Valid from 2020 to the beginning of this year.
    pub fn give_until(&self, names: &[&str], year: i32) -> Given {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let chain = params.signed_by(&key, &self.issuer).unwrap().pem();
        Given { chain, key: key.serialize_pem(), public_key_sha256: sha256(&key.subject_public_key_info()) }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Given {
    /// As `NAME.pem` and `NAME.key`, each renamed into its place; the certificate last.
    pub fn put(&self, folder: &Path, name: &str) {
        for (end, text) in [("key", &self.key), ("pem", &self.chain)] {
            let aside: PathBuf = folder.join(format!("{name}.{end}.new"));
            std::fs::write(&aside, text).unwrap();
            std::fs::rename(&aside, folder.join(format!("{name}.{end}"))).unwrap();
        }
    }

    pub fn der(&self) -> Vec<u8> {
        CertificateDer::from_pem_slice(self.chain.as_bytes()).unwrap().to_vec()
    }
}

/// A client that trusts one authority.
#[derive(Clone)]
pub struct TlsClient(Arc<ClientConfig>);

/// What came over one connection.
pub struct Shown {
    pub answer: Answer,
    /// The server's own certificate, DER.
    pub certificate: Vec<u8>,
}

impl TlsClient {
    pub fn trusting(pem: &str) -> Self {
        Self::speaking(pem, rustls::DEFAULT_VERSIONS)
    }

    pub fn of_tls_1_2(pem: &str) -> Self {
        Self::speaking(pem, &[&rustls::version::TLS12])
    }

    fn speaking(pem: &str, versions: &[&'static rustls::SupportedProtocolVersion]) -> Self {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            roots.add(certificate.unwrap()).unwrap();
        }
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        // Each connection shows what is in force, not what was when a ticket was given.
        config.resumption = rustls::client::Resumption::disabled();
        Self(Arc::new(config))
    }

    /// One request on a connection of its own.
    pub fn get(&self, address: SocketAddr, name: &str, target: &str) -> Result<Shown, String> {
        let mut stream = self.connect(address, name)?;
        let answer = ask(&mut stream, name, target, "Connection: close\r\n")?;
        let shown = stream.conn.peer_certificates().and_then(<[_]>::first);
        Ok(Shown { answer, certificate: shown.map(|der| der.to_vec()).unwrap_or_default() })
    }

    /// A connection for more than one request.
    pub fn keep(&self, address: SocketAddr, name: &str) -> Result<Kept, String> {
        Ok(Kept { stream: self.connect(address, name)?, name: name.to_owned() })
    }

    /// The same with HTTP/2, agreed on by ALPN.
    pub fn keep_http2(&self, address: SocketAddr, name: &str) -> Result<Http2, String> {
        let mut config = ClientConfig::clone(&self.0);
        config.alpn_protocols = vec![b"h2".to_vec()];
        let mut stream = Self(Arc::new(config)).connect(address, name)?;
        stream.conn.complete_io(&mut stream.sock).map_err(|error| error.to_string())?;
        if stream.conn.alpn_protocol() != Some(b"h2") {
            return Err("HTTP/2 is not agreed on".to_owned());
        }
        let socket = stream.sock.try_clone().map_err(|error| error.to_string())?;
        Ok(Http2::over(stream, socket))
    }

    fn connect(&self, address: SocketAddr, name: &str) -> Result<Secured, String> {
        let host = ServerName::try_from(name.to_owned()).unwrap();
        let connection = ClientConnection::new(Arc::clone(&self.0), host).unwrap();
        let tcp = TcpStream::connect(address).map_err(|error| error.to_string())?;
        tcp.set_read_timeout(Some(crate::PATIENCE)).unwrap();
        Ok(StreamOwned::new(connection, tcp))
    }
}

type Secured = StreamOwned<ClientConnection, TcpStream>;

/// A connection that is kept.
pub struct Kept {
    stream: Secured,
    name: String,
}

impl Kept {
    /// Errors: there was no answer, or it was the last one here.
    pub fn get(&mut self, target: &str) -> Result<Answer, String> {
        let answer = ask(&mut self.stream, &self.name, target, "")?;
        if answer.header("connection") == Some("close") { Err("closed".to_owned()) } else { Ok(answer) }
    }
}

fn ask(stream: &mut Secured, name: &str, target: &str, more: &str) -> Result<Answer, String> {
    let request = format!("GET {target} HTTP/1.1\r\nHost: {name}\r\n{more}\r\n");
    stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
    read_answer(stream).ok_or_else(|| "no answer".to_owned())
}

fn sha256(bytes: &[u8]) -> String {
    let sum = ::aws_lc_rs::digest::digest(&::aws_lc_rs::digest::SHA256, bytes);
    sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
