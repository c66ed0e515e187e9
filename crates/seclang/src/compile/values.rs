//! Directives that set one value.

use std::sync::Arc;

use super::Compiler;
use super::directives::argument;
use crate::codes;
use crate::effect::Engine;
use crate::parse::Directive;
use crate::settings::{Beyond, Settings};
use crate::unicode_map::UnicodeMap;

pub fn number(compiler: &mut Compiler<'_>, directive: &Directive, set: fn(&mut Settings, usize)) {
    let text = argument(directive, 0);
    match text.as_str().parse() {
        Ok(number) => set(&mut compiler.settings, number),
        Err(_) => not_accepted(compiler, directive, "a number"),
    }
}

pub fn switch(compiler: &mut Compiler<'_>, directive: &Directive, set: fn(&mut Settings, bool)) {
    match argument(directive, 0).as_str().to_ascii_lowercase().as_str() {
        "on" => set(&mut compiler.settings, true),
        "off" => set(&mut compiler.settings, false),
        _ => not_accepted(compiler, directive, "On or Off"),
    }
}

pub fn beyond(compiler: &mut Compiler<'_>, directive: &Directive, set: fn(&mut Settings, Beyond)) {
    match argument(directive, 0).as_str().to_ascii_lowercase().as_str() {
        "reject" => set(&mut compiler.settings, Beyond::Reject),
        "processpartial" => set(&mut compiler.settings, Beyond::ProcessPartial),
        _ => not_accepted(compiler, directive, "Reject or ProcessPartial"),
    }
}

pub fn engine(compiler: &mut Compiler<'_>, directive: &Directive) {
    match Engine::named(argument(directive, 0).as_str()) {
        Some(engine) => compiler.settings.engine = engine,
        None => not_accepted(compiler, directive, "On, DetectionOnly or Off"),
    }
}

pub fn component(compiler: &mut Compiler<'_>, directive: &Directive) {
    compiler.settings.components.push(argument(directive, 0).as_str().to_owned());
}

pub fn argument_separator(compiler: &mut Compiler<'_>, directive: &Directive) {
    match argument(directive, 0).as_str().as_bytes() {
        [separator] => compiler.settings.body.argument_separator = *separator,
        _ => not_accepted(compiler, directive, "one character"),
    }
}

/// Version 1 cookies (RFC 2109) are read by nobody any more, and reading both would be two readings of one header.
pub fn cookie_format(compiler: &mut Compiler<'_>, directive: &Directive) {
    if argument(directive, 0).as_str() != "0" {
        not_accepted(compiler, directive, "0, the only format that is read");
    }
}

pub fn external_entities(compiler: &mut Compiler<'_>, directive: &Directive) {
    if !argument(directive, 0).as_str().eq_ignore_ascii_case("off") {
        not_accepted(compiler, directive, "Off: external entities are never read");
    }
}

pub fn json_depth(compiler: &mut Compiler<'_>, directive: &Directive) {
    match argument(directive, 0).as_str().parse::<u32>() {
        Ok(depth @ 1..=1_000) => compiler.settings.body.depth_max = depth,
        _ => not_accepted(compiler, directive, "a number from 1 to 1000"),
    }
}

/// The first directive replaces what is preset, later ones add.
pub fn media_types(compiler: &mut Compiler<'_>, directive: &Directive) {
    let types = directive.arguments.iter().map(|text| text.as_str().to_ascii_lowercase());
    if !std::mem::replace(&mut compiler.media_types_given, true) {
        compiler.settings.response_media_types.clear();
    }
    compiler.settings.response_media_types.extend(types);
}

pub fn unicode_map(compiler: &mut Compiler<'_>, directive: &Directive) {
    let (name, page) = (argument(directive, 0), argument(directive, 1));
    let read = compiler.files.read(&compiler.source, name.as_str());
    match read.and_then(|bytes| UnicodeMap::parse(&bytes, page.as_str())) {
        Ok(map) => compiler.settings.unicode_map = Some(Arc::new(map)),
        Err(sentence) => {
            compiler.error(codes::FILE, &name, format!("`{}` cannot be read: {sentence}", name.as_str()));
        }
    }
}

fn not_accepted(compiler: &mut Compiler<'_>, directive: &Directive, accepted: &str) {
    let text = argument(directive, 0);
    let sentence = format!("`{}` takes {accepted}, not `{}`", directive.name.as_str(), text.as_str());
    compiler.error(codes::VALUE, &text, sentence);
}
