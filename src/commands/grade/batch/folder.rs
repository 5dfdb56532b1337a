//! What a batch leaves beside its output until everything is graded: which batches are under way, the
//! requests they hold, the replies that came. Killed at any point, the next run goes on from it.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most requests in one file; a provider takes 50,000.
const MOST_REQUESTS: u64 = 20_000;
/// Most bytes in one file; a provider takes 200 MB, and a file is held while it is sent.
const MOST_BYTES: u64 = 48 << 20;

/// A batch that the provider has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// The provider's name for it.
    pub id: String,
    /// The file of its requests, in the folder.
    pub file: String,
    /// How many they are.
    pub requests: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct State {
    grader: String,
    seed: u64,
    written: u64,
    batches: Vec<Batch>,
}

/// The folder of one output.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    state: State,
    /// Where the reply to each request stands.
    places: HashMap<String, u64>,
    replies: File,
    end: u64,
    asked: HashSet<String>,
    file: Option<(BufWriter<File>, Batch, u64)>,
    full: Vec<Batch>,
}

impl Folder {
    /// Opens the folder of the output at `out`, or makes it; `seed` counts only for a new one.
    ///
    /// # Errors
    ///
    /// What the file system says; a folder that another grader left.
    pub fn open(out: &Path, grader: &str, seed: u64) -> io::Result<Self> {
        let mut name = out.file_name().unwrap_or_default().to_owned();
        name.push(".batch");
        let path = out.with_file_name(name);
        fs::create_dir_all(&path)?;
        let new = || State { grader: grader.to_owned(), seed, written: 0, batches: Vec::new() };
        let state: State = match fs::read(path.join("state.json")) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => new(),
            Err(error) => return Err(error),
        };
        if state.grader != grader {
            let message = format!("{} belongs to {}, not to {grader}", path.display(), state.grader);
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let replies = path.join("replies.jsonl");
        let replies = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(replies)?;
        let mut folder = Self {
            path,
            state,
            places: HashMap::new(),
            replies,
            end: 0,
            asked: HashSet::new(),
            file: None,
            full: Vec::new(),
        };
        folder.read_replies()?;
        folder.save()?;
        Ok(folder)
    }

    fn read_replies(&mut self) -> io::Result<()> {
        let mut input = BufReader::new(&self.replies);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = input.read_until(b'\n', &mut line)? as u64;
            let Some(id) = id_of(&line).filter(|_| line.ends_with(b"\n")) else { break };
            self.places.insert(id, self.end);
            self.end += read;
        }
        // Half a line of a run that was killed.
        self.replies.set_len(self.end)
    }

    /// What fences are made of: the same in every run, so that requests stay the same.
    pub fn seed(&self) -> u64 {
        self.state.seed
    }

    /// Batches that the provider has.
    pub fn under_way(&self) -> &[Batch] {
        &self.state.batches
    }

    /// The reply to the request `id`, as it came.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn reply(&mut self, id: &str) -> io::Result<Option<Value>> {
        let Some(&place) = self.places.get(id) else { return Ok(None) };
        self.replies.seek(SeekFrom::Start(place))?;
        let mut line = Vec::new();
        BufReader::new(&self.replies).read_until(b'\n', &mut line)?;
        Ok(Some(serde_json::from_slice(&line)?))
    }

    /// Notes a request that has no reply yet; false if it was noted before.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn ask(&mut self, id: &str, line: &str) -> io::Result<bool> {
        if !self.asked.insert(id.to_owned()) {
            return Ok(false);
        }
        if self.file.as_ref().is_some_and(|(_, batch, bytes)| {
            batch.requests >= MOST_REQUESTS || bytes + line.len() as u64 > MOST_BYTES
        }) {
            self.close_file()?;
        }
        if self.file.is_none() {
            self.state.written += 1;
            let name = format!("requests-{}.jsonl", self.state.written);
            let file = BufWriter::new(File::create(self.path.join(&name))?);
            self.file = Some((file, Batch { id: String::new(), file: name, requests: 0 }, 0));
        }
        if let Some((file, batch, bytes)) = &mut self.file {
            writeln!(file, "{line}")?;
            batch.requests += 1;
            *bytes += line.len() as u64 + 1;
        }
        Ok(true)
    }

    fn close_file(&mut self) -> io::Result<()> {
        if let Some((mut file, batch, _)) = self.file.take() {
            file.flush()?;
            self.full.push(batch);
        }
        Ok(())
    }

    /// The files of requests that no provider has yet; noting starts anew.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn take_files(&mut self) -> io::Result<Vec<Batch>> {
        self.close_file()?;
        self.asked.clear();
        Ok(std::mem::take(&mut self.full))
    }

    /// The bytes of a file of requests.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn requests(&self, batch: &Batch) -> io::Result<Vec<u8>> {
        fs::read(self.path.join(&batch.file))
    }

    /// The provider has this batch.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn started(&mut self, batch: Batch) -> io::Result<()> {
        self.state.batches.push(batch);
        self.save()
    }

    /// A file into which the provider's answers are fetched.
    pub fn fetched(&self) -> PathBuf {
        self.path.join("fetched.jsonl")
    }

    /// Takes the fetched answers of a batch; those for which `again` says so are to be asked for again.
    /// A request without an answer has failed.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn collect(&mut self, batch: &Batch, again: &mut dyn FnMut(&Value) -> bool) -> io::Result<()> {
        let mut open: HashSet<String> = HashSet::new();
        for line in BufReader::new(File::open(self.path.join(&batch.file))?).split(b'\n') {
            open.extend(id_of(&line?));
        }
        let mut fetched = Vec::new();
        match File::open(self.fetched()) {
            Ok(mut file) => drop(file.read_to_end(&mut fetched)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        for line in fetched.split(|byte| *byte == b'\n') {
            let Ok(answer) = serde_json::from_slice::<Value>(line) else { continue };
            let Some(id) = answer["custom_id"].as_str().map(ToOwned::to_owned) else { continue };
            if open.remove(&id) && !again(&answer) {
                self.keep(id, &answer)?;
            }
        }
        let message = "the batch ended without an answer to this";
        let mut open: Vec<String> = open.into_iter().collect();
        open.sort();
        for id in open {
            let none = serde_json::json!({"custom_id": id, "error": {"message": message}});
            self.keep(id, &none)?;
        }
        self.replies.sync_all()?;
        self.drop_batch(batch)
    }

    /// A batch that is no more; its requests are asked anew.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn drop_batch(&mut self, batch: &Batch) -> io::Result<()> {
        self.state.batches.retain(|other| other.id != batch.id);
        self.save()?;
        let _ = fs::remove_file(self.fetched());
        let _ = fs::remove_file(self.path.join(&batch.file));
        Ok(())
    }

    fn keep(&mut self, id: String, answer: &Value) -> io::Result<()> {
        self.replies.seek(SeekFrom::Start(self.end))?;
        let line = format!("{answer}\n");
        self.replies.write_all(line.as_bytes())?;
        self.places.insert(id, self.end);
        self.end += line.len() as u64;
        Ok(())
    }

    fn save(&self) -> io::Result<()> {
        let new = self.path.join("state.json.new");
        let mut file = File::create(&new)?;
        serde_json::to_writer(&mut file, &self.state)?;
        file.sync_all()?;
        fs::rename(new, self.path.join("state.json"))
    }

    /// Removes the folder: all is graded.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn remove(&self) -> io::Result<()> {
        fs::remove_dir_all(&self.path)
    }
}

