//! What is measured: one list for criterion and for the table.

use crate::engines::{HostCall, Peer, Rwasm, Stitch, Wasmi, Work};
use crate::kernels::{self, Kernel, Size};
use crate::{Result, probe};
use std::hint::black_box;
use std::sync::Arc;

/// One thing to measure with several engines.
pub struct Case {
    /// The group that it belongs to.
    pub group: &'static str,
    /// Its name within the group.
    pub name: String,
    /// How many bytes of a module are worked on, if that is what it is about.
    pub bytes: Option<u64>,
    /// Whether it may use all cores, and so is measured in wall time.
    pub all_cores: bool,
    /// Gets everything ready; results are checked here.
    pub make: Box<dyn Fn() -> Vec<Entry>>,
}

impl Case {
    fn new(group: &'static str, name: &str, make: impl Fn() -> Vec<Entry> + 'static) -> Case {
        Case { group, name: name.into(), bytes: None, all_cores: false, make: Box::new(make) }
    }

    fn of_bytes(mut self, wasm: &[u8]) -> Case {
        self.bytes = Some(wasm.len() as u64);
        self
    }
}

/// An engine's part in a case. The first of a case is ours, which the others are compared with.
pub struct Entry {
    /// The engine.
    pub engine: &'static str,
    /// What to measure, or why there is nothing.
    pub work: Result<Work>,
    /// Whether a reason is a failure of the benchmark, rather than a lack of a peer.
    pub required: bool,
}

/// How large the guests' kernels are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sizes {
    /// For criterion.
    Small,
    /// For the table.
    Full,
}

/// Everything.
pub fn all(sizes: Sizes) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for kernel in kernels::own()?.into_iter().chain(kernels::guests()?) {
        cases.push(kernel_case(kernel, sizes));
    }
    let small = Kernel::by_name("fib")?;
    let mut programs = kernels::programs()?;
    programs.push(("small", small.wasm.clone()));
    let large = kernels::large_instance()?;
    let host_calls = kernels::host_calls()?;
    let programs = programs.into_iter().map(|(name, wasm)| (name, Arc::<[u8]>::from(wasm)));
    let programs: Vec<_> = programs.collect();
    for (name, wasm) in &programs {
        cases.push(validate_case(name, wasm, false));
    }
    if let [(name, wasm), _, ..] = &programs[..] {
        cases.push(validate_case(name, wasm, true));
    }
    for group in ["compile-eager", "compile-lazy", "compile-laziest"] {
        cases.extend(programs.iter().map(|(name, wasm)| compile_case(group, name, wasm)));
    }
    for group in ["first-call", "first-call-laziest"] {
        cases.extend(programs.iter().map(|(name, wasm)| start_case(group, name, wasm)));
    }
    cases.push(instantiate_case("small", small.wasm));
    cases.push(instantiate_case("large", large));
    for which in [
        HostCall::GuestToHostNone,
        HostCall::GuestToHostFour,
        HostCall::HostToGuestNone,
        HostCall::HostToGuestFour,
    ] {
        cases.push(host_case(which, host_calls.clone()));
    }
    Ok(cases)
}

fn kernel_case(kernel: Kernel, sizes: Sizes) -> Case {
    let Kernel { group, name, wasm, small, full } = kernel;
    let size = if sizes == Sizes::Small { small } else { full };
    let kernel = name.clone();
    let make = move || {
        let peers: [Box<dyn Peer>; 4] = [
            Box::new(Rwasm::TAIL),
            Box::new(Wasmi::EAGER),
            Box::new(Stitch),
            Box::new(Rwasm::LOOP),
        ];
        let entry = |peer: Box<dyn Peer>| Entry {
            engine: peer.name(),
            work: kernel_work(&*peer, &kernel, &wasm, size),
            required: !peer.fragile(),
        };
        peers.into_iter().map(entry).collect()
    };
    Case::new(group, &name, make)
}

fn kernel_work(peer: &dyn Peer, name: &str, wasm: &[u8], size: Size) -> Result<Work> {
    if peer.fragile() {
        probe::kernel(peer.name(), name)?;
    }
    let mut run = peer.kernel(wasm)?;
    let result = run(size.n)?;
    if result != size.expected {
        return Err(format!("wrong result {result} instead of {}", size.expected));
    }
    Ok(Box::new(move || {
        black_box(run(size.n).expect("it ran before"));
    }))
}

