/* clang --target=wasm32 -O2 -gdwarf-4 -nostdlib -ffreestanding -fdebug-prefix-map=$PWD=/src
         -Wl,--no-entry -Wl,--export=run inlined.c -o inlined.wasm
   and the same with -gdwarf-5 for inlined_dwarf5.wasm */

static int quotient(int a, int b) {
    return a / b;
}

static inline int mean(int sum, int count) {
    int value = quotient(sum, count);
    return value * 2;
}

__attribute__((noinline)) static int report(int count) {
    return mean(100, count) + 1;
}

int run(int count) {
    return report(count - 3) + report(count);
}
