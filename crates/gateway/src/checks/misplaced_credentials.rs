//! Refuses credentials in places that leak them: in the query they end up in logs and histories, in a cookie they are
//! sent by every page that can reach us (RFC 9700 section 2.6, RFC 6750 section 5.3).

#[cfg(test)]
mod tests;

use std::sync::Arc;

use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderName};
use model::{Code, Mode, Owasp, Phase, Refusal};
use openapi::{KeyLocation, Location, SchemeKind};
use percent_encoding::percent_decode_str;

use crate::check::{About, BodyNeed, Build, Check, Preparation, Step};
use crate::exchange::Exchange;
use crate::question::Answers;

/// Names under which credentials are sent, in lower case and with `_` for `-`. A parameter that the operation declares
/// by such a name is a parameter. `key` and `code` are missing because they mean too many other things.
pub const CREDENTIAL_NAMES: &[&str] = &[
    "access_token",
    "accesstoken",
    "api_key",
    "apikey",
    "auth_token",
    "authorization",
    "authtoken",
    "bearer",
    "bearer_token",
    "client_secret",
    "id_token",
    "jwt",
    "refresh_token",
    "subscription_key",
    "token",
    "x_api_key",
];

pub struct MisplacedCredentials {
    /// Normalised names that are refused, for the query and for cookies.
    query: Vec<Arc<str>>,
    cookies: Vec<Arc<str>>,
    /// Headers that carry credentials, at most once each.
    headers: Vec<HeaderName>,
}

impl Build for MisplacedCredentials {
    const ABOUT: About = About {
        name: "misplaced_credentials",
        phase: Phase::Identify,
        owasp: &[Owasp::Api2],
        summary: "Refuses credentials in the query or a cookie, and several credentials of one kind.",
        default_mode: Mode::Enforce,
        may_watch: false,
        body: BodyNeed::None,
    };

    fn build(preparation: &Preparation<'_>) -> Result<Option<Self>, String> {
        let mut headers = vec![AUTHORIZATION];
        for name in api_key_names(preparation, KeyLocation::Header) {
            let header = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| "an API key's header name is not well-formed".to_owned())?;
            if !headers.contains(&header) {
                headers.push(header);
            }
        }
        let query = refused(preparation, Location::Query, KeyLocation::Query);
        let cookies = refused(preparation, Location::Cookie, KeyLocation::Cookie);
        Ok(Some(Self { query, cookies, headers }))
    }
}

impl Check for MisplacedCredentials {
    fn step(&self, exchange: &Exchange, _answers: &Answers) -> Step {
        if let Some(query) = &exchange.route.query
            && let Some(name) =
                query_names(query).find_map(|name| self.query.iter().find(|refused| ***refused == *name))
        {
            return misplaced("query", name);
        }
        if let Some(name) = cookie_names(&exchange.head.headers)
            .find_map(|name| self.cookies.iter().find(|refused| ***refused == *name))
        {
            return misplaced("cookie", name);
        }
        for header in &self.headers {
            if exchange.head.headers.get_all(header).iter().nth(1).is_some() {
                let refusal = Refusal::new(Code::CredentialAmbiguous);
                return Step::refuse(
                    refusal.detail(format!("the header `{header}` was sent more than once")),
                );
            }
        }
        Step::pass()
    }
}

/// The name is one of ours or of the description, never the caller's own spelling.
fn misplaced(place: &str, name: &str) -> Step {
    Step::refuse(Refusal::new(Code::CredentialMisplaced).detail(format!("in the {place}, as `{name}`")))
}

/// Our list and the names of the API's keys, without what the operation declares as a parameter there. The name of a
/// key that the description itself puts there is refused even so: nothing verifies it in such a place.
fn refused(preparation: &Preparation<'_>, location: Location, key_location: KeyLocation) -> Vec<Arc<str>> {
    let parameters =
        preparation.operation.map(|operation| operation.parameters.as_slice()).unwrap_or_default();
    let declared: Vec<String> = parameters
        .iter()
        .filter(|parameter| parameter.location == location)
        .map(|parameter| normal(&parameter.name))
        .collect();
    let everywhere = [KeyLocation::Header, KeyLocation::Query, KeyLocation::Cookie];
    let mut names: Vec<String> = CREDENTIAL_NAMES.iter().map(|name| (*name).to_owned()).collect();
    names.extend(
        everywhere.into_iter().flat_map(|at| api_key_names(preparation, at)).map(|name| normal(&name)),
    );
    names.retain(|name| !declared.contains(name));
    names.extend(api_key_names(preparation, key_location).iter().map(|name| normal(name)));
    names.sort();
    names.dedup();
    names.into_iter().map(Arc::from).collect()
}

fn api_key_names(preparation: &Preparation<'_>, at: KeyLocation) -> Vec<String> {
    let schemes = preparation.api.description.security_schemes.values();
    schemes
        .filter_map(|scheme| match &scheme.kind {
            SchemeKind::ApiKey { location, name } if *location == at => Some(name.clone()),
            _ => None,
        })
        .collect()
}

/// Names of `application/x-www-form-urlencoded` pairs, normalised; `token[]` and `token[x]` count as `token`.
pub(super) fn query_names(query: &str) -> impl Iterator<Item = String> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name).replace('+', " ");
        let name = normal(&percent_decode_str(&name).decode_utf8_lossy());
        name.split_once('[').map_or(name.as_str(), |(name, _)| name).trim().to_owned()
    })
}

fn cookie_names(headers: &HeaderMap) -> impl Iterator<Item = String> {
    headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'))
        .map(|pair| pair.split(|byte| *byte == b'=').next().unwrap_or_default())
        .map(|name| normal(String::from_utf8_lossy(name).trim()))
}

fn normal(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}
