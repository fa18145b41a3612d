//go:build !noasm

package kernel

func signMatMul(c []float32, ldc int, index []uint8, ldi int, b []float32, ldb int, m, n, k int, row []float32, accumulate, relu bool) {
	if path == portable || k == 0 {
		signMatMulPortable(c, ldc, index, ldi, b, ldb, m, n, k, row, accumulate, relu)
		return
	}
	buffer := packBuffers.Get().(*packBuffer)
	defer packBuffers.Put(buffer)
	block := signBlock((k + 3) / 4)
	for from := 0; from < k; from += 4 * block {
		p := signPanel{
			tables: &buffer.floats[buffer.first], index: &index[from/4*ldi], ldi: uintptr(ldi),
			ldb: 4 * uintptr(ldb), ldc: 4 * uintptr(ldc), m: uintptr(m),
			groups: uintptr(min(block, (k-from+3)/4)), rest: uintptr((k+3)%4 + 1),
		}
		if from+4*block < k {
			p.rest = 4
		} else if relu {
			p.relu = 1
		}
		for j := 0; j < n; {
			p.start, p.startRow = nil, 0
			if accumulate || from > 0 {
				p.start, p.startRow = &c[j], p.ldc
			} else if row != nil {
				p.start = &row[j]
			}
			j += p.columns(&c[j], &b[from*ldb+j], n-j)
		}
	}
}

// signBlock is how many groups are done at a time, so that blocks are about equally large.
func signBlock(groups int) int {
	blocks := (groups + signGroups - 1) / signGroups
	return (groups + blocks - 1) / blocks
}

// It takes signPairRows rows until panels of two vectors are the quicker ones: their tables take twice as much of the first
// cache. With AVX-512 up to signPairGroups groups do not mind, and few columns in the second vector are quicker in a short one.
const (
	signPairRows   = 96
	signPairGroups = 9
)

// A signPanel is one or two vectors of columns and up to signGroups groups of rows of b; strides are in bytes.
type signPanel struct {
	tables        *float32
	index         *uint8
	ldi, ldb, ldc uintptr
	m, groups     uintptr
	rest          uintptr // rows of the last group
	start         *float32
	startRow      uintptr
	relu          uintptr
}

// columns does a panel at the start of what is left of n columns, and says how many those were.
func (p *signPanel) columns(c, b *float32, n int) int {
	lanes := vectorLanes()
	var last int // columns of the panel's last vector
	switch {
	case path == avx512 && n > 24 && (p.m >= signPairRows || p.groups <= signPairGroups), path == avx2 && n > 8 && p.m >= signPairRows:
		n = min(n, 2*lanes)
		last = n - lanes
	default:
		n = min(n, lanes)
		last = n
	}
	width := uintptr(last)
	switch {
	case path == avx512 && n > 16:
		signTablesPairAVX512(p.tables, b, p.ldb, p.groups, p.rest, width)
		signSumsPairAVX512(c, p.ldc, p.index, p.ldi, p.tables, p.m, p.groups, p.start, p.startRow, width, p.relu)
	case path == avx512 && n > 8:
		signTablesAVX512(p.tables, b, p.ldb, p.groups, p.rest, width)
		signSumsAVX512(c, p.ldc, p.index, p.ldi, p.tables, p.m, p.groups, p.start, p.startRow, width, p.relu)
	case path == avx512 && n > 4:
		signTablesAVX512Half(p.tables, b, p.ldb, p.groups, p.rest, width)
		signSumsAVX512Half(c, p.ldc, p.index, p.ldi, p.tables, p.m, p.groups, p.start, p.startRow, width, p.relu)
	case path == avx512:
		signTablesAVX512Quarter(p.tables, b, p.ldb, p.groups, p.rest, width)
		signSumsAVX512Quarter(c, p.ldc, p.index, p.ldi, p.tables, p.m, p.groups, p.start, p.startRow, width, p.relu)
	case n > 8:
		signTablesPairAVX2(p.tables, b, p.ldb, p.groups, p.rest, width)
		signSumsPairAVX2(c, p.ldc, p.index, p.ldi, p.tables, p.m, p.groups, p.start, p.startRow, width, p.relu)
	default:
		signTablesAVX2(p.tables, b, p.ldb, p.groups, p.rest, width)
		signSumsAVX2(c, p.ldc, p.index, p.ldi, p.tables, p.m, p.groups, p.start, p.startRow, width, p.relu)
	}
	return n
}
