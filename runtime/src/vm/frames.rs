//! The values in the frames of guests, for core dumps.

use super::{ExitState, Slot, walk_frames};
use crate::Module;
use crate::store::StoreInner;
use crate::tier::{Frame, FrameValue, RawFrame, Stop, ValuePlace};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::ControlFlow;
use rwasm_parser::{FuncIdx, ValType};

/// How many frames are kept, the innermost ones.
const MAX_FRAMES: usize = 1 << 16;
/// How many values are kept; more than a value stack of the usual size has.
const MAX_VALUES: usize = 1 << 22;

/// A frame as it was when it was read.
pub struct FrameValues {
    /// The address of its instance.
    pub instance: u32,
    /// Its module.
    pub module: Module,
    /// Its function.
    pub func: FuncIdx,
    /// Where it stood.
    pub stop: Stop,
    /// The same, in bytes from the start of the module.
    pub wasm_offset: Option<usize>,
    /// Its locals, parameters first.
    pub locals: Vec<Value>,
    /// Its operands, the lowest first.
    pub operands: Vec<Value>,
}

/// The type of a value, and the value as a slot holds it unless it is lost or takes two.
pub type Value = (ValType, Option<Slot>);

/// Reads the frames of the activation that was left at `innermost`, and of those that wait for it,
/// the innermost first.
pub fn read_frames(store: &StoreInner, innermost: ExitState) -> Vec<FrameValues> {
    let mut raw: Vec<(u32, RawFrame)> = Vec::new();
    walk_frames(store, innermost, &mut |instance, frame| {
        raw.push((instance.addr, frame));
        if raw.len() < MAX_FRAMES { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    let known = known_values(store, &raw);
    let mut left = MAX_VALUES;
    raw.iter()
        .map(|(instance, frame)| {
            let module = &store.instances[*instance as usize].module;
            let (locals, operands, wasm_offset) = match known.get(&place(module, frame)) {
                None => Default::default(),
                Some(known) => {
                    let count = known.locals.len() + known.operands.len();
                    let fits = count <= left;
                    left -= if fits { count } else { 0 };
                    let read = |values: &[FrameValue]| match fits {
                        // SAFETY: the tier knows these of a frame that stands there.
                        true => values.iter().map(|value| unsafe { read(frame, value) }).collect(),
                        false => Vec::new(),
                    };
                    (read(&known.locals), read(&known.operands), known.wasm_offset)
                }
            };
            let (module, func, stop) = (module.clone(), frame.func, stop(frame));
            FrameValues { instance: *instance, module, func, stop, wasm_offset, locals, operands }
        })
        .collect()
}

fn stop(frame: &RawFrame) -> Stop {
    Stop { code_offset: frame.code_offset, innermost: frame.innermost }
}

/// Where a frame stands: the module's code, the function, the place in it.
type Place = (*const (), FuncIdx, Stop);

fn place(module: &Module, frame: &RawFrame) -> Place {
    (core::ptr::from_ref(module.code()).cast(), frame.func, stop(frame))
}

/// What the tier knows of each place where frames stand. It is asked once for each function.
fn known_values(store: &StoreInner, frames: &[(u32, RawFrame)]) -> BTreeMap<Place, Frame> {
    let mut places: Vec<(Place, u32)> = frames
        .iter()
        .map(|(instance, frame)| {
            (place(&store.instances[*instance as usize].module, frame), *instance)
        })
        .collect();
    places.sort_unstable();
    places.dedup_by_key(|entry| entry.0);
    let mut known = BTreeMap::new();
    for of_func in places.chunk_by(|(a, _), (b, _)| (a.0, a.1) == (b.0, b.1)) {
        let ((code, func, _), instance) = of_func[0];
        let stops: Vec<Stop> = of_func.iter().map(|((.., stop), _)| *stop).collect();
        let values = store.instances[instance as usize].module.code().values(func, &stops);
        known.extend(stops.into_iter().zip(values).map(|(stop, v)| ((code, func, stop), v)));
    }
    known
}

/// # Safety
///
/// `value` must be what the tier of `frame`, which is unchanged since it was left, knows of it.
unsafe fn read(frame: &RawFrame, value: &FrameValue) -> Value {
    let slot = match value.place {
        _ if value.ty == ValType::V128 => None,
        // SAFETY: by contract and that of `ValuePlace`, a slot of the frame inside the stack.
        ValuePlace::Slot(slot) => Some(unsafe { *frame.fp.wrapping_add(slot as usize) }),
        ValuePlace::Const(value) => Some(value),
        ValuePlace::Unknown => None,
    };
    (value.ty, slot)
}
