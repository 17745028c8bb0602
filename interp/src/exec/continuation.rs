//! Continuations. Spec: the proposal *Stack Switching*, *Execution*.
//!
//! A continuation that runs was called, as far as its frames tell: its outermost frame returns to
//! the instruction behind the one that resumed it, where a [`RestoreCtx`] stands as behind every
//! call. Suspending it copies its frames away, which are those up to the frame that stands at an
//! instruction with a handler for the tag; resuming it copies them back. Which handlers an
//! instruction has is known of its function's code (`lower::continuation`), and looked up when a
//! tag passes its frame, as clauses are for exceptions.

use super::call::{RestoreCtx, ReturnTo};
use super::list::Single;
use super::{Handler, Packed, Regs, Step, WORD, base, single_handlers, tri};
use crate::code::FuncEntry;
use crate::enter::{catch, each_frame};
use crate::lower::{HandlerClause, SMALL_FRAME};
use core::ops::ControlFlow;
use core::ptr::{self, NonNull};
use core::sync::atomic::Ordering;
use rwasm_runtime::Trap;
use rwasm_runtime::types::TypeId;
use rwasm_runtime::vm::{
    Awaits, Continuation, Exit, ExitState, Slot, Suspended, VmContext, VmStore, builtins,
};

single_handlers! {
    /// `cont.new`: `[dst][func]`
    ContNew 4 |r| {
        r.publish();
        let cont = tri!(r, builtins::cont_new(r.ctx, r.read(WORD + 2)));
        r.write(WORD, cont);
    }
    /// `cont.bind`: `[dst][cont][first value][value slots]`
    ContBind 8 |r| {
        r.publish();
        let (values, len) = (r.slot(WORD + 4), r.operand::<u16>(WORD + 6));
        let cont = r.read(WORD + 2);
        let bound = tri!(r, builtins::cont_bind(r.ctx, cont, values, len as usize));
        r.write(WORD, bound);
    }
}

impl Regs {
    /// Goes on where the store says, if `exit` is [`Exit::RETURNED`].
    ///
    /// # Safety
    ///
    /// The store's exit state must then be that of a frame of this activation; if it has results,
    /// the first is what the code there expects in the accumulator.
    #[inline(always)]
    unsafe fn go_on(&mut self, exit: Exit) -> Step {
        if exit != Exit::RETURNED {
            return Step::Exit(exit);
        }
        // SAFETY: by contract.
        unsafe {
            let ExitState { ip, fp, ctx, results, .. } = (*self.store).exit;
            (self.ip, self.fp, self.ctx) = (ip, fp, ctx);
            self.reload_mem();
            if !results.is_null() {
                self.load_result(*results);
            }
        }
        Step::Next
    }
}

/// Handlers that go on in another frame.
macro_rules! switching_handlers {
    ($($(#[$doc:meta])* $name:ident $len:literal |$r:ident| $body:expr;)*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl Handler for $name {
            const INDEX: usize = base::SINGLE + Single::$name as usize;
            const LEN: usize = WORD + $len;

            #[inline(always)]
            unsafe fn run($r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; the store is not borrowed.
                unsafe {
                    $r.publish();
                    let exit = $body;
                    $r.go_on(exit)
                }
            }
        }
    )*};
}

switching_handlers! {
    /// `suspend`: `[first value][value slots][tag: u32][type of the tag: u32]`
    Suspend 12 |r| suspend(r.ip, r.fp, r.ctx);
    /// `switch`: `[first value][value slots][tag: u32][type of what it waits for: u32][cont]`
    Switch 14 |r| switch(r.ip, r.fp, r.ctx);
    /// `resume`: `[cont][value slots][distance]`; a [`RestoreCtx`] must follow.
    Resume 6 |r| resume(r.ip, r.fp, r.ctx);
    /// `resume_throw`: `[cont][first value][tag: u32][distance]`; a [`RestoreCtx`] must follow.
    ResumeThrow 10 |r| resume_throw(r.ip, r.fp, r.ctx);
    /// `resume_throw_ref`: `[cont][exception][distance]`; a [`RestoreCtx`] must follow.
    ResumeThrowRef 6 |r| resume_throw_ref(r.ip, r.fp, r.ctx);
}

