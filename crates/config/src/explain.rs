//! What the configuration would do with a request, and what the gateway did with one, in words.

mod curl;
mod plan;
pub mod record;
pub mod routes;
pub mod status;

use gateway::settings::Settings;
use serde_json::Value;

/// A request as far as it can be known without sending it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    /// Lower case; empty when it does not matter.
    pub host: String,
    /// Path and query.
    pub target: String,
}

impl Asked {
    /// From a curl command. The error is a sentence.
    pub fn from_curl(command: &str) -> Result<Self, String> {
        curl::read(command)
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

/// Explains a request; `client` names one that the configuration knows by its API keys. The error is a sentence.
pub fn request(settings: &Settings, asked: &Asked, client: Option<&str>) -> Result<Explanation, String> {
    plan::request(settings, asked, client)
}

/// What stands against the configuration when it is prepared as for serving.
pub fn trial(settings: &Settings) -> Vec<model::Finding> {
    plan::trial(settings)
}

#[cfg(test)]
mod tests;
