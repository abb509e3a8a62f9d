//! How fast the attention pictures are drawn: a sentence of 64 tokens in 6 layers of 8 heads, the pointer moving over each picture, then the slider
//! dragged through the recorded steps. The pointer is the browser's own, moved 60 times a second; frames are counted in the page.
//!
//! Out: median, 95th percentile and worst time between frames, and tasks over 50 ms, printed. The limits leave room for a machine that does other
//! work beside this; figures of a quiet one stand in docs/benchmarks.md.

use crate::browser::{Browser, Seen, expect, visit};
use crate::page::Page;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Letter by letter, so that a sentence has as many tokens as letters.
const MODEL: &str = "v=1&start=scratch&tokenizer=characters&n_layer=6&n_head=8&n_embd=64&n_ctx=128&steps=6000&batch_size=4&window=32&warmup=4\
                     &learning_rate=0.006&evaluate_every=500&evaluation_windows=1&sample_every=1000";
const SENTENCE: &str =
    "It was late, and the lamp over the door of the house was lit. I saw her at the window, and she looked not at the road but at the sea.";
/// Moves of one measurement: four seconds.
const MOVES: u32 = 240;
const PER_SECOND: f64 = 60.0;
/// Between the pause and the first measurement.
const REST: Duration = Duration::from_secs(4);

/// From here on every frame and every long task is noted.
const WATCH: &str = "
    const seen = window.seen = { frames: [], long: [], on: true };
    seen.observer = new PerformanceObserver(list => { for (const task of list.getEntries()) seen.long.push(Math.round(task.duration)) });
    seen.observer.observe({ type: 'longtask' });
    let last = 0;
    const tick = now => { if (!seen.on) return; if (last) seen.frames.push(now - last); last = now; requestAnimationFrame(tick) };
    requestAnimationFrame(tick)";
const STOP: &str = "const seen = window.seen; seen.on = false; seen.observer.disconnect(); return [seen.frames, seen.long]";

/// Times between frames, sorted, milliseconds.
struct Frames(Vec<f64>);

impl Frames {
    fn at(&self, share: f64) -> f64 {
        let place = ((self.0.len() as f64 - 1.0) * share).round() as usize;
        self.0.get(place).copied().unwrap_or(f64::NAN)
    }

    fn over(&self, millis: f64) -> usize {
        self.0.iter().filter(|&&time| time > millis).count()
    }
}

/// The limits of one measurement.
#[derive(Clone, Copy)]
struct Limits {
    median: f64,
    /// Share of frames over 50 ms.
    late: f64,
}

/// Moves the pointer `MOVES` times along a path through the element, 60 times a second; `held`: with the button down, from the path's start to its end.
async fn moves(page: &Page, what: &str, id: &str, held: bool, limits: Limits, path: impl Fn(f64) -> (f64, f64)) -> Seen {
    let script = "const part = document.querySelector(`[data-testid=\"${arguments[0]}\"]`); part.scrollIntoView({ block: 'center' });
        const box = part.getBoundingClientRect(); return [box.x, box.y, box.width, box.height]";
    let frame = page.script(script, vec![json!(id)]).await?;
    let side = |at: usize| frame[at].as_f64().unwrap_or(f64::NAN);
    let mouse = async |kind: &str, seconds: f64| {
        let (x, y) = path(seconds);
        let (x, y) = (side(0) + side(2) * x, side(1) + side(3) * y);
        let (button, pressed) = if held { ("left", 1) } else { ("none", 0) };
        page.devtools(
            "Input.dispatchMouseEvent",
            json!({ "type": kind, "x": x, "y": y, "button": button, "buttons": pressed, "clickCount": pressed }),
        )
        .await
    };
    mouse("mouseMoved", 0.0).await?;
    if held {
        mouse("mousePressed", 0.0).await?;
    }
    page.script(WATCH, vec![]).await?;
    let began = Instant::now();
    for step in 1..=MOVES {
        let seconds = f64::from(step) / PER_SECOND;
        sleep_until(began + Duration::from_secs_f64(seconds)).await;
        mouse("mouseMoved", seconds).await?;
    }
    let seen = page.script(STOP, vec![]).await?;
    if held {
        mouse("mouseReleased", f64::from(MOVES) / PER_SECOND).await?;
    }
    let mut times: Vec<f64> = seen[0].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    times.sort_by(f64::total_cmp);
    let frames = Frames(times);
    println!(
        "{what}: {} frames, median {:.1} ms, 95th percentile {:.1} ms, worst {:.1} ms, {} over 33.4 ms, long tasks {}",
        frames.0.len(),
        frames.at(0.5),
        frames.at(0.95),
        frames.at(1.0),
        frames.over(33.4),
        seen[1]
    );
    expect(frames.0.len() > 60, format!("{what}: only {} frames in four seconds", frames.0.len()))?;
    expect(frames.at(0.5) <= limits.median, format!("{what}: a frame takes {:.1} ms", frames.at(0.5)))?;
    let late = frames.over(50.5) as f64 / frames.0.len() as f64;
    expect(late <= limits.late, format!("{what}: {:.1} % of the frames take more than 50 ms", late * 100.0))
}

