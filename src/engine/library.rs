//! The bundled base models' files: the catalogue, downloads with retries, the check by hash, and a copy in the browser's storage.
//!
//! In: the catalogue beside the models, the files it lists. Out: bytes that are what the catalogue says, or one fault. A storage that cannot be
//! used costs a download on the next visit and nothing else. Absent: what the bytes mean (`base`).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::breath::Breath;
use super::host::{Host, HostError};
use crate::protocol::{BaseModel, CATALOGUE_PATH, Catalogue, Event, Fault, FaultCode, ModelEntry, ModelFile, NextAction};

/// Downloads of one file before the visitor is asked.
const ATTEMPTS: u32 = 3;
/// Bytes hashed between two breaths: a few milliseconds' worth.
const HASHED_AT_ONCE: usize = 2 << 20;
/// A copy of the catalogue.
const CATALOGUE: &str = "catalogue.json";
/// Lists the models in storage.
const LIST: &str = "models.json";

/// A model in storage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Kept {
    model: BaseModel,
    version: u32,
    /// Names in storage.
    files: Vec<String>,
}

/// The catalogue of bundled models: the server's, or, while that cannot be reached, the one of the last visit, by which kept models still
/// serve.
///
/// # Errors
/// `ModelNotLoaded` when it cannot be had or read.
pub async fn catalogue<H: Host>(host: &H, base_url: &str) -> Result<Catalogue, Fault> {
    let stored = host.read(CATALOGUE).await.ok().flatten();
    let fetched = match fetch_catalogue(host, base_url).await {
        Ok(bytes) => read_catalogue(&bytes).map(|catalogue| (catalogue, bytes)),
        Err(error) => Err(error.into()),
    };
    match (fetched, stored) {
        (Ok((catalogue, bytes)), stored) => {
            if stored.is_none_or(|stored| stored != bytes) {
                // Without a copy the next visit needs the server, as this one did.
                let _ = host.write(CATALOGUE, &bytes).await;
            }
            forget_others(host, &catalogue).await;
            Ok(catalogue)
        }
        (Err(fault), Some(stored)) => read_catalogue(&stored).map_err(|_| fault),
        (Err(fault), None) => Err(fault),
    }
}

async fn fetch_catalogue<H: Host>(host: &H, base_url: &str) -> Result<Vec<u8>, HostError> {
    let address = format!("{base_url}{CATALOGUE_PATH}");
    let mut attempt = 1;
    loop {
        match host.fetch(&address, |_, _| {}).await {
            Err(_) if attempt < ATTEMPTS => attempt += 1,
            answer => return answer,
        }
    }
}

fn read_catalogue(bytes: &[u8]) -> Result<Catalogue, Fault> {
    let unread = |error: serde_json::Error| Fault::new(FaultCode::ModelNotLoaded, NextAction::Retry, format!("{CATALOGUE_PATH}: {error}"));
    serde_json::from_slice(bytes).map_err(unread)
}

/// A model's files, in the order of `names`: from storage where they are whole, else downloaded, checked and kept. `progress` hears bytes so
/// far and in all, once there is something to download.
///
/// # Errors
/// `ModelNotLoaded` for a failed download, `ModelDamaged` for one that is not what the catalogue says, `ModelUnfit` when the catalogue lacks a
/// file.
pub async fn files<H: Host, const N: usize>(
    host: &H,
    base_url: &str,
    entry: &ModelEntry,
    names: [&str; N],
    breath: &Breath,
    mut progress: impl FnMut(u64, u64),
) -> Result<[Vec<u8>; N], Fault> {
    let mut wanted = Vec::with_capacity(N);
    for name in names {
        let listed = entry.files.iter().find(|file| file.name == name);
        wanted.push(listed.ok_or_else(|| {
            Fault::new(FaultCode::ModelUnfit, NextAction::ChooseModel, format!("{}: the catalogue lists no {name}", entry.id.folder()))
        })?);
    }
    let mut found: [Vec<u8>; N] = std::array::from_fn(|_| Vec::new());
    let mut missing = Vec::new();
    for (index, file) in wanted.iter().enumerate() {
        // A storage that cannot be read holds nothing.
        let stored = host.read(&stored_name(entry, file)).await.ok().flatten();
        match stored {
            Some(bytes) if fits(&bytes, file, breath).await => found[index] = bytes,
            _ => missing.push(index),
        }
    }
    if missing.is_empty() {
        if !list(host).await.iter().any(|kept| kept.model == entry.id && kept.version == entry.version) {
            // The page was closed before they were listed.
            keep(host, entry, &wanted, &[]).await;
        }
        return Ok(found);
    }
    let total: u64 = missing.iter().map(|&index| wanted[index].bytes).sum();
    let (mut done, mut furthest) = (0, 0);
    for &index in &missing {
        let file = wanted[index];
        // Another attempt begins with nothing, which a bar does not show: it waits where the last one came to.
        let heard = |bytes: u64| {
            furthest = (done + bytes).min(total).max(furthest);
            progress(furthest, total);
        };
        found[index] = download(host, base_url, entry, file, breath, heard).await?;
        done += file.bytes;
        progress(done.min(total), total);
    }
    let fresh: Vec<(&ModelFile, &[u8])> = missing.iter().map(|&index| (wanted[index], found[index].as_slice())).collect();
    keep(host, entry, &wanted, &fresh).await;
    Ok(found)
}

