//go:build !noasm

#include "textflag.h"

// The tiles of matmul_arm64.go. In the loops over k, R0 to R3 go through the rows of a, R6 through
// b, R8 counts down. VFMLA and FMADDS round once.

// The arguments of a tile of 4 rows; R9 and R10 are then the start and its stride.
#define LOAD4 \
	MOVD a+16(FP), R0          \
	MOVD aRow+24(FP), R4       \
	MOVD aCol+32(FP), R5       \
	ADD  R4, R0, R1            \
	ADD  R4, R1, R2            \
	ADD  R4, R2, R3            \
	MOVD b+40(FP), R6          \
	MOVD ldb+48(FP), R7        \
	MOVD k+56(FP), R8          \
	MOVD start+64(FP), R9      \
	MOVD startRow+72(FP), R10

// The arguments of a tile of 1 row.
#define LOAD1 \
	MOVD a+8(FP), R0      \
	MOVD aCol+16(FP), R5  \
	MOVD b+24(FP), R6     \
	MOVD ldb+32(FP), R7   \
	MOVD k+40(FP), R8     \
	MOVD start+48(FP), R9

// An element of each row of a, in every lane.
#define BROADCAST4 \
	VLD1R.P (R0)(R5), [V4.S4] \
	VLD1R.P (R1)(R5), [V5.S4] \
	VLD1R.P (R2)(R5), [V6.S4] \
	VLD1R.P (R3)(R5), [V7.S4]

// func tile4x16(c *float32, ldc uintptr, a *float32, aRow, aCol uintptr, b *float32, ldb, k uintptr, start *float32, startRow uintptr)
TEXT ·tile4x16(SB), NOSPLIT, $0-80
	LOAD4
	VLD1.P (R9)(R10), [V16.S4, V17.S4, V18.S4, V19.S4]
	VLD1.P (R9)(R10), [V20.S4, V21.S4, V22.S4, V23.S4]
	VLD1.P (R9)(R10), [V24.S4, V25.S4, V26.S4, V27.S4]
	VLD1   (R9), [V28.S4, V29.S4, V30.S4, V31.S4]

loop4x16:
	VLD1.P (R6)(R7), [V0.S4, V1.S4, V2.S4, V3.S4]
	BROADCAST4
	VFMLA  V0.S4, V4.S4, V16.S4
	VFMLA  V1.S4, V4.S4, V17.S4
	VFMLA  V2.S4, V4.S4, V18.S4
	VFMLA  V3.S4, V4.S4, V19.S4
	VFMLA  V0.S4, V5.S4, V20.S4
	VFMLA  V1.S4, V5.S4, V21.S4
	VFMLA  V2.S4, V5.S4, V22.S4
	VFMLA  V3.S4, V5.S4, V23.S4
	VFMLA  V0.S4, V6.S4, V24.S4
	VFMLA  V1.S4, V6.S4, V25.S4
	VFMLA  V2.S4, V6.S4, V26.S4
	VFMLA  V3.S4, V6.S4, V27.S4
	VFMLA  V0.S4, V7.S4, V28.S4
	VFMLA  V1.S4, V7.S4, V29.S4
	VFMLA  V2.S4, V7.S4, V30.S4
	VFMLA  V3.S4, V7.S4, V31.S4
	SUB    $1, R8
	CBNZ   R8, loop4x16

	MOVD   c+0(FP), R9
	MOVD   ldc+8(FP), R10
	VST1.P [V16.S4, V17.S4, V18.S4, V19.S4], (R9)(R10)
	VST1.P [V20.S4, V21.S4, V22.S4, V23.S4], (R9)(R10)
	VST1.P [V24.S4, V25.S4, V26.S4, V27.S4], (R9)(R10)
	VST1   [V28.S4, V29.S4, V30.S4, V31.S4], (R9)
	RET

// func tile4x4(c *float32, ldc uintptr, a *float32, aRow, aCol uintptr, b *float32, ldb, k uintptr, start *float32, startRow uintptr)
TEXT ·tile4x4(SB), NOSPLIT, $0-80
	LOAD4
	VLD1.P (R9)(R10), [V16.S4]
	VLD1.P (R9)(R10), [V17.S4]
	VLD1.P (R9)(R10), [V18.S4]
	VLD1   (R9), [V19.S4]

loop4x4:
	VLD1.P (R6)(R7), [V0.S4]
	BROADCAST4
	VFMLA  V0.S4, V4.S4, V16.S4
	VFMLA  V0.S4, V5.S4, V17.S4
	VFMLA  V0.S4, V6.S4, V18.S4
	VFMLA  V0.S4, V7.S4, V19.S4
	SUB    $1, R8
	CBNZ   R8, loop4x4

	MOVD   c+0(FP), R9
	MOVD   ldc+8(FP), R10
	VST1.P [V16.S4], (R9)(R10)
	VST1.P [V17.S4], (R9)(R10)
	VST1.P [V18.S4], (R9)(R10)
	VST1   [V19.S4], (R9)
	RET

// func tile4x1(c *float32, ldc uintptr, a *float32, aRow, aCol uintptr, b *float32, ldb, k uintptr, start *float32, startRow uintptr)
TEXT ·tile4x1(SB), NOSPLIT, $0-80
	LOAD4
	FMOVS (R9), F16
	ADD   R10, R9
	FMOVS (R9), F17
	ADD   R10, R9
	FMOVS (R9), F18
	ADD   R10, R9
	FMOVS (R9), F19

