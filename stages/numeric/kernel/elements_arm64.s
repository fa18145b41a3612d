//go:build !noasm

#include "textflag.h"

// Element-by-element loops over R8 vectors of 4. Slices: R0 (the first, written), R1, R2, R3.

// Instructions that the assembler has no name for; operands as in VFMLA: m, n, d for Vd = Vn op Vm.
#define VFMUL4(m, n, d) WORD $(0x6E20DC00 | (m)<<16 | (n)<<5 | (d))
#define VFSUB4(m, n, d) WORD $(0x4EA0D400 | (m)<<16 | (n)<<5 | (d))
#define VFDIV4(m, n, d) WORD $(0x6E20FC00 | (m)<<16 | (n)<<5 | (d))
#define VFSQRT4(n, d) WORD $(0x6EA1F800 | (n)<<5 | (d))
// All bits set in lanes of Vn that are below, or above, zero; none for NaN.
#define VBELOWZERO4(n, d) WORD $(0x4EA0E800 | (n)<<5 | (d))
#define VABOVEZERO4(n, d) WORD $(0x4EA0C800 | (n)<<5 | (d))

// V30 holds the bits that all infinities and NaNs have set, V31 collects lanes that have them.
#define BEGINFINITE \
	MOVW $0x7f800000, R9          \
	VDUP R9, V30.S4               \
	VEOR V31.B16, V31.B16, V31.B16

// Notes whether x is finite.
#define NOTEFINITE(x) \
	VAND  x.B16, V30.B16, V29.B16  \
	VCMEQ V30.S4, V29.S4, V29.S4    \
	VORR  V29.B16, V31.B16, V31.B16

// Settle of x.
#define SETTLE(x) \
	VCMTST V30.S4, x.S4, V29.S4    \
	VAND   V29.B16, x.B16, x.B16

// R10 is not 0 if a lane was collected.
#define ENDFINITE \
	VMOV V31.D[0], R9  \
	VMOV V31.D[1], R10 \
	ORR  R9, R10

// What the two loops with momentum begin with.
#define LOADMOMENTUM \
	MOVD  w+0(FP), R0          \
	MOVD  grad+8(FP), R1          \
	MOVD  v+16(FP), R2         \
	MOVD  quads+24(FP), R8     \
	FMOVS rate+32(FP), F20     \
	VDUP  V20.S[0], V20.S4     \
	FMOVS momentum+36(FP), F22 \
	VDUP  V22.S[0], V22.S4     \
	FMOVS decay+40(FP), F21    \
	VDUP  V21.S[0], V21.S4

// func reluNEON(z *float32, quads uintptr)
TEXT ·reluNEON(SB), NOSPLIT, $0-16
	MOVD z+0(FP), R0
	MOVD quads+8(FP), R8
	VEOR V1.B16, V1.B16, V1.B16

loopRelu:
	VLD1 (R0), [V0.S4]
	VBELOWZERO4(0, 2)
	VBIT V2.B16, V1.B16, V0.B16
	VST1.P [V0.S4], 16(R0)
	SUB  $1, R8
	CBNZ R8, loopRelu
	RET

// func reluGradientNEON(d, h *float32, quads uintptr)
TEXT ·reluGradientNEON(SB), NOSPLIT, $0-24
	MOVD d+0(FP), R0
	MOVD h+8(FP), R1
	MOVD quads+16(FP), R8

loopReluGradient:
	VLD1   (R0), [V0.S4]
	VLD1.P 16(R1), [V1.S4]
	VABOVEZERO4(1, 2)
	VAND   V2.B16, V0.B16, V0.B16
	VST1.P [V0.S4], 16(R0)
	SUB    $1, R8
	CBNZ   R8, loopReluGradient
	RET

// func leakyReluNEON(z *float32, quads uintptr, slope float32)
TEXT ·leakyReluNEON(SB), NOSPLIT, $0-20
	MOVD  z+0(FP), R0
	MOVD  quads+8(FP), R8
	FMOVS slope+16(FP), F20
	VDUP  V20.S[0], V20.S4

loopLeakyRelu:
	VLD1 (R0), [V0.S4]
	VBELOWZERO4(0, 2)
	VFMUL4(20, 0, 1)
	VBIT V2.B16, V1.B16, V0.B16
	VST1.P [V0.S4], 16(R0)
	SUB  $1, R8
	CBNZ R8, loopLeakyRelu
	RET

// func leakyReluGradientNEON(d, h *float32, quads uintptr, slope float32)
TEXT ·leakyReluGradientNEON(SB), NOSPLIT, $0-28
	MOVD  d+0(FP), R0
	MOVD  h+8(FP), R1
	MOVD  quads+16(FP), R8
	FMOVS slope+24(FP), F20
	VDUP  V20.S[0], V20.S4

loopLeakyReluGradient:
	VLD1   (R0), [V0.S4]
	VLD1.P 16(R1), [V1.S4]
	VABOVEZERO4(1, 2)
	VFMUL4(20, 0, 3)
	VBIF   V2.B16, V3.B16, V0.B16
	VST1.P [V0.S4], 16(R0)
	SUB    $1, R8
	CBNZ   R8, loopLeakyReluGradient
	RET

// func scaleNEON(z *float32, quads uintptr, factor float32)
TEXT ·scaleNEON(SB), NOSPLIT, $0-20
	MOVD  z+0(FP), R0
	MOVD  quads+8(FP), R8
	FMOVS factor+16(FP), F20
	VDUP  V20.S[0], V20.S4

loopScale:
	VLD1 (R0), [V0.S4]
	VFMUL4(20, 0, 0)
	VST1.P [V0.S4], 16(R0)
	SUB  $1, R8
	CBNZ R8, loopScale
	RET

