//! Every case of `bench proxy`, and the ratios made of them.

use super::contender::Contender;
use super::lab::Lab;
use super::load::Load;
use super::peers::bartizan::{self, Form};
use super::peers::{envoy, haproxy, nginx};

/// One measured case: a contender under one kind of load.
pub struct Case {
    pub name: &'static str,
    pub contender: Contender,
    pub load: Load,
}

/// What was started.
pub struct Cases {
    pub cases: Vec<Case>,
    /// Of the service behind all of them.
    pub origin_port: u16,
}

/// The name of a ratio, what is compared, and with what.
pub const RATIOS: &[(&str, &str, &str)] = &[
    ("plain_vs_nginx", "bartizan plain", "nginx plain"),
    ("plain_vs_haproxy", "bartizan plain", "haproxy plain"),
    ("plain_vs_envoy", "bartizan plain", "envoy plain"),
    ("recorded_vs_nginx_logged", "bartizan recorded", "nginx logged"),
    ("tls_vs_nginx", "bartizan tls", "nginx tls"),
    ("tls_vs_haproxy", "bartizan tls", "haproxy tls"),
    ("buffered_64k_vs_nginx", "bartizan held 64k", "nginx held 64k"),
    ("buffered_64k_vs_nginx_in_memory", "bartizan held 64k", "nginx held 64k memory"),
    ("buffered_64k_vs_haproxy", "bartizan held 64k", "haproxy held 64k"),
    ("guarded_vs_nginx", "bartizan guarded 1k", "nginx plain"),
    ("guarded_vs_envoy_jwt", "bartizan guarded 1k", "envoy jwt 1k"),
    ("guarded_64k_vs_envoy_jwt", "bartizan guarded 64k", "envoy jwt 64k"),
    ("two_cores_vs_one", "bartizan plain two cores", "bartizan plain"),
];

/// Starts every contender, one after the other; ours is the given program.
pub fn start(lab: &mut Lab, program: &str) -> Result<Cases, String> {
    let origin = nginx::origin(lab)?.port;
    let script = |name: &str| Some(lab.path(name));
    let get = Load { tls: false, path: "/orders/1", script: None };
    let get_tls = Load { tls: true, ..get.clone() };
    let post_1k = Load { tls: false, path: "/orders", script: script("guarded_1k.lua") };
    let post_64k = Load { tls: false, path: "/orders", script: script("guarded_64k.lua") };
    let held = Load { tls: false, path: "/notes", script: script("held_64k.lua") };
    let mut cases = Vec::new();
    let mut case = |name, contender: &Contender, load: &Load| {
        cases.push(Case { name, contender: contender.clone(), load: load.clone() });
    };
    case("nginx plain", &nginx::peer(lab, nginx::Form::Plain, origin)?, &get);
    case("bartizan plain", &bartizan::start(lab, program, Form::Plain, origin)?, &get);
    case("haproxy plain", &haproxy::peer(lab, haproxy::Form::Plain, origin)?, &get);
    case("bartizan plain two cores", &bartizan::start(lab, program, Form::PlainTwoCores, origin)?, &get);
    case("nginx logged", &nginx::peer(lab, nginx::Form::Logged, origin)?, &get);
    case("bartizan recorded", &bartizan::start(lab, program, Form::Recorded, origin)?, &get);
    case("nginx tls", &nginx::peer(lab, nginx::Form::Tls, origin)?, &get_tls);
    case("bartizan tls", &bartizan::start(lab, program, Form::Tls, origin)?, &get_tls);
    case("haproxy tls", &haproxy::peer(lab, haproxy::Form::Tls, origin)?, &get_tls);
    case("nginx held 64k", &nginx::peer(lab, nginx::Form::Held, origin)?, &held);
    case("nginx held 64k memory", &nginx::peer(lab, nginx::Form::HeldInMemory, origin)?, &held);
    case("haproxy held 64k", &haproxy::peer(lab, haproxy::Form::Held, origin)?, &held);
    case("bartizan held 64k", &bartizan::start(lab, program, Form::Held, origin)?, &held);
    let guarded = bartizan::start(lab, program, Form::Guarded, origin)?;
    case("bartizan guarded 1k", &guarded, &post_1k);
    if let Some(program) = envoy::program() {
        let jwt = envoy::peer(lab, &program, true, origin)?;
        case("envoy jwt 1k", &jwt, &post_1k);
        case("envoy jwt 64k", &jwt, &post_64k);
        case("envoy plain", &envoy::peer(lab, &program, false, origin)?, &get);
    }
    case("bartizan guarded 64k", &guarded, &post_64k);
    Ok(Cases { cases, origin_port: origin })
}
