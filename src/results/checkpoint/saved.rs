//! A saved state: a directory with the worlds, the cells by range, and a manifest that is written last. Without its manifest it is
//! not there; with it, every file is known by length and hash.

use super::super::json::{from_text, text};
use super::super::{ResultsError, program};
use super::file::{self, FileEntry, FileWriter, Kind};
use serde::{Deserialize, Serialize};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Cells of a file at most: those from a multiple of this to the next, as far as one process has them. Readers may be any number.
const CELLS_OF_A_FILE: usize = 64;

/// Ending of all files of a saved state.
const ENDING: &str = "state";

const MANIFEST: &str = "manifest.state";
const MANIFEST_PARTIAL: &str = "manifest.partial.state";
const WORLDS: &str = "worlds.state";

/// What a state is one of. Only a program and a scenario of the same may go on from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StateKey {
    /// Hash of the scenario, or of as much of it as the state depends on.
    pub scenario: String,
    /// Layout of rows and counters.
    pub rows: String,
    /// Version and commit of the program, where the state is only good for the same.
    pub program: Option<String>,
}

/// What people are told of a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StateFacts {
    /// Name of the scenario.
    pub name: String,
    /// Its users.
    pub users: u32,
    /// Number of the days that are done.
    pub days_done: usize,
    /// The last of them.
    pub day: String,
}

/// Cells in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SavedCells {
    file: FileEntry,
    /// Their world.
    pub world: usize,
    /// Number of the first.
    pub first: usize,
    /// Number after the last.
    pub end: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Manifest {
    key: StateKey,
    facts: StateFacts,
    /// The program that wrote it, for people.
    written_by: String,
    /// Number of worlds.
    worlds: usize,
    /// Cells of a world.
    cells: usize,
    front: FileEntry,
    parts: Vec<SavedCells>,
}

/// The files of `cells` in every world: what one process writes, or one thread of it at a time.
pub(crate) fn files_of(worlds: usize, cells: Range<usize>) -> Vec<(usize, Range<usize>)> {
    let mut parts = Vec::new();
    for world in 0..worlds {
        let mut first = cells.start;
        while first < cells.end {
            let end = ((first / CELLS_OF_A_FILE + 1) * CELLS_OF_A_FILE).min(cells.end);
            parts.push((world, first..end));
            first = end;
        }
    }
    parts
}

/// Is shown the image of a cell with its number.
type EachImage<'a> = &'a mut dyn FnMut(usize, &[u8]) -> Result<(), String>;

/// Writes the cells of one file; `image` appends that of a cell.
///
/// # Errors
/// From the file system.
pub(crate) fn write_cells(
    directory: &Path,
    world: usize,
    cells: Range<usize>,
    image: &dyn Fn(usize, usize, &mut Vec<u8>),
) -> Result<SavedCells, ResultsError> {
    let name = format!("cells-{world}-{:06}-{:06}.{ENDING}", cells.start, cells.end);
    let mut file = FileWriter::create(&directory.join(name), Kind::Cells)?;
    let mut bytes = Vec::new();
    for cell in cells.clone() {
        bytes.clear();
        image(world, cell, &mut bytes);
        file.put(&(bytes.len() as u64).to_le_bytes())?;
        file.put(&bytes)?;
    }
    Ok(SavedCells { file: file.finish()?, world, first: cells.start, end: cells.end })
}

/// What a state holds beside its cells.
#[derive(Clone, Debug)]
pub(crate) struct StateFront<'a> {
    /// What it is one of.
    pub key: &'a StateKey,
    /// What people are told of it.
    pub facts: &'a StateFacts,
    /// Number of worlds.
    pub worlds: usize,
    /// Cells of a world.
    pub cells: usize,
    /// The worlds.
    pub bytes: &'a [u8],
}

/// What one process has written, as it tells the others.
pub(crate) fn listed(parts: &[SavedCells]) -> Vec<u8> {
    text(&parts).into_bytes()
}

/// What all processes have written, world by world in the order of the cells.
///
/// # Errors
/// When one of them said something else.
pub(crate) fn unlisted(all: &[Vec<u8>], directory: &Path) -> Result<Vec<SavedCells>, ResultsError> {
    let mut parts = Vec::new();
    for said in all {
        let list = std::str::from_utf8(said).ok().and_then(|said| from_text::<Vec<SavedCells>>(said).ok());
        let why =
            || ResultsError::Checkpoint { path: directory.to_path_buf(), why: "a process wrote no list".to_string() };
        parts.extend(list.ok_or_else(why)?);
    }
    parts.sort_by_key(|part| (part.world, part.first));
    Ok(parts)
}

/// Ends a state whose cells are written: its worlds, then the manifest, with which it is whole.
///
/// # Errors
/// From the file system.
pub(crate) fn finish(directory: &Path, front: &StateFront<'_>, parts: Vec<SavedCells>) -> Result<u64, ResultsError> {
    let worlds = file::write(&directory.join(WORLDS), Kind::Worlds, front.bytes)?;
    let manifest = Manifest {
        key: front.key.clone(),
        facts: front.facts.clone(),
        written_by: program::version(),
        worlds: front.worlds,
        cells: front.cells,
        front: worlds,
        parts,
    };
    let partial = directory.join(MANIFEST_PARTIAL);
    file::write(&partial, Kind::Manifest, text(&manifest).as_bytes())?;
    file::sync_directory(directory)?;
    fs::rename(&partial, directory.join(MANIFEST)).map_err(|e| ResultsError::io(&partial, e))?;
    file::sync_directory(directory)?;
    Ok(bytes_of(&manifest))
}

