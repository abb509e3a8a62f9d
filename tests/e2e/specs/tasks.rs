//! The tasks over labelled texts beyond one class a text: tags of words, texts from texts, pairs, several classes, numbers. Each goes from a table to a report
//! with figures of its own, to the rows behind one of them, and to an answer of its own kind.

use super::labels::learn_for;
use super::scenarios::open;
use crate::browser::{Browser, Seen, expect, visit};
use crate::page::{Page, first_number};
use serde_json::{Value, json};
use thirtyfour::prelude::Key;

/// Waits for the table, and looks whether this task is proposed for it.
async fn proposed(page: &Page, task: &str, examples: &str) -> Seen {
    page.until_text("examples", "counts the examples", |text| text.contains(examples)).await?;
    expect(page.value("task").await == task, format!("what is proposed is `{}`", page.value("task").await))?;
    page.catch_downloads().await
}

/// Drops a table, and looks whether this task is proposed for it.
async fn dropped(page: &Page, name: &str, rows: &str, task: &str, examples: &str) -> Seen {
    page.until("a run can start", async || page.is("idle").await).await?;
    page.drop_file("drop", name, rows).await?;
    page.until_text("table-title", "names the file", |title| title.contains(name)).await?;
    proposed(page, task, examples).await
}

/// The report is about the test part and has a number for each of these figures; returns how many rows it is about.
async fn reported(page: &Page, figures: &[&str]) -> Seen<f64> {
    expect(page.attribute("report-part", "data-part").await == "test", page.text("report-part").await)?;
    for figure in figures {
        let shown = page.number(&format!("report-figure-{figure}")).await;
        expect(shown.is_some(), format!("{figure} is `{}`", page.text(&format!("report-figure-{figure}")).await))?;
    }
    page.number("report-part").await.ok_or_else(|| "the report has no rows".into())
}

/// What each listed row says in the parts that `inside` finds; `None` until all of them are there.
async fn listed(page: &Page, inside: &str) -> Option<Vec<String>> {
    let script = "const rows = [...document.querySelectorAll('[data-testid=report-rows] [data-testid^=row-]')];
        return rows.map(row => [...row.querySelectorAll(arguments[0])].map(part => part.textContent).join(' '))";
    let rows = page.script(script, vec![json!(inside)]).await.ok()?;
    let rows: Vec<String> = rows.as_array()?.iter().filter_map(|row| row.as_str().map(str::to_owned)).collect();
    (!rows.is_empty() && rows.iter().all(|row| !row.is_empty())).then_some(rows)
}

/// Presses a figure: the rows behind it come with their texts. Returns how many there are.
async fn rows_behind(page: &Page, figure: &str, title: &str, inside: &str) -> Seen<f64> {
    page.click(figure).await?;
    page.until_text("rows-title", "names the rows", |text| text.contains(title)).await?;
    page.until("the rows have their texts", async || listed(page, inside).await.is_some()).await?;
    let count = page.attribute("report-rows", "data-count").await;
    count.parse().map_err(|_| format!("`{count}` rows are behind {figure}").into())
}

/// Classes and their probabilities as they are shown, likeliest first.
async fn probabilities(page: &Page) -> Seen<Vec<(String, f64)>> {
    let script = "return [...document.querySelectorAll('[data-testid=class-probabilities] li')].map(line => [line.dataset.class, Number(line.dataset.probability)])";
    let lines = page.script(script, vec![]).await?;
    let line = |line: &Value| Some((line[0].as_str()?.to_owned(), line[1].as_f64()?));
    Ok(lines.as_array().into_iter().flatten().filter_map(line).collect())
}

/// Asks which words decided; what is said of it names `subject`.
async fn decided(page: &Page, subject: &str) -> Seen {
    page.click("decide-start").await?;
    let named = |lead: &str| lead.contains(subject) && lead.contains('%');
    page.until_text("decide-lead", &format!("speaks of {subject}"), named).await?;
    let words = page.script("return document.querySelectorAll('[data-testid=decide-words] [data-effect]').length", vec![]).await?;
    expect(words.as_u64().is_some_and(|words| words >= 2), format!("{words} words were left out"))
}

