//! What a rule can look at: the list of all variables, and how a rule picks from a collection.

mod arguments;
mod body;
mod connection;
mod files;
mod headers;
mod line;
mod multipart;
mod response;
mod selector;
pub(crate) mod time;
mod transaction;
mod xpath;

use crate::input::{Input, Sink};

pub use selector::{NamePattern, Selector};
pub use xpath::XPath;
pub(crate) use xpath::{Axis, Test};

/// Whether a variable is one value or has members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One value; a selector makes no sense.
    Scalar,
    /// Members with names; the same name may occur often.
    Collection,
}

/// What is listed: variable, its name, its shape, and the file of `variable/` that answers it.
macro_rules! variables {
    ($($variable:ident $name:literal $shape:ident $family:ident;)*) => {
        /// One variable or collection of SecLang. TX, MATCHED_*, RULE, ENV, GLOBAL, IP, RESOURCE, SESSION, USER,
        /// HIGHEST_SEVERITY and REQBODY_PROCESSOR are answered by the transaction, all others by
        /// [`crate::input::Input`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Variable { $($variable,)* }

        /// Name and variable, as ModSecurity writes them; found without regard to case.
        pub static VARIABLES: &[(&str, Variable)] = &[$(($name, Variable::$variable),)*];

        impl Variable {
            pub fn name(self) -> &'static str {
                match self { $(Self::$variable => $name,)* }
            }

            pub fn shape(self) -> Shape {
                match self { $(Self::$variable => Shape::$shape,)* }
            }

            /// Gives the sink the values of its variable, from the family's file.
            pub(crate) fn each<'a>(input: &'a Input, sink: &mut Sink<'a, '_>) {
                match sink.variable { $(Self::$variable => $family::each(input, sink),)* }
            }
        }
    };
}

