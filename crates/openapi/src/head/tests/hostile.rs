//! Requests that nobody wrote.

use serde_json::json;

use super::Subject;
use mutate::Random;

#[test]
fn no_query_or_header_makes_the_check_panic() {
    let number_list = json!({"type": "array", "items": {"type": "integer"}});
    let object = json!({"type": "object", "properties": {"R": {"type": "integer"}, "l": {"type": "array"}}, "additionalProperties": {"type": "string"}});
    let subject = Subject::new(json!([
        {"name": "a", "in": "query", "schema": number_list},
        {"name": "b", "in": "query", "explode": false, "schema": number_list},
        {"name": "c", "in": "query", "style": "deepObject", "schema": object},
        {"name": "d", "in": "query", "style": "pipeDelimited", "explode": false, "schema": object},
        {"name": "e", "in": "query", "style": "spaceDelimited", "explode": false, "schema": number_list},
        {"name": "f", "in": "query", "content": {"application/json": {"schema": object}}},
        {"name": "g", "in": "query", "schema": object},
        {"name": "H", "in": "header", "explode": true, "schema": object},
        {"name": "k", "in": "cookie", "explode": false, "schema": object},
    ]));
    let seeds = [
        "a=1&a=2&b=1,2&c[R]=1&c%5Bl%5D=x&d=R|1|l|2&e=1%202&f=%7B%22R%22:1%7D&R=1",
        "a=%C3%A9&b=,,&c[]=&c[[R]]=1&d=%7C&e=+&f=[]&g=",
        "=&&a&b==&c[R]&%5b%5D=%00&é=ü",
    ];
    let mut random = Random::new(0xDECA_F001);
    let (mut faulty, mut clean) = (0, 0);
    for _ in 0..4_000 {
        let mut text = seeds[random.below(seeds.len())].as_bytes().to_vec();
        for _ in 0..random.below(5) {
            random.mutate(&mut text);
        }
        let text = String::from_utf8_lossy(&text).replace('?', "");
        let header = format!("H:{text}");
        let cookie = format!("Cookie:{}", text.replace('&', "; "));
        let report = subject.report(&format!("/x?{text}"), &[header.as_bytes(), cookie.as_bytes()]);
        if report.faults.is_empty() { clean += 1 } else { faulty += 1 }
    }
    assert!(faulty > 100, "{faulty} faulty, {clean} clean");
}
