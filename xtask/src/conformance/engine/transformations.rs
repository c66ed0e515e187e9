//! Every transformation beside Debian's libmodsecurity: the same values through both, byte for byte. What differs and is
//! meant to stands in `known`.

mod known;

use std::fmt::Write as _;

use seclang::UnicodeMap;
use seclang::transformation::{TRANSFORMATIONS, Transformation};

use super::library::{self, Judged, Library, corpus};
use super::rules::Data;
use crate::conformance::Arguments;

/// How many values at least, unless told.
const VALUES: usize = 40_000;
/// The code page of `SecUnicodeMapFile` in the recommended configuration.
const CODE_PAGE: &str = "20127";

pub fn run(data: &Data, arguments: &Arguments) -> Result<(), String> {
    let Some(library) = Library::build()? else { return Ok(()) };
    let file = data.modsecurity.join("unicode.mapping");
    let text = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let map = UnicodeMap::parse(&text, CODE_PAGE)?;
    let setting = format!("SecUnicodeMapFile {} {CODE_PAGE}\n", file.display());
    let chosen = TRANSFORMATIONS
        .iter()
        .filter(|known| arguments.filter.as_deref().is_none_or(|name| known.name.eq_ignore_ascii_case(name)));
    let plain: Vec<&Transformation> = chosen.copied().collect();
    let mapped: Vec<_> = plain.iter().copied().filter(|known| known.apply_mapped.is_some()).collect();
    let values = corpus::values(data, arguments.values.unwrap_or(VALUES))?;
    let mut judged = compare(&library, "", None, &plain, &values)?;
    let with_map = compare(&library, &setting, Some(&map), &mapped, &values)?;
    judged.extend(with_map.into_iter().map(|(name, judged)| (format!("{name} with a code page"), judged)));
    library::report(&judged, arguments.json)
}

fn compare(
    library: &Library,
    setting: &str,
    map: Option<&UnicodeMap>,
    chosen: &[&Transformation],
    values: &[Vec<u8>],
) -> Result<Vec<(String, Judged)>, String> {
    let mut rules = format!("SecRuleEngine On\n{setting}");
    for (id, transformation) in (1..).zip(chosen) {
        let _ = writeln!(
            rules,
            "SecRule REQUEST_HEADERS:x \"@unconditionalMatch\" \
             \"id:{id},phase:1,pass,log,t:none,t:{},logdata:'%{{MATCHED_VAR}}'\"",
            transformation.name
        );
    }
    let theirs = library.run(&rules, values)?;
    let mut all: Vec<_> = chosen.iter().map(|known| (known.name.to_owned(), Judged::default())).collect();
    for (value, theirs) in values.iter().zip(theirs) {
        if !theirs.iter().map(|(id, _)| *id).eq(1..=chosen.len()) {
            return Err(format!("the library does not match each rule once for `{}`", value.escape_ascii()));
        }
        for ((transformation, (_, theirs)), (_, judged)) in chosen.iter().zip(theirs).zip(&mut all) {
            let mut out = Vec::new();
            let ours = if transformation.run(value, map, &mut out) { out.as_slice() } else { value };
            judged.values += 1;
            judged.touched += usize::from(ours != value);
            if ours != theirs {
                let reason = known::reason(transformation.name, value, ours, &theirs);
                judged.differs(value, ours, &theirs, reason);
            }
        }
    }
    Ok(all)
}
