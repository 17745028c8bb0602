//! Calls. Spec: *Execution → Control Instructions* (`call` and its kin) and *Function Calls*.
//!
//! A frame is: parameters, which become results (as many slots as the larger of both), then the
//! *header*: the return ([`ReturnTo`]), and room for the frame's own context, then locals and operands.
//! Arguments are on top of the caller's operands, so the callee's frame begins there and nothing is
//! copied. The last operand of every call is the distance between the two frames, by which the
//! caller's is found again.
//!
//! A call that may lead to another instance or to the host is followed by [`RestoreCtx`]. Where it
//! does lead to another instance, the caller's context is kept in the caller's header and the
//! return address is that instruction; else it is the one behind.

use super::list::Single;
use super::operand::{A, S, Source};
use super::{Handler, Packed, Regs, Step, WORD, base};
use crate::code::FuncEntry;
use core::marker::PhantomData;
use core::ptr::NonNull;
use core::sync::atomic::Ordering;
use rwasm_runtime::Trap;
use rwasm_runtime::types::TypeId;
use rwasm_runtime::vm::{Exit, ExitState, Slot, VmFunc, VmTable, builtins};

/// Where a frame returns to, in one slot: the address, which has 48 bits, above the distance to
/// the caller's frame. Both are there after one load; were the distance read from the code before
/// the address, every operand of the caller would wait for two.
#[derive(Clone, Copy)]
pub struct ReturnTo(pub Slot);

impl ReturnTo {
    /// A return to `ip` in the frame that is `distance` slots below.
    #[inline(always)]
    pub fn new(ip: *const u8, distance: usize) -> ReturnTo {
        ReturnTo((ip as u64) << 16 | distance as u64)
    }

    /// Whether an address can be returned to.
    pub fn fits(ip: *const u8) -> bool {
        (ip as u64) < 1 << 48
    }

    /// The instruction.
    #[inline(always)]
    pub fn ip(self) -> *const u8 {
        (self.0 >> 16) as usize as *const u8
    }

    /// How many slots the caller's frame is below this one.
    #[inline(always)]
    pub fn distance(self) -> usize {
        self.0 as u16 as usize
    }
}

/// What a call instruction says of the frames.
struct Frames {
    /// The caller's slot that becomes the callee's header.
    header: usize,
    /// How far above the caller's frame the callee's begins, in slots.
    distance: usize,
}

impl Regs {
    /// Operands `[header][distance]` at `offset`.
    ///
    /// # Safety
    ///
    /// As for [`Regs::operand`].
    #[inline(always)]
    unsafe fn frames(&self, offset: usize) -> Frames {
        // SAFETY: by contract.
        unsafe {
            Frames {
                header: self.operand::<u16>(offset) as usize,
                distance: self.operand::<u16>(offset + 2) as usize,
            }
        }
    }

    /// Whether a frame may begin at `fp`.
    ///
    /// # Safety
    ///
    /// `store` must be what the running store shares.
    #[inline(always)]
    unsafe fn has_room(&self, fp: *mut Slot) -> bool {
        // SAFETY: by contract.
        fp <= unsafe { (*self.store).stack_limit }
    }

    /// Sets up the frame of a callee that belongs to the same instance, if there is room for it. The
    /// last operands of the call, which is `len` bytes long, are `[header][distance]`.
    ///
    /// # Safety
    ///
    /// As for [`Regs::operand`]; the frame must have room for the header.
    #[inline(always)]
    unsafe fn enter_frame(&mut self, len: usize) -> bool {
        // SAFETY: by contract.
        unsafe {
            let Frames { header, distance } = self.frames(len - 4);
            // Before it is known that there is room for more than the header: fewer registers are
            // needed so, and there are none to spare.
            let to = ReturnTo::new(self.ip.wrapping_add(len), distance);
            *self.fp.wrapping_add(header) = to.0;
            let fp = self.fp.wrapping_add(distance);
            let has_room = self.has_room(fp);
            if has_room {
                self.fp = fp;
            }
            has_room
        }
    }

