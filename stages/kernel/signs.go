package kernel

import "encoding/binary"

// SignMatMul is MatMul for a first factor of signs, by additions alone: the "method of the four
// Russians" (Arlazarov, Dinic, Kronrod and Faradzhev, 1970). The k columns are taken in groups of
// four; for every i < m and j < n, with s(l) = +1 or -1 the sign of row i and column l,
//
//	c[i*ldc+j] = start(i, j) + sum(0) + sum(4) + sum(8) + ...        from the left
//	sum(l)     = (s(l)*b[l, j] + s(l+1)*b[l+1, j]) + (s(l+2)*b[l+2, j] + s(l+3)*b[l+3, j])
//
// where b[l, j] is b[l*ldb+j], and +0 for l >= k. Every addition rounds once. start is as in
// MatMul; with a k that is a multiple of four, a product may go on from c in another call without
// changing a bit.
//
// index holds the signs as SignIndex and SignIndexAcross make it: index[i*iRow+g*iCol] is that of
// row i and columns 4g to 4g+3. Columns past k must have the sign -1. b [k, n] and c [m, n] have
// rows ldb and ldc apart. Only c is written; it must not overlap the others.
func SignMatMul(c []float32, ldc int, index []uint8, iRow, iCol int, b []float32, ldb int, m, n, k int, row []float32, accumulate bool) {
	if m <= 0 || n <= 0 {
		return
	}
	if ldc < n || k < 0 || len(c) < (m-1)*ldc+n || row != nil && len(row) < n {
		panic("kernel: SignMatMul: a slice is too short for the shape of c")
	}
	if k > 0 && (iRow < 0 || iCol < 0 || ldb < n || len(index) <= (m-1)*iRow+((k+3)/4-1)*iCol || len(b) < (k-1)*ldb+n) {
		panic("kernel: SignMatMul: a slice is too short for the shapes of index and b")
	}
	signMatMul(c, ldc, index, iRow, iCol, b, ldb, m, n, k, row, accumulate)
}

// signGroups is how many groups have their tables at a time: they stay in the first cache.
const signGroups = 8

// signMatMulPortable defines SignMatMul: 8 columns at a time, with a table of the 16 sums of every
// group.
func signMatMulPortable(c []float32, ldc int, index []uint8, iRow, iCol int, b []float32, ldb int, m, n, k int, row []float32, accumulate bool) {
	var tables [signGroups][16][8]float32
	for j := 0; j < n; j += 8 {
		columns := min(8, n-j)
		for from := 0; from < k || from == 0; from += 4 * signGroups {
			groups := min(signGroups, (k-from+3)/4)
			for g := range groups {
				signTable(&tables[g], b, from+4*g, k, j, columns, ldb)
			}
			for i := range m {
				ci := c[i*ldc+j : i*ldc+j+columns]
				var s [8]float32
				switch {
				case accumulate || from > 0:
					copy(s[:], ci)
				case row != nil:
					copy(s[:], row[j:j+columns])
				}
				at := i*iRow + from/4*iCol
				for g := range groups {
					t := &tables[g][index[at]>>4]
					at += iCol
					s[0] += t[0]
					s[1] += t[1]
					s[2] += t[2]
					s[3] += t[3]
					s[4] += t[4]
					s[5] += t[5]
					s[6] += t[6]
					s[7] += t[7]
				}
				copy(ci, s[:])
			}
		}
	}
}

// signTable makes the table of rows l to l+3 of b, columns j on.
func signTable(table *[16][8]float32, b []float32, l, k, j, columns, ldb int) {
	var rows [4][8]float32
	for i := range min(4, k-l) {
		copy(rows[i][:], b[(l+i)*ldb+j:(l+i)*ldb+j+columns])
	}
	for x := range 8 {
		both, one := rows[0][x]+rows[1][x], rows[0][x]-rows[1][x]
		second, third := rows[2][x]+rows[3][x], rows[2][x]-rows[3][x]
		for i, p := range [4]float32{-both, one, -one, both} {
			table[i][x] = p - second
			table[4+i][x] = p + third
			table[8+i][x] = p - third
			table[12+i][x] = p + second
		}
	}
}

// SignIndex writes the index of packed rows of n signs: packed is [rows, ceil(n/64)], a one for +1, with
// zeros past the last sign. dst is [rows, 16*ceil(n/64)]: bits 4 to 7 of dst[r, g] are the signs of
// columns 4g to 4g+3, lowest first. It is the first factor [rows, n] of SignMatMul.
func SignIndex(dst []uint8, packed []uint64, rows, n int) {
	words := rows * ((n + 63) / 64)
	dst, packed = dst[:16*words], packed[:words]
	for i, w := range packed {
		to := (*[16]uint8)(dst[16*i:])
		binary.LittleEndian.PutUint64(to[:8], nibbles(uint32(w)))
		binary.LittleEndian.PutUint64(to[8:], nibbles(uint32(w>>32)))
	}
}

// nibbles gives the eight nibbles of w, each in the upper half of a byte.
func nibbles(w uint32) uint64 {
	v := uint64(w)
	v = (v | v<<16) & 0x0000ffff0000ffff
	v = (v | v<<8) & 0x00ff00ff00ff00ff
	v = (v | v<<4) & 0x0f0f0f0f0f0f0f0f
	return v << 4
}

// SignIndexAcross writes the index of the transposed signs: dst is [ceil(rows/4), 64*ceil(n/64)], and
// bits 4 to 7 of dst[g, j] are the signs of column j in rows 4g to 4g+3, lowest first; zeros past the
// last row. It is, with iRow 1 and iCol 64*ceil(n/64), the first factor [n, rows] of SignMatMul.
func SignIndexAcross(dst []uint8, packed []uint64, rows, n int) {
	words := (n + 63) / 64
	dst, packed = dst[:64*words*((rows+3)/4)], packed[:rows*words]
	for r := signIndexAcross(dst, packed, rows, words); r < rows; r += 4 {
		for w := range words {
			a, b, c, d := packed[r*words+w], uint64(0), uint64(0), uint64(0)
			if r+1 < rows {
				b = packed[(r+1)*words+w]
			}
			if r+2 < rows {
				c = packed[(r+2)*words+w]
			}
			if r+3 < rows {
				d = packed[(r+3)*words+w]
			}
			to := (*[64]uint8)(dst[(r/4*words+w)*64:])
			for i := 0; i < 64; i += 8 {
				v := spread[uint8(a)] | spread[uint8(b)]<<1 | spread[uint8(c)]<<2 | spread[uint8(d)]<<3
				binary.LittleEndian.PutUint64(to[i:i+8], v)
				a, b, c, d = a>>8, b>>8, c>>8, d>>8
			}
		}
	}
}

// spread holds, for each byte, a word whose byte i has bit 4 set if the byte has bit i set.
var spread = func() (table [256]uint64) {
	for b := range table {
		for i := range 8 {
			table[b] |= uint64(b>>i&1) << (8*i + 4)
		}
	}
	return table
}()
