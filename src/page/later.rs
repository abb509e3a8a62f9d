//! What the page fetches after its first paint: the views that answer a click, in a module of their own.
//!
//! In: nothing. Out: functions that make those views. The build (`cargo xtask build`) cuts the page's module in two at [`fetch_views`]: whatever only that
//! function reaches goes into the second file, which shares memory and state with the first. A view that is not there yet says so and is
//! fetched; a failed fetch can be tried again and takes nothing else down. Absent: the views.
//!
//! Test ids: `later-wait`, `later-failed`, `later-retry`.

use super::chart::save::Keep;
use super::chart::small::SmallCurves;
use super::conductor::Conductor;
use super::inside::all_heads::{AllHeads, HeadsTable, SortPicker};
use super::inside::arithmetic_view::ArithmeticView;
use super::inside::changes::MovedMost;
use super::inside::decided_view::DecidedPicture;
use super::inside::film::KeepHistory;
use super::inside::flow_view::FlowView;
use super::inside::matrix_view::MatrixView;
use super::inside::picked::Picked;
use super::inside::table::AttentionTable;
use super::inside::test_it::TestIt;
use super::inside::tiles::Sort;
use super::lesson::Lesson;
use super::models::{Card, Models, Picker};
use super::probe::fairness_view::Fairness;
use super::recipe::labels::LabelRecipe;
use super::result::film::FilmStrip;
use super::result::try_it::TryIt;
use super::scenario::LabelResult;
use super::strings::words;
use super::table_in::Table;
use super::table_in::scenarios::ScenarioList;
use super::table_in::task::TaskChoice;
use super::table_in::typed::{TypeDialog, TypedOpen};
use super::text_in::PasteDialog;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// Makers of the views that come later.
#[derive(Clone, Copy)]
pub struct Views {
    pub matrix: fn(Picked, Keep) -> AnyView,
    pub all_heads: fn(Picked, RwSignal<Sort>, Keep) -> AnyView,
    pub sort_picker: fn(RwSignal<Sort>) -> AnyView,
    /// The last argument: open at first.
    pub heads_table: fn(Picked, RwSignal<Sort>, bool) -> AnyView,
    pub arithmetic: fn(Picked, Keep) -> AnyView,
    pub flow: fn(Picked, Keep) -> AnyView,
    pub moved_most: fn(Picked) -> AnyView,
    pub test_it: fn() -> AnyView,
    pub decided: fn(Picked) -> AnyView,
    pub keep_history: fn(Picked) -> AnyView,
    pub attention_table: fn(Picked) -> AnyView,
    pub lesson: fn(Conductor) -> AnyView,
    pub paste: fn(Conductor, RwSignal<bool>) -> AnyView,
    pub picker: fn(Conductor) -> AnyView,
    pub card: fn(Models) -> AnyView,
    /// Learning rate, gradient, speed.
    pub small_curves: fn() -> AnyView,
    /// What the model writes while it learns, and on the visitor's prompt.
    pub writing: fn() -> AnyView,
    pub labels: LabelViews,
}

/// Makers of the views about tables and what is learned from them.
#[derive(Clone, Copy)]
pub struct LabelViews {
    pub task: fn(Conductor) -> AnyView,
    pub scenarios: fn(Conductor) -> AnyView,
    pub table: fn(Conductor) -> AnyView,
    pub typing: fn(Conductor, TypedOpen) -> AnyView,
    pub recipe: fn(Conductor) -> AnyView,
    pub result: fn(Conductor) -> AnyView,
}

/// The second module cannot be had: offline, or the site was renewed meanwhile.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the views' module was not fetched: {0}")]
pub struct NotFetched(String);

impl From<SplitLoaderError> for NotFetched {
    fn from(error: SplitLoaderError) -> Self {
        Self(format!("{error:?}"))
    }
}

