//! What is finished outlives an interruption: `DIR.work/` beside a results directory that is being made, a file for each finished
//! world (or for the worlds that some people live through), until the directory is whole.
//!
//! A file has three parts: the sum of the rest, the program that made it, and what was kept, as JSON. It is written under another
//! name and renamed, so it is whole or not there; a damaged one counts as not there and its world runs again. Its name is a hash of
//! everything that determines its content, so a file that fits needs no other proof that it belongs here. The directory carries our
//! mark and a list of the files that were written to it; nothing else in it is ever removed.
//!
//! An area may also read what is kept elsewhere: the parts of a sharded command. Those are never written to.

use super::manifest::walk;
use super::scratch::{MARK, is_begun_mark, is_marked, mark};
use super::{ResultsError, json, target};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What can be kept.
pub(crate) trait Kept: Serialize + DeserializeOwned {
    /// Hash of everything that determines it, hex; names its file.
    fn key(&self) -> &str;

    /// It has everything that this version of the program keeps.
    fn is_whole(&self) -> bool;
}

/// Finished worlds that lie somewhere else, by key.
pub(crate) type KeptFiles = BTreeMap<String, PathBuf>;

/// A work area. Clones are the same area.
#[derive(Clone, Debug)]
pub(crate) struct WorkArea {
    directory: PathBuf,
    /// Names the program: what another one made is not taken over.
    program: Arc<str>,
    /// Files written so far: each is written under a name of its own, so that two writers of one world do not meet.
    written: Arc<AtomicU64>,
    /// Read, never written.
    elsewhere: Arc<KeptFiles>,
    seen: Arc<Mutex<Seen>>,
}

/// Keys, for the count of what was saved.
#[derive(Debug, Default)]
struct Seen {
    /// Was there already.
    taken: BTreeSet<String>,
    /// Kept by this area.
    made: BTreeSet<String>,
}

/// The list of files in a work area, a name a line.
const LIST: &str = "written.txt";

/// Ending of the name of a work area.
pub(super) const WORK: &str = "work";

/// The first two lines of a file fit into this.
const HEAD_BYTES: u64 = 256;

impl WorkArea {
    /// The work area beside a results directory, for what a program (named by `program`) makes.
    ///
    /// # Errors
    /// [`ResultsError::Target`] when something else of this name is there; when it cannot be made.
    pub(crate) fn beside(target: &Path, program: &str) -> Result<WorkArea, ResultsError> {
        let directory = target::beside(target, WORK);
        let refused = |why: String| ResultsError::Target { path: directory.clone(), why };
        if fs::symlink_metadata(&directory).is_ok_and(|found| !found.is_dir()) {
            return Err(refused("a file of this name is in the way: move it, or choose another --out".to_string()));
        }
        fs::create_dir_all(&directory).map_err(|e| ResultsError::io(&directory, e))?;
        let area = WorkArea {
            directory: directory.clone(),
            program: program.into(),
            written: Arc::default(),
            elsewhere: Arc::default(),
            seen: Arc::default(),
        };
        if !is_marked(&directory) {
            // Earlier versions left no mark; their files are known by their names.
            let there = walk(&directory)?;
            if let Some(foreign) =
                there.iter().find(|name| !is_kept_name(name) && !is_begun_mark(&directory, OsStr::new(name)))
            {
                let why = format!("it holds what Yuefu did not write, {foreign}: move it, or choose another --out");
                return Err(refused(why));
            }
            there.iter().filter(|name| is_kept_name(name)).try_for_each(|name| area.list(name))?;
            mark(&directory)?;
        }
        Ok(area)
    }

    /// The same area, which reads what is kept elsewhere, too.
    pub(crate) fn reading(self, elsewhere: KeptFiles) -> WorkArea {
        WorkArea { elsewhere: Arc::new(elsewhere), ..self }
    }

    fn list(&self, name: &str) -> Result<(), ResultsError> {
        let path = self.directory.join(LIST);
        let file = OpenOptions::new().append(true).create(true).open(&path);
        // One write: lines of two threads do not mix.
        file.and_then(|mut file| file.write_all(format!("{name}\n").as_bytes())).map_err(|e| ResultsError::io(&path, e))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.directory
    }

