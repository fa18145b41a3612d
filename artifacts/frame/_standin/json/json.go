// Package json stands in for github.com/goccy/go-json, of which Arrow's package internal/json names what is here.
// It is the standard library's encoding/json under that name: go-json's interpreters take longer to compile than the
// whole of Arrow, and Spurion makes no JSON of Arrow's arrays.
package json

import (
	"encoding/json"
	"io"
)

// What Arrow names of the package, each as encoding/json documents it.
type (
	Decoder            = json.Decoder
	Encoder            = json.Encoder
	Marshaler          = json.Marshaler
	Delim              = json.Delim
	UnmarshalTypeError = json.UnmarshalTypeError
	Number             = json.Number
	Unmarshaler        = json.Unmarshaler
	RawMessage         = json.RawMessage
)

// Marshal is encoding/json's.
func Marshal(v any) ([]byte, error) { return json.Marshal(v) }

// Unmarshal is encoding/json's.
func Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }

// NewDecoder is encoding/json's.
func NewDecoder(r io.Reader) *Decoder { return json.NewDecoder(r) }

// NewEncoder is encoding/json's.
func NewEncoder(w io.Writer) *Encoder { return json.NewEncoder(w) }
