//! What the page fetches after its first paint: the views that answer a click, and those of tables and what is learned from them, in modules of their own.
//!
//! In: nothing. Out: functions that make those views. The build (`cargo xtask build`) cuts the page's module at [`fetch_views`] and [`fetch_labels`]: whatever
//! only one of them reaches goes into a file of its own, what both reach and the first paint does not into one more. All share memory and state. The
//! first is fetched right after the first paint, the second as soon as a table is opened, or earlier, when the page is at rest. A view that is not there yet
//! says so; a failed fetch can be tried again and takes nothing else down. Absent: the views.
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
use super::text_in::folder::open_dropped;
use super::widgets::ConfirmDialog;
use js_sys::Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// Milliseconds between the turns in which the views of a table are made: what came in between is handled first.
const TURN_MILLIS: u64 = 4;

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
    /// Asks before something is lost.
    pub confirm: fn(Conductor) -> AnyView,
    pub picker: fn(Conductor) -> AnyView,
    pub card: fn(Models) -> AnyView,
    /// Learning rate, gradient, speed.
    pub small_curves: fn() -> AnyView,
    /// What the model writes while it learns, and on the visitor's prompt.
    pub writing: fn() -> AnyView,
    /// What is learned: writing like a text, or a task over a table.
    pub task: fn(Conductor) -> AnyView,
    pub scenarios: fn(Conductor) -> AnyView,
    /// Opens entries that were dropped, a folder among them.
    pub folder: fn(Array, Conductor),
}

/// Makers of the views about tables and what is learned from them.
#[derive(Clone, Copy)]
pub struct LabelViews {
    pub table: fn(Conductor) -> AnyView,
    pub typing: fn(Conductor, TypedOpen) -> AnyView,
    pub recipe: fn(Conductor) -> AnyView,
    pub result: fn(Conductor) -> AnyView,
}

/// A module cannot be had: offline, or the site was renewed meanwhile.
#[derive(Debug, Clone, thiserror::Error)]
#[error("a module of views was not fetched: {0}")]
pub struct NotFetched(String);

impl From<SplitLoaderError> for NotFetched {
    fn from(error: SplitLoaderError) -> Self {
        Self(format!("{error:?}"))
    }
}

/// The first seam: what only this function reaches is the module of the views.
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
        confirm: |conductor| view! { <ConfirmDialog conductor/> }.into_any(),
        picker: |conductor| view! { <Picker conductor/> }.into_any(),
        card: |models| view! { <Card models/> }.into_any(),
        small_curves: || view! { <SmallCurves/> }.into_any(),
        writing: || view! { <FilmStrip/><TryIt/> }.into_any(),
        task: |conductor| view! { <TaskChoice conductor/> }.into_any(),
        scenarios: |conductor| view! { <ScenarioList conductor/> }.into_any(),
        folder: open_dropped,
    })
}

/// The second seam: what only this function reaches is the module of the views about tables.
#[wasm_split(labels, fallible)]
fn fetch_labels() -> Result<LabelViews, NotFetched> {
    Ok(LabelViews {
        table: |conductor| view! { <Table conductor/> }.into_any(),
        typing: |conductor, open| view! { <TypeDialog conductor open/> }.into_any(),
        recipe: |conductor| view! { <LabelRecipe conductor/> }.into_any(),
        result: |conductor| view! { <LabelResult conductor/><Fairness conductor/> }.into_any(),
    })
}

/// How far the fetching of a module is.
#[derive(Clone, Copy)]
enum Progress<V> {
    /// Not asked for yet, or on its way.
    Coming {
        asked: bool,
    },
    Here(V),
    Failed,
}

/// The views, once they are here; copy it freely.
#[derive(Clone, Copy)]
pub struct Later {
    views: RwSignal<Progress<Views>>,
    labels: RwSignal<Progress<LabelViews>>,
}

impl Later {
    /// Nothing is fetched yet. Provides itself to all components below.
    pub fn provide() -> Self {
        let later =
            Self { views: RwSignal::new(Progress::Coming { asked: false }), labels: RwSignal::new(Progress::Coming { asked: false }) };
        provide_context(later);
        later
    }

