//! Many answers through one grader: in input order, in bounded memory, several at a time.

use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};

use serde_json::Value;

use super::line::{Line, find_id};
use crate::coach::{AnswerGrader, GradeError};
use crate::grading::AnswerGrade;

/// Longest line that is read whole.
const LONGEST_LINE: usize = 16 << 20;

/// What was graded, with the id it came with.
#[derive(Clone, Debug)]
pub struct Item {
    /// Id as it came.
    pub id: Value,
    /// The grade, or why there is none.
    pub result: Result<AnswerGrade, GradeError>,
}

/// What to do with a line: grade it, or pass on what was done before.
#[derive(Clone, Debug)]
pub enum Work {
    /// To be graded.
    Grade(Line),
    /// Done before: where it stands in the earlier output.
    Done(u64),
}

/// What comes out, in the order of the input.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Graded now.
    Item(Box<Item>),
    /// Done before.
    Done(u64),
}

/// Reads the next line that is not blank into `buffer`, without its line end; returns `false` at
/// the end. A line that is too long is cut, and the rest of it skipped.
///
/// # Errors
///
/// What reading says.
pub fn next_line(input: &mut dyn BufRead, buffer: &mut Vec<u8>, number: &mut u64) -> io::Result<bool> {
    loop {
        buffer.clear();
        let mut any = false;
        loop {
            let available = input.fill_buf()?;
            if available.is_empty() {
                break;
            }
            any = true;
            let end = available.iter().position(|&byte| byte == b'\n');
            let take = end.unwrap_or(available.len());
            let room = (LONGEST_LINE + 1).saturating_sub(buffer.len());
            buffer.extend_from_slice(&available[..take.min(room)]);
            let used = take + usize::from(end.is_some());
            input.consume(used);
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(false);
        }
        *number += 1;
        if !buffer.iter().all(u8::is_ascii_whitespace) {
            return Ok(true);
        }
    }
}

/// The line in `buffer`, as read by [`next_line`].
pub fn line(buffer: &[u8], number: u64) -> Line {
    if buffer.len() > LONGEST_LINE {
        let start = String::from_utf8_lossy(&buffer[..4096]);
        return Line::too_long(find_id(&start), number, LONGEST_LINE);
    }
    Line::parse(buffer, number)
}

