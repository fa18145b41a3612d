package results

import (
	"errors"
	"fmt"
	"testing"

	"spurion/artifacts/frame"
)

func TestTablesAreReadOnce(t *testing.T) {
	blobs, reads := map[string][]byte{}, 0
	for i := range 3 {
		table := &frame.Table{Columns: []frame.Column{frame.Int64s(frame.Field{Name: "n"}, []int64{int64(i), 7})}}
		data, err := frame.Encode(table)
		if err != nil {
			t.Fatal(err)
		}
		blobs[fmt.Sprint(i)] = data
	}
	large := &frame.Table{Columns: []frame.Column{frame.Int64s(frame.Field{Name: "n"}, make([]int64, rememberBytes/8+1))}}
	data, err := frame.Encode(large)
	if err != nil {
		t.Fatal(err)
	}
	blobs["large"] = data
	s := newTables(Shown{Read: func(digest string) ([]byte, error) {
		reads++
		if data, ok := blobs[digest]; ok {
			return data, nil
		}
		return nil, errors.New("no such blob")
	}})
	for range 2 {
		for i := range 3 {
			got, err := s.table(fmt.Sprint(i))
			if err != nil || got.Rows() != 2 || got.Column("n").Int64s[0] != int64(i) {
				t.Errorf("table %d: %v, %v", i, got, err)
			}
		}
		if got, err := s.table("large"); err != nil || got.Rows() != large.Rows() {
			t.Errorf("%v, %v", got, err)
		}
		if _, err := s.table("none"); err == nil {
			t.Error("a table that is not there")
		}
	}
	if want := 3 + 2 + 2; reads != want { // one that is too large is read each time
		t.Errorf("%d reads, want %d", reads, want)
	}
}
