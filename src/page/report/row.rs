//! One judged row as the list shows it: what it is, what the model said, and how sure it was.
//!
//! In: the judged rows, a position, the names, the row's text. Out: pairs of a word and a value, marked words, texts beside each other. Absent: elements.

use super::judged::{Judged, Verdicts};
use super::records::{name_of, set_of};
use crate::page::chart::draw::number;
use crate::page::format::percent;
use crate::page::strings::report::{value_of, words};
use crate::protocol::labels::FigureName;

/// What is said of a row, in order: a word, a value.
pub fn facts(judged: &Judged, at: usize, names: &[String]) -> Vec<(&'static str, String)> {
    let own = words();
    let name = |classes: &[u32]| classes.get(at).map(|&class| name_of(names, class)).unwrap_or_default();
    let set =
        |flags: &[bool]| Some(set_of(names, flags, at).join(", ")).filter(|set| !set.is_empty()).unwrap_or_else(|| own.no_label.to_owned());
    let mut facts = match &judged.verdicts {
        Verdicts::Classes { truth, said, probability } => {
            let sure = probability.get(at).map(|&p| percent(p.into())).unwrap_or_default();
            vec![(own.label, name(truth)), (own.said, name(said)), (own.probability, sure)]
        }
        Verdicts::Several { truth, said, .. } => vec![(own.label, set(truth)), (own.said, set(said))],
        Verdicts::Score { truth, said } => {
            let value = |values: &[f32]| values.get(at).copied().map_or(f64::NAN, f64::from);
            let (truth, said) = (value(truth), value(said));
            vec![(own.label, signed(truth)), (own.said, signed(said)), (own.off_by, signed(said - truth))]
        }
        Verdicts::Spans { .. } => Vec::new(),
        Verdicts::Texts { .. } => [FigureName::Chrf, FigureName::RougeL, FigureName::TokenF1]
            .into_iter()
            .filter_map(|name| Some(((own.figure)(name).1, value_of(name, judged.figure(at, name)?.into()))))
            .collect(),
    };
    facts.push((own.loss, judged.losses.get(at).map_or_else(String::new, |loss| format!("{loss:.2}"))));
    facts
}

fn signed(value: f64) -> String {
    if value < 0.0 { format!("\u{2212}{}", number(-value)) } else { number(value) }
}

/// A word with the tag it has and the tag it was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Tagged {
    pub word: String,
    pub truth: String,
    pub said: String,
}

impl Tagged {
    /// For styles: nothing to see, right, or not.
    pub fn class(&self) -> &'static str {
        match (self.truth == self.said, self.truth == "O") {
            (true, true) => "",
            (true, false) => "hit",
            (false, _) => "miss",
        }
    }
}

/// The words of a tagged row; `None` where the text does not fall into as many words, or the task has no tags.
pub fn tagged(judged: &Judged, at: usize, names: &[String], text: &str) -> Option<Vec<Tagged>> {
    let Verdicts::Spans { truth, said } = &judged.verdicts else { return None };
    let (truth, said) = (truth.get(at)?, said.get(at)?);
    let words = words_of(text, truth.len())?;
    let tag = |word: String, truth: u32, said: u32| Tagged { word, truth: name_of(names, truth), said: name_of(names, said) };
    Some(words.into_iter().zip(truth).zip(said).map(|((word, &truth), &said)| tag(word, truth, said)).collect())
}

/// The words of a cell: a JSON list, or words between blanks; `None` unless there are `count`.
fn words_of(text: &str, count: usize) -> Option<Vec<String>> {
    let listed = serde_json::from_str::<Vec<String>>(text).ok();
    let words = listed.unwrap_or_else(|| text.split_whitespace().map(str::to_owned).collect());
    (words.len() == count).then_some(words)
}

/// The text that was wanted and the one that was written; `None` for other tasks.
pub fn written(judged: &Judged, at: usize) -> Option<[String; 2]> {
    match &judged.verdicts {
        Verdicts::Texts { wanted, said, .. } => Some([wanted.get(at)?.clone(), said.get(at)?.clone()]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{classes, score, several, spans, texts};
    use super::*;
    use crate::page::state::StoredReport;

    fn values(stored: &StoredReport, at: usize, names: &[&str]) -> Vec<String> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        facts(&Judged::of(stored).unwrap(), at, &names).into_iter().map(|fact| fact.1).collect()
    }

    #[test]
    fn a_row_says_what_it_is_and_what_it_was_called() {
        assert_eq!(values(&classes(), 1, &["good", "bad"]), ["good", "bad", "75\u{a0}%", "1.40"]);
        assert_eq!(values(&several(), 0, &["a", "b", "c"]), ["a, b", "a, b", "0.20"]);
        assert_eq!(values(&score(), 2, &[]), ["3", "2", "\u{2212}1", "1.00"]);
        assert_eq!(values(&texts(), 1, &[]), ["40.0", "0.50", "0.00", "2.00"]);
    }

    #[test]
    fn words_carry_both_tags_where_the_text_falls_into_them() {
        let names = ["O", "B-PER", "I-PER", "B-LOC"].map(str::to_owned);
        let judged = Judged::of(&spans()).unwrap();
        let found = tagged(&judged, 0, &names, "Rome waits").unwrap();
        assert_eq!(found.iter().map(Tagged::class).collect::<Vec<_>>(), ["miss", ""]);
        assert_eq!((found[0].truth.as_str(), found[0].said.as_str()), ("B-LOC", "O"));
        let listed = tagged(&judged, 1, &names, r#"["by","Ada","King Lovelace"]"#).unwrap();
        assert_eq!((listed[2].word.as_str(), listed[2].class()), ("King Lovelace", "hit"));
        assert_eq!(tagged(&judged, 1, &names, "two words"), None);
    }

    #[test]
    fn only_writing_has_a_written_text() {
        assert_eq!(written(&Judged::of(&texts()).unwrap(), 1), Some(["l'été", "été"].map(str::to_owned)));
        assert_eq!(written(&Judged::of(&classes()).unwrap(), 1), None);
    }
}
