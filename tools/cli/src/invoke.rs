//! `--invoke`: arguments from text, and results to text.

use crate::exit::Stop;
use rwasm::{Func, FuncType, HeapType, Store, V128, Val, ValType};
use std::str::FromStr;

/// The arguments that `texts` stand for, as the function's type asks for them.
pub fn arguments(name: &str, ty: &FuncType, texts: &[String]) -> Result<Vec<Val>, Stop> {
    if ty.params().len() != texts.len() {
        let (takes, given) = (ty.params().len(), texts.len());
        let s = if takes == 1 { "" } else { "s" };
        let mut message =
            format!("`{name}` takes {takes} argument{s}, not {given}: its type is {ty}");
        if texts.iter().any(|text| text.starts_with("--")) {
            message += "\nhelp: options of rwasm stand before the first argument";
        }
        return Err(Stop::Usage(message));
    }
    let args = ty.params().zip(texts).map(|(ty, text)| {
        argument(&ty, text)
            .ok_or_else(|| Stop::Usage(format!("`{name}`: `{text}` is no value of type {ty}")))
    });
    args.collect()
}

fn argument(ty: &ValType, text: &str) -> Option<Val> {
    match ty {
        ValType::I32 => {
            let value = integer(text)?;
            let fits = (i128::from(i32::MIN)..=i128::from(u32::MAX)).contains(&value);
            fits.then_some(Val::I32(value as i32)) // Either as signed or as unsigned.
        }
        ValType::I64 => {
            let value = integer(text)?;
            let fits = (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value);
            fits.then_some(Val::I64(value as i64)) // As above.
        }
        ValType::F32 => Some(Val::F32(f32::from_str(text).ok()?.to_bits())),
        ValType::F64 => Some(Val::F64(f64::from_str(text).ok()?.to_bits())),
        ValType::V128 => {
            let bits = match text.strip_prefix("0x") {
                Some(digits) => u128::from_str_radix(digits, 16).ok()?,
                None => text.parse().ok()?,
            };
            Some(Val::V128(V128::from_bits(bits)))
        }
        ValType::Ref(ty) if ty.is_nullable() && text == "null" => {
            Some(Val::null_ref(ty.heap_type()))
        }
        ValType::Ref(_) => None,
    }
}

/// A number in decimal, or with `0x` in hexadecimal.
fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let value = match digits.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => digits.parse::<u64>(),
    };
    let value = i128::from(value.ok()?);
    Some(if negative { -value } else { value })
}

/// A result, as wasmtime shows it.
fn shown(val: &Val) -> String {
    match val {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(bits) => f32::from_bits(*bits).to_string(),
        Val::F64(bits) => f64::from_bits(*bits).to_string(),
        Val::V128(value) => value.to_bits().to_string(),
        Val::FuncRef(None) => "<null funcref>".into(),
        Val::FuncRef(Some(_)) => "<funcref>".into(),
        Val::ExternRef(None) => "<null externref>".into(),
        Val::ExternRef(Some(_)) => "<externref>".into(),
        Val::AnyRef(None) => "<null anyref>".into(),
        Val::AnyRef(Some(_)) => "<anyref>".into(),
        Val::ExnRef(None) => "<null exnref>".into(),
        Val::ExnRef(Some(_)) => "<exnref>".into(),
        Val::ContRef(None) => "<null contref>".into(),
        Val::ContRef(Some(_)) => "<contref>".into(),
    }
}

/// Calls a function and gives its results, one a line.
pub fn call<T: 'static>(store: &mut Store<T>, func: &Func, args: &[Val]) -> rwasm::Result<String> {
    let results = func.ty(&*store).results().len();
    let mut results = vec![Val::null_ref(&HeapType::Func); results];
    func.call(store, args, &mut results)?;
    Ok(results.iter().map(shown).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn i32_of(text: &str) -> Option<i32> {
        argument(&ValType::I32, text).map(|val| val.unwrap_i32())
    }

    #[test]
    fn integers_may_be_signed_or_not() {
        assert_eq!(i32_of("-1"), Some(-1));
        assert_eq!(i32_of("4294967295"), Some(-1));
        assert_eq!(i32_of("0xffffffff"), Some(-1));
        assert_eq!(i32_of("-0x80000000"), Some(i32::MIN));
        for text in ["4294967296", "-2147483649", "", "-", "--1", "1.0", "0x", "+-1"] {
            assert_eq!(i32_of(text), None, "{text}");
        }
        let val = argument(&ValType::I64, "18446744073709551615").unwrap();
        assert_eq!(shown(&val), "-1");
    }

    #[test]
    fn floats_are_shown_as_rust_does() {
        let shown_as = |text| shown(&argument(&ValType::F64, text).unwrap());
        assert_eq!(shown_as("1"), "1");
        assert_eq!(shown_as("0.1"), "0.1");
        assert_eq!(shown_as("-inf"), "-inf");
        assert_eq!(shown_as("nan"), "NaN");
    }
}
