//! `explain`: the decisions that a request would meet, or has met, each with the place that says so.

use config::explain::Asked;
use config::explain::blocked::Asking;
use model::Record;
use serde_json::json;

use super::{Common, runtime};
use control::socket::{self, Question};
use control::talk::{self, Exit, Failure};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  bartizan explain GET /orders/42\n  bartizan explain GET /orders/42 --as partner-acme\n  \
                        bartizan explain --curl \"curl -X POST https://api.example.com/orders -d '{}'\"\n  \
                        bartizan explain --request-id ID"
)]
pub(crate) struct Options {
    /// Such as GET
    #[arg(required_unless_present_any = ["curl", "request_id"], requires = "path")]
    method: Option<String>,
    /// Such as /orders/42?expand=items
    path: Option<String>,
    /// The `Host` that is called
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// Say what this client of the configuration would meet
    #[arg(long = "as", value_name = "CLIENT")]
    client: Option<String>,
    /// A curl command, instead of method and path
    #[arg(long, conflicts_with_all = ["method", "request_id"], value_name = "COMMAND")]
    curl: Option<String>,
    /// Say which address the request would count under on a connection from this one
    #[arg(long, conflicts_with = "request_id", value_name = "ADDRESS")]
    from: Option<std::net::IpAddr>,
    /// A request that was served, by the id in its answer
    #[arg(long, conflicts_with_all = ["method", "client"], value_name = "ID")]
    request_id: Option<String>,
}

pub(crate) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    if let Some(id) = &options.request_id {
        return recorded(common, id);
    }
    let (method, path) = (options.method.as_deref(), options.path.as_deref());
    let asked = Asked::new(options.curl.as_deref(), method, path, options.host.as_deref());
    let asked = asked.map_err(Failure::trouble)?;
    let known = asked.needs_secrets().then(|| config::read(&common.config, &config::Machine).0).flatten();
    let (configuration, asked) = match known {
        Some(configuration) => (configuration, asked),
        None => (super::looked_at(common)?.0, asked.without_secrets()),
    };
    let explained = config::explain::request(&configuration.settings, &asked, options.client.as_deref());
    let mut explained = explained.map_err(Failure::trouble)?;
    if let Some(from) = options.from {
        config::explain::origin::add(&mut explained, &configuration.settings, &asked, from);
    }
    match super::block::held(common) {
        Ok((list, _)) => {
            let asking = Asking { client: options.client.as_deref(), from: options.from };
            config::explain::blocked::add(&mut explained, &list, asking);
        }
        // Nothing ever ran here, so nothing is blocked.
        Err(failure) if failure.exit == Exit::Unreachable => {}
        Err(failure) => {
            talk::say(&format!("which blocks there are is not known: {}", failure.sentence));
        }
    }
    talk::answer(common.json, &explained.document, &explained.text)?;
    Ok(Exit::good_if(explained.passes))
}

fn recorded(common: &Common, id: &str) -> Result<Exit, Failure> {
    let record = find(common, id)?;
    let Some(record) = record else {
        talk::say(&format!(
            "there is no record of `{id}`: old ones are removed when their room (`records_bytes_max`) is used up, and \
             `bartizan status` counts those that could not be written"
        ));
        return Ok(Exit::Findings);
    };
    let document = json!({ "version": 1, "record": record });
    talk::answer(common.json, &document, &config::explain::record::text(&record))?;
    Ok(Exit::Good)
}

pub(super) fn find(common: &Common, id: &str) -> Result<Option<Record>, Failure> {
    let state_dir = config::state_dir(&common.config, &config::Machine);
    let question = Question::Record { id: id.to_owned() };
    match runtime()?.block_on(socket::ask_one(&state_dir, &question)) {
        Ok(answer) => {
            let record = answer.get("record").cloned().unwrap_or_default();
            serde_json::from_value(record).map_err(|_| Failure::trouble("the answer is not understood"))
        }
        Err(failure) if failure.exit == Exit::Unreachable => on_disk(&state_dir, id, failure),
        Err(failure) => Err(failure),
    }
}

/// Without a running gateway the records belong to nobody.
fn on_disk(state_dir: &std::path::Path, id: &str, failure: Failure) -> Result<Option<Record>, Failure> {
    let folder = state_dir.join("records");
    if !folder.is_dir() {
        return Err(failure);
    }
    gateway::records::find_in(&folder, id)
        .map_err(|error| Failure::trouble(format!("the records cannot be read: {}", error.kind())))
}
