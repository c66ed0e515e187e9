use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use rustls::server::{Acceptor, WebPkiClientVerifier};
use rustls::{NamedGroup, ServerConfig};
use tokio::net::TcpListener;
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor};

use super::Authority;
use crate::tests::{describe, patient, start_with};
use crate::tls::{ClientIdentity, ClientTls, TlsServer, pins::spki_sha256};
use crate::upstream::{Pool, Scheme, UpstreamConfig};

fn trusting(authority: &Authority) -> ClientTls {
    ClientTls { roots: Some(authority.pem.clone().into_bytes()), ..ClientTls::default() }
}

/// Sends one request; the error's words when there is no answer.
async fn ask(port: u16, tls: ClientTls) -> Result<u16, String> {
    let config = UpstreamConfig { tls, ..UpstreamConfig::new(Scheme::Https, "127.0.0.1", port) };
    let pool = Pool::new(config).map_err(|error| error.to_string())?;
    let request =
        http::Request::get("/").body(http_body_util::Empty::<bytes::Bytes>::new().map_err(never)).unwrap();
    pool.send(request, true)
        .await
        .map(|sent| sent.response.status().as_u16())
        .map_err(|error| error.to_string())
}

use http_body_util::BodyExt;

fn never(never: std::convert::Infallible) -> crate::BodyError {
    match never {}
}

#[tokio::test]
async fn the_name_that_is_asked_for_can_be_another_than_the_host() {
    let authority = Authority::new();
    let given = authority.give(&["service.internal"]);
    let tls = TlsServer::new(given.chain.as_bytes(), given.key.as_bytes()).unwrap();
    let served = start_with("127.0.0.1:0".parse().unwrap(), patient(), Some(tls), describe);
    let port = served.address.port();
    let other = ask(port, trusting(&authority)).await.unwrap_err();
    assert!(other.contains("for another name"), "{other}");
    let named = ClientTls { server_name: Some("service.internal".to_owned()), ..trusting(&authority) };
    assert_eq!(ask(port, named).await, Ok(200));
}

#[tokio::test]
async fn a_pin_is_asked_for_besides_everything_else() {
    let authority = Authority::new();
    let given = authority.give(&["127.0.0.1"]);
    let tls = TlsServer::new(given.chain.as_bytes(), given.key.as_bytes()).unwrap();
    let served = start_with("127.0.0.1:0".parse().unwrap(), patient(), Some(tls), describe);
    let port = served.address.port();
    let own = spki_sha256(&CertificateDer::from_pem_slice(given.chain.as_bytes()).unwrap()).unwrap();
    let issuer = spki_sha256(&CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap()).unwrap();
    let pinned = |pins: &[[u8; 32]]| ClientTls { pins: pins.to_vec(), ..trusting(&authority) };
    assert_eq!(ask(port, pinned(&[[0; 32], own])).await, Ok(200));
    for pins in [[0; 32], issuer] {
        let refused = ask(port, pinned(&[pins])).await.unwrap_err();
        assert!(refused.contains("none of the pinned keys"), "{refused}");
    }
    // A pin does not stand in for trust.
    let distrusted = ClientTls { roots: Some(Authority::new().pem.into_bytes()), ..pinned(&[own]) };
    let refused = ask(port, distrusted).await.unwrap_err();
    assert!(refused.contains("handshake failed") && !refused.contains("pinned"), "{refused}");
}

#[tokio::test]
async fn a_service_that_asks_for_a_certificate_is_shown_ours() {
    let authority = Authority::new();
    let (given, ours) = (authority.give(&["127.0.0.1"]), authority.give(&["gateway.internal"]));
    let provider = crate::tls::provider();
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(authority.roots()), Arc::clone(&provider))
            .build()
            .unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(given.chain.as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(given.key.as_bytes()).unwrap(),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(tcp).await else { continue };
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
        }
    });
    assert!(ask(port, trusting(&authority)).await.is_err());
    let identity = ClientIdentity {
        certificates: ours.chain.into_bytes(),
        key: model::Secret::new(ours.key.into_bytes()),
    };
    let shown = ClientTls { identity: Some(identity), ..trusting(&authority) };
    assert_eq!(ask(port, shown).await, Ok(200));
}

#[tokio::test]
async fn the_hybrid_post_quantum_group_is_offered_first() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let offered = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let start = LazyConfigAcceptor::new(Acceptor::default(), tcp).await.unwrap();
        start.client_hello().named_groups().map(<[NamedGroup]>::to_vec)
    });
    let _ = ask(port, trusting(&Authority::new())).await;
    let offered = offered.await.unwrap().unwrap();
    assert_eq!(offered.first(), Some(&NamedGroup::X25519MLKEM768), "{offered:?}");
    assert!(offered.contains(&NamedGroup::X25519));
}
