//! Column 3 for labelled texts, under "Try it": the training examples nearest to a typed text, and what each ready-made scenario teaches.
//!
//! In: the open scenario (`table_in::scenarios`), what the model says of a typed text, files of the site beside the scenario's table. Out: `Nearest`,
//! `ReadRows` and `Predict`, each view in its own slot (`state::asides`). Pure: `csv`, `dates`, `desk` (knowledge base, reply), `lists` (what
//! readers were shown, ranked), `typed`, `weeks` (moods over time). Views: `near`, `desk_view`, `news_view`, `lists_view`. Words: `strings::scenario`.
//!
//! Test ids: `scenario` (`data-scenario`), `scenario-lesson`, `scenario-failed` (a file could not be fetched); those of the views stand in their headers.

mod asking;
mod copy;
mod csv;
mod dates;
mod desk;
mod desk_view;
mod fetched;
mod lists;
mod lists_view;
mod near;
mod news_view;
mod typed;
mod weeks;

pub use dates::Date;
pub use lists::Mean;
pub use weeks::Test;

use crate::page::conductor::Conductor;
use crate::page::report::Report;
use crate::page::result::try_labels::TryLabels;
use crate::page::state::Part;
use crate::page::strings::scenario::words;
use desk_view::HelpDesk;
use leptos::prelude::*;
use lists_view::ReadingLists;
use near::NearExamples;
use news_view::NewsMood;
use typed::{Typed, typed};

/// Column 3 while a table is open: trying, the scenario's lesson, the report.
#[component]
pub fn LabelResult(conductor: Conductor) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let store = conductor.store;
    let typed: Memo<Option<Typed>> = Memo::new(move |_| {
        store.follow(Part::Phase);
        store.follow(Part::Plan);
        let found = store.with(Part::Prediction, typed)?;
        text.with(|text| *text == found.text).then_some(found)
    });
    let opened = Memo::new(move |_| conductor.scenarios.opened(conductor));
    let scenario = move || {
        let scenario = opened.get()?;
        let folder = scenario.file.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("scenarios/{folder}"));
        let file = format!("scenarios/{}", scenario.file);
        let own = match scenario.id.as_str() {
            "help-desk" => view! { <HelpDesk store typed folder/> }.into_any(),
            "news" => view! { <NewsMood store file/> }.into_any(),
            "recommender" => view! { <ReadingLists store file/> }.into_any(),
            _ => ().into_any(),
        };
        Some(view! {
            <section class="scenario" data-testid="scenario" data-scenario=scenario.id aria-label=words().title>
                <h3>{scenario.title}</h3>
                <p class="scenario-lesson" data-testid="scenario-lesson">{scenario.lesson}</p>
                {own}
            </section>
        })
    };
    view! {
        <TryLabels conductor text/>
        <NearExamples store typed/>
        {scenario}
        <Report conductor/>
    }
}
