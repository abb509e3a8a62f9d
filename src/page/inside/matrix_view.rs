//! The matrix view: one head large; rows look, columns are looked at.
//!
//! In: the shown frame of the store, what is picked (of the heads the first active one). Out: a canvas, redrawn only when something
//! changed and it is on the screen. Test ids: `matrix-picture`, `matrix-value`, `matrix-threshold`, `matrix-by-row`.

use super::easel::Easel;
use super::matrix::{MatrixDials, MatrixGeometry, cells, moved};
use super::matrix_draw::{MatrixPicture, TITLE, draw_matrix, matrix_svg};
use super::picked::Picked;
use super::shown::Shown;
use crate::page::chart::palette::Palette;
use crate::page::chart::save::{Keep, Picture};
use crate::page::state::use_store;
use crate::page::strings::words;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

/// Largest threshold of the slider, percent.
const MOST_PERCENT: u32 = 50;

/// The matrix view.
#[component]
pub fn MatrixView(
    picked: Picked,
    /// Gets a function that makes the picture to save.
    keep: Keep,
) -> impl IntoView {
    let store = use_store();
    let easel = Easel::default();
    let dials = RwSignal::new(MatrixDials::default());
    let hover = RwSignal::new(None::<(usize, usize)>);
    let pinned = RwSignal::new(None::<(usize, usize)>);
    let at = move || hover.get().or(pinned.get());
    let head = move || picked.heads.get().first();
    let geometry = Memo::new(move |_| {
        let (width, height) = easel.size.get();
        picked.shape.with(|shape| shape.as_ref().filter(|_| width > 0.0).map(|shape| MatrixGeometry::new(width, height, &shape.labels)))
    });
    let picture = move || {
        let (shown, geometry) = (Shown::of(store)?, geometry.get_untracked()?);
        let (layer, head) = (picked.layer.get_untracked(), picked.heads.get_untracked().first());
        let labels = picked.shape.with_untracked(|shape| shape.as_ref().map(|shape| MatrixPicture::cut(&shape.labels, &geometry)))?;
        let cells = cells(&shown, layer, head, dials.get_untracked());
        Some(MatrixPicture {
            geometry,
            head,
            name: format!("{}.{}", layer + 1, head + 1),
            cells,
            signed: shown.is_difference(),
            labels,
            at: hover.get_untracked().or(pinned.get_untracked()),
        })
    };
    easel.paint(
        store,
        picture,
        |picture| (picture.geometry.width, picture.geometry.height),
        draw_matrix,
        move || {
            geometry.track();
            picked.layer.track();
            picked.heads.track();
            dials.track();
            at();
        },
    );
    keep.set_value(Some(Box::new(move || {
        let (picture, canvas) = (picture()?, easel.canvas.get_untracked()?);
        let (layer, shown) = (picked.layer.get_untracked() + 1, Shown::of(store)?);
        let title = (words().past.title)(layer, &[picture.head + 1], &shown.moment());
        let svg = matrix_svg(&picture, &Palette::at(&canvas), &title);
        let (width, height) = (picture.geometry.width, picture.geometry.height + TITLE);
        Some(Picture { name: format!("attention-layer{layer}-head{}-{}", picture.head + 1, shown.file_part()), svg, width, height })
    })));

    let cell_at = move |x: i32, y: i32| geometry.get_untracked()?.cell_at(f64::from(x), f64::from(y));
    let point = move |cell: Option<(usize, usize)>| {
        if hover.get_untracked() != cell {
            hover.set(cell);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let tokens = geometry.get_untracked().map_or(0, |geometry| geometry.tokens);
        let from = hover.get_untracked().or(pinned.get_untracked());
        let (down, right) = match event.key().as_str() {
            "ArrowDown" => (1, 0),
            "ArrowUp" => (-1, 0),
            "ArrowLeft" => (0, -1),
            "ArrowRight" => (0, 1),
            "Enter" | " " => {
                event.prevent_default();
                pinned.update(|pinned| *pinned = if *pinned == from { None } else { from });
                return;
            }
            "Escape" => {
                hover.set(None);
                pinned.set(None);
                return;
            }
            _ => {
                picked.on_key(&event);
                return;
            }
        };
        event.prevent_default();
        let to = moved(from, down, right, tokens);
        point(to);
        if let Some(((query, key), geometry)) = to.zip(geometry.get_untracked()) {
            let (x, y) = (geometry.x(key), geometry.y(query));
            easel.reveal((x, y), (x + geometry.cell, y + geometry.cell));
        }
    };
    let set_threshold = move |percent: &str| {
        if let Ok(percent) = percent.parse::<f32>() {
            dials.update(|dials| dials.threshold = percent / 100.0);
        }
    };
    let value = move || {
        let shown = Shown::follow(store)?;
        let (query, key) = at()?;
        let labels = picked.shape.get()?.labels;
        let (from, to) = (labels.get(query)?, labels.get(key)?);
        if key > query {
            return Some(format!("{} {}", (words().inside.quoted)(to), words().inside.later_token));
        }
        let weight = shown.weight(picked.layer.get(), head(), query, key)?;
        Some(if shown.is_difference() { (words().past.change_of)(from, to, weight) } else { (words().inside.weight_of)(from, to, weight) })
    };
    let stage_style = move || geometry.get().map(|g| format!("width:{}px;height:{}px", g.width, g.height)).unwrap_or_default();
    view! {
        <div
            class="picture-frame"
            node_ref=easel.frame
            tabindex="0"
            role="application"
            aria-label=move || format!("{}. {}", picked.title(store, true), words().inside.matrix_keys)
            data-testid="matrix-picture"
            on:keydown=on_key
            on:blur=move |_| point(None)
        >
            <div class="stage" style=stage_style>
                <canvas
                    node_ref=easel.canvas
                    on:pointermove=move |event| if event.pointer_type() != "touch" { point(cell_at(event.offset_x(), event.offset_y())) }
                    on:pointerleave=move |_| point(None)
                    on:click=move |event| {
                        let cell = cell_at(event.offset_x(), event.offset_y());
                        pinned.update(|pinned| *pinned = if *pinned == cell { None } else { cell });
                    }
                />
            </div>
        </div>
        <p class="reading" data-testid="matrix-value" aria-live="polite">
            {move || value().unwrap_or_else(|| format!("{}, {}", words().inside.rows_look, words().inside.columns_seen))}
        </p>
        <div class="matrix-dials">
            <label>
                {words().inside.threshold}
                <input
                    type="range"
                    min="0"
                    max=MOST_PERCENT.to_string()
                    data-testid="matrix-threshold"
                    prop:value=move || format!("{:.0}", dials.get().threshold * 100.0)
                    on:input:target=move |event| set_threshold(&event.target().value())
                />
                <output>{move || format!("{:.0} %", dials.get().threshold * 100.0)}</output>
            </label>
            <label>
                <input
                    type="checkbox"
                    data-testid="matrix-by-row"
                    prop:checked=move || dials.get().by_row
                    on:change:target=move |event| dials.update(|dials| dials.by_row = event.target().checked())
                />
                {words().inside.by_row}
            </label>
        </div>
    }
}
