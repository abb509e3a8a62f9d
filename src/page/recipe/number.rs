//! One number: a field with its limits, an explanation on request, a way back to its default.

use super::setting::{control_id, setting};
use crate::page::fields::{number, set_number};
use crate::page::format::plain;
use crate::page::settings::Settings;
use crate::page::strings::recipe::FieldWords;
use crate::page::strings::words;
use crate::page::widgets::Back;
use crate::protocol::{Limit, ModelSize, RunConfig, Start, TokenizerChoice, limit};
use leptos::prelude::*;

/// Steps of the slider of a number on a logarithmic scale.
const LOG_STEPS: f64 = 200.0;

/// The control of the run's number `name`; nothing where the config has no such number.
#[component]
pub fn Number(settings: Settings, name: &'static str) -> impl IntoView {
    let (limit, words) = (limit(name)?, words().recipe.number(name)?);
    let value = Memo::new(move |_| settings.config.with(|config| number(config, name)));
    let set = Callback::new(move |wanted: f64| settings.edit(|config| set_number(config, name, wanted)));
    Some(view! { <NumberField words=*words limit=*limit value default=default_of(name) set/> })
}

/// A number with its words and limits.
#[component]
pub fn NumberField(
    words: FieldWords,
    limit: Limit,
    #[prop(into)] value: Signal<Option<f64>>,
    #[prop(into)] default: Signal<Option<f64>>,
    set: Callback<f64>,
) -> impl IntoView {
    let name = words.field;
    let typed = move |event: web_sys::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        match input.value().trim().parse::<f64>() {
            Ok(wanted) if wanted.is_finite() => set.run(limit.clamp(wanted)),
            _ => {}
        }
        // What was refused or pulled into range is shown as it is now.
        input.set_value(&value.get_untracked().map(plain).unwrap_or_default());
    };
    let slider = (limit.step == 0.0).then(|| {
        let slid = move |event: web_sys::Event| {
            if let Ok(position) = event_target_value(&event).parse::<f64>() {
                set.run(at_position(&limit, position / LOG_STEPS));
            }
        };
        view! {
            <input
                class="slider"
                type="range"
                min="0"
                max=LOG_STEPS
                step="1"
                aria-label=words.name
                aria-valuetext=move || value.get().map(plain)
                data-testid=format!("slide-{name}")
                prop:value=move || value.get().map(|value| (position_of(&limit, value) * LOG_STEPS).round().to_string())
                on:input=slid
            />
        }
    });
    let back = Back {
        changed: Signal::derive(move || value.get() != default.get()),
        label: Memo::new(move |_| default.get().map(|value| (crate::page::strings::words().recipe.reset_to)(&plain(value)))),
        reset: Callback::new(move |()| default.get_untracked().into_iter().for_each(|value| set.run(value))),
    };
    let control = view! {
        <input
            id=control_id(name)
            class="number"
            type="number"
            inputmode="decimal"
            min=plain(limit.min)
            max=plain(limit.max)
            step=if limit.step == 0.0 { "any".to_owned() } else { plain(limit.step) }
            data-testid=control_id(name)
            prop:value=move || value.get().map(plain)
            on:change=typed
        />
        {slider}
    };
    setting(words, false, Some(back), control.into_any())
}

/// The default of a number, also of those that only a model from scratch has.
fn default_of(name: &str) -> Option<f64> {
    let scratch = Start::Scratch { size: ModelSize::default(), tokenizer: TokenizerChoice::Bpe { vocab_size: 512 } };
    number(&RunConfig { start: scratch, ..RunConfig::default() }, name)
}

/// Where a value stands on a logarithmic scale, 0 to 1.
fn position_of(limit: &Limit, value: f64) -> f64 {
    (value / limit.min).ln() / (limit.max / limit.min).ln()
}

/// The value at a place on a logarithmic scale, rounded to two digits: nobody needs a third.
fn at_position(limit: &Limit, position: f64) -> f64 {
    let value = limit.min * (limit.max / limit.min).powf(position.clamp(0.0, 1.0));
    format!("{value:.1e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slider_comes_back_to_round_values() {
        let limit = limit("learning_rate").unwrap();
        for value in [1e-6, 1e-4, 1e-3, 1e-1] {
            assert_eq!(at_position(limit, position_of(limit, value)), value);
        }
        assert_eq!((position_of(limit, limit.min), position_of(limit, limit.max)), (0.0, 1.0));
        assert_eq!(at_position(limit, 7.0), limit.max);
    }

    #[test]
    fn every_number_has_a_default() {
        assert!(crate::page::fields::NUMBERS.iter().all(|name| default_of(name).is_some()));
    }
}
