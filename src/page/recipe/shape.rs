//! What a model from scratch looks like.

use super::choice::Choice;
use crate::page::settings::Settings;
use crate::page::strings::words;
use crate::page::url::default_tokenizer;
use crate::protocol::{ModelSize, Start, TokenizerChoice};
use leptos::prelude::*;

/// Sizes with names; anything else is "own numbers".
const SIZES: &[(&str, ModelSize)] = &[
    ("tiny", ModelSize { n_layer: 2, n_head: 2, n_embd: 64, n_ctx: 64 }),
    ("small", ModelSize { n_layer: 4, n_head: 4, n_embd: 128, n_ctx: 128 }),
    ("medium", ModelSize { n_layer: 6, n_head: 8, n_embd: 256, n_ctx: 256 }),
];

/// Size and tokenizer of a model from scratch.
#[component]
pub fn ShapeChoice(settings: Settings) -> impl IntoView {
    let words = &words().recipe;
    let scratch = move || match settings.config.with(|config| config.start) {
        Start::Scratch { size, tokenizer } => Some((size, tokenizer)),
        Start::Base { .. } => None,
    };
    let size = Signal::derive(move || scratch().map_or("own", |(size, _)| name_of(size)));
    let set_size = move |choice: String| {
        if let Some(&(_, wanted)) = SIZES.iter().find(|(name, _)| *name == choice) {
            settings.edit(|config| {
                if let Start::Scratch { size, .. } = &mut config.start {
                    *size = wanted;
                }
            });
        }
    };
    let tokenizer = Signal::derive(move || match scratch() {
        Some((_, TokenizerChoice::Characters)) => "characters",
        _ => "bpe",
    });
    let set_tokenizer = move |choice: String| {
        settings.edit(|config| {
            if let Start::Scratch { tokenizer, .. } = &mut config.start {
                *tokenizer = if choice == "characters" { TokenizerChoice::Characters } else { default_tokenizer() };
            }
        });
    };
    view! {
        <Choice
            words=words.size
            value=size
            default="small"
            options=vec![
                ("tiny", words.size_tiny),
                ("small", words.size_small),
                ("medium", words.size_medium),
                ("own", words.size_own),
            ]
            on_choice=set_size
        />
        <Choice
            words=words.tokenizer
            value=tokenizer
            default="bpe"
            options=vec![("bpe", words.tokenizer_bpe), ("characters", words.tokenizer_characters)]
            on_choice=set_tokenizer
        />
    }
}

fn name_of(size: ModelSize) -> &'static str {
    SIZES.iter().find(|(_, known)| *known == size).map_or("own", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_sizes_are_ones_the_engine_takes() {
        for &(name, size) in SIZES {
            assert_eq!(size.clamped(), size, "{name}");
            assert_eq!(name_of(size), name);
        }
        assert_eq!(name_of(ModelSize::default()), "small");
        assert_eq!(name_of(ModelSize { n_layer: 3, ..ModelSize::default() }), "own");
    }
}
