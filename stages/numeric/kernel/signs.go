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
// changing a bit. With relu the result is then what Relu makes of that.
//
// index holds the signs as SignIndex and SignIndexAcross make it: index[g*ldi+i] is that of row i and
// columns 4g to 4g+3. Columns past k must have the sign -1. b [k, n] and c [m, n] have rows ldb and ldc
// apart. Only c is written; it must not overlap the others.
func SignMatMul(c []float32, ldc int, index []uint8, ldi int, b []float32, ldb int, m, n, k int, row []float32, accumulate, relu bool) {
	if m <= 0 || n <= 0 {
		return
	}
	if ldc < n || k < 0 || len(c) < (m-1)*ldc+n || row != nil && len(row) < n {
		panic("kernel: SignMatMul: a slice is too short for the shape of c")
	}
	if k > 0 && (ldi < m || ldb < n || len(index) < ((k+3)/4-1)*ldi+m || len(b) < (k-1)*ldb+n) {
		panic("kernel: SignMatMul: a slice is too short for the shapes of index and b")
	}
	signMatMul(c, ldc, index, ldi, b, ldb, m, n, k, row, accumulate, relu)
}

// signGroups is how many groups have their tables at a time: they stay in the first cache.
const signGroups = 16

// signMatMulPortable defines SignMatMul: 8 columns at a time, with a table of the 16 sums of every
// group.
func signMatMulPortable(c []float32, ldc int, index []uint8, ldi int, b []float32, ldb int, m, n, k int, row []float32, accumulate, relu bool) {
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
				at := from/4*ldi + i
				for g := range groups {
					t := &tables[g][index[at]>>4]
					at += ldi
					s[0] += t[0]
					s[1] += t[1]
					s[2] += t[2]
					s[3] += t[3]
					s[4] += t[4]
					s[5] += t[5]
					s[6] += t[6]
					s[7] += t[7]
				}
				if relu && from+4*groups >= k {
					reluPortable(s[:])
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
// zeros past the last sign. dst is [16*ceil(n/64), ldi] with ldi = SignIndexRows(rows): bits 4 to 7 of
// dst[g, r] are the signs of columns 4g to 4g+3 in row r, lowest first. It is the first factor [rows, n]
// of SignMatMul.
func SignIndex(dst []uint8, packed []uint64, rows, n int) {
	words, ldi := (n+63)/64, SignIndexRows(rows)
	dst, packed = first(dst, 16*words*ldi), first(packed, rows*words)
	for r := signIndexAlong(dst, ldi, packed, rows, words); r < rows; r += 8 {
		for w := range words {
			var block [8]uint64
			for i := range min(8, rows-r) {
				block[i] = packed[(r+i)*words+w]
			}
			transposeBytes(&block)
			at := 16*w*ldi + r
			for _, b := range block { // b holds columns 8j to 8j+7 of eight rows
				binary.LittleEndian.PutUint64(dst[at:], b<<4&0xf0f0f0f0f0f0f0f0)
				binary.LittleEndian.PutUint64(dst[at+ldi:], b&0xf0f0f0f0f0f0f0f0)
				at += 2 * ldi
			}
		}
	}
}

// SignIndexRows gives how far the rows of an index of so many rows of signs are apart.
func SignIndexRows(rows int) int { return (rows + 7) / 8 * 8 }

// transposeBytes exchanges byte j of word i with byte i of word j.
func transposeBytes(x *[8]uint64) {
	for i := range 4 {
		x[i], x[i+4] = x[i]&0x00000000ffffffff|x[i+4]<<32, x[i]>>32|x[i+4]&0xffffffff00000000
	}
	for _, i := range [4]int{0, 1, 4, 5} {
		x[i], x[i+2] = x[i]&0x0000ffff0000ffff|x[i+2]&0x0000ffff0000ffff<<16, x[i]>>16&0x0000ffff0000ffff|x[i+2]&0xffff0000ffff0000
	}
	for i := 0; i < 8; i += 2 {
		x[i], x[i+1] = x[i]&0x00ff00ff00ff00ff|x[i+1]&0x00ff00ff00ff00ff<<8, x[i]>>8&0x00ff00ff00ff00ff|x[i+1]&0xff00ff00ff00ff00
	}
}

// SignIndexAcross writes the index of the transposed signs: dst is [ceil(rows/4), 64*ceil(n/64)], and
// bits 4 to 7 of dst[g, j] are the signs of column j in rows 4g to 4g+3, lowest first; zeros past the
// last row. It is, with ldi 64*ceil(n/64), the first factor [n, rows] of SignMatMul.
func SignIndexAcross(dst []uint8, packed []uint64, rows, n int) {
	words := (n + 63) / 64
	dst, packed = first(dst, 64*words*((rows+3)/4)), first(packed, rows*words)
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
