//! The page object: how a spec speaks to the page. It knows test ids, waiting and pictures; specs know none of these.
//!
//! In: a WebDriver session. Out: what a visitor would see, as text and numbers. Elements are found by `data-testid` only, so that words
//! and layout may change without breaking a spec.

use crate::browser::{Browser, Seen};
use serde_json::{Value, json};
use std::cell::Cell;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use thirtyfour::prelude::*;

/// How long a spec waits for anything on a slow, busy machine with a software GPU.
const PATIENCE: Duration = Duration::from_secs(240);
/// Pause between two looks.
const BLINK: Duration = Duration::from_millis(100);

/// The page in a browser.
pub struct Page {
    driver: WebDriver,
    browser: Browser,
    address: String,
    /// The folder that is served.
    site: PathBuf,
    name: String,
    /// The spec breaks something on purpose.
    errors_expected: Cell<bool>,
}

impl Page {
    /// Of a session; `name` starts the names of its pictures.
    pub fn new(driver: WebDriver, browser: Browser, address: String, site: PathBuf, name: &str) -> Self {
        Self { driver, browser, address, site, name: name.to_owned(), errors_expected: Cell::new(false) }
    }

    /// The folder that is served; a copy of the built site where the spec asked for one.
    pub fn site(&self) -> &Path {
        &self.site
    }

    /// Opens the page with these settings (the part of the address after `#`).
    pub async fn open(&self, hash: &str) -> Seen {
        let hash = if hash.is_empty() { String::new() } else { format!("#{hash}") };
        self.driver.goto(format!("{}{hash}", self.address)).await?;
        Ok(())
    }

    /// As the visitor's reload button.
    pub async fn reload(&self) -> Seen {
        self.driver.refresh().await?;
        Ok(())
    }

    /// The element with this test id.
    pub async fn part(&self, id: &str) -> Seen<WebElement> {
        self.driver.find(By::Css(format!("[data-testid=\"{id}\"]"))).await.map_err(|_| format!("`{id}` is not on the page").into())
    }

    /// Whether the element is there and visible.
    pub async fn shows(&self, id: &str) -> bool {
        match self.part(id).await {
            Ok(element) => element.is_displayed().await.unwrap_or(false),
            Err(_) => false,
        }
    }

