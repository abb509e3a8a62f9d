//! The loss chart: training and validation loss over steps; pointer or keys read the values.
//!
//! In: the loss curves of the store. Out: an SVG that is rewritten at most ten times a second and only while it is on the screen. Test ids:
//! see the room's header.

use super::draw::{Chart, Curve, Ink, number};
use super::pace::{CHART_GAP_MS, Pace};
use super::palette::Palette;
use super::save::{Format, Picture, save};
use super::series::{Point, nearest};
use super::size::{Size, follow_size};
use crate::page::state::{Part, RunState, use_store};
use crate::page::strings::words;
use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;

/// Height of the chart, CSS pixels: constant, so that nothing below it jumps.
const HEIGHT: f64 = 150.0;
/// From this width on the labels at the lines' ends have their names; below, the values alone, and the names stand in the readout.
const NAMED_FROM: f64 = 400.0;

fn curves(state: &RunState, named: bool) -> Vec<Curve> {
    let training: Vec<Point> = state.training.iter().map(|point| (f64::from(point.step), f64::from(point.loss))).collect();
    let validation: Vec<Point> = state.validation.iter().map(|point| (f64::from(point.step), f64::from(point.validation))).collect();
    let label = |name: &str, points: &[Point]| match points.iter().rev().find(|point| point.1.is_finite()) {
        Some(point) if named => format!("{name} {:.2}", point.1),
        Some(point) => format!("{:.2}", point.1),
        None => String::new(),
    };
    vec![
        Curve { label: label(words().result.training, &training), ink: Ink::Train, points: training },
        Curve { label: label(words().result.validation, &validation), ink: Ink::Valid, points: validation },
    ]
}

/// What the readout shows: the latest values, or those at the marked step.
#[derive(Debug, Clone, PartialEq, Default)]
struct Readout {
    step: Option<u32>,
    training: String,
    validation: String,
}

fn readout(state: &RunState, mark: Option<f64>) -> Readout {
    let curves = curves(state, false);
    let value = |points: &[Point]| {
        let point = match mark {
            Some(mark) => nearest(points, mark),
            None => points.last().copied(),
        };
        point.map(|point| number_of(point.1)).unwrap_or_default()
    };
    let at = match mark {
        Some(mark) => nearest(&curves[0].points, mark).or(nearest(&curves[1].points, mark)),
        None => curves[0].points.last().or(curves[1].points.last()).copied(),
    };
    Readout { step: at.map(|point| point.0 as u32), training: value(&curves[0].points), validation: value(&curves[1].points) }
}

/// A loss with two digits, so that columns of them line up.
fn number_of(value: f64) -> String {
    if value.is_finite() { format!("{value:.2}") } else { "NaN".to_owned() }
}

/// What loss is counted in: nats per token, or over a table as its task says.
fn loss_unit(state: &RunState) -> &'static str {
    match &state.labels.plan {
        Some(plan) if state.labels.active => (words().result.loss_unit_of)(plan.config.choice.columns.task),
        _ => words().result.loss_unit,
    }
}

