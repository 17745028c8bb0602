//! Fused instructions: two to four in one, without the jumps between them.
//!
//! A fused instruction is the word of its handler and then the operands of its parts, one after
//! the other. Each part runs as if its own word stood before its operands: while it runs, `ip` is
//! that many bytes before them, so that traps, branches and return addresses are those of the part.
//!
//! Which instructions are fused is a list (`rows`), chosen from what real programs execute
//! (`cargo xtask opstats`). All parts but the last must go on with the next instruction: no
//! branches, no calls, nothing at whose end a run can be left and resumed. Charges of fuel, at whose
//! beginning a run can be left, are first parts only, so that the whole is executed again.

pub mod rows;

use super::list;
use super::{Handler, WORD};
use core::marker::PhantomData;

/// Two instructions in one.
pub struct Pair<H, K>(PhantomData<(H, K)>);

/// Three instructions in one.
pub struct Triple<H, K, L>(PhantomData<(H, K, L)>);

/// Four instructions in one.
pub struct Quad<H, K, L, M>(PhantomData<(H, K, L, M)>);

impl<H: Handler, K: Handler> Pair<H, K> {
    /// Its number among all handlers.
    pub const INDEX: usize = FIRST_PAIR + position(&PAIRS, H::INDEX, K::INDEX);
    /// How many bytes it takes.
    pub const LEN: usize = H::LEN + K::LEN - WORD;
}

impl<H: Handler, K: Handler, L: Handler> Triple<H, K, L> {
    /// Its number among all handlers.
    pub const INDEX: usize = FIRST_TRIPLE + position(&TRIPLES, Pair::<H, K>::INDEX, L::INDEX);
    /// How many bytes it takes.
    pub const LEN: usize = Pair::<H, K>::LEN + L::LEN - WORD;
}

impl<H: Handler, K: Handler, L: Handler, M: Handler> Quad<H, K, L, M> {
    /// Its number among all handlers.
    pub const INDEX: usize = FIRST_QUAD + position(&QUADS, Triple::<H, K, L>::INDEX, M::INDEX);
    /// How many bytes it takes.
    pub const LEN: usize = Triple::<H, K, L>::LEN + M::LEN - WORD;
}

/// Where pairs begin among the numbers of handlers.
const FIRST_PAIR: usize = FIRST_JOIN + JOIN_COUNT;
/// Where triples begin.
const FIRST_TRIPLE: usize = FIRST_PAIR + PAIRS.len();
/// Where fusions of four begin.
const FIRST_QUAD: usize = FIRST_TRIPLE + TRIPLES.len();
/// Where joins begin.
pub const FIRST_JOIN: usize = list::PLAIN;
/// How many joins there are.
pub const JOIN_COUNT: usize = JOINS.len();
/// How many fusions there are.
pub const FUSION_COUNT: usize = PAIRS.len() + TRIPLES.len() + QUADS.len();
/// How many handlers are in the list.
pub const COUNT: usize = JOIN_COUNT + FUSION_COUNT;

/// The position of a join; it must be there.
pub const fn join_position(parts: [u16; 3], target: usize) -> usize {
    let mut at = 0;
    loop {
        let [first, second, op, to] = JOINS[at];
        if first == parts[0] && second == parts[1] && op == parts[2] && to as usize == target {
            return at;
        }
        at += 1;
    }
}

/// The position of a row; it must be there.
const fn position<const N: usize>(rows: &[[u16; 2]; N], first: usize, second: usize) -> usize {
    let mut at = 0;
    while rows[at][0] as usize != first || rows[at][1] as usize != second {
        at += 1;
    }
    at
}

/// How many there are, which may be none.
const fn count(rows: &[&str]) -> usize {
    rows.len()
}

macro_rules! define_tables {
    (
        { $([$h:ty][$k:ty];)* } { $([$a:ty][$b:ty][$c:ty];)* }
        { $([$p:ty][$q:ty][$s:ty][$t:ty];)* }
        { $([$o:ty][$y:ty][$d:ty];)* }
    ) => {
        /// The numbers of the parts of each pair.
        pub(super) const PAIRS: [[u16; 2]; count(&[$(stringify!($h $k)),*])] =
            [$([<$h as Handler>::INDEX as u16, <$k as Handler>::INDEX as u16]),*];
        /// The numbers of the pair that each triple begins with, and of its last part.
        pub(super) const TRIPLES: [[u16; 2]; count(&[$(stringify!($a $b $c)),*])] =
            [$([Pair::<$a, $b>::INDEX as u16, <$c as Handler>::INDEX as u16]),*];
        /// The numbers of the triple that each fusion of four begins with, and of its last part.
        pub(super) const QUADS: [[u16; 2]; count(&[$(stringify!($p $q $s $t)),*])] =
            [$([Triple::<$p, $q, $s>::INDEX as u16, <$t as Handler>::INDEX as u16]),*];
        /// For each join the instructions that it takes the place of, the last by its operator.
        pub(super) const JOINS: [[u16; 4]; count(&[$(stringify!($o $y $d)),*])] =
            [$(join::row::<$o, $y, $d>()),*];
    };
}

