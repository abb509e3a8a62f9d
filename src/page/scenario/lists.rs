//! What readers were shown, ranked by the model, and how good that order is: NDCG and hit rate on clicks that it has not learned from.
//!
//! In: the scenario's file, the model's probability of a click for each row of the test part. Out: a ranked list per reader, means over readers beside
//! those of lists in random order. Absent: drawing, words.

use super::csv::columns;
use crate::metrics::{Bootstrap, Interval, hit_rate, ndcg};
use crate::protocol::labels::{LabelAnswer, TextAnswer};

/// Places that NDCG looks at.
pub const NDCG_PLACES: usize = 5;
/// Places in which a click is a hit.
pub const HIT_PLACES: usize = 3;
/// The label of a click.
const CLICKED: &str = "yes";

/// A title that a reader was shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The titles clicked before, as the table writes them.
    pub history: String,
    pub title: String,
    pub clicked: bool,
}

/// The rows of the test part; `None` where it is not such a file, or has none.
pub fn offers(csv: &str) -> Option<Vec<Offer>> {
    let rows = columns(csv, ["history", "title", "clicked", "split"])?;
    let test = rows.into_iter().filter(|row| row[3] == "test");
    let found: Vec<Offer> = test.map(|[history, title, clicked, _]| Offer { history, title, clicked: clicked == CLICKED }).collect();
    (!found.is_empty()).then_some(found)
}

/// The model's probability of a click for each pair; `None` altogether where it knows no such class.
pub fn chances(answer: &LabelAnswer) -> Option<Vec<Option<f32>>> {
    let LabelAnswer::Predicted { classes, predictions, .. } = answer else { return None };
    let yes = classes.iter().position(|class| class.eq_ignore_ascii_case(CLICKED))?;
    let one = |answer: &TextAnswer| match answer {
        TextAnswer::Class { probabilities, .. } => probabilities.get(yes).copied(),
        _ => None,
    };
    Some(predictions.iter().map(|prediction| one(&prediction.as_ref()?.answer)).collect())
}

/// One line of a reader's list.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub title: String,
    pub clicked: bool,
    /// The model's probability of a click.
    pub chance: f32,
}

/// A reader's list.
#[derive(Debug, Clone, PartialEq)]
pub struct Reader {
    pub history: String,
    /// Likeliest click first.
    pub lines: Vec<Line>,
}

impl Reader {
    fn wanted(&self) -> Vec<f64> {
        self.lines.iter().map(|line| f64::from(u8::from(line.clicked))).collect()
    }
}

/// Rows with the same history are one reader's, in the order of the file. What the model could not read is left out.
pub fn readers(offers: &[Offer], chances: &[Option<f32>]) -> Vec<Reader> {
    let mut readers: Vec<Reader> = Vec::new();
    for (offer, chance) in offers.iter().zip(chances) {
        let Some(chance) = *chance else { continue };
        let line = Line { title: offer.title.clone(), clicked: offer.clicked, chance };
        match readers.iter_mut().find(|reader| reader.history == offer.history) {
            Some(reader) => reader.lines.push(line),
            None => readers.push(Reader { history: offer.history.clone(), lines: vec![line] }),
        }
    }
    for reader in &mut readers {
        reader.lines.sort_by(|a, b| b.chance.total_cmp(&a.chance));
    }
    readers
}

/// A figure, mean over readers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    pub model: f64,
    /// Of all orders of each list, each as likely: exact.
    pub chance: f64,
    /// Of the difference, over readers.
    pub gain: Interval,
}

/// How good the order is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// Readers who clicked something: the others' lists have no order that is better.
    pub readers: usize,
    pub ndcg: Mean,
    pub hits: Mean,
}

/// Figures of the lists; `None` where nobody clicked anything.
pub fn standing(readers: &[Reader]) -> Option<Standing> {
    let mut values: [Vec<(f64, f64)>; 2] = [Vec::new(), Vec::new()];
    for reader in readers.iter().filter(|reader| reader.lines.iter().any(|line| line.clicked)) {
        let wanted = reader.wanted();
        let scores: Vec<f64> = reader.lines.iter().map(|line| f64::from(line.chance)).collect();
        // NDCG averages over the orders of ties: of equal scores that is every order.
        let equal = vec![0.0; wanted.len()];
        values[0].push((ndcg(&wanted, &scores, NDCG_PLACES)?, ndcg(&wanted, &equal, NDCG_PLACES)?));
        let clicks = reader.lines.iter().filter(|line| line.clicked).count();
        values[1].push((hit_rate(&wanted, &scores, HIT_PLACES)?, random_hits(wanted.len(), clicks, HIT_PLACES)));
    }
    let [ndcg, hits] = values.map(|values| mean(&values));
    Some(Standing {
        readers: readers.iter().filter(|reader| reader.lines.iter().any(|line| line.clicked)).count(),
        ndcg: ndcg?,
        hits: hits?,
    })
}