    /// Goes to the first instruction of a function of the running context's instance.
    ///
    /// # Safety
    ///
    /// `entry` must be of that instance's module, and the frame at `fp` set up for it.
    #[inline(always)]
    unsafe fn go(&mut self, entry: *const FuncEntry) -> Step {
        // A function that is not compiled yet finds itself in the accumulator.
        self.acc = entry as u64;
        // SAFETY: by contract.
        self.ip = unsafe { (*entry).code.load(Ordering::Acquire) };
        Step::Next
    }
}

/// Calls a function of the same module: `[entry: 8 bytes][header][distance]`
pub struct CallInternal;

impl Handler for CallInternal {
    const INDEX: usize = base::SINGLE + Single::CallInternal as usize;
    const LEN: usize = WORD + 12;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the frame above has room for a header.
        unsafe {
            if !r.enter_frame(Self::LEN) {
                return r.trap(Trap::StackOverflow);
            }
            r.go(r.operand::<usize>(WORD) as *const FuncEntry)
        }
    }
}

/// Calls a function of the same module whose code is known: `[code: 8 bytes][header][distance]`
///
/// What the callee does first waits for its address, and so for one load less than above.
pub struct CallDirect;

impl Handler for CallDirect {
    const INDEX: usize = base::SINGLE + Single::CallDirect as usize;
    const LEN: usize = WORD + 12;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the frame above has room for a header.
        unsafe {
            if !r.enter_frame(Self::LEN) {
                return r.trap(Trap::StackOverflow);
            }
            r.ip = r.operand::<usize>(WORD) as *const u8;
        }
        Step::Next
    }
}

/// Restores the context after a call of another instance: `[own header][distance]`
///
/// The distance is that of the call before.
pub struct RestoreCtx;

impl Handler for RestoreCtx {
    const INDEX: usize = base::SINGLE + Single::RestoreCtx as usize;
    const LEN: usize = WORD + 4;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the call before kept the context there.
        unsafe {
            r.ctx = *r.slot(WORD).wrapping_add(1) as *mut _;
            r.reload_mem();
        }
        r.next(Self::LEN)
    }
}

/// Calls any function: of this instance, of another, or of the host. `len` is that of the call.
///
/// # Safety
///
/// `func` must belong to the running store and have the type that the call was lowered for; the
/// call's last operands must be `[own header][header][distance]`, and a [`RestoreCtx`] must follow.
#[inline(always)]
unsafe fn call(r: &mut Regs, func: *mut VmFunc, len: usize) -> Step {
    // SAFETY: by contract.
    unsafe {
        let Frames { header, distance } = r.frames(len - 4);
        let fp = r.fp.wrapping_add(distance);
        if !r.has_room(fp) {
            return r.trap(Trap::StackOverflow);
        }
        let restore = r.ip.wrapping_add(len);
        if (*func).code.is_null() {
            return call_host(r, func, fp, restore.wrapping_add(RestoreCtx::LEN));
        }
        if (*func).ctx == r.ctx {
            let ip = restore.wrapping_add(RestoreCtx::LEN);
            *r.fp.wrapping_add(header) = ReturnTo::new(ip, distance).0;
        } else {
            *r.slot(len - 6).wrapping_add(1) = r.ctx as u64;
            *r.fp.wrapping_add(header) = ReturnTo::new(restore, distance).0;
            r.ctx = (*func).ctx;
            r.reload_mem();
        }
        r.fp = fp;
        r.go((*func).code.cast())
    }
}

/// Calls a host function with its slots at `slots` and goes on at `next`.
///
/// # Safety
///
/// As for [`call`].
#[inline(always)]
unsafe fn call_host(r: &mut Regs, func: *mut VmFunc, slots: *mut Slot, next: *const u8) -> Step {
    // SAFETY: by contract; while the host runs, the store knows where the guest stands.
    unsafe {
        let vm = r.store;
        (*vm).exit = ExitState::at(r.ip, r.fp, r.ctx);
        let sp = (*vm).sp;
        (*vm).sp = slots;
        let exit = ((*func).entry)(r.ctx, NonNull::new_unchecked(func), slots);
        (*vm).sp = sp;
        if exit != Exit::RETURNED {
            if exit == Exit::EXCEPTION {
                let exception = core::mem::take(&mut (*(*vm).store).pending_exn);
                return r.raise(exception);
            }
            (*vm).exit = match exit {
                Exit::SUSPENDED => ExitState::at(next, r.fp, r.ctx).with_results(slots),
                _ => ExitState::at(r.ip, r.fp, r.ctx),
            };
            return Step::Exit(exit);
        }
        r.reload_mem();
        r.load_result(*slots);
    }
    r.ip = next;
    Step::Next
}

