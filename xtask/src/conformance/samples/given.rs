//! Requests of one's own, whole: a JSON object a line with `class`, `id`, `honest`, and the bytes `sent`, in Base64.
//!
//! What has the same `key` falls into the same half; without one the `id` decides.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Sample, split};

/// The fault begins with the number of its line, from 1.
pub fn read(text: &str) -> Result<Vec<Sample>, String> {
    let lines = text.lines().enumerate();
    lines.map(|(number, line)| sample(line).map_err(|why| format!("{}: {why}", number + 1))).collect()
}

fn sample(line: &str) -> Result<Sample, String> {
    let given: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let text =
        |name: &str| given.get(name).and_then(Value::as_str).ok_or_else(|| format!("there is no `{name}`"));
    let (class, id) = (text("class")?, text("id")?);
    let key = text("key").unwrap_or(id);
    Ok(Sample {
        class: class.to_owned(),
        id: id.to_owned(),
        honest: given.get("honest").and_then(Value::as_bool).ok_or("there is no `honest`")?,
        learn: split::learns(&format!("{class}/{key}")),
        sent: STANDARD.decode(text("sent")?).map_err(|error| error.to_string())?,
    })
}

#[cfg(test)]
mod tests {
    use super::{read, split};

    #[test]
    fn a_line_is_a_request_with_what_is_known_of_it() {
        let line = r#"{"class":"mine/search","id":"7","honest":true,"sent":"R0VUIC8gSFRUUC8xLjENCg0K"}"#;
        let read = read(&format!("{line}\n{}\n", line.replace("true", "false"))).unwrap();
        let [honest, attack] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!((honest.class.as_str(), honest.id.as_str()), ("mine/search", "7"));
        assert_eq!(honest.sent, b"GET / HTTP/1.1\r\n\r\n");
        assert!(honest.honest && !attack.honest);
    }

    #[test]
    fn what_has_one_key_falls_into_one_half_and_ids_fall_into_both() {
        let line = |id: u32, key: &str| {
            format!(r#"{{"class":"a","id":"{id}","key":"{key}","honest":true,"sent":""}}"#)
        };
        let learns = |text: &str| read(text).unwrap()[0].learn;
        for key in ["x", "y", "z"] {
            assert!((0..50).all(|id| learns(&line(id, key)) == split::learns(&format!("a/{key}"))), "{key}");
        }
        let by_id: Vec<bool> =
            (0..50).map(|id| learns(&line(id, "k").replace(r#""key":"k","#, ""))).collect();
        assert!(by_id.contains(&true) && by_id.contains(&false));
    }

    #[test]
    fn what_is_missing_or_unreadable_is_told_with_its_line() {
        let good = r#"{"class":"a","id":"1","honest":true,"sent":"YQ=="}"#;
        for (from, to, said) in [
            (r#""class":"a","#, "", "2: there is no `class`"),
            (r#""id":"1","#, "", "2: there is no `id`"),
            (r#""honest":true,"#, "", "2: there is no `honest`"),
            ("true", "\"yes\"", "2: there is no `honest`"),
            (r#","sent":"YQ==""#, "", "2: there is no `sent`"),
            ("YQ==", "not Base64", "2: Invalid"),
            ("}", "", "2: EOF"),
        ] {
            assert!(good.contains(from), "{from}");
            let fault = read(&format!("{good}\n{}", good.replacen(from, to, 1))).unwrap_err();
            assert!(fault.starts_with(said), "{fault}");
        }
    }
}
