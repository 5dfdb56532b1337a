use jiff::tz::TimeZone;

use super::*;

fn review(card: &CardId, day: i32, rating: Rating) -> Review {
    let score = f64::from(rating.number() - 1) / 3.0;
    Review { card: card.clone(), day: Day(day), rating, score }
}

fn question(id: &str) -> CardId {
    CardId::Question(id.into())
}

fn point(id: &str) -> CardId {
    CardId::Point { problem: "url-shortener".into(), point: id.into() }
}

#[test]
fn a_day_ends_in_the_small_hours_of_its_own_time_zone() {
    let zone = TimeZone::get("America/New_York").unwrap_or(TimeZone::fixed(jiff::tz::offset(-5)));
    let at = |text: &str| text.parse::<jiff::Timestamp>().expect("a time").as_millisecond();
    let day = |text: &str| Day::of(at(text), &zone).to_string();
    assert_eq!(day("2026-11-23T23:00:00Z"), "2026-11-23");
    assert_eq!(day("2026-11-24T08:30:00Z"), "2026-11-23", "half past three in the night");
    assert_eq!(day("2026-11-24T09:30:00Z"), "2026-11-24", "half past four");
    assert_eq!(Day::of(at("2026-11-23T12:00:00Z"), &TimeZone::UTC).monday().to_string(), "2026-11-23");
    assert_eq!(Day::of(at("2026-11-29T12:00:00Z"), &TimeZone::UTC).monday().to_string(), "2026-11-23");
}

#[test]
fn a_card_is_written_and_read_the_same() {
    for card in [question("cdn"), CardId::Notes("day-21/what-is-a-cache".into()), point("short-code")] {
        assert_eq!(CardId::parse(&card.to_string()), Some(card));
    }
    assert_eq!(CardId::of_question("point:url-shortener/short-code", true), point("short-code"));
    assert_eq!(CardId::of_question("day-21/cache", true), CardId::Notes("day-21/cache".into()));
}

#[test]
fn steps_add_up_to_what_the_whole_history_gives() {
    use fsrs::{FSRS, FSRSItem, FSRSReview};
    let history =
        [(0, Rating::Again), (1, Rating::Good), (1, Rating::Hard), (6, Rating::Easy), (40, Rating::Again)];
    let card = question("cdn");
    let folded = {
        let reviews: Vec<Review> =
            history.iter().map(|(day, rating)| review(&card, 100 + day, *rating)).collect();
        Card::fold(card.clone(), &reviews, &Scheduler::default())
    };
    let mut last = 0;
    let reviews = history
        .iter()
        .map(|(day, rating)| {
            let delta_t = u32::try_from(day - last).expect("in order");
            last = *day;
            FSRSReview { rating: rating.number(), delta_t }
        })
        .collect();
    let whole = FSRS::default().memory_state(FSRSItem { reviews }, None).expect("a memory");
    let memory = folded.memory.expect("a memory");
    assert!((memory.stability - f64::from(whole.stability)).abs() < 1e-4, "{memory:?} {whole:?}");
    assert!((memory.difficulty - f64::from(whole.difficulty)).abs() < 1e-4, "{memory:?} {whole:?}");
    assert_eq!((folded.reviews, folded.lapses), (5, 1));
}

#[test]
fn what_was_forgotten_comes_back_sooner() {
    let scheduler = Scheduler::default();
    let after = |ratings: &[Rating]| {
        let card = question("cdn");
        let mut folded = Card::new(card.clone());
        let mut day = Day(0);
        for rating in ratings {
            folded.apply(&Review { day, ..review(&card, 0, *rating) }, &scheduler);
            day = folded.due.expect("a day");
        }
        day.since(folded.last)
    };
    use Rating::{Again, Easy, Good, Hard};
    assert_eq!(after(&[Again]), 1);
    assert!(after(&[Good]) < after(&[Easy]));
    assert!(after(&[Good, Again]) < after(&[Good, Hard]));
    assert!(after(&[Good, Hard]) < after(&[Good, Good]));
    assert!(after(&[Easy; 12]) <= 180, "an interview is never further away");
}

