//! Try it, for labelled texts: a text is typed, and what the model says of it follows: probabilities of classes, a number, marks, a text. A file of texts
//! gets a table (`batch`).
//!
//! In: typing. Out: `Predict`, one question at a time; while a run learns, the same text is asked about again after each epoch. Test ids:
//! `try-text`, `try-example-N`, `try-second`, `class-probabilities` (rows carry `data-class`, `data-probability`), `try-others`,
//! `try-score`, `try-marked` (marks carry `data-kind`), `try-written`, `try-step`.

use super::batch::Batch;
use super::marks::{Mark, Piece, marked_pieces};
use crate::page::conductor::Conductor;
use crate::page::format::percent;
use crate::page::probe::decide_view::Decide;
use crate::page::state::{Part, Said, Stage};
use crate::page::strings::label_words;
use crate::page::table_in::roles::has_second;
use crate::page::widgets::roving::{self, first_stop};
use crate::protocol::labels::{LabelAnswer, TextAnswer};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// Milliseconds after the last key before the model is asked.
const ASK_AFTER_MILLIS: u32 = 180;
/// Classes on show.
const MOST_CLASSES: usize = 8;

/// What is shown of an answer to a typed text.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    /// Classes with their probabilities, likeliest first.
    classes: Vec<(String, f32)>,
    /// How many classes are not on show, and the probability of the likeliest of them.
    others: Option<(usize, f32)>,
    score: Option<f64>,
    /// The text in pieces, marked and not.
    pieces: Vec<Piece>,
    written: Option<String>,
    step: u32,
    windows: u32,
    cut: bool,
}

/// The answer to the first text.
fn shown(said: &Said) -> Option<Shown> {
    let LabelAnswer::Predicted { step, classes, predictions, .. } = said.answer.as_ref() else { return None };
    let prediction = predictions.first()?.as_ref()?;
    let text = said.texts.first()?;
    let (windows, cut) = (prediction.windows, prediction.cut);
    let mut shown = Shown { classes: Vec::new(), others: None, score: None, pieces: Vec::new(), written: None, step: *step, windows, cut };
    match &prediction.answer {
        TextAnswer::Class { probabilities, .. } | TextAnswer::Classes { probabilities, .. } => {
            shown.classes = classes.iter().cloned().zip(probabilities.iter().copied()).collect();
            shown.classes.sort_by(|a, b| b.1.total_cmp(&a.1));
            let rest = shown.classes.split_off(MOST_CLASSES.min(shown.classes.len()));
            shown.others = (!rest.is_empty()).then(|| (rest.len(), rest.first().map_or(0.0, |most| most.1)));
        }
        TextAnswer::Score { value } => shown.score = Some(*value),
        TextAnswer::Tags { words } => shown.pieces = marked_pieces(text, words, classes),
        TextAnswer::Text { text } => shown.written = Some(text.clone()),
    }
    Some(shown)
}

