package importing

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/stagetest"
)

// FuzzTable: whatever a table holds, an import ends; what it imports is a data set whose card counts its samples.
func FuzzTable(f *testing.F) {
	csv, _, _, _, _ := birds()
	few := strings.Join(strings.SplitAfterN(csv, "\n", 7)[:6], "") // short ones are minimized soon
	for _, s := range []string{few, "e,y,split\n1,a,train\n2,b,train\n", "e,y\n1,0\n2,1\n", "e,y\n1e9,1.0\n-0,+2\n", "e,y,place\n\"1\",\"a\nb\",x\n2,c,\n", ""} {
		f.Add([]byte(s), "e*", "y")
	}
	f.Add(birdsParquet(f, false), "e*", "y")
	f.Add(birdsArrow(f, false, frame.WriterOptions{Format: frame.ArrowFile}), "e*", "y")
	f.Add(birdsArrow(f, true, frame.WriterOptions{Format: frame.ArrowStream, Compression: "lz4"}), "emb", "y")
	f.Fuzz(func(t *testing.T, data []byte, columns, label string) {
		text, err := json.Marshal(map[string]any{"inputs": map[string]any{"columns": []string{columns}}, "label": map[string]any{"column": label}, "limit": 3})
		if err != nil {
			return
		}
		name := "x.csv"
		switch {
		case frame.IsArrow(data):
			name = "x.arrow"
		case bytes.HasPrefix(data, []byte("PAR1")):
			name = "x.parquet"
		}
		out, err := stagetest.Try(t.Context(), Kind, string(text), given(name, data))
		if err != nil {
			if len(out.Tables) > 0 {
				t.Errorf("after %v something is written", err)
			}
			return
		}
		d, err := dataset.FromTable(out.Tables["dataset"])
		if err != nil {
			t.Fatal(err)
		}
		counts(t, out.Tables["card"], d)
	})
}

// FuzzSettings: whatever is set, Check ends; what it lets pass either imports the birds or tells a fault.
func FuzzSettings(f *testing.F) {
	for _, c := range cases(f) {
		f.Add([]byte(c.Settings.(string)))
	}
	csv, _, _, _, _ := birds()
	in := given(append(birdPictures(f, false), "birds.npz", birdsArrays(f), "birds.csv", csv)...)
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := stagetest.Settings(Kind, string(data))
		if err != nil {
			return
		}
		if set := s.(*Settings); len(set.Resize) > 0 && slices.Max(set.Resize) > 64 {
			return // large pictures take long
		}
		s.(*Settings).CheckInputs(map[string][]string{"files": {"birds/metadata.csv", "a.pt"}})
		if out, err := stagetest.Try(t.Context(), Kind, s, in); err == nil {
			d, err := dataset.FromTable(out.Tables["dataset"])
			if err != nil {
				t.Fatal(err)
			}
			counts(t, out.Tables["card"], d)
		}
	})
}
