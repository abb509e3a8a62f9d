//! The whole page: its parts in their places, and what holds for the page as a whole (its address, closing it, hiding it).

use super::bar::{RunBar, Theme};
use super::client::Client;
use super::conductor::Conductor;
use super::later::{Later, labels_while, later_quietly};
use super::messages::Messages;
use super::settings::Settings;
use super::state::{Part, Store};
use super::strings::words;
use super::table_in::typed::TypedOpen;
use super::text_in::{DropAnywhere, TextColumn};
use super::url::Link;
use super::{inside, recipe, recorded, result};
use crate::protocol::Command;
use gloo_timers::callback::Timeout;
use leptos::ev;
use leptos::leptos_dom::helpers::{document, location_hash, window, window_event_listener};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// Milliseconds after the first frame before the engine is fetched: the page paints first.
const ENGINE_AFTER_MILLIS: u32 = 50;
/// Milliseconds after the last change before the address follows: browsers limit how often it may change.
const ADDRESS_AFTER_MILLIS: u32 = 300;

/// The page.
#[component]
pub fn Page() -> impl IntoView {
    let store = Store::new();
    provide_context(store);
    let views = Later::provide();
    let settings = Settings::new(Link::parse(&location_hash().unwrap_or_default()));
    let client = Client::new(store);
    let conductor = Conductor::new(store, settings, client);
    let theme = Theme::new(store);
    let typed = TypedOpen(RwSignal::new(false));
    provide_context(typed);
    let labelled = store.memo(Part::Text, |state| state.labels.active);
    let paste_open = RwSignal::new(false);

    fetch_labels_in_time(store, views, typed);
    recorded::play(store);
    request_animation_frame(move || {
        Timeout::new(ENGINE_AFTER_MILLIS, move || {
            conductor.models.load(conductor);
            conductor.samples.load(conductor);
            views.fetch();
            client.start();
        })
        .forget();
    });
    keep_address(conductor);
    guard_leaving(store);

    let words = &words().lesson;
    view! {
        <a class="skip" href="#text" on:click=focus_text>{words.skip}</a>
        <RunBar conductor theme/>
        <Messages conductor/>
        <main class="columns" class:labelled=move || labelled.get()>
            <section class="column text" id="text" tabindex="-1" aria-labelledby="title-text">
                <h2 id="title-text"><span class="ordinal">"1"</span>{self::words().text.title}</h2>
                <TextColumn conductor paste_open/>
                <div class="plain" hidden=move || labelled.get()>
                    <recipe::Recipe conductor/>
                </div>
                {labels_while(labelled, 2, move |views| (views.recipe)(conductor))}
            </section>
            <section class="column inside-column" aria-labelledby="title-inside">
                <h2 id="title-inside"><span class="ordinal">"2"</span>{words.inside}</h2>
                <inside::Inside look=settings.look/>
            </section>
            <section class="column result-column" aria-labelledby="title-result">
                <h2 id="title-result"><span class="ordinal">"3"</span>{words.result}</h2>
                <result::Outcome conductor/>
            </section>
        </main>
        {later_quietly(move |views| (views.lesson)(conductor))}
        {later_quietly(move |views| (views.paste)(conductor, paste_open))}
        {later_quietly(move |views| (views.confirm)(conductor))}
        {later_quietly(move |views| (views.picker)(conductor))}
        {later_quietly(move |views| (views.card)(conductor.models))}
        <DropAnywhere conductor/>
    }
}

/// The views about tables come when one is on its way or to be typed, or before, when a plan is made and the page is at rest.
fn fetch_labels_in_time(store: Store, views: Later, typed: TypedOpen) {
    let labelled = store.memo(Part::Text, |state| state.labels.active);
    let reading = store.memo(Part::Table, |state| state.labels.progress.is_some());
    let at_rest = store.memo(Part::Plan, super::state::RunState::has_plan);
    Effect::new(move |_| {
        // All are followed: one that turns true after a failed fetch is a reason to try again.
        if labelled.get() | reading.get() | typed.0.get() | at_rest.get() {
            views.fetch_labels();
        }
    });
}

/// The address holds settings, so a jump within the page must not write to it.
fn focus_text(event: ev::MouseEvent) {
    event.prevent_default();
    if let Some(section) = document().get_element_by_id("text") {
        let _ = wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlElement>(section).focus();
    }
}

/// Writes the settings to the address as they change, and follows an address that the visitor changes.
fn keep_address(conductor: Conductor) {
    let settings = conductor.settings;
    let timer = StoredValue::new_local(None::<Timeout>);
    Effect::new(move |_| {
        let hash = settings.link().to_hash();
        timer.set_value(Some(Timeout::new(ADDRESS_AFTER_MILLIS, move || {
            let location = window().location();
            let path = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
            let address = if hash.is_empty() { path } else { format!("{path}#{hash}") };
            if let Ok(history) = window().history() {
                // Refused only when it happens too often; the next change writes it.
                let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
            }
        })));
    });
    let listener = window_event_listener(ev::hashchange, move |_| {
        let link = Link::parse(&location_hash().unwrap_or_default());
        if link != untrack(|| settings.link()) {
            conductor.follow(link);
        }
    });
    on_cleanup(move || listener.remove());
}

/// Saves when the page is hidden; asks before closing only when something would be lost.
fn guard_leaving(store: Store) {
    let hidden = window_event_listener(ev::visibilitychange, move |_| {
        if document().hidden() && store.peek(|state| state.unsaved_steps() > 0) {
            store.send(&Command::Save);
        }
    });
    let leaving = window_event_listener(ev::beforeunload, move |event| {
        if store.peek(super::state::RunState::would_lose_much) {
            event.prevent_default();
            store.send(&Command::Save);
        }
    });
    on_cleanup(move || {
        hidden.remove();
        leaving.remove();
    });
    // The title of the tab tells how far it is, for whoever looks elsewhere meanwhile.
    Effect::new(move |_| {
        let (step, steps) = store.with(Part::Step, |state| (state.steps_done(), state.steps_total().max(1)));
        let live = store.with(Part::Phase, |state| state.stage.is_active());
        document().set_title(&if live { format!("{} % · Attune", u64::from(step) * 100 / u64::from(steps)) } else { "Attune".to_owned() });
    });
}
