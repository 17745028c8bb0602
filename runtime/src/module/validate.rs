//! Decoding and validating modules, on all cores if there is much to do.

use rwasm_parser::{Bytes, DecodeConfig, DecodeError, Module};

/// Decodes a module and validates every function body.
pub fn decode<'a>(
    bytes: impl Into<Bytes<'a>>,
    config: &DecodeConfig,
) -> Result<Module<'a>, DecodeError> {
    #[cfg(feature = "std")]
    return parallel::decode(bytes, config);
    #[cfg(not(feature = "std"))]
    {
        let module = Module::decode(bytes, config)?;
        module.validate_bodies()?;
        Ok(module)
    }
}

#[cfg(feature = "std")]
mod parallel {
    use crate::sync::Mutex;
    use core::sync::atomic::{AtomicUsize, Ordering};
    use rwasm_parser::walk::{Scratch, validate};
    use rwasm_parser::{Bytes, DecodeConfig, DecodeError, FuncIdx, Module};
    use std::sync::OnceLock;

    /// How many bytes of bodies make threads worth starting.
    const WORTH_THREADS: usize = 512 << 10;
    /// How many bodies a thread takes at once.
    const CHUNK: usize = 64;

    /// Decodes a module and validates its bodies, on all cores if that is worth it.
    pub fn decode<'a>(
        bytes: impl Into<Bytes<'a>>,
        config: &DecodeConfig,
    ) -> Result<Module<'a>, DecodeError> {
        let head = Module::decode_head(bytes, config, WORTH_THREADS)?;
        let module = head.module();
        let bodies: usize = module.bodies.iter().map(|body| body.len()).sum();
        let most = (bodies / (WORTH_THREADS / 4)).min(module.bodies.len());
        let threads = if bodies < WORTH_THREADS { 1 } else { cores().min(most) };
        if threads < 2 {
            let rest = head.rest()?;
            let module = head.with(rest);
            module.validate_bodies()?;
            return Ok(module);
        }
        // The error reported is that of the first invalid function, whichever thread finds it, unless
        // what follows the bodies has one.
        let next = AtomicUsize::new(0);
        let first = Mutex::new((module.bodies.len(), Ok(())));
        let rest = std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| work(module, &next, &first));
            }
            let rest = head.rest();
            if rest.is_err() {
                first.lock().0 = 0;
            }
            work(module, &next, &first);
            rest
        });
        let rest = rest?;
        first.into_inner().1?;
        Ok(head.with(rest))
    }

    /// Asked once: it reads half a dozen files.
    fn cores() -> usize {
        static CORES: OnceLock<usize> = OnceLock::new();
        let ask = || std::thread::available_parallelism().map_or(1, |cores| cores.get());
        *CORES.get_or_init(ask)
    }

    /// How many bodies are to be validated, and what is wrong with the one behind them.
    type First = Mutex<(usize, Result<(), DecodeError>)>;

    fn work(module: &Module, next: &AtomicUsize, first: &First) {
        let mut scratch = Scratch::default();
        loop {
            let start = next.fetch_add(CHUNK, Ordering::Relaxed);
            let end = (start + CHUNK).min(first.lock().0);
            if start >= end {
                return;
            }
            for body in start..end {
                let func = FuncIdx(module.imported.funcs + body as u32);
                if let Err(error) = validate(module, func, &mut scratch) {
                    let mut first = first.lock();
                    if body < first.0 {
                        *first = (body, Err(error));
                    }
                    break;
                }
            }
        }
    }
}
