//! Lowering: one pass from validated operators to threaded code.
//!
//! The operand stack is modelled at lowering time (`Operand`, `Loc`): constants and locals that
//! were only read become operands of the instructions that use them, and the last result of each
//! kind may be in its accumulator only. Every operand has a slot of its own in the frame, its
//! *home*, which depends on the height of the stack alone; at labels all operands are at home and
//! the accumulators are dead.
//!
//! | register | holds, if anything is known of it |
//! |---|---|
//! | accumulator of a class | the result that is in no slot (`Lowering::holder`), or the same as some slot (`Lowering::mirror`) |

mod aggregate;
mod call;
mod continuation;
mod control;
mod emit;
mod entry;
mod exception;
mod fuse;
mod index;
mod legacy;
mod memory;
mod numeric;
mod operands;
mod sink;
mod values;
mod variable;
mod vector;

use crate::code::{CodeModule, header_slot};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
pub use continuation::{HandlerClause, ResumeSite};
use core::ops::Range;
use entry::Entry;
pub use exception::{Clause, TryRange, TryRanges};
use fuse::Displaced;
use rwasm_parser::{DecodeError, FuncIdx, Scratch, ValType, WalkError, walk};
use rwasm_runtime::{Error, Result};
pub use values::Stops;

/// The accumulator that a type uses: integers and references, `f32`, `f64`, vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Int = 0,
    F32 = 1,
    F64 = 2,
    Vector = 3,
}

/// How many classes there are.
const ACCUMULATORS: usize = 4;

fn class_of(ty: ValType) -> Class {
    match ty {
        ValType::F32 => Class::F32,
        ValType::F64 => Class::F64,
        ValType::V128 => Class::Vector,
        _ => Class::Int,
    }
}

/// Where an operand is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Loc {
    /// At home.
    Home,
    /// Still in the slot of the local that it was read from.
    Local(u16),
    /// Nowhere: a constant, as the slot would hold it.
    Const(u64),
    /// In the accumulator of its class only.
    Acc(Option<Producer>),
}

/// The instruction that put a result in the accumulator, and can be told to put it home as well.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Producer {
    /// Where the instruction is. The slot for its result is its first operand.
    at: usize,
}

/// An instruction that was emitted since the block began.
#[derive(Clone, Copy, Debug)]
struct Emitted {
    /// Where it is, or would be if it were not fused with the one before.
    at: usize,
    /// Where the word is that leads to its handler.
    word_at: usize,
    /// The handler of the word when this instruction was the last of it.
    word: u16,
    /// Its own handler.
    own: u16,
    /// Whether it was told to put its result in a slot as well.
    is_home: bool,
    /// The slot that the accumulator of its result was equal to before.
    prior: Option<u16>,
}

/// The number of a handler that is part of no fusion.
const NO_FUSION: u16 = crate::exec::list::PLAIN as u16 - 1;

/// An operand of the code being lowered.
#[derive(Clone, Copy, Debug)]
struct Operand {
    ty: ValType,
    home: u16,
    loc: Loc,
}

/// Where an instruction reads an operand.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Src {
    Slot(u16),
    Acc,
    Const(u64),
}

/// What the instruction emitted last was, if something may be made of it.
#[derive(Clone, Copy, Debug)]
enum Last {
    Nothing,
    /// A comparison, `i32` in the accumulator.
    Compare(Compare),
    /// `eqz` of an `i32`, and the comparison that made that.
    Eqz {
        at: usize,
        of: Src,
        compare: Option<Compare>,
        mirror: Option<u16>,
    },
}

/// A comparison that may become part of a branch.
#[derive(Clone, Copy, Debug)]
struct Compare {
    at: usize,
    op: rwasm_parser::ops::RelOp,
    lhs: Src,
    rhs: Src,
    /// What the integer accumulator mirrored before.
    mirror: Option<u16>,
}

/// An open block.
#[derive(Clone, Copy, Debug)]
struct Control {
    kind: Kind,
    /// Operands below the block's own.
    operands: usize,
    /// The home of the first of the block's parameters and results.
    base: u32,
    /// Where its parameters and results are in `Buffers::types`.
    types: usize,
    params: usize,
    results: usize,
    /// Branches to its end, as a list in `Buffers::patches`.
    branches: Option<u32>,
    /// For a loop or `try_table`, where it begins; for an `if`, the patch of the branch to its
    /// `else`.
    position: usize,
    /// Where the cost of the operators before it is written.
    fuel_cost: Option<usize>,
    /// The outermost block inside of which a branch from inside of this one leads.
    leaves: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Body,
    Block,
    Loop,
    /// An `if` whose `else` was not met yet.
    If,
    Else,
    /// A `try_table`; its clauses are those in `Buffers::catches` from here on.
    Try {
        catches: usize,
    },
    /// A `try`, or one of its `catch`es.
    Legacy,
}

