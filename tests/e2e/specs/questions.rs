//! Questions about the inside of the model: what the page shows for the bundled model and a known sentence is what PyTorch computes
//! (tests/reference/explain_nano.py). Numbers are read from the accessible tables.

use crate::browser::{Browser, Seen, expect, visit};
use crate::page::Page;
use serde_json::Value;
use std::time::Duration;

const BASE: &str =
    "v=1&steps=600&batch_size=8&window=32&warmup=4&learning_rate=0.001&evaluate_every=10&evaluation_windows=8&sample_every=10";
const TEXT: &str = include_str!("../../../static/samples/verse.txt");
const REFERENCE: &str = include_str!("../../reference/fixtures/explain_nano.json");
/// The head that the specs look at, from 0: the one that the sentence needs most.
const LAYER: usize = 3;
const HEAD: usize = 2;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

/// Data attributes of a table's rows, as numbers.
async fn column(page: &Page, table: &str, name: &str) -> Seen<Vec<f64>> {
    let script = "const [table, name] = arguments;
        return [...document.querySelectorAll(`[data-testid=\"${table}\"] tr`)].map(row => row.dataset[name]).filter(value => value !== undefined).map(Number)";
    Ok(numbers(&page.script(script, vec![table.into(), name.into()]).await?))
}

fn close(what: &str, shown: &[f64], wanted: &[f64], tolerance: f64) -> Seen {
    let worst = shown.iter().zip(wanted).map(|(shown, wanted)| (shown - wanted).abs()).fold(0.0, f64::max);
    println!("{what}: largest difference {worst:.1e}");
    expect(shown.len() == wanted.len() && worst <= tolerance, format!("{what}: shown {shown:?}, PyTorch has {wanted:?}"))
}

/// The bundled model, untrained on a text of our own, with the reference's sentence.
async fn look_at_the_sentence(page: &Page, reference: &Value) -> Seen<usize> {
    page.until("the device is open", async || page.attribute("device-name", "data-device").await == "cpu").await?;
    page.drop_file("drop", "mine.txt", TEXT).await?;
    page.until_text("text-title", "names the file", |title| title.contains("mine.txt")).await?;
    page.until("a run can start", async || page.is("idle").await).await?;
    // In one go: the field shows the text's own sentence as soon as that is read, which may be between two keys.
    page.pin(reference["sentence"].as_str().unwrap_or_default()).await?;
    page.click("view-arithmetic").await?;
    page.click("numbers-fold").await?;
    let count = numbers(&reference["ids"]).len();
    page.until("the sentence is read", async || column(page, "numbers-table", "weight").await.is_ok_and(|rows| rows.len() == count))
        .await?;
    Ok(count)
}

async fn arithmetic_is_right(page: &Page) -> Seen {
    let reference: Value = serde_json::from_str(REFERENCE)?;
    let count = look_at_the_sentence(page, &reference).await?;
    page.click(&format!("layer-{}", LAYER + 1)).await?;
    page.click(&format!("head-chip-{}", HEAD + 1)).await?;
    let all = numbers(&reference["attention"][LAYER]);
    let wanted = &all[(HEAD * count + count - 1) * count..][..count];
    let title = format!("layer {}, head {}", LAYER + 1, HEAD + 1);
    let named = "return document.querySelector('[data-testid=\"arithmetic-picture\"] svg')?.getAttribute('aria-label') ?? ''";
    page.until("the picture is of that head", async || {
        page.script(named, vec![]).await.is_ok_and(|name| name.as_str().is_some_and(|name| name.contains(&title)))
    })
    .await?;
    close("softmax", &column(page, "numbers-table", "weight").await?, wanted, 1e-3)?;
    // What stands in the table holds together: the scores give the weights.
    let scaled = column(page, "numbers-table", "scaled").await?;
    let dots = column(page, "numbers-table", "dot").await?;
    close("scaled", &scaled, &dots.iter().map(|dot| dot / 32_f64.sqrt()).collect::<Vec<_>>(), 1e-3)?;
    let powers: Vec<f64> = scaled.iter().map(|score| score.exp()).collect();
    let total: f64 = powers.iter().sum();
    close(
        "weights of the scores",
        &column(page, "numbers-table", "weight").await?,
        &powers.iter().map(|power| power / total).collect::<Vec<_>>(),
        1e-3,
    )?;
    page.script("document.querySelector('[data-testid=\"formula-softmax\"]').focus()", vec![]).await?;
    expect(page.attribute("arithmetic", "data-lit").await == "softmax", "the part of the formula that has the focus does not light up")?;
    page.screenshot("1-arithmetic").await
}

