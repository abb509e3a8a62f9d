//! Words of what one can ask the model: its arithmetic, its flow, its switches, what decided. Numbers of layers, heads and tokens are as the page
//! shows them, from 1. They are no part of `Words`: only views that come later use them, so they come with those.

use crate::page::inside::numbers::{change_of, nats, signed};
use crate::protocol::explain::{ModelPart, Switch, SwitchTo};

/// The words. Sentences with values in them are functions.
pub struct QuestionWords {
    pub asking: &'static str,
    /// Instead of an answer, while a table is open.
    pub texts_only: &'static str,
    pub numbers_fold: &'static str,
    pub token: &'static str,
    pub query_token: &'static str,
    /// A step that numbers speak of.
    pub of_step: fn(u32) -> String,
    /// The step that numbers speak of, and the one that was asked for.
    pub of_nearest: fn(u32, u32) -> String,
    /// The step, the one that was asked for where it is another, and the step that is subtracted.
    pub of_difference: fn(u32, Option<u32>, u32) -> String,
    /// Before a table of changes: the step, and the one that is subtracted.
    pub changes: fn(u32, u32) -> String,
    /// A scale in percentage points: of what, and its end.
    pub points: fn(&str, &str) -> String,
    pub less: &'static str,
    pub more: &'static str,
    pub arithmetic: ArithmeticWords,
    pub flow: FlowWords,
    pub test: TestWords,
    pub decided: DecidedWords,
    pub keep: KeepWords,
}

/// Words of the arithmetic view.
pub struct ArithmeticWords {
    pub formula: &'static str,
    /// Layer, head, token, moment.
    pub title: fn(usize, usize, &str, &str) -> String,
    pub hint: &'static str,
    pub query: &'static str,
    pub key: &'static str,
    pub value: &'static str,
    pub weight: &'static str,
    /// The same where it is a change.
    pub weight_points: &'static str,
    pub sum: &'static str,
    /// What the part of that name (`q`, `k`, `dot`, `scale`, `mask`, `softmax`, `v`, `sum`) is, for heads of so many numbers.
    pub part: fn(&str, usize) -> String,
    /// One row: query, key, product, scaled, weight.
    pub row: fn(&str, &str, f32, f32, f32) -> String,
    /// One row of changes: query, key, changes of product, scaled and weight, and the step that is subtracted.
    pub row_change: fn(&str, &str, f32, f32, f32, u32) -> String,
    /// A row of a key after the query.
    pub later: fn(&str, &str) -> String,
}

/// Words of the flow view.
pub struct FlowWords {
    /// Of a moment.
    pub title: fn(&str) -> String,
    pub hint: &'static str,
    pub embedding: &'static str,
    pub block: fn(usize) -> String,
    pub heads: &'static str,
    pub mlp: &'static str,
    pub next: &'static str,
    pub logit: &'static str,
    pub probability: &'static str,
    pub length: &'static str,
    pub after: fn(&str) -> String,
    pub about_embedding: fn(&str, f32) -> String,
    /// Token, layer, head, length of what it adds.
    pub about_head: fn(&str, usize, usize, f32) -> String,
    pub about_heads: fn(&str, usize, f32) -> String,
    /// Token, layer, length added, length of the stream after it.
    pub about_mlp: fn(&str, usize, f32, f32) -> String,
    pub about_next: fn(&str, &str, f32) -> String,
    /// What of a part, token, change of length, and the step that is subtracted.
    pub changed: fn(&str, &str, f32, u32) -> String,
    /// Token, next word, change of its probability in words, and the step that is subtracted.
    pub changed_next: fn(&str, &str, &str, u32) -> String,
    pub sampling: &'static str,
    pub chance: &'static str,
    /// Temperature, top-k, the likeliest word, its chance, how many of the words on show are never written.
    pub about_sampling: fn(f64, u32, &str, f32, usize) -> String,
    /// The step that is subtracted.
    pub changed_sampling: fn(u32) -> String,
    pub probability_points: &'static str,
    /// What a change is of: the embedding, a head, all heads of a layer, a layer's MLP; layers and heads from 1.
    pub of_embedding: &'static str,
    pub of_head: fn(usize, usize) -> String,
    pub of_heads: fn(usize) -> String,
    pub of_mlp: fn(usize) -> String,
    pub stream: &'static str,
    /// The lines of attention.
    pub lines: &'static str,
    pub change_hint: &'static str,
    pub lens_fold: &'static str,
    pub lens_note: &'static str,
    pub lens_title: fn(u32) -> String,
    pub input: &'static str,
}

