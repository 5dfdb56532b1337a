//! Files of notes from disk: which of a folder's, how large, and whether they are text at all.

use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest file that is read, in bytes. Notes of one person are far smaller.
pub const LARGEST: u64 = 16 * 1024 * 1024;

/// Endings of files that are read from a folder.
const ENDINGS: [&str; 9] = ["md", "markdown", "mdown", "mkd", "mdx", "txt", "text", "tsv", "org"];

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not there, or not ours to read.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// As the user knows it.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Too large.
    #[error("{path} has {megabytes} MB; at most {} MB are read", LARGEST / 1024 / 1024)]
    TooLarge {
        /// As the user knows it.
        path: String,
        /// Rounded up.
        megabytes: u64,
    },
    /// No text.
    #[error("{path} is no text but {what}")]
    NoText {
        /// As the user knows it.
        path: String,
        /// "a PDF", "a ZIP archive or office document", ...
        what: &'static str,
    },
    /// No word.
    #[error("{path} is empty")]
    Empty {
        /// As the user knows it.
        path: String,
    },
}

impl ReadError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "check the name and who may read the file",
            Self::TooLarge { .. } => "split it, for instance one file a chapter",
            Self::NoText { .. } => "export it as Markdown or plain text first",
            Self::Empty { .. } => "name another file",
        }
    }
}

/// Files to read, and how many others of the folders were passed over.
#[derive(Debug, Default)]
pub struct Files {
    /// In order; true if named by itself, not found in a folder.
    pub paths: Vec<(PathBuf, bool)>,
    /// Files with another ending.
    pub others: usize,
    /// Folders that cannot be read.
    pub failures: Vec<ReadError>,
}

/// The files that `paths` name; a folder's are those with an ending of notes, hidden ones,
/// links to folders and links that lead out of it left out.
pub fn files(paths: &[PathBuf]) -> Files {
    let mut files = Files::default();
    for path in paths {
        if path.is_dir() {
            walk(path, &mut files);
        } else {
            files.paths.push((path.clone(), true));
        }
    }
    files
}

/// False for a link that leads out of `folder`: notes from elsewhere must not have other files read.
pub fn stays_within(folder: &Path, path: &Path) -> bool {
    let is_link = path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
    let whole = |path: &Path| path.canonicalize().ok();
    !is_link || whole(path).zip(whole(folder)).is_some_and(|(path, folder)| path.starts_with(folder))
}

fn walk(root: &Path, files: &mut Files) {
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(source) => {
                files.failures.push(ReadError::Unreadable { path: folder.display().to_string(), source });
                continue;
            }
        };
        let mut found: Vec<(PathBuf, bool)> = entries
            .flatten()
            .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
            .filter_map(|entry| Some((entry.path(), entry.file_type().ok()?.is_dir())))
            .collect();
        found.sort();
        let (inner, plain): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, is_folder)| *is_folder);
        for (path, _) in plain {
            let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
            if ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
                && path.is_file()
                && stays_within(root, &path)
            {
                files.paths.push((path, false));
            } else {
                files.others += 1;
            }
        }
        folders.extend(inner.into_iter().rev().map(|(path, _)| path));
    }
}

/// The one name of a file, whatever it was called by.
pub fn place(path: &Path) -> String {
    let whole = std::fs::canonicalize(path).or_else(|_| std::path::absolute(path));
    let name = whole.unwrap_or_else(|_| path.to_owned()).display().to_string();
    // Windows puts a mark before whole paths that nobody types.
    name.strip_prefix(r"\\?\").map_or(name.clone(), str::to_owned)
}

/// Reads a file that should be text.
///
/// # Errors
///
/// [`ReadError`]; no more than [`LARGEST`] bytes are ever held.
pub fn read(path: &Path) -> Result<Vec<u8>, ReadError> {
    let name = || path.display().to_string();
    let unreadable = |source| ReadError::Unreadable { path: name(), source };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    if length > LARGEST {
        return Err(ReadError::TooLarge { path: name(), megabytes: length.div_ceil(1024 * 1024) });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    // A device has no length, and a file may grow.
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(ReadError::TooLarge { path: name(), megabytes: LARGEST / 1024 / 1024 + 1 });
    }
    if let Some(what) = no_text(&bytes) {
        return Err(ReadError::NoText { path: name(), what });
    }
    Ok(bytes)
}

/// Refuses a text without a word.
///
/// # Errors
///
/// [`ReadError::Empty`].
pub fn not_empty(path: &Path, text: &str) -> Result<(), ReadError> {
    if text.contains(char::is_alphanumeric) {
        return Ok(());
    }
    Err(ReadError::Empty { path: path.display().to_string() })
}

/// What bytes are that are no text.
fn no_text(bytes: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 9] = [
        (b"%PDF", "a PDF"),
        (b"PK\x03\x04", "a ZIP archive or an office document"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"\x1f\x8b", "a compressed file"),
        (b"SQLite format 3", "a database"),
        (b"\xd0\xcf\x11\xe0", "an office document"),
        (b"\x7fELF", "a program"),
    ];
    if let Some((_, what)) = KNOWN.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(what);
    }
    let sample = &bytes[..bytes.len().min(8192)];
    let marked = sample.starts_with(b"\xff\xfe") || sample.starts_with(b"\xfe\xff");
    let zeros = sample.iter().filter(|&&byte| byte == 0).count();
    // UTF-16 without a mark has zeros in every second byte, and nowhere else.
    let wide = [0, 1].iter().any(|&first| sample.iter().skip(first).step_by(2).all(|&byte| byte != 0));
    let controls = sample
        .iter()
        .filter(|&&byte| byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t' | 0x0c | 0x1b | 0))
        .count();
    let binary =
        !marked && ((zeros > 0 && !(wide && zeros * 3 > sample.len())) || controls * 20 > sample.len());
    binary.then_some("binary data")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_what_is_none() {
        let utf16: Vec<u8> = "Some notes, in words.".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let rows: [(&str, &[u8], bool); 8] = [
            ("text", b"# Notes\nwords", true),
            ("windows-1252", b"caf\xe9 \x96 bar", true),
            ("UTF-16", &utf16, true),
            ("nothing", b"", true),
            ("a PDF", b"%PDF-1.7 words", false),
            ("an archive", b"PK\x03\x04....", false),
            ("a zero", b"some words\0more words", false),
            ("controls", b"\x01\x02\x03\x04words", false),
        ];
        for (name, bytes, is_text) in rows {
            assert_eq!(no_text(bytes).is_none(), is_text, "{name}");
        }
    }
}
