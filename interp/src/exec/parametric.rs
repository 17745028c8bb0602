//! `select`. Spec: *Execution → Parametric Instructions*.

use super::list::Single;
use super::operand::{A, S, Source, Target, ToAcc, ToBoth};
use super::{Handler, Regs, Step, WORD, base};
use core::marker::PhantomData;

/// `dst = condition ? first : second`: `[dst][first][second][condition]`
pub struct Select<T, X, D>(PhantomData<(T, X, D)>);

macro_rules! select {
    ($($ty:ident $source:ident $target:ident $number:ident;)*) => {$(
        impl Handler for Select<$ty, $source, $target> {
            const INDEX: usize = base::SINGLE + Single::$number as usize;
            const LEN: usize = WORD + 6 + super::numeric::source_len($source::ID, 4);

            #[inline(always)]
            unsafe fn run(r: &mut Regs) -> Step {
                // SAFETY: operands are laid out as the type says; by contract of `run`.
                unsafe {
                    let condition = $source::get::<u32>(r, WORD + 6);
                    let first = r.read::<$ty>(WORD + 2);
                    let second = r.read::<$ty>(WORD + 4);
                    $target::put(r, WORD, if condition != 0 { first } else { second });
                }
                r.next(Self::LEN)
            }
        }
    )*};
}
select! {
    u64 S ToAcc SelectIntS;
    u64 S ToBoth SelectIntSBoth;
    u64 A ToAcc SelectIntA;
    u64 A ToBoth SelectIntABoth;
    f32 S ToAcc SelectF32S;
    f32 S ToBoth SelectF32SBoth;
    f32 A ToAcc SelectF32A;
    f32 A ToBoth SelectF32ABoth;
    f64 S ToAcc SelectF64S;
    f64 S ToBoth SelectF64SBoth;
    f64 A ToAcc SelectF64A;
    f64 A ToBoth SelectF64ABoth;
}

/// `dst = condition ? first : second`, vectors: `[dst][first][second][condition]`
pub struct SelectV128;

impl Handler for SelectV128 {
    const INDEX: usize = base::SINGLE + Single::SelectV128 as usize;
    const LEN: usize = WORD + 8;

    #[inline(always)]
    unsafe fn run(r: &mut Regs) -> Step {
        // SAFETY: operands are laid out as the type says; by contract of `run`.
        unsafe {
            let offset = if r.read::<u32>(WORD + 6) != 0 { WORD + 2 } else { WORD + 4 };
            r.put_vector(WORD, r.vector(offset));
        }
        r.next(Self::LEN)
    }
}