    /// Names the program that keeps its worlds here.
    pub(crate) fn program(&self) -> &str {
        &self.program
    }

    /// The file of a key.
    fn file(&self, key: &str) -> PathBuf {
        self.directory.join(file_name(key))
    }

    /// What is kept under a key, if it is finished. What cannot be read or is something else counts as unfinished.
    pub(crate) fn get<T: Kept>(&self, key: &str) -> Option<T> {
        let found = match read(&self.file(key), key) {
            Some(own) => own,
            None => read(self.elsewhere.get(key)?, key)?,
        };
        let mut seen = self.seen();
        if !seen.made.contains(key) {
            seen.taken.insert(key.to_string());
        }
        Some(found)
    }

    /// Keeps what is finished.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn put(&self, finished: &impl Kept) -> Result<(), ResultsError> {
        let path = self.file(finished.key());
        let partial = path.with_extension(format!("{}.partial", self.written.fetch_add(1, Ordering::Relaxed)));
        for file in [&partial, &path] {
            self.list(&file.file_name().unwrap_or_default().to_string_lossy())?;
        }
        let io = |e| ResultsError::io(&path, e);
        fs::write(&partial, text(&self.program, finished)).map_err(io)?;
        fs::rename(&partial, &path).map_err(io)?;
        self.seen().made.insert(finished.key().to_string());
        Ok(())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Copies what is kept under some keys into a directory, a file each.
    ///
    /// # Errors
    /// From the file system; when one of them is not there any more.
    pub(crate) fn copy_to(&self, directory: &Path, keys: &[String]) -> Result<(), ResultsError> {
        for key in keys {
            let own = self.file(key);
            let from = if own.is_file() { &own } else { self.elsewhere.get(key).unwrap_or(&own) };
            fs::copy(from, directory.join(file_name(key))).map_err(|e| ResultsError::io(from, e))?;
        }
        Ok(())
    }

    /// How many were there already and were taken, and how many were made since.
    pub(crate) fn taken_and_made(&self) -> (usize, usize) {
        let seen = self.seen();
        (seen.taken.len(), seen.made.len())
    }

    /// How many lie here, or elsewhere, that another program made: they are not taken.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn of_another_program(&self) -> Result<usize, ResultsError> {
        let own = kept_files(&self.directory)?;
        let all = own.values().chain(self.elsewhere.values());
        Ok(all.filter(|path| program_of(path).is_some_and(|program| program != *self.program)).count())
    }

    /// Removes what was written; the result is whole. What somebody else put there stays, and the directory with it.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn remove(self) -> Result<(), ResultsError> {
        let list = fs::read_to_string(self.directory.join(LIST)).unwrap_or_default();
        for name in list.lines().filter(|name| is_kept_name(name)).chain([LIST, MARK]) {
            let path = self.directory.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(ResultsError::io(&path, error));
                }
                _ => {}
            }
        }
        // Not empty when somebody put something there.
        let _ = fs::remove_dir(&self.directory);
        Ok(())
    }
}

/// True of a work area that was left when its command was stopped.
pub(super) fn is_work_area(directory: &Path) -> bool {
    directory.extension().is_some_and(|ending| ending == WORK) && is_marked(directory)
}

/// The finished worlds in a directory, by the keys that their names say.
///
/// # Errors
/// From the file system.
pub(super) fn kept_files(directory: &Path) -> Result<KeptFiles, ResultsError> {
    let names = walk(directory)?.into_iter().filter(|name| is_kept_name(name));
    let finished = names.filter_map(|name| Some((name.strip_suffix(".json")?.to_string(), directory.join(&name))));
    Ok(finished.collect())
}

/// `KEY.json`.
fn file_name(key: &str) -> String {
    format!("{key}.json")
}

/// The text of a file.
fn text(program: &str, finished: &impl Kept) -> String {
    let body = format!("{program}\n{}", json::text(finished));
    format!("{}\n{body}", json::checksum(&body))
}

