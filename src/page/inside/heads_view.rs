//! The head view: two columns of tokens, and a line from each token to those it looks at (after bertviz, Vig 2019, arXiv 1906.05714).
//!
//! In: the shown frame of the store, what is picked. Out: a canvas under HTML labels, redrawn only when data, choice or colours change and
//! the picture is on the screen. Test ids: `heads-picture` (`data-focus` names the isolated token as `query-3` or `key-0`),
//! `token-query-N`, `token-key-N` (N from 0), `focus-reading`.

use super::easel::Easel;
use super::geometry::{Geometry, shortened};
use super::heads_draw::{HeadsPicture, draw_heads};
use super::heads_svg::{heads_svg, svg_size};
use super::picked::Picked;
use super::scene::{bars, links};
use super::selection::{Focus, Side};
use super::shown::Shown;
use crate::page::chart::palette::Palette;
use crate::page::chart::save::{Keep, Picture};
use crate::page::state::use_store;
use crate::page::strings::words;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;

/// The head view.
#[component]
pub fn HeadsView(
    picked: Picked,
    /// Gets a function that makes the picture to save.
    keep: Keep,
) -> impl IntoView {
    let store = use_store();
    let easel = Easel::default();
    let geometry = Memo::new(move |_| {
        let (width, height) = easel.size.get();
        picked.shape.with(|shape| shape.as_ref().filter(|_| width > 0.0).map(|shape| Geometry::new(width, height, &shape.labels)))
    });
    let picture = move || {
        let (shown, geometry) = (Shown::of(store)?, geometry.get_untracked()?);
        let (layer, heads) = (picked.layer.get_untracked(), picked.heads.get_untracked());
        let focus = picked.pointing.get_untracked().focus();
        Some(HeadsPicture {
            geometry,
            links: links(&shown, layer, heads, focus),
            bars: bars(&shown, layer, heads, focus),
            focus,
            heads,
            scale: shown.is_difference().then(|| shown.scale()),
        })
    };
    easel.paint(
        store,
        picture,
        |picture| (picture.geometry.width, picture.geometry.height),
        draw_heads,
        move || {
            geometry.track();
            picked.layer.track();
            picked.heads.track();
            picked.pointing.track();
        },
    );
    keep.set_value(Some(Box::new(move || {
        let (picture, canvas) = (picture()?, easel.canvas.get_untracked()?);
        let labels = picked.shape.get_untracked()?.labels;
        let (layer, shown) = (picked.layer.get_untracked() + 1, Shown::of(store)?);
        let title = (words().past.title)(layer, &picked.head_numbers(), &shown.moment());
        let (width, height) = svg_size(&picture);
        let svg = heads_svg(&picture, &labels, &Palette::at(&canvas), &title);
        Some(Picture { name: format!("attention-layer{layer}-{}", shown.file_part()), svg, width, height })
    })));

    let at = move |event: &PointerEvent| geometry.get_untracked()?.token_at(f64::from(event.offset_x()), f64::from(event.offset_y()));
    let hover = move |focus: Option<Focus>| {
        if picked.pointing.with_untracked(|pointing| pointing.hover != focus) {
            picked.pointing.update(|pointing| pointing.hover = focus);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let tokens = geometry.get_untracked().map_or(0, |geometry| geometry.tokens);
        let from = picked.pointing.get_untracked().focus();
        let moved = match event.key().as_str() {
            "ArrowDown" => Focus::moved(from, 1, false, tokens),
            "ArrowUp" => Focus::moved(from, -1, false, tokens),
            "ArrowLeft" | "ArrowRight" => Focus::moved(from, 0, true, tokens),
            "Enter" | " " => {
                event.prevent_default();
                picked.pointing.update(|pointing| *pointing = pointing.clicked(from));
                return;
            }
            "Escape" => {
                picked.pointing.set(Default::default());
                return;
            }
            _ => {
                picked.on_key(&event);
                return;
            }
        };
        event.prevent_default();
        hover(moved);
        // Keep the token of the keyboard in sight in a long sentence.
        if let Some((focus, geometry)) = moved.zip(geometry.get_untracked()) {
            let y = geometry.y(focus.token);
            easel.reveal((0.0, y - geometry.row), (0.0, y + geometry.row));
        }
    };
    let labels = move || {
        let geometry = geometry.get()?;
        let labels = picked.shape.get()?.labels;
        let most = ((geometry.label - 4.0) / (geometry.font * 0.61)) as usize;
        let column = move |side: Side, name: &'static str| {
            labels
                .iter()
                .enumerate()
                .map(|(token, label)| {
                    let style = format!(
                        "left:{:.1}px;top:{:.1}px;width:{:.1}px;height:{:.1}px;font-size:{:.1}px",
                        geometry.label_x(side),
                        geometry.y(token) - geometry.row / 2.0,
                        geometry.label,
                        geometry.row,
                        geometry.font
                    );
                    let here = Focus { side, token };
                    view! {
                        <span class=format!("tok tok-{name}") class:lit=move || picked.pointing.get().focus() == Some(here) style=style data-testid=format!("token-{name}-{token}")>
                            {shortened(label, most.max(2))}
                        </span>
                    }
                })
                .collect_view()
        };
        Some((column(Side::Query, "query"), column(Side::Key, "key")))
    };
    let stage_style = move || geometry.get().map(|geometry| format!("height:{}px", geometry.height)).unwrap_or_default();
    let focus_name = move || {
        picked.pointing.get().focus().map(|focus| format!("{}-{}", if focus.side == Side::Query { "query" } else { "key" }, focus.token))
    };
    view! {
        <div
            class="picture-frame"
            node_ref=easel.frame
            tabindex="0"
            role="application"
            aria-label=move || format!("{}. {}", picked.title(store, false), words().inside.picture_keys)
            data-testid="heads-picture"
            data-focus=focus_name
            on:keydown=on_key
            on:blur=move |_| hover(None)
        >
            <div class="stage" style=stage_style>
                <canvas
                    node_ref=easel.canvas
                    on:pointermove=move |event| if event.pointer_type() != "touch" { hover(at(&event)) }
                    on:pointerleave=move |_| hover(None)
                    on:click=move |event| {
                        let event: &PointerEvent = event.unchecked_ref();
                        let at = at(event);
                        picked.pointing.update(|pointing| *pointing = pointing.clicked(at));
                    }
                />
                {labels}
            </div>
        </div>
    }
}
