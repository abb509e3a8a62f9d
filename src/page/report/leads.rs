//! In which rows the model is ahead of a baseline, and in which behind it: what turns a difference of two figures into rows to read.
//!
//! In: a stored report, its verdicts. Out: of each baseline its answers, and a lead for each row. Absent: which rows are shown, words.

use super::judged::{Verdicts, cut, flags};
use crate::page::state::StoredReport;
use crate::protocol::labels::{BaselineKind, BaselineReport};

/// What a baseline says of each row.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    Classes(Vec<u32>),
    /// `[rows * classes]`, row after row.
    Several(Vec<bool>),
    Scores(Vec<f32>),
    /// A tag for each word of each row.
    Tags(Vec<Vec<u32>>),
    /// The text is copied: how near that comes, in chrF.
    Copied(Vec<f32>),
}

/// A baseline, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct BaselineRows {
    pub kind: BaselineKind,
    /// `None` where its answers did not come, or do not fit.
    pub said: Option<Said>,
    /// By how much the model is ahead of it in each row: of numbers by how much it is nearer to the truth, of written texts by how much chrF; else 1
    /// where it alone is right, and −1 where the baseline alone is. Empty without answers.
    pub leads: Vec<f32>,
}

/// The baselines of a report, in its order.
pub fn baselines(stored: &StoredReport, verdicts: &Verdicts) -> Vec<BaselineRows> {
    let one = |(other, baseline): (usize, &BaselineReport)| {
        let found = said(stored, verdicts, other).and_then(|said| Some((lead(verdicts, &said)?, said)));
        let (leads, said) = found.map_or_else(|| (Vec::new(), None), |(leads, said)| (leads, Some(said)));
        BaselineRows { kind: baseline.kind, said, leads }
    };
    stored.report.baselines.iter().enumerate().map(one).collect()
}

/// The answers of baseline `other`, behind the model's own; `protocol::labels` has the order of the buffers.
fn said(stored: &StoredReport, verdicts: &Verdicts, other: usize) -> Option<Said> {
    let first = 5;
    Some(match verdicts {
        Verdicts::Classes { .. } => Said::Classes(stored.whole(first + other)),
        Verdicts::Several { .. } => Said::Several(flags(stored, first + other)),
        Verdicts::Score { .. } => Said::Scores(stored.real(first + other)),
        Verdicts::Spans { truth, .. } => {
            let lengths: Vec<u32> = truth.iter().map(|tags| tags.len() as u32).collect();
            Said::Tags(cut(&stored.whole(first + 1 + other), &lengths)?)
        }
        Verdicts::Texts { .. } => Said::Copied(stored.real(first + 5 + other)),
    })
}

fn lead(verdicts: &Verdicts, theirs: &Said) -> Option<Vec<f32>> {
    match (verdicts, theirs) {
        (Verdicts::Classes { truth, said, .. }, Said::Classes(theirs)) => alone(truth, said, theirs),
        (Verdicts::Several { classes, truth, said, .. }, Said::Several(theirs)) => {
            let [truth, said, theirs] = [truth, said, theirs].map(|flags| flags.chunks_exact((*classes).max(1)).collect::<Vec<_>>());
            alone(&truth, &said, &theirs)
        }
        (Verdicts::Score { truth, said }, Said::Scores(theirs)) => {
            let error = |truth: f32, said: f32| if said.is_nan() { f32::INFINITY } else { (said - truth).abs() };
            let nearer = |((&truth, &ours), &theirs): ((&f32, &f32), &f32)| error(truth, theirs) - error(truth, ours);
            (theirs.len() == truth.len()).then(|| truth.iter().zip(said).zip(theirs).map(nearer).collect())
        }
        (Verdicts::Spans { truth, said }, Said::Tags(theirs)) => alone(truth, said, theirs),
        (Verdicts::Texts { chrf, .. }, Said::Copied(theirs)) => {
            (theirs.len() == chrf.len()).then(|| chrf.iter().zip(theirs).map(|(ours, theirs)| ours - theirs).collect())
        }
        _ => None,
    }
}

/// Who alone is right in each row; `None` where the answers of the other are not those of these rows.
fn alone<T: PartialEq>(truth: &[T], ours: &[T], theirs: &[T]) -> Option<Vec<f32>> {
    let right = |truth: &T, said: &T| f32::from(u8::from(truth == said));
    let rows = truth.iter().zip(ours).zip(theirs);
    (theirs.len() == truth.len()).then(|| rows.map(|((truth, ours), theirs)| right(truth, ours) - right(truth, theirs)).collect())
}

#[cfg(test)]
mod tests {
    use super::super::judged::Judged;
    use super::super::samples::{against, classes, real, score, several, spans, texts, whole};
    use super::*;

    fn found(stored: &StoredReport) -> Vec<Vec<f32>> {
        Judged::of(stored).unwrap().baselines.into_iter().map(|baseline| baseline.leads).collect()
    }

    #[test]
    fn a_lead_is_where_one_alone_is_right() {
        // Rows 1 and 4 are wrong; the second baseline has row 1 right, row 3 wrong, row 4 wrong as well.
        let stored = against(against(classes(), None, whole(&[0; 6])), None, whole(&[0, 0, 1, 0, 0, 0]));
        assert_eq!(found(&stored), [[0.0, -1.0, 1.0, 1.0, 0.0, 0.0], [0.0, -1.0, 0.0, 1.0, 0.0, 0.0]]);
    }

    #[test]
    fn several_labels_are_right_together_or_not_at_all() {
        let stored = against(several(), Some(BaselineKind::TfidfLogistic), vec![1, 0, 0, 0, 1, 0]);
        assert_eq!(found(&stored), [[1.0, -1.0]]);
    }

    #[test]
    fn of_numbers_the_nearer_is_ahead_and_no_number_is_farthest() {
        let stored = against(score(), Some(BaselineKind::Mean), real(&[1.0, 4.0, f32::NAN]));
        assert_eq!(found(&stored), [[-0.5, 2.0, f32::INFINITY]]);
    }

    #[test]
    fn tags_stand_behind_the_words_of_each_row() {
        let stored = against(spans(), Some(BaselineKind::MostFrequentTag), whole(&[3, 0, 0, 1, 1]));
        assert_eq!(found(&stored), [[-1.0, 1.0]]);
    }

    #[test]
    fn of_written_texts_the_one_with_more_chrf_is_ahead() {
        let stored = against(texts(), Some(BaselineKind::CopySource), real(&[60.0, 45.5]));
        assert_eq!(found(&stored), [[40.0, -5.5]]);
    }

    #[test]
    fn answers_that_did_not_come_or_do_not_fit_are_no_lead() {
        assert_eq!(found(&classes()), [[], []] as [[f32; 0]; 2]);
        assert_eq!(found(&against(against(classes(), None, whole(&[0; 5])), None, whole(&[0; 7]))), [[], []] as [[f32; 0]; 2]);
        assert_eq!(found(&against(several(), Some(BaselineKind::MajorityClass), vec![0; 5])), [[]] as [[f32; 0]; 1]);
        assert_eq!(found(&against(spans(), Some(BaselineKind::MostFrequentTag), whole(&[0; 4]))), [[]] as [[f32; 0]; 1]);
        assert_eq!(found(&against(texts(), Some(BaselineKind::CopySource), real(&[7.0]))), [[]] as [[f32; 0]; 1]);
    }
}
