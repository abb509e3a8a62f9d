//! "With pretraining, without": two recorded runs on one chart, and what each of them writes, side by side. Nothing is trained for it.
//!
//! In: the recorded comparison, fetched when the visitor comes near it. Out: nothing. Test ids: `compare`, `compare-text-<n>` (which text),
//! `compare-play` (`data-state`: playing, still), `compare-step`, `compare-slider`, `compare-chart`, `compare-with`, `compare-without` (the texts),
//! `compare-says`, `compare-missing`, `compare-again`.

mod record;

use super::chart::draw::{Chart, Curve, Ink};
use super::chart::pace::{EVERY_FRAME, Pace};
use super::chart::palette::Palette;
use super::chart::size::{Size, follow_size};
use super::fetch;
use super::strings::{compare, words};
use super::widgets::when_near;
use gloo_timers::callback::Interval;
use leptos::html::{Div, Section};
use leptos::leptos_dom::helpers::window;
use leptos::prelude::*;
use leptos::task::spawn_local;
use record::{Pair, RECORD_VERSION, Record};

const HEIGHT: f64 = 200.0;
/// The whole run is played in about this time.
const PLAYED_MILLIS: f64 = 12_000.0;
const TICK_MILLIS: u32 = 100;
/// From this width on the labels at the lines' ends have their names.
const NAMED_FROM: f64 = 460.0;

/// The comparison; nothing where there is no recording.
#[component]
pub fn Compare() -> impl IntoView {
    let compare_words = compare::words();
    let section = NodeRef::<Section>::new();
    let record = RwSignal::new(None::<Record>);
    let missing = RwSignal::new(false);
    let picked = RwSignal::new(0_usize);
    let load = move || {
        missing.set(false);
        spawn_local(async move {
            let found = fetch::json::<Record>("recorded/pretraining.json").await.ok();
            let usable = found.filter(|found| found.version == RECORD_VERSION && !found.pairs.is_empty());
            missing.set(usable.is_none());
            record.set(usable);
        });
    };
    section.on_load(move |section| when_near(&section, load));
    let tabs = move || {
        let titles = record.with(|record| {
            record.as_ref().map(|record| record.pairs.iter().map(|pair| pair.title.clone()).collect::<Vec<_>>()).unwrap_or_default()
        });
        titles
            .into_iter()
            .enumerate()
            .map(|(index, title)| {
                view! {
                    <button
                        type="button"
                        class:on=move || picked.get() == index
                        aria-pressed=move || (picked.get() == index).to_string()
                        data-testid=format!("compare-text-{index}")
                        on:click=move |_| picked.set(index)
                    >
                        {title}
                    </button>
                }
            })
            .collect_view()
    };
    let shown = Memo::new(move |_| record.with(|record| record.as_ref().and_then(|record| record.pairs.get(picked.get()).cloned())));
    view! {
        <section class="compare" node_ref=section aria-labelledby="about-pretraining" data-testid="compare">
            <h2 id="about-pretraining">{compare_words.title}</h2>
            <p class="lead">{compare_words.lead}</p>
            <div class="compare-stage" class:empty=move || record.with(Option::is_none)>
                <div class="seg compare-texts" role="group" aria-label=compare_words.texts hidden=move || record.with(Option::is_none)>{tabs}</div>
                {move || shown.get().map(|pair| view! { <Played pair/> })}
                <Show when=move || missing.get()>
                    <p class="say warn" role="alert" data-testid="compare-missing">
                        {compare_words.missing} " "
                        <button class="link" data-testid="compare-again" on:click=move |_| load()>{compare_words.again}</button>
                    </p>
                </Show>
            </div>
        </section>
    }
}

