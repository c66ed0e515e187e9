//! Keys of an operation: what it does to which object.

use super::resource::PAGE;
use super::{Kind, NAMES, Section, default, one_of, optional, required};

pub(super) static OPERATION: Section = Section {
    name: "an operation",
    about: "What one operation does to which object, and who may call it.",
    keys: &[
        optional(
            "action",
            Kind::OneOf(&["read", "write", "delete", "list", "create", "act"]),
            "What it does; by the method when absent: GET reads, POST creates, PUT and PATCH write, DELETE deletes.",
        ),
        default(
            "class",
            "user",
            Kind::OneOf(&["public", "user", "support", "internal", "admin"]),
            "Whom it is for.",
        ),
        default("roles", "", NAMES, "The principal needs one of these roles."),
        default("scopes", "", NAMES, "The principal needs all of these scopes."),
        optional("assurance", Kind::Section(&ASSURANCE), "What the token has to say of the authentication."),
        default("deny", "false", Kind::Flag, "Always refused; it stays in the route table."),
        optional("object", Kind::Section(&OBJECT), "The object that it touches."),
        default("objects", "", Kind::List(&Kind::Section(&OBJECT)), "The objects that it touches."),
        optional(
            "evidence",
            SOURCES,
            "Where facts about its objects come from; what the types have when absent; `[]`: none are needed.",
        ),
        optional("list", Kind::Section(&LIST), "The answer is a list of objects."),
        optional(
            "takes",
            Kind::Short { key: "type", section: &TAKES },
            "The body represents an object of this type.",
        ),
        optional(
            "shows",
            Kind::OneOrMany(&Kind::Short { key: "type", section: &SHOWS }),
            "The answer represents objects of these types.",
        ),
        optional(
            "preset",
            Kind::Map { names: "a property of the body", value: &Kind::Section(&PRESET) },
            "Properties that are set by the gateway, whatever the caller sent.",
        ),
        optional(
            "safe",
            Kind::Flag,
            "It has no effect, so that its own answer may be evidence; by action and method when absent.",
        ),
        default("if_match", "false", Kind::Flag, "The service honours `If-Match` (RFC 9110 section 13.1.1)."),
        default(
            "renames",
            "false",
            Kind::Flag,
            "What is written may change the id: a name that its owner chooses, or a slug that the service makes of a title.",
        ),
        default("free", "", Kind::OneOrMany(&Kind::IdPlace), "Ids that name no protected object."),
        default(
            "ids",
            "",
            Kind::List(&Kind::Section(&ID)),
            "Ids of types in the request beside its objects: filters, cursors.",
        ),
        default(
            "shows_ids",
            "",
            Kind::List(&Kind::Section(&SHOWN_ID)),
            "Ids of types in the answer beside what it shows: cursors, header fields.",
        ),
    ],
};

const SOURCES: Kind = Kind::OneOrMany(&Kind::WordOr {
    words: &["sealed", "learned", "producer", "resolver", "external", "response"],
    section: &EVIDENCE,
});

static ASSURANCE: Section = Section {
    name: "the section `assurance`",
    about: "What the token has to say of the authentication behind it (RFC 9470).",
    keys: &[
        default("acr", "", NAMES, "One of these authentication context classes."),
        optional(
            "max_age",
            Kind::Duration { min_ms: 1_000, max_ms: 86_400_000 },
            "The person authenticated at most so long ago.",
        ),
    ],
};

static OBJECT: Section = Section {
    name: "an object",
    about: "An object that a request names.",
    keys: &[
        required("type", Kind::Text, "Its resource type."),
        required(
            "id",
            Kind::IdPlace,
            "Where the request has its id; `principal` where it is the caller's subject, as of `/me`.",
        ),
        default("optional", "false", Kind::Flag, "A request without the id names no such object."),
        optional(
            "evidence",
            SOURCES,
            "Where facts about this object come from, instead of what the operation says.",
        ),
        optional("parent", Kind::Section(&PARENT), "The object that it has to belong to."),
    ],
};

static PARENT: Section = Section {
    name: "the parent of an object",
    about: "The object that another one of the request has to belong to.",
    keys: &[
        required("type", Kind::Text, "Its resource type."),
        required(
            "id",
            Kind::IdPlace,
            "Where the request has its id; `principal` where it is the caller's subject, as of `/me`.",
        ),
    ],
};

