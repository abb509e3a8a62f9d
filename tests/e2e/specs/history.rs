//! The recorded past: the slider, the switch between base, now and their difference, and all heads at once do what they say. Numbers are read from the
//! accessible tables, never from pixels.

use crate::browser::{Browser, Seen, expect, visit};
use crate::page::Page;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SHORT: &str =
    "v=1&steps=600&batch_size=8&window=32&warmup=4&learning_rate=0.003&evaluate_every=20&evaluation_windows=2&sample_every=100";
const TEXT: &str = include_str!("../../../static/samples/verse.txt");
/// Two weights of three digits, each rounded.
const ROUNDING: f64 = 0.0021;

/// Links of the attention table: (head, query, key) and weight, or change.
type Links = BTreeMap<(u64, u64, u64), f64>;

async fn links(page: &Page) -> Seen<Links> {
    let script = "return [...document.querySelectorAll('[data-testid=attention-table] tbody tr')].map(row =>
        ['head', 'query', 'key', 'weight'].map(name => Number(row.dataset[name])))";
    let rows = page.script(script, vec![]).await?;
    let number = |row: &Value, at: usize| row[at].as_f64().unwrap_or(f64::NAN);
    let place = |row: &Value, at: usize| number(row, at) as u64;
    Ok(rows.as_array().into_iter().flatten().map(|row| ((place(row, 0), place(row, 1), place(row, 2)), number(row, 3))).collect())
}

async fn step(page: &Page) -> f64 {
    page.attribute("history-step", "data-step").await.parse().unwrap_or(f64::NAN)
}

async fn slide_to(page: &Page, index: usize) -> Seen {
    let script = "const slider = document.querySelector('[data-testid=history-slider]');
        slider.value = arguments[0]; slider.dispatchEvent(new Event('input', { bubbles: true }))";
    page.script(script, vec![json!(index)]).await?;
    Ok(())
}

/// Waits until the table's rows are of this step: they follow a moving slider when it rests.
async fn table_of(page: &Page, step: f64) -> Seen {
    page.until("the table follows", async || page.attribute("attention-table", "data-step").await.parse() == Ok(step)).await
}

async fn frames(page: &Page) -> usize {
    page.attribute("history-slider", "max").await.parse::<usize>().unwrap_or(0) + 1
}

/// A run of some steps on a text of our own, paused.
async fn learn(page: &Page) -> Seen {
    page.drop_file("drop", "mine.txt", TEXT).await?;
    page.until_text("text-title", "names the file", |title| title.contains("mine.txt")).await?;
    page.until("a run can start", async || page.is("idle").await).await?;
    page.write("pin-sentence", "The night is dark and the night is long").await?;
    page.script("document.activeElement.blur()", vec![]).await?;
    page.click("run-button").await?;
    page.until("some steps are recorded", async || page.steps().await >= 40.0 && frames(page).await >= 4).await?;
    page.click("run-button").await?;
    page.until("it is paused", async || page.is("paused").await).await?;
    page.click("attention-fold").await?;
    page.until("the table is there", async || links(page).await.is_ok_and(|links| links.len() > 5)).await
}

