//! What a report leads to: classes for a whole file, the fairness probe, a label corrected and learned on from.

use super::labels::learn_for;
use crate::browser::{Browser, Seen, expect, visit};
use crate::page::{Page, first_number};

/// Texts of a visitor's file; a blank line is none, and one text holds what must be quoted.
const TEXTS: &str = "The soup was cold and the waiter rude.\n\nA lovely hotel, \"warm\" and quiet.\nNever again.\n";

async fn a_file_gets_its_classes(page: &Page) -> Seen {
    page.catch_downloads().await?;
    page.script("document.querySelector('[data-testid=try-batch]').open = true", vec![]).await?;
    page.pick_file("try-file", "mine.txt", TEXTS).await?;
    page.until("the file is read", async || page.shows("try-file-save").await).await?;
    expect(page.text("try-batch").await.contains("3 texts have an answer"), page.text("try-batch").await)?;
    page.click("try-file-save").await?;
    page.until("a file is offered", async || !page.downloads().await.is_empty()).await?;
    let kept = page.downloads().await;
    let rows: Vec<&str> = kept[0].lines().collect();
    expect(rows.len() == 4 && rows[0] == "text,answer,probability", format!("the file is {rows:?}"))?;
    expect(rows[2].starts_with("\"A lovely hotel, \"\"warm\"\" and quiet.\","), format!("the second text is kept as `{}`", rows[2]))?;
    for row in &rows[1..] {
        let mut cells = row.rsplit(',');
        let (probability, class) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        let probability: f64 = probability.parse().map_err(|_| format!("`{row}` has no probability"))?;
        // The likelier of two classes.
        expect((0.5..=1.0).contains(&probability) && ["positive", "negative"].contains(&class), format!("`{row}`"))?;
    }
    Ok(())
}

async fn words_are_swapped(page: &Page) -> Seen {
    page.write("probe-pairs", "the = a\nwas = is\nno pair").await?;
    page.until_text("probe-odd", "tells of the odd line", |text| text.contains("no pair")).await?;
    page.click("probe-run").await?;
    page.until("the probe has ended", async || page.shows("probe-summary").await).await?;
    let read = async |id: &str, name: &str| page.attribute(id, name).await.parse::<f64>().unwrap_or(f64::NAN);
    expect(read("probe-summary", "data-rows").await >= 10.0, page.text("probe-summary").await)?;
    for class in ["probe-shift-0", "probe-shift-1"] {
        let (low, mean, high) = (read(class, "data-low").await, read(class, "data-mean").await, read(class, "data-high").await);
        expect(low <= mean && mean <= high && high > low, format!("{class}: {mean} in {low} to {high}"))?;
        let (verdict, said) = (page.attribute(class, "data-verdict").await, page.text(class).await);
        let wanted = match verdict.as_str() {
            "beyond" => "beyond chance",
            "within" => "could be chance",
            _ => "too few rows",
        };
        expect(said.contains(wanted) && said.contains("points"), format!("{verdict} is told as `{said}`"))?;
        expect(
            (verdict == "within") == (low <= 0.0 && high >= 0.0) || verdict == "too-few",
            format!("{low} to {high} is called {verdict}"),
        )?;
    }
    page.screenshot("probe").await?;
    expect(page.text("probe-summary").await.contains("validation rows"), page.text("probe-summary").await)
}

/// The first label that is shown and can be corrected: its test id and what it says.
async fn correctable(page: &Page) -> Seen<(String, String)> {
    let find = "const field = [...document.querySelectorAll('[data-testid^=relabel-]')].find(field => field.offsetParent && field.value); return field ? [field.dataset.testid, field.value] : null";
    page.until("labels can be corrected", async || page.script(find, vec![]).await.is_ok_and(|found| found.is_array())).await?;
    let found = page.script(find, vec![]).await?;
    Ok((found[0].as_str().unwrap_or_default().to_owned(), found[1].as_str().unwrap_or_default().to_owned()))
}

