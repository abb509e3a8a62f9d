//! "Which words decided?", below a typed text: each word coloured by what the answer, a mark or a written text loses or gains without it.
//!
//! In: the typed text, once its answer is there. Out: `Predict` or `Weigh` of the text without each word; the text as the pinned sentence. Test ids:
//! `decide-start`, `decide-pin`, `decide-state`, `decide-lead`, `decide-words` and `decide-second` (words carry `data-effect` and `data-leaning`), `decide-reading`,
//! `decide-table`.

use super::occlusion::{Decided, Leaning, MOST_WORDS, Occluded, Subject};
use crate::page::result::marks::Mark;
use crate::page::state::{Part, Source, Stage, Store};
use crate::page::strings::probe::{LeftOut, change, number, words};
use crate::page::widgets::roving::{self, first_stop};
use crate::protocol::labels::{LabelAnswer, TaggedWord, TextAnswer};
use leptos::prelude::*;
use std::ops::Range;

/// Under which the store keeps the answer.
const NAME: &str = "decide";

/// The second channel beside colour, and what tests read.
fn leaning_id(leaning: Leaning) -> &'static str {
    match leaning {
        Leaning::For => "for",
        Leaning::Against => "against",
        Leaning::Neither => "neither",
        Leaning::Alone => "alone",
    }
}