/// The arrows move through the words of a text; the Tab key passes them by.
async fn words_are_one_stop(page: &Page) -> Seen {
    page.script("document.querySelector('[data-testid=decide-second] .decide-word').focus()", vec![]).await?;
    page.press(Key::Right).await?;
    page.press(Key::Right).await?;
    let found = page
        .script(
            "const words = [...document.querySelectorAll('[data-testid=decide-second] .decide-word')];
            return [words.indexOf(document.activeElement), words.filter(word => word.tabIndex === 0).length,
                document.querySelector('[data-testid=decide-reading]').textContent]",
            vec![],
        )
        .await?;
    expect(found[0] == json!(2) && found[1] == json!(1), format!("focus and stops: {found}"))?;
    expect(found[2].as_str().is_some_and(|reading| reading.contains("museum")), format!("the third word's numbers: {found}"))
}

/// Pictures of the whole page, report and rows and all, which fits into its window also on a phone.
async fn pictures(page: &Page) -> Seen {
    for (name, width, height) in [("whole", 1280, 3600), ("phone", 390, 6000)] {
        page.resize(width, height).await?;
        page.screenshot(name).await?;
        let wider = page.overflow().await?;
        expect(wider <= 0.0, format!("the page is {wider} pixels too wide for {width}"))?;
    }
    page.resize(1280, 800).await
}

/// Nothing was fetched from elsewhere, and no file was pressed on the visitor.
async fn stays_here(page: &Page) -> Seen {
    let elsewhere: Vec<String> = page.fetched().await?.into_iter().filter(|address| !address.starts_with(page.address())).collect();
    expect(elsewhere.is_empty(), format!("fetched from elsewhere: {elsewhere:?}"))?;
    expect(page.downloads().await.is_empty(), "a file was offered that nobody asked for")
}

async fn words_are_tagged(page: &Page) -> Seen {
    open(page, "notices", "Dates and places").await?;
    proposed(page, "tag", "430 examples").await?;
    learn_for(page, 3).await?;
    let rows = reported(page, &["span-f1", "tag-accuracy"]).await?;
    // The table's lines are kinds of spans, and lead to the rows that have one.
    let with_one = rows_behind(page, "report-0-recall", "Rows with a DATE", ".word").await?;
    expect(with_one >= 1.0 && with_one < rows, format!("{with_one} of {rows} rows have a date"))?;
    let tags = listed(page, ".word sub").await.ok_or("rows without a tag")?;
    expect(tags.iter().all(|tags| tags.contains("-DATE")), format!("rows without a date are listed: {tags:?}"))?;
    page.write("try-text", "A family ticket for the pool costs £45.").await?;
    let marks = "return [...document.querySelectorAll('[data-testid=try-marked] mark')].map(mark => mark.dataset.kind)";
    page.until_text("try-marked", "is the whole text", |text| text.contains("family ticket") && text.contains("45")).await?;
    page.until("words are marked", async || page.script(marks, vec![]).await.is_ok_and(|marks| marks[0].is_string())).await?;
    // By kind: that a span begins or goes on is not shown.
    let kinds = page.script(marks, vec![]).await?;
    let known = |kind: &Value| ["DATE", "PERSON", "PLACE", "PRICE", "TIME"].iter().any(|known| kind == known);
    expect(kinds.as_array().is_some_and(|kinds| kinds.iter().all(known)), format!("words are marked as {kinds}"))?;
    let inside = "const text = document.querySelector('[data-testid=try-marked]'), frame = text.getBoundingClientRect();
        return [...text.querySelectorAll('mark')].every(mark => {
            const own = mark.getBoundingClientRect();
            return own.left >= frame.left - 1 && own.right <= frame.right + 1 && own.top >= frame.top - 1 && own.bottom <= frame.bottom + 1;
        })";
    expect(page.script(inside, vec![]).await? == json!(true), "a mark stands outside of its text")?;
    // The last mark instead of the first.
    let press = "const marks = [...document.querySelectorAll('[data-testid=try-marked] button')], last = marks[marks.length - 1];
        last.click(); return last.querySelector('mark').firstChild.textContent";
    let marked = page.script(press, vec![]).await?;
    let marked = marked.as_str().ok_or("the last mark has no text")?;
    page.until_text("decide-start", "names the mark", |text| text.contains(marked)).await?;
    decided(page, marked).await?;
    pictures(page).await?;
    stays_here(page).await
}