/// Where a continuation is resumed.
#[derive(Clone, Copy)]
struct Site {
    /// Behind the [`RestoreCtx`] that follows the instruction.
    ip: *const u8,
    fp: *mut Slot,
    ctx: *mut VmContext,
}

impl Site {
    /// Where the outermost frame of the continuation begins.
    ///
    /// # Safety
    ///
    /// The site must be one of lowered code.
    unsafe fn base(&self) -> *mut Slot {
        // SAFETY: by contract, the distance is the last operand of `RestoreCtx`.
        let distance = unsafe { (*self.ip.wrapping_sub(2).cast::<Packed<u16>>()).0 };
        self.fp.wrapping_add(distance as usize)
    }

    /// Makes a frame return here whose return address is at `header` and whose context is `ctx`.
    ///
    /// # Safety
    ///
    /// As for [`Site::base`]; `header` must be a slot of that frame.
    unsafe fn link(&self, header: *mut Slot, ctx: *mut VmContext) {
        let restore = self.ip.wrapping_sub(RestoreCtx::LEN);
        // SAFETY: by contract; `RestoreCtx` says where its frame keeps its context.
        unsafe {
            let own = (*restore.wrapping_add(WORD).cast::<Packed<u16>>()).0 as usize;
            *self.fp.wrapping_add(own + 1) = self.ctx as u64;
            let ip = if ctx == self.ctx { self.ip } else { restore };
            let distance = (*self.ip.wrapping_sub(2).cast::<Packed<u16>>()).0;
            *header = ReturnTo::new(ip, distance as usize).0;
        }
    }

    /// The frame here, as that of a caller whose results are at `results`.
    fn state(&self, results: *mut Slot) -> ExitState {
        ExitState::at(self.ip, self.fp, self.ctx).with_results(results)
    }
}

/// What a continuation is resumed with.
enum With {
    /// So many slots from here on, and the reference to another continuation.
    Values(*const Slot, usize, Option<Slot>),
    Exception(Slot),
}

/// Resumes a continuation: makes its state that of the store, to go on there.
///
/// # Safety
///
/// The continuation must be one of the running store, and wait for such values; the site must be
/// one of the running activation, above whose frame nothing is in use but the values.
unsafe fn enter(site: Site, cont: Continuation, with: With) -> Exit {
    // SAFETY: by contract. Slots are written from the first that is not in use on, below the limit
    // or in the reserve above it.
    unsafe {
        let vm = (*site.ctx).store;
        let base = site.base();
        let extent = match &cont {
            Continuation::New { .. } => 0,
            Continuation::Suspended(suspended) => suspended.extent,
        };
        if base.wrapping_add(extent) > (*vm).stack_limit {
            return Exit::trap(Trap::StackOverflow);
        }
        let place = |prefix: &[Slot], from: *const Slot, len: usize, last: Option<Slot>| {
            let values = base.wrapping_add(prefix.len());
            // The values may be where the prefix belongs.
            ptr::copy(from, values, len);
            if let Some(last) = last {
                *values.wrapping_add(len) = last;
            }
            ptr::copy_nonoverlapping(prefix.as_ptr(), base, prefix.len());
        };
        match (cont, with) {
            (Continuation::New { .. }, With::Exception(exception)) => {
                // It is as if the call threw before it began.
                (*vm).exit = site.state(base);
                throw(site.ctx, exception)
            }
            (Continuation::New { func, bound }, With::Values(from, len, last)) => {
                place(&bound, from, len, last);
                drop(bound);
                if (*func).code.is_null() {
                    return enter_host(site, func, base);
                }
                let entry = (*func).code.cast::<FuncEntry>();
                let header = base.wrapping_add((*entry).header as usize);
                site.link(header, (*func).ctx);
                // A function that is not compiled yet finds itself in the accumulator.
                let acc = header.wrapping_add(1);
                *acc = entry as u64;
                let ip = (*entry).code.load(Ordering::Acquire);
                (*vm).exit = ExitState::at(ip, base, (*func).ctx).with_results(acc);
                Exit::RETURNED
            }
            (Continuation::Suspended(suspended), with) => {
                let Suspended { slots, len: frames, ip, fp, ctx, base_header, base_ctx, .. } =
                    suspended;
                if let With::Values(from, len, last) = with {
                    place(&slots, from, len, last);
                } else {
                    place(&slots, base, 0, None);
                }
                (*(*vm).store).cont_recycle(slots);
                site.link(base.wrapping_add(base_header), base_ctx);
                let (fp, results) = (base.wrapping_add(fp), base.wrapping_add(frames));
                (*vm).exit = ExitState::at(ip, fp, ctx).with_results(results);
                match with {
                    With::Values(..) => Exit::RETURNED,
                    With::Exception(exception) => throw(ctx, exception),
                }
            }
        }
    }
}

