package cluster

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// FuzzParseStatus: what a line of squeue says is of one array, of tasks that are no fewer than 0 and no more than its text can stand for.
func FuzzParseStatus(f *testing.F) {
	for _, line := range []string{
		"spurion-x-a0001|12_3|RUNNING|None", "spurion-x-a0001|12_[0-4,7-20:4%2]|PENDING|Resources", "a|1_0|PENDING|PartitionConfig", "a|1_0|CANCELLED by 0|None", "a|1_0|OUT_OF_MEMORY|OutOfMemory",
		"a|1|RUNNING|None", "a|1_[0-1048577]|RUNNING|", "a|1_[5-2]|RUNNING|", "a|1_[0-9:0]|RUNNING|", "a|1_[-3]|RUNNING|", "a|1_[0-9223372036854775807]|PENDING|x", "a|1_0|NEW_STATE|x", "||||", "",
		"a|1_[9223372036854775806-9223372036854775807:2]|RUNNING|x", "a|1_[0-9:9223372036854775807]|RUNNING|x", "a|1_[0-4,0-4]|TIMEOUT|a|b",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		list := parseStatus(line)
		name, _, _ := strings.Cut(line, "|")
		for _, s := range list {
			if s.Array != name || s.Task < 0 || s.Phase < Pending || s.Phase > Ended || s.Never && s.Phase != Pending || s.End != Unknown && s.Phase != Ended {
				t.Fatalf("%q says %+v", line, s)
			}
		}
		if len(list) > mostTasks+1 {
			t.Errorf("%q stands for %d tasks", line, len(list))
		}
	})
}

// FuzzReadNotes: a journal that is read in two pieces is read as in one, up to its last whole line; a note that is written is read.
func FuzzReadNotes(f *testing.F) {
	whole := bytes.Join([][]byte{
		Note{Type: NoteBegin, Host: "n1", Process: 7}.Line(), Note{Type: NoteStart}.Line(), Note{Type: NoteProgress, At: 1, Done: 1, Total: 2}.Line(),
		Note{Type: NoteDone, At: 1, Seconds: .5, Text: "a\nb"}.Line(), Note{Type: NoteFail, Cause: CauseMemory}.Line(), Note{Type: NoteEnd, Cause: CauseFinished}.Line(),
	}, nil)
	f.Add(whole, 10)
	f.Add(whole[:len(whole)-3], len(whole)-5)
	for _, text := range []string{"", "\n\n", "{}\n", "null\n", "{\"note\":\"done\",\"at\":-1}\n", "{\"note\":\"done\",\"seconds\":1e999}\n", "\x00\x00\x00\n{\"note\":\"beat\"}\n", "{\"note\":\"beat\"}"} {
		f.Add([]byte(text), len(text)/2)
	}
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		notes, used := ReadNotes(data)
		if used != bytes.LastIndexByte(data, '\n')+1 {
			t.Fatalf("%d bytes are read of %q", used, data)
		}
		if cut < 0 || cut > len(data) {
			return
		}
		first, read := ReadNotes(data[:cut])
		second, more := ReadNotes(data[read:])
		if got := append(first, second...); read+more != used || len(got) != len(notes) || len(got) > 0 && !reflect.DeepEqual(got, notes) {
			t.Errorf("cut at %d, %q gives %v instead of %v", cut, data, got, notes)
		}
		for _, n := range notes {
			if again, _ := ReadNotes(n.Line()); len(again) != 1 || !again[0].Time.Equal(n.Time) || again[0].Type != n.Type || again[0].At != n.At || again[0].Text != n.Text {
				t.Errorf("%+v is read as %+v", n, again)
			}
		}
	})
}
