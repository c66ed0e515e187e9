//! How the service behind an API stands: each endpoint, each name, and what was refused or tried again.

use std::fmt::Write;

use serde_json::Value;

use crate::render::field;

/// One endpoint that is up and has nothing to tell is what the API's own line says already.
pub(super) fn status(out: &mut String, api: &Value) {
    let list = |pointer: &str| api.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    let count = |pointer: &str| api.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
    let is_plain =
        |one: &Value| text(one, "state") == "up" && one.get("last_failure").is_none_or(Value::is_null);
    let endpoints: Vec<&Value> = list("/service/endpoints").collect();
    if endpoints.len() > 1 || !endpoints.iter().all(|one| is_plain(one)) {
        for one in endpoints {
            let number = |name: &str| one.get(name).and_then(Value::as_u64);
            let _ = write!(
                out,
                "  endpoint {} {}, {} in flight",
                text(one, "address"),
                text(one, "state"),
                number("in_flight").unwrap_or(0)
            );
            if let Some(left_ms) = number("ejected_for_ms") {
                let _ = write!(out, ", back in {} s", left_ms.div_ceil(1_000));
            }
            if let Some(ago_ms) = number("last_failure_ms_ago") {
                let failures = number("failures").unwrap_or(0) + number("probes_failed").unwrap_or(0);
                let _ = write!(
                    out,
                    "; {failures} failures, the last {} s ago: {}",
                    ago_ms / 1_000,
                    text(one, "last_failure")
                );
            }
            out.push('\n');
        }
    }
    for one in list("/service/names").filter(|one| one.get("error").is_some_and(|error| !error.is_null())) {
        let _ = writeln!(
            out,
            "  name {}: {}; {} addresses of before are used",
            text(one, "name"),
            text(one, "error"),
            one.get("addresses").and_then(Value::as_u64).unwrap_or(0)
        );
    }
    let (retries, dry) = (count("/service/retries"), count("/service/retries_without_budget"));
    if retries + dry > 0 {
        let _ = writeln!(out, "  {retries} requests were tried elsewhere, {dry} were not for want of budget");
    }
    let (overloaded, unavailable) = (count("/service/overloaded"), count("/service/unavailable"));
    if overloaded + unavailable > 0 {
        let _ = writeln!(
            out,
            "  {overloaded} requests were refused as too many, {unavailable} while every endpoint was ejected"
        );
    }
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).map(field).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn an_endpoint_out_of_order_is_told_with_its_reason_and_a_plain_one_is_not() {
        let up = json!({ "address": "127.0.0.1:1", "state": "up", "in_flight": 2, "last_failure": null });
        let told = |api: &serde_json::Value| {
            let mut out = String::new();
            super::status(&mut out, api);
            out
        };
        assert_eq!(told(&json!({ "service": { "endpoints": [up] } })), "");
        let out = json!({
            "address": "127.0.0.1:2", "state": "ejected", "in_flight": 0, "ejected_for_ms": 9_500, "failures": 5,
            "probes_failed": 1, "last_failure": "the connection ended before an answer", "last_failure_ms_ago": 2_100,
        });
        let name = json!({ "name": "orders", "addresses": 2, "error": "the host's name has no address" });
        let api = json!({ "service": {
            "endpoints": [up, out], "names": [name], "retries": 3, "retries_without_budget": 1, "overloaded": 4, "unavailable": 0,
        } });
        assert_eq!(
            told(&api),
            "  endpoint 127.0.0.1:1 up, 2 in flight\n  endpoint 127.0.0.1:2 ejected, 0 in flight, back in 10 s; 6 failures, \
             the last 2 s ago: the connection ended before an answer\n  name orders: the host's name has no address; 2 \
             addresses of before are used\n  3 requests were tried elsewhere, 1 were not for want of budget\n  4 requests \
             were refused as too many, 0 while every endpoint was ejected\n"
        );
    }
}
