//! What a command reads of files: a token, of which only the fingerprint goes any further, and lists of networks.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use gateway::blocks::{BLOCKS_MAX, Cidr, TokenName};

use crate::talk::Failure;

const TOKEN_BYTES_MAX: u64 = 64 << 10;
/// A question over the socket is no longer than 4 MiB.
const NETWORKS_BYTES_MAX: u64 = 2 << 20;

/// The name of the token in a file, or on stdin for `-`: of a JWS what it signs, so that another signature over the same
/// is the same token; of any other token the whole.
pub fn fingerprint_of_file(path: &Path) -> Result<TokenName, Failure> {
    let text = text_of(path, TOKEN_BYTES_MAX)
        .map_err(|error| Failure::trouble(format!("the token cannot be read: {}", error.kind())))?;
    let token = text.trim();
    let token = token.strip_prefix("Bearer ").unwrap_or(token).trim_start();
    if token.is_empty() || token.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Failure::trouble("a token is one word; nothing was blocked"));
    }
    let named = match token.rsplit_once('.') {
        Some((signed, _)) if token.matches('.').count() == 2 => signed,
        _ => token,
    };
    let hex: String = digest(&SHA256, named.as_bytes()).as_ref().iter().map(|b| format!("{b:02x}")).collect();
    Ok(TokenName::Sha256(Arc::from(hex)))
}

/// The networks in a file, or on stdin for `-`: one a line; what follows a `#` is passed over.
pub fn networks_of_file(path: &Path) -> Result<Vec<Cidr>, Failure> {
    let text = text_of(path, NETWORKS_BYTES_MAX)
        .map_err(|error| Failure::trouble(format!("the addresses cannot be read: {}", error.kind())))?;
    let mut networks = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let fault =
            |fault: String| Failure::trouble(format!("line {}: {fault}; nothing was blocked", at + 1));
        networks.push(line.parse().map_err(fault)?);
    }
    match networks.len() {
        0 => Err(Failure::trouble("there is no address in the file; nothing was blocked")),
        count if count > BLOCKS_MAX => Err(Failure::trouble(format!(
            "{count} addresses are more than {BLOCKS_MAX}; nothing was blocked"
        ))),
        _ => Ok(networks),
    }
}

fn text_of(path: &Path, bytes_max: u64) -> std::io::Result<String> {
    let mut text = String::new();
    let mut reader: Box<dyn Read> = match path.to_str() {
        Some("-") => Box::new(std::io::stdin().lock()),
        _ => Box::new(std::fs::File::open(path)?),
    };
    let read = reader.by_ref().take(bytes_max + 1).read_to_string(&mut text)?;
    if u64::try_from(read).unwrap_or(u64::MAX) > bytes_max {
        return Err(std::io::ErrorKind::FileTooLarge.into());
    }
    Ok(text)
}
