//! Values and requests written for this repository: what unseen sites may send, and attacks of every family.

use std::path::Path;

use super::place::{Encoding, place, write};
use super::{Sample, split};
use crate::shell;

/// Where a value is put. In a URL, a form and a cookie it is escaped, elsewhere it stands as it is.
const PLACES: [(&str, Encoding); 6] = [
    ("URLParam", Encoding::Url),
    ("HTMLForm", Encoding::Url),
    ("HTMLMultipartForm", Encoding::Plain),
    ("JSONRequest", Encoding::Plain),
    ("Cookie", Encoding::Url),
    ("Header", Encoding::Plain),
];

/// Signs that stand for controls in the files.
const CONTROLS: [(char, char); 5] = [('␤', '\n'), ('␍', '\r'), ('␉', '\t'), ('␀', '\0'), ('␛', '\x1b')];

pub fn read(samples: &mut Vec<Sample>) -> Result<(), String> {
    let folder = shell::root().join("conformance/waf");
    values(&folder.join("honest.tsv"), true, samples)?;
    values(&folder.join("attacks.tsv"), false, samples)?;
    requests(&folder.join("requests.txt"), samples)
}

fn text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// A class, a tab, a value.
pub fn values(path: &Path, honest: bool, samples: &mut Vec<Sample>) -> Result<(), String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for (number, line) in text(path)?.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        let (class, value) =
            line.split_once('\t').ok_or_else(|| format!("{name}:{}: there is no tab", number + 1))?;
        let value = CONTROLS.iter().fold(value.to_owned(), |text, (sign, control)| {
            text.replace(*sign, control.encode_utf8(&mut [0; 4]))
        });
        for (at, encoding) in PLACES {
            // A value that is escaped already is sent as it is.
            let encoding = if !honest && value.contains('%') { Encoding::Plain } else { encoding };
            let is_line = !value.contains(char::is_control);
            let Some(sent) = place(at, encoding, &value).filter(|_| is_line || at != "Header") else {
                continue;
            };
            samples.push(Sample {
                class: format!("written/{class}"),
                id: format!("{name}:{} {at}", number + 1),
                honest,
                learn: split::learns(&value),
                sent,
            });
        }
    }
    Ok(())
}

/// Requests whole: `### honest CLASS` or `### attack CLASS`, the head, an empty line, the body.
fn requests(path: &Path, samples: &mut Vec<Sample>) -> Result<(), String> {
    let file = text(path)?;
    for (number, one) in file.split("### ").skip(1).enumerate() {
        let wrong = |what: &str| format!("requests.txt, number {}: {what}", number + 1);
        let (title, rest) = one.split_once('\n').ok_or_else(|| wrong("there is no head"))?;
        let (kind, class) = title.split_once(' ').ok_or_else(|| wrong("there is no class"))?;
        let (head, body) = rest.trim_end().split_once("\n\n").unwrap_or((rest.trim_end(), ""));
        let mut lines = head.lines();
        let line = lines.next().and_then(|line| line.split_once(' '));
        let (method, target) = line.ok_or_else(|| wrong("there is no request line"))?;
        let headers: Vec<_> = lines.filter_map(|line| line.split_once(": ")).collect();
        let is_multipart = headers.iter().any(|(_, value)| value.starts_with("multipart/"));
        let body = if is_multipart { body.replace('\n', "\r\n") + "\r\n" } else { body.to_owned() };
        samples.push(Sample {
            class: format!("written/{class}"),
            id: format!("requests.txt {}", number + 1),
            honest: kind == "honest",
            learn: split::learns(one),
            sent: write(method, target, &headers, body.as_bytes()),
        });
    }
    Ok(())
}
