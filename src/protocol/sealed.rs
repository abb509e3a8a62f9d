//! A value that crosses unread: bytes, until somebody opens it.
//!
//! Whoever passes a message on needs code to read all of it. What only one part of the page looks at is sealed, so that the parts fetched before it carry no code
//! for it (`docs/decisions/0002-page-in-parts.md`).

use super::PacketError;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::marker::PhantomData;

/// A `T` in postcard's form.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Sealed<T> {
    bytes: Vec<u8>,
    #[serde(skip)]
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Sealed<T> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes.clone(), kind: PhantomData }
    }
}

impl<T> PartialEq for Sealed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<T> std::fmt::Debug for Sealed<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Sealed({} bytes)", self.bytes.len())
    }
}

impl<T: Serialize> Sealed<T> {
    /// Seals a value. One that postcard cannot write (a list of unknown length; none of our types has one) is sealed empty, and cannot be opened.
    pub fn of(value: &T) -> Self {
        Self { bytes: postcard::to_allocvec(value).unwrap_or_default(), kind: PhantomData }
    }
}

impl<T: DeserializeOwned> Sealed<T> {
    /// The value.
    ///
    /// # Errors
    /// Bytes that are no `T`.
    pub fn open(&self) -> Result<T, PacketError> {
        Ok(postcard::from_bytes(&self.bytes)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_crosses_in_a_packet_and_opens_as_it_was() {
        let value = (7u32, vec!["one".to_owned()], f64::INFINITY);
        let packet = super::super::Packet::new(&Sealed::of(&value), Vec::new()).unwrap();
        let there = packet.read::<Sealed<(u32, Vec<String>, f64)>>().unwrap();
        assert_eq!(there.open().unwrap(), value);
        assert!(Sealed::<String> { bytes: vec![9, b'a'], kind: PhantomData }.open().is_err(), "nine letters are promised, one is there");
    }
}
