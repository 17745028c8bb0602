//! Threaded code of a module, shared by all its instances.
//!
//! Functions are lowered when they are first called. The code of a function is one allocation that
//! is never moved or freed while its module lives, so addresses into it can stand in frames.

use crate::dispatch::Backend;
use crate::exec::call::{Compile, ReturnTo};
use crate::exec::control::Finish;
use crate::exec::{Handler, list::Single};
use crate::lower::{self, Clause, HandlerClause, Notes, Stops};
use alloc::{boxed::Box, collections::BTreeMap, sync::Arc, vec::Vec};
use core::sync::atomic::{AtomicPtr, Ordering};
use rwasm_parser::{DecodeError, FuncIdx, Module, Scratch, TagIdx, ValType};
use rwasm_runtime::engine::EngineConfig;
use rwasm_runtime::sync::Mutex;
use rwasm_runtime::tier::{Code, Frame, FuncCode, Stop, ValuePlace};
use rwasm_runtime::types::TypeId;
use rwasm_runtime::vm::{Exit, VmContext};
use rwasm_runtime::{Error, Result};

/// What calls know of a function of a module.
#[repr(C)]
pub struct FuncEntry {
    /// Its first instruction: [`Compile`], until it is lowered.
    pub code: AtomicPtr<u8>,
    /// The module's code.
    pub module: *const CodeModule,
    /// Its index.
    pub func: FuncIdx,
    /// The slot of its frame that holds the return address.
    pub header: u16,
    /// Where a host finds its results: which [`Finish`] it returns to.
    pub class: u8,
}

// SAFETY: the pointer leads back to the module that owns the entry; everything behind it is
// synchronised.
unsafe impl Send for FuncEntry {}
// SAFETY: as above.
unsafe impl Sync for FuncEntry {}

/// The code of a module.
pub struct CodeModule {
    /// The module.
    pub syntax: Arc<Module<'static>>,
    /// The engine's identities of the module's types.
    pub types: Arc<[TypeId]>,
    /// How the code is executed.
    pub backend: &'static Backend,
    /// Whether code charges fuel.
    pub fuel: bool,
    /// Whether code looks at the epoch.
    pub epoch: bool,
    /// Whether code makes NaNs canonical.
    pub canonical_nans: bool,
    entries: Box<[FuncEntry]>,
    /// Instructions that are not of any function: [`Compile`], and one [`Finish`] per class.
    stubs: Box<[u64; 5]>,
    lowered: Mutex<Lowered>,
}

#[derive(Default)]
struct Lowered {
    /// Functions by the address of their code.
    by_address: BTreeMap<usize, (FuncIdx, lower::Function)>,
    /// Slots that hold references, of functions that were asked for.
    references: BTreeMap<FuncIdx, lower::References>,
    scratch: Scratch,
    buffers: lower::Buffers,
}

impl Lowered {
    /// The beginning of the code that `ip` is in, and the function.
    fn around(&self, ip: *mut u8) -> Option<(*const u8, &lower::Function)> {
        let (&start, (_, function)) = self.by_address.range(..=ip as usize).next_back()?;
        Some((ip.wrapping_sub(ip as usize - start).cast_const(), function))
    }
}

/// Where an address in code belongs.
pub struct Place {
    /// The function.
    pub func: FuncIdx,
    /// Bytes from the beginning of its code.
    pub offset: u32,
    /// The slot of its frame that holds the return address.
    pub header: u16,
    /// How many slots its frame takes.
    pub frame: u32,
    /// What its locals cost in fuel when they are kept.
    pub local_units: u32,
}

/// How many slots the parameters and results of a function share at the beginning of its frame.
pub fn header_slot(params: &[ValType], results: &[ValType]) -> u16 {
    let slots = |types: &[ValType]| types.iter().map(|ty| ty.slots()).sum::<u32>();
    // At most 1000 parameters and results of two slots each, or as many as limits allow.
    u16::try_from(slots(params).max(slots(results))).unwrap_or(u16::MAX)
}

