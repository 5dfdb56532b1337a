//! A wall clock that jumps, years back and forth, in the middle of an interview: the interview's own time does not
//! follow it, and everything that is made of the log still is.

use std::cell::Cell;

use greenroom::assets::Assets;
use greenroom::clock::{Clock, Reading};
use greenroom::coach::{Coach, EmbeddedCoach};
use greenroom::interview::{Plan, SessionKind, Start, Style, TimeMode, Why};
use greenroom::session::Session;
use greenroom::store::Store;
use greenroom::terminal::{Entry, ScriptedConsole};

use crate::support::{Home, assert_sound};

const YEAR_MS: i64 = 365 * 86_400_000;

/// Each look is two seconds of active time later, and anywhere in wall time.
struct Jumping {
    looks: Cell<u64>,
    active_ms: Cell<u64>,
}

impl Clock for Jumping {
    fn now(&self) -> Reading {
        let look = self.looks.get();
        self.looks.set(look + 1);
        self.active_ms.set(self.active_ms.get() + 2000);
        // 2026, 1970, 2095, before 1970, ...
        let at_ms =
            [56 * YEAR_MS, 0, 125 * YEAR_MS, -YEAR_MS, 56 * YEAR_MS + 1, 30 * YEAR_MS][look as usize % 6];
        Reading { at_ms, active_ms: self.active_ms.get() }
    }

    fn set_running(&self, _: bool) {}

    fn set_active(&self, active_ms: u64) {
        self.active_ms.set(active_ms);
    }
}

fn begin(coach: &dyn Coach, assets: &Assets) -> Start {
    let pack = assets.pack("system-design").unwrap();
    let problem = pack.problem("url-shortener").unwrap().clone();
    Start {
        kind: SessionKind::Interview,
        version: "0".into(),
        title: problem.title.clone(),
        pack: pack.manifest.id.clone(),
        pack_version: 1,
        problem_id: Some(problem.id.clone()),
        problem: Some(Box::new(problem)),
        rubric: pack.manifest.rubric.clone(),
        digests: Default::default(),
        plan: Plan::scaled(&pack.manifest.phases, 60).unwrap(),
        level: greenroom::grading::SeniorityLevel::Senior,
        style: Style::Neutral,
        time: TimeMode::Soft,
        coach: coach.name(),
        seed: 1,
        forked_from: None,
    }
}

#[test]
fn a_wall_clock_that_jumps_moves_no_deadline_and_breaks_no_page() {
    let (home, assets) = (Home::new(), Assets::embedded());
    let pack = assets.pack("system-design").unwrap();
    let problem = pack.problem("url-shortener").unwrap().clone();
    let coach = || -> Box<dyn Coach> {
        let lines = assets.prompt_data("embedded-interviewer").unwrap();
        let rubric = assets.rubric(&pack.manifest.rubric).unwrap();
        let rules = assets.diagram_rules().unwrap();
        Box::new(EmbeddedCoach::new(&problem, pack.clone(), rubric, &lines, rules).unwrap())
    };
    let clock = Jumping { looks: Cell::new(0), active_ms: Cell::new(0) };
    let mut store = Store::open(home.path()).unwrap();
    let id = "01a231aa-206d-767c-90c7-000000000001".to_owned();
    let turn = |number: usize| Entry::Turn(format!("In step {number} we keep the links in a table."));
    let start = begin(coach().as_ref(), &assets);
    let mut session = Session::begin(&mut store, id.clone(), start, &clock, coach()).unwrap();
    let entries = (0..8).map(turn).chain([Entry::Command("/save".into())]);
    assert_eq!(session.hold(&mut ScriptedConsole::new(entries)).unwrap(), Why::SavedForLater);
    drop(session);
    let mut session = Session::reopen(&mut store, id.clone(), &clock, coach()).unwrap();
    let entries = (8..12).map(turn).chain([Entry::Command("/quit".into())]);
    session.hold(&mut ScriptedConsole::new(entries)).unwrap();
    drop(session);
    let log = store.read(&id).unwrap();
    assert!(log.windows(2).all(|pair| pair[0].active_ms <= pair[1].active_ms), "its own time runs forwards");
    assert!(log.last().unwrap().active_ms < 3_600_000, "and no faster than it should");
    assert!(log.windows(2).any(|pair| pair[0].at_ms > pair[1].at_ms), "the wall clock went back");
    drop(store);
    assert_sound(&home);
    for arguments in [
        &["sessions", "list"][..],
        &["sessions", "show", &id],
        &["report"],
        &["report", "--format", "html"],
        &["progress"],
        &["progress", "--format", "html"],
        &["drill", "--list"],
        &["checklist"],
        &[],
    ] {
        let ran = home.run(arguments, "");
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
    }
}
