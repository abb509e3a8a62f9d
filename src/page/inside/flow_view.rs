//! The flow view: the sentence through embedding, heads and MLPs to the next word; each opens on click. Below it, what the model would say after
//! each layer.
//!
//! In: answers to `Question::Flow` and `Question::Lens` about the moments that the slider shows; the attention recorded nearest to them. Out: SVG; another
//! view where one opens. Keys in the picture: up and down
//! follow another word, left and right move through the stages, Enter opens. Test ids: `flow`, `flow-picture`, `flow-reading`, `lens-fold`,
//! `lens-picture`, `lens-table`, `lens-svg`, `lens-png`, `numbers-table`; `data-step`, `data-minus` and `data-stale` as in `arithmetic_view`.

use super::arithmetic::moment_file;
use super::flow::Way;
use super::flow_draw::{Look, Stage, draw};
use super::lens::{Lens, draw_lens};
use super::moments::{AskedAt, attention_near};
use super::picked::{Picked, View};
use super::sheet::{Fold, NumbersFold, SaveButtons, Sheet, Subject, TokenChooser, on_attribute, page_palette};
use crate::page::chart::palette::Palette;
use crate::page::chart::save::Keep;
use crate::page::state::{Topic, use_store};
use crate::page::strings::questions;
use crate::protocol::explain::{Dials, MOST_CHOICES, Question};
use leptos::ev::KeyboardEvent;
use leptos::leptos_dom::helpers::document;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;

/// Words per cell of the lens.
const LENS_CHOICES: u32 = 5;

