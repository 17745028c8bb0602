//! Settings of an engine.

use rwasm_runtime::{DecodeLimits, Dispatch, EngineConfig, Features};

/// The settings of an [`Engine`](crate::Engine).
///
/// ```
/// use rwasm::{Config, Engine};
///
/// let mut config = Config::new();
/// config.consume_fuel(true).wasm_threads(false);
/// let engine = Engine::new(&config)?;
/// # Ok::<(), rwasm::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Config(pub(crate) EngineConfig);

macro_rules! proposals {
    ($($method:ident $feature:ident $what:literal;)*) => {$(
        #[doc = concat!("Whether modules may use ", $what, ".")]
        pub fn $method(&mut self, enable: bool) -> &mut Self {
            self.wasm_features(Features::$feature, enable)
        }
    )*};
}

impl Config {
    /// The settings that are used unless something else is asked for.
    pub fn new() -> Self {
        Config::default()
    }

    /// Whether code counts fuel, so that [`Store::set_fuel`](crate::Store::set_fuel) limits how
    /// much a guest executes. Off at first; a new store has no fuel.
    pub fn consume_fuel(&mut self, enable: bool) -> &mut Self {
        self.0.consume_fuel = enable;
        self
    }

    /// Whether code looks at the engine's epoch, so that
    /// [`Store::set_epoch_deadline`](crate::Store::set_epoch_deadline) limits how long a guest
    /// runs. Off at first; a new store's deadline has passed.
    pub fn epoch_interruption(&mut self, enable: bool) -> &mut Self {
        self.0.epoch_interruption = enable;
        self
    }

    /// How many bytes the frames of guests may take, for each store and each
    /// [`Execution`](crate::Execution). 8 MiB at first; memory is used as it is needed.
    pub fn max_wasm_stack(&mut self, bytes: usize) -> &mut Self {
        self.0.max_wasm_stack = bytes;
        self
    }

    /// How many bytes of the thread's own stack nested calls between guests and host functions may
    /// take. 512 KiB at first.
    pub fn max_native_stack(&mut self, bytes: usize) -> &mut Self {
        self.0.max_native_stack = bytes;
        self
    }

    /// How many bytes the structures, arrays and exceptions of a store may take together, at most
    /// 4 GiB. 1 GiB at first; memory is used as it is needed, and as far as the store's
    /// [limiter](crate::Store::limiter) lets it.
    pub fn max_gc_heap(&mut self, bytes: usize) -> &mut Self {
        self.0.max_gc_heap = bytes;
        self
    }

    /// Whether every allocation of an object frees unreachable ones first, which is slow and finds
    /// mistakes in the collector's knowledge of what is reachable. Off at first.
    pub fn gc_zeal(&mut self, enable: bool) -> &mut Self {
        self.0.gc_zeal = enable;
        self
    }

    /// Whether code computes the same bits on every machine: NaNs that an operator makes up are
    /// canonical. Off at first, when they are what the processor makes of them, as the
    /// specification allows. (Relaxed vector operators give the same bits everywhere either way.)
    ///
    /// What a guest learns from its imports is not the engine's affair, and neither is what threads
    /// do to a memory that they share.
    ///
    /// ```
    /// use rwasm::{Config, Engine, Instance, Module, Store};
    ///
    /// let engine = Engine::new(Config::new().deterministic(true))?;
    /// let module = Module::new(
    ///     &engine,
    ///     r#"(module (func (export "nan") (param f32) (result i32)
    ///         (i32.reinterpret_f32 (f32.div (local.get 0) (local.get 0)))))"#,
    /// )?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let nan = instance.get_typed_func::<f32, i32>(&mut store, "nan")?;
    /// assert_eq!(nan.call(&mut store, 0.0)?, 0x7fc0_0000);
    /// # Ok::<(), rwasm::Error>(())
    /// ```
    pub fn deterministic(&mut self, enable: bool) -> &mut Self {
        self.0.deterministic = enable;
        self
    }

