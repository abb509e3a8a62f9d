//! How good a model is, in figures: their names, and for each kind of task what its report says. Figures are those of `docs/metrics.md`.

use crate::protocol::table::TableTask;
use serde::{Deserialize, Serialize};

/// Rows of the validation part that answers are written for after each epoch of text to text, drawn by the seed, always the same: its figures are over
/// these, its loss is over all.
pub const EPOCH_ANSWERS: usize = 24;
/// Rows that answers are written for in a report on text to text, drawn by the seed.
pub const REPORT_ANSWERS: usize = 200;

/// What a figure measures. Shares lie in `0..=1` unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureName {
    /// What training minimises, as each task says: nats, or of numbers the squared error in standard deviations of the training part.
    Loss,
    /// Rows that are right.
    Accuracy,
    /// Mean F1 of the classes; with one label a row, of those that occur.
    MacroF1,
    /// F1 of all labels of all rows together.
    MicroF1,
    /// Rows whose whole set of labels is right.
    SubsetAccuracy,
    /// Wrong labels among all labels of all rows, set or not. The smaller the better.
    HammingLoss,
    /// `-1..=1`
    Pearson,
    /// `-1..=1`
    Spearman,
    /// In the square of the table's unit. The smaller the better.
    MeanSquaredError,
    /// In the table's unit. The smaller the better.
    MeanAbsoluteError,
    /// 1: perfect; 0: as good as always saying the mean; below 0: worse.
    RSquared,
    /// F1 of marked spans, right in bounds and type.
    SpanF1,
    /// Words whose tag is right.
    TagAccuracy,
    /// `0..=100`
    Chrf,
    /// F of the longest common subsequence of words, mean over rows.
    RougeL,
    /// Rows written exactly, but for case, articles and punctuation.
    ExactMatch,
    /// F1 of the words of a row, mean over rows.
    TokenF1,
}

impl FigureName {
    /// The figures that a task has after each epoch beside its loss; the first decides by default which epoch is the best. Empty for writing.
    pub fn of(task: TableTask) -> &'static [Self] {
        match task {
            TableTask::Classify | TableTask::ClassifyPair => &[Self::MacroF1, Self::Accuracy],
            TableTask::ClassifySeveral => &[Self::MacroF1, Self::MicroF1, Self::SubsetAccuracy, Self::HammingLoss],
            TableTask::Score | TableTask::ScorePair => {
                &[Self::MeanSquaredError, Self::MeanAbsoluteError, Self::Pearson, Self::Spearman, Self::RSquared]
            }
            TableTask::TagTokens => &[Self::SpanF1, Self::TagAccuracy],
            TableTask::TextToText => &[Self::Chrf, Self::RougeL, Self::ExactMatch, Self::TokenF1],
            TableTask::Write => &[],
        }
    }

    /// Otherwise the smaller the better.
    pub fn larger_is_better(self) -> bool {
        !matches!(self, Self::Loss | Self::HammingLoss | Self::MeanSquaredError | Self::MeanAbsoluteError)
    }
}

/// A figure by name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    pub name: FigureName,
    pub value: f64,
}

/// A figure and its 95% bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FigureInterval {
    pub estimate: f64,
    pub low: f64,
    pub high: f64,
}

/// One line of a classification report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreLine {
    pub name: String,
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    /// True rows behind it; of spans, true spans.
    pub support: u64,
}

/// How good predictions of one class a row are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Classes that occur in truth or prediction.
    pub classes: Vec<ScoreLine>,
    pub macro_average: ScoreLine,
    pub weighted_average: ScoreLine,
    pub accuracy: FigureInterval,
    pub macro_f1: FigureInterval,
    /// The report as scikit-learn prints it.
    pub text: String,
    /// `[true class][predicted class]`, all classes.
    pub confusion: Vec<Vec<u64>>,
}

/// Rows, or labels of rows, whose probability lies in `(low, high]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    pub low: f64,
    pub high: f64,
    pub rows: u64,
    /// Mean probability, and share of right rows, or of labels that the rows have; `None` for an empty bin.
    pub confidence: Option<f64>,
    pub accuracy: Option<f64>,
}

