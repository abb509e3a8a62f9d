//! The pictures without a pointer: views, layers, heads and tokens by keys alone, names for whoever does not see them, stills for whoever wants less
//! motion.

use crate::browser::{Browser, Seen, expect, visit};
use crate::page::Page;
use serde_json::{Value, json};
use std::time::Duration;
use thirtyfour::prelude::Key;

const SHORT: &str =
    "v=1&steps=600&batch_size=8&window=32&warmup=4&learning_rate=0.003&evaluate_every=20&evaluation_windows=2&sample_every=100";
const TEXT: &str = include_str!("../../../static/samples/verse.txt");
/// Stops of the Tab key that are tried before an element counts as out of reach.
const MOST_STOPS: usize = 120;

/// The test id of the element that has the focus, or of the one around it.
async fn focused(page: &Page) -> Seen<String> {
    let here = page.script("return document.activeElement?.closest('[data-testid]')?.dataset.testid ?? ''", vec![]).await?;
    Ok(here.as_str().unwrap_or_default().to_owned())
}

/// Goes to an element with the Tab key; its focus can be seen.
async fn tab_to(page: &Page, id: &str) -> Seen {
    for _ in 0..MOST_STOPS {
        if focused(page).await? == id {
            let script = "const style = getComputedStyle(document.activeElement); return style.outlineStyle != 'none' && parseFloat(style.outlineWidth) > 0";
            return expect(page.script(script, vec![]).await? == json!(true), format!("the focus on `{id}` cannot be seen"));
        }
        page.press(Key::Tab).await?;
    }
    Err(format!("`{id}` cannot be reached with the Tab key").into())
}

async fn press_all(page: &Page, keys: &[Key]) -> Seen {
    for key in keys {
        page.press(key.clone()).await?;
    }
    Ok(())
}

/// The base model has read a sentence of ours.
async fn look_at_a_sentence(page: &Page) -> Seen {
    page.drop_file("drop", "mine.txt", TEXT).await?;
    page.until_text("text-title", "names the file", |title| title.contains("mine.txt")).await?;
    page.until("a run can start", async || page.is("idle").await).await?;
    page.write("pin-sentence", "The night is dark and the night is long\n").await?;
    page.until("the sentence is shown", async || page.shows("token-query-6").await).await
}

