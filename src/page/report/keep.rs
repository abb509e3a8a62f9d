//! Keeping the report: rows as CSV, everything as JSON, the report as Markdown, each a download.
//!
//! In: the report, the epochs; for CSV and JSON the texts of all judged rows, read first. Out: files that the browser offers. Test ids: `report-csv`,
//! `report-json`, `report-markdown`, `report-kept` (what came of it).

use super::csv::csv;
use super::desk::Desk;
use super::document::{About, json, markdown};
use super::judged::Judged;
use super::records::records;
use crate::page::chart::save::save_text;
use crate::page::state::RunState;
use crate::page::strings::report::words;
use crate::protocol::labels::RowText;
use leptos::prelude::*;
use std::collections::HashMap;

/// A file that the texts of the rows belong in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Csv,
    Json,
}

/// What the page knows of the run that was reported on.
fn about(state: &RunState) -> About<'_> {
    let labels = &state.labels;
    let settings = labels.plan.as_ref().map(|plan| &plan.config);
    let rate = labels.rate.filter(|rate| settings.is_some_and(|settings| settings.learning_rate != *rate));
    About { title: &state.text_title, settings, rate, looks: labels.looks() }
}

/// The three buttons.
#[component]
pub fn KeepReport(desk: Desk) -> impl IntoView {
    let own = words();
    let said = RwSignal::new(String::new());
    let reading = RwSignal::new(None::<Kept>);
    let rows = desk.judged.with_value(|judged| judged.as_ref().map(|judged| judged.rows.clone()).unwrap_or_default());
    let count = rows.len();
    let rows = StoredValue::new(rows);
    let offer = move |name: &str, text: &str, kind: &str| {
        if save_text(name, text, kind).is_err() {
            said.set(own.export_refused.to_owned());
        }
    };
    // Without rows the report itself is still worth keeping.
    let with_texts = move |kept: Kept, judged: Option<&Judged>, texts: &HashMap<u32, RowText>| {
        desk.names.with_value(|names| match kept {
            Kept::Csv => judged.into_iter().for_each(|judged| offer("predictions.csv", &csv(judged, names, texts), "text/csv")),
            Kept::Json => {
                let predictions: Vec<_> = judged.map(|judged| records(judged, names, texts).collect()).unwrap_or_default();
                let text = desk.store.peek(|state| desk.report(|report| json(report, &state.labels.epochs, &about(state), &predictions)));
                match text {
                    Ok(text) => offer("report.json", &text, "application/json"),
                    Err(error) => said.set(error.to_string()),
                }
            }
        });
    };
    Effect::new(move |_| {
        let Some(kept) = reading.get() else { return };
        let known = desk.texts.known.with(|known| rows.with_value(|rows| rows.iter().filter(|row| known.contains_key(row)).count()));
        said.set((own.export_reads)(known, count));
        if desk.texts.idle.get() {
            reading.set(None);
            said.set(if known < count { own.export_partial.to_owned() } else { String::new() });
            desk.judged.with_value(|judged| desk.texts.known.with_untracked(|known| with_texts(kept, judged.as_ref(), known)));
        }
    });
    let keep = move |kept: Kept| {
        desk.texts.want(rows.get_value());
        reading.set(Some(kept));
    };
    let keep_markdown = move |_| {
        let text = desk.store.peek(|state| desk.report(|report| markdown(report, &state.labels.epochs, &about(state))));
        offer("report.md", &text, "text/markdown");
    };
    view! {
        <div class="report-keep">
            <h4>{own.export}</h4>
            <p class="keep-buttons">
                <button type="button" class="button small" data-testid="report-csv" disabled=move || reading.get().is_some() || count == 0 on:click=move |_| keep(Kept::Csv)>{own.export_csv}</button>
                <button type="button" class="button small" data-testid="report-json" disabled=move || reading.get().is_some() on:click=move |_| keep(Kept::Json)>{own.export_json}</button>
                <button type="button" class="button small" data-testid="report-markdown" on:click=keep_markdown>{own.export_markdown}</button>
            </p>
            <p class="small" role="status" data-testid="report-kept">{said}</p>
        </div>
    }
}
