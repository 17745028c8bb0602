//! The engines, behind one trait.

mod rwasm;
mod stitch;
mod wasmi;

pub use rwasm::Rwasm;
pub use stitch::Stitch;
pub use wasmi::Wasmi;

use crate::Result;
use std::sync::Arc;

/// A kernel ready to run: calls its export `run` with a number.
pub type Kernel = Box<dyn FnMut(i32) -> Result<i64>>;

/// Something to measure.
pub type Work = Box<dyn FnMut()>;

/// How many calls between guest and host make one piece of [`Peer::host_calls`].
pub const HOST_CALLS: i32 = 1000;

/// Which calls between guest and host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum HostCall {
    GuestToHostNone,
    GuestToHostFour,
    HostToGuestNone,
    HostToGuestFour,
}

impl HostCall {
    /// The export of `host_calls.wat` that it calls.
    pub fn export(self) -> &'static str {
        match self {
            HostCall::GuestToHostNone => "run_none",
            HostCall::GuestToHostFour => "run_four",
            HostCall::HostToGuestNone => "leaf_none",
            HostCall::HostToGuestFour => "leaf_four",
        }
    }

    /// What must come out of [`HOST_CALLS`] calls.
    pub fn sum(self) -> i64 {
        let calls = i64::from(HOST_CALLS);
        match self {
            HostCall::GuestToHostNone | HostCall::HostToGuestNone => 0,
            // The host adds 3 and the counter, which goes down to one.
            HostCall::GuestToHostFour => calls * (calls + 1) / 2 + 3 * calls,
            HostCall::HostToGuestFour => calls * (calls - 1) / 2,
        }
    }
}

/// An engine with its settings.
pub trait Peer {
    /// How the tables call it.
    fn name(&self) -> &'static str;

    /// Whether it may bring the whole process down, and so is tried in another one first.
    fn fragile(&self) -> bool {
        false
    }

    /// A module without imports that exports `run: [i32] -> [i64]`, instantiated.
    fn kernel(&self, wasm: &[u8]) -> Result<Kernel>;

    /// Makes an engine and a module, and drops them.
    fn compile(&self, wasm: &Arc<[u8]>) -> Result<()>;

    /// From bytes to the first call: calls `run` with 1, or else `_start` of a module whose
    /// imported functions all fail, until it calls one of them.
    fn start(&self, wasm: &Arc<[u8]>) -> Result<()>;

    /// Makes a store and an instance of a module, and drops them.
    fn instantiate(&self, wasm: &[u8]) -> Result<Work>;

    /// [`HOST_CALLS`] calls with the module `host_calls.wat`.
    fn host_calls(&self, wasm: &[u8], which: HostCall) -> Result<Work>;
}

/// The engine of this name, with the settings that kernels run with.
pub fn by_name(name: &str) -> Result<Box<dyn Peer>> {
    let all: [Box<dyn Peer>; 8] = [
        Box::new(Rwasm::TAIL),
        Box::new(Rwasm::LOOP),
        Box::new(Rwasm::EAGER),
        Box::new(Rwasm::LAZY),
        Box::new(Wasmi::EAGER),
        Box::new(Wasmi::LAZY_TRANSLATION),
        Box::new(Wasmi::LAZY),
        Box::new(Stitch),
    ];
    let names: Vec<_> = all.iter().map(|peer| peer.name()).collect();
    let unknown = format!("no engine is called `{name}`; there are {}", names.join(", "));
    all.into_iter().find(|peer| peer.name() == name).ok_or(unknown)
}
