//! The embedded interviewer: decides what to say next from what was heard, said and asked.
//!
//! It never repeats a question, never follows a point up more than twice, never asks about what was
//! answered, and says nothing that covers a point before the candidate did or a hint was asked for.

use std::cell::RefCell;
use std::collections::HashMap;

use super::agenda::{Agenda, AgendaPoint};
use super::hearing::{Heard, Hearing, LISTENED};
use super::lines::Lines;
use crate::assets::AssetError;
use crate::coach::{Coach, CoachError, Scene};
use crate::diagram::{self, Reviewer, Rules};
use crate::grading::{Flag, InterviewGrade, InterviewGrader, InterviewInput, Rubric, SeniorityLevel};
use crate::interview::{Act, Ask, Reply, State};
use crate::material::{LoadError, Pack, Problem};
use crate::model::Cancel;
use crate::text::Prepared;
use crate::transcript::Speaker;

/// Words of one utterance at most.
const LONGEST: usize = 58;
/// Probes and follow-ups of one point at most.
const MOST_ASKED: u8 = 2;
/// Characters of a drawing's label that are said.
const LONGEST_LABEL: usize = 40;
/// Turns of a phase after which a candidate who is ahead takes the interview along.
const SETTLED: usize = 4;

/// Interviews and grades by rules.
pub struct EmbeddedCoach {
    agenda: Agenda,
    lines: Lines,
    hearing: Hearing,
    drawings: Reviewer,
    pack: Pack,
    rubric: Rubric,
    /// Points that a line would give away, by line: the same lines are weighed turn after turn.
    gives_away: RefCell<HashMap<String, Vec<usize>>>,
}

impl EmbeddedCoach {
    /// Makes the coach ready for `problem`; `lines` is the text of `prompts/embedded-interviewer.toml`, and `rules`
    /// say what can be wrong with a drawing.
    ///
    /// # Errors
    ///
    /// [`AssetError::Faulty`] if a line's or the problem's pattern cannot be read.
    pub fn new(
        problem: &Problem,
        pack: Pack,
        rubric: Rubric,
        lines: &str,
        rules: Rules,
    ) -> Result<Self, AssetError> {
        let drawings = Reviewer::new(&pack.lexicon, rules);
        let synonyms = pack.lexicon.synonyms();
        let faulty = |fault| AssetError::Faulty { faults: vec![fault] };
        let lines = Lines::parse("prompts/embedded-interviewer.toml", lines, &synonyms).map_err(faulty)?;
        let agenda = Agenda::compile(problem, &pack, &synonyms).map_err(|error| {
            faulty(LoadError::at(&format!("problems/{}.toml", problem.id), "", 0, error.to_string()))
        })?;
        Ok(Self {
            agenda,
            lines,
            hearing: Hearing::default(),
            drawings,
            pack,
            rubric,
            gives_away: RefCell::default(),
        })
    }
}

impl Coach for EmbeddedCoach {
    fn name(&self) -> String {
        super::name()
    }

    fn reply(
        &mut self,
        scene: Scene<'_>,
        _cancel: &Cancel,
        show: &mut dyn FnMut(&str),
    ) -> Result<Reply, CoachError> {
        self.hearing.catch_up(&self.agenda, &self.lines, scene.state);
        let turn = Turn { coach: self, state: scene.state, active_ms: scene.active_ms };
        let reply = match scene.ask {
            Ask::Reply => turn.react(),
            Ask::Hint => turn.hint(),
            Ask::Clarify => turn.again(),
            Ask::Drawing => turn.drawing(),
        };
        show(&reply.text);
        Ok(reply)
    }

    fn grade(&mut self, state: &State, _cancel: &Cancel) -> Result<InterviewGrade, CoachError> {
        let failed = |error: crate::text::PatternError| CoachError::Failed {
            message: error.to_string(),
            hint: String::from("`greenroom pack lint` gives the place"),
            partial: String::new(),
        };
        let mut transcript = state.transcript();
        let mut cut = false;
        for turn in &mut transcript.turns {
            let end = turn.text.floor_char_boundary(LISTENED);
            cut |= end < turn.text.len();
            turn.text.truncate(end);
        }
        let hints = state.hints.iter().map(|(id, rung)| (id.clone(), usize::from(*rung))).collect();
        let input = InterviewInput {
            transcript: &transcript,
            problem: state.start.problem.as_deref(),
            rubric: &self.rubric,
            hints: &hints,
            level: state.start.level,
        };
        let grader = InterviewGrader::new(&self.pack).map_err(failed)?;
        let mut grade = grader.grade(&input).map_err(failed)?;
        if cut {
            grade.flags.push(Flag::Truncated);
        }
        Ok(grade)
    }
}