async fn texts_are_written(page: &Page) -> Seen {
    open(page, "phrases", "Tiny phrases").await?;
    proposed(page, "rewrite", "1,115 examples").await?;
    learn_for(page, 1).await?;
    let rows = reported(page, &["chrf", "rouge-l", "exact-match", "token-f1"]).await?;
    let all = rows_behind(page, "report-figure-chrf", "the lowest chrF first", ".beside").await?;
    expect(all == rows, format!("{all} rows are behind the figures of {rows}"))?;
    // Wanted and written stand beside each other, and the worst comes first.
    let facts = listed(page, ".row-facts").await.ok_or("rows without figures")?;
    let chrf: Vec<f64> = facts.iter().filter_map(|facts| first_number(facts.split_once("chrF")?.1)).collect();
    expect(chrf.len() == facts.len() && chrf.is_sorted(), format!("the rows' chrF is {chrf:?}"))?;
    page.write("try-text", "the old house").await?;
    page.until("a text is written", async || !page.text("try-written").await.trim().is_empty()).await?;
    decided(page, &page.text("try-written").await).await?;
    rows_behind(page, "baseline-copy-source-rows", "copying the text is nearer", ".beside").await?;
    pictures(page).await?;
    stays_here(page).await
}

async fn pairs_are_compared(page: &Page) -> Seen {
    open(page, "questions", "Same question?").await?;
    proposed(page, "pair", "in 2 classes").await?;
    expect(page.text("parts").await.contains("The table brings these parts itself"), page.text("parts").await)?;
    learn_for(page, 1).await?;
    let rows = reported(page, &["macro-f1", "accuracy"]).await?;
    let different = rows_behind(page, "report-0-support", "Rows that are \u{201c}different\u{201d}", ".second").await?;
    expect(
        Some(different) == page.number("report-0-support").await && different < rows,
        format!("{different} of {rows} rows are different"),
    )?;
    page.fill("try-second", "How many minutes do I boil an egg?").await?;
    page.fill("try-text", "How long do eggs boil?").await?;
    page.until("both classes have a probability", async || probabilities(page).await.is_ok_and(|classes| classes.len() == 2)).await?;
    // The second text counts.
    let before = probabilities(page).await?;
    page.fill("try-second", "Is the museum open on Mondays?").await?;
    page.until("the answer follows the second text", async || probabilities(page).await.is_ok_and(|classes| classes != before)).await?;
    decided(page, "has").await?;
    let of_second = page.script("return document.querySelectorAll('[data-testid=decide-second] [data-effect]').length", vec![]).await?;
    expect(of_second == json!(6), format!("{of_second} words of the second text were left out"))?;
    words_are_one_stop(page).await?;
    pictures(page).await?;
    stays_here(page).await
}

