//! Try it: a prompt, dials, and the model writes on.
//!
//! In: typing and dials; the writing of the store. Out: `Generate`, `StopGenerate`; `Reweigh` when a dial moves that only weighs the same
//! logits anew, so the bars answer without a forward pass. Test ids: `prompt`, `write-button` (`data-writing`), `next-tokens`.

use super::choices::ChoiceBars;
use super::dials::Dials;
use super::written::Written;
use crate::page::inside::labels::label;
use crate::page::state::{Part, RunState, use_store};
use crate::page::strings::words;
use crate::protocol::explain::Dials as Weighing;
use crate::protocol::{Language, TextReport, TokenChoice};
use leptos::prelude::*;

/// The candidates on show: of the token pointed at, else of the first token after the prompt, under the dials as they stand now.
fn choices(state: &RunState, pointed: Option<usize>) -> Vec<TokenChoice> {
    let writing = &state.writing;
    match pointed.and_then(|index| writing.tokens.get(index)) {
        Some(token) => token.choices.clone(),
        None if !writing.reweighed.is_empty() => writing.reweighed.clone(),
        None => writing.tokens.first().map(|token| token.choices.clone()).unwrap_or_default(),
    }
}

/// Characters of a text's first line that a first prompt takes from it.
const OPENING: usize = 12;

/// What one may begin with: English words, or how the text itself begins where these would be unknown letters to it.
fn first_prompt(text: &TextReport) -> String {
    if matches!(text.check.language, Language::English | Language::OtherLatin) {
        return words().result.first_prompt.to_owned();
    }
    let line = text.excerpt.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let start: String = line.chars().take(OPENING).collect();
    match start.rfind(' ').filter(|_| start.len() < line.len()) {
        Some(end) => start[..end].to_owned(),
        // No spaces, or all of the line.
        None if start.contains(' ') => start,
        None => start.chars().take(OPENING / 3).collect(),
    }
}

/// Prompt, dials, text and bars.
#[component]
pub fn TryIt() -> impl IntoView {
    let store = use_store();
    let prompt = RwSignal::new(words().result.first_prompt.to_owned());
    let first =
        store.memo(Part::Text, |state| state.text.as_ref().map(first_prompt).unwrap_or_else(|| words().result.first_prompt.to_owned()));
    Effect::new(move |before: Option<String>| {
        let first = first.get();
        // As long as nothing else was typed.
        if before.is_some_and(|before| prompt.with_untracked(|prompt| *prompt == before)) {
            prompt.set(first.clone());
        }
        first
    });
    let config = store.dials;
    let pointed = RwSignal::new(None::<usize>);
    let writes = store.memo(Part::Writing, |state| state.writing.request != 0 && !state.writing.done);
    // All but seed, length and stop text.
    let weighed = Memo::new(move |_| config.with(|config| Weighing::from(config)));
    Effect::new(move |before: Option<Weighing>| {
        let now = weighed.get();
        if before.is_some_and(|before| before != now) && store.peek(|state| state.writing.weighable) {
            store.reweigh(config.get_untracked());
        }
        now
    });
    let write = move || {
        if writes.get_untracked() {
            store.stop_generate();
        } else if !prompt.with_untracked(|prompt| prompt.is_empty()) {
            store.generate(prompt.get_untracked(), config.get_untracked());
        }
    };
    let can_write = move || store.with(Part::Engine, |state| state.engine_ready) && store.with(Part::Plan, |state| state.plan.is_some());
    let shown = Memo::new(move |_| store.with(Part::Writing, |state| choices(state, pointed.get())));
    let after = move || {
        let pointed = pointed.get()?;
        store.with(Part::Writing, |state| {
            let before = state.writing.tokens.get(pointed.checked_sub(1)?)?;
            Some((words().result.next_after)(&label(&before.text)))
        })
    };
    view! {
        <div class="try">
            <h3>{words().result.try_it}</h3>
            <textarea
                class="field"
                rows="2"
                maxlength="4000"
                data-testid="prompt"
                aria-label=words().result.prompt
                placeholder=words().result.prompt
                prop:value=prompt
                on:input:target=move |event| prompt.set(event.target().value())
                on:keydown=move |event| if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                    event.prevent_default();
                    write();
                }
            ></textarea>
            <div class="try-act">
                <button
                    type="button"
                    class="button"
                    class:main=move || !writes.get()
                    data-testid="write-button"
                    data-writing=move || writes.get().to_string()
                    disabled=move || !writes.get() && (!can_write() || prompt.with(|prompt| prompt.is_empty()))
                    on:click=move |_| write()
                >
                    {move || if writes.get() { words().result.stop } else { words().result.write }}
                </button>
                <span class="small" hidden=move || store.with(Part::Writing, |state| state.writing.tokens_per_second <= 0.0)>
                    {move || store.with(Part::Writing, |state| format!("{:.0} {}", state.writing.tokens_per_second, words().result.tokens_per_second))}
                </span>
            </div>
            <Written pointed/>
            <div class="next" hidden=move || shown.with(Vec::is_empty)>
                <span class="small">{move || after().unwrap_or_else(|| words().result.next.to_owned())}</span>
                <ChoiceBars choices=shown/>
            </div>
            <Dials config/>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::state::{Writing, WrittenToken};
    use crate::protocol::{DataCheck, SamplingConfig};

    fn choice(id: u32) -> TokenChoice {
        TokenChoice { id, text: id.to_string(), probability: 0.5 }
    }

    #[test]
    fn a_text_in_other_letters_gives_the_first_prompt() {
        let of = |language, excerpt: &str| {
            let check = DataCheck { characters: 1, lines: 1, alphabet: 1, rare_characters: vec![], duplicate_lines: 0, language };
            first_prompt(&TextReport { files: vec![], check, excerpt: excerpt.into(), table: None })
        };
        assert_eq!(of(Language::English, "The bell"), words().result.first_prompt);
        assert_eq!(of(Language::Chinese, "\n春眠不觉晓，处处闻啼鸟。\n"), "春眠不觉");
        assert_eq!(of(Language::Cyrillic, "Все люди рождаются свободными"), "Все люди");
        assert_eq!(of(Language::Cyrillic, "Да нет"), "Да нет");
        assert_eq!(of(Language::Greek, ""), "");
    }

    #[test]
    fn the_bars_follow_the_pointer_then_the_dials_then_the_prompt() {
        let token = |id: u32| WrittenToken { text: id.to_string(), probability: 0.5, choices: vec![choice(id)] };
        let mut state = RunState::default();
        state.writing = Writing { tokens: vec![token(1), token(2)], ..Writing::default() };
        assert_eq!(choices(&state, None), [choice(1)]);
        assert_eq!(choices(&state, Some(1)), [choice(2)]);
        state.writing.reweighed = vec![choice(9)];
        assert_eq!(choices(&state, None), [choice(9)]);
        assert!(choices(&RunState::default(), None).is_empty());
    }

    #[test]
    fn only_dials_that_weigh_ask_anew() {
        let plain = SamplingConfig::default();
        assert_eq!(Weighing::from(&plain), Weighing::from(&SamplingConfig { seed: 9, max_tokens: 5, stop: ".".into(), ..plain.clone() }));
        assert_ne!(Weighing::from(&plain), Weighing::from(&SamplingConfig { temperature: 1.5, ..plain.clone() }));
    }
}
