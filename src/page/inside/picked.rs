//! What the visitor picked in column 2, as signals that all views of it share, and the shape of the shown frame.
//!
//! In: clicks. Out: signals. Absent: the frame's weights, which stay in the store.

use super::labels::label;
use super::roles::telling_head;
use super::selection::{Focus, HeadSet, Pointing, Side};
use super::shown::Shown;
use crate::page::state::{Part, Store, StoredFrame};
use crate::page::strings::words;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use std::rc::Rc;

/// The views of column 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    Heads,
    Matrix,
    AllHeads,
    Arithmetic,
    Flow,
}

/// Layers, heads and tokens of the shown frame: what the controls and labels need to know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    pub layers: usize,
    pub heads: usize,
    /// Tokens with visible blanks.
    pub labels: Vec<String>,
}

/// Everything picked. Copies share their signals.
#[derive(Clone, Copy)]
pub struct Picked {
    pub view: RwSignal<View>,
    pub layer: RwSignal<usize>,
    pub heads: RwSignal<HeadSet>,
    pub pointing: RwSignal<Pointing>,
    /// The visitor chose a layer or head; until then the page may choose a telling one.
    pub touched: RwSignal<bool>,
    pub shape: Memo<Option<Shape>>,
}

impl Picked {
    /// Fresh choices for a store. A new model shape (or the first frame) shows its most telling head, unless the visitor chose one.
    pub fn new(store: Store) -> Self {
        let shape = store.memo(Part::Attention, |state| {
            state.attention.shown().map(|frame| Shape {
                layers: frame.head.layers as usize,
                heads: frame.head.heads as usize,
                labels: frame.head.tokens.iter().map(|token| label(token)).collect(),
            })
        });
        let picked = Self {
            view: RwSignal::new(View::Heads),
            layer: RwSignal::new(0),
            heads: RwSignal::new(HeadSet::only(0, 1)),
            pointing: RwSignal::new(Pointing::default()),
            touched: RwSignal::new(false),
            shape,
        };
        let sizes = Memo::new(move |_| shape.with(|shape| shape.as_ref().map(|shape| (shape.layers, shape.heads, shape.labels.len()))));
        Effect::new(move |_| {
            let Some((layers, heads, tokens)) = sizes.get() else { return };
            if picked.touched.get_untracked() {
                picked.layer.update(|layer| *layer = (*layer).min(layers.saturating_sub(1)));
                picked.heads.update(|set| *set = set.fitted(heads));
            } else if let Some((layer, head)) = shown(store).map(|frame| telling_head(&frame.head, &frame.weights)) {
                picked.layer.set(layer);
                picked.heads.set(HeadSet::only(head, heads));
            }
            picked.pointing.update(|pointing| *pointing = pointing.fitted(tokens));
        });
        picked
    }

    /// The visitor picks a layer.
    pub fn pick_layer(&self, layer: usize) {
        self.touched.set(true);
        self.layer.set(layer);
    }

    /// The visitor clicks a head: on or off among the lines; the matrix shows one at a time.
    pub fn click_head(&self, head: usize) {
        self.touched.set(true);
        let alone = self.view.get_untracked() != View::Heads;
        let all = self.shape.with_untracked(|shape| shape.as_ref().map_or(1, |shape| shape.heads));
        self.heads.update(|set| *set = if alone { HeadSet::only(head, all) } else { set.toggled(head) });
    }

    /// That head alone, in its layer.
    pub fn only_head(&self, layer: usize, head: usize) {
        self.pick_layer(layer);
        let all = self.shape.with_untracked(|shape| shape.as_ref().map_or(head + 1, |shape| shape.heads));
        self.heads.set(HeadSet::only(head, all));
    }

    /// The word that questions are about: the pinned one, else the last of `tokens`.
    pub fn query(&self, tokens: usize) -> usize {
        let last = tokens.saturating_sub(1);
        self.pointing.get().pinned.map_or(last, |focus| focus.token.min(last))
    }

    /// Pins this word, in all views.
    pub fn follow(&self, token: usize) {
        self.pointing.update(|pointing| pointing.pinned = Some(Focus { side: Side::Query, token }));
    }

    /// The visitor double-clicks a head.
    pub fn solo_head(&self, head: usize) {
        self.touched.set(true);
        if self.view.get_untracked() == View::Heads {
            self.heads.update(|set| *set = set.soloed(head));
        }
    }

    /// The visitor picks one head from all of them, to see it in this view.
    pub fn open_head(&self, layer: usize, head: usize, view: View) {
        self.touched.set(true);
        let all = self.shape.with_untracked(|shape| shape.as_ref().map_or(1, |shape| shape.heads));
        self.layer.set(layer);
        self.heads.set(HeadSet::only(head, all));
        self.view.set(view);
    }

    /// Keys that all pictures of heads share: Page Up and Page Down change the layer, a digit shows that head alone.
    pub fn on_key(&self, event: &KeyboardEvent) {
        let Some((layers, heads)) = self.shape.with_untracked(|shape| shape.as_ref().map(|shape| (shape.layers, shape.heads))) else {
            return;
        };
        let layer = self.layer.get_untracked();
        match event.key().as_str() {
            "PageUp" => self.pick_layer(layer.saturating_sub(1)),
            "PageDown" => self.pick_layer((layer + 1).min(layers.saturating_sub(1))),
            key => match key.parse::<usize>() {
                Ok(head) if (1..=heads).contains(&head) && !event.ctrl_key() && !event.meta_key() && !event.alt_key() => {
                    self.touched.set(true);
                    self.heads.set(HeadSet::only(head - 1, heads));
                }
                _ => return,
            },
        }
        event.prevent_default();
    }

    /// The name of the picture on show; follows layer, heads and step. `one` head only, as in the matrix.
    pub fn title(&self, store: Store, one: bool) -> String {
        let most = if one { 1 } else { usize::MAX };
        let heads: Vec<usize> = self.heads.get().iter().take(most).map(|head| head + 1).collect();
        let moment = Shown::follow(store).map(|shown| shown.moment()).unwrap_or_default();
        (words().past.title)(self.layer.get() + 1, &heads, &moment)
    }

    /// Active heads, numbered from 1 as the page shows them.
    pub fn head_numbers(&self) -> Vec<usize> {
        self.heads.get_untracked().iter().map(|head| head + 1).collect()
    }
}

/// The frame on show, without following it.
pub fn shown(store: Store) -> Option<Rc<StoredFrame>> {
    store.peek(|state| state.attention.shown().cloned())
}