/// Throws an exception where the store says that the guest stands.
///
/// # Safety
///
/// As for [`catch`].
unsafe fn throw(ctx: *mut VmContext, exception: Slot) -> Exit {
    // SAFETY: by contract.
    match unsafe { catch(ctx, exception) } {
        true => Exit::RETURNED,
        false => Exit::EXCEPTION,
    }
}

/// Calls a function of the host as a continuation, whose values are at `slots`.
///
/// # Safety
///
/// As for [`enter`].
unsafe fn enter_host(site: Site, func: *mut rwasm_runtime::vm::VmFunc, slots: *mut Slot) -> Exit {
    // SAFETY: by contract; while the host runs, the store knows where the guest stands.
    unsafe {
        let vm = (*site.ctx).store;
        (*vm).exit = site.state(slots);
        let sp = (*vm).sp;
        (*vm).sp = slots;
        let exit = ((*func).entry)(site.ctx, NonNull::new_unchecked(func), slots);
        (*vm).sp = sp;
        (*vm).exit = site.state(slots);
        match exit {
            Exit::EXCEPTION => {
                let exception = core::mem::take(&mut (*(*vm).store).pending_exn);
                throw(site.ctx, exception)
            }
            exit => exit,
        }
    }
}

/// The operand at `offset` bytes from an instruction.
///
/// # Safety
///
/// There must be one of this type.
unsafe fn operand<T: Copy>(ip: *const u8, offset: usize) -> T {
    // SAFETY: by contract.
    unsafe { (*ip.wrapping_add(offset).cast::<Packed<T>>()).0 }
}

/// The slot that the operand at `offset` names.
///
/// # Safety
///
/// As for [`operand`].
unsafe fn slot(ip: *const u8, fp: *mut Slot, offset: usize) -> *mut Slot {
    // SAFETY: by contract.
    fp.wrapping_add(unsafe { operand::<u16>(ip, offset) } as usize)
}

/// What the instruction at `ip` resumes, and where: its first operand is the continuation, and `len`
/// its length.
///
/// # Safety
///
/// It must be such an instruction, of the frame `fp` of the instance of `ctx`.
unsafe fn take(
    ip: *const u8,
    fp: *mut Slot,
    ctx: *mut VmContext,
    len: usize,
) -> Result<(Site, Continuation), Exit> {
    let site = Site { ip: ip.wrapping_add(len + RestoreCtx::LEN), fp, ctx };
    // SAFETY: by contract; the store is not borrowed.
    let cont = unsafe { (*(*(*ctx).store).store).cont_take(*slot(ip, fp, WORD)) };
    Ok((site, cont.map_err(Exit::trap)?))
}

/// `resume`
///
/// # Safety
///
/// `ip` must be at such an instruction, of the frame `fp` of the instance of `ctx`.
#[inline(never)]
unsafe extern "C" fn resume(ip: *const u8, fp: *mut Slot, ctx: *mut VmContext) -> Exit {
    // SAFETY: by contract.
    unsafe {
        match take(ip, fp, ctx, Resume::LEN) {
            Ok((site, cont)) => {
                let len = operand::<u16>(ip, WORD + 2) as usize;
                enter(site, cont, With::Values(site.base(), len, None))
            }
            Err(exit) => exit,
        }
    }
}

