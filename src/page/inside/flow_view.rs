//! The flow view: the sentence through embedding, heads and MLPs to the next word; each opens on click. Below it, what the model would say after
//! each layer.
//!
//! In: answers to `Question::Flow` and `Question::Lens`; the newest attention. Out: SVG; another view where one opens. Keys in the picture: up and down
//! follow another word, left and right move through the stages, Enter opens. Test ids: `flow`, `flow-picture`, `flow-reading`, `lens-fold`,
//! `lens-picture`, `lens-table`, `lens-svg`, `lens-png`, `numbers-table`.

use super::ask::keep_asking;
use super::flow::{Lens, Way};
use super::flow_draw::{Look, Stage, draw, draw_lens};
use super::picked::{Picked, View};
use super::sheet::{Fold, NumbersFold, SaveButtons, Sheet, Subject, TokenChooser, on_attribute, page_palette, state_of};
use crate::page::chart::palette::Palette;
use crate::page::chart::save::Keep;
use crate::page::state::{RunState, StoredFrame, Topic, use_store};
use crate::page::strings::words;
use crate::protocol::explain::Question;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use std::rc::Rc;

/// Next words shown.
const CHOICES: u32 = 10;
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
    let asked = keep_asking(store, Topic::Flow, move || subject.get().map(|_| Question::Flow { top: CHOICES }));
    let way = Memo::new(move |_| asked.answer.with(|told| Way::read(told.as_ref()?)));
    // Of the same sentence: a picture comes a moment after its sentence.
    let attention = move || -> Option<Rc<StoredFrame>> {
        let newest = store.peek(RunState::live_frame)?;
        subject.with_untracked(|subject| subject.as_ref().is_some_and(|subject| subject.tokens == newest.head.tokens)).then_some(newest)
    };
    let look = move || Look { token: token.get(), stage: pointed.get() };
    let markup = Signal::derive_local(move || {
        let (size, look) = (size.get(), look());
        way.with(|way| {
            let (Some(way), true) = (way.as_ref(), size.0 > 0.0) else { return String::new() };
            let palette = Palette::live();
            let (svg, width, height) = draw(way, look, attention().as_deref(), size, &palette);
            svg.live(width, height, &way.title())
        })
    });
    keep.set_value(Some(Box::new(move || {
        let (way, palette) = (way.get_untracked()?, page_palette());
        let look = Look { token: token.get_untracked(), stage: None };
        let (svg, width, height) = draw(&way, look, attention().as_deref(), size.get_untracked(), &palette);
        Some(svg.saved(width, height, format!("flow-step{}", way.step), &way.title()))
    })));

    let stages = move || way.with(|way| way.as_ref().map_or(0, |way| Stage::count(way.layers)));
    let open_stage = move |index: usize| {
        let layers = way.with_untracked(|way| way.as_ref().map_or(0, |way| way.layers));
        pointed.set(Some(index));
        if let Stage::Heads(layer) = Stage::at(index, layers) {
            picked.pick_layer(layer);
            picked.view.set(View::Heads);
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
        let own = &words().questions.flow;
        let token = token.get();
        way.with(|way| {
            let way = way.as_ref()?;
            if let Some((layer, head, token)) = hovered.get() {
                return Some((own.about_head)(way.labels.get(token)?, layer + 1, head + 1, way.head(layer, head, token)));
            }
            let label = way.labels.get(token)?;
            Some(match Stage::at(pointed.get()?, way.layers) {
                Stage::Embedding => (own.about_embedding)(label, *way.embedding.get(token)?),
                Stage::Heads(layer) => (own.about_heads)(label, layer + 1, way.attention(layer, token)),
                Stage::Mlp(layer) => (own.about_mlp)(label, layer + 1, way.mlp(layer, token), way.stream(layer, token)),
                Stage::Next => {
                    let next = way.next.get(token)?.first()?;
                    (own.about_next)(label, &next.label, next.probability)
                }
            })
        })
        .unwrap_or_else(|| own.hint.to_owned())
    };
    view! {
        <div class="ask-view flow" data-testid="flow">
            <div
                class="flow-frame"
                tabindex="0"
                role="group"
                aria-label=words().questions.flow.hint
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
                {state_of(asked)}
            </div>
            <LensFold subject/>
            <NumbersFold html=Signal::derive_local(move || way.with(|way| way.as_ref().map(|way| way.table(token.get())).unwrap_or_default()))/>
        </div>
    }
}

/// The logit lens, asked for while it is open.
#[component]
fn LensFold(subject: Memo<Option<Subject>>) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <Fold id="lens-fold" name=words().questions.flow.lens_fold open>
            <LensPicture subject/>
        </Fold>
    }
}

#[component]
fn LensPicture(subject: Memo<Option<Subject>>) -> impl IntoView {
    let store = use_store();
    let size = RwSignal::new((0.0, 0.0));
    let asked = keep_asking(store, Topic::Lens, move || subject.get().map(|_| Question::Lens { top: LENS_CHOICES }));
    let lens = Memo::new(move |_| asked.answer.with(|told| Lens::read(told.as_ref()?)));
    let title = |lens: &Lens| (words().questions.flow.lens_title)(lens.step);
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
        <p class="small">{words().questions.flow.lens_note}</p>
        <Sheet markup size id="lens-picture"/>
        <div class="ask-line">{state_of(asked)} <SaveButtons id="lens" picture/></div>
        <div
            class="visually-hidden"
            data-testid="lens-table"
            inner_html=move || lens.with(|lens| lens.as_ref().map(Lens::table).unwrap_or_default())
        ></div>
    }
}
