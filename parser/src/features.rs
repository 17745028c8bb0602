//! Proposals that can be switched on and off.

use core::fmt;
use core::ops::{BitOr, BitOrAssign};

/// A set of proposals.
///
/// What no proposal added is always there. [`Features::default`] is what wasmtime has switched on,
/// and wide arithmetic.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Features(u32);

macro_rules! features {
    ($($bit:literal $name:ident $kebab:literal $default:literal $doc:literal;)*) => {
        impl Features {
            $(#[doc = concat!($doc, " (`", $kebab, "`)")]
            pub const $name: Features = Features(1 << $bit);)*

            /// Every feature.
            pub const ALL: Features = Features($(1 << $bit)|*);

            /// Every feature with its name, in the order of their standardisation.
            pub const NAMES: &'static [(&'static str, Features)] =
                &[$(($kebab, Features::$name)),*];

            const DEFAULT: Features = Features($(if $default { 1 << $bit } else { 0 })|*);
        }
    };
}

features! {
    0  MUTABLE_GLOBAL      "mutable-global"          true  "Imported and exported mutable globals";
    1  SIGN_EXTENSION      "sign-extension"          true  "Sign extension operators";
    2  SAT_FLOAT_TO_INT    "saturating-float-to-int" true  "Conversions that saturate";
    3  MULTI_VALUE         "multi-value"             true  "Several results, blocks with parameters";
    4  BULK_MEMORY         "bulk-memory"             true  "Bulk operators, passive segments";
    5  REFERENCE_TYPES     "reference-types"         true  "References as values, several tables";
    6  SIMD                "simd"                    true  "Vectors of 128 bits";
    7  RELAXED_SIMD        "relaxed-simd"            true  "Vector operators with loose results";
    8  TAIL_CALL           "tail-call"               true  "Tail calls";
    9  EXTENDED_CONST      "extended-const"          true  "Arithmetic in constant expressions";
    10 MULTI_MEMORY        "multi-memory"            true  "Several memories";
    11 MEMORY64            "memory64"                true  "Memories and tables with 64-bit indices";
    12 FUNCTION_REFERENCES "function-references"     true  "Typed function references";
    13 GC                  "gc"                      true  "Structures, arrays, recursive types";
    14 EXCEPTIONS          "exceptions"              true  "Exceptions and tags";
    15 THREADS             "threads"                 true  "Atomics and shared memories";
    16 WIDE_ARITHMETIC     "wide-arithmetic"         true  "128-bit addition and multiplication";
    17 COMPACT_IMPORTS     "compact-imports"         false "Imports grouped by module";
    18 CUSTOM_PAGE_SIZES   "custom-page-sizes"       false "Memories with pages of one byte";
    19 CUSTOM_DESCRIPTORS  "custom-descriptors"      false "Descriptors of structures, exact types";
    20 STACK_SWITCHING     "stack-switching"         false "Continuations";
    21 LEGACY_EXCEPTIONS   "legacy-exceptions"       false "Exceptions in the form before 3.0";
}

impl Features {
    /// What the first version of WebAssembly had, which is always on.
    pub const MVP: Features = Features(0);

    /// The feature with this name.
    pub fn from_name(name: &str) -> Option<Features> {
        Self::NAMES.iter().find(|entry| entry.0 == name).map(|entry| entry.1)
    }

    /// Whether everything in `other` is in this set.
    #[inline]
    pub const fn contains(self, other: Features) -> bool {
        self.0 & other.0 == other.0
    }

    /// This set with `other` in it.
    #[must_use]
    pub const fn with(self, other: Features) -> Features {
        Features(self.0 | other.0)
    }

    /// This set without what is in `other`.
    #[must_use]
    pub const fn without(self, other: Features) -> Features {
        Features(self.0 & !other.0)
    }

    /// What is in both sets.
    #[must_use]
    pub const fn and(self, other: Features) -> Features {
        Features(self.0 & other.0)
    }

    /// Puts `other` in the set or takes it out.
    pub const fn set(&mut self, other: Features, on: bool) {
        *self = if on { self.with(other) } else { self.without(other) };
    }

    /// The name of the set's first feature; that of the set if it has just one.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|entry| self.contains(entry.1)).map_or("mvp", |entry| entry.0)
    }

    /// The features of the set, by name.
    pub fn iter(self) -> impl Iterator<Item = (&'static str, Features)> {
        Self::NAMES.iter().copied().filter(move |entry| self.contains(entry.1))
    }
}

impl Default for Features {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl BitOr for Features {
    type Output = Features;

    fn bitor(self, other: Features) -> Features {
        self.with(other)
    }
}

impl BitOrAssign for Features {
    fn bitor_assign(&mut self, other: Features) {
        *self = self.with(other);
    }
}

impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|entry| entry.0)).finish()
    }
}

#[test]
fn names_are_found() {
    for &(name, feature) in Features::NAMES {
        assert_eq!(Features::from_name(name), Some(feature));
        assert_eq!(feature.name(), name);
    }
    assert_eq!(Features::from_name("teleportation"), None);
}
