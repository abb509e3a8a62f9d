//! A help desk's second and third step: which entries of the knowledge base are looked at, and the reply that is drafted from the nearest.
//!
//! In: the knowledge base, the class of the question with its probability. Out: entries, a reply. Absent: finding the nearest (the engine), words.

use crate::page::strings::scenario::words;
use crate::protocol::labels::Neighbour;
use serde::Deserialize;

/// Probability from which the question's class is trusted to narrow the search.
pub const SURE: f32 = 0.5;

/// An entry of the knowledge base.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Entry {
    pub id: String,
    pub intent: String,
    pub title: String,
    pub answer: String,
}

/// The knowledge base; `None` where the file is none, or empty.
pub fn entries(json: &str) -> Option<Vec<Entry>> {
    serde_json::from_str::<Vec<Entry>>(json).ok().filter(|entries| !entries.is_empty())
}

/// What is looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// Places of the entries.
    pub among: Vec<usize>,
    /// Only those of the question's class: the model was sure, and there are some.
    pub narrowed: bool,
}

/// The entries of the class where the model is sure of it, otherwise all.
pub fn search(entries: &[Entry], class: &str, probability: f32) -> Search {
    let of_class: Vec<usize> = (0..entries.len()).filter(|&place| entries[place].intent == class).collect();
    if probability >= SURE && !of_class.is_empty() {
        Search { among: of_class, narrowed: true }
    } else {
        Search { among: (0..entries.len()).collect(), narrowed: false }
    }
}

/// What stands for an entry when meanings are compared.
pub fn meaning(entry: &Entry) -> String {
    format!("{}. {}", entry.title, entry.answer)
}

/// The nearest of the entries that are looked at, with their similarity. The neighbours are of all entries: similarities are told from what all have in common,
/// and two or three entries of a class would leave nothing to tell them by.
pub fn found<'a>(entries: &'a [Entry], among: &[usize], neighbours: &[Neighbour], most: usize) -> Vec<(&'a Entry, f32)> {
    let looked_at = neighbours.iter().filter(|near| among.contains(&(near.place as usize)));
    looked_at.filter_map(|near| Some((entries.get(near.place as usize)?, near.similarity))).take(most).collect()
}

/// Greeting, the entry's answer as it stands, closing.
pub fn reply(entry: &Entry) -> String {
    let own = &words().desk;
    format!("{}\n\n{}\n\n{}", own.greeting, entry.answer, own.closing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Vec<Entry> {
        let path = format!("{}/static/scenarios/help-desk/answers.json", env!("CARGO_MANIFEST_DIR"));
        entries(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn a_sure_model_narrows_the_search_and_an_unsure_one_does_not() {
        let base = base();
        let sure = search(&base, "refund", 0.9);
        assert!(sure.narrowed && sure.among.len() >= 2 && sure.among.iter().all(|&place| base[place].intent == "refund"));
        assert_eq!(search(&base, "refund", 0.3), Search { among: (0..base.len()).collect(), narrowed: false });
        assert!(!search(&base, "weather", 0.9).narrowed, "a class without entries");
    }

    #[test]
    fn the_nearest_of_the_class_is_found_though_others_are_nearer() {
        let base = base();
        let among = search(&base, "cancel", 1.0).among;
        let other = (0..base.len()).find(|place| !among.contains(place)).unwrap();
        let near = [(other, 0.9), (among[1], 0.7), (among[0], 0.2), (999, 0.1)];
        let near = near.map(|(place, similarity)| Neighbour { place: place as u32, similarity });
        assert_eq!(found(&base, &among, &near, 9), [(&base[among[1]], 0.7), (&base[among[0]], 0.2)]);
        assert_eq!(found(&base, &among, &near, 1).len(), 1);
    }

    #[test]
    fn a_reply_has_the_answer_word_for_word() {
        let base = base();
        let reply = reply(&base[0]);
        assert!(reply.contains(&base[0].answer) && reply.len() > base[0].answer.len() + 10);
        assert_eq!(entries("[]"), None);
    }
}
