//! PURE. What to ask today: what is due, weakest first, and a ration of new questions.

use std::collections::BTreeSet;

use super::{Card, CardId, Day, Scheduler};

/// New questions a day at most: each comes back some eight times in its first months.
pub const NEW_A_DAY: usize = 3;

/// A card to ask.
#[derive(Clone, Debug, PartialEq)]
pub struct Pick {
    /// Which.
    pub card: CardId,
    /// Why it was chosen.
    pub why: Why,
}

/// Why a card was chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Why {
    /// Its time has come.
    Due {
        /// The chance that it is still known.
        recall: f64,
        /// Days since its latest review.
        days: u32,
    },
    /// It was never asked.
    New,
}

/// Chooses `count` cards at most. `askable` is everything that there is to ask, new ones in the order in
/// which to take them up. New ones come only where what is due leaves room, [`NEW_A_DAY`] a day.
pub fn pick(
    cards: &[Card],
    askable: &[CardId],
    today: Day,
    count: usize,
    scheduler: &Scheduler,
) -> Vec<Pick> {
    let known: BTreeSet<&CardId> = askable.iter().collect();
    let mut due: Vec<(f64, &Card)> = cards
        .iter()
        .filter(|card| card.due.is_some_and(|due| due <= today) && known.contains(&card.id))
        .filter_map(|card| Some((card.recall(today, scheduler)?, card)))
        .collect();
    due.sort_by(|(a, one), (b, other)| a.total_cmp(b).then_with(|| one.id.cmp(&other.id)));
    let mut picks: Vec<Pick> = due
        .into_iter()
        .take(count)
        .map(|(recall, card)| Pick {
            card: card.id.clone(),
            why: Why::Due { recall, days: today.since(card.last) },
        })
        .collect();
    let met: BTreeSet<&CardId> = cards.iter().map(|card| &card.id).collect();
    let begun = cards.iter().filter(|card| card.first == today && !matches!(card.id, CardId::Point { .. }));
    let room = count.saturating_sub(picks.len()).min(NEW_A_DAY.saturating_sub(begun.count()));
    let fresh = askable.iter().filter(|id| !matches!(id, CardId::Point { .. }) && !met.contains(id));
    picks.extend(fresh.take(room).map(|id| Pick { card: id.clone(), why: Why::New }));
    picks
}
