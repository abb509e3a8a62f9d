//! What a link or a visitor asks of the pictures that cannot be: a head that the model does not have, a sentence that is too long, empty, or written in
//! characters that the model does not know. Each gets a sentence, and the rest goes on.

use crate::browser::{Browser, Seen, expect, visit};
use crate::page::Page;

const TEXT: &str = include_str!("../../../static/samples/verse.txt");
/// Letter by letter, with a context of 32.
const SMALL: &str = "v=1&start=scratch&tokenizer=characters&n_layer=1&n_head=2&n_embd=32&n_ctx=32&steps=600&batch_size=4&window=32";

async fn open_a_text(page: &Page) -> Seen {
    page.until("the device is open", async || !["", "none"].contains(&page.attribute("device-name", "data-device").await.as_str())).await?;
    page.drop_file("drop", "mine.txt", TEXT).await?;
    page.until_text("text-title", "names the file", |title| title.contains("mine.txt")).await?;
    page.until("a run can start", async || page.is("idle").await).await
}

async fn opens_at_a_head(page: &Page) -> Seen {
    open_a_text(page).await?;
    page.until("the link's view is open", async || page.shows("matrix-picture").await).await?;
    let shows = async |name: &str| page.attribute("matrix-picture", "aria-label").await.contains(name);
    page.until("the link's head is shown", async || shows("layer 3").await && shows("head 2").await).await?;
    expect(page.text("link-missing").await.is_empty(), "a complaint about a head that is there")?;
    page.click("layer-1").await?;
    page.click("view-heads").await?;
    page.until("the link follows", async || {
        page.location().await.is_ok_and(|address| address.contains("layer=1&heads=2") && !address.contains("view="))
    })
    .await
}

async fn says_that_a_head_is_missing(page: &Page) -> Seen {
    open_a_text(page).await?;
    page.until_text("link-missing", "says what the model has", |said| said.contains("4 layers of 4 heads")).await?;
    page.until("the nearest is shown", async || {
        let name = page.attribute("heads-picture", "aria-label").await;
        name.contains("layer 4") && name.contains("head 4")
    })
    .await?;
    page.screenshot("missing").await?;
    page.click("layer-2").await?;
    page.until("a choice of the visitor's ends the complaint", async || page.text("link-missing").await.is_empty()).await
}

async fn complains_about_sentences(page: &Page) -> Seen {
    open_a_text(page).await?;
    page.write("pin-sentence", "The night is dark.\n").await?;
    page.until("the sentence is shown", async || page.shows("token-query-17").await && !page.shows("token-query-18").await).await?;
    page.write("pin-sentence", "The night is dark and the night is longer than this model reads.\n").await?;
    page.until_text("pin-complaint", "says that it is too long", |said| said.contains("Shorten")).await?;
    expect(page.shows("token-query-17").await, "the picture went away")?;
    page.screenshot("too-long").await?;
    page.write("pin-sentence", " ").await?;
    page.until_text("pin-complaint", "asks for words", |said| said.contains("Type a few words")).await?;
    expect(page.shows("token-query-17").await, "the picture went away")?;
    page.write("pin-sentence", "The \u{6f22} night\n").await?;
    page.until_text("pin-unknown", "names the place", |said| said.contains('5')).await?;
    expect(page.text("pin-complaint").await.is_empty(), "the complaint about the empty sentence stays")?;
    page.write("pin-sentence", "The day\n").await?;
    page.until("a good sentence is shown without a word", async || {
        page.shows("token-query-6").await && !page.shows("token-query-7").await && page.text("pin-unknown").await.is_empty()
    })
    .await?;
    page.click("run-button").await?;
    page.until("the run runs", async || page.steps().await >= 3.0).await
}

async fn shows_it_beside_a_recording(page: &Page) -> Seen {
    page.until("the sample's model is ready behind the recording", async || page.is("idle").await).await?;
    page.until("the recording plays", async || page.shows("token-query-8").await).await?;
    // Quotes that this tokenizer writes in several tokens each.
    page.write("pin-sentence", "It\u{2019}s late.\n").await?;
    page.until("the sentence takes the recording's place", async || {
        page.attribute("token-query-0", "aria-label").await.contains("It") || page.text("token-query-0").await.contains("It")
    })
    .await?;
    page.screenshot("beside").await?;
    expect(page.steps().await == 0.0, "the recorded run's steps stayed")
}

#[test]
fn a_sentence_is_shown_although_a_recording_plays() {
    visit(Browser::ChromiumCpu, "beside", "v=1&device=cpu", shows_it_beside_a_recording);
}

#[test]
fn a_link_opens_a_view_at_a_head() {
    visit(Browser::ChromiumCpu, "link-head", "v=1&view=matrix&layer=3&heads=2", opens_at_a_head);
}

#[test]
fn a_head_that_is_not_there_is_named() {
    visit(Browser::ChromiumCpu, "link-missing", "v=1&layer=9&heads=40", says_that_a_head_is_missing);
}

#[test]
fn sentences_that_cannot_be_read_get_a_sentence() {
    visit(Browser::ChromiumCpu, "sentences", SMALL, complains_about_sentences);
}
