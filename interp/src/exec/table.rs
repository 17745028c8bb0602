//! Tables. Spec: *Execution → Table Instructions*.

use super::{WORD, single_handlers, tri};
use rwasm_runtime::vm::builtins;

single_handlers! {
    /// `table.get`: `[dst][index][table: u32]`
    TableGet 8 |r| {
        let (index, table) = (r.read(WORD + 2), r.operand(WORD + 4));
        let value = tri!(r, builtins::table_get(r.ctx, table, index));
        r.write(WORD, value);
    }
    /// `table.set`: `[index][value][table: u32]`
    TableSet 8 |r| {
        let (index, value) = (r.read(WORD), r.read(WORD + 2));
        tri!(r, builtins::table_set(r.ctx, r.operand(WORD + 4), index, value));
    }
    /// `table.size`: `[dst][0][table: u32]`
    TableSize 8 |r| {
        let table = *(*r.ctx).tables.wrapping_add(r.operand::<u32>(WORD + 4) as usize);
        r.write(WORD, (*table).len as u64);
    }
    /// `table.grow`: `[dst][value][delta][is_64: u16][table: u32]`
    TableGrow 12 |r| {
        let (value, delta) = (r.read(WORD + 2), r.read(WORD + 4));
        let old = tri!(r, builtins::table_grow(r.ctx, r.operand(WORD + 8), delta, value));
        let mask = if r.operand::<u16>(WORD + 6) != 0 { u64::MAX } else { u32::MAX.into() };
        r.write(WORD, old & mask);
    }
    /// `table.fill`: `[index][value][len][0][table: u32]`
    TableFill 12 |r| {
        let (index, value, len) = (r.read(WORD), r.read(WORD + 2), r.read(WORD + 4));
        tri!(r, builtins::table_fill(r.ctx, r.operand(WORD + 8), index, value, len));
    }
    /// `table.copy`: `[dst][src][len][0][dst_table: u32][src_table: u32]`
    TableCopy 16 |r| {
        let (dst, src, len) = (r.read(WORD), r.read(WORD + 2), r.read(WORD + 4));
        let (dst_table, src_table) = (r.operand(WORD + 8), r.operand(WORD + 12));
        tri!(r, builtins::table_copy(r.ctx, dst_table, src_table, dst, src, len));
    }
    /// `table.init`: `[dst][src][len][0][table: u32][elem: u32]`
    TableInit 16 |r| {
        let (dst, src, len) = (r.read(WORD), r.read(WORD + 2), r.read(WORD + 4));
        let (table, elem) = (r.operand(WORD + 8), r.operand(WORD + 12));
        tri!(r, builtins::table_init(r.ctx, table, elem, dst, src, len));
    }
    /// `elem.drop`: `[elem: u32]`
    ElemDrop 4 |r| {
        builtins::elem_drop(r.ctx, r.operand(WORD));
    }
}
