//! What a walk tells its sink: operators that can be reached, and where control flows.

use rwasm_parser::ops::*;
use rwasm_parser::walk::*;
use rwasm_parser::*;

/// Writes down what it is told.
#[derive(Default)]
struct Record(Vec<String>);

macro_rules! record {
    ($($name:ident($($arg:ident: $ty:ty),*);)*) => {
        impl Sink for Record {
            type Error = String;

            fn begin(&mut self, ty: &FuncType, locals: &[(u32, ValType)]) -> Result<(), String> {
                self.0.push(format!("begin {ty} {locals:?}"));
                Ok(())
            }

            fn operator(&mut self, _: At, _: u8) -> Result<(), String> {
                Ok(())
            }

            $(fn $name(&mut self, _: At $(, $arg: $ty)*) -> Result<(), String> {
                let name = stringify!($name).trim_end_matches('_').to_owned();
                let words: Vec<String> = [name].into_iter()$(.chain([format!("{:?}", $arg)]))*.collect();
                self.0.push(words.join(" "));
                Ok(())
            })*
        }
    };
}

record! {
    unreachable();
    nop();
    block(a: BlockType<'_>);
    loop_(a: BlockType<'_>);
    if_(a: BlockType<'_>);
    else_(a: bool);
    end(a: bool);
    br(a: LabelIdx);
    br_if(a: LabelIdx);
    br_table(a: &[LabelIdx], b: LabelIdx);
    return_();
    call(a: FuncIdx, b: &FuncType);
    call_indirect(a: TableIdx, b: TypeIdx, c: &FuncType);
    call_ref(a: TypeIdx, b: &FuncType);
    return_call(a: FuncIdx, b: &FuncType);
    return_call_indirect(a: TableIdx, b: TypeIdx, c: &FuncType);
    return_call_ref(a: TypeIdx, b: &FuncType);
    br_on_null(a: LabelIdx);
    br_on_non_null(a: LabelIdx);
    br_on_cast(a: bool, b: LabelIdx, c: RefType, d: RefType);
    br_on_cast_desc_eq(a: bool, b: LabelIdx, c: RefType, d: RefType);
    throw(a: TagIdx, b: &[ValType]);
    throw_ref();
    try_table(a: BlockType<'_>, b: &[Catch]);
    try_(a: BlockType<'_>);
    catch(a: Option<TagIdx>, b: &[ValType], c: bool);
    delegate(a: LabelIdx, b: bool);
    rethrow(a: LabelIdx);
    cont_new(a: TypeIdx);
    cont_bind(a: TypeIdx, b: &[ValType]);
    suspend(a: TagIdx, b: &FuncType);
    resume(a: Resume<'_, '_>);
    switch(a: TagIdx, b: &[ValType], c: TypeIdx, d: &[ValType]);
    drop(a: ValType);
    select(a: ValType);
    local_get(a: LocalIdx, b: ValType);
    local_set(a: LocalIdx, b: ValType);
    local_tee(a: LocalIdx, b: ValType);
    global_get(a: GlobalIdx, b: ValType);
    global_set(a: GlobalIdx, b: ValType);
    table_get(a: TableIdx);
    table_set(a: TableIdx);
    table_size(a: TableIdx);
    table_grow(a: TableIdx);
    table_fill(a: TableIdx);
    table_copy(a: TableIdx, b: TableIdx);
    table_init(a: TableIdx, b: ElemIdx);
    elem_drop(a: ElemIdx);
    load(a: LoadOp, b: MemArg);
    store(a: StoreOp, b: MemArg);
    memory_size(a: MemIdx);
    memory_grow(a: MemIdx);
    memory_fill(a: MemIdx);
    memory_copy(a: MemIdx, b: MemIdx);
    memory_init(a: MemIdx, b: DataIdx);
    data_drop(a: DataIdx);
    ref_null(a: HeapType);
    ref_is_null();
    ref_func(a: FuncIdx);
    ref_eq();
    ref_as_non_null();
    ref_test(a: RefType);
    ref_cast(a: RefType);
    ref_get_desc(a: TypeIdx);
    ref_cast_desc_eq(a: RefType);
    aggregate(a: AggregateOp);
    constant(a: Const);
    unop(a: UnOp);
    binop(a: BinOp);
    testop(a: TestOp);
    relop(a: RelOp);
    cvtop(a: CvtOp);
    wideop(a: WideOp);
    vunop(a: VUnOp);
    vbinop(a: VBinOp);
    vternop(a: VTernOp);
    vtestop(a: VTestOp);
    vshiftop(a: VShiftOp);
    vsplat(a: VSplatOp);
    vextract(a: VExtractOp, b: u8);
    vreplace(a: VReplaceOp, b: u8);
    vshuffle(a: [u8; 16]);
    vload(a: VLoadOp, b: MemArg);
    vstore(a: VStoreOp, b: MemArg);
    vload_lane(a: VLoadLaneOp, b: MemArg, c: u8);
    vstore_lane(a: VStoreLaneOp, b: MemArg, c: u8);
    atomic_load(a: AtomicLoadOp, b: MemArg);
    atomic_store(a: AtomicStoreOp, b: MemArg);
    atomic_rmw(a: AtomicRmwOp, b: MemArg);
    atomic_cmpxchg(a: AtomicCmpxchgOp, b: MemArg);
    atomic_notify(a: MemArg);
    atomic_wait(a: bool, b: MemArg);
    atomic_fence();
}

/// The record of function 0 of a module in the text format.
fn record(text: &str) -> Vec<String> {
    let bytes = wat::parse_str(text).expect("the text is well formed");
    let config = DecodeConfig { features: Features::ALL, ..DecodeConfig::default() };
    let module = Module::decode(bytes, &config).expect("the module is valid");
    module.validate_bodies().expect("the bodies are valid");
    let mut sink = Record::default();
    walk(&module, FuncIdx(module.imported.funcs), &mut Scratch::default(), &mut sink)
        .expect("the body is valid");
    sink.0
}

#[test]
fn operators_come_in_order_and_with_their_types() {
    let record = record(
        "(module (func (param i32) (result i32) (local i64 i64)
            local.get 0 i32.const 7 i32.add (local.tee 0)))",
    );
    assert_eq!(
        record,
        [
            "begin [i32] -> [i32] [(2, i64)]",
            "local_get LocalIdx(0) i32",
            "constant I32(7)",
            "binop I32Add",
            "local_tee LocalIdx(0) i32",
            "end true",
        ]
    );
}

#[test]
fn unreachable_code_is_left_out_with_its_blocks() {
    let record = record(
        "(module (func
            block
                br 0
                i32.const 1 drop
                block loop br 1 end end
                (if (i32.const 0) (then nop) (else nop))
            end
            nop))",
    );
    assert_eq!(
        record,
        [
            "begin [] -> [] []",
            "block BlockType { params: [], results: [] }",
            "br LabelIdx(0)",
            "end false",
            "nop",
            "end true",
        ]
    );
}

#[test]
fn branches_of_an_if_say_whether_they_reach_its_end() {
    let record = record(
        "(module (func (param i32) (result i32)
            (if (result i32) (local.get 0)
                (then (return (i32.const 1)) (drop (i32.const 3)))
                (else (i32.const 2)))))",
    );
    assert_eq!(
        record[2..],
        [
            "if BlockType { params: [], results: [i32] }",
            "constant I32(1)",
            "return",
            "else false",
            "constant I32(2)",
            "end true",
            "end true",
        ]
    );
}

