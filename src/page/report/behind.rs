//! Which rows stand behind a figure, and in which order they are shown.
//!
//! In: the judged rows, what was clicked. Out: positions among the judged rows, the worst first. Absent: texts, words.

use super::judged::{Judged, Verdicts, of_row, span_type};
use crate::protocol::labels::{BaselineKind, FigureName, TaskFigures};

/// What a figure speaks of.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Behind {
    /// Every judged row.
    #[default]
    All,
    /// Rows that are right, or those that are not.
    Right(bool),
    /// Rows of a class by the table, by the model, or by either.
    Class { class: u32, by: By },
    /// Rows of a cell of the confusion matrix.
    Cell { truth: u32, said: u32 },
    /// Rows whose probability, or that of one of several labels, lies in `(low, high]`.
    Probability { low: f64, high: f64 },
    /// Of several labels: rows that have the class, or are said to have it, or both, or neither.
    Label { class: u32, truth: bool, said: bool },
    /// Rows with a span of this type, by the table, by the model, or by either.
    Span { name: String, by: By },
    /// Rows with a word of this tag, where tags mark no spans.
    Tag { tag: u32, by: By },
    /// One judged row, by its position.
    One(usize),
    /// Every row, the lowest by this figure first.
    Lowest(FigureName),
    /// Rows that are wrong, the surest first: no list of rows is the calibration error, but these are its part most worth reading.
    Mistakes,
    /// Rows where only one of model and baseline `other` is right: the model in `ours`, the baseline in `theirs`.
    Apart { other: usize, kind: BaselineKind, ours: usize, theirs: usize },
    /// Of numbers and written texts: rows where baseline `other` is nearer to the truth than the model.
    Nearer { other: usize, kind: BaselineKind },
}

/// Who says that a row is of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The table: behind recall and support.
    Truth,
    /// The model: behind precision.
    Model,
    /// At least one of them: behind F1.
    Either,
}

impl By {
    fn holds(self, truth: bool, said: bool) -> bool {
        match self {
            Self::Truth => truth,
            Self::Model => said,
            Self::Either => truth || said,
        }
    }
}

/// In which order rows are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    #[default]
    WorstFirst,
    BestFirst,
    AsInTable,
}

impl Order {
    /// All, as a select offers them.
    pub const ALL: [Self; 3] = [Self::WorstFirst, Self::BestFirst, Self::AsInTable];

    /// Its name in a select.
    pub fn id(self) -> &'static str {
        match self {
            Self::WorstFirst => "worst",
            Self::BestFirst => "best",
            Self::AsInTable => "table",
        }
    }
}

impl Behind {
    /// Behind a figure of the whole report.
    pub fn whole(figures: &TaskFigures, name: FigureName) -> Self {
        if matches!(figures, TaskFigures::Texts(_)) { Self::Lowest(name) } else { Self::All }
    }

    /// Behind a line of the classification report. `names` are those of the classes or tags; a line that bears no name has all rows.
    pub fn line(figures: &TaskFigures, names: &[String], line: &str, by: By) -> Self {
        match figures {
            TaskFigures::Spans(figures) if figures.marks_spans => Self::Span { name: line.to_owned(), by },
            _ => match names.iter().position(|name| name == line) {
                None => Self::All,
                Some(tag) if matches!(figures, TaskFigures::Spans(_)) => Self::Tag { tag: tag as u32, by },
                Some(class) => Self::Class { class: class as u32, by },
            },
        }
    }

    /// Behind the figures of baseline `other`; `None` where its answers did not come.
    pub fn baseline(judged: &Judged, other: usize, kind: BaselineKind) -> Option<Self> {
        let leads = &judged.baselines.get(other)?.leads;
        if leads.is_empty() {
            return None;
        }
        if matches!(judged.verdicts, Verdicts::Score { .. } | Verdicts::Texts { .. }) {
            return Some(Self::Nearer { other, kind });
        }
        let count = |ahead: fn(f32) -> bool| leads.iter().filter(|&&lead| ahead(lead)).count();
        Some(Self::Apart { other, kind, ours: count(|lead| lead > 0.0), theirs: count(|lead| lead < 0.0) })
    }