/// One decision: the coach, and the moment it is made in.
struct Turn<'a> {
    coach: &'a EmbeddedCoach,
    state: &'a State,
    active_ms: u64,
}

/// Something that could be said.
struct Line {
    text: String,
    act: Act,
}

impl Turn<'_> {
    fn react(&self) -> Reply {
        let Some(heard) = self.coach.hearing.turns.last() else { return self.go_on(String::new()) };
        let lines = &self.coach.lines;
        if heard.asks_for_answer
            && heard.points.values().all(|coverage| *coverage < 2)
            && let Some(text) = self.unsaid(&lines.refuse)
        {
            return self.say(vec![Line { text, act: nudge("refuse") }]);
        }
        if heard.dont_know {
            return self.help();
        }
        if heard.is_empty {
            return match self.unsaid(&lines.short) {
                Some(text) => self.say(vec![Line { text, act: nudge("short") }]),
                None => self.go_on(String::new()),
            };
        }
        if !heard.facts.is_empty() {
            return self.give_facts(&heard.facts);
        }
        if heard.moves_on && self.turns_in_phase() > 1 {
            return self.done();
        }
        if heard.asks
            && self.in_first_phase()
            && heard.points.is_empty()
            && let Some(text) = self.unsaid(&lines.assume)
        {
            return self.say(vec![Line { text, act: Act::Assume }]);
        }
        if let Some(line) = self.press() {
            return self.say(vec![line]);
        }
        if self.is_ahead() {
            return self.done();
        }
        let acknowledgement = lines.acknowledgement(
            self.state.start.style,
            self.state.start.seed,
            self.coach.hearing.turns.len(),
        );
        self.go_on(acknowledgement.to_owned())
    }

    /// Asks the next thing there is to ask, or is done with the phase.
    fn go_on(&self, lead: String) -> Reply {
        let next = self
            .component_question()
            .or_else(|| self.numbers())
            .or_else(|| self.follow_up())
            .or_else(|| self.announcement())
            .or_else(|| self.probe());
        match next {
            Some(line) => {
                // Two harmless lines can match a pattern together.
                let joined = join(&lead, &line.text);
                let text = if self.is_safe(&joined) { joined } else { line.text };
                self.say(vec![Line { text, act: line.act }])
            }
            None => self.done(),
        }
    }

    fn done(&self) -> Reply {
        if self.state.phase.is_some_and(|phase| phase + 1 == self.state.start.plan.phases.len()) {
            return self.wrap_up();
        }
        // A final acknowledgement may be said again: it asks nothing.
        let pool = &self.coach.lines.phase_done;
        let text = self.unsaid(pool).or_else(|| pool.first().cloned()).unwrap_or_default();
        Reply { text, acts: vec![nudge("phase_done")], phase_done: true, partial: false }
    }

    /// The last phase stays open for whatever the candidate wants to add, until time or candidate end it.
    fn wrap_up(&self) -> Reply {
        let act = nudge("wrap_up");
        if self.state.acts.contains(&act) {
            let turn = self.coach.hearing.turns.len();
            let text = self.coach.lines.acknowledgement(self.state.start.style, self.state.start.seed, turn);
            return self.say(vec![Line { text: text.to_owned(), act: nudge("acknowledge") }]);
        }
        self.say(vec![Line { text: self.coach.lines.wrap_up.clone(), act }])
    }

    fn say(&self, lines: Vec<Line>) -> Reply {
        let text = lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ");
        let acts = lines.into_iter().map(|line| line.act).collect();
        Reply { text, acts, phase_done: false, partial: false }
    }

    /// A line of the pool that was not said yet, the seed's choice.
    fn unsaid(&self, pool: &[String]) -> Option<String> {
        let begin = usize::try_from(self.state.start.seed % pool.len().max(1) as u64).unwrap_or(0);
        let turned = pool.iter().cycle().skip(begin).take(pool.len());
        turned.filter(|line| !self.was_said(line)).find(|line| self.is_safe(line)).cloned()
    }

    fn was_said(&self, line: &str) -> bool {
        self.state.said.iter().any(|said| said.speaker == Speaker::Interviewer && said.text.contains(line))
    }

    /// Saying it would give no point away that is still to be found.
    fn is_safe(&self, line: &str) -> bool {
        let mut known = self.coach.gives_away.borrow_mut();
        let given = known.entry(line.to_owned()).or_insert_with(|| {
            let text = Prepared::new(line);
            let points = self.coach.agenda.points.iter().enumerate();
            points.filter(|(_, point)| point.is_given_away_by(&text)).map(|(index, _)| index).collect()
        });
        given.iter().all(|&index| self.coach.hearing.coverage(index) == 2)
    }

    fn turns_in_phase(&self) -> usize {
        self.coach.hearing.turns.iter().filter(|turn| turn.phase == self.state.phase).count()
    }

    fn in_first_phase(&self) -> bool {
        self.state.phase == Some(0)
    }

    fn phase_id(&self) -> &str {
        let phase = self.state.phase.and_then(|phase| self.state.start.plan.phases.get(phase));
        phase.map_or("", |phase| phase.id.as_str())
    }

    fn give_facts(&self, ids: &[String]) -> Reply {
        let facts = ids.iter().filter_map(|id| self.coach.agenda.problem.facts.iter().find(|f| f.id == *id));
        let (mut lines, mut words, mut left) = (Vec::new(), 0, 0);
        for fact in facts {
            let more = fact.answer.split_whitespace().count();
            if lines.is_empty() || words + more <= LONGEST - 9 {
                words += more;
                lines.push(Line { text: fact.answer.clone(), act: Act::Fact { id: fact.id.clone() } });
            } else {
                left += 1;
            }
        }
        if left > 0 {
            lines.push(Line { text: self.coach.lines.facts_more.clone(), act: nudge("facts_more") });
        }
        self.say(lines)
    }

    /// Presses on claims that do not go together.
    fn press(&self) -> Option<Line> {
        let found = self.coach.hearing.inconsistencies().into_iter();
        found
            .map(|index| self.coach.agenda.inconsistency(index))
            .map(|item| Line { text: item.probe.clone(), act: Act::Inconsistency { id: item.id.clone() } })
            .find(|line| !self.state.acts.contains(&line.act))
    }

    /// The candidate already speaks of what later phases ask, and of nothing that this one does.
    fn is_ahead(&self) -> bool {
        if self.turns_in_phase() < SETTLED {
            return false;
        }
        let phases = &self.state.start.plan.phases;
        let place = |id: &str| phases.iter().position(|phase| phase.id == id);
        let now = self.state.phase.unwrap_or(0);
        let recent = self.coach.hearing.turns.iter().rev().take(2);
        let (mut here, mut later) = (0, 0);
        for (index, coverage) in recent.flat_map(|turn| &turn.points) {
            if *coverage < 2 {
                continue;
            }
            match place(&self.coach.agenda.points[*index].point.phase) {
                Some(phase) if phase > now => later += 1,
                Some(phase) if phase == now => here += 1,
                _ => {}
            }
        }
        later >= 3 && here == 0
    }

    /// About a component that was just named for the first time.
    fn component_question(&self) -> Option<Line> {
        if self.in_first_phase() || !self.turns_in_phase().is_multiple_of(2) {
            return None;
        }
        let (heard, earlier) = self.coach.hearing.turns.split_last()?;
        let named_before =
            |name: &str| earlier.iter().any(|turn| turn.components.iter().any(|c| c.name == name));
        for component in heard.components.iter().filter(|component| !named_before(&component.name)) {
            let act = Act::Component { name: component.name.clone() };
            if self.state.acts.contains(&act) {
                continue;
            }
            let kinds = &self.coach.lines.components;
            let Some(index) = kinds.iter().position(|lines| lines.kinds.contains(&component.kind)) else {
                continue;
            };
            if self.coach.hearing.turns.iter().any(|turn| turn.answers.contains(&index)) {
                continue;
            }
            let lines = &kinds[index];
            let asked = lines.ask.iter().map(|line| line.replace("{name}", &component.word));
            let fresh = asked.filter(|line| !self.was_said(line) && self.is_safe(line));
            // A template is used once, whatever the component: the question would be the same.
            let mut unused = fresh.zip(&lines.ask).filter(|(_, template)| {
                let stump = template.split("{name}").last().unwrap_or_default();
                !self.was_said(stump)
            });
            if let Some((text, _)) = unused.next() {
                return Some(Line { text, act });
            }
        }
        None
    }

    /// Asks for figures when the requirements were discussed without any.
    fn numbers(&self) -> Option<Line> {
        let due = self.turns_in_phase() >= 3 || !self.in_first_phase();
        if !due || self.coach.hearing.has_number() || self.state.acts.contains(&Act::Numbers) {
            return None;
        }
        self.unsaid(&self.coach.lines.numbers).map(|text| Line { text, act: Act::Numbers })
    }

    /// Index of the point that the interviewer asked about last, if that was its last question.
    fn current_point(&self) -> Option<usize> {
        let acts = self.state.said.iter().rev().filter(|said| said.speaker == Speaker::Interviewer);
        let id = acts.flat_map(|said| said.acts.iter().rev()).find_map(|act| match act {
            Act::Probe { id } | Act::FollowUp { id } | Act::Hint { id, .. } => Some(Some(id)),
            Act::Opening | Act::Failure { .. } | Act::Change => Some(None),
            _ => None,
        })??;
        self.coach.agenda.points.iter().position(|point| point.point.id == *id)
    }

    /// Follows up the point just asked about when the answer did not cover it.
    fn follow_up(&self) -> Option<Line> {
        let index = self.current_point()?;
        let point = &self.coach.agenda.points[index].point;
        let asked = self.state.asked.get(&point.id).copied().unwrap_or(0);
        let act = Act::FollowUp { id: point.id.clone() };
        if self.coach.hearing.coverage(index) == 2 || asked >= MOST_ASKED || self.state.acts.contains(&act) {
            return None;
        }
        // Only where something was said to follow up on.
        let spoke = self.coach.hearing.turns.last().is_some_and(|heard: &Heard| heard.words >= 8);
        let text =
            point.follow_up.clone().filter(|text| spoke && self.is_safe(text) && !self.was_said(text))?;
        Some(Line { text, act })
    }

    /// The change of requirements, or the next failure scenario, when its time has come.
    fn announcement(&self) -> Option<Line> {
        let problem = &self.coach.agenda.problem;
        match self.phase_id() {
            "detailed_design" if !self.state.acts.contains(&Act::Change) => {
                let asked =
                    self.open_points().filter(|(_, p)| self.state.asked.contains_key(&p.point.id)).count();
                let half_time = self.state.left_in_phase_ms(self.active_ms).is_some_and(|left| {
                    let budget = self.state.phase.map_or(0, |p| self.state.start.plan.phases[p].budget_s);
                    u64::try_from(left).unwrap_or(0) < budget * 500
                });
                let nothing_left = self.next_point().is_none();
                let due = asked >= 3 || half_time || nothing_left;
                due.then(|| Line { text: problem.change.announcement.clone(), act: Act::Change })
            }
            "discussion" => {
                let next = problem.failures.iter().map(|failure| Line {
                    text: failure.scenario.clone(),
                    act: Act::Failure { id: failure.id.clone() },
                });
                next.into_iter().find(|line| !self.state.acts.contains(&line.act) && self.is_safe(&line.text))
            }
            _ => None,
        }
    }

    /// Points of this phase that may be asked about now.
    fn open_points(&self) -> impl Iterator<Item = (usize, &AgendaPoint)> {
        let phase = self.phase_id();
        self.coach.agenda.points.iter().enumerate().filter(move |(_, point)| {
            let opened = match &point.opened_by_failure {
                Some(id) => self.state.acts.contains(&Act::Failure { id: id.clone() }),
                None => !point.opened_by_change || self.state.acts.contains(&Act::Change),
            };
            opened && point.point.phase == phase
        })
    }

    /// The point to ask about next: close to what was just said, then what weighs most.
    fn next_point(&self) -> Option<usize> {
        let text = self
            .coach
            .hearing
            .turns
            .last()
            .and(self.state.said.iter().rev().find(|said| said.speaker == Speaker::Candidate));
        let text = text.map(|said| Prepared::new(&said.text));
        let level = self.state.start.level;
        let rank = |index: usize, point: &AgendaPoint| {
            let near = text.as_ref().map_or(0, |text| {
                let shares = point.says.iter().chain(&point.partly).map(|pattern| pattern.share(text));
                // In hundredths: an order of whole numbers is the same on every machine.
                shares.fold(0.0_f64, f64::max).mul_add(100.0, 0.0) as u32
            });
            let fits = u32::from(point.point.level <= level.max(SeniorityLevel::Mid));
            (fits, near, std::cmp::Reverse(index))
        };
        self.open_points()
            .filter(|(index, point)| {
                let id = &point.point.id;
                self.coach.hearing.coverage(*index) < 2
                    && !self.state.asked.contains_key(id)
                    && self.is_safe(&point.point.probe)
                    && !self.was_said(&point.point.probe)
            })
            .max_by_key(|(index, point)| rank(*index, point))
            .map(|(index, _)| index)
    }

    fn probe(&self) -> Option<Line> {
        let point = &self.coach.agenda.points[self.next_point()?].point;
        Some(Line { text: point.probe.clone(), act: Act::Probe { id: point.id.clone() } })
    }

    /// Helps a candidate who does not know: a hint on what was asked, or another question.
    fn help(&self) -> Reply {
        match self.current_point().and_then(|index| self.next_rung(index)) {
            Some(line) => self.say(vec![line]),
            None => self.go_on(self.unsaid(&self.coach.lines.stuck).unwrap_or_default()),
        }
    }

    /// `/hint`: on what was asked last, or on what would be asked next.
    fn hint(&self) -> Reply {
        let open = |index: &usize| self.coach.hearing.coverage(*index) < 2;
        let target = self.current_point().filter(open).or_else(|| self.next_point());
        match target.and_then(|index| self.next_rung(index)) {
            Some(line) => self.say(vec![line]),
            None => {
                let pool = &self.coach.lines.no_more_hints;
                let text = self.unsaid(pool).or_else(|| pool.first().cloned()).unwrap_or_default();
                self.say(vec![Line { text, act: nudge("no_more_hints") }])
            }
        }
    }

    fn next_rung(&self, index: usize) -> Option<Line> {
        if self.coach.hearing.coverage(index) == 2 {
            return None;
        }
        let point = &self.coach.agenda.points[index].point;
        let rung = self.state.hints.get(&point.id).copied().unwrap_or(0);
        let text = point.hints.get(usize::from(rung))?.clone();
        Some(Line { text, act: Act::Hint { id: point.id.clone(), rung: rung + 1 } })
    }

    /// `/clarify`: the last question again.
    fn again(&self) -> Reply {
        let last =
            self.state.last_turn_of(Speaker::Interviewer).map(|last| self.state.said[last].text.as_str());
        let lead = self.coach.lines.again.first().cloned().unwrap_or_default();
        let text = join(&lead, last.unwrap_or(&self.coach.agenda.problem.statement));
        self.say(vec![Line { text, act: nudge("again") }])
    }

    /// About the drawing just made: a fault in it, what was said and not drawn, or the drawing as a whole.
    fn drawing(&self) -> Reply {
        let lines = &self.coach.lines;
        let Some((_, source)) = self.state.drawings.last() else { return self.go_on(String::new()) };
        let Ok(mut graph) = diagram::read(source) else {
            return match self.unsaid(&lines.undrawn) {
                Some(text) => self.say(vec![Line { text, act: nudge("undrawn") }]),
                None => self.go_on(String::new()),
            };
        };
        let issues = self.coach.drawings.review(&mut graph, None).map_or(Vec::new(), |review| review.issues);
        let about_faults = issues.iter().find_map(|issue| {
            let first = issue.parts.first().map_or("", String::as_str);
            let second = issue.parts.get(1).map_or("", String::as_str);
            let asks = lines.faults.get(&issue.kind)?.iter();
            let asks: Vec<String> =
                asks.map(|ask| ask.replace("{a}", &label(first)).replace("{b}", &label(second))).collect();
            // What was asked about one drawing is not asked about the next.
            if asks.iter().any(|ask| self.was_said(ask)) { None } else { self.unsaid(&asks) }
        });
        if let Some(text) = about_faults {
            return self.say(vec![Line { text, act: nudge("drawing_fault") }]);
        }
        let said: Vec<&str> = self
            .state
            .said
            .iter()
            .filter(|said| said.speaker == Speaker::Candidate)
            .map(|said| said.text.as_str())
            .collect();
        let compared = self.coach.drawings.compare(&graph, &said.join("\n"));
        let ask = |names: &[String], pool: &[String]| {
            let fresh = names
                .iter()
                .find(|name| !pool.iter().any(|line| self.was_said(&line.replace("{name}", &label(name)))))?;
            self.unsaid(&pool.iter().map(|line| line.replace("{name}", &label(fresh))).collect::<Vec<_>>())
        };
        let about_speech =
            ask(&compared.not_drawn, &lines.not_drawn).or_else(|| ask(&compared.not_said, &lines.not_said));
        match about_speech.or_else(|| self.unsaid(&lines.drawn)) {
            Some(text) => self.say(vec![Line { text, act: nudge("drawn") }]),
            None => self.go_on(String::new()),
        }
    }
}

/// A label within a sentence: on one line, and not endless.
fn label(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(LONGEST_LABEL) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

fn nudge(line: &str) -> Act {
    Act::Nudge { line: line.to_owned() }
}

/// Puts `lead` before `text` where both fit.
fn join(lead: &str, text: &str) -> String {
    let words = lead.split_whitespace().count() + text.split_whitespace().count();
    if lead.is_empty() || words > LONGEST { text.to_owned() } else { format!("{lead} {text}") }
}
