//! The parts of a module. Spec: *Validation → Modules*.

use super::types::{check_heaptype, unknown_type};
use crate::binary::Builder;
use crate::syntax::*;
use crate::{Features, Invalid};
use alloc::format;

/// The function type with an index.
pub(crate) fn check_functype<'b>(
    b: &'b Builder<'_>,
    at: usize,
    idx: TypeIdx,
) -> Result<&'b FuncType, Invalid> {
    functype(&b.types, at, idx)
}

/// The function type with an index.
#[inline]
pub(crate) fn functype(types: &Types, at: usize, idx: TypeIdx) -> Result<&FuncType, Invalid> {
    match types.subs.get(idx.index()).map(|sub| &sub.composite) {
        Some(CompositeType::Func(ty)) => Ok(ty),
        Some(_) => Err(not_a_functype(at, idx)),
        None => Err(unknown_type(at, idx)),
    }
}

#[cold]
fn not_a_functype(at: usize, idx: TypeIdx) -> Invalid {
    Invalid::new(at, format!("unknown type: {} is not a function type", idx.0))
}

fn check_limits(at: usize, limits: &Limits) -> Result<(), Invalid> {
    match limits.max {
        Some(max) if limits.min > max => {
            let min = limits.min;
            let message =
                format!("size minimum must not be greater than maximum: {min} is above {max}");
            Err(Invalid::new(at, message))
        }
        _ => Ok(()),
    }
}

pub(crate) fn check_tabletype(b: &Builder<'_>, at: usize, ty: &TableType) -> Result<(), Invalid> {
    if !b.tables.is_empty() && !b.features.contains(Features::REFERENCE_TYPES) {
        return Err(Invalid::new(at, "multiple tables (needs the feature `reference-types`)"));
    }
    check_heaptype(&b.types, at, ty.element.heap_type())?;
    check_limits(at, &ty.limits)?;
    let most = if ty.is_64 { u64::MAX } else { u64::from(u32::MAX) };
    if ty.limits.min > most || ty.limits.max.is_some_and(|max| max > most) {
        return Err(Invalid::new(at, "table size must be at most 2^32-1"));
    }
    Ok(())
}

pub(crate) fn check_memtype(b: &Builder<'_>, at: usize, ty: &MemType) -> Result<(), Invalid> {
    if !b.mems.is_empty() && !b.features.contains(Features::MULTI_MEMORY) {
        return Err(Invalid::new(at, "multiple memories (needs the feature `multi-memory`)"));
    }
    if !matches!(ty.page_size_log2, 0 | 16) {
        let message =
            format!("invalid custom page size: 2^{}, expected 1 or 2^16", ty.page_size_log2);
        return Err(Invalid::new(at, message));
    }
    // The size in bytes has to be a number of the index type; one page more is let pass, unless
    // pages are bytes.
    let most = match (ty.is_64, ty.page_size_log2) {
        (false, 0) => u64::from(u32::MAX),
        (false, log2) => 1 << (32 - log2),
        (true, 0) => u64::MAX,
        (true, log2) => 1 << (64 - log2),
    };
    if ty.limits.min > most || ty.limits.max.is_some_and(|max| max > most) {
        let message = match most {
            65_536 => "memory size must be at most 65536 pages (4GiB)".into(),
            _ => format!("memory size must be at most {most} pages"),
        };
        return Err(Invalid::new(at, message));
    }
    check_limits(at, &ty.limits)?;
    if ty.shared && ty.limits.max.is_none() {
        return Err(Invalid::new(at, "shared memory must have maximum"));
    }
    Ok(())
}

pub(crate) fn check_tagtype(b: &Builder<'_>, at: usize, idx: TypeIdx) -> Result<(), Invalid> {
    // Results are what a continuation gets that is resumed after it suspended itself with the tag.
    let has_results = !check_functype(b, at, idx)?.results().is_empty();
    if !has_results || b.features.contains(Features::STACK_SWITCHING) {
        return Ok(());
    }
    Err(Invalid::new(at, format!("non-empty tag result type: type {}", idx.0)))
}

