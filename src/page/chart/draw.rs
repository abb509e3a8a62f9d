//! A chart of curves over steps, as the inside of an SVG element.
//!
//! In: a [`Chart`] (size, curves, scale, marked step), a palette. Out: markup, the same for the page (colours by custom property) and for
//! a saved file. Absent: the DOM, words of its own.

use super::palette::{Palette, escape};
use super::scale::{Scale, apart};
use super::series::{MOST_POINTS, Point, decimated, nearest, range};
use std::fmt::Write;

/// Which ink a curve has; the validation curve is also dashed, so that colour is not the only difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    Train,
    Valid,
    Quiet,
}

/// One curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Written at the line's end; empty: nothing.
    pub label: String,
    pub ink: Ink,
    pub points: Vec<Point>,
}

/// Everything a drawn chart shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    pub width: f64,
    pub height: f64,
    pub curves: Vec<Curve>,
    pub log: bool,
    /// The last step of the x axis; curves that go on stretch it.
    pub steps: f64,
    /// What the last tick of the x axis says after its number.
    pub steps_word: String,
    /// A step whose values are marked.
    pub mark: Option<f64>,
    /// Whether there are axes; a sparkline has none.
    pub axes: bool,
    /// Letters that the labels at the lines' ends have at most: their room is kept free, so that nothing moves when a line gets there.
    pub label_letters: usize,
}

const TOP: f64 = 10.0;
const BOTTOM: f64 = 20.0;
const LEFT: f64 = 34.0;
const RIGHT: f64 = 6.0;
/// Mean width of a letter of the 11 px labels.
const LETTER: f64 = 6.1;

impl Chart {
    /// The scale from steps to pixels.
    pub fn x(&self) -> Scale {
        let last = self.curves.iter().filter_map(|curve| curve.points.last()).map(|point| point.0).fold(self.steps, f64::max);
        let (left, right) = if !self.axes { (1.0, 1.0) } else { (LEFT, RIGHT + self.label_letters as f64 * LETTER) };
        Scale::exact(0.0, last.max(1.0), (left, (self.width - right).max(left + 1.0)), 4)
    }

    /// The scale from values to pixels; `None` while there is no value.
    pub fn y(&self) -> Option<Scale> {
        let (low, high) = range(self.curves.iter().map(|curve| curve.points.as_slice()))?;
        let (top, bottom) = if !self.axes { (3.0, 3.0) } else { (TOP, BOTTOM) };
        Some(Scale::rounded(low, high, (self.height - bottom, top), self.log))
    }

    /// The markup inside the SVG element.
    pub fn markup(&self, palette: &Palette) -> String {
        let mut svg = String::with_capacity(8_192);
        // Writing to a string cannot fail.
        let _ = self.write(&mut svg, palette);
        svg
    }

    fn write(&self, svg: &mut String, palette: &Palette) -> std::fmt::Result {
        let x = self.x();
        let y = self.y();
        if self.axes {
            self.write_axes(svg, palette, x, y)?;
        }
        let Some(y) = y else { return Ok(()) };
        for curve in &self.curves {
            let path = path(&decimated(&curve.points, MOST_POINTS), x, y);
            let (colour, style) = match curve.ink {
                Ink::Train => (&palette.train, "1.6"),
                Ink::Valid => (&palette.valid, "1.6\" stroke-dasharray=\"5 3"),
                Ink::Quiet => (&palette.muted, "1.2"),
            };
            write!(
                svg,
                "<path d=\"{path}\" fill=\"none\" stroke=\"{}\" stroke-linejoin=\"round\" stroke-width=\"{style}\"/>",
                escape(colour)
            )?;
            // A curve of one point has no line; an evaluation is rare enough to be seen as a dot.
            if curve.points.len() == 1 && curve.points[0].1.is_finite() {
                dot(svg, (x.place(curve.points[0].0), y.place(curve.points[0].1)), 2.5, colour)?;
            }
        }
        self.write_mark(svg, palette, x, y)?;
        self.write_labels(svg, palette, x, y)
    }

