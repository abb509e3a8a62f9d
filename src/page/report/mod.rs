//! Column 3 for labelled texts, "Report": how the epochs went, and at the end how good the model is, with the rows behind every figure.
//!
//! In: epochs, report and rows of the store (`Part::{Epochs, Report, Rows}`). Out: `ReadRows`; files to keep. Figures come from the engine and are
//! those of `docs/metrics.md`; here is only what arranges, draws and words them. Pure: `judged` (buffers to rows), `behind` (figure to rows), `row`,
//! `epochs`, `duel` (against baselines), `matrix`, `calibration`, `scatter`, `csv`, `document`. Views: the rest. Words: `strings::report`.
//!
//! Test ids: `report`, `report-waits`, `report-part` (`data-part`), `report-warning`; those of the views stand in their headers:
//! `epochs_view`, `lines`, `matrix_view`, `calibration_view`, `scatter_view`, `baselines`, `rows`, `keep`.

mod baselines;
pub mod behind;
pub mod calibration;
mod calibration_view;
mod csv;
mod desk;
mod document;
pub mod duel;
pub mod epochs;
mod epochs_view;
mod judged;
mod keep;
mod lines;
mod matrix;
mod matrix_view;
mod row;
mod rows;
#[cfg(test)]
mod samples;
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
use rows::Rows;
use scatter_view::Scatter;
use std::rc::Rc;

/// Epochs and report of the open table.
#[component]
pub fn Report(conductor: Conductor) -> impl IntoView {
    let store = conductor.store;
    let body = move || match store.with(Part::Report, |state| state.labels.report.clone()) {
        Some(stored) => view! { <Judgement conductor stored/> }.into_any(),
        None => view! { <p class="mild" data-testid="report-waits">{words().waits}</p> }.into_any(),
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
    let (part, rows) = (stored.report.part, stored.report.rows);
    let desk = Desk::new(conductor.store, stored);
    let warning =
        (part == SplitPart::Validation).then(|| view! { <p class="say warn" data-testid="report-warning">{own.part_warning}</p> });
    view! {
        <p data-testid="report-part" data-part=part_id(part)>{(own.part)(part, rows)}</p>
        {warning}
        <Headlines desk/>
        <Baselines desk/>
        <Lines desk/>
        <Matrix desk/>
        <Labels desk/>
        <Scatter desk/>
        <Calibration desk/>
        <Rows desk/>
        <KeepReport desk/>
    }
}