// func descendNEON(w, grad *float32, quads uintptr, rate, decay float32) (infinite uint64)
TEXT ·descendNEON(SB), NOSPLIT, $0-40
	MOVD  w+0(FP), R0
	MOVD  grad+8(FP), R1
	MOVD  quads+16(FP), R8
	FMOVS rate+24(FP), F20
	VDUP  V20.S[0], V20.S4
	FMOVS decay+28(FP), F21
	VDUP  V21.S[0], V21.S4
	BEGINFINITE

loopDescend:
	VLD1   (R0), [V0.S4]
	VLD1.P 16(R1), [V1.S4]
	VFMLA  V0.S4, V21.S4, V1.S4
	VFMLS  V1.S4, V20.S4, V0.S4
	SETTLE(V0)
	NOTEFINITE(V0)
	VST1.P [V0.S4], 16(R0)
	SUB    $1, R8
	CBNZ   R8, loopDescend

	ENDFINITE
	MOVD R10, infinite+32(FP)
	RET

// func descendMomentumNEON(w, grad, v *float32, quads uintptr, rate, momentum, decay float32) (infinite uint64)
TEXT ·descendMomentumNEON(SB), NOSPLIT, $0-56
	LOADMOMENTUM
	BEGINFINITE

loopMomentum:
	VLD1   (R0), [V0.S4]
	VLD1.P 16(R1), [V1.S4]
	VLD1   (R2), [V2.S4]
	VFMLA  V0.S4, V21.S4, V1.S4 // s
	VFMLA  V2.S4, V22.S4, V1.S4 // the new velocity
	SETTLE(V1)
	VST1.P [V1.S4], 16(R2)
	VFMLS  V1.S4, V20.S4, V0.S4
	SETTLE(V0)
	NOTEFINITE(V0)
	VST1.P [V0.S4], 16(R0)
	SUB    $1, R8
	CBNZ   R8, loopMomentum

	ENDFINITE
	MOVD R10, infinite+48(FP)
	RET

// func descendNesterovNEON(w, grad, v *float32, quads uintptr, rate, momentum, decay float32) (infinite uint64)
TEXT ·descendNesterovNEON(SB), NOSPLIT, $0-56
	LOADMOMENTUM
	BEGINFINITE

loopNesterov:
	VLD1   (R0), [V0.S4]
	VLD1.P 16(R1), [V1.S4]
	VLD1   (R2), [V2.S4]
	VFMLA  V0.S4, V21.S4, V1.S4   // s
	VORR   V1.B16, V1.B16, V3.B16
	VFMLA  V2.S4, V22.S4, V3.S4   // the new velocity
	SETTLE(V3)
	VST1.P [V3.S4], 16(R2)
	VFMLA  V3.S4, V22.S4, V1.S4   // s, looking ahead
	VFMLS  V1.S4, V20.S4, V0.S4
	SETTLE(V0)
	NOTEFINITE(V0)
	VST1.P [V0.S4], 16(R0)
	SUB    $1, R8
	CBNZ   R8, loopNesterov

	ENDFINITE
	MOVD R10, infinite+48(FP)
	RET

// func adamNEON(w, grad, m, v *float32, quads uintptr, p *AdamStep) (infinite uint64)
TEXT ·adamNEON(SB), NOSPLIT, $0-56
	MOVD    w+0(FP), R0
	MOVD    grad+8(FP), R1
	MOVD    m+16(FP), R2
	MOVD    v+24(FP), R3
	MOVD    quads+32(FP), R8
	MOVD    p+40(FP), R4
	VLD1R.P 4(R4), [V20.S4] // Rate
	VLD1R.P 4(R4), [V21.S4] // RootScale
	VLD1R.P 4(R4), [V22.S4] // Epsilon
	VLD1R.P 4(R4), [V23.S4] // OneLessBeta1
	VLD1R.P 4(R4), [V24.S4] // Beta2
	VLD1R.P 4(R4), [V25.S4] // OneLessBeta2
	VLD1R.P 4(R4), [V26.S4] // Decay
	VLD1R   (R4), [V27.S4]  // Shrink
	BEGINFINITE

loopAdam:
	VLD1   (R0), [V0.S4]
	VLD1.P 16(R1), [V1.S4]
	VLD1   (R2), [V2.S4]
	VLD1   (R3), [V3.S4]
	VFMLA  V0.S4, V26.S4, V1.S4     // s
	VORR   V0.B16, V0.B16, V4.B16
	VFMLS  V4.S4, V27.S4, V0.S4     // the weight, shrunk
	VFSUB4(2, 1, 5)                 // s - m
	VFMLA  V5.S4, V23.S4, V2.S4
	SETTLE(V2)
	VST1.P [V2.S4], 16(R2)
	VFMUL4(25, 1, 6)                // (1-beta2) s
	VFMUL4(24, 3, 3)                // beta2 v
	VFMLA  V6.S4, V1.S4, V3.S4
	SETTLE(V3)
	NOTEFINITE(V3)
	VST1.P [V3.S4], 16(R3)
	VFSQRT4(3, 7)
	VORR   V22.B16, V22.B16, V16.B16
	VFMLA  V7.S4, V21.S4, V16.S4    // the divisor
	VFDIV4(16, 2, 17)
	VFMLS  V17.S4, V20.S4, V0.S4
	SETTLE(V0)
	NOTEFINITE(V0)
	VST1.P [V0.S4], 16(R0)
	SUB    $1, R8
	CBNZ   R8, loopAdam

	ENDFINITE
	MOVD R10, infinite+48(FP)
	RET
