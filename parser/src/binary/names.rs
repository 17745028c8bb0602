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
        let mut reader = Reader::new(bytes, range, Features::MVP);
        match id {
            0 => names.module = Some(String::from(reader.name()?)),
            1 => func_names(&mut reader, names)?,
            _ => {}
        }
    }
    Ok(())
}

fn func_names(reader: &mut Reader<'_>, names: &mut Names) -> Result<(), Malformed> {
    let count = reader.count()?;
    names.funcs.reserve(reader.capacity(count, 2));
    for _ in 0..count {
        let at = reader.pos();
        let func = FuncIdx(reader.u32()?);
        if names.funcs.last().is_some_and(|last| last.0 >= func) {
            return Err(Malformed::new(at, "malformed name section: functions out of order"));
        }
        let name = reader.name()?;
        names.funcs.push((func, reader.pos() - name.len()..reader.pos()));
    }
    Ok(())
}