async fn slider_moves_the_views(page: &Page) -> Seen {
    learn(page).await?;
    let last = step(page).await;
    table_of(page, last).await?;
    let now = links(page).await?;
    page.click("history-base").await?;
    page.until("the base is shown", async || step(page).await == 0.0).await?;
    table_of(page, 0.0).await?;
    let base = links(page).await?;
    expect(base != now, "attention has not changed in forty steps")?;

    slide_to(page, frames(page).await - 1).await?;
    page.until("the newest is shown", async || step(page).await == last).await?;
    table_of(page, last).await?;
    expect(links(page).await? == now, "the slider's end is not what `now` shows")?;
    slide_to(page, 1).await?;
    let between = step(page).await;
    expect(between > 0.0 && between < last, format!("the second frame is of step {between}"))?;
    slide_to(page, 0).await?;
    table_of(page, 0.0).await?;
    expect(links(page).await? == base, "the slider's beginning is not what `base` shows")?;
    expect(!page.attribute("history-loss-line", "aria-label").await.is_empty(), "the line of the loss has no name")?;
    let early = page.number("history-loss").await;
    slide_to(page, frames(page).await - 1).await?;
    page.until("the loss of the sentence follows the slider", async || page.number("history-loss").await != early).await?;

    // The matrix and all heads are of the same step.
    slide_to(page, 0).await?;
    page.click("view-matrix").await?;
    expect(page.attribute("matrix-picture", "aria-label").await.contains("step 0"), "the matrix is of another step")?;
    page.click("view-all-heads").await?;
    expect(page.attribute("all-heads-picture", "aria-label").await.contains("step 0"), "the small pictures are of another step")?;
    page.screenshot("1-all-heads").await?;
    page.click("history-now").await?;
    page.until("now is shown again", async || step(page).await == last).await
}

async fn difference_is_now_minus_base(page: &Page) -> Seen {
    learn(page).await?;
    table_of(page, step(page).await).await?;
    let now = links(page).await?;
    page.click("history-base").await?;
    page.until("the base is shown", async || step(page).await == 0.0).await?;
    table_of(page, 0.0).await?;
    let base = links(page).await?;
    page.click("history-difference").await?;
    page.until("the difference is shown", async || page.attribute("attention-table", "data-moment").await == "difference").await?;
    expect(step(page).await > 0.0, "the base is compared with itself")?;
    table_of(page, step(page).await).await?;
    let difference = links(page).await?;
    page.screenshot("2-difference").await?;
    let known = difference.iter().filter_map(|(place, change)| Some((place, change, now.get(place)? - base.get(place)?)));
    let known: Vec<_> = known.filter(|(place, _, _)| place.1 > 0).collect();
    println!("{} of {} changes can be checked: {known:?}", known.len(), difference.len());
    expect(known.len() >= 3, "too few links are in all three tables")?;
    let wrong: Vec<_> = known.iter().filter(|(_, change, wanted)| (*change - wanted).abs() > ROUNDING).collect();
    expect(wrong.is_empty(), format!("the difference is not now minus base: {wrong:?}"))?;
    expect(difference.values().any(|change| *change < 0.0), "nothing became less, although every row adds up to one")?;
    let scale: f64 = page.attribute("difference-scale", "data-scale").await.parse()?;
    let largest = difference.values().fold(0.0_f64, |largest, change| largest.max(change.abs()));
    expect(largest <= scale + ROUNDING, format!("a change of {largest} on a scale that ends at {scale}"))?;

    // The head that moved most is one click away, and first among all heads sorted by change.
    page.until("the engine has compared the weights", async || page.attribute("moved-most", "data-exact").await == "true").await?;
    let moved = [page.attribute("moved-0", "data-layer").await, page.attribute("moved-0", "data-head").await];
    let distance: f64 = page.attribute("moved-0", "data-distance").await.parse()?;
    expect(distance > 0.03 && distance <= 1.0, format!("the head that moved most moved by {distance}"))?;
    page.click("moved-0").await?;
    let place = moved.iter().map(|number| number.parse::<usize>().map(|number| number + 1)).collect::<Result<Vec<_>, _>>()?;
    let chosen = page.attribute(&format!("layer-{}", place[0]), "aria-checked").await;
    let pressed = page.attribute(&format!("head-chip-{}", place[1]), "aria-pressed").await;
    expect(chosen == "true" && pressed == "true", "a click does not show the head that moved most")?;
    page.click("view-all-heads").await?;
    page.script(
        "const sort = document.querySelector('[data-testid=all-heads-sort]'); sort.value = 'change'; \
         sort.dispatchEvent(new Event('change', { bubbles: true }))",
        vec![],
    )
    .await?;
    page.click("heads-fold").await?;
    let script = "return [...document.querySelectorAll('[data-testid=heads-table] tbody tr')].map(row => Number(row.dataset.change))";
    let rows = async || -> Vec<f64> {
        let rows = page.script(script, vec![]).await.unwrap_or_default();
        rows.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
    };
    page.until("the table is filled", async || rows().await.len() >= 4).await?;
    let changes = rows().await;
    expect(changes.len() >= 4 && changes.windows(2).all(|pair| pair[0] >= pair[1]), format!("not sorted by change: {changes:?}"))?;
    // The list is of the newest picture, the engine's of the model as it is, perhaps some steps later.
    expect((changes[0] - distance).abs() < 0.15, format!("the list has {} where the engine has {distance}", changes[0]))?;
    page.click("history-now").await?;
    page.until("no difference is left", async || !page.shows("moved-most").await).await?;

    // A run that rests is measured, and its heads get a role.
    page.until("the heads are measured", async || page.shows("roles-measured").await).await?;
    page.click("view-heads").await?;
    page.until("a head has a role", async || !page.attribute("head-sentence", "data-role").await.is_empty()).await?;
    page.screenshot("3-roles").await
}

