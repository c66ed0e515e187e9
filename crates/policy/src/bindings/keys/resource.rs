//! Keys of a resource type: where its objects are known from.

use super::{Kind, NAMES, PATHS_BY_NAME, Section, default, one_of, optional, required};

pub(super) static RESOURCE: Section = Section {
    name: "a resource type",
    about: "A type of objects: where their id, tenant and owner are known from.",
    keys: &[
        default("id", "$.id", Kind::Path, "Where a representation has its id."),
        optional(
            "tenant",
            Kind::Section(&FROM),
            "Where the tenant is known from; needed unless one tenant is everyone's.",
        ),
        optional(
            "owner",
            Kind::Section(&FROM),
            "Where the owner is known from; with producers whoever's list it is in, else nobody's.",
        ),
        optional("attributes", PATHS_BY_NAME, "Further facts that policies may see, and where they stand."),
        optional("parent", Kind::Section(&PARENT), "The object that this one belongs to."),
        default(
            "producers",
            "",
            Kind::List(&Kind::Section(&PRODUCER)),
            "Operations that list the principal's own objects.",
        ),
        optional("resolver", Kind::Section(&RESOLVER), "An operation that shows one object."),
        default(
            "me",
            "",
            NAMES,
            "Ids by which callers name their own object, such as `me`; the other ids of the type are the subjects of callers.",
        ),
        default(
            "per_caller",
            "false",
            Kind::Flag,
            "The API keeps such objects for each caller apart: whatever id is named is looked for among the caller's own.",
        ),
        default("immutable", "", NAMES, "Properties that never change through the gateway."),
        optional(
            "seal",
            Kind::Short { key: "prefix", section: &SEAL },
            "Callers see and send sealed ids; needs `sealing` in the gateway file.",
        ),
        default(
            "references",
            "",
            Kind::List(&Kind::Section(&REFERENCE)),
            "Where a representation has ids of other objects.",
        ),
    ],
};

static FROM: Section = Section {
    name: "the source of a tenant or owner",
    about: "Where a tenant or an owner is known from.",
    keys: &[
        one_of(
            "from",
            Kind::OneOf(&["principal", "producer", "none"]),
            "The principal's own, whoever's list the object is in, or nobody's.",
        ),
        one_of("property", Kind::Path, "A property of the representation."),
        one_of("related", Kind::Section(&RELATED), "The same fact of another object."),
    ],
};

static RELATED: Section = Section {
    name: "a related object",
    about: "Another object, whose id the representation holds.",
    keys: &[
        required("type", Kind::Text, "Its resource type."),
        required("id", Kind::Path, "Where the representation has its id."),
    ],
};

static PARENT: Section = Section {
    name: "the section `parent`",
    about: "The object that this one belongs to.",
    keys: &[
        required("type", Kind::Text, "Its resource type."),
        required("property", Kind::Path, "Where the representation has its id."),
    ],
};

static PRODUCER: Section = Section {
    name: "a producer",
    about: "An operation that lists the principal's own objects, called with the principal's own credential.",
    keys: &[
        required("operation", Kind::Text, "A GET that needs no parameters."),
        default("items", "$[*]", Kind::Path, "Where the answer has the items."),
        optional("id", Kind::Path, "Where an item has its id; as in the resource type when absent."),
        optional("page", Kind::Section(&PAGE), "How further pages are asked for; one page when absent."),
        default("pages_max", "50", Kind::Count { min: 1, max: 10_000 }, "Pages that are asked for at most."),
        default(
            "cache",
            "2s",
            Kind::Duration { min_ms: 0, max_ms: 60_000 },
            "How long the list is kept, for this principal alone.",
        ),
    ],
};

pub(super) static PAGE: Section = Section {
    name: "the section `page`",
    about: "How the pages of a list are asked for.",
    keys: &[
        one_of("offset", Kind::Text, "The query parameter that skips items."),
        one_of("number", Kind::Text, "The query parameter with the page's number."),
        one_of(
            "cursor",
            Kind::Text,
            "The query parameter that takes what `next` names in the answer before.",
        ),
        one_of("link", Kind::Flag, "`Link` fields with rel=\"next\" (RFC 8288); only their query is taken."),
        one_of("url", Kind::Path, "Where an answer has the URL of the next page; only its query is taken."),
        optional("limit", Kind::Text, "The query parameter that bounds the items of a page."),
        default("size", "100", Kind::Count { min: 1, max: 100_000 }, "Items of a page."),
        default("first", "1", Kind::Count { min: 0, max: 1 }, "The number of the first page."),
        optional("next", Kind::Path, "Where an answer has the cursor of the next page."),
    ],
};

static RESOLVER: Section = Section {
    name: "a resolver",
    about: "A GET that shows one object, called with the principal's own credential.",
    keys: &[
        required("operation", Kind::Text, "A GET without effects."),
        optional(
            "id",
            Kind::IdPlace,
            "The parameter that takes the id; its only path parameter when absent.",
        ),
        default("object", "$", Kind::Path, "Where the answer has the representation."),
    ],
};

static SEAL: Section = Section {
    name: "the section `seal`",
    about: "What sealed ids of the type look like, and for whom they open.",
    keys: &[
        required("prefix", Kind::Text, "What they begin with, before an underscore: `inv` for `inv_...`."),
        default(
            "shared",
            "false",
            Kind::Flag,
            "One sealed id for all tenants, for things that are shown across them.",
        ),
    ],
};

static REFERENCE: Section = Section {
    name: "a reference",
    about: "An id of another object within a representation.",
    keys: &[
        required("at", Kind::Path, "Where the representation has it."),
        required("type", Kind::Text, "The resource type of that object."),
    ],
};