#[test]
fn labels_count_blocks_that_the_sink_knows() {
    let record = record(
        "(module (func (param i32)
            loop block block
                local.get 0
                br_table 0 1 2 3
            end end end))",
    );
    assert!(
        record.contains(&"br_table [LabelIdx(0), LabelIdx(1), LabelIdx(2)] LabelIdx(3)".to_owned())
    );
    assert_eq!(record[record.len() - 4..], ["end false", "end true", "end true", "end true"]);
}

#[test]
fn casts_and_exceptions_carry_their_types() {
    let record = record(
        "(module
            (type $s (struct (field (mut i32))))
            (tag $e (param i32))
            (func (param anyref) (result i32)
                (block $l (result (ref $s))
                    (br_on_cast $l anyref (ref $s) (local.get 0))
                    (drop) (return (i32.const 0)))
                drop
                (block $h (result i32 exnref)
                    (try_table (catch_ref $e $h) (throw $e (i32.const 1)))
                    (return (i32.const 2)))
                drop))",
    );
    assert!(record.contains(&"br_on_cast true LabelIdx(0) (ref null any) (ref 0)".to_owned()));
    assert!(record.contains(&"throw TagIdx(0) [i32]".to_owned()));
    let catch = "Catch { tag: Some(TagIdx(0)), with_ref: true, label: LabelIdx(0) }";
    let block = "BlockType { params: [], results: [] }";
    assert!(record.contains(&format!("try_table {block} [{catch}]")), "{record:#?}");
}

#[test]
fn errors_say_where_and_what() {
    let refused = |text: &str, features: Features| {
        let bytes = wat::parse_str(text).expect("the text is well formed");
        let config = DecodeConfig { features, ..DecodeConfig::default() };
        let result = Module::decode(bytes, &config).and_then(|module| module.validate_bodies());
        result.expect_err("the module is refused").to_string()
    };
    let all = Features::ALL;
    assert_eq!(
        refused("(module (func (result i32) (i64.const 1)))", all),
        "type mismatch: expected i32, found i64 (at offset 0x1a)"
    );
    assert_eq!(
        refused(
            "(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))",
            all.without(Features::THREADS)
        ),
        "illegal opcode: i32.atomic.load (needs the feature `threads`) (at offset 0x1e)"
    );
    assert_eq!(
        refused("(module (memory 1) (memory 1))", all.without(Features::MULTI_MEMORY)),
        "multiple memories (needs the feature `multi-memory`) (at offset 0xd)"
    );
}

