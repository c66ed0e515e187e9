//! The JSON forms (RFC 7515 section 7.2), general with several signatures and flattened with one.

use serde_json::{Map, Value};

use super::{decode_signature, signing_input};
use crate::header::Header;
use crate::{Algorithm, Fault, KeySet, TOKEN_BYTES_MAX, base64url, json};

const SIGNATURES_MAX: usize = 8;

pub(super) fn verify(
    jws: &str,
    detached: Option<&[u8]>,
    keys: &KeySet,
    algorithms: &[Algorithm],
) -> Result<Vec<u8>, Fault> {
    if jws.len() > TOKEN_BYTES_MAX {
        return Err(Fault::Malformed("the message is longer than 16 KiB"));
    }
    let message = json::object(jws.as_bytes()).ok_or(Fault::Malformed("the message is not strict JSON"))?;
    let payload = payload(&message, detached)?;
    let mut passed_over = Fault::Malformed("the message has no signature");
    let mut verified = false;
    for signature in signatures(&message)? {
        match verify_one(signature, &payload, keys, algorithms) {
            Ok(_) => verified = true,
            Err(fault @ (Fault::KeyUnknown | Fault::Algorithm)) => passed_over = fault,
            Err(fault) => return Err(fault),
        }
    }
    if !verified {
        return Err(passed_over);
    }
    base64url::decode(&payload).ok_or(Fault::Malformed("the payload is not strict base64url"))
}

/// The encoded payload, from exactly one of the two places.
fn payload(message: &Map<String, Value>, detached: Option<&[u8]>) -> Result<String, Fault> {
    match (message.get("payload"), detached) {
        (Some(Value::String(encoded)), None) => Ok(encoded.clone()),
        (None, Some(bytes)) => Ok(base64url::encode(bytes)),
        _ => Err(Fault::Malformed("the payload is missing, repeated or not a string")),
    }
}

/// Each object that holds `protected`, `header` and `signature`: the message itself when it is flattened.
fn signatures(message: &Map<String, Value>) -> Result<Vec<&Map<String, Value>>, Fault> {
    let malformed = Fault::Malformed("the message's members are not those of one JSON form");
    let Some(several) = message.get("signatures") else {
        only(message, &["payload", "protected", "header", "signature"])?;
        return Ok(vec![message]);
    };
    only(message, &["payload", "signatures"])?;
    let several = several.as_array().ok_or(malformed.clone())?;
    if several.len() > SIGNATURES_MAX {
        return Err(Fault::Malformed("the message has too many signatures"));
    }
    let several: Option<Vec<_>> = several.iter().map(Value::as_object).collect();
    let several = several.ok_or(malformed)?;
    for signature in &several {
        only(signature, &["protected", "header", "signature"])?;
    }
    Ok(several)
}

fn only(object: &Map<String, Value>, names: &[&str]) -> Result<(), Fault> {
    if object.keys().all(|name| names.contains(&name.as_str())) {
        Ok(())
    } else {
        Err(Fault::Malformed("the message's members are not those of one JSON form"))
    }
}

fn verify_one(
    signature: &Map<String, Value>,
    payload: &str,
    keys: &KeySet,
    algorithms: &[Algorithm],
) -> Result<Algorithm, Fault> {
    let text = |name: &str| match signature.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(Fault::Malformed("`protected` or `signature` is not a string")),
    };
    let protected = text("protected")?.unwrap_or("");
    let mut members = if protected.is_empty() { Map::new() } else { Header::members(protected)? };
    match signature.get("header") {
        None => {}
        Some(Value::Object(unprotected)) => {
            for (name, value) in unprotected {
                // RFC 7515 section 7.2.1: the two headers must not share a name.
                if members.insert(name.clone(), value.clone()).is_some() {
                    return Err(Fault::Header("a header parameter is both protected and unprotected"));
                }
            }
        }
        Some(_) => return Err(Fault::Malformed("`header` is not an object")),
    }
    let header = Header::from_members(&members)?;
    let signature = decode_signature(text("signature")?.ok_or(Fault::Malformed("`signature` is missing"))?)?;
    keys.verify(&header, algorithms, &signing_input(protected, payload), &signature)
}
