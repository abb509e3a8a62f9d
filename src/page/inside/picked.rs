//! What the visitor picked in column 2, as signals that all views of it share, and the shape of the shown frame.
//!
//! In: clicks, and what a link asks for. Out: signals, and the link's words for what the visitor picked. Absent: the frame's weights, which stay in
//! the store.

use super::labels::label;
use super::roles::telling_head;
use super::selection::{Focus, HeadSet, Pointing, Side};
use super::shown::Shown;
use crate::page::state::{Part, Source, Store, StoredFrame};
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

impl View {
    pub const ALL: [Self; 5] = [Self::Heads, Self::Matrix, Self::AllHeads, Self::Arithmetic, Self::Flow];

    /// Its name in a link.
    pub fn name(self) -> &'static str {
        match self {
            Self::Heads => "heads",
            Self::Matrix => "matrix",
            Self::AllHeads => "all-heads",
            Self::Arithmetic => "arithmetic",
            Self::Flow => "flow",
        }
    }
}

/// What a link says of column 2. Numbers count from 1, as on the page, and may be more than the model has.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Look {
    pub view: Option<View>,
    pub layer: Option<u32>,
    pub heads: Vec<u32>,
}

impl Look {
    /// Whether a head is asked for.
    fn names_a_head(&self) -> bool {
        self.layer.is_some() || !self.heads.is_empty()
    }

    /// Whether a model of this shape has all of it.
    fn fits(&self, layers: usize, heads: usize) -> bool {
        let most = |most: usize| move |number: &u32| *number as usize <= most;
        self.layer.iter().all(most(layers)) && self.heads.iter().all(most(heads))
    }

    /// The layer, from 0, and the heads to show in a model of this shape: those asked for, or the nearest.
    fn in_model(&self, layers: usize, heads: usize) -> (usize, HeadSet) {
        let layer = (self.layer.unwrap_or(1).max(1) as usize).min(layers.max(1)) - 1;
        let there: Vec<usize> = self.heads.iter().map(|&head| head as usize).filter(|head| (1..=heads).contains(head)).collect();
        let first = there.first().copied().unwrap_or(if self.heads.is_empty() { 1 } else { heads.max(1) });
        let set = HeadSet::only(first - 1, heads);
        (layer, there.iter().fold(set, |set, &head| if set.contains(head - 1) { set } else { set.toggled(head - 1) }))
    }
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
    /// Layers and heads of the model, where the link asks for one that it does not have.
    pub missing: Memo<Option<(usize, usize)>>,
}

impl Picked {
    /// Fresh choices for a store. A new model shape (or the first frame) shows what the link asks for, or its most telling head, unless the visitor
    /// chose one. `look` is the link's part: read when it is changed from outside, written when the visitor picks.
    pub fn new(store: Store, look: RwSignal<Look>, first_view: View) -> Self {
        let shape = store.memo(Part::Attention, |state| {
            state.attention.shown().map(|frame| Shape {
                layers: frame.head.layers as usize,
                heads: frame.head.heads as usize,
                labels: frame.head.tokens.iter().map(|token| label(token)).collect(),
            })
        });
        let touched = RwSignal::new(false);
        let live = store.memo(Part::Attention, |state| state.source != Source::Recorded);
        let missing = Memo::new(move |_| {
            let (layers, heads) = shape.with(|shape| shape.as_ref().map(|shape| (shape.layers, shape.heads)))?;
            (live.get() && !touched.get() && look.with(|look| !look.fits(layers, heads))).then_some((layers, heads))
        });
        let picked = Self {
            view: RwSignal::new(look.with_untracked(|look| look.view).unwrap_or(first_view)),
            layer: RwSignal::new(0),
            heads: RwSignal::new(HeadSet::only(0, 1)),
            pointing: RwSignal::new(Pointing::default()),
            touched,
            shape,
            missing,
        };
        // What the visitor picked last, in the link's words: anything else in `look` comes from outside.
        let written = StoredValue::new(Look::default());
        let sizes = Memo::new(move |_| shape.with(|shape| shape.as_ref().map(|shape| (shape.layers, shape.heads, shape.labels.len()))));
        Effect::new(move |before: Option<Option<(usize, usize, usize)>>| {
            let (wanted, now) = (look.get(), sizes.get());
            let from_link = written.with_value(|written| *written != wanted);
            if from_link {
                written.set_value(wanted.clone());
                picked.touched.set(false);
                picked.view.set(wanted.view.unwrap_or(first_view));
            }
            let Some((layers, heads, tokens)) = now.filter(|_| from_link || before != Some(now)) else { return now };
            if picked.touched.get_untracked() {
                picked.layer.update(|layer| *layer = (*layer).min(layers.saturating_sub(1)));
                picked.heads.update(|set| *set = set.fitted(heads));
            } else if wanted.names_a_head() {
                let (layer, set) = wanted.in_model(layers, heads);
                picked.layer.set(layer);
                picked.heads.set(set);
            } else if let Some((layer, head)) = shown(store).map(|frame| telling_head(&frame.head, &frame.weights)) {
                picked.layer.set(layer);
                picked.heads.set(HeadSet::only(head, heads));
            }
            picked.pointing.update(|pointing| *pointing = pointing.fitted(tokens));
            now
        });
        Effect::new(move |_| {
            let view = Some(picked.view.get()).filter(|view| *view != first_view);
            let (layer, heads) = (picked.layer.get(), picked.heads.get());
            let now = if picked.touched.get() {
                Look { view, layer: Some(layer as u32 + 1), heads: heads.iter().map(|head| head as u32 + 1).collect() }
            } else {
                Look { view, ..look.get_untracked() }
            };
            if look.with_untracked(|look| *look != now) {
                written.set_value(now.clone());
                look.set(now);
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_shows_what_the_model_has_of_it() {
        let look = Look { layer: Some(3), heads: vec![2, 4], view: None };
        assert!(look.fits(4, 4) && !look.fits(2, 4) && !look.fits(4, 3));
        let shown = |look: &Look, layers, heads| {
            let (layer, set) = look.in_model(layers, heads);
            (layer, set.iter().collect::<Vec<_>>())
        };
        assert_eq!(shown(&look, 4, 4), (2, vec![1, 3]));
        assert_eq!(shown(&look, 2, 3), (1, vec![1]));
        assert_eq!(shown(&Look { heads: vec![99], ..look.clone() }, 4, 4), (2, vec![3]));
        assert_eq!(shown(&Look { layer: Some(0), heads: vec![0], view: None }, 4, 4), (0, vec![3]));
        assert!(!Look { view: Some(View::Flow), ..Look::default() }.names_a_head());
    }
}
