//! The page: Leptos components that show what the engine says and send what the visitor wants. Never burn.
//!
//! In: the visitor, and the engine's events through `client` into `state`. Out: commands. Each part of the screen has a folder; `conductor`
//! decides what is asked of the engine and when; every word is in `strings`; settings live in `settings` and in the link (`url`).
//!
//! Test ids (`data-testid`), for tests that come as a visitor:
//! * bar: `run-button` (`data-state`: preparing, idle, waiting, starting, running, paused, finished), `step-button`, `reset-button`, `step-count`,
//!   `step-total`, `time-left`, `tokens-per-second`, `phase`, `progress`, `device-name` (`data-device`: webgpu, cpu, none), `device-menu`,
//!   `device-auto`, `device-webgpu`, `device-cpu`, `device-why`, `privacy`, `theme` (`data-choice`), `share`
//! * messages: `fault` (`data-code`), `fault-action`, `fault-dismiss`, `fault-log`, `resume`, `resume-run`, `resume-discard`, `recorded`
//! * dialogs: `confirm-yes`, `confirm-no`, `paste-text`, `paste-use`
//! * text: `drop`, `drop-sheet`, `file-input`, `paste-open`, `sample-<id>`, `text-title`, `text-status`, `tokens`, `encoding`, `data-check`,
//!   `preview`, `verdict`
//! * recipe: `set-<setting>` (`set-steps`, `set-start`, ...), `slide-learning_rate`, `more-settings`, `restart-notice`, `restart`,
//!   `restart-undo`
//! * below: `lesson`; with `#debug=1`: `inject-device`, `inject-nan`, `inject-panic`
//! * `inside`, `chart`, `result`, `report`, `scenario`, `probe`, `models`, `compare` and `later` list their own.

pub mod app;
pub mod bar;
pub mod chart;
pub mod client;
pub mod compare;
pub mod conductor;
pub mod fetch;
pub mod fields;
pub mod format;
pub mod inside;
pub mod label_fields;
pub mod label_link;
pub mod label_settings;
pub mod later;
pub mod lesson;
pub mod messages;
pub mod models;
pub mod probe;
pub mod recipe;
pub mod recorded;
pub mod report;
pub mod result;
pub mod scenario;
pub mod settings;
pub mod state;
pub mod strings;
pub mod table_in;
pub mod text_in;
pub mod url;
pub mod widgets;

use leptos::leptos_dom::helpers::document;
use wasm_bindgen::JsCast;

/// Id of the element that the page fills; until then it shows a still outline.
const MOUNT: &str = "app";

/// Puts the page in place of its outline.
pub fn open() {
    console_error_panic_hook::set_once();
    match document().get_element_by_id(MOUNT).map(JsCast::dyn_into::<web_sys::HtmlElement>) {
        Some(Ok(element)) => {
            element.set_inner_html("");
            leptos::mount::mount_to(element, app::Page).forget();
        }
        _ => leptos::mount::mount_to_body(app::Page),
    }
}