impl Regs {
    /// Puts a call's only result in the accumulators; which of them is read, the code knows.
    #[inline(always)]
    pub fn load_result(&mut self, value: Slot) {
        self.acc = value;
        self.f32 = f32::from_bits(value as u32);
        self.f64 = f64::from_bits(value);
    }
}

/// Calls an imported function: `[func: u32][own header][header][distance]`
pub struct CallImport;

impl Handler for CallImport {
    const INDEX: usize = base::SINGLE + Single::CallImport as usize;
    const LEN: usize = WORD + 10;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; imported functions are never null.
        unsafe {
            let func = *(*r.ctx).funcs.wrapping_add(r.operand::<u32>(WORD) as usize);
            call(r, func, Self::LEN)
        }
    }
}

/// The function at an index of a table, if it has the type.
///
/// # Safety
///
/// Operands `[table: u32][type: u32]` must be at `offset`.
#[inline(always)]
unsafe fn indirect(r: &Regs, index: u64, offset: usize) -> Result<*mut VmFunc, Trap> {
    // SAFETY: by contract; a function table holds functions of the store, or null.
    unsafe {
        let table: *mut VmTable = *(*r.ctx).tables.wrapping_add(r.operand::<u32>(offset) as usize);
        if index >= (*table).len as u64 {
            return Err(Trap::UndefinedElement);
        }
        let func = *(*table).base.wrapping_add(index as usize) as *mut VmFunc;
        if func.is_null() {
            return Err(Trap::UninitializedElement);
        }
        let expected = TypeId(r.operand::<u32>(offset + 4));
        if (*func).type_id != expected && !builtins::is_subtype(r.ctx, (*func).type_id, expected) {
            return Err(Trap::IndirectCallTypeMismatch);
        }
        Ok(func)
    }
}

/// `call_indirect`: `[table: u32][type: u32][index][own header][header][distance]`
pub struct CallIndirect<X>(PhantomData<X>);

macro_rules! call_indirect {
    ($($source:ident $number:ident;)*) => {$(
        impl Handler for CallIndirect<$source> {
            const INDEX: usize = base::SINGLE + Single::$number as usize;
            const LEN: usize = WORD + 8 + super::numeric::source_len($source::ID, 8) + 6;

            #[inline(always)]
            unsafe fn run(r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; by contract of `run`.
                unsafe {
                    match indirect(r, $source::get::<u64>(r, WORD + 8), WORD) {
                        Ok(func) => call(r, func, Self::LEN),
                        Err(trap) => r.trap(trap),
                    }
                }
            }
        }
    )*};
}
call_indirect! { S CallIndirectS; A CallIndirectA; }

/// `call_ref`: `[reference][own header][header][distance]`
pub struct CallRef;

impl Handler for CallRef {
    const INDEX: usize = base::SINGLE + Single::CallRef as usize;
    const LEN: usize = WORD + 8;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the reference is to a function.
        unsafe {
            let func = builtins::func_of_slot(r.ctx, r.read(WORD));
            if func.is_null() {
                return r.trap(Trap::NullFunctionReference);
            }
            call(r, func, Self::LEN)
        }
    }
}

/// Replaces the running frame by one for a function of the same module:
/// `[entry: 8 bytes][args][arg slots][header][own header]`
///
/// `header` is the callee's, counted from its own frame.
pub struct ReturnCallInternal;

impl Handler for ReturnCallInternal {
    const INDEX: usize = base::SINGLE + Single::ReturnCallInternal as usize;
    const LEN: usize = WORD + 16;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe {
            let return_to = *r.slot(WORD + 14);
            r.move_args(WORD + 8);
            *r.slot(WORD + 12) = return_to;
            r.go(r.operand::<usize>(WORD) as *const FuncEntry)
        }
    }
}

