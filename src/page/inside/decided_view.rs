//! "Which words decided?": attribution of the next word after the followed one, beside the attention of the picked head.
//!
//! In: answers to `Question::Attribute`, asked while the fold is open; the moment that the slider shows; the
//! attention recorded nearest to it. Out: SVG. Test ids: `decided-fold`, `decided-picture`,
//! `decided-lead`, `decided-gap` (`data-gap`), `decided-table`, `decided-svg`, `decided-png`.

use super::decided::{Decided, Looked};
use super::moments::{AskedAt, attention_near};
use super::picked::Picked;
use super::sheet::{SaveButtons, Sheet, Subject, TokenChooser, page_palette};
use crate::page::chart::palette::Palette;
use crate::page::state::{Part, Topic, use_store};
use crate::page::strings::questions;
use crate::protocol::explain::Question;
use leptos::prelude::*;

/// The contents of the fold.
#[component]
pub fn DecidedPicture(picked: Picked) -> impl IntoView {
    let store = use_store();
    let own = &questions::words().decided;
    let subject = Subject::of(store);
    let size = RwSignal::new((0.0, 0.0));
    let token = Memo::new(move |_| picked.query(subject.with(|subject| subject.as_ref().map_or(0, |subject| subject.tokens.len()))));
    // Beside a difference it is of the later moment: what decided for two words cannot be subtracted.
    let asked = AskedAt::keep(store, Topic::Attribute, None, move |at| {
        subject.get().map(|_| Question::Attribute { position: token.get() as u32, token: None, at })
    });
    let decided = asked.picture(Decided::read, |decided, _| Some(decided.clone()));
    let looked = move || {
        store.follow(Part::Attention);
        let (position, step) = decided.with(|decided| decided.as_ref().map(|decided| (decided.position, decided.step)))?;
        let (layer, head) = (picked.layer.get(), picked.heads.get().first());
        let near = attention_near(store, step, None)?;
        let same = subject.with(|subject| subject.as_ref().is_some_and(|subject| subject.tokens == near.head().tokens));
        let weights = (0..=position).map(|key| near.weight(layer, head, position, key)).collect::<Option<_>>()?;
        same.then_some(Looked { layer, head, weights })
    };
    let markup = Signal::derive_local(move || {
        let (width, looked) = (size.get().0, looked());
        decided.with(|decided| {
            let (Some(decided), true) = (decided.as_ref(), width > 0.0) else { return String::new() };
            let palette = Palette::live();
            let (svg, height) = decided.draw(looked.as_ref(), width, &palette);
            svg.live(width, height, &decided.title())
        })
    });
    let picture = move || {
        let (decided, palette, width) = (decided.get_untracked()?, page_palette(), size.get_untracked().0);
        let (svg, height) = decided.draw(untrack(looked).as_ref(), width, &palette);
        Some(svg.saved(width, height, format!("decided-step{}", decided.step), &decided.title()))
    };
    let gap = move || decided.with(|decided| decided.as_ref().map(|decided| (decided.gap, (own.gap)(decided.gap, decided.points))));
    view! {
        <p data-testid="decided-lead">{move || decided.with(|decided| decided.as_ref().map(Decided::lead))}</p>
        <Sheet markup size id="decided-picture"/>
        <p class="small">
            <span data-testid="decided-gap" data-gap=move || gap().map(|(gap, _)| format!("{gap:.5}"))>{move || gap().map(|(_, words)| words)}</span>
            " "
            {own.note}
        </p>
        <div class="ask-line">
            <TokenChooser subject chosen=token choose=move |token| picked.follow(token)/>
            {asked.state_line()}
            <SaveButtons id="decided" picture/>
        </div>
        <div
            class="visually-hidden"
            data-testid="decided-table"
            inner_html=move || decided.with(|decided| decided.as_ref().map(|decided| decided.table(looked().as_ref())).unwrap_or_default())
        ></div>
    }
}
