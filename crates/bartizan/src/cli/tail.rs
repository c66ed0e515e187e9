//! `tail`: the decisions of the running gateway as they are made.

use model::{Outcome, Record};
use serde_json::Value;

use super::Common;
use control::socket::{self, Question};
use control::talk::{self, Exit, Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only what was refused or failed
    #[arg(long)]
    refused: bool,
    /// Only this operation
    #[arg(long)]
    operation: Option<String>,
    /// End after so many
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    lines: Option<u64>,
}

pub(crate) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    let state_dir = config::state_dir(&common.config, &config::Machine);
    let mut left = options.lines.unwrap_or(u64::MAX);
    super::runtime()?.block_on(socket::ask(&state_dir, &Question::Tail, |answer| {
        if let Some(missed) = answer.get("missed").and_then(Value::as_u64) {
            talk::say(&format!("{missed} records came too fast to be shown"));
            return Ok(true);
        }
        let Some(Ok(record)) =
            answer.get("record").map(|record| serde_json::from_value::<Record>(record.clone()))
        else {
            return Err(Failure::trouble("the answer is not understood"));
        };
        let wanted = options.operation.as_ref().is_none_or(|operation| *operation == record.operation)
            && (!options.refused || record.outcome != Outcome::Allowed);
        if wanted {
            let line = format!("{}\n", config::explain::record::line(&record));
            talk::answer(common.json, &answer, &line)?;
            left = left.saturating_sub(1);
        }
        Ok(left > 0)
    }))?;
    Ok(Exit::Good)
}
