//! `reload`: makes the running gateway read its configuration again, and says what it came to.

use serde_json::Value;

use super::Common;
use control::socket::{self, Question};
use control::talk::{self, Exit, Failure};

pub(crate) fn run(common: &Common) -> Result<Exit, Failure> {
    let state_dir = config::state_dir(&common.config, &config::Machine);
    let answer = super::runtime()?
        .block_on(socket::ask_one_patiently(&state_dir, &Question::Reload))
        .map_err(|failure| failure.or_no_file(&common.config))?;
    let outcome = answer.get("reload").unwrap_or(&Value::Null);
    let accepted = outcome.get("accepted").and_then(Value::as_bool) == Some(true);
    if common.json {
        talk::json(&answer)?;
    } else {
        let text = |key: &str| outcome.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let pictures = text("text");
        if !pictures.is_empty() {
            talk::say(pictures.trim_end());
        }
        let verdict = if accepted { "in force" } else { "still in force; nothing was changed" };
        talk::line(&format!("configuration {} is {verdict}", text("hash")))?;
    }
    Ok(if accepted { Exit::Good } else { Exit::Trouble })
}
