//! The JOSE header (RFC 7515 section 4): a short list of accepted parameters, everything else is refused.

use serde_json::{Map, Value};

use crate::{Algorithm, Fault, base64url, json};

/// Longer key ids are refused before they are looked for anywhere.
const KID_BYTES_MAX: usize = 256;

/// Parameters that say nothing we rely on, sent by issuers in wide use: certificate thumbprints (Entra, AD FS)
/// and the token manager's id (PingFederate). Ignoring them is what RFC 7515 section 4 asks for.
const IGNORED: &[&str] = &["x5t", "x5t#S256", "pi.atm"];

#[derive(Debug, Default)]
pub(crate) struct Header {
    /// `None`: `none`, or an algorithm that does not exist here.
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) kid: Option<String>,
    pub(crate) typ: Option<String>,
    pub(crate) cty: Option<String>,
}

impl Header {
    /// From the first part of a compact token.
    pub(crate) fn parse(encoded: &str) -> Result<Self, Fault> {
        Self::from_members(&Self::members(encoded)?)
    }

    pub(crate) fn members(encoded: &str) -> Result<Map<String, Value>, Fault> {
        let bytes =
            base64url::decode(encoded).ok_or(Fault::Malformed("the header is not strict base64url"))?;
        json::object(&bytes).ok_or(Fault::Malformed("the header is not a strict JSON object"))
    }

    pub(crate) fn from_members(members: &Map<String, Value>) -> Result<Self, Fault> {
        let mut header = Self::default();
        let mut has_algorithm = false;
        for (name, value) in members {
            match name.as_str() {
                "alg" => {
                    has_algorithm = true;
                    header.algorithm = Algorithm::parse(text(value, "`alg` is not a string")?);
                }
                "kid" => header.kid = Some(kid(value)?),
                "typ" => header.typ = Some(text(value, "`typ` is not a string")?.to_owned()),
                "cty" => header.cty = Some(text(value, "`cty` is not a string")?.to_owned()),
                name if IGNORED.contains(&name) => {}
                name => return Err(Fault::Header(refusal(name))),
            }
        }
        if !has_algorithm {
            return Err(Fault::Header("`alg` is missing"));
        }
        Ok(header)
    }
}

fn text<'v>(value: &'v Value, fault: &'static str) -> Result<&'v str, Fault> {
    value.as_str().ok_or(Fault::Header(fault))
}

/// A key id is only ever compared, but it also ends in records and in requests for keys.
fn kid(value: &Value) -> Result<String, Fault> {
    let kid = text(value, "`kid` is not a string")?;
    if kid.is_empty() || kid.len() > KID_BYTES_MAX {
        return Err(Fault::Header("`kid` is empty or too long"));
    }
    if kid.chars().any(char::is_control) {
        return Err(Fault::Header("`kid` holds a control character"));
    }
    Ok(kid.to_owned())
}

/// Names the dangerous parameters, so that whoever sends them learns which; never echoes an unknown name.
fn refusal(name: &str) -> &'static str {
    match name {
        "crit" => "`crit` is not accepted: no extension is understood here",
        "jku" | "x5u" => "a key's address in the token is not accepted",
        "jwk" | "x5c" => "a key in the token is not accepted",
        "b64" => "an unencoded payload is not accepted",
        "zip" => "a compressed payload is not accepted",
        "enc" | "epk" | "apu" | "apv" | "iv" | "tag" | "p2s" | "p2c" => "an encrypted token is not accepted",
        _ => "a header parameter is not accepted",
    }
}
