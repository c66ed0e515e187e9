//! Cases as files: what is sent, where it is from, and what must become of it.
//!
//! A file holds cases. A line `== NAME` opens one; lines `key: value` follow; after a line `--` stands what is sent, to
//! the next case. The line ends of the file mean nothing there; bytes are written with escapes: `\r`, `\n`, `\t`, `\0`,
//! `\\`, `\xHH`, `\<COUNT*TEXT>` for a text many times (`%` in it is the count so far), and `\{smuggled}` for a request
//! that would be answered if anybody took it for one. Lines that begin with `#` outside what is sent are comments.

use std::path::Path;

/// What attacks hide in other messages; the description declares it, so that it would pass.
const SMUGGLED: &[u8] = b"GET /smuggled HTTP/1.1\r\nHost: inner\r\n\r\n";

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    pub name: String,
    keys: Vec<(String, String)>,
    /// What stands after `--`, as written, line by line.
    pub lines: Vec<String>,
}

impl Case {
    /// All values of a key, in order.
    pub fn all(&self, key: &str) -> Vec<&str> {
        let keys = self.keys.iter().filter(|(name, _)| name == key);
        keys.map(|(_, value)| value.as_str()).collect()
    }

    pub fn one(&self, key: &str) -> Option<&str> {
        self.all(key).into_iter().next()
    }

    /// The bytes that are sent.
    pub fn bytes(&self) -> Vec<u8> {
        self.lines.iter().flat_map(|line| unescape(line)).collect()
    }
}

/// Every case of the files in a folder of `e2e/corpus`, in order of the files' names.
///
/// # Panics
/// When a file is not as said above, when a name stands twice, or when a case lacks its source.
pub fn read(folder: &str, keys: &[&str]) -> Vec<Case> {
    let folder = crate::root().join("e2e/corpus").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().map(|file| file.path()).collect();
    files.sort();
    let cases: Vec<Case> = files.iter().flat_map(|file| read_file(file)).collect();
    for (at, case) in cases.iter().enumerate() {
        let name = &case.name;
        assert!(case.one("source").is_some_and(|source| source.len() > 3), "{name} has no source");
        assert!(case.one("expect").is_some(), "{name} expects nothing");
        assert!(!cases[..at].iter().any(|other| other.name == *name), "{name} stands twice");
        for (key, _) in &case.keys {
            assert!(keys.contains(&key.as_str()), "{name}: `{key}` is not a key");
        }
    }
    cases
}

fn read_file(file: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut cases: Vec<Case> = Vec::new();
    let mut in_bytes = false;
    for (number, line) in text.lines().enumerate() {
        if let Some(name) = line.strip_prefix("== ") {
            cases.push(Case { name: name.trim().to_owned(), keys: Vec::new(), lines: Vec::new() });
            in_bytes = false;
        } else if in_bytes {
            cases.last_mut().unwrap().lines.push(line.to_owned());
        } else if line == "--" {
            in_bytes = true;
        } else if !line.is_empty() && !line.starts_with('#') {
            let (key, value) =
                line.split_once(": ").unwrap_or_else(|| panic!("{}:{}: {line}", file.display(), number + 1));
            let case = cases.last_mut().unwrap_or_else(|| panic!("{}: no case is open", file.display()));
            case.keys.push((key.to_owned(), value.to_owned()));
        }
    }
    cases
}

/// The bytes that a text with escapes stands for.
pub fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend(rest[..at].bytes());
        let kind = rest[at + 1..].chars().next().unwrap_or_else(|| panic!("a lone backslash: {text}"));
        let mut taken = at + 2;
        match kind {
            'r' => bytes.push(b'\r'),
            'n' => bytes.push(b'\n'),
            't' => bytes.push(b'\t'),
            '0' => bytes.push(0),
            '\\' => bytes.push(b'\\'),
            'x' => {
                bytes.push(u8::from_str_radix(&rest[taken..taken + 2], 16).unwrap());
                taken += 2;
            }
            '{' if rest[taken..].starts_with("smuggled}") => {
                bytes.extend(SMUGGLED);
                taken += "smuggled}".len();
            }
            '<' => {
                let end = taken + rest[taken..].find('>').unwrap_or_else(|| panic!("no end: {text}"));
                let (count, piece) = rest[taken..end].split_once('*').unwrap();
                for number in 0..count.parse::<usize>().unwrap() {
                    bytes.extend(unescape(&piece.replace('%', &number.to_string())));
                }
                taken = end + 1;
            }
            other => panic!("`\\{other}` is no escape: {text}"),
        }
        rest = &rest[taken..];
    }
    bytes.extend(rest.bytes());
    bytes
}

/// Bytes on one line, for people.
pub fn show(bytes: &[u8]) -> String {
    let shown: String = bytes.iter().take(160).flat_map(|byte| byte.escape_ascii()).map(char::from).collect();
    if bytes.len() > 160 { format!("{shown}... ({} bytes)", bytes.len()) } else { shown }
}
