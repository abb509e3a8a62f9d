//! Did the Transformer earn its keep? What it must beat, on the same rows, with intervals beside each other and a sentence for each.
//!
//! In: the report's baselines. Out: elements; a press on a figure shows the rows where model and baseline part. Test ids: `baselines`,
//! `baseline-<kind>` (`data-value`), `baseline-model`, `duel-<kind>` (`data-verdict`); their buttons: the same with `-rows` behind it.

use super::behind::{Behind, Order};
use super::desk::Desk;
use super::duel::{Duel, Verdict, duels, headlines, places};
use crate::page::strings::report::{interval_of, words};
use crate::protocol::labels::{BaselineKind, FigureInterval, FigureName};
use leptos::prelude::*;

fn kind_id(kind: BaselineKind) -> &'static str {
    match kind {
        BaselineKind::MajorityClass => "majority",
        BaselineKind::TfidfLogistic => "tfidf",
        BaselineKind::Mean => "mean",
        BaselineKind::MostFrequentTag => "most-frequent-tag",
        BaselineKind::CopySource => "copy-source",
        BaselineKind::FrequentLabels => "frequent-labels",
        BaselineKind::TfidfRidge => "ridge",
    }
}

fn verdict_id(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ahead => "ahead",
        Verdict::Behind => "behind",
        Verdict::Even => "even",
        Verdict::Unknown => "unknown",
    }
}

/// The comparison; nothing without baselines.
#[component]
pub fn Baselines(desk: Desk) -> impl IntoView {
    let own = words();
    let (entries, duels) = desk.report(|report| {
        let all = |figures| headlines(figures).into_iter().take(2).collect::<Vec<_>>();
        let ours = ("model", own.the_model, all(&report.figures));
        let theirs =
            report.baselines.iter().map(|baseline| (kind_id(baseline.kind), (own.baseline)(baseline.kind), all(&baseline.figures)));
        (std::iter::once(ours).chain(theirs).collect::<Vec<_>>(), duels(report))
    });
    if duels.is_empty() {
        return None;
    }
    let names: Vec<FigureName> = entries[0].2.iter().map(|(name, _)| *name).collect();
    let headline = names.first().copied().unwrap_or(FigureName::Loss);
    let apart: Vec<Option<Behind>> = desk.judged.with_value(|judged| {
        let behind = |(other, duel): (usize, &Duel)| Behind::baseline(judged.as_ref()?, other, duel.kind);
        duels.iter().enumerate().map(behind).collect()
    });
    let rows = |behind: &Behind| {
        desk.judged.with_value(|judged| judged.as_ref().map_or(0, |judged| behind.rows(judged, &[], Order::AsInTable).len() as u64))
    };
    let sentence = |(duel, apart): (&Duel, &Option<Behind>)| {
        let apart = apart.clone().map(|behind| {
            let says = (own.behind)(&behind, &[]);
            let number = desk.number(format!("duel-{}-rows", kind_id(duel.kind)), (own.rows)(rows(&behind)), &says, behind);
            view! { " " {says} ": " {number} "." }
        });
        let warn = duel.verdict != Verdict::Ahead;
        view! {
            <p class="say" class:warn=warn data-testid=format!("duel-{}", kind_id(duel.kind)) data-verdict=verdict_id(duel.verdict)>
                {(own.duel)(duel, headline)} {apart}
            </p>
        }
    };
    let charts = names
        .into_iter()
        .enumerate()
        .map(|(at, name)| {
            let figures: Vec<FigureInterval> = entries.iter().filter_map(|entry| entry.2.get(at).map(|figure| figure.1)).collect();
            let ours = Some(desk.report(|report| Behind::whole(&report.figures, name)));
            let behind = std::iter::once(&ours).chain(&apart);
            let places = places(&figures, name).into_iter().zip(behind);
            let lines = entries.iter().zip(&figures).zip(places).map(|((entry, figure), ((low, middle, high), behind))| {
                let id = if at == 0 { format!("baseline-{}", entry.0) } else { format!("baseline-{}-{at}", entry.0) };
                let value = interval_of(name, *figure);
                let value = match behind.clone() {
                    Some(behind) => desk.number(format!("{id}-rows"), value, &format!("{}, {}", entry.1, (own.figure)(name).1), behind),
                    None => value.into_any(),
                };
                view! {
                    <li class:ours=entry.0 == "model" data-testid=id data-value=figure.estimate.to_string()>
                        <span class="who">{entry.1}</span>
                        <span class="whisker" aria-hidden="true">
                            <i style=format!("left:{low:.1}%;width:{:.1}%", (high - low).max(0.0))></i>
                            <b style=format!("left:{middle:.1}%")></b>
                        </span>
                        <span class="num">{value}</span>
                    </li>
                }
            });
            let (plain, term) = (own.figure)(name);
            view! { <p class="small">{plain} " " <span class="term">{term}</span></p><ul class="whiskers">{lines.collect_view()}</ul> }
        })
        .collect_view();
    Some(view! {
        <div class="baselines" data-testid="baselines">
            <h4>{own.baselines}</h4>
            {duels.iter().zip(&apart).rev().map(sentence).collect_view()}
            {charts}
            <p class="mild">{own.interval_help}</p>
        </div>
    })
}
