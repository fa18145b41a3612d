// Package dataset is the "dataset" artifact: what a model is trained, selected and tested on, as a
// table and as values. A data set has a law to draw fresh samples from (package datalaw), or finite
// splits of samples, or both.
//
// As a table, one row is one sample:
//
//	split      string  train, validation or test                       mark split
//	label      int8    y, from 0 to K-1
//	attribute  int8    the spurious attribute s, from 0 to A-1          mark attribute
//	group      int8    A y + s                                          mark group
//	inputs     signs   the sample's coordinates, -1 or +1, one bit each; or bytes with a scale; or a list of float32
//
// and the metadata key "spurion.dataset" holds a Description: the number of dimensions, and what is known of shape, classes,
// attributes, parts and sources; for Boolean data, the law, with K = A = 2. Marks are int64 where there are more than 128 groups.
// A table that another program made needs split, label and inputs alone, and
// may have a list of numbers in each row as inputs; without attribute there are no groups to balance
// or to report, and without a law no uniform distribution to measure correlations on. Columns of other
// names are ignored.
//
// Boolean inputs were lists of int8 until version 3 of generate. Such tables are read as well.
//
// Labels, attributes and groups are read through a Ledger, which notes what was read and for what,
// so that a method's access to them can be printed and checked.
package dataset
