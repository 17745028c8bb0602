//! The producers section: what a module was made with.
//!
//! Tool conventions: *Producers Section*.

use gimli::{EndianSlice, LittleEndian, Reader as _};

type Reader<'m> = EndianSlice<'m, LittleEndian>;

/// A field of the section: `language`, `processed-by` or `sdk`, and what it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Names and versions; a version may be empty.
    pub values: Vec<(String, String)>,
}

/// The fields of a section with these contents; of a broken one those that can be read.
pub fn fields(contents: &[u8]) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut reader = EndianSlice::new(contents, LittleEndian);
    let count = reader.read_uleb128().unwrap_or(0);
    for _ in 0..count {
        let Some(field) = field(&mut reader) else { break };
        fields.push(field);
    }
    fields
}

fn field(reader: &mut Reader<'_>) -> Option<Field> {
    let name = text(reader)?;
    let mut values = Vec::new();
    for _ in 0..reader.read_uleb128().ok()? {
        values.push((text(reader)?, text(reader)?));
    }
    Some(Field { name, values })
}

fn text(reader: &mut Reader<'_>) -> Option<String> {
    let len = usize::try_from(reader.read_uleb128().ok()?).ok()?;
    let bytes = reader.split(len).ok()?;
    Some(String::from_utf8_lossy(bytes.slice()).into_owned())
}

#[test]
fn fields_are_read_as_far_as_they_can_be() {
    let section = b"\x02\x08language\x01\x04Rust\x00\x03sdk\x01\x01a\x031.0";
    let field = |name: &str, value: &str, version: &str| Field {
        name: name.into(),
        values: vec![(value.into(), version.into())],
    };
    assert_eq!(fields(section), [field("language", "Rust", ""), field("sdk", "a", "1.0")]);
    assert_eq!(fields(&section[..20]), [field("language", "Rust", "")]);
    assert_eq!(fields(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), []);
    assert_eq!(fields(b""), []);
}