fn bytes_of(manifest: &Manifest) -> u64 {
    manifest.front.bytes + manifest.parts.iter().map(|part| part.file.bytes).sum::<u64>()
}

/// True of a directory whose manifest is written: a state that is whole, or was.
pub(crate) fn is_finished(directory: &Path) -> bool {
    directory.join(MANIFEST).is_file()
}

/// True of a name that a file of a state may have.
pub(super) fn is_state_name(name: &str) -> bool {
    let numbers = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let cells = name.strip_prefix("cells-").and_then(|rest| rest.strip_suffix(".state"));
    [MANIFEST, MANIFEST_PARTIAL, WORLDS].contains(&name) || cells.is_some_and(numbers)
}

/// A state that is whole, as far as its manifest says.
#[derive(Clone, Debug)]
pub(crate) struct SavedState {
    directory: PathBuf,
    manifest: Manifest,
}

impl SavedState {
    /// The state in a directory.
    ///
    /// # Errors
    /// When it has no manifest or a damaged one.
    pub(crate) fn open(directory: &Path) -> Result<SavedState, ResultsError> {
        let path = directory.join(MANIFEST);
        let body = file::read(&path, Kind::Manifest, None)?;
        let manifest = std::str::from_utf8(&body).ok().and_then(|body| from_text::<Manifest>(body).ok());
        let damaged = |why: &str| ResultsError::Checkpoint { path: path.clone(), why: why.to_string() };
        let manifest = manifest.ok_or_else(|| damaged("it is no list of a state's files"))?;
        let named = manifest.parts.iter().map(|part| &part.file.name);
        if !named.chain([&manifest.front.name]).all(|name| is_state_name(name)) {
            return Err(damaged("it names files that a state does not have"));
        }
        for world in 0..manifest.worlds {
            let mut next = 0;
            for part in manifest.parts.iter().filter(|part| part.world == world) {
                if part.first != next || part.end <= part.first {
                    return Err(damaged("the ranges of its cells leave a gap"));
                }
                next = part.end;
            }
            if next != manifest.cells {
                return Err(damaged("it does not have all cells"));
            }
        }
        Ok(SavedState { directory: directory.to_path_buf(), manifest })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.directory
    }

    /// What it is one of.
    pub(crate) fn key(&self) -> &StateKey {
        &self.manifest.key
    }

    /// What people are told of it.
    pub(crate) fn facts(&self) -> &StateFacts {
        &self.manifest.facts
    }

    /// The program that wrote it.
    pub(crate) fn written_by(&self) -> &str {
        &self.manifest.written_by
    }

    /// Bytes of its files, manifest apart.
    pub(crate) fn bytes(&self) -> u64 {
        bytes_of(&self.manifest)
    }

    /// Its cells by file.
    pub(crate) fn parts(&self) -> &[SavedCells] {
        &self.manifest.parts
    }

    /// The worlds.
    ///
    /// # Errors
    /// When the file is not the one that was written.
    pub(crate) fn front(&self) -> Result<Vec<u8>, ResultsError> {
        file::read(&self.directory.join(WORLDS), Kind::Worlds, Some(&self.manifest.front))
    }

    /// Shows the images of the cells of a file, each with its number.
    ///
    /// # Errors
    /// When the file is not the one that was written, or what `each` says of an image.
    pub(crate) fn read_part(&self, part: &SavedCells, each: EachImage<'_>) -> Result<(), ResultsError> {
        let path = self.directory.join(&part.file.name);
        let body = file::read(&path, Kind::Cells, Some(&part.file))?;
        let refused = |why: String| ResultsError::Checkpoint { path: path.clone(), why };
        let mut left = &body[..];
        for cell in part.first..part.end {
            let image = left
                .split_first_chunk::<8>()
                .and_then(|(length, tail)| tail.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?));
            let Some((image, tail)) = image else { return Err(refused("it has too few cells".to_string())) };
            each(cell, image).map_err(refused)?;
            left = tail;
        }
        if left.is_empty() { Ok(()) } else { Err(refused("it has more than its cells".to_string())) }
    }

    /// Reads all files, to see whether they are those that were written.
    ///
    /// # Errors
    /// What is wrong with the first that is not.
    pub(crate) fn check(&self) -> Result<(), ResultsError> {
        self.front()?;
        self.parts().iter().try_for_each(|part| self.read_part(part, &mut |_, _| Ok(())))
    }
}

/// Removes a state: the manifest first, so that what a kill leaves is no state; then what else a state has. What somebody else put
/// there stays, and the directory with it.
///
/// # Errors
/// From the file system.
pub(super) fn remove(directory: &Path) -> Result<(), ResultsError> {
    let gone = |path: &Path| match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(ResultsError::io(path, error)),
        _ => Ok(()),
    };
    gone(&directory.join(MANIFEST))?;
    for entry in fs::read_dir(directory).map_err(|e| ResultsError::io(directory, e))? {
        let entry = entry.map_err(|e| ResultsError::io(directory, e))?;
        if is_state_name(&entry.file_name().to_string_lossy()) {
            gone(&entry.path())?;
        }
    }
    // Not empty when somebody put something there.
    let _ = fs::remove_dir(directory);
    Ok(())
}
/// Removes a state that cannot be finished; one that is whole stays.
///
/// # Errors
/// From the file system.
pub(crate) fn discard_unfinished(directory: &Path) -> Result<(), ResultsError> {
    if is_finished(directory) { Ok(()) } else { remove(directory) }
}
