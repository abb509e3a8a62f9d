//! The run bar: the big button and what it does next, where the run stands, the device, privacy, colours, sharing.

mod device;
mod share;
mod status;
mod theme;
mod transport;

use super::conductor::Conductor;
use super::strings::words;
use super::widgets::Menu;
use leptos::prelude::*;

pub use theme::Theme;

/// The bar at the top of the page.
#[component]
pub fn RunBar(conductor: Conductor, theme: Theme) -> impl IntoView {
    let words = &words().bar;
    view! {
        <header class="bar">
            <h1 class="name">"At"<i>"tune"</i></h1>
            <transport::Transport conductor/>
            <status::Status store=conductor.store/>
            <div class="bar-end">
                <device::DeviceMenu conductor/>
                <Menu label=words.nothing_sent hint=words.nothing_sent testid="privacy" class="privacy">
                    <p>{words.nothing_sent_help}</p>
                </Menu>
                <theme::ThemeButton theme/>
                <share::Share settings=conductor.settings/>
            </div>
            <status::Progress store=conductor.store/>
        </header>
    }
}
