//! `yuefu man`: the manual pages, made from the help.

use crate::cli::streams::{self, say};
use crate::cli::{Exit, Failure};
use anyhow::Context;
use clap::Command;
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, roman};
use std::path::PathBuf;

/// Print the manual page, or write those of all commands
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Man {
    /// Directory for yuefu.1 and a page for each command; pages of these names there are replaced
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  yuefu man | man -l -
  yuefu man --out ~/.local/share/man/man1";

/// Runs the command.
///
/// # Errors
/// From writing or printing.
pub(crate) fn run(args: &Man, command: Command) -> Result<Exit, Failure> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let Some(directory) = &args.out else { return streams::answer(&page(command)?) };
    let write = |name: &str, text: String| {
        let path = directory.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    std::fs::create_dir_all(directory).with_context(|| format!("cannot write {}", directory.display()))?;
    let mut count = 1;
    for sub in command.get_subcommands() {
        write(&format!("yuefu-{}.1", sub.get_name()), page(sub.clone())?)?;
        count += 1;
    }
    write("yuefu.1", page(command)?)?;
    say(format_args!("{count} pages written to {}", directory.display()))
}

/// A page in roff. What stands after the options in the help keeps its lines: examples are in it.
fn page(command: Command) -> Result<String, Failure> {
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let has_commands = command.has_subcommands();
    let man = Page::new(command);
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if has_commands {
        man.render_subcommands_section(&mut page)?;
    }
    let mut notes = Roff::default();
    notes.control("SH", ["NOTES"]).control("nf", []);
    for line in after.lines() {
        notes.text([roman(line)]);
    }
    notes.control("fi", []);
    notes.to_writer(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
