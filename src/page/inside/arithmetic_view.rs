//! The arithmetic view: one word, one head, every number from query and keys to the weighted sum, beside the formula.
//!
//! In: answers to `Question::Arithmetic` about the moments that the slider shows; layer, head and word picked. Out: SVG. Test ids: `arithmetic`,
//! `formula-PART`, `arithmetic-picture`, `arithmetic-reading`, `query-token`, `numbers-table`; `data-lit` names the part that is lit, `data-step` and
//! `data-minus` the steps that the picture speaks of, `data-stale` is there while it waits for others.

use super::arithmetic::{FORMULA, Numbers, moment_file};
use super::arithmetic_draw::draw;
use super::moments::AskedAt;
use super::picked::Picked;
use super::sheet::{NumbersFold, Sheet, Subject, TokenChooser, on_attribute, page_palette};
use crate::page::chart::palette::Palette;
use crate::page::chart::save::Keep;
use crate::page::state::{Topic, use_store};
use crate::page::strings::questions;
use crate::protocol::explain::Question;
use leptos::prelude::*;

/// The view.
#[component]
pub fn ArithmeticView(
    picked: Picked,
    /// Gets a function that makes the picture to save.
    keep: Keep,
) -> impl IntoView {
    let store = use_store();
    let subject = Subject::of(store);
    let size = RwSignal::new((0.0, 0.0));
    let query = Memo::new(move |_| picked.query(subject.with(|subject| subject.as_ref().map_or(0, |subject| subject.tokens.len()))));
    let asked = AskedAt::keep(store, Topic::Arithmetic, Some(Topic::ArithmeticBefore), move |at| {
        let subject = subject.get()?;
        let layer = picked.layer.get().min(subject.layers.saturating_sub(1));
        let head = picked.heads.get().first().min(subject.heads.saturating_sub(1));
        Some(Question::Arithmetic { layer: layer as u32, head: head as u32, query: query.get() as u32, at })
    });
    let numbers = asked.picture(Numbers::read, Numbers::minus);
    let stale = asked.is_stale();
    let markup = Signal::derive_local(move || {
        let width = size.get().0;
        numbers.with(|numbers| {
            let (Some(numbers), true) = (numbers.as_ref(), width > 0.0) else { return String::new() };
            let palette = Palette::live();
            let (svg, height) = draw(numbers, width, &palette);
            svg.live(width, height, &numbers.title())
        })
    });
    keep.set_value(Some(Box::new(move || {
        let numbers = numbers.get_untracked()?;
        let (palette, width) = (page_palette(), size.get_untracked().0);
        let (svg, height) = draw(&numbers, width, &palette);
        let name = format!("arithmetic-layer{}-head{}-{}", numbers.layer + 1, numbers.head + 1, moment_file(numbers.step, numbers.minus));
        Some(svg.saved(width, height, name, &numbers.title()))
    })));

    let lit = RwSignal::new(None::<String>);
    let row = RwSignal::new(None::<usize>);
    let light = move |part: Option<String>| {
        if lit.with_untracked(|lit| *lit != part) {
            lit.set(part);
        }
    };
    let head_size = move || numbers.with(|numbers| numbers.as_ref().map_or(0, |numbers| numbers.size));
    let piece = move |(part, text): (&'static str, &'static str)| {
        if part.is_empty() {
            return view! { <span>{text}</span> }.into_any();
        }
        let text = move || if part == "scale" { format!("/ √{}", head_size()) } else { text.to_owned() };
        view! {
            <button
                type="button"
                data-part=part
                data-testid=format!("formula-{part}")
                class:on=move || lit.with(|lit| lit.as_deref() == Some(part))
                title=move || (questions::words().arithmetic.part)(part, head_size())
                on:focus=move |_| light(Some(part.to_owned()))
                on:click=move |_| light(Some(part.to_owned()))
            >
                {text}
            </button>
        }
        .into_any()
    };
    let reading = move || {
        let own = &questions::words().arithmetic;
        let of_row = row.get().and_then(|row| numbers.with(|numbers| numbers.as_ref()?.row_says(row)));
        match (lit.get(), of_row) {
            (Some(part), Some(of_row)) => format!("{} {of_row}", (own.part)(&part, head_size())),
            (Some(part), None) => (own.part)(&part, head_size()),
            (None, Some(of_row)) => of_row,
            (None, None) => own.hint.to_owned(),
        }
    };
    view! {
        <div
            class="ask-view arithmetic"
            data-testid="arithmetic"
            data-lit=move || lit.get()
            data-step=move || numbers.with(|numbers| numbers.as_ref().map(|numbers| numbers.step))
            data-minus=move || numbers.with(|numbers| numbers.as_ref().and_then(|numbers| numbers.minus))
            data-stale=move || stale.get().then_some("")
            on:pointerover=move |event| {
                light(on_attribute(&event, "data-part"));
                let at = on_attribute(&event, "data-row").and_then(|row| row.parse().ok());
                if row.get_untracked() != at {
                    row.set(at);
                }
            }
            on:pointerleave=move |_| { light(None); row.set(None); }
        >
            <div class="formula" role="group" aria-label=questions::words().arithmetic.formula on:focusout=move |_| light(None)>
                {FORMULA.map(piece).collect_view()}
            </div>
            <div
                on:click=move |event| if let Some(token) = on_attribute(&event, "data-row").and_then(|row| row.parse().ok()) { picked.follow(token) }
            >
                <Sheet markup size id="arithmetic-picture"/>
            </div>
            <p class="reading two-lines" data-testid="arithmetic-reading">{reading}</p>
            <div class="ask-line">
                <TokenChooser subject chosen=query choose=move |token| picked.follow(token)/>
                {asked.state_line()}
            </div>
            <NumbersFold html=Signal::derive_local(move || numbers.with(|numbers| numbers.as_ref().map(Numbers::table).unwrap_or_default()))/>
        </div>
    }
}
