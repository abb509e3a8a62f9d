//! The classification report as a table whose numbers are buttons, the figures above it with their intervals, and the text as the field's own program
//! prints it.
//!
//! In: lines of a report. Out: elements. Test ids: `report-figure-NAME`, `report-table`, `report-LINE-precision`, `-recall`, `-f1`, `-support` (`LINE`: the
//! position of the class; averages: `average-<n>`), `report-text`, `report-copy`.

use super::behind::{Behind, By};
use super::desk::Desk;
use super::duel::headlines;
use crate::page::format::grouped;
use crate::page::strings::report::{estimate_of, range_of, words};
use crate::page::widgets::copy_text;
use crate::protocol::labels::{FigureInterval, FigureName, ScoreLine, TaskFigures};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Milliseconds that the answer stays on the button.
const ANSWER_MILLIS: u32 = 2_500;

/// The figures of a report with their intervals.
#[component]
pub fn Headlines(desk: Desk) -> impl IntoView {
    let figure = move |(name, figure): (FigureName, FigureInterval)| {
        let (plain, term) = (words().figure)(name);
        let behind = desk.report(|report| Behind::whole(&report.figures, name));
        view! {
            <li>
                <span>{plain} " " <span class="term">{term}</span></span>
                {desk.number(format!("report-figure-{}", id_of(name)), estimate_of(name, figure), term, behind)}
                <span class="small range">{range_of(name, figure)}</span>
            </li>
        }
    };
    view! { <ul class="figures">{desk.report(|report| headlines(&report.figures)).into_iter().map(figure).collect_view()}</ul> }
}

/// A figure's name in a test id.
fn id_of(name: FigureName) -> String {
    (words().figure)(name).1.to_lowercase().replace(' ', "-")
}

/// The classification report of the task, with its averages.
#[component]
pub fn Lines(desk: Desk) -> impl IntoView {
    let own = words();
    let [all, alike, by_size, by_row] = own.averages;
    let table = desk.report(|report| match &report.figures {
        TaskFigures::Classes(figures) => {
            let quality = &figures.quality;
            let averages = vec![(alike, quality.macro_average.clone()), (by_size, quality.weighted_average.clone())];
            Some((own.class, quality.classes.clone(), averages, quality.text.clone(), "scikit-learn"))
        }
        TaskFigures::Several(figures) => {
            let averages = vec![
                (all, figures.micro_average.clone()),
                (alike, figures.macro_average.clone()),
                (by_size, figures.weighted_average.clone()),
                (by_row, figures.samples_average.clone()),
            ];
            Some((own.class, figures.lines.clone(), averages, figures.text.clone(), "scikit-learn"))
        }
        TaskFigures::Spans(figures) => {
            let averages = vec![
                (all, figures.micro_average.clone()),
                (alike, figures.macro_average.clone()),
                (by_size, figures.weighted_average.clone()),
            ];
            let (heading, program) = if figures.marks_spans { (own.span_type, "seqeval") } else { (own.tag, "scikit-learn") };
            Some((heading, figures.types.clone(), averages, figures.text.clone(), program))
        }
        TaskFigures::Score(_) | TaskFigures::Texts(_) => None,
    });
    let behind = move |line: &ScoreLine, by: By| {
        desk.names.with_value(|names| desk.report(|report| Behind::line(&report.figures, names, &line.name, by)))
    };
    table.map(|(heading, lines, averages, text, program)| {
        let head = own.columns.map(|(plain, term)| view! { <th scope="col" class="num">{plain} " " <span class="term">{term}</span></th> });
        let lines = lines.into_iter().enumerate().map(|(index, line)| {
            let name = line.name.clone();
            row(desk, &index.to_string(), name.into_any(), &line, &|by| behind(&line, by))
        });
        let averages = averages.into_iter().enumerate().map(|(index, (plain, line))| {
            let name = view! { {plain} " " <span class="term">{line.name.clone()}</span> }.into_any();
            row(desk, &format!("average-{index}"), name, &line, &|_| Behind::All)
        });
        view! {
            <h4>{own.table}</h4>
            <div class="table-frame">
                <table class="lines" data-testid="report-table">
                    <thead><tr><th scope="col">{heading}</th>{head.collect_view()}</tr></thead>
                    <tbody>{lines.collect_view()}</tbody>
                    <tbody class="averages">{averages.collect_view()}</tbody>
                </table>
            </div>
            <p class="mild">{own.columns_help}</p>
            <Printed text program/>
        }
    })
}

fn row(desk: Desk, id: &str, name: AnyView, line: &ScoreLine, behind: &dyn Fn(By) -> Behind) -> impl IntoView + use<> {
    let terms = words().columns.map(|(_, term)| term);
    let cell = |part: &str, term: &str, value: String, by: By| {
        let number = desk.number(format!("report-{id}-{part}"), value, &format!("{}, {term}", line.name), behind(by));
        view! { <td class="num">{number}</td> }
    };
    view! {
        <tr>
            <th scope="row">{name}</th>
            {cell("precision", terms[0], format!("{:.2}", line.precision), By::Model)}
            {cell("recall", terms[1], format!("{:.2}", line.recall), By::Truth)}
            {cell("f1", terms[2], format!("{:.2}", line.f1), By::Either)}
            {cell("support", terms[3], grouped(line.support), By::Truth)}
        </tr>
    }
}

/// What came of the last press.
#[derive(Clone, Copy, PartialEq)]
enum Answer {
    None,
    Copied,
    Refused,
}

/// The report as text, to copy.
#[component]
fn Printed(text: String, program: &'static str) -> impl IntoView {
    let own = words();
    let answer = RwSignal::new(Answer::None);
    let kept = StoredValue::new(text.clone());
    let press = move |_| {
        spawn_local(async move {
            let copied = copy_text(&kept.get_value()).await;
            answer.set(if copied { Answer::Copied } else { Answer::Refused });
            Timeout::new(ANSWER_MILLIS, move || {
                // The report may be gone by then.
                let _gone = answer.try_set(Answer::None);
            })
            .forget();
        });
    };
    view! {
        <details class="fold">
            <summary>{(own.as_text)(program)}</summary>
            <pre class="printed" tabindex="0" data-testid="report-text">{text}</pre>
            <button type="button" class="button small" data-testid="report-copy" on:click=press>
                {move || if answer.get() == Answer::Copied { own.copied } else { own.copy }}
            </button>
            <span class="small" role="status">{move || (answer.get() == Answer::Refused).then_some(own.copy_refused)}</span>
        </details>
    }
}