    fn write_axes(&self, svg: &mut String, palette: &Palette, x: Scale, y: Option<Scale>) -> std::fmt::Result {
        let (left, right, bottom) = (x.pixels.0, x.pixels.1, self.height - BOTTOM);
        let line = escape(&palette.line);
        if let Some(y) = y {
            let ticks = y.ticks();
            for (tick, said) in ticks.iter().zip(numbers(&ticks)) {
                let at = y.place(*tick).round() + 0.5;
                write!(svg, "<line x1=\"{left}\" x2=\"{right}\" y1=\"{at}\" y2=\"{at}\" stroke=\"{line}\"/>")?;
                text(svg, &said, (left - 6.0, at + 4.0), "end", palette, &palette.muted, "")?;
            }
        } else {
            write!(svg, "<line x1=\"{left}\" x2=\"{right}\" y1=\"{bottom}.5\" y2=\"{bottom}.5\" stroke=\"{line}\"/>")?;
        }
        text(svg, "0", (left, self.height - 4.0), "start", palette, &palette.muted, "")?;
        let last = x.high;
        let words = format!("{} {}", grouped(last), self.steps_word);
        let width = |text: &str| text.chars().count() as f64 * LETTER;
        let free = right - width(&words) - LETTER;
        // Steps and epochs are whole.
        for tick in x.ticks().into_iter().filter(|&tick| tick > 0.0 && tick < last * 0.72 && tick.fract() == 0.0) {
            let said = grouped(tick);
            if x.place(tick) + width(&said) / 2.0 < free {
                text(svg, &said, (x.place(tick), self.height - 4.0), "middle", palette, &palette.muted, "")?;
            }
        }
        text(svg, &words, (right, self.height - 4.0), "end", palette, &palette.muted, "")
    }

    fn write_mark(&self, svg: &mut String, palette: &Palette, x: Scale, y: Scale) -> std::fmt::Result {
        let Some(mark) = self.mark else { return Ok(()) };
        let at = x.place(mark).round() + 0.5;
        let (top, bottom) = (y.pixels.1, y.pixels.0);
        write!(svg, "<line x1=\"{at}\" x2=\"{at}\" y1=\"{top}\" y2=\"{bottom}\" stroke=\"{}\"/>", escape(&palette.faint))?;
        for curve in &self.curves {
            if let Some((step, value)) = nearest(&curve.points, mark).filter(|point| point.1.is_finite()) {
                let colour = match curve.ink {
                    Ink::Train => &palette.train,
                    Ink::Valid => &palette.valid,
                    Ink::Quiet => &palette.muted,
                };
                dot(svg, (x.place(step), y.place(value)), 3.0, colour)?;
            }
        }
        Ok(())
    }

    fn write_labels(&self, svg: &mut String, palette: &Palette, x: Scale, y: Scale) -> std::fmt::Result {
        let ends: Vec<(&Curve, f64, f64)> = self
            .curves
            .iter()
            .filter(|curve| !curve.label.is_empty())
            .filter_map(|curve| {
                let end = curve.points.iter().rev().find(|point| point.1.is_finite())?;
                Some((curve, x.place(end.0), y.place(end.1)))
            })
            .collect();
        let wanted: Vec<f64> = ends.iter().map(|end| end.2).collect();
        let places = apart(&wanted, 14.0, y.pixels.1 + 2.0, y.pixels.0 - 4.0);
        // Level with each other, right of the line that is further.
        let at = ends.iter().map(|end| end.1).fold(0.0, f64::max) + 7.0;
        for ((curve, ..), place) in ends.iter().zip(places) {
            let colour = if curve.ink == Ink::Valid { &palette.valid } else { &palette.train };
            let halo =
                format!(" paint-order=\"stroke\" stroke=\"{}\" stroke-width=\"3\" stroke-linejoin=\"round\"", escape(&palette.ground));
            text(svg, &curve.label, (at, place + 4.0), "start", palette, colour, &halo)?;
        }
        Ok(())
    }

    /// A document that stands alone, with its title.
    pub fn document(&self, palette: &Palette, title: &str) -> String {
        let (width, height, title_height) = (self.width, self.height + 32.0, 32.0);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\
             <title>{title}</title><rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\
             <text x=\"8\" y=\"20\" font-family=\"{}\" font-size=\"13\" fill=\"{}\">{title}</text>\
             <g transform=\"translate(0 {title_height})\">{}</g></svg>",
            escape(&palette.ground),
            escape(&palette.sans),
            escape(&palette.ink),
            self.markup(palette),
            title = escape(title),
        )
    }
}

fn path(points: &[Point], x: Scale, y: Scale) -> String {
    let mut path = String::with_capacity(points.len() * 14);
    let mut pen_down = false;
    for &(step, value) in points {
        if value.is_finite() {
            let _ = write!(path, "{}{:.1} {:.1}", if pen_down { 'L' } else { 'M' }, x.place(step), y.place(value));
        }
        pen_down = value.is_finite();
    }
    path
}

fn dot(svg: &mut String, at: (f64, f64), radius: f64, colour: &str) -> std::fmt::Result {
    write!(svg, "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius}\" fill=\"{}\"/>", at.0, at.1, escape(colour))
}

