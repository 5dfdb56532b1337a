//! The driver: perform the effect, take the input, step, append the events, then show them.
//!
//! What the candidate said is on disk before anything answers it; so a session can be killed
//! anywhere, and going on is a fold over its log.

use std::time::Duration;

use crate::clock::Clock;
use crate::coach::{Coach, CoachError, Scene};
use crate::diagram;
use crate::error::{Exit, Failure};
use crate::grading::{Assessment, InterviewGrade};
use crate::interrupt::{Asked, Interrupts};
use crate::interview::{
    Ask, COMMANDS, Command, Effect, Event, Input, Mark, Record, ReplayError, Reply, Start, State, Why,
    parse_command, step,
};
use crate::model::Cancel;
use crate::store::{SessionLock, Store, StoreError};
use crate::terminal::{Choice, Console, Entry};
use crate::text::sanitise;
use crate::transcript::Speaker;

/// How often the clock is looked at while somebody types.
const TICK: Duration = Duration::from_millis(250);
/// Every how many ticks clock and draft are kept.
const BEAT: u32 = 8;
/// Longest wait between two tries while the coach's provider is down, in seconds.
const LONGEST_WAIT_S: u64 = 60;

/// What follows when the coach did not reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// Ask again.
    Ask,
    /// Ask the other coach, for this once.
    AskOther,
    /// Ask again by and by, as often as it takes.
    Wait { tries: u32 },
    /// Leave.
    Stop(Why),
}

/// Parts of a drawing that were not read and are told of.
const MOST_REMARKS: usize = 5;

/// Why a session cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log is no interview.
    #[error("the session {session} cannot be replayed: {source}")]
    Replay {
        /// Which.
        session: String,
        /// Why.
        source: ReplayError,
    },
    /// The process was asked to stop.
    #[error("interrupted; everything said is saved")]
    Interrupted {
        /// The session to go on with.
        session: String,
    },
    /// The coach failed and nobody was there to decide what to do.
    #[error("{message}")]
    Coach {
        /// What happened.
        message: String,
        /// What to try next.
        hint: String,
    },
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Store(error) => error.into(),
            SessionError::Replay { .. } => Self::user(error.to_string())
                .hint("`greenroom sessions export` writes the log as it is, for a bug report"),
            SessionError::Interrupted { ref session } => Self::user(error.to_string())
                .hint(format!("go on with `greenroom interview --resume {session}`"))
                .exit(Exit::Interrupted),
            SessionError::Coach { message, hint } => Self::user(message).hint(hint).exit(Exit::Provider),
        }
    }
}

/// One session, open in this process.
pub struct Session<'a> {
    store: &'a mut Store,
    id: String,
    state: State,
    clock: &'a dyn Clock,
    coach: Box<dyn Coach + 'a>,
    fallback: Option<Box<dyn Coach + 'a>>,
    cancel: Cancel,
    interrupts: Interrupts,
    /// The clock is stopped because the coach does not answer.
    waits: bool,
    _lock: SessionLock,
}

impl<'a> Session<'a> {
    /// Begins a new session.
    ///
    /// # Errors
    ///
    /// [`SessionError::Store`].
    pub fn begin(
        store: &'a mut Store,
        id: String,
        start: Start,
        clock: &'a dyn Clock,
        coach: Box<dyn Coach + 'a>,
    ) -> Result<Self, SessionError> {
        let lock = SessionLock::take(store.folder(), &id)?;
        let now = clock.now();
        let record = Record {
            seq: 0,
            at_ms: now.at_ms,
            active_ms: now.active_ms,
            event: Event::Started(Box::new(start)),
        };
        store.append(&id, std::slice::from_ref(&record))?;
        let state = State::replay([&record])
            .map_err(|source| SessionError::Replay { session: id.clone(), source })?;
        Ok(Self::open(store, id, state, clock, coach, lock))
    }

    /// Opens a session that was left or killed; the clock goes on from its last beat.
    ///
    /// # Errors
    ///
    /// [`SessionError`], also if another process has it open.
    pub fn reopen(
        store: &'a mut Store,
        id: String,
        clock: &'a dyn Clock,
        coach: Box<dyn Coach + 'a>,
    ) -> Result<Self, SessionError> {
        let lock = SessionLock::take(store.folder(), &id)?;
        let state = replay(store, &id)?;
        let beat = store.last_beat(&id)?.map_or(0, |(active_ms, _)| active_ms);
        clock.set_active(state.active_ms.max(if state.ended.is_none() { beat } else { 0 }));
        Ok(Self::open(store, id, state, clock, coach, lock))
    }

