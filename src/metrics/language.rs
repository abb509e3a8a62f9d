//! What a language model's loss means: bits per byte of text, and perplexity.

/// Bits that the model needs for one byte of text. Unlike nats per token, it can be compared between tokenizers.
///
/// `mean_loss_nats` is the mean cross-entropy per token in nats, over `tokens` tokens whose text is `bytes` bytes of UTF-8. `None` when
/// there are no bytes or the loss is not a finite number, so that nothing unprintable travels on.
pub fn bits_per_byte(mean_loss_nats: f64, tokens: u64, bytes: u64) -> Option<f64> {
    let bits = mean_loss_nats * tokens as f64 / (bytes as f64 * std::f64::consts::LN_2);
    (bytes > 0 && bits.is_finite()).then_some(bits)
}

/// Between how many equally likely tokens the model wavers, on average: `exp` of the mean loss in nats per token.
pub fn perplexity(mean_loss_nats: f64) -> f64 {
    mean_loss_nats.exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_nat_on_every_byte_is_one_over_ln_2_bits() {
        assert_eq!(bits_per_byte(1.0, 10, 10), Some(1.0 / std::f64::consts::LN_2));
        // 256 equally likely bytes cost eight bits each.
        assert!((bits_per_byte(256f64.ln(), 7, 7).unwrap() - 8.0).abs() < 1e-12);
    }

    #[test]
    fn longer_tokens_cost_less_per_byte() {
        // 4.18 nats per token at 3.33 bytes per token: 4.18 / 3.33 / 0.693147 = 1.811.
        let bits = bits_per_byte(4.18, 100, 333).unwrap();
        assert!((bits - 1.811).abs() < 1e-3, "{bits}");
    }

    #[test]
    fn nothing_to_divide_by_gives_nothing() {
        assert_eq!(bits_per_byte(1.0, 3, 0), None);
        assert_eq!(bits_per_byte(f64::NAN, 3, 9), None);
        assert_eq!(bits_per_byte(f64::INFINITY, 3, 9), None);
        assert_eq!(bits_per_byte(2.0, 0, 9), Some(0.0));
    }

    #[test]
    fn perplexity_of_a_uniform_choice_is_the_number_of_choices() {
        assert!((perplexity(40f64.ln()) - 40.0).abs() < 1e-12);
    }
}
