//! `diff`: what the change from one gateway file to another means for security.

use std::path::PathBuf;

use clap::ValueEnum;
use config::diff::Change;
use config::{Machine, Sources, WithoutSecrets};

use super::{Common, Shape};
use control::talk::{self, Exit, Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The gateway file as it was
    old: PathBuf,
    /// The gateway file as it will be
    new: PathBuf,
    /// What ends with 1: any difference, one that weakens or cannot be judged, or none
    #[arg(long, value_enum, default_value = "any")]
    fail_on: FailOn,
    /// How changes are written
    #[arg(long, value_enum, default_value = "text")]
    format: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Any,
    Weaker,
    Never,
}

pub(crate) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    let read = |config: &PathBuf| {
        let common = Common { config: config.clone(), json: common.json };
        super::configuration(&common, &WithoutSecrets(Machine))
    };
    let ((old, ..), (new, _, sources)) = match (read(&options.old), read(&options.new)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(old), Err(new)) => {
            return Err(Failure::trouble(format!("{}; {}", old.sentence, new.sentence)));
        }
        (Err(failure), _) | (_, Err(failure)) => return Err(failure),
    };
    let mut changes = config::diff::changes(&old, &new);
    changes.extend(config::diff::secrets::changes(&options.old, &options.new, &Machine));
    changes.sort_by_key(|change| change.direction);
    write(&changes, &sources, options.format, common.json)?;
    talk::say(&config::diff::summary(&changes));
    Ok(Exit::good_if(match options.fail_on {
        FailOn::Any => changes.is_empty(),
        FailOn::Weaker => !changes.iter().any(|change| change.direction.may_weaken()),
        FailOn::Never => true,
    }))
}

fn write(changes: &[Change], sources: &Sources, shape: Shape, json: bool) -> Result<(), Failure> {
    match shape {
        Shape::Text if !json => talk::data(&config::diff::text(changes)),
        Shape::Text | Shape::Json => talk::json(&config::diff::document(changes)),
        Shape::Sarif | Shape::Github => {
            let findings: Vec<_> = changes.iter().map(Change::finding).collect();
            talk::data(&config::render::findings(&findings, sources, shape.format(false)))
        }
    }
}
