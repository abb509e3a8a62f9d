//! Column 2, "Inside": the attention of one sentence, as lines or as a matrix, over the steps of the run.
//!
//! In: attention frames in the store. Out: `Command::Pin`; the step to show, kept in the store. Drawings are functions of plain data
//! (`scene`, `matrix`) and places (`geometry`); words about heads come from `roles`; components only connect them.
//!
//! Test ids: `inside`, `pin-sentence`, `view-heads`, `view-matrix`, `layer-N`, `head-chip-N`, `heads-picture`, `token-query-N`,
//! `token-key-N`, `focus-reading`, `head-sentence`, `matrix-picture`, `matrix-value`, `matrix-threshold`, `matrix-by-row`, `history-slider`,
//! `history-base`, `history-step`, `history-now`, `history-play`, `attention-fold`, `attention-table`, `save-svg`, `save-png`, `not-shown`, `link-missing`;
//! those of the recorded past, of all heads and of roles stand in `history`, `strip`, `changes`, `all_heads` and `head_words`.

pub mod all_heads;
pub mod arithmetic;
pub mod arithmetic_draw;
pub mod arithmetic_view;
pub mod ask;
pub mod calm;
pub mod changes;
pub mod controls;
pub mod decided;
pub mod decided_view;
pub mod diverging;
pub mod easel;
pub mod film;
pub mod flow;
pub mod flow_draw;
pub mod flow_view;
pub mod frames;
pub mod geometry;
pub mod head_words;
pub mod heads_draw;
pub mod heads_svg;
pub mod heads_view;
pub mod history;
pub mod labels;
pub mod lens;
pub mod matrix;
pub mod matrix_draw;
pub mod matrix_view;
pub mod moments;
pub mod numbers;
pub mod picked;
pub mod roles;
pub mod saying;
pub mod scene;
pub mod selection;
pub mod sentence;
pub mod sheet;
pub mod shown;
pub mod strip;
pub mod svg;
pub mod switches;
pub mod table;
pub mod test_it;
pub mod tiles;
pub mod tiles_draw;

use crate::page::chart::save::{Format, Keep, save};
use crate::page::later::{later, later_quietly};
use crate::page::state::{Part, Source, use_store};
use crate::page::strings::words;
use controls::{HeadPicker, LayerPicker, ViewSwitch};
use head_words::{MeasuredLine, measure_at_rest};
use heads_view::HeadsView;
use history::HistorySlider;
use leptos::prelude::*;
use picked::{Look, Picked, View};
use saying::{FocusReading, HeadSentences};
use sentence::SentenceInput;
use sheet::Fold;
use test_it::SwitchNotice;
use tiles::Sort;

/// Column 2.
#[component]
pub fn Inside(
    /// What the link says of this column.
    look: RwSignal<Look>,
) -> impl IntoView {
    let store = use_store();
    let sort = RwSignal::new(Sort::Layer);
    // A narrow screen has no room for lines: a matrix, and the numbers below it.
    let narrow = window().match_media("(max-width: 760px)").ok().flatten().is_some_and(|query| query.matches());
    let (test_open, decided_open, table_open) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(narrow));
    let picked = Picked::new(store, look, if narrow { View::Matrix } else { View::Heads });
    measure_at_rest(store);
    let recorded = store.memo(Part::Source, |state| state.source == Source::Recorded);
    let labelled = store.memo(Part::Text, |state| state.labels.active);
    let difference = store.memo(Part::Attention, |state| state.attention.reference().is_some());
    let keep: Keep = StoredValue::new_local(None);
    let some = Memo::new(move |_| picked.shape.with(Option::is_some));
    let save_as = move |format| {
        if let Some(picture) = keep.with_value(|make| make.as_ref().and_then(|make| make())) {
            save(&picture, format);
        }
    };
    view! {
        <div class="inside" class:recorded=move || recorded.get() data-testid="inside">
            <div class="inside-top">
                <ViewSwitch picked/>
                <span class="save" role="group" aria-label=words().inside.save>
                    <button type="button" class="quiet" data-testid="save-svg" title=words().inside.save disabled=move || !some.get() on:click=move |_| save_as(Format::Svg)>
                        {words().inside.save_svg}
                    </button>
                    <button type="button" class="quiet" data-testid="save-png" title=words().inside.save disabled=move || !some.get() on:click=move |_| save_as(Format::Png)>
                        {words().inside.save_png}
                    </button>
                    {later_quietly(move |views| (views.keep_history)(picked))}
                </span>
            </div>
            <SwitchNotice/>
            <SentenceInput/>
            <div class="inside-pick">
                {move || if picked.view.get() == View::AllHeads {
                    later_quietly(move |views| (views.sort_picker)(sort)).into_any()
                } else {
                    view! { <LayerPicker picked/><HeadPicker picked/> }.into_any()
                }}
            </div>
            <p class="complaint" role="status" data-testid="link-missing">
                {move || picked.missing.get().map(|(layers, heads)| (words().past.not_in_model)(layers, heads))}
            </p>
            <div class="picture" class:empty=move || !some.get()>
                {move || match picked.view.get() {
                    View::Heads => view! { <HeadsView picked keep/><FocusReading picked/> }.into_any(),
                    View::Matrix => later(move |views| (views.matrix)(picked, keep)).into_any(),
                    View::AllHeads => later(move |views| (views.all_heads)(picked, sort, keep)).into_any(),
                    View::Arithmetic => later(move |views| (views.arithmetic)(picked, keep)).into_any(),
                    View::Flow => later(move |views| (views.flow)(picked, keep)).into_any(),
                }}
                <p class="waiting small">{move || (!some.get()).then_some(words().inside.waiting)}</p>
            </div>
            <HistorySlider/>
            {move || if difference.get() {
                later(move |views| (views.moved_most)(picked)).into_any()
            } else {
                view! { <HeadSentences picked/> }.into_any()
            }}
            <MeasuredLine/>
            <div class="folds">
                // The engine answers these about a text.
                <Fold id="test-fold" name=words().inside.test_fold open=test_open gone=labelled>
                    {later(|views| (views.test_it)())}
                </Fold>
                <Fold id="decided-fold" name=words().inside.decided_fold open=decided_open gone=labelled>
                    {later(move |views| (views.decided)(picked))}
                </Fold>
                {move || if picked.view.get() == View::AllHeads {
                    later(move |views| (views.heads_table)(picked, sort, narrow)).into_any()
                } else {
                    view! {
                        <Fold id="attention-fold" name=words().inside.table_fold open=table_open quiet=true>
                            {later(move |views| (views.attention_table)(picked))}
                        </Fold>
                    }.into_any()
                }}
                <details class="fold not-why" data-testid="not-shown">
                    <summary>{words().inside.not_why}</summary>
                    {words().past.not_shown.iter().map(|said| view! { <p class="small">{*said}</p> }).collect_view()}
                </details>
            </div>
        </div>
    }
}
