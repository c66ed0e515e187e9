use std::net::IpAddr;
use std::sync::Arc;

use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, ClientConfig, Error, HandshakeKind, NamedGroup, ProtocolVersion};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{Authority, first_name, shared};
use crate::tls::{ServerTerms, TlsServer, TlsVersion};

type Wire = tokio::io::DuplexStream;

/// A handshake in memory, with the client's end of it.
async fn shake(
    server: &TlsServer,
    client: &Arc<ClientConfig>,
    name: &str,
    local: &str,
) -> Result<TlsStream<Wire>, Error> {
    let (ours, theirs) = tokio::io::duplex(64 << 10);
    let server = server.clone();
    let local: IpAddr = local.parse().unwrap();
    let serving = tokio::spawn(async move {
        if let Some(mut stream) = server.accept(ours, local).await {
            use tokio::io::AsyncWriteExt;
            let _ = stream.write_all(b"x").await;
            let _ = stream.shutdown().await;
        }
    });
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut stream = TlsConnector::from(Arc::clone(client)).connect(name, theirs).await.map_err(|error| {
        error
            .into_inner()
            .and_then(|inner| inner.downcast::<Error>().ok())
            .map_or(Error::General("cut".into()), |e| *e)
    })?;
    // Tickets come after the handshake.
    use tokio::io::AsyncReadExt;
    let _ = stream.read(&mut [0; 1]).await;
    serving.await.unwrap();
    Ok(stream)
}

fn shown(stream: &TlsStream<Wire>) -> String {
    first_name(stream.get_ref().1.peer_certificates())
}

fn two(authority: &Authority) -> ServerTerms {
    let certificates =
        [authority.give(&["a.example", "*.wild.example"]), authority.give(&["b.example", "192.0.2.7"])];
    ServerTerms {
        certificates: certificates.iter().map(super::Given::served).collect(),
        min_version: TlsVersion::V1_2,
    }
}

#[tokio::test]
async fn the_certificate_is_chosen_by_the_name_that_is_asked_for() {
    let authority = Authority::new();
    let server = TlsServer::with(&two(&authority)).unwrap();
    let client = shared(authority.client());
    for (name, local, expected) in [
        ("a.example", "127.0.0.1", "a.example"),
        ("B.Example", "127.0.0.1", "b.example"),
        ("x.wild.example", "127.0.0.1", "a.example"),
        // No SNI for an address: the one that holds the address that was connected to.
        ("192.0.2.7", "192.0.2.7", "b.example"),
    ] {
        let stream = shake(&server, &client, name, local).await.unwrap();
        assert_eq!(shown(&stream), expected, "{name}");
    }
    // A wildcard stands for one label; the name itself and two labels are other names.
    for name in ["wild.example", "x.y.wild.example", "c.example"] {
        let refused = shake(&server, &client, name, "127.0.0.1").await.unwrap_err();
        assert_eq!(refused, Error::AlertReceived(AlertDescription::UnrecognisedName), "{name}");
    }
}

#[tokio::test]
async fn clients_that_name_nothing_get_the_first_and_one_certificate_is_shown_to_all() {
    let authority = Authority::new();
    let terms = two(&authority);
    let mut nameless = authority.client();
    nameless.enable_sni = false;
    let server = TlsServer::with(&terms).unwrap();
    let stream = shake(&server, &shared(nameless), "a.example", "127.0.0.1").await.unwrap();
    assert_eq!(shown(&stream), "a.example");
    let one = ServerTerms { certificates: terms.certificates[..1].to_vec(), ..terms };
    let server = TlsServer::with(&one).unwrap();
    let refused = shake(&server, &shared(authority.client()), "c.example", "127.0.0.1").await.unwrap_err();
    // It is the client that finds it unfit, because it was shown.
    assert!(matches!(refused, Error::InvalidCertificate(_)), "{refused:?}");
}

#[tokio::test]
async fn without_a_certificate_every_handshake_is_refused() {
    let authority = Authority::new();
    let none = ServerTerms { certificates: Vec::new(), min_version: TlsVersion::V1_2 };
    let server = TlsServer::with(&none).unwrap();
    let client = shared(authority.client());
    let refused = shake(&server, &client, "a.example", "127.0.0.1").await.unwrap_err();
    assert_eq!(refused, Error::AlertReceived(AlertDescription::InternalError));
    server.put(server.prepare(&two(&authority)).unwrap());
    assert!(shake(&server, &client, "a.example", "127.0.0.1").await.is_ok());
}

