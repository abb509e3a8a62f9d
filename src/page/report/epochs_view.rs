//! Epoch by epoch: where the run stands, and a small chart of each figure on training and validation rows, the best epoch marked. A fold has all values as
//! a table: the charts are pictures.
//!
//! In: `Part::Epochs`. Out: elements. Test ids: `epochs` (`data-epochs`: how many were judged), `epochs-standing`, `epoch-chart-<n>` (`data-best`),
//! `epoch-latest-<n>` (the latest value on validation rows, or on training rows; once the run has ended, that of the model which is kept),
//! `epoch-table` (the fold), `epoch-row-<epoch>` (`data-best`).

use super::epochs::table::{EpochRow, heads, rows};
use super::epochs::{Standing, curves, headline, names, standing};
use crate::page::chart::draw::{Chart, Curve, Ink};
use crate::page::chart::pace::{CHART_GAP_MS, Pace};
use crate::page::chart::palette::Palette;
use crate::page::chart::size::{Size, follow_size};
use crate::page::state::{LabelState, Part, use_store};
use crate::page::strings::report::{value_of, words};
use crate::protocol::TableTask;
use crate::protocol::labels::{EPOCH_ANSWERS, FigureName};
use leptos::html::Div;
use leptos::prelude::*;

const HEIGHT: f64 = 104.0;
/// From this width on the axis has room for its word; below, the heading says it.
const WORDED_FROM: f64 = 220.0;
/// Letters of a value at a line's end.
const VALUE_LETTERS: usize = 5;

/// The epoch whose model is, or would be, kept.
fn best(labels: &LabelState) -> Option<u32> {
    match standing(labels) {
        Standing::Under { best, .. } | Standing::Ended { best, .. } => Some(best),
        Standing::Nothing | Standing::Unchecked { .. } | Standing::Before { .. } => None,
    }
}

/// The curves of one figure.
fn chart(labels: &LabelState, name: FigureName, width: f64) -> Chart {
    let (training, validation) = curves(&labels.epochs, name);
    let curve = |ink, points: Vec<(f64, f64)>| {
        let label = points.last().map(|point| value_of(name, point.1)).unwrap_or_default();
        Curve { label, ink, points }
    };
    let planned = labels.plan.as_ref().map_or(0, |plan| plan.config.epochs);
    let last = labels.epochs.last().map_or(0, |epoch| epoch.epoch).max(planned);
    Chart {
        width,
        height: HEIGHT,
        curves: vec![curve(Ink::Train, training), curve(Ink::Valid, validation)],
        log: false,
        steps: f64::from(planned),
        steps_word: if width < WORDED_FROM { String::new() } else { (words().epochs_word)(last).to_owned() },
        mark: best(labels).map(f64::from),
        axes: true,
        label_letters: VALUE_LETTERS,
    }
}

/// The sentence and the charts.
#[component]
pub fn Epochs() -> impl IntoView {
    let own = words();
    let store = use_store();
    let both = move |read: fn(&LabelState) -> String| {
        store.follow(Part::Report);
        store.with(Part::Epochs, |state| read(&state.labels))
    };
    let found = Memo::new(move |_| store.with(Part::Epochs, |state| names(&state.labels.epochs)));
    let count = move || store.with(Part::Epochs, |state| state.labels.epochs.len());
    // Of written texts only validation rows are judged.
    let both_curves = move || store.with(Part::Epochs, |state| state.labels.epochs.iter().any(|epoch| !epoch.training.figures.is_empty()));
    // Writing an answer takes long: after an epoch only some are written.
    let drawn = move || {
        store.with(Part::Epochs, |state| {
            let rows = state.labels.epochs.last()?.validation.as_ref()?.rows;
            let writes = state.labels.plan.as_ref()?.config.choice.columns.task == TableTask::TextToText;
            (writes && rows > EPOCH_ANSWERS as u64).then(|| (own.epochs_drawn)(EPOCH_ANSWERS as u64, rows))
        })
    };
    let charts = move || {
        let named = found.get().into_iter().enumerate();
        named.map(|(index, name)| view! { <FigureChart index name/> }).collect_view()
    };
    view! {
        <div class="epochs" data-testid="epochs" data-epochs=move || count().to_string()>
            <h3>{own.epochs}</h3>
            <p data-testid="epochs-standing" role="status">{move || both(|labels| (words().standing)(&standing(labels)))}</p>
            <p class="small" data-testid="epochs-drawn" hidden=move || drawn().is_none()>{drawn}</p>
            <div class="epoch-charts">{charts}</div>
            <p class="readout" hidden=move || count() == 0>
                <span class="is-train" hidden=move || !both_curves()>{own.training}</span>
                <span class="is-valid">{own.validation}</span>
            </p>
            <EpochTable/>
        </div>
    }
}