/// `resume_throw`
///
/// # Safety
///
/// As for [`resume`].
#[inline(never)]
unsafe extern "C" fn resume_throw(ip: *const u8, fp: *mut Slot, ctx: *mut VmContext) -> Exit {
    // SAFETY: by contract.
    unsafe {
        let tag = *(*ctx).tags.wrapping_add(operand::<u32>(ip, WORD + 4) as usize);
        // The store knows where the guest stands, and so finds the continuation in its slot.
        let exception = match builtins::exn_new(ctx, tag, slot(ip, fp, WORD + 2)) {
            Ok(exception) => exception,
            Err(exit) => return exit,
        };
        match take(ip, fp, ctx, ResumeThrow::LEN) {
            Ok((site, cont)) => enter(site, cont, With::Exception(exception)),
            Err(exit) => exit,
        }
    }
}

/// `resume_throw_ref`
///
/// # Safety
///
/// As for [`resume`].
#[inline(never)]
unsafe extern "C" fn resume_throw_ref(ip: *const u8, fp: *mut Slot, ctx: *mut VmContext) -> Exit {
    // SAFETY: by contract.
    unsafe {
        match take(ip, fp, ctx, ResumeThrowRef::LEN) {
            Ok((site, cont)) => match *slot(ip, fp, WORD + 2) {
                0 => Exit::trap(Trap::NullReference),
                exception => enter(site, cont, With::Exception(exception)),
            },
            Err(exit) => exit,
        }
    }
}

/// A handler of a tag, and what is between it and the running frame.
struct Found {
    site: Site,
    clause: HandlerClause,
    /// The first instruction of the handler's function.
    code: *const u8,
    /// The outermost frame of the continuation.
    base: *mut Slot,
    base_header: u16,
    base_ctx: *mut VmContext,
    /// What that frame returns to while it is suspended.
    finish: *const u8,
    /// The end of the frame that goes furthest.
    extent: *mut Slot,
    /// What keeping the frames costs in fuel.
    cost: i64,
}

/// Finds the innermost handler of a tag, of `switch` or of `suspend`.
///
/// # Safety
///
/// The exit state of the store must be that of a frame of the running activation.
unsafe fn find(ctx: *mut VmContext, tag: u32, is_switch: bool) -> Option<Found> {
    let mut found = None;
    let mut extent = ptr::null_mut();
    let mut cost = 0;
    let mut callee: Option<(*mut Slot, u16, *mut VmContext, *const u8)> = None;
    // SAFETY: by contract; contexts of frames are those of instances of the store.
    unsafe {
        each_frame((*(*ctx).store).exit, &mut |module, place, _, ctx, fp| {
            let handles = |idx: rwasm_parser::TagIdx| *(*ctx).tags.wrapping_add(idx.index()) == tag;
            if let Some((base, base_header, base_ctx, finish)) = callee
                && let Some((code, clause)) = module.handler(place, is_switch, handles)
            {
                let site = Site { ip: code.wrapping_add(place.offset as usize), fp, ctx };
                let end = extent;
                let cost = cost;
                found = Some(Found {
                    site,
                    clause,
                    code,
                    base,
                    base_header,
                    base_ctx,
                    finish,
                    extent: end,
                    cost,
                });
                return ControlFlow::Break(());
            }
            let large = if place.frame > SMALL_FRAME { place.frame as usize } else { 0 };
            extent = extent.max(fp.wrapping_add(large));
            cost += 1 + i64::from(place.local_units);
            let class = module.entry(place.func).class;
            callee = Some((fp, place.header, ctx, module.finish(class)));
            ControlFlow::Continue(())
        });
    }
    found
}

/// Whether fuel is counted.
///
/// # Safety
///
/// `vm` must be of a store.
unsafe fn counts_fuel(vm: *mut VmStore) -> bool {
    // SAFETY: by contract.
    unsafe { (*(*vm).store).engine().config().consume_fuel }
}

/// Whether an earlier suspension cost more fuel than there was: it is paid before the next, which may
/// follow without a charge in between.
///
/// # Safety
///
/// As for [`counts_fuel`].
unsafe fn owes_fuel(vm: *mut VmStore) -> bool {
    // SAFETY: by contract.
    unsafe { (*vm).fuel < 0 && counts_fuel(vm) }
}

