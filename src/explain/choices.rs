//! From logits to the likeliest tokens, at temperature 1.

use crate::protocol::TokenChoice;

/// One candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    pub id: u32,
    pub logit: f32,
    pub probability: f32,
}

/// Log of the sum of exponentials.
pub fn log_sum_exp(logits: &[f32]) -> f64 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    f64::from(largest) + logits.iter().map(|&logit| f64::from(logit - largest).exp()).sum::<f64>().ln()
}

/// Log-probability of one token, nats.
pub fn log_probability(logits: &[f32], id: u32) -> f32 {
    (f64::from(logits[id as usize]) - log_sum_exp(logits)) as f32
}

/// The `count` likeliest tokens, likeliest first; of equals the one with the smaller id.
pub fn likeliest(logits: &[f32], count: usize) -> Vec<Candidate> {
    let total = log_sum_exp(logits);
    let mut best: Vec<(f32, u32)> = Vec::with_capacity(count + 1);
    for (id, &logit) in logits.iter().enumerate() {
        if best.len() == count && best.last().is_none_or(|&(least, _)| logit <= least) {
            continue;
        }
        let place = best.partition_point(|&(other, _)| other >= logit);
        best.insert(place, (logit, id as u32));
        best.truncate(count);
    }
    let probability = |logit: f32| (f64::from(logit) - total).exp() as f32;
    best.into_iter().map(|(logit, id)| Candidate { id, logit, probability: probability(logit) }).collect()
}

/// The likeliest tokens with their texts.
pub fn likeliest_words(logits: &[f32], count: usize, text: &impl Fn(u32) -> String) -> Vec<TokenChoice> {
    let list = likeliest(logits, count);
    list.into_iter().map(|Candidate { id, probability, .. }| TokenChoice { id, text: text(id), probability }).collect()
}

/// Texts said once each, with their numbers.
#[derive(Debug, Default)]
pub struct Words {
    list: Vec<String>,
    numbers: std::collections::HashMap<u32, u32>,
}

impl Words {
    /// The number of a token's text.
    pub fn number(&mut self, id: u32, text: &impl Fn(u32) -> String) -> u32 {
        let next = self.list.len() as u32;
        *self.numbers.entry(id).or_insert_with(|| {
            self.list.push(text(id));
            next
        })
    }

    /// All texts, by number.
    pub fn into_list(self) -> Vec<String> {
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_come_first_and_add_up() {
        let logits = [0.0, 2.0, -1.0, 2.0, 1.0];
        let list = likeliest(&logits, 3);
        assert_eq!(list.iter().map(|candidate| candidate.id).collect::<Vec<_>>(), [1, 3, 4]);
        let all = likeliest(&logits, 99);
        assert_eq!(all.len(), 5);
        assert!((all.iter().map(|candidate| candidate.probability).sum::<f32>() - 1.0).abs() < 1e-6);
        assert!((log_probability(&logits, 1) - all[0].probability.ln()).abs() < 1e-6);
        assert!(likeliest(&logits, 0).is_empty());
    }
}
