//! "Test it": parts of the model are turned off, and the sentence shows what they were worth.
//!
//! In: clicks; `Switched` and `SwitchMap` answers. Out: `Command::SetSwitches`, `Question::SwitchMap`. The switches also hold for what the model
//! writes, so a notice stays in sight until all is on again. Test ids: `switch-notice`, `switch-all-on`, `test-fold`, `switch-to-NAME` (zero, mean,
//! base), `switch-LAYER-HEAD`, `switch-LAYER-mlp` (from 1; `aria-pressed`, `data-cost` in nats), `switch-measure`, `switch-map-note`,
//! `switch-effect` (`data-plain`, `data-switched`: losses), `switch-before`, `switch-after`, `map-svg`, `map-png`.

use super::ask::{Asked, age};
use super::sheet::{SaveButtons, Subject, page_palette};
use super::switches::{Costs, TARGETS, parts, retargeted, toggled};
use crate::page::result::choices::{likeliest, percent};
use crate::page::state::{Part, Stage, Topic, use_store};
use crate::page::strings::{questions, words};
use crate::protocol::TokenChoice;
use crate::protocol::explain::{Answer, ModelPart, Question, SwitchTo};
use leptos::prelude::*;

/// Width of a saved map.
const MAP_WIDTH: f64 = 640.0;

/// Says that parts are off, wherever one looks in the column.
#[component]
pub fn SwitchNotice() -> impl IntoView {
    let store = use_store();
    let off = store.memo(Part::Answers, |state| state.answers.switches.wanted.len());
    view! {
        <div class="say warn switch-notice" role="status" data-testid="switch-notice" hidden=move || off.get() == 0>
            <span>{move || (words().inside.switched)(off.get())}</span>
            <button type="button" class="button small" data-testid="switch-all-on" on:click=move |_| store.set_switches(Vec::new())>
                {words().inside.all_on}
            </button>
        </div>
    }
}

fn target_name(to: SwitchTo) -> &'static str {
    match to {
        SwitchTo::Zero => "zero",
        SwitchTo::Mean => "mean",
        SwitchTo::Base => "base",
    }
}

fn part_id(part: ModelPart) -> String {
    match part {
        ModelPart::Head { layer, head } => format!("switch-{}-{}", layer + 1, head + 1),
        ModelPart::Mlp { layer } => format!("switch-{}-mlp", layer + 1),
    }
}