async fn switches_cost_what_they_should(page: &Page) -> Seen {
    let reference: Value = serde_json::from_str(REFERENCE)?;
    look_at_the_sentence(page, &reference).await?;
    page.click("test-fold").await?;
    page.click("switch-measure").await?;
    let cell = format!("switch-{}-{}", LAYER + 1, HEAD + 1);
    page.until("every part is measured", async || !page.attribute(&cell, "data-cost").await.is_empty()).await?;
    let script = "return [...document.querySelectorAll('.part')].map(part => Number(part.dataset.cost))";
    let shown = numbers(&page.script(script, vec![]).await?);
    let zero = &reference["switches"]["zero"];
    let mlps = numbers(&zero["mlps"]);
    let wanted: Vec<f64> =
        zero["heads"].as_array().into_iter().flatten().zip(mlps).flat_map(|(heads, mlp)| [numbers(heads), vec![mlp]].concat()).collect();
    close("the map", &shown, &wanted, 1e-3)?;

    expect(!page.shows("switch-notice").await, "a notice of switches although all is on")?;
    page.click(&cell).await?;
    page.until("the effect is told", async || !page.attribute("switch-effect", "data-switched").await.is_empty()).await?;
    let loss = async |name: &str| page.attribute("switch-effect", name).await.parse::<f64>().unwrap_or(f64::NAN);
    let (plain, switched) = (loss("data-plain").await, loss("data-switched").await);
    let cost = zero["heads"][LAYER][HEAD].as_f64().ok_or("no reference")?;
    let base = reference["loss"].as_f64().ok_or("no reference")?;
    close("losses", &[plain, switched - plain], &[base, cost], 1e-3)?;
    expect(page.attribute(&cell, "aria-pressed").await == "true", "the part does not look switched off")?;
    expect(page.shows("switch-notice").await, "nothing says that a part is off")?;
    expect(page.text("switch-before").await != page.text("switch-after").await, "the next word's bars do not change")?;
    page.screenshot("2-switches").await?;
    page.click("switch-all-on").await?;
    page.until("all is on again", async || !page.shows("switch-notice").await && page.attribute(&cell, "aria-pressed").await == "false")
        .await
}

async fn decided_and_lens_are_right(page: &Page) -> Seen {
    let reference: Value = serde_json::from_str(REFERENCE)?;
    let count = look_at_the_sentence(page, &reference).await?;
    page.click("decided-fold").await?;
    page.until("the words are weighed", async || column(page, "decided-table", "integrated").await.is_ok_and(|rows| rows.len() == count))
        .await?;
    close("integrated gradients", &column(page, "decided-table", "integrated").await?, &numbers(&reference["integrated"]), 2e-2)?;
    close("gradient times input", &column(page, "decided-table", "gradient").await?, &numbers(&reference["gradient_input"]), 1e-3)?;
    let gap: f64 = page.attribute("decided-gap", "data-gap").await.parse()?;
    expect(gap.abs() < 0.02, format!("integrated gradients miss {gap} of the log-probability"))?;

    page.click("view-flow").await?;
    page.click("lens-fold").await?;
    page.until("the lens has read", async || {
        page.text("flow-reading").await.len() > 10 && !page.attribute("lens-table", "data-testid").await.is_empty()
    })
    .await?;
    let script = "return [...document.querySelectorAll('[data-testid=\"lens-table\"] tr[data-shares]')].map(row => Number(row.dataset.shares.split(' ').pop()))";
    let mut shown = Vec::new();
    for _ in 0..200 {
        shown = numbers(&page.script(script, vec![]).await?);
        if shown.len() == count {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let last = reference["lens_probabilities"].as_array().and_then(|rows| rows.last()).map(numbers).unwrap_or_default();
    close("the last layer's likeliest word", &shown, &last.chunks(3).map(|three| three[0]).collect::<Vec<_>>(), 1e-3)?;
    page.click("numbers-fold").await?;
    page.until("the next words are listed", async || column(page, "numbers-table", "probability").await.is_ok_and(|rows| rows.len() == 10))
        .await?;
    let first = column(page, "numbers-table", "probability").await?.first().copied().unwrap_or_default();
    close("flow and lens agree", &[first], &[shown.last().copied().unwrap_or_default()], 1e-3)?;
    page.screenshot("3-flow").await?;

    // The dials make chances of the shares: cold, only the likeliest word is left.
    let script = "const dial = document.querySelector('[data-testid=dial-temperature]'); dial.value = 0;
        dial.dispatchEvent(new Event('input', { bubbles: true })); dial.dispatchEvent(new Event('change', { bubbles: true }))";
    page.script(script, vec![]).await?;
    page.until("the chances follow the dial", async || {
        column(page, "numbers-table", "chance")
            .await
            .is_ok_and(|chances| chances.len() == 10 && chances[0] == 1.0 && chances[1..].iter().all(|&chance| chance == 0.0))
    })
    .await?;
    expect(column(page, "numbers-table", "probability").await?.first() == Some(&first), "the dials changed the model's own shares")?;
    looks(page).await
}

/// Every view, wide and on a phone, light and dark: nothing sticks out, and there is a picture for whoever looks.
async fn looks(page: &Page) -> Seen {
    for (width, height, name) in [(1280, 800, "desktop"), (390, 844, "phone")] {
        page.resize(width, height).await?;
        for view in ["heads", "matrix", "all-heads", "arithmetic", "flow"] {
            page.click(&format!("view-{view}")).await?;
            for dark in [false, true] {
                page.prefer_dark(dark).await?;
                page.script("document.querySelector('[data-testid=inside]').scrollIntoView()", vec![]).await?;
                tokio::time::sleep(Duration::from_millis(400)).await;
                page.screenshot(&format!("4-{view}-{name}-{}", if dark { "dark" } else { "light" })).await?;
            }
            let wider = page.overflow().await?;
            expect(wider <= 0.0, format!("{view} on a {name} is {wider} pixels too wide"))?;
        }
    }
    page.prefer_dark(false).await
}

#[test]
fn the_arithmetic_of_a_head_is_pytorchs() {
    visit(Browser::ChromiumCpu, "arithmetic", BASE, arithmetic_is_right);
}

#[test]
fn a_switched_off_head_costs_what_it_does_in_pytorch() {
    visit(Browser::ChromiumCpu, "switches", BASE, switches_cost_what_they_should);
}

#[test]
fn attribution_and_lens_are_pytorchs() {
    visit(Browser::ChromiumCpu, "decided", BASE, decided_and_lens_are_right);
}
