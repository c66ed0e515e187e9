//! `waf`: which rules there are, what they make of requests, why they matched, what could be excluded.

use std::path::PathBuf;

use config::waf::{self, Chosen, Tested, Tuning};
use control::talk::{self, Exit, Failure};
use model::Finding;

use super::Common;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// List the rules
    Rules(Which),
    /// Run requests of files through the rules: go-ftw tests (`*.yaml`), or one raw request a file
    Test {
        /// Files, or directories of them
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        which: Which,
    },
    /// Say why rules matched a request that was served, and how to exclude it
    Explain {
        /// The id in the request's answer
        request_id: String,
    },
    /// Propose exclusions from what matched while the rules only watched; changes nothing
    Tune,
}

/// Which rules.
#[derive(Debug, clap::Args)]
struct Which {
    /// The API whose rules are meant, where there are several
    #[arg(long)]
    api: Option<String>,
    /// Rules of files or directories instead, without a gateway file
    #[arg(long, value_name = "PATH", conflicts_with_all = ["api", "own"])]
    rules: Vec<PathBuf>,
    /// Bartizan's own rules, without a gateway file
    #[arg(long, conflicts_with = "api")]
    own: bool,
}

pub(crate) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    match &options.verb {
        Verb::Rules(which) => {
            let (document, text) = waf::rules(&which.chosen(common)?);
            talk::answer(common.json, &document, &text)?;
            Ok(Exit::Good)
        }
        Verb::Test { paths, which } => test(common, paths, &which.chosen(common)?),
        Verb::Explain { request_id } => explain(common, request_id),
        Verb::Tune => tune(common),
    }
}

impl Which {
    fn chosen(&self, common: &Common) -> Result<Chosen, Failure> {
        let mut sources = config::Sources::default();
        let chosen = if self.own {
            Chosen::own()
        } else if self.rules.is_empty() {
            let (configuration, _) = super::looked_at(common)?;
            return Chosen::of_api(&configuration.settings, self.api.as_deref()).map_err(Failure::trouble);
        } else {
            waf::of_files(&self.rules, &config::Machine, &mut sources)
        };
        chosen.map_err(|findings: Vec<Finding>| {
            talk::show(&findings, &sources);
            Failure::trouble("the rules cannot be used")
        })
    }
}

fn test(common: &Common, paths: &[PathBuf], chosen: &Chosen) -> Result<Exit, Failure> {
    let mut tested = Tested::default();
    for path in paths {
        tested.run_below(chosen, path, &config::Machine).map_err(Failure::trouble)?;
    }
    talk::answer(common.json, &tested.document(), &tested.text())?;
    talk::say(&tested.tally());
    Ok(Exit::good_if(tested.is_good()))
}

fn explain(common: &Common, request_id: &str) -> Result<Exit, Failure> {
    let Some(record) = super::explain::find(common, request_id)? else {
        talk::say(&format!("there is no record of `{request_id}`"));
        return Ok(Exit::Findings);
    };
    let (document, text) = waf::explain(&record);
    talk::answer(common.json, &document, &text)?;
    Ok(Exit::Good)
}

fn tune(common: &Common) -> Result<Exit, Failure> {
    let folder = config::state_dir(&common.config, &config::Machine).join("records");
    let mut tuning = Tuning::default();
    let read = gateway::records::latest::latest(&folder, |line| {
        if let Ok(record) = serde_json::from_slice(line) {
            tuning.add(&record);
        }
        true
    });
    read.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::trouble(format!(
            "there are no records in `{}`: --config names the gateway file whose `state_dir` is meant",
            folder.display()
        )),
        kind => Failure::trouble(format!("the records in `{}` cannot be read: {kind}", folder.display())),
    })?;
    talk::answer(common.json, &tuning.document(), &tuning.text())?;
    Ok(Exit::Good)
}
