//! A browser with its driver, made for one spec and gone after it.
//!
//! In: which browser, with WebGPU or without. Out: a WebDriver session on a page of the built site, served below a path as on a host
//! that gives every project a folder. When a spec fails, the last thing seen is kept as a screenshot.

use crate::page::Page;
use serde_json::json;
use site_server::Server;
use std::env;
use std::error::Error;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use thirtyfour::prelude::*;

/// What a spec ends with.
pub type Seen<T = ()> = Result<T, Box<dyn Error>>;

/// For the expectations of a spec: an error, not a panic, so that the browser is closed and the last picture kept.
pub fn expect(holds: bool, otherwise: impl Into<String>) -> Seen {
    if holds { Ok(()) } else { Err(otherwise.into().into()) }
}

/// Which browser, and what it may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browser {
    /// Chromium with WebGPU on its software adapter.
    ChromiumWebGpu,
    /// Chromium as it is where no adapter can be had.
    ChromiumCpu,
    /// Firefox with WebGPU on the system's software Vulkan.
    FirefoxWebGpu,
    /// Firefox with WebGPU switched off.
    FirefoxCpu,
}

/// Path below which the site is served: it must not matter.
const PREFIX: &str = "/a/class room/";

impl Browser {
    fn is_chromium(self) -> bool {
        matches!(self, Self::ChromiumWebGpu | Self::ChromiumCpu)
    }

    /// Whether an adapter can be had.
    pub fn has_webgpu(self) -> bool {
        matches!(self, Self::ChromiumWebGpu | Self::FirefoxWebGpu)
    }

    fn capabilities(self) -> Seen<Capabilities> {
        let capabilities = if self.is_chromium() {
            let mut args = vec![
                "--headless=new",
                "--no-sandbox",
                "--window-size=1280,900",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--disable-gpu-watchdog",
                "--force-color-profile=srgb",
            ];
            if self.has_webgpu() {
                args.extend(["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]);
            }
            json!({
                "browserName": "chrome",
                "goog:chromeOptions": { "args": args, "binary": program("CHROMIUM")? },
                "goog:loggingPrefs": { "browser": "ALL" },
            })
        } else {
            json!({
                "browserName": "firefox",
                "moz:firefoxOptions": {
                    "args": ["-headless"],
                    "binary": program("FIREFOX")?,
                    "prefs": {
                        "dom.webgpu.enabled": self.has_webgpu(),
                        "dom.webgpu.workers.enabled": self.has_webgpu(),
                        "gfx.webgpu.ignore-blocklist": self.has_webgpu(),
                        "app.update.enabled": false,
                        "datareporting.policy.dataSubmissionEnabled": false,
                        "network.captive-portal-service.enabled": false,
                        "network.connectivity-service.enabled": false,
                    },
                },
            })
        };
        Ok(serde_json::from_value(capabilities)?)
    }

    fn driver(self) -> Seen<Driver> {
        Driver::start(&program(if self.is_chromium() { "CHROMEDRIVER" } else { "GECKODRIVER" })?)
    }
}

/// Opens the page in a fresh browser, runs the spec, and closes everything. Panics with what went wrong, as tests do.
pub fn visit(browser: Browser, name: &str, hash: &str, spec: impl AsyncFnOnce(&Page) -> Seen) {
    visit_site(browser, name, hash, built_site(), spec);
}

/// The same on a copy of the built site, which `change` and the spec may damage.
pub fn visit_copy(browser: Browser, name: &str, hash: &str, change: impl FnOnce(&Path) -> Seen, spec: impl AsyncFnOnce(&Page) -> Seen) {
    let copy = env::temp_dir().join(format!("attune-site-{name}-{}", std::process::id()));
    let site = built_site().and_then(|site| copy_folder(&site, &copy)).and_then(|()| change(&copy)).map(|()| copy.clone());
    visit_site(browser, name, hash, site, spec);
    // Of a spec that failed the copy stays, for whoever looks into it.
    let _ = fs::remove_dir_all(copy);
}

fn built_site() -> Seen<PathBuf> {
    Ok(PathBuf::from(env::var_os("ATTUNE_DIST").ok_or("ATTUNE_DIST is not set: run `cargo xtask test --only e2e`")?))
}

fn copy_folder(from: &Path, to: &Path) -> Seen {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)?.flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy_folder(&from, &to)?;
        } else {
            fs::copy(from, to)?;
        }
    }
    Ok(())
}

fn visit_site(browser: Browser, name: &str, hash: &str, site: Seen<PathBuf>, spec: impl AsyncFnOnce(&Page) -> Seen) {
    let began = Instant::now();
    let site = match site {
        Ok(site) => site,
        Err(error) => panic!("{name}: {error}"),
    };
    let seen = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(session(browser, name, hash, site, spec)));
    println!("{name}: {} s in {browser:?}", began.elapsed().as_secs());
    if let Err(error) = seen {
        panic!("{name} in {browser:?}: {error}");
    }
}

async fn session(browser: Browser, name: &str, hash: &str, site: PathBuf, spec: impl AsyncFnOnce(&Page) -> Seen) -> Seen {
    let server = Server::start(site.clone(), &PREFIX.replace(' ', "%20"), 0)?;
    let process = browser.driver()?;
    let driver = WebDriver::new(process.address(), browser.capabilities()?).await?;
    driver.set_script_timeout(Duration::from_secs(60)).await?;
    driver.set_page_load_timeout(Duration::from_secs(60)).await?;
    let page = Page::new(driver.clone(), browser, server.address(), site, name);
    let opened = match page.resize(1280, 800).await {
        Ok(()) => page.open(hash).await,
        Err(error) => Err(error),
    };
    let mut seen = match opened {
        Ok(()) => spec(&page).await,
        Err(error) => Err(error),
    };
    if seen.is_err() {
        // Pictures of a failure are a help, not a result: what they say must not hide the failure itself.
        let _ = page.screenshot("failed").await;
        let _ = page.print_console().await;
    } else {
        seen = page.no_errors_in_console().await;
    }
    driver.quit().await?;
    drop(process);
    seen
}

/// A driver process on a port of its own.
struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    fn start(program: &PathBuf) -> Seen<Self> {
        // Taken and given back: the driver wants a number. Nobody else takes ports in between on a machine that runs one spec.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let child = Command::new(program).arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let driver = Self { child, port };
        let until = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if Instant::now() > until {
                return Err(format!("{} does not listen", program.display()).into());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(driver)
    }

    fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(variable: &str) -> Seen<PathBuf> {
    Ok(PathBuf::from(env::var_os(variable).ok_or_else(|| format!("{variable} is not set: run `cargo xtask test --only e2e`"))?))
}
