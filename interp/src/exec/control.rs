//! Control flow inside a function. Spec: *Execution → Control Instructions*.

use super::call::ReturnTo;
use super::list::Single;
use super::operand::{A, I, Num, S, Source, Value};
use super::{Handler, Packed, Regs, Step, WORD, base, leave};
use crate::dispatch::check_end;
use core::marker::PhantomData;
use core::sync::atomic::Ordering;
use rwasm_runtime::Trap;
use rwasm_runtime::vm::{Exit, Slot, VmContext, VmStore};

/// `unreachable`
pub struct Unreachable;

impl Handler for Unreachable {
    const INDEX: usize = base::SINGLE + Single::Unreachable as usize;
    const LEN: usize = WORD;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        r.trap(Trap::UnreachableCodeReached)
    }
}

/// Branches: `[distance: i32]`
pub struct Br;

impl Handler for Br {
    const INDEX: usize = base::SINGLE + Single::Br as usize;
    const LEN: usize = WORD + 4;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe { r.branch(WORD) }
    }
}

/// Branches if an `i32` being non-zero is `WHEN`: `[condition][distance: i32]`
pub struct BrIf<X, const WHEN: bool>(PhantomData<X>);

macro_rules! br_if {
    ($($source:ident $when:literal $number:ident;)*) => {$(
        impl Handler for BrIf<$source, $when> {
            const INDEX: usize = base::SINGLE + Single::$number as usize;
            const LEN: usize = WORD + super::numeric::source_len($source::ID, 4) + 4;

            #[inline(always)]
            unsafe fn run(r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; by contract of `run`.
                unsafe {
                    if ($source::get::<u32>(r, WORD) != 0) == $when {
                        return r.branch(Self::LEN - 4);
                    }
                }
                r.next(Self::LEN)
            }
        }
    )*};
}
br_if! {
    S true BrIfNonZeroS;
    A true BrIfNonZeroA;
    S false BrIfZeroS;
    A false BrIfZeroA;
}

/// Branches if a reference being null is `WHEN`: `[reference][distance: i32]`
pub struct BrNull<const WHEN: bool>;

macro_rules! br_null {
    ($($when:literal $number:ident;)*) => {$(
        impl Handler for BrNull<$when> {
            const INDEX: usize = base::SINGLE + Single::$number as usize;
            const LEN: usize = WORD + 6;

            #[inline(always)]
            unsafe fn run(r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; by contract of `run`.
                unsafe {
                    if (r.read::<u64>(WORD) == 0) == $when {
                        return r.branch(WORD + 2);
                    }
                }
                r.next(Self::LEN)
            }
        }
    )*};
}
br_null! { true BrOnNull; false BrOnNonNull; }

/// `br_table`: `[index][len: u32][distances: i32; len + 1]`, the default last. They count from where
/// they begin.
pub struct BrTable<X>(PhantomData<X>);

macro_rules! br_table {
    ($($source:ident $number:ident;)*) => {$(
        impl Handler for BrTable<$source> {
            const INDEX: usize = base::SINGLE + Single::$number as usize;
            const LEN: usize = WORD + super::numeric::source_len($source::ID, 4) + 4;

            #[inline(always)]
            unsafe fn run(r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; by contract of `run`.
                unsafe {
                    let index = $source::get::<u32>(r, WORD);
                    let len = r.operand::<u32>(Self::LEN - 4);
                    r.ip = r.ip.wrapping_add(Self::LEN);
                    if index >= len {
                        return r.branch(len as usize * 4);
                    }
                    r.acc = u64::from(index);
                }
                Step::Table
            }
        }
    )*};
}
br_table! { S BrTableS; A BrTableA; }

