//! What is picked in the attention pictures: which layer, which heads, which token.
//!
//! In: clicks and keys, as plain calls. Out: copies of small values that every view shares. Absent: signals, drawing, the frame itself.

/// The heads that are drawn. Never empty: the last active head cannot be turned off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadSet {
    bits: u32,
    heads: u32,
}

impl HeadSet {
    /// One head of `heads`; at most 32 are told apart.
    pub fn only(head: usize, heads: usize) -> Self {
        let heads = heads.clamp(1, 32) as u32;
        let head = (head as u32).min(heads - 1);
        Self { bits: 1 << head, heads }
    }

    /// Every head of `heads`.
    pub fn all(heads: usize) -> Self {
        let heads = heads.clamp(1, 32) as u32;
        Self { bits: u32::MAX >> (32 - heads), heads }
    }

    pub fn contains(self, head: usize) -> bool {
        head < 32 && self.bits & (1 << head) != 0
    }

    /// Active heads, at least 1.
    pub fn count(self) -> usize {
        self.bits.count_ones() as usize
    }

    /// The active heads, lowest first.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..self.heads as usize).filter(move |&head| self.contains(head))
    }

    /// The lowest active head.
    pub fn first(self) -> usize {
        self.bits.trailing_zeros() as usize
    }

    /// The head switched on or off; unchanged when it is the last one on, or does not exist.
    #[must_use]
    pub fn toggled(self, head: usize) -> Self {
        if head >= self.heads as usize {
            return self;
        }
        let bits = self.bits ^ (1 << head);
        if bits == 0 { self } else { Self { bits, ..self } }
    }

    /// That head alone; all heads again when it already was alone.
    #[must_use]
    pub fn soloed(self, head: usize) -> Self {
        let alone = Self::only(head, self.heads as usize);
        if self == alone { Self::all(self.heads as usize) } else { alone }
    }

    /// The same choice for a model with another number of heads.
    #[must_use]
    pub fn fitted(self, heads: usize) -> Self {
        let all = Self::all(heads);
        let bits = self.bits & all.bits;
        if bits == 0 { Self::only(0, heads) } else { Self { bits, heads: all.heads } }
    }
}

/// A column of the head picture: tokens that look, and tokens that are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Left: the token that looks.
    Query,
    /// Right: the token that is looked at.
    Key,
}

impl Side {
    pub fn other(self) -> Self {
        match self {
            Self::Query => Self::Key,
            Self::Key => Self::Query,
        }
    }
}

/// One token in one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Focus {
    pub side: Side,
    pub token: usize,
}

impl Focus {
    /// The focus after an arrow key: `down` rows further, within `tokens`; `across` changes the column.
    #[must_use]
    pub fn moved(from: Option<Self>, down: i32, across: bool, tokens: usize) -> Option<Self> {
        let last = tokens.checked_sub(1)?;
        let Some(from) = from else {
            return Some(Self { side: Side::Query, token: if down < 0 { last } else { 0 } });
        };
        let token = (from.token.min(last) as i64 + i64::from(down)).clamp(0, last as i64) as usize;
        Some(Self { side: if across { from.side.other() } else { from.side }, token })
    }
}

/// Hover previews, click pins, Esc releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pointing {
    pub hover: Option<Focus>,
    pub pinned: Option<Focus>,
}

impl Pointing {
    /// What is isolated now: what the pointer is on, else what is pinned.
    pub fn focus(self) -> Option<Focus> {
        self.hover.or(self.pinned)
    }

    /// A click on a token pins it; a second click on the same one lets go.
    #[must_use]
    pub fn clicked(self, at: Option<Focus>) -> Self {
        let pinned = if at == self.pinned { None } else { at };
        Self { pinned, hover: if pinned.is_none() { None } else { self.hover } }
    }

    /// The pointing without tokens that the sentence does not have.
    #[must_use]
    pub fn fitted(self, tokens: usize) -> Self {
        let keep = |focus: Option<Focus>| focus.filter(|focus| focus.token < tokens);
        Self { hover: keep(self.hover), pinned: keep(self.pinned) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_active_head_stays_on() {
        let one = HeadSet::only(2, 4);
        assert_eq!(one.toggled(2), one);
        assert_eq!(one.toggled(0).iter().collect::<Vec<_>>(), [0, 2]);
        assert_eq!(one.toggled(9), one);
    }

    #[test]
    fn a_second_double_click_brings_all_heads_back() {
        let some = HeadSet::all(4).toggled(1);
        let alone = some.soloed(3);
        assert_eq!(alone.iter().collect::<Vec<_>>(), [3]);
        assert_eq!(alone.soloed(3), HeadSet::all(4));
    }

    #[test]
    fn a_model_with_fewer_heads_keeps_what_it_can() {
        assert_eq!(HeadSet::all(8).fitted(2), HeadSet::all(2));
        assert_eq!(HeadSet::only(7, 8).fitted(2), HeadSet::only(0, 2));
        assert_eq!(HeadSet::all(32).count(), 32);
    }

    #[test]
    fn arrows_stay_inside_the_sentence() {
        let first = Focus::moved(None, 1, false, 3);
        assert_eq!(first, Some(Focus { side: Side::Query, token: 0 }));
        assert_eq!(Focus::moved(first, -1, false, 3), first);
        assert_eq!(Focus::moved(first, 9, true, 3), Some(Focus { side: Side::Key, token: 2 }));
        assert_eq!(Focus::moved(first, 1, false, 0), None);
    }

    #[test]
    fn hover_wins_over_the_pin_and_a_second_click_lets_go() {
        let a = Focus { side: Side::Query, token: 1 };
        let b = Focus { side: Side::Key, token: 2 };
        let pinned = Pointing::default().clicked(Some(a));
        assert_eq!(pinned.focus(), Some(a));
        assert_eq!(Pointing { hover: Some(b), ..pinned }.focus(), Some(b));
        assert_eq!(pinned.clicked(Some(a)).focus(), None);
        assert_eq!(pinned.fitted(1), Pointing::default());
    }
}
