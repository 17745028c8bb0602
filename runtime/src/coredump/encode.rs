//! The bytes of a core dump.

use super::WasmCoreDump;
use crate::memory::MemInst;
use crate::store::StoreInner;
use crate::vm::{FrameValues, GlobalInst, InstanceData, Slot, Value};
use crate::{Module, Result};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::Range;
use rwasm_parser::{HeapType, MemType, ValType};

/// Where bytes go.
type Write<'a> = dyn FnMut(&[u8]) -> Result<()> + 'a;

/// Writes a dump. Frames come before memories, so that a file that is cut off has the most of
/// what somebody wants to know.
pub fn encode(
    dump: &WasmCoreDump,
    store: &StoreInner,
    name: &str,
    write: &mut Write<'_>,
) -> Result<()> {
    let instances = &store.instances[..dump.instances.len()];
    let mems = &store.mems[..dump.mems];
    write(b"\0asm\x01\0\0\0")?;
    custom(write, "core", |out| {
        out.push(0);
        put_name(out, name);
    })?;
    custom(write, "coremodules", |out| put_vec(out, &dump.modules, put_module))?;
    custom(write, "coreinstances", |out| {
        put_vec(out, instances, |out, instance| put_instance(out, instance, &dump.modules));
    })?;
    custom(write, "corestack", |out| {
        out.push(0);
        put_name(out, "main");
        put_vec(out, &dump.values, put_frame);
    })?;
    if !mems.is_empty() {
        section(write, 5, |out| {
            put_vec(out, mems, |out, mem| put_memory(out, &mem.present_type()))
        })?;
    }
    if !dump.globals.is_empty() {
        let globals = &store.globals[..dump.globals.len()];
        section(write, 6, |out| {
            put_vec(out, globals, |out, global| put_global(out, global, store))
        })?;
    }
    data(store, dump.mems, write)
}

fn section(write: &mut Write<'_>, id: u8, contents: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
    let mut out = Vec::new();
    contents(&mut out);
    let mut header = alloc::vec![id];
    put_unsigned(&mut header, out.len() as u64);
    write(&header)?;
    write(&out)
}

fn custom(write: &mut Write<'_>, name: &str, contents: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
    section(write, 0, |out| {
        put_name(out, name);
        contents(out);
    })
}

fn put_module(out: &mut Vec<u8>, module: &Module) {
    out.push(0);
    put_name(out, module.name().unwrap_or("<unnamed module>"));
}

fn put_instance(out: &mut Vec<u8>, instance: &InstanceData, modules: &[Module]) {
    let module = modules.iter().position(|module| Module::same(module, &instance.module));
    out.push(0);
    put_unsigned(out, module.unwrap_or_default() as u64);
    let put = |out: &mut Vec<u8>, addr: &u32| put_unsigned(out, (*addr).into());
    put_vec(out, &instance.addrs.mems, put);
    put_vec(out, &instance.addrs.globals, put);
}

fn put_frame(out: &mut Vec<u8>, frame: &FrameValues) {
    let start = frame.module.syntax().body(frame.func).map(|body| body.start);
    let offset = frame.wasm_offset.zip(start).and_then(|(at, start)| at.checked_sub(start));
    out.push(0);
    put_unsigned(out, frame.instance.into());
    put_unsigned(out, frame.func.0.into());
    put_unsigned(out, offset.unwrap_or_default() as u64);
    put_vec(out, &frame.locals, put_value);
    put_vec(out, &frame.operands, put_value);
}

fn put_value(out: &mut Vec<u8>, &(ty, value): &Value) {
    match (ty, value) {
        (ValType::I32, Some(value)) => {
            out.push(0x7f);
            put_signed(out, (value as i32).into());
        }
        (ValType::I64, Some(value)) => {
            out.push(0x7e);
            put_signed(out, value as i64);
        }
        (ValType::F32, Some(value)) => {
            out.push(0x7d);
            out.extend((value as u32).to_le_bytes());
        }
        (ValType::F64, Some(value)) => {
            out.push(0x7c);
            out.extend(value.to_le_bytes());
        }
        // The format has no vectors and no references.
        _ => out.push(0x01),
    }
}