/// The view.
#[component]
pub fn FlowView(
    picked: Picked,
    /// Gets a function that makes the picture to save.
    keep: Keep,
) -> impl IntoView {
    let store = use_store();
    let subject = Subject::of(store);
    let size = RwSignal::new((0.0, 0.0));
    let token = Memo::new(move |_| picked.query(subject.with(|subject| subject.as_ref().map_or(0, |subject| subject.tokens.len()))));
    let pointed = RwSignal::new(None::<usize>);
    let dials = Memo::new(move |_| store.dials.with(|config| Dials::from(config)));
    // More words than are shown, for the sake of differences.
    let asked = AskedAt::keep(store, Topic::Flow, Some(Topic::FlowBefore), move |at| {
        let dials = dials.get();
        subject.get().map(|_| Question::Flow { top: MOST_CHOICES, at, dials })
    });
    let way = asked.picture(Way::read, Way::minus);
    let stale = asked.is_stale();
    // Of the same sentence: a picture comes a moment after its sentence.
    let attention = move |way: &Way| {
        let near = attention_near(store, way.step, way.minus)?;
        subject.with_untracked(|subject| subject.as_ref().is_some_and(|subject| subject.tokens == near.head().tokens)).then_some(near)
    };
    let look = move || Look { token: token.get(), stage: pointed.get() };
    let markup = Signal::derive_local(move || {
        let (size, look) = (size.get(), look());
        way.with(|way| {
            let (Some(way), true) = (way.as_ref(), size.0 > 0.0) else { return String::new() };
            let palette = Palette::live();
            let (svg, width, height) = draw(way, look, attention(way).as_ref(), size, &palette);
            svg.live(width, height, &way.title())
        })
    });
    keep.set_value(Some(Box::new(move || {
        let (way, palette) = (way.get_untracked()?, page_palette());
        let look = Look { token: token.get_untracked(), stage: None };
        let (svg, width, height) = draw(&way, look, attention(&way).as_ref(), size.get_untracked(), &palette);
        Some(svg.saved(width, height, format!("flow-{}", moment_file(way.step, way.minus)), &way.title()))
    })));

    let stages = move || way.with(|way| way.as_ref().map_or(0, |way| Stage::count(way.layers)));
    let open_stage = move |index: usize| {
        let layers = way.with_untracked(|way| way.as_ref().map_or(0, |way| way.layers));
        pointed.set(Some(index));
        match Stage::at(index, layers) {
            Stage::Heads(layer) => {
                picked.pick_layer(layer);
                picked.view.set(View::Heads);
            }
            Stage::Sampling => to_the_dials(),
            Stage::Embedding | Stage::Mlp(_) | Stage::Next => {}
        }
    };
    let open = move |target: &str| {
        let (kind, numbers) = target.split_once(':').unwrap_or_default();
        let numbers: Vec<usize> = numbers.split(':').filter_map(|number| number.parse().ok()).collect();
        match (kind, numbers.as_slice()) {
            ("token", &[token]) => picked.follow(token),
            ("stage", &[stage]) => open_stage(stage),
            ("head", &[layer, head, token]) => {
                picked.follow(token);
                picked.only_head(layer, head);
                picked.view.set(View::Arithmetic);
            }
            _ => {}
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let count = subject.with_untracked(|subject| subject.as_ref().map_or(0, |subject| subject.tokens.len()));
        let (now, stage) = (token.get_untracked(), pointed.get_untracked());
        match event.key().as_str() {
            "ArrowDown" => picked.follow((now + 1).min(count.saturating_sub(1))),
            "ArrowUp" => picked.follow(now.saturating_sub(1)),
            "ArrowRight" => pointed.set(Some(stage.map_or(0, |stage| (stage + 1).min(stages().saturating_sub(1))))),
            "ArrowLeft" => pointed.set(Some(stage.map_or(0, |stage| stage.saturating_sub(1)))),
            "Enter" => stage.into_iter().for_each(open_stage),
            "Escape" => pointed.set(None),
            _ => return,
        }
        event.prevent_default();
    };
    let hovered = RwSignal::new(None::<(usize, usize, usize)>);
    let reading = move || {
        let own = &questions::words().flow;
        let token = token.get();
        way.with(|way| {
            let way = way.as_ref()?;
            if let Some(from) = way.minus {
                return Some(said_change(way, from, token, pointed.get(), hovered.get()));
            }
            if let Some((layer, head, token)) = hovered.get() {
                return Some((own.about_head)(way.labels.get(token)?, layer + 1, head + 1, way.head(layer, head, token)));
            }
            let label = way.labels.get(token)?;
            Some(match Stage::at(pointed.get()?, way.layers) {
                Stage::Embedding => (own.about_embedding)(label, *way.embedding.get(token)?),
                Stage::Heads(layer) => (own.about_heads)(label, layer + 1, way.attention(layer, token)),
                Stage::Mlp(layer) => (own.about_mlp)(label, layer + 1, way.mlp(layer, token), way.stream(layer, token)),
                Stage::Next => {
                    let next = way.next(token).first()?;
                    (own.about_next)(label, &next.label, next.probability)
                }
                Stage::Sampling => {
                    let next = way.next(token).first()?;
                    let out = way.next(token).iter().filter(|next| next.chance == Some(0.0)).count();
                    let dials = dials.get();
                    (own.about_sampling)(dials.temperature, dials.top_k, &next.label, next.chance?, out)
                }
            })
        })
        .unwrap_or_else(|| own.hint.to_owned())
    };
    view! {
        <div
            class="ask-view flow"
            data-testid="flow"
            data-step=move || way.with(|way| way.as_ref().map(|way| way.step))
            data-minus=move || way.with(|way| way.as_ref().and_then(|way| way.minus))
            data-stale=move || stale.get().then_some("")
        >
            <div
                class="flow-frame"
                tabindex="0"
                role="group"
                aria-label=questions::words().flow.hint
                on:keydown=on_key
                on:click=move |event| if let Some(target) = on_attribute(&event, "data-open") { open(&target) }
                on:pointerover=move |event| {
                    let target = on_attribute(&event, "data-open");
                    let numbers = |kind: &str| -> Vec<usize> {
                        let of_kind = target.as_deref().and_then(|target| target.strip_prefix(kind));
                        of_kind.into_iter().flat_map(|numbers| numbers.split(':')).filter_map(|number| number.parse().ok()).collect()
                    };
                    hovered.set(numbers("head:").try_into().ok().map(|[layer, head, token]: [usize; 3]| (layer, head, token)));
                    if let [stage] = numbers("stage:")[..] && pointed.get_untracked() != Some(stage) {
                        pointed.set(Some(stage));
                    }
                }
                on:pointerleave=move |_| { hovered.set(None); pointed.set(None); }
            >
                <Sheet markup size id="flow-picture"/>
            </div>
            <p class="reading two-lines" data-testid="flow-reading">{reading}</p>
            <div class="ask-line">
                <TokenChooser subject chosen=token choose=move |token| picked.follow(token)/>
                {asked.state_line()}
            </div>
            <LensFold subject/>
            <NumbersFold html=Signal::derive_local(move || way.with(|way| way.as_ref().map(|way| way.table(token.get())).unwrap_or_default()))/>
        </div>
    }
}

/// Leads to where sampling is set.
fn to_the_dials() {
    let dial = document().query_selector("[data-testid=dial-temperature]").ok().flatten();
    if let Some(Ok(dial)) = dial.map(JsCast::dyn_into::<HtmlElement>) {
        dial.scroll_into_view();
        // A dial that cannot take the focus is in sight all the same.
        let _ = dial.focus();
    }
}

/// What has changed where one points; `stage` counts as in `flow_draw`, `head` is a layer, a head and a token.
fn said_change(way: &Way, from: u32, token: usize, stage: Option<usize>, head: Option<(usize, usize, usize)>) -> String {
    let own = &questions::words().flow;
    let said = |what: &str, token: usize, change: f32| Some((own.changed)(what, way.labels.get(token)?, change, from));
    let text = match (head, stage.map(|stage| Stage::at(stage, way.layers))) {
        (Some((layer, head, token)), _) => said(&(own.of_head)(layer + 1, head + 1), token, way.head(layer, head, token)),
        (None, None) => None,
        (None, Some(Stage::Embedding)) => way.embedding.get(token).and_then(|&change| said(own.of_embedding, token, change)),
        (None, Some(Stage::Heads(layer))) => said(&(own.of_heads)(layer + 1), token, way.attention(layer, token)),
        (None, Some(Stage::Mlp(layer))) => said(&(own.of_mlp)(layer + 1), token, way.mlp(layer, token)),
        (None, Some(Stage::Next)) => way
            .labels
            .get(token)
            .zip(way.next(token).first())
            .map(|(label, next)| (own.changed_next)(label, &next.label, &next.probability_text(1, true), from)),
        (None, Some(Stage::Sampling)) => Some((own.changed_sampling)(from)),
    };
    text.unwrap_or_else(|| own.change_hint.to_owned())
}

/// The logit lens, asked for while it is open.
#[component]
fn LensFold(subject: Memo<Option<Subject>>) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <Fold id="lens-fold" name=questions::words().flow.lens_fold open>
            <LensPicture subject/>
        </Fold>
    }
}

