//! The colours and typefaces of drawings, as the page's styles name them.
//!
//! In: an element whose computed style holds the custom properties of `www/styles`. Out: plain strings, for a canvas (which knows no
//! custom properties) and for saved pictures (which leave the page). Absent: the colours themselves; they are in the styles.

use leptos::web_sys::Element;

/// Head colours told apart; further heads repeat them with another dash pattern.
pub const HEAD_COLOURS: usize = 8;

/// The second channel beside colour: dash patterns, in CSS pixels; a line's head is told by them without colour.
const DASHES: [&[f64]; HEAD_COLOURS] =
    [&[], &[7.0, 3.0], &[2.0, 3.0], &[10.0, 3.0, 2.0, 3.0], &[4.0, 2.0], &[14.0, 4.0], &[7.0, 2.0, 1.5, 2.0, 1.5, 2.0], &[1.5, 1.5]];

/// The dash pattern of a head; empty is a solid line.
pub fn dash(head: usize) -> &'static [f64] {
    DASHES[(head + head / HEAD_COLOURS) % HEAD_COLOURS]
}

/// Resolved colours and typefaces.
#[derive(Debug, Clone, PartialEq)]
pub struct Palette {
    pub ground: String,
    pub panel: String,
    pub ink: String,
    pub muted: String,
    pub faint: String,
    pub line: String,
    pub soft: String,
    pub train: String,
    pub valid: String,
    /// Gains and losses of a difference.
    pub more: String,
    pub less: String,
    pub heads: [String; HEAD_COLOURS],
    pub sans: String,
    pub mono: String,
}

impl Palette {
    /// The palette as names of custom properties: right for SVG that stays on the page and follows its theme.
    pub fn live() -> Self {
        Self::from(|name| format!("var({name})"))
    }

    /// The palette as it is computed at `element` now.
    pub fn at(element: &Element) -> Self {
        let style = leptos::web_sys::window().and_then(|window| window.get_computed_style(element).ok().flatten());
        Self::from(|name| {
            let value = style.as_ref().and_then(|style| style.get_property_value(name).ok()).unwrap_or_default();
            let value = value.trim();
            if value.is_empty() { fallback(name).to_owned() } else { value.to_owned() }
        })
    }

    fn from(read: impl Fn(&str) -> String) -> Self {
        Self {
            ground: read("--ground"),
            panel: read("--panel"),
            ink: read("--ink"),
            muted: read("--muted"),
            faint: read("--faint"),
            line: read("--line"),
            soft: read("--soft"),
            train: read("--train"),
            valid: read("--valid"),
            more: read("--more"),
            less: read("--less"),
            heads: std::array::from_fn(|head| read(&format!("--h{}", head + 1))),
            sans: read("--sans"),
            mono: read("--mono"),
        }
    }

    /// The colour of a head.
    pub fn head(&self, head: usize) -> &str {
        &self.heads[head % HEAD_COLOURS]
    }
}

/// A drawing without styles is still a drawing.
fn fallback(name: &str) -> &'static str {
    match name {
        "--ground" | "--panel" => "#ffffff",
        "--line" | "--soft" => "#e4e3de",
        "--sans" => "sans-serif",
        "--mono" => "monospace",
        _ => "#1b1d20",
    }
}

/// Text made safe inside SVG or HTML.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // XML 1.0 has no place for these, not even escaped.
            c if c.is_control() && !matches!(c, '\n' | '\t') => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_heads_are_sixteen_pairs_of_colour_and_dash() {
        let pairs: std::collections::HashSet<_> = (0..16).map(|head| (head % HEAD_COLOURS, format!("{:?}", dash(head)))).collect();
        assert_eq!(pairs.len(), 16);
    }

    #[test]
    fn markup_in_a_token_stays_text() {
        assert_eq!(escape("<b a=\"1\">&\u{1}"), "&lt;b a=&quot;1&quot;&gt;&amp;\u{fffd}");
    }

    #[test]
    fn live_colours_follow_the_theme() {
        assert_eq!(Palette::live().head(9), "var(--h2)");
    }
}
