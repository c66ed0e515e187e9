//! `block`: keeps somebody or something out at once, until an end that has to be said.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use config::explain::blocks;
use control::blocks::{LiftOrder, Order, fingerprint_of_file, offline, sudo_user};
use control::socket::{self, Question};
use control::talk::{self, Exit, Failure};
use gateway::blocks::{Cidr, End, Target, TokenName};
use serde_json::Value;

use super::Common;

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "What is named together has to hold together: --client shop --api orders blocks that client on that API.\n\n\
                  Examples:\n  bartizan block --address 203.0.113.0/24 --reason \"credential stuffing\" --for 2h\n  \
                  bartizan block --token - --reason \"stolen\" --until 2026-11-22T03:00Z < token.txt\n  \
                  bartizan block --client shop --api orders --reason \"runaway job\" --for 30min\n  \
                  bartizan block list\n  bartizan block lift b-7k2m9q --reason \"over\"\n  bartizan block --drill"
)]
pub(crate) struct Options {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    target: Aim,
    /// Why, for whoever finds the block tomorrow; callers never see it
    #[arg(long, required_unless_present = "drill", value_name = "TEXT")]
    reason: Option<String>,
    /// How long: 30min, 2h, 7d
    #[arg(long = "for", value_name = "TIME", value_parser = config::duration)]
    lasts: Option<std::time::Duration>,
    /// Until when: 2026-11-22T03:00Z
    #[arg(long, conflicts_with = "lasts", value_name = "WHEN", value_parser = config::instant)]
    until: Option<u64>,
    /// Mean it although it hits very many
    #[arg(long)]
    wide: bool,
    /// Block even when the journal cannot be written; a restart would lift it
    #[arg(long)]
    not_durable: bool,
    /// Without a running gateway: keep it for the next start
    #[arg(long, conflicts_with_all = ["not_durable", "dry_run"])]
    offline: bool,
    /// With `--offline`, when the gateway file cannot be read: the directory that it keeps its state in
    #[arg(long, requires = "offline", value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// Only say what it would hit
    #[arg(long)]
    dry_run: bool,
    /// Block and lift a target that no caller has, and measure
    #[arg(long, conflicts_with_all = ["reason", "lasts", "until", "wide", "not_durable", "offline", "dry_run"])]
    drill: bool,
}

/// Whom or what; at least one.
#[derive(Debug, Args)]
struct Aim {
    /// An address or a network; several make several blocks
    #[arg(long, value_name = "ADDRESS")]
    address: Vec<Cidr>,
    /// A file of addresses and networks, one a line; `-` is stdin
    #[arg(long, value_name = "FILE")]
    addresses: Option<PathBuf>,
    /// A client, whatever it presents
    #[arg(long, value_name = "CLIENT")]
    client: Option<Arc<str>>,
    /// A tenant, where the configuration says which claim names one
    #[arg(long, value_name = "TENANT")]
    tenant: Option<Arc<str>>,
    /// A file that holds a token; `-` is stdin. Only its fingerprint is kept
    #[arg(long, value_name = "FILE", conflicts_with_all = ["token_sha256", "jti"])]
    token: Option<PathBuf>,
    /// A token by its SHA-256 in hexadecimal
    #[arg(long, value_name = "HEX", conflicts_with = "jti")]
    token_sha256: Option<String>,
    /// A token by its `jti`
    #[arg(long, requires = "issuer", value_name = "ID")]
    jti: Option<Arc<str>>,
    /// A principal: the `sub` of its tokens
    #[arg(long, requires = "issuer", value_name = "SUBJECT")]
    subject: Option<Arc<str>>,
    /// Whose `jti` or subject
    #[arg(long, value_name = "URL")]
    issuer: Option<Arc<str>>,
    /// An API key by its id in the configuration
    #[arg(long, value_name = "ID")]
    key: Option<Arc<str>>,
    /// An API
    #[arg(long, value_name = "NAME")]
    api: Option<Arc<str>>,
    /// An operation of that API
    #[arg(long, requires = "api", value_name = "ID")]
    operation: Option<Arc<str>>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show what is blocked, by whom, until when, and how often it was hit
    List,
    /// End blocks before their time
    Lift {
        #[arg(required = true, value_name = "ID")]
        ids: Vec<Arc<str>>,
        /// Why, for whoever looks into it tomorrow
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Without a running gateway: before the next start
        #[arg(long)]
        offline: bool,
        /// With `--offline`, when the gateway file cannot be read: the directory that it keeps its state in
        #[arg(long, requires = "offline", value_name = "DIR")]
        state_dir: Option<PathBuf>,
    },
    /// Put a damaged journal aside and keep what can be read of it
    Repair {
        /// When the gateway file cannot be read: the directory that it keeps its state in
        #[arg(long, value_name = "DIR")]
        state_dir: Option<PathBuf>,
    },
}

