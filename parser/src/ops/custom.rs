//! Operators whose immediates and typing rules are their own: control, references, aggregates and
//! so on. Spec: *Binary Format → Instructions*.
//!
//! Instead of a signature a row has the names of the immediates, in the order of the binary format.

/// The operators with rules of their own, handed on as [`for_each_op!`](crate::for_each_op) says.
#[macro_export]
macro_rules! custom_ops {
    ([$next:ident $($more:ident)*] $($acc:tt)*) => {
        $next! { [$($more)*] $($acc)*
            custom {
                // Control
                0x00     Unreachable        unreachable          "unreachable"          ()                                     MVP;
                0x01     Nop                nop                  "nop"                  ()                                     MVP;
                0x02     Block              block                "block"                (BlockType)                            MVP;
                0x03     Loop               loop                 "loop"                 (BlockType)                            MVP;
                0x04     If                 if                   "if"                   (BlockType)                            MVP;
                0x05     Else               else                 "else"                 ()                                     MVP;
                0x0b     End                end                  "end"                  ()                                     MVP;
                0x0c     Br                 br                   "br"                   (LabelIdx)                             MVP;
                0x0d     BrIf               br_if                "br_if"                (LabelIdx)                             MVP;
                0x0e     BrTable            br_table             "br_table"             (Labels)                               MVP;
                0x0f     Return             return               "return"               ()                                     MVP;
                0x10     Call               call                 "call"                 (FuncIdx)                              MVP;
                0x11     CallIndirect       call_indirect        "call_indirect"        (TypeIdx TableIdx)                     MVP;
                0x12     ReturnCall         return_call          "return_call"          (FuncIdx)                              TAIL_CALL;
                0x13     ReturnCallIndirect return_call_indirect "return_call_indirect" (TypeIdx TableIdx)                     TAIL_CALL;
                0x14     CallRef            call_ref             "call_ref"             (TypeIdx)                              FUNCTION_REFERENCES;
                0x15     ReturnCallRef      return_call_ref      "return_call_ref"      (TypeIdx)                              FUNCTION_REFERENCES;
                0xd5     BrOnNull           br_on_null           "br_on_null"           (LabelIdx)                             FUNCTION_REFERENCES;
                0xd6     BrOnNonNull        br_on_non_null       "br_on_non_null"       (LabelIdx)                             FUNCTION_REFERENCES;
                0xfb0018 BrOnCast           br_on_cast           "br_on_cast"           (CastFlags LabelIdx HeapType HeapType) GC;
                0xfb0019 BrOnCastFail       br_on_cast_fail      "br_on_cast_fail"      (CastFlags LabelIdx HeapType HeapType) GC;
                0xfb0025 BrOnCastDescEq     br_on_cast_desc_eq   "br_on_cast_desc_eq"   (CastFlags LabelIdx HeapType HeapType) CUSTOM_DESCRIPTORS;
                0xfb0026 BrOnCastDescEqFail br_on_cast_desc_eq_fail "br_on_cast_desc_eq_fail" (CastFlags LabelIdx HeapType HeapType) CUSTOM_DESCRIPTORS;

                // Exceptions
                0x08     Throw              throw                "throw"                (TagIdx)                               EXCEPTIONS;
                0x0a     ThrowRef           throw_ref            "throw_ref"            ()                                     EXCEPTIONS;
                0x1f     TryTable           try_table            "try_table"            (BlockType Catches)                    EXCEPTIONS;

                // Exceptions before WebAssembly 3.0
                0x06     Try                try_                 "try"                  (BlockType)                            LEGACY_EXCEPTIONS;
                0x07     Catch              catch                "catch"                (TagIdx)                               LEGACY_EXCEPTIONS;
                0x09     Rethrow            rethrow              "rethrow"              (LabelIdx)                             LEGACY_EXCEPTIONS;
                0x18     Delegate           delegate             "delegate"             (LabelIdx)                             LEGACY_EXCEPTIONS;
                0x19     CatchAll           catch_all            "catch_all"            ()                                     LEGACY_EXCEPTIONS;

                // Continuations
                0xe0     ContNew            cont_new             "cont.new"             (TypeIdx)                              STACK_SWITCHING;
                0xe1     ContBind           cont_bind            "cont.bind"            (TypeIdx TypeIdx)                      STACK_SWITCHING;
                0xe2     Suspend            suspend              "suspend"              (TagIdx)                               STACK_SWITCHING;
                0xe3     Resume             resume               "resume"               (TypeIdx Handlers)                     STACK_SWITCHING;
                0xe4     ResumeThrow        resume_throw         "resume_throw"         (TypeIdx TagIdx Handlers)              STACK_SWITCHING;
                0xe5     ResumeThrowRef     resume_throw_ref     "resume_throw_ref"     (TypeIdx Handlers)                     STACK_SWITCHING;
                0xe6     Switch             switch               "switch"               (TypeIdx TagIdx)                       STACK_SWITCHING;

                // Parametric
                0x1a     Drop               drop                 "drop"                 ()                                     MVP;
                0x1b     Select             select               "select"               ()                                     MVP;
                0x1c     SelectTyped        select_typed         "select"               (ValTypes)                             REFERENCE_TYPES;

                // Variables
                0x20     LocalGet           local_get            "local.get"            (LocalIdx)                             MVP;
                0x21     LocalSet           local_set            "local.set"            (LocalIdx)                             MVP;
                0x22     LocalTee           local_tee            "local.tee"            (LocalIdx)                             MVP;
                0x23     GlobalGet          global_get           "global.get"           (GlobalIdx)                            MVP;
                0x24     GlobalSet          global_set           "global.set"           (GlobalIdx)                            MVP;

                // Tables
                0x25     TableGet           table_get            "table.get"            (TableIdx)                             REFERENCE_TYPES;
                0x26     TableSet           table_set            "table.set"            (TableIdx)                             REFERENCE_TYPES;
                0xfc000c TableInit          table_init           "table.init"           (ElemIdx TableIdx)                     BULK_MEMORY;
                0xfc000d ElemDrop           elem_drop            "elem.drop"            (ElemIdx)                              BULK_MEMORY;
                0xfc000e TableCopy          table_copy           "table.copy"           (TableIdx TableIdx)                    BULK_MEMORY;
                0xfc000f TableGrow          table_grow           "table.grow"           (TableIdx)                             REFERENCE_TYPES;
                0xfc0010 TableSize          table_size           "table.size"           (TableIdx)                             REFERENCE_TYPES;
                0xfc0011 TableFill          table_fill           "table.fill"           (TableIdx)                             REFERENCE_TYPES;

                // Memories
                0x3f     MemorySize         memory_size          "memory.size"          (MemIdx)                               MVP;
                0x40     MemoryGrow         memory_grow          "memory.grow"          (MemIdx)                               MVP;
                0xfc0008 MemoryInit         memory_init          "memory.init"          (DataIdx MemIdx)                       BULK_MEMORY;
                0xfc0009 DataDrop           data_drop            "data.drop"            (DataIdx)                              BULK_MEMORY;
                0xfc000a MemoryCopy         memory_copy          "memory.copy"          (MemIdx MemIdx)                        BULK_MEMORY;
                0xfc000b MemoryFill         memory_fill          "memory.fill"          (MemIdx)                               BULK_MEMORY;

                // References
                0xd0     RefNull            ref_null             "ref.null"             (HeapType)                             REFERENCE_TYPES;
                0xd1     RefIsNull          ref_is_null          "ref.is_null"          ()                                     REFERENCE_TYPES;
                0xd2     RefFunc            ref_func             "ref.func"             (FuncIdx)                              REFERENCE_TYPES;
                0xd3     RefEq              ref_eq               "ref.eq"               ()                                     GC;
                0xd4     RefAsNonNull       ref_as_non_null      "ref.as_non_null"      ()                                     FUNCTION_REFERENCES;
                0xfb0014 RefTest            ref_test_non_null    "ref.test"             (HeapType)                             GC;
                0xfb0015 RefTestNull        ref_test_nullable    "ref.test"             (HeapType)                             GC;
                0xfb0016 RefCast            ref_cast_non_null    "ref.cast"             (HeapType)                             GC;
                0xfb0017 RefCastNull        ref_cast_nullable    "ref.cast"             (HeapType)                             GC;
                0xfb0022 RefGetDesc         ref_get_desc         "ref.get_desc"         (TypeIdx)                              CUSTOM_DESCRIPTORS;
                0xfb0023 RefCastDescEq      ref_cast_desc_eq_non_null "ref.cast_desc_eq" (HeapType)                            CUSTOM_DESCRIPTORS;
                0xfb0024 RefCastDescEqNull  ref_cast_desc_eq_nullable "ref.cast_desc_eq" (HeapType)                            CUSTOM_DESCRIPTORS;

                // Structures, arrays and i31
                0xfb0000 StructNew          struct_new           "struct.new"           (TypeIdx)                              GC;
                0xfb0001 StructNewDefault   struct_new_default   "struct.new_default"   (TypeIdx)                              GC;
                0xfb0020 StructNewDesc      struct_new_desc      "struct.new_desc"      (TypeIdx)                              CUSTOM_DESCRIPTORS;
                0xfb0021 StructNewDefaultDesc struct_new_default_desc "struct.new_default_desc" (TypeIdx)                      CUSTOM_DESCRIPTORS;
                0xfb0002 StructGet          struct_get           "struct.get"           (TypeIdx FieldIdx)                     GC;
                0xfb0003 StructGetS         struct_get_s         "struct.get_s"         (TypeIdx FieldIdx)                     GC;
                0xfb0004 StructGetU         struct_get_u         "struct.get_u"         (TypeIdx FieldIdx)                     GC;
                0xfb0005 StructSet          struct_set           "struct.set"           (TypeIdx FieldIdx)                     GC;
                0xfb0006 ArrayNew           array_new            "array.new"            (TypeIdx)                              GC;
                0xfb0007 ArrayNewDefault    array_new_default    "array.new_default"    (TypeIdx)                              GC;
                0xfb0008 ArrayNewFixed      array_new_fixed      "array.new_fixed"      (TypeIdx Len)                          GC;
                0xfb0009 ArrayNewData       array_new_data       "array.new_data"       (TypeIdx DataIdx)                      GC;
                0xfb000a ArrayNewElem       array_new_elem       "array.new_elem"       (TypeIdx ElemIdx)                      GC;
                0xfb000b ArrayGet           array_get            "array.get"            (TypeIdx)                              GC;
                0xfb000c ArrayGetS          array_get_s          "array.get_s"          (TypeIdx)                              GC;
                0xfb000d ArrayGetU          array_get_u          "array.get_u"          (TypeIdx)                              GC;
                0xfb000e ArraySet           array_set            "array.set"            (TypeIdx)                              GC;
                0xfb000f ArrayLen           array_len            "array.len"            ()                                     GC;
                0xfb0010 ArrayFill          array_fill           "array.fill"           (TypeIdx)                              GC;
                0xfb0011 ArrayCopy          array_copy           "array.copy"           (TypeIdx TypeIdx)                      GC;
                0xfb0012 ArrayInitData      array_init_data      "array.init_data"      (TypeIdx DataIdx)                      GC;
                0xfb0013 ArrayInitElem      array_init_elem      "array.init_elem"      (TypeIdx ElemIdx)                      GC;
                0xfb001a AnyConvertExtern   any_convert_extern   "any.convert_extern"   ()                                     GC;
                0xfb001b ExternConvertAny   extern_convert_any   "extern.convert_any"   ()                                     GC;
                0xfb001c RefI31             ref_i31              "ref.i31"              ()                                     GC;
                0xfb001d I31GetS            i31_get_s            "i31.get_s"            ()                                     GC;
                0xfb001e I31GetU            i31_get_u            "i31.get_u"            ()                                     GC;

                // Constants and vectors
                0x41     I32Const           i32_const            "i32.const"            (I32)                                  MVP;
                0x42     I64Const           i64_const            "i64.const"            (I64)                                  MVP;
                0x43     F32Const           f32_const            "f32.const"            (F32)                                  MVP;
                0x44     F64Const           f64_const            "f64.const"            (F64)                                  MVP;
                0xfd000c V128Const          v128_const           "v128.const"           (V128)                                 SIMD;
                0xfd000d I8x16Shuffle       i8x16_shuffle        "i8x16.shuffle"        (Lanes)                                SIMD;

                // Atomics
                0xfe0000 MemoryAtomicNotify memory_atomic_notify "memory.atomic.notify" (MemArg)                               THREADS;
                0xfe0001 MemoryAtomicWait32 memory_atomic_wait32 "memory.atomic.wait32" (MemArg)                               THREADS;
                0xfe0002 MemoryAtomicWait64 memory_atomic_wait64 "memory.atomic.wait64" (MemArg)                               THREADS;
                0xfe0003 AtomicFence        atomic_fence         "atomic.fence"         ()                                     THREADS;
            }
        }
    };
}