/// Each row has one of the words, or two of them, and is called after them.
fn weather() -> String {
    let kinds = [("sun", "bright"), ("rain", "wet"), ("wind", "stormy")];
    let places = ["coast", "hills", "city", "valley", "islands", "moor", "lakes", "harbour"];
    let row = |row: usize| {
        let (first, second) = (kinds[row % 3], kinds[(row + 1) % 3]);
        let place = places[row / 3 % 8];
        if row % 2 == 0 {
            format!("Day {row} is {} by the {place},{}\n", first.1, first.0)
        } else {
            format!("Day {row} is {} and {} by the {place},{};{}\n", first.1, second.1, first.0, second.0)
        }
    };
    std::iter::once("text,weather\n".to_owned()).chain((0..160).map(row)).collect()
}

async fn several_classes_are_given(page: &Page) -> Seen {
    dropped(page, "weather.csv", &weather(), "several", "160 examples in 3 classes").await?;
    // Read with another separator, the pairs of words are classes of their own.
    page.choose("label-separator", "bar").await?;
    page.until_text("examples", "counts pairs of words", |text| text.contains("in 6 classes")).await?;
    page.choose("label-separator", "semicolon").await?;
    page.until_text("examples", "counts single words", |text| text.contains("in 3 classes")).await?;
    learn_for(page, 2).await?;
    let rows = reported(page, &["macro-f1", "micro-f1", "subset-accuracy", "hamming-loss"]).await?;
    // Every row is in one of a class's four cells; the fullest leads to its rows.
    let mut cells = Vec::new();
    for (cell, title) in [("found", "found"), ("missed", "missed"), ("given", "but called so"), ("not", "and not called so")] {
        let id = format!("label-0-{cell}");
        cells.push((page.number(&id).await.ok_or_else(|| format!("{id} is missing"))?, id, title));
    }
    expect(cells.iter().map(|cell| cell.0).sum::<f64>() == rows, format!("the cells of {rows} rows are {cells:?}"))?;
    cells.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (count, id, title) = &cells[0];
    expect(rows_behind(page, id, title, ".row-text").await? == *count, format!("{id} does not lead to its {count} rows"))?;
    page.until_text("calibration-says", "speaks of labels", |text| text.contains("abels apply")).await?;
    page.write("try-text", "Day 500 is wet and stormy by the coast").await?;
    page.until("three classes have a probability", async || probabilities(page).await.is_ok_and(|classes| classes.len() == 3)).await?;
    let classes = probabilities(page).await?;
    // Each class for itself: together they are not one.
    expect((classes.iter().map(|class| class.1).sum::<f64>() - 1.0).abs() > 0.01, format!("the probabilities are {classes:?}"))?;
    page.until("the nearest examples are told", async || page.shows("near-example").await).await?;
    pictures(page).await?;
    stays_here(page).await
}

/// A column of 0 and 1 for each class: one is left out and taken in again.
async fn columns_are_classes(page: &Page) -> Seen {
    let row = |row: usize| format!("remark {row} of a long day by the sea,{},{},{}\n", row % 2, row / 2 % 2, row / 3 % 2);
    let rows: String = std::iter::once("text,wet,dark,loud\n".to_owned()).chain((0..60).map(row)).collect();
    dropped(page, "remarks.csv", &rows, "several", "60 examples in 3 classes").await?;
    expect(!page.shows("label-separator").await, "something is asked for between labels that stand in columns")?;
    page.choose("column-role-2", "unused").await?;
    page.until_text("examples", "counts the other two", |text| text.contains("in 2 classes")).await?;
    expect(!page.text("class-counts").await.contains("dark"), page.text("class-counts").await)?;
    page.choose("column-role-2", "target").await?;
    page.until_text("examples", "counts all three", |text| text.contains("in 3 classes")).await?;
    // One alone is a class of its own kind: 0 or 1.
    page.choose("column-role-1", "unused").await?;
    page.choose("column-role-2", "unused").await?;
    page.until("it is one class a text", async || page.value("task").await == "classify").await?;
    page.until_text("examples", "counts yes and no", |text| text.contains("in 2 classes")).await.map(drop)
}

