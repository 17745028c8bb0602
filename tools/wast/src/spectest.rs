//! The module `spectest`, which scripts import from.

use rwasm::{
    Global, GlobalType, Linker, Memory, MemoryType, Mutability, Ref, RefType, Result, SharedMemory,
    Store, Table, TableType, Val, ValType,
};
use std::io::Write;

const NAME: &str = "spectest";

/// Defines the module in `linker`. Its `print` functions write to standard output if `prints`.
pub fn define(store: &mut Store<()>, linker: &mut Linker<()>, prints: bool) -> Result<()> {
    let print = move |values: &[&dyn std::fmt::Display]| {
        if prints {
            let values: Vec<_> = values.iter().map(|value| value.to_string()).collect();
            // A reader that has gone away is no failure of the script.
            let _ = writeln!(std::io::stdout(), "{}", values.join(" "));
        }
    };
    linker.func_wrap(NAME, "print", move || print(&[]))?;
    linker.func_wrap(NAME, "print_i32", move |a: i32| print(&[&a]))?;
    linker.func_wrap(NAME, "print_i64", move |a: i64| print(&[&a]))?;
    linker.func_wrap(NAME, "print_f32", move |a: f32| print(&[&a]))?;
    linker.func_wrap(NAME, "print_f64", move |a: f64| print(&[&a]))?;
    linker.func_wrap(NAME, "print_i32_f32", move |a: i32, b: f32| print(&[&a, &b]))?;
    linker.func_wrap(NAME, "print_f64_f64", move |a: f64, b: f64| print(&[&a, &b]))?;

    for (name, ty, val) in [
        ("global_i32", ValType::I32, Val::I32(666)),
        ("global_i64", ValType::I64, Val::I64(666)),
        ("global_f32", ValType::F32, Val::F32(666.6_f32.to_bits())),
        ("global_f64", ValType::F64, Val::F64(666.6_f64.to_bits())),
    ] {
        let global = Global::new(&mut *store, GlobalType::new(ty, Mutability::Const), val)?;
        linker.define(&mut *store, NAME, name, global)?;
    }
    for (name, ty) in [
        ("table", TableType::new(RefType::FUNCREF, 10, Some(20))),
        ("table64", TableType::new64(RefType::FUNCREF, 10, Some(20))),
    ] {
        let table = Table::new(&mut *store, ty, Ref::Func(None))?;
        linker.define(&mut *store, NAME, name, table)?;
    }
    let memory = Memory::new(&mut *store, MemoryType::new(1, Some(2)))?;
    linker.define(&mut *store, NAME, "memory", memory)?;
    let shared = SharedMemory::new(store.engine(), MemoryType::shared(1, 2))?;
    linker.define(&mut *store, NAME, "shared_memory", shared)?;
    Ok(())
}