/// A distance that is not known yet.
#[derive(Clone, Copy, Debug)]
struct Patch {
    /// Where the distance is written.
    field: usize,
    /// Where the instruction begins that it counts from.
    from: usize,
    next: Option<u32>,
}

/// Memory that is used again from one function to the next.
#[derive(Default)]
pub struct Buffers {
    code: Vec<u8>,
    /// Where the function's own address is written.
    own_calls: Vec<usize>,
    emitted: Vec<Emitted>,
    operands: Vec<Operand>,
    controls: Vec<Control>,
    types: Vec<ValType>,
    locals: Vec<u16>,
    patches: Vec<Patch>,
    pending: Vec<usize>,
    catches: Vec<rwasm_parser::walk::Catch>,
    tries: Vec<TryRange>,
    legacy: Vec<legacy::Legacy>,
    resumes: Vec<ResumeSite>,
    local_units: u32,
    tail_calls: Vec<Range<u32>>,
    /// The slots of locals that hold references which keep objects alive.
    reference_locals: Vec<u16>,
    /// Where words are and the handlers they lead to, in builds with debug assertions.
    words: alloc::collections::BTreeMap<usize, u16>,
}

/// What nothing but backtraces, core dumps and collections of garbage need to know of a function. It is not
/// kept: whoever asks has the function lowered once more.
#[derive(Default)]
pub struct Notes {
    /// The positions of instructions, and the offsets in the module of the operators they came
    /// from.
    pub positions: Vec<(u32, usize)>,
    /// The positions of instructions at which a collection may happen, and the slots that hold
    /// references there. For a call the entry one byte on holds while a guest runs that it called.
    pub references: References,
    /// Values at some of the operators, which whoever asks has filled in.
    pub stops: Stops,
}

/// Slots that hold references, by the position from which on they do.
pub type References = Vec<(u32, Arc<[u16]>)>;

/// A lowered function.
pub struct Function {
    /// Its code.
    pub code: Box<[Line]>,
    /// What its `try_table`s cover, inner ones before outer ones.
    pub tries: TryRanges,
    /// Tail calls that may be made as ordinary ones: what they throw passes this function by.
    pub tail_calls: Box<[Range<u32>]>,
    /// Where it resumes continuations with handlers.
    pub resumes: Box<[ResumeSite]>,
    /// Where its first instruction is.
    pub first: u32,
    /// How many slots its frame takes.
    pub frame: u32,
    /// What its locals cost in fuel when they are made, or kept.
    pub local_units: u32,
}

/// The state of lowering one function.
struct Lowering<'a> {
    cx: &'a CodeModule,
    func: FuncIdx,
    b: &'a mut Buffers,
    notes: Option<&'a mut Notes>,
    /// The references that are live at the next safepoint, if they are to be noted.
    roots: Arc<[u16]>,
    /// The offset of the operator in the module.
    at: usize,
    /// The next free home.
    height: u32,
    max_height: u32,
    /// The slot of the return address.
    header: u16,
    /// The operand that is in each accumulator only. Vectors always are in their slots as well.
    holder: [Option<usize>; ACCUMULATORS],
    /// The operand that last had to leave its accumulator for another.
    displaced: Option<Displaced>,
    /// The slot that each accumulator is equal to.
    mirror: [Option<u16>; ACCUMULATORS],
    last: Last,
    /// Where the instruction is that produced the last result, if it is still the last.
    last_result: usize,
    /// Where the instruction is that put its result home, if it is still the last.
    last_home: usize,
    /// Where the cost is written of the operators that are executed as often as the next one.
    fuel_cost: Option<usize>,
    /// What locals are zeroed at the beginning, while that is not known.
    entry: Option<Entry>,
    /// Where the function's first instruction is.
    first: usize,
    /// Whether the function begins with a check of the stack.
    check_stack: bool,
    /// The most bytes of code.
    code_limit: usize,
}

/// Frames of at most this many slots need no check of their own: it is less than the reserve
/// above the limit that calls compare with, and leaves room for the header of a call.
pub const SMALL_FRAME: u32 = 1500;

/// How large code may become: a branch of two bytes can carry a thousand operands that have to be
/// moved, and a body can be full of them.
const CODE_BYTES: usize = 4 << 20;
const CODE_BYTES_PER_BYTE: usize = 128;