/// Data attributes of the table of numbers.
async fn numbers(page: &Page, name: &str) -> Seen<Vec<f64>> {
    let script = "return [...document.querySelectorAll('[data-testid=numbers-table] tr')].map(row => row.dataset[arguments[0]])
        .filter(value => value !== undefined && value !== '').map(Number)";
    let rows = page.script(script, vec![json!(name)]).await?;
    Ok(rows.as_array().into_iter().flatten().filter_map(Value::as_f64).collect())
}

/// Waits until a view's picture is of the moments that the slider shows; returns its step, and the one that is subtracted.
async fn settled(page: &Page, view: &str, minus: bool) -> Seen<(f64, Option<f64>)> {
    page.until("the view has followed the slider", async || {
        let subtracts = !page.attribute(view, "data-minus").await.is_empty();
        let waits = page.script("return document.querySelectorAll('.ask-view[data-stale]').length", vec![]).await;
        subtracts == minus && waits.is_ok_and(|waits| waits == json!(0)) && !page.attribute(view, "data-step").await.is_empty()
    })
    .await?;
    let step = page.attribute(view, "data-step").await.parse()?;
    Ok((step, page.attribute(view, "data-minus").await.parse().ok()))
}

async fn slider_moves_the_numbers(page: &Page) -> Seen {
    learn(page).await?;
    page.click("view-arithmetic").await?;
    page.click("numbers-fold").await?;
    let (last, _) = settled(page, "arithmetic", false).await?;
    let now = numbers(page, "weight").await?;
    page.click("history-base").await?;
    page.until("the base's numbers are there", async || page.attribute("arithmetic", "data-step").await == "0").await?;
    expect(settled(page, "arithmetic", false).await? == (0.0, None), "the base is not step 0")?;
    let base = numbers(page, "weight").await?;
    expect(now.len() > 3 && now.len() == base.len() && now != base, "the numbers have not changed in forty steps")?;

    // In the later half, where the base cannot be the nearest step whose weights are at hand.
    let later = frames(page).await * 3 / 4;
    slide_to(page, later).await?;
    page.until("numbers of a step between", async || page.attribute("arithmetic", "data-step").await != "0").await?;
    let (between, _) = settled(page, "arithmetic", false).await?;
    let (asked, said) = (step(page).await, page.text("asked-state").await);
    expect(between > 0.0 && between <= last, format!("step {between} of {last}"))?;
    expect(between == asked || said.contains(&format!("step {asked}")), format!("nothing says that {asked} became {between}: {said}"))?;

    page.click("history-now").await?;
    page.click("history-difference").await?;
    let (to, from) = settled(page, "arithmetic", true).await?;
    expect((to, from) == (last, Some(0.0)), format!("the difference is of {to} and {from:?}"))?;
    let difference = numbers(page, "weight").await?;
    let worst = difference.iter().zip(now.iter().zip(&base)).map(|(change, (now, base))| (change - (now - base)).abs()).fold(0.0, f64::max);
    expect(difference.len() == now.len() && worst < 2e-4, format!("the difference is not now minus base: {difference:?}"))?;
    page.screenshot("1-arithmetic-difference").await?;

    page.click("view-flow").await?;
    page.click("numbers-fold").await?;
    expect(settled(page, "flow", true).await? == (last, Some(0.0)), "the flow's difference is of other steps")?;
    let difference = numbers(page, "embedding").await?;
    let shares = numbers(page, "probability").await?;
    expect(shares.windows(2).all(|pair| pair[0].abs() >= pair[1].abs()), format!("not the largest changes first: {shares:?}"))?;
    page.screenshot("2-flow-difference").await?;
    page.click("history-now").await?;
    settled(page, "flow", false).await?;
    let now = numbers(page, "embedding").await?;
    page.click("history-base").await?;
    page.until("the base's flow is there", async || page.attribute("flow", "data-step").await == "0").await?;
    let base = numbers(page, "embedding").await?;
    let worst = difference.iter().zip(now.iter().zip(&base)).map(|(change, (now, base))| (change - (now - base)).abs()).fold(0.0, f64::max);
    expect(now.len() > 3 && worst < 1e-3, format!("the flow's difference is not now minus base: {difference:?}"))?;
    expect(page.overflow().await? <= 0.0, "the page is too wide")
}

