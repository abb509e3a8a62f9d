//! The first seconds: the page paints before the engine is there, fits the window, and speaks only to its own host.

use crate::browser::{Browser, Seen, expect, visit};
use crate::page::{Page, first_number};
use std::time::Duration;

async fn paints_at_once(page: &Page) -> Seen {
    let script = "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null";
    page.until("something is painted", async || page.script(script, vec![]).await.is_ok_and(|found| found.is_number())).await?;
    let paint = page.script(script, vec![]).await?.as_f64().ok_or("no paint")?;
    println!("first paint after {paint:.0} ms");
    // The aim is one second on a quiet machine; test machines are busy.
    expect(paint < 3_000.0, format!("first paint after {paint} ms"))
}

async fn speaks_only_to_its_host(page: &Page) -> Seen {
    page.until("the engine is fetched", async || {
        page.fetched().await.is_ok_and(|all| all.iter().any(|address| address.ends_with("engine_loader.js")))
    })
    .await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let fetched = page.fetched().await?;
    let elsewhere: Vec<&String> = fetched.iter().filter(|address| !address.starts_with(page.address())).collect();
    expect(elsewhere.is_empty(), format!("fetched from elsewhere: {elsewhere:?}"))
}

async fn fits(page: &Page) -> Seen {
    for (width, height, name) in [(1280, 800, "desktop"), (390, 844, "phone")] {
        page.resize(width, height).await?;
        for dark in [false, true] {
            page.prefer_dark(dark).await?;
            tokio::time::sleep(Duration::from_millis(400)).await;
            page.screenshot(&format!("{name}-{}", if dark { "dark" } else { "light" })).await?;
        }
        let wider = page.overflow().await?;
        expect(wider <= 0.0, format!("at {width} pixels the page is {wider} pixels too wide"))?;
    }
    Ok(())
}

#[test]
fn the_page_paints_before_the_engine_is_there() {
    visit(Browser::ChromiumCpu, "first-paint", "", paints_at_once);
}

#[test]
fn nothing_is_fetched_from_anywhere_else() {
    visit(Browser::ChromiumCpu, "own-host", "", speaks_only_to_its_host);
}

#[test]
fn it_fits_a_desktop_and_a_phone_in_light_and_dark() {
    visit(Browser::ChromiumCpu, "looks", "", fits);
}

#[test]
fn numbers_are_read_as_people_write_them() {
    assert_eq!(first_number("step 1,234 of 5"), Some(1234.0));
    assert_eq!(first_number("loss 3.71"), Some(3.71));
    assert_eq!(first_number("−0.5"), Some(-0.5));
    assert_eq!(first_number("none"), None);
}