#[test]
fn casts_to_descriptors_carry_their_types() {
    let record = record(
        "(module
            (rec
                (type $s (descriptor $d) (struct (field i32)))
                (type $d (describes $s) (struct)))
            (func (param anyref (ref null (exact $d))) (result anyref)
                (block $l (result (ref null (exact $s)))
                    (br_on_cast_desc_eq $l anyref (ref null (exact $s))
                        (local.get 0) (local.get 1))
                    (return (ref.cast_desc_eq (ref $s) (local.get 1))))
                ref.get_desc $s
                drop
                (struct.new_desc $s (i32.const 1) (local.get 1))))",
    );
    let expected = [
        "br_on_cast_desc_eq true LabelIdx(0) (ref null any) (ref null (exact 0))",
        "ref_cast_desc_eq (ref 0)",
        "ref_get_desc TypeIdx(0)",
        "drop (ref (exact 1))",
        "aggregate StructNewDesc(TypeIdx(0))",
    ];
    for line in expected {
        assert!(record.contains(&line.to_owned()), "no {line} in {record:#?}");
    }
}

#[test]
fn operators_of_features_that_are_off_are_refused() {
    for op in Op::all().filter(|op| op.feature() != Features::MVP) {
        let mut code = match op.opcode() {
            byte @ 0..=0xff => vec![byte as u8],
            prefixed => {
                let sub = prefixed & 0xffff;
                vec![(prefixed >> 16) as u8, sub as u8 | 0x80, (sub >> 7) as u8]
            }
        };
        code.extend([0; 20]);
        let mut bytes = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a".to_vec();
        bytes.extend([code.len() as u8 + 3, 1, code.len() as u8 + 1, 0]);
        bytes.extend(code);
        let features = Features::ALL.without(op.feature());
        let config = DecodeConfig { features, ..DecodeConfig::default() };
        let module = Module::decode(bytes, &config).expect("all but the body is valid");
        let error = module.validate_bodies().expect_err("the operator is off").to_string();
        let needs = format!("(needs the feature `{}`)", op.feature().name());
        assert!(error.contains(&needs), "{}: {error}", op.mnemonic());
    }
}

#[test]
fn custom_sections_are_read() {
    let bytes = wat::parse_str(
        "(module $m (func $f (param i32) (@metadata.code.branch_hint \"\\01\")
            (if (local.get 0) (then))) (func $g))",
    )
    .expect("the text is well formed");
    let module = Module::decode(bytes, &DecodeConfig::default()).expect("the module is valid");
    assert_eq!(module.names.module.as_deref(), Some("m"));
    assert_eq!(module.func_name(FuncIdx(1)), Some("g"));
    let hints: Vec<_> = module.branch_hints(FuncIdx(0)).collect();
    assert!(matches!(hints[..], [BranchHint { likely: true, .. }]), "{hints:?}");
    assert_eq!(module.branch_hints(FuncIdx(1)).count(), 0);
}

#[test]
fn names_of_functions_are_found_as_far_as_they_are_well_formed() {
    // A module that has nothing but names of functions.
    let name = |names: &[u8], func| {
        let mut bytes = b"\0asm\x01\0\0\0\0".to_vec();
        bytes.push(names.len() as u8 + 7);
        bytes.extend(b"\x04name\x01");
        bytes.push(names.len() as u8);
        bytes.extend(names);
        let module = Module::decode(bytes, &DecodeConfig::default()).expect("the module is valid");
        module.func_name(FuncIdx(func)).map(str::to_owned)
    };
    let two = b"\x02\x01\x01b\x03\x02dd";
    let found: Vec<_> = (0..5).map(|func| name(two, func)).collect();
    assert_eq!(found, [None, Some("b".into()), None, Some("dd".into()), None]);
    // More are announced than there are, and the last ends too early.
    assert_eq!(name(b"\x09\x01\x01b\x03\x05dd", 1), Some("b".into()));
    assert_eq!(name(b"\x09\x01\x01b\x03\x05dd", 3), None);
    // One that is no UTF-8 does not hide the next.
    assert_eq!(name(b"\x02\x01\x01\xff\x03\x02dd", 1), None);
    assert_eq!(name(b"\x02\x01\x01\xff\x03\x02dd", 3), Some("dd".into()));
    // Out of order: what is behind is not looked for.
    assert_eq!(name(b"\x02\x03\x02dd\x01\x01b", 1), None);
    assert_eq!(name(b"", 0), None);
}
