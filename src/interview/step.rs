//! PURE. The next step: what follows from what was typed, the coach's reply, and the time.
//!
//! The driver appends the events in one transaction, shows what the interviewer says in them, and
//! then performs the effects.

use super::event::{Act, Event, Mark, TimeMode, Why};
use super::state::State;
use crate::diagram;
use crate::transcript::Speaker;

/// What the coach is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A reaction to the candidate's last turn.
    Reply,
    /// The next rung of help with what is being asked.
    Hint,
    /// The last question in other words.
    Clarify,
    /// A reaction to the drawing just made.
    Drawing,
}

/// What the coach said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// The words.
    pub text: String,
    /// What they do.
    pub acts: Vec<Act>,
    /// The coach has nothing more to ask in this phase.
    pub phase_done: bool,
    /// It broke off; the text is the part that came.
    pub partial: bool,
}

/// What happened outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The session has just begun.
    Begin,
    /// The session was opened again by a new process.
    Reopened,
    /// The candidate said something.
    Turn(String),
    /// The candidate gave a command that changes the session.
    Command(Command),
    /// Time has passed.
    Tick,
    /// The coach replied.
    Replied(Reply),
    /// The coach could not reply; what the user is told.
    CoachFailed(String),
    /// There is no more input.
    EndOfInput,
}

/// The REPL's commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Show the commands.
    Help,
    /// Show the clock.
    Time,
    /// Go to the next phase.
    Next,
    /// Ask for a hint.
    Hint,
    /// Ask a question about the task, or have the last question put differently.
    Clarify(String),
    /// Draw; the source, or nothing to open the editor.
    Draw(String),
    /// Write the turn in the editor, beginning with this.
    Edit(String),
    /// Take a private note, or show them.
    Notes(String),
    /// Stop the clock.
    Pause,
    /// Let the clock run on.
    Resume,
    /// Take the last turn back.
    Back,
    /// Grade what was said so far.
    Grade,
    /// Show tokens and cost.
    Cost,
    /// Leave the session for later.
    Save,
    /// End the session.
    Quit,
}

/// A command's name and what it does.
#[derive(Clone, Copy, Debug)]
pub struct CommandHelp {
    /// With the slash.
    pub name: &'static str,
    /// What may follow it.
    pub argument: &'static str,
    /// What it does; one line.
    pub does: &'static str,
}

/// All commands in the order of the help.
pub const COMMANDS: [CommandHelp; 15] = [
    CommandHelp { name: "/help", argument: "", does: "show this list" },
    CommandHelp { name: "/time", argument: "", does: "time left in the phase and in all" },
    CommandHelp { name: "/next", argument: "", does: "close this phase and go on" },
    CommandHelp { name: "/hint", argument: "", does: "a hint; each one tells more (and is noted)" },
    CommandHelp {
        name: "/clarify",
        argument: "[QUESTION]",
        does: "ask about the task, or hear the last question again",
    },
    CommandHelp {
        name: "/draw",
        argument: "[SOURCE]",
        does: "draw (Mermaid, DOT, D2, ASCII); opens your editor",
    },
    CommandHelp { name: "/edit", argument: "[TEXT]", does: "write this turn in your editor" },
    CommandHelp { name: "/notes", argument: "[TEXT]", does: "take a private note, or show them" },
    CommandHelp { name: "/pause", argument: "", does: "stop the clock" },
    CommandHelp { name: "/resume", argument: "", does: "let the clock run on" },
    CommandHelp { name: "/back", argument: "", does: "take your last turn back" },
    CommandHelp { name: "/grade", argument: "", does: "how you stand so far" },
    CommandHelp { name: "/cost", argument: "", does: "tokens and money used" },
    CommandHelp { name: "/save", argument: "", does: "leave now, go on later" },
    CommandHelp { name: "/quit", argument: "", does: "end the interview and see the report" },
];