impl Regs {
    /// Leaves the frame: `offset` is where the instruction names the slot that says where to.
    ///
    /// # Safety
    ///
    /// As for [`Regs::slot`]; the frame must have been entered by a call.
    #[inline(always)]
    unsafe fn leave_frame(&mut self, offset: usize) -> Step {
        // SAFETY: by contract.
        unsafe {
            let to = ReturnTo(*self.slot(offset));
            self.ip = to.ip();
            self.fp = self.fp.wrapping_sub(to.distance());
        }
        Step::Next
    }
}

/// Returns with all results in their slots: `[header]`
pub struct Return;

impl Handler for Return {
    const INDEX: usize = base::SINGLE + Single::Return as usize;
    const LEN: usize = WORD + 2;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe { r.leave_frame(WORD) }
    }
}

/// Returns one value in the accumulator of its type: `[header][value]`
pub struct ReturnValue<T, X>(PhantomData<(T, X)>);

macro_rules! return_value {
    ($($ty:ident $source:ident $number:ident;)*) => {$(
        impl Handler for ReturnValue<$ty, $source> {
            const INDEX: usize = base::SINGLE + Single::$number as usize;
            const LEN: usize = WORD + 2 + super::numeric::source_len($source::ID, size_of::<$ty>());

            #[inline(always)]
            unsafe fn run(r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; by contract of `run`.
                unsafe {
                    $source::get::<$ty>(r, WORD + 2).set_acc(r);
                    r.leave_frame(WORD)
                }
            }
        }
    )*};
}
return_value! {
    u64 S ReturnIntS;
    u64 I ReturnIntI;
    f32 S ReturnF32S;
    f64 S ReturnF64S;
}

/// The end of a run: what the host called returned. `CLASS` says which accumulator holds a result:
/// 0 none, 1 integer, 2 `f32`, 3 `f64`. The host finds it in slot 0.
pub struct Finish<const CLASS: usize>;

macro_rules! finish {
    ($($class:literal $number:ident;)*) => {$(
        impl Handler for Finish<$class> {
            const INDEX: usize = base::SINGLE + Single::$number as usize;
            const LEN: usize = WORD;

            #[inline(always)]
            unsafe fn run(r: &mut Regs) -> Step {
                let value: Option<Slot> = match $class {
                    1 => Some(r.acc),
                    2 => Some(r.f32.to_slot()),
                    3 => Some(r.f64.to_slot()),
                    _ => None,
                };
                // SAFETY: by contract; `fp` is the slots that the host entered with, at least one
                // long.
                unsafe {
                    check_end::<$class>(r);
                    if let Some(value) = value {
                        *r.fp = value;
                    }
                }
                Step::Exit(Exit::RETURNED)
            }
        }
    )*};
}
finish! { 0 FinishSlots; 1 FinishInt; 2 FinishF32; 3 FinishF64; }

/// Zeroes slots: `[first][count: u16]`
pub struct Zero;

impl Handler for Zero {
    const INDEX: usize = base::SINGLE + Single::Zero as usize;
    const LEN: usize = WORD + 4;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; all slots are of the frame.
        unsafe {
            let first = r.slot(WORD);
            for i in 0..r.operand::<u16>(WORD + 2) as usize {
                *first.wrapping_add(i) = 0;
            }
        }
        r.next(Self::LEN)
    }
}

/// Zeroes `N` slots: `[first]`
pub struct ZeroSome<const N: usize>;

macro_rules! zero_some {
    ($($count:literal $number:ident;)*) => {$(
        impl Handler for ZeroSome<$count> {
            const INDEX: usize = base::SINGLE + Single::$number as usize;
            const LEN: usize = WORD + 2;

            #[inline(always)]
            unsafe fn run(r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; all slots are of the frame.
                unsafe {
                    *r.slot(WORD).cast::<Packed<[Slot; $count]>>() =
                        Packed([0; $count]);
                }
                r.next(Self::LEN)
            }
        }
    )*};
}
zero_some! { 1 Zero1; 2 Zero2; 3 Zero3; 4 Zero4; 5 Zero5; 6 Zero6; 7 Zero7; 8 Zero8; }

/// Checks that a large frame fits in the stack: `[slots: u32]`
pub struct CheckStack;