fn mean(values: &[(f64, f64)]) -> Option<Mean> {
    let of = |read: fn(&(f64, f64)) -> f64| values.iter().map(read).sum::<f64>() / values.len() as f64;
    let gains: Vec<f64> = values.iter().map(|(model, chance)| model - chance).collect();
    Some(Mean { model: of(|value| value.0), chance: of(|value| value.1), gain: Bootstrap::default().mean(&gains)? })
}

/// Chance that one of `clicks` titles stands among the first `places` of `all` in random order.
fn random_hits(all: usize, clicks: usize, places: usize) -> f64 {
    let misses = (0..places.min(all)).map(|place| (all - place).saturating_sub(clicks) as f64 / (all - place) as f64);
    1.0 - misses.product::<f64>()
}

#[cfg(test)]
mod tests {
    use super::super::typed::tests::predicted;
    use super::*;

    fn list(lines: &[(bool, f32)]) -> Reader {
        let one = |&(clicked, chance): &(bool, f32)| Offer { history: "a".to_owned(), title: format!("{chance}"), clicked };
        let offers: Vec<Offer> = lines.iter().map(one).collect();
        readers(&offers, &lines.iter().map(|line| Some(line.1)).collect::<Vec<_>>()).remove(0)
    }

    #[test]
    fn rows_of_a_history_are_one_list_likeliest_first() {
        let offer = |history: &str, title: &str| Offer { history: history.to_owned(), title: title.to_owned(), clicked: false };
        let offers = [offer("x", "1"), offer("y", "2"), offer("x", "3"), offer("x", "4")];
        let chances = chances(&predicted(["no", "yes"], &[Some(0.2), Some(0.5), Some(0.7), None])).unwrap();
        let found = readers(&offers, &chances);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].lines.iter().map(|line| line.title.as_str()).collect::<Vec<_>>(), ["3", "1"]);
        assert_eq!(super::chances(&predicted(["praise", "blame"], &[Some(0.2)])), None);
    }

    #[test]
    fn a_perfect_order_beats_chance_and_a_model_that_cannot_tell_does_not() {
        let good = list(&[(true, 0.9), (false, 0.2), (false, 0.1), (false, 0.05), (false, 0.01)]);
        let found = standing(&[good]).unwrap();
        assert_eq!((found.readers, found.ndcg.model, found.hits.model), (1, 1.0, 1.0));
        assert!((found.hits.chance - 0.6).abs() < 1e-12);
        let mean: f64 = (0..5).map(|place| 1.0 / f64::from(place + 2).log2()).sum::<f64>() / 5.0;
        assert!((found.ndcg.chance - mean).abs() < 1e-12);
        let blind = standing(&[list(&[(true, 0.5), (false, 0.5), (false, 0.5)])]).unwrap();
        assert_eq!(blind.ndcg.model, blind.ndcg.chance);
    }

    #[test]
    fn lists_without_a_click_count_for_nothing() {
        let (quiet, good) = (list(&[(false, 0.5)]), list(&[(true, 0.5), (false, 0.1)]));
        assert_eq!(standing(&[quiet.clone(), good]).unwrap().readers, 1);
        assert_eq!(standing(&[quiet]), None);
    }

    #[test]
    fn random_hits_are_those_of_counting() {
        // 1 − (7 over 3) / (10 over 3)
        assert!((random_hits(10, 3, 3) - (1.0 - 35.0 / 120.0)).abs() < 1e-12);
        assert_eq!((random_hits(2, 1, 3), random_hits(10, 9, 3)), (1.0, 1.0));
    }

    #[test]
    fn the_scenario_has_forty_lists_of_ten() {
        let csv =
            std::fs::read_to_string(format!("{}/static/scenarios/recommender/pairs-sections.csv", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let offers = offers(&csv).unwrap();
        let readers = readers(&offers, &vec![Some(0.5); offers.len()]);
        assert_eq!((offers.len(), readers.len()), (400, 40));
        assert!(readers.iter().all(|reader| reader.lines.len() == 10 && reader.lines.iter().any(|line| line.clicked)));
    }
}
