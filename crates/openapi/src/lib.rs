//! Reads API descriptions (OpenAPI 3.0 to 3.2, Swagger 2.0, Overlay 1.x), matches requests to their operations, and
//! checks requests and responses against what is declared.
//!
//! Nothing here does I/O, awaits or reads a clock. [`load`] reads files through [`Files`], which the caller confines.

mod body;
pub mod codes;
pub mod content;
mod description;
pub mod document;
mod head;
mod load;
mod media;
mod operation;
mod overlay;
mod parameter;
mod parameters;
mod path;
mod prepare;
mod prepared;
mod reference;
mod response;
mod router;
mod sanitise;
mod schema;
mod security;
mod swagger2;

pub use body::{BodyFault, BodyStrictness, part_names};
pub use content::{Header, Media, PartEncoding, RequestBody, Response, Responses, StatusKey};
pub use description::{Description, Dialect, Server};
pub use document::{Documents, Node, NodeId};
pub use head::{
    HeadFault, HeadFaultKind, HeadReport, Headers, RequestHead, STANDARD_HEADER_PREFIXES, STANDARD_HEADERS,
};
pub use load::{Files, load};
pub use media::{ContentType, MediaFault, MediaKind, MediaRef};
pub use operation::Operation;
pub use parameter::{Form, Location, Parameter, Style};
pub use path::{NormalPath, PathFault};
pub use reference::{ReferenceFault, SchemaRef};
pub use router::{Match, Router};
pub use sanitise::{clean, sanitise, sanitise_form, sanitise_text};
pub use schema::{Direction, Rules, Schema, is_same_number};
pub use security::{Alternative, KeyLocation, Required, SchemeKind, Security, SecurityScheme};