/// Copies the frames up to a handler. The results that they wait for belong where `values` are.
///
/// # Safety
///
/// `found` must be the handler found for the running frame, which stands at the instruction at `ip`
/// of length `len`.
unsafe fn capture(
    found: &Found,
    ip: *const u8,
    fp: *mut Slot,
    ctx: *mut VmContext,
    values: *mut Slot,
    awaits: Awaits,
) -> Suspended {
    let distance = |slot: *mut Slot| (slot.addr() - found.base.addr()) / size_of::<Slot>();
    let len = distance(values);
    // SAFETY: by contract the frames lie one behind the other.
    unsafe {
        let vm = (*ctx).store;
        if counts_fuel(vm) {
            (*vm).fuel -= found.cost;
        }
        let mut slots = (*(*vm).store).cont_buffer(len);
        slots.extend_from_slice(core::slice::from_raw_parts(found.base, len));
        slots[found.base_header as usize] = ReturnTo::new(found.finish, 0).0;
        Suspended {
            slots,
            len,
            ip,
            fp: distance(fp),
            ctx,
            base_header: found.base_header.into(),
            base_ctx: found.base_ctx,
            extent: distance(found.extent),
            awaits,
        }
    }
}

/// `suspend`
///
/// # Safety
///
/// As for [`resume`].
#[inline(never)]
unsafe extern "C" fn suspend(ip: *const u8, fp: *mut Slot, ctx: *mut VmContext) -> Exit {
    // SAFETY: by contract; a handler's clause names slots of its frame.
    unsafe {
        let vm = (*ctx).store;
        if owes_fuel(vm) {
            return Exit::OUT_OF_FUEL;
        }
        let (values, len) = (slot(ip, fp, WORD), operand::<u16>(ip, WORD + 2) as usize);
        let tag = *(*ctx).tags.wrapping_add(operand::<u32>(ip, WORD + 4) as usize);
        let Some(found) = find(ctx, tag, false) else { return Exit::trap(Trap::UnhandledTag) };
        let slots = (values.addr() - found.base.addr()) / size_of::<Slot>();
        let reference = match builtins::cont_reserve(ctx, slots) {
            Ok(reference) => reference,
            Err(exit) => return exit,
        };
        let awaits = Awaits::Results(TypeId(operand(ip, WORD + 8)));
        let behind = ip.wrapping_add(Suspend::LEN);
        let suspended = capture(&found, behind, fp, ctx, values, awaits);
        (*(*vm).store).cont_set(reference, Continuation::Suspended(suspended));
        let Found { site, clause, code, .. } = found;
        ptr::copy(values, site.fp.wrapping_add(clause.values as usize), len);
        *site.fp.wrapping_add(clause.reference as usize) = reference;
        let ip = code.wrapping_add(clause.target as usize);
        (*vm).exit = ExitState::at(ip, site.fp, site.ctx);
        Exit::RETURNED
    }
}

/// `switch`
///
/// # Safety
///
/// As for [`resume`].
#[inline(never)]
unsafe extern "C" fn switch(ip: *const u8, fp: *mut Slot, ctx: *mut VmContext) -> Exit {
    // SAFETY: by contract.
    unsafe {
        let vm = (*ctx).store;
        if owes_fuel(vm) {
            return Exit::OUT_OF_FUEL;
        }
        let (values, len) = (slot(ip, fp, WORD), operand::<u16>(ip, WORD + 2) as usize);
        let tag = *(*ctx).tags.wrapping_add(operand::<u32>(ip, WORD + 4) as usize);
        let target = slot(ip, fp, WORD + 12);
        if *target == 0 {
            return Exit::trap(Trap::NullContinuationReference);
        }
        let Some(found) = find(ctx, tag, true) else { return Exit::trap(Trap::UnhandledTag) };
        let slots = (values.addr() - found.base.addr()) / size_of::<Slot>();
        let reference = match builtins::cont_reserve(ctx, slots) {
            Ok(reference) => reference,
            Err(exit) => return exit,
        };
        let target = match (*(*vm).store).cont_take(*target) {
            Ok(target) => target,
            Err(trap) => return Exit::trap(trap),
        };
        let awaits = Awaits::Params(TypeId(operand(ip, WORD + 8)));
        let behind = ip.wrapping_add(Switch::LEN);
        let suspended = capture(&found, behind, fp, ctx, values, awaits);
        (*(*vm).store).cont_set(reference, Continuation::Suspended(suspended));
        enter(found.site, target, With::Values(values, len, Some(reference)))
    }
}
