//! Vector operators that access no memory. Spec: *Binary Format → Vector Instructions*.

/// The classes of vector operators, handed on as [`for_each_op!`](crate::for_each_op) says.
#[macro_export]
macro_rules! vector_ops {
    ([$next:ident $($more:ident)*] $($acc:tt)*) => {
        $next! { [$($more)*] $($acc)*
            vunop {
                0xfd004d V128Not                     v128_not                         "v128.not"                         [v128] -> [v128] SIMD;
                0xfd005e F32x4DemoteF64x2Zero        f32x4_demote_f64x2_zero          "f32x4.demote_f64x2_zero"          [v128] -> [v128] SIMD;
                0xfd005f F64x2PromoteLowF32x4        f64x2_promote_low_f32x4          "f64x2.promote_low_f32x4"          [v128] -> [v128] SIMD;
                0xfd0060 I8x16Abs                    i8x16_abs                        "i8x16.abs"                        [v128] -> [v128] SIMD;
                0xfd0061 I8x16Neg                    i8x16_neg                        "i8x16.neg"                        [v128] -> [v128] SIMD;
                0xfd0062 I8x16Popcnt                 i8x16_popcnt                     "i8x16.popcnt"                     [v128] -> [v128] SIMD;
                0xfd0067 F32x4Ceil                   f32x4_ceil                       "f32x4.ceil"                       [v128] -> [v128] SIMD;
                0xfd0068 F32x4Floor                  f32x4_floor                      "f32x4.floor"                      [v128] -> [v128] SIMD;
                0xfd0069 F32x4Trunc                  f32x4_trunc                      "f32x4.trunc"                      [v128] -> [v128] SIMD;
                0xfd006a F32x4Nearest                f32x4_nearest                    "f32x4.nearest"                    [v128] -> [v128] SIMD;
                0xfd0074 F64x2Ceil                   f64x2_ceil                       "f64x2.ceil"                       [v128] -> [v128] SIMD;
                0xfd0075 F64x2Floor                  f64x2_floor                      "f64x2.floor"                      [v128] -> [v128] SIMD;
                0xfd007a F64x2Trunc                  f64x2_trunc                      "f64x2.trunc"                      [v128] -> [v128] SIMD;
                0xfd007c I16x8ExtaddPairwiseI8x16S   i16x8_extadd_pairwise_i8x16_s    "i16x8.extadd_pairwise_i8x16_s"    [v128] -> [v128] SIMD;
                0xfd007d I16x8ExtaddPairwiseI8x16U   i16x8_extadd_pairwise_i8x16_u    "i16x8.extadd_pairwise_i8x16_u"    [v128] -> [v128] SIMD;
                0xfd007e I32x4ExtaddPairwiseI16x8S   i32x4_extadd_pairwise_i16x8_s    "i32x4.extadd_pairwise_i16x8_s"    [v128] -> [v128] SIMD;
                0xfd007f I32x4ExtaddPairwiseI16x8U   i32x4_extadd_pairwise_i16x8_u    "i32x4.extadd_pairwise_i16x8_u"    [v128] -> [v128] SIMD;
                0xfd0080 I16x8Abs                    i16x8_abs                        "i16x8.abs"                        [v128] -> [v128] SIMD;
                0xfd0081 I16x8Neg                    i16x8_neg                        "i16x8.neg"                        [v128] -> [v128] SIMD;
                0xfd0087 I16x8ExtendLowI8x16S        i16x8_extend_low_i8x16_s         "i16x8.extend_low_i8x16_s"         [v128] -> [v128] SIMD;
                0xfd0088 I16x8ExtendHighI8x16S       i16x8_extend_high_i8x16_s        "i16x8.extend_high_i8x16_s"        [v128] -> [v128] SIMD;
                0xfd0089 I16x8ExtendLowI8x16U        i16x8_extend_low_i8x16_u         "i16x8.extend_low_i8x16_u"         [v128] -> [v128] SIMD;
                0xfd008a I16x8ExtendHighI8x16U       i16x8_extend_high_i8x16_u        "i16x8.extend_high_i8x16_u"        [v128] -> [v128] SIMD;
                0xfd0094 F64x2Nearest                f64x2_nearest                    "f64x2.nearest"                    [v128] -> [v128] SIMD;
                0xfd00a0 I32x4Abs                    i32x4_abs                        "i32x4.abs"                        [v128] -> [v128] SIMD;
                0xfd00a1 I32x4Neg                    i32x4_neg                        "i32x4.neg"                        [v128] -> [v128] SIMD;
                0xfd00a7 I32x4ExtendLowI16x8S        i32x4_extend_low_i16x8_s         "i32x4.extend_low_i16x8_s"         [v128] -> [v128] SIMD;
                0xfd00a8 I32x4ExtendHighI16x8S       i32x4_extend_high_i16x8_s        "i32x4.extend_high_i16x8_s"        [v128] -> [v128] SIMD;
                0xfd00a9 I32x4ExtendLowI16x8U        i32x4_extend_low_i16x8_u         "i32x4.extend_low_i16x8_u"         [v128] -> [v128] SIMD;
                0xfd00aa I32x4ExtendHighI16x8U       i32x4_extend_high_i16x8_u        "i32x4.extend_high_i16x8_u"        [v128] -> [v128] SIMD;
                0xfd00c0 I64x2Abs                    i64x2_abs                        "i64x2.abs"                        [v128] -> [v128] SIMD;
                0xfd00c1 I64x2Neg                    i64x2_neg                        "i64x2.neg"                        [v128] -> [v128] SIMD;
                0xfd00c7 I64x2ExtendLowI32x4S        i64x2_extend_low_i32x4_s         "i64x2.extend_low_i32x4_s"         [v128] -> [v128] SIMD;
                0xfd00c8 I64x2ExtendHighI32x4S       i64x2_extend_high_i32x4_s        "i64x2.extend_high_i32x4_s"        [v128] -> [v128] SIMD;
                0xfd00c9 I64x2ExtendLowI32x4U        i64x2_extend_low_i32x4_u         "i64x2.extend_low_i32x4_u"         [v128] -> [v128] SIMD;
                0xfd00ca I64x2ExtendHighI32x4U       i64x2_extend_high_i32x4_u        "i64x2.extend_high_i32x4_u"        [v128] -> [v128] SIMD;
                0xfd00e0 F32x4Abs                    f32x4_abs                        "f32x4.abs"                        [v128] -> [v128] SIMD;
                0xfd00e1 F32x4Neg                    f32x4_neg                        "f32x4.neg"                        [v128] -> [v128] SIMD;
                0xfd00e3 F32x4Sqrt                   f32x4_sqrt                       "f32x4.sqrt"                       [v128] -> [v128] SIMD;
                0xfd00ec F64x2Abs                    f64x2_abs                        "f64x2.abs"                        [v128] -> [v128] SIMD;
                0xfd00ed F64x2Neg                    f64x2_neg                        "f64x2.neg"                        [v128] -> [v128] SIMD;
                0xfd00ef F64x2Sqrt                   f64x2_sqrt                       "f64x2.sqrt"                       [v128] -> [v128] SIMD;
                0xfd00f8 I32x4TruncSatF32x4S         i32x4_trunc_sat_f32x4_s          "i32x4.trunc_sat_f32x4_s"          [v128] -> [v128] SIMD;
                0xfd00f9 I32x4TruncSatF32x4U         i32x4_trunc_sat_f32x4_u          "i32x4.trunc_sat_f32x4_u"          [v128] -> [v128] SIMD;
                0xfd00fa F32x4ConvertI32x4S          f32x4_convert_i32x4_s            "f32x4.convert_i32x4_s"            [v128] -> [v128] SIMD;
                0xfd00fb F32x4ConvertI32x4U          f32x4_convert_i32x4_u            "f32x4.convert_i32x4_u"            [v128] -> [v128] SIMD;
                0xfd00fc I32x4TruncSatF64x2SZero     i32x4_trunc_sat_f64x2_s_zero     "i32x4.trunc_sat_f64x2_s_zero"     [v128] -> [v128] SIMD;
                0xfd00fd I32x4TruncSatF64x2UZero     i32x4_trunc_sat_f64x2_u_zero     "i32x4.trunc_sat_f64x2_u_zero"     [v128] -> [v128] SIMD;
                0xfd00fe F64x2ConvertLowI32x4S       f64x2_convert_low_i32x4_s        "f64x2.convert_low_i32x4_s"        [v128] -> [v128] SIMD;
                0xfd00ff F64x2ConvertLowI32x4U       f64x2_convert_low_i32x4_u        "f64x2.convert_low_i32x4_u"        [v128] -> [v128] SIMD;
                0xfd0101 I32x4RelaxedTruncF32x4S     i32x4_relaxed_trunc_f32x4_s      "i32x4.relaxed_trunc_f32x4_s"      [v128] -> [v128] RELAXED_SIMD;
                0xfd0102 I32x4RelaxedTruncF32x4U     i32x4_relaxed_trunc_f32x4_u      "i32x4.relaxed_trunc_f32x4_u"      [v128] -> [v128] RELAXED_SIMD;
                0xfd0103 I32x4RelaxedTruncF64x2SZero i32x4_relaxed_trunc_f64x2_s_zero "i32x4.relaxed_trunc_f64x2_s_zero" [v128] -> [v128] RELAXED_SIMD;
                0xfd0104 I32x4RelaxedTruncF64x2UZero i32x4_relaxed_trunc_f64x2_u_zero "i32x4.relaxed_trunc_f64x2_u_zero" [v128] -> [v128] RELAXED_SIMD;
            }
            vbinop {
                0xfd000e I8x16Swizzle               i8x16_swizzle                   "i8x16.swizzle"                   [v128 v128] -> [v128] SIMD;
                0xfd0023 I8x16Eq                    i8x16_eq                        "i8x16.eq"                        [v128 v128] -> [v128] SIMD;
                0xfd0024 I8x16Ne                    i8x16_ne                        "i8x16.ne"                        [v128 v128] -> [v128] SIMD;
                0xfd0025 I8x16LtS                   i8x16_lt_s                      "i8x16.lt_s"                      [v128 v128] -> [v128] SIMD;
                0xfd0026 I8x16LtU                   i8x16_lt_u                      "i8x16.lt_u"                      [v128 v128] -> [v128] SIMD;
                0xfd0027 I8x16GtS                   i8x16_gt_s                      "i8x16.gt_s"                      [v128 v128] -> [v128] SIMD;
                0xfd0028 I8x16GtU                   i8x16_gt_u                      "i8x16.gt_u"                      [v128 v128] -> [v128] SIMD;
                0xfd0029 I8x16LeS                   i8x16_le_s                      "i8x16.le_s"                      [v128 v128] -> [v128] SIMD;
                0xfd002a I8x16LeU                   i8x16_le_u                      "i8x16.le_u"                      [v128 v128] -> [v128] SIMD;
                0xfd002b I8x16GeS                   i8x16_ge_s                      "i8x16.ge_s"                      [v128 v128] -> [v128] SIMD;
                0xfd002c I8x16GeU                   i8x16_ge_u                      "i8x16.ge_u"                      [v128 v128] -> [v128] SIMD;
                0xfd002d I16x8Eq                    i16x8_eq                        "i16x8.eq"                        [v128 v128] -> [v128] SIMD;
                0xfd002e I16x8Ne                    i16x8_ne                        "i16x8.ne"                        [v128 v128] -> [v128] SIMD;
                0xfd002f I16x8LtS                   i16x8_lt_s                      "i16x8.lt_s"                      [v128 v128] -> [v128] SIMD;
                0xfd0030 I16x8LtU                   i16x8_lt_u                      "i16x8.lt_u"                      [v128 v128] -> [v128] SIMD;
                0xfd0031 I16x8GtS                   i16x8_gt_s                      "i16x8.gt_s"                      [v128 v128] -> [v128] SIMD;
                0xfd0032 I16x8GtU                   i16x8_gt_u                      "i16x8.gt_u"                      [v128 v128] -> [v128] SIMD;
                0xfd0033 I16x8LeS                   i16x8_le_s                      "i16x8.le_s"                      [v128 v128] -> [v128] SIMD;
                0xfd0034 I16x8LeU                   i16x8_le_u                      "i16x8.le_u"                      [v128 v128] -> [v128] SIMD;
                0xfd0035 I16x8GeS                   i16x8_ge_s                      "i16x8.ge_s"                      [v128 v128] -> [v128] SIMD;
                0xfd0036 I16x8GeU                   i16x8_ge_u                      "i16x8.ge_u"                      [v128 v128] -> [v128] SIMD;
                0xfd0037 I32x4Eq                    i32x4_eq                        "i32x4.eq"                        [v128 v128] -> [v128] SIMD;
                0xfd0038 I32x4Ne                    i32x4_ne                        "i32x4.ne"                        [v128 v128] -> [v128] SIMD;
                0xfd0039 I32x4LtS                   i32x4_lt_s                      "i32x4.lt_s"                      [v128 v128] -> [v128] SIMD;
                0xfd003a I32x4LtU                   i32x4_lt_u                      "i32x4.lt_u"                      [v128 v128] -> [v128] SIMD;
                0xfd003b I32x4GtS                   i32x4_gt_s                      "i32x4.gt_s"                      [v128 v128] -> [v128] SIMD;
                0xfd003c I32x4GtU                   i32x4_gt_u                      "i32x4.gt_u"                      [v128 v128] -> [v128] SIMD;
                0xfd003d I32x4LeS                   i32x4_le_s                      "i32x4.le_s"                      [v128 v128] -> [v128] SIMD;
                0xfd003e I32x4LeU                   i32x4_le_u                      "i32x4.le_u"                      [v128 v128] -> [v128] SIMD;
                0xfd003f I32x4GeS                   i32x4_ge_s                      "i32x4.ge_s"                      [v128 v128] -> [v128] SIMD;
                0xfd0040 I32x4GeU                   i32x4_ge_u                      "i32x4.ge_u"                      [v128 v128] -> [v128] SIMD;
                0xfd0041 F32x4Eq                    f32x4_eq                        "f32x4.eq"                        [v128 v128] -> [v128] SIMD;
                0xfd0042 F32x4Ne                    f32x4_ne                        "f32x4.ne"                        [v128 v128] -> [v128] SIMD;
                0xfd0043 F32x4Lt                    f32x4_lt                        "f32x4.lt"                        [v128 v128] -> [v128] SIMD;
                0xfd0044 F32x4Gt                    f32x4_gt                        "f32x4.gt"                        [v128 v128] -> [v128] SIMD;
                0xfd0045 F32x4Le                    f32x4_le                        "f32x4.le"                        [v128 v128] -> [v128] SIMD;
                0xfd0046 F32x4Ge                    f32x4_ge                        "f32x4.ge"                        [v128 v128] -> [v128] SIMD;
                0xfd0047 F64x2Eq                    f64x2_eq                        "f64x2.eq"                        [v128 v128] -> [v128] SIMD;
                0xfd0048 F64x2Ne                    f64x2_ne                        "f64x2.ne"                        [v128 v128] -> [v128] SIMD;
                0xfd0049 F64x2Lt                    f64x2_lt                        "f64x2.lt"                        [v128 v128] -> [v128] SIMD;
                0xfd004a F64x2Gt                    f64x2_gt                        "f64x2.gt"                        [v128 v128] -> [v128] SIMD;
                0xfd004b F64x2Le                    f64x2_le                        "f64x2.le"                        [v128 v128] -> [v128] SIMD;
                0xfd004c F64x2Ge                    f64x2_ge                        "f64x2.ge"                        [v128 v128] -> [v128] SIMD;
                0xfd004e V128And                    v128_and                        "v128.and"                        [v128 v128] -> [v128] SIMD;
                0xfd004f V128Andnot                 v128_andnot                     "v128.andnot"                     [v128 v128] -> [v128] SIMD;
                0xfd0050 V128Or                     v128_or                         "v128.or"                         [v128 v128] -> [v128] SIMD;
                0xfd0051 V128Xor                    v128_xor                        "v128.xor"                        [v128 v128] -> [v128] SIMD;
                0xfd0065 I8x16NarrowI16x8S          i8x16_narrow_i16x8_s            "i8x16.narrow_i16x8_s"            [v128 v128] -> [v128] SIMD;
                0xfd0066 I8x16NarrowI16x8U          i8x16_narrow_i16x8_u            "i8x16.narrow_i16x8_u"            [v128 v128] -> [v128] SIMD;
                0xfd006e I8x16Add                   i8x16_add                       "i8x16.add"                       [v128 v128] -> [v128] SIMD;
                0xfd006f I8x16AddSatS               i8x16_add_sat_s                 "i8x16.add_sat_s"                 [v128 v128] -> [v128] SIMD;
                0xfd0070 I8x16AddSatU               i8x16_add_sat_u                 "i8x16.add_sat_u"                 [v128 v128] -> [v128] SIMD;
                0xfd0071 I8x16Sub                   i8x16_sub                       "i8x16.sub"                       [v128 v128] -> [v128] SIMD;
                0xfd0072 I8x16SubSatS               i8x16_sub_sat_s                 "i8x16.sub_sat_s"                 [v128 v128] -> [v128] SIMD;
                0xfd0073 I8x16SubSatU               i8x16_sub_sat_u                 "i8x16.sub_sat_u"                 [v128 v128] -> [v128] SIMD;
                0xfd0076 I8x16MinS                  i8x16_min_s                     "i8x16.min_s"                     [v128 v128] -> [v128] SIMD;
                0xfd0077 I8x16MinU                  i8x16_min_u                     "i8x16.min_u"                     [v128 v128] -> [v128] SIMD;
                0xfd0078 I8x16MaxS                  i8x16_max_s                     "i8x16.max_s"                     [v128 v128] -> [v128] SIMD;
                0xfd0079 I8x16MaxU                  i8x16_max_u                     "i8x16.max_u"                     [v128 v128] -> [v128] SIMD;
                0xfd007b I8x16AvgrU                 i8x16_avgr_u                    "i8x16.avgr_u"                    [v128 v128] -> [v128] SIMD;
                0xfd0082 I16x8Q15mulrSatS           i16x8_q15mulr_sat_s             "i16x8.q15mulr_sat_s"             [v128 v128] -> [v128] SIMD;
                0xfd0085 I16x8NarrowI32x4S          i16x8_narrow_i32x4_s            "i16x8.narrow_i32x4_s"            [v128 v128] -> [v128] SIMD;
                0xfd0086 I16x8NarrowI32x4U          i16x8_narrow_i32x4_u            "i16x8.narrow_i32x4_u"            [v128 v128] -> [v128] SIMD;
                0xfd008e I16x8Add                   i16x8_add                       "i16x8.add"                       [v128 v128] -> [v128] SIMD;
                0xfd008f I16x8AddSatS               i16x8_add_sat_s                 "i16x8.add_sat_s"                 [v128 v128] -> [v128] SIMD;
                0xfd0090 I16x8AddSatU               i16x8_add_sat_u                 "i16x8.add_sat_u"                 [v128 v128] -> [v128] SIMD;
                0xfd0091 I16x8Sub                   i16x8_sub                       "i16x8.sub"                       [v128 v128] -> [v128] SIMD;
                0xfd0092 I16x8SubSatS               i16x8_sub_sat_s                 "i16x8.sub_sat_s"                 [v128 v128] -> [v128] SIMD;
                0xfd0093 I16x8SubSatU               i16x8_sub_sat_u                 "i16x8.sub_sat_u"                 [v128 v128] -> [v128] SIMD;
                0xfd0095 I16x8Mul                   i16x8_mul                       "i16x8.mul"                       [v128 v128] -> [v128] SIMD;
                0xfd0096 I16x8MinS                  i16x8_min_s                     "i16x8.min_s"                     [v128 v128] -> [v128] SIMD;
                0xfd0097 I16x8MinU                  i16x8_min_u                     "i16x8.min_u"                     [v128 v128] -> [v128] SIMD;
                0xfd0098 I16x8MaxS                  i16x8_max_s                     "i16x8.max_s"                     [v128 v128] -> [v128] SIMD;
                0xfd0099 I16x8MaxU                  i16x8_max_u                     "i16x8.max_u"                     [v128 v128] -> [v128] SIMD;
                0xfd009b I16x8AvgrU                 i16x8_avgr_u                    "i16x8.avgr_u"                    [v128 v128] -> [v128] SIMD;
                0xfd009c I16x8ExtmulLowI8x16S       i16x8_extmul_low_i8x16_s        "i16x8.extmul_low_i8x16_s"        [v128 v128] -> [v128] SIMD;
                0xfd009d I16x8ExtmulHighI8x16S      i16x8_extmul_high_i8x16_s       "i16x8.extmul_high_i8x16_s"       [v128 v128] -> [v128] SIMD;
                0xfd009e I16x8ExtmulLowI8x16U       i16x8_extmul_low_i8x16_u        "i16x8.extmul_low_i8x16_u"        [v128 v128] -> [v128] SIMD;
                0xfd009f I16x8ExtmulHighI8x16U      i16x8_extmul_high_i8x16_u       "i16x8.extmul_high_i8x16_u"       [v128 v128] -> [v128] SIMD;
                0xfd00ae I32x4Add                   i32x4_add                       "i32x4.add"                       [v128 v128] -> [v128] SIMD;
                0xfd00b1 I32x4Sub                   i32x4_sub                       "i32x4.sub"                       [v128 v128] -> [v128] SIMD;
                0xfd00b5 I32x4Mul                   i32x4_mul                       "i32x4.mul"                       [v128 v128] -> [v128] SIMD;
                0xfd00b6 I32x4MinS                  i32x4_min_s                     "i32x4.min_s"                     [v128 v128] -> [v128] SIMD;
                0xfd00b7 I32x4MinU                  i32x4_min_u                     "i32x4.min_u"                     [v128 v128] -> [v128] SIMD;
                0xfd00b8 I32x4MaxS                  i32x4_max_s                     "i32x4.max_s"                     [v128 v128] -> [v128] SIMD;
                0xfd00b9 I32x4MaxU                  i32x4_max_u                     "i32x4.max_u"                     [v128 v128] -> [v128] SIMD;
                0xfd00ba I32x4DotI16x8S             i32x4_dot_i16x8_s               "i32x4.dot_i16x8_s"               [v128 v128] -> [v128] SIMD;
                0xfd00bc I32x4ExtmulLowI16x8S       i32x4_extmul_low_i16x8_s        "i32x4.extmul_low_i16x8_s"        [v128 v128] -> [v128] SIMD;
                0xfd00bd I32x4ExtmulHighI16x8S      i32x4_extmul_high_i16x8_s       "i32x4.extmul_high_i16x8_s"       [v128 v128] -> [v128] SIMD;
                0xfd00be I32x4ExtmulLowI16x8U       i32x4_extmul_low_i16x8_u        "i32x4.extmul_low_i16x8_u"        [v128 v128] -> [v128] SIMD;
                0xfd00bf I32x4ExtmulHighI16x8U      i32x4_extmul_high_i16x8_u       "i32x4.extmul_high_i16x8_u"       [v128 v128] -> [v128] SIMD;
                0xfd00ce I64x2Add                   i64x2_add                       "i64x2.add"                       [v128 v128] -> [v128] SIMD;
                0xfd00d1 I64x2Sub                   i64x2_sub                       "i64x2.sub"                       [v128 v128] -> [v128] SIMD;
                0xfd00d5 I64x2Mul                   i64x2_mul                       "i64x2.mul"                       [v128 v128] -> [v128] SIMD;
                0xfd00d6 I64x2Eq                    i64x2_eq                        "i64x2.eq"                        [v128 v128] -> [v128] SIMD;
                0xfd00d7 I64x2Ne                    i64x2_ne                        "i64x2.ne"                        [v128 v128] -> [v128] SIMD;
                0xfd00d8 I64x2LtS                   i64x2_lt_s                      "i64x2.lt_s"                      [v128 v128] -> [v128] SIMD;
                0xfd00d9 I64x2GtS                   i64x2_gt_s                      "i64x2.gt_s"                      [v128 v128] -> [v128] SIMD;
                0xfd00da I64x2LeS                   i64x2_le_s                      "i64x2.le_s"                      [v128 v128] -> [v128] SIMD;
                0xfd00db I64x2GeS                   i64x2_ge_s                      "i64x2.ge_s"                      [v128 v128] -> [v128] SIMD;
                0xfd00dc I64x2ExtmulLowI32x4S       i64x2_extmul_low_i32x4_s        "i64x2.extmul_low_i32x4_s"        [v128 v128] -> [v128] SIMD;
                0xfd00dd I64x2ExtmulHighI32x4S      i64x2_extmul_high_i32x4_s       "i64x2.extmul_high_i32x4_s"       [v128 v128] -> [v128] SIMD;
                0xfd00de I64x2ExtmulLowI32x4U       i64x2_extmul_low_i32x4_u        "i64x2.extmul_low_i32x4_u"        [v128 v128] -> [v128] SIMD;
                0xfd00df I64x2ExtmulHighI32x4U      i64x2_extmul_high_i32x4_u       "i64x2.extmul_high_i32x4_u"       [v128 v128] -> [v128] SIMD;
                0xfd00e4 F32x4Add                   f32x4_add                       "f32x4.add"                       [v128 v128] -> [v128] SIMD;
                0xfd00e5 F32x4Sub                   f32x4_sub                       "f32x4.sub"                       [v128 v128] -> [v128] SIMD;
                0xfd00e6 F32x4Mul                   f32x4_mul                       "f32x4.mul"                       [v128 v128] -> [v128] SIMD;
                0xfd00e7 F32x4Div                   f32x4_div                       "f32x4.div"                       [v128 v128] -> [v128] SIMD;
                0xfd00e8 F32x4Min                   f32x4_min                       "f32x4.min"                       [v128 v128] -> [v128] SIMD;
                0xfd00e9 F32x4Max                   f32x4_max                       "f32x4.max"                       [v128 v128] -> [v128] SIMD;
                0xfd00ea F32x4Pmin                  f32x4_pmin                      "f32x4.pmin"                      [v128 v128] -> [v128] SIMD;
                0xfd00eb F32x4Pmax                  f32x4_pmax                      "f32x4.pmax"                      [v128 v128] -> [v128] SIMD;
                0xfd00f0 F64x2Add                   f64x2_add                       "f64x2.add"                       [v128 v128] -> [v128] SIMD;
                0xfd00f1 F64x2Sub                   f64x2_sub                       "f64x2.sub"                       [v128 v128] -> [v128] SIMD;
                0xfd00f2 F64x2Mul                   f64x2_mul                       "f64x2.mul"                       [v128 v128] -> [v128] SIMD;
                0xfd00f3 F64x2Div                   f64x2_div                       "f64x2.div"                       [v128 v128] -> [v128] SIMD;
                0xfd00f4 F64x2Min                   f64x2_min                       "f64x2.min"                       [v128 v128] -> [v128] SIMD;
                0xfd00f5 F64x2Max                   f64x2_max                       "f64x2.max"                       [v128 v128] -> [v128] SIMD;
                0xfd00f6 F64x2Pmin                  f64x2_pmin                      "f64x2.pmin"                      [v128 v128] -> [v128] SIMD;
                0xfd00f7 F64x2Pmax                  f64x2_pmax                      "f64x2.pmax"                      [v128 v128] -> [v128] SIMD;
                0xfd0100 I8x16RelaxedSwizzle        i8x16_relaxed_swizzle           "i8x16.relaxed_swizzle"           [v128 v128] -> [v128] RELAXED_SIMD;
                0xfd010d F32x4RelaxedMin            f32x4_relaxed_min               "f32x4.relaxed_min"               [v128 v128] -> [v128] RELAXED_SIMD;
                0xfd010e F32x4RelaxedMax            f32x4_relaxed_max               "f32x4.relaxed_max"               [v128 v128] -> [v128] RELAXED_SIMD;
                0xfd010f F64x2RelaxedMin            f64x2_relaxed_min               "f64x2.relaxed_min"               [v128 v128] -> [v128] RELAXED_SIMD;
                0xfd0110 F64x2RelaxedMax            f64x2_relaxed_max               "f64x2.relaxed_max"               [v128 v128] -> [v128] RELAXED_SIMD;
                0xfd0111 I16x8RelaxedQ15mulrS       i16x8_relaxed_q15mulr_s         "i16x8.relaxed_q15mulr_s"         [v128 v128] -> [v128] RELAXED_SIMD;
                0xfd0112 I16x8RelaxedDotI8x16I7x16S i16x8_relaxed_dot_i8x16_i7x16_s "i16x8.relaxed_dot_i8x16_i7x16_s" [v128 v128] -> [v128] RELAXED_SIMD;
            }
            vternop {
                0xfd0052 V128Bitselect                 v128_bitselect                      "v128.bitselect"                      [v128 v128 v128] -> [v128] SIMD;
                0xfd0105 F32x4RelaxedMadd              f32x4_relaxed_madd                  "f32x4.relaxed_madd"                  [v128 v128 v128] -> [v128] RELAXED_SIMD;
                0xfd0106 F32x4RelaxedNmadd             f32x4_relaxed_nmadd                 "f32x4.relaxed_nmadd"                 [v128 v128 v128] -> [v128] RELAXED_SIMD;
                0xfd0107 F64x2RelaxedMadd              f64x2_relaxed_madd                  "f64x2.relaxed_madd"                  [v128 v128 v128] -> [v128] RELAXED_SIMD;
                0xfd0108 F64x2RelaxedNmadd             f64x2_relaxed_nmadd                 "f64x2.relaxed_nmadd"                 [v128 v128 v128] -> [v128] RELAXED_SIMD;
                0xfd0109 I8x16RelaxedLaneselect        i8x16_relaxed_laneselect            "i8x16.relaxed_laneselect"            [v128 v128 v128] -> [v128] RELAXED_SIMD;
                0xfd010a I16x8RelaxedLaneselect        i16x8_relaxed_laneselect            "i16x8.relaxed_laneselect"            [v128 v128 v128] -> [v128] RELAXED_SIMD;
                0xfd010b I32x4RelaxedLaneselect        i32x4_relaxed_laneselect            "i32x4.relaxed_laneselect"            [v128 v128 v128] -> [v128] RELAXED_SIMD;
                0xfd010c I64x2RelaxedLaneselect        i64x2_relaxed_laneselect            "i64x2.relaxed_laneselect"            [v128 v128 v128] -> [v128] RELAXED_SIMD;
                0xfd0113 I32x4RelaxedDotI8x16I7x16AddS i32x4_relaxed_dot_i8x16_i7x16_add_s "i32x4.relaxed_dot_i8x16_i7x16_add_s" [v128 v128 v128] -> [v128] RELAXED_SIMD;
            }
            vtestop {
                0xfd0053 V128AnyTrue  v128_any_true  "v128.any_true"  [v128] -> [i32] SIMD;
                0xfd0063 I8x16AllTrue i8x16_all_true "i8x16.all_true" [v128] -> [i32] SIMD;
                0xfd0064 I8x16Bitmask i8x16_bitmask  "i8x16.bitmask"  [v128] -> [i32] SIMD;
                0xfd0083 I16x8AllTrue i16x8_all_true "i16x8.all_true" [v128] -> [i32] SIMD;
                0xfd0084 I16x8Bitmask i16x8_bitmask  "i16x8.bitmask"  [v128] -> [i32] SIMD;
                0xfd00a3 I32x4AllTrue i32x4_all_true "i32x4.all_true" [v128] -> [i32] SIMD;
                0xfd00a4 I32x4Bitmask i32x4_bitmask  "i32x4.bitmask"  [v128] -> [i32] SIMD;
                0xfd00c3 I64x2AllTrue i64x2_all_true "i64x2.all_true" [v128] -> [i32] SIMD;
                0xfd00c4 I64x2Bitmask i64x2_bitmask  "i64x2.bitmask"  [v128] -> [i32] SIMD;
            }
            vshiftop {
                0xfd006b I8x16Shl  i8x16_shl   "i8x16.shl"   [v128 i32] -> [v128] SIMD;
                0xfd006c I8x16ShrS i8x16_shr_s "i8x16.shr_s" [v128 i32] -> [v128] SIMD;
                0xfd006d I8x16ShrU i8x16_shr_u "i8x16.shr_u" [v128 i32] -> [v128] SIMD;
                0xfd008b I16x8Shl  i16x8_shl   "i16x8.shl"   [v128 i32] -> [v128] SIMD;
                0xfd008c I16x8ShrS i16x8_shr_s "i16x8.shr_s" [v128 i32] -> [v128] SIMD;
                0xfd008d I16x8ShrU i16x8_shr_u "i16x8.shr_u" [v128 i32] -> [v128] SIMD;
                0xfd00ab I32x4Shl  i32x4_shl   "i32x4.shl"   [v128 i32] -> [v128] SIMD;
                0xfd00ac I32x4ShrS i32x4_shr_s "i32x4.shr_s" [v128 i32] -> [v128] SIMD;
                0xfd00ad I32x4ShrU i32x4_shr_u "i32x4.shr_u" [v128 i32] -> [v128] SIMD;
                0xfd00cb I64x2Shl  i64x2_shl   "i64x2.shl"   [v128 i32] -> [v128] SIMD;
                0xfd00cc I64x2ShrS i64x2_shr_s "i64x2.shr_s" [v128 i32] -> [v128] SIMD;
                0xfd00cd I64x2ShrU i64x2_shr_u "i64x2.shr_u" [v128 i32] -> [v128] SIMD;
            }
            vsplat {
                0xfd000f I8x16Splat i8x16_splat "i8x16.splat" [i32] -> [v128] SIMD;
                0xfd0010 I16x8Splat i16x8_splat "i16x8.splat" [i32] -> [v128] SIMD;
                0xfd0011 I32x4Splat i32x4_splat "i32x4.splat" [i32] -> [v128] SIMD;
                0xfd0012 I64x2Splat i64x2_splat "i64x2.splat" [i64] -> [v128] SIMD;
                0xfd0013 F32x4Splat f32x4_splat "f32x4.splat" [f32] -> [v128] SIMD;
                0xfd0014 F64x2Splat f64x2_splat "f64x2.splat" [f64] -> [v128] SIMD;
            }
            vextract {
                0xfd0015 I8x16ExtractLaneS i8x16_extract_lane_s "i8x16.extract_lane_s" [v128] -> [i32] SIMD;
                0xfd0016 I8x16ExtractLaneU i8x16_extract_lane_u "i8x16.extract_lane_u" [v128] -> [i32] SIMD;
                0xfd0018 I16x8ExtractLaneS i16x8_extract_lane_s "i16x8.extract_lane_s" [v128] -> [i32] SIMD;
                0xfd0019 I16x8ExtractLaneU i16x8_extract_lane_u "i16x8.extract_lane_u" [v128] -> [i32] SIMD;
                0xfd001b I32x4ExtractLane  i32x4_extract_lane   "i32x4.extract_lane"   [v128] -> [i32] SIMD;
                0xfd001d I64x2ExtractLane  i64x2_extract_lane   "i64x2.extract_lane"   [v128] -> [i64] SIMD;
                0xfd001f F32x4ExtractLane  f32x4_extract_lane   "f32x4.extract_lane"   [v128] -> [f32] SIMD;
                0xfd0021 F64x2ExtractLane  f64x2_extract_lane   "f64x2.extract_lane"   [v128] -> [f64] SIMD;
            }
            vreplace {
                0xfd0017 I8x16ReplaceLane i8x16_replace_lane "i8x16.replace_lane" [v128 i32] -> [v128] SIMD;
                0xfd001a I16x8ReplaceLane i16x8_replace_lane "i16x8.replace_lane" [v128 i32] -> [v128] SIMD;
                0xfd001c I32x4ReplaceLane i32x4_replace_lane "i32x4.replace_lane" [v128 i32] -> [v128] SIMD;
                0xfd001e I64x2ReplaceLane i64x2_replace_lane "i64x2.replace_lane" [v128 i64] -> [v128] SIMD;
                0xfd0020 F32x4ReplaceLane f32x4_replace_lane "f32x4.replace_lane" [v128 f32] -> [v128] SIMD;
                0xfd0022 F64x2ReplaceLane f64x2_replace_lane "f64x2.replace_lane" [v128 f64] -> [v128] SIMD;
            }
        }
    };
}
