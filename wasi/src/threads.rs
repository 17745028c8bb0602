//! wasi-threads: the function `thread-spawn` of the module `wasi`, which toolchains for threads
//! produce.
//!
//! A thread is a store of its own with a new instance of the same module; what it has in common
//! with the others is the module's shared memory and whatever the host's data shares. It begins in
//! the export `wasi_thread_start`. Spec: WebAssembly/wasi-threads.
//!
//! A guest ends as a whole: when one thread traps or calls `proc_exit`, the others are stopped. For
//! that the engine has to look at the epoch ([`Store::set_epoch_deadline`]), and the deadline of each
//! store has to be the next one, without a callback that goes on.

use crate::Interrupt;
use rwasm_runtime::{
    Caller, Engine, Error, ExternType, InstancePre, Linker, Module, Result, SharedMemory, Store,
};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// The module that `thread-spawn` is imported from.
pub const MODULE: &str = "wasi";
/// The function that begins a thread.
pub const SPAWN: &str = "thread-spawn";
/// The export in which a thread begins.
pub const START: &str = "wasi_thread_start";

/// The numbers of threads are below this.
const MAX_ID: u32 = 1 << 29;
/// How many threads of a guest run at once, unless the embedder wants another number.
const MAX_THREADS: usize = 1 << 10;

/// What `thread-spawn` gives where no thread can be begun: the errno `again`, negated.
const AGAIN: i32 = -6;

/// The threads of a guest.
///
/// ```
/// use rwasm_runtime::{Linker, Module, Store};
/// use rwasm_wasi::threads::{self, WasiThreads};
/// use std::sync::Arc;
///
/// #[derive(Clone)]
/// struct State { threads: Option<Arc<WasiThreads<State>>> }
///
/// fn start(linker: &mut Linker<State>, store: &mut Store<State>, module: &Module)
/// -> rwasm_runtime::Result<()> {
///     threads::add_to_linker(linker, store, module, |state| state.threads.as_ref())?;
///     let threads = WasiThreads::new(linker, module, State::clone)?;
///     store.data_mut().threads = Some(Arc::new(threads));
///     Ok(())
/// }
/// ```
pub struct WasiThreads<T: 'static> {
    instance: InstancePre<T>,
    /// The host's data of a new thread.
    fork: Box<dyn Fn(&T) -> T + Send + Sync>,
    /// What limits the store of a new thread.
    prepare: Option<Box<Prepare<T>>>,
    engine: Engine,
    interrupt: Option<Interrupt>,
    max_threads: usize,
    next: AtomicU32,
    running: Arc<AtomicUsize>,
    is_over: AtomicBool,
    ended: Mutex<Option<Error>>,
    handles: Mutex<Vec<JoinHandle<()>>>,
}

type Prepare<T> = dyn Fn(&mut Store<T>) + Send + Sync;

/// Defines `thread-spawn` in `linker`, and each shared memory that `module` imports and nobody
/// defined: one that counts against the limits of `store`. `get` finds the guest's threads in the
/// store's data.
///
/// # Errors
///
/// If `linker` has the name already, or there is no room for a memory.
pub fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    store: &mut Store<T>,
    module: &Module,
    get: impl Fn(&T) -> Option<&Arc<WasiThreads<T>>> + Copy + Send + Sync + 'static,
) -> Result<()> {
    linker.func_wrap(MODULE, SPAWN, move |caller: Caller<'_, T>, argument: i32| {
        match get(caller.data()) {
            Some(threads) => threads.spawn(caller.data(), argument),
            None => AGAIN,
        }
    })?;
    for import in module.imports() {
        if let ExternType::Memory(ty) = import.ty()
            && ty.is_shared()
        {
            let memory = SharedMemory::new_in(&mut *store, ty)?;
            linker.define(&*store, import.module(), import.name(), memory)?;
        }
    }
    Ok(())
}

