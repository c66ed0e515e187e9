//! `initcol`: opens a collection. Collections live as long as their transaction here: nothing is kept between requests.

use super::{Action, Takes};
use crate::effect::{Collection, Effect};
use crate::macros::Macro;

pub static ACTION: Action = Action {
    name: "initcol",
    takes: Takes::Argument,
    apply: |reading, text| {
        let (collection, key) =
            text.as_str().split_once('=').ok_or_else(|| "`initcol` needs COLLECTION=KEY".to_owned())?;
        let collection = Collection::named(collection.trim())
            .ok_or_else(|| format!("there is no collection `{}`", collection.trim()))?;
        let key = Macro::parse(key, reading.names)?;
        reading.actions.effects.push(Effect::Init { collection, key });
        Ok(())
    },
};
