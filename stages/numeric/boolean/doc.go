// Package boolean holds Boolean functions on the cube {-1,+1}^n: what they are (Function), their
// Fourier analysis (Spectrum, Profile), and how they are evaluated and inverted on packed rows
// (Form). Distributions of inputs on which two of them agree or not are package datalaw's.
//
// Rows are bits, packed 64 to a word, coordinate i of a row in bit i%64 of the row's word i/64, 1 for
// +1; bits past the last coordinate are zero. Expand turns them into numbers.
package boolean