    fn open(
        store: &'a mut Store,
        id: String,
        state: State,
        clock: &'a dyn Clock,
        coach: Box<dyn Coach + 'a>,
        lock: SessionLock,
    ) -> Self {
        Self {
            store,
            id,
            state,
            clock,
            coach,
            fallback: None,
            cancel: Cancel::new(),
            interrupts: Interrupts::default(),
            waits: false,
            _lock: lock,
        }
    }

    /// Another coach to offer when this one fails.
    pub fn with_fallback(mut self, coach: Box<dyn Coach + 'a>) -> Self {
        self.fallback = Some(coach);
        self
    }

    /// `cancel` ends the coach's reply when it is raised; `interrupts` tells what signals asked for.
    pub fn with_interrupts(mut self, cancel: Cancel, interrupts: Interrupts) -> Self {
        (self.cancel, self.interrupts) = (cancel, interrupts);
        self
    }

    /// The session's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The interview as it stands.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Holds the interview until it ends or is left; returns why.
    ///
    /// # Errors
    ///
    /// [`SessionError`]; everything acknowledged is on disk.
    pub fn hold(&mut self, console: &mut dyn Console) -> Result<Why, SessionError> {
        let first = if self.state.next_seq == 1 { Input::Begin } else { Input::Reopened };
        if first == Input::Reopened {
            self.recall(console)?;
        }
        let mut stopped = self.take(first, console)?;
        let (mut ticks, mut kept) = (0_u32, String::new());
        while stopped.is_none() {
            let mut entry = console.read(&self.prompt(), TICK);
            ticks += 1;
            if ticks.is_multiple_of(BEAT) || (entry == Entry::Nothing && console.draft() != kept) {
                kept = console.draft();
                self.store.beat(&self.id, self.clock.now().active_ms, &kept)?;
            }
            match self.interrupts.take() {
                // At a person's prompt Ctrl-C is a key, but pressed while the terminal changes hands
                // between two lines it comes as a signal.
                Some(Asked::Interrupt) if console.is_interactive() && entry == Entry::Nothing => {
                    entry = Entry::Interrupted;
                }
                Some(Asked::Interrupt) if console.is_interactive() => {}
                Some(_) => return Err(self.interrupted(console)),
                None => {}
            }
            stopped = match entry {
                Entry::Nothing => self.take(Input::Tick, console)?,
                Entry::Turn(text) => self.turn(text, console)?,
                Entry::Command(line) => self.command(&line, console)?,
                Entry::Interrupted => {
                    console.tell(
                        "Ctrl-C stops a reply. To leave: /save keeps the interview for later, /quit ends it.",
                    );
                    None
                }
                Entry::EndOfInput => self.leave(console)?,
            };
        }
        self.store.beat(&self.id, self.clock.now().active_ms, "")?;
        Ok(stopped.unwrap_or(Why::EndOfInput))
    }

    /// Keeps clock and draft for the next process.
    fn interrupted(&mut self, console: &mut dyn Console) -> SessionError {
        match self.store.beat(&self.id, self.clock.now().active_ms, &console.draft()) {
            Ok(()) => SessionError::Interrupted { session: self.id.clone() },
            Err(error) => error.into(),
        }
    }

    fn turn(&mut self, text: String, console: &mut dyn Console) -> Result<Option<Why>, SessionError> {
        // Time that passed before the turn may have warned, or closed the phase, first.
        let stopped = self.take(Input::Tick, console)?;
        if stopped.is_some() {
            return Ok(stopped);
        }
        if self.state.paused {
            console.tell("The clock runs again.");
        }
        self.take(Input::Turn(text), console)
    }

    /// Ctrl-D asks a person; a pipe that has ended has said all there is.
    fn leave(&mut self, console: &mut dyn Console) -> Result<Option<Why>, SessionError> {
        if !console.is_interactive() {
            return self.take(Input::EndOfInput, console);
        }
        let answer = console.choose(Choice {
            question: "Leave?",
            answers: &[('s', "save, go on later"), ('e', "end now, see the report"), ('c', "continue")],
        });
        match answer {
            'e' => self.take(Input::Command(Command::Quit), console),
            'c' => Ok(None),
            _ => self.take(Input::Command(Command::Save), console),
        }
    }

