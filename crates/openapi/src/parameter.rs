//! One parameter of an operation as it is declared: where it stands, how it is written, what its value may be.

use std::fmt;
use std::sync::Arc;

use model::Place;

use crate::Dialect;
use crate::content::Media;
use crate::reference::SchemaRef;

/// A parameter, its references followed and its defaults filled in.
#[derive(Clone)]
pub struct Parameter {
    /// As written; header names compare without case.
    pub name: Arc<str>,
    pub location: Location,
    pub required: bool,
    pub deprecated: bool,
    pub place: Place,
    pub form: Form,
}

/// Where a parameter stands in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    Path,
    Query,
    Header,
    Cookie,
    /// The whole query as one value (OpenAPI 3.2 section 4.12.1); its form is always `Content`.
    Querystring,
}

impl Location {
    /// The name the description uses: `path`, `query`, ...
    pub fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Querystring => "querystring",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Path, Self::Query, Self::Header, Self::Cookie, Self::Querystring]
            .into_iter()
            .find(|location| location.name() == name)
    }
}

/// How the value is written.
#[derive(Clone)]
pub enum Form {
    /// By `style` and `explode` (OpenAPI 3.1 section 4.8.12.3).
    Styled {
        style: Style,
        explode: bool,
        allow_reserved: bool,
        /// `allowEmptyValue`: `?name` or `?name=` is accepted whatever the schema says.
        allow_empty: bool,
        /// `None`: any value.
        schema: Option<SchemaRef>,
    },
    /// By a media type: the value is a document of its own, most often JSON.
    Content(Box<Media>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    Simple,
    Label,
    Matrix,
    Form,
    SpaceDelimited,
    PipeDelimited,
    /// Only from Swagger 2.0 (`collectionFormat: tsv`).
    TabDelimited,
    DeepObject,
    /// As `form`, but written into `Cookie` without percent-encoding (OpenAPI 3.2 section 4.12.2.2).
    Cookie,
}

impl Style {
    /// The name the description uses: `deepObject`, ...
    pub fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Label => "label",
            Self::Matrix => "matrix",
            Self::Form => "form",
            Self::SpaceDelimited => "spaceDelimited",
            Self::PipeDelimited => "pipeDelimited",
            Self::TabDelimited => "tabDelimited",
            Self::DeepObject => "deepObject",
            Self::Cookie => "cookie",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [
            Self::Simple,
            Self::Label,
            Self::Matrix,
            Self::Form,
            Self::SpaceDelimited,
            Self::PipeDelimited,
            Self::TabDelimited,
            Self::DeepObject,
            Self::Cookie,
        ]
        .into_iter()
        .find(|style| style.name() == name)
    }

    /// What a parameter at `location` has when it names none.
    pub(crate) fn default_for(location: Location) -> Self {
        match location {
            Location::Path | Location::Header => Self::Simple,
            Location::Query | Location::Cookie | Location::Querystring => Self::Form,
        }
    }

    /// Whether the style is defined at `location` (OpenAPI 3.1 section 4.8.12.3, 3.2 section 4.12.2.2). What Swagger
    /// 2.0 was converted from may be delimited anywhere.
    pub(crate) fn fits(self, location: Location, dialect: Dialect) -> bool {
        let delimited = matches!(self, Self::SpaceDelimited | Self::PipeDelimited | Self::TabDelimited);
        if delimited && dialect == Dialect::V2 {
            return true;
        }
        match location {
            Location::Path => matches!(self, Self::Simple | Self::Label | Self::Matrix),
            Location::Query => {
                matches!(self, Self::Form | Self::SpaceDelimited | Self::PipeDelimited | Self::DeepObject)
            }
            Location::Header => self == Self::Simple,
            Location::Cookie => self == Self::Form || (self == Self::Cookie && dialect >= Dialect::V3_2),
            Location::Querystring => false,
        }
    }

    /// Whether arrays and objects are exploded where `explode` is not given. A deep object always is.
    pub(crate) fn explodes_by_default(self) -> bool {
        matches!(self, Self::Form | Self::Cookie | Self::DeepObject)
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parameter({} {})", self.location.name(), self.name)
    }
}
