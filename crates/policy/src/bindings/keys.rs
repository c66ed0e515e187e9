//! Every key of the bindings file, once: reading, "did you mean", defaults and the editor's JSON Schema come from here.

mod operation;
mod resource;

use operation::OPERATION;
use resource::RESOURCE;
use tape::keys::{default, one_of, optional, required};

/// A mapping with a closed set of keys; its name has its article, for messages: `a producer`.
pub type Section = tape::keys::Section<Kind>;
pub type Key = tape::keys::Key<Kind>;

/// The shape of a value.
#[derive(Debug)]
pub enum Kind {
    /// The number 1.
    Version,
    Text,
    /// A claim of the token: its name, or `$.a.b` where it stands within another.
    Claim,
    Flag,
    Count {
        min: u64,
        max: u64,
    },
    /// `500ms`, `2s`, `5min`, `1h`, `1d`; bounds in milliseconds.
    Duration {
        min_ms: u64,
        max_ms: u64,
    },
    /// Where in a document: `$.a[*].b`, short `a[*].b`.
    Path,
    /// Where in a request: `path.NAME`, `query.NAME`, `header.NAME`, `cookie.NAME`, `body.PATH`; or `principal`.
    IdPlace,
    OneOf(&'static [&'static str]),
    /// Any JSON value.
    Any,
    List(&'static Kind),
    /// One, or a list of them.
    OneOrMany(&'static Kind),
    /// Names chosen by the author.
    Map {
        /// What the names are: "a role".
        names: &'static str,
        value: &'static Kind,
    },
    Section(&'static Section),
    /// A scalar that is short for the section with this one key.
    Short {
        key: &'static str,
        section: &'static Section,
    },
    /// One of the words, or the section.
    WordOr {
        words: &'static [&'static str],
        section: &'static Section,
    },
}

const NAMES: Kind = Kind::OneOrMany(&Kind::Text);
const PATHS_BY_NAME: Kind = Kind::Map { names: "the name of an attribute", value: &Kind::Path };
const RULES: Kind =
    Kind::Map { names: "`default`, `self` (the principal owns the object) or a role", value: &NAMES };

pub static ROOT: Section = Section {
    name: "the bindings file",
    about: "Which operation touches which object, where facts about it come from, and who may write and see what.",
    keys: &[
        required("version", Kind::Version, "The version of this file's shape."),
        default(
            "tenants",
            "claim",
            Kind::OneOf(&["claim", "single"]),
            "Where the principal's tenant comes from: the gateway file's tenant claim, or one tenant that is everyone's.",
        ),
        optional("principals", Kind::Section(&PRINCIPALS), "How a verified caller becomes a principal."),
        optional(
            "resources",
            Kind::Map { names: "the name of a resource type", value: &Kind::Section(&RESOURCE) },
            "The types of objects: where their id, tenant and owner are known from.",
        ),
        required(
            "operations",
            Kind::Map {
                names: "the id of an operation, or `GET /orders/{id}`",
                value: &Kind::Section(&OPERATION),
            },
            "What each operation does to which object; an operation that is not listed is refused.",
        ),
        optional(
            "properties",
            Kind::Map { names: "the name of a resource type", value: &Kind::Section(&PROPERTIES) },
            "Which properties of a type may be written and seen.",
        ),
    ],
};

static PRINCIPALS: Section = Section {
    name: "the section `principals`",
    about: "How a verified caller becomes the principal of a decision.",
    keys: &[
        optional(
            "subject",
            Kind::Claim,
            "The claim that owner values are compared with; the verified subject when absent.",
        ),
        default(
            "issuer",
            "",
            NAMES,
            "Whose subjects the values of owners are: the `iss` of their tokens. Users of other issuers own nothing. Needed where several issuers are trusted; several named here have one space of names.",
        ),
        default(
            "clients_own",
            "false",
            Kind::Flag,
            "Clients without a user own objects, by their client id; otherwise they own nothing, whatever they are called.",
        ),
        optional(
            "roles",
            Kind::Claim,
            "The claim with the roles: an array of texts, or one text with spaces.",
        ),
        optional(
            "role_of",
            Kind::Map { names: "a role", value: &Kind::Claim },
            "Role, and the claim that is true for its holders.",
        ),
        optional(
            "attributes",
            Kind::Map { names: "the name of an attribute", value: &Kind::Claim },
            "Attribute that policies may see, and the claim it comes from.",
        ),
        default(
            "operators",
            "",
            NAMES,
            "Holders of one of these roles work across tenants: they are another type of principal.",
        ),
        optional("whoami", Kind::Section(&WHOAMI), "Asks the service who the holder of the credential is."),
    ],
};

static WHOAMI: Section = Section {
    name: "the section `whoami`",
    about: "An operation that says who calls; what it says stands above the claims.",
    keys: &[
        required("operation", Kind::Text, "A GET without parameters."),
        optional("subject", Kind::Path, "Where the answer has the subject."),
        optional("tenant", Kind::Path, "Where the answer has the tenant."),
        optional("roles", Kind::Path, "Where the answer has the roles: a text, or an array of texts."),
        optional(
            "role_of",
            Kind::Map { names: "a role", value: &Kind::Path },
            "Role, and where the answer says true for its holders.",
        ),
        optional("attributes", PATHS_BY_NAME, "Attribute, and where the answer has it."),
        default(
            "cache",
            "5s",
            Kind::Duration { min_ms: 0, max_ms: 60_000 },
            "How long an answer is kept; a role that was taken away counts that long.",
        ),
    ],
};

static PROPERTIES: Section = Section {
    name: "an entry of `properties`",
    about: "Allow-lists of properties by rule; the union of the rules that apply counts.",
    keys: &[
        optional("write", RULES, "Properties that requests may hold; every one of the schema when absent."),
        optional("read", RULES, "Properties that answers may show; every one of the schema when absent."),
        optional(
            "scopes",
            Kind::Map { names: "a property", value: &Kind::Text },
            "Property, and the scope that it needs besides.",
        ),
    ],
};
