//! Arguments and results as scripts write them.

use crate::context::{Context, Stop};
use rwasm::{AnyRef, ExternRef, HeapType, Rooted, Store, V128, Val, ValType};
use wast::core::{NanPattern, V128Pattern, WastArgCore, WastRetCore};
use wast::token::{F32, F64};

impl Context {
    /// The value of an argument for a parameter of type `ty`.
    pub fn argument(&mut self, arg: &WastArgCore<'_>, ty: Option<ValType>) -> Result<Val, Stop> {
        Ok(match arg {
            WastArgCore::I32(value) => Val::I32(*value),
            WastArgCore::I64(value) => Val::I64(*value),
            WastArgCore::F32(value) => Val::F32(value.bits),
            WastArgCore::F64(value) => Val::F64(value.bits),
            WastArgCore::V128(value) => Val::V128(V128(value.to_le_bytes())),
            WastArgCore::RefNull(_) => {
                let heap = ty.as_ref().and_then(ValType::as_ref).map(|ty| ty.heap_type());
                Val::null_ref(heap.unwrap_or(&HeapType::Func))
            }
            WastArgCore::RefExtern(number) => {
                Val::ExternRef(Some(ExternRef::new(&mut self.store, *number)?))
            }
            WastArgCore::RefHost(number) => {
                let object = ExternRef::new(&mut self.store, *number)?;
                Val::AnyRef(Some(AnyRef::convert_extern(&mut self.store, object)?))
            }
        })
    }
}

/// Whether `found` is what `expected` describes.
pub fn matches(store: &mut Store<()>, expected: &WastRetCore<'_>, found: &Val) -> bool {
    match (expected, found) {
        (WastRetCore::I32(a), Val::I32(b)) => a == b,
        (WastRetCore::I64(a), Val::I64(b)) => a == b,
        (WastRetCore::F32(a), Val::F32(b)) => f32_matches(a, *b),
        (WastRetCore::F64(a), Val::F64(b)) => f64_matches(a, *b),
        (WastRetCore::V128(a), Val::V128(b)) => v128_matches(a, *b),
        (
            WastRetCore::RefNull(_),
            Val::FuncRef(None)
            | Val::ExternRef(None)
            | Val::AnyRef(None)
            | Val::ExnRef(None)
            | Val::ContRef(None),
        ) => true,
        (WastRetCore::RefFunc(_), Val::FuncRef(Some(_))) => true,
        (WastRetCore::RefExtern(None), Val::ExternRef(Some(_))) => true,
        (WastRetCore::RefExtern(Some(number)), Val::ExternRef(Some(object))) => {
            host_number(store, *object) == Some(*number)
        }
        (WastRetCore::RefHost(number), Val::AnyRef(Some(object))) => {
            ExternRef::convert_any(&mut *store, *object)
                .is_ok_and(|object| host_number(store, object) == Some(*number))
        }
        (WastRetCore::RefAny, Val::AnyRef(Some(_))) => true,
        (WastRetCore::RefEq, Val::AnyRef(Some(object))) => is(object.is_eqref(&*store)),
        (WastRetCore::RefArray, Val::AnyRef(Some(object))) => is(object.is_array(&*store)),
        (WastRetCore::RefStruct, Val::AnyRef(Some(object))) => is(object.is_struct(&*store)),
        (WastRetCore::RefI31, Val::AnyRef(Some(object))) => is(object.is_i31(&*store)),
        (WastRetCore::Either(cases), found) => cases.iter().any(|case| matches(store, case, found)),
        _ => false,
    }
}

fn is(answer: rwasm::Result<bool>) -> bool {
    answer.unwrap_or(false)
}

/// The number that a script gave an object of the host.
fn host_number(store: &Store<()>, object: Rooted<ExternRef>) -> Option<u32> {
    object.data(store).ok().flatten()?.downcast_ref().copied()
}

fn f32_matches(expected: &NanPattern<F32>, found: u32) -> bool {
    match expected {
        NanPattern::CanonicalNan => found & 0x7fff_ffff == 0x7fc0_0000,
        NanPattern::ArithmeticNan => found & 0x7fc0_0000 == 0x7fc0_0000,
        NanPattern::Value(value) => value.bits == found,
    }
}

fn f64_matches(expected: &NanPattern<F64>, found: u64) -> bool {
    const CANONICAL: u64 = 0x7ff8_0000_0000_0000;
    match expected {
        NanPattern::CanonicalNan => found & 0x7fff_ffff_ffff_ffff == CANONICAL,
        NanPattern::ArithmeticNan => found & CANONICAL == CANONICAL,
        NanPattern::Value(value) => value.bits == found,
    }
}

fn v128_matches(expected: &V128Pattern, found: V128) -> bool {
    match expected {
        V128Pattern::I8x16(lanes) => *lanes == <[i8; 16]>::from(found),
        V128Pattern::I16x8(lanes) => *lanes == <[i16; 8]>::from(found),
        V128Pattern::I32x4(lanes) => *lanes == <[i32; 4]>::from(found),
        V128Pattern::I64x2(lanes) => *lanes == <[i64; 2]>::from(found),
        V128Pattern::F32x4(lanes) => {
            lanes.iter().zip(<[u32; 4]>::from(found)).all(|(a, b)| f32_matches(a, b))
        }
        V128Pattern::F64x2(lanes) => {
            lanes.iter().zip(<[u64; 2]>::from(found)).all(|(a, b)| f64_matches(a, b))
        }
    }
}

#[test]
fn nan_patterns() {
    let matches = |pattern, bits| f32_matches(&pattern, bits);
    assert!(matches(NanPattern::CanonicalNan, 0xffc0_0000));
    assert!(!matches(NanPattern::CanonicalNan, 0x7fc0_0001));
    assert!(matches(NanPattern::ArithmeticNan, 0x7fc0_0001));
    assert!(!matches(NanPattern::ArithmeticNan, 0x7fa0_0000));
    assert!(!matches(NanPattern::Value(F32 { bits: 0 }), 0x8000_0000));
}
