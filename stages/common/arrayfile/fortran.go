package arrayfile

import "bytes"

// tile is how many bytes of columns are put in their places at once: enough that a row's values in them fill a cache line, where
// there are not too many rows.
const tile = 8 << 20

// turned reports whether the values lie in another order than C's: not if only one axis is longer than 1.
func (l *layout) turned() bool {
	long := 0
	for _, n := range l.shape {
		if n == 0 {
			return false
		}
		long += min(1, n-1)
	}
	return l.fortran && long > 1
}

// columns reads an array whose first axis is the fastest: the file has all rows' first values, then all their second
// ones. Only the given rows are kept, n of them.
func (s *stream) columns(l *layout, rows []int, n int, limit int64) (any, error) {
	if s.present < 0 { // values go everywhere from the beginning, so they have to be there first
		var err error
		if s, err = s.held(l, limit); err != nil {
			return nil, err
		}
	}
	values, raw := alloc(l.typ, n*l.rowLen)
	group := max(1, min(l.rowLen, tile/(l.rows*l.width)))
	_, buf := alloc(l.typ, group*l.rows)
	for first := 0; first < l.rowLen; first += group {
		part := buf[:min(group, l.rowLen-first)*l.rows*l.width]
		for at := 0; at < len(part); at += window {
			if err := s.fill(part[at:min(len(part), at+window)]); err != nil {
				return nil, err
			}
		}
		order(part, l.width, l.big)
		switch l.width {
		case 1:
			scatter(raw, part, l, rows, first)
		case 2:
			scatter(view[uint16](raw), view[uint16](part), l, rows, first)
		case 4:
			scatter(view[uint32](raw), view[uint32](part), l, rows, first)
		case 8:
			scatter(view[uint64](raw), view[uint64](part), l, rows, first)
		}
	}
	return values, nil
}

// held reads all of a stream into memory, in its order, as far as it goes.
func (s *stream) held(l *layout, limit int64) (*stream, error) {
	if need := 2 * l.bytes(); need > limit {
		return nil, tooLarge("the values, which are in Fortran order and packed, so that they are held twice,", uint64(need), limit)
	}
	flat := layout{typ: Uint8, width: 1, rows: int(l.bytes()), rowLen: 1}
	values, err := s.inOrder(&flat, nil, flat.rows)
	if err != nil {
		return nil, err
	}
	return &stream{Reader: bytes.NewReader(values.([]byte)), at: s.at - l.bytes()}, nil
}

// scatter puts columns, from the one with the number first, in their places in rows.
func scatter[T any](dst, part []T, l *layout, rows []int, first int) {
	places := make([]int, len(part)/l.rows)
	for k := range places {
		places[k] = l.place(first + k)
	}
	n := l.rows
	if rows != nil {
		n = len(rows)
	}
	for i := range n {
		row := i
		if rows != nil {
			row = rows[i]
		}
		to := dst[i*l.rowLen : (i+1)*l.rowLen]
		for k, place := range places {
			to[place] = part[k*l.rows+row]
		}
	}
}

// place gives where in a row, whose last axis is the fastest, the value stands that has the number k with the first axis fastest.
func (l *layout) place(k int) int {
	place, step := 0, l.rowLen
	for _, n := range l.shape[1:] {
		step /= n
		place += k % n * step
		k /= n
	}
	return place
}
