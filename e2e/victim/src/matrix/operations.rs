//! What can be asked, one row a request: which hole of the weak twin it is about, and what the rule needs to know.

/// What a request does to its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Read,
    Write,
    /// Of everything that the principal may read.
    List,
    /// Of the principal's own alone.
    Own,
    /// Makes something of the principal's own.
    Create,
    /// For nobody.
    Closed,
    /// Not there, for anybody.
    Absent,
}

/// Who may set the property that a request sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sets {
    /// Whoever may write the object.
    Plain,
    Admins,
    Nobody,
}

/// One row.
#[derive(Debug)]
pub struct Operation {
    /// As in the description.
    pub id: &'static str,
    /// The hole; empty where the weak twin does right.
    pub pattern: &'static str,
    pub method: &'static str,
    /// `{id}`, `{parent}`, `{own_client}` and `{own_invoice}` are filled in.
    pub target: &'static str,
    pub body: &'static str,
    pub table: &'static str,
    pub kind: Kind,
    pub admins_only: bool,
    pub sets: Sets,
    /// The path or body names a second object, which is the principal's own where it has one.
    pub with_own: bool,
    /// What is below another parent is not there.
    pub wrong_parent: bool,
    /// The application itself refuses what would be allowed.
    pub conflict: bool,
}

impl Operation {
    pub fn names_an_object(&self) -> bool {
        self.target.contains("{id}") || self.body.contains("{id}")
    }
}

const PLAIN: Operation = Operation {
    id: "",
    pattern: "",
    method: "GET",
    target: "",
    body: "",
    table: "",
    kind: Kind::Read,
    admins_only: false,
    sets: Sets::Plain,
    with_own: false,
    wrong_parent: false,
    conflict: false,
};

macro_rules! row {
    ($kind:ident $id:literal $pattern:literal $table:literal $method:literal $target:literal $body:literal $($more:ident : $value:expr),*) => {
        Operation {
            id: $id, pattern: $pattern, method: $method, target: $target, body: $body, table: $table, kind: Kind::$kind,
            $($more: $value,)* ..PLAIN
        }
    };
}