    /// The views, if they are here.
    pub fn views(self) -> Option<Views> {
        self.views.with_untracked(|views| if let Progress::Here(views) = views { Some(*views) } else { None })
    }

    /// Fetches the views; after a failure, once more.
    pub fn fetch(self) {
        fetch(self.views, fetch_views());
    }

    /// Fetches the views about tables, unless they are here or on their way; after a failure, once more.
    pub fn fetch_labels(self) {
        if !self.labels.with_untracked(|labels| matches!(labels, Progress::Here(_) | Progress::Coming { asked: true })) {
            fetch(self.labels, fetch_labels());
        }
    }
}

fn fetch<V: Copy + Send + Sync + 'static>(progress: RwSignal<Progress<V>>, module: impl Future<Output = Result<V, NotFetched>> + 'static) {
    progress.set(Progress::Coming { asked: true });
    spawn_local(async move {
        progress.set(match module.await {
            Ok(views) => Progress::Here(views),
            Err(error) => {
                leptos::logging::warn!("{error}");
                Progress::Failed
            }
        });
    });
}

/// A view in its place: made when it is here, with a word until then and a way on where it cannot be fetched.
pub fn later(make: impl Fn(Views) -> AnyView + Send + 'static) -> AnyView {
    place(Box::new(make), false)
}

/// As [`later`], where nothing is missed until it is here: dialogs, extra buttons.
pub fn later_quietly(make: impl Fn(Views) -> AnyView + Send + 'static) -> AnyView {
    place(Box::new(make), true)
}

/// Not generic, as [`place_labels`]: each kind of reactive closure is a kilobyte of the first module.
fn place(make: Box<dyn Fn(Views) -> AnyView + Send>, quietly: bool) -> AnyView {
    let later: Later = expect_context();
    let view = move || match later.views.get() {
        Progress::Here(views) => make(views),
        Progress::Coming { .. } | Progress::Failed if quietly => ().into_any(),
        Progress::Coming { .. } => waits(),
        Progress::Failed => failed(words().lesson.later_failed, move || later.fetch()),
    };
    view.into_any()
}

/// A view about tables, while `show`. The parts of the page that make room for it are hidden, not taken away: a view that can be taken away and put
/// back costs the first module much code.
///
/// `turn`: a table brings several views at once, each of which takes the main thread for tens of milliseconds when its code runs for the first time. Each
/// is made in a task of its own, in the order of their turns; a view of turn 0 is made at once.
pub fn labels_while(show: Memo<bool>, turn: u64, make: impl Fn(LabelViews) -> AnyView + Send + 'static) -> AnyView {
    place_labels(show, turn, Box::new(make))
}

fn place_labels(show: Memo<bool>, turn: u64, make: Box<dyn Fn(LabelViews) -> AnyView + Send>) -> AnyView {
    let later: Later = expect_context();
    let due = RwSignal::new(turn == 0);
    if turn > 0 {
        Effect::new(move |_| {
            if show.get() {
                set_timeout(move || due.set(show.get_untracked()), Duration::from_millis(TURN_MILLIS * turn));
            } else {
                due.set(false);
            }
        });
    }
    let view = move || {
        if !(show.get() && due.get()) {
            return ().into_any();
        }
        match later.labels.get() {
            Progress::Here(views) => make(views),
            Progress::Coming { .. } => waits(),
            Progress::Failed => failed(words().lesson.labels_failed, move || later.fetch_labels()),
        }
    };
    view.into_any()
}

fn waits() -> AnyView {
    view! { <p class="small" data-testid="later-wait">{words().lesson.later_coming}</p> }.into_any()
}

fn failed(said: &'static str, again: impl Fn() + 'static) -> AnyView {
    view! {
        <p class="small complaint" role="status" data-testid="later-failed">
            {said} " "
            <button type="button" class="button small" data-testid="later-retry" on:click=move |_| again()>{words().lesson.later_retry}</button>
        </p>
    }
    .into_any()
}
