//! The model picker: what there is, its card, a download that fails and is tried again, and a model that is kept.

use crate::browser::{Browser, Seen, expect, visit, visit_copy};
use crate::page::Page;
use serde_json::Value;
use std::fs;
use std::path::Path;

const NANO: &str = "attune-en-nano";
/// A second model for these specs: the first one's files under another name.
const TWIN: &str = "attune-en-twin";
const SMALL: &str = "v=1&device=cpu&batch_size=1&window=16&evaluation_windows=1";

fn weights(site: &Path) -> std::path::PathBuf {
    site.join("models").join(TWIN).join("model.safetensors")
}

fn add_twin(site: &Path) -> Seen {
    let models = site.join("models");
    fs::create_dir_all(models.join(TWIN))?;
    for file in fs::read_dir(models.join(NANO))?.flatten() {
        fs::copy(file.path(), models.join(TWIN).join(file.file_name()))?;
    }
    let list = models.join("index.json");
    let mut catalogue: Value = serde_json::from_slice(&fs::read(&list)?)?;
    let entries = catalogue["models"].as_array_mut().ok_or("the list has no models")?;
    let mut twin = entries.iter().find(|entry| entry["id"] == NANO).ok_or("the list has no nano")?.clone();
    twin["id"] = TWIN.into();
    twin["name"] = "English, twin".into();
    // Never proposed by the page itself.
    twin["on_request"] = true.into();
    entries.push(twin);
    fs::write(list, catalogue.to_string())?;
    Ok(())
}

async fn open_picker(page: &Page) -> Seen {
    page.click("model-button").await?;
    page.until("the list is there", async || page.shows(&format!("model-{NANO}")).await).await
}

async fn state(page: &Page, model: &str) -> String {
    page.attribute(&format!("model-state-{model}"), "data-state").await
}

async fn chooses(page: &Page) -> Seen {
    page.until("a run can start", async || page.is("idle").await).await?;
    expect(page.text("model-button").await.contains("nano"), "the page does not start with the smallest model")?;
    open_picker(page).await?;
    expect(state(page, NANO).await == "ready" && state(page, TWIN).await == "none", "the states are wrong")?;
    page.screenshot("picker").await?;

    page.click(&format!("card-{NANO}")).await?;
    page.until_text("card-text", "shows the card", |text| text.contains("1,350,400")).await?;
    page.screenshot("card").await?;
    page.click("card-close").await?;

    // Cut off on its way: a sentence, the model before stays, and another try works.
    let whole = fs::read(weights(page.site()))?;
    fs::write(weights(page.site()), &whole[..whole.len() / 2])?;
    page.click(&format!("model-{TWIN}")).await?;
    page.until("the fault is told", async || page.shows("model-fault").await).await?;
    page.screenshot("fault").await?;
    expect(page.text("model-fault").await.contains("damaged"), format!("the fault is told as `{}`", page.text("model-fault").await))?;
    expect(page.text("model-button").await.contains("nano"), "the model before did not stay")?;
    page.until("the model before can be trained", async || page.is("idle").await).await?;
    fs::write(weights(page.site()), &whole)?;
    page.click("model-retry").await?;
    page.until("the model is ready", async || state(page, TWIN).await == "ready").await?;
    page.click("model-close").await?;
    expect(page.text("model-button").await.contains("twin"), "the chosen model is not named")?;
    expect(page.text("parameters").await.contains("1.4"), format!("the parameters are given as `{}`", page.text("parameters").await))?;
    page.until("a run can start", async || page.is("idle").await).await?;
    page.click("step-button").await?;
    page.until("it learns", async || page.steps().await >= 1.0).await?;

    // Kept: the next visit needs the server for nothing but the list.
    fs::remove_file(weights(page.site()))?;
    page.until("the link names the model", async || page.location().await.is_ok_and(|address| address.contains(TWIN))).await?;
    page.expect_errors();
    page.reload().await?;
    page.until("a run can start again", async || page.is("idle").await).await?;
    open_picker(page).await?;
    expect(state(page, TWIN).await == "ready", format!("after a reload the model is `{}`", state(page, TWIN).await))
}

async fn freezes(page: &Page) -> Seen {
    page.until("a run can start", async || page.is("idle").await).await?;
    page.click("model-facts").await?;
    let all = page.number("memory-gradients").await;
    page.click("more-settings").await?;
    page.write("set-frozen_layers", "2\t").await?;
    page.until("some parameters stay", async || page.shows("memory-frozen").await).await?;
    let (learning, frozen, less) =
        (page.number("memory-learning").await, page.number("memory-frozen").await, page.number("memory-gradients").await);
    expect(learning < frozen && less < all, format!("{learning:?} learn, {frozen:?} stay, gradients {all:?} then {less:?}"))?;
    page.until("a run can start", async || page.is("idle").await).await?;
    page.click("step-button").await?;
    page.until("it learns", async || page.steps().await >= 1.0).await
}

async fn compares(page: &Page) -> Seen {
    // It comes with the views that are fetched after the first paint.
    page.until("the comparison is on the page", async || page.part("compare").await.is_ok()).await?;
    page.part("compare").await?.scroll_into_view().await?;
    page.until("the recording is there", async || page.shows("compare-chart").await).await?;
    let last = page.number("compare-step").await;
    let (with, without) = (page.text("compare-with").await, page.text("compare-without").await);
    expect(with.len() > 40 && without.len() > 40 && with != without, "the two models write the same")?;
    page.click("compare-play").await?;
    page.until("it plays from the beginning", async || page.number("compare-step").await < last).await?;
    page.until("it moves", async || page.number("compare-step").await > Some(10.0)).await?;
    page.click("compare-text-1").await?;
    page.until("another text is shown", async || page.text("compare-with").await != with).await?;
    expect(!page.is("running").await, "something is trained for it")?;
    for (width, height) in [(1280, 800), (390, 844)] {
        page.resize(width, height).await?;
        page.until("the chart follows", async || page.width("compare-chart").await.is_ok_and(|drawn| drawn > 0.0 && drawn < width.into()))
            .await?;
        let wider = page.overflow().await?;
        expect(wider <= 0.0, format!("the page is {wider} pixels too wide for {width}"))?;
    }
    Ok(())
}