#[test]
fn the_slider_moves_arithmetic_and_flow() {
    visit(Browser::ChromiumCpu, "moments", SHORT, slider_moves_the_numbers);
}

/// The steps that the slider leads to, each with the strongest links of its frame.
async fn whole_past(page: &Page) -> Seen<Vec<(f64, Links)>> {
    let mut past = Vec::new();
    for index in 0..frames(page).await {
        slide_to(page, index).await?;
        let shown = step(page).await;
        table_of(page, shown).await?;
        past.push((shown, links(page).await?));
    }
    Ok(past)
}

async fn past_survives_a_reload(page: &Page) -> Seen {
    learn(page).await?;
    // A head of the visitor's choice, which the address keeps: left alone, the page chooses one that fits the newest frame.
    page.click("layer-2").await?;
    page.until("the address knows it", async || page.location().await.is_ok_and(|address| address.contains("layer=2"))).await?;
    let before = whole_past(page).await?;
    page.reload().await?;
    page.until("the page offers to go on", async || page.shows("resume").await).await?;
    page.click("resume-run").await?;
    page.until("the run is back", async || page.is("running").await || page.is("paused").await).await?;
    if page.is("running").await {
        page.click("run-button").await?;
        page.until("it is paused", async || page.is("paused").await).await?;
    }
    page.until("its past is back", async || frames(page).await >= before.len()).await?;
    page.click("attention-fold").await?;
    page.until("the table is there", async || links(page).await.is_ok_and(|links| links.len() > 5)).await?;
    let after = whole_past(page).await?;
    let steps = |past: &[(f64, Links)]| past.iter().map(|(step, _)| *step).collect::<Vec<_>>();
    println!("steps before {:?}, after {:?}", steps(&before), steps(&after));
    let lost: Vec<_> = before.iter().filter(|(step, _)| !after.iter().any(|(other, _)| other == step)).map(|(step, _)| *step).collect();
    expect(lost.is_empty(), format!("after the reload the past has lost the steps {lost:?}"))?;
    let changed = before.iter().filter(|(step, links)| !after.iter().any(|(other, rows)| other == step && rows == links)).count();
    expect(changed == 0, format!("{changed} of {} frames came back changed", before.len()))
}

#[test]
fn the_past_survives_a_reload() {
    visit(Browser::ChromiumCpu, "past", SHORT, past_survives_a_reload);
}

#[test]
fn the_slider_moves_all_views() {
    visit(Browser::ChromiumCpu, "slider", SHORT, slider_moves_the_views);
}

#[test]
fn the_difference_is_now_minus_base() {
    visit(Browser::ChromiumCpu, "difference", SHORT, difference_is_now_minus_base);
}
