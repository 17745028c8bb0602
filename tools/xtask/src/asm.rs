//! Assembly as the compiler writes it: functions, and where control goes from each instruction.

use std::collections::BTreeMap;

/// A function in assembly.
pub struct Function<'a> {
    /// Its symbol.
    pub name: &'a str,
    instrs: Vec<Instr<'a>>,
    /// Which instruction each label stands before.
    labels: BTreeMap<&'a str, usize>,
}

struct Instr<'a> {
    name: &'a str,
    operands: &'a str,
}

/// Where control goes from an instruction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Flow<'a> {
    /// To the one that follows.
    Next,
    /// To a symbol or label.
    Jump(&'a str),
    /// To a label, or to the one that follows.
    Branch(&'a str),
    /// To wherever a register or memory says.
    IndirectJump,
    /// To a function and back.
    Call(&'a str),
    /// To wherever a register or memory says, and back.
    IndirectCall,
    /// Out of the function, or nowhere.
    End,
}

/// All functions in `text`.
pub fn functions(text: &str) -> Vec<Function<'_>> {
    let mut functions: Vec<Function<'_>> = Vec::new();
    let mut declared = "";
    let mut inside = false;
    for line in text.lines() {
        let line = without_comment(line).trim();
        if let Some(ty) = line.strip_prefix(".type") {
            let (name, kind) = ty.trim().split_once(',').unwrap_or_default();
            declared =
                if kind.trim_start_matches(['@', '%', ' ']) == "function" { name } else { "" };
        } else if line.strip_prefix(".size").is_some() {
            inside = false;
        } else if let Some(label) = line.strip_suffix(':') {
            let label = label.trim_matches('"');
            if label == declared.trim_matches('"') && !label.is_empty() {
                inside = true;
                functions.push(Function { name: label, instrs: vec![], labels: BTreeMap::new() });
            } else if let (true, Some(function)) = (inside, functions.last_mut()) {
                function.labels.insert(label, function.instrs.len());
            }
        } else if let (true, false, false, Some(function)) =
            (inside, line.is_empty(), line.starts_with('.'), functions.last_mut())
        {
            let (name, operands) = line.split_once(['\t', ' ']).unwrap_or((line, ""));
            function.instrs.push(Instr { name, operands: operands.trim() });
        }
    }
    functions
}

/// Symbols that are other names of functions.
pub fn aliases(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let (name, _) = line.trim().strip_prefix(".set")?.split_once(',')?;
        Some(name.trim().trim_matches('"'))
    })
}

fn without_comment(line: &str) -> &str {
    let line = line.split("//").next().unwrap_or(line);
    line.split("\t#").next().unwrap_or(line)
}

impl<'a> Function<'a> {
    /// Where control goes from each instruction.
    pub fn flows(&self) -> impl Iterator<Item = Flow<'a>> {
        self.instrs.iter().map(Instr::flow)
    }

    /// Whether the function moves the stack pointer before its first branch: on every path.
    pub fn has_frame(&self) -> bool {
        let is_straight = |instr: &&Instr<'_>| matches!(instr.flow(), Flow::Next | Flow::Call(_));
        self.instrs.iter().take_while(is_straight).any(|instr| {
            let Instr { name, operands } = instr;
            name.starts_with("push")
                || (name.starts_with("sub") && operands.ends_with("%rsp"))
                || (*name == "sub" && operands.starts_with("sp,"))
                || (matches!(*name, "str" | "stp") && operands.ends_with("]!"))
        })
    }

    /// Whether an indirect jump can be reached behind the instruction `from`.
    pub fn goes_on_after(&self, from: usize) -> bool {
        let mut seen = vec![false; self.instrs.len()];
        let mut waiting = vec![from + 1];
        while let Some(at) = waiting.pop() {
            if at >= seen.len() || std::mem::replace(&mut seen[at], true) {
                continue;
            }
            let label = |name: &str| self.labels.get(name).copied();
            match self.instrs[at].flow() {
                Flow::IndirectJump => return true,
                Flow::End => {}
                Flow::Jump(to) => waiting.extend(label(to)),
                Flow::Branch(to) => waiting.extend(label(to).into_iter().chain([at + 1])),
                Flow::Next | Flow::Call(_) | Flow::IndirectCall => waiting.push(at + 1),
            }
        }
        false
    }
}

