//! Next-token bars: the likeliest tokens and their probabilities.
//!
//! In: choices of the store. Out: rows of bars. Test ids: `next-tokens`; rows carry `data-token` and `data-probability`.

use crate::page::inside::labels::label;
use crate::protocol::TokenChoice;
use leptos::prelude::*;

/// Rows shown at most.
const MOST: usize = 5;

/// A probability in words: whole percent, one digit below ten, "<0.1 %" for what is there but tiny.
pub fn percent(probability: f32) -> String {
    match probability * 100.0 {
        value if value >= 9.95 => format!("{value:.0} %"),
        value if value >= 0.1 => format!("{value:.1} %"),
        value if value > 0.0 => "<0.1 %".to_owned(),
        _ => "0 %".to_owned(),
    }
}

/// The likeliest first, at most five.
pub fn likeliest(mut choices: Vec<TokenChoice>) -> Vec<TokenChoice> {
    choices.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    choices.truncate(MOST);
    choices
}

/// The bars.
#[component]
pub fn ChoiceBars(
    /// The candidates, in any order.
    #[prop(into)]
    choices: Signal<Vec<TokenChoice>>,
) -> impl IntoView {
    let row = |choice: TokenChoice| {
        let text = label(&choice.text);
        view! {
            <li data-token=choice.text data-probability=format!("{:.4}", choice.probability) style=format!("--p:{:.4}", choice.probability)>
                <span class="tok">{text}</span>
                <i aria-hidden="true"></i>
                <span class="num">{percent(choice.probability)}</span>
            </li>
        }
    };
    view! { <ol class="bars" data-testid="next-tokens">{move || likeliest(choices.get()).into_iter().map(row).collect_view()}</ol> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_short_and_never_hidden() {
        assert_eq!([0.614, 0.09, 0.0123, 0.0001, 0.0].map(percent), ["61 %", "9.0 %", "1.2 %", "<0.1 %", "0 %"]);
    }

    #[test]
    fn the_likeliest_come_first() {
        let choice = |id, probability| TokenChoice { id, text: id.to_string(), probability };
        let sorted = likeliest((0..8).map(|id| choice(id, id as f32 / 10.0)).collect());
        assert_eq!(sorted.iter().map(|choice| choice.id).collect::<Vec<_>>(), [7, 6, 5, 4, 3]);
    }
}
