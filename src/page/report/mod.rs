//! Column 3 for labelled texts, "Report": how the epochs went, and at the end how good the model is, with the rows behind every figure.
//!
//! In: epochs, report and rows of the store (`Part::{Epochs, Report, Rows}`). Out: `ReadRows`, `JudgePart`, `Relabel`; files to keep. Figures come from the engine and are
//! those of `docs/metrics.md`; here is only what arranges, draws and words them. Pure: `judged` (buffers to rows), `leads` (against
//! baselines, row by row), `behind` (figure to rows), `row`, `epochs`, `duel` (against baselines), `matrix`, `calibration`, `scatter`,
//! `csv`, `records`, `document`. Views: the rest. Words: `strings::report`.
//!
//! Test ids: `report`, `report-waits`, `report-part` (`data-part`), `report-warning`; those of the views stand in their headers:
//! `epochs_view`, `lines`, `matrix_view`, `calibration_view`, `scatter_view`, `baselines`, `parts`, `rows`, `relabel`, `keep`.

mod baselines;
pub mod behind;
pub mod calibration;
mod calibration_view;
pub mod csv;
mod desk;
mod document;
pub mod duel;
pub mod epochs;
mod epochs_view;
mod judged;
mod keep;
mod leads;
mod lines;
mod matrix;
mod matrix_view;
mod parts;
pub mod records;
mod relabel;
mod row;
mod rows;
#[cfg(test)]
pub mod samples;
mod scatter;
mod scatter_view;
mod texts;

use crate::page::conductor::Conductor;
use crate::page::state::{Part, StoredReport};
use crate::page::strings::report::words;
use crate::protocol::SplitPart;
use baselines::Baselines;
use calibration_view::Calibration;
use desk::Desk;
use epochs_view::Epochs;
use keep::KeepReport;
use leptos::prelude::*;
use lines::{Headlines, Lines};
use matrix_view::{Labels, Matrix};
use parts::RowsByPart;
pub use relabel::Hindrance;
use scatter_view::Scatter;
use std::rc::Rc;

/// Epochs and report of the open table.
#[component]
pub fn Report(conductor: Conductor) -> impl IntoView {
    let store = conductor.store;
    // The part is told of more often than there is another report; what was corrected in this one must stay.
    let which = store.memo(Part::Report, |state| state.labels.report.as_ref().map(Rc::as_ptr).map(|report| report as usize));
    let unkept = store.memo(Part::Table, |state| {
        let split = state.labels.facts.latest.as_ref().map(|facts| &facts.split);
        split.is_some_and(|split| split.test == 0 && split.validation == 0)
    });
    let body = move || match which.get().and_then(|_| store.peek(|state| state.labels.report.as_ref()?.open())) {
        Some(stored) => view! { <Judgement conductor stored=Rc::new(stored)/> }.into_any(),
        None => {
            view! { <p class="mild" data-testid="report-waits">{move || if unkept.get() { words().unkept } else { words().waits }}</p> }
                .into_any()
        }
    };
    view! {
        <div class="report" data-testid="report">
            <Epochs/>
            <h3>{words().title}</h3>
            {body}
        </div>
    }
}

/// A part in a test id.
fn part_id(part: SplitPart) -> &'static str {
    match part {
        SplitPart::Test => "test",
        SplitPart::Validation => "validation",
        SplitPart::Training => "training",
        SplitPart::LeftOut => "left-out",
    }
}

/// The report: of which rows, the figures, what stands behind them.
#[component]
fn Judgement(conductor: Conductor, stored: Rc<StoredReport>) -> impl IntoView {
    let own = words();
    let (part, rows, all) = (stored.report.part, stored.report.rows, stored.report.part_rows);
    let looks = conductor.store.peek(|state| state.labels.looks());
    let desk = Desk::new(conductor.store, stored);
    let warning =
        (part == SplitPart::Validation).then(|| view! { <p class="say warn" data-testid="report-warning">{own.part_warning}</p> });
    view! {
        <p data-testid="report-part" data-part=part_id(part)>{(own.part)(part, rows, all, looks)}</p>
        {warning}
        <Headlines desk/>
        <Baselines desk/>
        <Lines desk/>
        <Matrix desk/>
        <Labels desk/>
        <Scatter desk/>
        <Calibration desk/>
        <RowsByPart conductor desk/>
        <KeepReport desk/>
    }
}

#[cfg(test)]
mod tests {
    use super::behind::{Behind, Order};
    use super::judged::Judged;
    use super::samples;
    use crate::page::state::{Part, RunState};
    use crate::protocol::labels::{LabelAnswer, LabelNews, RowText};
    use crate::protocol::{Event, Packet, RowPlace, Sealed};

    /// The report goes through a packet, as it comes from the engine.
    #[test]
    fn a_report_from_the_engine_becomes_rows_behind_its_figures() {
        let sent = samples::classes();
        let mut state = RunState::default();
        state.begin_run(3);
        let news = LabelNews::report(&sent.report);
        let packet = Packet::new(&Event::LabelRun { run: 3, news }, sent.buffers.to_vec()).unwrap();
        let parts = state.apply(packet.read::<Event>().unwrap(), packet.buffers);
        assert!(parts.contains(Part::Report));
        let stored = state.labels.report.as_ref().unwrap().open().unwrap();
        assert_eq!(stored.report, sent.report);
        let judged = Judged::of(&stored).unwrap();
        let wrong = Behind::Cell { truth: 0, said: 1 }.rows(&judged, &[], Order::WorstFirst);
        assert_eq!(wrong.iter().map(|&at| judged.rows[at]).collect::<Vec<_>>(), [5]);
        // Another run's report is none of ours.
        state.begin_run(4);
        let late = LabelNews::report(&sent.report);
        assert!(state.apply(Event::LabelRun { run: 3, news: late }, sent.buffers.to_vec()).is_empty() && state.labels.report.is_none());
    }

    #[test]
    fn rows_that_were_asked_for_are_kept_and_others_are_not() {
        let mut state = RunState::default();
        state.labels.rows.ask(8);
        let text = |text: &str| {
            Sealed::of(&vec![RowText {
                row: 5,
                place: RowPlace { file: 0, line: 7 },
                text: text.into(),
                second: String::new(),
                cut: false,
                label: "good".into(),
            }])
        };
        assert!(state.apply(Event::Labels { request: 7, answer: LabelAnswer::Rows { rows: text("early") } }, vec![]).is_empty());
        let parts = state.apply(Event::Labels { request: 8, answer: LabelAnswer::Rows { rows: text("ours") } }, vec![]);
        assert!(parts.contains(Part::Rows) && !state.labels.rows.waits);
        assert_eq!(state.labels.rows.latest.unwrap().open().unwrap()[0].text, "ours");
    }
}
