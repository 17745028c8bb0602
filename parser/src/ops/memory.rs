//! Loads and stores of numbers and vectors. Spec: *Binary Format → Memory Instructions*.

/// The classes of loads and stores, handed on as [`for_each_op!`](crate::for_each_op) says.
#[macro_export]
macro_rules! memory_ops {
    ([$next:ident $($more:ident)*] $($acc:tt)*) => {
        $next! { [$($more)*] $($acc)*
            load {
                0x28 I32Load    i32_load     "i32.load"     [addr] -> [i32] 4 MVP;
                0x29 I64Load    i64_load     "i64.load"     [addr] -> [i64] 8 MVP;
                0x2a F32Load    f32_load     "f32.load"     [addr] -> [f32] 4 MVP;
                0x2b F64Load    f64_load     "f64.load"     [addr] -> [f64] 8 MVP;
                0x2c I32Load8S  i32_load8_s  "i32.load8_s"  [addr] -> [i32] 1 MVP;
                0x2d I32Load8U  i32_load8_u  "i32.load8_u"  [addr] -> [i32] 1 MVP;
                0x2e I32Load16S i32_load16_s "i32.load16_s" [addr] -> [i32] 2 MVP;
                0x2f I32Load16U i32_load16_u "i32.load16_u" [addr] -> [i32] 2 MVP;
                0x30 I64Load8S  i64_load8_s  "i64.load8_s"  [addr] -> [i64] 1 MVP;
                0x31 I64Load8U  i64_load8_u  "i64.load8_u"  [addr] -> [i64] 1 MVP;
                0x32 I64Load16S i64_load16_s "i64.load16_s" [addr] -> [i64] 2 MVP;
                0x33 I64Load16U i64_load16_u "i64.load16_u" [addr] -> [i64] 2 MVP;
                0x34 I64Load32S i64_load32_s "i64.load32_s" [addr] -> [i64] 4 MVP;
                0x35 I64Load32U i64_load32_u "i64.load32_u" [addr] -> [i64] 4 MVP;
            }
            store {
                0x36 I32Store   i32_store   "i32.store"   [addr i32] -> [] 4 MVP;
                0x37 I64Store   i64_store   "i64.store"   [addr i64] -> [] 8 MVP;
                0x38 F32Store   f32_store   "f32.store"   [addr f32] -> [] 4 MVP;
                0x39 F64Store   f64_store   "f64.store"   [addr f64] -> [] 8 MVP;
                0x3a I32Store8  i32_store8  "i32.store8"  [addr i32] -> [] 1 MVP;
                0x3b I32Store16 i32_store16 "i32.store16" [addr i32] -> [] 2 MVP;
                0x3c I64Store8  i64_store8  "i64.store8"  [addr i64] -> [] 1 MVP;
                0x3d I64Store16 i64_store16 "i64.store16" [addr i64] -> [] 2 MVP;
                0x3e I64Store32 i64_store32 "i64.store32" [addr i64] -> [] 4 MVP;
            }
            vload {
                0xfd0000 V128Load        v128_load         "v128.load"         [addr] -> [v128] 16 SIMD;
                0xfd0001 V128Load8x8S    v128_load8x8_s    "v128.load8x8_s"    [addr] -> [v128]  8 SIMD;
                0xfd0002 V128Load8x8U    v128_load8x8_u    "v128.load8x8_u"    [addr] -> [v128]  8 SIMD;
                0xfd0003 V128Load16x4S   v128_load16x4_s   "v128.load16x4_s"   [addr] -> [v128]  8 SIMD;
                0xfd0004 V128Load16x4U   v128_load16x4_u   "v128.load16x4_u"   [addr] -> [v128]  8 SIMD;
                0xfd0005 V128Load32x2S   v128_load32x2_s   "v128.load32x2_s"   [addr] -> [v128]  8 SIMD;
                0xfd0006 V128Load32x2U   v128_load32x2_u   "v128.load32x2_u"   [addr] -> [v128]  8 SIMD;
                0xfd0007 V128Load8Splat  v128_load8_splat  "v128.load8_splat"  [addr] -> [v128]  1 SIMD;
                0xfd0008 V128Load16Splat v128_load16_splat "v128.load16_splat" [addr] -> [v128]  2 SIMD;
                0xfd0009 V128Load32Splat v128_load32_splat "v128.load32_splat" [addr] -> [v128]  4 SIMD;
                0xfd000a V128Load64Splat v128_load64_splat "v128.load64_splat" [addr] -> [v128]  8 SIMD;
                0xfd005c V128Load32Zero  v128_load32_zero  "v128.load32_zero"  [addr] -> [v128]  4 SIMD;
                0xfd005d V128Load64Zero  v128_load64_zero  "v128.load64_zero"  [addr] -> [v128]  8 SIMD;
            }
            vstore {
                0xfd000b V128Store v128_store "v128.store" [addr v128] -> [] 16 SIMD;
            }
            vload_lane {
                0xfd0054 V128Load8Lane  v128_load8_lane  "v128.load8_lane"  [addr v128] -> [v128] 1 SIMD;
                0xfd0055 V128Load16Lane v128_load16_lane "v128.load16_lane" [addr v128] -> [v128] 2 SIMD;
                0xfd0056 V128Load32Lane v128_load32_lane "v128.load32_lane" [addr v128] -> [v128] 4 SIMD;
                0xfd0057 V128Load64Lane v128_load64_lane "v128.load64_lane" [addr v128] -> [v128] 8 SIMD;
            }
            vstore_lane {
                0xfd0058 V128Store8Lane  v128_store8_lane  "v128.store8_lane"  [addr v128] -> [] 1 SIMD;
                0xfd0059 V128Store16Lane v128_store16_lane "v128.store16_lane" [addr v128] -> [] 2 SIMD;
                0xfd005a V128Store32Lane v128_store32_lane "v128.store32_lane" [addr v128] -> [] 4 SIMD;
                0xfd005b V128Store64Lane v128_store64_lane "v128.store64_lane" [addr v128] -> [] 8 SIMD;
            }
        }
    };
}
