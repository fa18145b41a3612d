package main

import (
	"maps"
	"testing"
)

// A flag wins over the environment; names of variables are taken in small letters; what names nothing is passed over
// in the environment and refused as a flag.
func TestDataRoots(t *testing.T) {
	environ := []string{"SPURION_DATA_BIRDS=/a", "SPURION_DATA_other=/b", "SPURION_DATA_=/c", "SPURION_DATA_EMPTY=", "SPURION_STORE=/d"}
	got, err := dataRoots([]string{"birds=/e", "more=/f=g"}, environ)
	want := map[string]string{"birds": "/e", "other": "/b", "more": "/f=g"}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	for _, flag := range []string{"birds", "=x", "birds=", "Birds=x", "a/b=x", ""} {
		if got, err := dataRoots([]string{flag}, nil); err == nil {
			t.Errorf("%q gives %v", flag, got)
		}
	}
}