/// Every row.
#[rustfmt::skip]
pub const OPERATIONS: &[Operation] = &[
    row!(Read "getInvoice" "owner in the response, a number" "invoices" "GET" "/invoices/{id}" "" sets: Sets::Plain),
    row!(Write "putInvoice" "owner in the response, a number" "invoices" "PUT" "/invoices/{id}" r#"{"amount":1}"# sets: Sets::Plain),
    row!(Write "putInvoice" "privileged property in the schema" "invoices" "PUT" "/invoices/{id}" r#"{"status":"paid"}"# sets: Sets::Admins),
    row!(Write "putInvoice" "owner or tenant set by the caller" "invoices" "PUT" "/invoices/{id}" r#"{"owner_id":102}"# sets: Sets::Nobody),
    row!(Write "putInvoice" "owner or tenant set by the caller" "invoices" "PUT" "/invoices/{id}" r#"{"amount":2,"tenant":"south"}"# sets: Sets::Nobody),
    row!(Write "putInvoice" "property that is not in the schema" "invoices" "PUT" "/invoices/{id}" r#"{"margin":"x"}"# sets: Sets::Nobody),
    row!(Write "deleteInvoice" "owner in the response, a number" "invoices" "DELETE" "/invoices/{id}" "" sets: Sets::Plain),
    row!(Write "approveInvoice" "action below an object" "invoices" "POST" "/invoices/{id}/approve" "" admins_only: true),
    row!(Write "sendInvoice" "action below an object" "invoices" "POST" "/invoices/{id}/send" "" sets: Sets::Plain),
    row!(Write "remindInvoice" "GET with an effect" "invoices" "GET" "/invoices/{id}/remind" "" sets: Sets::Plain),
    row!(Read "lookupInvoice" "id in the body" "invoices" "POST" "/invoices/lookup" r#"{"invoice_id":{id}}"# sets: Sets::Plain),
    row!(Write "payInvoice" "id in the body" "invoices" "POST" "/payments" r#"{"payment":{"invoice_id":{id},"amount":5}}"# sets: Sets::Plain),
    row!(Write "archiveInvoices" "bulk ids" "invoices" "POST" "/invoices/archive" r#"{"ids":[{id}]}"# sets: Sets::Plain),
    row!(Write "archiveInvoices" "bulk ids" "invoices" "POST" "/invoices/archive" r#"{"ids":[{own_invoice},{id}]}"# with_own: true),
    row!(List "listInvoices" "list of everybody's, with totals and facets" "invoices" "GET" "/invoices?limit=100" "" sets: Sets::Plain),
    row!(List "listInvoices" "list by another's id" "invoices" "GET" "/invoices?limit=100&owner=102" "" sets: Sets::Plain),
    row!(Write "createInvoice" "reference to another's object" "clients" "POST" "/invoices" r#"{"client_id":{id},"amount":7}"# sets: Sets::Plain),
    row!(Write "createInvoice" "privileged property in the schema" "clients" "POST" "/invoices" r#"{"client_id":{id},"amount":7,"status":"paid"}"# sets: Sets::Admins),
    row!(Write "createInvoice" "owner or tenant set by the caller" "clients" "POST" "/invoices" r#"{"client_id":{id},"amount":7,"owner_id":102}"# sets: Sets::Nobody),

    row!(Read "getClient" "exposure in nested objects" "clients" "GET" "/clients/{id}" "" sets: Sets::Plain),
    row!(Write "putClient" "owner in the response" "clients" "PUT" "/clients/{id}" r#"{"name":"New name"}"# sets: Sets::Plain),
    row!(Write "putClient" "property that is not in the schema" "clients" "PUT" "/clients/{id}" r#"{"credit_score":"best"}"# sets: Sets::Admins),
    row!(Write "putClient" "error body with the record" "clients" "PUT" "/clients/{id}" r#"{"name":"Newer name","version":7}"# conflict: true),
    row!(Write "deleteClient" "owner in the response" "clients" "DELETE" "/clients/{id}" "" sets: Sets::Plain),
    row!(List "listClients" "exposure in list items" "clients" "GET" "/clients" "" sets: Sets::Plain),
    row!(Create "createClient" "" "clients" "POST" "/clients" r#"{"name":"A new client"}"# sets: Sets::Plain),

    row!(Read "listCards" "owner in another object" "clients" "GET" "/clients/{id}/cards" "" sets: Sets::Plain),
    row!(Write "createCard" "owner in another object" "clients" "POST" "/clients/{id}/cards" r#"{"label":"new","limit":9}"# sets: Sets::Plain),
    row!(Write "createCard" "reference to another's object" "clients" "POST" "/clients/{own_client}/cards" r#"{"label":"new","client_id":{id}}"# sets: Sets::Nobody),
    row!(Read "getCard" "owner in another object" "cards" "GET" "/cards/{id}" "" sets: Sets::Plain),
    row!(Write "putCard" "owner in another object" "cards" "PUT" "/cards/{id}" r#"{"limit":1}"# sets: Sets::Plain),
    row!(Write "putCard" "reference to another's object" "cards" "PUT" "/cards/{id}" r#"{"client_id":12}"# sets: Sets::Nobody),
    row!(Write "freezeCard" "owner in another object" "cards" "POST" "/cards/{id}/freeze" "" sets: Sets::Plain),
    row!(Read "getCharge" "owner two objects away" "charges" "GET" "/charges/{id}" "" sets: Sets::Plain),
    row!(Write "refundCharge" "owner two objects away" "charges" "POST" "/charges/{id}/refund" "" sets: Sets::Plain),

    row!(Read "listDocuments" "owner in another object" "clients" "GET" "/clients/{id}/documents" "" sets: Sets::Plain),
    row!(Read "getDocument" "owner in another object" "documents" "GET" "/clients/{parent}/documents/{id}" "" sets: Sets::Plain),
    row!(Write "putDocument" "owner in another object" "documents" "PUT" "/clients/{parent}/documents/{id}" r#"{"title":"New"}"# sets: Sets::Plain),
    row!(Write "deleteDocument" "owner in another object" "documents" "DELETE" "/clients/{parent}/documents/{id}" "" sets: Sets::Plain),
    row!(Read "getDocument" "child under the wrong parent" "documents" "GET" "/clients/{own_client}/documents/{id}" "" wrong_parent: true),
    row!(Write "putDocument" "child under the wrong parent" "documents" "PUT" "/clients/{own_client}/documents/{id}" r#"{"title":"New"}"# wrong_parent: true),
    row!(Write "deleteDocument" "child under the wrong parent" "documents" "DELETE" "/clients/{own_client}/documents/{id}" "" wrong_parent: true),

    row!(Own "listNotes" "" "notes" "GET" "/notes?limit=10&offset=0" "" sets: Sets::Plain),
    row!(Read "getNote" "no owner anywhere, list by offset" "notes" "GET" "/notes/{id}" "" sets: Sets::Plain),
    row!(Write "putNote" "no owner anywhere, list by offset" "notes" "PUT" "/notes/{id}" r#"{"text":"new"}"# sets: Sets::Plain),
    row!(Write "deleteNote" "no owner anywhere, list by offset" "notes" "DELETE" "/notes/{id}" "" sets: Sets::Plain),
    row!(Own "listTasks" "" "tasks" "GET" "/tasks" "" sets: Sets::Plain),
    row!(Read "getTask" "no owner anywhere, list by cursor" "tasks" "GET" "/tasks/{id}" "" sets: Sets::Plain),
    row!(Write "finishTask" "no owner anywhere, list by cursor" "tasks" "POST" "/tasks/{id}/done" "" sets: Sets::Plain),
    row!(Own "listFiles" "" "files" "GET" "/files" "" sets: Sets::Plain),
    row!(Read "getFile" "no owner anywhere, list by Link" "files" "GET" "/files/{id}" "" sets: Sets::Plain),
    row!(Write "deleteFile" "no owner anywhere, list by Link" "files" "DELETE" "/files/{id}" "" sets: Sets::Plain),

    row!(List "listProjects" "exposure in list items" "projects" "GET" "/projects" "" sets: Sets::Plain),
    row!(Read "getProject" "owner in the response" "projects" "GET" "/projects/{id}" "" sets: Sets::Plain),
    row!(Write "putProject" "GET and PUT resolve differently" "named projects" "PUT" "/projects/{id}" r#"{"about":"new"}"# sets: Sets::Plain),

    row!(Own "listTickets" "" "tickets" "GET" "/tickets" "" sets: Sets::Plain),
    row!(Create "createTicket" "" "tickets" "POST" "/tickets" r#"{"text":"new"}"# sets: Sets::Plain),
    row!(Read "getTicket" "older than the gateway, no owner anywhere" "tickets" "GET" "/tickets/{id}" "" sets: Sets::Plain),
    row!(Write "putTicket" "older than the gateway, no owner anywhere" "tickets" "PUT" "/tickets/{id}" r#"{"text":"new"}"# sets: Sets::Plain),
    row!(Write "deleteTicket" "older than the gateway, no owner anywhere" "tickets" "DELETE" "/tickets/{id}" "" sets: Sets::Plain),

    row!(Own "getMe" "exposure in a single object" "people" "GET" "/me" "" sets: Sets::Plain),
    row!(List "listPeople" "exposure in list items" "people" "GET" "/people" "" sets: Sets::Plain),
    row!(Read "getPerson" "exposure in a single object" "people" "GET" "/people/{id}" "" sets: Sets::Plain),
    row!(Write "putPerson" "owner in the response" "people" "PUT" "/people/{id}" r#"{"phone":"1234"}"# sets: Sets::Plain),
    row!(Write "putPerson" "privileged property in the schema" "people" "PUT" "/people/{id}" r#"{"role":"admin"}"# sets: Sets::Admins),
    row!(Write "putPerson" "property that is not in the schema" "people" "PUT" "/people/{id}" r#"{"name":"x","is_admin":true}"# sets: Sets::Nobody),
    row!(Write "updateProfile" "id in the body" "people" "POST" "/profile" r#"{"user_id":{id},"name":"x"}"# sets: Sets::Plain),
    row!(Read "getTenant" "tenants" "tenants" "GET" "/tenants/{id}" "" sets: Sets::Plain),
    row!(Write "putTenant" "tenants" "tenants" "PUT" "/tenants/{id}" r#"{"plan":"gold"}"# admins_only: true),
    row!(List "exportPeople" "administration" "people" "GET" "/admin/people" "" admins_only: true),
    row!(Write "deletePerson" "administration" "people" "DELETE" "/admin/people/{id}" "" admins_only: true),
    row!(Closed "resetEverything" "described and dangerous" "" "GET" "/admin/reset" "" sets: Sets::Plain),
    row!(Absent "" "not described" "" "GET" "/_debug" "" sets: Sets::Plain),
    row!(Absent "" "not described" "" "POST" "/internal/promote" r#"{"user_id":102}"# sets: Sets::Plain),
];