/// Which [`Finish`] a function of these results returns to.
fn class(results: &[ValType]) -> u8 {
    match *results {
        [ValType::V128] => 0,
        [ValType::F32] => 2,
        [ValType::F64] => 3,
        [_] => 1,
        _ => 0,
    }
}

impl CodeModule {
    /// The code of `syntax`, of which nothing is lowered yet.
    pub fn new(
        syntax: &Arc<Module<'static>>,
        types: &Arc<[TypeId]>,
        config: &EngineConfig,
        backend: &'static Backend,
    ) -> Arc<Self> {
        let finish = base_of(Single::FinishSlots);
        let stubs: [u64; 5] = core::array::from_fn(|i| match i {
            0 => (backend.word)(Compile::INDEX),
            i => (backend.word)(finish + i - 1),
        });
        debug_assert_eq!(finish, Finish::<0>::INDEX);
        Arc::new_cyclic(|this| {
            let stubs = Box::new(stubs);
            let compile = stubs.as_ptr().cast::<u8>().cast_mut();
            let imported = syntax.imported.funcs;
            let entries = (imported..syntax.funcs.len() as u32)
                .map(|func| {
                    let func = FuncIdx(func);
                    let ty = syntax.func_type(func);
                    FuncEntry {
                        code: AtomicPtr::new(compile),
                        module: this.as_ptr(),
                        func,
                        header: header_slot(ty.params(), ty.results()),
                        class: class(ty.results()),
                    }
                })
                .collect();
            CodeModule {
                syntax: syntax.clone(),
                types: types.clone(),
                backend,
                fuel: config.consume_fuel,
                epoch: config.epoch_interruption,
                canonical_nans: config.deterministic,
                entries,
                stubs,
                lowered: Mutex::new(Lowered::default()),
            }
        })
    }

    /// The entry of a function that is not imported.
    pub fn entry(&self, func: FuncIdx) -> &FuncEntry {
        &self.entries[(func.0 - self.syntax.imported.funcs) as usize]
    }

    /// The first instruction of a function, if it was lowered.
    pub fn known_code(&self, func: FuncIdx) -> Option<*const u8> {
        let code = self.entry(func).code.load(Ordering::Acquire).cast_const();
        (code != self.stubs.as_ptr().cast()).then_some(code)
    }

    /// Where a function returns to that the host called.
    pub fn finish(&self, class: u8) -> *const u8 {
        self.stubs.as_ptr().wrapping_add(1 + class as usize).cast()
    }

    /// Whether `ip` is where functions that the host called return to.
    pub fn is_finish(&self, ip: *const u8) -> bool {
        (0..4).any(|class| self.finish(class) == ip)
    }

    /// Lowers a function, unless that was done, and gives its first instruction.
    fn lower(&self, func: FuncIdx) -> Result<*const u8> {
        let entry = self.entry(func);
        let mut lowered = self.lowered.lock();
        let lowered = &mut *lowered;
        let known = entry.code.load(Ordering::Acquire);
        if known.cast_const() != self.stubs.as_ptr().cast() {
            return Ok(known);
        }
        let function = lower::lower(self, func, &mut lowered.scratch, &mut lowered.buffers, None)?;
        let start = function.code.as_ptr().cast::<u8>();
        let end = start.wrapping_add(size_of_val(&*function.code));
        if !ReturnTo::fits(end) || !ReturnTo::fits(self.finish(4)) {
            return Err(Error::from(lower::LowerError::CodeTooFar));
        }
        let first = start.wrapping_add(function.first as usize);
        lowered.by_address.insert(start as usize, (func, function));
        entry.code.store(first.cast_mut(), Ordering::Release);
        Ok(first)
    }

    /// Where `ip` belongs, if it is in the code of one of the module's functions.
    pub fn place(&self, ip: *const u8) -> Option<Place> {
        let lowered = self.lowered.lock();
        let (&start, (func, function)) = lowered.by_address.range(..=ip as usize).next_back()?;
        let offset = ip as usize - start;
        let header = self.entry(*func).header;
        (offset <= size_of_val(&*function.code)).then_some(Place {
            func: *func,
            offset: offset as u32,
            header,
            frame: function.frame,
            local_units: function.local_units,
        })
    }