/// One class a text, or a pair of texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassFigures {
    pub classes: Vec<String>,
    pub quality: Quality,
    /// Of the probability of the predicted class. Empty for baselines.
    pub calibration: Vec<CalibrationBin>,
    pub expected_calibration_error: Option<f64>,
}

/// Any number of classes a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeveralFigures {
    pub classes: Vec<String>,
    /// One per class, all of them, in their order.
    pub lines: Vec<ScoreLine>,
    pub micro_average: ScoreLine,
    pub macro_average: ScoreLine,
    pub weighted_average: ScoreLine,
    pub samples_average: ScoreLine,
    pub micro_f1: FigureInterval,
    pub macro_f1: FigureInterval,
    pub subset_accuracy: FigureInterval,
    pub hamming_loss: FigureInterval,
    /// The report as scikit-learn prints it.
    pub text: String,
    /// For each class the rows that are `[[neither, only said], [only true, both]]`, as `multilabel_confusion_matrix`.
    pub confusion: Vec<[[u64; 2]; 2]>,
    /// Of the probability of each label of each row, beside whether the row has it. Empty for baselines.
    pub calibration: Vec<CalibrationBin>,
    pub expected_calibration_error: Option<f64>,
}

/// A number a text, or a pair of texts. In the unit of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreFigures {
    /// Mean and standard deviation of the training part, by which targets are standardised.
    pub mean: f64,
    pub deviation: f64,
    /// `None` where it has no value: equal numbers on either side.
    pub pearson: Option<FigureInterval>,
    pub spearman: Option<FigureInterval>,
    pub mean_squared_error: FigureInterval,
    pub mean_absolute_error: FigureInterval,
    /// `None` where all true numbers are equal.
    pub r_squared: Option<FigureInterval>,
}

/// Tags of words, read as spans.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpanFigures {
    /// Names of the tags, in the order of their numbers.
    pub tags: Vec<String>,
    /// Tags are of the kind `B-place`. Otherwise (parts of speech, say) every word counts as a span of its tag: lines are of tags, precision, recall and F1
    /// are the share of right words, and the report is scikit-learn's.
    pub marks_spans: bool,
    /// One per type of span, by name.
    pub types: Vec<ScoreLine>,
    pub micro_average: ScoreLine,
    pub macro_average: ScoreLine,
    pub weighted_average: ScoreLine,
    /// Of all spans together: the headline is F1.
    pub precision: FigureInterval,
    pub recall: FigureInterval,
    pub f1: FigureInterval,
    pub tag_accuracy: FigureInterval,
    /// The report as seqeval prints it.
    pub text: String,
}

/// Written texts beside the wanted ones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TextFigures {
    /// Most wanted texts are Chinese: words of ROUGE-L and F1 are characters, answers are normalised as CMRC's script does.
    pub chinese: bool,
    /// Of all rows together, `0..=100`.
    pub chrf: FigureInterval,
    /// Means over the rows, `0..=1`.
    pub rouge_l: FigureInterval,
    pub exact_match: FigureInterval,
    pub token_f1: FigureInterval,
}

/// What a report says, by kind of task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskFigures {
    /// `Classify`, `ClassifyPair`
    Classes(ClassFigures),
    /// `ClassifySeveral`
    Several(SeveralFigures),
    /// `Score`, `ScorePair`
    Score(ScoreFigures),
    /// `TagTokens`
    Spans(SpanFigures),
    /// `TextToText`
    Texts(TextFigures),
}

impl TaskFigures {
    /// The headline: the first of [`FigureName::of`], with its interval.
    pub fn headline(&self) -> (FigureName, FigureInterval) {
        match self {
            Self::Classes(figures) => (FigureName::MacroF1, figures.quality.macro_f1),
            Self::Several(figures) => (FigureName::MacroF1, figures.macro_f1),
            Self::Score(figures) => (FigureName::MeanSquaredError, figures.mean_squared_error),
            Self::Spans(figures) if figures.marks_spans => (FigureName::SpanF1, figures.f1),
            // The same share, by its own name.
            Self::Spans(figures) => (FigureName::TagAccuracy, figures.tag_accuracy),
            Self::Texts(figures) => (FigureName::Chrf, figures.chrf),
        }
    }
}
