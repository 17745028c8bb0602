//! Validation of all function bodies, on all cores if there is much to do.

use rwasm_parser::{DecodeError, Module};

/// Validates every function body.
pub fn bodies(module: &Module) -> Result<(), DecodeError> {
    #[cfg(feature = "std")]
    if let Some(result) = parallel::bodies(module) {
        return result;
    }
    module.validate_bodies()
}

#[cfg(feature = "std")]
mod parallel {
    use crate::sync::Mutex;
    use core::sync::atomic::{AtomicUsize, Ordering};
    use rwasm_parser::walk::{Scratch, validate};
    use rwasm_parser::{DecodeError, FuncIdx, Module};
    use std::sync::OnceLock;

    /// How many bytes of bodies make threads worth starting.
    const WORTH_THREADS: usize = 512 << 10;
    /// How many bodies a thread takes at once.
    const CHUNK: usize = 64;

    /// Validates on all cores, or returns `None` if that is not worth it.
    pub fn bodies(module: &Module) -> Option<Result<(), DecodeError>> {
        let bytes: usize = module.bodies.iter().map(|body| body.len()).sum();
        if bytes < WORTH_THREADS {
            return None;
        }
        // Asked once: it reads half a dozen files.
        static CORES: OnceLock<usize> = OnceLock::new();
        let cores = || std::thread::available_parallelism().map_or(1, |cores| cores.get());
        let threads =
            (*CORES.get_or_init(cores)).min(bytes / (WORTH_THREADS / 4)).min(module.bodies.len());
        if threads < 2 {
            return None;
        }
        // The error reported is that of the first invalid function, whichever thread finds it.
        let next = AtomicUsize::new(0);
        let first = Mutex::new((module.bodies.len(), Ok(())));
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(|| work(module, &next, &first));
            }
            work(module, &next, &first);
        });
        Some(first.into_inner().1)
    }

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
