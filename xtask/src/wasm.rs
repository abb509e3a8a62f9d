//! Just enough of the WebAssembly binary format to look at a linked module and to drop what visitors need not download.
//!
//! In: the bytes of a module. Out: its sections, the names in it, a copy without names. Format: WebAssembly core specification,
//! chapter 5 (binary format), and its appendix on the name section. Absent on purpose: code and types; nothing here runs anything.

use crate::problem::{Outcome, Problem};

/// Section ids that are looked at.
const CUSTOM: u8 = 0;
const EXPORT: u8 = 7;

/// One section: its id, for custom sections its name, and the bytes of its content (for custom sections after the name).
struct Section<'a> {
    id: u8,
    name: &'a str,
    content: &'a [u8],
    /// The whole section with its id and length.
    raw: &'a [u8],
}

/// The module without the custom sections that only debuggers and linkers read (`name`, `producers`, DWARF).
///
/// # Errors
/// When the bytes are not a WebAssembly module.
pub fn without_names(module: &[u8]) -> Outcome<Vec<u8>> {
    let mut small = Vec::with_capacity(module.len());
    small.extend_from_slice(module.get(..8).unwrap_or_default());
    for section in sections(module)? {
        let for_tools = section.name == "name" || section.name == "producers" || section.name.starts_with(".debug_");
        if section.id != CUSTOM || !for_tools {
            small.extend_from_slice(section.raw);
        }
    }
    Ok(small)
}

/// The names of the module's exports.
///
/// # Errors
/// When the bytes are not a WebAssembly module.
pub fn exports(module: &[u8]) -> Outcome<Vec<String>> {
    let mut names = Vec::new();
    for section in sections(module)?.into_iter().filter(|section| section.id == EXPORT) {
        let mut reader = Reader { bytes: section.content };
        for _ in 0..reader.number()? {
            names.push(reader.name()?.to_owned());
            reader.take(1)?;
            reader.number()?;
        }
    }
    Ok(names)
}

/// Whether the module has a name section, in which functions can be looked for.
///
/// # Errors
/// When the bytes are not a WebAssembly module.
pub fn has_names(module: &[u8]) -> Outcome<bool> {
    Ok(sections(module)?.iter().any(|section| section.id == CUSTOM && section.name == "name"))
}

/// Whether these bytes occur anywhere: in names, in strings, in data.
pub fn mentions(module: &[u8], text: &str) -> bool {
    let text = text.as_bytes();
    !text.is_empty() && module.windows(text.len()).any(|window| window == text)
}

fn sections(module: &[u8]) -> Outcome<Vec<Section<'_>>> {
    if !module.starts_with(b"\0asm\x01\0\0\0") {
        return Err(Problem::new("this is not a WebAssembly module of version 1"));
    }
    let mut reader = Reader { bytes: module.get(8..).unwrap_or_default() };
    let mut sections = Vec::new();
    while !reader.bytes.is_empty() {
        let before = reader.bytes;
        let id = reader.take(1)?[0];
        let length = reader.number()?;
        let mut inside = Reader { bytes: reader.take(length)? };
        let name = if id == CUSTOM { inside.name()? } else { "" };
        let raw = &before[..before.len() - reader.bytes.len()];
        sections.push(Section { id, name, content: inside.bytes, raw });
    }
    Ok(sections)
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Outcome<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or_else(|| Problem::new("the WebAssembly module is cut off"))?;
        self.bytes = rest;
        Ok(taken)
    }

    /// An unsigned LEB128 number of at most 32 bits.
    fn number(&mut self) -> Outcome<usize> {
        let mut value = 0u64;
        for shift in (0..35).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return usize::try_from(value).map_err(|_| Problem::new("a number in the WebAssembly module is too large"));
            }
        }
        Err(Problem::new("a number in the WebAssembly module has too many bytes"))
    }

    fn name(&mut self) -> Outcome<&'a str> {
        let length = self.number()?;
        std::str::from_utf8(self.take(length)?).map_err(|_| Problem::new("a name in the WebAssembly module is not UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with a name section, an export `go`, and a custom section that must stay.
    fn module() -> Vec<u8> {
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        bytes.extend([7, 6, 1, 2, b'g', b'o', 0, 0]);
        bytes.extend([0, 8, 4, b'n', b'a', b'm', b'e', 1, 2, 3]);
        bytes.extend([0, 6, 4, b'k', b'e', b'e', b'p', 9]);
        bytes
    }

    #[test]
    fn exports_are_read() {
        assert_eq!(exports(&module()), Ok(vec!["go".to_owned()]));
    }

    #[test]
    fn names_go_and_the_rest_stays() {
        let small = without_names(&module()).unwrap();
        assert!(has_names(&module()).unwrap() && !has_names(&small).unwrap());
        assert_eq!(small.len(), module().len() - 10);
        assert!(mentions(&small, "keep") && !mentions(&small, "name"));
    }

    #[test]
    fn other_files_and_cut_modules_are_refused() {
        assert!(without_names(b"hello").is_err());
        let whole = module();
        assert!(without_names(&whole[..whole.len() - 3]).is_err());
    }
}