#[tokio::test]
async fn certificates_are_exchanged_whole_and_tickets_outlive_it_for_names_that_stay() {
    let authority = Authority::new();
    let server = TlsServer::with(&two(&authority)).unwrap();
    let mut client = authority.client();
    client.resumption = Resumption::in_memory_sessions(16);
    let client = shared(client);
    let kind = |stream: &TlsStream<Wire>| stream.get_ref().1.handshake_kind();
    let first = shake(&server, &client, "b.example", "127.0.0.1").await.unwrap();
    assert!(matches!(kind(&first), Some(HandshakeKind::Full | HandshakeKind::FullWithHelloRetryRequest)));
    server.put(server.prepare(&two(&authority)).unwrap());
    let again = shake(&server, &client, "b.example", "127.0.0.1").await.unwrap();
    assert_eq!(kind(&again), Some(HandshakeKind::Resumed));
    // What does not fit changes nothing.
    let torn = authority.give(&["b.example"]);
    let mut unfit = torn.served();
    unfit.key = authority.give(&["b.example"]).served().key;
    let unfit = ServerTerms { certificates: vec![unfit], min_version: TlsVersion::V1_2 };
    assert!(server.prepare(&unfit).is_err());
    // A ticket for a name that is gone is worth nothing.
    let mut less = two(&authority);
    less.certificates.pop();
    less.certificates.push(authority.give(&["other.example"]).served());
    server.put(server.prepare(&less).unwrap());
    let refused = shake(&server, &client, "b.example", "127.0.0.1").await.unwrap_err();
    assert_eq!(refused, Error::AlertReceived(AlertDescription::UnrecognisedName));
}

#[tokio::test]
async fn the_hybrid_post_quantum_exchange_is_agreed_on_and_early_data_is_not_offered() {
    let authority = Authority::new();
    let server = TlsServer::with(&two(&authority)).unwrap();
    let mut client = authority.client();
    client.enable_early_data = true;
    let client = shared(client);
    for _ in 0..2 {
        let stream = shake(&server, &client, "a.example", "127.0.0.1").await.unwrap();
        let connection = stream.get_ref().1;
        let group = connection.negotiated_key_exchange_group().map(|group| group.name());
        assert_eq!(group, Some(NamedGroup::X25519MLKEM768));
        assert_eq!(connection.protocol_version(), Some(ProtocolVersion::TLSv1_3));
        assert!(!connection.is_early_data_accepted());
    }
}

#[tokio::test]
async fn the_oldest_version_is_what_was_configured() {
    let authority = Authority::new();
    let old = ClientConfig::builder_with_provider(crate::tls::provider())
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_root_certificates(authority.roots())
        .with_no_client_auth();
    let old = shared(old);
    let mut terms = two(&authority);
    let server = TlsServer::with(&terms).unwrap();
    let stream = shake(&server, &old, "a.example", "127.0.0.1").await.unwrap();
    assert_eq!(stream.get_ref().1.protocol_version(), Some(ProtocolVersion::TLSv1_2));
    terms.min_version = TlsVersion::V1_3;
    server.put(server.prepare(&terms).unwrap());
    let refused = shake(&server, &old, "a.example", "127.0.0.1").await.unwrap_err();
    assert_eq!(refused, Error::AlertReceived(AlertDescription::ProtocolVersion));
}

#[tokio::test]
async fn a_validation_is_answered_while_it_is_pending_and_by_its_own_protocol_alone() {
    let authority = Authority::new();
    let challenges = crate::tls::Challenges::default();
    let server = TlsServer::answering(&two(&authority), &challenges).unwrap();
    let mut client = authority.client();
    client.alpn_protocols = vec![b"acme-tls/1".to_vec()];
    let client = shared(client);
    let unknown = shake(&server, &client, "a.example", "127.0.0.1").await.unwrap_err();
    assert_eq!(unknown, Error::AlertReceived(AlertDescription::UnrecognisedName));
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
    params.custom_extensions.push(CustomExtension::new_acme_identifier(&[7; 32]));
    let given = params.self_signed(&key).unwrap().pem();
    let pending = challenges
        .expect_tls("A.example", given.as_bytes(), key.serialize_pem().as_bytes())
        .unwrap()
        .unwrap();
    // An ordinary client is not content with it, but it is what was shown.
    let shown = shake(&server, &client, "a.example", "127.0.0.1").await.unwrap_err();
    assert!(matches!(shown, Error::InvalidCertificate(_)), "{shown:?}");
    drop(pending);
    let gone = shake(&server, &client, "a.example", "127.0.0.1").await.unwrap_err();
    assert_eq!(gone, Error::AlertReceived(AlertDescription::UnrecognisedName));
    let pending = challenges.expect_http("token", "token.thumbprint").unwrap();
    assert_eq!(challenges.http("token").as_deref(), Some("token.thumbprint"));
    drop(pending);
    assert_eq!(challenges.http("token"), None);
}