/// Buttons, words, table. `second`: the second text of a pair; none for tasks with one text. `chosen`: of several marks the one that is asked about.
#[component]
pub fn Decide(store: Store, text: RwSignal<String>, second: Signal<Option<String>>, chosen: Signal<Option<Mark>>) -> impl IntoView {
    let own = &words().decide;
    let asked = RwSignal::new(None::<Occluded>);
    let found = RwSignal::new(None::<Decided>);
    let failed = RwSignal::new(false);
    let reading = RwSignal::new(String::new());
    let pinned = RwSignal::new(None::<String>);
    // The text as it can be asked about: the answer on the screen is about what stands in the field, and rests on numbers.
    let occluded = Memo::new(move |_| {
        let (typed, beside, chosen) = (text.get(), second.get(), chosen.get());
        store.with(Part::Prediction, |state| {
            let said = state.labels.prediction.latest.as_ref().filter(|_| !state.labels.prediction.waits)?;
            let same = said.texts.first() == Some(&typed) && said.seconds.first() == beside.as_ref();
            let LabelAnswer::Predicted { predictions, .. } = said.answer.as_ref() else { return None };
            let answer = &predictions.first()?.as_ref().filter(|_| same)?.answer;
            let whole = Occluded::new(typed, beside);
            match answer {
                TextAnswer::Class { .. } | TextAnswer::Classes { .. } | TextAnswer::Score { .. } => Some(whole),
                TextAnswer::Text { text } => (!text.is_empty()).then(|| whole.about(Subject::Written { text: text.clone() })),
                TextAnswer::Tags { words } => {
                    let range = |word: &TaggedWord| word.start as usize..word.end as usize;
                    let mark = chosen?;
                    let first = words.get(mark.first)?;
                    let name = format!("{}: {}", whole.text.get(mark.span.clone())?, mark.kind);
                    let subject = Subject::Mark { span: mark.span, word: range(first), tag: first.tag, name };
                    Some(whole.divided(words.iter().map(range)).about(subject))
                }
            }
        })
    });
    let settled = Memo::new(move |_| occluded.with(Option::is_some));
    let clear = move || {
        asked.set(None);
        found.set(None);
        failed.set(false);
        reading.set(String::new());
    };
    Effect::new(move |_| {
        // What is not answered yet may come out as before: the model learned a step, and is asked again.
        let waits = store.with(Part::Prediction, |state| state.labels.prediction.waits);
        let same = occluded.with(|now| {
            asked.with_untracked(|asked| match (asked, now) {
                (Some(asked), Some(now)) => asked == now,
                (Some(asked), None) => waits && asked.text == text.get() && asked.second == second.get(),
                (None, _) => true,
            })
        });
        if !same {
            clear();
            store.drop_aside(NAME);
        }
    });
    Effect::new(move |_| {
        store.follow(Part::Asides);
        if asked.with_untracked(Option::is_none) {
            return;
        }
        let aside = store.peek(|state| state.labels.asides.get(NAME).cloned());
        match aside {
            // Another model: what the one before did is past.
            None => clear(),
            Some(aside) if aside.waits => {}
            Some(aside) => {
                let decided = asked.with_untracked(|asked| asked.as_ref()?.decided(aside.latest.as_deref()?));
                failed.set(decided.is_none());
                if found.with_untracked(|found| *found != decided) {
                    found.set(decided);
                }
            }
        }
    });
    let waits = store.memo(Part::Asides, |state| state.labels.asides.get(NAME).is_some_and(|aside| aside.waits));
    let pin = move || {
        let sentence = text.get_untracked();
        store.pin(sentence.clone());
        pinned.set(Some(sentence));
    };
    // Before a run over the table, the pictures are still of what was on the screen before it.
    let pictured = store.memo(Part::Phase, |state| state.source == Source::Live && state.stage != Stage::Idle);
    let start = move |_| {
        let Some(question) = occluded.get_untracked() else { return };
        let command = question.question();
        clear();
        asked.set(Some(question));
        // Beside what decided stands what was attended to.
        if pictured.get_untracked() {
            pin();
        }
        store.ask_aside(NAME, command);
    };
    let fits = move || occluded.with(|occluded| occluded.as_ref().is_some_and(Occluded::fits));
    let state = move || {
        if waits.get() {
            return Some(own.waits.to_owned());
        }
        if failed.get() {
            return Some(own.failed.to_owned());
        }
        let count = occluded.with(|occluded| occluded.as_ref().map_or(0, Occluded::count));
        (count > MOST_WORDS).then(|| (own.too_long)(count, MOST_WORDS))
    };
    // Of several marks the button says which one.
    let label = move || {
        let marked = occluded.with(|occluded| match occluded.as_ref() {
            Some(Occluded { text, subject: Subject::Mark { span, .. }, .. }) => text.get(span.clone()).map(own.start_mark),
            _ => None,
        });
        let start = marked.unwrap_or_else(|| own.start.to_owned());
        if found.with(Option::is_some) { own.again.to_owned() } else { start }
    };
    let shown = move || {
        let both = (found.get(), asked.get_untracked());
        let (Some(decided), Some(question)) = both else { return ().into_any() };
        view! { <Shown decided question reading/> }.into_any()
    };
    view! {
        <div class="decide" hidden=move || !settled.get() && found.with(Option::is_none)>
            <p class="decide-act">
                <button type="button" class="button small" data-testid="decide-start" disabled=move || !settled.get() || !fits() || waits.get() on:click=start>
                    {label}
                </button>
                <button type="button" class="button small" data-testid="decide-pin" hidden=move || !pictured.get() on:click=move |_| pin()>{own.pin}</button>
                <span class="small" role="status" data-testid="decide-state">
                    {state}
                    {move || (pinned.get().as_ref() == Some(&text.get())).then_some(format!(" {}", own.pinned))}
                </span>
            </p>
            {shown}
        </div>
    }
}

