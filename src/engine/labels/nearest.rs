//! Which texts are near a text in meaning: examples that the model learned from, or entries of a list.
//!
//! A text's vector is what the head reads: the pooled state, after the last norm. All vectors of a decoder point much the same way, so the mean of those looked at is
//! taken off before their angles are compared (Mu and Viswanath, *All-but-the-Top*, 2018, its first step).

use std::rc::Rc;

use super::super::Session;
use super::super::breath::{Breath, Job};
use super::super::faults::out_of_turn;
use super::super::host::Host;
use super::predict::Predicting;
use super::prepare::LabelPrepared;
use crate::model::SequenceModel;
use crate::protocol::labels::{LabelAnswer, Neighbour};
use crate::protocol::{DeviceKind, Fault, FaultCode, NextAction, SplitPart};
use crate::train::{Example, Target, passes, sequence_states};

/// Training rows that are compared at most.
const MOST_EXAMPLES: usize = 2_000;

struct Search {
    model: SequenceModel,
    prepared: Rc<LabelPrepared>,
    kind: DeviceKind,
    breath: Breath,
    text: String,
    among: Vec<String>,
    most: usize,
}

/// The vectors of texts given as tokens; `None` for one without tokens.
async fn vectors(search: &Search, texts: &[Vec<u32>]) -> Result<Vec<Option<Vec<f32>>>, Fault> {
    let (reading, shape) = (search.prepared.reading(), search.prepared.shape(search.kind, true));
    let width = search.model.body.config.n_embd;
    let mut found = vec![None; texts.len()];
    // The target plays no part.
    let examples: Vec<Example> = texts
        .iter()
        .enumerate()
        .filter(|(_, ids)| !ids.is_empty())
        .map(|(number, ids)| Example { number, ids, second: None, target: Target::Class(0) })
        .collect();
    for pass in passes(&examples, reading, shape) {
        search.breath.take().await;
        let states = sequence_states(&search.model, &pass).await?;
        for (&number, state) in pass.numbers.iter().zip(states.chunks_exact(width)) {
            found[number] = Some(state.to_vec());
        }
    }
    Ok(found)
}

async fn search(search: Search) -> Result<LabelAnswer, Fault> {
    let prepared = &search.prepared;
    let read = |text: &str| prepared.task.template(&prepared.tokenizer, text, "");
    let mut texts = vec![read(&search.text)?];
    let places: Vec<u32> = if search.among.is_empty() {
        let training = prepared.part(SplitPart::Training);
        let step = training.len().div_ceil(MOST_EXAMPLES).max(1);
        let chosen: Vec<usize> = training.into_iter().step_by(step).collect();
        texts.extend(chosen.iter().map(|&number| prepared.example(number).ids.to_vec()));
        chosen.iter().map(|&number| prepared.chosen.examples.rows[number]).collect()
    } else {
        for text in &search.among {
            texts.push(read(text)?);
        }
        (0..search.among.len() as u32).collect()
    };
    let mut found = vectors(&search, &texts).await?.into_iter();
    let Some(own) = found.next().flatten() else {
        return Err(Fault::new(FaultCode::EmptyPrompt, NextAction::None, "there is no token in the text"));
    };
    let others: Vec<(u32, Vec<f32>)> = places.into_iter().zip(found).filter_map(|(place, vector)| Some((place, vector?))).collect();
    let looked_at = others.len() as u32;
    Ok(LabelAnswer::Nearest { neighbours: neighbours(&own, &others, search.most), looked_at })
}

/// The nearest of `others`, the nearest first.
fn neighbours(own: &[f32], others: &[(u32, Vec<f32>)], most: usize) -> Vec<Neighbour> {
    let mut mean = vec![0.0_f32; own.len()];
    // Of a single text nothing can be taken off: nothing would be left.
    if others.len() > 1 {
        for (_, vector) in others {
            mean.iter_mut().zip(vector).for_each(|(mean, value)| *mean += value / others.len() as f32);
        }
    }
    let centred = |vector: &[f32]| vector.iter().zip(&mean).map(|(value, mean)| value - mean).collect::<Vec<f32>>();
    let own = centred(own);
    let similarity = |vector: &[f32]| {
        let other = centred(vector);
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let length = (dot(&own, &own) * dot(&other, &other)).sqrt();
        if length > 0.0 { dot(&own, &other) / length } else { 0.0 }
    };
    let mut found: Vec<Neighbour> =
        others.iter().map(|(place, vector)| Neighbour { place: *place, similarity: similarity(vector) }).collect();
    found.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
    found.truncate(most);
    found
}

impl<H: Host> Session<H> {
    pub(super) async fn nearest(&mut self, request: u32, text: String, among: Vec<String>, most: usize) -> Result<(), Fault> {
        if self.is_asked(request) {
            return Ok(());
        }
        let kind = self.open_device().await?.info.kind;
        let (model, prepared, ..) = self.label_model().await?;
        if prepared.tokens.is_some() {
            return Err(Fault::new(FaultCode::SettingsRefused, NextAction::None, "this task has no vector for a whole text"));
        }
        let breath = Breath::default();
        let work = Search { model, prepared, kind, breath: breath.clone(), text, among, most };
        self.labels.predicting.push_back(Predicting { request, job: Job::new(breath, search(work)) });
        Ok(())
    }

    pub(super) fn list_rows(&mut self, request: u32, part: SplitPart) -> Result<(), Fault> {
        let Some(prepared) = &self.labels.prepared else { return Err(out_of_turn("nothing is prepared")) };
        let rows = prepared.part(part).into_iter().map(|number| prepared.chosen.examples.rows[number]).collect();
        self.answer(request, LabelAnswer::RowList { rows });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_have_in_common_does_not_count() {
        // All point along the first axis; they differ in the second.
        let others = [(7, vec![10.0, 1.0]), (8, vec![10.0, -1.0]), (9, vec![10.0, 0.5])];
        let found = neighbours(&[10.0, 2.0], &others, 2);
        assert_eq!(found.iter().map(|near| near.place).collect::<Vec<_>>(), [7, 9]);
        assert!(found[0].similarity > 0.9);
        let alone = neighbours(&[1.0, 0.0], &[(3, vec![2.0, 0.0])], 5);
        assert_eq!(alone, [Neighbour { place: 3, similarity: 1.0 }]);
    }
}