pub(crate) fn run(common: &Common, options: &Options) -> Result<Exit, Failure> {
    let state_dir = config::state_dir(&common.config, &config::Machine);
    let ask =
        |question: Question| super::runtime()?.block_on(socket::ask_one_patiently(&state_dir, &question));
    match &options.verb {
        Some(Verb::List) => return list(common),
        Some(Verb::Repair { state_dir }) => {
            let answer = offline::repair(&offline::state_dir(&common.config, state_dir.as_ref())?)?;
            talk::answer(common.json, &answer, &blocks::repaired(&answer))?;
            let dropped = answer.pointer("/repair/dropped").and_then(Value::as_array);
            let aside = answer.pointer("/repair/aside").is_some_and(|aside| !aside.is_null());
            let dropped = dropped.is_some_and(|dropped| !dropped.is_empty());
            return Ok(Exit::good_if(!aside && !dropped));
        }
        Some(Verb::Lift { ids, reason, offline, state_dir }) => {
            let order = LiftOrder { ids: ids.clone(), reason: reason.clone(), sudo_user: sudo_user() };
            let answer = match offline {
                true => offline::lift(&offline::state_dir(&common.config, state_dir.as_ref())?, &order)?,
                false => ask(Question::Lift(order))?,
            };
            talk::answer(common.json, &answer, &blocks::lifted(&answer))?;
            return Ok(Exit::Good);
        }
        None if options.drill => {
            let answer = ask(Question::Drill { sudo_user: sudo_user() })?;
            talk::answer(common.json, &answer, &blocks::drilled(&answer))?;
            let passed = answer.pointer("/drill/passed").and_then(Value::as_bool) == Some(true);
            return Ok(Exit::good_if(passed));
        }
        None => {}
    }
    let order = order(options)?;
    let answer = if options.offline { kept(common, options, order)? } else { ask(Question::Block(order))? };
    talk::answer(common.json, &answer, &blocks::made(&answer))?;
    Ok(Exit::Good)
}

/// Keeps blocks for the next start; a gateway file that does not load must not keep anybody in.
fn kept(common: &Common, options: &Options, order: Order) -> Result<Value, Failure> {
    let (configuration, ..) = config::read(&common.config, &config::WithoutSecrets(config::Machine));
    let state_dir = offline::state_dir(&common.config, options.state_dir.as_ref())?;
    if configuration.is_none() {
        talk::say(&format!(
            "{} cannot be used (`bartizan check` says why), so names are not compared with it; the block is kept in {}",
            common.config.display(),
            state_dir.display(),
        ));
    }
    offline::block(&state_dir, configuration.as_ref().map(|configuration| &configuration.settings), order)
}

/// The blocks in force and `true`; without a running gateway, those that the next start will put in force. Unreachable
/// when none ever ran here.
pub(super) fn held(common: &Common) -> Result<(Value, bool), Failure> {
    let state_dir = config::state_dir(&common.config, &config::Machine);
    match super::runtime()?.block_on(socket::ask_one(&state_dir, &Question::Blocks)) {
        Err(failure) if failure.exit == Exit::Unreachable => {
            Ok((offline::list(&state_dir)?.ok_or(failure)?, false))
        }
        answer => Ok((answer?, true)),
    }
}

fn list(common: &Common) -> Result<Exit, Failure> {
    let (answer, is_running) = held(common)?;
    if !is_running {
        talk::say("no gateway is running; this is what the next start will put in force");
    }
    talk::answer(common.json, &answer, &blocks::list(&answer))?;
    Ok(Exit::Good)
}

fn order(options: &Options) -> Result<Order, Failure> {
    let end = match (options.lasts, options.until) {
        (Some(lasts), _) => End::ForMs(u64::try_from(lasts.as_millis()).unwrap_or(u64::MAX)),
        (None, Some(until)) => End::UntilUnixMs(until.saturating_mul(1_000)),
        (None, None) => {
            return Err(Failure::trouble("a block needs an end: `--for 2h` or `--until 2026-11-22T03:00Z`"));
        }
    };
    Ok(Order {
        targets: targets(&options.target)?,
        reason: options.reason.clone().unwrap_or_default(),
        end,
        wide: options.wide,
        not_durable: options.not_durable,
        dry_run: options.dry_run,
        sudo_user: sudo_user(),
    })
}

/// One for each address, or one without any; the other conditions are the same in all.
fn targets(aim: &Aim) -> Result<Vec<Target>, Failure> {
    if aim.issuer.is_some() && aim.subject.is_none() && aim.jti.is_none() {
        // Left out of account it would block more than was named.
        return Err(Failure::trouble(
            "`--issuer` says whose `--subject` or `--jti` is meant; name one of them",
        ));
    }
    let principal = aim.subject.clone().zip(aim.issuer.clone());
    let of_jti = aim.jti.clone().zip(aim.issuer.clone());
    let token = match (&aim.token, &aim.token_sha256, of_jti) {
        (Some(path), ..) => Some(fingerprint_of_file(path)?),
        (None, Some(sha256), _) => Some(TokenName::Sha256(sha256.to_ascii_lowercase().into())),
        (None, None, Some((jti, issuer))) => Some(TokenName::Id { issuer, jti }),
        (None, None, None) => None,
    };
    let target = Target {
        network: None,
        token,
        key: aim.key.clone(),
        principal: principal.map(|(subject, issuer)| model::Principal { issuer, subject }),
        client: aim.client.clone(),
        tenant: aim.tenant.clone(),
        api: aim.api.clone(),
        operation: aim.operation.clone(),
    };
    let mut networks = aim.address.clone();
    if let Some(path) = &aim.addresses {
        networks.extend(control::blocks::networks_of_file(path)?);
    }
    if networks.is_empty() && target.kind().is_none() {
        return Err(Failure::trouble(
            "say whom or what to block, such as `--address 203.0.113.7`; see `bartizan block --help`",
        ));
    }
    if networks.is_empty() {
        return Ok(vec![target]);
    }
    Ok(networks.into_iter().map(|network| Target { network: Some(network), ..target.clone() }).collect())
}