/// Grades everything that `next` gives, `jobs` at a time, and hands the outcomes to `sink` in
/// the same order. No more than a few dozen items a job are held at once.
///
/// # Errors
///
/// The first error of `next` or `sink`; what was begun is finished, and not handed on.
pub fn run(
    grader: &dyn AnswerGrader,
    jobs: usize,
    mut next: impl FnMut() -> io::Result<Option<Work>> + Send,
    mut sink: impl FnMut(Outcome) -> io::Result<()>,
) -> io::Result<()> {
    if jobs <= 1 {
        while let Some(work) = next()? {
            sink(perform(grader, work))?;
        }
        return Ok(());
    }
    let window = Window::new(jobs * 32);
    let (work_in, work_out) = mpsc::channel::<(u64, Work)>();
    let (done_in, done_out) = mpsc::channel::<(u64, Outcome)>();
    let work_out = Mutex::new(work_out);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            // Dropped at the end, so that the workers stop when all is taken.
            let work_in = work_in;
            let mut index = 0;
            while window.enter() {
                let Some(work) = next()? else { break };
                if work_in.send((index, work)).is_err() {
                    break;
                }
                index += 1;
            }
            Ok(())
        });
        for _ in 0..jobs {
            let (done_in, work_out) = (done_in.clone(), &work_out);
            scope.spawn(move || {
                loop {
                    let taken = lock(work_out).recv();
                    let Ok((index, work)) = taken else { break };
                    if done_in.send((index, perform(grader, work))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(done_in);
        let (mut waiting, mut due, mut result) = (BTreeMap::new(), 0, Ok(()));
        'all: for (index, outcome) in &done_out {
            waiting.insert(index, outcome);
            while let Some(outcome) = waiting.remove(&due) {
                due += 1;
                result = sink(outcome);
                if result.is_err() {
                    break 'all;
                }
                window.leave();
            }
        }
        drop(done_out);
        window.close();
        let read = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        result.and(read)
    })
}

fn perform(grader: &dyn AnswerGrader, work: Work) -> Outcome {
    match work {
        Work::Done(place) => Outcome::Done(place),
        Work::Grade(line) => {
            let result = line.request.and_then(|request| grader.grade(&request));
            Outcome::Item(Box::new(Item { id: line.id, result }))
        }
    }
}

/// How many items may be under way.
struct Window {
    state: Mutex<(usize, bool)>,
    changed: Condvar,
    most: usize,
}

impl Window {
    fn new(most: usize) -> Self {
        Self { state: Mutex::new((0, true)), changed: Condvar::new(), most }
    }

    /// Waits for room; `false` if nothing more is wanted.
    fn enter(&self) -> bool {
        let mut state = lock(&self.state);
        while state.1 && state.0 >= self.most {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.0 += 1;
        state.1
    }

    fn leave(&self) {
        lock(&self.state).0 -= 1;
        self.changed.notify_one();
    }

    fn close(&self) {
        lock(&self.state).1 = false;
        self.changed.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing here is left half-changed by a panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::coach::AnswerRequest;

    /// Fails what is called "bad", and remembers how many calls were under way at once.
    #[derive(Default)]
    struct Counting {
        now: AtomicUsize,
        most: AtomicUsize,
        gate: Option<std::sync::Barrier>,
    }

    impl AnswerGrader for Counting {
        fn name(&self) -> String {
            "counting".into()
        }

        fn grade(&self, request: &AnswerRequest) -> Result<AnswerGrade, GradeError> {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            if let Some(gate) = &self.gate {
                gate.wait();
            }
            self.now.fetch_sub(1, Ordering::SeqCst);
            Err(GradeError::new("test", request.answer.clone()))
        }
    }

    fn works(count: usize) -> impl FnMut() -> io::Result<Option<Work>> + Send {
        let mut index = 0;
        move || {
            if index == count {
                return Ok(None);
            }
            index += 1;
            let text = format!("{{\"id\":{index},\"question\":\"q\",\"answer\":\"{index}\"}}");
            Ok(Some(Work::Grade(Line::parse(text.as_bytes(), 1))))
        }
    }

    fn ids(grader: &dyn AnswerGrader, jobs: usize, count: usize) -> Vec<u64> {
        let mut ids = Vec::new();
        run(grader, jobs, works(count), |outcome| {
            if let Outcome::Item(item) = outcome {
                ids.push(item.id.as_u64().expect("a number"));
            }
            Ok(())
        })
        .expect("no fault");
        ids
    }

    #[test]
    fn outcomes_come_in_the_order_of_the_input_however_many_jobs() {
        for jobs in [1, 2, 7, 32] {
            let want: Vec<u64> = (1..=500).collect();
            assert_eq!(ids(&Counting::default(), jobs, 500), want, "{jobs} jobs");
        }
    }

    #[test]
    fn as_many_are_under_way_as_there_are_jobs() {
        // Each call waits until eight are there: with fewer at a time this would never end.
        let grader = Counting { gate: Some(std::sync::Barrier::new(8)), ..Counting::default() };
        assert_eq!(ids(&grader, 8, 64).len(), 64);
        assert_eq!(grader.most.load(Ordering::SeqCst), 8);
    }

    #[test]
    fn a_sink_that_fails_ends_the_run() {
        let mut taken = 0;
        let result = run(&Counting::default(), 4, works(10_000), |_| {
            taken += 1;
            if taken == 3 { Err(io::Error::other("full")) } else { Ok(()) }
        });
        assert_eq!((result.expect_err("a fault").to_string(), taken), ("full".to_owned(), 3));
    }

    #[test]
    fn a_line_too_long_is_cut_and_the_next_is_read() {
        let mut text = vec![b'x'; LONGEST_LINE + 10];
        text.extend_from_slice(b"\n\n  \nnext\n");
        let (mut input, mut buffer, mut number) = (io::BufReader::new(&text[..]), Vec::new(), 0);
        assert!(next_line(&mut input, &mut buffer, &mut number).expect("read"));
        assert!(line(&buffer, number).request.expect_err("too long").message.contains("longer than 16 MiB"));
        assert!(next_line(&mut input, &mut buffer, &mut number).expect("read"));
        assert_eq!((buffer.as_slice(), number), (b"next".as_slice(), 4));
        assert!(!next_line(&mut input, &mut buffer, &mut number).expect("read"));
    }
}