    /// Reminds a person of where the interview stood.
    fn recall(&mut self, console: &mut dyn Console) -> Result<(), SessionError> {
        let turns = self.state.said.iter().filter(|said| said.speaker == Speaker::Candidate).count();
        console.tell(&format!("Going on with \"{}\", {turns} turns in.", self.state.start.title));
        let said = self.state.said.iter().filter(|said| said.speaker == Speaker::Candidate);
        said.for_each(|said| console.remember(&said.text));
        if console.is_interactive()
            && let Some(last) = self.state.last_turn_of(Speaker::Interviewer)
        {
            console.say(&self.state.said[last].text.clone());
        }
        if let Some((_, draft)) = self.store.last_beat(&self.id)?
            && !draft.is_empty()
        {
            console.set_draft(draft);
        }
        Ok(())
    }

    fn command(&mut self, line: &str, console: &mut dyn Console) -> Result<Option<Why>, SessionError> {
        let command = match parse_command(line) {
            Ok(command) => command,
            Err(message) => {
                console.tell(&message);
                return Ok(None);
            }
        };
        match &command {
            Command::Help => console.tell(&help()),
            Command::Time => console.tell(&self.time()),
            Command::Cost => console.tell(&self.cost()),
            Command::Notes(text) if text.is_empty() => console.tell(&self.notes()),
            Command::Edit(text) => return self.edit(text, console),
            Command::Draw(source) if source.trim().is_empty() => return self.draw(console),
            Command::Draw(source) => return self.drawn(source.clone(), console),
            Command::Resume if !self.state.paused => console.tell("The clock is running."),
            Command::Pause if self.state.paused => console.tell("The clock is stopped; /resume lets it run."),
            Command::Pause => {
                let stopped = self.take(Input::Command(command), console)?;
                console.tell("Paused. /resume goes on.");
                return Ok(stopped);
            }
            Command::Back => {
                let stopped = self.take(Input::Command(command), console)?;
                console.tell("Taken back.");
                return Ok(stopped);
            }
            Command::Quit if console.is_interactive() => {
                let answer = console.choose(Choice {
                    question: "End the interview?",
                    answers: &[('n', "no"), ('y', "yes, show the report")],
                });
                if answer == 'y' {
                    return self.take(Input::Command(command), console);
                }
            }
            Command::Notes(_) => {
                let stopped = self.take(Input::Command(command), console)?;
                console.tell("Noted, for you alone.");
                return Ok(stopped);
            }
            _ => return self.take(Input::Command(command), console),
        }
        self.take(Input::Tick, console)
    }

    fn edit(&mut self, text: &str, console: &mut dyn Console) -> Result<Option<Why>, SessionError> {
        match console.edit(text, "md") {
            Some(edited) if edited.trim().is_empty() => console.tell("Nothing was written."),
            Some(edited) => return self.turn(edited.trim().to_owned(), console),
            None => console.tell("No editor: set VISUAL or EDITOR."),
        }
        Ok(None)
    }

    fn draw(&mut self, console: &mut dyn Console) -> Result<Option<Why>, SessionError> {
        let last =
            self.state.drawings.last().map_or("flowchart LR\n  client --> service\n", |(_, source)| source);
        let last = last.to_owned();
        match console.edit(&last, "mmd") {
            Some(drawn) if drawn.trim().is_empty() => console.tell("Nothing was drawn."),
            Some(drawn) if drawn == last => console.tell("Nothing was changed."),
            Some(drawn) => return self.drawn(drawn, console),
            None => console.tell("No editor: set VISUAL or EDITOR, or write the drawing after /draw."),
        }
        Ok(None)
    }

    /// Says what was read of a drawing, keeps it and lets the interviewer look at it.
    fn drawn(&mut self, source: String, console: &mut dyn Console) -> Result<Option<Why>, SessionError> {
        let number = self.state.drawings.len() + 1;
        match diagram::read(&source) {
            Ok(graph) => {
                let mut told = format!(
                    "Drawing {number} ({}): {} components, {} connections.",
                    graph.format.name(),
                    graph.components.len(),
                    graph.edges.len()
                );
                for remark in graph.remarks.iter().take(MOST_REMARKS) {
                    told += &format!("\n  not read, line {}: {}", remark.line, remark.message);
                }
                console.tell(&sanitise(&told));
            }
            Err(error) => console.tell(&sanitise(&format!(
                "Drawing {number} is kept as you wrote it, but cannot be read: {error}. /draw opens it again."
            ))),
        }
        self.take(Input::Command(Command::Draw(source)), console)
    }

