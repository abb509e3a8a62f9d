//! The dialog in which a model is chosen: what there is, how large, what it is good for; and how far a download is.

use super::Models;
use crate::page::conductor::Conductor;
use crate::page::state::{Part, RunState, Store};
use crate::page::strings::words;
use crate::page::widgets::Dialog;
use crate::protocol::{BaseModel, Catalogue, ModelEntry, ModelSize, RunPhase, Start, TokenizerChoice};
use leptos::prelude::*;

/// The picker.
#[component]
pub fn Picker(conductor: Conductor) -> impl IntoView {
    let model_words = &words().models;
    let models = conductor.models;
    view! {
        <Dialog open=models.picker_open on_close=move || models.picker_open.set(false) title=model_words.title>
            <div data-testid="model-picker">
                <p class="mild">{model_words.lead}</p>
                <fieldset class="models">
                    <legend class="visually-hidden">{model_words.title}</legend>
                    {move || models.catalogue.get().models.into_iter().map(|entry| view! { <Entry conductor entry/> }).collect_view()}
                    <Show when=move || models.catalogue.with(|catalogue| catalogue.models.is_empty())>
                        <Unlisted conductor/>
                    </Show>
                    <Scratch conductor/>
                </fieldset>
                <Missing conductor/>
                <Fault conductor/>
                <p class="dialog-buttons">
                    <button class="button main" data-testid="model-close" on:click=move |_| models.picker_open.set(false)>{model_words.close}</button>
                </p>
            </div>
        </Dialog>
    }
}

/// How it stands with a model.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Standing {
    /// It has to be downloaded.
    None,
    /// In the browser's storage.
    Kept,
    /// On its way: bytes so far and in all, 0 while nothing is known.
    Loading(u64, u64),
    /// The plan was made with it.
    Ready,
}

fn standing(state: &RunState, model: BaseModel, wanted: Start) -> Standing {
    let is = |start: Start| start == Start::Base { model };
    if is(wanted) && state.pending_plan.is_some() {
        return match state.phase {
            Some(RunPhase::LoadingModel { done_bytes, total_bytes }) => Standing::Loading(done_bytes, total_bytes),
            _ => Standing::Loading(0, 0),
        };
    }
    if state.planned_start().is_some_and(is) {
        Standing::Ready
    } else if state.kept_models.contains(&model) {
        Standing::Kept
    } else {
        Standing::None
    }
}

fn follow(store: Store) {
    for part in [Part::Plan, Part::Phase, Part::Saved] {
        store.follow(part);
    }
}

fn radio(id: String, chosen: Memo<bool>, choose: impl Fn() + 'static) -> impl IntoView {
    view! { <input type="radio" name="model" data-testid=id prop:checked=move || chosen.get() on:change=move |_| choose()/> }
}

#[component]
fn Entry(conductor: Conductor, entry: ModelEntry) -> impl IntoView {
    let model_words = &words().models;
    let (settings, store, models) = (conductor.settings, conductor.store, conductor.models);
    let model = entry.id;
    let start = Start::Base { model };
    let chosen = Memo::new(move |_| settings.config.with(|config| config.start == start));
    let standing = Memo::new(move |_| {
        follow(store);
        let wanted = settings.config.with(|config| config.start);
        store.peek(|state| standing(state, model, wanted))
    });
    let suits = Memo::new(move |_| {
        store.follow(Part::Text);
        store.with(Part::Device, |state| models.catalogue.with(|catalogue| suits(catalogue, state).is_some_and(|suited| suited == model)))
    });
    let download = entry.bytes();
    let state_words = move || match standing.get() {
        Standing::None => (model_words.download)(download),
        Standing::Kept => model_words.kept.to_owned(),
        Standing::Loading(_, 0) => model_words.preparing.to_owned(),
        Standing::Loading(done, total) => (model_words.loading)(done, total),
        Standing::Ready => model_words.ready.to_owned(),
    };
    let state_name = move || match standing.get() {
        Standing::None => "none",
        Standing::Kept => "kept",
        Standing::Loading(..) => "loading",
        Standing::Ready => "ready",
    };
    let progress = move || match standing.get() {
        Standing::Loading(done, total) if total > 0 => Some(view! {
            <progress max=total.to_string() value=done.to_string() aria-label=model_words.progress data-testid="model-progress"></progress>
        }),
        _ => None,
    };
    let languages = entry.languages.iter().map(|language| (model_words.language)(language)).collect::<Vec<_>>().join(", ");
    let size = (model_words.size)(entry.parameters, download);
    let id = entry.id.folder().to_owned();
    view! {
        <div class="model" class:on=move || chosen.get()>
            <label class="option">
                {radio(format!("model-{id}"), chosen, move || conductor.choose_start(start))}
                <span class="model-about">
                    <span class="model-line">
                        <b>{entry.name.clone()}</b>
                        <span class="tag" hidden=move || !suits.get()>{model_words.suits}</span>
                        <span class="mild">{size}</span>
                    </span>
                    <span class="model-good">{entry.good_for.clone()} {entry.on_request.then_some(" ")} {entry.on_request.then_some(model_words.on_request)}</span>
                </span>
            </label>
            <p class="model-line model-more">
                <span class="mild">{languages}</span>
                // The bytes of a download change ten times a second: they are read out by the progress bar when it is asked, not each time.
                <span
                    class="mild"
                    role="status"
                    aria-live=move || if state_name() == "loading" { "off" } else { "polite" }
                    data-testid=format!("model-state-{id}")
                    data-state=state_name
                >
                    {state_words}
                </span>
                <button class="link" data-testid=format!("card-{id}") on:click=move |_| models.card.set(Some(model))>{model_words.card}</button>
            </p>
            {progress}
        </div>
    }
}