async fn works_by_keys(page: &Page) -> Seen {
    look_at_a_sentence(page).await?;
    page.script("document.querySelector('[data-testid=pin-sentence]').focus()", vec![]).await?;

    // Layers and heads.
    let layer = async || {
        let script = "return document.querySelector('[data-testid^=layer-][aria-checked=true]')?.dataset.testid ?? ''";
        page.script(script, vec![]).await.map(|id| id.as_str().unwrap_or_default().to_owned())
    };
    page.press(Key::Tab).await?;
    expect(focused(page).await?.starts_with("layer-"), "the layers do not come after the sentence")?;
    press_all(page, &[Key::Left, Key::Left, Key::Left, Key::Left]).await?;
    expect(layer().await? == "layer-1", "the left arrow does not lead to the first layer")?;
    page.press(Key::Right).await?;
    expect(layer().await? == "layer-2" && focused(page).await? == "layer-2", "the right arrow does not lead to the second layer")?;
    tab_to(page, "head-chip-1").await?;
    page.press(Key::Right).await?;
    expect(focused(page).await? == "head-chip-2", "the right arrow does not lead to the second head")?;
    let before = page.attribute("head-chip-2", "aria-pressed").await;
    page.press(Key::Enter).await?;
    page.until("Enter turns the head", async || page.attribute("head-chip-2", "aria-pressed").await != before).await?;

    // Tokens of the lines.
    tab_to(page, "heads-picture").await?;
    press_all(page, &[Key::Down, Key::Down, Key::Down]).await?;
    expect(page.attribute("heads-picture", "data-focus").await == "query-2", "the arrows do not move through the words")?;
    expect(page.text("focus-reading").await.contains("looks at"), "the word that has the focus is not read")?;
    page.press(Key::Right).await?;
    expect(page.attribute("heads-picture", "data-focus").await == "key-2", "the right arrow does not change sides")?;
    page.press(Key::Enter).await?;
    press_all(page, &[Key::Tab]).await?;
    expect(page.attribute("heads-picture", "data-focus").await == "key-2", "Enter does not pin")?;
    page.script("document.querySelector('[data-testid=heads-picture]').focus()", vec![]).await?;
    page.press(Key::Escape).await?;
    expect(page.attribute("heads-picture", "data-focus").await.is_empty(), "Escape does not let go")?;
    page.press(Key::PageDown).await?;
    expect(layer().await? == "layer-3", "Page Down does not lead to the next layer")?;
    page.press(Key::NumPad3).await?;
    expect(page.attribute("heads-picture", "aria-label").await.contains("head 3"), "a digit does not show that head")?;

    // The table of the strongest links.
    tab_to(page, "attention-fold").await?;
    page.press(Key::Enter).await?;
    page.until("the table is there", async || page.text("attention-table").await.len() > 40).await?;
    let rows = page.script("return document.querySelectorAll('[data-testid=attention-table] tbody th[scope=row]').length", vec![]).await?;
    expect(rows.as_u64().is_some_and(|rows| rows >= 7), format!("{rows} rows with a word of their own"))?;

    // Every control has a name.
    let script = "return [...document.querySelectorAll('.inside button, .inside input, .inside select, .inside [tabindex], .inside [role=img]')]
        .filter(part => part.checkVisibility())
        .filter(part => !(part.ariaLabel || part.textContent.trim() || part.title || part.labels?.length || part.getAttribute('aria-labelledby')))
        .map(part => part.outerHTML.slice(0, 120))";
    let nameless = page.script(script, vec![]).await?;
    expect(nameless.as_array().is_some_and(Vec::is_empty), format!("without a name: {nameless}"))?;

    // Views, and the cells of the matrix.
    page.script("document.querySelector('[data-testid=view-heads]').focus()", vec![]).await?;
    press_all(page, &[Key::Right, Key::Enter]).await?;
    page.until("the matrix is shown", async || page.shows("matrix-picture").await).await?;
    tab_to(page, "matrix-picture").await?;
    let rest = page.text("matrix-value").await;
    press_all(page, &[Key::Down, Key::Down, Key::Down, Key::Right]).await?;
    let cell = page.text("matrix-value").await;
    expect(cell != rest && cell.contains("looks at"), format!("the arrows do not move through the cells: {cell}"))?;
    press_all(page, &[Key::Enter, Key::Tab]).await?;
    expect(page.text("matrix-value").await == cell, "Enter does not pin the cell")?;
    page.script("document.querySelector('[data-testid=matrix-picture]').focus()", vec![]).await?;
    page.press(Key::Escape).await?;
    expect(page.text("matrix-value").await == rest, "Escape does not let go of the cell")?;
    page.press(Key::PageUp).await?;
    expect(page.attribute("matrix-picture", "aria-label").await.contains("layer 2"), "Page Up does not lead to the layer before")?;
    page.screenshot("matrix").await
}

async fn plays_in_stills(page: &Page) -> Seen {
    let still = json!({ "features": [{ "name": "prefers-reduced-motion", "value": "reduce" }] });
    page.devtools("Emulation.setEmulatedMedia", still).await?;
    look_at_a_sentence(page).await?;
    page.click("run-button").await?;
    let frames = async || page.attribute("history-slider", "max").await.parse::<usize>().unwrap_or(0);
    page.until("some steps are recorded", async || page.steps().await >= 40.0 && frames().await >= 5).await?;
    page.click("run-button").await?;
    page.until("it is paused", async || page.is("paused").await).await?;
    // Every value that the slider takes in three seconds.
    let script = "const values = window.values = []; const slider = document.querySelector('[data-testid=history-slider]');
        const look = () => { if (values.at(-1) !== slider.value) values.push(slider.value); requestAnimationFrame(look) }; look()";
    page.click("history-play").await?;
    page.script(script, vec![]).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let values = page.script("return window.values.map(Number)", vec![]).await?;
    let values: Vec<u64> = values.as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
    expect((2..=4).contains(&values.len()), format!("with less motion asked for, three seconds show {values:?}"))?;
    page.click("history-play").await?;
    let held = page.attribute("history-step", "data-step").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    expect(page.attribute("history-step", "data-step").await == held, "a second press does not stop")
}

#[test]
fn the_pictures_work_by_keys_alone() {
    visit(Browser::ChromiumCpu, "keys", SHORT, works_by_keys);
}

#[test]
fn less_motion_is_a_few_stills() {
    visit(Browser::ChromiumCpu, "stills", SHORT, plays_in_stills);
}
