//! The catalogue of what can be found in a description: every code with its title and its explanation.

pub use model::Explained;

/// The entry for a code.
pub fn explain(code: &str) -> Option<&'static Explained> {
    ALL.iter().find(|entry| entry.code == code)
}

macro_rules! codes {
    ($($name:ident $code:literal $title:literal $text:literal;)*) => {
        $(#[doc = $title] pub const $name: &str = $code;)*
        /// Every code, ascending.
        pub const ALL: &[Explained] = &[$(Explained { code: $code, title: $title, text: $text },)*];
    };
}

codes! {
    UNREADABLE "B1001" "a file cannot be read"
        "A description, an overlay or a file that a `$ref` names could not be read. What depends on it is left out, and so refused. Check the path, which is relative to the file that names it, and that the file lies in the folder the gateway may read.";
    SYNTAX "B1002" "a file is neither valid JSON nor valid YAML"
        "The file does not parse, repeats a member name, or is larger or deeper than is read. Readers differ on such documents, so none of it is used. Mend the text at the marked place.";
    NOT_A_DESCRIPTION "B1003" "the document is not an API description that can be read"
        "The root has neither `openapi: 3.x` nor `swagger: \"2.0\"`, or it has no `paths`. Only OpenAPI 3.0 to 3.2 and Swagger 2.0 are read. Name the right file, or add what is missing.";
    UNRESOLVED "B1004" "a reference leads nowhere"
        "A `$ref` names something that does not exist. The operations that depend on it are left out and so refused, because half a rule is no rule. Correct the reference or add what it names.";
    REMOTE "B1005" "a reference leads to a remote document"
        "A `$ref` names a URL. Descriptions are never fetched: who controls that address would control what the gateway lets through. Keep a copy beside the description and refer to that.";
    CYCLE "B1006" "references lead back to themselves"
        "Following a `$ref`, or `allOf`, `anyOf`, `oneOf` and `not`, arrives at the same schema again without going down into the value, so it says nothing about any value. Schemas may contain themselves only below a property or an item. Break the circle.";
    WRONG_KIND "B1007" "a value has the wrong kind"
        "An object, an array, a string or a boolean was expected and something else stands there. What depends on it is left out. Write the value as the specification says.";
    TOO_LARGE "B1008" "the description is too large"
        "More files or more bytes were reached by `$ref` than are read for one description. This bounds what a description can cost. Split the description into several APIs, or bundle it.";
    UNKNOWN_VERSION "B1009" "the version of the specification is newer than what is known"
        "The document names a 3.x version after 3.2. It is read as 3.2, so what is new in it has no effect. Check that nothing that matters to security depends on it.";
    SERVER "B1010" "a server is not usable"
        "An entry of `servers` has no `url`, or its URL has a variable without a default. It is left out. Give the URL, or the variable's default.";
    PATH_SLASH "B1101" "a path does not begin with a slash"
        "Path templates are appended to the server's URL and have to begin with `/`. No request can match this one, so its operations are left out. Add the slash.";
    PATH_COLLISION "B1102" "two path templates match the same requests"
        "The templates differ only in the names of their parameters, so only the method says which one a request means, and an operation of the later path whose method the earlier one has is left out. Merge the two path items.";
    PARAMETER_UNDECLARED "B1103" "a template parameter is not declared"
        "The path template has a `{name}` for which neither the path item nor the operation declares a parameter with `in: path`. Any single segment is accepted there. Declare the parameter with a schema.";
    PARAMETER_ABSENT "B1104" "a path parameter does not occur in the template"
        "A parameter with `in: path` is declared, but the template has no place for it, so it can never be checked. It is left out. Correct its name or the template.";
    DUPLICATE_ID "B1105" "an operationId is used twice"
        "Settings, records and metrics name operations by `operationId`, which has to be unique. The later operation is called by its method and path instead. Rename one of them.";
    METHOD "B1106" "a member of a path item is no method"
        "The member is neither an HTTP method nor a known field of a path item. It has no effect, and requests with such a method are refused. Correct the name; methods beyond the usual ones stand under `additionalOperations` in OpenAPI 3.2.";
    PARAMETER_INVALID "B1107" "a parameter is not well defined"
        "A parameter needs a `name`, an `in`, and either a `schema` or one media type under `content`. Without them a request cannot be checked, so the operation is left out and refused. Complete the definition.";
    STYLE "B1108" "a style is unknown or does not fit"
        "The `style` does not exist or is not defined for the parameter's location, so its value cannot be read. The operation is left out and refused. Use a style that the specification lists for that location.";
    PARAMETER_DUPLICATE "B1109" "a parameter is declared twice"
        "Two parameters of the same list have the same name and location, and tools differ on which one counts. The operation is left out and refused. Remove one of them.";
    TEMPLATE "B1110" "a path template is not well formed"
        "Braces do not match, a parameter has no name or occurs twice, or the template contains `?`, `#` or a segment no normalised path can have. Its operations are left out. Correct the template.";
    METHOD_TWICE "B1111" "a path item has a method beside its reference and behind it"
        "The path item refers to another one with `$ref` and has a method that the other one has as well. The specification leaves open which one counts, so neither is used. Keep one of them.";
    BODY_INVALID "B1112" "a request body is not well defined"
        "A request body needs `content` with media types. Without it nothing can be checked, so the operation is left out and refused. Complete the definition.";
    RESPONSE_INVALID "B1113" "a response is not well defined"
        "A key of `responses` is neither a status code, a class such as `4XX`, nor `default`, or the response is no object. It is ignored, so such responses count as undeclared. Correct the key or the response.";
    NO_OPERATIONS "B1114" "no operation is usable"
        "The description has no operation, or every one has an error of its own. Every request will be refused. See the other findings.";
    COLLECTION_FORMAT "B1115" "a collectionFormat cannot be converted"
        "The `collectionFormat` is unknown or does not fit where it stands (`multi` is for query and form only; nested arrays know only `csv`). The operation is left out and refused. Use one that the Swagger 2.0 specification lists.";
    MEDIA_TYPE "B1116" "a media type is not well formed"
        "A key of `content` is no `type/subtype`. Nothing that is sent can match it, so it is left out. Correct the key.";
    SCHEMA_INVALID "B1201" "a schema is not valid"
        "The schema cannot be compiled: a keyword has a value of the wrong kind, or a pattern is no regular expression. The operations that use it are refused. Correct the schema at the marked place.";
    SCHEMA_KIND "B1202" "a schema is not an object"
        "A schema has to be an object (or, from OpenAPI 3.1, also a boolean). The operation is left out and refused. Write the schema out.";
    PATTERN_INVALID "B1211" "a pattern cannot be matched"
        "The regular expression is not valid in ECMA-262, or, for names of properties, cannot be matched in time linear in the text. The operations that use it are refused. Correct or simplify the pattern.";
    PATTERN_BOUNDED "B1212" "a pattern may take long"
        "The pattern looks around or refers back, which no engine matches in linear time. It is matched with a bound, and values beyond it are refused. Write it without lookaround and back-references.";
    FORMAT_UNCHECKED "B1213" "a format is not checked"
        "The `format` is not one that is known, so it says something to people only. Values are not held to it. Add a `pattern` where it matters.";
    DISCRIMINATOR "B1214" "a discriminator is not used"
        "A branch beside the `discriminator` is not a `$ref`, so no value of the discriminator names it. The branches are tried one by one instead. Make every branch a `$ref`.";
    KEYWORD_WITHOUT_EFFECT "B1215" "a keyword has no effect"
        "The keyword belongs to another version of the specification, so it changes nothing here, and values are held to less or more than its author meant. Write what this version has for it.";
    SCHEMA_TOO_LARGE "B1216" "a schema cannot be compiled"
        "The schema reaches more other schemas than are compiled for one value, or the compiler refuses it. The operations that use it are refused. Simplify the schema.";
    BODY_UNCHECKED "B1217" "bodies of a media type are not looked into"
        "There is no reader for this media type, so a body is passed as it is once its type and size are right. What its schema says is not enforced. Have the backend check it. Below a range such as `*/*` this holds only where its schema asks nothing or says `format: binary`; else such bodies are refused.";
    OVERLAY_INVALID "B1301" "an overlay is not well formed"
        "An overlay needs `overlay: 1.0.0` or `1.1.0` and a list of `actions`, each with a `target`. Of a broken overlay only the sound actions are applied. Complete it.";
    OVERLAY_TARGET "B1302" "a target is not a valid JSONPath"
        "The `target` (or `copy`) cannot be read as JSONPath (RFC 9535). The action has no effect, so what it should change stays as it was. Correct the expression.";
    OVERLAY_NO_MATCH "B1303" "a target matches nothing"
        "The action changes nothing, because nothing in the description matches its `target`. Often the description has changed since the overlay was written. Correct the target, or remove the action.";
    OVERLAY_UPDATE "B1304" "an update does not fit its target"
        "An object can be merged into an object, and any value appended to an array, but nothing else can be updated. The target was left as it is. Choose the object that holds the value as target.";
    OVERLAY_GROWTH "B1305" "an overlay makes the description too large"
        "The actions would make the description deeper or larger than is read. The action was not applied. Copy less.";
    OVERLAY_COPY "B1306" "the source of a copy is not one value"
        "The `copy` expression of an action has to match exactly one value. The action was not applied. Make the expression more precise.";
    OVERLAY_EMPTY "B1307" "an action does nothing"
        "The action has neither `update`, `remove: true` nor `copy`. Complete or remove it.";
    SECURITY_MISSING "B2101" "an operation says nothing about security"
        "Neither the operation nor the root of the description has `security`, so nobody said who may call it. It is refused until somebody does. Write a requirement, or `security: []` if it is meant to be public; an overlay can do so without touching the description.";
    SECURITY_INVALID "B2102" "a security requirement is not well formed"
        "`security` has to be a list of objects whose values are lists of scopes. What cannot be understood cannot be kept, so the operation is left out and refused. Correct the requirement.";
    SECURITY_UNVERIFIED "B2103" "a security scheme is used but nothing verifies it"
        "The description requires a scheme for which the gateway's configuration names no verifier under `auth`. Letting such requests through would be no security, so the gateway does not start. Add an entry with the scheme's name under `auth`.";
    SECURITY_UNDECLARED "B2104" "a security requirement names a scheme that is not declared"
        "The name does not occur under `components.securitySchemes` (2.0: `securityDefinitions`). The operation is left out and refused. Declare the scheme or correct the name.";
    SCHEME_INVALID "B2105" "a security scheme is not well defined"
        "The scheme lacks what its `type` needs, or its `type` is unknown. Operations that require it are refused. Complete the definition.";
    SCOPE_UNDECLARED "B2106" "a scope is required that its scheme does not list"
        "The OAuth 2.0 scheme lists the scopes it can grant under `flows`, and this one is not among them. Tokens may never carry it. Correct the spelling or add the scope to the scheme.";
}

#[cfg(test)]
mod tests;