/// Words of the switches.
pub struct TestWords {
    pub lead: &'static str,
    pub instead: &'static str,
    pub to: fn(SwitchTo) -> &'static str,
    pub to_hint: fn(SwitchTo) -> &'static str,
    pub layer: fn(usize) -> String,
    pub head: fn(usize) -> String,
    pub mlp: &'static str,
    pub part: fn(ModelPart) -> String,
    /// A cell: its part, whether it is off, what it costs.
    pub cell: fn(ModelPart, bool, Option<f32>) -> String,
    pub measure: &'static str,
    pub measured: fn(f32, SwitchTo, u32) -> String,
    pub map_title: fn(SwitchTo, u32) -> String,
    /// What is off, loss before and after.
    pub effect: fn(&[Switch], f32, f32) -> String,
    pub no_loss: &'static str,
    pub before: &'static str,
    pub after: &'static str,
    pub next: &'static str,
}

/// Words of the attribution.
pub struct DecidedWords {
    /// Token it speaks for, the token it follows, probability.
    pub lead: fn(&str, &str, f32) -> String,
    pub attention: fn(usize, usize) -> String,
    pub gradient: &'static str,
    pub integrated: &'static str,
    pub gap: fn(f32, u32) -> String,
    pub note: &'static str,
    pub title: fn(&str, u32) -> String,
}

/// Words of keeping the history.
pub struct KeepWords {
    pub film: &'static str,
    pub filming: &'static str,
    pub film_hint: &'static str,
    pub no_film: &'static str,
    pub frames: &'static str,
    pub frames_hint: &'static str,
}

pub(super) fn part_en(part: ModelPart) -> String {
    match part {
        ModelPart::Head { layer, head } => format!("head {} of layer {}", head + 1, layer + 1),
        ModelPart::Mlp { layer } => format!("the MLP of layer {}", layer + 1),
    }
}

fn formula_part_en(part: &str, size: usize) -> String {
    match part {
        "q" => format!("Query: {size} numbers that say what this word looks for."),
        "k" => format!("Keys: {size} numbers per word that say what it has to offer."),
        "dot" => "Each number of the query times that of the key, added up: large where the two match.".to_owned(),
        "scale" => format!("Divided by \u{221a}{size} = {:.2}, so that long queries do not decide by their length.", (size as f32).sqrt()),
        "mask" => "The mask: words that come later get \u{2212}\u{221e}, for the model must not look ahead.".to_owned(),
        "softmax" => "Softmax: e to the power of each number, divided by their sum. Shares of attention, 100 % in all.".to_owned(),
        "v" => format!("Values: {size} numbers per word, what it hands over when it is looked at."),
        _ => "The values, each times its share, added up: what this head passes on for this word.".to_owned(),
    }
}

fn to_en(to: SwitchTo) -> &'static str {
    match to {
        SwitchTo::Zero => "nothing",
        SwitchTo::Mean => "its average",
        SwitchTo::Base => "the base model\u{2019}s",
    }
}