    /// Whether judged row `at` belongs to it.
    pub fn holds(&self, judged: &Judged, at: usize, tags: &[String]) -> bool {
        let verdicts = &judged.verdicts;
        match (self, verdicts) {
            (Self::All | Self::Lowest(_), _) => true,
            (Self::Right(right), _) => judged.right(at) == Some(*right),
            (Self::One(one), _) => *one == at,
            (Self::Mistakes, Verdicts::Classes { .. } | Verdicts::Several { .. }) => judged.right(at) == Some(false),
            (Self::Apart { other, .. }, _) => judged.lead(*other, at) != 0.0,
            (Self::Nearer { other, .. }, _) => judged.lead(*other, at) < 0.0,
            (Self::Class { class, by }, Verdicts::Classes { truth, said, .. }) => {
                by.holds(truth.get(at) == Some(class), said.get(at) == Some(class))
            }
            (Self::Class { class, by }, Verdicts::Several { classes, truth, said, .. }) => {
                let has = |flags: &[bool]| flags.get(at * classes + *class as usize).copied().unwrap_or(false);
                by.holds(has(truth), has(said))
            }
            (Self::Cell { truth: row, said: column }, Verdicts::Classes { truth, said, .. }) => {
                truth.get(at) == Some(row) && said.get(at) == Some(column)
            }
            (Self::Probability { low, high }, Verdicts::Classes { probability, .. }) => {
                probability.get(at).is_some_and(|&probability| in_bin(probability, *low, *high))
            }
            (Self::Probability { low, high }, Verdicts::Several { classes, probability, .. }) => {
                let labels = of_row(probability, *classes, at).unwrap_or_default();
                labels.iter().any(|&probability| in_bin(probability, *low, *high))
            }
            (Self::Label { class, truth: wanted, said: given }, Verdicts::Several { classes, truth, said, .. }) => {
                let place = at * classes + *class as usize;
                truth.get(place) == Some(wanted) && said.get(place) == Some(given)
            }
            (Self::Span { name, by }, Verdicts::Spans { truth, said }) => {
                let has = |words: Option<&Vec<u32>>| {
                    words.is_some_and(|words| {
                        words.iter().filter_map(|&tag| tags.get(tag as usize)).any(|tag| span_type(tag) == Some(name.as_str()))
                    })
                };
                by.holds(has(truth.get(at)), has(said.get(at)))
            }
            (Self::Tag { tag, by }, Verdicts::Spans { truth, said }) => {
                let has = |words: Option<&Vec<u32>>| words.is_some_and(|words| words.contains(tag));
                by.holds(has(truth.get(at)), has(said.get(at)))
            }
            _ => false,
        }
    }

    /// Positions of its rows, ordered.
    pub fn rows(&self, judged: &Judged, tags: &[String], order: Order) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..judged.len()).filter(|&at| self.holds(judged, at, tags)).collect();
        // The larger the worse. A loss that is not a number is the worst.
        let loss =
            |at: usize| judged.losses.get(at).copied().map_or(f32::NEG_INFINITY, |loss| if loss.is_nan() { f32::INFINITY } else { loss });
        let badness = |at: usize| match (self, &judged.verdicts) {
            (Self::Lowest(name), _) => judged.figure(at, *name).map_or(f32::NEG_INFINITY, |value| -value),
            (Self::Mistakes, Verdicts::Classes { probability, .. }) => probability.get(at).copied().unwrap_or_default(),
            // The label that is farthest from what it should be.
            (Self::Mistakes, Verdicts::Several { classes, truth, probability, .. }) => {
                let truth = of_row(truth, *classes, at).unwrap_or_default();
                let labels = truth.iter().zip(of_row(probability, *classes, at).unwrap_or_default());
                labels.map(|(&has, &probability)| if has { 1.0 - probability } else { probability }).fold(0.0, f32::max)
            }
            (Self::Apart { other, .. } | Self::Nearer { other, .. }, _) => -judged.lead(*other, at),
            _ => loss(at),
        };
        // What is equally bad, as all rows are that a baseline alone has right, goes by its loss.
        let compare = |a: usize, b: usize| badness(a).total_cmp(&badness(b)).then_with(|| loss(a).total_cmp(&loss(b)));
        match order {
            Order::WorstFirst => rows.sort_by(|&a, &b| compare(b, a)),
            Order::BestFirst => rows.sort_by(|&a, &b| compare(a, b)),
            Order::AsInTable => rows.sort_by_key(|&at| judged.rows.get(at).copied()),
        }
        rows
    }
}