/// While there is no list: the default model, which the engine may find in the storage.
#[component]
fn Unlisted(conductor: Conductor) -> impl IntoView {
    let start = Start::Base { model: BaseModel::NANO };
    let chosen = Memo::new(move |_| conductor.settings.config.with(|config| config.start == start));
    view! {
        <div class="model" class:on=move || chosen.get()>
            <label class="option">
                {radio("model-default".to_owned(), chosen, move || conductor.choose_start(start))}
                <span class="model-about"><b>{BaseModel::NANO.folder().to_owned()}</b></span>
            </label>
        </div>
    }
}

/// The model that the page would choose for the open text.
fn suits(catalogue: &Catalogue, state: &RunState) -> Option<BaseModel> {
    let language = state.text.as_ref()?.check.language;
    catalogue.suited(language, state.device.as_ref()).map(|entry| entry.id)
}

#[component]
fn Scratch(conductor: Conductor) -> impl IntoView {
    let model_words = &words().models;
    let settings = conductor.settings;
    let chosen = Memo::new(move |_| settings.config.with(|config| matches!(config.start, Start::Scratch { .. })));
    let choose = move || {
        if !chosen.get_untracked() {
            conductor.choose_start(Start::Scratch { size: ModelSize::default(), tokenizer: tokenizer(conductor) });
        }
    };
    view! {
        <div class="model" class:on=move || chosen.get()>
            <label class="option">
                {radio("model-scratch".to_owned(), chosen, choose)}
                <span class="model-about">
                    <span class="model-line">
                        <b>{model_words.scratch}</b>
                        <span class="mild">{model_words.scratch_size}</span>
                    </span>
                    <span class="model-good">{model_words.scratch_good_for}</span>
                </span>
            </label>
        </div>
    }
}

/// Characters for texts with many of them, learned pieces for the rest.
fn tokenizer(conductor: Conductor) -> TokenizerChoice {
    let language = conductor.store.peek(|state| state.text.as_ref().map(|text| text.check.language));
    let proposed = language.map(|language| super::Suggestion::for_text(&Catalogue::default(), language, None).start);
    match proposed {
        Some(Start::Scratch { tokenizer, .. }) => tokenizer,
        _ => crate::page::url::default_tokenizer(),
    }
}

/// The list could not be had.
#[component]
fn Missing(conductor: Conductor) -> impl IntoView {
    let model_words = &words().models;
    let models: Models = conductor.models;
    view! {
        <div class="say warn" role="alert" hidden=move || models.missing.with(Option::is_none)>
            <p>{model_words.missing}</p>
            <p class="say-buttons">
                <button class="button small" data-testid="model-list-retry" on:click=move |_| models.load(conductor)>{model_words.again}</button>
            </p>
        </div>
    }
}

/// What went wrong with a model, where it is seen: the strip of messages is behind the dialog.
#[component]
fn Fault(conductor: Conductor) -> impl IntoView {
    let store = conductor.store;
    let newest = store
        .memo(Part::Faults, |state| state.faults.iter().rev().find(|entry| !entry.dismissed && entry.fault.code.is_of_a_model()).cloned());
    move || {
        newest.get().map(|entry| {
            let (id, action) = (entry.id, entry.fault.action);
            let button = (words().faults.action)(action).filter(|_| action == crate::protocol::NextAction::Retry).map(|label| {
                view! {
                    <p class="say-buttons">
                        <button class="button small" data-testid="model-retry" on:click=move |_| conductor.act_on(id, action)>{label}</button>
                    </p>
                }
            });
            view! {
                <div class="say warn" role="alert" data-testid="model-fault">
                    <p>
                        {(words().faults.sentence)(entry.fault.code)} " "
                        <span hidden=move || !conductor.settings.fell_back()>{words().models.still_there}</span>
                    </p>
                    <p class="mild"><code>{entry.fault.detail.clone()}</code></p>
                    {button}
                </div>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_downloaded_then_kept_and_ready() {
        let model = BaseModel::NANO;
        let wanted = Start::Base { model };
        let mut state = RunState::default();
        assert_eq!(standing(&state, model, wanted), Standing::None);
        state.pending_plan = Some(1);
        assert_eq!(standing(&state, model, wanted), Standing::Loading(0, 0));
        state.phase = Some(RunPhase::LoadingModel { done_bytes: 5, total_bytes: 9 });
        assert_eq!(standing(&state, model, wanted), Standing::Loading(5, 9));
        let other = Start::Base { model: BaseModel::named("another").unwrap() };
        assert_eq!(standing(&state, model, other), Standing::None);
        state.kept_models = vec![model];
        state.pending_plan = None;
        assert_eq!(standing(&state, model, other), Standing::Kept);
    }
}
