// Package kernel holds the arithmetic that reaches artifacts: float32 vector loops, float64
// elementary functions, and random streams. Everything in it gives the same bits on every machine,
// build tag, instruction set and Go release.
//
// # The contract of the float32 loops
//
//   - Every output element is computed by one fixed chain of operations, whose order its function
//     documents; a product that is added is fused (one rounding, FMA32). Loops are vectorised across
//     independent output elements only, never by splitting a chain. So block sizes, strides,
//     alignment and the instruction set cannot change a bit.
//   - A product whose first factor is signs is additions alone (SignMatMul), in groups of four.
//   - A product that may pass over zeros of its first factor (SparseMatMul) makes every zero +0, so that
//     what was passed over cannot be seen. The gradients of convolutions (ConvWeights, ConvInputs) do so, too.
//   - The portable Go code defines the result and is always compiled. AVX-512 and AVX2 code, made
//     by the generator in _gen, and NEON code written by hand compute the same bits; which one runs
//     is decided once, when the program starts (Path says which), by what the processor has,
//     GODEBUG=cpu.avx512f=off and the like, and the build tag noasm.
//   - Rounding is to nearest, ties to even; denormal numbers are neither flushed nor read as zero,
//     but that the optimizers' results are settled (see Settle).
//     Infinities, zeros and their signs are as IEEE 754 has them. Where the result is NaN it is NaN
//     on every path, but its sign and payload are not promised.
//   - Slices that are too short panic before anything is written; nothing outside the shapes given
//     is read or written. Outputs must not overlap inputs unless a function says so. Nothing is
//     allocated, but for rooms that calls share and keep: 33 KB for large products, and some images' size for convolutions.
//
// # Loops in float64
//
// RowDots, AddRows64 and LogLoss64 read float32 features and compute in float64 by the same rules, with
// math.FMA in place of FMA32; a sum along a row (RowDots) has eight interleaved chains and one order in which
// these are added. The sums of Moments and NormaliseGradient round each product before they add it. On amd64 all of
// these are vectors; on arm64 the portable code runs, which fuses in hardware.
//
// The other float64 functions (Exp64, Log64, ...) are scalar, portable, and documented with an error
// bound in units in the last place (ulp) that the tests hold against math/big.
//
// # Seeing that the bits agree
//
// The tests compare all paths of the machine with the portable one, and digests in testdata fix
// the bits themselves. The same tests run with each of
//
//	GODEBUG=cpu.avx512f=off                (AVX2)
//	GODEBUG=cpu.avx512f=off,cpu.avx2=off   (portable)
//	GOAMD64=v3                             (the compiler may fuse)
//	go test -tags noasm                    (no assembly)
//	GOARCH=arm64                           (NEON; under qemu-user)
//	GODEBUG=cpu.asimd=off, GOARCH=arm64    (portable; the compiler fuses)
//
// and package neuralnet's tests run whole trainings so. The script .ci/bits does all of it, and requires
// that each path was taken. After a change in _gen: go generate.
package kernel
