// Command _gen writes the assembly of package kernel: loops_amd64.s and its Go declarations. Each
// function computes what the portable function of the same name in package kernel computes, to the
// bit. It is run by go generate in the package's folder.
package main

import (
	. "github.com/mmcloughlin/avo/build"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	for _, m := range []machine{avx512, avx2} {
		matMulFunctions(m)
		sparseFunctions(m)
		convFunctions(m)
		poolFunctions(m)
		normFunctions(m)
		signFunctions(m, 1)
		signFunctions(m, 2)
		transposeFunction(m)
		logitPairFunctions(m)
		reluHeadFunctions(m)
		alongFunction(m)
		acrossFunction(m)
		philoxFunction(m)
		activationFunctions(m)
		tanhFunction(m)
		exponentialsFunction(m)
		logisticFunction(m)
		rowFunctions(m)
		scaleCenteredFunction(m)
		logLoss64Function(m)
		optimizerFunctions(m)
		finiteFunction(m)
		burstFunction(m)
	}
	signFunctions(avx512Half, 1)
	signFunctions(avx512Quarter, 1)
	Generate()
}
