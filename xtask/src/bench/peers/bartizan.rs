//! Bartizan in the forms that are measured.

use crate::bench::contender::Contender;
use crate::bench::lab::{Lab, PROXY_CORE, free_port};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Every check that can be switched off is, and no records.
    Plain,
    /// The same on two cores.
    PlainTwoCores,
    /// Plain, with records on disk.
    Recorded,
    /// Plain, over TLS.
    Tls,
    /// Plain, but for a body that a schema holds back whole.
    Held,
    /// Token, scopes, limit, parameters, media type, schema, records; the rules engine is measured by `bench waf`.
    Guarded,
    /// Guarded, with what is off by default on as well.
    EveryCheck,
    /// Objects that belong to the caller, by what the service's answers say.
    Owned,
}

/// Everything that can be switched off is off.
const OPEN: &str =
    "checks: { failed_authentications: off, parameters: off, media_type: off, response: off, waf: off }\n";
const GUARDED: &str = "checks: { waf: off }\n    auth:\n      bearerAuth: { issuer: \"https://bench.test/\", audience: orders, jwks: jwks.json }\n    \
                       limits: [{ per: client, rate: 1000000/s, burst: 1000000 }]\n";

const EVERY_CHECK: &str = "sanitise: true\n    \
     auth:\n      bearerAuth: { issuer: \"https://bench.test/\", audience: orders, jwks: jwks.json }\n    \
     limits: [{ per: client, rate: 1000000/s, burst: 1000000 }, { per: address, rate: 1000000/s, burst: 1000000 }]\n    \
     checks: { response: enforce }\n";

const OWNED: &str = "authorization: { bindings: owned.bindings.yaml }\n    \
     auth:\n      bearerAuth: { issuer: \"https://bench.test/\", audience: orders, jwks: jwks.json }\n";

/// Starts the program in this form, before the service.
pub fn start(lab: &mut Lab, program: &str, form: Form, origin: u16) -> Result<Contender, String> {
    let port = free_port()?;
    let name = format!("{form:?}").to_lowercase();
    let (spec, body) = match form {
        Form::Guarded => ("guarded.openapi.yaml", GUARDED),
        Form::EveryCheck => ("every.openapi.yaml", EVERY_CHECK),
        Form::Owned => ("owned.openapi.yaml", OWNED),
        Form::Held => ("held.openapi.yaml", "checks: { failed_authentications: off, waf: off }\n"),
        _ => ("open.openapi.yaml", OPEN),
    };
    let recorded = matches!(form, Form::Recorded | Form::Guarded | Form::EveryCheck | Form::Owned);
    let records = if recorded { "256MiB" } else { "0" };
    let tls = match form {
        Form::Tls => ", tls: { certificate: tls.crt, key: \"${file:tls.key}\" }",
        _ => "",
    };
    let text = format!(
        "version: 1\nlisten: {{ address: 127.0.0.1:{port}{tls} }}\nstate_dir: state-{name}\n\
         admin: {{ address: 127.0.0.1:0 }}\nrecords_bytes_max: {records}\n\
         sizes: {{ connections_per_address_max: 10000 }}\napis:\n  orders:\n    spec: {spec}\n    \
         upstream: http://127.0.0.1:{origin}\n    {body}"
    );
    let file = lab.write(&format!("{name}.yaml"), &text)?;
    let cores = if form == Form::PlainTwoCores { "0,1" } else { PROXY_CORE };
    lab.start(cores, program, &["serve", "--config", &file], port)
}