impl<T: Send + 'static> WasiThreads<T> {
    /// The threads of a guest that is an instance of `module` with the imports that `linker` has.
    /// `fork` makes the data of a new thread's store from that of the thread which begins it.
    ///
    /// # Errors
    ///
    /// If an import is missing or belongs to one store alone, or the module has no function
    /// `wasi_thread_start`.
    pub fn new(
        linker: &Linker<T>,
        module: &Module,
        fork: impl Fn(&T) -> T + Send + Sync + 'static,
    ) -> Result<Self> {
        let starts = match module.get_export(START) {
            Some(ExternType::Func(ty)) => ty.params().len() == 2 && ty.results().len() == 0,
            _ => false,
        };
        if !starts {
            return Err(Error::msg(
                "a guest with threads has to export `wasi_thread_start`, a function of two `i32`",
            ));
        }
        Ok(WasiThreads {
            instance: linker.instantiate_pre(module)?,
            fork: Box::new(fork),
            prepare: None,
            engine: module.engine().clone(),
            interrupt: None,
            max_threads: MAX_THREADS,
            next: AtomicU32::new(1),
            running: Arc::default(),
            is_over: AtomicBool::new(false),
            ended: Mutex::default(),
            handles: Mutex::default(),
        })
    }

    /// Prepares the store of each new thread with `prepare`: limits, fuel, callbacks.
    #[must_use]
    pub fn prepare(mut self, prepare: impl Fn(&mut Store<T>) + Send + Sync + 'static) -> Self {
        self.prepare = Some(Box::new(prepare));
        self
    }

    /// How many threads the guest may have at once besides its main one; 1024 unless this is called.
    /// Each has a stack of its own ([`EngineConfig::max_wasm_stack`]) and takes as much of it as it
    /// uses.
    ///
    /// [`EngineConfig::max_wasm_stack`]: rwasm_runtime::EngineConfig::max_wasm_stack
    #[must_use]
    pub fn max_threads(mut self, count: usize) -> Self {
        self.max_threads = count;
        self
    }

    /// Ends the guest's waits in WASI calls too when it is over.
    #[must_use]
    pub fn interrupt(mut self, interrupt: Interrupt) -> Self {
        self.interrupt = Some(interrupt);
        self
    }

    /// Begins a thread. Gives its number, or a negative one if there can be none.
    fn spawn(self: &Arc<Self>, data: &T, argument: i32) -> i32 {
        let running = Running::new(&self.running);
        if running.count > self.max_threads {
            return AGAIN;
        }
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        if id >= MAX_ID {
            self.next.store(MAX_ID, Ordering::Relaxed);
            return AGAIN;
        }
        let (threads, data) = (Arc::clone(self), (self.fork)(data));
        let thread = std::thread::Builder::new().spawn(move || {
            let _running = running;
            if let Err(error) = threads.run(data, id as i32, argument) {
                threads.end(Some(error));
            }
        });
        let Ok(handle) = thread else { return AGAIN };
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        handles.retain(|handle| !handle.is_finished());
        handles.push(handle);
        id as i32
    }

    fn run(&self, data: T, id: i32, argument: i32) -> Result<()> {
        let mut store = Store::new(&self.engine, data);
        store.set_epoch_deadline(1);
        if let Some(prepare) = &self.prepare {
            prepare(&mut store);
        }
        // Who ends the guest says so first and moves the epoch on then: whoever does not see the one
        // has based its deadline on what was before the other.
        fence(Ordering::SeqCst);
        if self.is_over.load(Ordering::SeqCst) {
            return Ok(());
        }
        let instance = self.instance.instantiate(&mut store)?;
        let start = instance.get_typed_func::<(i32, i32), ()>(&mut store, START)?;
        start.call(&mut store, (id, argument))
    }

    /// Stops all threads; `error` is why.
    fn end(&self, error: Option<Error>) {
        if self.is_over.swap(true, Ordering::SeqCst) {
            return;
        }
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = error;
        fence(Ordering::SeqCst);
        self.engine.increment_epoch();
        if let Some(interrupt) = &self.interrupt {
            interrupt.interrupt();
        }
    }

    /// Stops the guest after its main thread ended with `result`, and waits for its threads. Gives
    /// what the guest as a whole ended with: the first of what its threads ended with.
    ///
    /// # Errors
    ///
    /// With what a thread ended with before the main thread did, else with that of `result`.
    pub fn finish<R>(&self, result: Result<R>) -> Result<R> {
        self.end(None);
        loop {
            let handles =
                std::mem::take(&mut *self.handles.lock().unwrap_or_else(PoisonError::into_inner));
            if handles.is_empty() {
                break;
            }
            for handle in handles {
                // A panic of a thread is its embedder's, who saw its message.
                let _ = handle.join();
            }
        }
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner).take();
        match ended {
            Some(error) => Err(error),
            None => result,
        }
    }
}

/// Counts a thread for as long as it runs.
struct Running {
    running: Arc<AtomicUsize>,
    /// How many run, with this one.
    count: usize,
}

impl Running {
    fn new(running: &Arc<AtomicUsize>) -> Self {
        let count = running.fetch_add(1, Ordering::Relaxed) + 1;
        Self { running: Arc::clone(running), count }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.running.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<T> std::fmt::Debug for WasiThreads<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WasiThreads").field("running", &self.running).finish_non_exhaustive()
    }
}
