//! What has to be true of the list of fused instructions.

use super::super::base;
use super::super::list::Single;
use super::*;

fn rows() -> impl Iterator<Item = (u16, u16, u16)> {
    (0..list::COUNT as u16).flat_map(|first| {
        let (start, end) =
            (FUSIONS.starts[first as usize] as usize, FUSIONS.starts[first as usize + 1] as usize);
        FUSIONS.rows[start..end].iter().map(move |&[second, fused]| (first, second, fused))
    })
}

/// Whether the handler after this one is the same, but for its result going to a slot as well.
fn has_sibling(number: u16) -> bool {
    let number = number as usize;
    let is_even = |first: usize| (number - first).is_multiple_of(2);
    match number {
        _ if number < base::BRANCH => is_even(base::UNARY),
        _ if (base::LOAD..base::LOAD_ANY).contains(&number) => is_even(base::LOAD),
        _ if (FIRST_JOIN..FIRST_PAIR).contains(&number) => is_even(FIRST_JOIN),
        _ => false,
    }
}

#[test]
fn what_a_result_goes_to_can_be_changed_afterwards() {
    for (first, second, fused) in rows() {
        if has_sibling(second) {
            assert_eq!(FUSIONS.find(first, second + 1, 4), Some(fused + 1), "{first} {second}");
        }
    }
    for (at, row) in JOINS.iter().enumerate().step_by(2) {
        assert_eq!((row[3], JOINS[at + 1][3]), (0, 1));
        assert_eq!(row[..3], JOINS[at + 1][..3]);
    }
}

#[test]
fn code_is_as_long_whichever_way_a_call_is_lowered() {
    let call = |single| (base::SINGLE + single as usize) as u16;
    for first in 0..list::COUNT as u16 {
        let by = |single| FUSIONS.find(first, call(single), 4).is_some();
        assert_eq!(by(Single::CallInternal), by(Single::CallDirect), "{first}");
    }
}

#[test]
fn only_what_goes_straight_on_is_followed_by_another_part() {
    let straight = |number: u16| {
        let number = number as usize;
        let singles = [
            Single::MoveS,
            Single::MoveI,
            Single::Move32,
            Single::MoveV128S,
            Single::MoveV128I,
            Single::SpillInt,
            Single::SpillF32,
            Single::SpillF64,
            Single::SpillV128,
        ];
        number < base::BRANCH
            || (base::LOAD..base::VLOAD_ANY).contains(&number)
            || (base::VSTORE..base::VSTORE_ANY).contains(&number)
            || (FIRST_JOIN..FIRST_PAIR).contains(&number)
            || singles.iter().any(|&single| number == base::SINGLE + single as usize)
            || (base::SINGLE + Single::GlobalGetInt as usize
                ..=base::SINGLE + Single::SelectV128 as usize)
                .contains(&number)
    };
    // What exits before it does anything, and is executed again with all that follows.
    let fuel = (base::SINGLE + Single::Fuel as usize) as u16;
    for [first, second] in PAIRS {
        assert!(straight(first) || first == fuel, "{first}");
        assert_ne!(second, fuel);
    }
    for [pair, _] in TRIPLES {
        let [_, second] = PAIRS[pair as usize - FIRST_PAIR];
        assert!(straight(second), "{second}");
    }
    for [triple, _] in QUADS {
        let [_, third] = TRIPLES[triple as usize - FIRST_TRIPLE];
        assert!(straight(third), "{third}");
    }
}
