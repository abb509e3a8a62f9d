//! Column 2, "Inside": the attention of one sentence, as lines or as a matrix, over the steps of the run.
//!
//! In: attention frames in the store. Out: `Command::Pin`; the step to show, kept in the store. Drawings are functions of plain data
//! (`scene`, `matrix`) and places (`geometry`); words about heads come from `roles`; components only connect them.
//!
//! Test ids: `inside`, `pin-sentence`, `view-heads`, `view-matrix`, `layer-N`, `head-chip-N`, `heads-picture`, `token-query-N`,
//! `token-key-N`, `focus-reading`, `head-sentence`, `matrix-picture`, `matrix-value`, `matrix-threshold`, `matrix-by-row`, `history-slider`,
//! `history-base`, `history-step`, `history-now`, `history-play`, `attention-fold`, `attention-table`, `save-svg`, `save-png`.

pub mod controls;
pub mod easel;
pub mod geometry;
pub mod heads_draw;
pub mod heads_svg;
pub mod heads_view;
pub mod history;
pub mod labels;
pub mod matrix;
pub mod matrix_draw;
pub mod matrix_view;
pub mod picked;
pub mod roles;
pub mod saying;
pub mod scene;
pub mod selection;
pub mod sentence;
pub mod table;

use crate::page::chart::save::{Format, Keep, save};
use crate::page::state::use_store;
use crate::page::strings::words;
use controls::{HeadPicker, LayerPicker, ViewSwitch};
use heads_view::HeadsView;
use history::HistorySlider;
use leptos::prelude::*;
use matrix_view::MatrixView;
use picked::{Picked, View};
use saying::{FocusReading, HeadSentences};
use sentence::SentenceInput;
use table::AttentionTable;

/// Column 2.
#[component]
pub fn Inside() -> impl IntoView {
    let picked = Picked::new(use_store());
    let keep: Keep = StoredValue::new_local(None);
    let some = Memo::new(move |_| picked.shape.with(Option::is_some));
    let save_as = move |format| {
        if let Some(picture) = keep.with_value(|make| make.as_ref().and_then(|make| make())) {
            save(&picture, format);
        }
    };
    view! {
        <div class="inside" data-testid="inside">
            <div class="inside-top">
                <ViewSwitch picked/>
                <span class="save" role="group" aria-label=words().inside.save>
                    <button type="button" class="quiet" data-testid="save-svg" title=words().inside.save disabled=move || !some.get() on:click=move |_| save_as(Format::Svg)>
                        {words().inside.save_svg}
                    </button>
                    <button type="button" class="quiet" data-testid="save-png" title=words().inside.save disabled=move || !some.get() on:click=move |_| save_as(Format::Png)>
                        {words().inside.save_png}
                    </button>
                </span>
            </div>
            <SentenceInput/>
            <div class="inside-pick">
                <LayerPicker picked/>
                <HeadPicker picked/>
            </div>
            <div class="picture" class:empty=move || !some.get()>
                {move || match picked.view.get() {
                    View::Heads => view! { <HeadsView picked keep/><FocusReading picked/> }.into_any(),
                    View::Matrix => view! { <MatrixView picked keep/> }.into_any(),
                }}
                <p class="waiting small">{move || (!some.get()).then_some(words().inside.waiting)}</p>
            </div>
            <HistorySlider/>
            <HeadSentences picked/>
            <p class="small not-why"><b>{words().inside.not_why}</b> " " {words().inside.not_why_more}</p>
            <AttentionTable picked/>
        </div>
    }
}
