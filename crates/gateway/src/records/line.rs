//! A record as a line of JSON: the bytes that its `Serialize` gives, put together by hand, because every request has one
//! and most of it is names that need no escaping.

#[cfg(test)]
mod tests;

use model::{Caller, CheckTrace, Credential, Record, UpstreamTrace};
use serde::Serialize;

/// Appends the record, without a line end.
pub(super) fn write(record: &Record, into: &mut Vec<u8>) -> serde_json::Result<()> {
    // Without `..`: a field that is new in the record is missing here until it is written.
    let Record {
        v,
        time,
        request_id,
        trace_id,
        protocol,
        address,
        address_from,
        api,
        operation,
        method,
        template,
        class,
        outcome,
        status,
        code,
        limited,
        check,
        violations,
        caller,
        checks,
        authorization,
        inspection,
        upstream,
        request_bytes,
        response_bytes,
        duration_us,
        snapshot,
    } = record;
    let mut line = Object::begin(into);
    line.number("v", u64::from(*v));
    line.text("time", time)?;
    line.text("request_id", request_id)?;
    line.text_if("trace_id", trace_id.as_deref())?;
    line.text("protocol", protocol)?;
    line.text("address", address)?;
    line.value_if("address_from", address_from.as_ref())?;
    line.text_if("api", api.as_deref())?;
    line.text("operation", operation)?;
    line.text("method", method)?;
    line.text_if("template", template.as_deref())?;
    line.text_if("class", class.as_deref())?;
    line.value("outcome", outcome)?;
    line.number("status", u64::from(*status));
    line.value_if("code", code.as_ref())?;
    line.value_if("limited", limited.as_ref())?;
    line.text_if("check", check.as_deref())?;
    line.value_if("violations", Some(violations).filter(|list| !list.is_empty()))?;
    if let Some(caller) = caller {
        write_caller(caller, line.name("caller"))?;
    }
    list(checks, line.name("checks"), write_check)?;
    line.value_if("authorization", authorization.as_ref())?;
    line.value_if("inspection", inspection.as_ref())?;
    if let Some(upstream) = upstream {
        write_upstream(upstream, line.name("upstream"))?;
    }
    line.number("request_bytes", *request_bytes);
    line.number("response_bytes", *response_bytes);
    line.number("duration_us", *duration_us);
    line.text("snapshot", snapshot)?;
    line.end();
    Ok(())
}

fn write_check(trace: &CheckTrace, into: &mut Vec<u8>) -> serde_json::Result<()> {
    let CheckTrace { name, phase, mode, verdict, code, reason, duration_ns, questions } = trace;
    let mut object = Object::begin(into);
    object.text("name", name)?;
    object.word("phase", phase.word());
    object.word("mode", mode.word());
    object.word("verdict", verdict.word());
    object.value_if("code", code.as_ref())?;
    object.text_if("reason", reason.as_deref())?;
    object.number("duration_ns", *duration_ns);
    object.value_if("questions", Some(questions).filter(|list| !list.is_empty()))?;
    object.end();
    Ok(())
}

fn write_caller(caller: &Caller, into: &mut Vec<u8>) -> serde_json::Result<()> {
    // The claims are for checks, and not recorded.
    let Caller { principal, client, tenant, scopes, credentials, claims: _ } = caller;
    let mut object = Object::begin(into);
    object.value("principal", principal)?;
    object.value("client", client)?;
    object.text_if("tenant", tenant.as_deref())?;
    list(scopes, object.name("scopes"), |scope, into| text(scope, into))?;
    list(credentials, object.name("credentials"), write_credential)?;
    object.end();
    Ok(())
}

fn write_credential(credential: &Credential, into: &mut Vec<u8>) -> serde_json::Result<()> {
    let Credential { kind, scheme, id, expires_unix_s, token: _, names: _ } = credential;
    let mut object = Object::begin(into);
    object.value("kind", kind)?;
    object.text("scheme", scheme)?;
    object.text("id", id)?;
    object.value("expires_unix_s", expires_unix_s)?;
    object.end();
    Ok(())
}