fn put_memory(out: &mut Vec<u8>, ty: &MemType) {
    const MAX: u8 = 1;
    const SHARED: u8 = 2;
    const IS_64: u8 = 4;
    const PAGE_SIZE: u8 = 8;
    let flag = |is: bool, flag: u8| if is { flag } else { 0 };
    let usual_pages = ty.page_size_log2 == 16;
    out.push(
        flag(ty.limits.max.is_some(), MAX)
            | flag(ty.shared, SHARED)
            | flag(ty.is_64, IS_64)
            | flag(!usual_pages, PAGE_SIZE),
    );
    put_unsigned(out, ty.limits.min);
    if let Some(max) = ty.limits.max {
        put_unsigned(out, max);
    }
    if !usual_pages {
        put_unsigned(out, ty.page_size_log2.into());
    }
}

const END: u8 = 0x0b;

/// A global, as a constant.
fn put_global(out: &mut Vec<u8>, global: &GlobalInst, store: &StoreInner) {
    let [low, high]: [Slot; 2] = global.vm.value;
    let (ty, mutability) = (global.ty.content, 0);
    match ty {
        ValType::I32 => {
            out.extend([0x7f, mutability, 0x41]);
            put_signed(out, (low as i32).into());
        }
        ValType::I64 => {
            out.extend([0x7e, mutability, 0x42]);
            put_signed(out, low as i64);
        }
        ValType::F32 => {
            out.extend([0x7d, mutability, 0x43]);
            out.extend((low as u32).to_le_bytes());
        }
        ValType::F64 => {
            out.extend([0x7c, mutability, 0x44]);
            out.extend(low.to_le_bytes());
        }
        ValType::V128 => {
            out.extend([0x7b, mutability, 0xfd, 0x0c]);
            out.extend(low.to_le_bytes());
            out.extend(high.to_le_bytes());
        }
        // Type indices would mean nothing in the dump.
        _ => {
            let heap = ty.as_ref().map_or(HeapType::Any, |ty| ty.heap_type());
            let top = match store.engine.types().hierarchy(heap) {
                HeapType::Func => 0x70,
                HeapType::Extern => 0x6f,
                HeapType::Exn => 0x69,
                HeapType::Cont => 0x68,
                _ => 0x6e,
            };
            out.extend([top, mutability, 0xd0, top]);
        }
    }
    out.push(END);
}

/// Bytes of a memory that are not all zero.
struct Run {
    mem: usize,
    bytes: Range<usize>,
}

/// The contents of memories, as active segments.
fn data(store: &StoreInner, mems: usize, write: &mut Write<'_>) -> Result<()> {
    let contents: Vec<_> = store.mems[..mems].iter().map(|mem| contents(mem)).collect();
    let mut runs = Vec::new();
    for (mem, contents) in contents.iter().enumerate() {
        nonzero_runs(contents, |bytes| runs.push(Run { mem, bytes }));
    }
    let mut head = Vec::new();
    let (mut size, mut count) = (0, 0);
    for run in &runs {
        head.clear();
        put_segment(&mut head, run, &store.mems[run.mem].ty);
        let with_run = size + head.len() as u64 + run.bytes.len() as u64;
        if with_run > MAX_SECTION {
            break;
        }
        (size, count) = (with_run, count + 1);
    }
    if count == 0 {
        return Ok(());
    }
    let mut number = Vec::new();
    put_unsigned(&mut number, count as u64);
    head.clear();
    head.push(11);
    put_unsigned(&mut head, size + number.len() as u64);
    write(&head)?;
    write(&number)?;
    for run in &runs[..count] {
        head.clear();
        put_segment(&mut head, run, &store.mems[run.mem].ty);
        write(&head)?;
        write(&contents[run.mem][run.bytes.clone()])?;
    }
    Ok(())
}

/// The bytes of a memory; those of a shared one are copied, since other threads may change them.
fn contents(mem: &MemInst) -> Cow<'_, [u8]> {
    const PIECE: usize = 64 << 10;
    let Some(memory) = mem.as_shared() else { return Cow::Borrowed(mem.data()) };
    // Zeroed bytes cost nothing until they are written.
    let mut bytes = alloc::vec![0; mem.len_bytes()];
    let mut piece = alloc::vec![0; PIECE];
    for (i, target) in bytes.chunks_mut(PIECE).enumerate() {
        let piece = &mut piece[..target.len()];
        if memory.read((i * PIECE) as u64, piece) && !is_zero(piece) {
            target.copy_from_slice(piece);
        }
    }
    Cow::Owned(bytes)
}

/// The most bytes of segments: a section's size is a number of 32 bits, and it begins with their
/// count.
const MAX_SECTION: u64 = u32::MAX as u64 - 5;

