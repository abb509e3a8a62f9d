//! The examples of the chosen columns: how many of each class, how they are parted.

use crate::page::conductor::Conductor;
use crate::page::format::grouped;
use crate::page::label_fields::SHARE;
use crate::page::recipe::NumberField;
use crate::page::state::Part;
use crate::page::strings::label_words;
use crate::protocol::labels::LabelPlan;
use crate::protocol::{SplitOptions, TableTask, limit};
use leptos::prelude::*;

/// Classes listed; the rest is counted.
const MOST_CLASSES: usize = 8;

/// A window into which more of what is cut may fit: the largest that the model and the recipe allow.
fn wider(plan: &LabelPlan) -> Option<u32> {
    let most = limit("window").map_or(plan.n_ctx, |limit| plan.n_ctx.min(limit.max as u32));
    (plan.cut_texts > 0 && plan.config.window < most).then_some(most)
}

/// How far the cutting into tokens is, with a way out; nothing for tables that take no time.
#[component]
fn Tokenising(conductor: Conductor) -> impl IntoView {
    let words = &label_words().table;
    let now = conductor.store.memo(Part::Plan, |state| state.labels.tokenised.filter(|_| state.pending_plan.is_some()));
    let share = move || now.get().map_or(0.0, |(done, total)| done as f64 / total.max(1) as f64);
    view! {
        <Show when=move || now.get().is_some()>
            <p class="progress-line" data-testid="tokenising">
                <span class="small">{move || now.get().map(|(done, total)| (words.tokenising)(done, total))}</span>
                <progress max="1" value=share aria-label=words.tokenising_label></progress>
                <button type="button" class="button small" data-testid="tokenising-cancel" on:click=move |_| conductor.cancel_reading()>
                    {crate::page::strings::words().text.table_cancel}
                </button>
            </p>
        </Show>
    }
}

/// Counts and parts.
#[component]
pub fn Examples(conductor: Conductor) -> impl IntoView {
    let (store, settings) = (conductor.store, conductor.settings);
    let (words, own) = (&label_words().table, &label_words().recipe);
    let facts = move || store.with(Part::Table, |state| state.labels.facts.latest.clone());
    let counts = move || {
        let Some(facts) = facts() else { return Vec::new() };
        let most = facts.class_counts.iter().copied().max().unwrap_or(1).max(1);
        let named = facts.classes.iter().zip(&facts.class_counts).take(MOST_CLASSES);
        named.map(|(name, &count)| (name.clone(), count, count as f64 / most as f64)).collect()
    };
    let bars = move || {
        let bar = |(name, count, share): (String, u64, f64)| {
            view! {
                <li>
                    <span class="class-name" title=name.clone()>{name.clone()}</span>
                    <span class="class-bar" aria-hidden="true"><i style:width=format!("{:.0}%", share * 100.0)></i></span>
                    <b>{grouped(count)}</b>
                </li>
            }
        };
        counts().into_iter().map(bar).collect_view()
    };
    let more =
        move || facts().and_then(|facts| facts.classes.len().checked_sub(MOST_CLASSES)).filter(|&more| more > 0).map(words.more_classes);
    let share = move |read: fn(&SplitOptions) -> f64| {
        Signal::derive(move || settings.labels.with(|config| config.as_ref().map(|config| read(&config.choice.split))))
    };
    let tags =
        move || settings.labels.with(|config| config.as_ref().is_some_and(|config| config.choice.columns.task == TableTask::TagTokens));
    let ready = move || facts().is_some_and(|facts| facts.split.ready);
    let own_parts_left = move || settings.labels.with(|config| config.as_ref().is_some_and(|config| config.choice.split.ignore_ready));
    let seed = move || settings.labels.with(|config| config.as_ref().map_or(1, |config| config.choice.split.seed));
    let wider = store.memo(Part::Plan, |state| wider(state.labels.plan.as_ref()?));
    view! {
        <Show when=move || facts().is_some()>
            <ul class="facts">
                <li>
                    <span data-testid="examples">{move || facts().map(|facts| (words.examples)(&facts, tags()))}</span>
                </li>
            </ul>
            <ul class="class-counts" data-testid="class-counts" aria-label=words.classes>{bars}</ul>
            <p class="small" hidden=move || more().is_none()>{more}</p>
            <p class="small" hidden=move || facts().and_then(|facts| (words.set_aside)(&facts.set_aside)).is_none() data-testid="set-aside">
                {move || facts().and_then(|facts| (words.set_aside)(&facts.set_aside))}
            </p>
            <p class="small" data-testid="parts">{move || facts().map(|facts| (words.parts)(&facts.split))}</p>
            <Tokenising conductor/>
            <p class="small" data-testid="lengths">{move || store.with(Part::Plan, |state| state.labels.plan.as_ref().map(|plan| (words.plan)(plan)))}</p>
            <p class="small" data-testid="cut">{move || store.with(Part::Plan, |state| state.labels.plan.as_ref().and_then(|plan| (words.cut)(plan)))}</p>
            <p hidden=move || wider.get().is_none()>
                <button
                    type="button"
                    class="button small"
                    data-testid="widen"
                    on:click=move |_| {
                        if let Some(window) = wider.get_untracked() {
                            settings.edit_labels(|config| config.window = window);
                        }
                    }
                >
                    {move || wider.get().map(words.widen)}
                </button>
            </p>
            <details class="fold">
                <summary>{words.parts_fold}</summary>
                <Show when=move || !ready()>
                    <NumberField
                        words=own.validation_share
                        limit=SHARE
                        value=share(|split| split.validation_share)
                        default=Some(0.1)
                        set=Callback::new(move |value| conductor.edit_choice(|choice| choice.split.validation_share = value))
                    />
                    <NumberField
                        words=own.test_share
                        limit=SHARE
                        value=share(|split| split.test_share)
                        default=Some(0.1)
                        set=Callback::new(move |value| conductor.edit_choice(|choice| choice.split.test_share = value))
                    />
                    <p class="small">
                        <button type="button" class="button small" data-testid="draw-again" on:click=move |_| conductor.edit_choice(|choice| choice.split.seed += 1)>
                            {words.draw}
                        </button>
                        " " {move || format!("#{}", seed())}
                    </p>
                </Show>
                <Show when=ready>
                    <button type="button" class="button small" on:click=move |_| conductor.edit_choice(|choice| choice.split.ignore_ready = true)>
                        {words.split_anew}
                    </button>
                </Show>
            </details>
            <p hidden=move || !own_parts_left()>
                <button
                    type="button"
                    class="button small"
                    data-testid="ready-parts"
                    on:click=move |_| conductor.edit_choice(|choice| choice.split.ignore_ready = false)
                >
                    {words.ready_parts}
                </button>
            </p>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::label_link::tests::{config, plan};

    #[test]
    fn a_larger_window_is_offered_for_what_is_cut() {
        let of = |cut_texts, window, n_ctx| {
            let mut plan = LabelPlan { cut_texts, n_ctx, ..plan(config(TableTask::TextToText)) };
            plan.config.window = window;
            wider(&plan)
        };
        assert_eq!([of(3, 128, 256), of(0, 128, 256), of(3, 256, 256)], [Some(256), None, None]);
        assert_eq!(of(1, 128, 4096), Some(1024), "the recipe allows no more");
    }
}