/// The seam: what only this function reaches is the second module.
#[wasm_split(views, fallible)]
fn fetch_views() -> Result<Views, NotFetched> {
    Ok(Views {
        matrix: |picked, keep| view! { <MatrixView picked keep/> }.into_any(),
        all_heads: |picked, sort, keep| view! { <AllHeads picked sort keep/> }.into_any(),
        sort_picker: |sort| view! { <SortPicker sort/> }.into_any(),
        heads_table: |picked, sort, open_at_first| view! { <HeadsTable picked sort open_at_first/> }.into_any(),
        arithmetic: |picked, keep| view! { <ArithmeticView picked keep/> }.into_any(),
        flow: |picked, keep| view! { <FlowView picked keep/> }.into_any(),
        moved_most: |picked| view! { <MovedMost picked/> }.into_any(),
        test_it: || view! { <TestIt/> }.into_any(),
        decided: |picked| view! { <DecidedPicture picked/> }.into_any(),
        keep_history: |picked| view! { <KeepHistory picked/> }.into_any(),
        attention_table: |picked| view! { <AttentionTable picked/> }.into_any(),
        lesson: |conductor| view! { <Lesson conductor/> }.into_any(),
        paste: |conductor, open| view! { <PasteDialog conductor open/> }.into_any(),
        picker: |conductor| view! { <Picker conductor/> }.into_any(),
        card: |models| view! { <Card models/> }.into_any(),
        small_curves: || view! { <SmallCurves/> }.into_any(),
        writing: || view! { <FilmStrip/><TryIt/> }.into_any(),
        labels: LabelViews {
            task: |conductor| view! { <TaskChoice conductor/> }.into_any(),
            scenarios: |conductor| view! { <ScenarioList conductor/> }.into_any(),
            table: |conductor| view! { <Table conductor/> }.into_any(),
            typing: |conductor, open| view! { <TypeDialog conductor open/> }.into_any(),
            recipe: |conductor| view! { <LabelRecipe conductor/> }.into_any(),
            result: |conductor| view! { <LabelResult conductor/><Fairness conductor/> }.into_any(),
        },
    })
}

/// How far the fetching is.
#[derive(Clone, Copy)]
enum Progress {
    Coming,
    Here(Views),
    Failed,
}

/// The views, once they are here; copy it freely.
#[derive(Clone, Copy)]
pub struct Later(RwSignal<Progress>);

impl Later {
    /// Nothing is fetched yet. Provides itself to all components below.
    pub fn provide() -> Self {
        let later = Self(RwSignal::new(Progress::Coming));
        provide_context(later);
        later
    }

    /// Fetches the views; after a failure, once more.
    pub fn fetch(self) {
        self.0.set(Progress::Coming);
        spawn_local(async move {
            self.0.set(match fetch_views().await {
                Ok(views) => Progress::Here(views),
                Err(error) => {
                    leptos::logging::warn!("{error}");
                    Progress::Failed
                }
            });
        });
    }
}

/// A view in its place: made when it is here, with a word until then and a way on where it cannot be fetched.
pub fn later(make: impl Fn(Views) -> AnyView + Send + 'static) -> impl IntoView {
    let Later(progress) = expect_context();
    let own = &words().lesson;
    move || {
        match progress.get() {
        Progress::Here(views) => make(views),
        Progress::Coming => view! { <p class="small" data-testid="later-wait">{own.later_coming}</p> }.into_any(),
        Progress::Failed => view! {
            <p class="small complaint" role="status" data-testid="later-failed">
                {own.later_failed} " "
                <button type="button" class="button small" data-testid="later-retry" on:click=move |_| Later(progress).fetch()>{own.later_retry}</button>
            </p>
        }
        .into_any(),
    }
    }
}

/// As [`later`], while `show`. The parts of the page that make room for it are hidden, not taken away: a view that can be taken away and put
/// back costs the first module much code.
pub fn later_while(show: Memo<bool>, make: impl Fn(Views) -> AnyView + Copy + Send + 'static) -> impl IntoView {
    move || show.get().then(|| later(make))
}

/// As [`later`], where nothing is missed until it is here: dialogs, extra buttons.
pub fn later_quietly(make: impl Fn(Views) -> AnyView + Send + 'static) -> impl IntoView {
    let Later(progress) = expect_context();
    move || match progress.get() {
        Progress::Here(views) => Some(make(views)),
        Progress::Coming | Progress::Failed => None,
    }
}
