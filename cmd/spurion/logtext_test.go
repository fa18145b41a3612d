package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"spurion/artifacts"
)

// Records are put together to lines, those of each stream by themselves, wherever they were cut.
func TestLogLines(t *testing.T) {
	var got []string
	collect := func(kind artifacts.LogKind, at time.Duration, text string) {
		got = append(got, fmt.Sprintf("%c %s %v", kind, text, at))
	}
	s := newLogStreams(logFlags{}, collect)
	put := func(kind artifacts.LogKind, at time.Duration, text string) {
		s.record(artifacts.LogRecord{Kind: kind, At: at, Data: []byte(text)})
	}
	put(artifacts.LogStdout, 1, "one\ntw")
	put(artifacts.LogStderr, 2, "bad\x1b[3")
	put(artifacts.LogStdout, 3, "o\n\n10%\r")
	put(artifacts.LogStderr, 4, "1m luck\n")
	put(artifacts.LogStdout, 5, "20%\r")
	put(artifacts.LogNote, 6, "attempt 2\x00")
	s.peek() // of a progress bar each state is shown once
	s.peek()
	put(artifacts.LogStdout, 7, "30%\r")
	s.peek()
	put(artifacts.LogStdout, 8, "\n")
	put(artifacts.LogStdout, 9, "no newline")
	s.flush()
	s.flush()
	want := []string{"o one 1ns", "o two 3ns", "o  3ns", "e bad luck 4ns", "n attempt 2? 6ns", "o 20% 5ns", "o 30% 7ns", "o no newline 9ns"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}

	got = nil
	s = newLogStreams(logFlags{stderr: true}, collect)
	put(artifacts.LogStdout, 1, "one\n")
	put(artifacts.LogNote, 1, "note")
	put(artifacts.LogStderr, 1, "two\n")
	if want := []string{"e two 1ns"}; !slices.Equal(got, want) {
		t.Errorf("standard error alone is %q", got)
	}

	// What has no newline is not held without bound: states that were written over go, a long line comes in parts.
	got = nil
	s = newLogStreams(logFlags{}, collect)
	for range 100 {
		put(artifacts.LogStdout, 1, strings.Repeat("x", 1<<12)+"\r")
	}
	put(artifacts.LogStdout, 1, "last")
	s.flush()
	if want := []string{"o last 1ns"}; !slices.Equal(got, want) {
		t.Errorf("a progress bar without end is %d lines", len(got))
	}
	got = nil
	for range 100 {
		put(artifacts.LogStdout, 1, strings.Repeat("x", 1<<12))
	}
	s.flush()
	total := 0
	for _, line := range got {
		total += strings.Count(line, "x")
	}
	if total != 100<<12 || len(got) < 2 {
		t.Errorf("of a line without end there are %d letters in %d parts", total, len(got))
	}
}