fn in_bin(probability: f32, low: f64, high: f64) -> bool {
    let probability = f64::from(probability);
    // The lowest bin has its lower edge too.
    (probability > low || probability <= 0.0 && low <= 0.0) && probability <= high
}

#[cfg(test)]
mod tests {
    use super::super::samples::{against, classes, real, score, several, spans, tags, texts, whole};
    use super::*;
    use crate::page::state::StoredReport;
    use std::rc::Rc;

    fn found(stored: &StoredReport, behind: &Behind) -> Vec<usize> {
        let tags = ["O", "B-PER", "I-PER", "B-LOC"].map(str::to_owned);
        behind.rows(&Judged::of(stored).unwrap(), &tags, Order::WorstFirst)
    }

    #[test]
    fn each_figure_has_the_rows_it_is_made_of_the_worst_first() {
        let stored = classes();
        assert_eq!(found(&stored, &Behind::All), [1, 4, 3, 2, 5, 0]);
        assert_eq!(found(&stored, &Behind::Right(false)), [1, 4]);
        let class = |by| Behind::Class { class: 0, by };
        assert_eq!(found(&stored, &class(By::Truth)), [1, 5, 0]);
        assert_eq!(found(&stored, &class(By::Model)), [4, 5, 0]);
        assert_eq!(found(&stored, &class(By::Either)), [1, 4, 5, 0]);
        assert_eq!(found(&stored, &Behind::Cell { truth: 1, said: 0 }), [4]);
    }

    #[test]
    fn cells_together_are_all_rows() {
        let stored = classes();
        let cells: usize = (0..2)
            .flat_map(|truth| (0..2).map(move |said| (truth, said)))
            .map(|(truth, said)| found(&stored, &Behind::Cell { truth, said }).len())
            .sum();
        assert_eq!(cells, 6);
    }

    #[test]
    fn an_edge_belongs_to_the_bin_below_it() {
        let stored = classes();
        assert_eq!(found(&stored, &Behind::Probability { low: 0.5, high: 0.75 }), [1, 4, 3, 2, 5]);
        assert_eq!(found(&stored, &Behind::Probability { low: 0.75, high: 1.0 }), [0]);
        assert_eq!(found(&several(), &Behind::Probability { low: 0.25, high: 0.5 }), [1], "one of its labels");
        assert_eq!(found(&several(), &Behind::Probability { low: 0.0, high: 0.25 }), [1, 0]);
    }

    #[test]
    fn several_labels_are_asked_one_by_one() {
        let stored = several();
        assert_eq!(found(&stored, &Behind::Label { class: 1, truth: true, said: false }), [1]);
        assert_eq!(found(&stored, &Behind::Label { class: 2, truth: false, said: true }), [1]);
        assert_eq!(found(&stored, &Behind::Class { class: 1, by: By::Truth }), [1, 0]);
        assert_eq!(found(&stored, &Behind::Right(true)), [0]);
    }

    #[test]
    fn spans_are_found_by_their_type() {
        let stored = spans();
        let span = |name: &str, by| Behind::Span { name: name.to_owned(), by };
        assert_eq!(found(&stored, &span("LOC", By::Truth)), [0]);
        assert_eq!(found(&stored, &span("LOC", By::Model)), [] as [usize; 0]);
        assert_eq!(found(&stored, &span("PER", By::Either)), [1]);
    }

    #[test]
    fn tags_that_mark_no_spans_are_found_by_their_name() {
        let stored = tags();
        let names = ["ADJ", "DET", "NOUN", "VERB"].map(str::to_owned);
        let behind = |line: &str, by| {
            Behind::line(&stored.report.figures, &names, line, by).rows(&Judged::of(&stored).unwrap(), &names, Order::AsInTable)
        };
        assert_eq!([By::Truth, By::Model, By::Either].map(|by| behind("NOUN", by)), [vec![0, 1], vec![1], vec![0, 1]]);
        assert_eq!([By::Truth, By::Model].map(|by| behind("VERB", by)), [vec![0], vec![0]]);
        assert_eq!(behind("micro avg", By::Truth), [0, 1]);
    }

