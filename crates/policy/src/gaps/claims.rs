//! Claims that are called almost as usual ones are: whoever reads a misspelt one finds nothing.

use model::{Finding, Owasp};

use super::Search;
use crate::Path;
use crate::bindings::{Evidence, Preset, shown};
use crate::codes;
use crate::path::Step;
use crate::suggest::closest;

/// RFC 7519 section 4.1, RFC 9068 section 2.2, RFC 8693 section 4, OpenID Connect Core section 5.1, and what issuers
/// commonly add.
const USUAL: [&str; 62] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "client_id",
    "azp",
    "scope",
    "scopes",
    "scp",
    "auth_time",
    "acr",
    "amr",
    "nonce",
    "sid",
    "act",
    "may_act",
    "cnf",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "address",
    "updated_at",
    "role",
    "roles",
    "group",
    "groups",
    "entitlements",
    "permission",
    "permissions",
    "tenant",
    "tenant_id",
    "tid",
    "org",
    "org_id",
    "organization",
    "organization_id",
    "realm_access",
    "resource_access",
    "oid",
    "upn",
    "uid",
    "user",
    "user_id",
    "username",
    "account_id",
];

pub(super) fn search(search: &mut Search<'_>) {
    let bindings = search.bindings;
    let principals = &bindings.principals;
    let mut named: Vec<(String, &str)> = Vec::new();
    for (key, claim) in [("subject", &principals.subject), ("roles", &principals.roles)] {
        named.extend(claim.as_deref().map(|claim| (format!("/principals/{key}"), claim)));
    }
    for (key, claims) in [("role_of", &principals.role_of), ("attributes", &principals.attributes)] {
        named.extend(claims.iter().map(|(name, claim)| (format!("/principals/{key}/{name}"), &**claim)));
    }
    for (name, binding) in &bindings.operations {
        let at = format!("/operations/{name}");
        for (index, evidence) in binding.evidence.iter().flatten().enumerate() {
            if let Evidence::Claim(claim) = evidence {
                named.push((format!("{at}/evidence/{index}"), claim));
            }
        }
        for (property, preset) in &binding.preset {
            if let Preset::Claim(claim) = preset {
                named.push((format!("{at}/preset/{property}"), claim));
            }
        }
    }
    for (pointer, claim) in named {
        let Some(first) = first(claim) else { continue };
        let near = closest(&first, USUAL.into_iter()).filter(|near| **near != *first);
        let Some(near) = near.filter(|_| !USUAL.contains(&&*first)) else { continue };
        let finding =
            Finding::note(codes::CLAIM_UNUSUAL, format!("no usual claim is called `{}`", shown(&first)))
                .at(search.at(&pointer), format!("did you mean `{near}`?"));
        search.findings.push(finding.owasp(Owasp::Api2));
    }
}

/// The claim itself, of a name or a path; `None` for names that are URLs, which are their author's own.
fn first(claim: &str) -> Option<String> {
    if !claim.starts_with('$') {
        return (!claim.contains(['/', ':'])).then(|| claim.to_owned());
    }
    match Path::parse(claim).ok()?.steps().first()? {
        Step::Member(name) => Some(name.to_string()),
        Step::Each => None,
    }
}
