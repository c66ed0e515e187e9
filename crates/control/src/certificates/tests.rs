#![allow(clippy::unwrap_used)]

use config::Machine;
use gateway::{Options, Shared};
use net::tls::TlsVersion;

use super::*;

const API: &str = "openapi: 3.1.0
info: { title: a, version: '1' }
paths: { /a: { get: { security: [], responses: { '200': { description: fine } } } } }
";

#[tokio::test]
async fn only_the_process_that_owns_the_state_directory_orders() {
    let folder = std::env::temp_dir().join(format!("bartizan-orders-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("api.yaml"), API).unwrap();
    let file = folder.join("bartizan.yaml");
    std::fs::write(&file, "version: 1\nlisten: 127.0.0.1:0\nstate_dir: state\napis: { a: { spec: api.yaml, upstream: 'http://127.0.0.1:1' } }\n").unwrap();
    let (configuration, _, _) = config::read(&file, &Machine);
    let settings = configuration.unwrap().settings;
    let shared = Shared::new(Arc::new(model::SystemClock::default()), &settings.sizes);
    let gateway = Gateway::new(settings.clone(), shared, &Options::new(&folder)).unwrap();
    let certificates = Certificates::new(gateway, &folder);
    let terms = ServerTerms { certificates: Vec::new(), min_version: TlsVersion::V1_2 };
    let acme = Acme {
        names: vec!["a.example".to_owned()],
        contact: Vec::new(),
        directory: "https://127.0.0.1:1/directory".to_owned(),
        roots: None,
        challenge: AcmeChallenge::Http01,
    };
    let address = "127.0.0.1:443".parse().unwrap();
    let open = Open {
        configured: address,
        address,
        server: TlsServer::answering(&terms, certificates.challenges()).unwrap(),
        tls: ServerTls {
            certificates: Vec::new(),
            min_version: TlsVersion::V1_2,
            hsts: None,
            acme: Some(acme),
        },
    };
    let orders = || certificates.state().orders.len();
    // A successor that is not let go ahead yet, the owner, and one that has a successor of its own.
    certificates.settle(&settings, vec![open.clone()]);
    assert_eq!(orders(), 0);
    certificates.own();
    assert_eq!(orders(), 1);
    certificates.settle(&settings, vec![open.clone()]);
    assert_eq!(orders(), 1);
    certificates.stop();
    certificates.settle(&settings, vec![open]);
    assert_eq!(orders(), 0);
    let _ = std::fs::remove_dir_all(&folder);
}
