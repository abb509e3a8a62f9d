//! How likely one answer is: a tag of one word, or a written text. What becomes of it when a text is changed says which words it rests on.
//!
//! In: texts, and the answer that each is held against. Out: a probability per text, `None` where there is nothing to read.

use super::super::judge::Judge;
use super::super::predict::Texts;
use super::answers::summed_losses;
use super::tags::said;
use super::{AnswerWork, TagWork, TokenRows, Work};
use crate::protocol::labels::Weighed;
use crate::protocol::{Fault, FaultCode, NextAction};
use crate::text::words;
use crate::train::{TokenExample, WordReader, WordTokens, token_passes};

impl TokenRows {
    /// The probability of an answer in each text.
    ///
    /// # Errors
    /// An answer of another task, or not one place per text; a device that fails, or a tokenizer that does.
    pub async fn weigh(&self, judge: &Judge, texts: &Texts, answer: &Weighed) -> Result<Vec<Option<f64>>, Fault> {
        let refused = |detail: String| Err(Fault::new(FaultCode::SettingsRefused, NextAction::None, detail));
        match (&self.work, answer) {
            (Work::Tags(work), Weighed::Tag { tag, starts }) => {
                let classes = judge.prepared.plan.classes.len();
                if *tag as usize >= classes || starts.len() != texts.texts.len() {
                    return refused(format!("tag {tag} of {classes} at {} places in {} texts", starts.len(), texts.texts.len()));
                }
                tag_of(work, judge, &texts.texts, *tag, starts).await
            }
            (Work::Answers(work), Weighed::Written { text }) => written(work, judge, texts, text).await,
            _ => refused("the answer is not one of this task".to_owned()),
        }
    }
}

/// Of the word that begins at `starts`, in bytes; `None` where no word does, or it has no token.
async fn tag_of(work: &TagWork, judge: &Judge, texts: &[String], tag: u32, starts: &[Option<u32>]) -> Result<Vec<Option<f64>>, Fault> {
    let mut reader = WordReader::new(&judge.prepared.tokenizer);
    let mut rows: Vec<WordTokens> = Vec::with_capacity(texts.len());
    let mut places = Vec::with_capacity(texts.len());
    for (text, start) in texts.iter().zip(starts) {
        let found = words(text);
        let read = reader.read(&found.iter().map(|range| &text[range.clone()]).collect::<Vec<&str>>())?;
        let place = start.and_then(|start| found.iter().position(|range| range.start == start as usize));
        places.push(place.filter(|&place| read.lasts.get(place).is_some_and(Option::is_some)));
        rows.push(read);
    }
    let wanted: Vec<Vec<u32>> = rows.iter().map(|row| vec![tag; row.lasts.len()]).collect();
    let wanted: Vec<&[u32]> = wanted.iter().map(Vec::as_slice).collect();
    let said = said(judge, &work.tags, &rows.iter().collect::<Vec<_>>(), &wanted).await?;
    let probability = |loss: &f32| (-f64::from(*loss)).exp();
    Ok(said.iter().zip(places).map(|(row, place)| row.losses.get(place?).map(probability)).collect())
}

/// Of the answer's tokens and its end, their geometric mean, so that long answers and short ones compare.
async fn written(work: &AnswerWork, judge: &Judge, texts: &Texts, answer: &str) -> Result<Vec<Option<f64>>, Fault> {
    let prepared = &judge.prepared;
    let mut read = Vec::with_capacity(texts.texts.len());
    for (number, text) in texts.texts.iter().enumerate() {
        let second = texts.seconds.get(number).map_or("", String::as_str);
        // The answer is known, as that of a row that is learned from.
        let row = work.room.row(&work.reader, &prepared.tokenizer, [text, second, answer], true)?;
        let nothing = text.trim().is_empty() || row.prompt == 0;
        read.push(if nothing { (Vec::new(), Vec::new()) } else { (row.ids, row.targets) });
    }
    let examples: Vec<TokenExample> =
        read.iter().enumerate().map(|(number, (ids, targets))| TokenExample { number, ids, targets }).collect();
    let passes = token_passes(&examples, prepared.plan.config.window as usize, prepared.shape(judge.kind, true));
    let sums = summed_losses(judge, passes.into_iter(), read.len()).await?;
    Ok(sums.into_iter().map(|(sum, tokens)| (tokens > 0).then(|| (-sum / tokens as f64).exp())).collect())
}
