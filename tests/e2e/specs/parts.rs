//! The parts of the page that are fetched after the first paint: one that cannot be had is told and had on another try, and takes nothing else down.

use crate::browser::{Browser, Seen, expect, visit_copy};
use crate::page::Page;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of a part of the site's page.
fn files(site: &Path, part: &str) -> Seen<Vec<PathBuf>> {
    let start = format!("{part}-");
    let named = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start));
    Ok(fs::read_dir(site)?.flatten().map(|entry| entry.path()).filter(named).collect())
}

/// Where a file waits until the server has it again.
fn away(file: &Path) -> PathBuf {
    file.with_extension("away")
}

fn take_away(site: &Path, part: &str) -> Seen {
    let files = files(site, part)?;
    expect(!files.is_empty(), format!("the site has no part `{part}`"))?;
    files.iter().try_for_each(|file| Ok(fs::rename(file, away(file))?))
}

fn put_back(site: &Path, part: &str) -> Seen {
    files(site, part)?.iter().try_for_each(|file| Ok(fs::rename(file, file.with_extension("wasm"))?))
}

async fn parts_come_on_another_try(page: &Page) -> Seen {
    page.expect_errors();
    page.until("the views are missed", async || page.shows("later-failed").await).await?;
    page.until("a run can start all the same", async || page.is("idle").await).await?;
    put_back(page.site(), "views")?;
    page.click("later-retry").await?;
    page.until("the views are there", async || page.shows("scenario-reviews").await && !page.shows("later-failed").await).await?;

    page.click("scenario-reviews").await?;
    page.until_text("later-failed", "says that tables cannot be shown", |text| text.contains("tables and reports")).await?;
    page.screenshot("missed").await?;
    page.until("the table can be learned from all the same", async || page.is("idle").await).await?;
    // Typing examples needs the same part.
    page.click("type-open").await?;
    put_back(page.site(), "labels")?;
    page.click("later-retry").await?;
    page.until_text("examples", "counts the examples", |text| text.contains("456 examples")).await?;
    page.until("the dialog that was asked for is open", async || page.shows("type-use").await).await?;
    expect(!page.shows("later-failed").await, "a part is still missed")
}

#[test]
fn a_part_of_the_page_that_cannot_be_fetched_is_told_and_tried_again() {
    let change = |site: &Path| take_away(site, "views").and_then(|()| take_away(site, "labels"));
    visit_copy(Browser::ChromiumCpu, "parts", "", change, parts_come_on_another_try);
}
