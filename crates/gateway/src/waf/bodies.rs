//! What stands in front of the operator's files: how bodies are read by their type, which the Core Rule Set leaves to
//! the engine's own configuration.

use seclang::Source;

/// JSON and XML are read as what they are, so that rules see their members as arguments. Files may choose otherwise.
pub const BODIES: Source<'static> = Source {
    name: "bodies.conf",
    text: r#"
SecRule REQUEST_HEADERS:Content-Type "@rx (?i)^\s*(?:application|text)/(?:[\w.+-]{1,120}\+)?json\b" \
    "id:9119900,phase:1,pass,nolog,t:none,ctl:requestBodyProcessor=JSON"

SecRule REQUEST_HEADERS:Content-Type "@rx (?i)^\s*(?:application|text)/(?:[\w.+-]{1,120}\+)?xml\b" \
    "id:9119910,phase:1,pass,nolog,t:none,ctl:requestBodyProcessor=XML"
"#,
};
