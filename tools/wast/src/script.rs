//! The directives of a script, one after the other, and those of its threads beside them.

use crate::context::Context;
use crate::directive;
use crate::lines::Lines;
use crate::report::{Directive, Kind, Outcome, Report, Verdict};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Scope, ScopedJoinHandle};
use wast::{WastDirective, WastThread};

/// Where directives run: threads of a script may not outlive it.
#[derive(Clone, Copy)]
pub struct Script<'scope, 'env> {
    pub scope: &'scope Scope<'scope, 'env>,
    pub lines: &'env Lines,
}

type Threads<'scope> = HashMap<String, ScopedJoinHandle<'scope, Report>>;

impl<'scope, 'env> Script<'scope, 'env> {
    /// Runs `directives` in `cx`, and reports on them and on those of the threads they begin.
    pub fn run(self, mut cx: Context, directives: Vec<WastDirective<'env>>) -> Report {
        let mut report = Report::default();
        let mut threads = Threads::new();
        for directive in directives {
            let line = self.lines.line(directive.span().offset());
            let kind = Kind::of(&directive);
            let (outcome, verdict) = match directive {
                WastDirective::Thread(thread) => (self.begin(&mut cx, &mut threads, thread), None),
                WastDirective::Wait { thread, .. } => match threads.remove(thread.name()) {
                    Some(handle) => (join(&mut report, handle), None),
                    None => (Outcome::Failed(format!("no thread ${} runs", thread.name())), None),
                },
                directive => guarded(&mut cx, directive),
            };
            report.directives.push(Directive { line, kind, outcome, verdict });
        }
        // Nobody waits for these, but what they do counts.
        for (_, handle) in threads {
            join(&mut report, handle);
        }
        report
    }

    fn begin(
        self,
        cx: &mut Context,
        threads: &mut Threads<'scope>,
        thread: WastThread<'env>,
    ) -> Outcome {
        let cx = match cx.thread(thread.shared_module) {
            Ok(cx) => cx,
            Err(stop) => return Outcome::Failed(stop.to_string()),
        };
        let name = thread.name.name().to_owned();
        let handle = self.scope.spawn(move || self.run(cx, thread.directives));
        threads.insert(name, handle);
        Outcome::Passed
    }
}

/// Waits for a thread and takes over what it reports.
fn join(report: &mut Report, handle: ScopedJoinHandle<'_, Report>) -> Outcome {
    match handle.join() {
        Ok(thread) => {
            report.directives.extend(thread.directives);
            Outcome::Passed
        }
        Err(panic) => Outcome::Failed(panicked(&*panic)),
    }
}

/// Runs a directive; a panic is a failure like others.
fn guarded(cx: &mut Context, directive: WastDirective<'_>) -> (Outcome, Option<Verdict>) {
    let run = AssertUnwindSafe(|| directive::run(cx, directive));
    catch_unwind(run).unwrap_or_else(|panic| (Outcome::Failed(panicked(&*panic)), None))
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> String {
    let message = match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
        (Some(message), _) => message,
        (None, Some(message)) => *message,
        (None, None) => "no message",
    };
    format!("panicked: {message}")
}