#[component]
fn LensPicture(subject: Memo<Option<Subject>>) -> impl IntoView {
    let store = use_store();
    let size = RwSignal::new((0.0, 0.0));
    // Words have no difference: beside one, the lens is of the later moment.
    let asked = AskedAt::keep(store, Topic::Lens, None, move |at| subject.get().map(|_| Question::Lens { top: LENS_CHOICES, at }));
    let lens = asked.picture(Lens::read, |lens, _| Some(lens.clone()));
    let title = |lens: &Lens| (questions::words().flow.lens_title)(lens.step);
    let markup = Signal::derive_local(move || {
        let width = size.get().0;
        lens.with(|lens| {
            let (Some(lens), true) = (lens.as_ref(), width > 0.0) else { return String::new() };
            let palette = Palette::live();
            let (svg, width, height) = draw_lens(lens, width, &palette);
            svg.live(width, height, &title(lens))
        })
    });
    let picture = move || {
        let (lens, palette) = (lens.get_untracked()?, page_palette());
        let (svg, width, height) = draw_lens(&lens, size.get_untracked().0, &palette);
        Some(svg.saved(width, height, format!("lens-step{}", lens.step), &title(&lens)))
    };
    view! {
        <p class="small">{questions::words().flow.lens_note}</p>
        <Sheet markup size id="lens-picture"/>
        <div class="ask-line">{asked.state_line()} <SaveButtons id="lens" picture/></div>
        <div
            class="visually-hidden"
            data-testid="lens-table"
            inner_html=move || lens.with(|lens| lens.as_ref().map(Lens::table).unwrap_or_default())
        ></div>
    }
}
