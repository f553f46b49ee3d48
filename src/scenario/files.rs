//! Where files are read: on the disk, or in the set that the program carries. Everybody else reads through [`InputPath`].

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Paths such as `models/hosts.toml`, each with its text.
pub(crate) type Carried = &'static [(&'static str, &'static str)];

static CARRIED: OnceLock<Carried> = OnceLock::new();

/// What stands for standard input where a scenario is named.
const STANDARD_INPUT: &str = "-";

/// No file that is read is longer: a device without end is not read until memory runs out.
const TEXT_BYTES_MAX: u64 = 64 << 20;

/// What a stream gave: its text, or why it gave none.
type Streamed = Result<String, (io::ErrorKind, String)>;

/// What was read from standard input and from pipes. A scenario is read several times, a stream once.
static STREAMS: Mutex<BTreeMap<PathBuf, Streamed>> = Mutex::new(BTreeMap::new());

/// Says once, at the start of the program, which files it carries.
pub(crate) fn carry(files: Carried) {
    // A second set would be a second program in the process; the first stays.
    let _ = CARRIED.set(files);
}

/// The files that the program carries; none in a library that nobody gave any.
pub(crate) fn carried() -> Carried {
    CARRIED.get().copied().unwrap_or_default()
}

/// A file or directory that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InputPath {
    /// On the disk.
    Disk(PathBuf),
    /// A path among those that the program carries.
    BuiltIn(String),
    /// Standard input. What it names is looked for as from a built-in scenario.
    Input,
}

impl InputPath {
    /// What a path of the command line means as a scenario: `-` is standard input, then what is there under it, else a built-in
    /// scenario of this name.
    pub(in crate::scenario) fn of_scenario(path: &Path) -> InputPath {
        if path.as_os_str() == STANDARD_INPUT {
            return InputPath::Input;
        }
        if path.exists() && !path.is_dir() {
            return InputPath::Disk(path.to_path_buf());
        }
        let named = path.to_str().and_then(|text| {
            let inside = if text.ends_with(".toml") { text.to_owned() } else { format!("scenarios/{text}.toml") };
            let input = InputPath::BuiltIn(inside);
            input.exists().then_some(input)
        });
        named.unwrap_or_else(|| InputPath::Disk(path.to_path_buf()))
    }

    /// The models that stand beside a scenario's directory, else those that the program carries. A directory may be reached
    /// through a link, so where it really stands counts too.
    pub(in crate::scenario) fn models_beside(&self) -> InputPath {
        let InputPath::Disk(path) = self else { return InputPath::BuiltIn("models".to_owned()) };
        let parent = path.parent().unwrap_or(Path::new(""));
        let written = match (parent.file_name(), parent.parent()) {
            (Some(_), Some(above)) => above.join("models"),
            _ => parent.join("../models"),
        };
        let real = path.canonicalize().ok().and_then(|path| Some(path.parent()?.parent()?.join("models")));
        let candidates = [Some(written.clone()), Some(parent.join("../models")), real];
        match candidates.into_iter().flatten().find(|models| models.join("products").is_dir()) {
            Some(models) => InputPath::Disk(models),
            None if carried().is_empty() => InputPath::Disk(written),
            None => InputPath::BuiltIn("models".to_owned()),
        }
    }

    /// A path from the directory in which this file stands.
    pub(in crate::scenario) fn beside(&self, path: &str) -> InputPath {
        match self {
            InputPath::Disk(file) => InputPath::Disk(file.parent().unwrap_or(Path::new("")).join(path)),
            InputPath::Input if Path::new(path).is_absolute() => InputPath::Disk(PathBuf::from(path)),
            // A path of a built-in scenario is one of the set.
            InputPath::BuiltIn(_) | InputPath::Input => InputPath::BuiltIn(path.trim_start_matches("../").to_owned()),
        }
    }

    /// Something inside this directory.
    pub(in crate::scenario) fn join(&self, name: &str) -> InputPath {
        match self {
            InputPath::Disk(directory) => InputPath::Disk(directory.join(name)),
            InputPath::BuiltIn(directory) => InputPath::BuiltIn(format!("{directory}/{name}")),
            // It is no directory, so nothing is in it.
            InputPath::Input => InputPath::BuiltIn(name.to_owned()),
        }
    }