    /// Steps, appends, shows, performs; returns why the session stops, if it does.
    fn take(&mut self, input: Input, console: &mut dyn Console) -> Result<Option<Why>, SessionError> {
        let was_shown = matches!(input, Input::Replied(_));
        let phase = self.state.phase;
        let made = step(&self.state, self.clock.now().active_ms, input);
        self.append(made.events.clone())?;
        for (number, event) in made.events.iter().enumerate() {
            if let Event::Said { speaker: Speaker::Interviewer, text, .. } = event {
                // A reply was shown as it came; what step adds to it was not.
                if !(was_shown && number == 0) {
                    console.say(&sanitise(text));
                }
            }
            if let Event::PhaseEntered { phase } = event {
                self.announce(*phase, console);
            }
        }
        if self.state.phase != phase || self.state.ended.is_some() {
            self.coach.phase_ended(&self.state);
        }
        let mut stopped = None;
        for effect in made.effects {
            match effect {
                Effect::AskCoach(ask) => {
                    let more = self.ask(&ask, console)?;
                    stopped = stopped.or(more);
                }
                Effect::Warn(mark) => console.tell(&self.warning(mark)),
                Effect::Grade => self.grade(console)?,
                Effect::NothingToTakeBack => console.tell("You have said nothing yet."),
                Effect::RunClock(running) => self.clock.set_running(running),
                Effect::Stop(why) => stopped = Some(why),
            }
        }
        Ok(stopped)
    }

    fn append(&mut self, events: Vec<Event>) -> Result<(), SessionError> {
        if events.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        // A heartbeat of another clock reading must not order the log backwards.
        let active_ms = now.active_ms.max(self.state.active_ms);
        let records: Vec<Record> = events
            .into_iter()
            .zip(self.state.next_seq..)
            .map(|(event, seq)| Record { seq, at_ms: now.at_ms, active_ms, event })
            .collect();
        self.store.append(&self.id, &records)?;
        for record in &records {
            self.state
                .apply(record)
                .map_err(|source| SessionError::Replay { session: self.id.clone(), source })?;
        }
        Ok(())
    }

    /// Asks the coach until it replies, the user gives up, or another coach takes over.
    fn ask(&mut self, ask: &Ask, console: &mut dyn Console) -> Result<Option<Why>, SessionError> {
        let mut next = Next::Ask;
        loop {
            self.cancel.reset();
            let scene = Scene { state: &self.state, active_ms: self.clock.now().active_ms, ask };
            let coach = match (&next, &mut self.fallback) {
                (Next::AskOther, Some(other)) => other,
                _ => &mut self.coach,
            };
            console.busy("thinking");
            let replied = coach.reply(scene, &self.cancel, &mut |piece| console.stream(piece));
            let events = coach.take_events();
            self.append(events)?;
            console.idle();
            match replied {
                Ok(reply) => {
                    console.end_stream();
                    self.stop_waiting()?;
                    let stopped = self.take(Input::Replied(reply), console)?;
                    if next == Next::AskOther {
                        self.append(vec![Event::CoachSwitched { coach: self.coach.name() }])?;
                    }
                    return Ok(stopped);
                }
                Err(CoachError::Stopped { partial }) => {
                    let asked = self.interrupts.take_late();
                    if !partial.is_empty() {
                        console.end_stream();
                    }
                    self.stop_waiting()?;
                    let reply = Reply { text: partial, partial: true, ..Reply::default() };
                    if asked == Some(Asked::End) {
                        self.take(Input::Replied(reply), console)?;
                        return Err(self.interrupted(console));
                    }
                    console.tell("Stopped; your turn is kept.");
                    return self.take(Input::Replied(reply), console);
                }
                Err(CoachError::Failed { message, hint, partial }) => {
                    if !partial.is_empty() {
                        console.end_stream();
                        let reply = Reply { text: partial, partial: true, ..Reply::default() };
                        self.take(Input::Replied(reply), console)?;
                    }
                    next = match next {
                        Next::Wait { tries } if self.wait(tries, console)? => Next::Wait { tries: tries + 1 },
                        _ => self.after_failure(message, hint, console)?,
                    };
                    if let Next::Stop(why) = next {
                        return Ok(Some(why));
                    }
                }
            }
        }
    }

