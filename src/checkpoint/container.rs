//! The container that saved runs are in: parts one after the other, with a checksum.
//!
//! Layout, all numbers little-endian:
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | which kind of container |
//! | 4 | version of its format |
//! | for each part | 8 bytes of length, then the bytes |
//! | 32 | SHA-256 of all before |
//!
//! The first part is JSON that says what is inside, so that a reader needs only the file's start to tell.

use super::error::CheckpointError;
use sha2::{Digest, Sha256};

const CHECKSUM: usize = 32;
/// Bytes before the first part: kind, version, its length.
const HEAD: u64 = 20;

/// A kind of container, and its newest version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    pub magic: &'static [u8; 8],
    pub version: u32,
}

/// A run over a text.
pub(super) const FORMAT_TEXT: Format = Format { magic: b"ATTUNRUN", version: 1 };
/// A run over labelled texts, without what stays the same through it.
pub(super) const FORMAT_LABELS: Format = Format { magic: b"ATTUNLAB", version: 1 };
/// What stays the same through such a run.
pub(super) const FORMAT_GROUND: Format = Format { magic: b"ATTUNTAB", version: 1 };

/// What was learned from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunKind {
    Text,
    Labels,
}

/// What the start of a saved run tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleHead {
    pub kind: RunKind,
    pub version: u32,
    pub meta_json: String,
}

/// A saved run of either kind, from its start.
fn start(bytes: &[u8]) -> Result<(RunKind, Reader<'_>), CheckpointError> {
    match FORMAT_LABELS.start(bytes) {
        Err(CheckpointError::NotABundle) => Ok((RunKind::Text, FORMAT_TEXT.start(bytes)?)),
        reader => Ok((RunKind::Labels, reader?)),
    }
}

/// Reads the head of a saved run from the file's first bytes (all of them, or at least [`head_len`]); the checksum is not looked at.
///
/// # Errors
/// No saved run, a newer format, or fewer bytes than the head needs.
pub fn peek(bytes: &[u8]) -> Result<BundleHead, CheckpointError> {
    let (kind, mut reader) = start(bytes)?;
    Ok(BundleHead { kind, version: reader.version, meta_json: reader.text("meta")? })
}

/// How many bytes of the file [`peek`] needs, from the first 20.
///
/// # Errors
/// No saved run, a newer format, or fewer than 20 bytes.
pub fn head_len(bytes: &[u8]) -> Result<u64, CheckpointError> {
    Ok(HEAD.saturating_add(start(bytes)?.1.number()?))
}

/// The checksum of a whole container as hexadecimal digits: tells it from every other.
pub fn mark_of(container: &[u8]) -> String {
    let checksum = &container[container.len().saturating_sub(CHECKSUM)..];
    checksum.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Format {
    /// Writes a container.
    pub fn seal(&self, parts: &[&[u8]]) -> Vec<u8> {
        let length = self.magic.len() + 4 + parts.iter().map(|part| 8 + part.len()).sum::<usize>() + CHECKSUM;
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(self.magic);
        bytes.extend_from_slice(&self.version.to_le_bytes());
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part);
        }
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    /// Opens a container that is whole and unchanged.
    ///
    /// # Errors
    /// Another kind, a newer format, a checksum that does not fit (cut off, damaged).
    pub fn open<'a>(&self, bytes: &'a [u8]) -> Result<Reader<'a>, CheckpointError> {
        // Before the checksum: a newer format may sign differently.
        self.start(bytes)?;
        let split = bytes.len().checked_sub(CHECKSUM).ok_or(CheckpointError::BundleDamaged("cut off"))?;
        let (content, checksum) = bytes.split_at(split);
        if Sha256::digest(content).as_slice() != checksum {
            return Err(CheckpointError::BundleDamaged("checksum"));
        }
        self.start(content)
    }

    /// Past kind and version.
    fn start<'a>(&self, bytes: &'a [u8]) -> Result<Reader<'a>, CheckpointError> {
        let rest = bytes.strip_prefix(self.magic.as_slice()).ok_or(CheckpointError::NotABundle)?;
        let (version, rest) = rest.split_first_chunk::<4>().ok_or(CheckpointError::BundleDamaged("cut off"))?;
        match u32::from_le_bytes(*version) {
            0 => Err(CheckpointError::BundleDamaged("version")),
            found if found > self.version => Err(CheckpointError::NewerBundle { found, known: self.version }),
            version => Ok(Reader { version, rest }),
        }
    }
}

/// Reads lengths and parts one after the other.
pub(super) struct Reader<'a> {
    version: u32,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn number(&mut self) -> Result<u64, CheckpointError> {
        let (number, rest) = self.rest.split_first_chunk::<8>().ok_or(CheckpointError::BundleDamaged("cut off"))?;
        self.rest = rest;
        Ok(u64::from_le_bytes(*number))
    }

    /// The next part.
    pub fn part(&mut self) -> Result<&'a [u8], CheckpointError> {
        let length = usize::try_from(self.number()?).map_err(|_| CheckpointError::BundleDamaged("length"))?;
        let (part, rest) = self.rest.split_at_checked(length).ok_or(CheckpointError::BundleDamaged("cut off"))?;
        self.rest = rest;
        Ok(part)
    }

    /// The next part, which is text; `name` says in errors what it is.
    pub fn text(&mut self, name: &'static str) -> Result<String, CheckpointError> {
        String::from_utf8(self.part()?.to_vec()).map_err(|_| CheckpointError::BundleDamaged(name))
    }

    /// That was all.
    pub fn end(&self) -> Result<(), CheckpointError> {
        if self.rest.is_empty() { Ok(()) } else { Err(CheckpointError::BundleDamaged("trailing bytes")) }
    }
}
