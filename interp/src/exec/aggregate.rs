//! Structures, arrays, `i31` and casts. Spec: *Execution → Reference Instructions*, *Aggregates*.
//!
//! Objects are the runtime's business; what may allocate tells it first where the guest stands, so
//! that a collection finds the frames.

use super::list::Single;
use super::{Handler, Regs, Step, WORD, base, single_handlers, tri};
use rwasm_runtime::Trap;
use rwasm_runtime::vm::{ExitState, builtins};

impl Regs {
    /// Tells the store where the guest stands, before something that may collect garbage.
    ///
    /// # Safety
    ///
    /// `ctx` must be the running context.
    #[inline(always)]
    pub unsafe fn publish(&self) {
        // SAFETY: by contract.
        unsafe {
            (*self.store).exit = ExitState::at(self.ip, self.fp, self.ctx);
        }
    }
}

single_handlers! {
    /// `struct.new`: `[dst][first field][type: u32]`
    StructNew 8 |r| {
        r.publish();
        let object = tri!(r, builtins::struct_new(r.ctx, r.operand(WORD + 4), r.slot(WORD + 2)));
        r.write(WORD, object);
    }
    /// `struct.new_default`: `[dst][0][type: u32]`
    StructNewDefault 8 |r| {
        r.publish();
        let object = tri!(r, builtins::struct_new_default(r.ctx, r.operand(WORD + 4)));
        r.write(WORD, object);
    }
    /// `struct.new_desc`: `[dst][first field][type: u32]`
    StructNewDesc 8 |r| {
        r.publish();
        let (ty, first) = (r.operand(WORD + 4), r.slot(WORD + 2));
        let object = tri!(r, builtins::struct_new_desc(r.ctx, ty, first));
        r.write(WORD, object);
    }
    /// `struct.new_default_desc`: `[dst][descriptor][type: u32]`
    StructNewDefaultDesc 8 |r| {
        r.publish();
        let (ty, descriptor) = (r.operand(WORD + 4), r.read(WORD + 2));
        let object = tri!(r, builtins::struct_new_default_desc(r.ctx, ty, descriptor));
        r.write(WORD, object);
    }
    /// `ref.get_desc`: `[dst][object]`
    RefGetDesc 4 |r| {
        let descriptor = tri!(r, builtins::ref_get_desc(r.ctx, r.read(WORD + 2)));
        r.write(WORD, descriptor);
    }
    /// `ref.cast_desc_eq`, in place: `[reference][descriptor][null: u32]`
    RefCastDescEq 8 |r| {
        let (value, descriptor) = (r.read(WORD), r.read(WORD + 2));
        let null = r.operand(WORD + 4);
        if tri!(r, builtins::ref_test_desc_eq(r.ctx, value, descriptor, null)) == 0 {
            return r.trap(Trap::DescriptorCastFailure);
        }
    }
    /// `struct.get`: `[dst][object][type: u32][field: u32][sign: u32]`
    StructGet 16 |r| {
        let (ty, field, sign) =
            (r.operand(WORD + 4), r.operand(WORD + 8), r.operand(WORD + 12));
        let (object, dst) = (r.read(WORD + 2), r.slot(WORD));
        tri!(r, builtins::struct_get(r.ctx, ty, field, sign, object, dst));
    }
    /// `struct.set`: `[object][value][type: u32][field: u32]`
    StructSet 12 |r| {
        let (ty, field) = (r.operand(WORD + 4), r.operand(WORD + 8));
        tri!(r, builtins::struct_set(r.ctx, ty, field, r.read(WORD), r.slot(WORD + 2)));
    }
    /// `array.new`: `[dst][value][len][0][type: u32]`
    ArrayNew 12 |r| {
        r.publish();
        let (ty, value, len) = (r.operand(WORD + 8), r.slot(WORD + 2), r.read(WORD + 4));
        let object = tri!(r, builtins::array_new(r.ctx, ty, value, len));
        r.write(WORD, object);
    }
    /// `array.new_default`: `[dst][len][type: u32]`
    ArrayNewDefault 8 |r| {
        r.publish();
        let (ty, len) = (r.operand(WORD + 4), r.read(WORD + 2));
        let object = tri!(r, builtins::array_new_default(r.ctx, ty, len));
        r.write(WORD, object);
    }
    /// `array.new_fixed`: `[dst][first element][type: u32][len: u32]`
    ArrayNewFixed 12 |r| {
        r.publish();
        let (ty, first, len) = (r.operand(WORD + 4), r.slot(WORD + 2), r.operand(WORD + 8));
        let object = tri!(r, builtins::array_new_fixed(r.ctx, ty, first, len));
        r.write(WORD, object);
    }
    /// `array.new_data`: `[dst][offset][len][0][type: u32][data: u32]`
    ArrayNewData 16 |r| {
        r.publish();
        let (ty, data) = (r.operand(WORD + 8), r.operand(WORD + 12));
        let (offset, len) = (r.read(WORD + 2), r.read(WORD + 4));
        let object = tri!(r, builtins::array_new_data(r.ctx, ty, data, offset, len));
        r.write(WORD, object);
    }
    /// `array.new_elem`: `[dst][offset][len][0][type: u32][elem: u32]`
    ArrayNewElem 16 |r| {
        r.publish();
        let (ty, elem) = (r.operand(WORD + 8), r.operand(WORD + 12));
        let (offset, len) = (r.read(WORD + 2), r.read(WORD + 4));
        let object = tri!(r, builtins::array_new_elem(r.ctx, ty, elem, offset, len));
        r.write(WORD, object);
    }
    /// `array.get`: `[dst][object][index][0][type: u32][sign: u32]`
    ArrayGet 16 |r| {
        let (ty, sign) = (r.operand(WORD + 8), r.operand(WORD + 12));
        let (object, index, dst) = (r.read(WORD + 2), r.read(WORD + 4), r.slot(WORD));
        tri!(r, builtins::array_get(r.ctx, ty, sign, object, index, dst));
    }
    /// `array.set`: `[object][index][value][0][type: u32]`
    ArraySet 12 |r| {
        let (object, index, value) = (r.read(WORD), r.read(WORD + 2), r.slot(WORD + 4));
        tri!(r, builtins::array_set(r.ctx, r.operand(WORD + 8), object, index, value));
    }
    /// `array.len`: `[dst][object]`
    ArrayLen 4 |r| {
        let len = tri!(r, builtins::array_len(r.ctx, r.read(WORD + 2)));
        r.write(WORD, len);
    }
    /// `array.fill`: `[object][index][value][len][type: u32]`
    ArrayFill 12 |r| {
        let (object, index) = (r.read(WORD), r.read(WORD + 2));
        let (value, len) = (r.slot(WORD + 4), r.read(WORD + 6));
        let ty = r.operand(WORD + 8);
        tri!(r, builtins::array_fill(r.ctx, ty, object, index, value, len));
    }
    /// `array.copy`: `[dst object][dst index][src object][src index][len]`
    ArrayCopy 10 |r| {
        let (dst, dst_index) = (r.read(WORD), r.read(WORD + 2));
        let (src, src_index, len) = (r.read(WORD + 4), r.read(WORD + 6), r.read(WORD + 8));
        tri!(r, builtins::array_copy(r.ctx, dst, dst_index, src, src_index, len));
    }
    /// `array.init_data`: `[object][index][offset][len][type: u32][data: u32]`
    ArrayInitData 16 |r| {
        let (object, index) = (r.read(WORD), r.read(WORD + 2));
        let (offset, len) = (r.read(WORD + 4), r.read(WORD + 6));
        let (ty, data) = (r.operand(WORD + 8), r.operand(WORD + 12));
        tri!(r, builtins::array_init_data(r.ctx, ty, data, object, index, offset, len));
    }
    /// `array.init_elem`: `[object][index][offset][len][elem: u32]`
    ArrayInitElem 12 |r| {
        let (object, index) = (r.read(WORD), r.read(WORD + 2));
        let (offset, len) = (r.read(WORD + 4), r.read(WORD + 6));
        let elem = r.operand(WORD + 8);
        tri!(r, builtins::array_init_elem(r.ctx, elem, object, index, offset, len));
    }
    /// `ref.i31`: `[dst][value]`
    RefI31 4 |r| {
        let value = r.read::<u32>(WORD + 2);
        r.write(WORD, u64::from(value << 1 | 1));
    }
    /// `i31.get_s`: `[dst][reference]`
    I31GetS 4 |r| {
        let value = r.read::<u64>(WORD + 2);
        if value == 0 {
            return r.trap(Trap::NullI31Reference);
        }
        r.write(WORD, u64::from((value as u32 as i32 >> 1) as u32));
    }
    /// `i31.get_u`: `[dst][reference]`
    I31GetU 4 |r| {
        let value = r.read::<u64>(WORD + 2);
        if value == 0 {
            return r.trap(Trap::NullI31Reference);
        }
        r.write(WORD, u64::from(value as u32 >> 1));
    }
    /// `ref.eq`: `[dst][lhs][rhs]`
    RefEq 6 |r| {
        r.write(WORD, u64::from(r.read::<u64>(WORD + 2) == r.read::<u64>(WORD + 4)));
    }
    /// `ref.test`: `[dst][reference][type: u32][is_func: u32]`
    RefTest 12 |r| {
        let (ty, is_func) = (r.operand(WORD + 4), r.operand(WORD + 8));
        r.write(WORD, u64::from(builtins::ref_test(r.ctx, ty, r.read(WORD + 2), is_func)));
    }
    /// `ref.cast`, in place: `[reference][0][type: u32][is_func: u32]`
    RefCast 12 |r| {
        let (ty, is_func) = (r.operand(WORD + 4), r.operand(WORD + 8));
        if !builtins::ref_test(r.ctx, ty, r.read(WORD), is_func) {
            return r.trap(Trap::CastFailure);
        }
    }
}

