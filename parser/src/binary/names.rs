//! The name section. Spec: *Appendix → Custom Sections → Name Section*.

use super::Reader;
use crate::syntax::*;
use crate::{Features, Malformed};
use alloc::boxed::Box;
use alloc::string::String;
use core::ops::Range;

/// The names that a module's custom sections give. What is malformed ends the reading and is no
/// error; what was read before it stays.
pub(super) fn read(bytes: &[u8], customs: &[(Box<str>, Range<usize>)]) -> Names {
    let mut names = Names::default();
    if let Some((_, range)) = customs.iter().find(|custom| &*custom.0 == "name") {
        let reader = Reader::new(bytes, range.clone(), Features::MVP);
        let _ = section(bytes, reader, &mut names);
    }
    names
}

fn section(bytes: &[u8], mut reader: Reader<'_>, names: &mut Names) -> Result<(), Malformed> {
    while !reader.is_at_end() {
        let id = reader.u8()?;
        let range = reader.sized()?;
        match id {
            0 => {
                let mut reader = Reader::new(bytes, range, Features::MVP);
                names.module = Some(String::from(reader.name()?));
            }
            1 => names.funcs = range,
            _ => {}
        }
    }
    Ok(())
}

/// The name that a subsection of function names gives `func`.
pub(crate) fn func_name(bytes: &[u8], names: Range<usize>, func: FuncIdx) -> Option<&str> {
    let mut reader = Reader::new(bytes, names, Features::MVP);
    for _ in 0..reader.count().ok()? {
        let at = FuncIdx(reader.u32().ok()?);
        // They are in order.
        if at > func {
            return None;
        }
        let name = reader.sized().ok()?;
        if at == func {
            return core::str::from_utf8(&bytes[name]).ok();
        }
    }
    None
}
