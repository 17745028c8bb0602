//! The command line: what it looks like, and what is wrong with one that looks different.
//!
//! Options of `run` may stand before the file and after it: up to the guest's first argument,
//! which is the first that does not begin with `-`, or `--`. What follows is the guest's, whatever
//! it looks like.

use crate::completion::CompletionArgs;
use crate::exit::Stop;
use crate::inspect::InspectArgs;
use crate::replay::ReplayArgs;
use crate::run::RunArgs;
use crate::strace::StraceArgs;
use crate::validate::ValidateArgs;
use crate::wast::WastArgs;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::{OsStr, OsString};

/// Runs WebAssembly: an interpreter that grants guests nothing by default
#[derive(Parser, Debug)]
#[command(name = "rwasm", version, disable_help_subcommand = true)]
#[command(after_help = "`rwasm FILE` means `rwasm run FILE`.")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Run a module
    Run(Box<RunArgs>),
    /// Run a module and show what it asks of its host
    Strace(Box<StraceArgs>),
    /// Run a recorded run again, without what it was given then
    Replay(ReplayArgs),
    /// Say what a module asks for, and what it is made of
    Inspect(InspectArgs),
    /// Say whether modules are valid
    Validate(ValidateArgs),
    /// Run specification scripts
    Wast(WastArgs),
    /// Write the script with which a shell completes these arguments
    Completion(CompletionArgs),
}

/// The words that are not the name of a file to run.
const COMMANDS: &[&str] = &["run", "strace", "replay", "inspect", "validate", "wast", "completion"];
const GLOBAL: &[&str] = &["-h", "--help", "-V", "--version"];

/// What the program's arguments, its own name the first, ask for.
///
/// # Errors
///
/// If they are wrong, or ask for help or the version.
pub fn parse(args: Vec<OsString>) -> Result<Command, Stop> {
    let args = with_command(args);
    if let Some(run) = parse_run(&args) {
        return Ok(Command::Run(run));
    }
    match Cli::try_parse_from(&args) {
        Ok(cli) => Ok(cli.command),
        Err(error) => Err(explain(&args, &error)),
    }
}

/// The command line with the one command that is in a hurry: the parser sets up all options of all
/// commands that it knows of, which takes longer than a small guest.
#[derive(Parser)]
#[command(name = "rwasm")]
struct RunAlone {
    #[command(subcommand)]
    command: RunCommand,
}

#[derive(Subcommand)]
enum RunCommand {
    Run(Box<RunArgs>),
}

/// The arguments of `run`, if they are that and are well.
fn parse_run(args: &[OsString]) -> Option<Box<RunArgs>> {
    if args.get(1)? != "run" {
        return None;
    }
    let mut command = RunAlone::command();
    let matches = command.try_get_matches_from_mut(args);
    // Freeing it bit by bit takes as long as making it, and the program ends soon.
    std::mem::forget(command);
    let RunCommand::Run(run) = RunAlone::from_arg_matches(&matches.ok()?).ok()?.command;
    Some(run)
}

/// Puts in `run` where no command is named.
fn with_command(mut args: Vec<OsString>) -> Vec<OsString> {
    let is_named = match args.get(1).map(|arg| arg.to_str()) {
        None => true, // Nothing at all asks for help.
        Some(first) => {
            first.is_some_and(|first| COMMANDS.contains(&first) || GLOBAL.contains(&first))
        }
    };
    if !is_named {
        args.insert(1, "run".into());
    }
    args
}

fn explain(args: &[OsString], error: &clap::Error) -> Stop {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            Stop::Shown(error.render().to_string())
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Stop::Usage(format!("there is nothing to do\n\n{}", error.render()))
        }
        ErrorKind::UnknownArgument if args[1] == "run" || args[1] == "strace" => {
            unknown_option(args, error)
        }
        ErrorKind::MissingRequiredArgument if asks_for_features(args) => {
            Stop::Shown(crate::engine::features())
        }
        _ => {
            let text = error.render().to_string();
            Stop::Usage(text.strip_prefix("error: ").unwrap_or(&text).to_owned())
        }
    }
}

/// Whether there is `-W help`, which needs no file.
fn asks_for_features(args: &[OsString]) -> bool {
    let is_pair = |pair: &[OsString]| (pair[0] == "-W" || pair[0] == "--wasm") && pair[1] == "help";
    args.windows(2).any(is_pair) || args.iter().any(|arg| arg == "-Whelp" || arg == "--wasm=help")
}

/// An option that `run` does not have: perhaps it is the guest's.
fn unknown_option(args: &[OsString], error: &clap::Error) -> Stop {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    let option = text(ContextKind::InvalidArg).unwrap_or_default();
    let mut message = format!("rwasm has no option `{option}`");
    if let Some(similar) = similar_option(&args[1], &option) {
        message += &format!("; there is `--{similar}`");
    }
    let is_it = |arg: &OsString| arg.to_str().is_some_and(|arg| arg.starts_with(&option));
    let at = args.iter().skip(2).position(is_it).map_or(args.len(), |at| at + 2);
    let (before, after) = args.split_at(at);
    let shown = |args: &[OsString]| -> Vec<String> { args.iter().map(|arg| quoted(arg)).collect() };
    message += &match Cli::try_parse_from(before) {
        // The file stands before it, so it can be the guest's.
        Ok(_) => format!(
            "\nhelp: to give it to the guest, put `--` before it:\n  rwasm {} -- {}",
            shown(&before[1..]).join(" "),
            shown(after).join(" ")
        ),
        Err(_) => "\nhelp: arguments of the guest follow its file: \
                   `rwasm run [OPTIONS] FILE [OPTIONS] [--] [ARGS]…`"
            .into(),
    };
    let command = args[1].display();
    Stop::Usage(message + &format!("\nhelp: `rwasm {command} --help` lists the options"))
}

/// The option of the command that `option` was most probably meant to be.
///
/// The parser's own suggestion also offers names that are several times as long.
fn similar_option(command: &OsStr, option: &str) -> Option<String> {
    let name = option.strip_prefix("--")?;
    let cli = Cli::command();
    let options = cli.find_subcommand(command)?.get_arguments();
    let distance = |long: &&str| strsim::damerau_levenshtein(name, long);
    let nearest = options.filter_map(clap::Arg::get_long).min_by_key(distance)?;
    (distance(&nearest) <= name.len().max(3) / 3).then(|| nearest.to_owned())
}

/// An argument as it can be given to a shell.
pub fn quoted(arg: &OsStr) -> String {
    let text = arg.to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "-_=./:,+@%".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.into_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests;
