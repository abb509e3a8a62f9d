//! The judged rows: what the report's buffers say of each, read once.
//!
//! In: a stored report. Out: one entry a row and buffer, by kind of task (`protocol::labels` names the buffers). Buffers that do not fit each other
//! give no rows at all: figures without rows are better than wrong rows behind them. Absent: texts of the table.

use super::leads::{BaselineRows, baselines};
use crate::page::state::StoredReport;
use crate::protocol::labels::{FigureName, TaskFigures};

/// Truth and prediction of each row.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdicts {
    /// One class a row, with the probability of the predicted one.
    Classes { truth: Vec<u32>, said: Vec<u32>, probability: Vec<f32> },
    /// `[rows * classes]`, row after row.
    Several { classes: usize, truth: Vec<bool>, said: Vec<bool>, probability: Vec<f32> },
    /// In the unit of the table.
    Score { truth: Vec<f32>, said: Vec<f32> },
    /// A tag for each word of each row.
    Spans { truth: Vec<Vec<u32>>, said: Vec<Vec<u32>> },
    /// What was wanted when it was judged, what was written, and its figures.
    Texts { wanted: Vec<String>, said: Vec<String>, chrf: Vec<f32>, rouge_l: Vec<f32>, exact: Vec<f32>, token_f1: Vec<f32> },
}

/// All rows of the judged part, in the order of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Rows of the table, by their number.
    pub rows: Vec<u32>,
    /// As training counts it.
    pub losses: Vec<f32>,
    pub verdicts: Verdicts,
    /// In the report's order.
    pub baselines: Vec<BaselineRows>,
}

