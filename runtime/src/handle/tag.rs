//! Tags of a store. Spec: *Execution → Runtime Structure → Tag Instances*.

use crate::store::{AsContext, AsContextMut, StoreId, StoreInner};
use crate::types::TypeId;
use crate::{FuncType, Result, TagType};

/// A tag: what kind an exception is of.
///
/// ```
/// use rwasm::{Engine, FuncType, Store, Tag, TagType, ValType};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = TagType::new(FuncType::new(store.engine(), [ValType::I32], []));
/// let tag = Tag::new(&mut store, &ty)?;
/// assert_eq!(tag.ty(&store).ty().params().len(), 1);
/// # Ok::<(), rwasm::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    pub(crate) store: StoreId,
    pub(crate) addr: u32,
}

impl Tag {
    /// A new tag, unlike every other.
    ///
    /// # Errors
    ///
    /// If the store cannot hold more.
    pub fn new(mut store: impl AsContextMut, ty: &TagType) -> Result<Tag> {
        let store = store.as_context_mut().inner;
        ty.ty().check_engine(&store.engine);
        store.tags.push(ty.ty().type_id());
        Ok(Tag { store: store.id, addr: store.tags.len() as u32 - 1 })
    }

    pub(crate) fn type_id(&self, store: &StoreInner) -> TypeId {
        store.id.check(self.store);
        store.tags[self.addr as usize]
    }

    /// The type of the tag.
    pub fn ty(&self, store: impl AsContext) -> TagType {
        let store = store.as_context().inner;
        TagType::new(FuncType::from_id(&store.engine, self.type_id(store)))
    }

    /// Whether two handles are the same tag.
    pub fn eq(a: &Tag, b: &Tag, _: impl AsContext) -> bool {
        (a.store, a.addr) == (b.store, b.addr)
    }
}