/// All values, closed at first.
#[component]
fn EpochTable() -> impl IntoView {
    let own = words();
    let store = use_store();
    let found = Memo::new(move |_| {
        store.follow(Part::Report);
        store.with(Part::Epochs, |state| (heads(&state.labels.epochs), rows(&state.labels.epochs, best(&state.labels))))
    });
    let head =
        move || found.with(|found| found.0.iter().map(|name| view! { <th scope="col" class="num">{name.clone()}</th> }).collect_view());
    let one = |row: EpochRow| {
        let cells = row.cells.into_iter().map(|cell| view! { <td class="num">{cell}</td> }).collect_view();
        view! {
            <tr data-testid=format!("epoch-row-{}", row.epoch) data-best=row.best.to_string()>
                <th scope="row">{row.epoch} {row.best.then(|| view! { " " <b>{own.best}</b> })}</th>
                {cells}
            </tr>
        }
    };
    let body = move || found.get().1.into_iter().map(one).collect_view();
    view! {
        <details class="fold" data-testid="epoch-table" hidden=move || found.with(|found| found.1.is_empty())>
            <summary>{own.epochs_table}</summary>
            <div class="table-frame">
                <table class="lines">
                    <thead><tr><th scope="col">{own.epoch}</th>{head}</tr></thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        </details>
    }
}

#[component]
fn FigureChart(index: usize, name: FigureName) -> impl IntoView {
    let own = words();
    let store = use_store();
    let frame_ref = NodeRef::<Div>::new();
    let size = RwSignal::<Size>::new((0.0, 0.0));
    let markup = RwSignal::new(String::new());
    let pace = Pace::new(CHART_GAP_MS, move || {
        let width = size.get_untracked().0;
        if width > 0.0 {
            markup.set(store.peek(|state| chart(&state.labels, name, width).markup(&Palette::live())));
        }
    });
    let watching = pace.clone();
    frame_ref.on_load(move |frame| {
        follow_size(&frame, size);
        watching.watch(&frame);
    });
    Effect::new(move |_| {
        store.follow(Part::Epochs);
        store.follow(Part::Report);
        store.follow(Part::Plan);
        size.track();
        pace.request();
    });
    let latest = move || {
        store.follow(Part::Report);
        store.with(Part::Epochs, |state| headline(&state.labels, name).map(|value| value_of(name, value)).unwrap_or_default())
    };
    let best = move || {
        store.follow(Part::Report);
        store.with(Part::Epochs, |state| best(&state.labels).map(|best| best.to_string()))
    };
    let (plain, term) = (own.figure)(name);
    view! {
        <figure class="epoch-chart">
            <figcaption class="small">{plain} " " <span class="term">{term} " " <b data-testid=format!("epoch-latest-{index}")>{latest}</b></span></figcaption>
            <div class="spark" node_ref=frame_ref style=format!("height:{HEIGHT}px") data-testid=format!("epoch-chart-{index}") data-best=best>
                <svg width="100%" height=HEIGHT.to_string() aria-hidden="true" inner_html=move || markup.get()></svg>
            </div>
        </figure>
    }
}

#[cfg(test)]
mod tests {
    use super::super::epochs::tests::epoch;
    use super::*;

    #[test]
    fn a_chart_has_both_curves_and_marks_the_best_epoch() {
        let epochs = vec![epoch(0, 0.25, true), epoch(1, 0.5, true), epoch(2, 0.45, false)];
        let labels = LabelState { epochs, ..LabelState::default() };
        let chart = chart(&labels, FigureName::MacroF1, 300.0);
        assert_eq!((chart.curves.len(), chart.mark), (2, Some(1.0)));
        assert_eq!(chart.curves[1].label, "0.45");
        let markup = chart.markup(&Palette::live());
        assert_eq!(markup.matches("<circle").count(), 2, "a dot on each curve at the best epoch");
        assert!(markup.contains("2 epochs"), "a wide chart names its axis");
        let narrow = super::chart(&labels, FigureName::MacroF1, 140.0).markup(&Palette::live());
        assert!(!narrow.contains("epochs"));
    }
}