#[test]
fn a_point_gets_a_card_once_it_is_weak() {
    let scheduler = Scheduler::default();
    let card = point("short-code");
    let strong = Card::fold(card.clone(), &[review(&card, 1, Rating::Good)], &scheduler);
    assert_eq!((strong.due, strong.reviews), (None, 1));
    let weak =
        [review(&card, 1, Rating::Good), review(&card, 9, Rating::Again), review(&card, 10, Rating::Good)];
    let folded = Card::fold(card, &weak, &scheduler);
    assert!(folded.due.is_some_and(|due| due > Day(10)));
}

#[test]
fn the_weakest_of_the_due_come_first_and_new_ones_fill_the_room() {
    let scheduler = Scheduler::default();
    let fold = |id: &str, reviews: &[(i32, Rating)]| {
        let card = question(id);
        let reviews: Vec<Review> = reviews.iter().map(|(day, rating)| review(&card, *day, *rating)).collect();
        Card::fold(card, &reviews, &scheduler)
    };
    let cards = [
        fold("late", &[(0, Rating::Easy)]),
        fold("forgotten", &[(0, Rating::Again)]),
        fold("fresh", &[(29, Rating::Easy)]),
        fold("gone", &[(0, Rating::Again)]),
    ];
    let askable: Vec<CardId> = ["late", "forgotten", "fresh", "n1", "n2", "n3", "n4"].map(question).into();
    let picked = |count, today| -> Vec<String> {
        pick(&cards, &askable, Day(today), count, &scheduler).iter().map(|it| it.card.to_string()).collect()
    };
    assert_eq!(picked(1, 30), ["question:forgotten"]);
    assert_eq!(
        picked(10, 30),
        ["question:forgotten", "question:late", "question:n1", "question:n2", "question:n3"],
        "nothing that is not due, nothing that is no longer there, three new ones"
    );
    let begun = [fold("late", &[(30, Rating::Easy)]), fold("fresh", &[(30, Rating::Good)])];
    let left = pick(&begun, &askable, Day(30), 10, &scheduler);
    assert_eq!(left.len(), 1, "two of today's ration are used: {left:?}");
}

#[test]
fn too_little_history_is_not_fitted() {
    let short = vec![vec![(Day(0), Rating::Good), (Day(3), Rating::Good)]; ENOUGH - 1];
    assert_eq!(fit(&short, &Parameters::default()), None);
    assert!(worth_fitting(ENOUGH, 0) && !worth_fitting(ENOUGH - 1, 0));
    assert!(worth_fitting(500, 400) && !worth_fitting(499, 400));
}

#[test]
fn a_fit_foretells_a_fast_forgetter_better_than_the_average() {
    // Everything is forgotten within days, far sooner than the average learner forgets.
    let histories: Vec<Vec<(Day, Rating)>> = (0..200)
        .map(|card| {
            let mut day = card % 50;
            let mut history = vec![(Day(day), Rating::Good)];
            for step in 0..6 {
                let pause = 1 + (card + step) % 4;
                day += pause;
                let known = pause < 2 || (card * 7 + step * 3) % 5 == 0;
                history.push((Day(day), if known { Rating::Good } else { Rating::Again }));
            }
            history
        })
        .collect();
    let fit = fit(&histories, &Parameters::default()).expect("a fit");
    assert!(fit.is_better(), "{fit:?}");
    let pause = |parameters: &Parameters| {
        let scheduler = Scheduler::new(parameters);
        scheduler.pause(scheduler.after(None, Rating::Good, 0).expect("a memory"))
    };
    assert!(pause(&fit.parameters) <= pause(&Parameters::default()), "{fit:?}");
}