/// Checks a function that something outside of bodies names, which lets bodies refer to it.
pub(crate) fn declare_func(b: &mut Builder<'_>, at: usize, func: FuncIdx) -> Result<(), Invalid> {
    if func.index() >= b.funcs.len() {
        return Err(Invalid::new(at, format!("unknown function {}", func.0)));
    }
    b.declared_funcs.insert(func.0);
    Ok(())
}

pub(crate) fn check_export<'a>(
    b: &mut Builder<'a>,
    at: usize,
    name: &'a str,
    index: ExternIdx,
) -> Result<(), Invalid> {
    let unknown = |what: &str, idx: u32| Err(Invalid::new(at, format!("unknown {what} {idx}")));
    match index {
        ExternIdx::Func(idx) => declare_func(b, at, idx)?,
        ExternIdx::Table(idx) if idx.index() >= b.tables.len() => unknown("table", idx.0)?,
        ExternIdx::Mem(idx) if idx.index() >= b.mems.len() => unknown("memory", idx.0)?,
        ExternIdx::Global(idx) => match b.globals.get(idx.index()) {
            None => unknown("global", idx.0)?,
            Some(ty) if ty.mutable && !b.features.contains(Features::MUTABLE_GLOBAL) => {
                let message = "mutable global is exported (needs the feature `mutable-global`)";
                return Err(Invalid::new(at, message));
            }
            Some(_) => {}
        },
        ExternIdx::Tag(idx) if idx.index() >= b.tags.len() => unknown("tag", idx.0)?,
        _ => {}
    }
    if b.export_names.insert(name) {
        return Ok(());
    }
    Err(Invalid::new(at, format!("duplicate export name {name:?}")))
}

pub(crate) fn check_start(b: &Builder<'_>, at: usize, func: FuncIdx) -> Result<(), Invalid> {
    let Some(&idx) = b.funcs.get(func.index()) else {
        return Err(Invalid::new(at, format!("unknown function {}", func.0)));
    };
    let ty = check_functype(b, at, idx)?;
    if ty.params().is_empty() && ty.results().is_empty() {
        return Ok(());
    }
    Err(Invalid::new(at, format!("start function: expected type [] -> [], found {ty}")))
}

pub(crate) fn check_elem(
    b: &Builder<'_>,
    at: usize,
    ty: RefType,
    mode: &SegmentMode<TableIdx>,
) -> Result<(), Invalid> {
    check_heaptype(&b.types, at, ty.heap_type())?;
    let SegmentMode::Active(idx, _) = mode else { return Ok(()) };
    let Some(table) = b.tables.get(idx.index()) else {
        return Err(Invalid::new(at, format!("unknown table {}", idx.0)));
    };
    if b.types.ref_matches(ty, table.element) {
        return Ok(());
    }
    let message = format!("type mismatch: expected elements of type {}, found {ty}", table.element);
    Err(Invalid::new(at, message))
}

/// The type of indices into a table; whether there is such a table is checked elsewhere.
pub(crate) fn table_index(tables: &[TableType], idx: TableIdx) -> ValType {
    tables.get(idx.index()).map_or(ValType::I32, TableType::index)
}

/// The type of addresses in a memory; whether there is such a memory is checked elsewhere.
pub(crate) fn mem_index(mems: &[MemType], idx: MemIdx) -> ValType {
    mems.get(idx.index()).map_or(ValType::I32, MemType::index)
}

impl TableType {
    /// The type of indices.
    #[inline]
    pub const fn index(&self) -> ValType {
        if self.is_64 { ValType::I64 } else { ValType::I32 }
    }
}

impl MemType {
    /// The type of addresses.
    #[inline]
    pub const fn index(&self) -> ValType {
        if self.is_64 { ValType::I64 } else { ValType::I32 }
    }
}