impl Handler for CheckStack {
    const INDEX: usize = base::SINGLE + Single::CheckStack as usize;
    const LEN: usize = WORD + 4;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; `ctx` is the running context.
        unsafe {
            let end = r.fp.wrapping_add(r.operand::<u32>(WORD) as usize);
            if end > (*r.store).stack_limit {
                return r.trap(Trap::StackOverflow);
            }
        }
        r.next(Self::LEN)
    }
}

/// Charges the fuel of a piece of code: `[cost: u32][mirrored]`. The accumulator for integers equals
/// the slot `mirrored`, if that is one, in a run that goes on here as well.
pub struct Fuel;

impl Handler for Fuel {
    const INDEX: usize = base::SINGLE + Single::Fuel as usize;
    const LEN: usize = WORD + 6;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; `ctx` is the running context.
        unsafe {
            let fuel = &raw mut (*r.store).fuel;
            // One instruction of the machine subtracts and compares.
            *fuel -= i64::from(r.operand::<u32>(WORD));
            if *fuel < 0 {
                return Step::OutOfFuel;
            }
        }
        r.next(Self::LEN)
    }
}

/// What [`Step::OutOfFuel`] asks for.
///
/// # Safety
///
/// `ip` must be at a charge whose cost was taken from the store that `ctx` belongs to.
#[cold]
#[inline(never)]
pub unsafe extern "C" fn out_of_fuel(
    ip: *const u8,
    fp: *mut Slot,
    ctx: *mut VmContext,
    store: *mut VmStore,
) -> Exit {
    // SAFETY: by contract; these are the operands of a charge.
    unsafe {
        (*store).fuel += i64::from((*ip.wrapping_add(WORD).cast::<Packed<u32>>()).0);
        let exit = leave(ip, fp, ctx, Exit::OUT_OF_FUEL.0);
        (*store).exit.mirrored = (*ip.wrapping_add(WORD + 4).cast::<Packed<u16>>()).0;
        exit
    }
}

/// Charges the fuel of a bulk operator: `[len][paid][per unit]`. What is there is taken, and the
/// instruction is executed again by a run that goes on with more.
pub struct Pay;

impl Handler for Pay {
    const INDEX: usize = base::SINGLE + Single::Pay as usize;
    const LEN: usize = WORD + 6;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; `ctx` is the running context.
        unsafe {
            let store = r.store;
            let (len, paid) = (r.read::<u64>(WORD), r.read::<u64>(WORD + 2));
            let cost = len / u64::from(r.operand::<u16>(WORD + 4)) - paid;
            let left = (*store).fuel.max(0) as u64;
            if cost > left {
                r.write(WORD + 2, paid + left);
                (*store).fuel = (*store).fuel.min(0);
                return r.exit(Exit::OUT_OF_FUEL);
            }
            (*store).fuel -= cost as i64;
        }
        r.next(Self::LEN)
    }
}

impl Regs {
    /// Whether the engine's epoch passed the store's deadline.
    ///
    /// # Safety
    ///
    /// `ctx` must be the running context.
    #[inline(always)]
    pub unsafe fn is_past_deadline(&self) -> bool {
        // SAFETY: by contract; the engine's epoch outlives the store.
        unsafe {
            let store = self.store;
            (*(*store).epoch).load(Ordering::Relaxed) >= (*store).epoch_deadline
        }
    }
}

/// Looks at the epoch.
pub struct CheckEpoch;

impl Handler for CheckEpoch {
    const INDEX: usize = base::SINGLE + Single::CheckEpoch as usize;
    const LEN: usize = WORD;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: `ctx` is the running context.
        unsafe {
            if r.is_past_deadline() {
                // A run that goes on does so behind the check, and gets somewhere whatever the
                // new deadline is.
                r.next(Self::LEN);
                return r.exit(Exit::INTERRUPTED);
            }
        }
        r.next(Self::LEN)
    }
}
