//! PURE. Learns the parameters of FSRS from the user's own history, and keeps them only if they predict better.

use fsrs::{ComputeParametersInput, FSRS, FSRSItem, FSRSReview, compute_parameters};

use super::memory::Parameters;
use super::{Day, Rating};

/// Reviews on a later day than the one before that a fit needs: fewer fit chance.
pub const ENOUGH: usize = 300;

/// Reviews that a fit looks at, the latest ones: memory changes, and time is short.
const MOST: usize = 20_000;

/// What a fit found.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The parameters.
    pub parameters: Parameters,
    /// Reviews that it rests on.
    pub reviews: usize,
    /// How badly the parameters in use foretold the newest fifth (log loss; lower is better).
    pub loss_before: f64,
    /// How badly those fitted to the rest foretold it.
    pub loss_after: f64,
}

impl Fit {
    /// The fitted parameters foretold better what they had not seen.
    pub fn is_better(&self) -> bool {
        self.loss_after < self.loss_before
    }
}

/// Whether a fit is due: enough history, and a quarter more than at the last fit.
pub fn worth_fitting(reviews: usize, at_last_fit: usize) -> bool {
    reviews >= ENOUGH && reviews * 4 >= at_last_fit * 5
}

/// Fits to histories of cards, each in order of time; `None` if there is too little, or nothing comes of it.
pub fn fit(histories: &[Vec<(Day, Rating)>], current: &Parameters) -> Option<Fit> {
    let mut items = items(histories);
    items.sort_by_key(|(day, _)| *day);
    let items: Vec<FSRSItem> =
        items.drain(items.len().saturating_sub(MOST)..).map(|(_, item)| item).collect();
    if items.len() < ENOUGH {
        return None;
    }
    let (seen, unseen) = items.split_at(items.len() * 4 / 5);
    let trial = trained(seen)?;
    let loss_before = loss(&current.0, unseen)?;
    let loss_after = loss(&trial, unseen)?;
    let parameters = Parameters(trained(&items)?);
    Some(Fit { parameters, reviews: items.len(), loss_before, loss_after })
}

/// One item a review that tests memory: on a later day, with the reviews before it.
fn items(histories: &[Vec<(Day, Rating)>]) -> Vec<(Day, FSRSItem)> {
    let mut items = Vec::new();
    for history in histories {
        let mut reviews: Vec<FSRSReview> = Vec::with_capacity(history.len());
        let mut last = None;
        for (day, rating) in history {
            let delta_t = last.map_or(0, |last| day.since(last));
            reviews.push(FSRSReview { rating: rating.number(), delta_t });
            if delta_t > 0 {
                items.push((*day, FSRSItem { reviews: reviews.clone() }));
            }
            last = Some(*day);
        }
    }
    items
}

fn trained(items: &[FSRSItem]) -> Option<Vec<f32>> {
    compute_parameters(ComputeParametersInput { train_set: items.to_vec(), ..Default::default() }).ok()
}

fn loss(parameters: &[f32], items: &[FSRSItem]) -> Option<f64> {
    let evaluation = FSRS::new(parameters).ok()?.evaluate(items.to_vec(), |_| true).ok()?;
    Some(evaluation.log_loss.into())
}