/// A segment up to its bytes.
fn put_segment(out: &mut Vec<u8>, run: &Run, ty: &MemType) {
    match run.mem {
        0 => out.push(0),
        mem => {
            out.push(2);
            put_unsigned(out, mem as u64);
        }
    }
    match ty.is_64 {
        true => {
            out.push(0x42);
            put_signed(out, run.bytes.start as i64);
        }
        false => {
            out.push(0x41);
            put_signed(out, (run.bytes.start as u32 as i32).into());
        }
    }
    out.push(END);
    put_unsigned(out, run.bytes.len() as u64);
}

/// Shows the parts of a memory that hold something, without the zeros at their ends.
///
/// Readers have limits on the number of segments (100,000 is usual), so they come from pieces that
/// are larger in larger memories.
fn nonzero_runs(bytes: &[u8], mut show: impl FnMut(Range<usize>)) {
    const PIECE: usize = 4096;
    const MAX_PIECES: usize = 1 << 16;
    // So that of one that does not fit a part does.
    const MAX_RUN: usize = 256 << 20;
    let piece = PIECE.max(bytes.len().div_ceil(MAX_PIECES).next_multiple_of(PIECE));
    let mut open: Option<usize> = None;
    let mut close = |start: usize, end: usize| {
        let run = &bytes[start..end];
        let first = run.iter().position(|&byte| byte != 0).unwrap_or(0);
        let last = run.iter().rposition(|&byte| byte != 0).unwrap_or(0);
        let (mut start, end) = (start + first, start + last + 1);
        while start < end {
            let part = start..end.min(start.saturating_add(MAX_RUN));
            start = part.end;
            show(part);
        }
    };
    for (at, piece) in bytes.chunks(piece).enumerate().map(|(i, bytes)| (i * piece, bytes)) {
        match (open, is_zero(piece)) {
            (None, false) => open = Some(at),
            (Some(start), true) => {
                close(start, at);
                open = None;
            }
            _ => {}
        }
    }
    if let Some(start) = open {
        close(start, bytes.len());
    }
}

/// Whether all bytes are zero; in blocks, which the compiler looks at in a few instructions.
fn is_zero(bytes: &[u8]) -> bool {
    bytes.chunks(64).all(|block| block.iter().fold(0, |any, byte| any | byte) == 0)
}

fn put_name(out: &mut Vec<u8>, name: &str) {
    put_unsigned(out, name.len() as u64);
    out.extend_from_slice(name.as_bytes());
}

fn put_vec<T>(out: &mut Vec<u8>, items: &[T], mut put: impl FnMut(&mut Vec<u8>, &T)) {
    put_unsigned(out, items.len() as u64);
    items.iter().for_each(|item| put(out, item));
}

fn put_unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_signed(out: &mut Vec<u8>, mut value: i64) {
    while !(-64..64).contains(&value) {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8 & 0x7f);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(bytes: &[u8]) -> Vec<Range<usize>> {
        let mut runs = Vec::new();
        nonzero_runs(bytes, |run| runs.push(run));
        runs
    }

    #[test]
    fn what_is_zero_is_left_out() {
        let mut bytes = alloc::vec![0; 5 * 4096 + 100];
        assert!(runs(&bytes).is_empty());
        assert!(runs(&[]).is_empty());
        bytes[5] = 1;
        bytes[3 * 4096 - 1] = 1;
        bytes[3 * 4096] = 1;
        bytes[3 * 4096 + 7] = 1;
        bytes[5 * 4096 + 99] = 1;
        let last = 5 * 4096 + 99;
        assert_eq!(runs(&bytes), [5..6, 3 * 4096 - 1..3 * 4096 + 8, last..last + 1]);
    }

    #[test]
    fn numbers_are_written_as_the_format_says() {
        let signed = |value| {
            let mut out = Vec::new();
            put_signed(&mut out, value);
            out
        };
        assert_eq!(signed(63), [0x3f]);
        assert_eq!(signed(64), [0xc0, 0x00]);
        assert_eq!(signed(-64), [0x40]);
        assert_eq!(signed(-65), [0xbf, 0x7f]);
        assert_eq!(signed(i64::MIN).len(), 10);
        let mut out = Vec::new();
        put_unsigned(&mut out, 624_485);
        assert_eq!(out, [0xe5, 0x8e, 0x26]);
    }
}