impl Regs {
    /// Moves arguments to the beginning of the frame: operands `[first][count]` at `offset`.
    ///
    /// # Safety
    ///
    /// As for [`Regs::slot`].
    #[inline(always)]
    unsafe fn move_args(&self, offset: usize) {
        // SAFETY: by contract. Slots move downwards, so the order is safe.
        unsafe {
            let first = self.slot(offset);
            for i in 0..self.operand::<u16>(offset + 2) as usize {
                *self.fp.wrapping_add(i) = *first.wrapping_add(i);
            }
        }
    }
}

/// Tail-calls any function. Operands of the call end with
/// `[args][arg slots][callee header][own header][header][distance]`, and a [`RestoreCtx`], then
/// code that returns the results, must follow: the host, and an instance that nobody would return
/// from to ours, are called as by an ordinary call.
///
/// # Safety
///
/// As for [`call`].
#[inline(always)]
unsafe fn return_call(r: &mut Regs, func: *mut VmFunc, len: usize) -> Step {
    // SAFETY: by contract.
    unsafe {
        let return_to = ReturnTo(*r.slot(len - 6));
        let same = (*func).ctx == r.ctx;
        if (*func).code.is_null() || !(same || restores_ctx((*func).code.cast(), return_to.ip())) {
            return call(r, func, len);
        }
        r.move_args(len - 12);
        *r.slot(len - 8) = return_to.0;
        if !same {
            r.ctx = (*func).ctx;
            r.reload_mem();
        }
        r.go((*func).code.cast())
    }
}

/// Whether code at `ip` does not need the running context: it restores its own, or is the host's.
///
/// # Safety
///
/// `ip` must be a return address in code of the same engine as `entry`.
unsafe fn restores_ctx(entry: *const FuncEntry, ip: *const u8) -> bool {
    // SAFETY: by contract there is an instruction; an entry lives inside its module.
    unsafe {
        let word = (*ip.cast::<Packed<u64>>()).0;
        let backend = (*(*entry).module).backend;
        word == (backend.word)(RestoreCtx::INDEX)
            || (Single::FinishSlots as usize..=Single::FinishF64 as usize)
                .any(|single| word == (backend.word)(base::SINGLE + single))
    }
}

/// `return_call` of an import:
/// `[func: u32][args][arg slots][callee header][own header][header][distance]`
pub struct ReturnCallImport;

impl Handler for ReturnCallImport {
    const INDEX: usize = base::SINGLE + Single::ReturnCallImport as usize;
    const LEN: usize = WORD + 16;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; imported functions are never null.
        unsafe {
            let func = *(*r.ctx).funcs.wrapping_add(r.operand::<u32>(WORD) as usize);
            return_call(r, func, Self::LEN)
        }
    }
}

/// `return_call_indirect`: `[table: u32][type: u32][index]`, then as for an import.
pub struct ReturnCallIndirect;

impl Handler for ReturnCallIndirect {
    const INDEX: usize = base::SINGLE + Single::ReturnCallIndirect as usize;
    const LEN: usize = WORD + 22;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe {
            match indirect(r, r.read(WORD + 8), WORD) {
                Ok(func) => return_call(r, func, Self::LEN),
                Err(trap) => r.trap(trap),
            }
        }
    }
}

/// `return_call_ref`: `[reference]`, then as for an import.
pub struct ReturnCallRef;

impl Handler for ReturnCallRef {
    const INDEX: usize = base::SINGLE + Single::ReturnCallRef as usize;
    const LEN: usize = WORD + 14;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; the reference is to a function.
        unsafe {
            let func = builtins::func_of_slot(r.ctx, r.read(WORD));
            if func.is_null() {
                return r.trap(Trap::NullFunctionReference);
            }
            return_call(r, func, Self::LEN)
        }
    }
}

/// The code of every function that is not compiled yet: compiles it, then goes there.
pub struct Compile;

impl Handler for Compile {
    const INDEX: usize = base::SINGLE + Single::Compile as usize;
    const LEN: usize = WORD;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: `go` left the function in the accumulator.
        match unsafe { crate::code::compile_now(r.ctx, r.acc as *const FuncEntry) } {
            Ok(ip) => {
                r.ip = ip as *const u8;
                Step::Next
            }
            Err(exit) => r.exit(exit),
        }
    }
}