    /// The clause that catches an exception thrown at `place`, and the address of its code.
    /// `catches` says whether a clause's tag is that of the exception.
    pub fn clause(
        &self,
        place: &Place,
        innermost: bool,
        catches: impl Fn(TagIdx) -> bool,
    ) -> Option<(*const u8, Clause)> {
        // A caller stands behind its call.
        let at = if innermost { place.offset } else { place.offset - 1 };
        let first = self.entry(place.func).code.load(Ordering::Acquire);
        let lowered = self.lowered.lock();
        let (start, function) = lowered.around(first)?;
        let next = function.tail_calls.partition_point(|range| range.end <= at);
        if function.tail_calls.get(next).is_some_and(|range| range.start <= at) {
            return None;
        }
        // Blocks that are inside of the one to which the exception is delegated are passed over.
        let mut outermost = u32::MAX;
        for range in function.tries.covering(at) {
            if range.depth > outermost {
                continue;
            }
            if let Some(clause) =
                range.clauses.iter().find(|clause| clause.tag.is_none_or(&catches))
            {
                return Some((start.wrapping_add(clause.target as usize), *clause));
            }
            outermost = range.delegate.unwrap_or(outermost);
        }
        None
    }

    /// The handler of a tag that the function at `place` has for the continuation that it waits
    /// for, if it does; one of `switch` or one of `suspend`. Gives the function's first instruction
    /// too. `handles` says whether a handler's tag is the one.
    pub fn handler(
        &self,
        place: &Place,
        is_switch: bool,
        handles: impl Fn(TagIdx) -> bool,
    ) -> Option<(*const u8, HandlerClause)> {
        let first = self.entry(place.func).code.load(Ordering::Acquire);
        let lowered = self.lowered.lock();
        let (start, function) = lowered.around(first)?;
        let at = function.resumes.binary_search_by_key(&place.offset, |site| site.behind).ok()?;
        let handlers = function.resumes[at].handlers.iter();
        let mut handlers =
            handlers.filter(|(tag, clause)| clause.is_none() == is_switch && handles(*tag));
        Some((start, handlers.next()?.1.unwrap_or_default()))
    }

    /// The values of a frame of `func` that stands at an operator.
    fn frame(&self, func: FuncIdx, stops: &Stops, stop: Stop, at: Option<usize>) -> Frame {
        let Some((at, found)) =
            at.and_then(|at| Some((at, stops.operators.binary_search(&at).ok()?)))
        else {
            return Frame::default();
        };
        let mut frame = Frame {
            wasm_offset: Some(at),
            locals: stops.locals.clone(),
            operands: stops.operands[found].clone(),
        };
        if !stop.innermost {
            // The arguments are the callee's now.
            frame.operands.truncate(stops.below[found]);
        }
        let params = self.syntax.func_type(func).params().len();
        let is_first = self.syntax.body(func).is_some_and(|body| body.start == at);
        for local in frame.locals.iter_mut().skip(params) {
            // The frame may not be prepared yet, or have no room, or never be filled with zeros.
            let unset = &stops.unset[found];
            let is_unset =
                matches!(local.place, ValuePlace::Slot(slot) if unset.binary_search(&slot).is_ok());
            if is_first || is_unset {
                local.place = ValuePlace::Const(0);
            }
        }
        frame
    }

    /// Lowers a function for what is noted of it, also of `operators`, which are ascending.
    fn notes(&self, func: FuncIdx, operators: Vec<usize>) -> Option<Notes> {
        let mut notes =
            Notes { stops: Stops { operators, ..Stops::default() }, ..Notes::default() };
        let (mut scratch, mut buffers) = Default::default();
        lower::lower(self, func, &mut scratch, &mut buffers, Some(&mut notes)).ok()?;
        Some(notes)
    }
}