variables! {
    Args "ARGS" Collection arguments;
    ArgsCombinedSize "ARGS_COMBINED_SIZE" Scalar arguments;
    ArgsGet "ARGS_GET" Collection arguments;
    ArgsGetNames "ARGS_GET_NAMES" Collection arguments;
    ArgsNames "ARGS_NAMES" Collection arguments;
    ArgsPost "ARGS_POST" Collection arguments;
    ArgsPostNames "ARGS_POST_NAMES" Collection arguments;
    AuthType "AUTH_TYPE" Scalar connection;
    Duration "DURATION" Scalar time;
    Env "ENV" Collection transaction;
    Files "FILES" Collection files;
    FilesCombinedSize "FILES_COMBINED_SIZE" Scalar files;
    FilesNames "FILES_NAMES" Collection files;
    FilesSizes "FILES_SIZES" Collection files;
    FilesTmpContent "FILES_TMP_CONTENT" Collection files;
    FullRequest "FULL_REQUEST" Scalar body;
    FullRequestLength "FULL_REQUEST_LENGTH" Scalar body;
    Global "GLOBAL" Collection transaction;
    HighestSeverity "HIGHEST_SEVERITY" Scalar transaction;
    InboundDataError "INBOUND_DATA_ERROR" Scalar body;
    Ip "IP" Collection transaction;
    MatchedVar "MATCHED_VAR" Scalar transaction;
    MatchedVarName "MATCHED_VAR_NAME" Scalar transaction;
    MatchedVars "MATCHED_VARS" Collection transaction;
    MatchedVarsNames "MATCHED_VARS_NAMES" Collection transaction;
    MultipartBoundaryQuoted "MULTIPART_BOUNDARY_QUOTED" Scalar multipart;
    MultipartBoundaryWhitespace "MULTIPART_BOUNDARY_WHITESPACE" Scalar multipart;
    MultipartCrlfLfLines "MULTIPART_CRLF_LF_LINES" Scalar multipart;
    MultipartDataAfter "MULTIPART_DATA_AFTER" Scalar multipart;
    MultipartDataBefore "MULTIPART_DATA_BEFORE" Scalar multipart;
    MultipartFileLimitExceeded "MULTIPART_FILE_LIMIT_EXCEEDED" Scalar multipart;
    MultipartFilename "MULTIPART_FILENAME" Collection files;
    MultipartHeaderFolding "MULTIPART_HEADER_FOLDING" Scalar multipart;
    MultipartInvalidHeaderFolding "MULTIPART_INVALID_HEADER_FOLDING" Scalar multipart;
    MultipartInvalidPart "MULTIPART_INVALID_PART" Scalar multipart;
    MultipartInvalidQuoting "MULTIPART_INVALID_QUOTING" Scalar multipart;
    MultipartLfLine "MULTIPART_LF_LINE" Scalar multipart;
    MultipartMissingSemicolon "MULTIPART_MISSING_SEMICOLON" Scalar multipart;
    MultipartName "MULTIPART_NAME" Collection files;
    MultipartPartHeaders "MULTIPART_PART_HEADERS" Collection files;
    MultipartStrictError "MULTIPART_STRICT_ERROR" Scalar multipart;
    MultipartUnmatchedBoundary "MULTIPART_UNMATCHED_BOUNDARY" Scalar multipart;
    OutboundDataError "OUTBOUND_DATA_ERROR" Scalar response;
    PathInfo "PATH_INFO" Scalar line;
    QueryString "QUERY_STRING" Scalar line;
    RemoteAddr "REMOTE_ADDR" Scalar connection;
    RemoteHost "REMOTE_HOST" Scalar connection;
    RemotePort "REMOTE_PORT" Scalar connection;
    RemoteUser "REMOTE_USER" Scalar connection;
    ReqbodyError "REQBODY_ERROR" Scalar body;
    ReqbodyErrorMsg "REQBODY_ERROR_MSG" Scalar body;
    ReqbodyProcessor "REQBODY_PROCESSOR" Scalar transaction;
    ReqbodyProcessorError "REQBODY_PROCESSOR_ERROR" Scalar body;
    ReqbodyProcessorErrorMsg "REQBODY_PROCESSOR_ERROR_MSG" Scalar body;
    RequestBasename "REQUEST_BASENAME" Scalar line;
    RequestBody "REQUEST_BODY" Scalar body;
    RequestBodyLength "REQUEST_BODY_LENGTH" Scalar body;
    RequestCookies "REQUEST_COOKIES" Collection headers;
    RequestCookiesNames "REQUEST_COOKIES_NAMES" Collection headers;
    RequestFilename "REQUEST_FILENAME" Scalar line;
    RequestHeaders "REQUEST_HEADERS" Collection headers;
    RequestHeadersNames "REQUEST_HEADERS_NAMES" Collection headers;
    RequestLine "REQUEST_LINE" Scalar line;
    RequestMethod "REQUEST_METHOD" Scalar line;
    RequestProtocol "REQUEST_PROTOCOL" Scalar line;
    RequestUri "REQUEST_URI" Scalar line;
    RequestUriRaw "REQUEST_URI_RAW" Scalar line;
    Resource "RESOURCE" Collection transaction;
    ResponseBody "RESPONSE_BODY" Scalar response;
    ResponseContentLength "RESPONSE_CONTENT_LENGTH" Scalar response;
    ResponseContentType "RESPONSE_CONTENT_TYPE" Scalar response;
    ResponseHeaders "RESPONSE_HEADERS" Collection response;
    ResponseHeadersNames "RESPONSE_HEADERS_NAMES" Collection response;
    ResponseProtocol "RESPONSE_PROTOCOL" Scalar response;
    ResponseStatus "RESPONSE_STATUS" Scalar response;
    Rule "RULE" Collection transaction;
    ServerAddr "SERVER_ADDR" Scalar connection;
    ServerName "SERVER_NAME" Scalar connection;
    ServerPort "SERVER_PORT" Scalar connection;
    Session "SESSION" Collection transaction;
    StatusLine "STATUS_LINE" Scalar response;
    Time "TIME" Scalar time;
    TimeDay "TIME_DAY" Scalar time;
    TimeEpoch "TIME_EPOCH" Scalar time;
    TimeHour "TIME_HOUR" Scalar time;
    TimeMin "TIME_MIN" Scalar time;
    TimeMon "TIME_MON" Scalar time;
    TimeSec "TIME_SEC" Scalar time;
    TimeWday "TIME_WDAY" Scalar time;
    TimeYear "TIME_YEAR" Scalar time;
    Tx "TX" Collection transaction;
    UniqueId "UNIQUE_ID" Scalar connection;
    UrlencodedError "URLENCODED_ERROR" Scalar body;
    User "USER" Collection transaction;
    UserId "USERID" Scalar connection;
    Xml "XML" Collection body;
}

/// Where a value came from, as MATCHED_VAR_NAME writes it: `ARGS:id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<'a> {
    pub variable: Variable,
    /// `None` for what is no collection.
    pub key: Option<&'a [u8]>,
}

pub fn find(name: &str) -> Option<Variable> {
    VARIABLES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, variable)| *variable)
}
