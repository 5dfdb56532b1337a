//! `greenroom grade --batch`: through the provider's Batch API, in as many rounds as the grading asks for.
//!
//! Each round grades every answer with the replies that are there; what is asked for beyond them goes out as
//! the next batch. When nothing more is asked, the grades are written as they always are.

mod deferred;
mod folder;

use std::fs::File;
use std::io::{self, BufRead, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use self::deferred::{Deferred, Steady};
use self::folder::{Batch, Folder};
use super::GradeArgs;
use super::resume::Earlier;
use super::stream;
use crate::coach::{AnswerGrader, PackQuestions};
use crate::commands::graders::Chosen;
use crate::commands::{Context, llm};
use crate::config::{CoachKind, ModelChoice};
use crate::error::{Exit, Failure};
use crate::model::{BatchState, Cancel, ChatModel, Habits, ModelError, OpenAi, Refusal};

/// Batches, one round after another.
pub struct Rounds {
    provider: Arc<OpenAi>,
    deferred: Arc<Deferred>,
    choice: ModelChoice,
    cancel: Cancel,
}

impl Rounds {
    /// Forgets the batches: the grades are written.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub fn forget(&self) -> io::Result<()> {
        self.deferred.noted().folder.remove()
    }
}

/// Sends batches and collects them until every answer can be graded; `None` if the provider is still at
/// it, and the user does not want to wait.
///
/// # Errors
///
/// [`Failure`] if files, settings or the provider are of no use; what was sent is taken up by the next run.
pub fn run(context: &mut Context<'_>, args: &GradeArgs) -> Result<Option<(Chosen, Rounds)>, Failure> {
    let Some(out) = &args.out else {
        return Err(Failure::user("--batch needs --out FILE")
            .hint("what the provider has is noted beside that file, so that a later run can collect it"));
    };
    if args.input.as_os_str() == "-" {
        return Err(Failure::user("--batch reads its answers from a file")
            .hint("they are read once a round, perhaps on another day"));
    }
    if context.settings.coach.value != CoachKind::Llm {
        return Err(Failure::user("--batch is for a model; the embedded coach grades at once")
            .hint("leave --batch out, or add --coach llm"));
    }
    let cancel = Cancel::new();
    let (provider, choice) = llm::provider(context)?;
    context.note(&format!(
        "Coach: llm:{}, chosen by {}. Answers are sent to {}, as batches.",
        choice.name(),
        context.settings.coach.source,
        choice.profile.host()
    ));
    llm::stop_on_interrupt(&cancel, llm::Idle::Exit);
    provider.settle_model(&cancel).map_err(failed)?;
    provider.prepare(&cancel).map_err(failed)?;
    let unusable = |error: io::Error| {
        Failure::user(format!("the batches beside {} cannot be used", out.display()))
            .because(&error)
            .hint("remove that folder to start anew, or name another file with --out")
    };
    // The name holds the prompts too: with other prompts, other replies are needed.
    let packs = PackQuestions::load(&context.assets)?;
    let name = llm::answers_of(context, provider.clone(), &choice, args.samples, packs, &cancel)?.name();
    let folder = Folder::open(out, &name, llm::random()).map_err(unusable)?;
    let seed = folder.seed();
    let deferred = Arc::new(Deferred::new(provider.clone(), folder));
    let rounds = Rounds { provider, deferred, choice, cancel };
    let grader = |context: &Context<'_>| -> Result<Steady, Failure> {
        let packs = PackQuestions::load(&context.assets)?;
        let model = rounds.deferred.clone();
        let answers = llm::answers_of(context, model, &rounds.choice, args.samples, packs, &rounds.cancel)?;
        Ok(Steady { answers, seed })
    };
    loop {
        if !rounds.wait(context, args, &unusable)? {
            return Ok(None);
        }
        // A new one each round: what it has made of earlier replies is made again from all of them.
        let grader = grader(context)?;
        rounds.survey(&grader, &args.input, out).map_err(unusable)?;
        if !rounds.send(context, &unusable)? {
            let cancel = rounds.cancel.clone();
            return Ok(Some((Chosen { grader: Box::new(grader), is_model: false, cancel }, rounds)));
        }
    }
}

impl Rounds {
    /// Notes what is asked for and not yet there, for every answer that has no grade.
    fn survey(&self, grader: &dyn AnswerGrader, input: &Path, out: &Path) -> io::Result<()> {
        let mut earlier = Earlier::read(out)?;
        let mut input = io::BufReader::with_capacity(1 << 16, File::open(input)?);
        let (mut buffer, mut number) = (Vec::new(), 0);
        let input: &mut dyn BufRead = &mut input;
        while stream::next_line(input, &mut buffer, &mut number)? {
            let line = stream::line(&buffer, number);
            if let (None, Ok(request)) = (earlier.take(&line.id), &line.request) {
                // What it says now is not final; what it asks is noted.
                let _ = grader.grade(request);
            }
        }
        Ok(())
    }

