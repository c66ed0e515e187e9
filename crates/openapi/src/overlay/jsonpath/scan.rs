//! The characters of an expression, and the tokens that several productions share.

use super::Fault;

pub(super) struct Scan {
    text: Vec<char>,
    pub(super) at: usize,
}

impl Scan {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.chars().collect(), at: 0 }
    }

    pub(super) fn fault<T>(&self, why: &'static str) -> Result<T, Fault> {
        Err(Fault { at: self.at, why })
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    pub(super) fn previous(&self) -> Option<char> {
        self.text.get(self.at.checked_sub(1)?).copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    /// Takes `token` if it stands here.
    pub(super) fn take(&mut self, token: &str) -> bool {
        let end = self.at + token.chars().count();
        let here = self.text.get(self.at..end).is_some_and(|here| here.iter().copied().eq(token.chars()));
        if here {
            self.at = end;
        }
        here
    }

    pub(super) fn blanks(&mut self) {
        while self.peek().is_some_and(|c| matches!(c, ' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    pub(super) fn expect(&mut self, token: &str, why: &'static str) -> Result<(), Fault> {
        self.blanks();
        if self.take(token) { Ok(()) } else { self.fault(why) }
    }

    pub(super) fn while_(&mut self, keep: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&keep) {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or_default().iter().collect()
    }

    /// A name after a dot.
    pub(super) fn name(&mut self) -> Option<String> {
        let first = self.peek()?;
        if !(first.is_ascii_alphabetic() || first == '_' || !first.is_ascii()) {
            return None;
        }
        Some(self.while_(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-') || !c.is_ascii()))
    }

    /// An integer as RFC 9535 section 2.3.3.1 writes it: no `-0`, no leading zero, exact in I-JSON.
    pub(super) fn integer(&mut self) -> Result<Option<i64>, Fault> {
        let start = self.at;
        let sign = if self.take("-") { "-" } else { "" };
        let digits = self.while_(|c| c.is_ascii_digit());
        if digits.is_empty() {
            self.at = start;
            return Ok(None);
        }
        let canonical = (digits == "0" && sign.is_empty()) || !digits.starts_with('0');
        match format!("{sign}{digits}").parse::<i64>() {
            Ok(number) if canonical && number.unsigned_abs() < 1 << 53 => Ok(Some(number)),
            _ => self.fault("not an integer as JSONPath writes it"),
        }
    }

    /// A number literal.
    pub(super) fn number(&mut self) -> Result<f64, Fault> {
        let text = self.while_(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'));
        text.parse().or_else(|_| self.fault("not a number"))
    }

    /// A string literal, whose quote stands here.
    pub(super) fn text(&mut self) -> Result<String, Fault> {
        let Some(quote) = self.next().filter(|c| matches!(c, '"' | '\'')) else {
            return self.fault("expected a quote");
        };
        let mut text = String::new();
        loop {
            match self.next() {
                None => return self.fault("a quote is not closed"),
                Some(c) if c == quote => return Ok(text),
                Some('\\') => text.push(self.escape(quote)?),
                Some(c) if c < ' ' => return self.fault("a control character stands in a text"),
                Some(c) => text.push(c),
            }
        }
    }

    fn escape(&mut self, quote: char) -> Result<char, Fault> {
        match self.next() {
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some(c @ ('/' | '\\')) => Ok(c),
            Some(c) if c == quote => Ok(c),
            Some('u') => self.unicode(),
            _ => self.fault("an escape is unknown"),
        }
    }

    fn unicode(&mut self) -> Result<char, Fault> {
        let high = self.hex()?;
        let code = match high {
            0xD800..=0xDBFF if self.take("\\u") => match self.hex()? {
                low @ 0xDC00..=0xDFFF => 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00),
                _ => return self.fault("an escape is half of a surrogate pair"),
            },
            code => code,
        };
        char::from_u32(code).map_or_else(|| self.fault("an escape is half of a surrogate pair"), Ok)
    }

    fn hex(&mut self) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..4 {
            match self.next().and_then(|c| c.to_digit(16)) {
                Some(digit) => code = code * 16 + digit,
                None => return self.fault("an escape needs four hexadecimal digits"),
            }
        }
        Ok(code)
    }
}
