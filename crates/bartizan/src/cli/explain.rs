//! `explain`: the decisions that a request would meet, or has met, each with the place that says so.

mod curl;
mod offline;
mod record;

use super::Common;
use crate::talk::{Exit, Failure};

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
    /// A request that was served, by the id in its answer
    #[arg(long, conflicts_with_all = ["method", "client"], value_name = "ID")]
    request_id: Option<String>,
}

/// A request as far as it can be known without sending it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    method: String,
    host: String,
    /// Path and query.
    target: String,
}

pub(crate) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    if let Some(id) = &options.request_id {
        return record::run(common, id);
    }
    let asked = match (&options.curl, &options.method, &options.path) {
        (Some(command), _, _) => curl::read(command)?,
        (None, Some(method), Some(path)) => {
            Asked { method: method.to_ascii_uppercase(), host: String::new(), target: path.clone() }
        }
        _ => {
            return Err(Failure::trouble(
                "a method and a path are needed: `bartizan explain GET /orders/42`",
            ));
        }
    };
    let asked = match &options.host {
        Some(host) => Asked { host: host.to_ascii_lowercase(), ..asked },
        None => asked,
    };
    offline::run(common, &asked, options.client.as_deref())
}
