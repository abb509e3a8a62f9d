//! Every view of the inside while a run trains on WebGPU: it moves, nothing goes wrong, the run goes on, and Pause is heard.

use crate::browser::{Browser, Seen, expect, visit};
use crate::page::Page;

const SMALL: &str = "v=1&start=scratch&tokenizer=characters&n_layer=2&n_head=2&n_embd=32&n_ctx=32&steps=20000&batch_size=4&window=32&warmup=4\
                     &learning_rate=0.003&evaluate_every=1000&evaluation_windows=4&sample_every=1000";
const TEXT: &str = include_str!("../../../static/samples/verse.txt");
const VIEWS: [&str; 5] = ["view-heads", "view-matrix", "view-all-heads", "view-arithmetic", "view-flow"];
/// Pictures that differ, of one view.
const LOOKS: usize = 3;

/// What the middle of the page shows, drawings included, as a number.
async fn look(page: &Page) -> String {
    let script = r#"const inside = document.querySelector('[data-testid="inside"]');
        const drawn = [...inside.querySelectorAll('canvas')].map(canvas => canvas.toDataURL()).join();
        return String([...inside.innerHTML + drawn].reduce((hash, letter) => (31 * hash + letter.charCodeAt(0)) | 0, 7))"#;
    page.script(script, vec![]).await.ok().and_then(|hash| hash.as_str().map(str::to_owned)).unwrap_or_default()
}

async fn well(page: &Page, what: &str) -> Seen {
    expect(!page.shows("fault").await, format!("{what}: {}", page.text("fault").await))
}

async fn pause_and_go_on(page: &Page) -> Seen {
    page.click("run-button").await?;
    page.until("it is paused", async || page.is("paused").await).await?;
    page.click("run-button").await?;
    page.until("it goes on", async || page.is("running").await).await
}

async fn views_move(page: &Page) -> Seen {
    page.until("the device is open", async || page.attribute("device-name", "data-device").await == "webgpu").await?;
    page.drop_file("drop", "mine.txt", TEXT).await?;
    page.until_text("text-title", "names the file", |title| title.contains("mine.txt")).await?;
    page.until("a run can start", async || page.is("idle").await).await?;
    page.click("run-button").await?;
    page.until("the first steps are done", async || page.steps().await >= 5.0).await?;
    for view in VIEWS {
        page.click(view).await?;
        let began = page.steps().await;
        for _ in 0..LOOKS {
            let before = look(page).await;
            page.until(&format!("`{view}` moves"), async || look(page).await != before).await?;
        }
        page.until("the run goes on", async || page.steps().await > began).await?;
        well(page, view).await?;
        pause_and_go_on(page).await?;
    }
    page.click("view-heads").await?;
    page.click("test-fold").await?;
    page.click("switch-1-1").await?;
    let effect = async || page.attribute("switch-effect", "data-switched").await;
    page.until("the effect is told", async || !effect().await.is_empty()).await?;
    let before = effect().await;
    page.until("the effect moves with the model", async || effect().await != before).await?;
    well(page, "a head switched off").await?;
    // Another sentence: its past is made while the run goes on.
    let steps = page.steps().await;
    page.pin("the night").await?;
    page.until("the run goes on", async || page.steps().await > steps + 5.0).await?;
    well(page, "another sentence").await?;
    pause_and_go_on(page).await?;
    well(page, "in the end").await
}

#[test]
fn chromium_views_move_while_it_trains_on_webgpu() {
    visit(Browser::ChromiumWebGpu, "moving", SMALL, views_move);
}