/// Hovers over the view's picture, then drags the slider from now to the base and back.
async fn both(page: &Page, what: &str, picture: &str, limits: Limits) -> Seen {
    tokio::time::sleep(Duration::from_millis(500)).await;
    let around = |seconds: f64| (0.5 + 0.46 * (seconds * 2.1).sin(), 0.5 + 0.46 * (seconds * 3.3).sin());
    moves(page, &format!("{what}, hovering"), picture, false, limits, around).await?;
    let along = |seconds: f64| (0.5 + 0.47 * (seconds * 1.7).cos(), 0.5);
    moves(page, &format!("{what}, dragging the slider"), "history-slider", true, limits, along).await
}

async fn draws(page: &Page, tokens: usize, limits: Limits) -> Seen {
    page.until("a run can start", async || page.is("idle").await).await?;
    let sentence: String = SENTENCE.chars().take(tokens).collect();
    page.pin(&sentence).await?;
    page.click("run-button").await?;
    let recorded = async || page.attribute("history-slider", "max").await.parse::<u32>().unwrap_or(0) >= 16;
    page.until("the past is recorded", async || page.steps().await >= 120.0 && recorded().await).await?;
    page.click("run-button").await?;
    page.until("it is paused", async || page.is("paused").await).await?;
    // A run that rests has its heads measured first.
    page.until("the heads are measured", async || page.shows("roles-measured").await).await?;
    // The run is saved after its pause; that is no part of drawing.
    tokio::time::sleep(REST).await;
    let shown = page.script("return document.querySelectorAll('[data-testid^=token-query-]').length", vec![]).await?;
    expect(shown == json!(tokens), format!("the sentence has {shown} tokens"))?;

    both(page, "one head", "heads-picture", limits).await?;
    let all = "for (const chip of document.querySelectorAll('[data-testid^=head-chip-]')) if (chip.ariaPressed != 'true') chip.click()";
    page.script(all, vec![]).await?;
    both(page, "eight heads", "heads-picture", limits).await?;
    page.screenshot(&format!("{tokens}-heads")).await?;
    page.click("view-matrix").await?;
    both(page, "matrix", "matrix-picture", limits).await?;
    page.click("view-all-heads").await?;
    both(page, "all heads", "all-heads-picture", limits).await?;
    page.screenshot(&format!("{tokens}-all-heads")).await
}

#[test]
fn sixty_four_tokens_are_drawn_sixty_times_a_second() {
    visit(Browser::ChromiumCpu, "drawing", MODEL, async |page| draws(page, 64, Limits { median: 20.0, late: 0.02 }).await);
}

#[test]
fn a_hundred_and_twenty_eight_tokens_can_be_used() {
    visit(Browser::ChromiumCpu, "drawing-long", MODEL, async |page| draws(page, 128, Limits { median: 34.0, late: 0.35 }).await);
}
