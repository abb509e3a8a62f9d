//! Said numbers against true ones, as a picture; a press on a dot shows its row. The same rows are in the list below, for the keyboard.
//!
//! In: judged numbers. Out: elements. Test ids: `scatter` (dots carry `data-at`).

use super::behind::Behind;
use super::desk::Desk;
use super::judged::Verdicts;
use super::scatter::{dots, scale};
use crate::page::chart::draw::numbers;
use crate::page::strings::report::words;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::Element;
use std::fmt::Write;

/// Pixels from the axis to the far side.
const SIDE: f64 = 260.0;
const MARGIN: f64 = 44.0;

/// The markup of axes, diagonal and dots; `None` without numbers.
fn markup(truth: &[f32], said: &[f32]) -> Option<String> {
    let scale = scale(truth, said, SIDE, MARGIN)?;
    let upwards = |pixel: f64| SIDE + MARGIN - pixel;
    let mut svg = String::with_capacity(truth.len() * 60);
    let ticks = scale.ticks();
    for (tick, said) in ticks.iter().zip(numbers(&ticks)) {
        let at = scale.place(*tick);
        // Writing to a string cannot fail.
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{MARGIN}\" x2=\"{SIDE}\" y1=\"{up:.1}\" y2=\"{up:.1}\"/>\
             <text class=\"tick\" x=\"{left}\" y=\"{label:.1}\" text-anchor=\"end\">{value}</text>\
             <text class=\"tick\" x=\"{at:.1}\" y=\"{below}\" text-anchor=\"middle\">{value}</text>",
            up = upwards(at),
            left = MARGIN - 6.0,
            label = upwards(at) + 4.0,
            below = SIDE + 16.0,
            value = said,
        );
    }
    let _ = write!(svg, "<line class=\"right\" x1=\"{MARGIN}\" y1=\"{SIDE}\" x2=\"{SIDE}\" y2=\"{MARGIN}\"/>");
    for dot in dots(truth, said, scale) {
        let _ = write!(svg, "<circle class=\"dot\" data-at=\"{}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\"/>", dot.at, dot.x, dot.y);
    }
    Some(svg)
}

/// The picture; nothing for other tasks.
#[component]
pub fn Scatter(desk: Desk) -> impl IntoView {
    let drawn = desk.judged.with_value(|judged| match judged.as_ref().map(|judged| &judged.verdicts) {
        Some(Verdicts::Score { truth, said }) => markup(truth, said),
        _ => None,
    });
    drawn.map(|drawn| {
        let own = words();
        // From just above the name of the upright axis.
        let (top, width) = (MARGIN - 26.0, SIDE + 16.0);
        let height = SIDE + 40.0 - top;
        let pressed = move |event: leptos::ev::MouseEvent| {
            let dot = event.target().and_then(|target| target.dyn_into::<Element>().ok()).and_then(|dot| dot.get_attribute("data-at"));
            if let Some(at) = dot.and_then(|at| at.parse().ok()) {
                desk.look(Behind::One(at));
            }
        };
        view! {
            <h4>{own.scatter}</h4>
            <svg class="square" data-testid="scatter" role="img" aria-label=own.scatter_how viewBox=format!("0 {top} {width} {height}") width=width height=height on:click=pressed>
                <g inner_html=drawn></g>
                <text class="axis" x=SIDE y=SIDE + 33.0 text-anchor="end">{own.scatter_x} " \u{2192}"</text>
                <text class="axis" x="4" y=MARGIN - 12.0>"\u{2191} " {own.scatter_y}</text>
            </svg>
            <p class="mild">{own.scatter_how}</p>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_dot_within_the_picture() {
        let svg = markup(&[1.0, 2.0, 3.0], &[1.5, 2.0, -4.0]).unwrap();
        assert_eq!(svg.matches("<circle").count(), 3);
        for part in svg.split("cy=\"").skip(1) {
            let y: f64 = part.split('"').next().unwrap().parse().unwrap();
            assert!((MARGIN..=SIDE).contains(&y), "{y}");
        }
        assert!(svg.contains("data-at=\"2\""));
        assert_eq!(markup(&[], &[]), None);
    }

    #[test]
    fn an_exact_number_lies_on_the_drawn_line() {
        let svg = markup(&[0.0, 10.0, 4.0], &[0.0, 10.0, 4.0]).unwrap();
        let place =
            |name: &str| svg.split(name).skip(1).map(|part| part.split('"').next().unwrap().parse::<f64>().unwrap()).collect::<Vec<_>>();
        for (x, y) in place("cx=\"").into_iter().zip(place("cy=\"")) {
            assert!((x + y - SIDE - MARGIN).abs() < 0.2, "{x} {y}");
        }
    }
}
