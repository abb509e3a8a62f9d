//! The figures of written texts beside those that were wanted: chrF, ROUGE-L, exact match, token F1.
//!
//! Where most wanted texts are Chinese, words are counted as Chinese texts have them: ROUGE-L and F1 by characters, answers normalised as CMRC's script
//! does. Of several accepted texts the one that fits best counts.

use super::{interval, share};
use crate::metrics::{
    Bootstrap, ChrfCounts, MetricsError, chinese_exact_match, chinese_token_f1, chinese_tokens, exact_match, rouge_l, rouge_l_of, token_f1,
};
use crate::protocol::labels::{Figure, FigureName, TextFigures};

/// Scores of each row.
pub struct Scores {
    chinese: bool,
    chrf: Vec<ChrfCounts>,
    rouge_l: Vec<f64>,
    exact: Vec<f64>,
    token_f1: Vec<f64>,
}

/// Most letters are Chinese characters.
fn is_chinese(texts: &[Vec<&str>]) -> bool {
    let letters = || texts.iter().flatten().flat_map(|text| text.chars()).filter(|letter| letter.is_alphabetic());
    let chinese = letters().filter(|letter| matches!(letter, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}')).count();
    2 * chinese > letters().count()
}

/// Scores of answers against the accepted texts of each row.
///
/// # Errors
/// A row without an accepted text.
pub fn scores(answers: &[String], wanted: &[Vec<&str>]) -> Result<Scores, MetricsError> {
    let chinese = is_chinese(wanted);
    let mut scores = Scores { chinese, chrf: Vec::new(), rouge_l: Vec::new(), exact: Vec::new(), token_f1: Vec::new() };
    for (answer, wanted) in answers.iter().zip(wanted) {
        let overlap = |text: &&str| {
            if chinese { rouge_l_of(&chinese_tokens(text), &chinese_tokens(answer)).f1 } else { rouge_l(text, answer).f1 }
        };
        scores.chrf.push(ChrfCounts::new(answer, wanted)?);
        scores.rouge_l.push(wanted.iter().map(overlap).fold(0.0, f64::max));
        let (exact, f1) = if chinese {
            (chinese_exact_match(answer, wanted)?, chinese_token_f1(answer, wanted)?)
        } else {
            (exact_match(answer, wanted)?, token_f1(answer, wanted)?)
        };
        scores.exact.push(f64::from(u8::from(exact)));
        scores.token_f1.push(f1);
    }
    Ok(scores)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

impl Scores {
    /// chrF of drawn rows together.
    pub fn chrf(&self, rows: &[usize]) -> f64 {
        rows.iter().filter_map(|&row| self.chrf.get(row)).fold(ChrfCounts::default(), ChrfCounts::plus).score()
    }

    fn all(&self) -> Vec<usize> {
        (0..self.chrf.len()).collect()
    }

    /// chrF, ROUGE-L, exact match and token F1 of each row.
    pub fn by_row(&self) -> [Vec<f32>; 4] {
        let floats = |values: &[f64]| values.iter().map(|&value| value as f32).collect::<Vec<f32>>();
        let chrf: Vec<f64> = self.chrf.iter().map(ChrfCounts::score).collect();
        [floats(&chrf), floats(&self.rouge_l), floats(&self.exact), floats(&self.token_f1)]
    }

    /// Figures with their intervals drawn by `seed`.
    pub fn figures(&self, seed: u64) -> TextFigures {
        let bootstrap = Bootstrap { seed, ..Bootstrap::default() };
        let of = |values: &[f64]| share(bootstrap.mean(values), mean(values), values.len());
        TextFigures {
            chinese: self.chinese,
            chrf: interval(bootstrap.interval(self.chrf.len(), |rows| Some(self.chrf(rows))), self.chrf(&self.all())),
            rouge_l: of(&self.rouge_l),
            exact_match: of(&self.exact),
            token_f1: of(&self.token_f1),
        }
    }
}

/// Figures of an epoch; none without rows.
pub fn epoch(scores: &Scores) -> Vec<Figure> {
    if scores.chrf.is_empty() {
        return Vec::new();
    }
    let means = [
        (FigureName::Chrf, scores.chrf(&scores.all())),
        (FigureName::RougeL, mean(&scores.rouge_l)),
        (FigureName::ExactMatch, mean(&scores.exact)),
        (FigureName::TokenF1, mean(&scores.token_f1)),
    ];
    means.into_iter().map(|(name, value)| Figure { name, value }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(list: &[&str]) -> Vec<String> {
        list.iter().map(|&answer| answer.to_owned()).collect()
    }

    #[test]
    fn rows_are_scored_against_what_fits_best() {
        let scores = scores(&answers(&["the cat", "no"]), &[vec!["a dog", "cat"], vec!["yes"]]).unwrap();
        let figures = scores.figures(1);
        assert_eq!((figures.exact_match.estimate, figures.token_f1.estimate, figures.chinese), (0.5, 0.5, false));
        assert!((figures.rouge_l.estimate - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(epoch(&scores)[0].value, figures.chrf.estimate);
        assert!(figures.chrf.low <= figures.chrf.estimate && figures.chrf.estimate <= figures.chrf.high);
    }

    #[test]
    fn chinese_is_counted_by_characters() {
        let scores = scores(&answers(&["北京大学。"]), &[vec!["北京大学"]]).unwrap();
        let figures = scores.figures(1);
        assert_eq!((figures.exact_match.estimate, figures.rouge_l.estimate, figures.chinese), (1.0, 1.0, true));
    }

    #[test]
    fn no_row_has_no_figures() {
        assert!(epoch(&scores(&[], &[]).unwrap()).is_empty());
    }
}
