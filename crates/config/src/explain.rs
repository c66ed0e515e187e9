//! What the configuration would do with a request, and what the gateway did with one, in words.

mod authorization;
pub mod blocked;
pub mod blocks;
mod curl;
mod evidence;
mod limits;
pub mod origin;
mod plan;
pub mod record;
mod rehearsal;
pub mod routes;
mod services;
pub mod status;
mod told;

use std::fmt;

use bytes::Bytes;
use gateway::settings::Settings;
use http::HeaderMap;
use serde_json::Value;

/// A request as far as it can be known without sending it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    /// Lower case; empty when it does not matter.
    pub host: String,
    /// Path and query.
    pub target: String,
    pub carried: Carried,
}

/// What the request has besides.
#[derive(Clone, PartialEq, Eq)]
pub enum Carried {
    /// Nothing was said of it.
    Unsaid,
    /// A part of it is not in what was said; why.
    Elsewhere(&'static str),
    /// All of it.
    Said { headers: HeaderMap, body: Option<Bytes> },
}

/// Headers and bodies hold credentials.
impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsaid => f.write_str("Unsaid"),
            Self::Elsewhere(why) => f.debug_tuple("Elsewhere").field(why).finish(),
            Self::Said { headers, body } => {
                write!(f, "Said({} headers, {} bytes)", headers.len(), body.as_ref().map_or(0, Bytes::len))
            }
        }
    }
}

impl Asked {
    /// From a curl command, or from a method and a path. The error is a sentence.
    pub fn new(
        curl: Option<&str>,
        method: Option<&str>,
        path: Option<&str>,
        host: Option<&str>,
    ) -> Result<Self, String> {
        let mut asked = match (curl, method, path) {
            (Some(command), _, _) => curl::read(command)?,
            (None, Some(_), Some(path)) if !path.starts_with('/') => {
                let path = crate::render::field(path);
                return Err(format!(
                    "`{path}` is no path: it begins with `/`, as in `bartizan explain GET /orders/42`"
                ));
            }
            (None, Some(method), Some(path)) => Self {
                method: method.to_ascii_uppercase(),
                host: String::new(),
                target: path.to_owned(),
                carried: Carried::Unsaid,
            },
            _ => return Err("a method and a path are needed: `bartizan explain GET /orders/42`".to_owned()),
        };
        if let Some(host) = host {
            asked.host = host.to_ascii_lowercase();
        }
        Ok(asked)
    }

    /// As it can be explained where a secret of the configuration cannot be had.
    pub fn without_secrets(self) -> Self {
        match self.carried {
            Carried::Said { .. } => {
                let carried = Carried::Elsewhere("a secret of the configuration cannot be read");
                Self { carried, ..self }
            }
            _ => self,
        }
    }

    /// Whether only the real secrets can tell what becomes of it.
    pub fn needs_secrets(&self) -> bool {
        matches!(self.carried, Carried::Said { .. })
    }
}

/// The ordered decisions that a request would meet, each with the place that says so.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// `false`: it would be refused whatever else it carries.
    pub passes: bool,
    pub document: Value,
    pub text: String,
}

/// Explains a request; what it carries, or the API keys of a client, are judged by the checks. `client` names one that the configuration knows by its API keys. The error is a sentence.
pub fn request(settings: &Settings, asked: &Asked, client: Option<&str>) -> Result<Explanation, String> {
    plan::request(settings, asked, client)
}

/// What stands against the configuration when it is prepared as for serving.
pub fn trial(settings: &Settings) -> Vec<model::Finding> {
    plan::trial(settings)
}

#[cfg(test)]
mod tests;
