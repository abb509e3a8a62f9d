//! A real training window as token chips, with visible spaces and line breaks.

use crate::page::state::{Part, Store};
use crate::page::strings::words;
use crate::protocol::Piece;
use leptos::prelude::*;

/// Chips drawn at most: enough to read, few enough to stay calm.
const MOST_CHIPS: usize = 56;

/// Chips of the first preview window; before the plan is there, the beginning of the text as it stands.
#[component]
pub fn Preview(store: Store) -> impl IntoView {
    let words = &words().text;
    let pieces = store.memo(Part::Plan, |state| {
        let window = state.plan.as_ref().and_then(|plan| plan.preview.first());
        window.map(|window| window.iter().take(MOST_CHIPS).cloned().collect::<Vec<Piece>>()).unwrap_or_default()
    });
    let excerpt = store
        .memo(Part::Text, |state| state.text.as_ref().map(|text| text.excerpt.chars().take(240).collect::<String>()).unwrap_or_default());
    let chip = |piece: Piece| {
        let breaks = piece.text.ends_with('\n');
        view! {
            <span class="token" title=format!("#{}", piece.id)>{visible(&piece.text)}</span>
            {breaks.then(|| view! { <br/> })}
        }
    };
    let empty = move || pieces.with(Vec::is_empty) && excerpt.with(String::is_empty);
    view! {
        <div class="preview" hidden=empty>
            <h3 title=words.preview_hint>{words.preview}</h3>
            <p class="token-row" data-testid="preview" tabindex="0" aria-label=words.preview_hint>
                <Show
                    when=move || !pieces.with(Vec::is_empty)
                    fallback=move || view! { <span class="excerpt">{move || excerpt.get()}</span> }
                >
                    {move || pieces.get().into_iter().map(chip).collect_view()}
                </Show>
            </p>
        </div>
    }
}

/// A token's text with spaces as dots and line breaks as arrows.
pub fn visible(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            ' ' => '·',
            '\n' => '↵',
            '\t' => '⇥',
            '\u{3000}' => '□',
            other if other.is_control() => '␦',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn blanks_can_be_seen() {
        assert_eq!(visible(" to\n"), "·to↵");
        assert_eq!(visible("\t春\u{7}"), "⇥春␦");
    }
}
