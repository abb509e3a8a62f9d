//! Try it, for labelled texts: a text is typed, and the probabilities of its classes follow; a file of texts gets a table.
//!
//! In: typing, a file. Out: `Predict`, one question at a time; while a run learns, the same text is asked about again after each epoch. Test ids:
//! `try-text`, `try-example-N`, `class-probabilities` (rows carry `data-class`, `data-probability`), `try-step`, `try-file`, `try-file-save`.

use crate::page::chart::save::save_text;
use crate::page::conductor::Conductor;
use crate::page::format::percent;
use crate::page::state::{Part, Said, Stage};
use crate::page::strings::label_words;
use crate::page::table_in::typed::lines;
use crate::protocol::labels::{LabelAnswer, TextPrediction};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

/// Milliseconds after the last key before the model is asked.
const ASK_AFTER_MILLIS: u32 = 180;
/// Classes on show.
const MOST_CLASSES: usize = 8;
/// Lines of a file that are read.
const MOST_LINES: usize = 5_000;

/// The likeliest classes of the first text, likeliest first, and the rest of the answer.
fn shown(said: &Said) -> Option<(Vec<(String, f32)>, u32, TextPrediction)> {
    let LabelAnswer::Predicted { step, classes, predictions, .. } = said.answer.as_ref() else { return None };
    let prediction = predictions.first()?.clone()?;
    let mut named: Vec<(String, f32)> = classes.iter().cloned().zip(prediction.probabilities.iter().copied()).collect();
    named.sort_by(|a, b| b.1.total_cmp(&a.1));
    named.truncate(MOST_CLASSES);
    Some((named, *step, prediction))
}

/// The answer to a file as CSV: text, class, probability.
fn table(said: &Said) -> Option<String> {
    let LabelAnswer::Predicted { classes, predictions, .. } = said.answer.as_ref() else { return None };
    let mut csv = "text,class,probability\r\n".to_owned();
    for (text, prediction) in said.texts.iter().zip(predictions) {
        let (class, probability) = match prediction {
            Some(prediction) => {
                let class = classes.get(prediction.class as usize).map_or("", String::as_str);
                let probability = prediction.probabilities.get(prediction.class as usize);
                (class, probability.map(|probability| format!("{probability:.4}")).unwrap_or_default())
            }
            None => ("", String::new()),
        };
        csv += &format!("{},{},{probability}\r\n", cell(text), cell(class));
    }
    Some(csv)
}

/// A cell as RFC 4180 has it.
fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// Text, probabilities, file.
#[component]
pub fn TryLabels(conductor: Conductor) -> impl IntoView {
    let store = conductor.store;
    let own = &label_words().trying;
    let text = RwSignal::new(String::new());
    let timer = StoredValue::new_local(None::<Timeout>);
    let ready = move || {
        store.follow(Part::Engine);
        store.with(Part::Plan, |state| state.engine_ready && state.labels.plan.is_some())
    };
    let ask = move || {
        let waits = store.peek(|state| state.labels.prediction.waits || !state.engine_ready || state.labels.plan.is_none());
        let typed = text.get_untracked();
        if !waits && !typed.trim().is_empty() {
            store.predict(vec![typed]);
        }
    };
    let type_it = move |typed: String| {
        text.set(typed);
        timer.set_value(Some(Timeout::new(ASK_AFTER_MILLIS, ask)));
    };
    // What was typed meanwhile, or what the model has learned since, is asked about when the last answer has come.
    Effect::new(move |_| {
        store.follow(Part::Epochs);
        store.follow(Part::Report);
        store.follow(Part::Plan);
        let (waits, answered) = store.with(Part::Prediction, |state| {
            let prediction = &state.labels.prediction;
            let latest = prediction.latest.as_ref();
            let step = latest.and_then(|said| match said.answer.as_ref() {
                LabelAnswer::Predicted { step, .. } => Some(*step),
                _ => None,
            });
            (prediction.waits, latest.and_then(|said| said.texts.first().cloned()).zip(step))
        });
        let (step, fault) = store.peek(|state| {
            let moved = state.labels.epochs.last().map_or(0, |epoch| epoch.step);
            let moved = if matches!(state.stage, Stage::Finished(_)) { state.steps_done().max(moved) } else { moved };
            (moved, state.labels.prediction.fault.is_some())
        });
        let current = answered.is_some_and(|(asked, at)| asked == text.get_untracked() && at >= step);
        if !waits && !current && !fault {
            timer.set_value(Some(Timeout::new(ASK_AFTER_MILLIS, ask)));
        }
    });
    let answer = Memo::new(move |_| store.with(Part::Prediction, |state| state.labels.prediction.latest.as_ref().and_then(shown)));
    let empty = move || text.with(|text| text.trim().is_empty());
    let bars = move || {
        let bar = |(name, probability): (String, f32)| {
            let share = f64::from(probability);
            view! {
                <li data-class=name.clone() data-probability=format!("{probability:.4}")>
                    <span class="class-name" title=name.clone()>{name.clone()}</span>
                    <span class="class-bar" aria-hidden="true"><i style:width=format!("{:.1}%", share * 100.0)></i></span>
                    <b>{percent(share)}</b>
                </li>
            }
        };
        answer.get().map(|(named, ..)| named.into_iter().map(bar).collect_view())
    };
    let notes = move || {
        let (_, step, prediction) = answer.get()?;
        let mut said = vec![if step == 0 { own.untrained.to_owned() } else { (own.after)(step) }];
        if prediction.windows > 1 {
            said.push((own.windows)(prediction.windows));
        }
        if prediction.cut {
            said.push(own.cut.to_owned());
        }
        Some(said.join(" · "))
    };
    let examples = move || conductor.scenarios.opened(conductor).map(|scenario| scenario.try_texts).unwrap_or_default();
    let example = move |(index, example): (usize, String)| {
        let shown = example.clone();
        view! {
            <li>
                <button type="button" class="pill" data-testid=format!("try-example-{index}") title=shown on:click=move |_| type_it(example.clone())>
                    {short(&example)}
                </button>
            </li>
        }
    };
    view! {
        <div class="try">
            <h3>{own.title}</h3>
            <textarea
                class="field"
                rows="2"
                maxlength="20000"
                data-testid="try-text"
                aria-label=own.prompt
                placeholder=move || if ready() { own.prompt } else { own.needs_plan }
                prop:value=text
                on:input:target=move |event| type_it(event.target().value())
            ></textarea>
            <ul class="class-counts probabilities" data-testid="class-probabilities" hidden=empty>{bars}</ul>
            <p class="small" data-testid="try-step" hidden=empty>{notes}</p>
            <Show when=move || !examples().is_empty()>
                <p class="small">{own.examples}</p>
                <ul class="pills">{move || examples().into_iter().take(6).enumerate().map(example).collect_view()}</ul>
            </Show>
            <Batch conductor/>
        </div>
    }
}

