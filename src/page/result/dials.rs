//! The sampling dials: plain name first, term second, "?" with a paragraph, a reset for each.
//!
//! In and out: one [`SamplingConfig`] signal; ranges from `protocol::LIMITS`. Two dials are open, the others folded. Test ids: `dial-NAME`,
//! `dial-NAME-value`, `dial-NAME-reset`, `more-dials`.

use crate::page::chart::draw::number;
use crate::page::strings::result::DialWords;
use crate::page::strings::words;
use crate::page::widgets::{Back, help, undo};
use crate::protocol::{SamplingConfig, limit};
use leptos::prelude::*;

/// A dial's number by its field's name.
pub fn value(config: &SamplingConfig, field: &str) -> f64 {
    match field {
        "temperature" => config.temperature,
        "top_k" => f64::from(config.top_k),
        "top_p" => config.top_p,
        "repetition_penalty" => config.repetition_penalty,
        "max_tokens" => f64::from(config.max_tokens),
        "seed" => config.seed as f64,
        _ => 0.0,
    }
}

/// Sets a dial's number, pulled into its limits.
pub fn set_value(config: &mut SamplingConfig, field: &str, value: f64) {
    let value = limit(field).map_or(value, |limit| limit.clamp(value));
    match field {
        "temperature" => config.temperature = value,
        "top_k" => config.top_k = value as u32,
        "top_p" => config.top_p = value,
        "repetition_penalty" => config.repetition_penalty = value,
        "max_tokens" => config.max_tokens = value as u32,
        "seed" => config.seed = value as u64,
        _ => {}
    }
}

/// The largest value that a slider reaches; beyond it the number can be typed, and a slider that reached it would have no fine places.
fn slider_most(field: &str, most: f64) -> f64 {
    match field {
        "top_k" => 100.0,
        "max_tokens" => 400.0,
        _ => most,
    }
}

/// All dials.
#[component]
pub fn Dials(config: RwSignal<SamplingConfig>) -> impl IntoView {
    let (open, folded) = words().result.dials.split_at(2);
    let dials = |dials: &[DialWords]| dials.iter().map(|&dial| view! { <Dial config dial/> }).collect_view();
    view! {
        <div class="dials">
            {dials(open)}
            <details class="fold" data-testid="more-dials">
                <summary>{words().result.more_dials}</summary>
                {dials(folded)}
            </details>
        </div>
    }
}

#[component]
fn Dial(config: RwSignal<SamplingConfig>, dial: DialWords) -> impl IntoView {
    let changed = Signal::derive(move || {
        config.with(|config| {
            let default = SamplingConfig::default();
            if dial.field == "stop" { config.stop != default.stop } else { value(config, dial.field) != value(&default, dial.field) }
        })
    });
    let reset = Callback::new(move |()| {
        let default = SamplingConfig::default();
        config.update(|config| match dial.field {
            "stop" => config.stop = default.stop,
            field => set_value(config, field, value(&default, field)),
        });
    });
    let label = Memo::new(|_| Some(words().result.reset.to_owned()));
    let id = format!("dial-{}", dial.field);
    let (button, paragraph) = help(format!("{id}-help"), dial.name, dial.help.into_any());
    view! {
        <div class="dial" class:wide=dial.field == "stop">
            <label class="dial-name" for=id.clone()>{dial.name} " " <span class="small">"(" {dial.term} ")"</span></label>
            {button}
            {undo(Back { changed, label, reset }, Some(format!("{id}-reset")))}
            {control(config, dial, id)}
            {paragraph}
        </div>
    }
}

fn control(config: RwSignal<SamplingConfig>, dial: DialWords, id: String) -> AnyView {
    let field = dial.field;
    if field == "stop" {
        return view! {
            <input
                type="text"
                class="field"
                id=id.clone()
                data-testid=id
                maxlength="80"
                prop:value=move || config.with(|config| config.stop.clone())
                on:change:target=move |event| config.update(|config| config.stop = event.target().value())
            />
        }
        .into_any();
    }
    let (least, most, step) = limit(field).map_or((0.0, 1.0, 1.0), |limit| (limit.min, limit.max, limit.step));
    let text = move || config.with(|config| number(value(config, field)).replace(',', ""));
    let set = move |typed: String| {
        if let Ok(typed) = typed.parse::<f64>() {
            config.update(|config| set_value(config, field, typed));
        }
    };
    // Luck has no order: a slider over seeds would say nothing, and the name is that of the number.
    let slides = field != "seed";
    let typed = view! {
        <input
            type="number"
            id=(!slides).then(|| id.clone())
            class="number dial-value"
            min=least
            max=most
            step=step
            aria-label=dial.name
            data-testid=format!("{id}-value")
            prop:value=text
            on:change:target=move |event| {
                set(event.target().value());
                // Also where nothing that was typed could be taken.
                event.target().set_value(&untrack(text));
            }
        />
    };
    let slider = slides.then(|| {
        view! {
            <input
                type="range"
                id=id.clone()
                data-testid=id.clone()
                min=least
                max=slider_most(field, most)
                step=step
                prop:value=move || config.with(|config| value(config, field).to_string())
                on:input:target=move |event| set(event.target().value())
            />
        }
    });
    view! { {typed}{slider} }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dial_of_the_words_is_a_field_with_limits() {
        for dial in words().result.dials.iter().filter(|dial| dial.field != "stop") {
            let limit = limit(dial.field).unwrap_or_else(|| panic!("{} has no limits", dial.field));
            let mut config = SamplingConfig::default();
            set_value(&mut config, dial.field, 1e9);
            assert_eq!(value(&config, dial.field), limit.max, "{}", dial.field);
            set_value(&mut config, dial.field, f64::NAN);
            assert_eq!(value(&config, dial.field), limit.min, "{}", dial.field);
        }
    }
}