fn read<T: Kept>(path: &Path, key: &str) -> Option<T> {
    let text = fs::read_to_string(path).ok()?;
    let (sum, body) = text.split_once('\n')?;
    let (_, kept) = body.split_once('\n')?;
    let found: T = json::from_text(kept).ok().filter(|_| json::checksum(body) == sum)?;
    (found.key() == key && found.is_whole()).then_some(found)
}

/// The program that made a file; `None` of what is no such file. Earlier versions did not say: their program is nobody's.
fn program_of(path: &Path) -> Option<String> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(HEAD_BYTES).read_to_end(&mut head).ok()?;
    let head = String::from_utf8_lossy(&head);
    Some(head.lines().nth(1)?.to_string())
}

/// `KEY.json` or `KEY.NUMBER.partial`.
fn is_kept_name(name: &str) -> bool {
    let Some((key, ending)) = name.split_once('.') else { return false };
    let number = ending.strip_suffix(".partial");
    !key.is_empty()
        && key.bytes().all(|digit| digit.is_ascii_hexdigit())
        && (ending == "json" || number.is_some_and(|number| number.parse::<u64>().is_ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Number {
        key: String,
        value: u32,
    }

    impl Kept for Number {
        fn key(&self) -> &str {
            &self.key
        }

        fn is_whole(&self) -> bool {
            self.value > 0
        }
    }

    fn number(key: &str, value: u32) -> Number {
        Number { key: key.to_string(), value }
    }

    #[test]
    fn what_lies_elsewhere_is_taken_and_what_another_program_made_is_counted() {
        let home = tempfile::tempdir().expect("a directory");
        let part = WorkArea::beside(&home.path().join("part"), "one").expect("made");
        part.put(&number("a1", 7)).expect("kept");
        part.put(&number("b2", 8)).expect("kept");
        assert_eq!((part.taken_and_made(), part.of_another_program().ok()), ((0, 2), Some(0)));
        let elsewhere = kept_files(part.path()).expect("read");
        assert_eq!(elsewhere.keys().collect::<Vec<_>>(), ["a1", "b2"]);

        let area = WorkArea::beside(&home.path().join("suite"), "one").expect("made").reading(elsewhere.clone());
        assert_eq!(area.get("a1"), Some(number("a1", 7)));
        area.put(&number("c3", 9)).expect("kept");
        assert_eq!((area.get("c3"), area.get::<Number>("d4")), (Some(number("c3", 9)), None));
        assert_eq!(area.taken_and_made(), (1, 1), "what was just made is not taken");
        let copies = home.path().join("copies");
        fs::create_dir(&copies).expect("made");
        area.copy_to(&copies, &["a1".to_string(), "c3".to_string()]).expect("copied");
        assert_eq!(kept_files(&copies).expect("read").len(), 2);
        assert!(area.copy_to(&copies, &["d4".to_string()]).is_err());

        let other = WorkArea::beside(&home.path().join("suite"), "two").expect("there").reading(elsewhere);
        assert_eq!(other.of_another_program().ok(), Some(3));
        // As earlier versions wrote it: nobody knows which program that was.
        fs::write(other.path().join("e5.json"), "0123\n{\n  \"key\": \"e5\"\n}\n").expect("written");
        assert_eq!(other.of_another_program().ok(), Some(4));
        area.clone().remove().expect("removed");
        assert!(other.path().join("e5.json").is_file(), "it is on no list");
        assert!(part.get::<Number>("b2").is_some(), "what is elsewhere stays");
    }

    #[test]
    fn the_program_is_under_the_sum() {
        let home = tempfile::tempdir().expect("a directory");
        let area = WorkArea::beside(&home.path().join("suite"), "one").expect("made");
        area.put(&number("a1", 7)).expect("kept");
        let path = area.path().join("a1.json");
        let whole = fs::read_to_string(&path).expect("there");
        for damaged in [whole.replacen("\none\n", "\ntwo\n", 1), whole.replacen('7', "8", 1), whole[..70].to_string()] {
            fs::write(&path, damaged).expect("written");
            assert_eq!(area.get::<Number>("a1"), None);
        }
        area.put(&number("a1", 0)).expect("kept");
        assert_eq!(area.get::<Number>("a1"), None, "it is not whole");
    }
}