/// Reads a line that begins with `/`; the error names the nearest command.
///
/// # Errors
///
/// The message for the user.
pub fn parse_command(line: &str) -> Result<Command, String> {
    let line = line.trim();
    let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let argument = argument.trim().to_owned();
    Ok(match name.to_ascii_lowercase().as_str() {
        "/help" | "/?" | "/h" => Command::Help,
        "/time" => Command::Time,
        "/next" => Command::Next,
        "/hint" => Command::Hint,
        "/clarify" => Command::Clarify(argument),
        "/draw" => Command::Draw(argument),
        "/edit" => Command::Edit(argument),
        "/notes" | "/note" => Command::Notes(argument),
        "/pause" => Command::Pause,
        "/resume" => Command::Resume,
        "/back" => Command::Back,
        "/grade" => Command::Grade,
        "/cost" => Command::Cost,
        "/save" => Command::Save,
        "/quit" | "/exit" | "/q" => Command::Quit,
        unknown => {
            let near = COMMANDS
                .iter()
                .max_by(|a, b| {
                    strsim::jaro_winkler(a.name, unknown).total_cmp(&strsim::jaro_winkler(b.name, unknown))
                })
                .map_or("/help", |command| command.name);
            return Err(format!("there is no command {unknown}; did you mean {near}? /help shows all"));
        }
    })
}

/// What the driver is to do after the events are on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the coach.
    AskCoach(Ask),
    /// Tell the candidate how much time is left in the phase.
    Warn(Mark),
    /// Grade; the result is shown, and kept as an event.
    Grade,
    /// Tell the candidate that there is nothing to take back.
    NothingToTakeBack,
    /// Stop the clock, or let it run.
    RunClock(bool),
    /// The session is over, or left for later.
    Stop(Why),
}

/// Events to append and effects to perform then.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// To append in one transaction.
    pub events: Vec<Event>,
    /// To perform in order.
    pub effects: Vec<Effect>,
}

/// Says what follows from `input` at `active_ms` of active time.
pub fn step(state: &State, active_ms: u64, input: Input) -> Step {
    let mut step = Step::default();
    match input {
        Input::Begin => begin(state, &mut step),
        Input::Reopened => reopen(state, &mut step),
        Input::Turn(text) => turn(state, active_ms, text, &mut step),
        Input::Command(command) => command_step(state, command, &mut step),
        Input::Tick => tick(state, active_ms, &mut step),
        Input::Replied(reply) => replied(state, active_ms, reply, &mut step),
        Input::CoachFailed(message) => step.events.push(Event::CoachFailed { message }),
        Input::EndOfInput => end(finished_or(state, Why::EndOfInput), &mut step),
    }
    step
}

fn interviewer(text: &str, act: Act) -> Event {
    Event::Said { speaker: Speaker::Interviewer, text: text.to_owned(), acts: vec![act], partial: false }
}

fn begin(state: &State, step: &mut Step) {
    if let Some(problem) = &state.start.problem {
        step.events.push(interviewer(&problem.statement, Act::Statement));
    }
    enter(state, 0, step);
}

fn enter(state: &State, phase: usize, step: &mut Step) {
    if let Some(planned) = state.start.plan.phases.get(phase) {
        step.events.push(Event::PhaseEntered { phase });
        step.events.push(interviewer(&planned.opening, Act::Opening));
    }
}

fn reopen(state: &State, step: &mut Step) {
    step.events.push(Event::Resumed { why: Why::NewProcess });
    match state.phase {
        // Killed between the start and its first words.
        None => begin(state, step),
        // An interval of the clock begins anew, in the phase that was left.
        Some(phase) => {
            step.events.push(Event::PhaseEntered { phase });
            let waits =
                state.said.last().is_some_and(|last| last.speaker == Speaker::Candidate || last.partial);
            if waits {
                step.effects.push(Effect::AskCoach(Ask::Reply));
            }
        }
    }
}

fn turn(state: &State, active_ms: u64, text: String, step: &mut Step) {
    if text.trim().is_empty() {
        return;
    }
    if state.paused {
        resume(step);
    }
    step.events.push(Event::Said { speaker: Speaker::Candidate, text, acts: Vec::new(), partial: false });
    if is_over(state, active_ms) {
        close_phase(state, step);
    } else {
        step.effects.push(Effect::AskCoach(Ask::Reply));
    }
}

fn is_over(state: &State, active_ms: u64) -> bool {
    state.left_in_phase_ms(active_ms).is_some_and(|left| left <= 0)
}

fn replied(state: &State, active_ms: u64, reply: Reply, step: &mut Step) {
    if !reply.text.trim().is_empty() {
        step.events.push(Event::Said {
            speaker: Speaker::Interviewer,
            text: reply.text,
            acts: reply.acts,
            partial: reply.partial,
        });
    }
    if reply.phase_done && !reply.partial || state.start.time == TimeMode::Strict && is_over(state, active_ms)
    {
        close_phase(state, step);
    }
}

