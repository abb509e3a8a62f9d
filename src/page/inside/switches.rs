//! What switches do, as plain data: the list of parts, toggling, costs, and the map as a picture.
//!
//! In: switches, a `SwitchMap` answer. Out: lists, shades, SVG. Absent: asking, buttons.

use super::numbers::nats;
use super::svg::{Anchor, Svg};
use crate::page::chart::palette::Palette;
use crate::page::state::Told;
use crate::page::strings::questions;
use crate::protocol::explain::{Answer, ModelPart, Switch, SwitchTo};

/// The three things that can stand in a part's place.
pub const TARGETS: [SwitchTo; 3] = [SwitchTo::Zero, SwitchTo::Mean, SwitchTo::Base];

/// All parts of a layer: its heads, then its MLP.
pub fn parts(layer: usize, heads: usize) -> impl Iterator<Item = ModelPart> {
    let layer = layer as u32;
    (0..heads as u32).map(move |head| ModelPart::Head { layer, head }).chain(std::iter::once(ModelPart::Mlp { layer }))
}

/// The switches with this part turned off, or on again where it was off.
pub fn toggled(switches: &[Switch], part: ModelPart, to: SwitchTo) -> Vec<Switch> {
    let mut rest: Vec<Switch> = switches.iter().copied().filter(|switch| switch.part != part).collect();
    if rest.len() == switches.len() {
        rest.push(Switch { part, to });
    }
    rest
}

/// The same parts with another thing in their place.
pub fn retargeted(switches: &[Switch], to: SwitchTo) -> Vec<Switch> {
    switches.iter().map(|switch| Switch { to, ..*switch }).collect()
}

/// A `SwitchMap` answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Costs {
    pub step: u32,
    pub to: SwitchTo,
    /// `[layers][heads]`, nats per token.
    pub heads: Vec<Vec<f32>>,
    /// `[layers]`
    pub mlps: Vec<f32>,
}

impl Costs {
    /// Of an answer; nothing of another kind.
    pub fn read(told: &Told) -> Option<Self> {
        match &told.answer {
            Answer::SwitchMap { to, heads, mlps, .. } => Some(Self { step: told.step, to: *to, heads: heads.clone(), mlps: mlps.clone() }),
            _ => None,
        }
    }

    /// What the sentence loses without this part.
    pub fn of(&self, part: ModelPart) -> Option<f32> {
        match part {
            ModelPart::Head { layer, head } => self.heads.get(layer as usize)?.get(head as usize).copied(),
            ModelPart::Mlp { layer } => self.mlps.get(layer as usize).copied(),
        }
    }

    /// The change that is farthest from 0, with its sign.
    pub fn largest(&self) -> f32 {
        let all = self.heads.iter().flatten().chain(&self.mlps).copied();
        all.fold(0.0, |largest: f32, cost| if cost.abs() > largest.abs() { cost } else { largest })
    }

    /// Depth of a colour, −1..=1: the square root of the share of the largest, since one MLP may outweigh all heads.
    pub fn shade(&self, cost: f32) -> f32 {
        let largest = self.largest().abs();
        if largest > 0.0 { (cost.abs() / largest).min(1.0).sqrt().copysign(cost) } else { 0.0 }
    }

    /// The map's name.
    pub fn title(&self) -> String {
        (questions::words().test.map_title)(self.to, self.step)
    }

    /// Draws the map; returns it with its height.
    pub fn draw<'a>(&self, width: f64, palette: &'a Palette) -> (Svg<'a>, f64) {
        let own = &questions::words().test;
        let mut svg = Svg::new(palette);
        let heads = self.heads.iter().map(Vec::len).max().unwrap_or(0);
        let (names, row) = (60.0, 28.0);
        let cell = (width - names) / (heads as f64 + 1.0);
        for column in 0..=heads {
            let name = if column == heads { own.mlp.to_owned() } else { (own.head)(column + 1) };
            svg.text(&name, (names + cell * (column as f64 + 0.5), row / 2.0), Anchor::Middle, 11.0, &palette.muted, false);
        }
        for layer in 0..self.heads.len() {
            let top = row * (layer as f64 + 1.0);
            svg.text(&(own.layer)(layer + 1), (names - 8.0, top + row / 2.0), Anchor::End, 11.0, &palette.muted, false);
            for (column, part) in parts(layer, heads).enumerate() {
                let Some(cost) = self.of(part) else { continue };
                let (x, shade) = (names + cell * column as f64, f64::from(self.shade(cost)));
                svg.rect((x + 1.0, top + 1.0), (cell - 2.0, row - 2.0), &palette.soft, 1.0);
                let colour = palette.heads[if shade < 0.0 { 0 } else { 1 }].clone();
                svg.rect((x + 1.0, top + 1.0), (cell - 2.0, row - 2.0), &colour, shade.abs() * 0.75);
                svg.text(&nats(cost), (x + cell / 2.0, top + row / 2.0), Anchor::Middle, 11.0, &palette.ink, false);
            }
        }
        (svg, row * (self.heads.len() as f64 + 1.0) + 4.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(head: u32) -> ModelPart {
        ModelPart::Head { layer: 0, head }
    }

    #[test]
    fn a_part_goes_off_and_on_again() {
        let one = toggled(&[], head(1), SwitchTo::Mean);
        assert_eq!(one, [Switch { part: head(1), to: SwitchTo::Mean }]);
        let two = toggled(&one, ModelPart::Mlp { layer: 0 }, SwitchTo::Zero);
        assert_eq!(toggled(&two, head(1), SwitchTo::Zero), [Switch { part: ModelPart::Mlp { layer: 0 }, to: SwitchTo::Zero }]);
        assert!(retargeted(&two, SwitchTo::Base).iter().all(|switch| switch.to == SwitchTo::Base));
    }

    #[test]
    fn costs_are_shaded_by_their_root_with_their_sign() {
        let costs = Costs { step: 3, to: SwitchTo::Zero, heads: vec![vec![0.25, -1.0]], mlps: vec![4.0] };
        assert_eq!((costs.largest(), costs.shade(0.25), costs.shade(-1.0), costs.shade(4.0)), (4.0, 0.25, -0.5, 1.0));
        assert_eq!((costs.of(head(1)), costs.of(ModelPart::Mlp { layer: 0 }), costs.of(head(7))), (Some(-1.0), Some(4.0), None));
        let palette = Palette::live();
        let (svg, height) = costs.draw(400.0, &palette);
        let svg = svg.live(400.0, height, "x");
        assert!(svg.contains(">+4.000<") && svg.contains(">\u{2212}1.000<"));
        assert_eq!(parts(0, 2).count(), 3);
    }
}
