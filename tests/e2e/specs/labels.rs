//! Learning from labelled texts as a visitor does: a scenario from the start page to a report, a messy file mended, examples typed by hand.

use crate::browser::{Browser, Seen, expect, visit};
use crate::page::Page;

/// Learns for that many epochs, from Play to the report.
pub(super) async fn learn_for(page: &Page, epochs: u32) -> Seen {
    page.until("a run can start", async || page.is("idle").await && page.shows("set-epochs").await).await?;
    let (wanted, planned) = (epochs.to_string(), page.text("phase").await);
    if page.value("set-epochs").await != wanted {
        page.choose("set-epochs", &wanted).await?;
        // The plan of the shorter run follows the field a moment later.
        page.until("the plan follows", async || page.is("idle").await && page.text("phase").await != planned).await?;
    }
    learn(page).await
}

async fn learn(page: &Page) -> Seen {
    page.until("a run can start", async || page.is("idle").await).await?;
    page.click("run-button").await?;
    page.until("the run has ended", async || page.is("finished").await).await?;
    page.until("the report is there", async || page.shows("report-part").await).await
}

async fn a_scenario_becomes_a_report(page: &Page) -> Seen {
    // At once, while the sample that every visit begins with is still being prepared.
    page.until("the scenarios are listed", async || page.shows("scenario-reviews").await).await?;
    page.click("scenario-reviews").await?;
    page.until_text("examples", "counts the examples", |text| text.contains("456 examples in 2 classes")).await?;
    page.until("a run can start", async || page.is("idle").await).await?;
    page.screenshot("labels-1-table").await?;
    page.choose("set-epochs", "2").await?;
    page.until("the plan follows", async || page.is("idle").await && page.text("phase").await.contains("46 steps")).await?;
    learn(page).await?;
    expect(page.attribute("report-part", "data-part").await == "test", "the report is not about the test part")?;
    page.until("column 2 shows a sentence of the table", async || page.shows("heads-picture").await).await?;
    page.click("try-example-0").await?;
    page.until("the classes have probabilities", async || page.text("class-probabilities").await.contains('%')).await?;
    page.until("the nearest examples are told", async || page.shows("near-example").await).await?;
    page.screenshot("labels-2-report").await?;
    // The figure behind a cell leads to its rows.
    page.click("cell-0-0").await?;
    page.until_text("rows-title", "names the rows", |title| title.contains("negative")).await?;
    page.click("reset-button").await?;
    page.click("confirm-yes").await?;
    page.until("the report is put away", async || !page.shows("report-part").await).await
}

async fn a_messy_file_is_told_and_mended(page: &Page) -> Seen {
    page.until("a run can start", async || page.is("idle").await).await?;
    let rows: String = (0..30).map(|row| format!("a fine day number {row};{}\n", ["Good", "bad", "good "][row % 3])).collect();
    page.drop_file("drop", "mine.csv", &format!("what;how\n{rows};bad\nno label here;\n")).await?;
    page.until_text("table-title", "names the file", |title| title.contains("mine.csv")).await?;
    // Nobody knows these names of columns, but the rows are unlike them. The visitor may know better, and think better of it.
    page.until_text("examples", "takes the first row for names", |text| text.contains("in 3 classes")).await?;
    page.choose("header-row", "example").await?;
    page.until_text("examples", "takes the names for a row", |text| text.contains("in 4 classes")).await?;
    page.choose("header-row", "names").await?;
    page.until_text("examples", "counts three spellings", |text| text.contains("in 3 classes")).await?;
    page.until_text("set-aside", "counts what is set aside", |text| text.contains("1 without a text, 1 without a label")).await?;
    page.click("noticed").await?;
    page.screenshot("labels-3-findings").await?;
    let merge = "[...document.querySelectorAll('[data-testid=\"repair\"]')].find(button => button.innerText.includes('one class')).click()";
    page.script(merge, Vec::new()).await?;
    page.until_text("examples", "has merged them", |text| text.contains("in 2 classes")).await?;
    // What was decided of the table stays when its cells are read otherwise, and can be taken back.
    page.choose("header-row", "example").await?;
    page.until_text("examples", "still has them merged", |text| text.contains("in 3 classes")).await?;
    page.choose("header-row", "names").await?;
    page.until_text("examples", "still has them merged", |text| text.contains("in 2 classes")).await?;
    page.click("repair-undo").await?;
    page.until_text("examples", "has them apart again", |text| text.contains("in 3 classes")).await?;
    page.script(merge, Vec::new()).await?;
    page.until_text("examples", "has merged them again", |text| text.contains("in 2 classes")).await?;
    page.until("a run can start", async || page.is("idle").await).await?;
    // One class only: said, in the way, and nothing is lost.
    let rows: String = (0..8).map(|row| format!("text {row} of a single kind,same\n")).collect();
    page.drop_file("drop", "one.csv", &format!("text,label\n{rows}")).await?;
    page.until_text("table-title", "names the file", |title| title.contains("one.csv")).await?;
    let said = page.until_text("findings", "says what is in the way", |text| text.contains("only one class")).await?;
    expect(said.contains("Add rows to the table"), format!("no next action: {said}"))?;
    expect(!page.is("idle").await, "a run over a single class can be started")?;
    page.click("run-button").await?;
    page.until_text("fault", "says why it does not begin", |text| text.contains("Nothing can be learned from this table")).await?;
    expect(!page.is("waiting").await, "it waits for what will never be")
}

