//go:build (!amd64 && !arm64) || noasm

package kernel

var pathNames = [...]string{"portable"}

func bestPath() pathLevel { return portable }

func burst(n int) int { return burstPortable(n) }

func matMul(c []float32, ldc int, a []float32, aRow, aCol int, b []float32, ldb int, m, n, k int, row []float32, accumulate bool) {
	matMulPortable(c, ldc, a, aRow, aCol, b, ldb, m, n, k, row, accumulate)
}
