//! The OWASP API Security Top 10, edition 2023.

use serde::{Deserialize, Serialize};

/// A risk of the OWASP API Security Top 10 (2023).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Owasp {
    Api1,
    Api2,
    Api3,
    Api4,
    Api5,
    Api6,
    Api7,
    Api8,
    Api9,
    Api10,
}

impl Owasp {
    pub const ALL: [Self; 10] = [
        Self::Api1,
        Self::Api2,
        Self::Api3,
        Self::Api4,
        Self::Api5,
        Self::Api6,
        Self::Api7,
        Self::Api8,
        Self::Api9,
        Self::Api10,
    ];

    /// The list's own title for the risk.
    pub fn title(self) -> &'static str {
        match self {
            Self::Api1 => "Broken Object Level Authorization",
            Self::Api2 => "Broken Authentication",
            Self::Api3 => "Broken Object Property Level Authorization",
            Self::Api4 => "Unrestricted Resource Consumption",
            Self::Api5 => "Broken Function Level Authorization",
            Self::Api6 => "Unrestricted Access to Sensitive Business Flows",
            Self::Api7 => "Server Side Request Forgery",
            Self::Api8 => "Security Misconfiguration",
            Self::Api9 => "Improper Inventory Management",
            Self::Api10 => "Unsafe Consumption of APIs",
        }
    }
}
