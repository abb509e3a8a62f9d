//! A large table: 20,000 rows of some 130 tokens are read, counted and cut into tokens in the worker. It is told how far it is, it can be ended, and the
//! page stays awake. The rows are made in the page by a generator.
//!
//! Out: seconds from the drop to the tokens, by the wall's clock and of the worker's processor time, and the longest task of the page's main thread, printed.

use crate::browser::{Browser, Seen, expect, visit};
use crate::page::{Page, first_number};
use serde_json::{Value, json};
use std::fs;

const ROWS: u32 = 20_000;
/// Words of a row: each one that follows its predecessor somewhere in the samples.
const WORDS: u32 = 64;
/// Milliseconds that one task of the main thread may take here. The aim is 50; a machine that does other work beside this stops a task in its midst.
const LONGEST_TASK: f64 = 150.0;
/// Seconds of the worker's processor time from the drop to the tokens.
const LONGEST_WORK: f64 = 5.0;

const MAKE: &str = "return (async () => {
    const names = ['comments', 'minutes', 'recipes', 'tales', 'verse'];
    const texts = await Promise.all(names.map(name => fetch(`samples/${name}.txt`).then(answer => answer.text())));
    const words = texts.join(' ').split(/\\s+/).filter(Boolean);
    const places = new Map();
    words.forEach((word, at) => places.has(word) ? places.get(word).push(at) : places.set(word, [at]));
    let state = 1;
    const below = most => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor(state / 4294967296 * most) };
    const classes = ['praise', 'complaint', 'question', 'order', 'other'];
    const rows = ['text,label'];
    for (let row = 0; row < arguments[0]; row++) {
        let at = below(words.length), text = '';
        for (let word = 0; word < arguments[1]; word++) {
            text += words[at] + ' ';
            const next = places.get(words[at]);
            at = (next[below(next.length)] + 1) % words.length;
        }
        rows.push('\"' + text.replaceAll('\"', '\"\"') + below(100000) + '\",' + classes[below(classes.length)]);
    }
    window.rows = new File([rows.join('\\n')], 'rows.csv', { type: 'text/csv' });
    return window.rows.size;
})()";

/// Drops the file; notes when what the page says of its work changes, and tasks over 50 ms. `arguments[0]`: end it at the first word of progress.
const DROP: &str = "
    const cancel = arguments[0], seen = window.seen = { said: [], long: [], progress: 0 };
    new PerformanceObserver(list => { for (const task of list.getEntries()) seen.long.push(task.duration) }).observe({ type: 'longtask' });
    const began = performance.now(), part = id => document.querySelector(`[data-testid=\"${id}\"]`);
    let before = '';
    const look = () => {
        const now = part('phase')?.textContent ?? '';
        if (now !== before) seen.said.push([performance.now() - began, before = now]);
        if (part('table-reading')) {
            if (!seen.progress++ && cancel) part('table-cancel').click();
        }
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    const carried = new DataTransfer();
    carried.items.add(window.rows);
    for (const kind of ['dragenter', 'dragover', 'drop'])
        part('drop').dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }))";

/// Seconds of processor time of all dedicated workers on this machine, where the system tells them (Linux).
fn workers_seconds() -> Option<f64> {
    const TICKS: f64 = 100.0;
    let mut ticks = None;
    for process in fs::read_dir("/proc").ok()?.flatten() {
        for thread in fs::read_dir(process.path().join("task")).into_iter().flatten().flatten() {
            let named = fs::read_to_string(thread.path().join("comm")).is_ok_and(|name| name.starts_with("DedicatedWorker"));
            let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
            if let (true, Some((_, facts))) = (named, stat.rsplit_once(')')) {
                let spent: f64 = facts.split_whitespace().skip(11).take(2).filter_map(|spent| spent.parse::<f64>().ok()).sum();
                *ticks.get_or_insert(0.0) += spent;
            }
        }
    }
    ticks.map(|ticks| ticks / TICKS)
}

async fn longest_task(page: &Page) -> Seen<f64> {
    let tasks = page.script("return window.seen.long", vec![]).await?;
    Ok(tasks.as_array().into_iter().flatten().filter_map(Value::as_f64).fold(0.0, f64::max))
}

async fn reads_a_large_table(page: &Page) -> Seen {
    page.until("a run can start", async || page.is("idle").await).await?;
    let bytes = page.script(MAKE, vec![json!(ROWS), json!(WORDS)]).await?;
    println!("{ROWS} rows of {WORDS} words and a number, {bytes} bytes");

    let title = page.text("text-title").await;
    page.script(DROP, vec![json!(true)]).await?;
    page.until("progress is shown", async || page.script("return window.seen.progress", vec![]).await.is_ok_and(|seen| seen != json!(0)))
        .await?;
    page.until("the reading has ended", async || !page.shows("table-reading").await && page.is("idle").await).await?;
    expect(!page.shows("table").await && page.text("text-title").await == title, "a table whose reading was ended is open")?;

    let spent = workers_seconds();
    page.script(DROP, vec![json!(false)]).await?;
    let measures = async || page.text("phase").await.contains("measuring") && page.shows("table").await;
    page.until("all rows are cut into tokens", measures).await?;
    let spent = workers_seconds().zip(spent).map(|(now, then)| now - then);
    page.until("a run can start", async || page.is("idle").await).await?;
    expect(page.text("examples").await.contains("20,000 examples in 5 classes"), page.text("examples").await)?;
    let said = page.script("return window.seen.said", vec![]).await?;
    let at = |wanted: &str| said.as_array().into_iter().flatten().find(|said| said[1].as_str().is_some_and(|said| said.contains(wanted)));
    let millis = |wanted: &str| at(wanted).and_then(|said| said[0].as_f64()).unwrap_or(f64::NAN);
    let (cut, measured) = (millis("into tokens"), millis("measuring"));
    println!("from the drop: {cut:.0} ms until rows are cut into tokens, {measured:.0} ms until they are ({})", page.text("lengths").await);
    let longest = longest_task(page).await?;
    println!("the page's longest task: {longest:.0} ms; the worker's processor time: {spent:?} s, of which some measures the speed");
    expect(first_number(&page.text("lengths").await).is_some(), "the plan does not tell how long the rows are")?;
    expect(longest <= LONGEST_TASK, format!("a task of the main thread takes {longest:.0} ms"))?;
    expect(measured.is_finite() && spent.is_none_or(|spent| spent <= LONGEST_WORK), format!("it takes the worker {spent:?} s"))
}

#[test]
fn twenty_thousand_rows_are_read_while_the_page_stays_awake() {
    visit(Browser::ChromiumCpu, "large-table", "", reads_a_large_table);
}