fn text(svg: &mut String, words: &str, at: (f64, f64), anchor: &str, palette: &Palette, colour: &str, more: &str) -> std::fmt::Result {
    write!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\" font-size=\"11\" style=\"font-family:{};font-variant-numeric:tabular-nums\" fill=\"{}\"{more}>{}</text>",
        at.0,
        at.1,
        escape(&palette.sans),
        escape(colour),
        escape(words)
    )
}

/// A number of an axis or a readout in few digits: 0.0005, 1.25, 2,310.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return "–".to_owned();
    }
    if size >= 100.0 {
        return grouped(value);
    }
    if size > 0.0 && size < 1e-5 {
        return format!("{value:.1e}").replace("e-", "e−");
    }
    let digits = match size {
        size if size >= 10.0 => 1,
        size if size >= 0.1 || size == 0.0 => 2,
        // Three significant digits.
        size => (2.0 - size.log10().floor()) as usize,
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Numbers of one axis: with as many digits as tell them apart.
pub fn numbers(values: &[f64]) -> Vec<String> {
    let short: Vec<String> = values.iter().map(|&value| number(value)).collect();
    let differ = |said: &[String]| said.windows(2).all(|two| two[0] != two[1]);
    let longer = (3..=6).map(|digits| values.iter().map(|value| format!("{value:.digits$}")).collect::<Vec<String>>());
    std::iter::once(short.clone()).chain(longer).find(|said| differ(said)).unwrap_or(short)
}

/// A whole number with its thousands set apart.
pub fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if value < -0.5 { format!("−{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: usize) -> Chart {
        let curve = |ink, shift: f64, label: &str| Curve {
            label: label.to_owned(),
            ink,
            points: (1..=points).map(|step| (step as f64, shift + 3.0 / step as f64)).collect(),
        };
        Chart {
            width: 300.0,
            height: 150.0,
            curves: vec![curve(Ink::Train, 2.0, "training 2.01"), curve(Ink::Valid, 2.05, "validation 2.06")],
            log: false,
            steps: 500.0,
            steps_word: "steps".to_owned(),
            mark: None,
            axes: true,
            label_letters: 15,
        }
    }

    fn label_places(markup: &str) -> Vec<f64> {
        markup
            .split("<text ")
            .filter(|part| part.contains("training") || part.contains("validation"))
            .map(|part| part.split("y=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap())
            .collect()
    }

    #[test]
    fn end_labels_do_not_collide_wherever_the_curves_end() {
        for points in [1, 2, 100, 499, 500, 900] {
            let places = label_places(&chart(points).markup(&Palette::live()));
            assert_eq!(places.len(), 2);
            assert!((places[0] - places[1]).abs() >= 13.9, "{points}: {places:?}");
            assert!(places.iter().all(|&place| (0.0..150.0).contains(&place)));
            let chart = chart(points);
            assert!(chart.x().pixels.1 + 7.0 + 13.0 * LETTER <= chart.width + 2.0, "a label has room where its line ends");
        }
    }

    #[test]
    fn a_value_that_is_not_a_number_breaks_the_line() {
        let mut broken = chart(5);
        broken.curves.truncate(1);
        broken.curves[0].points[2].1 = f64::NAN;
        let markup = broken.markup(&Palette::live());
        let path = markup.split("d=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!((path.matches('M').count(), path.matches('L').count()), (2, 2));
        assert!(!markup.contains("NaN"));
    }

    #[test]
    fn an_empty_chart_has_axes_and_no_lines() {
        let mut empty = chart(0);
        empty.mark = Some(3.0);
        let markup = empty.markup(&Palette::live());
        assert!(!markup.contains("<path") && markup.contains("500 steps"));
    }

    #[test]
    fn a_mark_has_a_dot_on_each_curve() {
        let mut marked = chart(20);
        marked.mark = Some(7.4);
        assert_eq!(marked.markup(&Palette::live()).matches("<circle").count(), 2);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [0.0005, 1e-3, 0.25, 3.0, 3.714, 42.06, 2310.0, 1_234_567.0].map(number),
            ["0.0005", "0.001", "0.25", "3", "3.71", "42.1", "2,310", "1,234,567"]
        );
        assert_eq!(number(f64::NAN), "–");
        assert_eq!(numbers(&[0.5, 0.505, 0.51]), ["0.500", "0.505", "0.510"]);
        assert_eq!(numbers(&[0.0, 0.5, 1.0]), ["0", "0.5", "1"]);
        assert_eq!(numbers(&[1.0, 1.0]), ["1", "1"], "what is equal stays so");
        assert_eq!(grouped(-1500.0), "−1,500");
    }
}