/// One pair: chart, slider, two texts.
#[component]
fn Played(pair: Pair) -> impl IntoView {
    let compare_words = compare::words();
    let pair = StoredValue::new(pair);
    let steps = pair.with_value(|pair| f64::from(pair.steps));
    // Where it ended, until somebody plays it.
    let step = RwSignal::new(steps);
    let playing = StoredValue::new_local(None::<Interval>);
    let plays = RwSignal::new(false);
    let stop = move || {
        playing.set_value(None);
        plays.set(false);
    };
    let play = move |_| {
        if plays.get_untracked() {
            stop();
            return;
        }
        // Whoever wants less motion gets the next of a few still pictures.
        if window().match_media("(prefers-reduced-motion: reduce)").ok().flatten().is_some_and(|query| query.matches()) {
            step.update(|step| *step = if *step >= steps { 0.0 } else { (*step + steps / 4.0).min(steps) });
            return;
        }
        if step.get_untracked() >= steps {
            step.set(0.0);
        }
        plays.set(true);
        let tick = move || {
            let next = step.get_untracked() + steps * f64::from(TICK_MILLIS) / PLAYED_MILLIS;
            step.set(next.min(steps));
            if next >= steps {
                // Not from within the timer that this ends.
                plays.set(false);
            }
        };
        playing.set_value(Some(Interval::new(TICK_MILLIS, tick)));
    };
    Effect::new(move |_| {
        if !plays.get() {
            playing.set_value(None);
        }
    });
    on_cleanup(move || {
        playing.try_update_value(|playing| *playing = None);
    });
    let slide = move |event| {
        stop();
        if let Ok(value) = event_target_value(&event).parse::<f64>() {
            step.set(value.clamp(0.0, steps));
        }
    };
    let text = move |with: bool| {
        move || {
            pair.with_value(|pair| {
                let run = if with { &pair.with } else { &pair.without };
                run.at(step.get()).map(|point| point.text.clone()).unwrap_or_default()
            })
        }
    };
    let loss = move |with: bool| {
        move || {
            pair.with_value(|pair| {
                let run = if with { &pair.with } else { &pair.without };
                run.at(step.get()).map(|point| format!("{:.2}", point.loss)).unwrap_or_default()
            })
        }
    };
    let prompt = pair.with_value(|pair| pair.prompt.clone());
    let writing = move |with: bool, name: &'static str, class: &'static str, testid: &'static str| {
        view! {
            <figure class=format!("compare-writing {class}")>
                <figcaption><b>{name}</b> <span class="mild">{compare_words.loss} " " {loss(with)}</span></figcaption>
                <p data-testid=testid><span class="compare-prompt">{prompt.clone()}</span>{text(with)}</p>
            </figure>
        }
    };
    view! {
        <div class="compare-bar">
            <button class="button" data-testid="compare-play" data-state=move || if plays.get() { "playing" } else { "still" } on:click=play>
                <span class="glyph" aria-hidden="true">{move || if plays.get() { "❚❚" } else { "▶" }}</span>
                {move || if plays.get() { compare_words.pause } else { compare_words.play }}
            </button>
            <input
                type="range"
                min="0"
                max=steps.to_string()
                step="1"
                aria-label=compare_words.step
                data-testid="compare-slider"
                prop:value=move || step.get().round().to_string()
                on:input=slide
            />
            <span class="compare-step">{compare_words.step} " " <b data-testid="compare-step">{move || format!("{:.0}", step.get())}</b></span>
        </div>
        <Lines pair step/>
        <div class="compare-writings">
            {writing(true, compare_words.with, "is-with", "compare-with")} {writing(false, compare_words.without, "is-without", "compare-without")}
        </div>
        <p class="say" data-testid="compare-says">{pair.with_value(says)}</p>
        <p class="mild">{pair.with_value(|pair| (compare_words.how)(&pair.model, pair.parameters))}</p>
    }
}

/// What the two curves amount to, in a sentence.
fn says(pair: &Pair) -> String {
    let compare_words = compare::words();
    match pair.reached_step {
        Some(reached) => (compare_words.reached)(reached, pair.goal_step, pair.with.bits_per_byte, pair.without.bits_per_byte),
        None => compare_words.never.to_owned(),
    }
}

/// Both curves, with a mark at the step that is shown.
#[component]
fn Lines(pair: StoredValue<Pair>, step: RwSignal<f64>) -> impl IntoView {
    let compare_words = compare::words();
    let frame_ref = NodeRef::<Div>::new();
    let size = RwSignal::<Size>::new((0.0, 0.0));
    let markup = RwSignal::new(String::new());
    let pace = Pace::new(EVERY_FRAME, move || {
        let width = size.get_untracked().0;
        if width > 0.0 {
            markup.set(pair.with_value(|pair| chart(pair, step.get_untracked(), width)).markup(&Palette::live()));
        }
    });
    let watching = pace.clone();
    frame_ref.on_load(move |frame| {
        follow_size(&frame, size);
        watching.watch(&frame);
    });
    Effect::new(move |_| {
        size.track();
        step.track();
        pace.request();
    });
    view! {
        <p class="mild compare-axis">{compare_words.axis}</p>
        <div class="chart-frame" node_ref=frame_ref role="img" aria-label=compare_words.chart data-testid="compare-chart" style=format!("height:{HEIGHT}px")>
            <svg width="100%" height=HEIGHT.to_string() aria-hidden="true" inner_html=move || markup.get()></svg>
        </div>
    }
}

fn chart(pair: &Pair, step: f64, width: f64) -> Chart {
    let compare_words = compare::words();
    let named = width >= NAMED_FROM;
    let label = |name: &str, points: &[(f64, f64)]| {
        let value = points.last().map(|point| format!("{:.2}", point.1)).unwrap_or_default();
        if named { format!("{name} {value}") } else { value }
    };
    let (with, without) = (pair.with.curve(), pair.without.curve());
    let letters = if named { compare_words.without_short.chars().count() + 5 } else { 5 };
    Chart {
        width,
        height: HEIGHT,
        curves: vec![
            Curve { label: label(compare_words.with_short, &with), ink: Ink::Train, points: with },
            Curve { label: label(compare_words.without_short, &without), ink: Ink::Valid, points: without },
        ],
        log: false,
        steps: f64::from(pair.steps),
        steps_word: words().result.steps.to_owned(),
        // Where the numbers and texts below are from.
        mark: pair.with.at(step).map(|point| f64::from(point.step)),
        axes: true,
        label_letters: letters,
    }
}