impl<'a> Instr<'a> {
    fn flow(&self) -> Flow<'a> {
        let last = self.operands.rsplit(',').next().unwrap_or_default().trim();
        // A function of another crate is called through a table of the linker.
        let outside = last.strip_prefix('*').and_then(|last| last.strip_suffix("@GOTPCREL(%rip)"));
        let target = outside.unwrap_or(last.strip_suffix("@PLT").unwrap_or(last));
        let indirect = last.starts_with('*') && outside.is_none();
        match self.name {
            "jmp" | "jmpq" if indirect => Flow::IndirectJump,
            "call" | "callq" if indirect => Flow::IndirectCall,
            "jmp" | "jmpq" | "b" => Flow::Jump(target),
            "call" | "callq" | "bl" => Flow::Call(target),
            "br" => Flow::IndirectJump,
            "blr" => Flow::IndirectCall,
            "ret" | "retq" | "ud2" | "int3" | "hlt" | "brk" | "udf" => Flow::End,
            "cbz" | "cbnz" | "tbz" | "tbnz" => Flow::Branch(target),
            name if name.starts_with("b.") => Flow::Branch(target),
            name if name.starts_with('j') => Flow::Branch(target),
            _ => Flow::Next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X86: &str = "
\t.type\tgood,@function
good:
\t.cfi_startproc
\tmovl\t8(%rdi), %eax\t# a comment
\ttestl\t%eax, %eax
\tje\t.LBB0_2
\tjmpq\t*(%rdi)
.LBB0_2:
\tpushq\t%rax
\tcallq\tcold@PLT
\tcallq\t*far@GOTPCREL(%rip)
\tpopq\t%rcx
\tretq
.Lfunc_end0:
\t.size\tgood, .Lfunc_end0-good
\t.type\tbad,@function
bad:
\tpushq\t%rax
\tcallq\t*(%rdi)
\tpopq\t%rcx
\tretq
\t.size\tbad, .Lfunc_end1-bad
\t.type\ttable,@object
table:
\t.quad\tgood
\t.set same, good
";

    const ARM: &str = "
\t.type\tgood,@function
good:
\tcbz\tw8, .LBB0_2
\tblr\tx9
\tb.lo\t.LBB0_2
\tbr\tx1 // on
.LBB0_2:
\tb\tcold
\t.size\tgood, 4
";

    #[test]
    fn control_flow_of_both_architectures_is_understood() {
        let [good, bad] = &functions(X86)[..] else { panic!("two functions") };
        assert_eq!((good.name, bad.name), ("good", "bad"));
        let flows: Vec<Flow<'_>> = good.flows().filter(|flow| *flow != Flow::Next).collect();
        assert_eq!(
            flows,
            [
                Flow::Branch(".LBB0_2"),
                Flow::IndirectJump,
                Flow::Call("cold"),
                Flow::Call("far"),
                Flow::End
            ]
        );
        assert!(!good.has_frame() && bad.has_frame() && good.goes_on_after(0));
        assert!(!good.goes_on_after(5) && !bad.goes_on_after(1));
        assert_eq!(aliases(X86).collect::<Vec<_>>(), ["same"]);

        let [good] = &functions(ARM)[..] else { panic!("one function") };
        let flows: Vec<Flow<'_>> = good.flows().collect();
        let (low, cold) = (Flow::Branch(".LBB0_2"), Flow::Jump("cold"));
        assert_eq!(flows, [low, Flow::IndirectCall, low, Flow::IndirectJump, cold]);
        assert!(!good.has_frame() && good.goes_on_after(1) && !good.goes_on_after(3));
    }
}