/// A folder with a folder for each class, as the browser's own dialog gives it.
async fn a_folder_is_a_table(page: &Page) -> Seen {
    page.until("a run can start", async || page.is("idle").await && page.shows("scenario-reviews").await).await?;
    let folder = std::env::temp_dir().join(format!("attune-moods-{}", std::process::id()));
    for (class, words) in [("good", ["warm", "kind", "sweet"]), ("bad", ["cold", "harsh", "sour"])] {
        std::fs::create_dir_all(folder.join(class))?;
        for (number, word) in words.iter().enumerate() {
            std::fs::write(folder.join(class).join(format!("{number}.txt")), format!("It was a {word} day.\nWe came home late."))?;
        }
    }
    std::fs::write(folder.join(".hidden"), "not a text")?;
    page.give_folder("folder-input", &folder).await?;
    page.until_text("examples", "counts the files", |text| text.contains("6 examples in 2 classes")).await?;
    let read = page.text("table-facts").await;
    expect(read.contains("one text per file"), format!("read otherwise: {read}"))?;
    // Each line a text instead.
    page.choose("table-form", "lines").await?;
    page.until_text("examples", "counts the lines", |text| text.contains("12 examples")).await?;
    page.screenshot("labels-5-folder").await?;
    // The files are gone: said, and what was read of them stays.
    std::fs::remove_dir_all(&folder)?;
    page.choose("table-form", "documents").await?;
    page.until_text("fault", "says that the files cannot be read", |text| text.contains("cannot be read any more")).await?;
    page.until("a run can start", async || page.is("idle").await).await?;
    expect(page.text("examples").await.contains("12 examples"), "what was open is gone")
}

/// Drops a folder. A driver cannot drop one from the desktop, so entries of the browser's kind are made in the page, read two at a time.
const DROP_FOLDER: &str = "
    const file = (path, text) => ({ isDirectory: false, fullPath: path, file: done => done(new File([text], path.split('/').pop())) });
    const folder = (path, within) => ({ isDirectory: true, fullPath: path, createReader() {
        const left = [...within];
        return { readEntries: done => setTimeout(() => done(left.splice(0, 2)), 5) };
    } });
    const texts = (name, words) => folder(`/moods/${name}`, words.map((word, at) => file(`/moods/${name}/${at}.txt`, `A ${word} day.`)));
    const root = folder('/moods', [texts('good', ['warm', 'kind', 'sweet']), texts('bad', ['cold', 'harsh', 'sour']), file('/moods/.hidden', 'x')]);
    DataTransferItem.prototype.webkitGetAsEntry = () => root;
    const carried = new DataTransfer();
    carried.items.add(new File([''], 'moods'));
    for (const kind of ['dragenter', 'dragover', 'drop'])
        document.querySelector('[data-testid=\"drop\"]').dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }))";

async fn a_dropped_folder_is_a_table(page: &Page) -> Seen {
    page.until("a run can start", async || page.is("idle").await && page.shows("scenario-reviews").await).await?;
    page.script(DROP_FOLDER, Vec::new()).await?;
    page.until_text("examples", "counts the files", |text| text.contains("6 examples in 2 classes")).await?;
    expect(page.text("table-title").await == "moods", "it is not called by its name")
}

