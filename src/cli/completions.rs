//! `yuefu completions`: what a shell needs to complete commands and options.

use crate::cli::{Exit, Failure, streams};
use clap_complete::Shell;

/// Print the completions of a shell
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  yuefu completions bash > ~/.local/share/bash-completion/completions/yuefu
  yuefu completions zsh > ~/.zfunc/_yuefu       # with fpath+=~/.zfunc before compinit in ~/.zshrc
  yuefu completions fish > ~/.config/fish/completions/yuefu.fish";

/// Runs the command.
///
/// # Errors
/// From printing.
pub(crate) fn run(args: &Completions, mut command: clap::Command) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "yuefu", &mut script);
    streams::answer(&String::from_utf8_lossy(&script))
}
