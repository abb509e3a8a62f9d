//! The settings of a run in the document: what somebody else needs to make the same one.
//!
//! In: the run's settings. Out: a table in Markdown. Absent: what does not travel with a link either, such as the names of the columns.

use super::inline;
use crate::page::label_fields::{Dial, PICKS, Pick, numbers};
use crate::page::strings::label_words;
use crate::page::strings::recipe::FieldWords;
use crate::page::strings::report::words;
use crate::protocol::Start;
use crate::protocol::labels::LabelConfig;
use std::fmt::Write;

/// The base, then every choice and number that this run has.
pub fn write_settings(text: &mut String, config: &LabelConfig, rate: Option<f64>) -> std::fmt::Result {
    let own = words();
    let start = match config.start {
        Start::Base { model } => model.folder().to_owned(),
        Start::Scratch { .. } => own.scratch.to_owned(),
    };
    writeln!(text, "\n## {}\n\n| | |\n| --- | --- |\n| {} | {} |", own.settings, own.base, inline(&start))?;
    for Pick { name, read, .. } in PICKS.iter().copied().flatten() {
        if let Some(option) = read(config) {
            writeln!(text, "| {} | {} |", named(name), inline(option))?;
        }
    }
    for Dial { name, read, .. } in numbers() {
        if let Some(value) = read(config) {
            writeln!(text, "| {} | {value} |", named(name))?;
        }
    }
    if let Some(rate) = rate {
        writeln!(text, "| {} | {rate} |", own.rate_set_last)?;
    }
    if let Some(prompt) = &config.prompt {
        writeln!(text, "| {} | {} |", label_words().recipe.prompt, inline(prompt))?;
    }
    Ok(())
}

/// A setting by its plain name and its term; by that in links where the form has none.
fn named(field: &str) -> String {
    let recipe = &label_words().recipe;
    let others: [FieldWords; 13] = [
        recipe.trained,
        recipe.top_layers,
        recipe.rank,
        recipe.alpha,
        recipe.pooling,
        recipe.pairs,
        recipe.long_texts,
        recipe.weighting,
        recipe.schedule,
        recipe.metric,
        recipe.baselines,
        recipe.validation_share,
        recipe.test_share,
    ];
    // What learns has another name in links.
    let field = if field == "learns" { recipe.trained.field } else { field };
    let words = recipe.number(field).or_else(|| others.into_iter().find(|words| words.field == field));
    words.map_or_else(|| field.replace('_', " "), |words| format!("{} ({})", words.name, words.term))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::label_link::tests::config;
    use crate::protocol::TableTask;

    #[test]
    fn the_base_the_recipe_and_the_seed_are_named() {
        let config = LabelConfig { seed: 42, epochs: 3, ..config(TableTask::Classify) };
        let mut text = String::new();
        write_settings(&mut text, &config, Some(0.0002)).unwrap();
        for part in [
            "| base model | attune-en-nano |",
            "(seed) | 42 |",
            "(epochs) | 3 |",
            "| everything |",
            "(validation share) | 0.1 |",
            "set last, while it learned | 0.0002 |",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        assert!(!text.contains("rank"), "there are no adapters");
    }
}
