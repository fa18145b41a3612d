package dataset

import (
	"testing"

	"spurion/artifacts/frame"
)

// FuzzFromTable edits a good table at places of the fuzzer's choice. FromTable must not panic, and what
// it accepts must be a data set that survives a round trip.
func FuzzFromTable(f *testing.F) {
	f.Add("", []byte{})
	f.Add(`{"dimensions":2}`, []byte{2, 0, 5, 3, 1, 1})
	f.Add(`{"dimensions":2}`, []byte{4, 1, 2, 0})
	f.Add(`{"dimensions":2}`, []byte{4, 1, 2, 4, 100, 2, 0})
	f.Add(`{"dimensions":0}`, []byte{5, 0, 0})
	f.Add(`{"dimensions":2,"law":{"core":{"type":"parity","degree":1},"spurious":{"type":"truth_table","table":"01"},"core_length":1,"spurious_length":1,"independent":0,"strength":0.5,"variant":"paper"}}`, []byte{})
	f.Add(`{"dimensions":2,"shape":{"channels":1,"height":1,"width":2},"classes":["a","b"],"attributes":[{"name":"s","values":["u","v"]}],"pairs":[1,0],"parts":[{"name":"core","channels":[0,1],"rows":[0,1],"columns":[0,1]}],"sources":[{"name":"x"}]}`, []byte{1, 0, 1})
	f.Add(`{"dimensions":2,"classes":["a","b","c"]}`, []byte{1, 0, 2})
	f.Add(`{"dimensions":2,"law":{"core":{"type":"parity","degree":9}}}`, []byte{4, 1, 200})
	f.Fuzz(func(t *testing.T, meta string, edits []byte) {
		table := &frame.Table{Columns: []frame.Column{
			frame.Strings(Fields[0], []string{"train", "train", "test"}),
			frame.Int8s(Fields[1], []int8{0, 1, 0}),
			frame.Int8s(Fields[2], []int8{0, 1, 0}),
			frame.Int8s(Fields[3], []int8{0, 3, 0}),
			frame.Int8Lists(ListField, []int8{-1, -1, 1, 1, -1, -1}, frame.EqualOffsets(3, 2)),
		}}
		if len(edits)%3 == 1 { // the same as bits
			f := Fields[4]
			f.Length = 2
			table.Columns[4] = frame.PackedSigns(f, []uint64{0, 3, 0})
		}
		if meta != "" {
			table.Meta = map[string]string{MetaKey: meta}
		}
		for ; len(edits) >= 3; edits = edits[3:] {
			edit(table, int(edits[0]), int(edits[1]), int8(edits[2]))
		}
		if table.Check(nil) != nil {
			return // not a table that an engine lets pass
		}
		d, err := FromTable(table)
		if err != nil {
			return
		}
		again, err := d.Table()
		if err != nil {
			t.Fatalf("%+v is no table: %v", d, err)
		}
		got, err := FromTable(again)
		if err != nil || !sameDataset(d, got) {
			t.Fatalf("%+v becomes %+v: %v", d, got, err)
		}
	})
}

// edit changes one thing of a table.
func edit(table *frame.Table, what, where int, to int8) {
	if len(table.Columns) == 0 {
		return
	}
	c := &table.Columns[what%len(table.Columns)]
	row := where % 3
	switch {
	case where >= 200: // drop the column
		i := what % len(table.Columns)
		table.Columns = append(table.Columns[:i:i], table.Columns[i+1:]...)
	case where >= 190: // a null
		c.Nullable, c.Valid = true, []bool{row != 0, row != 1, row != 2}
	case c.Type == frame.String:
		c.Strings.Set(row, string(append(append([]Split{}, Splits...), "other")[uint8(to)%4]))
	case c.Type == frame.Int8:
		c.Int8s[row] = to
	case c.Type == frame.Signs && where >= 100:
		c.Length = 1 + int(uint8(to))
	case c.Type == frame.Signs:
		c.Words[where%len(c.Words)] ^= uint64(uint8(to))
	case where >= 100: // as another program has integers, or real inputs
		floats := make([]float32, len(c.Int8s))
		for i, v := range c.Int8s {
			floats[i] = float32(v) / 2
		}
		*c = frame.Float32Lists(c.Field, floats, c.Offsets)
	case c.Type == frame.Int8List && where >= 50:
		c.Offsets[1+row%2] = int32(to)
	case c.Type == frame.Int8List:
		c.Int8s[where%len(c.Int8s)] = to
	}
}
