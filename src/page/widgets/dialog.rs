//! Modal dialogs: the browser's own, so focus stays inside, Escape closes, and the page behind is inert.

use crate::page::conductor::{Conductor, Question};
use crate::page::state::RunState;
use crate::page::strings::words;
use leptos::html::Dialog as DialogElement;
use leptos::prelude::*;

/// A modal dialog that is open while `open` is true; `on_close` is told when the visitor closes it with Escape.
#[component]
pub fn Dialog(
    #[prop(into)] open: Signal<bool>,
    on_close: impl Fn() + 'static,
    #[prop(into)] title: Signal<String>,
    children: Children,
) -> impl IntoView {
    let element = NodeRef::<DialogElement>::new();
    Effect::new(move |_| {
        if let Some(dialog) = element.get() {
            match (open.get(), dialog.open()) {
                (true, false) => {
                    // Fails only when it is open already.
                    let _ = dialog.show_modal();
                }
                (false, true) => dialog.close(),
                _ => {}
            }
        }
    });
    view! {
        <dialog node_ref=element class="dialog" aria-label=move || title.get() on:close=move |_| on_close()>
            <h2 class="dialog-title">{move || title.get()}</h2>
            {children()}
        </dialog>
    }
}

/// Asks the conductor's question, if there is one.
#[component]
pub fn ConfirmDialog(conductor: Conductor) -> impl IntoView {
    let question = conductor.question;
    // While it closes, the dialog keeps its words.
    let last = RwSignal::new((String::new(), String::new(), String::new()));
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        let question = question.get();
        if let Some(question) = &question {
            last.set(conductor.store.peek(|state| describe(question, state)));
        }
        open.set(question.is_some());
    });
    view! {
        <Dialog
            open
            on_close=move || {
                if question.with_untracked(Option::is_some) {
                    conductor.answer(false);
                }
            }
            title=Signal::derive(move || last.get().0)
        >
            <p>{move || last.get().1}</p>
            <p class="dialog-buttons">
                <button class="button" data-testid="confirm-no" on:click=move |_| conductor.answer(false)>{words().bar.cancel}</button>
                <button class="button main" data-testid="confirm-yes" on:click=move |_| conductor.answer(true)>{move || last.get().2}</button>
            </p>
        </Dialog>
    }
}

/// Title, body and the button that agrees.
fn describe(question: &Question, state: &RunState) -> (String, String, String) {
    let (bar, faults) = (&words().bar, &words().faults);
    let steps = state.steps_at_stake();
    let (title, body, yes) = match question {
        Question::Reset { .. } => (bar.reset_title, (bar.reset_body)(steps), bar.reset_yes),
        Question::Replace(_) => (bar.replace_title, (bar.replace_body)(steps), bar.replace_yes),
        Question::Overwrite { .. } => (faults.overwrite_title, faults.overwrite_body.to_owned(), faults.overwrite_yes),
        Question::Discard => (faults.discard_title, faults.discard_body.to_owned(), faults.discard_yes),
    };
    (title.to_owned(), body, yes.to_owned())
}