/// Decoding and validating, on one core or with all.
fn validate_case(name: &str, wasm: &Arc<[u8]>, all_cores: bool) -> Case {
    let bytes = wasm.clone();
    let make = move || {
        let ours = bytes.clone();
        let ours: Work = if all_cores {
            let engine = rwasm::Engine::default();
            Box::new(move || rwasm::Module::validate(&engine, &ours).expect("it is valid"))
        } else {
            let config = rwasm_parser::DecodeConfig::default();
            Box::new(move || {
                let module =
                    rwasm_parser::Module::decode(ours.clone(), &config).expect("it is valid");
                module.validate_bodies().expect("it is valid");
            })
        };
        let theirs = bytes.clone();
        let theirs: Work = Box::new(move || {
            let mut validator = wasmparser::Validator::new();
            black_box(validator.validate_all(&theirs).expect("it is valid"));
        });
        vec![
            Entry { engine: "rwasm", work: Ok(ours), required: true },
            Entry { engine: "wasmparser", work: Ok(theirs), required: true },
        ]
    };
    let group = if all_cores { "validate-all-cores" } else { "validate" };
    Case { all_cores, ..Case::new(group, name, make).of_bytes(wasm) }
}

/// An engine and a module of bytes: `compile-eager` translates everything; `compile-lazy` validates
/// everything and leaves translation for later; `compile-laziest` leaves validation for later too.
fn compile_case(group: &'static str, name: &str, wasm: &Arc<[u8]>) -> Case {
    let bytes = wasm.clone();
    let make = move || match group {
        "compile-eager" => vec![
            once(Rwasm::EAGER, &bytes, Peer::compile),
            once(Wasmi::EAGER, &bytes, Peer::compile),
        ],
        "compile-lazy" => vec![
            once(Rwasm::TAIL, &bytes, Peer::compile),
            once(Wasmi::LAZY_TRANSLATION, &bytes, Peer::compile),
            once(Stitch, &bytes, Peer::compile),
        ],
        _ => {
            vec![once(Rwasm::LAZY, &bytes, Peer::compile), once(Wasmi::LAZY, &bytes, Peer::compile)]
        }
    };
    Case::new(group, name, make).of_bytes(wasm)
}

/// From bytes to the first call: `first-call` with everything validated, which is also compared
/// with translating everything; `first-call-laziest` with nothing validated but what is called.
fn start_case(group: &'static str, name: &str, wasm: &Arc<[u8]>) -> Case {
    let bytes = wasm.clone();
    let make = move || match group {
        "first-call" => vec![
            once(Rwasm::TAIL, &bytes, Peer::start),
            once(Wasmi::LAZY_TRANSLATION, &bytes, Peer::start),
            once(Wasmi::EAGER, &bytes, Peer::start),
            once(Stitch, &bytes, Peer::start),
        ],
        _ => vec![once(Rwasm::LAZY, &bytes, Peer::start), once(Wasmi::LAZY, &bytes, Peer::start)],
    };
    Case::new(group, name, make).of_bytes(wasm)
}

/// What an engine does from bytes on, tried once.
fn once<P: Peer + 'static>(
    peer: P,
    wasm: &Arc<[u8]>,
    what: fn(&P, &Arc<[u8]>) -> Result<()>,
) -> Entry {
    let (engine, required) = (peer.name(), !peer.fragile());
    let wasm = wasm.clone();
    let work = what(&peer, &wasm)
        .map(|()| -> Work { Box::new(move || what(&peer, &wasm).expect("it worked before")) });
    Entry { engine, work, required }
}

fn instantiate_case(name: &str, wasm: Vec<u8>) -> Case {
    let make = move || {
        let peers: [&dyn Peer; 3] = [&Rwasm::TAIL, &Wasmi::LAZY_TRANSLATION, &Stitch];
        let entry = |peer: &dyn Peer| Entry {
            engine: peer.name(),
            work: peer.instantiate(&wasm),
            required: !peer.fragile(),
        };
        peers.map(entry).into()
    };
    Case::new("instantiate", name, make)
}

fn host_case(which: HostCall, wasm: Vec<u8>) -> Case {
    let make = move || {
        let peers: [&dyn Peer; 4] = [&Rwasm::TAIL, &Wasmi::EAGER, &Stitch, &Rwasm::LOOP];
        let entry = |peer: &dyn Peer| Entry {
            engine: peer.name(),
            work: peer.host_calls(&wasm, which),
            required: !peer.fragile(),
        };
        peers.map(entry).into()
    };
    let name = match which {
        HostCall::GuestToHostNone => "guest-to-host-0",
        HostCall::GuestToHostFour => "guest-to-host-4",
        HostCall::HostToGuestNone => "host-to-guest-0",
        HostCall::HostToGuestFour => "host-to-guest-4",
    };
    Case::new("host-calls", name, make)
}
