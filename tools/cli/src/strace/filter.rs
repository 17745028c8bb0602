//! Which calls are shown.

/// A set of functions, or all but these.
#[derive(Clone, Debug)]
pub struct Filter {
    names: Vec<String>,
    is_negated: bool,
}

/// Functions by what they are for; a name ending in `_` stands for all that begin so.
const GROUPS: &[(&str, &[&str])] = &[
    ("filesystem", &["fd_", "path_"]),
    ("file", &["path_"]),
    ("descriptor", &["fd_"]),
    ("clock", &["clock_"]),
    ("random", &["random_"]),
    ("poll", &["poll_"]),
    ("process", &["proc_", "sched_"]),
    ("environment", &["args_", "environ_"]),
    ("network", &["sock_"]),
];

macro_rules! names {
    ($($name:ident($($param:ident: $ty:ty),*) -> $ret:ident;)*) => { &[$(stringify!($name)),*] };
}

/// All functions.
const NAMES: &[&str] = rwasm::wasi::for_each_p1_function!(names);

impl Default for Filter {
    /// All functions.
    fn default() -> Self {
        Filter { names: Vec::new(), is_negated: true }
    }
}

impl Filter {
    /// What `text` says: `[trace=][!]NAME,NAME…`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix("trace=").unwrap_or(text);
        let (text, is_negated) = match text.strip_prefix('!') {
            Some(text) => (text, true),
            None => (text, false),
        };
        let mut names = Vec::new();
        for word in text.split(',').map(|word| word.strip_prefix('%').unwrap_or(word)) {
            if let Some((_, group)) = GROUPS.iter().find(|(name, _)| *name == word) {
                names.extend(group.iter().map(|&name| name.to_owned()));
            } else if NAMES.contains(&word) {
                names.push(word.to_owned());
            } else if word == "all" {
                names.push(String::new());
            } else if word != "none" {
                let groups = GROUPS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
                return Err(format!(
                    "`{word}` is neither a function of WASI nor one of: {groups}, all, none"
                ));
            }
        }
        Ok(Filter { names, is_negated })
    }

    /// Whether the function is shown.
    pub fn shows(&self, name: &str) -> bool {
        let is = |other: &String| match other.is_empty() || other.ends_with('_') {
            true => name.starts_with(other.as_str()),
            false => name == other,
        };
        self.names.iter().any(is) != self.is_negated
    }
}

#[test]
fn filters_are_groups_and_names() {
    let shows = |filter, names: [&str; 4]| {
        let filter = Filter::parse(filter).unwrap();
        names.map(|name| filter.shows(name))
    };
    let names = ["fd_write", "path_open", "clock_time_get", "proc_exit"];
    assert_eq!(shows("trace=filesystem", names), [true, true, false, false]);
    assert_eq!(shows("file,fd_write", names), [true, true, false, false]);
    assert_eq!(shows("!%clock,process", names), [true, true, false, false]);
    assert_eq!(shows("none", names), [false; 4]);
    assert_eq!(shows("all", names), [true; 4]);
    assert!(names.iter().all(|name| Filter::default().shows(name)));
    assert!(Filter::parse("fd_wriet").is_err());
}
