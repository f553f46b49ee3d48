//! `yuefu init`: the built-in models and scenarios as files that can be changed.

use crate::cli::streams::say;
use crate::cli::{Exit, Failure};
use crate::scenario::{carried, schemas};
use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};

/// Write the built-in models and scenarios, with schemas, into a new directory
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Init {
    /// Directory, which must be empty or not there
    dir: PathBuf,
}

const EXAMPLES: &str = "\
Scenarios there read the models there. Each file names its schema, which editors with a TOML
language server use.

Examples:
  yuefu init lab
  yuefu init ~/lab && yuefu run ~/lab/scenarios/downturn.toml";

/// Runs the command.
///
/// # Errors
/// Bad input when something is in the way; else what writing says.
pub(crate) fn run(args: &Init) -> Result<Exit, Failure> {
    let dir = args.dir.as_path();
    let in_the_way = match fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => dir.symlink_metadata().is_ok(),
    };
    if in_the_way {
        let problem = format!("{} is there and not empty; name a new directory", dir.display());
        return Err(Failure::BadInput(problem));
    }
    if let Err(failure) = write_set(dir) {
        // Nothing else was there, and half a set would be in the way of the same command. The first error is the one that counts.
        for part in ["models", "scenarios", "schemas"] {
            let _ = fs::remove_dir_all(dir.join(part));
        }
        let _ = fs::remove_dir(dir);
        return Err(failure);
    }
    let scenario = dir.join("scenarios/quick.toml");
    let (carried, schemas) = (carried().len(), schemas::KINDS.len());
    say(format_args!(
        "{carried} files and {schemas} schemas written to {}; try: yuefu run {}",
        dir.display(),
        scenario.display()
    ))
}

fn write_set(dir: &Path) -> Result<(), Failure> {
    for (path, text) in carried() {
        let text = schema_line(path) + text;
        write(&dir.join(path), &text)?;
    }
    for kind in schemas::KINDS {
        let schema = schemas::schema_of(kind).unwrap_or_default();
        write(&dir.join(format!("schemas/{kind}.schema.json")), &format!("{schema:#}\n"))?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let parent = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(parent).with_context(|| format!("cannot write {}", parent.display()))?;
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}

/// The line that tells an editor the schema of a file; nothing for files without one.
fn schema_line(path: &str) -> String {
    let Some(kind) = schemas::kind_of(path) else { return String::new() };
    format!("#:schema {}schemas/{kind}.schema.json\n\n", "../".repeat(path.matches('/').count()))
}

#[cfg(test)]
mod tests {
    use super::schema_line;

    #[test]
    fn a_file_names_its_schema_from_where_it_stands() {
        assert_eq!(schema_line("scenarios/quick.toml"), "#:schema ../schemas/scenario.schema.json\n\n");
        assert_eq!(schema_line("models/economy/base.toml"), "#:schema ../../schemas/economy.schema.json\n\n");
        assert_eq!(schema_line("models/economy/published/README.md"), "");
        assert_eq!(schema_line("models/hosts.toml"), "#:schema ../schemas/hosts.schema.json\n\n");
    }
}
