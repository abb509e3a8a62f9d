//! A run over labelled texts outlives the page and its worker: it is taken up again with its table, its curves and, at the end, its report.

use crate::browser::{Browser, Seen, expect, visit};
use crate::page::Page;

/// Chooses a value in a number field by its test id.
async fn choose(page: &Page, id: &str, value: &str) -> Seen {
    let script = "const field = document.querySelector(`[data-testid=\"${arguments[0]}\"]`); field.value = arguments[1];
                  field.dispatchEvent(new Event('change', { bubbles: true }));";
    page.script(script, vec![id.into(), value.into()]).await.map(drop)
}

/// Epochs that the page has curves for.
async fn epochs(page: &Page) -> u32 {
    page.attribute("epochs", "data-epochs").await.parse().unwrap_or(0)
}

/// Opens the scenario and lets it learn for so many epochs, until the first is judged.
async fn start(page: &Page, count: &str) -> Seen {
    page.until("the scenarios are listed", async || page.shows("scenario-reviews").await).await?;
    page.click("scenario-reviews").await?;
    page.until_text("examples", "counts the examples", |text| text.contains("456 examples in 2 classes")).await?;
    page.until("a run can start", async || page.is("idle").await).await?;
    choose(page, "set-epochs", count).await?;
    let steps = format!("{} steps", 23 * count.parse::<u32>()?);
    page.until("the plan follows", async || page.is("idle").await && page.text("phase").await.contains(&steps)).await?;
    page.click("run-button").await?;
    page.until("the first epoch is judged", async || epochs(page).await >= 2).await
}

async fn survives_a_reload(page: &Page) -> Seen {
    start(page, "4").await?;
    page.click("run-button").await?;
    page.until("it is paused", async || page.is("paused").await).await?;
    let (steps, judged) = (page.steps().await, epochs(page).await);
    // A pause is saved by itself; a visitor does not wait for it either, but may look at the curves for a moment.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    page.reload().await?;
    page.until_text("resume", "offers to go on", |offer| offer.contains("labelled texts") && offer.contains("of 4 epochs")).await?;
    page.screenshot("labels-keeping-1-offer").await?;
    page.click("resume-run").await?;
    page.until("the run is back", async || page.is("paused").await).await?;
    page.until("its curves are back", async || epochs(page).await == judged).await?;
    expect(page.steps().await == steps, format!("it was at step {steps} and came back at {}", page.steps().await))?;
    page.until_text("examples", "counts the examples again", |text| text.contains("456 examples in 2 classes")).await?;
    expect(page.field("set-epochs").await == Some(4.0), "the recipe has lost its epochs")?;
    page.screenshot("labels-keeping-2-back").await?;
    page.click("run-button").await?;
    page.until("the run has ended", async || page.is("finished").await).await?;
    page.until("the report is there", async || page.shows("report-part").await).await?;
    expect(page.attribute("report-part", "data-part").await == "test", "the report is not about the test part")?;
    expect(epochs(page).await == 5, format!("{} epochs have curves, not the untrained model and four", epochs(page).await))?;

    // The report comes back too, without learning anything anew, and so do its rows.
    let report = page.text("report-part").await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    page.reload().await?;
    page.click("resume-run").await?;
    page.until("the report is back", async || page.is("finished").await && page.shows("report-part").await).await?;
    expect(page.text("report-part").await == report, "the report is another one")?;
    page.click("cell-0-0").await?;
    page.until_text("rows-title", "names the rows", |title| title.contains("negative")).await?;
    page.click("try-example-0").await?;
    page.until("the classes have probabilities", async || page.text("class-probabilities").await.contains('%')).await?;
    page.until_text("try-step", "says whose model it is", |text| text.contains("the model of epoch")).await?;
    expect(!page.shows("fault").await, format!("taking it up said: {}", page.text("fault").await))
}

async fn survives_its_worker(page: &Page) -> Seen {
    start(page, "12").await?;
    let steps = page.steps().await;
    page.expect_errors();
    page.click("inject-panic").await?;
    page.until("the page says so", async || page.shows("fault").await).await?;
    page.until("the run goes on", async || page.steps().await > steps + 2.0 && page.is("running").await).await?;
    expect(epochs(page).await >= 2, "it has begun anew: its epochs are gone")
}

#[test]
fn a_run_over_labelled_texts_survives_a_reload() {
    visit(Browser::ChromiumCpu, "labels-reload", "", survives_a_reload);
}

#[test]
fn a_run_over_labelled_texts_survives_its_worker() {
    visit(Browser::ChromiumCpu, "labels-worker", "v=1&debug=1", survives_its_worker);
}
