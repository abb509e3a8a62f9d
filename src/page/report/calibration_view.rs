//! Is it as right as it says? A sentence, the reliability diagram, and its bins as a table whose numbers are buttons.
//!
//! In: bins of probability. Out: elements. Test ids: `calibration`, `calibration-says`, `calibration-error`, `reliability`, `bin-<n>` (counted over all bins).

use super::behind::Behind;
use super::calibration::{Calibrated, dots};
use super::desk::Desk;
use crate::page::format::{grouped, percent};
use crate::page::strings::report::{CalibrationTerms, words};
use crate::protocol::labels::CalibrationBin;
use leptos::prelude::*;

/// Pixels of the square.
const SIDE: f64 = 180.0;
/// Room for the axes' numbers, left and below.
const MARGIN: f64 = 34.0;
/// Pixels of the fullest bin's radius, and of the smallest dot.
const RADIUS: (f64, f64) = (9.0, 2.5);

fn x(share: f64) -> f64 {
    MARGIN + share.clamp(0.0, 1.0) * SIDE
}

fn y(share: f64) -> f64 {
    8.0 + (1.0 - share.clamp(0.0, 1.0)) * SIDE
}

fn behind(bin: &CalibrationBin) -> Behind {
    Behind::Probability { low: bin.low, high: bin.high }
}

/// The part on calibration; nothing for tasks without probabilities.
#[component]
pub fn Calibration(desk: Desk) -> impl IntoView {
    let found = desk.report(|report| Calibrated::of(&report.figures).map(|(calibrated, bins)| (calibrated, bins.to_vec())));
    found.filter(|(_, bins)| !bins.is_empty()).map(|(calibrated, bins)| {
        let own = words();
        let says = (own.calibrated)(&calibrated);
        let terms = (own.calibration_terms)(calibrated.of_labels);
        let whole = says.concat();
        let [before, error, after] = says;
        let error = desk.number("calibration-error", error, own.calibration_error, Behind::Mistakes);
        view! {
            <div class="calibration" data-testid="calibration">
                <h4>{own.calibration}</h4>
                <p data-testid="calibration-says">{before} {error} {after}</p>
                {diagram(desk, &bins, whole, terms)}
                <details class="fold">
                    <summary>{own.calibration_table}</summary>
                    {table(desk, &bins, terms)}
                </details>
            </div>
        }
    })
}

fn diagram(desk: Desk, bins: &[CalibrationBin], says: String, terms: CalibrationTerms) -> impl IntoView + use<> {
    let ticks = [0.0, 0.5, 1.0]
        .map(|share| {
            view! {
                <line class="grid" x1=x(0.0) x2=x(1.0) y1=y(share) y2=y(share)></line>
                <text class="tick" x=MARGIN - 6.0 y=y(share) + 4.0 text-anchor="end">{percent(share)}</text>
                <text class="tick" x=x(share) y=y(0.0) + 16.0 text-anchor="middle">{percent(share)}</text>
            }
        })
        .collect_view();
    let dots = dots(bins)
        .into_iter()
        .map(|dot| {
            let behind = behind(&dot.bin);
            let radius = (dot.radius * RADIUS.0).max(RADIUS.1);
            view! {
                <line class="off" x1=x(dot.x) x2=x(dot.x) y1=y(dot.x) y2=y(dot.y)></line>
                <circle class="dot" cx=x(dot.x) cy=y(dot.y) r=radius on:click=move |_| desk.look(behind.clone())>
                    <title>{format!("{} {}, {} {}, {}", terms.bin[0], percent(dot.x), terms.y, percent(dot.y), (terms.count)(dot.bin.rows))}</title>
                </circle>
            }
        })
        .collect_view();
    let (width, height) = (MARGIN + SIDE + 22.0, SIDE + 42.0);
    view! {
        <svg class="square" data-testid="reliability" role="img" aria-label=says viewBox=format!("0 0 {width} {height}") width=width height=height>
            {ticks}
            <line class="right" x1=x(0.0) x2=x(1.0) y1=y(0.0) y2=y(1.0)></line>
            {dots}
            <text class="axis" x=x(1.0) y=y(0.0) + 31.0 text-anchor="end">{terms.bin[0]} " \u{2192}"</text>
            <text class="axis" x=x(0.0) + 6.0 y=y(1.0) + 12.0>"\u{2191} " {terms.y}</text>
        </svg>
    }
}

fn table(desk: Desk, bins: &[CalibrationBin], terms: CalibrationTerms) -> impl IntoView + use<> {
    let share = |value: Option<f64>| value.map_or_else(|| "\u{2013}".to_owned(), percent);
    let row = |(index, bin): (usize, &CalibrationBin)| {
        let range = format!("{}\u{2013}{}", percent(bin.low), percent(bin.high));
        let rows = desk.number(format!("bin-{index}"), grouped(bin.rows), &range, behind(bin));
        view! {
            <tr>
                <th scope="row">{range}</th>
                <td class="num">{share(bin.confidence)}</td>
                <td class="num">{share(bin.accuracy)}</td>
                <td class="num">{rows}</td>
            </tr>
        }
    };
    let heads = terms.bin.map(|head| view! { <th scope="col" class="num">{head}</th> }).collect_view();
    view! {
        <div class="table-frame">
            <table class="lines">
                <thead><tr>{heads}</tr></thead>
                <tbody>{bins.iter().enumerate().filter(|(_, bin)| bin.rows > 0).map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}
