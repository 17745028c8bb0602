//! Counts what the portable backend executes: operators, pairs and triples that follow each other,
//! and where in the code they are. Built for `cargo xtask opstats` alone, with `--cfg opstats`.
//!
//! The counts go to the file that `RWASM_OPSTATS` names whenever a run ends, one count a line.

extern crate std;

use crate::coverage;
use crate::exec::fused::Pair;
use crate::exec::{Handler, Regs, list};
use alloc::{format, string::String, vec::Vec};
use core::cell::RefCell;
use std::collections::HashMap;

/// What a handler is called, and how long its instructions are.
#[derive(Clone, Copy)]
pub struct Known {
    name: fn() -> &'static str,
    len: usize,
}

impl Known {
    /// Nothing.
    pub const NONE: Known = Known { name: || "", len: 0 };

    /// What is known of a handler.
    pub const fn of<H: Handler>() -> Known {
        Known { name: core::any::type_name::<H>, len: H::LEN }
    }

    /// The same of a fused one.
    pub const fn of_pair<H: Handler, K: Handler>() -> Known {
        Known { name: core::any::type_name::<Pair<H, K>>, len: Pair::<H, K>::LEN }
    }

    /// The handler's name without the modules it is in.
    fn short(&self) -> String {
        coverage::short((self.name)())
    }
}

struct Site {
    count: u64,
    op: u16,
    operands: Vec<u8>,
}

#[derive(Default)]
struct Seen {
    last: [u16; 2],
    total: u64,
    written: u64,
    triples: HashMap<[u16; 3], u64>,
    sites: HashMap<usize, Site>,
}

std::thread_local! {
    static SEEN: RefCell<Seen> = RefCell::default();
}

/// Counts the instruction that is next.
pub fn instruction(known: &[Known; list::COUNT], number: usize, r: &Regs) {
    let op = number as u16;
    SEEN.with_borrow_mut(|seen| {
        let [first, second] = seen.last;
        *seen.triples.entry([first, second, op]).or_default() += 1;
        seen.last = [second, op];
        seen.total += 1;
        let site = seen.sites.entry(r.ip as usize).or_insert_with(|| Site {
            count: 0,
            op,
            operands: (8..known[op as usize].len)
                // SAFETY: operands are behind the word.
                .map(|at| unsafe { *r.ip.wrapping_add(at) })
                .collect(),
        });
        site.count += 1;
    });
}

/// Writes the counts, unless too little was added to them to be worth it.
pub fn run_ended(known: &[Known; list::COUNT]) {
    SEEN.with_borrow_mut(|seen| {
        if seen.written > 0 && seen.total < seen.written + seen.written / 8 + 1000 {
            return;
        }
        seen.written = seen.total;
        let Some(path) = std::env::var_os("RWASM_OPSTATS") else { return };
        let name = |op: u16| known[op as usize].short();
        let mut text = format!("total {}\n", seen.total);
        for (ops, count) in &seen.triples {
            text += &format!("triple {count} {} {} {}\n", name(ops[0]), name(ops[1]), name(ops[2]));
        }
        for (at, site) in &seen.sites {
            text += &format!("site {} {at:x} {}", site.count, name(site.op));
            for pair in site.operands.chunks(2) {
                text += &format!(
                    " {}",
                    pair.iter().rev().fold(0, |all, &byte| all << 8 | u16::from(byte))
                );
            }
            text.push('\n');
        }
        if let Err(error) = std::fs::write(&path, text) {
            std::eprintln!("{}: {error}", path.display());
        }
    });
}
