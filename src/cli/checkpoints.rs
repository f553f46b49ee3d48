//! How checkpoints of a run are asked for on the command line.

use crate::cli::making::whole;
use crate::experiment::states::CheckpointWish;

/// The state of a run, kept on the way.
#[derive(Debug, clap::Args)]
pub(crate) struct Checkpoints {
    /// Keep the state of the run in DIR.checkpoint every so many months, and when it is stopped, until the run is whole
    #[arg(long, value_name = "MONTHS", value_parser = whole::<u16>(1..=360))]
    checkpoint_every: Option<u16>,
    /// Go on from the last checkpoint of this run, if there is one
    #[arg(long)]
    resume: bool,
    /// Leave all checkpoints when the run is whole: `yuefu branch` begins at them
    #[arg(long, requires = "checkpoint_every")]
    keep_checkpoints: bool,
}

impl Checkpoints {
    /// How they are asked for.
    pub(super) fn wish(&self) -> CheckpointWish {
        let Checkpoints { checkpoint_every: every, resume, keep_checkpoints: keep } = *self;
        CheckpointWish { every, resume, keep }
    }
}

/// The words that ask for checkpoints in this way.
pub(super) fn words(wish: CheckpointWish) -> Vec<String> {
    let CheckpointWish { every, resume, keep } = wish;
    let every = every.into_iter().flat_map(|every| ["--checkpoint-every".to_string(), every.to_string()]);
    let asked = [(resume, "--resume"), (keep, "--keep-checkpoints")];
    every.chain(asked.into_iter().filter(|(asked, _)| *asked).map(|(_, word)| word.to_string())).collect()
}