/// The request that a line belongs to.
fn id_of(line: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        custom_id: String,
    }
    serde_json::from_slice::<Named>(line).ok().map(|named| named.custom_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str) -> String {
        format!(r#"{{"custom_id":"{id}","body":{{}}}}"#)
    }

    #[test]
    fn a_run_that_was_killed_is_taken_up() {
        let home = tempfile::tempdir().expect("a folder");
        let out = home.path().join("out.jsonl");
        let mut folder = Folder::open(&out, "llm:x:y@z", 7).expect("open");
        for id in ["a", "b", "a", "c"] {
            folder.ask(id, &line(id)).expect("written");
        }
        let files = folder.take_files().expect("files");
        assert_eq!((files.len(), files[0].requests), (1, 3));
        folder.started(Batch { id: "batch_1".into(), ..files[0].clone() }).expect("saved");
        drop(folder);

        let mut folder = Folder::open(&out, "llm:x:y@z", 8).expect("open again");
        assert_eq!((folder.seed(), folder.under_way().len()), (7, 1));
        let batch = folder.under_way()[0].clone();
        let answers = r#"{"custom_id":"b","response":{"status_code":200}}
{"custom_id":"c","response":{"status_code":400}}
{"custom_id":"stranger"}
"#;
        fs::write(folder.fetched(), answers).expect("written");
        folder.collect(&batch, &mut |answer| answer["response"]["status_code"] == 400).expect("collected");
        assert!(folder.under_way().is_empty());
        fs::OpenOptions::new()
            .append(true)
            .open(home.path().join("out.jsonl.batch/replies.jsonl"))
            .and_then(|mut file| file.write_all(b"{\"custom_id\":\"half"))
            .expect("torn");

        let mut folder = Folder::open(&out, "llm:x:y@z", 9).expect("open a third time");
        let mut status = |id: &str| folder.reply(id).expect("read").map(|reply| reply["error"].is_object());
        assert_eq!([status("a"), status("b"), status("c")], [Some(true), Some(false), None]);
        assert_eq!(status("stranger"), None);
    }

    #[test]
    fn another_graders_folder_is_left_alone() {
        let home = tempfile::tempdir().expect("a folder");
        let out = home.path().join("out.jsonl");
        Folder::open(&out, "one", 1).expect("open");
        assert!(Folder::open(&out, "other", 1).expect_err("refused").to_string().contains("belongs to one"));
    }
}
