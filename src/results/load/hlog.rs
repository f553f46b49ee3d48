//! HdrHistogram interval logs: written as the seconds come, read back whole.

use super::super::{Origin, ResultsError};
use crate::measure::latency::{IntervalRecord, Operation};
use base64::Engine as _;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, IntervalLogWriterBuilder, LogEntry, Tag};
use hdrhistogram::serialization::{Deserializer, V2DeflateSerializer};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

/// Name of the log of a run.
pub(super) const RUN_LOG: &str = "run.hlog";
/// Name of the log that holds one histogram for the whole run of each kind.
pub(super) const TOTALS_LOG: &str = "totals.hlog";

/// A log that is being written. Keeps nothing of what it has written.
pub(crate) struct RunLog {
    path: PathBuf,
    writer: BufWriter<File>,
    serializer: V2DeflateSerializer,
    begun: bool,
    comments: Vec<String>,
}

impl RunLog {
    /// Makes `run.hlog` in a directory that exists.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn create(dir: &Path, origin: &Origin) -> Result<RunLog, ResultsError> {
        let comment = "[Latency from the intended start in nanoseconds, also Interval_Max; tags are operations]";
        RunLog::start(dir.join(RUN_LOG), comment, origin)
    }

    pub(super) fn start(path: PathBuf, comment: &str, origin: &Origin) -> Result<RunLog, ResultsError> {
        let lines =
            origin.in_words().into_iter().map(|(name, said)| format!("[{name}: {}]", said.replace(['\n', '\r'], " ")));
        let file = File::create(&path).map_err(|e| ResultsError::io(&path, e))?;
        let (writer, serializer) = (BufWriter::new(file), V2DeflateSerializer::new());
        Ok(RunLog {
            path,
            writer,
            serializer,
            begun: false,
            comments: std::iter::once(comment.to_string()).chain(lines).collect(),
        })
    }

    /// Writes the head, once it is known when the measured time began, milliseconds since 1970: all times in the log count from then.
    pub(super) fn begin(&mut self, started_unix_ms: u64) -> Result<(), ResultsError> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        let start = UNIX_EPOCH + Duration::from_millis(started_unix_ms);
        let mut header = IntervalLogWriterBuilder::new();
        header.add_comment("[Histogram log format version 1.3]");
        self.comments.iter().for_each(|comment| {
            header.add_comment(comment);
        });
        header.with_start_time(start).with_base_time(start);
        let begun = header.begin_log_with(&mut self.writer, &mut self.serializer).map(drop);
        begun.map_err(|e| ResultsError::io(&self.path, e))?;
        let legend = "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"";
        writeln!(self.writer, "{legend}").map_err(|e| ResultsError::io(&self.path, e))
    }

    /// Writes the latency of each operation that has any in the second at `at_ms` of a measured time that began at
    /// `started_unix_ms`, milliseconds since 1970.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn second(
        &mut self,
        started_unix_ms: u64,
        at_ms: u64,
        record: &IntervalRecord,
    ) -> Result<(), ResultsError> {
        self.begin(started_unix_ms)?;
        for operation in Operation::ALL {
            let histogram = &record.of(operation).latency_ns;
            if !histogram.is_empty() {
                self.line(operation.name(), at_ms, 1_000, histogram)?;
            }
        }
        Ok(())
    }

    /// Writes one histogram under a tag without commas and spaces.
    pub(super) fn line(
        &mut self,
        tag: &str,
        at_ms: u64,
        length_ms: u64,
        histogram: &Histogram<u64>,
    ) -> Result<(), ResultsError> {
        // A fresh writer without a header writes lines only; one that lived here would borrow its own neighbours.
        let begun = IntervalLogWriterBuilder::new().begin_log_with(&mut self.writer, &mut self.serializer);
        let mut lines = begun.map_err(|e| ResultsError::io(&self.path, e))?;
        let (at, length) = (Duration::from_millis(at_ms), Duration::from_millis(length_ms));
        lines
            .write_histogram(histogram, at, length, Tag::new(tag))
            .map_err(|e| ResultsError::Io { path: self.path.clone(), source: std::io::Error::other(e.to_string()) })
    }

    /// Writes out what is buffered; the head too, when there was no second.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn finish(mut self, started_unix_ms: u64) -> Result<(), ResultsError> {
        self.begin(started_unix_ms)?;
        self.writer.flush().map_err(|e| ResultsError::io(&self.path, e))
    }
}

/// One line of a log.
#[derive(Clone, Debug)]
pub(crate) struct IntervalHistogram {
    /// The tag; empty when there is none.
    pub tag: String,
    /// Start after the start of the log, milliseconds.
    pub at_ms: u64,
    /// The histogram.
    pub histogram: Histogram<u64>,
}

/// Reads a log of a run directory (`run.hlog`, `totals.hlog`), in order.
///
/// # Errors
/// When the file is missing, is no interval log, or a histogram in it is damaged; says where.
pub(crate) fn read_log(dir: &Path, name: &str) -> Result<Vec<IntervalHistogram>, ResultsError> {
    let path = dir.join(name);
    let bytes = std::fs::read(&path).map_err(|e| ResultsError::io(&path, e))?;
    let line_at = |offset: usize| 1 + bytes[..offset.min(bytes.len())].iter().filter(|&&b| b == b'\n').count();
    let mut lines = Vec::new();
    for entry in IntervalLogIterator::new(&bytes) {
        let interval = match entry {
            Ok(LogEntry::Interval(interval)) => interval,
            Ok(_) => continue,
            Err(hdrhistogram::serialization::interval_log::LogIteratorError::ParseError { offset }) => {
                let what = "no line of a histogram log".to_string();
                return Err(ResultsError::Table { line: line_at(offset), path, what });
            }
        };
        let text = interval.encoded_histogram();
        let position = text.as_ptr() as usize - bytes.as_ptr() as usize;
        let damaged = |what: String| ResultsError::Table { path: path.clone(), line: line_at(position), what };
        let raw = base64::engine::general_purpose::STANDARD.decode(text).map_err(|e| damaged(e.to_string()))?;
        let histogram =
            Deserializer::new().deserialize(&mut raw.as_slice()).map_err(|e| damaged(format!("histogram: {e}")))?;
        lines.push(IntervalHistogram {
            tag: interval.tag().map(|t| t.as_str().to_string()).unwrap_or_default(),
            at_ms: interval.start_timestamp().as_millis() as u64,
            histogram,
        });
    }
    Ok(lines)
}