    /// The text of the file.
    ///
    /// # Errors
    /// What the file system says.
    pub(in crate::scenario) fn read(&self) -> io::Result<String> {
        match self {
            InputPath::Disk(path) => {
                let file = File::open(path)?;
                if file.metadata().is_ok_and(|of| of.is_file() || of.is_dir()) {
                    text_of(file)
                } else {
                    streamed(path, file)
                }
            }
            InputPath::BuiltIn(path) => {
                let file = carried().iter().find(|(name, _)| name == path);
                file.map(|(_, text)| (*text).to_owned()).ok_or_else(|| io::ErrorKind::NotFound.into())
            }
            InputPath::Input => streamed(Path::new(STANDARD_INPUT), io::stdin().lock()),
        }
    }

    /// Whether there is such a file.
    pub(in crate::scenario) fn exists(&self) -> bool {
        match self {
            InputPath::Disk(path) => path.exists(),
            InputPath::BuiltIn(path) => carried().iter().any(|(name, _)| name == path),
            InputPath::Input => true,
        }
    }

    /// Stems of the TOML files of this directory, sorted.
    pub(in crate::scenario) fn stems(&self) -> Vec<String> {
        let mut stems: Vec<String> = match self {
            InputPath::Disk(directory) => {
                let entries = std::fs::read_dir(directory).ok().into_iter().flatten().flatten();
                let files =
                    entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "toml"));
                files.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
            }
            InputPath::BuiltIn(directory) => {
                let inside = |name: &&str| {
                    let stem = name.strip_prefix(directory.as_str())?.strip_prefix('/')?.strip_suffix(".toml")?;
                    (!stem.contains('/')).then(|| stem.to_owned())
                };
                carried().iter().filter_map(|(name, _)| inside(name)).collect()
            }
            InputPath::Input => Vec::new(),
        };
        stems.sort();
        stems
    }

    /// Stems of the files that stand where this one would.
    pub(in crate::scenario) fn neighbours(&self) -> Vec<String> {
        match self {
            InputPath::Disk(path) => {
                path.parent().map_or_else(Vec::new, |parent| InputPath::Disk(parent.to_path_buf()).stems())
            }
            InputPath::BuiltIn(path) => {
                path.rsplit_once('/').map_or_else(Vec::new, |(parent, _)| InputPath::BuiltIn(parent.to_owned()).stems())
            }
            InputPath::Input => Vec::new(),
        }
    }

    /// The path on the disk; `None` of what is built in.
    pub(crate) fn on_disk(&self) -> Option<&Path> {
        match self {
            InputPath::Disk(path) => Some(path),
            InputPath::BuiltIn(_) | InputPath::Input => None,
        }
    }
}

impl fmt::Display for InputPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InputPath::Disk(path) => write!(f, "{}", path.display()),
            InputPath::BuiltIn(path) => write!(f, "built-in {path}"),
            InputPath::Input => f.write_str("<stdin>"),
        }
    }
}

/// A scenario as people call it: its path as it was typed, or `<stdin>`.
pub(crate) fn scenario_name(path: &Path) -> String {
    match InputPath::of_scenario(path) {
        InputPath::Input => InputPath::Input.to_string(),
        _ => path.display().to_string(),
    }
}

/// The text of a stream, which is read once in a process.
fn streamed(path: &Path, stream: impl Read) -> io::Result<String> {
    let mut streams = STREAMS.lock().unwrap_or_else(PoisonError::into_inner);
    let read = || text_of(stream).map_err(|error| (error.kind(), cause(&error)));
    streams.entry(path.to_path_buf()).or_insert_with(read).clone().map_err(|(kind, why)| io::Error::new(kind, why))
}

/// All of a reader as text.
///
/// # Errors
/// What the reader says; `FileTooLarge` beyond [`TEXT_BYTES_MAX`]; `InvalidData` with the line that is not UTF-8.
fn text_of(reader: impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > TEXT_BYTES_MAX {
        let why = format!("it is longer than {} MiB", TEXT_BYTES_MAX >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        io::Error::new(io::ErrorKind::InvalidData, format!("line {line} is not UTF-8: save it as UTF-8"))
    })
}

/// What an error of the file system says, without the number of the operating system.
pub(in crate::scenario) fn cause(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
