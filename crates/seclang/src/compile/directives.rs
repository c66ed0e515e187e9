//! Every directive, and what becomes of it.

use super::{Compiler, chains, exclusions, values};
use crate::codes;
use crate::parse::{Directive, Text};

type Apply = fn(&mut Compiler<'_>, &Directive);

/// How many arguments a directive takes, at least and at most.
type Arity = (usize, usize);

/// The directives that do something here.
const DIRECTIVES: &[(&str, Arity, Apply)] = &[
    ("SecAction", (1, 1), chains::sec_action),
    ("SecArgumentSeparator", (1, 1), values::argument_separator),
    ("SecArgumentsLimit", (1, 1), |c, d| values::number(c, d, |s, n| s.body.arguments_max = n)),
    ("SecComponentSignature", (1, 1), values::component),
    ("SecCookieFormat", (1, 1), values::cookie_format),
    ("SecDefaultAction", (1, 1), chains::sec_default_action),
    ("SecMarker", (1, 1), chains::sec_marker),
    ("SecRequestBodyAccess", (1, 1), |c, d| values::switch(c, d, |s, on| s.request_body_access = on)),
    ("SecRequestBodyJsonDepthLimit", (1, 1), values::json_depth),
    ("SecRequestBodyLimit", (1, 1), |c, d| values::number(c, d, |s, n| s.body.body_bytes_max = n)),
    ("SecRequestBodyLimitAction", (1, 1), |c, d| values::beyond(c, d, |s, b| s.request_body_beyond = b)),
    ("SecRequestBodyNoFilesLimit", (1, 1), |c, d| {
        values::number(c, d, |s, n| s.body.body_without_files_bytes_max = n);
    }),
    ("SecResponseBodyAccess", (1, 1), |c, d| values::switch(c, d, |s, on| s.response_body_access = on)),
    ("SecResponseBodyLimit", (1, 1), |c, d| values::number(c, d, |s, n| s.body.response_body_bytes_max = n)),
    ("SecResponseBodyLimitAction", (1, 1), |c, d| values::beyond(c, d, |s, b| s.response_body_beyond = b)),
    ("SecResponseBodyMimeType", (1, 100), values::media_types),
    ("SecResponseBodyMimeTypesClear", (0, 0), |c, _| c.settings.response_media_types.clear()),
    ("SecRule", (2, 3), chains::sec_rule),
    ("SecRuleEngine", (1, 1), values::engine),
    ("SecRuleRemoveById", (1, 1_000), exclusions::remove_by_id),
    ("SecRuleRemoveByMsg", (1, 1), exclusions::remove_by_message),
    ("SecRuleRemoveByTag", (1, 1), exclusions::remove_by_tag),
    ("SecRuleUpdateActionById", (2, 2), exclusions::update_actions),
    ("SecRuleUpdateTargetById", (2, 3), exclusions::update_target_by_id),
    ("SecRuleUpdateTargetByMsg", (2, 3), exclusions::update_target_by_message),
    ("SecRuleUpdateTargetByTag", (2, 3), exclusions::update_target_by_tag),
    ("SecUnicodeMapFile", (1, 2), values::unicode_map),
    ("SecUploadFileLimit", (1, 1), |c, d| values::number(c, d, |s, n| s.body.files_max = n)),
    ("SecXmlExternalEntity", (1, 1), values::external_entities),
];

/// Directives about logs, memory, files and statistics of other engines. They protect nothing by themselves, and the
/// gateway has its own place for each: accepted, and told in a note.
const WITHOUT_EFFECT: &[&str] = &[
    "SecAuditEngine",
    "SecAuditLog",
    "SecAuditLog2",
    "SecAuditLogDirMode",
    "SecAuditLogFileMode",
    "SecAuditLogFormat",
    "SecAuditLogParts",
    "SecAuditLogPrefix",
    "SecAuditLogRelevantStatus",
    "SecAuditLogStorageDir",
    "SecAuditLogType",
    "SecCollectionTimeout",
    "SecDataDir",
    "SecDebugLog",
    "SecDebugLogLevel",
    "SecPcreMatchLimit",
    "SecPcreMatchLimitRecursion",
    "SecRequestBodyInMemoryLimit",
    "SecRulePerfTime",
    "SecSensorId",
    "SecServerSignature",
    "SecStatusEngine",
    "SecTmpDir",
    "SecTmpSaveUploadedFiles",
    "SecUploadDir",
    "SecUploadFileMode",
    "SecUploadKeepFiles",
    "SecWebAppId",
];

/// Directives whose work the gateway does elsewhere or not at all; rules that rely on them would not do what was meant.
const REFUSED: &[(&str, &str)] = &[
    ("Include", "name the file or directory in the configuration of the gateway instead"),
    ("IncludeOptional", "name the file or directory in the configuration of the gateway instead"),
    ("SecConnEngine", "limits of connections are the gateway's"),
    ("SecContentInjection", "responses are not rewritten"),
    ("SecGeoLookupDb", "rules cannot look up places"),
    ("SecGsbLookupDb", "rules cannot ask services"),
    ("SecHashEngine", "links are not signed"),
    ("SecHttpBlKey", "rules cannot ask services"),
    ("SecRemoteRules", "rules are read from files only"),
    ("SecRuleInheritance", "there is one rule set an API"),
    ("SecRuleScript", "rules cannot run programs"),
    ("SecStreamInBodyInspection", "bodies are looked at whole"),
    ("SecStreamOutBodyInspection", "bodies are looked at whole"),
];

pub fn apply(compiler: &mut Compiler<'_>, directive: &Directive) {
    let name = directive.name.as_str();
    if !name.eq_ignore_ascii_case("SecRule") {
        compiler.expect_no_chain("another directive follows");
    }
    if let Some((known, (low, high), apply)) = DIRECTIVES.iter().find(|row| row.0.eq_ignore_ascii_case(name))
    {
        let count = directive.arguments.len();
        if count < *low || count > *high {
            let wanted = if low == high { low.to_string() } else { format!("{low} to {high}") };
            compiler.error(
                codes::SYNTAX,
                &directive.name,
                format!("`{name}` takes {wanted} arguments, not {count}"),
            );
            return;
        }
        let file = compiler.faults.place(&directive.name, 0).file;
        compiler.settings.written.entry(known).or_default().insert(file);
        apply(compiler, directive);
    } else if WITHOUT_EFFECT.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        let place = compiler.faults.place(&directive.name, 0);
        let note = model::Finding::note(codes::VALUE, format!("`{name}` has no effect here"));
        compiler.notes.push(note.at(place, "the gateway has its own logs and limits"));
    } else if let Some((_, why)) = REFUSED.iter().find(|row| row.0.eq_ignore_ascii_case(name)) {
        compiler.error(codes::DIRECTIVE, &directive.name, format!("`{name}` is not available: {why}"));
    } else {
        let known = DIRECTIVES.iter().map(|row| row.0).chain(WITHOUT_EFFECT.iter().copied());
        compiler.faults.unknown(codes::DIRECTIVE, &directive.name, "directive", known);
    }
}

/// The argument at `index`, empty when there is none.
pub fn argument(directive: &Directive, index: usize) -> Text {
    directive.arguments.get(index).cloned().unwrap_or_default()
}
