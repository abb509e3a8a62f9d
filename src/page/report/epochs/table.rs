//! All epochs as a table: loss and figures on training and validation rows, the best marked.
//!
//! In: the epochs so far, which is the best. Out: headings and cells, for the fold below the charts and for the document. Absent: elements, markup.

use super::{curves, names};
use crate::page::strings::report::{value_of, words};
use crate::protocol::labels::{EpochReport, FigureName};

/// An epoch's cells, as many as there are headings.
#[derive(Debug, Clone, PartialEq)]
pub struct EpochRow {
    pub epoch: u32,
    pub best: bool,
    pub cells: Vec<String>,
}

/// What has a column: the loss, then the figures of the task.
fn columns(epochs: &[EpochReport]) -> Vec<FigureName> {
    std::iter::once(FigureName::Loss).chain(names(epochs).into_iter().filter(|name| *name != FigureName::Loss)).collect()
}

/// Headings behind that of the epoch, two for each figure.
pub fn heads(epochs: &[EpochReport]) -> Vec<String> {
    let own = words();
    let both = |name: FigureName| [own.training, own.validation].map(|part| format!("{}, {part}", (own.figure)(name).1));
    columns(epochs).into_iter().flat_map(both).collect()
}

/// A row for each epoch; `best` is the epoch whose model is, or would be, kept.
pub fn rows(epochs: &[EpochReport], best: Option<u32>) -> Vec<EpochRow> {
    let columns = columns(epochs);
    let one = |epoch: &EpochReport| {
        let alone = std::slice::from_ref(epoch);
        let cell = |name, points: &[(f64, f64)]| points.first().map(|point| value_of(name, point.1)).unwrap_or_default();
        let both = |&name: &FigureName| {
            let (training, validation) = curves(alone, name);
            [cell(name, &training), cell(name, &validation)]
        };
        EpochRow { epoch: epoch.epoch, best: best == Some(epoch.epoch), cells: columns.iter().flat_map(both).collect() }
    };
    epochs.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::epoch;
    use super::*;

    #[test]
    fn every_epoch_has_its_loss_and_figures_and_the_best_is_marked() {
        let mut bare = epoch(2, 0.45, false);
        bare.validation = None;
        let epochs = [epoch(0, 0.25, true), epoch(1, 0.5, true), bare];
        assert_eq!(heads(&epochs), ["loss, training", "loss, validation", "macro F1, training", "macro F1, validation"]);
        let rows = rows(&epochs, Some(1));
        assert_eq!(rows.iter().map(|row| (row.epoch, row.best)).collect::<Vec<_>>(), [(0, false), (1, true), (2, false)]);
        assert_eq!(rows[1].cells, ["0.400", "0.500", "0.60", "0.50"]);
        assert_eq!(rows[2].cells, ["0.450", "", "0.55", ""], "no validation rows, no value");
    }
}