/// Text, probabilities, file. `text` is what is in the box.
#[component]
pub fn TryLabels(conductor: Conductor, text: RwSignal<String>) -> impl IntoView {
    let store = conductor.store;
    let own = &label_words().trying;
    let second = RwSignal::new(String::new());
    let timer = StoredValue::new_local(None::<Timeout>);
    let pair = Memo::new(move |_| {
        let columns = conductor.settings.labels.with(|config| config.as_ref().map(|config| config.choice.columns.clone()));
        columns.is_some_and(|columns| has_second(columns.task) && columns.second.is_some())
    });
    let beside = Signal::derive(move || pair.get().then(|| second.get()));
    let ready = move || {
        store.follow(Part::Engine);
        store.with(Part::Plan, |state| state.engine_ready && state.labels.plan.is_some())
    };
    let ask = move || {
        let waits = store.peek(|state| state.labels.prediction.waits || !state.engine_ready || state.labels.plan.is_none());
        let typed = text.get_untracked();
        if !waits && !typed.trim().is_empty() {
            let seconds = if pair.get_untracked() { vec![second.get_untracked()] } else { Vec::new() };
            store.predict(vec![typed], seconds);
        }
    };
    // The marked word that "Which words decided?" asks about: the one that was pressed, else the first.
    let pressed = RwSignal::new(None::<usize>);
    let type_it = move |typed: String| {
        pressed.set(None);
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
            (prediction.waits, latest.map(|said| (said.texts.first().cloned(), said.seconds.first().cloned())).zip(step))
        });
        let (step, fault) = store.peek(|state| {
            let moved = state.labels.epochs.last().map_or(0, |epoch| epoch.step);
            let moved = if matches!(state.stage, Stage::Finished(_)) { state.steps_done().max(moved) } else { moved };
            (moved, state.labels.prediction.fault.is_some())
        });
        let current = answered.is_some_and(|((asked, beside), at)| {
            asked == Some(text.get_untracked()) && beside.is_none_or(|beside| beside == second.get_untracked()) && at >= step
        });
        if !waits && !current && !fault {
            timer.set_value(Some(Timeout::new(ASK_AFTER_MILLIS, ask)));
        }
    });
    let answer = Memo::new(move |_| store.with(Part::Prediction, |state| state.labels.prediction.latest.as_ref().and_then(shown)));
    let lacks = move |of: fn(&Shown) -> bool| answer.with(|answer| answer.as_ref().is_none_or(of));
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
        answer.get().map(|shown| shown.classes.into_iter().map(bar).collect_view())
    };
    // Later steps mostly leave the marks as they are, and then also the focus on one of them.
    let pieces = Memo::new(move |_| answer.with(|answer| answer.as_ref().map(|shown| shown.pieces.clone()).unwrap_or_default()));
    let chosen = Memo::new(move |_| {
        let pressed = pressed.get();
        pieces.with(|pieces| {
            let marks = || pieces.iter().filter_map(|piece| piece.mark.as_ref());
            marks().find(|mark| Some(mark.first) == pressed).or_else(|| marks().next()).cloned()
        })
    });
    let marked = move || {
        let mut marks = 0;
        let piece = |Piece { text, mark }: Piece| match mark {
            Some(Mark { kind, first, .. }) => {
                let stop = first_stop(marks);
                marks += 1;
                let is_chosen = move || {
                    if chosen.with(|chosen| chosen.as_ref().is_some_and(|chosen| chosen.first == first)) { "true" } else { "false" }
                };
                view! {
                    <button type="button" class="word-mark" tabindex=stop title=own.ask_mark aria-pressed=is_chosen on:click=move |_| pressed.set(Some(first))>
                        <mark data-kind=kind.clone()>{text}<small>{kind.clone()}</small></mark>
                    </button>
                }
                .into_any()
            }
            None => view! { <span>{text}</span> }.into_any(),
        };
        pieces.get().into_iter().map(piece).collect_view()
    };
    let others = move || answer.with(|answer| answer.as_ref()?.others).map(|(classes, most)| (own.others)(classes, most.into()));
    let score = move || answer.get().and_then(|shown| shown.score).map(|score| format!("{score:.3}"));
    let written = move || {
        let written = answer.get().and_then(|shown| shown.written)?;
        Some(if written.is_empty() { own.nothing.to_owned() } else { written })
    };
    let notes = move || {
        let shown = answer.get()?;
        store.follow(Part::Report);
        let kept =
            store.with(Part::Epochs, |state| state.labels.kept().filter(|(_, step)| *step == state.labels.step_of_model(shown.step)));
        let mut said = vec![match kept {
            _ if shown.step == 0 => own.untrained.to_owned(),
            Some((epoch, step)) => (own.kept)(epoch, step),
            None => (own.after)(shown.step),
        }];
        if shown.windows > 1 {
            said.push((own.windows)(shown.windows));
        }
        if shown.cut {
            said.push((own.cut)(shown.written.is_some()).to_owned());
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
            <Show when=move || pair.get()>
                <textarea
                    class="field second"
                    rows="2"
                    maxlength="20000"
                    data-testid="try-second"
                    aria-label=own.second
                    placeholder=own.second
                    prop:value=second
                    on:input:target=move |event| {
                        second.set(event.target().value());
                        timer.set_value(Some(Timeout::new(ASK_AFTER_MILLIS, ask)));
                    }
                ></textarea>
            </Show>
            <ul class="class-counts probabilities" data-testid="class-probabilities" hidden=move || empty() || lacks(|shown| shown.classes.is_empty())>{bars}</ul>
            <p class="small" data-testid="try-others" hidden=move || empty() || others().is_none()>{others}</p>
            <p
                class="marked-text"
                data-testid="try-marked"
                hidden=move || empty() || lacks(|shown| shown.pieces.is_empty())
                on:keydown=move |event| roving::on_key(&event)
                on:focusin=move |event| roving::on_focus(&event)
            >
                {marked}
            </p>
            <p class="try-score" data-testid="try-score" hidden=move || empty() || score().is_none()>{score}</p>
            <p class="story" data-testid="try-written" hidden=move || empty() || written().is_none()>{written}</p>
            <p class="small" data-testid="try-step" hidden=empty>{notes}</p>
            <Decide store text second=beside chosen=chosen.into()/>
            <Show when=move || !examples().is_empty()>
                <p class="small">{own.examples}</p>
                <ul class="pills">{move || examples().into_iter().take(6).enumerate().map(example).collect_view()}</ul>
            </Show>
            <Batch conductor pair/>
        </div>
    }
}

/// The beginning of a text, for a button.
fn short(text: &str) -> String {
    const MOST: usize = 34;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::labels::TextPrediction;
    use std::rc::Rc;

    fn said(answer: TextAnswer, classes: &[&str]) -> Said {
        let prediction = TextPrediction { answer, tokens: 3, windows: 1, cut: false, right: None };
        let answer = LabelAnswer::Predicted {
            run: 1,
            step: 7,
            classes: classes.iter().map(|class| (*class).to_owned()).collect(),
            predictions: vec![Some(prediction), None],
            figures: None,
            findings: Vec::new(),
        };
        Said { texts: vec!["a \"fine\" day".to_owned(), " ".to_owned()], seconds: Vec::new(), answer: Rc::new(answer) }
    }

    fn class() -> Said {
        said(TextAnswer::Class { class: 1, probabilities: vec![0.25, 0.75] }, &["bad", "good, really"])
    }

    #[test]
    fn classes_are_shown_likeliest_first() {
        let shown = shown(&class()).unwrap();
        assert_eq!((shown.classes[0].0.as_str(), shown.classes[0].1, shown.step), ("good, really", 0.75, 7));
    }

    #[test]
    fn classes_that_are_not_on_show_are_counted() {
        let names: Vec<String> = (0..11).map(|class| format!("class {class}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let probabilities: Vec<f32> = (0..11).map(|class| class as f32 / 64.0).collect();
        let shown = shown(&said(TextAnswer::Class { class: 10, probabilities }, &names)).unwrap();
        assert_eq!((shown.classes.len(), shown.others), (MOST_CLASSES, Some((3, 2.0 / 64.0))));
        assert_eq!(super::shown(&class()).unwrap().others, None);
    }

    #[test]
    fn long_texts_are_short_on_buttons() {
        assert_eq!(short("short"), "short");
        assert_eq!(short(&"x".repeat(50)).chars().count(), 34);
    }
}
