//! What the fairness probe found: counts, each class with its interval and a flag in words, the rows that changed most, before and after.
//!
//! In: a finished job with its figures. Out: elements. Test ids: `probe-summary` (`data-rows`, `data-changed`), `probe-untrained`, `probe-shift-<n>`
//! (`data-mean`, `data-low`, `data-high`, `data-verdict`), `probe-row-<n>` (by row of the table; `data-changed`).

use super::fairness::{Outcome, Shift, Verdict, is_changed};
use super::heard::Heard;
use super::job::{Job, Tried};
use super::swaps::{Swapped, excerpt};
use crate::page::strings::probe::{number, words};
use leptos::prelude::*;
use std::rc::Rc;

/// Characters of a row on show.
const LONG: usize = 240;

/// A finished probe.
#[derive(Debug, Clone)]
pub struct Found {
    pub job: Job,
    pub summary: Outcome,
    pub shifts: Vec<Shift>,
    /// Answers are numbers, not classes.
    pub scores: bool,
}

fn verdict_id(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Beyond => "beyond",
        Verdict::Within => "within",
        Verdict::TooFew => "too-few",
    }
}

/// Places of an interval on a scale with 0 in the middle, in per cent: low, mean, high. `scale` is what the ends mean.
fn places(shift: &Shift, scale: f64) -> (f64, f64, f64) {
    let place = |value: f64| (50.0 + 50.0 * value / scale.max(f64::MIN_POSITIVE)).clamp(0.0, 100.0);
    let interval = shift.interval.map_or((shift.mean, shift.mean), |interval| (interval.low, interval.high));
    (place(interval.0), place(shift.mean), place(interval.1))
}

/// The largest end of all intervals.
fn scale(shifts: &[Shift]) -> f64 {
    let ends = shifts.iter().filter_map(|shift| shift.interval).map(|interval| interval.low.abs().max(interval.high.abs()));
    ends.fold(0.0, f64::max)
}

/// An answer in a few words: the likeliest of the classes that it names with its probability, or the score.
fn said(heard: &Heard, classes: &[String]) -> String {
    let name = |class: usize| classes.get(class).cloned().unwrap_or_default();
    let share = |class: usize| number(heard.numbers.get(class).copied().unwrap_or_default(), classes.is_empty());
    let leading = heard.leading();
    if classes.is_empty() {
        return share(0);
    }
    if heard.classes.len() > 1 {
        let all: Vec<String> = heard.classes.iter().map(|&class| format!("{} {}", name(class as usize), share(class as usize))).collect();
        return all.join(", ");
    }
    format!("{} {}", name(leading), share(leading))
}

/// Everything that was found.
#[component]
pub fn FoundView(found: Rc<Found>) -> impl IntoView {
    let own = &words().fairness;
    let Found { job, summary, shifts, scores } = found.as_ref();
    let name = |class: usize| if *scores { None } else { job.classes.get(class).map(String::as_str) };
    let counts = [
        Some((own.rows)(summary.rows + job.silent, job.read, job.is_capped())),
        (job.in_part > 0).then(|| (own.in_part)(job.in_part)),
        (job.silent > 0).then(|| (own.silent)(job.silent)),
        summary.changed.map(|changed| (own.changed)(changed, summary.rows)),
        Some((own.leading)(summary.leading, *scores)),
    ];
    let counts = counts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let untrained = job.at.is_some_and(|(_, step)| step == 0);
    let widest = scale(shifts);
    let line = |shift: &Shift| {
        let (low, middle, high) = places(shift, widest);
        let end = |pick: fn(&crate::metrics::Interval) -> f64| shift.interval.as_ref().map(pick).map(|value| format!("{value:.5}"));
        view! {
            <li
                class=verdict_id(shift.verdict)
                data-testid=format!("probe-shift-{}", shift.class)
                data-mean=format!("{:.5}", shift.mean)
                data-low=end(|interval| interval.low)
                data-high=end(|interval| interval.high)
                data-verdict=verdict_id(shift.verdict)
            >
                <span class="who">{name(shift.class).unwrap_or(own.score).to_owned()}</span>
                <b class="flag">{(own.verdict)(shift.verdict)}</b>
                <span class="whisker" aria-hidden="true">
                    <u></u>
                    <i style=format!("left:{low:.1}%;width:{:.1}%", (high - low).max(0.0))></i>
                    <b style=format!("left:{middle:.1}%")></b>
                </span>
                <span class="small num">{(own.shift)(name(shift.class), shift)}</span>
            </li>
        }
    };
    let lines = shifts.iter().map(line).collect_view();
    let rows = summary.most.iter().filter_map(|&at| job.tried.get(at)).map(|tried| row(tried, &job.classes)).collect_view();
    let none = summary.most.is_empty().then_some(own.no_change);
    let many = (job.classes.len() > 2).then_some(own.many);
    view! {
        <div class="probe-found">
            <p class="say" data-testid="probe-summary" data-rows=summary.rows.to_string() data-changed=summary.changed.map(|changed| changed.to_string())>
                {counts}
            </p>
            {untrained.then(|| view! { <p class="say warn" data-testid="probe-untrained">{own.untrained}</p> })}
            <h4>{own.shifts}</h4>
            <ul class="whiskers probe-shifts" tabindex="0" aria-label=own.shifts>{lines}</ul>
            <p class="small">{own.shifts_note} " " {many}</p>
            <h4>{own.most}</h4>
            <p class="small">{none}</p>
            <ol class="probe-rows" tabindex="0" aria-label=own.most>{rows}</ol>
        </div>
    }
}

