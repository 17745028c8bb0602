//! Globals of a store. Spec: *Execution → Runtime Structure → Global Instances*.

use crate::store::{AsContext, AsContextMut, StoreId, StoreInner};
use crate::val::Val;
use crate::vm::{GlobalInst, VmBox};
use crate::{Error, GlobalType, Result};

/// A global.
///
/// ```
/// use rwasm::{Engine, Global, GlobalType, Mutability, Store, Val, ValType};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = GlobalType::new(ValType::I64, Mutability::Var);
/// let global = Global::new(&mut store, ty, Val::I64(1))?;
/// global.set(&mut store, Val::I64(2))?;
/// assert_eq!(global.get(&mut store).unwrap_i64(), 2);
/// # Ok::<(), rwasm::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Global {
    pub(crate) store: StoreId,
    pub(crate) addr: u32,
}

impl Global {
    /// A new global.
    ///
    /// # Errors
    ///
    /// If `val` is not of the type.
    pub fn new(mut store: impl AsContextMut, ty: GlobalType, val: Val) -> Result<Global> {
        let store = store.as_context_mut().inner;
        let ty = ty.to_syntax();
        let mut value = [0; 2];
        val.write(store, ty.content, &mut value)?;
        let global = GlobalInst::new(store.engine.types(), ty, value);
        store.globals.push(VmBox::new(global));
        Ok(Global { store: store.id, addr: store.globals.len() as u32 - 1 })
    }

    pub(crate) fn inst<'s>(&self, store: &'s StoreInner) -> &'s GlobalInst {
        store.id.check(self.store);
        &store.globals[self.addr as usize]
    }

    /// The type of the global.
    pub fn ty(&self, store: impl AsContext) -> GlobalType {
        let store = store.as_context().inner;
        GlobalType::from_syntax(&store.engine, &self.inst(store).ty)
    }

    /// The value.
    pub fn get(&self, mut store: impl AsContextMut) -> Val {
        let store = store.as_context_mut().inner;
        let inst = self.inst(store);
        let (ty, value) = (inst.ty.content, inst.vm.value);
        Val::read(store, ty, &value)
    }

    /// Replaces the value.
    ///
    /// # Errors
    ///
    /// If the global is constant, or `val` is of another type.
    pub fn set(&self, mut store: impl AsContextMut, val: Val) -> Result<()> {
        let store = store.as_context_mut().inner;
        let ty = self.inst(store).ty;
        if !ty.mutable {
            return Err(Error::msg("immutable global cannot be set"));
        }
        let mut value = [0; 2];
        val.write(store, ty.content, &mut value)?;
        store.globals[self.addr as usize].vm.value = value;
        Ok(())
    }
}
