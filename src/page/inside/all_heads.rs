//! All heads of all layers as small multiples, and the same as a list.
//!
//! In: the shown maps, the measured roles. Out: a canvas, redrawn only when something changed and it is on the screen; a click (or Enter) opens a
//! head as a matrix, with Shift (or H) as lines. Test ids: `all-heads-picture`, `all-heads-sort`, `all-heads-reading`; in the list `heads-fold`,
//! `heads-table`, rows in the order of the picture with `data-layer`, `data-head` (from 0), `data-change`, `data-spread`, `data-role`,
//! `data-share`, and `open-LAYER-HEAD` (from 1).

use super::calm::calmed;
use super::changes::shown_changes;
use super::easel::Easel;
use super::head_words::{reports, role_word};
use super::picked::{Picked, View};
use super::roles::spread;
use super::shown::Shown;
use super::tiles::{Grid, Sort, Tile, arrange, runs};
use super::tiles_draw::{TilePicture, TilesPicture, draw_tiles, tiles_svg, tiles_svg_size};
use crate::page::chart::palette::Palette;
use crate::page::chart::save::{Keep, Picture};
use crate::page::state::{Part, Store, use_store};
use crate::page::strings::words;
use crate::protocol::explain::{HeadPlace, Role};
use leptos::ev::KeyboardEvent;
use leptos::html::Details;
use leptos::prelude::*;

/// All heads in this order, with what the order and the list need to know.
fn tiles(store: Store, sort: Sort, list: bool) -> Vec<Tile> {
    let Some(shown) = Shown::of(store) else { return Vec::new() };
    let changes = if list || sort == Sort::Change { shown_changes(store) } else { Vec::new() };
    let reports = reports(store);
    let (layers, heads) = (shown.head().layers, shown.head().heads);
    let mut tiles: Vec<Tile> = (0..layers)
        .flat_map(|layer| (0..heads).map(move |head| HeadPlace { layer, head }))
        .map(|place| Tile {
            place,
            change: changes.iter().find(|change| change.place == place).map_or(0.0, |change| change.distance),
            spread: if list || sort == Sort::Spread { spread_of(&shown, place) } else { 0.0 },
            role: reports.iter().find(|report| report.place == place).map(|report| (report.now.role, report.now.score)),
        })
        .collect();
    arrange(&mut tiles, sort);
    tiles
}

fn spread_of(shown: &Shown, place: HeadPlace) -> f32 {
    spread(shown.head(), &shown.frame.weights, place.layer as usize, place.head as usize)
}

/// What a square is called: its place, and what it is sorted by.
fn caption(tile: &Tile, sort: Sort) -> String {
    let place = format!("{}.{}", tile.place.layer + 1, tile.place.head + 1);
    match (sort, tile.role) {
        (Sort::Change, _) => format!("{place}  {:.2}", tile.change),
        (Sort::Spread, _) => format!("{place}  {:.2}", tile.spread),
        (_, Some((role, _))) => format!("{place}  {}", (words().past.role_name)(role)),
        (_, None) => place,
    }
}