static EVIDENCE: Section = Section {
    name: "a source of evidence",
    about: "A source of facts with more to say.",
    keys: &[
        one_of(
            "claim",
            Kind::Claim,
            "The object is the principal's own where its id is the value of this claim.",
        ),
        one_of("related", Kind::Section(&RELATED), "The facts of another object of the request."),
        one_of("list", Kind::Section(&LISTING), "A list in which the object stands with its owner."),
    ],
};

static RELATED: Section = Section {
    name: "a related object",
    about: "Another object, whose id stands elsewhere in the request.",
    keys: &[
        required("type", Kind::Text, "Its resource type."),
        required(
            "id",
            Kind::IdPlace,
            "Where the request has its id; `principal` where it is the caller's subject, as of `/me`.",
        ),
    ],
};

static LISTING: Section = Section {
    name: "the section `list` of evidence",
    about: "A list in which the object stands with its owner or tenant.",
    keys: &[
        required("operation", Kind::Text, "A GET whose parameters the request at hand has too."),
        default("items", "$[*]", Kind::Path, "Where the answer has the items."),
        optional("id", Kind::Path, "Where an item has its id; as in the resource type when absent."),
        optional("owner", Kind::Path, "Where an item has its owner."),
        optional("tenant", Kind::Path, "Where an item has its tenant."),
    ],
};

static LIST: Section = Section {
    name: "the section `list`",
    about: "The answer is a list of objects.",
    keys: &[
        required("type", Kind::Text, "Their resource type."),
        default("items", "$[*]", Kind::Path, "Where the answer has the items."),
        default(
            "filter",
            "true",
            Kind::Flag,
            "Take out what the principal may not see; otherwise one such item refuses the answer.",
        ),
        optional("total", Kind::Path, "A count, made right."),
        default("drop", "", Kind::OneOrMany(&Kind::Path), "Members that are taken out: cursors, facets."),
        optional("overfetch", Kind::Section(&OVERFETCH), "Further pages fill up what was taken out."),
    ],
};

static OVERFETCH: Section = Section {
    name: "the section `overfetch`",
    about: "Further pages are asked for to fill up what was taken out.",
    keys: &[
        optional("page", Kind::Section(&PAGE), "How further pages are asked for."),
        optional("offset", Kind::Text, "The query parameter that skips items; short for a `page`."),
        optional("limit", Kind::Text, "The query parameter that bounds the items of a page."),
        default("pages_max", "5", Kind::Count { min: 1, max: 100 }, "Pages that are asked for at most."),
    ],
};

static TAKES: Section = Section {
    name: "the section `takes`",
    about: "The body, or a part of it, represents an object.",
    keys: &[
        required("type", Kind::Text, "Its resource type."),
        default("at", "$", Kind::Path, "Where the representation stands."),
        optional("only", NAMES, "Of what the rules allow, this operation takes these properties alone."),
    ],
};

static SHOWS: Section = Section {
    name: "the section `shows`",
    about: "The answer, or a part of it, represents objects.",
    keys: &[
        required("type", Kind::Text, "Their resource type."),
        default("at", "$", Kind::Path, "Where the representation stands."),
    ],
};

static PRESET: Section = Section {
    name: "a preset",
    about: "The value of a property that the gateway sets.",
    keys: &[
        one_of("principal", Kind::OneOf(&["subject", "tenant"]), "The principal's own."),
        one_of("claim", Kind::Claim, "The value of a claim."),
        one_of("value", Kind::Any, "This value."),
    ],
};

static ID: Section = Section {
    name: "an id of the request",
    about: "An id that names no object which the operation is about.",
    keys: &[
        required("at", Kind::IdPlace, "Where the request has it."),
        required("type", Kind::Text, "The resource type of the object that it names."),
    ],
};

static SHOWN_ID: Section = Section {
    name: "an id of the answer",
    about: "An id that stands outside of what the answer shows.",
    keys: &[
        one_of("at", Kind::Path, "Where the answer has it."),
        one_of("header", Kind::Text, "The header field that holds it."),
        required("type", Kind::Text, "The resource type of the object that it names."),
    ],
};
