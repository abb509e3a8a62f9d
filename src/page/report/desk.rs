//! What all parts of a shown report share: the report, its rows, and which figure the visitor looks behind.
//!
//! In: a stored report. Out: a handle to copy freely, and the button that every figure is. Absent: what the parts look like.

use super::behind::Behind;
use super::judged::Judged;
use super::relabel::Pending;
use super::texts::Texts;
use crate::page::state::{Store, StoredReport};
use crate::page::strings::report::words;
use crate::protocol::SplitPart;
use crate::protocol::labels::{LabelReport, TaskFigures};
use leptos::html::Section;
use leptos::prelude::*;
use std::rc::Rc;

/// Handle to a shown report.
#[derive(Clone, Copy)]
pub struct Desk {
    pub store: Store,
    stored: StoredValue<Rc<StoredReport>, LocalStorage>,
    pub judged: StoredValue<Option<Judged>, LocalStorage>,
    /// Of the classes, or of the tags.
    pub names: StoredValue<Vec<String>>,
    pub texts: Texts,
    pub behind: RwSignal<Behind>,
    /// The part whose rows are listed.
    pub part: RwSignal<SplitPart>,
    pub pending: Pending,
    /// Where the rows are listed.
    pub list: NodeRef<Section>,
}

impl Desk {
    /// Lays a report out. Lives as long as the surrounding component.
    pub fn new(store: Store, stored: Rc<StoredReport>) -> Self {
        let part = RwSignal::new(stored.report.part);
        Self::over(store, stored, part, Pending::new(store))
    }

    /// Lays out rows of another part, beside the report.
    pub fn beside(report: Self, stored: Rc<StoredReport>) -> Self {
        Self::over(report.store, stored, report.part, Pending::new(report.store))
    }

    fn over(store: Store, stored: Rc<StoredReport>, part: RwSignal<SplitPart>, pending: Pending) -> Self {
        let names = match &stored.report.figures {
            TaskFigures::Classes(figures) => figures.classes.clone(),
            TaskFigures::Several(figures) => figures.classes.clone(),
            TaskFigures::Spans(figures) => figures.tags.clone(),
            TaskFigures::Score(_) | TaskFigures::Texts(_) => Vec::new(),
        };
        let desk = Self {
            store,
            judged: StoredValue::new_local(Judged::of(&stored)),
            stored: StoredValue::new_local(stored),
            names: StoredValue::new(names),
            texts: Texts::follow(store),
            behind: RwSignal::new(Behind::default()),
            part,
            pending,
            list: NodeRef::new(),
        };
        desk.follow_corrections();
        desk
    }

    /// Reads the report.
    pub fn report<T>(&self, read: impl FnOnce(&LabelReport) -> T) -> T {
        self.stored.with_value(|stored| read(&stored.report))
    }

    /// Shows the rows behind a figure, and goes there.
    pub fn look(self, behind: Behind) {
        self.behind.set(behind);
        let measured = self.report(|report| report.part);
        if self.part.get_untracked() != measured {
            // Another part's rows give way first: what is hidden cannot be gone to.
            self.part.set(measured);
            return request_animation_frame(move || self.go_to_rows());
        }
        self.go_to_rows();
    }

    fn go_to_rows(&self) {
        if let Some(list) = self.list.get_untracked() {
            // Also brings it into sight; fails only where it is gone.
            let _gone = list.focus();
        }
    }

    /// A figure as a button that shows the rows behind it. `what` names it for whoever does not see where it stands.
    pub fn number(self, id: impl Into<String>, value: String, what: &str, behind: Behind) -> AnyView {
        let label = (words().show_rows)(what, &value);
        view! {
            <button type="button" class="figure" data-testid=id.into() aria-label=label.clone() title=label on:click=move |_| self.look(behind.clone())>
                {value}
            </button>
        }
        .into_any()
    }
}