/// Branches if a reference being of a type is `WHEN`:
/// `[reference][0][type: u32][is_func: u32][distance: i32]`
pub struct BrCast<const WHEN: bool>;

macro_rules! br_cast {
    ($($when:literal $number:ident;)*) => {$(
        impl Handler for BrCast<$when> {
            const INDEX: usize = base::SINGLE + Single::$number as usize;
            const LEN: usize = WORD + 16;

            #[inline(always)]
            unsafe fn run(r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; the store is not borrowed.
                unsafe {
                    let (ty, is_func) = (r.operand(WORD + 4), r.operand(WORD + 8));
                    if builtins::ref_test(r.ctx, ty, r.read(WORD), is_func) == $when {
                        return r.branch(WORD + 12);
                    }
                }
                r.next(Self::LEN)
            }
        }
    )*};
}
br_cast! { true BrOnCast; false BrOnCastFail; }

/// Branches if the descriptor of a reference being the given one is `WHEN`:
/// `[reference][descriptor][null: u32][distance: i32]`
pub struct BrCastDescEq<const WHEN: bool>;

macro_rules! br_cast_desc_eq {
    ($($when:literal $number:ident;)*) => {$(
        impl Handler for BrCastDescEq<$when> {
            const INDEX: usize = base::SINGLE + Single::$number as usize;
            const LEN: usize = WORD + 12;

            #[inline(always)]
            unsafe fn run(r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; the store is not borrowed.
                unsafe {
                    let (value, descriptor) = (r.read(WORD), r.read(WORD + 2));
                    let null = r.operand(WORD + 4);
                    let found =
                        tri!(r, builtins::ref_test_desc_eq(r.ctx, value, descriptor, null));
                    if (found != 0) == $when {
                        return r.branch(WORD + 8);
                    }
                }
                r.next(Self::LEN)
            }
        }
    )*};
}
br_cast_desc_eq! { true BrOnCastDescEq; false BrOnCastDescEqFail; }
