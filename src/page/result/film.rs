//! Samples over time: what the model wrote at each step, as a strip one can step back through.
//!
//! In: the samples of the store. Out: one sample at a time, the latest unless the visitor stepped back. Test ids: `sample-text`,
//! `sample-step`, `sample-earlier`, `sample-later`, `sample-slider`. Keys: left and right on the strip.

use crate::page::state::{Part, SampleText, use_store};
use crate::page::strings::words;
use leptos::prelude::*;

/// The sample on show: the latest, or that of the step the visitor chose (or the nearest before it).
fn shown(samples: &[SampleText], chosen: Option<u32>) -> Option<usize> {
    match chosen {
        None => samples.len().checked_sub(1),
        Some(step) => samples.iter().rposition(|sample| sample.step <= step).or(samples.len().checked_sub(1)),
    }
}

/// The text without the prompt it starts with, so that the two can be told apart.
fn continuation(sample: &SampleText) -> (&str, &str) {
    match sample.text.strip_prefix(sample.prompt.as_str()) {
        Some(rest) => (&sample.prompt, rest),
        None => (&sample.prompt, &sample.text),
    }
}

/// The strip.
#[component]
pub fn FilmStrip() -> impl IntoView {
    let store = use_store();
    let chosen = RwSignal::new(None::<u32>);
    let run = store.memo(Part::Phase, |state| state.run);
    Effect::new(move |_| {
        run.track();
        chosen.set(None);
    });
    let count = store.memo(Part::Samples, |state| state.samples.len());
    let index = Memo::new(move |_| store.with(Part::Samples, |state| shown(&state.samples, chosen.get())));
    let sample = Memo::new(move |_| {
        let index = index.get()?;
        store.with(Part::Samples, |state| state.samples.get(index).cloned())
    });
    let go = move |index: usize| {
        let last = count.get_untracked().saturating_sub(1);
        let step = store.peek(|state| state.samples.get(index).map(|sample| sample.step));
        chosen.set(step.filter(|_| index < last));
    };
    let first = move || index.get().is_none_or(|index| index == 0);
    let last = move || index.get().is_none_or(|index| index + 1 >= count.get());
    let step = move || sample.get().map(|sample| sample.step.to_string()).unwrap_or_default();
    view! {
        <div class="film">
            <div class="film-top">
                <h3>{words().result.samples}</h3>
                <span class="small" hidden=move || sample.get().is_none()>
                    {words().result.step} " " <b data-testid="sample-step">{step}</b>
                </span>
                <span class="film-strip" hidden=move || { count.get() < 2 }>
                    <button type="button" class="icon" data-testid="sample-earlier" aria-label=words().result.earlier title=words().result.earlier disabled=first on:click=move |_| go(index.get_untracked().unwrap_or(0).saturating_sub(1))>
                        "‹"
                    </button>
                    <input
                        type="range"
                        min="0"
                        max=move || count.get().saturating_sub(1).to_string()
                        prop:value=move || index.get().unwrap_or(0).to_string()
                        aria-label=words().result.samples
                        aria-valuetext=move || format!("{} {}", words().result.step, step())
                        data-testid="sample-slider"
                        on:input:target=move |event| if let Ok(index) = event.target().value().parse() { go(index) }
                    />
                    <button type="button" class="icon" data-testid="sample-later" aria-label=words().result.later title=words().result.later disabled=last on:click=move |_| go(index.get_untracked().unwrap_or(0) + 1)>
                        "›"
                    </button>
                </span>
            </div>
            <div class="story" data-testid="sample-text" tabindex="0" aria-live="off">
                {move || match sample.get() {
                    Some(sample) => {
                        let (prompt, rest) = continuation(&sample);
                        view! { <span class="given">{prompt.to_owned()}</span><span>{rest.to_owned()}</span> }.into_any()
                    }
                    None => view! { <span class="none-yet">{words().result.samples_none}</span> }.into_any(),
                }}
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<SampleText> {
        [20, 40, 60].map(|step| SampleText { step, prompt: "To".into(), text: format!("To be {step}") }).to_vec()
    }

    #[test]
    fn the_latest_is_shown_until_one_is_chosen() {
        assert_eq!(shown(&samples(), None), Some(2));
        assert_eq!(shown(&samples(), Some(40)), Some(1));
        assert_eq!(shown(&samples(), Some(55)), Some(1));
        assert_eq!(shown(&[], Some(55)), None);
        // One that is not there any more falls back to the latest.
        assert_eq!(shown(&samples(), Some(3)), Some(2));
    }

    #[test]
    fn the_prompt_stands_apart_from_what_was_written() {
        assert_eq!(continuation(&samples()[0]), ("To", " be 20"));
        let bare = SampleText { step: 1, prompt: "To".into(), text: " be".into() };
        assert_eq!(continuation(&bare), ("To", " be"));
    }
}