/// The beginning of a text, for a button.
fn short(text: &str) -> String {
    const MOST: usize = 34;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST - 1).chain(['…']).collect() }
}

/// A file of texts in, a table out.
#[component]
fn Batch(conductor: Conductor) -> impl IntoView {
    let store = conductor.store;
    let own = &label_words().trying;
    let too_many = RwSignal::new(false);
    let waits = store.memo(Part::Prediction, |state| state.labels.batch.waits.then_some(state.labels.batch_asked.len()));
    let done = store.memo(Part::Prediction, |state| {
        state.labels.batch.latest.as_ref().filter(|_| !state.labels.batch.waits).map(|said| said.texts.len())
    });
    let picked = move |event: web_sys::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            spawn_local(async move {
                let Ok(text) = JsFuture::from(file.text()).await else { return };
                let mut texts = lines(&text.as_string().unwrap_or_default());
                too_many.set(texts.len() > MOST_LINES);
                texts.truncate(MOST_LINES);
                if !texts.is_empty() {
                    store.predict_batch(texts, Vec::new());
                }
            });
        }
        input.set_value("");
    };
    let keep = move |_| {
        let csv = store.peek(|state| state.labels.batch.latest.as_ref().and_then(table));
        if let Some(csv) = csv {
            // A browser that refuses says so itself.
            let _ = save_text("classes.csv", &csv, "text/csv");
        }
    };
    let ready = move || store.with(Part::Plan, |state| state.labels.plan.is_some());
    view! {
        <details class="fold" data-testid="try-batch">
            <summary>{own.file}</summary>
            <p class="small">{own.file_note}</p>
            <input type="file" accept=".txt,text/plain" aria-label=own.file data-testid="try-file" disabled=move || !ready() on:change=picked/>
            <p class="small" role="status">
                {move || waits.get().map(own.file_wait)}
                {move || done.get().map(own.file_done)}
                {move || too_many.get().then(|| format!(" {}", (own.too_many)(MOST_LINES)))}
            </p>
            <button type="button" class="button small" data-testid="try-file-save" hidden=move || done.get().is_none() on:click=keep>{own.file_save}</button>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    fn said() -> Said {
        let prediction = TextPrediction { class: 1, probabilities: vec![0.25, 0.75], tokens: 3, windows: 1, cut: false };
        let answer = LabelAnswer::Predicted {
            run: 1,
            step: 7,
            classes: vec!["bad".to_owned(), "good, really".to_owned()],
            predictions: vec![Some(prediction), None],
            quality: None,
            findings: Vec::new(),
        };
        Said { texts: vec!["a \"fine\" day".to_owned(), " ".to_owned()], answer: Rc::new(answer) }
    }

    #[test]
    fn classes_are_shown_likeliest_first() {
        let (named, step, _) = shown(&said()).unwrap();
        assert_eq!((named[0].0.as_str(), named[0].1, step), ("good, really", 0.75, 7));
    }

    #[test]
    fn a_file_becomes_a_table_in_which_cells_are_quoted() {
        let csv = table(&said()).unwrap();
        assert_eq!(csv, "text,class,probability\r\n\"a \"\"fine\"\" day\",\"good, really\",0.7500\r\n ,,\r\n");
    }

    #[test]
    fn long_texts_are_short_on_buttons() {
        assert_eq!(short("short"), "short");
        assert_eq!(short(&"x".repeat(50)).chars().count(), 34);
    }
}
