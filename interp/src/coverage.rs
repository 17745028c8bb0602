//! Which handlers lowered code has led to, in builds with debug assertions: for the test that every
//! one of them is executed.

use crate::exec::Handler;
use crate::exec::aggregate::*;
use crate::exec::atomic::*;
use crate::exec::call::*;
use crate::exec::continuation::*;
use crate::exec::control::*;
use crate::exec::exception::*;
use crate::exec::fused::{Pair, Quad, Triple};
use crate::exec::join::*;
use crate::exec::list::{self, op};
use crate::exec::memory::*;
use crate::exec::numeric::*;
use crate::exec::operand::*;
use crate::exec::parametric::*;
use crate::exec::reference::*;
use crate::exec::table::*;
use crate::exec::variable::*;
use crate::exec::vector::*;
use crate::list_handlers;
use alloc::string::String;
use alloc::vec::Vec;
use core::any::type_name;
use core::sync::atomic::{AtomicBool, Ordering};
use rwasm_parser::{atomic_ops, custom_ops, memory_ops, vector_ops};

/// Whether finished code has a word that leads to the handler, by its number.
static SEEN: [AtomicBool; list::COUNT] = [const { AtomicBool::new(false) }; list::COUNT];

/// Finished code has words that lead to these handlers.
pub fn saw(handlers: impl Iterator<Item = u16>) {
    for handler in handlers {
        SEEN[handler as usize].store(true, Ordering::Relaxed);
    }
}

macro_rules! define_names {
    (
        { $($inlined:ty;)* } { $($called:ty;)* }
        { $([$h:ty][$k:ty];)* } { $([$a:ty][$b:ty][$c:ty];)* }
        { $([$p:ty][$q:ty][$s:ty][$t:ty];)* }
        { $([$o:ty][$y:ty][$d:ty];)* }
    ) => {
        /// Every handler: its number, and what it is called.
        static NAMES: &[(usize, fn() -> &'static str)] = &[
            $((<$inlined as Handler>::INDEX, type_name::<$inlined>),)*
            $((<$called as Handler>::INDEX, type_name::<$called>),)*
            $((Join::<$o, $y, $d>::INDEX, type_name::<Join<$o, $y, $d>>),)*
            $((<Pair<$h, $k>>::INDEX, type_name::<Pair<$h, $k>>),)*
            $((<Triple<$a, $b, $c>>::INDEX, type_name::<Triple<$a, $b, $c>>),)*
            $((<Quad<$p, $q, $s, $t>>::INDEX, type_name::<Quad<$p, $q, $s, $t>>),)*
        ];
    };
}
crate::for_each_handler!(define_names);

/// The handlers that no code lowered in this process has led to, sorted, and how many there are
/// in all.
pub fn unseen() -> (Vec<String>, usize) {
    let unseen = NAMES.iter().filter(|(number, _)| !SEEN[*number].load(Ordering::Relaxed));
    let mut unseen: Vec<String> = unseen.map(|(_, name)| short(name())).collect();
    unseen.sort();
    (unseen, NAMES.len())
}

/// A type's name without the modules that it and its parameters are in.
pub(crate) fn short(name: &str) -> String {
    let (mut short, mut word) = (String::new(), String::new());
    for letter in name.chars() {
        match letter {
            ':' => word.clear(),
            letter if letter.is_alphanumeric() || letter == '_' => word.push(letter),
            letter => {
                short.push_str(&core::mem::take(&mut word));
                short.extend((letter != ' ').then_some(letter));
            }
        }
    }
    short + &word
}
