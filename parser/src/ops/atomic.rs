//! Atomic accesses to memory. Spec: the threads proposal, *Binary Format*.

/// The classes of atomic accesses, handed on as [`for_each_op!`](crate::for_each_op) says.
#[macro_export]
macro_rules! atomic_ops {
    ([$next:ident $($more:ident)*] $($acc:tt)*) => {
        $next! { [$($more)*] $($acc)*
            atomic_load {
                0xfe0010 I32AtomicLoad    i32_atomic_load     "i32.atomic.load"     [addr] -> [i32] 4 THREADS;
                0xfe0011 I64AtomicLoad    i64_atomic_load     "i64.atomic.load"     [addr] -> [i64] 8 THREADS;
                0xfe0012 I32AtomicLoad8U  i32_atomic_load8_u  "i32.atomic.load8_u"  [addr] -> [i32] 1 THREADS;
                0xfe0013 I32AtomicLoad16U i32_atomic_load16_u "i32.atomic.load16_u" [addr] -> [i32] 2 THREADS;
                0xfe0014 I64AtomicLoad8U  i64_atomic_load8_u  "i64.atomic.load8_u"  [addr] -> [i64] 1 THREADS;
                0xfe0015 I64AtomicLoad16U i64_atomic_load16_u "i64.atomic.load16_u" [addr] -> [i64] 2 THREADS;
                0xfe0016 I64AtomicLoad32U i64_atomic_load32_u "i64.atomic.load32_u" [addr] -> [i64] 4 THREADS;
            }
            atomic_store {
                0xfe0017 I32AtomicStore   i32_atomic_store   "i32.atomic.store"   [addr i32] -> [] 4 THREADS;
                0xfe0018 I64AtomicStore   i64_atomic_store   "i64.atomic.store"   [addr i64] -> [] 8 THREADS;
                0xfe0019 I32AtomicStore8  i32_atomic_store8  "i32.atomic.store8"  [addr i32] -> [] 1 THREADS;
                0xfe001a I32AtomicStore16 i32_atomic_store16 "i32.atomic.store16" [addr i32] -> [] 2 THREADS;
                0xfe001b I64AtomicStore8  i64_atomic_store8  "i64.atomic.store8"  [addr i64] -> [] 1 THREADS;
                0xfe001c I64AtomicStore16 i64_atomic_store16 "i64.atomic.store16" [addr i64] -> [] 2 THREADS;
                0xfe001d I64AtomicStore32 i64_atomic_store32 "i64.atomic.store32" [addr i64] -> [] 4 THREADS;
            }
            atomic_rmw {
                0xfe001e I32AtomicRmwAdd     i32_atomic_rmw_add      "i32.atomic.rmw.add"      [addr i32] -> [i32] 4 THREADS;
                0xfe001f I64AtomicRmwAdd     i64_atomic_rmw_add      "i64.atomic.rmw.add"      [addr i64] -> [i64] 8 THREADS;
                0xfe0020 I32AtomicRmw8AddU   i32_atomic_rmw8_add_u   "i32.atomic.rmw8.add_u"   [addr i32] -> [i32] 1 THREADS;
                0xfe0021 I32AtomicRmw16AddU  i32_atomic_rmw16_add_u  "i32.atomic.rmw16.add_u"  [addr i32] -> [i32] 2 THREADS;
                0xfe0022 I64AtomicRmw8AddU   i64_atomic_rmw8_add_u   "i64.atomic.rmw8.add_u"   [addr i64] -> [i64] 1 THREADS;
                0xfe0023 I64AtomicRmw16AddU  i64_atomic_rmw16_add_u  "i64.atomic.rmw16.add_u"  [addr i64] -> [i64] 2 THREADS;
                0xfe0024 I64AtomicRmw32AddU  i64_atomic_rmw32_add_u  "i64.atomic.rmw32.add_u"  [addr i64] -> [i64] 4 THREADS;
                0xfe0025 I32AtomicRmwSub     i32_atomic_rmw_sub      "i32.atomic.rmw.sub"      [addr i32] -> [i32] 4 THREADS;
                0xfe0026 I64AtomicRmwSub     i64_atomic_rmw_sub      "i64.atomic.rmw.sub"      [addr i64] -> [i64] 8 THREADS;
                0xfe0027 I32AtomicRmw8SubU   i32_atomic_rmw8_sub_u   "i32.atomic.rmw8.sub_u"   [addr i32] -> [i32] 1 THREADS;
                0xfe0028 I32AtomicRmw16SubU  i32_atomic_rmw16_sub_u  "i32.atomic.rmw16.sub_u"  [addr i32] -> [i32] 2 THREADS;
                0xfe0029 I64AtomicRmw8SubU   i64_atomic_rmw8_sub_u   "i64.atomic.rmw8.sub_u"   [addr i64] -> [i64] 1 THREADS;
                0xfe002a I64AtomicRmw16SubU  i64_atomic_rmw16_sub_u  "i64.atomic.rmw16.sub_u"  [addr i64] -> [i64] 2 THREADS;
                0xfe002b I64AtomicRmw32SubU  i64_atomic_rmw32_sub_u  "i64.atomic.rmw32.sub_u"  [addr i64] -> [i64] 4 THREADS;
                0xfe002c I32AtomicRmwAnd     i32_atomic_rmw_and      "i32.atomic.rmw.and"      [addr i32] -> [i32] 4 THREADS;
                0xfe002d I64AtomicRmwAnd     i64_atomic_rmw_and      "i64.atomic.rmw.and"      [addr i64] -> [i64] 8 THREADS;
                0xfe002e I32AtomicRmw8AndU   i32_atomic_rmw8_and_u   "i32.atomic.rmw8.and_u"   [addr i32] -> [i32] 1 THREADS;
                0xfe002f I32AtomicRmw16AndU  i32_atomic_rmw16_and_u  "i32.atomic.rmw16.and_u"  [addr i32] -> [i32] 2 THREADS;
                0xfe0030 I64AtomicRmw8AndU   i64_atomic_rmw8_and_u   "i64.atomic.rmw8.and_u"   [addr i64] -> [i64] 1 THREADS;
                0xfe0031 I64AtomicRmw16AndU  i64_atomic_rmw16_and_u  "i64.atomic.rmw16.and_u"  [addr i64] -> [i64] 2 THREADS;
                0xfe0032 I64AtomicRmw32AndU  i64_atomic_rmw32_and_u  "i64.atomic.rmw32.and_u"  [addr i64] -> [i64] 4 THREADS;
                0xfe0033 I32AtomicRmwOr      i32_atomic_rmw_or       "i32.atomic.rmw.or"       [addr i32] -> [i32] 4 THREADS;
                0xfe0034 I64AtomicRmwOr      i64_atomic_rmw_or       "i64.atomic.rmw.or"       [addr i64] -> [i64] 8 THREADS;
                0xfe0035 I32AtomicRmw8OrU    i32_atomic_rmw8_or_u    "i32.atomic.rmw8.or_u"    [addr i32] -> [i32] 1 THREADS;
                0xfe0036 I32AtomicRmw16OrU   i32_atomic_rmw16_or_u   "i32.atomic.rmw16.or_u"   [addr i32] -> [i32] 2 THREADS;
                0xfe0037 I64AtomicRmw8OrU    i64_atomic_rmw8_or_u    "i64.atomic.rmw8.or_u"    [addr i64] -> [i64] 1 THREADS;
                0xfe0038 I64AtomicRmw16OrU   i64_atomic_rmw16_or_u   "i64.atomic.rmw16.or_u"   [addr i64] -> [i64] 2 THREADS;
                0xfe0039 I64AtomicRmw32OrU   i64_atomic_rmw32_or_u   "i64.atomic.rmw32.or_u"   [addr i64] -> [i64] 4 THREADS;
                0xfe003a I32AtomicRmwXor     i32_atomic_rmw_xor      "i32.atomic.rmw.xor"      [addr i32] -> [i32] 4 THREADS;
                0xfe003b I64AtomicRmwXor     i64_atomic_rmw_xor      "i64.atomic.rmw.xor"      [addr i64] -> [i64] 8 THREADS;
                0xfe003c I32AtomicRmw8XorU   i32_atomic_rmw8_xor_u   "i32.atomic.rmw8.xor_u"   [addr i32] -> [i32] 1 THREADS;
                0xfe003d I32AtomicRmw16XorU  i32_atomic_rmw16_xor_u  "i32.atomic.rmw16.xor_u"  [addr i32] -> [i32] 2 THREADS;
                0xfe003e I64AtomicRmw8XorU   i64_atomic_rmw8_xor_u   "i64.atomic.rmw8.xor_u"   [addr i64] -> [i64] 1 THREADS;
                0xfe003f I64AtomicRmw16XorU  i64_atomic_rmw16_xor_u  "i64.atomic.rmw16.xor_u"  [addr i64] -> [i64] 2 THREADS;
                0xfe0040 I64AtomicRmw32XorU  i64_atomic_rmw32_xor_u  "i64.atomic.rmw32.xor_u"  [addr i64] -> [i64] 4 THREADS;
                0xfe0041 I32AtomicRmwXchg    i32_atomic_rmw_xchg     "i32.atomic.rmw.xchg"     [addr i32] -> [i32] 4 THREADS;
                0xfe0042 I64AtomicRmwXchg    i64_atomic_rmw_xchg     "i64.atomic.rmw.xchg"     [addr i64] -> [i64] 8 THREADS;
                0xfe0043 I32AtomicRmw8XchgU  i32_atomic_rmw8_xchg_u  "i32.atomic.rmw8.xchg_u"  [addr i32] -> [i32] 1 THREADS;
                0xfe0044 I32AtomicRmw16XchgU i32_atomic_rmw16_xchg_u "i32.atomic.rmw16.xchg_u" [addr i32] -> [i32] 2 THREADS;
                0xfe0045 I64AtomicRmw8XchgU  i64_atomic_rmw8_xchg_u  "i64.atomic.rmw8.xchg_u"  [addr i64] -> [i64] 1 THREADS;
                0xfe0046 I64AtomicRmw16XchgU i64_atomic_rmw16_xchg_u "i64.atomic.rmw16.xchg_u" [addr i64] -> [i64] 2 THREADS;
                0xfe0047 I64AtomicRmw32XchgU i64_atomic_rmw32_xchg_u "i64.atomic.rmw32.xchg_u" [addr i64] -> [i64] 4 THREADS;
            }
            atomic_cmpxchg {
                0xfe0048 I32AtomicRmwCmpxchg    i32_atomic_rmw_cmpxchg     "i32.atomic.rmw.cmpxchg"     [addr i32 i32] -> [i32] 4 THREADS;
                0xfe0049 I64AtomicRmwCmpxchg    i64_atomic_rmw_cmpxchg     "i64.atomic.rmw.cmpxchg"     [addr i64 i64] -> [i64] 8 THREADS;
                0xfe004a I32AtomicRmw8CmpxchgU  i32_atomic_rmw8_cmpxchg_u  "i32.atomic.rmw8.cmpxchg_u"  [addr i32 i32] -> [i32] 1 THREADS;
                0xfe004b I32AtomicRmw16CmpxchgU i32_atomic_rmw16_cmpxchg_u "i32.atomic.rmw16.cmpxchg_u" [addr i32 i32] -> [i32] 2 THREADS;
                0xfe004c I64AtomicRmw8CmpxchgU  i64_atomic_rmw8_cmpxchg_u  "i64.atomic.rmw8.cmpxchg_u"  [addr i64 i64] -> [i64] 1 THREADS;
                0xfe004d I64AtomicRmw16CmpxchgU i64_atomic_rmw16_cmpxchg_u "i64.atomic.rmw16.cmpxchg_u" [addr i64 i64] -> [i64] 2 THREADS;
                0xfe004e I64AtomicRmw32CmpxchgU i64_atomic_rmw32_cmpxchg_u "i64.atomic.rmw32.cmpxchg_u" [addr i64 i64] -> [i64] 4 THREADS;
            }
        }
    };
}