/// One text, each of its words coloured. `before`: how many words stand before its first one in what was found.
fn coloured(
    decided: &Decided,
    question: &Occluded,
    reading: RwSignal<String>,
    text: &str,
    words_of: &[Range<usize>],
    before: usize,
) -> Vec<AnyView> {
    let own = &words().decide;
    let mut pieces = Vec::new();
    let mut end = 0;
    for (at, range) in (before..).zip(words_of) {
        pieces.push(text.get(end..range.start).unwrap_or_default().to_owned().into_any());
        end = range.end;
        let word = question.word(at);
        let said = if decided.itself.get(at) == Some(&true) {
            (own.itself)(word)
        } else {
            (own.reading)(word, decided.class.as_deref(), decided.whole, decided.without.get(at).copied().flatten())
        };
        let (on_point, on_focus, title) = (said.clone(), said.clone(), said.clone());
        pieces.push(
            view! {
                <span
                    class=format!("decide-word {}", leaning_id(decided.leaning(at)))
                    style=format!("--s:{:.0}%", 60.0 * decided.strength(at))
                    tabindex=first_stop(at - before)
                    title=title
                    aria-label=said
                    role="note"
                    data-leaning=leaning_id(decided.leaning(at))
                    data-effect=decided.effect(at).map(|effect| format!("{effect:.5}"))
                    on:pointerenter=move |_| reading.set(on_point.clone())
                    on:focus=move |_| reading.set(on_focus.clone())
                >
                    {word.to_owned()}
                </span>
            }
            .into_any(),
        );
    }
    pieces.push(text.get(end..).unwrap_or_default().to_owned().into_any());
    pieces
}

/// The coloured texts and their table.
#[component]
fn Shown(decided: Decided, question: Occluded, reading: RwSignal<String>) -> impl IntoView {
    let own = &words().decide;
    let score = decided.class.is_none();
    let strongest = decided.strongest().and_then(|at| Some((question.word(at), decided.without.get(at).copied().flatten()?)));
    let mean = match question.subject {
        Subject::Whole => None,
        Subject::Mark { .. } => Some(own.of_mark),
        Subject::Written { .. } => Some(own.of_written),
    };
    let lead = (own.lead)(decided.class.as_deref(), decided.whole, strongest.map(|(word, number)| LeftOut { word, number }));
    let first = coloured(&decided, &question, reading, &question.text, &question.words, 0);
    // What stands whole beside the text is read in its own field.
    let second = question.second.as_deref().filter(|_| !question.second_words.is_empty());
    let second = second.map(|second| coloured(&decided, &question, reading, second, &question.second_words, question.words.len()));
    let rows = (0..question.count()).map(|at| {
        let (now, by) = match decided.without.get(at).copied().flatten() {
            Some(without) => (number(without, score), change(without - decided.whole, score)),
            None => ("\u{2013}".to_owned(), "\u{2013}".to_owned()),
        };
        view! { <tr><th scope="row">{question.word(at).to_owned()}</th><td>{now}</td><td>{by}</td></tr> }
    });
    let rows: Vec<_> = rows.collect();
    let line = |id: &'static str, pieces: Vec<AnyView>| {
        view! {
            <p class="decide-words" data-testid=id role="group" aria-label=own.keys on:keydown=move |event| roving::on_key(&event) on:focusin=move |event| roving::on_focus(&event)>
                {pieces}
            </p>
        }
    };
    let [name, without, by] = own.columns;
    view! {
        <p data-testid="decide-lead" role="status">{lead}</p>
        {line("decide-words", first)}
        {second.map(|second| line("decide-second", second))}
        <p class="small decide-reading" data-testid="decide-reading">
            {move || reading.with(|reading| if reading.is_empty() { own.hint.to_owned() } else { reading.clone() })}
        </p>
        <p class="small decide-legend">
            <span class="decide-word for" style="--s:45%">{own.speaks_for}</span>
            <span class="decide-word against" style="--s:45%">{own.speaks_against}</span>
        </p>
        <p class="small">
            {mean} " " {own.honest} " " {question.keeps_second().then_some(own.pair)} " " {(own.step)(decided.step)}
        </p>
        <div class="visually-hidden"><table data-testid="decide-table">
            <caption>{own.table}</caption>
            <thead><tr><th scope="col">{name}</th><th scope="col">{without}</th><th scope="col">{by}</th></tr></thead>
            <tbody>
                <tr><th scope="row">{own.whole}</th><td>{number(decided.whole, score)}</td><td></td></tr>
                {rows}
            </tbody>
        </table></div>
    }
}
