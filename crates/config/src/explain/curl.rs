//! A curl command, read for the request that it would send.

mod message;

use super::Asked;
use message::Message;

/// Options of curl that take a value, as far as they matter for finding the URL.
const WITH_VALUE: &[&str] = &[
    "-X",
    "--request",
    "-H",
    "--header",
    "-d",
    "--data",
    "--data-raw",
    "--data-binary",
    "--data-urlencode",
    "--json",
    "-F",
    "--form",
    "-o",
    "--output",
    "-u",
    "--user",
    "-A",
    "--user-agent",
    "-e",
    "--referer",
    "-b",
    "--cookie",
    "-T",
    "--upload-file",
    "--cacert",
    "--cert",
    "--key",
    "--resolve",
    "--connect-to",
    "-m",
    "--max-time",
    "-x",
    "--proxy",
    "--oauth2-bearer",
    "--url",
    "-w",
    "--write-out",
    "-c",
    "--cookie-jar",
    "--connect-timeout",
    "--retry",
];
const POSTS: &[&str] =
    &["-d", "--data", "--data-raw", "--data-binary", "--data-urlencode", "--json", "-F", "--form"];

pub(super) fn read(command: &str) -> Result<Asked, String> {
    let words = words(command)?;
    let mut rest = words.iter().skip_while(|word| word.as_str() == "curl");
    let (mut method, mut url, mut host) = (None, None, None);
    let (mut implied, mut query) = ("GET", false);
    let mut message = Message::default();
    while let Some(word) = rest.next() {
        let (option, attached) = split_option(word);
        let value = if WITH_VALUE.contains(&option.as_str()) {
            attached.or_else(|| rest.next().cloned())
        } else {
            None
        };
        if let Some(value) = &value {
            message.take(&option, value)?;
        }
        match (option.as_str(), value) {
            ("-X" | "--request", Some(value)) => method = Some(value.to_ascii_uppercase()),
            ("-H" | "--header", Some(value)) => {
                if let Some((name, text)) = value.split_once(':')
                    && name.trim().eq_ignore_ascii_case("host")
                {
                    host = Some(text.trim().to_ascii_lowercase());
                }
            }
            ("--url", Some(value)) => url = Some(value),
            ("-T" | "--upload-file", Some(_)) => implied = "PUT",
            ("-I" | "--head", _) => implied = "HEAD",
            ("-G" | "--get", _) => query = true,
            (option, Some(_)) if POSTS.contains(&option) => implied = "POST",
            (option, None) if !option.starts_with('-') => url = Some(word.clone()),
            _ => {}
        }
    }
    let url = url.ok_or_else(|| "the curl command names no URL".to_owned())?;
    let (authority, mut target) = split_url(&url);
    if let Some(fields) = if query { message.take_query() } else { None } {
        implied = "GET";
        target.push(if target.contains('?') { '&' } else { '?' });
        target.push_str(&fields);
    }
    Ok(Asked {
        method: method.unwrap_or_else(|| implied.to_owned()),
        host: host.unwrap_or(authority),
        target,
        carried: message.carried(),
    })
}

/// `--request=GET` and `-XGET` carry their value with them.
fn split_option(word: &str) -> (String, Option<String>) {
    if let (true, Some((option, value))) = (word.starts_with("--"), word.split_once('=')) {
        return (option.to_owned(), Some(value.to_owned()));
    }
    let short =
        word.get(..2).filter(|short| word.len() > 2 && !word.starts_with("--") && WITH_VALUE.contains(short));
    match short {
        Some(short) => (short.to_owned(), word.get(2..).map(str::to_owned)),
        None => (word.to_owned(), None),
    }
}

fn split_url(url: &str) -> (String, String) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, target) = rest.find(['/', '?']).map_or((rest, "/"), |at| rest.split_at(at));
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let target = if target.starts_with('?') { format!("/{target}") } else { target.to_owned() };
    (authority.to_ascii_lowercase(), target)
}

/// Words as a POSIX shell splits them: quotes, backslashes, line continuations.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(open), c) if c == open => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (Some(_), '\\') => match characters.next() {
                Some('\n') | None => {}
                // Between double quotes a backslash hides these only.
                Some(escaped @ ('$' | '`' | '"' | '\\')) => word.get_or_insert_default().push(escaped),
                Some(plain) => word.get_or_insert_default().extend(['\\', plain]),
            },
            (None, '\\') => match characters.next() {
                Some('\n') | None => {}
                Some(escaped) => word.get_or_insert_default().push(escaped),
            },
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote of the curl command is not closed".to_owned());
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests;
