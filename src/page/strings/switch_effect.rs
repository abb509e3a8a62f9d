//! What turning parts of the model off, or putting something in their place, does to a sentence, as a sentence.

use super::questions::part_en;
use crate::page::inside::numbers::nats;
use crate::protocol::explain::{Switch, SwitchTo};

/// The loss before and with the switches.
pub(super) fn effect_en(switches: &[Switch], before: f32, after: f32) -> String {
    let change = after - before;
    let all = |to| switches.iter().all(|switch| switch.to == to);
    let parts = match switches {
        [one] => part_en(one.part),
        many => format!("these {} parts", many.len()),
    };
    let what = match () {
        () if all(SwitchTo::Zero) => format!("Without {parts}"),
        () if all(SwitchTo::Base) => format!("With {parts} as in the base model"),
        () if all(SwitchTo::Mean) => format!("With {parts} always adding the average"),
        () => format!("With {parts} replaced"),
    };
    let (it, matters) = if switches.len() == 1 { ("it", "it matters") } else { ("them", "they matter") };
    let verdict = match change {
        change if change > 0.1 => format!("{matters} here"),
        change if change > 0.01 => format!("{matters} a little here"),
        change if change < -0.01 && all(SwitchTo::Zero) => format!("the sentence gets easier without {it}"),
        change if change < -0.01 => "the sentence gets easier so".to_owned(),
        _ if all(SwitchTo::Base) => "what was learned there hardly changes this sentence".to_owned(),
        _ => format!("this sentence hardly needs {it}"),
    };
    let moves = if change >= 0.0 { "rises" } else { "falls" };
    format!("{what} the sentence\u{2019}s loss {moves} from {before:.3} to {after:.3} nats per token ({}): {verdict}.", nats(change))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::explain::ModelPart;

    #[test]
    fn the_effect_of_a_switch_is_a_sentence_with_both_losses() {
        let head = ModelPart::Head { layer: 3, head: 2 };
        let of = |part, to| Switch { part, to };
        assert_eq!(
            effect_en(&[of(head, SwitchTo::Zero)], 2.859, 3.206),
            "Without head 3 of layer 4 the sentence\u{2019}s loss rises from 2.859 to 3.206 nats per token (+0.347): it matters here."
        );
        let both = [of(head, SwitchTo::Zero), of(ModelPart::Mlp { layer: 0 }, SwitchTo::Zero)];
        let said = effect_en(&both, 2.0, 1.5);
        assert!(
            said.starts_with("Without these 2 parts the sentence\u{2019}s loss falls") && said.ends_with("easier without them."),
            "{said}"
        );
        // The head works, with other weights: nothing is "without" it.
        let said = effect_en(&[of(head, SwitchTo::Base)], 2.0, 2.0);
        assert!(said.starts_with("With head 3 of layer 4 as in the base model") && !said.contains("ithout"), "{said}");
    }
}