/// Says the closing sentence, then opens the next phase or ends the interview.
fn close_phase(state: &State, step: &mut Step) {
    let Some(phase) = state.phase else { return };
    if let Some(planned) = state.start.plan.phases.get(phase) {
        step.events.push(interviewer(&planned.closing, Act::Closing));
    }
    if phase + 1 < state.start.plan.phases.len() {
        enter(state, phase + 1, step);
    } else {
        end(Why::PlanDone, step);
    }
}

fn end(why: Why, step: &mut Step) {
    step.events.push(Event::Ended { why });
    if why != Why::SavedForLater {
        step.effects.push(Effect::Grade);
    }
    step.effects.push(Effect::Stop(why));
}

/// Whoever has reached the last phase has been through the plan.
fn finished_or(state: &State, why: Why) -> Why {
    let last = state.start.plan.phases.len().checked_sub(1);
    if state.phase == last && last.is_some() { Why::PlanDone } else { why }
}

fn resume(step: &mut Step) {
    step.events.push(Event::Resumed { why: Why::Asked });
    step.effects.push(Effect::RunClock(true));
}

fn command_step(state: &State, command: Command, step: &mut Step) {
    match command {
        Command::Next => close_phase(state, step),
        Command::Hint => {
            step.events.push(Event::HintAsked);
            step.effects.push(Effect::AskCoach(Ask::Hint));
        }
        Command::Clarify(question) if !question.is_empty() => {
            let text = if question.ends_with('?') { question } else { format!("{question}?") };
            step.events.push(Event::Said {
                speaker: Speaker::Candidate,
                text,
                acts: Vec::new(),
                partial: false,
            });
            step.effects.push(Effect::AskCoach(Ask::Reply));
        }
        Command::Clarify(_) => step.effects.push(Effect::AskCoach(Ask::Clarify)),
        Command::Draw(source) if !source.trim().is_empty() => {
            // What no reader knows is kept too: its author can mend it.
            let format = diagram::read(&source).map_or("text", |graph| graph.format.name());
            step.events.push(Event::Drawn { format: format.to_owned(), source });
            step.effects.push(Effect::AskCoach(Ask::Drawing));
        }
        Command::Notes(text) if !text.is_empty() => step.events.push(Event::Noted { text }),
        Command::Pause if !state.paused => {
            step.events.push(Event::Paused { why: Why::Asked });
            step.effects.push(Effect::RunClock(false));
        }
        Command::Resume if state.paused => resume(step),
        Command::Back => match state.last_turn_of(Speaker::Candidate) {
            Some(_) => step.events.push(Event::TookBack),
            None => step.effects.push(Effect::NothingToTakeBack),
        },
        Command::Grade => step.effects.push(Effect::Grade),
        Command::Save => end(Why::SavedForLater, step),
        Command::Quit => end(finished_or(state, Why::Quit), step),
        // The console shows these; the session does not change.
        _ => {}
    }
}

fn tick(state: &State, active_ms: u64, step: &mut Step) {
    let (Some(phase), Some(left_ms)) = (state.phase, state.left_in_phase_ms(active_ms)) else { return };
    if state.paused || state.ended.is_some() {
        return;
    }
    if left_ms <= 0 && state.start.time == TimeMode::Strict {
        close_phase(state, step);
        return;
    }
    let budget_ms = state.start.plan.phases.get(phase).map_or(0, |planned| planned.budget_s * 1000);
    let left = u64::try_from(left_ms).unwrap_or(0);
    let due = [
        (Mark::LastFifth, left <= budget_ms / 5),
        (Mark::LastMinute, left <= 60_000 && budget_ms > 60_000),
        (Mark::Over, left == 0),
    ];
    let new: Vec<Mark> = due
        .into_iter()
        .filter(|&(mark, is_due)| is_due && !state.warned.contains(&(phase, mark)))
        .map(|(mark, _)| mark)
        .collect();
    step.events.extend(new.iter().map(|&mark| Event::Warned { phase, mark }));
    // When several fall due at once, after a resume, the last says all there is to say.
    step.effects.extend(new.last().map(|&mark| Effect::Warn(mark)));
}