/// The operator, as an offset in the module, of the instruction at which a frame stands.
fn operator(notes: &Notes, stop: Stop) -> Option<usize> {
    // A caller stands behind its call.
    let end = if stop.innermost { stop.code_offset + 1 } else { stop.code_offset };
    let at = notes.positions.partition_point(|&(position, _)| position < end);
    Some(notes.positions.get(at.checked_sub(1)?)?.1)
}

fn base_of(single: Single) -> usize {
    crate::exec::base::SINGLE + single as usize
}

impl Code for CodeModule {
    fn func(&self, func: FuncIdx) -> FuncCode {
        let code: *const FuncEntry = self.entry(func);
        FuncCode { entry: crate::enter::enter, code: code.cast() }
    }

    fn wasm_offset(&self, func: FuncIdx, code_offset: u32, innermost: bool) -> Option<usize> {
        operator(&self.notes(func, Vec::new())?, Stop { code_offset, innermost })
    }

    fn references(&self, func: FuncIdx, code_offset: u32, innermost: bool) -> Arc<[u16]> {
        let known = self.lowered.lock().references.contains_key(&func);
        if !known {
            let noted = self.notes(func, Vec::new()).unwrap_or_default().references;
            self.lowered.lock().references.insert(func, noted);
        }
        let end = if innermost { code_offset + 1 } else { code_offset };
        let lowered = self.lowered.lock();
        let noted = &lowered.references[&func];
        let at = noted.partition_point(|&(position, _)| position < end);
        match at.checked_sub(1) {
            Some(at) => noted[at].1.clone(),
            None => Arc::from([]),
        }
    }

    fn values(&self, func: FuncIdx, stops: &[Stop]) -> Vec<Frame> {
        let Some(notes) = self.notes(func, Vec::new()) else { return Vec::new() };
        let at: Vec<_> = stops.iter().map(|&stop| operator(&notes, stop)).collect();
        let mut operators: Vec<usize> = at.iter().copied().flatten().collect();
        operators.sort_unstable();
        operators.dedup();
        let Some(notes) = self.notes(func, operators) else { return Vec::new() };
        let frame = |(stop, at): (&Stop, Option<usize>)| self.frame(func, &notes.stops, *stop, at);
        stops.iter().zip(at).map(frame).collect()
    }

    fn compile_all(&self) -> Result<()> {
        self.entries.iter().try_for_each(|entry| self.lower(entry.func).map(drop))
    }

    fn as_any(&self) -> &dyn core::any::Any {
        self
    }
}

/// The code of the module that an instance was made from.
///
/// # Safety
///
/// `ctx` must be the context of an instance whose functions this tier executes.
pub unsafe fn code_of<'a>(ctx: *mut VmContext) -> Option<&'a CodeModule> {
    // SAFETY: by contract; the instance keeps its module for as long as it lives.
    unsafe { (*(*ctx).instance).module.code().as_any().downcast_ref() }
}

/// Lowers a function that is called for the first time.
///
/// # Safety
///
/// `ctx` must be the running context and `entry` a function of its module.
#[cold]
#[inline(never)]
pub unsafe fn compile_now(ctx: *mut VmContext, entry: *const FuncEntry) -> Result<u64, Exit> {
    // SAFETY: by contract.
    let entry = unsafe { &*entry };
    // SAFETY: an entry lives inside its module.
    let module = unsafe { &*entry.module };
    match module.lower(entry.func) {
        Ok(ip) => Ok(ip as u64),
        Err(error) => {
            let name = match module.syntax.func_name(entry.func) {
                Some(name) => alloc::format!("function {} (`{name}`)", entry.func.0),
                None => alloc::format!("function {}", entry.func.0),
            };
            let what = match error.is::<DecodeError>() {
                true => "is not valid",
                false => "cannot be executed",
            };
            fail(ctx, error.context(alloc::format!("{name} {what}")));
            Err(Exit::ERROR)
        }
    }
}

/// Leaves an error in the store for whoever entered the guest.
fn fail(ctx: *mut VmContext, error: Error) {
    // SAFETY: called with the running context, whose store nobody borrows.
    unsafe { (*(*(*ctx).store).store).pending_error = Some(error) };
}