fn write_upstream(trace: &UpstreamTrace, into: &mut Vec<u8>) -> serde_json::Result<()> {
    let UpstreamTrace { address, status, reused, attempts, head_us, error, tried } = trace;
    let mut object = Object::begin(into);
    object.text("address", address)?;
    object.value_if("status", status.as_ref())?;
    object.value("reused", reused)?;
    object.number("attempts", u64::from(*attempts));
    object.number("head_us", *head_us);
    object.text_if("error", error.as_deref())?;
    object.value_if("tried", Some(tried).filter(|list| !list.is_empty()))?;
    object.end();
    Ok(())
}

/// An object that is being written. Every member begins with a comma; that of the first becomes the brace.
struct Object<'v> {
    into: &'v mut Vec<u8>,
    begin: usize,
}

impl<'v> Object<'v> {
    fn begin(into: &'v mut Vec<u8>) -> Self {
        let begin = into.len();
        Self { into, begin }
    }

    fn end(self) {
        match self.into.get_mut(self.begin) {
            Some(comma) => *comma = b'{',
            None => self.into.push(b'{'),
        }
        self.into.push(b'}');
    }

    /// Begins a member; its value is to be appended next. `name` needs no escaping.
    #[inline]
    fn name(&mut self, name: &'static str) -> &mut Vec<u8> {
        self.into.extend_from_slice(b",\"");
        self.into.extend_from_slice(name.as_bytes());
        self.into.extend_from_slice(b"\":");
        self.into
    }

    #[inline]
    fn text(&mut self, name: &'static str, value: &str) -> serde_json::Result<()> {
        text(value, self.name(name))
    }

    /// A value of ours, which needs no escaping.
    #[inline]
    fn word(&mut self, name: &'static str, value: &'static str) {
        put_plain(value, self.name(name));
    }

    fn text_if(&mut self, name: &'static str, value: Option<&str>) -> serde_json::Result<()> {
        value.map_or(Ok(()), |value| self.text(name, value))
    }

    fn number(&mut self, name: &'static str, number: u64) {
        self.name(name).extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    }

    fn value(&mut self, name: &'static str, value: &impl Serialize) -> serde_json::Result<()> {
        serde_json::to_writer(self.name(name), value)
    }

    fn value_if(&mut self, name: &'static str, value: Option<&impl Serialize>) -> serde_json::Result<()> {
        value.map_or(Ok(()), |value| self.value(name, value))
    }
}

fn list<T>(
    items: impl IntoIterator<Item = T>,
    into: &mut Vec<u8>,
    write: impl Fn(T, &mut Vec<u8>) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    into.push(b'[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            into.push(b',');
        }
        write(item, into)?;
    }
    into.push(b']');
    Ok(())
}

fn text(value: &str, into: &mut Vec<u8>) -> serde_json::Result<()> {
    if !is_plain(value.as_bytes()) {
        return serde_json::to_writer(into, value);
    }
    put_plain(value, into);
    Ok(())
}

fn put_plain(value: &str, into: &mut Vec<u8>) {
    into.reserve(value.len() + 2);
    into.push(b'"');
    into.extend_from_slice(value.as_bytes());
    into.push(b'"');
}

/// Whether nothing in a text needs escaping, eight bytes at a time.
fn is_plain(text: &[u8]) -> bool {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES * 0x80;
    let (words, rest) = text.as_chunks::<8>();
    let mut last = [b'a'; 8];
    for (byte, of_rest) in last.iter_mut().zip(rest) {
        *byte = *of_rest;
    }
    words.iter().chain([&last]).all(|word| {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(ONES * 0x20);
        let quote = (word ^ (ONES * u64::from(b'"'))).wrapping_sub(ONES);
        let backslash = (word ^ (ONES * u64::from(b'\\'))).wrapping_sub(ONES);
        // A high bit stands where a subtraction went below zero. A borrow can set one in a byte above such a byte, and in
        // no word that has none.
        (control | quote | backslash) & !word & HIGHS == 0
    })
}