#[test]
fn a_model_is_chosen_and_a_broken_download_is_survived() {
    visit_copy(Browser::ChromiumCpu, "models", SMALL, add_twin, chooses);
}

fn lose_chinese(site: &Path) -> Seen {
    Ok(fs::remove_file(site.join("models/attune-zh-small/model.safetensors"))?)
}

async fn does_without(page: &Page) -> Seen {
    page.expect_errors();
    page.until("a run can start", async || page.is("idle").await).await?;
    page.click("sample-poems-zh").await?;
    page.until("the fault is told", async || page.shows("fault").await).await?;
    let nano = async || page.text("model-button").await.contains("nano");
    page.until("a run can start with the model before", async || page.is("idle").await && nano().await).await?;
    // The windows of the new text, which this model writes in bytes, not those of the tales before.
    let latin = |tokens: &str| tokens.chars().filter(char::is_ascii_alphabetic).count();
    page.until_text("preview", "is of the new text", |tokens| !tokens.is_empty() && latin(tokens) < 5).await?;
    page.screenshot("without").await?;
    page.click("step-button").await?;
    page.until("it learns", async || page.steps().await >= 1.0).await?;
    // Whoever chooses another model is told no more of the one that could not be had.
    page.click("model-button").await?;
    page.until("the message is there", async || page.shows("model-fault").await).await?;
    page.click("model-scratch").await?;
    page.until("the message is gone", async || !page.shows("model-fault").await).await
}

#[test]
fn a_text_whose_model_cannot_be_had_is_learned_by_the_model_before() {
    visit_copy(Browser::ChromiumCpu, "lost", SMALL, lose_chinese, does_without);
}

/// Probabilities of the five likeliest tokens after a prompt, under the page's first dials (temperature 0.8, the forty likeliest).
fn expected(prompt: &Value) -> Vec<f64> {
    let logits: Vec<f64> = prompt["top_logits"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    let weights: Vec<f64> = logits.iter().map(|logit| ((logit - logits[0]) / 0.8).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().take(5).map(|weight| weight / sum).collect()
}

/// What the page shows of them.
async fn shown(page: &Page) -> Vec<f64> {
    let script = "return [...document.querySelectorAll('[data-testid=next-tokens] > li')].map(row => Number(row.dataset.probability))";
    let rows = page.script(script, vec![]).await.unwrap_or_default();
    rows.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

async fn computes(page: &Page) -> Seen {
    page.until("a run can start", async || page.is("idle").await).await?;
    let catalogue: Value = serde_json::from_slice(&fs::read(page.site().join("models/index.json"))?)?;
    let reference: Value = serde_json::from_str(include_str!("../../reference/fixtures/logits.json"))?;
    let models = catalogue["models"].as_array().ok_or("the list has no models")?;
    // One that is fetched on request only is as large as a visitor's patience.
    for model in models.iter().filter(|model| model["on_request"] != true).filter_map(|model| model["id"].as_str()) {
        open_picker(page).await?;
        page.click(&format!("model-{model}")).await?;
        page.until(&format!("{model} is ready"), async || state(page, model).await == "ready").await?;
        page.click("model-close").await?;
        for prompt in reference[model]["prompts"].as_array().ok_or("the fixture lacks a model")? {
            // A space or a line end at the end is left to the model to write.
            let text = prompt["prompt"].as_str().unwrap_or_default();
            if text.trim_end() != text {
                continue;
            }
            page.write("prompt", text).await?;
            page.until("it can write", async || page.attribute("write-button", "data-writing").await == "false").await?;
            page.click("write-button").await?;
            let expected = expected(prompt);
            // A thousandth of a logit, as everywhere for f16, at this temperature; and what rounding to four digits takes.
            let near = |(shown, wanted): (&f64, &f64)| (shown - wanted).abs() < 1e-3 * wanted / 0.8 + 5.1e-5;
            let close = |shown: Vec<f64>| shown.len() == 5 && shown.iter().zip(&expected).all(near);
            page.until(&format!("{model} continues `{text}` as transformers does: {expected:?}"), async || close(shown(page).await))
                .await?;
            page.until("it has written", async || page.attribute("write-button", "data-writing").await == "false").await?;
        }
    }
    Ok(())
}

#[test]
fn every_model_computes_in_the_page_what_transformers_computes() {
    visit(Browser::ChromiumCpu, "logits", "v=1&device=cpu&batch_size=1&window=16", computes);
}

#[test]
fn every_model_computes_on_webgpu_what_transformers_computes() {
    visit(Browser::ChromiumWebGpu, "logits-webgpu", "v=1&device=webgpu&batch_size=1&window=16", computes);
}

#[test]
fn layers_can_be_frozen() {
    visit(Browser::ChromiumCpu, "frozen", SMALL, freezes);
}

#[test]
fn what_pretraining_buys_is_played() {
    visit(Browser::ChromiumCpu, "pretraining", "v=1&device=cpu", compares);
}
