// Package brotli has the names of github.com/andybalholm/brotli v1.1.0 that Arrow uses. The whole package imports net/http, for a
// server that would compress, and with it TLS: an eighth of what a first build compiled. Reading is go-brrr's; nothing writes
// Brotli here.
package brotli

import (
	"io"

	brrr "github.com/molecule-man/go-brrr"
)

// A Reader gives what was compressed.
type Reader = brrr.Reader

// NewReader gives a reader of what is compressed in src.
func NewReader(src io.Reader) *Reader { return brrr.NewReader(src) }