/// The most slots of a frame that instructions can name.
const MAX_SLOTS: u32 = u16::MAX as u32 - 8;

/// Why a function cannot be lowered.
#[derive(Debug)]
pub enum LowerError {
    /// Its frame has more slots than instructions can name.
    FrameTooLarge,
    /// Its code is out of all proportion to its body.
    CodeTooLarge,
    /// The system put it at an address that has more than 48 bits.
    CodeTooFar,
}

impl core::fmt::Display for LowerError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            LowerError::FrameTooLarge => {
                write!(f, "its locals and operands take more than {MAX_SLOTS} slots")
            }
            LowerError::CodeTooFar => write!(f, "its code got an address of more than 48 bits"),
            LowerError::CodeTooLarge => write!(f, "its branches carry too many operands"),
        }
    }
}

impl core::error::Error for LowerError {}

type Lowered = core::result::Result<(), LowerError>;

/// Lowers a function whose body is validated.
///
/// With `notes`, also writes down what is asked for rarely.
///
/// # Errors
///
/// If the function is not valid, or uses what the interpreter does not execute.
pub fn lower(
    cx: &CodeModule,
    func: FuncIdx,
    scratch: &mut Scratch,
    buffers: &mut Buffers,
    mut notes: Option<&mut Notes>,
) -> Result<Function> {
    let ty = cx.syntax.func_type(func);
    let mut check_stack = false;
    let body = cx.syntax.body(func).unwrap_or_default();
    loop {
        if let Some(notes) = &mut notes {
            notes.positions.clear();
            notes.references.clear();
            notes.stops.restart();
        }
        let mut lowering = Lowering {
            cx,
            func,
            b: buffers,
            notes: notes.as_deref_mut(),
            roots: Arc::from([]),
            at: body.start,
            height: 0,
            max_height: 0,
            header: header_slot(ty.params(), ty.results()),
            holder: [None; ACCUMULATORS],
            displaced: None,
            mirror: [None; ACCUMULATORS],
            last: Last::Nothing,
            last_result: usize::MAX,
            last_home: usize::MAX,
            fuel_cost: None,
            entry: None,
            first: 0,
            check_stack,
            code_limit: CODE_BYTES + CODE_BYTES_PER_BYTE * body.len(),
        };
        match walk(&cx.syntax, func, scratch, &mut lowering) {
            Ok(()) => {}
            Err(WalkError::Sink(error)) => return Err(Error::from(error)),
            Err(WalkError::Malformed(error)) => return Err(DecodeError::from(error).into()),
            Err(WalkError::Invalid(error)) => return Err(DecodeError::from(error).into()),
        }
        let (max_height, first) = (lowering.max_height, lowering.first as u32);
        if max_height > SMALL_FRAME && !check_stack {
            // Rare, and cheaper than a check in every function.
            check_stack = true;
            continue;
        }
        let mut code = finish(&mut buffers.code, max_height, check_stack);
        let own = (code.as_ptr() as u64 + u64::from(first)).to_ne_bytes();
        for &at in &buffers.own_calls {
            for (i, byte) in own.into_iter().enumerate() {
                code[(at + i) / 64].0[(at + i) % 64] = byte;
            }
        }
        #[cfg(debug_assertions)]
        crate::coverage::saw(buffers.words.values().copied());
        let tries = TryRanges::new(core::mem::take(&mut buffers.tries));
        if tries.is_empty() {
            buffers.tail_calls.clear();
        }
        return Ok(Function {
            code,
            tries,
            tail_calls: core::mem::take(&mut buffers.tail_calls).into(),
            resumes: core::mem::take(&mut buffers.resumes).into(),
            first,
            frame: max_height,
            local_units: buffers.local_units,
        });
    }
}

/// The finished code as one allocation.
fn finish(code: &mut [u8], max_height: u32, check_stack: bool) -> Box<[Line]> {
    if check_stack {
        // The function's first instruction.
        let at = crate::exec::WORD;
        code[at..at + 4].copy_from_slice(&max_height.to_ne_bytes());
    }
    let mut lines = Vec::with_capacity(code.len().div_ceil(64));
    let (whole, rest) = code.as_chunks::<64>();
    lines.extend(whole.iter().map(|bytes| Line(*bytes)));
    if !rest.is_empty() {
        let mut last = [0; 64];
        last[..rest.len()].copy_from_slice(rest);
        lines.push(Line(last));
    }
    lines.into()
}

/// A cache line of code. Where code lies in its lines decides how fast it runs, so it is always the
/// same.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub struct Line([u8; 64]);