/// The small multiples.
#[component]
pub fn AllHeads(
    picked: Picked,
    sort: RwSignal<Sort>,
    /// Gets a function that makes the picture to save.
    keep: Keep,
) -> impl IntoView {
    let store = use_store();
    let easel = Easel::default();
    let at = RwSignal::new(None::<usize>);
    let tiles = Memo::new(move |_| {
        store.follow(Part::Attention);
        store.follow(Part::Answers);
        tiles(store, sort.get(), false)
    });
    let grid = Memo::new(move |_| {
        let (width, height) = easel.size.get();
        let (layers, heads) = picked.shape.with(|shape| shape.as_ref().map(|shape| (shape.layers, shape.heads)))?;
        (width > 0.0).then(|| Grid::new(width, height, layers * heads, (sort.get() == Sort::Layer).then_some(heads)))
    });
    let picture = move || {
        let (shown, grid) = (Shown::of(store)?, grid.get_untracked()?);
        let scale = shown.scale();
        let chosen = HeadPlace { layer: picked.layer.get_untracked() as u32, head: picked.heads.get_untracked().first() as u32 };
        let tile = |tile: &Tile| TilePicture {
            head: tile.place.head as usize,
            name: caption(tile, sort.get_untracked()),
            runs: runs(&shown, tile.place.layer as usize, tile.place.head as usize, scale),
            chosen: tile.place == chosen,
        };
        let tiles = tiles.with_untracked(|tiles| tiles.iter().map(tile).collect());
        Some(TilesPicture { grid, tokens: shown.head().tokens.len(), tiles, signed: shown.is_difference(), at: at.get_untracked() })
    };
    easel.paint(
        store,
        picture,
        |picture| (picture.grid.width, picture.grid.height),
        draw_tiles,
        move || {
            grid.track();
            tiles.track();
            at.track();
        },
    );
    keep.set_value(Some(Box::new(move || {
        let (picture, canvas, shown) = (picture()?, easel.canvas.get_untracked()?, Shown::of(store)?);
        let svg = tiles_svg(&picture, &Palette::at(&canvas), &(words().past.all_heads_title)(&shown.moment()));
        let (width, height) = tiles_svg_size(&picture);
        Some(Picture { name: format!("attention-all-heads-{}", shown.file_part()), svg, width, height })
    })));
    let open = move |index: Option<usize>, view: View| {
        if let Some(place) = index.and_then(|index| tiles.with_untracked(|tiles| tiles.get(index).map(|tile| tile.place))) {
            picked.open_head(place.layer as usize, place.head as usize, view);
        }
    };
    let at_point = move |x: i32, y: i32| grid.get_untracked()?.at(f64::from(x), f64::from(y));
    let point = move |index: Option<usize>| {
        if at.get_untracked() != index {
            at.set(index);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let Some(grid) = grid.get_untracked() else { return };
        let from = at.get_untracked();
        match event.key().as_str() {
            "ArrowDown" => point(grid.moved(from, 1, 0)),
            "ArrowUp" => point(grid.moved(from, -1, 0)),
            "ArrowLeft" => point(grid.moved(from, 0, -1)),
            "ArrowRight" => point(grid.moved(from, 0, 1)),
            "Enter" | " " => open(from, View::Matrix),
            "h" | "H" => open(from, View::Heads),
            "Escape" => point(None),
            _ => return,
        }
        event.prevent_default();
        if let Some(corner) = at.get_untracked().map(|index| grid.corner(index)) {
            easel.reveal(corner, (corner.0 + grid.side, corner.1 + grid.side));
        }
    };
    let reading = move || {
        store.follow(Part::Attention);
        let place = tiles.with(|tiles| Some(tiles.get(at.get()?)?.place))?;
        let shown = Shown::of(store)?;
        let reports = reports(store);
        let role = reports.iter().find(|report| report.place == place).map(|report| report.now);
        let change = shown_changes(store).into_iter().find(|change| change.place == place).map(|change| change.distance);
        let (layer, head) = (place.layer as usize + 1, place.head as usize + 1);
        Some((words().past.reading)(layer, head, role.as_ref(), change, spread_of(&shown, place)))
    };
    let title = move || (words().past.all_heads_title)(&Shown::follow(store).map(|shown| shown.moment()).unwrap_or_default());
    let stage_style = move || grid.get().map(|grid| format!("width:{}px;height:{}px", grid.width, grid.height)).unwrap_or_default();
    view! {
        <div
            class="picture-frame multiples"
            node_ref=easel.frame
            tabindex="0"
            role="application"
            aria-label=move || format!("{}. {}", title(), words().past.all_heads_keys)
            data-testid="all-heads-picture"
            on:keydown=on_key
            on:blur=move |_| point(None)
        >
            <div class="stage" style=stage_style>
                <canvas
                    class="tiles"
                    node_ref=easel.canvas
                    on:pointermove=move |event| if event.pointer_type() != "touch" { point(at_point(event.offset_x(), event.offset_y())) }
                    on:pointerleave=move |_| point(None)
                    on:click=move |event| {
                        let view = if event.shift_key() { View::Heads } else { View::Matrix };
                        open(at_point(event.offset_x(), event.offset_y()), view);
                    }
                />
            </div>
        </div>
        <p class="reading" data-testid="all-heads-reading" aria-live="polite" class:hint=move || at.get().is_none()>
            {move || reading().unwrap_or_else(|| words().past.all_heads_hint.to_owned())}
        </p>
    }
}

/// In which order the heads stand.
#[component]
pub fn SortPicker(sort: RwSignal<Sort>) -> impl IntoView {
    let name = |sort: Sort| match sort {
        Sort::Layer => words().past.sort_layer,
        Sort::Change => words().past.sort_change,
        Sort::Spread => words().past.sort_spread,
        Sort::Role => words().past.sort_role,
    };
    view! {
        <label class="pick">
            <span class="pick-name">{words().past.sort}</span>
            <select
                class="field sort"
                data-testid="all-heads-sort"
                on:change:target=move |event| {
                    let chosen = event.target().value();
                    sort.set(Sort::ALL.into_iter().find(|sort| sort.name() == chosen).unwrap_or(Sort::Layer));
                }
            >
                {Sort::ALL.map(|one| view! { <option value=one.name() selected=move || sort.get() == one>{name(one)}</option> })}
            </select>
            <span class="small">{words().past.against_largest}</span>
        </label>
    }
}

/// The fold with all heads as a list.
#[component]
pub fn HeadsTable(picked: Picked, sort: RwSignal<Sort>, open_at_first: bool) -> impl IntoView {
    let store = use_store();
    let fold = NodeRef::<Details>::new();
    let open = RwSignal::new(open_at_first);
    let calm = calmed(store);
    let row = move |tile: Tile| {
        let HeadPlace { layer, head } = tile.place;
        let role = tile.role.map(|(role, _)| (words().past.role_name)(role));
        // What a head that looks broadly, or at nothing in particular, is measured by is its entropy, which has a column of its own.
        let share = tile.role.filter(|(role, _)| !matches!(role, Role::Broad | Role::Mixed)).map(|(_, score)| score);
        let name = format!("{}.{}", layer + 1, head + 1);
        view! {
            <tr
                data-layer=layer
                data-head=head
                data-change=format!("{:.3}", tile.change)
                data-spread=format!("{:.3}", tile.spread)
                data-role=tile.role.map(|(role, _)| role_word(role))
                data-share=share.map(|share| format!("{share:.3}"))
            >
                <th scope="row">
                    <button
                        type="button"
                        class="link"
                        data-testid=format!("open-{}-{}", layer + 1, head + 1)
                        aria-label=(words().past.place)(layer as usize + 1, head as usize + 1)
                        on:click=move |_| picked.open_head(layer as usize, head as usize, View::Matrix)
                    >
                        {name}
                    </button>
                </th>
                <td>{role}</td>
                <td class="num">{share.map(|share| format!("{:.0} %", share * 100.0))}</td>
                <td class="num">{format!("{:.2}", tile.spread)}</td>
                <td class="num">{format!("{:.2}", tile.change)}</td>
            </tr>
        }
    };
    let body = move || {
        calm.track();
        store.follow(Part::Answers);
        tiles(store, sort.get(), true).into_iter().map(row).collect_view()
    };
    let column = |name: &'static str, number: bool| view! { <th scope="col" class:num=number>{name}</th> };
    view! {
        <details
            class="fold"
            data-testid="heads-fold"
            open=open_at_first
            node_ref=fold
            on:toggle=move |_| if let Some(fold) = fold.get_untracked() { open.set(fold.open()) }
        >
            <summary>{words().past.heads_fold}</summary>
            <div class="table-frame">
                <table class="heads-table" data-testid="heads-table">
                    <thead>
                        <tr>
                            {column(words().past.column_head, false)} {column(words().past.column_role, false)}
                            {column(words().past.column_share, true)} {column(words().past.column_spread, true)}
                            {column(words().past.column_change, true)}
                        </tr>
                    </thead>
                    <tbody>{move || open.get().then(body)}</tbody>
                </table>
            </div>
        </details>
    }
}
