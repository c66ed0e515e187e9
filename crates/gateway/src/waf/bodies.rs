//! What stands in front of the operator's files: how bodies are read by their type, which the Core Rule Set leaves to
//! the engine's own configuration.

use seclang::Source;

/// JSON and XML are read as what they are, so that rules see their members as arguments, and a body that cannot be read
/// does not pass: rules saw nothing of it, or not what others will. Files may choose otherwise, or remove these rules.
/// The patterns are those of our own rules, 9100030 and 9100040. Whether answers are read at all is for the key `answers`;
/// where they are, `ctl:responseBodyAccess=Off` of a rule has something to turn off.
pub const BODIES: Source<'static> = Source {
    name: "bodies.conf",
    text: r#"
SecResponseBodyAccess On

SecRule REQUEST_HEADERS:Content-Type "@rx (?i)^\s*(?:application|text)/(?:[\w.+-]{1,120}\+)?(?:json|csp-report|x-json|x-javascript)(?:[^\w.+-]|$)" \
    "id:9119900,phase:1,pass,nolog,t:none,ctl:requestBodyProcessor=JSON"

SecRule REQUEST_HEADERS:Content-Type "@rx (?i)^\s*[\w.-]{1,60}/(?:[\w.+-]{1,120}\+)?xml\b" \
    "id:9119910,phase:1,pass,nolog,t:none,ctl:requestBodyProcessor=XML"

SecRule REQBODY_ERROR "!@eq 0" \
    "id:9119920,phase:2,deny,status:400,log,t:none,msg:'A body that cannot be read',severity:'CRITICAL'"

SecRule MULTIPART_STRICT_ERROR "!@eq 0" \
    "id:9119930,phase:2,deny,status:400,log,t:none,msg:'A multipart body that can be read in two ways',severity:'CRITICAL'"
"#,
};
