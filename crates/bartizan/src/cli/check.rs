//! `check`: every finding about the gateway file, the descriptions and their relation, at once.

use super::{Common, Shape};
use control::talk::{self, Exit, Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How findings are written
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Shape,
    /// Do not read secrets; for machines that have none
    #[arg(long)]
    without_secrets: bool,
    /// End with 1 for warnings too
    #[arg(long)]
    strict: bool,
}

pub(crate) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    let (configuration, mut findings, sources) = if options.without_secrets {
        config::read(&common.config, &config::WithoutSecrets(config::Machine))
    } else {
        config::read(&common.config, &config::Machine)
    };
    // What a file alone does not show: whether every check can be prepared for it.
    findings.extend(
        configuration.iter().flat_map(|configuration| config::explain::trial(&configuration.settings)),
    );
    if findings.first().is_some_and(|finding| finding.code == "B2001") {
        talk::show(&findings, &sources);
        return Err(Failure::trouble(""));
    }
    talk::data(&config::render::findings(&findings, &sources, options.format.format(common.json)))?;
    let tally = config::render::tally(&findings);
    talk::say(&match tally.is_empty() {
        true => format!("{}: good", common.config.display()),
        false => format!("{}: {tally}", common.config.display()),
    });
    let bad = |finding: &model::Finding| {
        finding.is_error() || (options.strict && finding.severity == model::Severity::Warning)
    };
    Ok(Exit::good_if(!findings.iter().any(bad)))
}
