use std::collections::BTreeMap;

use super::change::Change;
use super::track::{Mark, Track};
use super::*;
use crate::interview::SessionKind;
use crate::schedule::{Card, CriterionMark, Outcome, PracticeDay, Rating, Review, Scheduler, Standing};

fn standing(day: i32, kind: SessionKind, subject: &str, score: f64, criteria: &[(&str, f64)]) -> Standing {
    let criteria = criteria
        .iter()
        .map(|(id, score)| CriterionMark { id: (*id).into(), score: *score, spread: None })
        .collect();
    let outcome = Outcome {
        kind,
        subject: Some(subject.into()),
        grader: "embedded".into(),
        rubric: "system-design".into(),
        score: Some(score),
        senior: (kind == SessionKind::Interview).then_some(crate::grading::Verdict::No),
        criteria,
    };
    Standing { session: format!("s{day}"), day: Day(day), outcome }
}

#[test]
fn a_change_within_the_graders_spread_is_not_called_progress() {
    let steady = Change::of(&[2.0, 2.0, 2.4, 2.4], 0.5);
    assert_eq!((steady.direction, steady.by, steady.noise), (Direction::WithinNoise, Some(0.4), Some(0.5)));
    let better = Change::of(&[2.0, 2.0, 2.6, 2.6], 0.5);
    assert_eq!(better.direction, Direction::Better);
}

#[test]
fn a_change_that_chance_explains_is_not_called_progress() {
    // A whole level up, but the grades jump by as much from one interview to the next.
    let jumpy = Change::of(&[1.0, 3.0, 2.0, 4.0], 0.2);
    assert_eq!((jumpy.direction, jumpy.by), (Direction::WithinNoise, Some(1.0)));
    let steady: Vec<f64> = [[2.0, 2.2, 1.8, 2.1, 1.9], [3.0, 3.2, 2.8, 3.1, 2.9]].concat();
    assert_eq!(Change::of(&steady, 0.5).direction, Direction::Better);
    let falling: Vec<f64> = steady.iter().rev().copied().collect();
    assert_eq!(Change::of(&falling, 0.5).direction, Direction::Worse);
}

#[test]
fn three_grades_are_too_few_to_compare() {
    let change = Change::of(&[1.0, 2.0, 4.0], 0.1);
    assert_eq!((change.direction, change.by), (Direction::TooFew, None));
}

#[test]
fn grades_of_different_graders_are_never_compared() {
    let mark = |grader, grade| Mark { day: Day(1), grader, grade, spread: None };
    let marks = [mark("llm:a:b", 1.0), mark("llm:a:b", 1.0), mark("embedded", 3.0), mark("embedded", 3.0)];
    let track = Track::of("x", "X", (1.0, 4.0), &marks, 0.5);
    assert_eq!(
        (track.grader.as_str(), track.grades, track.left_out, track.now),
        ("embedded", 2, 2, Some(3.0))
    );
    assert_eq!(track.change.direction, Direction::TooFew);
}

#[test]
fn a_measured_spread_takes_the_place_of_the_assumed_one() {
    let mark = |grade| Mark { day: Day(1), grader: "llm:a:b", grade, spread: Some(1.0) };
    let marks = [mark(2.0), mark(2.0), mark(2.8), mark(2.8)];
    assert_eq!(Track::of("x", "X", (1.0, 4.0), &marks, 0.5).change.noise, Some(1.0));
}

#[test]
fn many_grades_share_buckets() {
    let marks: Vec<Mark<'_>> =
        (0..1000).map(|n| Mark { day: Day(n), grader: "embedded", grade: 2.0, spread: None }).collect();
    let track = Track::of("x", "X", (1.0, 4.0), &marks, 0.5);
    assert_eq!((track.series.len(), track.series[0].grades), (40, 25));
    assert_eq!(track.series.last().map(|bucket| bucket.to), Some(Day(999)));
}

fn days(days: &[i32]) -> Vec<PracticeDay> {
    days.iter().map(|day| PracticeDay { day: Day(*day), sessions: 1, used_ms: 600_000 }).collect()
}

