//! What an import lets a module do, and what has to be given to it for that.

use rwasm::wasi::{for_each_p1_function, p0, p1, threads};
use rwasm::{ExternType, ImportType};

/// Something that modules can be able to do.
#[derive(Debug)]
pub struct Capability {
    /// What it is about.
    pub name: &'static str,
    /// How a module gets it.
    pub grant: Grant,
    /// The functions of WASI that use it.
    functions: &'static [&'static str],
}

/// How a module gets a capability.
#[derive(Clone, Copy, Debug)]
pub enum Grant {
    /// By an option of `rwasm run`.
    Option(&'static str),
    /// Without one. The text says what else there is to say.
    Always(&'static str),
}

/// The capabilities, in the order in which they are shown. The functions for what is open already
/// are those of the standard streams: without any for files, nothing else can be open.
pub const CAPABILITIES: &[Capability] = &[
    Capability {
        name: "files",
        grant: Grant::Option("--dir HOST"),
        functions: &[
            "fd_advise",
            "fd_allocate",
            "fd_datasync",
            "fd_filestat_get",
            "fd_filestat_set_size",
            "fd_filestat_set_times",
            "fd_pread",
            "fd_prestat_dir_name",
            "fd_prestat_get",
            "fd_pwrite",
            "fd_readdir",
            "fd_sync",
            "path_create_directory",
            "path_filestat_get",
            "path_filestat_set_times",
            "path_link",
            "path_open",
            "path_readlink",
            "path_remove_directory",
            "path_rename",
            "path_symlink",
            "path_unlink_file",
        ],
    },
    Capability {
        name: "environment variables",
        grant: Grant::Option("--env NAME=VALUE"),
        functions: &["environ_get", "environ_sizes_get"],
    },
    Capability { name: "threads", grant: Grant::Option("--threads"), functions: &[] },
    Capability {
        name: "arguments",
        grant: Grant::Always("those that follow its file"),
        functions: &["args_get", "args_sizes_get"],
    },
    Capability {
        name: "standard streams",
        grant: Grant::Always("always there"),
        functions: &[
            "fd_close",
            "fd_fdstat_get",
            "fd_fdstat_set_flags",
            "fd_fdstat_set_rights",
            "fd_read",
            "fd_renumber",
            "fd_seek",
            "fd_tell",
            "fd_write",
        ],
    },
    Capability {
        name: "clocks and waiting",
        grant: Grant::Always("always there; `--clock virtual` gives it a time of its own"),
        functions: &["clock_res_get", "clock_time_get", "poll_oneoff", "sched_yield"],
    },
    Capability {
        name: "randomness",
        grant: Grant::Always("always there; `--seed N` gives it the same in every run"),
        functions: &["random_get"],
    },
    Capability {
        name: "exit",
        grant: Grant::Always("always there"),
        functions: &["proc_exit", "proc_raise"],
    },
    Capability {
        name: "sockets",
        grant: Grant::Option("--tcplisten ADDRESS:PORT"),
        functions: &["sock_accept", "sock_recv", "sock_send", "sock_shutdown"],
    },
];

/// What `files` is where a module can neither open a file nor list a directory, but asks for the
/// names of directories, as many do.
const NO_FILES: &Capability = &Capability {
    name: "files",
    grant: Grant::Always("none, as it has no function that opens one or lists them"),
    functions: &[],
};

impl Capability {
    /// What this one is to a module that has these imports by which it asks for it.
    pub fn used_by(&'static self, imports: &[ImportType<'_>]) -> &'static Self {
        let uses = |import: &ImportType<'_>| {
            import.name().starts_with("path_") || import.name() == "fd_readdir"
        };
        if self.name == NO_FILES.name && !imports.iter().any(uses) { NO_FILES } else { self }
    }

    /// The one that an import belongs to; `None` if rwasm does not provide it.
    pub fn of(import: &ImportType<'_>) -> Option<&'static Self> {
        let (module, name) = (import.module(), import.name());
        let ty = match import.ty() {
            ExternType::Func(ty) => ty.to_string(),
            ExternType::Memory(ty) if ty.is_shared() => return Self::named("threads"),
            _ => return None,
        };
        if (module, name) == (threads::MODULE, threads::SPAWN) && ty == "[i32] -> [i32]" {
            return Self::named("threads");
        }
        if provided(import)? == ty { Self::of_function(name) } else { None }
    }

    fn named(name: &str) -> Option<&'static Self> {
        CAPABILITIES.iter().find(|capability| capability.name == name)
    }

    fn of_function(name: &str) -> Option<&'static Self> {
        CAPABILITIES.iter().find(|capability| capability.functions.contains(&name))
    }
}

/// The type of the function that rwasm provides by the name of an import, which then can be had as
/// nothing else.
pub fn provided(import: &ImportType<'_>) -> Option<String> {
    match import.module() {
        p0::MODULE if import.name() == "sock_accept" => None,
        p0::MODULE | p1::MODULE => signature(import.name()),
        _ => None,
    }
}

macro_rules! signatures {
    ($($name:ident($($param:ident: $ty:ident),*) -> $ret:ident;)*) => {
        /// The type of a function of WASI, as it is shown.
        fn signature(name: &str) -> Option<String> {
            let (params, ret): (&[&str], _) = match name {
                $(stringify!($name) => (&[$(stringify!($ty)),*], stringify!($ret)),)*
                _ => return None,
            };
            let result = if ret == "errno" { "i32" } else { "" };
            Some(format!("[{}] -> [{result}]", params.join(" ")))
        }

        #[cfg(test)]
        const FUNCTIONS: &[&str] = &[$(stringify!($name)),*];
    };
}
for_each_p1_function!(signatures);

#[test]
fn every_function_belongs_to_one_capability() {
    for name in FUNCTIONS {
        let has_it = |capability: &&Capability| capability.functions.contains(name);
        assert_eq!(CAPABILITIES.iter().filter(has_it).count(), 1, "{name}");
    }
    let mut names = CAPABILITIES.iter().flat_map(|capability| capability.functions);
    assert!(names.all(|name| FUNCTIONS.contains(name)));
    assert!(Capability::named("threads").is_some());
    assert_eq!(signature("fd_close").as_deref(), Some("[i32] -> [i32]"));
    assert_eq!(signature("proc_exit").as_deref(), Some("[i32] -> []"));
}