    /// Whether errors carry the guest's backtrace. On at first.
    pub fn wasm_backtrace(&mut self, enable: bool) -> &mut Self {
        self.0.wasm_backtrace = enable;
        self
    }

    /// Whether errors that end a guest carry a [`WasmCoreDump`](crate::WasmCoreDump). Off at first.
    pub fn coredump_on_trap(&mut self, enable: bool) -> &mut Self {
        self.0.coredump_on_trap = enable;
        self
    }

    /// Whether functions are compiled with their module, instead of at their first call. Off at
    /// first.
    pub fn eager_compilation(&mut self, enable: bool) -> &mut Self {
        self.0.eager_compilation = enable;
        self
    }

    /// Whether functions are validated at their first call, instead of with their module; as the
    /// specification allows. Off at first. No function is executed without having been validated:
    /// calling one that is not valid ends the run with a [`DecodeError`](crate::DecodeError).
    ///
    /// Then a module is ready in a fraction of the time, which for large ones is what counts. With
    /// [eager compilation](Config::eager_compilation) it changes nothing.
    ///
    /// ```
    /// use rwasm::{Config, DecodeError, Engine, Instance, Module, Store};
    ///
    /// let engine = Engine::new(Config::new().lazy_validation(true))?;
    /// let module = Module::new(
    ///     &engine,
    ///     r#"(module (func (export "good")) (func (export "bad") (drop (i32.add))))"#,
    /// )?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// instance.get_typed_func::<(), ()>(&mut store, "good")?.call(&mut store, ())?;
    /// let bad = instance.get_typed_func::<(), ()>(&mut store, "bad")?;
    /// let error = bad.call(&mut store, ()).unwrap_err();
    /// assert!(matches!(error.downcast_ref(), Some(DecodeError::Invalid(_))));
    /// # Ok::<(), rwasm::Error>(())
    /// ```
    pub fn lazy_validation(&mut self, enable: bool) -> &mut Self {
        self.0.lazy_validation = enable;
        self
    }

    /// How the interpreter goes from one instruction to the next.
    pub fn dispatch(&mut self, dispatch: Dispatch) -> &mut Self {
        self.0.dispatch = dispatch;
        self
    }

    /// How large modules may be.
    pub fn limits(&mut self, limits: DecodeLimits) -> &mut Self {
        self.0.decode.limits = limits;
        self
    }

    /// Whether modules may use some proposals.
    pub fn wasm_features(&mut self, features: Features, enable: bool) -> &mut Self {
        self.0.decode.features.set(features, enable);
        self
    }

    proposals! {
        wasm_multi_value MULTI_VALUE "several results, and blocks with parameters";
        wasm_bulk_memory BULK_MEMORY "bulk operators and passive segments";
        wasm_reference_types REFERENCE_TYPES "references as values, and several tables";
        wasm_simd SIMD "vectors of 128 bits";
        wasm_relaxed_simd RELAXED_SIMD "vector operators with loose results";
        wasm_tail_call TAIL_CALL "tail calls";
        wasm_extended_const EXTENDED_CONST "arithmetic in constant expressions";
        wasm_multi_memory MULTI_MEMORY "several memories";
        wasm_memory64 MEMORY64 "memories and tables with 64-bit indices";
        wasm_function_references FUNCTION_REFERENCES "typed references to functions";
        wasm_gc GC "structures and arrays";
        wasm_exceptions EXCEPTIONS "exceptions and tags";
        wasm_threads THREADS "atomic operators and shared memories";
        wasm_wide_arithmetic WIDE_ARITHMETIC "128-bit addition and multiplication";
        wasm_custom_page_sizes CUSTOM_PAGE_SIZES "memories with pages of one byte";
        wasm_stack_switching STACK_SWITCHING "continuations";
        wasm_legacy_exceptions LEGACY_EXCEPTIONS "exceptions in the form before WebAssembly 3.0";
        wasm_custom_descriptors CUSTOM_DESCRIPTORS "descriptors of structures, and exact types";
    }
}
