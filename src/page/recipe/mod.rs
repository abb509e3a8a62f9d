//! Column 1's lower half: where the model starts, and the recipe it learns by.
//!
//! In and out: the settings. The model itself is chosen in `page::models`. What changes the run's shape while it goes on waits for a restart, and says so. Every number comes from the
//! protocol's table of limits; every control has a plain name, a term, a paragraph, and a way back.

mod choice;
mod label_parts;
pub mod labels;
mod number;
mod prompt;
mod restart;
pub mod setting;
mod shape;

use super::conductor::Conductor;
use super::fields;
use super::models;
use super::strings::words;
pub use crate::page::strings::recipe::FieldWords;
use crate::protocol::{LearningRateSchedule, Start};
pub use choice::Choice;
use leptos::prelude::*;
use number::Number;
pub use number::NumberField;

/// Numbers that stand in plain sight; the rest are behind "More settings".
const FIRST: &[&str] = &["steps", "learning_rate"];
/// Numbers of a model made from scratch.
const SHAPE: &[&str] = &["n_layer", "n_head", "n_embd", "n_ctx", "vocab_size"];

/// Model and recipe.
#[component]
pub fn Recipe(conductor: Conductor) -> impl IntoView {
    let (settings, store) = (conductor.settings, conductor.store);
    let words = &words().recipe;
    let schedule = Signal::derive(move || match settings.config.with(|config| config.schedule) {
        LearningRateSchedule::Cosine => "cosine",
        LearningRateSchedule::Linear => "linear",
        LearningRateSchedule::Constant => "constant",
    });
    let set_schedule = move |value: String| {
        settings.edit(|config| {
            config.schedule = match value.as_str() {
                "linear" => LearningRateSchedule::Linear,
                "constant" => LearningRateSchedule::Constant,
                _ => LearningRateSchedule::Cosine,
            };
        });
    };
    let is_scratch = Memo::new(move |_| settings.config.with(|config| matches!(config.start, Start::Scratch { .. })));
    let numbers = move |names: &'static [&'static str]| {
        let shown = fields::NUMBERS.iter().filter(move |name| names.contains(*name));
        shown.map(|&name| view! { <Number settings name/> }).collect_view()
    };
    let rest: Vec<&'static str> = fields::NUMBERS.iter().copied().filter(|name| !FIRST.contains(name) && !SHAPE.contains(name)).collect();
    view! {
        <div class="recipe">
            <div class="recipe-head">
                <h3>{words.title}</h3>
            </div>
            <models::Chosen conductor/>
            <Show when=move || is_scratch.get()>
                <shape::ShapeChoice settings/>
            </Show>
            {numbers(FIRST)}
            <models::Facts store/>
            <restart::Notice
                conductor
                names=Signal::derive(move || settings.waiting_changes().into_iter().map(|name| words.name_of(name)).collect())
                undo=Callback::new(move |()| conductor.undo_changes())
            />
            <details class="fold" data-testid="more-settings">
                <summary>{words.more}</summary>
                {rest.into_iter().map(|name| view! { <Number settings name/> }).collect_view()}
                <Choice
                    words=words.schedule
                    value=schedule
                    default="cosine"
                    options=vec![
                        ("cosine", words.schedule_cosine),
                        ("linear", words.schedule_linear),
                        ("constant", words.schedule_constant),
                    ]
                    on_choice=set_schedule
                />
                <Show when=move || is_scratch.get()>{numbers(SHAPE)}</Show>
            </details>
        </div>
    }
}