/// Plain files are a text first. What looks like a table is offered as one, several files as a class each; a task chosen for them is the one that they are read for.
async fn files_are_read_for_the_chosen_task(page: &Page) -> Seen {
    page.until("a run can start", async || page.is("idle").await).await?;
    let rows: String = (0..12).map(|row| format!("question number {row}\tanswer number {row}\n")).collect();
    page.drop_file("drop", "pairs.txt", &rows).await?;
    page.until_text("text-title", "names the file", |title| title.contains("pairs.txt")).await?;
    page.until("a run can start", async || page.is("idle").await).await?;
    page.until_text("table-hint", "sees the columns", |text| text.contains("looks like a table")).await?;
    page.choose("task", "rewrite").await?;
    page.until_text("table-title", "names the file", |title| title.contains("pairs.txt")).await?;
    page.until("it is read for rewriting", async || page.value("task").await == "rewrite").await?;
    let [good, bad] =
        ["warm", "cold"].map(|word| (0..9).map(|day| format!("It was a {word} day, day {day} of the year.\n")).collect::<String>());
    page.drop_files("drop", &[("good.txt", &good), ("bad.txt", &bad)]).await?;
    page.until_text("table-hint", "asks about the files", |text| text.contains("These 2 files")).await?;
    page.screenshot("labels-6-hint").await?;
    page.click("table-hint-read").await?;
    page.until_text("examples", "counts the lines of both", |text| text.contains("18 examples in 2 classes")).await?;
    expect(!page.shows("table-hint").await, "a table is still offered as one")?;
    // Five short lines a class are too little to write like, and enough to tell apart.
    let few = |word: &str| (0..5).map(|at| format!("{word} {at}\n")).collect::<String>();
    page.drop_files("drop", &[("ja.txt", &few("ja")), ("nein.txt", &few("nein"))]).await?;
    page.until_text("fault", "says what they are", |text| text.contains("too short to write like")).await?;
    page.click("fault-action").await?;
    page.until_text("examples", "counts the lines of both", |text| text.contains("10 examples in 2 classes")).await?;
    expect(!page.shows("fault").await, "the message stays")
}

async fn examples_are_typed(page: &Page) -> Seen {
    page.until("a run can start", async || page.is("idle").await).await?;
    page.click("type-open").await?;
    page.write("type-texts-0", "a warm day\na kind word\nsweet bread\nfine weather\na good friend").await?;
    page.write("type-texts-1", "a cold night\na harsh word\nsour milk\nfoul weather\na bad friend").await?;
    page.screenshot("labels-4-typing").await?;
    page.click("type-use").await?;
    page.until_text("examples", "counts them", |text| text.contains("10 examples in 2 classes")).await?;
    learn(page).await?;
    page.write("try-text", "a warm friend").await?;
    page.until("the classes have probabilities", async || page.text("class-probabilities").await.contains('%')).await?;
    // Back to writing: the default sample takes its place.
    page.choose("task", "write").await?;
    page.click("confirm-yes").await?;
    page.until("a text is open again", async || !page.shows("table").await && page.is("idle").await).await
}

async fn a_link_names_a_scenario(page: &Page) -> Seen {
    page.until_text("table-title", "names the scenario", |title| title.contains("Mood of reviews")).await?;
    page.until("a run can start", async || page.is("idle").await).await?;
    expect(page.location().await?.contains("sample=reviews"), "the link has lost its scenario")
}

#[test]
fn a_link_opens_a_scenario() {
    visit(Browser::ChromiumCpu, "labels-link", "v=1&sample=reviews", a_link_names_a_scenario);
}

#[test]
fn a_scenario_is_one_click_from_the_start_page_and_ends_in_a_report() {
    visit(Browser::ChromiumCpu, "labels-scenario", "", a_scenario_becomes_a_report);
}

#[test]
fn a_messy_table_is_told_counted_and_mended() {
    visit(Browser::ChromiumCpu, "labels-messy", "", a_messy_file_is_told_and_mended);
}

#[test]
fn a_folder_of_folders_is_a_table_of_classes() {
    visit(Browser::ChromiumCpu, "labels-folder", "", a_folder_is_a_table);
}

#[test]
fn a_dropped_folder_is_walked_through() {
    visit(Browser::ChromiumCpu, "labels-dropped-folder", "", a_dropped_folder_is_a_table);
}

#[test]
fn plain_files_are_read_for_the_task_that_is_chosen() {
    visit(Browser::ChromiumCpu, "labels-plain", "", files_are_read_for_the_chosen_task);
}

#[test]
fn five_examples_a_class_typed_by_hand_are_enough() {
    visit(Browser::ChromiumCpu, "labels-typed", "", examples_are_typed);
}