mod tables {
    use super::super::control::*;
    use super::super::join::{self, *};
    use super::super::list::op;
    use super::super::memory::*;
    use super::super::numeric::*;
    use super::super::operand::*;
    use super::super::parametric::*;
    use super::super::variable::*;
    use super::super::vector::*;
    use super::super::{Handler, call::*};
    use super::{Pair, Triple, count};
    crate::for_each_fused!(define_tables);
}
use tables::{JOINS, PAIRS, QUADS, TRIPLES};

/// Brings rows of the same key together: for each key where its rows begin, which end where those
/// of the next one do, and the rows in that order.
const fn group<const ROWS: usize, const KEYS: usize>(
    keys: &[u16; ROWS],
) -> ([u16; KEYS], [u16; ROWS]) {
    let mut starts = [0; KEYS];
    let mut at = 0;
    while at < ROWS {
        starts[keys[at] as usize + 1] += 1;
        at += 1;
    }
    at = 0;
    while at + 1 < KEYS {
        starts[at + 1] += starts[at];
        at += 1;
    }
    let mut next = starts;
    let mut order = [0; ROWS];
    at = 0;
    while at < ROWS {
        let place = &mut next[keys[at] as usize];
        order[*place as usize] = at as u16;
        *place += 1;
        at += 1;
    }
    (starts, order)
}

/// The numbers of parts, and of what they are fused to.
pub struct Fusions {
    /// For each number, where its rows begin; they end where those of the next number do.
    starts: [u16; list::COUNT + 1],
    /// Number of the second part, and of the fused handler.
    rows: [[u16; 2]; FUSION_COUNT],
}

impl Fusions {
    const fn new() -> Fusions {
        let mut all = [[0; 2]; FUSION_COUNT];
        let mut firsts = [0; FUSION_COUNT];
        let mut at = 0;
        while at < FUSION_COUNT {
            all[at] = if at < PAIRS.len() {
                PAIRS[at]
            } else if at < PAIRS.len() + TRIPLES.len() {
                TRIPLES[at - PAIRS.len()]
            } else {
                QUADS[at - PAIRS.len() - TRIPLES.len()]
            };
            firsts[at] = all[at][0];
            at += 1;
        }
        let (starts, order) = group(&firsts);
        let mut rows = [[0; 2]; FUSION_COUNT];
        at = 0;
        while at < FUSION_COUNT {
            let row = order[at] as usize;
            rows[at] = [all[row][1], (FIRST_PAIR + row) as u16];
            at += 1;
        }
        Fusions { starts, rows }
    }

    /// What two instructions that follow each other become, if `most_parts` may be fused.
    pub fn find(&self, first: u16, second: u16, most_parts: usize) -> Option<u16> {
        let begins = [FIRST_PAIR, FIRST_TRIPLE, FIRST_QUAD];
        let parts = 1 + begins.iter().filter(|&&begin| first as usize >= begin).count();
        if parts >= most_parts {
            return None;
        }
        let (start, end) = (self.starts[first as usize], self.starts[first as usize + 1]);
        let rows = &self.rows[start as usize..end as usize];
        rows.iter().find(|row| row[0] == second).map(|row| row[1])
    }
}

/// All fusions.
pub static FUSIONS: Fusions = Fusions::new();

/// Joins by the last of the instructions that they take the place of.
pub struct Joins {
    /// For each number of a plain handler, where its rows begin.
    starts: [u16; list::PLAIN + 1],
    /// The instruction before, the operator, and the number of the join.
    rows: [[u16; 3]; JOIN_COUNT],
}

impl Joins {
    const fn new() -> Joins {
        let mut lasts = [0; JOIN_COUNT];
        let mut at = 0;
        while at < JOIN_COUNT {
            lasts[at] = JOINS[at][1];
            at += 1;
        }
        let (starts, order) = group(&lasts);
        let mut rows = [[0; 3]; JOIN_COUNT];
        at = 0;
        while at < JOIN_COUNT {
            let row = order[at] as usize;
            let [first, _, op, _] = JOINS[row];
            rows[at] = [first, op, (FIRST_JOIN + row) as u16];
            at += 1;
        }
        Joins { starts, rows }
    }

    /// All joins that take the place of an instruction: what has to be before it, the operator
    /// behind it, and the join that puts its result in the accumulator.
    pub fn of(&self, last: u16) -> &[[u16; 3]] {
        let Some(&[start, end]) = self.starts.get(last as usize..last as usize + 2) else {
            return &[];
        };
        &self.rows[start as usize..end as usize]
    }
}

/// All joins.
pub static JOINS_BY_PART: Joins = Joins::new();

#[cfg(test)]
mod tests;
