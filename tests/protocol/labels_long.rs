//! Texts longer than the window: learned a part at a time or as a whole, judged as a whole, and resumed with the same parts.

use attune::protocol::labels::{EpochReport, LabelConfig, LongTexts};

use crate::labels::{BAD, GOOD, config, epochs, open, prepare, run, sentences};
use crate::labels_keeping::goes_on_unchanged;
use crate::page::Page;

const WINDOW: u32 = 16;

/// Sentences said five times over, so that a part of any of them tells its class.
fn long() -> String {
    let rows = |words, label: &'static str| {
        sentences(words).into_iter().map(move |text| format!("{},{label}\n", [text.as_str(); 5].join(" and ")))
    };
    let mixed = rows(GOOD, "good").zip(rows(BAD, "bad")).map(|(good, bad)| good + &bad);
    format!("text,label\n{}", mixed.collect::<String>())
}

/// Losses of the steps, and the epochs, of a run over them.
fn learned(long_texts: LongTexts) -> (Vec<(u32, f32)>, Vec<EpochReport>) {
    let mut page = Page::open();
    let choice = open(&mut page, &long());
    let plan = prepare(&mut page, &LabelConfig { window: WINDOW, long_texts, epochs: 16, ..config(choice) });
    assert_eq!(plan.config.reads_parts(), long_texts == LongTexts::Part);
    assert!(plan.mean_tokens > 1.5 * f64::from(WINDOW) && plan.long_texts > 50, "{plan:?}");
    run(&mut page, 1);
    assert_eq!(page.fault_codes(), []);
    let course = epochs(&page);
    let fallen: Vec<f64> = course.iter().map(|epoch| epoch.training.loss).collect();
    assert!(*fallen.last().unwrap() < 0.3 * fallen[0], "{long_texts:?}: {fallen:?}");
    (page.losses(), course)
}

#[test]
fn long_texts_are_learned_in_parts_or_as_a_whole_and_judged_as_a_whole() {
    let (parts, whole) = (learned(LongTexts::Part), learned(LongTexts::Whole));
    assert_eq!(parts, learned(LongTexts::Part), "the seed draws the parts");
    assert_ne!(parts.0, whole.0);
    // Before the first step it is the same model, and the same is read of it.
    assert_eq!(parts.1[0], whole.1[0]);
}

#[test]
fn a_resumed_run_reads_the_same_parts() {
    goes_on_unchanged(&long(), |config| LabelConfig { window: WINDOW, epochs: 3, ..config }, &[2, 7]);
}