    /// Tells of a failure and offers what can be done.
    fn after_failure(
        &mut self,
        message: String,
        hint: String,
        console: &mut dyn Console,
    ) -> Result<Next, SessionError> {
        self.take(Input::CoachFailed(message.clone()), console)?;
        if !console.is_interactive() {
            self.append(vec![Event::Ended { why: Why::SavedForLater }])?;
            let hint =
                format!("{hint}; your turn is saved: go on with `greenroom interview --resume {}`", self.id);
            return Err(SessionError::Coach { message, hint });
        }
        console.tell(&format!("error: {message}\nhint: {hint}\nYour turn is saved."));
        self.offer(console)
    }

    /// Lets the person choose what to do about a coach that does not answer.
    fn offer(&mut self, console: &mut dyn Console) -> Result<Next, SessionError> {
        let mut answers = vec![('r', "retry"), ('w', "wait, clock stopped"), ('s', "save and leave")];
        if self.fallback.is_some() {
            answers.push(('t', "the embedded coach for this turn"));
            answers.push(('e', "the embedded coach from here on"));
        }
        let answer = console.choose(Choice { question: "The coach did not answer.", answers: &answers });
        if self.interrupts.take() == Some(Asked::End) {
            return Err(self.interrupted(console));
        }
        match (answer, &self.fallback) {
            ('s', _) => {
                let why = self.take(Input::Command(Command::Save), console)?;
                return Ok(Next::Stop(why.unwrap_or(Why::SavedForLater)));
            }
            ('w', _) => {
                if !self.state.paused {
                    self.waits = true;
                    self.clock.set_running(false);
                    self.append(vec![Event::Paused { why: Why::Provider }])?;
                }
                if self.wait(0, console)? {
                    return Ok(Next::Wait { tries: 1 });
                }
                return self.offer(console);
            }
            ('t', Some(other)) => {
                let coach = other.name();
                console.tell(&format!("{coach} answers this turn; the report says so."));
                self.append(vec![Event::CoachSwitched { coach }])?;
                return Ok(Next::AskOther);
            }
            _ => {}
        }
        if answer == 'e'
            && let Some(coach) = self.fallback.take()
        {
            let name = coach.name();
            self.coach = coach;
            self.append(vec![Event::CoachSwitched { coach: name.clone() }])?;
            console.tell(&format!("From here {name} interviews; the report says so."));
        }
        Ok(Next::Ask)
    }

    /// Waits before the next try, longer each time; false if the user does not want to wait any more.
    fn wait(&mut self, tries: u32, console: &mut dyn Console) -> Result<bool, SessionError> {
        let seconds = LONGEST_WAIT_S.min(5 << tries.min(8));
        console.tell(&format!(
            "Waiting for the model, with the clock stopped; next try in {seconds} s. Ctrl-C stops waiting."
        ));
        let ending = std::cell::Cell::new(false);
        let is_over = || {
            ending.set(self.interrupts.take() == Some(Asked::End));
            ending.get()
        };
        let stopped = self.cancel.wait(Duration::from_secs(seconds), is_over);
        if ending.get() {
            return Err(self.interrupted(console));
        }
        if stopped {
            self.interrupts.take_late();
            self.cancel.reset();
            self.stop_waiting()?;
        }
        Ok(!stopped)
    }

    /// Lets the clock run again if it was stopped to wait for the coach.
    fn stop_waiting(&mut self) -> Result<(), SessionError> {
        if !self.waits {
            return Ok(());
        }
        self.waits = false;
        self.clock.set_running(true);
        self.append(vec![Event::Resumed { why: Why::Provider }])
    }

    fn grade(&mut self, console: &mut dyn Console) -> Result<(), SessionError> {
        self.cancel.reset();
        console.busy("grading");
        let graded = self.coach.grade(&self.state, &self.cancel);
        console.idle();
        let mut events = self.coach.take_events();
        let ended = self.state.ended.is_some();
        match graded {
            Ok(grade) => {
                if !ended {
                    console.tell(&standing(&grade));
                }
                events.push(Event::Graded { grade: Box::new(grade) });
            }
            Err(error) => {
                console.tell(&format!(
                    "There is no grade yet: {error}. Ask again with /grade, or `greenroom report --grade {}`.",
                    self.id
                ));
                events.push(Event::GradeFailed { grader: self.coach.name(), message: error.to_string() });
            }
        }
        self.append(events)
    }