async fn download<H: Host>(
    host: &H,
    base_url: &str,
    entry: &ModelEntry,
    file: &ModelFile,
    breath: &Breath,
    mut progress: impl FnMut(u64),
) -> Result<Vec<u8>, Fault> {
    let path = entry.path(&file.name);
    let address = format!("{base_url}{path}");
    let mut attempt = 1;
    loop {
        let fault = match host.fetch(&address, |done, _| progress(done)).await {
            Ok(bytes) if fits(&bytes, file, breath).await => return Ok(bytes),
            Ok(bytes) => {
                let what = if (bytes.len() as u64) < file.bytes { "cut off" } else { "not the file that the catalogue lists" };
                let detail = format!("{path}: {what} ({} bytes of {})", bytes.len(), file.bytes);
                Fault::new(FaultCode::ModelDamaged, NextAction::Retry, detail)
            }
            Err(error) => error.into(),
        };
        if attempt >= ATTEMPTS {
            return Err(fault);
        }
        attempt += 1;
        breath.take().await;
    }
}

/// Length and hash are those of the catalogue.
async fn fits(bytes: &[u8], file: &ModelFile, breath: &Breath) -> bool {
    if bytes.len() as u64 != file.bytes {
        return false;
    }
    let mut hash = Sha256::new();
    for piece in bytes.chunks(HASHED_AT_ONCE) {
        hash.update(piece);
        breath.take().await;
    }
    let found = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    found == file.sha256
}

/// Another version has another name: what was kept before is never mistaken for it.
fn stored_name(entry: &ModelEntry, file: &ModelFile) -> String {
    format!("model.{}.{}.{}", entry.id.folder(), entry.version, file.name)
}

async fn list<H: Host>(host: &H) -> Vec<Kept> {
    let bytes = host.read(LIST).await.ok().flatten();
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Models in storage.
pub async fn kept<H: Host>(host: &H) -> Vec<BaseModel> {
    list(host).await.into_iter().map(|kept| kept.model).collect()
}

/// Keeps what was downloaded, lets go of other versions of the model, and tells the page. What cannot be kept is downloaded again next time.
async fn keep<H: Host>(host: &H, entry: &ModelEntry, all: &[&ModelFile], fresh: &[(&ModelFile, &[u8])]) {
    if store(host, entry, all, fresh).await.is_err() {
        // Half a model is of no use, and others may need the room.
        for file in all {
            let _ = host.remove(&stored_name(entry, file)).await;
        }
    }
    host.send(&Event::ModelsKept { models: kept(host).await }, Vec::new());
}

async fn store<H: Host>(host: &H, entry: &ModelEntry, all: &[&ModelFile], fresh: &[(&ModelFile, &[u8])]) -> Result<(), HostError> {
    let mut models = list(host).await;
    let files: Vec<String> = all.iter().map(|file| stored_name(entry, file)).collect();
    for before in models.iter().filter(|before| before.model == entry.id) {
        for name in before.files.iter().filter(|name| !files.contains(name)) {
            host.remove(name).await?;
        }
    }
    models.retain(|before| before.model != entry.id);
    // Until every file is there the list does not name the model.
    write_list(host, &models).await?;
    for (file, bytes) in fresh {
        host.write(&stored_name(entry, file), bytes).await?;
    }
    models.push(Kept { model: entry.id, version: entry.version, files });
    write_list(host, &models).await
}

/// Lets go of models that the server does not have any more, and of versions that it has renewed, and tells the page.
async fn forget_others<H: Host>(host: &H, catalogue: &Catalogue) {
    let (stay, go): (Vec<Kept>, Vec<Kept>) =
        list(host).await.into_iter().partition(|kept| catalogue.entry(kept.model).is_some_and(|entry| entry.version == kept.version));
    if go.is_empty() || write_list(host, &stay).await.is_err() {
        return;
    }
    for name in go.iter().flat_map(|kept| &kept.files) {
        // Not listed, it is in nobody's way but the storage's.
        let _ = host.remove(name).await;
    }
    host.send(&Event::ModelsKept { models: stay.into_iter().map(|kept| kept.model).collect() }, Vec::new());
}

async fn write_list<H: Host>(host: &H, models: &[Kept]) -> Result<(), HostError> {
    let bytes = serde_json::to_vec(models).map_err(|error| HostError::StorageRefused(error.to_string()))?;
    host.write(LIST, &bytes).await
}