fn history<'a>(
    days: &'a [PracticeDay],
    outcomes: &'a [Standing],
    cards: &'a [Card],
    ticks: &'a BTreeMap<String, bool>,
    scheduler: &'a Scheduler,
) -> History<'a> {
    History {
        today: Day(20_000),
        sessions: &[(SessionKind::Interview, 4), (SessionKind::Answer, 1)],
        days,
        outcomes,
        cards,
        tested: Part { done: 9, all: 10 },
        ticks,
        scheduler,
        waiting: None,
    }
}

#[test]
fn a_streak_lives_until_a_whole_day_was_missed() {
    let (scheduler, ticks) = (Scheduler::default(), BTreeMap::new());
    let streak = |list: &[i32]| {
        let days = days(list);
        let history = history(&days, &[], &[], &ticks, &scheduler);
        let assets = crate::assets::Assets::embedded();
        let (pack, rubric) = (assets.pack("system-design").unwrap(), assets.rubric("system-design").unwrap());
        let practice = Progress::build(&history, &content(&pack, &rubric)).practice;
        (practice.streak_days, practice.longest_streak_days)
    };
    assert_eq!(streak(&[19_998, 19_999, 20_000]), (3, 3));
    assert_eq!(streak(&[19_998, 19_999]), (2, 2));
    assert_eq!(streak(&[19_990, 19_991, 19_997, 19_998]), (0, 2));
}

fn content<'a>(pack: &'a crate::material::Pack, rubric: &'a crate::grading::Rubric) -> Content<'a> {
    Content {
        rubrics: vec![rubric],
        questions: pack.questions.iter().collect(),
        problems: pack.problems.iter().collect(),
        checklist: pack.checklist.items.iter().collect(),
        notes: Vec::new(),
    }
}

#[test]
fn the_page_says_where_you_stand() {
    let assets = crate::assets::Assets::embedded();
    let (pack, rubric) = (assets.pack("system-design").unwrap(), assets.rubric("system-design").unwrap());
    let scheduler = Scheduler::default();
    let outcomes: Vec<Standing> = (0..4)
        .map(|n| {
            let score = if n < 2 { 2.0 } else { 3.0 };
            let criteria = [("tradeoffs", score), ("scalability", 2.0)];
            standing(19_990 + n, SessionKind::Interview, "problem:url-shortener", 0.5, &criteria)
        })
        .chain([standing(19_999, SessionKind::Answer, "question:cdn", 0.9, &[])])
        .collect();
    let card = CardId::Question("cdn".into());
    let review = Review { card: card.clone(), day: Day(19_999), rating: Rating::Easy, score: 0.9 };
    let cards = [Card::fold(card, [&review], &scheduler)];
    let ticks = BTreeMap::from([("data".to_owned(), true)]);
    let days = days(&[19_990, 19_991, 19_992, 19_993, 19_999]);
    let progress =
        Progress::build(&history(&days, &outcomes, &cards, &ticks, &scheduler), &content(&pack, &rubric));
    let page = text(&progress);
    let (grades, rest) = page.split_once("\nTopics").expect("topics");
    insta::assert_snapshot!(grades, @r"
    Where you stand on 2024-10-04

    Practised: 4 interviews, 1 answer; 50 min on 5 days.
    Streak: 1 day, the longest 4 days. The last seven days: 10 min.
    Week by week: ▁▁▁▁▁▁▁▁▁▁█▃  (a bar a week, the highest 40 min)

    Criteria, levels 1 to 4, by embedded
      Requirements clarification           -  not assessed yet
      High-level thinking                  -  not assessed yet
      Trade-offs                  ▃▃▆▆   3.0  +1.0 better (noise 0.5)
      Scalability and depth       ▃▃▃▃   2.0  +0.0 within noise (0.5)
      Communication                        -  not assessed yet
    ");
    assert!(rest.contains("caching      ▅▅▅▅▇   7.0  +2.0 within noise (8.6)"), "{rest}");
    assert!(rest.contains("Drill: 0 of 1 card due, 19 questions never asked."), "{rest}");
    assert!(
        rest.contains("[x] Replicate, shard and index data, and name the price of each (by hand)"),
        "{rest}"
    );
    let back: Progress = serde_json::from_str(&serde_json::to_string(&progress).unwrap()).unwrap();
    assert_eq!(back, progress);
}