loop4x1:
	FMOVS  (R6), F0
	ADD    R7, R6
	FMOVS  (R0), F4
	ADD    R5, R0
	FMOVS  (R1), F5
	ADD    R5, R1
	FMOVS  (R2), F6
	ADD    R5, R2
	FMOVS  (R3), F7
	ADD    R5, R3
	FMADDS F0, F16, F4, F16
	FMADDS F0, F17, F5, F17
	FMADDS F0, F18, F6, F18
	FMADDS F0, F19, F7, F19
	SUB    $1, R8
	CBNZ   R8, loop4x1

	MOVD  c+0(FP), R9
	MOVD  ldc+8(FP), R10
	FMOVS F16, (R9)
	ADD   R10, R9
	FMOVS F17, (R9)
	ADD   R10, R9
	FMOVS F18, (R9)
	ADD   R10, R9
	FMOVS F19, (R9)
	RET

// func tile1x16(c *float32, a *float32, aCol uintptr, b *float32, ldb, k uintptr, start *float32)
TEXT ·tile1x16(SB), NOSPLIT, $0-56
	LOAD1
	VLD1 (R9), [V16.S4, V17.S4, V18.S4, V19.S4]

loop1x16:
	VLD1.P  (R6)(R7), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1R.P (R0)(R5), [V4.S4]
	VFMLA   V0.S4, V4.S4, V16.S4
	VFMLA   V1.S4, V4.S4, V17.S4
	VFMLA   V2.S4, V4.S4, V18.S4
	VFMLA   V3.S4, V4.S4, V19.S4
	SUB     $1, R8
	CBNZ    R8, loop1x16

	MOVD c+0(FP), R9
	VST1 [V16.S4, V17.S4, V18.S4, V19.S4], (R9)
	RET

// func tile1x4(c *float32, a *float32, aCol uintptr, b *float32, ldb, k uintptr, start *float32)
TEXT ·tile1x4(SB), NOSPLIT, $0-56
	LOAD1
	VLD1 (R9), [V16.S4]

loop1x4:
	VLD1.P  (R6)(R7), [V0.S4]
	VLD1R.P (R0)(R5), [V4.S4]
	VFMLA   V0.S4, V4.S4, V16.S4
	SUB     $1, R8
	CBNZ    R8, loop1x4

	MOVD c+0(FP), R9
	VST1 [V16.S4], (R9)
	RET

// func tile1x1(c *float32, a *float32, aCol uintptr, b *float32, ldb, k uintptr, start *float32)
TEXT ·tile1x1(SB), NOSPLIT, $0-56
	LOAD1
	FMOVS (R9), F16

loop1x1:
	FMOVS  (R6), F0
	ADD    R7, R6
	FMOVS  (R0), F4
	ADD    R5, R0
	FMADDS F0, F16, F4, F16
	SUB    $1, R8
	CBNZ   R8, loop1x1

	MOVD  c+0(FP), R9
	FMOVS F16, (R9)
	RET

// func burstNEON(rounds uintptr)
TEXT ·burstNEON(SB), NOSPLIT, $0-8
	MOVD  rounds+0(FP), R8
	VEOR  V0.B16, V0.B16, V0.B16
	VEOR  V1.B16, V1.B16, V1.B16
	VEOR  V16.B16, V16.B16, V16.B16
	VEOR  V17.B16, V17.B16, V17.B16
	VEOR  V18.B16, V18.B16, V18.B16
	VEOR  V19.B16, V19.B16, V19.B16
	VEOR  V20.B16, V20.B16, V20.B16
	VEOR  V21.B16, V21.B16, V21.B16
	VEOR  V22.B16, V22.B16, V22.B16
	VEOR  V23.B16, V23.B16, V23.B16
	VEOR  V24.B16, V24.B16, V24.B16
	VEOR  V25.B16, V25.B16, V25.B16
	VEOR  V26.B16, V26.B16, V26.B16
	VEOR  V27.B16, V27.B16, V27.B16
	VEOR  V28.B16, V28.B16, V28.B16
	VEOR  V29.B16, V29.B16, V29.B16
	VEOR  V30.B16, V30.B16, V30.B16
	VEOR  V31.B16, V31.B16, V31.B16
	CBZ   R8, doneBurst

loopBurst:
	VFMLA V0.S4, V1.S4, V16.S4
	VFMLA V0.S4, V1.S4, V17.S4
	VFMLA V0.S4, V1.S4, V18.S4
	VFMLA V0.S4, V1.S4, V19.S4
	VFMLA V0.S4, V1.S4, V20.S4
	VFMLA V0.S4, V1.S4, V21.S4
	VFMLA V0.S4, V1.S4, V22.S4
	VFMLA V0.S4, V1.S4, V23.S4
	VFMLA V0.S4, V1.S4, V24.S4
	VFMLA V0.S4, V1.S4, V25.S4
	VFMLA V0.S4, V1.S4, V26.S4
	VFMLA V0.S4, V1.S4, V27.S4
	VFMLA V0.S4, V1.S4, V28.S4
	VFMLA V0.S4, V1.S4, V29.S4
	VFMLA V0.S4, V1.S4, V30.S4
	VFMLA V0.S4, V1.S4, V31.S4
	SUB   $1, R8
	CBNZ  R8, loopBurst

doneBurst:
	RET