    #[test]
    fn a_line_s_rows_are_those_of_its_task() {
        let names = ["good", "bad"].map(str::to_owned);
        let line = |stored: StoredReport, name: &str| Behind::line(&stored.report.figures, &names, name, By::Model);
        assert_eq!(line(classes(), "bad"), Behind::Class { class: 1, by: By::Model });
        assert_eq!(line(spans(), "PER"), Behind::Span { name: "PER".to_owned(), by: By::Model });
    }

    #[test]
    fn written_texts_are_ordered_by_the_figure_that_was_clicked() {
        assert_eq!(found(&texts(), &Behind::Lowest(FigureName::Chrf)), [1, 0]);
        let judged = Judged::of(&texts()).unwrap();
        assert_eq!(Behind::All.rows(&judged, &[], Order::BestFirst), [0, 1]);
    }

    #[test]
    fn a_baseline_has_the_rows_where_it_and_the_model_part() {
        let stored = against(classes(), None, whole(&[0, 0, 1, 0, 1, 1]));
        let judged = Judged::of(&stored).unwrap();
        let kind = BaselineKind::MajorityClass;
        let behind = Behind::baseline(&judged, 0, kind).unwrap();
        assert_eq!(behind, Behind::Apart { other: 0, kind, ours: 2, theirs: 2 });
        // Those that the baseline alone has right come first, the larger loss before the smaller.
        assert_eq!(found(&stored, &behind), [1, 4, 3, 5]);
        assert_eq!(behind.rows(&judged, &[], Order::BestFirst), [5, 3, 4, 1]);
        // The other baseline's answers are not there.
        assert_eq!(Behind::baseline(&judged, 1, BaselineKind::TfidfLogistic), None);
    }

    #[test]
    fn of_numbers_a_baseline_has_the_rows_that_it_comes_nearer_to() {
        let kind = BaselineKind::Mean;
        let stored = against(score(), Some(kind), real(&[1.25, 2.0, 3.5]));
        let behind = Behind::baseline(&Judged::of(&stored).unwrap(), 0, kind).unwrap();
        assert_eq!(behind, Behind::Nearer { other: 0, kind });
        assert_eq!(found(&stored, &behind), [2, 0]);
    }

    #[test]
    fn mistakes_are_wrong_and_the_surest_comes_first() {
        let mut stored = classes();
        Rc::make_mut(&mut stored.buffers)[3] = real(&[0.9, 0.75, 0.7, 0.6, 0.8, 0.7]);
        // By loss it would be the other way round.
        assert_eq!(found(&stored, &Behind::Mistakes), [4, 1]);
        assert_eq!(found(&stored, &Behind::Right(false)), [1, 4]);
        let mut labels = several();
        Rc::make_mut(&mut labels.buffers)[2] = vec![1, 1, 1, 1, 0, 1];
        Rc::make_mut(&mut labels.buffers)[3] = real(&[0.9, 0.8, 0.75, 0.6, 0.3, 0.7]);
        Rc::make_mut(&mut labels.buffers)[4] = real(&[0.2, 0.1]);
        // 0.75 for the third that is not there; 0.3 for the second that is, and 0.7 for the third that is not.
        assert_eq!(found(&labels, &Behind::Mistakes), [0, 1]);
        Rc::make_mut(&mut labels.buffers)[3][16..20].copy_from_slice(&0.2f32.to_le_bytes());
        assert_eq!(found(&labels, &Behind::Mistakes), [1, 0]);
        assert!(found(&score(), &Behind::Mistakes).is_empty());
    }

    #[test]
    fn what_does_not_fit_the_task_has_no_rows() {
        assert!(found(&texts(), &Behind::Cell { truth: 0, said: 0 }).is_empty());
        let mut broken = classes();
        Rc::make_mut(&mut broken.buffers)[4][0..4].copy_from_slice(&f32::NAN.to_le_bytes());
        assert_eq!(found(&broken, &Behind::All)[0], 0);
    }
}
