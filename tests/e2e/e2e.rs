//! The built page as a visitor uses it, in real browsers over WebDriver.
//!
//! In: `ATTUNE_DIST` (the built site) and the browsers and drivers in `CHROMIUM`, `CHROMEDRIVER`, `FIREFOX`, `GECKODRIVER`; all of
//! it is provided by `cargo xtask test --only e2e`. Out: specs passed or failed, and screenshots in `ATTUNE_ARTIFACTS`.
//!
//! One page object (`page.rs`) knows the page's test ids; specs are short and speak of what a visitor does and sees. Tests whose name
//! contains `firefox` run in Firefox, all others in Chromium. Only this machine is spoken to.

mod browser;
mod page;
mod specs;
