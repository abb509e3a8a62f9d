//! Settings live in the link: typed, within limits, and never with the visitor's text.

use crate::browser::{Browser, Seen, expect, visit};
use crate::page::Page;

async fn travels(page: &Page) -> Seen {
    page.until("a run can start", async || page.is("idle").await).await?;
    let steps = page.field("set-steps").await;
    expect(steps == Some(77.0), format!("the link said 77 steps, the page says {steps:?}"))?;
    page.write("set-steps", "88\t").await?;
    page.until("the link follows", async || page.location().await.is_ok_and(|address| address.contains("steps=88"))).await?;
    page.drop_file("drop", "private.txt", &"A sentence nobody else should read. ".repeat(200)).await?;
    page.until_text("text-title", "names the file", |title| title.contains("private.txt")).await?;
    let address = page.location().await?;
    expect(!address.contains("private") && !address.contains("sentence"), format!("text is in the link: {address}"))
}

async fn is_held_to_limits(page: &Page) -> Seen {
    page.until("a run can start", async || page.is("idle").await).await?;
    let steps = page.field("set-steps").await.unwrap_or(f64::NAN);
    expect((1.0..=20_000.0).contains(&steps), format!("a link asked for a billion steps and got {steps}"))
}

async fn acts_at_once(page: &Page) -> Seen {
    page.until("a run can start", async || page.is("idle").await).await?;
    // Sooner than the page makes a new plan by itself.
    page.write("set-steps", "7\t").await?;
    page.click("run-button").await?;
    page.until("the run has ended", async || page.is("finished").await).await?;
    expect(page.steps().await == 7.0, format!("7 steps were set, {} were done", page.steps().await))
}

#[test]
fn a_setting_changed_just_before_play_is_what_the_run_has() {
    visit(Browser::ChromiumCpu, "hasty", "v=1&device=cpu&batch_size=1&window=16&evaluation_windows=1&steps=40", acts_at_once);
}

#[test]
fn a_link_carries_settings_and_never_text() {
    visit(Browser::ChromiumCpu, "link", "v=1&steps=77", travels);
}

#[test]
fn a_link_of_nonsense_is_held_to_limits() {
    visit(Browser::ChromiumCpu, "nonsense", "v=1&steps=1000000000&learning_rate=banana&batch_size=-3&%%%", is_held_to_limits);
}
