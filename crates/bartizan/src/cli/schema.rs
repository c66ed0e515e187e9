//! `schema`: the JSON Schema of the gateway file, for editors and for reviews.

use crate::talk::{self, Exit, Failure};

pub(crate) fn run() -> Result<Exit, Failure> {
    let schema = serde_json::to_string_pretty(&config::schema::document())
        .map_err(|_| Failure::trouble("the schema cannot be written"))?;
    talk::line(&schema)?;
    Ok(Exit::Good)
}
