//! Who may call: the security schemes a description declares, and the requirements of an operation.

use std::sync::Arc;

use model::Place;

/// What an operation asks of its caller (OpenAPI 3.1 section 4.8.30).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Security {
    /// Neither the operation nor the root says anything: refused.
    Missing,
    /// `security: []`.
    Public { place: Place },
    /// One of these is enough. Never empty.
    AnyOf(Vec<Alternative>),
}

impl Security {
    /// Whether anyone may call, without a credential.
    pub fn admits_anyone(&self) -> bool {
        match self {
            Self::Missing => false,
            Self::Public { .. } => true,
            Self::AnyOf(alternatives) => {
                alternatives.iter().any(|alternative| alternative.schemes.is_empty())
            }
        }
    }
}

/// All of these together. No scheme at all (`{}`) admits an anonymous caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    pub schemes: Vec<Required>,
    pub place: Place,
}

/// A scheme that has to be satisfied, with the scopes (or, in 3.1, roles) it has to carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Required {
    pub scheme: Arc<str>,
    pub scopes: Vec<Arc<str>>,
    /// The scheme's name in the requirement.
    pub place: Place,
}

/// An entry of `securitySchemes` (2.0: `securityDefinitions`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityScheme {
    pub name: Arc<str>,
    pub place: Place,
    pub kind: SchemeKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemeKind {
    Bearer {
        /// `bearerFormat`, a hint.
        format: Option<String>,
    },
    Basic,
    /// Another scheme of the HTTP authentication scheme registry, lower case: `digest`, `dpop`, ...
    OtherHttp(String),
    ApiKey {
        location: KeyLocation,
        name: String,
    },
    OAuth2,
    OpenIdConnect {
        /// `openIdConnectUrl`, the discovery document.
        url: String,
    },
    MutualTls,
}

/// Where an API key travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyLocation {
    Header,
    Query,
    Cookie,
}
