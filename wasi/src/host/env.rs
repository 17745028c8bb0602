//! The capability to know how one was started.

/// The capability to know the program's arguments and environment.
pub trait Env: Send {
    /// The arguments, the program's name first.
    fn args(&mut self) -> Vec<Vec<u8>>;

    /// The environment, each as `NAME=VALUE`.
    fn vars(&mut self) -> Vec<Vec<u8>>;
}

/// Arguments and environment fixed in advance.
#[derive(Clone, Debug, Default)]
pub struct FixedEnv {
    /// The arguments, the program's name first.
    pub args: Vec<Vec<u8>>,
    /// The environment, each as `NAME=VALUE`.
    pub vars: Vec<Vec<u8>>,
}

impl Env for FixedEnv {
    fn args(&mut self) -> Vec<Vec<u8>> {
        self.args.clone()
    }

    fn vars(&mut self) -> Vec<Vec<u8>> {
        self.vars.clone()
    }
}