/// The contents of the fold.
#[component]
pub fn TestIt() -> impl IntoView {
    let store = use_store();
    let own = &questions::words().test;
    let subject = Subject::of(store);
    let to = RwSignal::new(SwitchTo::Zero);
    let wanted = store.memo(Part::Answers, |state| state.answers.switches.wanted.clone());
    let mapped = Asked::about(store, Topic::SwitchMap);
    let costs = Memo::new(move |_| {
        store.follow(Part::Phase);
        let run = store.peek(|state| if state.stage == Stage::Idle { 0 } else { state.run });
        // Of this run's model; its step is told below.
        let told = mapped.answer.with(|told| told.as_ref().filter(|told| told.run == run).and_then(|told| Costs::read(told)));
        told.filter(|costs| costs.to == to.get())
    });
    let measure = move |_| {
        if let Some(age) = store.peek(age) {
            store.ask(Topic::SwitchMap, Question::SwitchMap { to: to.get_untracked() }, age);
        }
    };
    let choose = move |target: SwitchTo| {
        to.set(target);
        if wanted.with_untracked(|wanted| !wanted.is_empty()) {
            store.set_switches(retargeted(&wanted.get_untracked(), target));
        }
    };
    let target = move |target: SwitchTo| {
        view! {
            <button
                type="button"
                data-testid=format!("switch-to-{}", target_name(target))
                class:on=move || to.get() == target
                aria-pressed=move || (to.get() == target).to_string()
                title=(own.to_hint)(target)
                on:click=move |_| choose(target)
            >
                {(own.to)(target)}
            </button>
        }
    };
    let cell = move |part: ModelPart| {
        let off = move || wanted.with(|wanted| wanted.iter().any(|switch| switch.part == part));
        let cost = move || costs.with(|costs| costs.as_ref().and_then(|costs| Some((costs.of(part)?, costs.shade(costs.of(part)?)))));
        let name = match part {
            ModelPart::Head { head, .. } => (head + 1).to_string(),
            ModelPart::Mlp { .. } => own.mlp.to_owned(),
        };
        view! {
            <button
                type="button"
                class="part"
                class:off=off
                class:gain=move || cost().is_some_and(|(cost, _)| cost < 0.0)
                style=move || format!("--m:{:.3}", cost().map_or(0.0, |(_, shade)| shade.abs() * 0.75))
                data-testid=part_id(part)
                data-cost=move || cost().map(|(cost, _)| format!("{cost:.5}"))
                aria-pressed=move || off().to_string()
                aria-label=move || (own.cell)(part, off(), cost().map(|(cost, _)| cost))
                on:click=move |_| store.set_switches(toggled(&wanted.get_untracked(), part, to.get_untracked()))
            >
                <b>{name}</b>
                <span>{move || cost().map(|(cost, _)| super::numbers::nats(cost))}</span>
            </button>
        }
    };
    let shape = Memo::new(move |_| subject.with(|subject| subject.as_ref().map(|subject| (subject.layers, subject.heads))));
    let grid = move || {
        let (layers, heads) = shape.get()?;
        let row = |layer: usize| {
            view! {
                <div class="part-row" role="group" aria-label=(own.layer)(layer + 1) on:keydown=|event| { super::controls::move_focus(&event); }>
                    <span class="pick-name">{(own.layer)(layer + 1)}</span>
                    {parts(layer, heads).map(cell).collect_view()}
                </div>
            }
        };
        Some((0..layers).map(row).collect_view())
    };
    let note = move || match (mapped.waits.get(), mapped.complaint.get()) {
        (true, _) => questions::words().asking.to_owned(),
        (false, Some(complaint)) => complaint.to_owned(),
        _ => costs.with(|costs| costs.as_ref().map(|costs| (own.measured)(costs.largest(), costs.to, costs.step))).unwrap_or_default(),
    };
    let picture = move || {
        let (costs, palette) = (costs.get_untracked()?, page_palette());
        let (svg, height) = costs.draw(MAP_WIDTH, &palette);
        Some(svg.saved(MAP_WIDTH, height, format!("switch-map-{}-step{}", target_name(costs.to), costs.step), &costs.title()))
    };
    view! {
        <p class="small">{own.lead}</p>
        <div class="ask-line">
            <span class="pick">
                <span class="pick-name">{own.instead}</span>
                <span class="seg" role="group" aria-label=own.instead on:keydown=|event| { super::controls::move_focus(&event); }>{TARGETS.map(target).collect_view()}</span>
            </span>
            <button type="button" class="button small" data-testid="switch-measure" disabled=move || mapped.waits.get() || shape.get().is_none() on:click=measure>
                {own.measure}
            </button>
        </div>
        <div class="parts">{grid}</div>
        <div class="ask-line">
            <p class="small" role="status" data-testid="switch-map-note">{note}</p>
            <span hidden=move || costs.with(Option::is_none)><SaveButtons id="map" picture/></span>
        </div>
        <SwitchEffect/>
    }
}

/// What the switches do to the sentence: both losses as a sentence, and the next-word bars before and after.
#[component]
fn SwitchEffect() -> impl IntoView {
    let store = use_store();
    let own = &questions::words().test;
    let latest =
        store.memo(Part::Answers, |state| state.answers.switches.latest.clone().filter(|_| !state.answers.switches.wanted.is_empty()));
    let complaint = store.memo(Part::Answers, |state| state.answers.switches.fault.map(words().faults.sentence));
    let bars = move |name: &'static str, id: &'static str, choices: Vec<TokenChoice>| {
        let row = |choice: TokenChoice| {
            view! {
                <li data-token=choice.text.clone() data-probability=format!("{:.4}", choice.probability) style=format!("--p:{:.4}", choice.probability)>
                    <span class="tok">{super::labels::label(&choice.text)}</span>
                    <i aria-hidden="true"></i>
                    <span class="num">{percent(choice.probability)}</span>
                </li>
            }
        };
        view! {
            <div>
                <span class="small">{own.next} ", " {name}</span>
                <ol class="bars" data-testid=id>{likeliest(choices).into_iter().map(row).collect_view()}</ol>
            </div>
        }
    };
    let effect = move || {
        let told = latest.get()?;
        let Answer::Switched { switches, plain_loss, switched_loss, plain_choices, switched_choices, .. } = &told.answer else {
            return None;
        };
        let (plain, switched) = (plain_loss.unwrap_or(f32::NAN), switched_loss.unwrap_or(f32::NAN));
        let says =
            if plain_loss.is_some() && switched_loss.is_some() { (own.effect)(switches, plain, switched) } else { own.no_loss.to_owned() };
        Some(view! {
            <p class="say" data-testid="switch-effect" data-plain=format!("{plain:.5}") data-switched=format!("{switched:.5}")>{says}</p>
            <div class="two-bars">
                {bars(own.before, "switch-before", plain_choices.clone())}
                {bars(own.after, "switch-after", switched_choices.clone())}
            </div>
        })
    };
    view! {
        <p class="complaint">{complaint}</p>
        <div aria-live="polite">{effect}</div>
    }
}
