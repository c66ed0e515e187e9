//! The catalogue of what can be found in a bindings file and between it and its description.

pub use openapi::codes::Explained;

macro_rules! codes {
    ($($name:ident $code:literal $title:literal $text:literal;)*) => {
        $(#[doc = $title] pub const $name: &str = $code;)*
        /// Every code, ascending.
        pub const ALL: &[Explained] = &[$(Explained { code: $code, title: $title, text: $text },)*];
    };
}

// B40xx: the bindings file. B41xx: policies. B42xx: gaps.
codes! {
    UNREADABLE "B4001" "the bindings file cannot be read"
        "The file is absent, not readable, or neither YAML nor JSON. Mend the marked place; the path is relative to the gateway file.";
    UNKNOWN_KEY "B4002" "a key of the bindings file is not known"
        "Every key of the file is known, so a key that is not is a mistake: a rule that was meant would silently be absent. `bartizan schema bindings` prints every key.";
    SHAPE "B4003" "a value of the bindings file has the wrong shape"
        "A text, a number, a list or a mapping was expected and something else stands there. `bartizan schema bindings` says what each key takes.";
    MISSING "B4004" "something that the bindings file needs is missing"
        "A key without a safe default is absent: without it nothing could be decided about the objects. Add it.";
    VALUE "B4005" "a value of the bindings file is not accepted"
        "The value is not one of the words, lies outside its range, or is not well-formed. The message says what is accepted.";
    VERSION "B4006" "the version of the bindings file is not known"
        "`version` says which shape the file has, so that an old gateway does not misread a new file. Only 1 exists.";
    COMBINATION "B4007" "values of the bindings file do not go together"
        "Several keys say the same thing in two ways, or one key needs another. Keep what is meant.";
    OPERATION_UNKNOWN "B4010" "a binding names an operation that the description does not have"
        "Bindings name operations by `operationId`, or `GET /orders/{id}` where there is none. An operation of the description that is not bound is refused, so a misspelt name would shut the operation that was meant. Correct the name.";
    PARAMETER_UNKNOWN "B4011" "a binding names a parameter that the operation does not have"
        "An id, a page or a filter was said to stand in a parameter that the description does not declare at that place, so it would never be found. Correct the name or the place, or declare the parameter with an overlay.";
    BODY_UNKNOWN "B4012" "a binding names a part of the body that the schema does not have"
        "An id was said to stand at a path of the request body that its schema does not lead to, so it would never be found. Correct the path, or complete the schema with an overlay.";
    BODY_UNKNOWABLE "B4013" "whether a path leads anywhere cannot be known"
        "The description has no schema there, or one that takes anything, so nobody can tell whether the path is right. A request or answer without the value is refused. Describe the body with an overlay.";
    TYPE_UNKNOWN "B4014" "a resource type is not declared"
        "The name does not occur under `resources` (for representations: nor under `properties`). Correct the name, or declare the type.";
    SOURCE_OPERATION "B4015" "an operation cannot be asked for evidence"
        "Whom an object belongs to is asked of a GET without effects whose parameters are all known. This operation has another method, is denied, is declared to have an effect, or needs a parameter that nothing supplies. Name another operation.";
    SOURCE_MISFIT "B4016" "a source of evidence cannot be used here"
        "The type has no producer or resolver, or the answer of an operation with an effect would come too late: by then it has happened. Name a source that can say whose the object is before the request is forwarded.";
    ANSWER_UNKNOWN "B4017" "a binding names a part of an answer that the schema does not have"
        "The description's schema of the answer does not lead there. Descriptions can be wrong about what they show, so this is a warning; where the value is indeed missing, evidence is missing, and requests are refused. Correct the path, or the schema with an overlay.";
    PARENT_MISFIT "B4018" "a parent does not fit its type"
        "The object's parent is of another type than its resource type says, or the type says nothing of where a representation has its parent. Then nobody can tell that the child belongs to it. Add `parent` to the resource type.";
    SAFETY_MISFIT "B4019" "an operation is declared safe although it changes things"
        "`safe: true` says that the operation has no effect; its action says the opposite. With evidence from its own answer the effect would have happened before anybody looked. Correct one of them.";
    SEAL_MISFIT "B4021" "ids of a type cannot be sealed like this"
        "A prefix has lower-case letters and digits, begins with a letter, and is of one type alone. Sealed ids are opened in paths, where they are a whole segment, in queries, header fields and bodies, not in cookies, and need keys: `sealing` beside `bindings` in the gateway file.";
    ISSUER_UNKNOWN "B4022" "owners are said to be of an issuer that the API does not trust"
        "`principals.issuer` names whose subjects the values of owners are: the `issuer` of an authenticator of the gateway file, as its tokens write it. Nobody whom another one verified owns anything, so a misspelt name would leave everybody without objects. Correct the name.";
    RELATED_UNTIED "B4023" "nothing ties an object to the one whose owner counts"
        "`related` takes the owner of another object of the request for the owner of this one. Where nothing says that this one belongs to the other, a caller names an object of its own beside somebody else's, and reaches it. Say `parent` in the object, so that it has to belong to it, and let a resolver or a list of the parent show that it does.";
    OWNER_OF_ALL "B4024" "every object of a type is its caller's"
        "`owner: { from: principal }` takes whoever asks for the owner, whatever object is named: nothing is refused. It is right only where the API itself keeps one thing, or one set of ids, for each caller, as a cart or settings; then say `per_caller: true`. Otherwise say where the owner is known from: `property`, `related`, or `producers`.";
    STREAM_UNREADABLE "B4025" "an answer that is read cannot be one that streams"
        "The operation begins a WebSocket or answers with events or lines, and its binding needs the whole answer: to filter a list, to hold what it shows against rules, or to learn whose the object is. Name evidence that is known before the request is forwarded, and leave `list` and `shows` out; or describe an answer that is a document.";
    POLICY_SYNTAX "B4101" "a policy file cannot be read as Cedar"
        "The file is not UTF-8, too large, or its text is not in the policy language. None of it is used, and the API is not served, because a missing `forbid` would allow what it was to forbid. Mend the marked place.";
    POLICY_INVALID "B4102" "a policy is not valid"
        "Policies are checked strictly against what the bindings declare: types of principals and objects, operations, attributes. What does not fit would err when a request comes, and an error refuses. Correct the name or ask first whether an optional attribute is there (`resource has status && ...`).";
    POLICY_GUARD "B4103" "the tenant guard is missing"
        "Each set of policies must hold `forbid (principal is User, action, resource) unless { resource.tenant == principal.tenant };` and the same for `Client`, without any further condition: then no other policy, however it is written, lets a caller cross tenants. Who may cross them is an `Operator`, never an exception.";
    POLICY_TEMPLATE "B4104" "a policy has slots"
        "Templates are filled by programs; here nothing fills them, so the policy would never apply. Write it out.";
    POLICY_TWICE "B4105" "two policies have the same id"
        "Records name policies by `@id(\"...\")`, and one name must mean one policy. Rename one.";
    POLICY_NAME "B4106" "a name cannot be used in policies"
        "A resource type or attribute of the bindings is not an identifier of the policy language, or has a meaning of its own there. Rename it.";
    POLICY_IDLE "B4107" "a policy can never apply, or looks like something else"
        "No combination of principal, operation and object that the bindings know makes the policy true, or its text holds characters that look like others. Correct it or take it out.";
    POLICY_NOTHING_PERMITS "B4108" "no policy permits an operation"
        "The operation is bound, yet no `permit` can apply to it, so every call of it is refused. If that is meant, say `deny: true` in the bindings; else write a policy.";
    TABLE "B4110" "a table of expected decisions cannot be read"
        "The file is neither YAML nor JSON, has a key that is not known, lacks one that is needed, or a value has the wrong shape. No case of it is run.";
    EXPECTATION "B4111" "a decision is not as expected"
        "The case of the table is decided otherwise, or by another policy than it names. The lines below say which policies were looked at and what would have allowed it. Correct the policies, the bindings or the expectation.";
    ID_UNBOUND "B4201" "an id is neither bound nor free"
        "A parameter or property of a request looks as if it named an object, and the bindings say nothing of it: whoever puts another's id there is not asked whose it is. Bind it with `object` (or `objects`), or list it under `free` where it protects nothing.";
    EFFECT_WITHOUT_EVIDENCE "B4202" "an effect without evidence"
        "The operation changes or deletes an object, and nothing says beforehand whose it is. Bind the object, and give its type a resolver or producers; or say by `class` and `roles` that it is for people who may touch everybody's.";
    OPERATION_UNBOUND "B4203" "an operation is not bound"
        "What the bindings do not list is refused, also when the description has it. The advice shows a line to begin with; `deny: true` says that the refusal is meant.";
    SHADOWED "B4204" "something in the bindings does nothing"
        "A rule grants what everybody has, a source of evidence is never asked, or a path is taken by another operation. What is written and does nothing misleads whoever reads it next. Remove it, or write what was meant.";
    PROPERTY_UNKNOWN "B4205" "a rule names a property that no schema has"
        "The schemas of requests and answers of this type list their properties, and this name is not among them: a misspelt name in an allow-list hides or refuses the property that was meant. Correct it, or add the property to the description with an overlay.";
    SENSITIVE_SHOWN "B4206" "sensitive properties are shown without a rule"
        "An answer is described to hold something that is called like a secret or like personal data, and no `read` rule says who may see it. Say with `shows` which type the answer represents and list what may be seen under `properties`.";
    IDS_GUESSABLE "B4207" "ids can be guessed"
        "Counted numbers, names, short texts and time-ordered ids let anybody who knows one find others. That is no fault as long as evidence is asked for every object; it makes each gap worse. `seal` shows callers other ids.";
    TENANT_UNKNOWN "B4208" "nothing says which tenant a caller is of"
        "The bindings tell tenants apart, and neither a claim of the token nor an answer of the service names the caller's. Then no object is of the caller's tenant, and every call that names one is refused. Name the claim with `tenant: { claim: NAME }` in the gateway file, or say `tenants: single`.";
    OWNERS_OF_WHOM "B4209" "several issuers are trusted, and nothing says whose names owners are"
        "Two issuers may call two people the same, and the value of an owner does not say whom it means: each would own the other's objects. Name the issuer with `principals: { issuer: NAME }`, and whom another one verifies owns nothing; name several where they call the same people the same; or let `whoami` with `subject` say whom the API takes a caller for.";
    WRITTEN_UNREAD "B4210" "policies ask what is written where nothing says what the body represents"
        "A policy of the operation reads `context.written`, and the binding has no `takes`: the names at the root of the body count, also where the properties stand deeper. Say with `takes` which type the body represents, and where.";
    CLAIM_UNUSUAL "B4211" "a claim is called almost as a usual one is"
        "The bindings read a claim whose name is close to one that issuers usually write. A claim that is not in the token is nothing: no role, no attribute, no subject. Correct the name, or leave it where the issuer does call it so.";
    SEALED_RAW "B4212" "an id of a sealed type stands where nobody declared it"
        "Callers know the ids of the type as sealed texts only. Where an answer shows, or a request takes, the service's own, they see what they are not to see, or cannot say which object they mean. Declare the place: `references` of the type that stands there, `shows_ids` or `ids` of the operation.";
    OWNERS_OF_NOBODY "B4213" "nobody can own anything"
        "All callers of the API have keys, which stand for clients, and clients own nothing unless the bindings say so. What only its owner may reach is refused to everybody. Say `clients_own: true` under `principals` where the values of owners are the names of clients (the `id` of the key).";
    MANY_IN_ONE "B4214" "one operation stands for many"
        "The body of the operation says what is to be done, as with GraphQL, JSON-RPC and batches: who may do which of it, and to whose objects, cannot be asked by operation. Whoever may call it may do all of it. Say `deny: true`, or give it a class and roles of people who may do everything.";
    WRITTEN_UNHELD "B4215" "a body may write whose an object is, and no rule looks at it"
        "The operation changes an object, its body is described to hold a property that says whose the object is or that never changes, and the binding has no `takes`: what the body represents is not known, so neither `immutable` nor the rules for writing hold there. Say with `takes` which type it represents, and where.";
}
