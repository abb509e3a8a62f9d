//! The main story: drop a text, fine-tune, watch loss and attention, pause, let it write, reload, resume.
//!
//! On the CPU the bundled base model is fine-tuned. Where there is WebGPU it is a program in these tests, so the model is small and
//! starts from scratch; on a real adapter nothing would differ but the clock.

use crate::browser::{Browser, Seen, expect, visit};
use crate::page::Page;
use std::time::{Duration, Instant};

/// Fine-tuning: a second or two until the loss on held-back text has clearly fallen.
const BASE: &str =
    "v=1&steps=600&batch_size=8&window=32&warmup=4&learning_rate=0.001&evaluate_every=10&evaluation_windows=8&sample_every=10";
/// A model of one layer, letter by letter.
const TINY: &str = "v=1&start=scratch&tokenizer=characters&n_layer=1&n_head=2&n_embd=32&n_ctx=32&steps=600&batch_size=4&window=32&warmup=4\
                    &learning_rate=0.01&evaluate_every=10&evaluation_windows=8&sample_every=10";
const TEXT: &str = include_str!("../../../static/samples/verse.txt");

async fn whole_loop(page: &Page) -> Seen {
    drop_a_text(page).await?;
    train(page).await?;
    pause(page).await?;
    write(page).await?;
    resume_after_reload(page).await
}

async fn drop_a_text(page: &Page) -> Seen {
    let device = if page.has_webgpu() { "webgpu" } else { "cpu" };
    page.until("the device is open", async || !["", "none"].contains(&page.attribute("device-name", "data-device").await.as_str())).await?;
    let opened = page.attribute("device-name", "data-device").await;
    expect(opened == device, format!("the device is `{opened}` ({}), not `{device}`", page.text("device-why").await))?;
    page.drop_file("drop", "mine.txt", TEXT).await?;
    page.until_text("text-title", "names the file", |title| title.contains("mine.txt")).await?;
    page.until("the preview shows tokens", async || page.text("preview").await.len() > 20).await?;
    page.screenshot("1-text").await
}

async fn train(page: &Page) -> Seen {
    page.until("a run can start", async || page.is("idle").await).await?;
    page.click("run-button").await?;
    page.until("the run runs", async || page.is("running").await).await?;
    page.until("the first steps are done", async || page.steps().await >= 2.0).await?;
    page.until("the held-back text was read", async || page.number("loss-validation").await.is_some()).await?;
    let early = page.number("loss-validation").await.ok_or("no loss is shown")?;
    page.click("attention-fold").await?;
    page.until("attention is shown as a table", async || page.text("attention-table").await.len() > 20).await?;
    let before = page.text("attention-table").await;
    page.screenshot("2-training").await?;
    page.until("forty steps are done", async || page.steps().await >= 45.0).await?;
    let late = page.number("loss-validation").await.ok_or("no loss is shown")?;
    println!("loss on held-back text {early} → {late}");
    expect(late.is_finite() && late < early, format!("the loss went from {early} to {late}"))?;
    expect(page.number("loss-train").await.is_some_and(f64::is_finite), "no training loss is shown")?;
    page.until("attention has changed", async || page.text("attention-table").await != before).await?;
    page.until("a sample was written", async || page.text("sample-text").await.len() > 10).await?;
    page.screenshot("3-later").await
}

async fn pause(page: &Page) -> Seen {
    let began = Instant::now();
    page.click("run-button").await?;
    page.until("it is paused", async || page.is("paused").await).await?;
    println!("paused after {} ms, the driver's share included", began.elapsed().as_millis());
    // Pause is answered on arrival; the step that is under way is still finished.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let steps = page.steps().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    expect(page.steps().await == steps, "it goes on although it is paused")?;
    page.click("step-button").await?;
    page.until("one step is done", async || page.steps().await == steps + 1.0).await
}

async fn write(page: &Page) -> Seen {
    page.write("prompt", "The night ").await?;
    page.click("write-button").await?;
    page.until("it has written", async || page.text("written-text").await.chars().count() > 30).await?;
    page.screenshot("4-writing").await
}

async fn resume_after_reload(page: &Page) -> Seen {
    let steps = page.steps().await;
    // Leaving the page saves the run; a visitor does not wait for it either.
    page.reload().await?;
    page.until("the page offers to go on", async || page.shows("resume").await).await?;
    page.screenshot("5-resume").await?;
    page.click("resume-run").await?;
    // Until then the page may be playing its recorded run, which has steps of its own.
    page.until("the run is back", async || page.is("running").await || page.is("paused").await).await?;
    let back = page.steps().await;
    expect(back >= steps - 30.0, format!("the run was at step {steps} and came back at {back}"))?;
    if page.is("paused").await {
        page.click("run-button").await?;
    }
    page.until("it goes on", async || page.steps().await > back + 1.0).await?;
    // An engine that fails and is replaced comes back too; that is no way to resume.
    expect(!page.shows("fault").await, format!("resuming said: {}", page.text("fault").await))
}

#[test]
fn chromium_with_webgpu() {
    visit(Browser::ChromiumWebGpu, "loop", TINY, whole_loop);
}

#[test]
fn chromium_on_the_cpu() {
    visit(Browser::ChromiumCpu, "loop", BASE, whole_loop);
}

#[test]
fn firefox_with_webgpu() {
    visit(Browser::FirefoxWebGpu, "loop", TINY, whole_loop);
}

#[test]
fn firefox_on_the_cpu() {
    visit(Browser::FirefoxCpu, "loop", BASE, whole_loop);
}