/// Prompts that do not fit: said, and mended with one press.
async fn what_is_cut_is_read_in_a_larger_window(page: &Page) -> Seen {
    let row = |row: usize| format!("{}story {row}\tthe end of {row}\n", "once upon a time there was ".repeat(30));
    let rows: String = std::iter::once("source\ttarget\n".to_owned()).chain((0..40).map(row)).collect();
    dropped(page, "stories.tsv", &rows, "rewrite", "40 examples").await?;
    page.until_text("cut", "counts what does not fit", |text| text.contains("40 rows do not fit into 128 tokens")).await?;
    page.click("widen").await?;
    page.until("everything fits", async || page.is("idle").await && !page.shows("widen").await && page.text("cut").await.is_empty())
        .await?;
    expect(page.text("lengths").await.contains("tokens"), "the plan does not tell how long the rows are")
}

/// The kinder the last word, the larger the number.
fn ratings() -> String {
    let things = ["soup", "hotel", "film", "bike", "book", "concert", "lamp", "train"];
    let praise = ["awful", "poor", "fair", "good", "superb"];
    let row = |row: usize| format!("The {} number {row} was {},{}.5\n", things[row / 5 % 8], praise[row % 5], row % 5);
    std::iter::once("text,score\n".to_owned()).chain((0..200).map(row)).collect()
}

async fn a_number_is_given(page: &Page) -> Seen {
    dropped(page, "ratings.csv", &ratings(), "score", "200 examples").await?;
    learn_for(page, 3).await?;
    let rows = reported(page, &["mean-squared-error", "mean-absolute-error", "pearson", "spearman", "r²"]).await?;
    let nearer = rows_behind(page, "baseline-mean-rows", "always saying the mean is nearer to what is wanted", ".row-text").await?;
    expect(nearer < rows / 2.0, format!("of {rows} rows the mean is nearer to {nearer}"))?;
    // A dot of the picture is one row.
    let press = "const dots = document.querySelectorAll('[data-testid=scatter] [data-at]');
        dots[0].dispatchEvent(new MouseEvent('click', { bubbles: true })); return dots.length";
    let dots = page.script(press, vec![]).await?;
    expect(dots.as_f64() == Some(rows), format!("the picture has {dots} dots for {rows} rows"))?;
    page.until_text("rows-title", "names the row", |title| title.contains("One row") && title.contains("1 row")).await?;
    // On a slow machine the beginning of the text is asked about first, so the number may move before it is that of the whole.
    let score = async || page.number("try-score").await;
    page.write("try-text", "The coffee was awful").await?;
    page.until("a small number is given", async || score().await.is_some_and(|score| score < 2.0)).await?;
    page.write("try-text", "The coffee was superb").await?;
    page.until("a large number is given", async || score().await.is_some_and(|score| score > 3.0)).await?;
    pictures(page).await?;
    stays_here(page).await
}

#[test]
fn words_are_tagged_from_a_table_to_marked_words() {
    visit(Browser::ChromiumCpu, "task-tags", "", words_are_tagged);
}

#[test]
fn texts_are_written_from_texts() {
    visit(Browser::ChromiumCpu, "task-texts", "", texts_are_written);
}

#[test]
fn two_texts_are_compared() {
    visit(Browser::ChromiumCpu, "task-pairs", "", pairs_are_compared);
}

#[test]
fn a_text_has_several_classes() {
    visit(Browser::ChromiumCpu, "task-several", "", several_classes_are_given);
}

#[test]
fn a_text_has_a_number() {
    visit(Browser::ChromiumCpu, "task-numbers", "", a_number_is_given);
}

#[test]
fn what_does_not_fit_is_told_and_mended() {
    visit(Browser::ChromiumCpu, "task-cut", "", what_is_cut_is_read_in_a_larger_window);
}

#[test]
fn columns_of_yes_and_no_are_left_out_and_taken_in() {
    visit(Browser::ChromiumCpu, "task-columns", "", columns_are_classes);
}
