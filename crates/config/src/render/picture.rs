//! A finding as a picture: the sentence, the lines it concerns with their numbers, and what to do.

use std::fmt::Write;

use model::{Finding, Place, Severity};

use super::{printable, word};
use crate::Sources;

/// Whether escape sequences for colours may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    Colour,
}

/// Longer lines are cut around the mark.
const WIDTH_MAX: usize = 160;

pub(super) fn all(findings: &[Finding], sources: &Sources, style: Style) -> String {
    let mut out = String::new();
    for finding in findings {
        if !out.is_empty() {
            out.push('\n');
        }
        one(&mut out, finding, sources, style);
    }
    out
}

fn one(out: &mut String, finding: &Finding, sources: &Sources, style: Style) {
    let colour = match finding.severity {
        Severity::Error => "1;31",
        Severity::Warning => "1;33",
        Severity::Note => "1;36",
    };
    let head = paint(style, colour, &format!("{}[{}]", word(finding.severity), finding.code));
    line(out, &format!("{head}{}", paint(style, "1", &format!(": {}", printable(&finding.sentence)))));
    let places = finding.place.iter().chain(finding.related.iter().map(|label| &label.place));
    let gutter = places.map(|place| digits(place.line)).max().unwrap_or(1);
    if let Some(place) = &finding.place {
        let mark = Mark { place, text: &finding.label, sign: '^', colour };
        mark.draw(out, sources, style, gutter);
    }
    for label in &finding.related {
        let mark = Mark { place: &label.place, text: &label.text, sign: '-', colour: "1;34" };
        mark.draw(out, sources, style, gutter);
    }
    if let Some(advice) = &finding.advice {
        let help = paint(style, "1;36", "= help:");
        line(out, &format!("{:gutter$}{help} {}", "", printable(advice)));
    }
}

/// One marked line.
struct Mark<'a> {
    place: &'a Place,
    text: &'a str,
    sign: char,
    colour: &'static str,
}

impl Mark<'_> {
    fn draw(&self, out: &mut String, sources: &Sources, style: Style, gutter: usize) {
        let place = self.place;
        if place.length == 0 {
            line(out, &format!("{:gutter$} {}", "", printable(&place.file)));
            return;
        }
        line(out, &format!("{:gutter$} {}", "", printable(&place.to_string())));
        let Some(text) = sources.line(&place.file, place.line) else { return };
        let (shown, offset) = window(&text, place);
        let number = paint(style, "2", &format!("{:>gutter$} |", place.line));
        line(out, &format!("{number} {shown}"));
        let width = (place.length as usize).min(shown.chars().count().saturating_sub(offset)).max(1);
        let signs: String = std::iter::repeat_n(self.sign, width).collect();
        let marked = paint(style, self.colour, format!("{signs} {}", printable(self.text)).trim_end());
        let bar = paint(style, "2", &format!("{:gutter$} |", ""));
        line(out, &format!("{bar} {:offset$}{marked}", ""));
    }
}

/// The part of a long line around the mark, and where the mark begins in it, in characters.
fn window(text: &str, place: &Place) -> (String, usize) {
    let column = (place.column as usize).saturating_sub(1);
    if text.chars().count() <= WIDTH_MAX {
        return (text.to_owned(), column);
    }
    let start = column.saturating_sub(WIDTH_MAX / 3);
    let shown: String = text.chars().skip(start).take(WIDTH_MAX).collect();
    (shown, column - start)
}

fn line(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

fn digits(number: u32) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}

fn paint(style: Style, colour: &str, text: &str) -> String {
    match style {
        Style::Plain => text.to_owned(),
        Style::Colour => format!("\u{1b}[{colour}m{text}\u{1b}[0m"),
    }
}
