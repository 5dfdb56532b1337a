//! An output file that an interrupted or partly failed run left: what of it stands, and where.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

/// An earlier output: the good lines by id. Takes about 40 bytes of memory a line.
#[derive(Debug, Default)]
pub struct Earlier {
    /// Places of the good lines of each id, the last first.
    good: HashMap<u64, Vec<u64>>,
    /// Number of good lines.
    pub graded: u64,
    /// Number of error lines, to be done again.
    pub failed: u64,
    /// Who graded: `embedded`, or `llm:PROFILE:MODEL@PROMPT_HASH`.
    pub grader: Option<String>,
    /// Bytes up to the last complete line.
    pub length: u64,
}

/// Every line of an output begins so.
const BEGINNING: &[u8] = b"{\"id\":";

#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    grader: Option<String>,
    #[serde(default)]
    error: Option<serde::de::IgnoredAny>,
}

impl Earlier {
    /// Reads the output at `path`; a missing file has nothing in it. A torn or unreadable last line
    /// does not count.
    ///
    /// # Errors
    ///
    /// What reading says; a line inside that is no output of ours.
    pub fn read(path: &Path) -> io::Result<Self> {
        let mut earlier = Self::default();
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(earlier),
            Err(error) => return Err(error),
        };
        let mut input = BufReader::new(file);
        let (mut line, mut place, mut number) = (Vec::new(), 0, 0_u64);
        loop {
            line.clear();
            let read = input.read_until(b'\n', &mut line)? as u64;
            if read == 0 {
                break;
            }
            number += 1;
            let complete = line.ends_with(b"\n");
            // Anything else in the file is somebody's, and must not be overwritten.
            let begins = line.iter().zip(BEGINNING).all(|(found, ours)| found == ours);
            let head = serde_json::from_slice::<Head>(&line).ok();
            let head = head.filter(|head| head.error.is_some() || head.grader.is_some());
            if !complete && begins {
                break;
            }
            let Some(head) = head.filter(|_| complete && begins) else {
                let message = format!("line {number} is no output of `greenroom grade`");
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            };
            if head.error.is_some() {
                earlier.failed += 1;
            } else {
                earlier.graded += 1;
                earlier.grader = head.grader;
                earlier.good.entry(digest(&head.id)).or_default().push(place);
            }
            place += read;
            earlier.length = place;
        }
        earlier.good.values_mut().for_each(|places| places.reverse());
        Ok(earlier)
    }

    /// Takes the place of a good line with this id, each once.
    pub fn take(&mut self, id: &Value) -> Option<u64> {
        if id.is_null() {
            return None;
        }
        self.good.get_mut(&digest(id))?.pop()
    }
}

fn digest(id: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.to_string().hash(&mut hasher);
    hasher.finish()
}

/// An output file while it is written.
///
/// A first run appends to the file itself. A later one writes everything, in input order, beside it
/// and renames at the end; if it is stopped, what it did is taken up by the next.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    beside: Option<PathBuf>,
    file: io::BufWriter<File>,
    old: Option<(BufReader<File>, u64)>,
    unflushed: usize,
}

/// Lines that may be lost, and are then graded again, if the machine dies.
const FLUSH_EVERY: usize = 64;

impl Output {
    /// Opens the output at `path` and says what of it stands.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn open(path: &Path) -> io::Result<(Self, Earlier)> {
        let beside = beside(path);
        adopt(&beside, path)?;
        let earlier = Earlier::read(path)?;
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        file.set_len(earlier.length)?;
        let output = if earlier.length == 0 {
            Self {
                path: path.to_owned(),
                beside: None,
                file: io::BufWriter::new(file),
                old: None,
                unflushed: 0,
            }
        } else {
            let new = File::create(&beside)?;
            Self {
                path: path.to_owned(),
                beside: Some(beside),
                file: io::BufWriter::new(new),
                old: Some((BufReader::new(File::open(path)?), 0)),
                unflushed: 0,
            }
        };
        Ok((output, earlier))
    }

    /// Writes a new line.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn write(&mut self, line: &str) -> io::Result<()> {
        self.file.write_all(line.as_bytes())?;
        self.file.write_all(b"\n")?;
        self.unflushed += 1;
        if self.unflushed >= FLUSH_EVERY {
            self.flush()?;
        }
        Ok(())
    }

    /// Copies the line that stands at `place` of the earlier output.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn copy(&mut self, place: u64) -> io::Result<()> {
        let Some((old, position)) = &mut self.old else { return Ok(()) };
        if *position != place {
            old.seek(SeekFrom::Start(place))?;
        }
        let mut line = Vec::new();
        *position = place + old.read_until(b'\n', &mut line)? as u64;
        self.file.write_all(&line)
    }

    /// Hands what was written to the system.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn flush(&mut self) -> io::Result<()> {
        self.unflushed = 0;
        self.file.flush()
    }

    /// Ends the output: everything stands at its path, in order.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        if let Some(beside) = &self.beside {
            std::fs::rename(beside, &self.path)?;
        }
        Ok(())
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".resume");
    path.with_file_name(name)
}

/// Appends the complete lines of a stopped resumption to the output; duplicates do no harm.
fn adopt(beside: &Path, path: &Path) -> io::Result<()> {
    let left = match Earlier::read(beside) {
        Ok(left) if left.length > 0 => left,
        Ok(_) => return Ok(()),
        // Somebody's file by that name, or a disk that fails: neither may cost what is in it.
        Err(error) => return Err(io::Error::new(error.kind(), format!("{}: {error}", beside.display()))),
    };
    let standing = Earlier::read(path)?;
    let mut output = OpenOptions::new().create(true).append(true).open(path)?;
    output.set_len(standing.length)?;
    io::copy(&mut File::open(beside)?.take(left.length), &mut output)?;
    output.sync_all()?;
    std::fs::remove_file(beside)
}
