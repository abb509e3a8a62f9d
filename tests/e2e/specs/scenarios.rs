//! The ready-made scenarios beyond the first: from one click on the start page to what each of them shows.

use super::labels::learn_for;
use crate::browser::{Browser, Seen, expect, visit};
use crate::page::Page;

/// One click on the start page, and the table is open.
pub(super) async fn open(page: &Page, id: &str, title: &str) -> Seen {
    let button = format!("scenario-{id}");
    page.until("the scenarios are listed", async || page.shows(&button).await).await?;
    page.click(&button).await?;
    page.until_text("table-title", "names the scenario", |text| text.contains(title)).await.map(drop)
}

async fn number(page: &Page, id: &str, name: &str) -> Seen<f64> {
    let text = page.attribute(id, name).await;
    text.parse().map_err(|_| format!("`{id}` has the {name} `{text}`").into())
}

async fn the_desk_answers(page: &Page) -> Seen {
    open(page, "help-desk", "Help desk").await?;
    page.until_text("examples", "counts the examples", |text| text.contains("10 classes")).await?;
    learn_for(page, 2).await?;
    page.click("try-example-2").await?;
    page.until("the wish is named", async || !page.attribute("desk-intent", "data-intent").await.is_empty()).await?;
    let probability = number(page, "desk-intent", "data-probability").await?;
    expect((0.0..=1.0).contains(&probability), format!("the wish has the probability {probability}"))?;
    page.until("an answer is found", async || !page.attribute("desk-answer", "data-entry").await.is_empty()).await?;
    page.until_text("desk-reply", "greets and signs", |text| text.starts_with("Hello") && text.contains("Rivet Cycles")).await?;
    page.screenshot("answer").await?;
    // Another question, another answer; the steps follow what is typed.
    let before = page.text("desk-reply").await;
    page.write("try-text", "The chain of my bike has snapped on the hill.").await?;
    page.until("the answer follows", async || !page.text("desk-reply").await.is_empty() && page.text("desk-reply").await != before).await
}

async fn the_news_are_read(page: &Page) -> Seen {
    open(page, "news", "News mood").await?;
    learn_for(page, 3).await?;
    page.click("news-read").await?;
    page.until("the weeks are drawn", async || page.shows("news-chart").await && page.shows("news-labels").await).await?;
    let weeks = page.script("return document.querySelectorAll('[data-testid=news-week]').length", vec![]).await?;
    expect(weeks.as_u64() == Some(12), format!("{weeks} weeks are listed"))?;
    expect(page.text("news-labels").await.contains("stands out"), "the labels' own alert is not told")?;
    let alert = page.shows("news-alert").await;
    println!("the model, after three epochs, {} an alert", if alert { "raises" } else { "does not raise" });
    let said = page.text(if alert { "news-alert" } else { "news-quiet" }).await;
    expect(said.contains(if alert { "The chance of so many" } else { "No alert" }), format!("the weeks are summed up as `{said}`"))?;
    let curves = "return document.querySelectorAll('[data-testid=news-chart] svg path, [data-testid=news-chart] svg polyline').length";
    expect(page.script(curves, vec![]).await?.as_u64() >= Some(2), "the chart has no two curves")?;
    page.screenshot("weeks").await?;
    let topics = "return [...document.querySelector('[data-testid=news-topic]').options].map(option => option.value).join()";
    expect(
        page.script(topics, vec![]).await? == ",culture,harbour,schools,sport,transport,weather",
        "the topics to choose from are others",
    )?;
    page.choose("news-topic", "harbour").await?;
    let labels =
        "return [...document.querySelectorAll('[data-testid=news-week]')].reduce((sum, week) => sum + Number(week.dataset.labels), 0)";
    page.until("the weeks are those of the harbour", async || page.script(labels, vec![]).await.is_ok_and(|sum| sum == 29)).await?;
    expect(page.text("news-topic").await.contains("All topics"), "one cannot go back to all topics")
}

async fn titles_are_ranked(page: &Page) -> Seen {
    open(page, "recommender", "Reading next").await?;
    page.until("its two texts are chosen", async || page.attribute("column-role-1", "data-testid").await == "column-role-1").await?;
    // It brings its own way of reading pairs, which a link does not repeat.
    let read = "return ['set-pairs', 'set-pooling'].map(id => document.querySelector(`[data-testid=${id}]`).value).join(' ')";
    expect(page.script(read, vec![]).await? == "apart mean", "the texts of a pair are not read apart")?;
    let address = page.location().await?;
    expect(!address.contains("pairs=") && !address.contains("pooling="), format!("the link is {address}"))?;
    learn_for(page, 1).await?;
    page.click("lists-rank").await?;
    page.until("the order is judged", async || page.shows("lists-verdict").await).await?;
    for figure in ["lists-ndcg", "lists-hits"] {
        let (model, chance) = (number(page, figure, "data-model").await?, number(page, figure, "data-chance").await?);
        println!("{figure}: {model} by the model, {chance} in random order");
        expect((0.0..=1.0).contains(&model) && (0.0..=1.0).contains(&chance), format!("{figure} is {model} beside {chance}"))?;
    }
    let list = "return [...document.querySelectorAll('[data-testid=lists-line]')].map(line => Number(line.dataset.probability))";
    let chances = page.script(list, vec![]).await?;
    let chances: Vec<f64> = chances.as_array().into_iter().flatten().filter_map(serde_json::Value::as_f64).collect();
    expect(chances.len() >= 3 && chances.is_sorted_by(|a, b| a >= b), format!("the list is {chances:?}"))?;
    let first = page.text("lists-line").await;
    page.choose("lists-reader", "1").await?;
    page.until("another reader has another list", async || page.text("lists-line").await != first).await?;
    page.screenshot("lists").await
}

async fn chinese_is_learned(page: &Page) -> Seen {
    open(page, "reviews-zh", "评论").await?;
    page.until_text("examples", "counts the examples", |text| text.contains("2 classes")).await?;
    // The recipe for texts stays in the page, hidden, and has a button of its own.
    let chosen =
        "return [...document.querySelectorAll('[data-testid=model-button]')].some(button => button.textContent.includes('Chinese'))";
    page.until("the base for Chinese is proposed", async || page.script(chosen, vec![]).await.is_ok_and(|chosen| chosen == true)).await?;
    learn_for(page, 1).await?;
    page.click("try-example-0").await?;
    page.until_text("class-probabilities", "names the classes", |text| text.contains("好评") && text.contains('%')).await?;
    page.until("the nearest examples are told", async || page.shows("near-example").await).await?;
    page.screenshot("report").await
}

#[test]
fn the_help_desk_finds_an_answer() {
    visit(Browser::ChromiumCpu, "help-desk", "", the_desk_answers);
}

#[test]
fn the_news_are_read_week_by_week() {
    visit(Browser::ChromiumCpu, "news", "", the_news_are_read);
}

#[test]
fn the_recommender_ranks_titles_for_each_reader() {
    visit(Browser::ChromiumCpu, "recommender", "", titles_are_ranked);
}

#[test]
fn chinese_reviews_go_from_a_click_to_a_report() {
    visit(Browser::ChromiumCpu, "reviews-zh", "", chinese_is_learned);
}