impl Judged {
    /// Reads the buffers; `None` where they do not fit each other.
    pub fn of(stored: &StoredReport) -> Option<Self> {
        let (rows, losses) = (stored.whole(0), stored.real(4));
        let count = rows.len();
        let verdicts = match &stored.report.figures {
            TaskFigures::Classes(_) => Verdicts::Classes { truth: stored.whole(1), said: stored.whole(2), probability: stored.real(3) },
            TaskFigures::Several(figures) => Verdicts::Several {
                classes: figures.classes.len(),
                truth: flags(stored, 1),
                said: flags(stored, 2),
                probability: stored.real(3),
            },
            TaskFigures::Score(_) => Verdicts::Score { truth: stored.real(1), said: stored.real(2) },
            TaskFigures::Spans(_) => {
                let words = stored.whole(5);
                Verdicts::Spans { truth: cut(&stored.whole(1), &words)?, said: cut(&stored.whole(2), &words)? }
            }
            TaskFigures::Texts(_) => {
                let [wanted, said] = [(1, 3), (2, 5)].map(|(texts, lengths)| texts_of(stored, texts, lengths));
                let [chrf, rouge_l, exact, token_f1] = [6, 7, 8, 9].map(|index| stored.real(index));
                Verdicts::Texts { wanted: wanted?, said: said?, chrf, rouge_l, exact, token_f1 }
            }
        };
        (losses.len() == count && verdicts.fit(count)).then(|| Self { baselines: baselines(stored, &verdicts), rows, losses, verdicts })
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Row `at` is right in everything; `None` for numbers, which are never exactly right.
    pub fn right(&self, at: usize) -> Option<bool> {
        match &self.verdicts {
            Verdicts::Classes { truth, said, .. } => Some(truth.get(at)? == said.get(at)?),
            Verdicts::Several { classes, truth, said, .. } => Some(of_row(truth, *classes, at)? == of_row(said, *classes, at)?),
            Verdicts::Score { .. } => None,
            Verdicts::Spans { truth, said } => Some(truth.get(at)? == said.get(at)?),
            Verdicts::Texts { exact, .. } => Some(*exact.get(at)? > 0.5),
        }
    }

    /// The model's lead over a baseline in row `at`; 0 where nothing is known of it.
    pub fn lead(&self, other: usize, at: usize) -> f32 {
        self.baselines.get(other).and_then(|baseline| baseline.leads.get(at)).copied().unwrap_or_default()
    }

    /// A figure of one row, for tasks whose figures are means over rows.
    pub fn figure(&self, at: usize, name: FigureName) -> Option<f32> {
        match (&self.verdicts, name) {
            (Verdicts::Texts { chrf, .. }, FigureName::Chrf) => chrf.get(at).copied(),
            (Verdicts::Texts { rouge_l, .. }, FigureName::RougeL) => rouge_l.get(at).copied(),
            (Verdicts::Texts { exact, .. }, FigureName::ExactMatch) => exact.get(at).copied(),
            (Verdicts::Texts { token_f1, .. }, FigureName::TokenF1) => token_f1.get(at).copied(),
            _ => None,
        }
    }
}

impl Verdicts {
    /// Every list has an entry for each row.
    fn fit(&self, rows: usize) -> bool {
        match self {
            Self::Classes { truth, said, probability } => [truth.len(), said.len(), probability.len()] == [rows; 3],
            Self::Several { classes, truth, said, probability } => [truth.len(), said.len(), probability.len()] == [rows * classes; 3],
            Self::Score { truth, said } => [truth.len(), said.len()] == [rows; 2],
            Self::Spans { truth, said } => [truth.len(), said.len()] == [rows; 2],
            Self::Texts { wanted, said, chrf, rouge_l, exact, token_f1 } => {
                [wanted.len(), said.len(), chrf.len(), rouge_l.len(), exact.len(), token_f1.len()] == [rows; 6]
            }
        }
    }
}

/// What a list with `classes` entries for each row has for row `at`.
pub(super) fn of_row<T>(list: &[T], classes: usize, at: usize) -> Option<&[T]> {
    list.get(at * classes..(at + 1) * classes)
}

/// Buffer `index` as a flag a byte.
pub(super) fn flags(stored: &StoredReport, index: usize) -> Vec<bool> {
    stored.buffers.get(index).map(|bytes| bytes.iter().map(|&byte| byte != 0).collect()).unwrap_or_default()
}

/// Texts one after the other in a buffer, and their lengths in another; `None` where they do not add up.
fn texts_of(stored: &StoredReport, texts: usize, lengths: usize) -> Option<Vec<String>> {
    let bytes = stored.buffers.get(texts).map_or(&[][..], Vec::as_slice);
    let pieces = cut(bytes, &stored.whole(lengths))?;
    Some(pieces.into_iter().map(|piece| String::from_utf8_lossy(&piece).into_owned()).collect())
}

/// Cuts a list into pieces of these lengths; `None` where they do not add up.
pub(super) fn cut<T: Clone>(whole: &[T], lengths: &[u32]) -> Option<Vec<Vec<T>>> {
    let mut rest = whole;
    let mut pieces = Vec::with_capacity(lengths.len());
    for &length in lengths {
        let (piece, after) = rest.split_at_checked(length as usize)?;
        pieces.push(piece.to_vec());
        rest = after;
    }
    rest.is_empty().then_some(pieces)
}

/// The type of span that a tag names, as `seqeval` reads it: what follows the first dash after its first letter; `None` outside of spans.
pub fn span_type(tag: &str) -> Option<&str> {
    let mut letters = tag.chars();
    let first = letters.next()?;
    if tag == "O" {
        return None;
    }
    let rest = &tag[first.len_utf8()..];
    let name = rest.split_once('-').map_or(rest, |(_, name)| name);
    Some(if name.is_empty() { "_" } else { name })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{classes, spans, texts, whole};
    use super::*;
    use std::rc::Rc;

    #[test]
    fn buffers_become_rows() {
        let judged = Judged::of(&classes()).unwrap();
        assert_eq!((judged.len(), judged.rows[2]), (6, 7));
        assert_eq!((0..6).map(|at| judged.right(at).unwrap()).collect::<Vec<_>>(), [true, false, true, true, false, true]);
    }

    #[test]
    fn buffers_that_do_not_fit_give_no_rows() {
        let mut short = classes();
        Rc::make_mut(&mut short.buffers)[3].truncate(8);
        assert_eq!(Judged::of(&short), None);
        let mut uneven = spans();
        Rc::make_mut(&mut uneven.buffers)[5] = whole(&[2, 9]);
        assert_eq!(Judged::of(&uneven), None);
    }

    #[test]
    fn words_and_texts_are_cut_where_their_rows_end() {
        let judged = Judged::of(&spans()).unwrap();
        assert!(matches!(&judged.verdicts, Verdicts::Spans { truth, .. } if truth[1] == [0, 1, 2]));
        let judged = Judged::of(&texts()).unwrap();
        assert!(
            matches!(&judged.verdicts, Verdicts::Texts { wanted, said, .. } if wanted == &["le chat", "l'été"] && said == &["le chat", "été"])
        );
        assert_eq!((judged.figure(1, FigureName::Chrf), judged.right(0), judged.right(1)), (Some(40.0), Some(true), Some(false)));
    }

    #[test]
    fn tags_name_their_type_as_seqeval_reads_them() {
        let read = ["O", "B-PER", "I-a-b", "PER", "B-", ""].map(span_type);
        assert_eq!(read, [None, Some("PER"), Some("a-b"), Some("ER"), Some("_"), None]);
    }
}
