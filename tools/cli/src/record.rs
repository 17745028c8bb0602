//! `rwasm run --record`: what stands in a recording besides what the guest asked of the world.

use crate::exit::Stop;
use crate::run::{Done, RunArgs};
use rwasm::wasi::record::Recording;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::{Path, PathBuf};

/// What ran, and how: all that is needed to run it again.
#[derive(Deserialize, Serialize)]
pub struct About {
    /// What the file was called, for messages.
    file: String,
    /// The arguments, if they are a function's.
    args: Vec<String>,
    invoke: Option<String>,
    features: Vec<String>,
    trap_unknown_imports: bool,
    lazy_validation: bool,
    fuel: Option<u64>,
    max_memory: Option<u64>,
    /// The module, as the file had it.
    pub module: Vec<u8>,
}

impl About {
    fn new(args: &RunArgs, module: Vec<u8>) -> Self {
        let texts = args.args.iter().filter(|_| args.invoke.is_some());
        About {
            file: args.file.display().to_string(),
            args: texts.map(|text| text.to_string_lossy().into_owned()).collect(),
            invoke: args.invoke.clone(),
            features: args.engine.wasm.clone(),
            trap_unknown_imports: args.trap_unknown_imports,
            lazy_validation: args.lazy_validation,
            fuel: args.fuel,
            max_memory: args.max_memory,
            module,
        }
    }

    /// The arguments with which it runs again. They grant nothing.
    pub fn run_args(&self) -> RunArgs {
        let mut args = RunArgs {
            file: PathBuf::from(&self.file),
            args: self.args.iter().map(Into::into).collect(),
            invoke: self.invoke.clone(),
            trap_unknown_imports: self.trap_unknown_imports,
            lazy_validation: self.lazy_validation,
            fuel: self.fuel,
            max_memory: self.max_memory,
            ..RunArgs::default()
        };
        args.engine.wasm.clone_from(&self.features);
        args.engine.deterministic = true; // As every run that is recorded.
        args
    }
}

/// How a recorded run ended.
#[derive(Deserialize, Serialize)]
pub struct End {
    /// The status.
    pub status: u8,
    /// Of a guest whose time had passed: how much fuel it had used then.
    pub fuel_at_timeout: Option<u64>,
}

/// A run that is being recorded to a file.
pub struct Recorder {
    /// What records.
    pub recording: Recording,
    path: PathBuf,
}

impl Recorder {
    /// Begins a recording of `module` at `path`.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn begin(path: &Path, args: &RunArgs, module: Vec<u8>) -> Result<Self, Stop> {
        let about = postcard::to_stdvec(&About::new(args, module)).map_err(Stop::error)?;
        let recording = File::create(path).and_then(|file| Recording::begin(file, &about));
        let recording = recording.map_err(|error| failed(path, &error))?;
        Ok(Recorder { recording, path: path.to_owned() })
    }

    /// Completes the recording of a run. Says what there is to say of both, and gives the status:
    /// the guest's, unless all went well but the recording.
    pub fn finish(self, done: Done) -> u8 {
        let fuel_at_timeout = done.fuel_used.filter(|_| done.is_timed_out);
        let status = done.report();
        let end = postcard::to_stdvec(&End { status, fuel_at_timeout });
        let written = end.map_err(std::io::Error::other);
        match written.and_then(|end| self.recording.finish(&end)) {
            Ok(()) => status,
            Err(error) => {
                let said = failed(&self.path, &error).report();
                if status == 0 { said } else { status }
            }
        }
    }
}

fn failed(path: &Path, error: &std::io::Error) -> Stop {
    Stop::error(format!("--record {}: cannot write the recording: {error}", path.display()))
}