/// Lists the rows that were learned from in the order of the table, so that the same rows come first whatever the model has learned.
async fn rows_learned_from(page: &Page) -> Seen {
    page.click("rows-part-training").await?;
    page.until("the rows that were learned from are there", async || page.shows("rows-part-how").await).await?;
    let order = "const order = [...document.querySelectorAll('[data-testid=rows-order]')].find(order => order.offsetParent); order.value = 'table'; order.dispatchEvent(new Event('change', { bubbles: true }))";
    page.script(order, vec![]).await.map(|_| ()).map_err(Into::into)
}

async fn corrections(page: &Page) -> (String, String) {
    (page.attribute("corrections", "data-count").await, page.attribute("corrections", "data-training").await)
}

async fn a_label_is_corrected(page: &Page) -> Seen {
    let other = |label: &str| if label == "positive" { "negative" } else { "positive" };
    // A row of the test: nothing is learned from it, and it can be taken back.
    let (id, label) = correctable(page).await?;
    page.choose(&id, other(&label)).await?;
    page.until("the correction is counted", async || corrections(page).await == ("1".to_owned(), "0".to_owned())).await?;
    let said = page.text("corrections").await;
    expect(said.contains("only measured by"), format!("of a row of the test: {said}"))?;
    page.choose(&id, &label).await?;
    page.until("it is taken back", async || corrections(page).await.0 == "0").await?;

    let before = page.text("class-counts").await;
    rows_learned_from(page).await?;
    let (id, label) = correctable(page).await?;
    page.choose(&id, other(&label)).await?;
    page.until("the correction is counted", async || corrections(page).await == ("1".to_owned(), "1".to_owned())).await?;
    page.until("the classes are counted anew", async || page.text("class-counts").await != before).await?;
    let counted = page.text("class-counts").await;
    page.screenshot("corrected").await?;
    page.click("learn-on").await?;
    // The old report goes first; the rows below it belong to it.
    page.until("it learns on", async || !page.is("finished").await).await?;
    page.until("it has learned on", async || page.is("finished").await && page.shows("report-part").await).await?;
    expect(!page.shows("fault").await, format!("learning on said: {}", page.text("fault").await))?;
    expect(page.text("class-counts").await == counted, "the correction is forgotten")?;
    // The row is still one that is learned from, now with its new label.
    rows_learned_from(page).await?;
    let row = format!("return document.querySelector('[data-testid={id}]')?.value");
    page.until("the row has its new label", async || page.script(&row, vec![]).await.is_ok_and(|value| value == other(&label))).await?;
    let shown = page.text("report-part").await;
    expect(first_number(&shown).is_some(), format!("the report is about `{shown}`"))
}

/// Another draw of the parts waits for a run that starts over; the model that is here is still asked, and goes on being asked.
async fn another_draw_takes_nothing_away(page: &Page) -> Seen {
    page.script("document.querySelector('[data-testid=draw-again]').click()", vec![]).await?;
    let notice = page.until_text("restart-notice", "says what waits", |text| text.contains("choice of examples")).await?;
    expect(!page.shows("fault").await && page.shows("report-part").await, format!("beside `{notice}` the report is gone"))?;
    page.fill("try-text", "The soup was cold and the waiter rude.").await?;
    page.until_text("class-probabilities", "are of the text", |text| text.contains("negative")).await?;
    page.screenshot("another-draw").await?;
    page.click("restart-undo").await?;
    page.until("nothing waits any more", async || !page.shows("restart-notice").await).await?;
    expect(page.shows("report-part").await, "the report is gone")
}

async fn a_report_leads_on(page: &Page) -> Seen {
    page.until("the scenarios are listed", async || page.shows("scenario-reviews").await).await?;
    page.click("scenario-reviews").await?;
    page.until_text("table-title", "names the scenario", |text| text.contains("Mood of reviews")).await?;
    learn_for(page, 1).await?;
    a_file_gets_its_classes(page).await?;
    words_are_swapped(page).await?;
    another_draw_takes_nothing_away(page).await?;
    a_label_is_corrected(page).await
}

#[test]
fn a_report_leads_to_files_of_classes_to_swaps_and_to_corrected_labels() {
    visit(Browser::ChromiumCpu, "report", "", a_report_leads_on);
}
