//! Traps: why the execution of an instruction ended a run.
//!
//! Spec: *Execution → Runtime Structure → Administrative Instructions* (`trap`); the texts are
//! those that the specification's test scripts expect.

use core::fmt;

macro_rules! traps {
    ($($(#[$doc:meta])* $name:ident $text:literal;)*) => {
        /// Why execution trapped. A trap ends the run; the guest cannot catch it.
        ///
        /// ```
        /// let error = rwasm::Error::from(rwasm::Trap::UnreachableCodeReached);
        /// match error.downcast_ref::<rwasm::Trap>() {
        ///     Some(trap) => assert_eq!(trap.to_string(), "unreachable"),
        ///     None => panic!("an error of a host function"),
        /// }
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Trap { $($(#[$doc])* $name,)* }

        impl Trap {
            /// Every trap, in the order of their numbers.
            pub const ALL: &'static [Trap] = &[$(Trap::$name),*];

            /// The text that the specification's test scripts expect.
            pub const fn text(self) -> &'static str {
                match self { $(Trap::$name => $text),* }
            }

            /// The trap whose number (`trap as u8`) is `number`.
            pub fn from_u8(number: u8) -> Option<Trap> {
                Self::ALL.get(number as usize).copied()
            }
        }
    };
}

traps! {
    /// `unreachable` was executed.
    UnreachableCodeReached "unreachable";
    /// An access outside the bounds of a memory.
    MemoryOutOfBounds "out of bounds memory access";
    /// An atomic access at an address that is no multiple of its size.
    UnalignedAtomic "unaligned atomic";
    /// An access outside the bounds of a table.
    TableOutOfBounds "out of bounds table access";
    /// `call_indirect` of an index outside the table.
    UndefinedElement "undefined element";
    /// `call_indirect` of a null element.
    UninitializedElement "uninitialized element";
    /// `call_indirect` of a function of another type.
    IndirectCallTypeMismatch "indirect call type mismatch";
    /// An integer result that its type cannot hold.
    IntegerOverflow "integer overflow";
    /// An integer division by zero.
    IntegerDivisionByZero "integer divide by zero";
    /// A conversion of a NaN to an integer.
    BadConversionToInteger "invalid conversion to integer";
    /// The value stack, or the limit on nested calls, is exhausted.
    StackOverflow "call stack exhausted";
    /// The store's fuel ran out.
    OutOfFuel "all fuel consumed by WebAssembly";
    /// The engine's epoch reached the store's deadline.
    Interrupt "interrupt";
    /// `call_ref` of a null reference.
    NullFunctionReference "null function reference";
    /// `ref.as_non_null` or `ref.get_desc` of a null reference.
    NullReference "null reference";
    /// A structure access through a null reference.
    NullStructReference "null structure reference";
    /// An array access through a null reference.
    NullArrayReference "null array reference";
    /// An `i31` access through a null reference.
    NullI31Reference "null i31 reference";
    /// An access outside the bounds of an array.
    ArrayOutOfBounds "out of bounds array access";
    /// `ref.cast` to a type that the value does not have.
    CastFailure "cast failure";
    /// An allocation that the store's limits, or the platform, refuse.
    AllocationTooLarge "allocation size too large";
    /// `memory.atomic.wait` on a memory that is not shared.
    ExpectedSharedMemory "expected shared memory";
    /// A continuation was suspended with a tag that nobody handles.
    UnhandledTag "unhandled tag";
    /// A continuation was used that was resumed or bound before.
    ContinuationAlreadyConsumed "continuation already consumed";
    /// A null reference was resumed.
    NullContinuationReference "null continuation reference";
    /// `throw_ref` of a null reference.
    NullExceptionReference "null exception reference";
    /// A null reference where a structure's descriptor is asked for.
    NullDescriptorReference "null descriptor reference";
    /// `ref.cast_desc_eq` with a descriptor that the value does not have.
    DescriptorCastFailure "descriptor cast failure";
}

/// Other names, which embedders of wasmtime know.
#[allow(non_upper_case_globals, reason = "they stand for variants")]
impl Trap {
    /// [`Trap::UnalignedAtomic`]
    pub const HeapMisaligned: Trap = Trap::UnalignedAtomic;
    /// [`Trap::UninitializedElement`]
    pub const IndirectCallToNull: Trap = Trap::UninitializedElement;
    /// [`Trap::IndirectCallTypeMismatch`]
    pub const BadSignature: Trap = Trap::IndirectCallTypeMismatch;
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for Trap {}