    /// Sends what is noted; false if nothing is.
    fn send(
        &self,
        context: &mut Context<'_>,
        unusable: &dyn Fn(io::Error) -> Failure,
    ) -> Result<bool, Failure> {
        let (files, requests, cost) = {
            let mut noted = self.deferred.noted();
            let (files, requests) = (noted.folder.take_files().map_err(unusable)?, noted.requests);
            (files, requests, noted.take_cost(self.choice.profile.prices()))
        };
        if files.is_empty() {
            return Ok(false);
        }
        if let (Some(cost), Some(limit)) = (cost, context.settings.max_cost.value)
            && cost > limit
        {
            return Err(Failure::user(format!(
                "the batch could cost ${cost:.2}, over the limit of ${limit:.2}; it was not sent"
            ))
            .hint("raise --max-cost; providers charge about half of this for a batch"));
        }
        for file in files {
            let lines = self.deferred.noted().folder.requests(&file).map_err(unusable)?;
            let id = self.provider.start_batch(&lines, &self.cancel).map_err(failed)?;
            self.deferred.noted().folder.started(Batch { id, ..file }).map_err(unusable)?;
        }
        context.note(&format!("{requests} requests sent as a batch; it may take a day."));
        Ok(true)
    }

    /// Waits for the batches under way and collects them; false if the user does not want to wait.
    fn wait(
        &self,
        context: &mut Context<'_>,
        args: &GradeArgs,
        unusable: &dyn Fn(io::Error) -> Failure,
    ) -> Result<bool, Failure> {
        let mut shown = None;
        // Learnt from the first refusal, needed for those that say the same.
        let habits = self.provider.batch_habits();
        loop {
            let batches = self.deferred.noted().folder.under_way().to_vec();
            let (mut running, mut done, mut all) = (0, 0, 0);
            for batch in &batches {
                all += batch.requests;
                match self.look(context, batch, &habits, unusable)? {
                    None => done += batch.requests,
                    Some(ready) => {
                        running += 1;
                        done += ready;
                    }
                }
            }
            if running == 0 {
                return Ok(true);
            }
            if shown != Some(done) {
                shown = Some(done);
                context.note(&format!("{done} of {all} requests answered so far."));
            }
            if args.no_wait {
                context.note("The provider goes on; the same command collects what it brings.");
                return Ok(false);
            }
            if self.cancel.wait(Duration::from_secs(u64::from(args.poll)), || false) {
                return Err(Failure::user("stopped waiting; the provider goes on with the batch")
                    .exit(Exit::Interrupted)
                    .hint("the same command with the same --out collects it, today or in days"));
            }
        }
    }

    /// Looks at a batch and collects it if it has ended; else says how many requests are answered.
    fn look(
        &self,
        context: &mut Context<'_>,
        batch: &Batch,
        habits: &Habits,
        unusable: &dyn Fn(io::Error) -> Failure,
    ) -> Result<Option<u64>, Failure> {
        let look = match self.provider.look_at_batch(&batch.id, &self.cancel) {
            Ok(look) => look,
            // The network may be back for the next look.
            Err(error) if passes(&error) => {
                context.note(&format!("{error}; looking again later."));
                return Ok(Some(0));
            }
            Err(error) => return Err(failed(error)),
        };
        match look.state {
            BatchState::Running => return Ok(Some(look.done + look.failed)),
            BatchState::Failed => {
                self.deferred.noted().folder.drop_batch(batch).map_err(unusable)?;
                let reason = format!("the provider refused the batch {}: {}", batch.id, look.reason);
                return Err(Failure::user(reason)
                    .exit(Exit::Provider)
                    .hint("run it again once that is mended; nothing else is lost"));
            }
            BatchState::Ended => {}
        }
        let fetched = self.deferred.noted().folder.fetched();
        let mut file = File::create(&fetched).map_err(unusable)?;
        for name in &look.files {
            let got = self.provider.fetch_batch_file(name, &self.cancel, &mut |bytes| file.write_all(bytes));
            match got {
                Ok(()) => file.write_all(b"\n").map_err(unusable)?,
                Err(error) if passes(&error) => {
                    context.note(&format!("{error}; looking again later."));
                    return Ok(Some(look.done));
                }
                Err(error) => return Err(failed(error)),
            }
        }
        file.flush().map_err(unusable)?;
        let mut again = |line: &serde_json::Value| self.provider.learn_from_batch_line(habits, line);
        self.deferred.noted().folder.collect(batch, &mut again).map_err(unusable)?;
        Ok(None)
    }
}

/// May it be over at the next look?
fn passes(error: &ModelError) -> bool {
    matches!(
        error,
        ModelError::Unreachable { .. }
            | ModelError::Silent { .. }
            | ModelError::BrokeOff { .. }
            | ModelError::Refused { refusal: Refusal::Busy | Refusal::RateLimit, .. }
    )
}

fn failed(error: ModelError) -> Failure {
    let hint = match &error {
        ModelError::Refused { refusal: Refusal::Path, .. } => {
            "this server seems to have no Batch API; leave --batch out".to_owned()
        }
        error => error.hint(),
    };
    let exit = if error.is_cancelled() { Exit::Interrupted } else { Exit::Provider };
    Failure::user(error.to_string()).hint(hint).exit(exit)
}
