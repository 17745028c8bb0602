//! The calls of a guest, told to somebody: what `rwasm strace` shows.
//!
//! A [`Tracer`] hears of every call with its arguments as what they mean (paths and not addresses) and
//! with what came of it. It changes nothing. A context without one does not look at anything.

mod args;
mod decode;
mod results;

use super::{Errno, Fail, GuestMemory, MODULE, Result, WasiP1Ctx, WasiTrap};
use args::arguments;
use decode::Decoder;
use results::results;

/// Who hears of a guest's calls.
pub trait Tracer: Send {
    /// The guest calls a function.
    fn enter(&mut self, name: &'static str) {
        let _ = name;
    }

    /// The function is done.
    fn leave(&mut self, call: Call);

    /// How many bytes to show of what is read and written, at most.
    fn most_bytes(&self) -> usize {
        64
    }
}

/// A call of a guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The function.
    pub name: &'static str,
    /// What it was given, by the specification's names.
    pub args: Vec<Field>,
    /// What came of it.
    pub outcome: CallOutcome,
}

/// Something that has a name.
pub type Field = (&'static str, Value);

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// It succeeded, and gave this.
    Returned(Vec<Field>),
    /// The guest got an error.
    Failed(Errno),
    /// It did not return to the guest.
    Ended(WasiTrap),
}

/// A value, as what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Number(u64),
    /// A number that can be negative.
    Signed(i64),
    /// Bytes, such as a path or what is written: the first of them, and how many there are.
    Bytes(Vec<u8>, u64),
    /// One of several words of the specification.
    Word(&'static str),
    /// A set of words, and the bits that none stands for.
    Words(Vec<&'static str>, u64),
    /// Several values.
    List(Vec<Value>),
    /// Several values with names.
    Record(Vec<Field>),
    /// The address lies outside of the guest's memory.
    OutOfBounds,
}

impl WasiP1Ctx {
    /// From now on, `tracer` hears of every call.
    pub fn trace(&mut self, tracer: impl Tracer + 'static) {
        self.tracer = Some(Box::new(tracer));
    }
}

/// A parameter as it comes, without a sign.
pub(crate) trait Bits {
    fn bits(self) -> u64;
}

impl Bits for i32 {
    fn bits(self) -> u64 {
        u64::from(self as u32)
    }
}

impl Bits for i64 {
    fn bits(self) -> u64 {
        self as u64
    }
}

/// Calls `function`, which the guest knows as `name` of `version`, and tells the tracer if there is
/// one. `args` are its parameters as they came.
#[inline]
pub(crate) fn traced<const N: usize>(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    (version, name): (&'static str, &'static str),
    args: impl Fn() -> [(&'static str, u64); N],
    function: impl Fn(&mut WasiP1Ctx, &mut GuestMemory<'_>) -> Result,
) -> Result {
    match cx.tracer {
        None => function(cx, mem),
        Some(_) => tell(cx, mem, (version, name), &args(), &function),
    }
}

#[cold]
fn tell(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    (version, name): (&'static str, &'static str),
    args: &[(&'static str, u64)],
    function: &dyn Fn(&mut WasiP1Ctx, &mut GuestMemory<'_>) -> Result,
) -> Result {
    let Some(mut tracer) = cx.tracer.take() else { return function(cx, mem) };
    let (is_snapshot_0, most) = (version != MODULE, tracer.most_bytes());
    let decoder = Decoder { mem, name, args, is_snapshot_0, most };
    let shown = arguments(&decoder);
    tracer.enter(name);
    let result = function(cx, mem);
    let outcome = match result {
        Ok(()) => CallOutcome::Returned(results(&Decoder { mem, name, args, is_snapshot_0, most })),
        Err(Fail::Code(errno)) => CallOutcome::Failed(errno),
        Err(Fail::Trap(trap)) => CallOutcome::Ended(trap),
    };
    // A call that is still under way comes again.
    if !matches!(outcome, CallOutcome::Ended(WasiTrap::Pending(_))) {
        tracer.leave(Call { name, args: shown, outcome });
    }
    cx.tracer = Some(tracer);
    result
}