    /// What the element says; empty where it is not there.
    pub async fn text(&self, id: &str) -> String {
        match self.part(id).await {
            Ok(element) => element.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// An attribute of the element; empty where it or the element is not there.
    pub async fn attribute(&self, id: &str, name: &str) -> String {
        match self.part(id).await {
            Ok(element) => element.attr(name).await.ok().flatten().unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// What stands in a field, as a number.
    pub async fn field(&self, id: &str) -> Option<f64> {
        first_number(&self.part(id).await.ok()?.value().await.ok()??)
    }

    /// Whether the run is in this state: idle, waiting, starting, running, paused, finished.
    pub async fn is(&self, state: &str) -> bool {
        self.attribute("run-button", "data-state").await == state
    }

    /// Steps done.
    pub async fn steps(&self) -> f64 {
        self.number("step-count").await.unwrap_or(0.0)
    }

    /// The first number in what the element says, thousands separators removed.
    pub async fn number(&self, id: &str) -> Option<f64> {
        first_number(&self.text(id).await)
    }

    /// Clicks once the element can be clicked.
    pub async fn click(&self, id: &str) -> Seen {
        self.until(&format!("`{id}` can be clicked"), async || match self.part(id).await {
            Ok(element) => element.is_enabled().await.unwrap_or(false) && element.is_displayed().await.unwrap_or(false),
            Err(_) => false,
        })
        .await?;
        let element = self.part(id).await?;
        element.scroll_into_view().await?;
        element.click().await?;
        Ok(())
    }

    /// Replaces what is in a field by typing.
    pub async fn write(&self, id: &str, text: &str) -> Seen {
        let field = self.part(id).await?;
        field.scroll_into_view().await?;
        // As with Ctrl+A: emptying the field first would be a change of its own, which the page may answer.
        // With the focus first: a driver puts the caret at the end of a field that it has to focus itself.
        let script = "const field = document.querySelector(`[data-testid=\"${arguments[0]}\"]`); field.focus(); field.select()";
        self.script(script, vec![json!(id)]).await?;
        field.send_keys(text).await?;
        Ok(())
    }

    /// Puts a text into a field in one go, as by pasting: of one that is typed, the beginning may already be answered.
    pub async fn fill(&self, id: &str, text: &str) -> Seen {
        let script = "const field = document.querySelector(`[data-testid=\"${arguments[0]}\"]`); field.value = arguments[1];
                      field.dispatchEvent(new Event('input', { bubbles: true }))";
        self.part(id).await?;
        self.script(script, vec![json!(id), json!(text)]).await.map(drop)
    }

    /// Pins a sentence: pastes it and presses Enter.
    pub async fn pin(&self, sentence: &str) -> Seen {
        self.fill("pin-sentence", sentence).await?;
        let enter = "document.querySelector('[data-testid=pin-sentence]').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))";
        self.script(enter, vec![]).await.map(drop)
    }

    /// Drops a file on an element, as from the desktop.
    pub async fn drop_file(&self, id: &str, name: &str, contents: &str) -> Seen {
        self.drop_files(id, &[(name, contents)]).await
    }

    /// Drops several files at once.
    pub async fn drop_files(&self, id: &str, files: &[(&str, &str)]) -> Seen {
        let script = r#"
            const [id, files] = arguments;
            const place = document.querySelector(`[data-testid="${id}"]`);
            const carried = new DataTransfer();
            for (const [name, contents] of files)
                carried.items.add(new File([contents], name, { type: 'text/plain' }));
            for (const kind of ['dragenter', 'dragover', 'drop'])
                place.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
        "#;
        self.part(id).await?;
        self.driver.execute(script, vec![json!(id), json!(files)]).await?;
        Ok(())
    }

    /// Gives a file to a field for files, as the browser's own dialog does.
    pub async fn pick_file(&self, id: &str, name: &str, contents: &str) -> Seen {
        let script = r#"
            const [id, name, contents] = arguments;
            const field = document.querySelector(`[data-testid="${id}"]`);
            const carried = new DataTransfer();
            carried.items.add(new File([contents], name, { type: 'text/plain' }));
            field.files = carried.files;
            field.dispatchEvent(new Event('change', { bubbles: true }));
        "#;
        self.part(id).await?;
        self.driver.execute(script, vec![json!(id), json!(name), json!(contents)]).await?;
        Ok(())
    }

    /// Gives a folder of this machine to a field for folders.
    pub async fn give_folder(&self, id: &str, folder: &std::path::Path) -> Seen {
        self.part(id).await?.send_keys(folder.to_string_lossy()).await?;
        Ok(())
    }

    /// What is chosen in a list, or stands in a field.
    pub async fn value(&self, id: &str) -> String {
        let value = self.script("return document.querySelector(`[data-testid=\"${arguments[0]}\"]`)?.value", vec![json!(id)]).await;
        value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Chooses a value in a list, or sets a number field.
    pub async fn choose(&self, id: &str, value: &str) -> Seen {
        let script = "const field = document.querySelector(`[data-testid=\"${arguments[0]}\"]`); field.value = arguments[1];
                      field.dispatchEvent(new Event('change', { bubbles: true }));";
        self.part(id).await?;
        self.script(script, vec![json!(id), json!(value)]).await.map(drop)
    }

    /// From now on files that the page offers as downloads are kept for [`Self::downloads`].
    pub async fn catch_downloads(&self) -> Seen {
        let script = "window.kept = []; const make = URL.createObjectURL;
                      URL.createObjectURL = blob => { blob.text().then(text => window.kept.push(text)); return make.call(URL, blob); };";
        self.script(script, vec![]).await.map(drop)
    }

    /// Texts of the files that were offered.
    pub async fn downloads(&self) -> Vec<String> {
        let kept = self.script("return window.kept", vec![]).await.unwrap_or_default();
        kept.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Waits until something is true.
    pub async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) -> Seen {
        let began = Instant::now();
        while !holds().await {
            if began.elapsed() > PATIENCE {
                return Err(format!("waited {} s in vain until {what}", PATIENCE.as_secs()).into());
            }
            tokio::time::sleep(BLINK).await;
        }
        Ok(())
    }

    /// Waits until the element says something that pleases; returns it.
    pub async fn until_text(&self, id: &str, what: &str, pleases: impl Fn(&str) -> bool) -> Seen<String> {
        self.until(&format!("`{id}` {what}"), async || pleases(&self.text(id).await)).await?;
        Ok(self.text(id).await)
    }

    /// Runs a script in the page and returns its result.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Seen<Value> {
        Ok(self.driver.execute(script, arguments).await?.json().clone())
    }

    /// Presses a key where the focus is.
    pub async fn press(&self, key: Key) -> Seen {
        self.driver.active_element().await?.send_keys(key).await?;
        Ok(())
    }

    /// Asks the browser's developer tools, of Chromium only.
    pub async fn devtools(&self, method: &str, parameters: Value) -> Seen {
        self.driver.cdp().send_raw(method, parameters).await?;
        Ok(())
    }

    /// Makes the visible part of the page exactly this large.
    pub async fn resize(&self, width: u32, height: u32) -> Seen {
        if self.is_chromium() {
            let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
            self.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", metrics).await?;
        } else {
            // A window has borders of its own: ask twice.
            self.driver.set_window_rect(0, 0, width, height).await?;
            let inner = self.script("return [window.innerWidth, window.innerHeight]", vec![]).await?;
            let missing = |at: usize, wanted: u32| wanted.saturating_sub(inner[at].as_u64().unwrap_or_default() as u32);
            self.driver.set_window_rect(0, 0, width + missing(0, width), height + missing(1, height)).await?;
        }
        Ok(())
    }

    /// Light or dark, as the visitor's system says.
    pub async fn prefer_dark(&self, dark: bool) -> Seen {
        let scheme = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.driver.cdp().send_raw("Emulation.setEmulatedMedia", features).await?;
        Ok(())
    }

    /// Keeps a picture of the top of the page.
    pub async fn screenshot(&self, what: &str) -> Seen {
        self.script("window.scrollTo(0, 0)", vec![]).await?;
        let Some(folder) = env::var_os("ATTUNE_ARTIFACTS").map(PathBuf::from) else { return Ok(()) };
        fs::create_dir_all(&folder)?;
        let browser = format!("{:?}", self.browser).to_lowercase();
        self.driver.screenshot(&folder.join(format!("{}-{browser}-{what}.png", self.name))).await?;
        Ok(())
    }

    /// How wide an element is, in pixels.
    pub async fn width(&self, id: &str) -> Seen<f64> {
        let script = "return document.querySelector(`[data-testid=\"${arguments[0]}\"]`).getBoundingClientRect().width";
        Ok(self.script(script, vec![json!(id)]).await?.as_f64().unwrap_or(f64::NAN))
    }

    /// How many pixels the page is wider than its window.
    pub async fn overflow(&self) -> Seen<f64> {
        // Not `innerWidth`: a phone's browser zooms out until everything fits, and then says that it does.
        let wider = "const page = document.documentElement; return page.scrollWidth - page.clientWidth";
        let wider = self.script(wider, vec![]).await?;
        Ok(wider.as_f64().unwrap_or(f64::NAN))
    }

    /// Addresses of everything the page has fetched.
    pub async fn fetched(&self) -> Seen<Vec<String>> {
        let script = "return performance.getEntriesByType('resource').map(entry => entry.name)";
        let entries = self.script(script, vec![]).await?;
        Ok(entries.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// The address that the site is served from.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The address in the browser's bar.
    pub async fn location(&self) -> Seen<String> {
        Ok(self.driver.current_url().await?.to_string())
    }

    /// Whether this browser has WebGPU.
    pub fn has_webgpu(&self) -> bool {
        self.browser.has_webgpu()
    }

    /// From now on errors in the console are part of the story.
    pub fn expect_errors(&self) {
        self.errors_expected.set(true);
    }

    /// Fails if the page logged an error nobody expected. Only Chromium's driver tells.
    pub async fn no_errors_in_console(&self) -> Seen {
        if self.errors_expected.get() {
            return Ok(());
        }
        let errors: Vec<String> = self.console().await?.into_iter().filter(|line| line.starts_with("SEVERE")).collect();
        if errors.is_empty() { Ok(()) } else { Err(format!("the console has errors:\n{}", errors.join("\n")).into()) }
    }

    /// Shows the console to the developer.
    pub async fn print_console(&self) -> Seen {
        for line in self.console().await? {
            println!("console: {line}");
        }
        Ok(())
    }

    async fn console(&self) -> Seen<Vec<String>> {
        if !self.is_chromium() {
            return Ok(Vec::new());
        }
        Ok(self.driver.browser_log().await?.into_iter().map(|entry| format!("{} {}", entry.level, entry.message)).collect())
    }

    fn is_chromium(&self) -> bool {
        matches!(self.browser, Browser::ChromiumWebGpu | Browser::ChromiumCpu)
    }
}

/// `1,234.5 tokens` is 1234.5.
pub fn first_number(text: &str) -> Option<f64> {
    let start = text.find(|letter: char| letter.is_ascii_digit())?;
    let negative = text[..start].ends_with(['-', '−']);
    let digits: String = text[start..]
        .chars()
        .take_while(|letter| letter.is_ascii_digit() || ".,\u{202f}\u{a0}".contains(*letter))
        .filter(|letter| letter.is_ascii_digit() || *letter == '.')
        .collect();
    digits.trim_end_matches('.').parse::<f64>().ok().map(|number| if negative { -number } else { number })
}
