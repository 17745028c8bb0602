//! Indices, each relative to its module and to its own index space. Spec: *Structure → Indices*.

macro_rules! indices {
    ($($name:ident $what:literal;)*) => {$(
        #[doc = concat!("The index of ", $what, " in its module.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[repr(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The index as a position in a slice.
            #[inline]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

indices! {
    TypeIdx "a type";
    FuncIdx "a function";
    TableIdx "a table";
    MemIdx "a memory";
    GlobalIdx "a global";
    TagIdx "a tag";
    ElemIdx "an element segment";
    DataIdx "a data segment";
    LocalIdx "a local";
    LabelIdx "a label, counted outwards from the innermost block";
    FieldIdx "a field of a structure";
}
