//! Whether what is there can be what an import asks for. Spec: *Validation → Matching → External
//! Types*.

use crate::error::LinkError;
use crate::handle::Extern;
use crate::store::StoreInner;
use crate::ty::{ExternType, globalize_extern};
use crate::types::{TypeId, TypeRegistry};
use crate::{Engine, Error, Module, Result};
use rwasm_parser as syntax;
use rwasm_parser::{ExternType as E, Limits};

/// Fails unless `imports` are what `module` imports.
pub fn check_imports(store: &StoreInner, module: &Module, imports: &[Extern]) -> Result<()> {
    let expected = &module.syntax().imports;
    crate::handle::check_count("imports", expected.len(), imports.len())?;
    for (import, item) in expected.iter().zip(imports) {
        if !item.is_of(store) {
            return Err(Error::msg("cross-`Store` instantiation is not supported"));
        }
        check_import(module, import, Some(&item.syntax_type(store)))?;
    }
    Ok(())
}

/// Fails unless something of the engine-wide type `found` can be what `import` of `module` asks
/// for.
pub fn check_import(
    module: &Module,
    import: &syntax::Import,
    found: Option<&syntax::ExternType>,
) -> Result<(), LinkError> {
    let engine = module.engine();
    let expected = globalize_extern(module.type_ids(), &import.ty);
    if found.is_some_and(|found| matches(engine.types(), found, &expected)) {
        return Ok(());
    }
    Err(mismatch(engine, import, &expected, found))
}

#[cold]
fn mismatch(
    engine: &Engine,
    import: &syntax::Import,
    expected: &syntax::ExternType,
    found: Option<&syntax::ExternType>,
) -> LinkError {
    let describe = |ty: &E| {
        let text = ExternType::from_syntax(engine, ty).describe();
        if let E::FuncExact(_) = ty { alloc::format!("exact {text}") } else { text }
    };
    LinkError {
        module: (*import.module).into(),
        name: (*import.name).into(),
        expected: describe(expected),
        found: found.map(describe),
    }
}

/// Whether `found` matches `expected`; both are engine-wide. The type that is found of a function is
/// the one that it has, and not one that somebody imported it with.
fn matches(types: &TypeRegistry, found: &E, expected: &E) -> bool {
    match (found, expected) {
        (E::Func(a), E::Func(b)) => types.is_subtype(TypeId(a.0), TypeId(b.0)),
        (E::Func(a), E::FuncExact(b)) => a == b,
        (E::Tag(a), E::Tag(b)) => a == b,
        (E::Mem(a), E::Mem(b)) => {
            a.is_64 == b.is_64
                && a.shared == b.shared
                && a.page_size_log2 == b.page_size_log2
                && limits_match(&a.limits, &b.limits)
        }
        (E::Table(a), E::Table(b)) => {
            a.is_64 == b.is_64
                && a.shared == b.shared
                && limits_match(&a.limits, &b.limits)
                && types.ref_matches(a.element, b.element)
                && types.ref_matches(b.element, a.element)
        }
        (E::Global(a), E::Global(b)) => {
            a.mutable == b.mutable
                && a.shared == b.shared
                && types.val_matches(a.content, b.content)
                && (!a.mutable || types.val_matches(b.content, a.content))
        }
        _ => false,
    }
}

fn limits_match(found: &Limits, expected: &Limits) -> bool {
    found.min >= expected.min
        && expected.max.is_none_or(|most| found.max.is_some_and(|max| max <= most))
}
