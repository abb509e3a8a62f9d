//! A picture made of markup in a frame: it knows its width, tells what the pointer is on, and can be saved.
//!
//! In: markup as text, drawn anew when it changes. Out: the frame's size; the element that was pointed at or clicked. The same drawing goes to the page
//! (colours by name) and to files (colours as they are). Absent: what is drawn.

use super::numbers;
use crate::page::chart::palette::Palette;
use crate::page::chart::save::{Format, Picture, save};
use crate::page::chart::size::{Size, follow_size};
use crate::page::state::{Part, Store};
use crate::page::strings::{questions, words};
use leptos::html::{Details, Div};
use leptos::leptos_dom::helpers::document;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event};

/// What questions are about: the engine's model and sentence, which may differ from a shown recording's.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    pub layers: usize,
    pub heads: usize,
    pub tokens: Vec<String>,
}

impl Subject {
    /// Of the prepared or running model, once its sentence is read.
    pub fn of(store: Store) -> Memo<Option<Self>> {
        Memo::new(move |_| {
            store.follow(Part::Plan);
            store.with(Part::Answers, |state| {
                let plan = state.plan.as_ref()?;
                let tokens = state.answers.sentence.clone();
                (!tokens.is_empty()).then_some(Self { layers: plan.n_layer as usize, heads: plan.n_head as usize, tokens })
            })
        })
    }
}

/// The value of an attribute of the element that an event is on, or of the nearest around it.
pub fn on_attribute(event: &Event, attribute: &str) -> Option<String> {
    let element = event.target()?.dyn_into::<Element>().ok()?;
    element.closest(&format!("[{attribute}]")).ok().flatten()?.get_attribute(attribute)
}

/// The colours of a saved picture.
pub fn page_palette() -> Palette {
    document().document_element().map_or_else(Palette::live, |root| Palette::at(&root))
}

/// Pictures are made for this width or more, CSS pixels.
const NARROWEST: f64 = 240.0;

/// The frame. Events of the picture reach the surrounding element.
#[component]
pub fn Sheet(
    #[prop(into)] markup: Signal<String, LocalStorage>,
    /// Follows the frame's size.
    size: RwSignal<Size>,
    /// Names the frame for tests.
    id: &'static str,
) -> impl IntoView {
    let frame = NodeRef::<Div>::new();
    let seen = RwSignal::new((0.0, 0.0));
    frame.on_load(move |frame| follow_size(&frame, seen));
    // While the page is laid out a frame may be a few pixels wide for a moment: no picture is made for that, the frame scrolls.
    Effect::new(move |_| {
        let (width, height): Size = seen.get();
        if width > 0.0 {
            size.set((width.max(NARROWEST), height));
        }
    });
    view! { <div class="sheet" node_ref=frame data-testid=id inner_html=move || markup.get()></div> }
}

/// SVG and PNG, small and quiet. `id` starts their test ids.
#[component]
pub fn SaveButtons(id: &'static str, picture: impl Fn() -> Option<Picture> + Copy + 'static) -> impl IntoView {
    let button = move |format, name: &'static str, ending: &'static str| {
        let act = move |_| {
            if let Some(picture) = picture() {
                save(&picture, format);
            }
        };
        view! { <button type="button" class="quiet" data-testid=format!("{id}-{ending}") title=words().inside.save on:click=act>{name}</button> }
    };
    view! {
        <span class="save" role="group" aria-label=words().inside.save>
            {button(Format::Svg, words().inside.save_svg, "svg")}
            {button(Format::Png, words().inside.save_png, "png")}
        </span>
    }
}

/// A fold whose contents are only made while it is open. Test ids: `id`.
#[component]
pub fn Fold(
    id: &'static str,
    name: &'static str,
    open: RwSignal<bool>,
    /// For numbers behind a picture rather than a question of its own.
    #[prop(optional)]
    quiet: bool,
    /// While there is nothing to ask.
    #[prop(optional, into)]
    gone: Option<Signal<bool>>,
    children: ChildrenFn,
) -> impl IntoView {
    let fold = NodeRef::<Details>::new();
    view! {
        <details
            class="fold"
            class:ask-fold=!quiet
            data-testid=id
            hidden=move || gone.is_some_and(|gone| gone.get())
            open=open.get_untracked()
            node_ref=fold
            on:toggle=move |_| if let Some(fold) = fold.get_untracked() { open.set(fold.open()) }
        >
            <summary>{name}</summary>
            {move || open.get().then(|| children())}
        </details>
    }
}

/// The numbers of a picture as a fold with a table. `html` is from [`numbers::table`]. Test ids: `numbers-fold`, `numbers-table`.
#[component]
pub fn NumbersFold(#[prop(into)] html: Signal<String, LocalStorage>) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <Fold id="numbers-fold" name=questions::words().numbers_fold open>
            <div class="table-frame numbers" data-testid="numbers-table" tabindex="0" inner_html=move || html.get()></div>
        </Fold>
    }
}

/// A word of the sentence to choose, as a field. Test id: `query-token`.
#[component]
pub fn TokenChooser(
    subject: Memo<Option<Subject>>,
    #[prop(into)] chosen: Signal<usize>,
    choose: impl Fn(usize) + Copy + 'static,
) -> impl IntoView {
    let options = move || {
        let tokens = subject.get().map(|subject| subject.tokens).unwrap_or_default();
        let option = |(index, token): (usize, String)| {
            view! {
                <option value=index.to_string() selected=move || chosen.get() == index>{format!("{}  {}", index + 1, super::labels::label(&token))}</option>
            }
        };
        tokens.into_iter().enumerate().map(option).collect_view()
    };
    view! {
        <label class="pick token-pick">
            <span class="pick-name">{questions::words().query_token}</span>
            <select
                class="field"
                data-testid="query-token"
                on:change:target=move |event| if let Ok(token) = event.target().value().parse() { choose(token) }
            >
                {options}
            </select>
        </label>
    }
}

/// A table that only screen readers see.
pub fn hidden_table(id: &'static str, headings: &[&str], rows: &[numbers::TableRow]) -> impl IntoView + use<> {
    view! { <div class="visually-hidden" data-testid=id inner_html=numbers::table(headings, rows)></div> }
}
