//! From the text of one source to its directives, with places; every fault is told, none stops the reading.

pub mod actions;
mod lines;
pub mod operator;
pub mod targets;
mod text;
mod words;

pub use text::Text;

use crate::codes;
use crate::faults::Faults;

/// One logical line: the directive's name and its arguments.
#[derive(Debug, Clone)]
pub struct Directive {
    pub name: Text,
    pub arguments: Vec<Text>,
}

/// Every directive of a source, in order.
pub fn parse(source: &str, faults: &mut Faults) -> Vec<Directive> {
    let mut directives = Vec::new();
    for line in lines::logical(source) {
        match words::split(&line) {
            Ok(mut words) if !words.is_empty() => {
                let name = words.remove(0);
                directives.push(Directive { name, arguments: words });
            }
            Ok(_) => {}
            Err((offset, sentence)) => faults.error(codes::SYNTAX, &line, offset, sentence),
        }
    }
    directives
}

#[cfg(test)]
mod tests;