/// The loss chart with its readout.
#[component]
pub fn LossChart() -> impl IntoView {
    let store = use_store();
    let frame_ref = NodeRef::<Div>::new();
    let size = RwSignal::<Size>::new((0.0, 0.0));
    let log = RwSignal::new(false);
    let mark = RwSignal::new(None::<f64>);
    let markup = RwSignal::new(String::new());
    let chart = move |width: f64| {
        store.peek(|state| Chart {
            width,
            height: HEIGHT,
            curves: curves(state, width >= NAMED_FROM),
            log: log.get_untracked(),
            steps: f64::from(state.steps_total()),
            steps_word: words().result.steps.to_owned(),
            mark: mark.get_untracked(),
            axes: true,
            label_letters: if width >= NAMED_FROM { words().result.validation.chars().count() + 5 } else { 5 },
        })
    };
    let paint = move || {
        let width = size.get_untracked().0;
        if width > 0.0 {
            markup.set(chart(width).markup(&Palette::live()));
        }
    };
    // Data comes at its own pace; a pointer wants an answer on the next frame.
    let slow = Pace::new(CHART_GAP_MS, paint);
    let fast = Pace::new(0.0, paint);
    let watching = slow.clone();
    frame_ref.on_load(move |frame| {
        follow_size(&frame, size);
        watching.watch(&frame);
    });
    Effect::new(move |_| {
        store.follow(Part::Loss);
        store.follow(Part::Plan);
        slow.request();
    });
    Effect::new(move |_| {
        size.track();
        log.track();
        mark.track();
        fast.request();
    });
    let read = Memo::new(move |_| store.with(Part::Loss, |state| readout(state, mark.get())));

    let scale = move || chart(size.get_untracked().0).x();
    let on_key = move |event: KeyboardEvent| {
        let steps: Vec<f64> = store.peek(|state| {
            let checked = state.validation.iter().map(|point| f64::from(point.step));
            if state.training.is_empty() { checked.collect() } else { state.training.iter().map(|point| f64::from(point.step)).collect() }
        });
        let last = steps.len().saturating_sub(1);
        let now = mark.get_untracked().map_or(last, |mark| steps.partition_point(|&step| step < mark).min(last));
        let index = match event.key().as_str() {
            "ArrowLeft" => now.saturating_sub(1),
            "ArrowRight" => (now + 1).min(last),
            "Home" => 0,
            "End" => last,
            "Escape" => {
                mark.set(None);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        mark.set(steps.get(index).copied());
    };
    let unit = store.memo(Part::Plan, loss_unit);
    let save_as = move |format| {
        let Some(frame) = frame_ref.get_untracked() else { return };
        let chart = Chart { mark: None, ..chart(480.0) };
        let title = format!("{}, {}", words().result.loss, unit.get_untracked());
        let svg = chart.document(&Palette::at(&frame), &title);
        save(&Picture { name: "loss".to_owned(), svg, width: chart.width, height: chart.height + 32.0 }, format);
    };
    let part = move |id: &'static str, name: &'static str, class: &'static str, value: fn(&Readout) -> String| {
        view! {
            <span class=class hidden=move || read.with(|read| value(read).is_empty())>
                {name} " " <b data-testid=id>{move || read.with(value)}</b>
            </span>
        }
    };
    view! {
        <div class="loss">
            <div class="chart-top">
                <span class="chart-title"><b>{words().result.loss}</b> <span class="small" data-testid="loss-unit">{unit}</span></span>
                <span class="save">
                    <button type="button" class="quiet" data-testid="loss-save-svg" title=words().result.save on:click=move |_| save_as(Format::Svg)>"SVG"</button>
                    <button type="button" class="quiet" data-testid="loss-save-png" title=words().result.save on:click=move |_| save_as(Format::Png)>"PNG"</button>
                </span>
                <span class="seg seg-small" role="group" aria-label=words().result.loss>
                    <button type="button" data-testid="loss-linear" class:on=move || !log.get() aria-pressed=move || (!log.get()).to_string() on:click=move |_| log.set(false)>
                        {words().result.linear}
                    </button>
                    <button type="button" data-testid="loss-log" class:on=move || log.get() aria-pressed=move || log.get().to_string() on:click=move |_| log.set(true)>
                        {words().result.logarithmic}
                    </button>
                </span>
            </div>
            <div
                class="chart-frame"
                node_ref=frame_ref
                tabindex="0"
                role="group"
                aria-label=words().result.chart_keys
                data-testid="loss-chart"
                data-step=move || mark.get().and_then(|_| read.with(|read| read.step))
                style=format!("height:{HEIGHT}px")
                on:keydown=on_key
                on:blur=move |_| mark.set(None)
                on:pointermove=move |event| mark.set(Some(scale().value(f64::from(event.offset_x())).max(0.0)))
                on:pointerleave=move |_| mark.set(None)
            >
                <svg width="100%" height=HEIGHT.to_string() aria-hidden="true" inner_html=move || markup.get()></svg>
            </div>
            <p class="readout" aria-live="off">
                {part("loss-step", words().result.step, "", |read| read.step.map(|step| step.to_string()).unwrap_or_default())}
                {part("loss-train", words().result.training, "is-train", |read| read.training.clone())}
                {part("loss-validation", words().result.validation, "is-valid", |read| read.validation.clone())}
            </p>
        </div>
    }
}

/// A number with its unit, for the small curves.
pub(super) fn with_unit(value: f64, unit: &str) -> String {
    if unit.is_empty() { number(value) } else { format!("{} {unit}", number(value)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::state::{LossPoint, ValidationPoint};

    fn state() -> RunState {
        let point = |step: u32, loss: f32| LossPoint { step, loss, learning_rate: 1e-3, gradient_norm: 1.0, tokens_per_second: 9.0 };
        let mut state = RunState::default();
        state.training = vec![point(5, 4.0), point(10, 3.5), point(15, 3.25)];
        state.validation = vec![
            ValidationPoint { step: 0, validation: 5.0, training: 5.0, bits_per_byte: 2.5 },
            ValidationPoint { step: 10, validation: 3.75, training: 3.6, bits_per_byte: 1.9 },
        ];
        state
    }

    #[test]
    fn without_a_mark_the_latest_values_stand() {
        let read = readout(&state(), None);
        assert_eq!((read.step, read.training.as_str(), read.validation.as_str()), (Some(15), "3.25", "3.75"));
    }

    #[test]
    fn a_mark_reads_the_nearest_points() {
        let read = readout(&state(), Some(6.2));
        assert_eq!((read.step, read.training.as_str(), read.validation.as_str()), (Some(5), "4.00", "3.75"));
        assert_eq!(readout(&RunState::default(), Some(3.0)), Readout::default());
    }

    #[test]
    fn a_broken_loss_is_not_hidden() {
        let mut broken = state();
        broken.training[2].loss = f32::NAN;
        assert_eq!(readout(&broken, None).training, "NaN");
        assert_eq!(curves(&broken, true)[0].label, "training 3.50");
        assert_eq!(curves(&broken, false)[0].label, "3.50");
    }
}
