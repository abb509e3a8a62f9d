//! What breaks is survived: the page says it in a sentence and the run goes on.

use crate::browser::{Browser, Seen, expect, visit};
use crate::page::Page;

const SMALL: &str = "v=1&debug=1&steps=400&batch_size=2&window=16&warmup=2&evaluate_every=50&evaluation_windows=1&sample_every=50";

async fn start(page: &Page) -> Seen {
    page.until("a run can start", async || page.is("idle").await).await?;
    page.click("run-button").await?;
    page.until("some steps are done", async || page.steps().await >= 5.0).await
}

async fn goes_on(page: &Page) -> Seen {
    page.until("the page says so", async || page.shows("fault").await).await?;
    page.screenshot("fault").await?;
    let sentence = page.text("fault").await;
    expect(sentence.split_whitespace().count() >= 4, format!("the fault is told as `{sentence}`"))?;
    if page.shows("fault-action").await {
        page.click("fault-action").await?;
    }
    let steps = page.steps().await;
    page.until("the run goes on", async || page.steps().await > steps + 2.0 && page.is("running").await).await
}

async fn loses_its_device(page: &Page) -> Seen {
    start(page).await?;
    page.expect_errors();
    page.click("inject-device").await?;
    goes_on(page).await
}

async fn loses_its_worker(page: &Page) -> Seen {
    start(page).await?;
    page.expect_errors();
    page.click("inject-panic").await?;
    goes_on(page).await
}

async fn refuses_a_picture(page: &Page) -> Seen {
    page.until("the page is ready", async || page.is("idle").await).await?;
    let title = page.text("text-title").await;
    page.drop_file("drop", "photo.png", "\u{89}PNG\r\n\u{1a}\n\0\0\0\rIHDR\0\0\0\0\0").await?;
    page.until("the file is refused", async || page.shows("fault").await).await?;
    expect(page.text("text-title").await == title, "the refused file replaced the text")
}

#[test]
fn a_lost_device_is_survived() {
    visit(Browser::ChromiumWebGpu, "lost-device", SMALL, loses_its_device);
}

#[test]
fn a_crashed_worker_is_replaced() {
    visit(Browser::ChromiumCpu, "crashed-worker", SMALL, loses_its_worker);
}

#[test]
fn a_picture_is_refused_in_a_sentence() {
    visit(Browser::ChromiumCpu, "picture", "", refuses_a_picture);
}
