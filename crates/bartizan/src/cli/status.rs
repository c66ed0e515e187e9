//! `status`: how the running gateway stands.

use super::Common;
use control::socket::{self, Question};
use control::talk::{self, Exit, Failure};

pub(crate) fn run(common: &Common) -> Result<Exit, Failure> {
    let state_dir = config::state_dir(&common.config, &config::Machine);
    let answer = super::runtime()?
        .block_on(socket::ask_one(&state_dir, &Question::Status))
        .map_err(|failure| failure.or_no_file(&common.config))?;
    talk::answer(common.json, &answer, &config::explain::status::text(&answer))?;
    Ok(Exit::Good)
}