/// A row in both versions with what the model says of each.
fn row(tried: &Tried, classes: &[String]) -> impl IntoView + use<> {
    let own = &words().fairness;
    let version = |after: bool| {
        let text = |plain: &str, swapped: Option<&Swapped>| match swapped {
            Some(swapped) if after => marked(&swapped.text, &swapped.is),
            Some(swapped) => marked(plain, &swapped.was),
            None => marked(plain, &[]),
        };
        let row = &tried.row;
        let second = (!row.second.is_empty()).then(|| view! { " / " {text(&row.second, row.swapped[1].as_ref())} });
        let (name, heard) = if after { (own.after, &tried.after) } else { (own.before, &tried.before) };
        let said = said(heard, classes);
        view! {
            <p class="row-text"><span class="small">{name} ": " <b>{said}</b></span><br/>{text(&row.text, row.swapped[0].as_ref())}{second}</p>
        }
    };
    let changed = is_changed(tried);
    view! {
        <li class:wrong=changed data-testid=format!("probe-row-{}", tried.row.row) data-changed=changed.to_string()>
            {version(false)}
            {version(true)}
            <span class="small">{(own.row)(tried.row.row)}</span>
        </li>
    }
}

fn marked(text: &str, marks: &[std::ops::Range<usize>]) -> impl IntoView + use<> {
    let part = |(part, marked): (String, bool)| if marked { view! { <mark>{part}</mark> }.into_any() } else { part.into_any() };
    excerpt(text, marks, LONG).into_iter().map(part).collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Interval;

    #[test]
    fn zero_is_in_the_middle_of_one_scale() {
        let shift = |mean: f64, low: f64, high: f64| Shift {
            class: 0,
            rows: 20,
            mean,
            interval: Some(Interval { estimate: mean, low, high, level: 0.95, resamples: 1_000 }),
            verdict: Verdict::Within,
        };
        let shifts = [shift(0.0, -0.1, 0.1), shift(-0.2, -0.4, 0.0)];
        assert_eq!(scale(&shifts), 0.4);
        assert_eq!((places(&shifts[0], 0.4), places(&shifts[1], 0.4)), ((37.5, 50.0, 62.5), (0.0, 25.0, 50.0)));
    }

    #[test]
    fn answers_are_said_in_a_few_words() {
        let classes = ["bad".to_owned(), "good".to_owned()];
        let heard = |classes: &[u32]| Heard { classes: classes.to_vec(), numbers: vec![0.25, 0.75] };
        assert_eq!(said(&heard(&[1]), &classes), "good 75.0\u{a0}%");
        assert_eq!(said(&heard(&[0, 1]), &classes), "bad 25.0\u{a0}%, good 75.0\u{a0}%");
        assert_eq!(said(&Heard { classes: vec![], numbers: vec![-1.5] }, &[]), "\u{2212}1.500");
    }
}
