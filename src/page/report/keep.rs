//! Keeping the report: rows as CSV, everything as JSON, the report as Markdown, each a download.
//!
//! In: the report, the epochs; for the CSV the texts of all judged rows, read first. Out: files that the browser offers. Test ids: `report-csv`,
//! `report-json`, `report-markdown`, `report-kept` (what came of it).

use super::csv::csv;
use super::desk::Desk;
use super::document::{json, markdown};
use crate::page::chart::save::save_text;
use crate::page::strings::report::words;
use leptos::prelude::*;

/// The three buttons.
#[component]
pub fn KeepReport(desk: Desk) -> impl IntoView {
    let own = words();
    let said = RwSignal::new(String::new());
    let reading = RwSignal::new(false);
    let rows = desk.judged.with_value(|judged| judged.as_ref().map(|judged| judged.rows.clone()).unwrap_or_default());
    let count = rows.len();
    let rows = StoredValue::new(rows);
    let offer = move |name: &str, text: &str, kind: &str| {
        if save_text(name, text, kind).is_err() {
            said.set(own.export_refused.to_owned());
        }
    };
    Effect::new(move |_| {
        if !reading.get() {
            return;
        }
        let known = desk.texts.known.with(|known| rows.with_value(|rows| rows.iter().filter(|row| known.contains_key(row)).count()));
        said.set((own.export_reads)(known, count));
        if desk.texts.idle.get() {
            reading.set(false);
            said.set(if known < count { own.export_partial.to_owned() } else { String::new() });
            let file = desk.judged.with_value(|judged| {
                let judged = judged.as_ref()?;
                Some(desk.texts.known.with_untracked(|known| desk.names.with_value(|names| csv(judged, names, known))))
            });
            if let Some(file) = file {
                offer("predictions.csv", &file, "text/csv");
            }
        }
    });
    let keep_rows = move |_| {
        desk.texts.want(rows.get_value());
        reading.set(true);
    };
    let keep_json = move |_| {
        let text = desk.store.peek(|state| {
            let settings = state.labels.plan.as_ref().map(|plan| &plan.config);
            desk.report(|report| desk.judged.with_value(|judged| json(report, &state.labels.epochs, settings, judged.as_ref())))
        });
        match text {
            Ok(text) => offer("report.json", &text, "application/json"),
            Err(error) => said.set(error.to_string()),
        }
    };
    let keep_markdown = move |_| {
        let text = desk.store.peek(|state| desk.report(|report| markdown(report, &state.labels.epochs, &state.text_title)));
        offer("report.md", &text, "text/markdown");
    };
    view! {
        <div class="report-keep">
            <h4>{own.export}</h4>
            <p class="keep-buttons">
                <button type="button" class="button small" data-testid="report-csv" disabled=move || reading.get() || count == 0 on:click=keep_rows>{own.export_csv}</button>
                <button type="button" class="button small" data-testid="report-json" on:click=keep_json>{own.export_json}</button>
                <button type="button" class="button small" data-testid="report-markdown" on:click=keep_markdown>{own.export_markdown}</button>
            </p>
            <p class="small" role="status" data-testid="report-kept">{said}</p>
        </div>
    }
}
