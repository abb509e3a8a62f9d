//! Learning rate, gradient norm and speed as small curves, in a fold.
//!
//! In: the training points of the store. Out: three sparklines with their latest values; nothing is drawn while the fold is closed. Test ids:
//! `more-curves`, `curve-learning-rate`, `curve-gradient-norm`, `curve-speed` (the latest value as text).

use super::draw::{Chart, Curve, Ink};
use super::loss::with_unit;
use super::pace::{CHART_GAP_MS, Pace};
use super::palette::Palette;
use super::size::{Size, follow_size};
use crate::page::state::{LossPoint, Part, use_store};
use crate::page::strings::words;
use leptos::html::{Details, Div};
use leptos::prelude::*;

const HEIGHT: f64 = 40.0;

/// The fold with the small curves.
#[component]
pub fn SmallCurves() -> impl IntoView {
    let fold = NodeRef::<Details>::new();
    let open = RwSignal::new(false);
    view! {
        <details class="fold" data-testid="more-curves" node_ref=fold on:toggle=move |_| if let Some(fold) = fold.get_untracked() { open.set(fold.open()) }>
            <summary>{words().result.more_curves}</summary>
            {move || {
                open.get()
                    .then(|| {
                        view! {
                            <SmallCurve id="curve-learning-rate" name=words().result.learning_rate unit="" value=|point| point.learning_rate/>
                            <SmallCurve id="curve-gradient-norm" name=words().result.gradient_norm unit="" value=|point| point.gradient_norm.into()/>
                            <SmallCurve id="curve-speed" name=words().result.speed unit=words().result.speed_unit value=|point| point.tokens_per_second.into()/>
                        }
                    })
            }}
        </details>
    }
}

#[component]
fn SmallCurve(id: &'static str, name: &'static str, unit: &'static str, value: fn(&LossPoint) -> f64) -> impl IntoView {
    let store = use_store();
    let frame_ref = NodeRef::<Div>::new();
    let size = RwSignal::<Size>::new((0.0, 0.0));
    let markup = RwSignal::new(String::new());
    let pace = Pace::new(CHART_GAP_MS, move || {
        let width = size.get_untracked().0;
        if width <= 0.0 {
            return;
        }
        let chart = store.peek(|state| Chart {
            width,
            height: HEIGHT,
            curves: vec![Curve {
                label: String::new(),
                ink: Ink::Quiet,
                points: state.training.iter().map(|point| (f64::from(point.step), value(point))).collect(),
            }],
            log: false,
            steps: f64::from(state.steps_total()),
            steps_word: String::new(),
            mark: None,
            axes: false,
            label_letters: 0,
        });
        markup.set(chart.markup(&Palette::live()));
    });
    let watching = pace.clone();
    frame_ref.on_load(move |frame| {
        follow_size(&frame, size);
        watching.watch(&frame);
    });
    Effect::new(move |_| {
        store.follow(Part::Loss);
        size.track();
        pace.request();
    });
    let latest =
        move || store.with(Part::Loss, |state| state.training.last().map(|point| with_unit(value(point), unit)).unwrap_or_default());
    view! {
        <div class="small-curve">
            <span class="small">{name}</span>
            <div class="spark" node_ref=frame_ref style=format!("height:{HEIGHT}px")>
                <svg width="100%" height=HEIGHT.to_string() aria-hidden="true" inner_html=move || markup.get()></svg>
            </div>
            <b data-testid=id>{latest}</b>
        </div>
    }
}
