//! Limits of the implementation, after those that the JavaScript embedding agrees on. Spec:
//! *WebAssembly JavaScript Interface → Implementation-defined Limits*.

use crate::Features;

/// How to decode: which proposals are on, and how large a module may be.
#[derive(Clone, Debug, Default)]
pub struct DecodeConfig {
    /// Proposals that modules may use.
    pub features: Features,
    /// Limits that modules must keep.
    pub limits: DecodeLimits,
}

macro_rules! limits {
    ($($name:ident = $default:literal, $doc:literal;)*) => {
        /// The largest number of each thing that a module may have.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct DecodeLimits {
            $(#[doc = concat!($doc, " Default: ", stringify!($default), ".")] pub $name: u32,)*
        }

        impl Default for DecodeLimits {
            fn default() -> Self {
                DecodeLimits { $($name: $default,)* }
            }
        }
    };
}

limits! {
    module_bytes = 1_073_741_824, "Bytes of the module.";
    types = 1_000_000, "Types, counting each member of a recursive group; never more than 2^27.";
    group_types = 1_000_000, "Types in a recursive group.";
    subtype_depth = 63, "Supertypes above a type.";
    params = 1_000, "Parameters of a function type.";
    results = 1_000, "Results of a function type.";
    fields = 10_000, "Fields of a structure.";
    imports = 1_000_000, "Imports.";
    funcs = 1_000_000, "Functions, imported ones included.";
    tables = 100_000, "Tables, imported ones included.";
    mems = 100, "Memories, imported ones included.";
    globals = 1_000_000, "Globals, imported ones included.";
    tags = 1_000_000, "Tags, imported ones included.";
    exports = 1_000_000, "Exports.";
    elems = 100_000, "Element segments.";
    elem_items = 10_000_000, "Elements of a segment.";
    datas = 100_000, "Data segments.";
    name_bytes = 100_000, "Bytes of the name of an import, an export or a custom section.";
    body_bytes = 7_654_321, "Bytes of a function body.";
    locals = 50_000, "Locals of a function, parameters included.";
    operands = 1_000_000, "Operands on the stack of a function, as far as operators with many results go.";
    br_table_labels = 7_654_321, "Labels of a `br_table`.";
    catches = 10_000, "Clauses of a `try_table` or a `resume`.";
}
