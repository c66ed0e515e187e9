//! The parts of a URL that a request needs.

use http::Uri;
use http::uri::PathAndQuery;

use crate::head;
use crate::upstream::Scheme;

pub(super) struct Url {
    pub scheme: Scheme,
    /// Without brackets.
    pub host: String,
    pub port: u16,
    pub target: Uri,
}

impl Url {
    /// `None`: not an absolute http or https URL, or with userinfo.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.split('#').next()?;
        let uri: Uri = text.parse().ok()?;
        let scheme = match uri.scheme_str()? {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return None,
        };
        let authority = uri.authority()?;
        if !head::is_well_formed(authority.as_str().as_bytes()) {
            return None;
        }
        let port = authority.port_u16().unwrap_or(match scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
        });
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let target = uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        Some(Self { scheme, host, port, target: Uri::from(target) })
    }
}