    fn announce(&self, phase: usize, console: &mut dyn Console) {
        if let Some(planned) = self.state.start.plan.phases.get(phase) {
            let now = self.clock.now().active_ms;
            let left = self.state.left_in_phase_ms(now).unwrap_or(0);
            console.tell(&format!("── {} · {} ──", planned.title, clock_face(left)));
        }
    }

    fn prompt(&self) -> String {
        let now = self.clock.now().active_ms;
        match (
            self.state.phase.and_then(|p| self.state.start.plan.phases.get(p)),
            self.state.left_in_phase_ms(now),
        ) {
            (Some(phase), Some(left)) if self.state.paused => {
                format!("[{} {} paused] > ", phase.title, clock_face(left))
            }
            (Some(phase), Some(left)) => format!("[{} {}] > ", phase.title, clock_face(left)),
            _ => String::from("> "),
        }
    }

    fn time(&self) -> String {
        let now = self.clock.now().active_ms;
        let used = self.state.time_used(now);
        let mut lines = Vec::new();
        for (index, phase) in self.state.start.plan.phases.iter().enumerate() {
            let mark = if self.state.phase == Some(index) { ">" } else { " " };
            let used_ms = i64::try_from(used.phases_ms[index]).unwrap_or(i64::MAX);
            let planned = i64::try_from(phase.budget_s * 1000).unwrap_or(i64::MAX);
            lines.push(format!(
                "{mark} {:20} used {:>8} of {:>8}",
                phase.title,
                clock_face(used_ms),
                clock_face(planned)
            ));
        }
        let left = self.state.left_in_phase_ms(now).unwrap_or(0);
        lines.push(format!(
            "Left: {} in this phase, {} in all.",
            clock_face(left),
            clock_face(self.state.left_ms(now))
        ));
        lines.join("\n")
    }

    fn warning(&self, mark: Mark) -> String {
        let left = self.state.left_in_phase_ms(self.clock.now().active_ms).unwrap_or(0);
        let title = self
            .state
            .phase
            .and_then(|p| self.state.start.plan.phases.get(p))
            .map_or("", |p| p.title.as_str());
        match mark {
            Mark::Over => format!("Time is up for {title}. Finish your thought; we move on after your turn."),
            Mark::LastFifth | Mark::LastMinute => format!("{} left in {title}.", clock_face(left)),
        }
    }

    fn notes(&self) -> String {
        if self.state.notes.is_empty() {
            return String::from("No notes. /notes TEXT takes one.");
        }
        self.state.notes.iter().map(|note| format!("- {note}")).collect::<Vec<_>>().join("\n")
    }

    fn cost(&self) -> String {
        match self.state.usage {
            None => String::from("No model was asked: nothing was sent, nothing was spent."),
            Some(usage) => {
                let cost = usage
                    .cost_usd
                    .map_or_else(|| String::from("no prices in the profile"), |cost| format!("${cost:.4}"));
                format!(
                    "{} tokens sent ({} from the server's cache), {} received; {cost}.",
                    usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens
                )
            }
        }
    }
}

/// Replays a session from the store.
///
/// # Errors
///
/// [`SessionError`].
pub fn replay(store: &Store, id: &str) -> Result<State, SessionError> {
    let log = store.read(id)?;
    State::replay(&log).map_err(|source| SessionError::Replay { session: id.to_owned(), source })
}

fn help() -> String {
    let commands = COMMANDS.iter().map(|command| {
        let call = format!("{} {}", command.name, command.argument);
        format!("{:20} {}", call.trim_end(), command.does)
    });
    let keys = format!("{:20} Tab completes, Alt-Enter begins a new line, Ctrl-C stops a reply", "keys");
    commands.chain([keys]).collect::<Vec<_>>().join("\n")
}

/// One line a criterion.
fn standing(grade: &InterviewGrade) -> String {
    let lines = grade.criteria.iter().map(|criterion| {
        let level = match &criterion.assessment {
            Assessment::Assessed { level, .. } => format!("{} of 4", level.get()),
            Assessment::NotAssessed { .. } => String::from("not assessed"),
        };
        format!("{:28} {level}", criterion.id.replace('_', " "))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Minutes and seconds, or hours too; a time that is over has a minus. Rounded down to the second,
/// away from promising time that is not there.
fn clock_face(ms: i64) -> String {
    let seconds = ms.div_euclid(1000);
    let (sign, seconds) =
        if seconds < 0 { ("-", seconds.unsigned_abs()) } else { ("", seconds.unsigned_abs()) };
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{sign}{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{sign}{minutes}:{seconds:02}")
    }
}