static EN: QuestionWords = QuestionWords {
    asking: "The model is asked \u{2026}",
    texts_only: "This shows how a model goes on writing: open a text for it. For a table there are heads, matrix and the report.",
    numbers_fold: "The numbers as a table",
    token: "word",
    query_token: "word that looks",
    of_step: |step| format!("the model at step {step}"),
    of_nearest: |step, asked| format!("the model at step {step}, the nearest to step {asked} whose weights were kept"),
    of_difference: |step, asked, from| {
        let nearest = asked.map(|asked| format!(" (the nearest kept to {asked})")).unwrap_or_default();
        format!("the model at step {step}{nearest} minus step {from}")
    },
    changes: |step, from| format!("Changes: the numbers at step {step} minus those at step {from}; shares in percentage points."),
    points: |what, end| format!("{what} {end} points"),
    less: "less",
    more: "more",
    arithmetic: ArithmeticWords {
        formula: "Formula of attention. Point at a part to see where it is.",
        title: |layer, head, token, moment| format!("Arithmetic of \u{201c}{token}\u{201d}, layer {layer}, head {head}, {moment}"),
        hint: "Point at a part of the formula or of the picture; click a word to let it look.",
        query: "query",
        key: "keys",
        value: "values",
        weight: "softmax",
        weight_points: "softmax, points",
        sum: "weighted sum",
        part: formula_part_en,
        row: |query, key, dot, scaled, weight| {
            format!(
                "\u{201c}{query}\u{201d} looks at \u{201c}{key}\u{201d}: q\u{b7}k = {}, scaled {}, after softmax {:.1} %",
                signed(dot),
                signed(scaled),
                weight * 100.0
            )
        },
        row_change: |query, key, dot, scaled, weight, from| {
            format!(
                "\u{201c}{query}\u{201d} looks at \u{201c}{key}\u{201d}, since step {from}: q\u{b7}k {}, scaled {}, after softmax {} points",
                change_of(dot, 2),
                change_of(scaled, 2),
                change_of(weight * 100.0, 1)
            )
        },
        later: |query, key| format!("\u{201c}{key}\u{201d} comes after \u{201c}{query}\u{201d}: the mask makes its share 0."),
    },
    flow: FlowWords {
        title: |moment| format!("The sentence on its way through the model, {moment}"),
        hint: "Click a word to follow it; click a head to see its arithmetic, \u{201c}heads\u{201d} to see its lines.",
        embedding: "embedding",
        block: |layer| format!("layer {layer}"),
        heads: "heads",
        mlp: "MLP",
        next: "next word",
        logit: "logit",
        probability: "probability",
        length: "length",
        after: |token| format!("after \u{201c}{token}\u{201d}"),
        about_embedding: |token, length| {
            format!("\u{201c}{token}\u{201d} enters as a vector: what the word means plus where it stands. Its length is {length:.2}.")
        },
        about_head: |token, layer, head, length| {
            format!(
                "Head {head} of layer {layer} adds a vector of length {length:.2} to \u{201c}{token}\u{201d}. Click for its arithmetic."
            )
        },
        about_heads: |token, layer, length| {
            format!(
                "The heads of layer {layer} add {length:.2} to \u{201c}{token}\u{201d}: what other words told it. Click for their lines."
            )
        },
        about_mlp: |token, layer, length, after| {
            format!(
                "The MLP of layer {layer} thinks each word over by itself: it adds {length:.2} to \u{201c}{token}\u{201d}, whose vector is {after:.2} long after it."
            )
        },
        about_next: |token, word, probability| {
            format!(
                "The last vector is compared with every word (logits); softmax makes {:.1} % for \u{201c}{word}\u{201d} after \u{201c}{token}\u{201d}. The dials on the right draw from these.",
                probability * 100.0
            )
        },
        changed: |what, token, change, from| {
            let more = if change < 0.0 { "shorter" } else { "longer" };
            format!("For \u{201c}{token}\u{201d}, {what} is {:.2} {more} than at step {from}.", change.abs())
        },
        sampling: "sampling",
        chance: "with the dials",
        about_sampling: |temperature, top_k, word, chance, out| {
            let kept = if top_k == 0 { "all words".to_owned() } else { format!("the {top_k} likeliest") };
            let never = match out {
                0 => String::new(),
                1 => " One word shown here is never written.".to_owned(),
                out => format!(" {out} of the words shown here are never written."),
            };
            format!(
                "The dials (temperature {temperature}, {kept}) make it {:.1} % for \u{201c}{word}\u{201d}.{never} A click leads to them.",
                chance * 100.0
            )
        },
        changed_sampling: |from| format!("How the chances under the dials have changed since step {from}. A click leads to the dials."),
        changed_next: |token, word, points, from| {
            format!(
                "After \u{201c}{token}\u{201d} the share of \u{201c}{word}\u{201d} has changed most since step {from}: by {points} points."
            )
        },
        probability_points: "probability, points",
        of_embedding: "the vector that enters",
        of_head: |layer, head| format!("what head {head} of layer {layer} adds"),
        of_heads: |layer| format!("what the heads of layer {layer} add together"),
        of_mlp: |layer| format!("what the MLP of layer {layer} adds"),
        stream: "stream",
        lines: "lines",
        change_hint: "How long what each part adds has become. Click a word to follow it, a head to see its arithmetic.",
        lens_fold: "What it would say after each layer",
        lens_note: "The model\u{2019}s last step applied early (a \u{201c}logit lens\u{201d}): the likeliest next word if it stopped there. Darker is surer.",
        lens_title: |step| format!("Likeliest next word after each layer, step {step}"),
        input: "input",
    },
    test: TestWords {
        lead: "Click a part to turn it off and see what the sentence loses.",
        instead: "put in its place",
        to: to_en,
        to_hint: |to| match to {
            SwitchTo::Zero => "The part adds nothing at all.",
            SwitchTo::Mean => "The part says what it says on average over your text: it no longer listens, but nothing else is upset.",
            SwitchTo::Base => "The part is taken from the model before training.",
        },
        layer: |layer| format!("layer {layer}"),
        head: |head| format!("head {head}"),
        mlp: "MLP",
        part: part_en,
        cell: |part, off, cost| {
            let off = if off { ", replaced" } else { "" };
            let cost = cost.map(|cost| format!(": without it {} nats per token", nats(cost))).unwrap_or_default();
            format!("{}{off}{cost}", part_en(part))
        },
        measure: "Measure every part",
        measured: |largest, to, step| {
            format!(
                "Change of the sentence\u{2019}s loss in nats per token, each part alone replaced by {} at step {step}; darkest: {}.",
                to_en(to),
                nats(largest)
            )
        },
        map_title: |to, step| format!("Change of loss with each part replaced by {}, nats per token, step {step}", to_en(to)),
        effect: super::switch_effect::effect_en,
        no_loss: "One word has no loss; type a longer sentence.",
        before: "as it is",
        after: "switched",
        next: "next word",
    },
    decided: DecidedWords {
        lead: |token, after, probability| {
            format!("What speaks for \u{201c}{token}\u{201d} after \u{201c}{after}\u{201d} ({:.1} %)", probability * 100.0)
        },
        attention: |layer, head| format!("attention {layer}.{head}"),
        gradient: "gradient \u{d7} input",
        integrated: "integrated gradients",
        gap: |gap, points| {
            format!(
                "Integrated gradients add up to the log-probability gained, but for {:.1} % ({points} points on the path).",
                gap.abs() * 100.0
            )
        },
        note: "Right speaks for the word, left against it, in nats. Compare with the attention of the picked head: where it looked need not be what decided.",
        title: |token, step| format!("What speaks for \u{201c}{token}\u{201d}, step {step}"),
    },
    keep: KeepWords {
        film: "film",
        filming: "filming \u{2026}",
        film_hint: "Save the history of this picture as a WebM film",
        no_film: "This browser cannot record films. The frames can be saved as JSON.",
        frames: "JSON",
        frames_hint: "Save all frames of the history as a JSON file, for other tools",
    },
};

/// The words, in the page's language.
pub fn words() -> &'static QuestionWords {
    &EN
}
